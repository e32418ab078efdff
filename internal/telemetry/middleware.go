package telemetry

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net/http"
	"runtime/debug"
	"strings"
	"time"

	"vitrine/internal/problem"
)

// RequestIDHeader is the answer's header that holds the request's id. A request
// may bring its own there: see [givenID]. It decides nothing but where the request
// is found in the log, together with what cannot be chosen, such as who asked.
const RequestIDHeader = problem.RequestIDHeader

// Middleware gives every request an id, logs exactly one event when it has ended
// and turns a panic into a 500 that holds the id and nothing else. Each observer
// gets a summary of the request after it has been answered.
func Middleware(logger *slog.Logger, next http.Handler, observers ...func(Summary)) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		start := time.Now()
		e := newEvent(givenID(r.Header))
		w.Header().Set(RequestIDHeader, e.id)
		r = r.WithContext(context.WithValue(r.Context(), eventKey{}, e))
		noted := &writer{ResponseWriter: w}

		abort := serve(noted, r, e, next)
		summary := summarize(e, r, noted, time.Since(start))
		logEvent(logger, e, r, summary)
		for _, observe := range observers {
			observe(summary)
		}
		e.end(summary)
		if abort {
			// The server ends the connection without a word in its own log.
			panic(http.ErrAbortHandler)
		}
	})
}

// serve calls next. It reports whether the connection must be ended, because the
// handler asked for it or because it panicked in the middle of an answer.
func serve(w *writer, r *http.Request, e *event, next http.Handler) (abort bool) {
	defer func() {
		v := recover()
		if v == nil {
			return
		}
		if err, ok := v.(error); ok && errors.Is(err, http.ErrAbortHandler) {
			Add(r.Context(), slog.Bool("aborted", true))
			abort = true
			return
		}
		Add(
			r.Context(),
			slog.String("panic", withoutCredentials(r, fmt.Sprint(v))),
			slog.String("stack", withoutCredentials(r, string(debug.Stack()))),
		)
		if w.status != 0 {
			abort = true // a part is out already: the caller must see that it is cut
			return
		}
		problem.Write(w, r, problem.Error{Status: http.StatusInternalServerError, Code: problem.CodeInternal})
	}()
	next.ServeHTTP(w, r)
	return false
}

// withoutCredentials takes the request's own credentials out of a text that
// nobody chose the words of.
func withoutCredentials(r *http.Request, text string) string {
	for _, name := range []string{"Authorization", "X-Tableau-Auth", "Cookie"} {
		for _, value := range r.Header.Values(name) {
			if _, credential, ok := strings.Cut(value, " "); ok {
				text = hide(text, strings.TrimSpace(credential))
			}
			text = hide(text, value)
		}
	}
	return text
}

// hide replaces secret in text. Very short values are left: they hide nothing
// and would tear the text apart.
func hide(text, secret string) string {
	if len(secret) < 4 {
		return text
	}
	return strings.ReplaceAll(text, secret, redacted)
}

// statusClientGone is logged where nothing was answered because the client had left; other servers
// log the same number.
const statusClientGone = 499

// summarize closes the event of a request that has ended.
func summarize(e *event, r *http.Request, w *writer, took time.Duration) Summary {
	s := Summary{
		Method: r.Method, Path: r.URL.Path, Status: w.status, Bytes: w.bytes, Duration: took, Attrs: e.finish(),
		ClientGone: context.Cause(r.Context()) == context.Canceled, //nolint:errorlint // another cause is the server's, not the client's
	}
	switch {
	case s.Status == 0 && s.ClientGone:
		s.Status = statusClientGone
	case s.Status == 0:
		s.Status = http.StatusOK // what the server sends when a handler writes nothing
	}
	return s
}

// ownAttrs is how many attributes logEvent adds.
const ownAttrs = 11

// logEvent writes the one event of a request.
func logEvent(logger *slog.Logger, e *event, r *http.Request, s Summary) {
	// The request's context may have ended; logging must not.
	ctx := context.WithoutCancel(r.Context())
	level := levelOf(s.Path, s.Status, s.Attrs)
	if !logger.Enabled(ctx, level) {
		return
	}
	attrs := make([]slog.Attr, 0, ownAttrs+len(s.Attrs))
	attrs = append(
		attrs,
		slog.String("requestId", e.id),
		slog.String("method", shortened(s.Method, 16)),
		slog.String("path", shownPath(s.Path)),
		slog.Int("status", s.Status),
		slog.Int64("bytes", s.Bytes),
		slog.Float64("durationMs", float64(s.Duration.Microseconds())/1000),
		slog.String("remote", r.RemoteAddr),
	)
	if agent := r.UserAgent(); agent != "" {
		attrs = append(attrs, slog.String("userAgent", shortened(withoutCredentials(r, agent), maxAgent)))
	}
	attrs = append(attrs, traceAttrs(r.Header, s)...)
	if s.ClientGone {
		attrs = append(attrs, slog.Bool("clientGone", true))
	}
	logger.LogAttrs(ctx, level, "request", append(attrs, s.Attrs...)...)
}

// levelOf says how loud an event is: health checks that pass are for debugging,
// faults are errors, failures of what is behind this server are warnings, all
// else is information. Where there are codes these decide, not the status.
func levelOf(path string, status int, added []slog.Attr) slog.Level {
	for _, a := range added {
		if a.Key == "panic" {
			return slog.LevelError
		}
	}
	level, known := levelOfCodes(added)
	switch {
	case known:
		return level
	case status >= http.StatusInternalServerError && path != "/readyz":
		return slog.LevelError
	case (path == "/healthz" || path == "/readyz") && status < http.StatusBadRequest:
		return slog.LevelDebug
	default:
		return slog.LevelInfo
	}
}

const (
	maxPath    = 200
	maxSegment = 32
	maxAgent   = 120
)

// shownPath is the path as logs may hold it. A content link is a right to fetch
// something and is never shown; nor is any other segment that is long enough
// to be a token that somebody pasted into an address.
func shownPath(path string) string {
	if path == "/content" || strings.HasPrefix(path, "/content/") {
		return "/content/*"
	}
	segments := strings.Split(shortened(path, 4096), "/")
	for i, s := range segments {
		if len(s) > maxSegment {
			segments[i] = "*"
		}
	}
	return shortened(strings.Join(segments, "/"), maxPath)
}

// shortened cuts s to at most n bytes.
func shortened(s string, n int) string {
	if len(s) <= n {
		return s
	}
	return s[:n] + "…"
}
