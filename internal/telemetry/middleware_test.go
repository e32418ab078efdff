package telemetry_test

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"regexp"
	"strconv"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/go-cmp/cmp"

	"vitrine/internal/telemetry"
)

// record sends one request through the middleware and returns the answer and
// the events that were logged at level or above.
func record(t *testing.T, level slog.Level, r *http.Request, h http.HandlerFunc) (*httptest.ResponseRecorder, []map[string]any) {
	t.Helper()
	var out bytes.Buffer
	logger, err := telemetry.NewLogger(&out, "json", level)
	if err != nil {
		t.Fatal(err)
	}
	w := httptest.NewRecorder()
	telemetry.Middleware(logger, h).ServeHTTP(w, r)
	return w, events(t, out.Bytes())
}

func events(t *testing.T, log []byte) []map[string]any {
	t.Helper()
	var all []map[string]any
	d := json.NewDecoder(bytes.NewReader(log))
	for {
		var e map[string]any
		err := d.Decode(&e)
		if errors.Is(err, io.EOF) {
			return all
		}
		if err != nil {
			t.Fatalf("log is not JSON: %v\n%s", err, log)
		}
		all = append(all, e)
	}
}

func TestMiddlewareLogsOneEventPerRequest(t *testing.T) {
	t.Parallel()
	r := httptest.NewRequest(http.MethodPost, "/graphql?query=%7Bsecret%7D", nil)
	w, got := record(t, slog.LevelInfo, r, func(w http.ResponseWriter, r *http.Request) {
		telemetry.Add(r.Context(), slog.String("user", "alice"), slog.Int("calls", 1))
		telemetry.Add(r.Context(), slog.Int("calls", 2))
		w.WriteHeader(http.StatusTeapot)
		w.WriteHeader(http.StatusOK) // ignored by the server, and by us
		io.WriteString(w, "four")
	})

	if len(got) != 1 {
		t.Fatalf("%d events, want 1: %v", len(got), got)
	}
	e := got[0]
	id := w.Header().Get("X-Request-Id")
	if !regexp.MustCompile(`^[0-9a-f]{32}$`).MatchString(id) {
		t.Errorf("X-Request-Id %q, want 32 hex digits", id)
	}
	if d, ok := e["durationMs"].(float64); !ok || d < 0 {
		t.Errorf("durationMs = %v, want a number", e["durationMs"])
	}
	delete(e, "time")
	delete(e, "durationMs")
	want := map[string]any{
		"level": "INFO", "msg": "request", "requestId": id, "method": "POST", "path": "/graphql",
		"status": 418.0, "bytes": 4.0, "remote": r.RemoteAddr, "user": "alice", "calls": 2.0,
	}
	if diff := cmp.Diff(want, e); diff != "" {
		t.Errorf("event (-want +got):\n%s", diff)
	}
}

func TestMiddlewareMeasuresDuration(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		_, got := record(t, slog.LevelInfo, httptest.NewRequest(http.MethodGet, "/", nil), func(http.ResponseWriter, *http.Request) {
			time.Sleep(1500 * time.Millisecond) // of the bubble's clock, not of ours
		})
		if got[0]["durationMs"] != 1500.0 {
			t.Errorf("durationMs = %v, want 1500", got[0]["durationMs"])
		}
	})
}

// A well-formed id of the request is used, in the answer and in the log; whatever else is there is
// not.
func TestWellFormedRequestIDsAreHonoured(t *testing.T) {
	t.Parallel()
	for given, want := range map[string]bool{
		"0b9e3c1e-4f54-4d0c-8a53-bb0f9f6ad7a1": true, "01ARZ3NDEKTSV4RRFFQ69G5FAV": true, strings.Repeat("a", 16): true, strings.Repeat("a", 64): true,
		"": false, "short": false, strings.Repeat("a", 15): false, strings.Repeat("a", 65): false, "0b9e3c1e 4f54 4d0c 8a53": false, "0b9e3c1e\t4f544d0c8a53": false,
		"evil.example/0123456789": false, "eyJhbGciOi.marked.bearer": false, `0123456789abcdef"`: false, "0123456789abcdefé": false, "{0123456789abcdef}": false,
	} {
		r := httptest.NewRequest(http.MethodGet, "/", nil)
		r.Header.Set("X-Request-Id", given)
		checkRequestID(t, r, given, want)
	}
	r := httptest.NewRequest(http.MethodGet, "/", nil)
	r.Header["X-Request-Id"] = []string{strings.Repeat("a", 16), strings.Repeat("b", 16)}
	checkRequestID(t, r, strings.Repeat("a", 16), false)
}

