package telemetry

import (
	"log/slog"
	"net/http"
	"strings"
)

const (
	hexDigits    = "0123456789abcdef"
	idCharacters = "0123456789abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ-_"
)

// givenID is the id that a request brings in X-Request-Id, so that the logs of what is in front can
// be found with those of this server: 16 to 64 letters, digits, hyphens and underscores, as UUIDs
// and the ids of proxies are. Anything else could break the log's lines, or collide, and is
// ignored.
func givenID(h http.Header) string {
	values := h.Values(RequestIDHeader)
	if len(values) != 1 || len(values[0]) < 16 || len(values[0]) > 64 || strings.Trim(values[0], idCharacters) != "" {
		return ""
	}
	return values[0]
}

// TraceID is the attribute with the id of the trace that this server made a span in.
const TraceID = "traceId"

// traceAttrs are the ids of the trace that a request is part of, beside those that were added to
// its event: the client's, under another name where this server began a trace of its own.
func traceAttrs(h http.Header, s Summary) []slog.Attr {
	given := trace(h)
	own, traced := s.Value(TraceID)
	switch {
	case !traced || len(given) == 0:
		return given
	case own.Equal(given[0].Value):
		return given[1:]
	}
	return []slog.Attr{slog.String("callerTraceId", given[0].Value.String())}
}

// trace reads the header traceparent (W3C Trace Context, 3.2): the ids of the trace and of the span
// that this request is part of.
func trace(h http.Header) []slog.Attr {
	values := h.Values("Traceparent")
	if len(values) != 1 {
		return nil
	}
	parts := strings.Split(values[0], "-")
	if len(parts) < 4 || parts[0] == "ff" || parts[0] == "00" && len(parts) != 4 {
		return nil
	}
	for i, length := range []int{2, 32, 16, 2} {
		if len(parts[i]) != length || strings.Trim(parts[i], hexDigits) != "" {
			return nil
		}
	}
	if strings.Trim(parts[1], "0") == "" || strings.Trim(parts[2], "0") == "" {
		return nil
	}
	return []slog.Attr{slog.String(TraceID, parts[1]), slog.String("parentSpanId", parts[2])}
}
