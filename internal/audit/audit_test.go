package audit_test

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"

	"vitrine/internal/audit"
)

// disk is a disk that can be full.
type disk struct {
	bytes.Buffer
	room int // -1 for any
}

func (d *disk) Write(p []byte) (int, error) {
	if d.room >= 0 && len(p) > d.room {
		n, _ := d.Buffer.Write(p[:d.room])
		d.room = 0
		return n, syscall.ENOSPC
	}
	return d.Buffer.Write(p)
}

func about() audit.Request {
	return audit.Request{
		Event: func(r *http.Request) audit.Event {
			if r.URL.Path == "/page" {
				return ""
			}
			return audit.EventQuery
		},
		ID:      func(context.Context) string { return "id-1" },
		From:    func(context.Context) string { return "192.0.2.7" },
		Refused: func(context.Context) {},
	}
}

// ask sends a request through the middleware.
func ask(l *audit.Log, path string, handler http.HandlerFunc) *httptest.ResponseRecorder {
	w := httptest.NewRecorder()
	l.Middleware(about(), handler).ServeHTTP(w, httptest.NewRequest(http.MethodPost, path, nil))
	return w
}

func answering(w http.ResponseWriter, r *http.Request) {
	audit.Add(r.Context(), slog.String("user", "alice"), slog.String("token", "secret-token"), slog.Any("variables", "secret-variable"),
		slog.Any("calls", map[string]int{"GET sites": 2}), slog.String("refused", "FORBIDDEN"))
	w.Header().Set("Content-Length", "4")
	_, _ = io.WriteString(w, "data")
}

func newLog(out io.Writer, required bool, logged io.Writer) *audit.Log {
	return audit.New(audit.Config{Output: out, Required: required, Logger: slog.New(slog.NewJSONHandler(logged, nil)), Now: func() time.Time { return time.Unix(0, 0) }})
}

func TestLinesHaveWhatIsListedAndNothingElse(t *testing.T) {
	t.Parallel()
	out := &disk{room: -1}
	l := newLog(out, false, io.Discard)
	ask(l, "/graphql", answering)
	ask(l, "/page", answering)
	const want = `{"version":1,"time":"1970-01-01T00:00:00Z","event":"query","requestId":"id-1","from":"192.0.2.7","method":"POST","status":200,` +
		`"user":"alice","calls":{"GET sites":2},"refused":["FORBIDDEN"]}` + "\n"
	if out.String() != want {
		t.Errorf("lines are\n%s, want\n%s", out, want)
	}
}

func TestFullDiskIsLoggedAndCountedAndRefusesNobodyUnlessRequired(t *testing.T) {
	t.Parallel()
	for _, required := range []bool{false, true} {
		out, logged := &disk{room: 10}, &bytes.Buffer{}
		l := newLog(out, required, logged)
		first, second := ask(l, "/graphql", answering), ask(l, "/graphql", answering)
		for _, w := range []*httptest.ResponseRecorder{first, second} {
			if refused := w.Code == http.StatusServiceUnavailable && strings.Contains(w.Body.String(), "AUDIT_UNAVAILABLE"); refused != required {
				t.Errorf("required %t: status %d, %s", required, w.Code, w.Body)
			}
			if leaked := strings.Contains(w.Body.String(), "data"); leaked == required {
				t.Errorf("required %t: the answer is %s", required, w.Body)
			}
		}
		if n := strings.Count(logged.String(), "audit lines cannot be written"); n != 1 {
			t.Errorf("%d events within a minute: %s", n, logged)
		}
		out.room = -1
		if w := ask(l, "/graphql", answering); w.Body.String() != "data" {
			t.Errorf("with room again: %d %s", w.Code, w.Body)
		}
		if written, failed := l.Counts(); written != 1 || failed != 2 || !strings.Contains(logged.String(), "audit lines are written again") {
			t.Errorf("%d lines, %d failures, log %s", written, failed, logged)
		}
		lines := strings.Split(strings.TrimSpace(out.String()), "\n")
		if last := lines[len(lines)-1]; !json.Valid([]byte(last)) {
			t.Errorf("a torn line spoils the next: %q", out)
		}
	}
}

