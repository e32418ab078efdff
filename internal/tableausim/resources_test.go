package tableausim_test

import (
	"net/http"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"vitrine/internal/tableausim"
)

const nobody = "11111111-2222-4333-8444-555555555555"

func TestWorkbookByIDHoldsItsViews(t *testing.T) {
	t.Parallel()
	c := start(t, tableausim.Config{})
	alice := c.user("alice", "")
	id := c.sim.WorkbookID("", "Superstore")
	byID := alice.get("workbooks/" + id)
	byURL := alice.get("workbooks/Superstore", "key", "contentUrl")
	if byID.body != byURL.body {
		t.Errorf("by id and by content URL differ:\n%s\n%s", byID.body, byURL.body)
	}
	if diff := cmp.Diff(alice.get("workbooks/"+id+"/views").at("views"), byID.at("workbook", "views")); diff != "" {
		t.Error(diff)
	}
	views, _ := byID.at("workbook", "views", "view").([]any)
	if len(views) < 3 || views[0].(map[string]any)["id"] != byID.text("workbook", "defaultViewId") {
		t.Errorf("views %v", views)
	}
}

func TestWhatIsMissingOrInvisible(t *testing.T) {
	t.Parallel()
	c := start(t, tableausim.Config{})
	hr := c.sim.WorkbookID("", "PeopleAnalytics")
	hrView := c.sim.ViewID("", "PeopleAnalytics/sheets/Headcount")
	ledger := c.user("carol", "").get("datasources", "filter", "name:eq:General Ledger").items("datasources", "datasource")[0]["id"].(string)
	book := c.sim.WorkbookID("", "Superstore")
	tests := []struct {
		path   string
		query  []string
		status int
		code   string
	}{
		{"workbooks/" + nobody, nil, 404, "404006"},
		{"workbooks/" + hr, nil, 403, "403004"},
		{"workbooks/" + hr + "/views", nil, 403, "403004"},
		{"workbooks/" + hr + "/connections", nil, 403, "403004"},
		{"workbooks/" + hr + "/previewImage", nil, 403, "403004"},
		{"workbooks/PeopleAnalytics", []string{"key", "contentUrl"}, 404, "404006"},
		{"workbooks/Superstore", []string{"key", "contenturl"}, 404, "404006"},
		{"workbooks/Superstore", nil, 404, "404006"},
		{"views/" + nobody, nil, 404, "404011"},
		{"views/" + hrView, nil, 404, "404011"},
		{"views/" + hrView + "/image", nil, 404, "404011"},
		{"views/" + hrView + "/data", nil, 404, "404011"},
		{"workbooks/" + book + "/views/" + nobody + "/previewImage", nil, 404, "404011"},
		{"datasources/" + nobody, nil, 404, "404004"},
		{"datasources/" + nobody + "/connections", nil, 404, "404011"},
		{"datasources/" + ledger, nil, 403, "403004"},
		{"users", nil, 403, "403004"},
		{"groups", nil, 403, "403071"},
		{"groups/" + nobody + "/users", nil, 403, "403012"},
		{"users/" + nobody, nil, 403, "403133"},
		{"users/" + c.sim.UserID("", "bob"), nil, 403, "403133"},
		{"users/" + c.sim.UserID("", "bob") + "/workbooks", nil, 403, "403133"},
		{"users/" + c.sim.UserID("", "alice") + "/groups", nil, 403, "403004"},
		{"favorites/" + c.sim.UserID("", "bob"), nil, 403, "403133"},
		{"views", []string{"includeUsageStatistics", "yes"}, 400, "400008"},
		{"workbooks", []string{"key", "contentUrl"}, 200, ""},
		{"workbooks/%2e%2e", nil, 404, "404006"},
	}
	alice := c.user("alice", "")
	for _, tt := range tests {
		if a := alice.get(tt.path, tt.query...); a.status != tt.status || a.code() != tt.code {
			t.Errorf("%s %v: got %d %s, want %d %s", tt.path, tt.query, a.status, a.code(), tt.status, tt.code)
		}
	}
	carol := c.user("carol", "")
	for path, code := range map[string]string{
		"users/" + nobody: "404002", "users/" + nobody + "/groups": "404012", "groups/" + nobody + "/users": "404012", "favorites/" + nobody: "404002",
	} {
		if a := carol.get(path); a.code() != code {
			t.Errorf("carol, %s: %s, want %s", path, a.code(), code)
		}
	}
}

