package tableausim_test

import (
	"io"
	"net/http"
	"regexp"
	"strings"
	"testing"

	"vitrine/internal/tableausim"
)

// asWritten sends a request as some client writes it, header by header, and gives status, media
// type and body.
func asWritten(t *testing.T, method, address, body string, header map[string]string) (int, string, string) {
	t.Helper()
	req, err := http.NewRequestWithContext(t.Context(), method, address, strings.NewReader(body))
	if err != nil {
		t.Fatal(err)
	}
	for name, value := range header {
		req.Header.Set(name, value)
	}
	res, err := http.DefaultClient.Do(req)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = res.Body.Close() }()
	b, err := io.ReadAll(res.Body)
	if err != nil {
		t.Fatal(err)
	}
	return res.StatusCode, res.Header.Get("Content-Type"), string(b)
}

// Clients sign in with and without a Content-Type, in an old version, and go on from there.
func TestSignInAsClientsWriteIt(t *testing.T) {
	t.Parallel()
	c := start(t, tableausim.Config{})
	base := strings.TrimSuffix(c.base, "3.27")
	const (
		asXML  = `<tsRequest><credentials name="alice" password="alice"><site contentUrl="" /></credentials></tsRequest>`
		asJSON = `{"credentials":{"name":"alice","password":"alice","site":{"contentUrl":""}}}`
	)
	for _, tt := range []struct{ name, version, body, contentType, accept, answer string }{
		{"Python: XML that is called so", "2.4", asXML, "text/xml", "", "application/xml"},
		{"XML, nothing said", "3.27", asXML, "", "", "application/xml"},
		{"XML for an answer in JSON", "3.27", asXML, "application/xml", "application/json", "application/json"},
		{"TypeScript: JSON", "3.24", asJSON, "application/json", "application/json, text/plain, */*", "application/json"},
		{"JSON, nothing accepted", "3.27", asJSON, "application/json;charset=utf-8", "", "application/json"},
		{"XML called a form, as curl sends it", "3.27", asXML, "application/x-www-form-urlencoded", "*/*", "application/xml"},
	} {
		header := map[string]string{}
		if tt.contentType != "" {
			header["Content-Type"] = tt.contentType
		}
		if tt.accept != "" {
			header["Accept"] = tt.accept
		}
		status, media, body := asWritten(t, http.MethodPost, base+tt.version+"/auth/signin", tt.body, header)
		if status != http.StatusOK || !strings.HasPrefix(media, tt.answer) || !strings.Contains(body, "token") {
			t.Errorf("%s: %d %s %s", tt.name, status, media, body)
		}
	}
}

// Lists are asked for with everything encoded, or nothing; with plus for a space; with a filter
// that is empty; with both page parameters each time.
func TestListsAsClientsAskForThem(t *testing.T) {
	t.Parallel()
	c := start(t, tableausim.Config{})
	alice := c.user("alice", "")
	site := c.base + "/sites/" + alice.siteID + "/"
	for _, tt := range []struct{ query, want string }{
		{"workbooks?filter=", `totalAvailable`},
		{"workbooks?filter=&sort=&fields=&pageNumber=1&pageSize=100", `totalAvailable`},
		{"workbooks?pageNumber=1&pageSize=100&filter=name%3Aeq%3ARegional+Sales", `name="Regional Sales"`},
		{"workbooks?filter=name:eq:Regional%20Sales&pageNumber=1&pageSize=100", `name="Regional Sales"`},
		{"workbooks?filter=name:in:[Regional+Sales,Superstore]&pageSize=1000&pageNumber=1&sort=name:asc", `name="Superstore"`},
		{"views?includeUsageStatistics=false&pageNumber=1&pageSize=100&fields=_default_", `<view `},
		{"projects?pageNumber=1&pageSize=100&fields=_all_", `contentsCounts`},
	} {
		status, _, body := asWritten(t, http.MethodGet, site+tt.query, "", map[string]string{"X-Tableau-Auth": alice.token})
		if status != http.StatusOK || !strings.Contains(body, tt.want) {
			t.Errorf("%s: %d %.300s", tt.query, status, body)
		}
	}
}