func checkRequestID(t *testing.T, r *http.Request, given string, used bool) {
	t.Helper()
	var inside string
	w, got := record(t, slog.LevelInfo, r, func(_ http.ResponseWriter, r *http.Request) { inside = telemetry.RequestID(r.Context()) })
	id := w.Header().Get("X-Request-Id")
	if id != inside || id != got[0]["requestId"] || (id == given) != used || !used && !regexp.MustCompile(`^[0-9a-f]{32}$`).MatchString(id) {
		t.Errorf("given %q: header %q, context %q, event %q", given, id, inside, got[0]["requestId"])
	}
}

func TestTraceparentIsHonoured(t *testing.T) {
	t.Parallel()
	const trace, span = "4bf92f3577b34da6a3ce929d0e0e4736", "00f067aa0ba902b7"
	for header, want := range map[string]bool{
		"00-" + trace + "-" + span + "-01": true, "00-" + trace + "-" + span + "-00": true, "cc-" + trace + "-" + span + "-01-more": true,
		"": false, trace: false, "00-" + trace + "-" + span: false, "00-" + trace + "-" + span + "-01-more": false, "ff-" + trace + "-" + span + "-01": false,
		"00-" + strings.ToUpper(trace) + "-" + span + "-01": false, "00-" + strings.Repeat("0", 32) + "-" + span + "-01": false,
		"00-" + trace + "-" + strings.Repeat("0", 16) + "-01": false, "00-" + trace[1:] + "-" + span + "-01": false, "00-" + trace + "x-" + span + "-01": false,
	} {
		r := httptest.NewRequest(http.MethodGet, "/", nil)
		r.Header.Set("Traceparent", header)
		_, got := record(t, slog.LevelInfo, r, func(http.ResponseWriter, *http.Request) {})
		if (got[0]["traceId"] == trace && got[0]["parentSpanId"] == span) != want || !want && got[0]["traceId"] != nil {
			t.Errorf("%q: %v", header, got[0])
		}
	}
}

// The level follows from the public codes of errors, whatever the status is.
func TestLevelsFollowCodes(t *testing.T) {
	t.Parallel()
	for codes, want := range map[string]string{
		"NOT_FOUND": "INFO", "UNAUTHENTICATED": "INFO", "TABLEAU_UNAVAILABLE": "WARN", "TABLEAU_TIMEOUT": "WARN", "DEADLINE_EXCEEDED": "WARN",
		"IDENTITY_UNAVAILABLE": "WARN", "TABLEAU_RATE_LIMITED": "WARN", "INTERNAL": "ERROR", "TABLEAU_SIGN_IN_FAILED": "ERROR",
		"NOT_FOUND TABLEAU_UNAVAILABLE": "WARN", "INTERNAL TABLEAU_UNAVAILABLE": "ERROR", "TABLEAU_UNAVAILABLE INTERNAL NOT_FOUND": "ERROR",
	} {
		for _, status := range []int{200, 503} {
			_, got := record(t, slog.LevelDebug, httptest.NewRequest(http.MethodGet, "/graphql", nil), func(w http.ResponseWriter, r *http.Request) {
				telemetry.Add(r.Context(), slog.Any("errors", codeList(strings.Fields(codes))))
				w.WriteHeader(status)
			})
			if got[0]["level"] != want {
				t.Errorf("%s with %d: %v, want %s", codes, status, got[0]["level"], want)
			}
		}
	}
	_, got := record(t, slog.LevelDebug, httptest.NewRequest(http.MethodGet, "/graphql", nil), func(w http.ResponseWriter, r *http.Request) {
		telemetry.Add(r.Context(), slog.String("refused", "IDENTITY_UNAVAILABLE"), slog.Duration("waited", 1500*time.Microsecond))
		w.WriteHeader(http.StatusServiceUnavailable)
	})
	if diff := cmp.Diff([]any{map[string]any{"code": "IDENTITY_UNAVAILABLE"}}, got[0]["refused"]); diff != "" || got[0]["level"] != "WARN" || got[0]["waitedMs"] != 1.5 || got[0]["waited"] != nil {
		t.Errorf("%v", got[0])
	}
}

