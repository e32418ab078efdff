package server

import (
	"context"
	"errors"
	"log/slog"
	"net/http"
	"time"

	"vitrine/internal/problem"
)

// untilStopped answers requests that are still running when the time for them is over with 503.
// Those whose answer has begun are cut where the handler notices.
func untilStopped(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		answer := &lateAnswer{ResponseWriter: w, request: r}
		next.ServeHTTP(answer, r)
		if !answer.begun && answer.late() {
			answer.WriteHeader(http.StatusServiceUnavailable)
		}
	})
}

// lateAnswer is an answer that is replaced when it begins too late.
type lateAnswer struct {
	http.ResponseWriter
	request         *http.Request
	begun, replaced bool
}

func (w *lateAnswer) late() bool { return errors.Is(context.Cause(w.request.Context()), errStopping) }

// WriteHeader begins the handler's answer, or the one in its place.
func (w *lateAnswer) WriteHeader(status int) {
	switch {
	case w.replaced:
	case !w.begun && status >= http.StatusOK && w.late():
		w.begun, w.replaced = true, true
		w.refuse()
	default:
		w.begun = w.begun || status >= http.StatusOK
		w.ResponseWriter.WriteHeader(status)
	}
}

// refuse answers 503 in place of the handler's answer.
func (w *lateAnswer) refuse() {
	note(w.request.Context(), slog.String("refused", problem.CodeDeadline), slog.String("reason", "the server stopped before the request had ended"))
	problem.Write(w.ResponseWriter, w.request, problem.Error{
		Status: http.StatusServiceUnavailable, Code: problem.CodeDeadline, RetryAfter: time.Second,
		Message: "the server is being stopped and gave the request up: send it again",
	})
}

// Write writes the handler's answer, or drops it.
func (w *lateAnswer) Write(p []byte) (int, error) {
	if !w.begun {
		w.WriteHeader(http.StatusOK)
	}
	if w.replaced {
		return len(p), nil
	}
	return w.ResponseWriter.Write(p)
}

// Unwrap returns the writer below, for [http.ResponseController].
func (w *lateAnswer) Unwrap() http.ResponseWriter { return w.ResponseWriter }

// Flush sends what is buffered, for handlers that ask for an [http.Flusher].
func (w *lateAnswer) Flush() {
	if !w.begun {
		w.WriteHeader(http.StatusOK)
	}
	_ = http.NewResponseController(w.ResponseWriter).Flush()
}
