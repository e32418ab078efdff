package traces_test

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"go.opentelemetry.io/otel/trace"
	"go.uber.org/goleak"

	"vitrine/internal/tableau"
	"vitrine/internal/telemetry"
	"vitrine/internal/traces"
	"vitrine/test/harness"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// newTracer makes a tracer; c has what differs from a tracer that samples everything.
func newTracer(t *testing.T, c traces.Config) (*traces.Tracer, *harness.SyncBuffer) {
	t.Helper()
	log := &harness.SyncBuffer{}
	c.HTTP = &http.Client{Transport: &http.Transport{DisableKeepAlives: true}}
	c.Timeout, c.Operations, c.Logger = time.Minute, []string{"Home"}, slog.New(slog.NewTextHandler(log, nil))
	if c.Sampler == "" {
		c.Sampler = "always_on"
	}
	tracer, err := traces.New(c)
	if err != nil {
		t.Fatal(err)
	}
	return tracer, log
}

// serve has a tracer see one request, which do is the answer to.
func serve(t *traces.Tracer, do http.HandlerFunc) {
	handler := telemetry.Middleware(slog.New(slog.DiscardHandler), t.Handler(traces.NameGraphQL, "/graphql", do))
	handler.ServeHTTP(httptest.NewRecorder(), httptest.NewRequest("BREW", "/graphql", nil))
}

func TestNamesOfSpansAreBounded(t *testing.T) {
	t.Parallel()
	c := harness.NewCollector(t)
	tracer, _ := newTracer(t, traces.Config{Endpoint: c.URL})
	for i := range 1000 {
		serve(tracer, func(_ http.ResponseWriter, r *http.Request) {
			telemetry.Add(r.Context(), slog.String("operation", fmt.Sprint("Marked", i)), slog.Int("cost", i))
		})
	}
	serve(tracer, func(_ http.ResponseWriter, r *http.Request) {
		telemetry.Add(r.Context(), slog.String("operation", "Home"), slog.Bool("cached", true), slog.String("refused", "INTERNAL"))
	})
	serve(tracer, func(http.ResponseWriter, *http.Request) { panic("marked") })
	if err := tracer.Close(t.Context()); err != nil {
		t.Fatal(err)
	}
	names := map[string]int{}
	for _, s := range c.Spans() {
		names[s.Name]++
		if s.Attributes["http.request.method"] != "_OTHER" {
			t.Errorf("the method is %v", s.Attributes["http.request.method"])
		}
		if failed := s.Name != "query"; s.Failed != failed {
			t.Errorf("%s failed: %t", s.Name, s.Failed)
		}
	}
	if len(names) != 3 || names["query"] != 1000 || names["query Home"] != 1 || names["graphql"] != 1 || strings.Contains(strings.ToLower(c.Bytes()), "marked") {
		t.Errorf("names %v", names)
	}
	if ended, exported, failed := tracer.Counts(); ended != 1002 || exported != 1002 || failed != 0 {
		t.Errorf("%d ended, %d exported, %d failed", ended, exported, failed)
	}
}

// gate sends each request until its errors are used up.
type gate []error

func (g gate) Pass(ctx context.Context, _ tableau.Call, try func(context.Context) error) (err error) {
	for range g {
		err = try(ctx)
	}
	return err
}

func TestEachTryIsASpan(t *testing.T) {
	t.Parallel()
	c := harness.NewCollector(t)
	tracer, _ := newTracer(t, traces.Config{Endpoint: c.URL})
	outcomes := gate{
		&tableau.Error{Kind: tableau.Unavailable, Status: 503, Code: "marked", Detail: "marked"}, &tableau.Error{Kind: tableau.Timeout, Err: errors.New("marked")},
		&tableau.Error{Kind: tableau.Unavailable}, errors.New("marked"), &tableau.Error{Kind: tableau.Missing, Status: 404, Code: "404006"}, nil,
	}
	pass := tracer.Gate(outcomes)
	call := func(ctx context.Context, tries *int) error {
		return pass.Pass(ctx, tableau.Call{Name: "GET sites/{site}/workbooks", Site: "finance"}, func(context.Context) error {
			*tries++
			return outcomes[*tries-1]
		})
	}
	serve(tracer, func(_ http.ResponseWriter, r *http.Request) {
		tries := 0
		if err := call(r.Context(), &tries); err != nil || tries != len(outcomes) {
			t.Errorf("%d tries, error %v", tries, err)
		}
	})
	tries := 0
	_ = call(t.Context(), &tries) // outside of a trace
	if err := tracer.Close(t.Context()); err != nil {
		t.Fatal(err)
	}
	spans := c.Named("GET sites/{site}/workbooks")
	if len(spans) != len(outcomes) || strings.Contains(c.Bytes(), "marked") {
		t.Fatalf("spans %+v", spans)
	}
	for i, want := range []string{"503 <nil>", "timeout <nil>", "connection <nil>", "_OTHER <nil>", "404 404006", "<nil> <nil>"} {
		a := spans[i].Attributes
		if got := fmt.Sprint(a["error.type"], " ", a["vitrine.tableau.code"]); got != want || spans[i].Failed != (i < 5) {
			t.Errorf("try %d: %s, want %s", i, got, want)
		}
		if resent, sent := a["http.request.resend_count"]; sent != (i > 0) || sent && resent != i || a["vitrine.site"] != "finance" || a["url.template"] != "sites/{site}/workbooks" {
			t.Errorf("try %d: %v", i, a)
		}
	}
}

