package program

import (
	"net/http"
	"regexp"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"vitrine/internal/config"
	"vitrine/internal/tableausim"
	"vitrine/test/harness"
)

// tracedProgram runs the program with a collector, and notes the traceparent of each request to
// Tableau.
func tracedProgram(t *testing.T, change func(*config.Config)) (p *program, c *harness.Collector, parents func() []string) {
	t.Helper()
	c = harness.NewCollector(t)
	p = start(t, tableausim.Config{}, func(s *config.Config) {
		s.Traces = config.Traces{
			Endpoint: c.URL, Headers: map[string]config.Secret{"Api-Key": "marked-key"}, Timeout: time.Minute, Sampler: config.SamplerParentAlwaysOn, Gzip: false,
			Resource: map[string]string{"service.name": "facade"},
		}
		s.Metrics.Operations, s.AdminListen = []string{"Find"}, "127.0.0.1:0"
		if change != nil {
			change(s)
		}
	})
	var mu sync.Mutex
	var seen []string
	p.Tableau.Fault(tableausim.Fault{Match: func(r *http.Request) bool {
		mu.Lock()
		defer mu.Unlock()
		seen = append(seen, r.Header.Get("Traceparent"))
		return false
	}})
	return p, c, func() []string {
		mu.Lock()
		defer mu.Unlock()
		return slices.Clone(seen)
	}
}

const (
	callerTrace  = "4bf92f3577b34da6a3ce929d0e0e4736"
	callerParent = "00-" + callerTrace + "-00f067aa0ba902b7-"
)

// ask sends a query with a variable, an operation name and a trace of the client.
func (p *program) askTraced(t *testing.T, name, sampled string) *harness.Answer {
	t.Helper()
	r := p.request(t, http.MethodPost, "/graphql", p.Token(t, "alice"),
		`{"query":"query `+name+`($name: String!) { site(contentUrl: \"marketing\") { workbooks(filter: {name: {eq: $name}}) { totalCount } } }","variables":{"name":"marked-variable"}}`)
	r.Header.Set("Traceparent", callerParent+sampled)
	r.Header.Set("Tracestate", "vendor=marked-state")
	r.Header.Set("Baggage", "user=marked-baggage")
	got := harness.Send(t, r)
	if got.Codes() != "" {
		t.Fatal(got.Body)
	}
	return got
}

var anyLUID = regexp.MustCompile(`[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-`)

