package server

import (
	"context"
	"errors"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
)

// Handlers learn that they are given up; an answer that has begun is left to them.
func TestAnswersAreReplacedOnlyBeforeTheyBegin(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		handler func(http.ResponseWriter, func())
		want    int
	}{
		"nothing written": {func(_ http.ResponseWriter, end func()) { end() }, 503},
		"written too late": {func(w http.ResponseWriter, end func()) {
			end()
			w.WriteHeader(http.StatusOK)
			_, _ = io.WriteString(w, "whole")
		}, 503},
		"a body too late": {func(w http.ResponseWriter, end func()) { end(); _, _ = io.WriteString(w, "whole") }, 503},
		"flushed too late": {func(w http.ResponseWriter, end func()) {
			end()
			w.(http.Flusher).Flush()
			_, _ = io.WriteString(w, "whole")
		}, 503},
		"begun before": {func(w http.ResponseWriter, end func()) {
			w.WriteHeader(http.StatusAccepted)
			end()
			_, _ = io.WriteString(w, "whole")
		}, 202},
		"flushed before": {func(w http.ResponseWriter, end func()) {
			w.(http.Flusher).Flush()
			end()
			_, _ = io.WriteString(w, "whole")
		}, 200},
		"never given up":    {func(w http.ResponseWriter, _ func()) { _, _ = io.WriteString(w, "whole") }, 200},
		"the client leaves": {func(w http.ResponseWriter, _ func()) { _, _ = io.WriteString(w, "whole") }, 200},
	} {
		ctx, end := context.WithCancelCause(t.Context())
		cause := errStopping
		if name == "the client leaves" {
			cause = errors.New("gone")
			end(cause)
		}
		w := httptest.NewRecorder()
		untilStopped(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
			w.Header().Set("Content-Length", "5")
			c.handler(w, func() { end(cause) })
		})).ServeHTTP(w, httptest.NewRequest(http.MethodGet, "/", nil).WithContext(ctx))
		end(nil)
		if w.Code != c.want || strings.Contains(w.Body.String(), "whole") != (c.want != 503) || c.want == 503 && !strings.Contains(w.Body.String(), "DEADLINE_EXCEEDED") {
			t.Errorf("%s: %d %q", name, w.Code, w.Body)
		}
	}
}
