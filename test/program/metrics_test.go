package program

import (
	"bytes"
	"encoding/json"
	"maps"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"vitrine/internal/config"
	"vitrine/internal/tableausim"
	"vitrine/test/harness"
)

// withMetrics starts a program with an address for metrics.
func withMetrics(t *testing.T) *program {
	t.Helper()
	return start(t, tableausim.Config{}, func(c *config.Config) {
		c.AdminListen, c.Metrics.Operations = "127.0.0.1:0", []string{"Home"}
		c.Cache.TTL = time.Minute
		c.Traces = config.Traces{Endpoint: "http://127.0.0.1:1", Timeout: time.Second, Sampler: config.SamplerAlwaysOff}
		c.Audit = config.Audit{Output: config.AuditFile, File: filepath.Join(t.TempDir(), "audit.jsonl"), MaxMegabytes: 1}
	})
}

// scrape asks for an address of adminListen.
func scrape(t *testing.T, p *program, path string) (status int, body string) {
	t.Helper()
	w := httptest.NewRecorder()
	p.App.AdminRoutes().ServeHTTP(w, httptest.NewRequest(http.MethodGet, path, nil))
	return w.Code, w.Body.String()
}

// A request shows in the metrics with its route, its operation, what it asked of Tableau and the
// sign-in that it needed; nothing of a person does.
func TestRequestsShowInTheMetrics(t *testing.T) {
	t.Parallel()
	p := withMetrics(t)
	token := p.Token(t, "alice")
	for range 2 {
		if a := p.Post(t, token, `query Home { site { workbooks(first: 3) { nodes { name } } } }`); a.Codes() != "" {
			t.Fatalf("the query gives %s", a.Codes())
		}
	}
	p.Post(t, token, `query Elsewhere { site(contentUrl: "nowhere") { name } }`)
	p.Post(t, "broken", `{ viewer { username } }`)
	status, text := scrape(t, p, "/metrics")
	if status != http.StatusOK {
		t.Fatalf("/metrics answers %d: %s", status, text)
	}
	for _, line := range []string{
		`vitrine_http_requests_total{method="POST",route="/graphql",status="200"} 3`,
		`vitrine_http_requests_total{method="POST",route="/graphql",status="401"} 1`,
		`vitrine_graphql_operation_duration_seconds_count{operation="Home"} 2`,
		`vitrine_graphql_operation_duration_seconds_count{operation="other"} 1`,
		`vitrine_graphql_requests_with_error_total{code="SITE_UNKNOWN"} 1`,
		`vitrine_graphql_requests_with_error_total{code="UNAUTHENTICATED"} 1`,
		`vitrine_tableau_requests_total{method="GET sites/{site}/workbooks",status="200"} 2`,
		`vitrine_sessions_sign_ins_total{method="personalAccessToken",outcome="ok",site="(default)"} 1`,
		"vitrine_sessions_held 1", "vitrine_ready 1", "vitrine_tableau_requests_waiting 0", `vitrine_tableau_available{site="(default)"} 1`,
	} {
		if !strings.Contains(text, line+"\n") {
			t.Errorf("the metrics lack %q", line)
		}
	}
	for _, secret := range []string{"alice", token, "nowhere", "Elsewhere"} {
		if strings.Contains(text, secret) {
			t.Errorf("the metrics contain %q", secret)
		}
	}
	if t.Failed() {
		t.Log(text)
	}
	for path, want := range map[string]int{"/healthz": 200, "/readyz": 200, "/debug/pprof/": 404, "/graphql": 404} {
		if status, _ := scrape(t, p, path); status != want {
			t.Errorf("%s of adminListen answers %d, not %d", path, status, want)
		}
	}
}

