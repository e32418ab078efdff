package telemetry

import (
	"log/slog"
	"time"
)

// Summary is a request that has been answered, for metrics. The event in the log has the same
// values and more.
type Summary struct {
	Method, Path string // as the client sent them: for labels only where they are in a known list
	Status       int    // 499 if the client left before there was an answer
	Bytes        int64  // of the body
	Duration     time.Duration
	ClientGone   bool
	Attrs        []slog.Attr // what was added to the event
}

// Codes are the codes of all errors of the request, each as often as it occurred.
func (s Summary) Codes() (codes []string) {
	for _, a := range s.Attrs {
		if list, ok := codesOf(a); ok {
			codes = append(codes, list...)
		}
	}
	return codes
}

// Value returns the attribute of a name; ok is false if nothing added it.
func (s Summary) Value(name string) (v slog.Value, ok bool) {
	for _, a := range s.Attrs {
		if a.Key == name {
			return a.Value, true
		}
	}
	return slog.Value{}, false
}
