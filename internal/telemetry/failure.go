package telemetry

import (
	"context"
	"log/slog"
	"slices"
	"time"
)

// coded is a list of errors that knows their public codes.
type coded interface{ Codes() []string }

// refusal is why a request was not run, in the form that errors have too.
type refusal struct {
	Code string `json:"code"`
}

type refusals []refusal

// Codes are the public codes.
func (r refusals) Codes() []string {
	codes := make([]string, len(r))
	for i := range r {
		codes[i] = r[i].Code
	}
	return codes
}

// normal gives an attribute the form that it has in every event, whatever added it: refused is a
// list of objects, and durations are numbers.
func normal(a slog.Attr) slog.Attr {
	a = milliseconds(a)
	if a.Key != "refused" || a.Value.Kind() != slog.KindString {
		return a
	}
	return slog.Any(a.Key, refusals{{Code: a.Value.String()}})
}

// Codes that are no client's doing: those of faults, which somebody should look at now, and those
// of what is behind this server.
var (
	faultCodes  = []string{"INTERNAL", "TABLEAU_SIGN_IN_FAILED"}
	behindCodes = []string{"TABLEAU_UNAVAILABLE", "TABLEAU_TIMEOUT", "TABLEAU_RATE_LIMITED", "IDENTITY_UNAVAILABLE", "DEADLINE_EXCEEDED"}
)

// codesOf are the codes of an attribute that lists errors; ok is false for every other attribute.
func codesOf(a slog.Attr) (codes []string, ok bool) {
	list, ok := a.Value.Any().(coded)
	if !ok || a.Key != "errors" && a.Key != "refused" {
		return nil, false
	}
	return list.Codes(), true
}

// levelOfCodes is the level that the errors among attributes call for. known is false if absent.
func levelOfCodes(added []slog.Attr) (level slog.Level, known bool) {
	for _, a := range added {
		codes, ok := codesOf(a)
		if !ok {
			continue
		}
		known = true
		for _, code := range codes {
			switch {
			case slices.Contains(faultCodes, code):
				level = slog.LevelError
			case slices.Contains(behindCodes, code):
				level = max(level, slog.LevelWarn)
			}
		}
	}
	return level, known
}

// milliseconds writes a duration as a number under a name that says so: took becomes tookMs.
func milliseconds(a slog.Attr) slog.Attr {
	if a.Value.Kind() != slog.KindDuration {
		return a
	}
	return slog.Float64(a.Key+"Ms", float64(a.Value.Duration())/float64(time.Millisecond))
}

// Without returns an Add that leaves attributes of these names out.
func Without(names ...string) func(context.Context, ...slog.Attr) {
	return func(ctx context.Context, attrs ...slog.Attr) {
		Add(ctx, slices.DeleteFunc(slices.Clone(attrs), func(a slog.Attr) bool { return slices.Contains(names, a.Key) })...)
	}
}