type codeList []string

func (c codeList) Codes() []string { return c }

// Outside of requests durations are numbers of milliseconds too, and the client's agent is kept
// short.
func TestEventsHaveOneForm(t *testing.T) {
	t.Parallel()
	var out bytes.Buffer
	logger, err := telemetry.NewLogger(&out, "json", slog.LevelInfo)
	if err != nil {
		t.Fatal(err)
	}
	logger.Info("x", "retryIn", 30*time.Second, slog.Group("in", slog.Duration("took", time.Minute)))
	e := events(t, out.Bytes())[0]
	if e["retryInMs"] != 30000.0 || e["retryIn"] != nil || e["in"].(map[string]any)["tookMs"] != 60000.0 {
		t.Errorf("%v", e)
	}
	r := httptest.NewRequest(http.MethodGet, "/", nil)
	r.Header.Set("User-Agent", strings.Repeat("a", 1000))
	if _, got := record(t, slog.LevelInfo, r, func(http.ResponseWriter, *http.Request) {}); got[0]["userAgent"] != strings.Repeat("a", 120)+"…" {
		t.Errorf("userAgent %v", got[0]["userAgent"])
	}
	_, got := record(t, slog.LevelInfo, httptest.NewRequest(http.MethodGet, "/", nil), func(_ http.ResponseWriter, r *http.Request) {
		telemetry.Without("user")(r.Context(), slog.String("user", "alice"), slog.String("subject", "s"))
	})
	if got[0]["user"] != nil || got[0]["subject"] != "s" {
		t.Errorf("%v", got[0])
	}
}

// What nobody was answered is no 200.
func TestClientsThatLeaveAreAnsweredNothing(t *testing.T) {
	t.Parallel()
	for cause, want := range map[error]float64{context.Canceled: 499, errors.New("the server stops"): 200} {
		ctx, cancel := context.WithCancelCause(t.Context())
		cancel(cause)
		_, got := record(t, slog.LevelInfo, httptest.NewRequest(http.MethodGet, "/", nil).WithContext(ctx), func(http.ResponseWriter, *http.Request) {})
		if got[0]["status"] != want || (got[0]["clientGone"] == true) != (want == 499) {
			t.Errorf("%v: %v", cause, got[0])
		}
	}
}

func TestRequestIDOutsideOfRequestIsEmpty(t *testing.T) {
	t.Parallel()
	telemetry.Add(context.Background(), slog.Bool("ignored", true)) // does not panic
	if id := telemetry.RequestID(context.Background()); id != "" {
		t.Errorf("RequestID = %q, want none", id)
	}
}

func TestPathNeverShowsLinks(t *testing.T) {
	t.Parallel()
	tests := map[string]struct{ target, want string }{
		"plain":           {"/graphql", "/graphql"},
		"query":           {"/graphql?query=secret", "/graphql"},
		"content link":    {"/content/abc?x=1", "/content/*"},
		"escaped link":    {"/content%2Fabc", "/content/*"},
		"pasted token":    {"/graphql/" + strings.Repeat("k", 64), "/graphql/*"},
		"well-known":      {"/.well-known/oauth-protected-resource", "/.well-known/oauth-protected-resource"},
		"long":            {"/" + strings.Repeat("a/", 200), "/" + strings.Repeat("a/", 99) + "a…"},
		"nothing of ours": {"/a%0Ab", "/a\nb"},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			_, got := record(t, slog.LevelInfo, httptest.NewRequest(http.MethodGet, test.target, nil), func(http.ResponseWriter, *http.Request) {})
			if got[0]["path"] != test.want {
				t.Errorf("path %q, want %q", got[0]["path"], test.want)
			}
		})
	}
}

