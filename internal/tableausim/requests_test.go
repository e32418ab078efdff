package tableausim_test

import (
	"net/http"
	"strings"
	"testing"
	"time"

	"vitrine/internal/tableausim"
)

func TestServerInfoNeedsNoSession(t *testing.T) {
	t.Parallel()
	c := start(t, tableausim.Config{APIVersion: "3.25"})
	base := strings.TrimSuffix(c.base, "3.25")
	for _, path := range []string{"2.4/serverInfo", "3.6/serverinfo", "3.25/serverInfo"} {
		c.base = base
		a := c.do(http.MethodGet, path, "")
		if a.text("serverInfo", "restApiVersion") != "3.25" || a.text("serverInfo", "productVersion", "value") != "2025.1.0" ||
			!strings.HasPrefix(a.text("serverInfo", "productVersion", "build"), "20251.") {
			t.Errorf("%s: %d %s", path, a.status, a.body)
		}
	}
}

func TestVersionInThePath(t *testing.T) {
	t.Parallel()
	c := start(t, tableausim.Config{APIVersion: "3.9"})
	alice := c.user("alice", "")
	base := strings.TrimSuffix(c.base, "3.9")
	view := c.sim.ViewID("", "Superstore/sheets/Overview")
	tests := []struct {
		version, path string
		status        int
		code          string
	}{
		{"2.4", "workbooks", 200, ""},
		{"3.0", "views/" + view, 200, ""},
		{"3.9", "workbooks", 200, ""},
		{"2.8", "views/" + view, 404, "404003"}, // by id only since 3.0
		{"2.3", "workbooks", 404, "404003"},
		{"3.10", "workbooks", 404, "404001"},
		{"4.0", "workbooks", 404, "404001"},
		{"new", "workbooks", 404, "404001"},
		{"3", "workbooks", 404, "404001"},
	}
	for _, tt := range tests {
		alice.base = base + tt.version
		if a := alice.get(tt.path); a.status != tt.status || a.code() != tt.code {
			t.Errorf("%s %s: got %d %s, want %d %s", tt.version, tt.path, a.status, a.code(), tt.status, tt.code)
		}
	}
}

func TestRefusedBeforeTheMethod(t *testing.T) {
	t.Parallel()
	c := start(t, tableausim.Config{})
	alice := c.user("alice", "")
	path := func(site, rest string) string { return "sites/" + site + "/" + rest }
	tests := []struct {
		name, method, path, token string
		status                    int
		code                      string
	}{
		{"no token", "GET", path(alice.siteID, "views"), "", 401, "401000"},
		{"unknown token", "GET", path(alice.siteID, "views"), "x|y|z", 401, "401002"},
		{"unknown site", "GET", path("11111111-2222-4333-8444-555555555555", "views"), alice.token, 404, "404000"},
		{"another site", "GET", path(c.sim.SiteID("marketing"), "views"), alice.token, 403, "403010"},
		{"unknown path", "GET", path(alice.siteID, "nonsense"), alice.token, 404, "404003"},
		{"one project, which has no GET", "GET", path(alice.siteID, "projects/x"), alice.token, 404, "404003"},
		{"wrong verb", "DELETE", path(alice.siteID, "views"), alice.token, 405, "405000"},
		{"a change", "POST", path(alice.siteID, "workbooks"), alice.token, 405, "405000"},
		{"sign-in by GET", "GET", "auth/signin", "", 405, "405000"},
	}
	for _, tt := range tests {
		x := *alice
		x.token = tt.token
		if a := x.do(tt.method, tt.path, ""); a.status != tt.status || a.code() != tt.code {
			t.Errorf("%s: got %d %s, want %d %s", tt.name, a.status, a.code(), tt.status, tt.code)
		}
	}
}

