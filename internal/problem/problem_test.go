package problem

import (
	"net/http"
	"net/http/httptest"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
)

func TestWriteAnswersLikeGraphQL(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		err    Error
		accept string
		id     string
		body   string
		header http.Header
	}{
		"a code alone": {
			err: Error{Status: 500, Code: CodeInternal}, id: "7",
			body:   `{"errors":[{"message":"` + Text(CodeInternal) + `","extensions":{"code":"INTERNAL","requestId":"7"}}]}`,
			header: http.Header{"Content-Type": {"application/json; charset=utf-8"}, "Content-Length": {"156"}},
		},
		"a message, a time and a media type": {
			err: Error{Status: 429, Code: CodeRateLimited, Message: "wait <a moment>", RetryAfter: 1001 * time.Millisecond}, accept: MediaGraphQL,
			body: `{"errors":[{"message":"wait <a moment>","extensions":{"code":"RATE_LIMITED","retryAfter":2}}]}`,
			header: http.Header{
				"Content-Type": {"application/graphql-response+json; charset=utf-8"}, "Content-Length": {"94"}, "Retry-After": {"2"},
			},
		},
	} {
		w := httptest.NewRecorder()
		if c.id != "" {
			w.Header().Set(RequestIDHeader, c.id)
			c.header.Set(RequestIDHeader, c.id)
		}
		for _, of := range []string{"Etag", "Content-Encoding", "Last-Modified", "Content-Disposition"} { // of an answer that is replaced
			w.Header().Set(of, "x")
		}
		r := httptest.NewRequest(http.MethodPost, "/graphql", nil)
		r.Header.Set("Accept", c.accept)
		Write(w, r, c.err)
		c.header.Set("Cache-Control", "no-store")
		c.header.Set("X-Content-Type-Options", "nosniff")
		if diff := cmp.Diff(c.header, w.Header()); diff != "" || w.Code != c.err.Status || w.Body.String() != c.body {
			t.Errorf("%s: %d %s, headers (-want +got):\n%s", name, w.Code, w.Body, diff)
		}
	}
}

func TestSendNeverFails(t *testing.T) {
	t.Parallel()
	w := httptest.NewRecorder()
	Send(w, MediaJSON, 500, make(chan int))
	if got := w.Body.String(); got != `{"errors":null}` {
		t.Errorf("got %s", got)
	}
}
