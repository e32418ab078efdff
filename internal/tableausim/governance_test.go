package tableausim_test

import (
	"fmt"
	"net/http"
	"slices"
	"strings"
	"testing"

	"vitrine/internal/tableausim"
)

// grantees are the kinds and LUIDs of whom rules are for.
func (a answer) grantees() []string {
	var out []string
	for _, g := range a.items("permissions", "granteeCapabilities") {
		for _, kind := range []string{"user", "group", "groupSet"} {
			if who, ok := g[kind].(map[string]any); ok {
				out = append(out, kind+" "+who["id"].(string))
			}
		}
	}
	return out
}

func TestRulesAreListedWithoutRightsThatComeFromElsewhere(t *testing.T) {
	t.Parallel()
	c := start(t, tableausim.Config{})
	dach := c.sim.IDOf("", "project", "Sales/Europe/DACH")
	got := c.user("carol", "").get("projects/" + dach + "/permissions").grantees()
	want := []string{
		"group " + c.sim.IDOf("", "group", "bi-analysts"), "group " + c.sim.IDOf("", "group", "Sales Team"),
		"groupSet " + c.sim.IDOf("", "groupset", "Nordic Sales"), "user " + c.sim.UserID("", "hannah.schmidt"),
	}
	if !slices.Equal(got, want) { // neither carol, who administers the site, nor jonas.weber, who owns it
		t.Errorf("rules are for %v, want %v", got, want)
	}
}

func TestLockedProjectsGiveTheirRulesToWhatLiesInThem(t *testing.T) {
	t.Parallel()
	c := start(t, tableausim.Config{})
	carol := c.user("carol", "")
	locked := c.sim.IDOf("", "project", "Operations/Supply Chain")
	nested := c.sim.IDOf("", "project", "Operations/Supply Chain/Warehouses")
	for _, path := range []string{
		"workbooks/" + c.sim.WorkbookID("", "WarehouseLoad") + "/permissions", "projects/" + nested + "/permissions",
		"projects/" + nested + "/default-permissions/workbooks",
	} {
		if a := carol.get(path); a.text("permissions", "parent", "id") != locked || a.text("permissions", "parent", "type") != "Project" {
			t.Errorf("%s: %.300s", path, a.body)
		}
	}
	if a := carol.get("workbooks/" + c.sim.WorkbookID("", "Superstore") + "/permissions"); strings.Contains(a.body, "parent") {
		t.Errorf("a thing with rules of its own has a parent: %.300s", a.body)
	}
}

func TestRulesAreForThoseWhoManageThem(t *testing.T) {
	t.Parallel()
	c := start(t, tableausim.Config{})
	scratchpad, superstore := c.sim.WorkbookID("", "AlicesScratchpad"), c.sim.WorkbookID("", "Superstore")
	sales, budget := c.sim.IDOf("", "project", "Sales"), c.sim.IDOf("", "project", "Finance/Budget")
	for _, tt := range []struct{ user, path, code string }{
		{"alice", "workbooks/" + scratchpad + "/permissions", ""},
		{"alice", "workbooks/" + superstore + "/permissions", "403004"},
		{"alice", "projects/" + sales + "/permissions", "403004"},
		{"alice", "projects/" + sales + "/default-permissions/workbooks", "403036"},
		{"alice", "projects/" + sales + "/default-permissions/datasources", "403035"},
		{"alice", "projects/" + budget + "/permissions", "404005"},
		{"maria.gonzalez", "projects/" + sales + "/permissions", ""},
		{"anna.kowalska", "projects/" + budget + "/permissions", ""}, // leads the project around it
		{"carol", "projects/" + budget + "/default-permissions/lenses", "404003"},
	} {
		if a := c.user(tt.user, "").get(tt.path); a.code() != tt.code {
			t.Errorf("%s: %s: %q, want %q", tt.user, tt.path, a.code(), tt.code)
		}
	}
}

func TestRevisionsArePagedAndMayBeOff(t *testing.T) {
	t.Parallel()
	c := start(t, tableausim.Config{})
	path := "workbooks/" + c.sim.WorkbookID("", "AlicesScratchpad") + "/revisions"
	a := c.user("carol", "").get(path, "pageSize", "2", "pageNumber", "2")
	if got := a.items("revisions", "revision"); len(got) != 2 || got[0]["revisionNumber"] != "3" {
		t.Errorf("second page: %.300s", a.body)
	}
	if a := c.user("bob", "").get("datasources/" + c.sim.IDOf("", "datasource", "Orders") + "/revisions"); a.code() != "403054" {
		t.Errorf("a viewer: %.300s", a.body)
	}
	finance := c.user("carol", "finance")
	w := finance.get("workbooks").items("workbooks", "workbook")[0]["id"].(string)
	if a := finance.get("workbooks/" + w + "/revisions"); a.code() != "403053" {
		t.Errorf("where history is off: %.300s", a.body)
	}
}