// TestTracesTellWhatWasAskedOfTableau covers operations, sign-ins, content links and refusals, and
// looks for secrets and values in each byte that is exported.
func TestTracesTellWhatWasAskedOfTableau(t *testing.T) {
	t.Parallel()
	p, c, parents := tracedProgram(t, nil)
	p.askTraced(t, "Find", "01")
	p.askTraced(t, "MarkedName", "01")
	link := p.link(t, "alice", "image(size: {width: 300, height: 200})")
	p.fetch(t, link)
	p.fetch(t, p.Address+"/content/nonsense")
	p.Post(t, "", "{ viewer { username } }")
	p.Post(t, p.Token(t, "alice"), "{ marked }")
	p.Halt() // exports what waits

	finds := c.Named("query Find")
	if len(finds) != 1 {
		t.Fatalf("spans: %+v", c.Spans())
	}
	find := finds[0]
	if find.Kind != "SERVER" || find.ParentID != "" || find.TraceID == callerTrace || !slices.Equal(find.Links, []string{callerTrace + "-00f067aa0ba902b7"}) ||
		find.Attributes["http.response.status_code"] != 200 || find.Attributes["graphql.operation.name"] != "Find" || find.Attributes["vitrine.tableau.calls"] != 1 ||
		find.Resource["service.name"] != "facade" || find.Failed {
		t.Errorf("the span of the operation: %+v", find)
	}
	var calls []string
	for _, s := range c.Spans() {
		if s.TraceID == find.TraceID && s.Kind == "CLIENT" {
			calls = append(calls, s.Name)
			if s.ParentID != find.SpanID || !slices.Contains(parents(), "00-"+s.TraceID+"-"+s.SpanID+"-01") {
				t.Errorf("%s is not part of the trace, or Tableau got another: %+v", s.Name, s)
			}
		}
	}
	for _, want := range []string{"POST auth/signin", "GET sites/{site}/users", "POST auth/signin (impersonate)", "GET sites/{site}/workbooks"} {
		if !slices.Contains(calls, want) {
			t.Errorf("there is no span of %s: %v", want, calls)
		}
	}
	// Two further queries by name of an alias and the link, one that is invalid; none of those who
	// are not known.
	if others, invalid, fetched := c.Named("query"), c.Named("graphql"), c.Named("content"); len(others) != 2 || len(invalid) != 1 || len(fetched) != 1 ||
		invalid[0].Attributes["vitrine.error.codes"] != "GRAPHQL_VALIDATION_FAILED" || fetched[0].Attributes["http.response.status_code"] != 200 {
		t.Errorf("other spans: %+v, %+v, %+v", others, invalid, fetched)
	}
	if line := "traceId=" + find.TraceID; !strings.Contains(p.Log.String(), line+" spanId="+find.SpanID) || !strings.Contains(p.Log.String(), "callerTraceId="+callerTrace) {
		t.Errorf("the log has no %s", line)
	}
	if c.Header().Get("Api-Key") != "marked-key" {
		t.Errorf("the collector got the header %v", c.Header())
	}
	for _, secret := range []string{"alice", "admin", "marked-", "MarkedName", "eyJ", "totalCount", "nonsense", strings.TrimPrefix(link, p.Address+"/content/"), p.Address} {
		if strings.Contains(c.Bytes(), secret) {
			t.Errorf("the spans have %q", secret)
		}
	}
	if found := anyLUID.FindString(c.Bytes()); found != "" {
		t.Errorf("the spans have the id %q", found)
	}
	if strings.Contains(p.Log.String(), "marked-key") {
		t.Error("the log has a header of the exporter")
	}
}

// TestTrustedClientsDecideAboutTraces has a client whose trace is continued, and one that does not
// sample.
func TestTrustedClientsDecideAboutTraces(t *testing.T) {
	t.Parallel()
	p, c, parents := tracedProgram(t, func(s *config.Config) { s.Traces.TrustIncoming = true })
	p.askTraced(t, "Find", "01")
	first := len(parents())
	p.askTraced(t, "Find", "00")
	later := parents()[first:]
	p.Halt()
	finds := c.Named("query Find")
	if len(finds) != 1 || finds[0].TraceID != callerTrace || finds[0].ParentID != "00f067aa0ba902b7" || len(finds[0].Links) != 0 {
		t.Errorf("spans: %+v", finds)
	}
	if len(later) != 1 || !strings.HasPrefix(later[0], "00-"+callerTrace+"-") || !strings.HasSuffix(later[0], "-00") {
		t.Errorf("Tableau got %q", later)
	}
	if !strings.Contains(p.Log.String(), "parentSpanId=00f067aa0ba902b7") {
		t.Error("the log has no span of the client")
	}
}

// TestCollectorThatIsDownFailsNothing counts and logs the spans that are lost.
func TestCollectorThatIsDownFailsNothing(t *testing.T) {
	t.Parallel()
	p, c, _ := tracedProgram(t, nil)
	c.Status.Store(http.StatusForbidden)
	p.askTraced(t, "Find", "01")
	p.Halt()
	_, metrics := scrape(t, p, "/metrics")
	for _, line := range []string{"vitrine_trace_spans_exported_total 0\n", "vitrine_trace_spans_failed_total "} {
		if !strings.Contains(metrics, line) || strings.Contains(metrics, "vitrine_trace_spans_failed_total 0\n") {
			t.Errorf("the metrics lack %q", line)
		}
	}
	if log := p.Log.String(); !strings.Contains(log, "spans cannot be exported") || !strings.Contains(log, "403") {
		t.Error("the log does not say so")
	}
}