// Pictures come whatever is accepted, also where a client says JSON for all that it asks.
func TestPicturesComeWhateverIsAccepted(t *testing.T) {
	t.Parallel()
	c := start(t, tableausim.Config{})
	alice := c.user("alice", "")
	address := c.base + "/sites/" + alice.siteID + "/views/" + c.sim.ViewID("", "Superstore/sheets/Overview") + "/image"
	for _, accept := range []string{"", "*/*", "application/json", "application/json, text/plain, */*", "image/png", "application/xml"} {
		header := map[string]string{"X-Tableau-Auth": alice.token}
		if accept != "" {
			header["Accept"] = accept
		}
		if status, media, _ := asWritten(t, http.MethodGet, address, "", header); status != http.StatusOK || media != "image/png" {
			t.Errorf("%q: %d %s", accept, status, media)
		}
	}
}

// clientHeaders are the headers that each client sends with a read. The token comes in a header
// whose case each client chooses.
var clientHeaders = map[string]struct {
	token  string
	header map[string]string
	json   bool
}{
	"Tableau Server Client": {"x-tableau-auth", map[string]string{"Accept": "*/*", "Accept-Encoding": "gzip, deflate", "User-Agent": "Tableau Server Client/0.38"}, false},
	"tableau_tools":         {"X-tableau-auth", map[string]string{"Accept": "*/*", "Accept-Encoding": "gzip, deflate", "User-Agent": "python-requests/2.32"}, false},
	"tabcmd":                {"x-tableau-auth", map[string]string{"Accept": "*/*", "User-Agent": "tabcmd/2"}, false},
	"tableau-api-lib":       {"X-Tableau-Auth", map[string]string{"Accept": "application/json", "Content-Type": "application/json"}, true},
	"Terraform":             {"X-Tableau-Auth", map[string]string{"Accept": "application/json", "Content-Type": "application/json"}, true},
	"tableau-mcp":           {"X-Tableau-Auth", map[string]string{"Accept": "application/json, text/plain, */*", "Content-Type": "application/json"}, true},
	"curl":                  {"X-Tableau-Auth", map[string]string{"Accept": "*/*"}, false},
	"nothing said":          {"X-TABLEAU-AUTH", map[string]string{}, false},
}

// TestReadsOfOtherClients plays what other clients ask (their paths, parameters and headers) and
// looks for one thing in each answer: without a code a member of the list, with one Tableau's
// error. {user}, {site}, {view} and the like are LUIDs of the demo.
func TestReadsOfOtherClients(t *testing.T) {
	t.Parallel()
	sim := start(t, tableausim.Config{APIVersion: "3.27"})
	admin := sim.user("admin", "")
	root := strings.TrimSuffix(sim.base, "3.27")
	first := func(path, container, item string) string {
		return admin.get(path).items(container, item)[0]["id"].(string)
	}
	fill := strings.NewReplacer(
		"{site}", admin.siteID, "{user}", admin.userID, "{view}", sim.sim.ViewID("", "Superstore/sheets/Overview"),
		"{workbook}", first("workbooks", "workbooks", "workbook"), "{source}", first("datasources", "datasources", "datasource"),
		"{project}", first("projects", "projects", "project"), "{flow}", first("flows", "flows", "flow"), "{group}", first("groups", "groups", "group"),
		"{job}", first("jobs", "backgroundJobs", "backgroundJob"), "{custom}", first("customviews", "customViews", "customView"),
		"{alice}", sim.sim.UserID("", "alice"),
	)
	for client, as := range clientHeaders {
		for _, tt := range foreignReads {
			header := map[string]string{as.token: admin.token}
			for name, value := range as.header {
				header[name] = value
			}
			delete(header, "Accept-Encoding") // the transport asks for gzip itself, and reads it
			status, media, body := asWritten(t, http.MethodGet, root+fill.Replace(tt.path), "", header)
			code := ""
			if found := regexp.MustCompile(`"?code"?[:=]"([0-9]+)"`).FindStringSubmatch(body); found != nil {
				code = found[1]
			}
			wantStatus := http.StatusOK
			if tt.code != "" {
				wantStatus = int(tt.code[0]-'0')*100 + int(tt.code[1]-'0')*10 + int(tt.code[2]-'0')
			}
			isJSON := strings.HasPrefix(media, "application/json")
			if status != wantStatus || code != tt.code || isJSON != as.json && !strings.Contains(tt.path, "/image") || !strings.Contains(body, tt.has) {
				t.Errorf("%s: %s\n%d %s %s, want %d %s, with %q: %.300s", client, tt.path, status, media, code, wantStatus, tt.code, tt.has, body)
			}
		}
	}
}