// Files of former versions are for those who see the versions and may take the thing along; the
// current one is not among them.
func TestFormerVersionsHaveFiles(t *testing.T) {
	t.Parallel()
	c := start(t, tableausim.Config{})
	scratchpad, orders := c.sim.WorkbookID("", "AlicesScratchpad"), c.sim.IDOf("", "datasource", "Orders")
	total := func(path string) int {
		return len(c.user("carol", "").get(path+"/revisions").items("revisions", "revision"))
	}
	book, source := "workbooks/"+scratchpad, "datasources/"+orders
	finance := c.user("carol", "finance")
	off := finance.get("workbooks").items("workbooks", "workbook")[0]["id"].(string)
	for _, tt := range []struct {
		client *client
		path   string
		code   string
	}{
		{c.user("carol", ""), book + "/revisions/1/content", ""},
		{c.user("maria.gonzalez", ""), source + "/revisions/1/content", ""},
		{c.user("alice", ""), book + "/revisions/1/content", "403056"}, // it is hers, but she may not publish
		{c.user("carol", ""), fmt.Sprintf("%s/revisions/%d/content", book, total(book)), "400058"},
		{c.user("carol", ""), fmt.Sprintf("%s/revisions/%d/content", source, total(source)), "400058"},
		{c.user("carol", ""), book + "/revisions/99/content", "404024"},
		{c.user("carol", ""), book + "/revisions/0/content", "404024"},
		{c.user("carol", ""), book + "/revisions/x/content", "404024"},
		{c.user("bob", ""), source + "/revisions/1/content", "403054"},
		{finance, "workbooks/" + off + "/revisions/1/content", "403053"},
	} {
		a := tt.client.get(tt.path)
		if tt.code == "" && (a.status != http.StatusOK || !strings.HasPrefix(string(a.body), "<?xml") && !strings.HasPrefix(string(a.body), "PK")) {
			t.Errorf("%s: %d %.200s", tt.path, a.status, a.body)
		} else if tt.code != "" && a.code() != tt.code {
			t.Errorf("%s: %.300s, want %s", tt.path, a.body, tt.code)
		}
	}
}

func TestLabelsAreAskedForSeveralThingsAndFailTogether(t *testing.T) {
	t.Parallel()
	c := start(t, tableausim.Config{})
	bob := c.user("bob", "")
	orders, ledger := c.sim.IDOf("", "datasource", "Orders"), c.sim.IDOf("", "datasource", "GeneralLedger")
	ask := func(contents string) answer {
		bob.headers = map[string]string{"Content-Type": "application/json"}
		return bob.do(http.MethodPost, "sites/"+bob.siteID+"/labels", `{"contentList":{"content":[`+contents+`]}}`)
	}
	content := func(id string) string { return `{"contentType":"datasource","id":"` + id + `"}` }
	if a := ask(content(orders)); len(a.items("labelList", "label")) != 1 {
		t.Errorf("one data source: %d %.300s", a.status, a.body)
	}
	if a := ask(content(orders) + "," + content(ledger)); a.status != http.StatusUnauthorized || a.code() != "400104" {
		t.Errorf("one of them closed: %d %.300s", a.status, a.body)
	}
	if a := ask(content("none")); a.code() != "404029" {
		t.Errorf("what does not exist: %.300s", a.body)
	}
	if a := ask(""); a.code() != "400000" {
		t.Errorf("nothing: %.300s", a.body)
	}
}

func TestLimitedVisibilityHidesOthersFromAllButAdministrators(t *testing.T) {
	t.Parallel()
	c := start(t, tableausim.Config{})
	if err := c.sim.SetUserVisibility("", "LIMITED"); err != nil {
		t.Fatal(err)
	}
	for user, sees := range map[string]bool{"alice": false, "carol": true} {
		a := c.user(user, "").get("workbooks", "fields", "_default_,owner.name,owner.fullName,owner.email", "pageSize", "1000")
		if strings.Contains(a.body, "maria.gonzalez") != sees || !strings.Contains(a.body, c.sim.UserID("", "maria.gonzalez")) {
			t.Errorf("%s sees others: %t, want %t", user, !sees, sees)
		}
		if user == "alice" && !strings.Contains(a.body, `"Alice Cook"`) {
			t.Error("alice does not see herself")
		}
	}
}

func TestCatalogIsSeenThroughDataSources(t *testing.T) {
	t.Parallel()
	c := start(t, tableausim.Config{})
	hr, sales := c.sim.IDOf("", "database", "hr"), c.sim.IDOf("", "database", "sales")
	for _, tt := range []struct{ user, path, code string }{
		{"bob", "databases/" + sales, ""},
		{"bob", "databases/" + hr, "403004"},
		{"bob", "databases/" + sales + "/permissions", "403004"},
		{"maria.gonzalez", "databases/" + sales + "/default-permissions/tables", ""},
		{"carol", "databases/" + hr, ""},
		{"carol", "databases/none", "404031"},
		{"carol", "tables/none", "404032"},
		{"bob", "dataQualityWarnings/database/" + hr, "403004"},
		{"bob", "dataQualityWarnings/table/" + sales, "404029"},
	} {
		if a := c.user(tt.user, "").get(tt.path); a.code() != tt.code {
			t.Errorf("%s: %s: %q, want %q", tt.user, tt.path, a.code(), tt.code)
		}
	}
	a := c.user("bob", "").get("tables/"+c.sim.IDOf("", "table", "sales/orders")+"/columns", "pageSize", "3")
	if a.text("columns", "pagination", "totalAvailable") != "8" || len(a.items("columns", "column")) != 3 {
		t.Errorf("columns: %.300s", a.body)
	}
}
