package audit

import (
	"context"
	"net/http"
	"time"

	"vitrine/internal/problem"
)

// Request is what the middleware asks about a request.
type Request struct {
	Event func(*http.Request) Event // empty for requests that have no line
	ID    func(context.Context) string
	From  func(context.Context) string
	// Refused is called for a request that is refused because its line cannot be written.
	Refused func(context.Context)
}

// Middleware writes the line of each request before the first byte of its answer.
func (l *Log) Middleware(about Request, next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		event := about.Event(r)
		if event == "" {
			next.ServeHTTP(w, r)
			return
		}
		rec := &record{line: Line{
			Version: Version, Event: event, RequestID: about.ID(r.Context()), From: about.From(r.Context()), Method: shortened(r.Method),
		}}
		r = r.WithContext(context.WithValue(r.Context(), recordKey{}, rec))
		a := &answer{ResponseWriter: w, log: l, record: rec, request: r, refused: about.Refused}
		returned := false
		defer func() { a.end(returned) }()
		next.ServeHTTP(a, r)
		returned = true
	})
}

// answer is an answer whose line is written before it begins.
type answer struct {
	http.ResponseWriter
	log             *Log
	record          *record
	request         *http.Request
	refused         func(context.Context)
	begun, replaced bool
}

// statusClientGone is the status of requests whose client left, as in the log.
const statusClientGone = 499

// end writes the line of a request that had no answer: its handler panicked, the client has left, or
// net/http sends an empty answer.
func (a *answer) end(returned bool) {
	switch {
	case a.begun:
	case !returned:
		_ = a.log.finish(a.record, http.StatusInternalServerError)
	case context.Cause(a.request.Context()) == context.Canceled: //nolint:errorlint // another cause is the server's
		_ = a.log.finish(a.record, statusClientGone)
	default:
		a.WriteHeader(http.StatusOK)
	}
}

// finish writes a line, once.
func (l *Log) finish(r *record, status int) error {
	r.mu.Lock()
	r.done = true
	line := r.line
	r.mu.Unlock()
	line.Status, line.Time = status, l.Now().UTC()
	return l.write(line)
}

// WriteHeader begins the answer, or the one in its place where its line could not be written.
func (a *answer) WriteHeader(status int) {
	switch {
	case a.replaced:
	case a.begun || status < http.StatusOK:
		a.ResponseWriter.WriteHeader(status)
	default:
		a.begun = true
		if err := a.log.finish(a.record, status); err != nil && a.log.Required {
			a.replaced = true
			a.refuse()
			return
		}
		a.ResponseWriter.WriteHeader(status)
	}
}

// refuse answers 503 without anything of the answer.
func (a *answer) refuse() {
	a.refused(a.request.Context())
	problem.Write(a.ResponseWriter, a.request, problem.Error{
		Status: http.StatusServiceUnavailable, Code: problem.CodeNotAudited, RetryAfter: retryAfter,
	})
}

// retryAfter is what a refused client is asked to wait: somebody has to make room first.
const retryAfter = 30 * time.Second

// Write writes the handler's answer, or drops it.
func (a *answer) Write(p []byte) (int, error) {
	if !a.begun {
		a.WriteHeader(http.StatusOK)
	}
	if a.replaced {
		return len(p), nil
	}
	return a.ResponseWriter.Write(p)
}

// Unwrap returns the writer below, for [http.ResponseController].
func (a *answer) Unwrap() http.ResponseWriter { return a.ResponseWriter }

// Flush sends what is buffered, for handlers that ask for an [http.Flusher].
func (a *answer) Flush() {
	if !a.begun {
		a.WriteHeader(http.StatusOK)
	}
	_ = http.NewResponseController(a.ResponseWriter).Flush()
}
