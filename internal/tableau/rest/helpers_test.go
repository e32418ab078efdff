package rest

import (
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"
)

const (
	markedToken    = "MARKED-TOKEN-part-one|part-two"
	markedPassword = "MARKED-PASSWORD"
)

var start = time.Date(2026, 3, 2, 9, 0, 0, 0, time.UTC)

// reply is one answer of a fake upstream; 200 and JSON where nothing is said.
type reply struct {
	status int
	media  string
	header map[string]string
	body   string
}

func (a reply) write(w http.ResponseWriter) {
	if a.media == "" {
		a.media = "application/json"
	}
	w.Header().Set("Content-Type", a.media)
	for name, value := range a.header {
		w.Header().Set(name, value)
	}
	if a.status == 0 {
		a.status = http.StatusOK
	}
	w.WriteHeader(a.status)
	_, _ = io.WriteString(w, a.body)
}

// upstream is a fake of Tableau that answers requests by a function, and keeps them.
type upstream struct {
	*httptest.Server
	answer func(*http.Request) reply

	mu       sync.Mutex
	requests []*http.Request // without bodies
}

func serve(t *testing.T, answer func(*http.Request) reply) *upstream {
	t.Helper()
	u := &upstream{answer: answer}
	u.Server = httptest.NewServer(u)
	t.Cleanup(u.Close)
	return u
}

func (u *upstream) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	u.mu.Lock()
	u.requests = append(u.requests, r)
	u.mu.Unlock()
	u.answer(r).write(w)
}

// client speaks to the fake with a pinned version.
func (u *upstream) client(t *testing.T) *Client {
	t.Helper()
	return client(t, Config{URL: u.URL, APIVersion: "3.27"})
}

func client(t *testing.T, c Config) *Client {
	t.Helper()
	if c.HTTP == nil {
		transport := &http.Transport{MaxIdleConnsPerHost: 16}
		t.Cleanup(transport.CloseIdleConnections)
		c.HTTP = &http.Client{Transport: transport}
	}
	client, err := New(c)
	if err != nil {
		t.Fatal(err)
	}
	return client
}

// wantKind says that an error is of a kind, and holds no secret in any way of printing.
func wantKind(t *testing.T, err error, kind Kind) {
	t.Helper()
	if !IsKind(err, kind) {
		t.Errorf("error %v, want one of the kind %q", err, kind.String())
	}
	wantNoSecret(t, err)
}

func wantNoSecret(t *testing.T, values ...any) {
	t.Helper()
	for _, v := range values {
		for _, format := range []string{"%v", "%+v", "%#v", "%s", "%q", "%x"} {
			text := fmt.Sprintf(format, v)
			if slices.ContainsFunc([]string{"MARKED", fmt.Sprintf("%x", "MARKED")}, func(s string) bool { return strings.Contains(text, s) }) {
				t.Errorf("%s shows a secret: %s", format, text)
			}
		}
	}
}