// Tableau that is away shows as a gauge, which is what alerts look at.
func TestTableauThatIsAwayShowsInTheMetrics(t *testing.T) {
	t.Parallel()
	p := withMetrics(t)
	token := p.Token(t, "alice")
	p.Post(t, token, `{ site { workbooks { totalCount } } }`)
	p.Tableau.Fault(tableausim.Fault{Kind: tableausim.Away, Match: func(*http.Request) bool { return true }})
	p.Post(t, token, `{ site { workbooks { totalCount } } }`)
	_, text := scrape(t, p, "/metrics")
	for _, line := range []string{`vitrine_tableau_available{site="(default)"} 0`, `vitrine_graphql_requests_with_error_total{code="TABLEAU_UNAVAILABLE"} 1`} {
		if !strings.Contains(text, line+"\n") {
			t.Errorf("the metrics lack %q", line)
		}
	}
}

func TestProfilesAreServedWhereTheyAreAskedFor(t *testing.T) {
	t.Parallel()
	p := start(t, tableausim.Config{}, func(c *config.Config) { c.AdminListen, c.DangerouslyServeProfiles = "127.0.0.1:0", true })
	for _, path := range []string{"/debug/pprof/", "/debug/pprof/goroutine?debug=1", "/debug/pprof/cmdline"} {
		if status, _ := scrape(t, p, path); status != http.StatusOK {
			t.Errorf("%s answers %d", path, status)
		}
	}
}

// metricName is a metric of this server in a query of Prometheus.
var metricName = regexp.MustCompile(`\bvitrine_[a-z_]+`)

// The dashboard, the alerts and the page about metrics name metrics that exist, and the page names
// all of them.
func TestMetricsThatDocumentsNameExist(t *testing.T) {
	t.Parallel()
	p := withMetrics(t)
	token := p.Token(t, "alice")
	p.Post(t, token, `query Home { site { workbooks(first: 3) { nodes { name } } } }`)
	_, text := scrape(t, p, "/metrics")
	exist := map[string]bool{"vitrine_shared_store_up": true} // without a shared store there is none
	for line := range strings.Lines(text) {
		if name, ok := strings.CutPrefix(line, "# TYPE "); ok && strings.HasPrefix(name, "vitrine_") {
			exist[strings.Fields(name)[0]] = true
		}
	}
	documented := map[string]bool{}
	for _, file := range []string{"metrics.md", "grafana-dashboard.json", "prometheus-alerts.yaml"} {
		data := []byte(harness.ReadFile(t, filepath.Join("..", "..", "docs", "operators", file)))
		if strings.HasSuffix(file, ".json") && !json.Valid(data) {
			t.Errorf("%s is not JSON", file)
		}
		for _, name := range metricName.FindAllString(string(data), -1) {
			base := name
			for _, suffix := range []string{"_bucket", "_count", "_sum"} {
				if cut := strings.TrimSuffix(name, suffix); exist[cut] {
					base = cut
				}
			}
			if !exist[base] {
				t.Errorf("%s names %s, which does not exist", file, name)
			}
			if file == "metrics.md" {
				documented[base] = true
			}
		}
	}
	for _, name := range slices.Sorted(maps.Keys(exist)) {
		if !documented[name] {
			t.Errorf("metrics.md does not document %s", name)
		}
	}
	alerts, err := os.ReadFile(filepath.Join("..", "..", "docs", "operators", "prometheus-alerts.yaml"))
	if err != nil {
		t.Fatal(err)
	}
	page := harness.ReadFile(t, filepath.Join("..", "..", "docs", "operators", "metrics.md"))
	for _, m := range regexp.MustCompile(`(?m)^\s+- alert: (\w+)$`).FindAllSubmatch(alerts, -1) {
		if !strings.Contains(page, "### "+string(m[1])+"\n") {
			t.Errorf("metrics.md has no section for the alert %s", m[1])
		}
		if !bytes.Contains(alerts, []byte("metrics.md#"+strings.ToLower(string(m[1])))) {
			t.Errorf("the alert %s does not link its section of metrics.md", m[1])
		}
	}
}