func TestRequestsWithoutAnAnswerHaveALine(t *testing.T) {
	t.Parallel()
	out := &disk{room: -1}
	l := newLog(out, false, io.Discard)
	func() {
		defer func() { _ = recover() }()
		ask(l, "/graphql", func(http.ResponseWriter, *http.Request) { panic("fault") })
	}()
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	l.Middleware(about(), http.HandlerFunc(func(http.ResponseWriter, *http.Request) {})).ServeHTTP(
		httptest.NewRecorder(), httptest.NewRequest(http.MethodGet, "/graphql", nil).WithContext(ctx))
	ask(l, "/graphql", func(http.ResponseWriter, *http.Request) {})
	for _, status := range []string{`"status":500`, `"status":499`, `"status":200`} {
		if strings.Count(out.String(), status) != 1 {
			t.Errorf("no line with %s: %s", status, out)
		}
	}
}

func TestFilesAreRotatedAndReadableByTheGroup(t *testing.T) {
	t.Parallel()
	file := filepath.Join(t.TempDir(), "audit.jsonl")
	l := audit.New(audit.Config{File: file, MaxSize: 1, KeepFiles: 2, Logger: slog.New(slog.DiscardHandler)})
	if err := l.Open(); err != nil {
		t.Fatal(err)
	}
	long := make([]string, 200)
	for i := range long {
		long[i] = strings.Repeat("r", 512)
	}
	for range 12 {
		ask(l, "/graphql", func(w http.ResponseWriter, r *http.Request) {
			audit.Add(r.Context(), slog.Any("roles", long))
			w.WriteHeader(http.StatusOK)
		})
	}
	if err := l.Close(); err != nil {
		t.Fatal(err)
	}
	files, err := filepath.Glob(filepath.Join(filepath.Dir(file), "audit*.jsonl"))
	if err != nil || len(files) != 2 {
		t.Errorf("files %v, %v", files, err)
	}
	if info, err := os.Stat(file); err != nil || info.Mode().Perm() != 0o640 {
		t.Errorf("%v, %v", info, err)
	}
	missing := audit.New(audit.Config{File: filepath.Join(t.TempDir(), "no", "audit.jsonl"), MaxSize: 1})
	if err := missing.Open(); err == nil || !errors.Is(err, os.ErrNotExist) {
		t.Errorf("a directory that is missing gives %v", err)
	}
}

// TestFloodsOfUnknownCallersAreBounded: the lines of known callers, and of what is answered, stay.
func TestFloodsOfUnknownCallersAreBounded(t *testing.T) {
	t.Parallel()
	out, now := &disk{room: -1}, time.Unix(0, 0)
	l := audit.New(audit.Config{Output: out, Required: true, Logger: slog.New(slog.DiscardHandler), Now: func() time.Time { return now }})
	status := func(code int, attrs ...slog.Attr) {
		w := ask(l, "/graphql", func(w http.ResponseWriter, r *http.Request) {
			audit.Add(r.Context(), attrs...)
			w.WriteHeader(code)
		})
		if w.Code != code {
			t.Fatalf("%d became %d", code, w.Code)
		}
	}
	for range 2 {
		for range 1000 {
			status(http.StatusUnauthorized)
			l.Refused("id", "192.0.2.1", "GET", http.StatusMisdirectedRequest)
		}
		for range 700 {
			status(http.StatusForbidden, slog.String("issuer", "https://login.example.com"))
			status(http.StatusOK)
		}
		now = now.Add(time.Minute)
	}
	if n := strings.Count(out.String(), "\n"); n != 2*(600+1400) {
		t.Errorf("%d lines", n)
	}
	if n := strings.Count(out.String(), `"skipped":1400`); n != 2 || strings.Count(out.String(), "skipped") != 2 || l.Skipped() != 2800 {
		t.Errorf("%d lines say what was left out, of %d", n, l.Skipped())
	}
	if strings.Count(out.String(), `"event":"edge"`) != 600 {
		t.Errorf("%d lines of the edge", strings.Count(out.String(), `"event":"edge"`))
	}
}
