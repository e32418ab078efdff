package program

import (
	"encoding/json"
	"io"
	"log/slog"
	"net/http"
	"net/url"
	"regexp"
	"strings"
	"testing"

	"vitrine/internal/config"
	"vitrine/internal/standin"
	"vitrine/internal/tableausim"
	"vitrine/internal/telemetry"
	"vitrine/test/harness"
)

// startLogging runs the program with the log that operators have.
func startLogging(t *testing.T, change func(*config.Config)) *program {
	t.Helper()
	stand, err := standin.Start("127.0.0.1:0", "127.0.0.1:0", tableausim.Config{})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(stand.Close)
	return serveLogging(t, stand, change, func(w io.Writer) *slog.Logger {
		logger, err := telemetry.NewLogger(w, "json", slog.LevelDebug)
		if err != nil {
			t.Fatal(err)
		}
		return logger
	})
}

// events are those of the log that begin with a message; all lines have to be JSON.
func (p *program) events(t *testing.T, message string) (found []map[string]any) {
	t.Helper()
	for line := range strings.Lines(p.Log.String()) {
		var e map[string]any
		if err := json.Unmarshal([]byte(line), &e); err != nil {
			t.Fatalf("the log is not JSON: %s", line)
		}
		if text, _ := e["msg"].(string); strings.HasPrefix(text, message) {
			found = append(found, e)
		}
	}
	return found
}

// event is that of one request.
func (p *program) event(t *testing.T, of *harness.Answer) map[string]any {
	t.Helper()
	for _, e := range p.events(t, "request") {
		if e["requestId"] == of.Header.Get("X-Request-Id") {
			return e
		}
	}
	t.Fatalf("there is no event of %s", of.Header.Get("X-Request-Id"))
	return nil
}

func TestEventsTellWhoAskedAndWhatFailed(t *testing.T) {
	t.Parallel()
	for _, names := range []bool{true, false} {
		p := startLogging(t, func(c *config.Config) { c.Log.UserNames = names })
		r := p.request(t, http.MethodGet, "/graphql?query="+url.QueryEscape(`query Q { site(contentUrl: "") { me { name } } other: site(contentUrl: "marketing") { name } }`), p.Token(t, "alice"), "")
		r.Header.Set("User-Agent", "portal/1.2")
		r.Header.Set("X-Request-Id", "0b9e3c1e-4f54-4d0c-8a53-bb0f9f6ad7a1")
		r.Header.Set("Traceparent", "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01")
		got := harness.Send(t, r)
		e := p.event(t, got)
		want := map[string]any{
			"requestId": "0b9e3c1e-4f54-4d0c-8a53-bb0f9f6ad7a1", "userAgent": "portal/1.2", "traceId": "4bf92f3577b34da6a3ce929d0e0e4736",
			"parentSpanId": "00f067aa0ba902b7", "user": "alice", "operation": "Q", "level": "INFO", "status": 200.0, "clientId": "vitrine-dev",
		}
		if !names {
			want["user"] = nil
		}
		for key, value := range want {
			if e[key] != value {
				t.Errorf("%s is %v, want %v: %v", key, e[key], value, e)
			}
		}
		if sites, _ := json.Marshal(e["sites"]); string(sites) != `["","marketing"]` {
			t.Errorf("sites are %s", sites)
		}
		if _, ok := e["tableauWaitedMs"].(float64); !ok {
			t.Errorf("tableauWaitedMs is %v", e["tableauWaitedMs"])
		}
	}
}

// While Tableau is away the log says so: once when it goes, once when it is back, and each failed
// request is a warning with its codes.
func TestOutagesOfTableauAreLogged(t *testing.T) {
	t.Parallel()
	p := startLogging(t, nil)
	token := p.Token(t, "alice")
	if got := p.Post(t, token, harness.WorkbookNames); got.Codes() != "" {
		t.Fatal(got.Body)
	}
	off := p.Tableau.Fault(tableausim.Fault{Kind: tableausim.Away, Match: func(*http.Request) bool { return true }})
	var failed *harness.Answer
	for range 3 {
		failed = p.Post(t, token, harness.WorkbookNames)
	}
	off()
	for p.Post(t, token, harness.WorkbookNames).Codes() != "" { // Retry-After is heeded
	}
	down, up := p.events(t, "Tableau unavailable since"), p.events(t, "Tableau available again")
	if len(down) != 1 || len(up) != 1 || down[0]["level"] != "WARN" || down[0]["site"] != "" || up[0]["since"] != down[0]["since"] || up[0]["unavailableMs"] == nil {
		t.Errorf("events %v, then %v", down, up)
	}
	e := p.event(t, failed)
	errs, _ := e["errors"].([]any)
	if e["level"] != "WARN" || len(errs) == 0 {
		t.Fatalf("%s: %v", failed.Body, e)
	}
	first, _ := errs[0].(map[string]any)
	if first["code"] != "TABLEAU_UNAVAILABLE" || first["path"] != "site.workbooks" || first["reason"] == "" {
		t.Errorf("the error is %v", first)
	}
}