// foreignReads are reads of the clients above, by what is particular in them.
var foreignReads = []struct{ path, has, code string }{
	// Before sign-in: any version, both spellings.
	{"2.4/serverInfo", "restApiVersion", ""},
	{"3.6/serverinfo", "3.27", ""},
	{"3.24/serverinfo", "productVersion", ""},
	{"3.27/serverInfo?format=json", "productVersion", ""},
	// Versions that the server does not have, and one that is no version.
	{"3.28/serverinfo", "3.28", "404001"},
	{"4.0/sites/{site}/workbooks", "4.0", "404001"},
	{"v3/sites/{site}/workbooks", "v3", "404001"},
	{"3/sites/{site}/workbooks", "", "404001"},
	{"1.9/sites/{site}/workbooks", "", "404003"},
	// Old versions.
	{"2.8/sites/{site}/workbooks?pageSize=1000&pageNumber=1", "Superstore", ""},
	{"3.4/sites/{site}/users?pageNumber=1&pageSize=100", "alice", ""},
	{"3.14/sites/{site}/datasources", "datasource", ""},
	// Pages: both parameters, one of them, the last one, one too many.
	{"3.27/sites/{site}/workbooks?pageSize=1000&pageNumber=1", "totalAvailable", ""},
	{"3.27/sites/{site}/views?pageNumber=2&pageSize=100", "pageNumber", ""},
	{"3.27/sites/{site}/users?pageSize=1001&pageNumber=1", "1001", "403014"},
	{"3.27/sites/{site}/users?pageSize=0", "", "400007"},
	{"3.27/sites/{site}/users?pageSize=1e3", "", "400007"},
	{"3.27/sites/{site}/users?pageNumber=0", "", "400006"},
	{"3.27/sites/{site}/users?pageNumber=999", "", "400006"},
	{"3.27/sites/{site}/groups/{group}/users?pageSize=1000&pageNumber=1", "users", ""},
	// Filters: plain, encoded, several, lists, dates, spaces written in two ways.
	{"3.27/sites/{site}/workbooks?filter=name:eq:Regional%20Sales", "Regional Sales", ""},
	{"3.27/sites/{site}/workbooks?filter=name:eq:Regional+Sales&pageSize=1", "Regional Sales", ""},
	{"3.27/sites/{site}/workbooks?filter=name%3Aeq%3ARegional%20Sales", "Regional Sales", ""},
	{"3.27/sites/{site}/workbooks?filter=name%3Ain%3A%5BRegional+Sales%2CSuperstore%5D&pageNumber=1&pageSize=100", "Superstore", ""},
	{"3.27/sites/{site}/workbooks?filter=name:in:[Superstore,Regional%20Sales],createdAt:gt:2000-01-01T00:00:00Z", "Superstore", ""},
	{"3.27/sites/{site}/workbooks?filter=createdAt%3Agt%3A2000-01-01T00%3A00%3A00Z%2Cname%3Aeq%3ASuperstore", "Superstore", ""},
	{"3.27/sites/{site}/users?filter=name:eq:alice,siteRole:in:[Explorer,Creator,Viewer,SiteAdministratorCreator,ExplorerCanPublish]", "users", ""},
	{"3.27/sites/{site}/users?filter=name:cieq:ALICE", "alice", ""},
	{"3.27/sites/{site}/projects?filter=topLevelProject:eq:true", "project", ""},
	{"3.27/sites/{site}/jobs?filter=jobType:eq:refresh_extracts&sort=createdAt:desc&pageSize=10&pageNumber=1", "refresh_extracts", ""},
	{"3.27/sites/{site}/workbooks?filter=Name:eq:Superstore", "", "400065"},
	{"3.27/sites/{site}/workbooks?filter=name:EQ:Superstore", "", "400065"},
	{"3.27/sites/{site}/workbooks?filter=name:like:Super*", "", "400065"},
	{"3.27/sites/{site}/workbooks?filter=projectId:eq:{project}", "", "400065"},
	{"3.27/sites/{site}/workbooks?filter=name=Superstore", "", "400065"},
	{"3.27/sites/{site}/workbooks?filter=createdAt:gt:yesterday", "", "400065"},
	// Sort: one, several, encoded, without a direction, by what is no field.
	{"3.27/sites/{site}/workbooks?sort=name:asc", "Superstore", ""},
	{"3.27/sites/{site}/workbooks?sort=projectName:asc,name:desc", "Superstore", ""},
	{"3.27/sites/{site}/workbooks?sort=createdAt%3Adesc%2Cname%3Aasc&filter=name:eq:Superstore", "Superstore", ""},
	{"3.27/sites/{site}/workbooks?sort=name", "", "400066"},
	{"3.27/sites/{site}/workbooks?sort=name:ASC", "", "400066"},
	{"3.27/sites/{site}/workbooks?sort=flavor:asc", "flavor", "400066"},
	{"3.27/sites/{site}/jobs?sort=name:desc", "no field", "400066"},
	{"3.27/sites/{site}/datasources?sort=contentUrl:asc", "contentUrl", "400066"},
	// Fields.
	{"3.27/sites/{site}/users?fields=_all_&pageSize=1000", "fullName", ""},
	{"3.27/sites/{site}/users?fields=_all_&filter=name:eq:alice", "language", ""},
	{"3.27/sites/{site}/users?fields=user.id,user.name", "alice", ""},
	{"3.27/sites/{site}/views?fields=_default_,sheetType,usage,workbook.name", "sheetType", ""},
	{"3.27/sites/{site}/views?fields=view.id,view.name,workbook.id%2Cworkbook.name", "workbook", ""},
	{"3.27/sites/{site}/workbooks?fields=_default_,owner.fullName", "fullName", ""},
	{"3.27/sites/{site}/workbooks?fields=_all", "_all", "400000"},
	{"3.27/sites/{site}/workbooks?fields=name,_default_", "_default_", "400000"},
	// One thing, and what belongs to it.
	{"3.27/sites/{site}", "contentUrl", ""},
	{"3.27/sites/{site}?includeUsage=true", "usage", ""},
	{"3.27/sites/{site}/users/{alice}", "alice", ""},
	{"3.27/sites/{site}/users/{user}/workbooks?ownedBy=true&pageSize=100", "workbooks", ""},
	{"3.27/sites/{site}/users/{user}/groups", "groups", ""},
	{"3.27/sites/{site}/workbooks/{workbook}", "view", ""},
	{"3.27/sites/{site}/workbooks/{workbook}/views?includeUsageStatistics=true", "totalViewCount", ""},
	{"3.27/sites/{site}/workbooks/{workbook}/connections", "connection", ""},
	{"3.27/sites/{site}/workbooks/{workbook}/permissions", "granteeCapabilities", ""},
	{"3.27/sites/{site}/workbooks/{workbook}/revisions?pageSize=2", "revision", ""},
	{"3.27/sites/{site}/datasources/{source}", "contentUrl", ""},
	{"3.27/sites/{site}/datasources/{source}/connections", "connection", ""},
	{"3.27/sites/{site}/projects/{project}/permissions", "permissions", ""},
	{"3.27/sites/{site}/projects/{project}/default-permissions/workbooks", "permissions", ""},
	{"3.27/sites/{site}/flows/{flow}/connections", "connections", ""},
	{"3.27/sites/{site}/jobs/{job}", "type", ""},
	{"3.27/sites/{site}/favorites/{user}?pageSize=100&pageNumber=1", "favorites", ""},
	{"3.27/sites/{site}/customviews/{custom}", "owner", ""},
	{"3.27/sites/{site}/views/{view}/image?resolution=high&maxAge=1", "PNG", ""},
	{"3.27/sites/{site}/subscriptions?pageSize=100&pageNumber=1", "subscription", ""},
	{"3.27/sites/{site}/tasks/extractRefreshes", "extractRefresh", ""},
	{"3.27/schedules?pageSize=1000", "schedule", ""},
	{"3.27/sites/{site}/webhooks", "webhook", ""},
	{"3.27/sites?pageSize=1000&pageNumber=1", "Marketing", ""},
	{"3.27/sessions/current", "user", ""},
	// What is not there.
	{"3.27/sites/{site}/workbooks/00000000-0000-4000-8000-000000000000", "", "404006"},
	{"3.27/sites/{site}/users/00000000-0000-4000-8000-000000000000", "", "404002"},
	{"3.27/sites/00000000-0000-4000-8000-000000000000/workbooks", "", "404000"},
	{"3.27/sites/{site}/nothing", "nothing", "404003"},
	{"3.27/auth/signin", "", "405000"},
}

