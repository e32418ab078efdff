package tableausim_test

import (
	"io"
	"net/http"
	"strings"
	"testing"

	"vitrine/internal/tableausim"
)

// asWritten sends a request as some client writes it, header by header, and gives status, media type and body.
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

// Lists are asked for with everything encoded, or nothing; with plus for a space; with a filter that is empty; with both page
// parameters each time.
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

// The documented address of recommendations has a slash before its parameters.
func TestRecommendationsWithAndWithoutASlash(t *testing.T) {
	t.Parallel()
	alice := start(t, tableausim.Config{}).user("alice", "")
	with := alice.do(http.MethodGet, "sites/"+alice.siteID+"/recommendations/?type=view", "")
	without := alice.do(http.MethodGet, "sites/"+alice.siteID+"/recommendations?type=view", "")
	if with.status != http.StatusOK || with.body != without.body || len(with.items("recommendations", "recommendation")) == 0 {
		t.Errorf("%d %d %s", with.status, without.status, with.body)
	}
	if other := alice.get("recommendations", "type", "workbook"); other.status != http.StatusBadRequest {
		t.Errorf("of workbooks: %d", other.status)
	}
}

// What somebody looked at is theirs, of what they still see, and comes in two kinds.
func TestRecentsAndPersonalSpace(t *testing.T) {
	t.Parallel()
	c := start(t, tableausim.Config{})
	lists := map[string]string{}
	for _, name := range []string{"alice", "bob", "carol"} {
		who := c.user(name, "")
		a := who.get("content/recent")
		entries := a.items("recents", "recent")
		if len(entries) == 0 || len(entries) > 24 {
			t.Errorf("%s: %d entries", name, len(entries))
		}
		kinds := map[string]bool{}
		for _, e := range entries {
			for _, kind := range []string{"view", "workbook"} {
				x, ok := e[kind].(map[string]any)
				if !ok {
					continue
				}
				kinds[kind] = true
				if got := who.get(kind + "s/" + x["id"].(string)); got.status != http.StatusOK {
					t.Errorf("%s does not see %v: %d", name, x["name"], got.status)
				}
			}
		}
		if len(kinds) != 2 {
			t.Errorf("%s: kinds %v", name, kinds)
		}
		lists[name] = a.body
		space := who.get("personalSpace")
		if viewer := name == "bob"; viewer && space.code() != "404039" || !viewer && space.text("personalSpace", "ownerLuid") != who.userID {
			t.Errorf("%s: %d %s", name, space.status, space.body)
		}
	}
	if lists["alice"] == lists["bob"] {
		t.Error("two people looked at the same")
	}
}

// Server-wide settings are for who administers the server.
func TestServerWideSettings(t *testing.T) {
	t.Parallel()
	c := start(t, tableausim.Config{})
	admin, carol := c.user("admin", ""), c.user("carol", "")
	for _, path := range []string{"settings/extensions", "domains"} {
		if a, b := admin.do(http.MethodGet, path, ""), carol.do(http.MethodGet, path, ""); a.status != http.StatusOK || b.code() != "403004" {
			t.Errorf("%s: %d %s; carol %d", path, a.status, a.body, b.status)
		}
	}
	if a, b := admin.beside("settings/server/extensions/analytics"), carol.beside("settings/server/extensions/analytics"); a.at("enabled") != true || b.text("code") != "403004" {
		t.Errorf("%s %s", a.body, b.body)
	}
}