func TestEventLevels(t *testing.T) {
	t.Parallel()
	tests := map[string]struct {
		path   string
		status int
		want   string
	}{
		"answer":           {"/graphql", 200, "INFO"},
		"refusal":          {"/graphql", 401, "INFO"},
		"failure":          {"/graphql", 500, "ERROR"},
		"health":           {"/healthz", 200, "DEBUG"},
		"ready":            {"/readyz", 200, "DEBUG"},
		"not ready yet":    {"/readyz", 503, "INFO"},
		"health that fail": {"/healthz", 500, "ERROR"},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			_, got := record(t, slog.LevelDebug, httptest.NewRequest(http.MethodGet, test.path, nil), func(w http.ResponseWriter, _ *http.Request) {
				w.WriteHeader(test.status)
			})
			if got[0]["level"] != test.want {
				t.Errorf("level %v, want %s", got[0]["level"], test.want)
			}
		})
	}
}

func TestPanicAnswersInternalWithRequestID(t *testing.T) {
	t.Parallel()
	w, got := record(t, slog.LevelInfo, httptest.NewRequest(http.MethodPost, "/graphql", nil), func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Length", "7")
		panic("out of luck")
	})
	if w.Code != http.StatusInternalServerError || w.Header().Get("Content-Length") != strconv.Itoa(w.Body.Len()) {
		t.Errorf("status %d, headers %v", w.Code, w.Header())
	}
	var answer struct {
		Errors []struct {
			Message    string
			Extensions map[string]string
		}
	}
	if err := json.Unmarshal(w.Body.Bytes(), &answer); err != nil || len(answer.Errors) != 1 {
		t.Fatalf("body %s: %v", w.Body, err)
	}
	want := map[string]string{"code": "INTERNAL", "requestId": w.Header().Get("X-Request-Id")}
	if diff := cmp.Diff(want, answer.Errors[0].Extensions); diff != "" {
		t.Errorf("extensions (-want +got):\n%s", diff)
	}
	if strings.Contains(w.Body.String(), "luck") {
		t.Errorf("the answer holds the panic: %s", w.Body)
	}
	if len(got) != 1 || got[0]["panic"] != "out of luck" || got[0]["level"] != "ERROR" {
		t.Errorf("events %v, want one error with the panic", got)
	}
	if stack, _ := got[0]["stack"].(string); !strings.Contains(stack, "TestPanicAnswersInternalWithRequestID") {
		t.Errorf("stack does not name the place: %s", stack)
	}
}

func TestPanicInMidAnswerCutsTheConnection(t *testing.T) {
	t.Parallel()
	var out syncBuffer
	logger := slog.New(slog.NewJSONHandler(&out, nil))
	server := httptest.NewServer(telemetry.Middleware(logger, http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.URL.Path == "/abort" {
			panic(fmt.Errorf("client: %w", http.ErrAbortHandler))
		}
		io.WriteString(w, "half of ")
		http.NewResponseController(w).Flush()
		panic("in the middle")
	})))
	defer server.Close()

	for _, path := range []string{"/half", "/abort"} {
		res, err := server.Client().Get(server.URL + path)
		if err == nil {
			_, err = io.ReadAll(res.Body)
			res.Body.Close()
		}
		if err == nil {
			t.Errorf("%s: the caller saw a whole answer", path)
		}
	}
	server.Close()
	got := events(t, out.Bytes())
	if len(got) != 2 {
		t.Fatalf("%d events, want 2: %v", len(got), got)
	}
	if got[0]["panic"] != "in the middle" || got[1]["aborted"] != true || got[1]["panic"] != nil {
		t.Errorf("events %v, want a panic and an abort", got)
	}
}

