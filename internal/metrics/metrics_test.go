package metrics_test

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

	"github.com/prometheus/client_golang/prometheus/testutil"

	"vitrine/internal/metrics"
	"vitrine/internal/tableau"
)

func newMetrics() *metrics.Metrics {
	return metrics.New(metrics.Config{
		Version: "1.2.3", Commit: "abc", Routes: []string{"/graphql", "/content/", "/healthz"}, Codes: []string{"INTERNAL", "NOT_FOUND"},
		Operations: []string{"Home"}, SignInMethods: map[string]string{"": "password", "finance": "connectedApp"}, Logger: slog.New(slog.DiscardHandler),
	})
}

// scrape returns the metrics of the server itself, without those of Go and the process.
func scrape(t *testing.T, m *metrics.Metrics) string {
	t.Helper()
	w := httptest.NewRecorder()
	m.Handler().ServeHTTP(w, httptest.NewRequest(http.MethodGet, "/metrics", nil))
	if w.Code != http.StatusOK {
		t.Fatalf("status %d: %s", w.Code, w.Body)
	}
	var ours []string
	for line := range strings.Lines(w.Body.String()) {
		if strings.HasPrefix(line, "vitrine_") {
			ours = append(ours, line)
		}
	}
	return strings.Join(ours, "")
}

func contains(t *testing.T, text string, lines ...string) {
	t.Helper()
	for _, line := range lines {
		if !strings.Contains(text, line+"\n") {
			t.Errorf("a scrape lacks %q; it has\n%s", line, text)
		}
	}
}

func observeAll(m *metrics.Metrics, i int) {
	m.Observe(metrics.Request{
		Path: fmt.Sprintf("/nothing/%d", i), Method: fmt.Sprintf("M%d", i), Status: 404, Duration: time.Millisecond, Bytes: 10,
		Codes: []string{fmt.Sprintf("CODE_%d", i)}, Operation: fmt.Sprintf("Op%d", i), Ran: true, Cost: 1,
	})
	m.Observe(metrics.Request{Path: fmt.Sprintf("/content/%d", i), Method: http.MethodGet, Status: 200})
}

// Names that follow the conventions of Prometheus, with a help text each.
func TestMetricsFollowTheConventions(t *testing.T) {
	t.Parallel()
	m := newMetrics()
	observeAll(m, 1)
	m.SignIn("", time.Second, nil)
	m.Hit("")
	m.Wait("finance", time.Second)
	m.Renewal("")
	m.SignOut("", errors.New("no"))
	m.Available("", true)
	m.Gauge("vitrine_things", "Things.", func() float64 { return 3 })
	m.Counter("vitrine_things_total", "All things.", func() float64 { return 4 })
	_ = m.Gate(direct{}).Pass(t.Context(), tableau.Call{Name: "GET serverinfo"}, func(context.Context) error { return nil })
	problems, err := testutil.GatherAndLint(m.Gatherer())
	if err != nil || len(problems) > 0 {
		t.Errorf("the linter of Prometheus says %v, %v", problems, err)
	}
	contains(
		t, scrape(t, m), `vitrine_build_info{commit="abc",version="1.2.3"} 1`, "vitrine_things 3", "vitrine_things_total 4", `vitrine_tableau_available{site="(default)"} 1`,
		`vitrine_sessions_sign_ins_total{method="password",outcome="ok",site="(default)"} 1`, `vitrine_sessions_sign_outs_total{outcome="failed",site="(default)"} 1`,
		`vitrine_sessions_wait_seconds_count{site="finance"} 1`, `vitrine_sessions_renewals_total{site="(default)"} 1`, `vitrine_sessions_hits_total{site="(default)"} 1`,
	)
}

// What clients choose adds no series, however much of it there is.
func TestClientsCannotAddSeries(t *testing.T) {
	t.Parallel()
	m := newMetrics()
	observeAll(m, 0)
	before := strings.Count(scrape(t, m), "\n")
	for i := range 10_000 {
		observeAll(m, i+1)
	}
	text := scrape(t, m)
	if after := strings.Count(text, "\n"); after != before {
		t.Errorf("10,000 names made %d series of %d", after, before)
	}
	contains(
		t, text, `vitrine_http_requests_total{method="other",route="other",status="404"} 10001`,
		`vitrine_http_requests_total{method="GET",route="/content/",status="200"} 10001`,
		`vitrine_graphql_operation_duration_seconds_count{operation="other"} 10001`,
		`vitrine_graphql_requests_with_error_total{code="other"} 10001`,
		"vitrine_graphql_cost_points_total 10001", `vitrine_http_response_bytes_total{route="other"} 100010`,
	)
}

func TestListedOperationsAndCodesCountByThemselves(t *testing.T) {
	t.Parallel()
	m := newMetrics()
	m.Observe(metrics.Request{Path: "/graphql", Method: "POST", Status: 200, Operation: "Home", Ran: true, Codes: []string{"NOT_FOUND", "NOT_FOUND", "INTERNAL"}, Panicked: true})
	m.Observe(metrics.Request{Path: "/graphql", Method: "POST", Status: 401})
	contains(
		t, scrape(t, m), `vitrine_graphql_operation_duration_seconds_count{operation="Home"} 1`,
		`vitrine_graphql_requests_with_error_total{code="NOT_FOUND"} 1`, `vitrine_graphql_requests_with_error_total{code="INTERNAL"} 1`,
		"vitrine_http_panics_total 1", `vitrine_http_requests_total{method="POST",route="/graphql",status="401"} 1`,
	)
}

// direct is a gate that lets everything through at once, twice where the first try fails.
type direct struct{ refuses error }

func (d direct) Pass(ctx context.Context, _ tableau.Call, try func(context.Context) error) error {
	if d.refuses != nil {
		return d.refuses
	}
	if try(ctx) == nil {
		return nil
	}
	return try(ctx)
}

// Each try counts; a request that is never sent does not.
func TestGateCountsTries(t *testing.T) {
	t.Parallel()
	m := newMetrics()
	call := tableau.Call{Name: "GET sites/{site}/workbooks"}
	failures := []error{&tableau.Error{Kind: tableau.Unavailable, Status: 503}, nil, &tableau.Error{Kind: tableau.Unavailable}, errors.New("?"), nil}
	sent := 0
	try := func(context.Context) error {
		sent++
		return failures[sent-1]
	}
	for range 3 {
		_ = m.Gate(direct{}).Pass(t.Context(), call, try)
	}
	_ = m.Gate(direct{refuses: &tableau.Error{Kind: tableau.RateLimited}}).Pass(t.Context(), call, try)
	contains(
		t, scrape(t, m), `vitrine_tableau_requests_total{method="GET sites/{site}/workbooks",status="503"} 1`,
		`vitrine_tableau_requests_total{method="GET sites/{site}/workbooks",status="200"} 2`,
		`vitrine_tableau_requests_total{method="GET sites/{site}/workbooks",status="none"} 2`,
		`vitrine_tableau_request_duration_seconds_count{method="GET sites/{site}/workbooks"} 5`,
		"vitrine_tableau_queue_seconds_count 3", "vitrine_tableau_queue_refused_total 1", "vitrine_tableau_requests_in_flight 0",
	)
}