// TestSignOutAsClientsWriteIt signs out once, twice and with a token that never was.
func TestSignOutAsClientsWriteIt(t *testing.T) {
	t.Parallel()
	sim := start(t, tableausim.Config{})
	for name, as := range clientHeaders {
		c := sim.user("alice", "")
		out := func(token string) (int, string) {
			header := map[string]string{as.token: token}
			for n, value := range as.header {
				if n != "Accept-Encoding" {
					header[n] = value
				}
			}
			status, _, body := asWritten(t, http.MethodPost, sim.base+"/auth/signout", "", header)
			return status, body
		}
		if status, body := out(c.token); status != http.StatusNoContent || body != "" {
			t.Errorf("%s: %d %q", name, status, body)
		}
		for _, token := range []string{c.token, "x|y|z"} {
			if status, body := out(token); status != http.StatusUnauthorized || !strings.Contains(body, "401002") {
				t.Errorf("%s, again: %d %s", name, status, body)
			}
		}
	}
}

// TestBodiesAreReadByTheirContentType: a JSON body without that header, or called a form, is
// malformed XML.
func TestBodiesAreReadByTheirContentType(t *testing.T) {
	t.Parallel()
	sim := start(t, tableausim.Config{})
	const (
		asXML  = `<tsRequest><credentials name="alice" password="alice"><site contentUrl="" /></credentials></tsRequest>`
		asJSON = `{"credentials":{"name":"alice","password":"alice","site":{"contentUrl":""}}}`
	)
	for _, tt := range []struct {
		contentType, body string
		status            int
	}{
		{"application/json", asJSON, 200},
		{"application/json; charset=UTF-8", "\ufeff " + asJSON, 200},
		{"Application/JSON", asJSON, 200},
		{"", asJSON, 400},
		{"application/x-www-form-urlencoded", asJSON, 400},
		{"text/plain", asJSON, 400},
		{"application/xml", asJSON, 400},
		{"application/xml", asXML, 200},
		{"text/xml; charset=utf-8", asXML, 200},
		{"", `<?xml version="1.0"?>` + "\n" + asXML, 200},
		{"application/x-www-form-urlencoded", asXML, 200},
		{"application/json", asXML, 400},
	} {
		header := map[string]string{}
		if tt.contentType != "" {
			header["Content-Type"] = tt.contentType
		}
		status, _, body := asWritten(t, http.MethodPost, sim.base+"/auth/signin", tt.body, header)
		if status != tt.status || tt.status == http.StatusBadRequest && !strings.Contains(body, "400000") {
			t.Errorf("%q with %.20s: %d %s", tt.contentType, tt.body, status, body)
		}
	}
}