func TestErrorsCarryTableausNumbers(t *testing.T) {
	t.Parallel()
	p := startLogging(t, nil)
	token := p.Token(t, "alice")
	p.Post(t, token, harness.WorkbookNames)
	defer p.Tableau.Fault(tableausim.Fault{Kind: tableausim.ServerError, Match: reads})()
	e := p.event(t, p.Post(t, token, harness.WorkbookNames))
	if text, _ := json.Marshal(e["errors"]); !regexp.MustCompile(`"tableau":"\d{6}"`).Match(text) {
		t.Errorf("errors are %s", text)
	}
}

// Whatever is refused, wherever: refused is a list of objects with a code.
func TestRefusalsHaveOneForm(t *testing.T) {
	t.Parallel()
	p := startLogging(t, func(c *config.Config) { c.CORS.Origins = []string{"https://portal.example.com"} })
	token := p.Token(t, "alice")
	for path, token := range map[string]string{
		"/graphql?query={nothing}": token, "/graphql?query={": token, "/graphql": token, "/graphql?query={viewer{username}}": "broken", "/schema.graphql": "", "/content/x": "",
	} {
		got := harness.Send(t, p.request(t, http.MethodGet, path, token, ""))
		list, _ := p.event(t, got)["refused"].([]any)
		if len(list) == 0 {
			t.Errorf("%s: %d, refused is %v", path, got.Status, p.event(t, got)["refused"])
			continue
		}
		if first, _ := list[0].(map[string]any); first["code"] == nil || first["code"] == "" {
			t.Errorf("%s: refused is %v", path, list)
		}
	}
	// Answers that a browser keeps from a page of another origin.
	for origin, reason := range map[string]string{"https://evil.example": "cors.origins does not list the origin", "https://portal.example.com": "", p.Address: "", "null": "cors.origins does not list the origin"} {
		r := p.request(t, http.MethodGet, "/graphql?query={viewer{username}}", token, "")
		r.Header.Set("Origin", origin)
		e := p.event(t, harness.Send(t, r))
		if got, _ := e["corsReason"].(string); got != reason || reason != "" && e["corsRefused"] != origin {
			t.Errorf("%s: %v, %v", origin, e["corsRefused"], got)
		}
	}
	r := p.request(t, http.MethodOptions, "/graphql", "", "")
	r.Header.Set("Origin", "https://portal.example.com")
	r.Header.Set("Access-Control-Request-Method", "POST")
	r.Header.Set("Access-Control-Request-Headers", "x-other")
	if e := p.event(t, harness.Send(t, r)); e["corsHeaders"] != "x-other" || !strings.Contains(e["corsReason"].(string), "the preflight") {
		t.Errorf("%v", e)
	}
}

func TestStartIsLogged(t *testing.T) {
	t.Parallel()
	p := startLogging(t, nil)
	harness.Send(t, p.request(t, http.MethodGet, "/healthz", "", ""))
	got := p.events(t, "started")
	if len(got) != 1 {
		t.Fatalf("%d events", len(got))
	}
	for _, key := range []string{"version", "commit", "listen", "publicURL", "tls", "connections", "tableau", "sites", "signInMethods", "issuers", "roles", "sharedStore"} {
		if got[0][key] == nil {
			t.Errorf("%s is missing: %v", key, got[0])
		}
	}
	if warned := p.events(t, "the limit of open files"); len(warned) > 0 && got[0]["connections"].(float64) >= 500 {
		t.Errorf("nothing is wrong, but: %v", warned)
	}
}