func TestUserByIDIsComplete(t *testing.T) {
	t.Parallel()
	c := start(t, tableausim.Config{})
	alice := c.user("alice", "")
	a := alice.get("users/" + alice.userID)
	want := []string{"authSetting", "domain", "email", "externalAuthUserId", "fullName", "id", "language", "lastLogin", "locale", "name", "siteRole"}
	if diff := cmp.Diff(want, keys(a.at("user").(map[string]any))); diff != "" {
		t.Error(diff)
	}
	if a.text("user", "domain", "name") != "local" || a.text("user", "siteRole") != "Explorer" {
		t.Errorf("got %s", a.body)
	}
	never := c.user("carol", "").get("users/" + c.sim.UserID("", "elena.petrova"))
	if never.at("user", "lastLogin") != nil {
		t.Errorf("somebody who never came has a last login: %s", never.body)
	}
}

func TestUsersWorkbooks(t *testing.T) {
	t.Parallel()
	c := start(t, tableausim.Config{})
	carol, alice := c.user("carol", ""), c.user("alice", "")
	path := "users/" + c.sim.UserID("", "alice") + "/workbooks"
	if a, b, own := carol.get(path).text("pagination", "totalAvailable"), alice.get(path).text("pagination", "totalAvailable"), alice.get("workbooks").text("pagination", "totalAvailable"); a != b || b != own {
		t.Errorf("carol gets %s, alice %s, and she sees %s", a, b, own)
	}
	if got := alice.get(path, "ownedBy", "true").names("workbooks", "workbook"); len(got) != 1 || got[0] != "Alice's Scratchpad" {
		t.Errorf("owned: %v", got)
	}
	if a := alice.get(path, "ownedBy", "maybe"); a.code() != "400008" {
		t.Errorf("ownedBy=maybe: %d %s", a.status, a.code())
	}
}

func TestGroupsAndMembersAgree(t *testing.T) {
	t.Parallel()
	c := start(t, tableausim.Config{})
	carol := c.user("carol", "")
	g := carol.get("groups", "filter", "name:eq:bi-analysts", "fields", "_all_").items("groups", "group")[0]
	members := carol.get("groups/" + g["id"].(string) + "/users")
	if g["userCount"] != members.text("pagination", "totalAvailable") || !strings.Contains(strings.Join(members.names("users", "user"), " "), "alice") {
		t.Errorf("group %v, members %v", g, members.names("users", "user"))
	}
	groups := carol.get("users/"+c.sim.UserID("", "alice")+"/groups").names("groups", "group")
	if diff := cmp.Diff([]string{"All Users", "bi-analysts"}, groups); diff != "" {
		t.Error(diff)
	}
}

func TestUsageOnlyWhenAsked(t *testing.T) {
	t.Parallel()
	c := start(t, tableausim.Config{})
	alice := c.user("alice", "")
	view := "views/" + c.sim.ViewID("", "Superstore/sheets/Overview")
	book := "workbooks/" + c.sim.WorkbookID("", "Superstore") + "/views"
	for _, with := range []string{"", "false", "true"} {
		has := []bool{
			alice.get("views", "pageSize", "1", "includeUsageStatistics", with).items("views", "view")[0]["usage"] != nil,
			alice.get("views", "pageSize", "1", "fields", "id", "includeUsageStatistics", with).items("views", "view")[0]["usage"] != nil,
			alice.get(view, "includeUsageStatistics", with).at("view", "usage", "totalViewCount") != nil,
			alice.get(book, "includeUsageStatistics", with).items("views", "view")[0]["usage"] != nil,
		}
		want := with == "true"
		if diff := cmp.Diff([]bool{want, want, want, want}, has); diff != "" {
			t.Errorf("includeUsageStatistics=%s: %s", with, diff)
		}
	}
}

