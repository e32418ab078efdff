package tableau

import (
	"context"
	"fmt"
	"io"
	"net/http"
	"strings"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"
)

// Only 200, without a range and without an encoding that nobody asked for, is a whole answer: to a
// read and to content alike. Nothing of another answer is handed on.
func TestOnlyWholeAnswersAreTaken(t *testing.T) {
	t.Parallel()
	const body = `{"view":{"id":"v","name":"V"}}`
	type header map[string]string
	for _, c := range []struct {
		status int
		header header
		body   string
		whole  bool
	}{
		{200, header{}, body, true},
		{200, header{"Content-Encoding": "identity"}, body, true},
		{200, header{"Content-Encoding": ""}, body, true},
		{200, header{"Content-Length": fmt.Sprint(len(body))}, body, true},
		{201, header{}, body, false},
		{202, header{}, body, false},
		{203, header{}, body, false},
		{204, header{}, "", false},
		{205, header{}, "", false},
		{206, header{"Content-Range": "bytes 0-30/900"}, body, false},
		{206, header{}, body, false},
		{206, header{"Content-Type": "multipart/byteranges; boundary=x"}, "--x\r\n\r\n" + body + "\r\n--x--", false},
		{207, header{}, body, false},
		{226, header{}, body, false},
		{200, header{"Content-Range": "bytes 0-30/900"}, body, false},
		{200, header{"Content-Type": "multipart/byteranges; boundary=x"}, body, false},
		{200, header{"Content-Encoding": "br"}, body, false},
		{200, header{"Content-Encoding": "deflate"}, body, false},
		{200, header{"Content-Encoding": "zstd"}, body, false},
		{200, header{"Content-Encoding": "gzip, gzip"}, body, false},
		{200, header{"Content-Encoding": "identity, br"}, body, false},
		{200, header{"Content-Encoding": "x-gzip"}, body, false},
		{200, header{"Content-Encoding": "gzip"}, body, false}, // which it is not
		{200, header{"Content-Length": "900"}, body, false},
		{300, header{}, body, false},
		{302, header{"Location": "/elsewhere"}, body, false},
		{304, header{}, "", false},
	} {
		reads := atomic.Int64{}
		read := func(w http.ResponseWriter, _ *http.Request) {
			reads.Add(1)
			w.Header().Set("Content-Type", "application/json")
			for name, value := range c.header {
				w.Header().Set(name, value)
			}
			w.WriteHeader(c.status)
			_, _ = io.WriteString(w, c.body)
		}
		got, _, calls, err := streamed(t, Config{}, read)
		if c.whole != (err == nil) || c.whole && got != body {
			t.Errorf("%d %v: content %q in %d calls, error %v", c.status, c.header, got, calls, err)
		}
		if !c.whole && (kindIs(err, SignedOut, Missing, Refused, BadRequest) || c.header["Content-Length"] == "" && calls > 0 && c.header["Content-Encoding"] != "gzip") {
			t.Errorf("%d %v: handed on in %d calls, error %v", c.status, c.header, calls, err)
		}
		u := serve(t, func(*http.Request) reply { return reply{status: c.status, header: c.header, body: c.body} })
		v, err := u.session(t).View(t.Context(), "v", false)
		if c.whole != (err == nil) || !c.whole && kindIs(err, SignedOut, Missing, Refused, BadRequest) {
			t.Errorf("%d %v: read %+v, error %v", c.status, c.header, v, err)
		}
	}
}

// kindIs reports whether an error is missing, has no kind, or is of one of these kinds.
func kindIs(err error, kinds ...Kind) bool {
	for _, k := range kinds {
		if IsKind(err, k) {
			return true
		}
	}
	return !IsKind(err, Malformed) && !IsKind(err, Unavailable)
}

// A body that has begun gives its place among the reads under way back after a while, however
// slowly it is taken.
func TestBodyThatHasBegunGivesItsPlaceBack(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		began := time.Now()
		var left atomic.Int64
		gate := gateFunc(func(ctx context.Context, _ Call, try func(context.Context) error) error {
			return try(WithPlace(ctx, func() { left.Store(int64(time.Since(began))) }))
		})
		transport := roundTrip(func(r *http.Request) (*http.Response, error) {
			time.Sleep(time.Minute) // it is rendered
			return &http.Response{StatusCode: 200, Header: http.Header{}, Body: io.NopCloser(strings.NewReader("picture")), Request: r, ContentLength: 7}, nil
		})
		c := client(t, Config{URL: "https://t", APIVersion: "3.27", HTTP: &http.Client{Transport: transport}, Gate: gate})
		err := c.Session(t.Context(), &keeper{}).Stream(t.Context(), &Export{Kind: ViewImage, LUID: "v"}, func(s *Stream) error {
			time.Sleep(time.Hour) // the reader is slow
			_, err := io.Copy(io.Discard, s)
			return err
		})
		if after := time.Duration(left.Load()); err != nil || after != time.Minute+5*time.Second {
			t.Errorf("the place was given back after %s, error %v", after, err)
		}
	})
}