func TestFormOfTheAnswer(t *testing.T) {
	t.Parallel()
	alice := start(t, tableausim.Config{}).user("alice", "")
	const isXML, isJSON = "application/xml;charset=utf-8", "application/json;charset=utf-8"
	tests := []struct {
		name, accept, contentType, want string
		status                          int
	}{
		{"nothing said", "", "", isXML, 200},
		{"anything", "*/*", "", isXML, 200},
		{"JSON", "application/json", "", isJSON, 200},
		{"as browsers' libraries ask", "application/json, text/plain, */*", "", isJSON, 200},
		{"as browsers ask", "text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8", "", isXML, 200},
		{"text/xml", "text/xml", "", isXML, 200},
		{"weights", "application/xml;q=0.2, application/json;q=0.7", "", isJSON, 200},
		{"refused by weight", "application/json;q=0, application/xml", "", isXML, 200},
		{"Content-Type alone", "", "application/json", isJSON, 200},
		{"Content-Type and anything", "*/*", "application/json; charset=utf-8", isJSON, 200},
		{"Accept goes before Content-Type", "application/xml", "application/json", isXML, 200},
		{"neither", "text/plain", "", isXML, 406},
	}
	for _, tt := range tests {
		x := *alice
		x.accept = tt.accept
		x.headers = map[string]string{"Content-Type": tt.contentType}
		a := x.get("views", "pageSize", "1")
		if a.status != tt.status || a.header.Get("Content-Type") != tt.want {
			t.Errorf("%s: got %d %s, want %d %s", tt.name, a.status, a.header.Get("Content-Type"), tt.status, tt.want)
		}
		if a.header.Get("X-Tableau-Request-Id") == "" {
			t.Errorf("%s: no request id", tt.name)
		}
	}
}

func TestErrorsAreWrittenInBothForms(t *testing.T) {
	t.Parallel()
	c := start(t, tableausim.Config{})
	a := c.do(http.MethodGet, "sites", "")
	if a.text("error", "code") != "401000" || a.text("error", "summary") == "" || a.text("error", "detail") == "" {
		t.Errorf("JSON: %s", a.body)
	}
	c.accept = ""
	if a := c.do(http.MethodGet, "sites", ""); !strings.Contains(a.body, `<error code="401000"><summary>`) {
		t.Errorf("XML: %s", a.body)
	}
}

func TestSitesAreThoseOfThePerson(t *testing.T) {
	t.Parallel()
	c := start(t, tableausim.Config{})
	for name, want := range map[string]string{"admin": "Default Marketing Finance", "alice": "Default Marketing", "bob": "Default"} {
		if got := strings.Join(c.user(name, "").do(http.MethodGet, "sites", "").names("sites", "site"), " "); got != want {
			t.Errorf("%s: %q, want %q", name, got, want)
		}
	}
	alice := c.user("alice", "")
	a := alice.do(http.MethodGet, "sites?filter=id:eq:"+c.sim.SiteID("marketing"), "")
	if got := a.names("sites", "site"); len(got) != 1 || got[0] != "Marketing" {
		t.Errorf("filtered by id: %v", got)
	}
}

func TestQuerySite(t *testing.T) {
	t.Parallel()
	c := start(t, tableausim.Config{})
	carol := c.user("carol", "marketing")
	tests := []struct{ name, path, want string }{
		{"by id", c.sim.SiteID("marketing"), ""},
		{"by name", "Marketing?key=name", ""},
		{"by content URL", "marketing?key=contentUrl", ""},
		{"another site", "Finance?key=name", "403010"},
		{"no site", "Nowhere?key=name", "404000"},
		{"unknown key", "Marketing?key=flavor", "400008"},
	}
	for _, tt := range tests {
		a := carol.do(http.MethodGet, "sites/"+tt.path, "")
		if a.code() != tt.want || tt.want == "" && a.text("site", "name") != "Marketing" {
			t.Errorf("%s: %d %s", tt.name, a.status, a.body)
		}
	}
	if a := c.user("carol", "").do(http.MethodGet, "sites/?key=contentUrl", ""); a.text("site", "name") != "Default" {
		t.Errorf("default site by content URL: %s", a.body)
	}
	if a := carol.do(http.MethodGet, "sites/"+c.sim.SiteID("marketing")+"?includeUsage=true", ""); a.text("site", "usage", "numUsers") == "" {
		t.Errorf("no usage: %s", a.body)
	}
	alice := c.user("alice", "marketing")
	if a := alice.do(http.MethodGet, "sites/"+alice.siteID, ""); a.code() != "403004" {
		t.Errorf("alice: %d %s", a.status, a.body)
	}
}

func TestLatencyIsGivenUpWithTheRequest(t *testing.T) {
	t.Parallel()
	c := start(t, tableausim.Config{Latency: time.Hour})
	client := http.Client{Timeout: 20 * time.Millisecond} // real time: the answer never comes, however long it waits
	if res, err := client.Get(c.base + "/serverinfo"); err == nil {
		_ = res.Body.Close()
		t.Error("answered at once")
	}
}
