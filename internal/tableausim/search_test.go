package tableausim_test

import (
	"fmt"
	"net/http"
	"net/url"
	"strings"
	"testing"

	"vitrine/internal/tableausim"
)

// beside asks outside the versioned API, as path and pairs of parameters.
func (c *client) beside(path string, pairs ...string) answer {
	c.t.Helper()
	x := *c
	x.base = c.base[:strings.LastIndex(c.base, "/")]
	v := url.Values{}
	for i := 0; i < len(pairs); i += 2 {
		v.Set(pairs[i], pairs[i+1])
	}
	return x.do(http.MethodGet, "-/"+path+"?"+v.Encode(), "")
}

// hits are the contents of what a search found.
func (a answer) hits() []map[string]any {
	list, _ := a.at("hits", "items").([]any)
	var out []map[string]any
	for _, x := range list {
		out = append(out, x.(map[string]any)["content"].(map[string]any))
	}
	return out
}

func TestSearchFollowsPermissions(t *testing.T) {
	t.Parallel()
	c := start(t, tableausim.Config{})
	for _, name := range []string{"alice", "bob", "carol"} {
		who := c.user(name, "")
		for kind, list := range map[string]string{"workbook": "workbooks", "view": "views", "datasource": "datasources", "project": "projects"} {
			found := who.beside("search", "filter", "type:eq:"+kind, "limit", "2000")
			total := who.get(list, "pageSize", "1").text("pagination", "totalAvailable")
			if got := fmt.Sprint(found.at("hits", "total")); got != total || total == "0" {
				t.Errorf("%s finds %s of kind %s, and the list has %s", name, got, kind, total)
			}
		}
	}
}

func TestSearchHasNumbersAndLUIDsOfItsOwn(t *testing.T) {
	t.Parallel()
	for version, wanted := range map[string]bool{"3.27": false, "3.29": true} {
		alice := start(t, tableausim.Config{APIVersion: version}).user("alice", "")
		for _, h := range alice.beside("search", "filter", "type:in:[datasource,workbook]", "limit", "50").hits() {
			if _, ok := h["ownerId"].(float64); !ok {
				t.Errorf("ownerId is %v", h["ownerId"])
			}
			if h["type"] != "unifieddatasource" {
				continue
			}
			if a := alice.get("datasources/" + h["luid"].(string)); a.status != http.StatusNotFound {
				t.Errorf("%s: the REST API knows the LUID of %v: %d", version, h["title"], a.status)
			}
			if same := alice.get("datasources", "filter", "contentUrl:eq:"+h["repositoryUrl"].(string)).names("datasources", "datasource"); len(same) != 1 || same[0] != h["title"] {
				t.Errorf("%v leads to %v", h["title"], same)
			}
			if _, found := h["datasourceLuid"]; found != wanted {
				t.Errorf("%s: datasourceLuid is there: %t", version, found)
			}
		}
	}
}

func TestSearchOrdersFiltersAndPages(t *testing.T) {
	t.Parallel()
	alice := start(t, tableausim.Config{}).user("alice", "")
	first := alice.beside("search", "terms", "sales")
	if n := len(first.hits()); n != 10 || first.at("hits", "limit") != float64(10) || first.at("hits", "pageIndex") != float64(0) ||
		first.at("hits", "prev") != nil {
		t.Errorf("unasked: %d hits of %v", n, first.json)
	}
	next, _ := url.Parse(first.text("hits", "next"))
	second := alice.beside("search", "terms", next.Query().Get("terms"), "page", next.Query().Get("page"), "limit", next.Query().Get("limit"))
	if second.at("hits", "startIndex") != float64(10) || second.text("hits", "prev") == "" {
		t.Errorf("next leads to %v", second.json)
	}
	seen := map[string]bool{}
	for _, a := range []answer{first, second} {
		for _, h := range a.hits() {
			if id := h["luid"].(string); seen[id] {
				t.Errorf("%v is on two pages", h["title"])
			} else {
				seen[id] = true
			}
		}
	}
	last := 1e9
	for _, h := range alice.beside("search", "order_by", "hitsSmallSpanTotal:desc", "limit", "100").hits() {
		if n := h["hitsSmallSpanTotal"].(float64); n > last {
			t.Fatalf("%v after %v", n, last)
		} else {
			last = n
		}
	}
	both := alice.beside("search", "filter", "modifiedTime:gte:2024-06-01T00:00:00Z,modifiedTime:lt:2024-09-01T00:00:00Z", "limit", "100")
	for _, h := range both.hits() {
		if at := h["modifiedTime"].(string); at < "2024-06-01" || at >= "2024-09-01" {
			t.Errorf("%s is outside of both bounds", at)
		}
	}
	if len(both.hits()) == 0 {
		t.Error("nothing within both bounds")
	}
	if beyond := alice.beside("search", "page", "5000"); len(beyond.hits()) != 0 || beyond.status != http.StatusOK {
		t.Errorf("past the end: %d %s", beyond.status, beyond.body)
	}
}