func TestCredentialsNeverAppear(t *testing.T) {
	t.Parallel()
	const bearer, tableau, cookie = "eyJhbGciOi.marked.bearer", "marked-tableau-token|abc", "session=marked-cookie"
	r := httptest.NewRequest(http.MethodPost, "/graphql", nil)
	r.Header.Set("Authorization", "Bearer "+bearer)
	r.Header.Set("X-Tableau-Auth", tableau)
	r.Header.Set("Cookie", cookie)

	var out bytes.Buffer
	logger, err := telemetry.NewLogger(&out, "text", slog.LevelDebug)
	if err != nil {
		t.Fatal(err)
	}
	w := httptest.NewRecorder()
	telemetry.Middleware(logger, http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) {
		telemetry.Add(r.Context(), slog.String("Authorization", bearer), slog.Group("in", slog.String("password", tableau)))
		panic(fmt.Sprintf("%v %s", r.Header, bearer))
	})).ServeHTTP(w, r)

	for _, secret := range []string{bearer, tableau, cookie, "marked"} {
		if strings.Contains(out.String(), secret) || strings.Contains(w.Body.String(), secret) {
			t.Errorf("%q appears:\n%s\n%s", secret, out.String(), w.Body)
		}
	}
	if !strings.Contains(out.String(), "REDACTED") {
		t.Errorf("the panic was lost: %s", out.String())
	}
}

func TestAddIsSafeFromManyGoroutines(t *testing.T) {
	t.Parallel()
	var late context.Context
	_, got := record(t, slog.LevelInfo, httptest.NewRequest(http.MethodGet, "/", nil), func(_ http.ResponseWriter, r *http.Request) {
		late = r.Context()
		var wg sync.WaitGroup
		for i := range 200 {
			wg.Go(func() { telemetry.Add(r.Context(), slog.Int(fmt.Sprint("n", i), i)) })
		}
		wg.Wait()
	})
	telemetry.Add(late, slog.Bool("late", true)) // after the end: dropped
	if got[0]["attributesDropped"] != 136.0 {
		t.Errorf("attributesDropped = %v, want 200 - 64", got[0]["attributesDropped"])
	}
}

func TestWriterKeepsWhatTheServerCanDo(t *testing.T) {
	t.Parallel()
	w, got := record(t, slog.LevelInfo, httptest.NewRequest(http.MethodGet, "/", nil), func(w http.ResponseWriter, _ *http.Request) {
		w.WriteHeader(http.StatusEarlyHints) // informational: not the answer's status
		w.(http.Flusher).Flush()
	})
	if !w.Flushed || got[0]["status"] != 200.0 {
		t.Errorf("flushed %v, status %v; want true, 200", w.Flushed, got[0]["status"])
	}
}

func TestNewLoggerRefusesUnknownFormat(t *testing.T) {
	t.Parallel()
	if _, err := telemetry.NewLogger(io.Discard, "xml", slog.LevelInfo); err == nil || !strings.Contains(err.Error(), `"xml"`) {
		t.Errorf("error %v, want one that names the format", err)
	}
}

func BenchmarkMiddleware(b *testing.B) {
	logger, err := telemetry.NewLogger(io.Discard, "json", slog.LevelInfo)
	if err != nil {
		b.Fatal(err)
	}
	h := telemetry.Middleware(logger, http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		telemetry.Add(r.Context(), slog.String("user", "alice"), slog.String("operation", "First"), slog.Int("calls", 4))
		w.WriteHeader(http.StatusOK)
	}))
	r := httptest.NewRequest(http.MethodPost, "/graphql", nil)
	b.ReportAllocs()
	for b.Loop() {
		h.ServeHTTP(httptest.NewRecorder(), r)
	}
}

// syncBuffer is a buffer that a server's goroutines may write to.
type syncBuffer struct {
	mu  sync.Mutex
	buf bytes.Buffer
}

func (b *syncBuffer) Write(p []byte) (int, error) {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.buf.Write(p)
}

func (b *syncBuffer) Bytes() []byte {
	b.mu.Lock()
	defer b.mu.Unlock()
	return bytes.Clone(b.buf.Bytes())
}