// TestTransportNamesTheSpanToTableau leaves the caller's request alone.
func TestTransportNamesTheSpanToTableau(t *testing.T) {
	t.Parallel()
	var got string
	way := traces.Transport(roundTrip(func(r *http.Request) { got = r.Header.Get("Traceparent") }))
	span := trace.NewSpanContext(trace.SpanContextConfig{TraceID: trace.TraceID{1}, SpanID: trace.SpanID{2}})
	for want, ctx := range map[string]context.Context{
		"": t.Context(), "00-01000000000000000000000000000000-0200000000000000-00": trace.ContextWithSpanContext(t.Context(), span),
	} {
		r := httptest.NewRequestWithContext(ctx, http.MethodGet, "/", nil)
		if _, err := way.RoundTrip(r); err != nil || got != want || len(r.Header) != 0 {
			t.Errorf("sent %q, want %q; error %v; the request has %v", got, want, err, r.Header)
		}
	}
}

type roundTrip func(*http.Request)

func (f roundTrip) RoundTrip(r *http.Request) (*http.Response, error) {
	f(r)
	return &http.Response{StatusCode: http.StatusOK, Body: http.NoBody}, nil
}

// TestCollectorThatHangsDelaysNothing fills the queue and leaves without waiting.
func TestCollectorThatHangsDelaysNothing(t *testing.T) {
	t.Parallel()
	asked, ends := make(chan struct{}, 100), make(chan struct{})
	hanging := httptest.NewServer(http.HandlerFunc(func(http.ResponseWriter, *http.Request) {
		asked <- struct{}{}
		<-ends
	}))
	defer hanging.Close()
	defer close(ends)
	tracer, _ := newTracer(t, traces.Config{Endpoint: hanging.URL})
	for range 10_000 {
		serve(tracer, func(http.ResponseWriter, *http.Request) {})
	}
	<-asked
	late, leave := context.WithCancel(t.Context())
	leave()
	if err := tracer.Close(late); !errors.Is(err, context.Canceled) {
		t.Errorf("closing gives %v", err)
	}
	if ended, exported, _ := tracer.Counts(); ended != 10_000 || exported != 0 {
		t.Errorf("%d ended, %d exported", ended, exported)
	}
}

// TestLostSpansAreLoggedOnceAMinute has a collector that repeats its key, and then works.
func TestLostSpansAreLoggedOnceAMinute(t *testing.T) {
	t.Parallel()
	now := time.Unix(0, 0)
	status := http.StatusUnauthorized
	collector := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		w.WriteHeader(status)
		if status != http.StatusOK {
			_, _ = fmt.Fprintln(w, "no: "+r.Header.Get("Authorization"), strings.Repeat("long ", 1000))
		}
	}))
	defer collector.Close()
	c := traces.Config{Endpoint: collector.URL, Headers: map[string]string{"Authorization": "Bearer marked-key"}, Now: func() time.Time { return now }}
	tracer, log := newTracer(t, c)
	export := func() {
		serve(tracer, func(http.ResponseWriter, *http.Request) {})
		if err := tracer.Flush(t.Context()); err != nil {
			t.Error(err)
		}
	}
	for range 3 {
		export()
		now = now.Add(31 * time.Second)
	}
	status = http.StatusOK
	export()
	export()
	if err := tracer.Close(t.Context()); err != nil {
		t.Fatal(err)
	}
	lines := strings.Split(strings.TrimSpace(log.String()), "\n")
	if len(lines) != 3 || !strings.HasSuffix(lines[0], " spans=1") || !strings.HasSuffix(lines[1], " spans=2") || !strings.Contains(lines[2], "exported again") ||
		strings.Contains(log.String(), "marked-key") || len(lines[0]) > 500 {
		t.Errorf("the log is\n%s", log)
	}
	if _, exported, failed := tracer.Counts(); exported != 2 || failed != 3 {
		t.Errorf("%d exported, %d failed", exported, failed)
	}
}

func TestCheckReportsWhatACollectorAnswers(t *testing.T) {
	t.Parallel()
	c := harness.NewCollector(t)
	settings := traces.Config{Endpoint: c.URL, HTTP: &http.Client{Transport: &http.Transport{DisableKeepAlives: true}}, Timeout: time.Minute}
	if err := traces.Check(t.Context(), settings); err != nil || len(c.Spans()) > 0 {
		t.Errorf("error %v, spans %v", err, c.Spans())
	}
	for _, status := range []int{http.StatusFound, http.StatusNotFound, http.StatusServiceUnavailable} {
		c.Status.Store(int32(status))
		if err := traces.Check(t.Context(), settings); err == nil {
			t.Errorf("%d passes for good", status)
		}
	}
}

func TestUnknownSamplersAreRefused(t *testing.T) {
	t.Parallel()
	for _, name := range []string{"", "jaeger_remote"} {
		if _, err := traces.New(traces.Config{Endpoint: "http://127.0.0.1:1", HTTP: http.DefaultClient, Sampler: name}); err == nil {
			t.Errorf("%q is accepted", name)
		}
	}
	for _, name := range []string{"always_on", "always_off", "traceidratio", "parentbased_always_on", "parentbased_always_off", "parentbased_traceidratio"} {
		tracer, _ := newTracer(t, traces.Config{Endpoint: "http://127.0.0.1:1", Sampler: name})
		if err := tracer.Close(t.Context()); err != nil {
			t.Errorf("%s: %v", name, err)
		}
	}
}