func TestSearchRefusesWhatItDoesNotKnow(t *testing.T) {
	t.Parallel()
	alice := start(t, tableausim.Config{}).user("alice", "")
	for _, pair := range [][2]string{
		{"limit", "0"},
		{"limit", "2001"},
		{"page", "-1"},
		{"filter", "type:eq:spreadsheet"},
		{"filter", "name:eq:x"},
		{"filter", "type:like:w*"},
		{"filter", "modifiedTime:gte:yesterday"},
		{"order_by", "name"},
		{"order_by", "hitsTotal:down"},
	} {
		if a := alice.beside("search", pair[0], pair[1]); a.status != http.StatusBadRequest || a.text("code") != "400117" || a.text("message") == "" {
			t.Errorf("%v: %d %s", pair, a.status, a.body)
		}
	}
}

func TestMethodsOutsideTheVersionedAPIWriteJSONAlone(t *testing.T) {
	t.Parallel()
	alice := start(t, tableausim.Config{}).user("alice", "")
	for accept, status := range map[string]int{
		"": 200, "*/*": 200, "application/json": 200, "application/*": 200, "application/vnd.tableau.search-results.v2+json": 200,
		"application/json, text/plain, */*": 200, "application/xml": 406, "text/html": 406,
	} {
		x := *alice
		x.accept = accept
		if a := x.beside("search"); a.status != status || !strings.HasPrefix(a.header.Get("Content-Type"), "application/json") {
			t.Errorf("%q: %d %s", accept, a.status, a.header.Get("Content-Type"))
		}
	}
	alice.token = "gone"
	if a := alice.beside("search"); a.status != http.StatusUnauthorized || a.text("code") != "401002" {
		t.Errorf("without a session: %d %s", a.status, a.body)
	}
}

func TestSearchCameWithVersions(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct {
		version, path, filter string
		status                int
	}{
		{"3.15", "search", "", 404},
		{"3.16", "search", "type:eq:view", 200},
		{"3.16", "search", "type:in:[view,workbook]", 400},
		{"3.17", "search", "type:in:[view,workbook]", 200},
		{"3.18", "suggestions", "", 404},
		{"3.19", "suggestions", "", 200},
	} {
		alice := start(t, tableausim.Config{APIVersion: tt.version}).user("alice", "")
		if a := alice.beside(tt.path, "terms", "sa", "filter", tt.filter); a.status != tt.status {
			t.Errorf("%+v: %d %s", tt, a.status, a.body)
		}
	}
}

func TestCloudWrapsHits(t *testing.T) {
	t.Parallel()
	c := start(t, tableausim.Config{Cloud: true})
	alice := c.user("alice@example.com", tableausim.CloudSite)
	if a := alice.beside("search", "terms", "superstore"); a.at("hits", "total") == nil || a.at("total") != nil || len(a.hits()) == 0 {
		t.Errorf("%s", a.body)
	}
}

func TestSuggestionsBeginWords(t *testing.T) {
	t.Parallel()
	alice := start(t, tableausim.Config{}).user("alice", "")
	a := alice.beside("suggestions", "terms", "sup", "limit", "3")
	list, _ := a.at("suggestions").([]any)
	if len(list) == 0 || len(list) > 3 {
		t.Fatalf("%s", a.body)
	}
	for _, x := range list {
		if title := strings.ToLower(x.(map[string]any)["title"].(string)); !strings.Contains(" "+title, " sup") {
			t.Errorf("%q does not complete sup", title)
		}
	}
	if a := alice.beside("suggestions"); a.status != http.StatusBadRequest {
		t.Errorf("without terms: %d", a.status)
	}
}