func TestConnections(t *testing.T) {
	t.Parallel()
	c := start(t, tableausim.Config{})
	alice := c.user("alice", "")
	a := alice.get("workbooks/" + c.sim.WorkbookID("", "RegionalSales") + "/connections")
	x := a.items("connections", "connection")[0]
	if x["type"] != "sqlproxy" || x["datasource"].(map[string]any)["name"] != "Orders" || x["queryTaggingEnabled"] != nil || a.at("pagination") != nil {
		t.Errorf("workbook: %s", a.body)
	}
	id := x["datasource"].(map[string]any)["id"].(string)
	d := alice.get("datasources/" + id)
	if d.at("datasource", "isCertified") != true || d.text("datasource", "type") != "sqlserver" || d.at("datasource", "askData") == nil {
		t.Errorf("data source: %s", d.body)
	}
	y := c.user("carol", "").get("datasources/"+id+"/connections").items("connections", "connection")[0]
	if y["serverPort"] != "1433" || y["embedPassword"] != true || y["queryTaggingEnabled"] != false {
		t.Errorf("data source's: %v", y)
	}
}

func TestDatasourceProjectNameFilterGap(t *testing.T) {
	t.Parallel()
	for version, want := range map[string]string{"3.12": "", "3.13": "400065", "3.17": "400065", "3.18": ""} {
		alice := start(t, tableausim.Config{APIVersion: version}).user("alice", "")
		if a := alice.get("datasources", "filter", "projectName:eq:Sales"); a.code() != want {
			t.Errorf("%s: %q, want %q", version, a.code(), want)
		}
	}
}

func TestFavorites(t *testing.T) {
	t.Parallel()
	c := start(t, tableausim.Config{})
	alice := c.user("alice", "")
	var kinds []string
	for _, f := range alice.get("favorites/"+alice.userID).items("favorites", "favorite") {
		kind := "nothing"
		for _, k := range []string{"workbook", "view", "datasource", "project", "flow", "collection"} {
			if f[k] != nil {
				kind = k
			}
		}
		kinds = append(kinds, kind)
	}
	if diff := cmp.Diff([]string{"workbook", "workbook", "workbook", "view", "datasource", "project", "nothing", "collection", "flow"}, kinds); diff != "" {
		t.Error(diff)
	}
	if a := c.user("carol", "").get("favorites/" + alice.userID); a.status != 200 {
		t.Errorf("carol may not read them: %d %s", a.status, a.code())
	}
	jonas := c.user("jonas.weber", "")
	if a := jonas.get("favorites/" + jonas.userID); a.body != `{"pagination":{"pageNumber":"1","pageSize":"100","totalAvailable":"0"},"favorites":{}}` {
		t.Errorf("empty list: %s", a.body)
	}
}

func TestEmptyListsInBothForms(t *testing.T) {
	t.Parallel()
	alice := start(t, tableausim.Config{}).user("alice", "")
	if a := alice.get("workbooks", "filter", "name:eq:None"); !strings.Contains(a.body, `"workbooks":{}`) {
		t.Errorf("JSON: %s", a.body)
	}
	alice.accept = "application/xml"
	if a := alice.get("workbooks", "filter", "name:eq:None"); !strings.Contains(a.body, `<pagination pageNumber="1" pageSize="100" totalAvailable="0"/><workbooks/>`) {
		t.Errorf("XML: %s", a.body)
	}
}

func TestFrontPageIsNoAPI(t *testing.T) {
	t.Parallel()
	c := start(t, tableausim.Config{})
	c.base = strings.TrimSuffix(c.base, "/api/3.27")
	if a := c.do(http.MethodGet, "views/Superstore/Overview", ""); a.status != 200 || !strings.HasPrefix(a.header.Get("Content-Type"), "text/html") {
		t.Errorf("got %d %v", a.status, a.header)
	}
}
