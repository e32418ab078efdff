package tableausim_test

import (
	"net/http"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"vitrine/internal/tableausim"
)

func TestPagingLimits(t *testing.T) {
	t.Parallel()
	carol := start(t, tableausim.Config{}).user("carol", "")
	tests := []struct {
		name   string
		query  []string
		code   string
		number string
		size   string
		items  int
	}{
		{"defaults", nil, "", "1", "100", 60},
		{"second page", []string{"pageSize", "25", "pageNumber", "2"}, "", "2", "25", 25},
		{"last page", []string{"pageSize", "25", "pageNumber", "3"}, "", "3", "25", 10},
		{"largest page", []string{"pageSize", "1000"}, "", "1", "1000", 60},
		{"too large", []string{"pageSize", "1001"}, "403014", "", "", 0},
		{"size zero", []string{"pageSize", "0"}, "400007", "", "", 0},
		{"size no number", []string{"pageSize", "ten"}, "400007", "", "", 0},
		{"page zero", []string{"pageNumber", "0"}, "400006", "", "", 0},
		{"page no number", []string{"pageNumber", "1.5"}, "400006", "", "", 0},
		{"past the end", []string{"pageSize", "25", "pageNumber", "4"}, "400006", "", "", 0},
		{"first page of nothing", []string{"filter", "name:eq:Nothing"}, "", "1", "100", 0},
		{"second page of nothing", []string{"filter", "name:eq:Nothing", "pageNumber", "2"}, "400006", "", "", 0},
	}
	for _, tt := range tests {
		a := carol.get("workbooks", tt.query...)
		if a.code() != tt.code || a.text("pagination", "pageNumber") != tt.number || a.text("pagination", "pageSize") != tt.size ||
			len(a.items("workbooks", "workbook")) != tt.items {
			t.Errorf("%s: %d %.300s", tt.name, a.status, a.body)
		}
	}
}

func TestPagesHoldEveryItemOnce(t *testing.T) {
	t.Parallel()
	carol := start(t, tableausim.Config{}).user("carol", "")
	seen := map[any]int{}
	for _, page := range []string{"1", "2", "3", "4", "5"} {
		for _, x := range carol.get("views", "pageSize", "50", "pageNumber", page).items("views", "view") {
			seen[x["id"]]++
		}
	}
	total := carol.get("views").text("pagination", "totalAvailable")
	if len(seen) < 201 || len(seen) > 250 {
		t.Fatalf("five pages of 50 hold %d of %s", len(seen), total)
	}
	for id, n := range seen {
		if n != 1 {
			t.Errorf("%v is on %d pages", id, n)
		}
	}
}

func TestFilterGrammar(t *testing.T) {
	t.Parallel()
	carol := start(t, tableausim.Config{}).user("carol", "")
	tests := []struct {
		name, list, filter string
		want               []string // names; nil with a code
		code               string
	}{
		{"empty filter", "groups", "", []string{"All Users", "bi-analysts", "bi-admins", "Sales Team", "Nordics", "Marketing Team", "Finance Team", "Supply Chain", "Executives", "Domain Users"}, ""},
		{"eq", "workbooks", "name:eq:Nordic Sales", []string{"Nordic Sales"}, ""},
		{"values are case sensitive", "workbooks", "name:eq:nordic sales", []string{}, ""},
		{"fields are case sensitive", "workbooks", "Name:eq:Nordic Sales", nil, "400065"},
		{"operators are case sensitive", "workbooks", "name:EQ:Nordic Sales", nil, "400065"},
		{"in", "workbooks", "name:in:[Cash Flow,Drafts]", []string{"Cash Flow", "Drafts"}, ""},
		{"in without brackets", "workbooks", "name:in:Cash Flow", nil, "400065"},
		{"in that is not closed", "workbooks", "name:in:[Cash Flow", nil, "400065"},
		{"and", "workbooks", "projectName:eq:Sales,tags:eq:customers", []string{"Customer Segmentation"}, ""},
		{"in and another", "workbooks", "name:in:[Regional Sales,Customer Segmentation],tags:eq:weekly", []string{"Regional Sales"}, ""},
		{"last filter of a field wins", "users", "name:eq:bob,name:eq:admin", []string{"admin"}, ""},
		{"an ampersand splits too", "users", "name:eq:bob&name:eq:admin", []string{"admin"}, ""},
		{"a comma in a value splits", "users", "name:eq:lee, sam", nil, "400065"},
		{"an ampersand in a value splits", "users", "name:eq:r&d-kiosk", nil, "400065"},
		{"quote", "users", "name:eq:pat.o'connor", []string{"pat.o'connor"}, ""},
		{"letters beyond ASCII", "users", "name:eq:björn.åkesson", []string{"björn.åkesson"}, ""},
		{"two of one name", "users", "name:eq:jsmith", []string{"jsmith", "jsmith"}, ""},
		{"cieq", "users", "name:cieq:KIM", []string{"Kim", "kim"}, ""},
		{"cieq elsewhere", "workbooks", "name:cieq:drafts", nil, "400065"},
		{"like, beginning", "users", "name:like:j*", []string{"jonas.weber", "james.miller", "jsmith", "jsmith"}, ""},
		{"like, middle", "users", "friendlyName:like:*mit*", []string{"bob", "jsmith", "jsmith"}, ""},
		{"like, end", "groups", "name:like:*Team", []string{"Sales Team", "Marketing Team", "Finance Team"}, ""},
		{"domain", "users", "name:eq:jsmith,domainName:eq:corp", []string{"jsmith"}, ""},
		{"number", "groups", "userCount:gt:20", []string{"All Users"}, ""},
		{"invalid number", "groups", "userCount:gt:many", nil, "400065"},
		{"time", "projects", "createdAt:lt:2022-09-02T00:00:00Z", []string{"Default"}, ""},
		{"invalid time", "projects", "createdAt:lt:yesterday", nil, "400065"},
		{"top level", "projects", "topLevelProject:eq:true,name:in:[Sales,Europe]", []string{"Sales"}, ""},
		{"workbooks by project id", "workbooks", "projectId:eq:x", nil, "400065"},
		{"has, for jobs only", "workbooks", "name:has:Sales", nil, "400065"},
		{"no value", "workbooks", "name:eq", nil, "400065"},
		{"separator at the end", "workbooks", "name:eq:Drafts,", nil, "400065"},
		{"colons in a value", "datasources", "tableName:eq:a:b", []string{}, ""},
		{"data source by server", "datasources", "serverName:eq:hana.corp.example", []string{"General Ledger"}, ""},
	}
	items := map[string]string{"groups": "group", "workbooks": "workbook", "users": "user", "projects": "project", "datasources": "datasource"}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			a := carol.get(tt.list, "filter", tt.filter)
			if a.code() != tt.code {
				t.Fatalf("got %q, want %q: %.200s", a.code(), tt.code, a.body)
			}
			if tt.want == nil {
				return
			}
			got := a.names(tt.list, items[tt.list])
			if diff := cmp.Diff(append([]string{}, tt.want...), append([]string{}, got...)); diff != "" {
				t.Error(diff)
			}
		})
	}
}

func TestFilterValuesMayBeEncodedEitherWay(t *testing.T) {
	t.Parallel()
	alice := start(t, tableausim.Config{}).user("alice", "")
	for _, query := range []string{
		"filter=name:eq:Nordic+Sales", "filter=name:eq:Nordic%20Sales", "filter=name%3Aeq%3ANordic%20Sales",
		"filter=name:in:[Nordic%20Sales]", "filter=name%3Ain%3A%5BNordic+Sales%2CNone%5D",
	} {
		a := alice.do(http.MethodGet, "sites/"+alice.siteID+"/workbooks?"+query, "")
		if got := a.names("workbooks", "workbook"); len(got) != 1 {
			t.Errorf("%s: %v %s", query, got, a.code())
		}
	}
}

func TestLikeNeedsItsVersion(t *testing.T) {
	t.Parallel()
	carol := start(t, tableausim.Config{APIVersion: "3.19"}).user("carol", "")
	if a := carol.get("users", "filter", "name:like:a*"); a.code() != "400065" {
		t.Errorf("got %d %s", a.status, a.code())
	}
}

func TestSort(t *testing.T) {
	t.Parallel()
	carol := start(t, tableausim.Config{}).user("carol", "")
	asc := carol.get("workbooks", "sort", "name:asc", "pageSize", "1000").names("workbooks", "workbook")
	if !slices.IsSorted(asc) || len(asc) != 60 {
		t.Errorf("not sorted: %v", asc)
	}
	desc := carol.get("workbooks", "sort", "name:desc", "pageSize", "1000").names("workbooks", "workbook")
	slices.Reverse(desc)
	if diff := cmp.Diff(asc, desc); diff != "" {
		t.Error(diff)
	}
	two := carol.get("users", "sort", "siteRole:asc,name:desc").items("users", "user")
	if !slices.IsSortedFunc(two, func(a, b map[string]any) int {
		if c := strings.Compare(a["siteRole"].(string), b["siteRole"].(string)); c != 0 {
			return c
		}
		return strings.Compare(b["name"].(string), a["name"].(string))
	}) {
		t.Error("two keys: not sorted")
	}
	for name, sort := range map[string]string{
		"no direction": "name", "unknown direction": "name:up", "direction in capitals": "name:ASC", "unknown field": "flavor:asc",
		"tags": "tags:asc", "space": "name:asc, size:asc",
	} {
		if a := carol.get("workbooks", "sort", sort); a.code() != "400066" {
			t.Errorf("%s: %d %s", name, a.status, a.code())
		}
	}
	if a := carol.get("datasources", "sort", "contentUrl:asc"); a.code() != "400066" {
		t.Errorf("data sources by content URL: %d %s", a.status, a.code())
	}
}

func keys(m map[string]any) []string {
	var out []string
	for k := range m {
		out = append(out, k)
	}
	slices.Sort(out)
	return out
}

func TestFieldsSelectWhatIsShown(t *testing.T) {
	t.Parallel()
	carol := start(t, tableausim.Config{}).user("carol", "")
	workbook := []string{
		"contentUrl", "createdAt", "dataAccelerationConfig", "defaultViewId", "description", "encryptExtracts", "id", "location",
		"name", "owner", "project", "showTabs", "size", "tags", "updatedAt", "webpageUrl",
	}
	person := []string{"email", "fullName", "id", "lastLogin", "name", "siteRole"}
	with := func(more ...string) []string {
		out := append(slices.Clone(workbook), more...)
		slices.Sort(out)
		return out
	}
	tests := []struct {
		name, fields string
		want, owner  []string
		code         string
	}{
		{"default", "", workbook, []string{"id", "name"}, ""},
		{"_default_", "_default_", workbook, []string{"id", "name"}, ""},
		{"_all_", "_all_", with("hasExtracts", "lastPublishedAt", "shareDescription", "sheetCount"), person, ""},
		{"_all_ and more", "_all_,owner.language", with("hasExtracts", "lastPublishedAt", "shareDescription", "sheetCount"), append([]string{"email", "fullName", "id", "language"}, person[3:]...), ""},
		{"own name with the resource", "workbook.id,workbook.name", []string{"id", "name"}, nil, ""},
		{"the resource and a child", "workbook.name,owner", []string{"name", "owner"}, []string{"id", "name"}, ""},
		{"the resource alone", "workbook", workbook, []string{"id", "name"}, ""},
		{"another resource", "view.name", nil, nil, "400000"},
		{"two names", "id,name", []string{"id", "name"}, nil, ""},
		{"default and more", "_default_,sheetCount", with("sheetCount"), []string{"id", "name"}, ""},
		{"default and nested", "_default_,owner.fullName,owner.email", workbook, []string{"email", "fullName", "id", "name"}, ""},
		{"nested alone", "id,owner.name", []string{"id", "owner"}, []string{"name"}, ""},
		{"a resource", "id,owner", []string{"id", "owner"}, []string{"id", "name"}, ""},
		{"tag", "id,tag", []string{"id", "tags"}, nil, ""},
		{"unknown", "id,flavor", nil, nil, "400000"},
		{"unknown nested", "id,owner.flavor", nil, nil, "400000"},
		{"nested below a leaf", "name.first", nil, nil, "400000"},
		{"case", "ID", nil, nil, "400000"},
		{"keyword not first", "name,_default_", nil, nil, "400000"},
	}
	for _, tt := range tests {
		query := []string{"pageSize", "1"}
		if tt.fields != "" {
			query = append(query, "fields", tt.fields)
		}
		a := carol.get("workbooks", query...)
		if a.code() != tt.code {
			t.Errorf("%s: code %q", tt.name, a.code())
		}
		if tt.want == nil {
			continue
		}
		x := a.items("workbooks", "workbook")[0]
		if diff := cmp.Diff(tt.want, keys(x)); diff != "" {
			t.Errorf("%s: %s", tt.name, diff)
		}
		owner, _ := x["owner"].(map[string]any)
		if diff := cmp.Diff(tt.owner, keys(owner)); diff != "" {
			t.Errorf("%s, owner: %s", tt.name, diff)
		}
	}
}

func TestFieldsOfViewsReachIntoTheWorkbook(t *testing.T) {
	t.Parallel()
	alice := start(t, tableausim.Config{}).user("alice", "")
	a := alice.get("views", "fields", "_default_,sheetType,usage,workbook.name,project.name,owner.name", "filter", "workbookName:eq:Nordic Sales")
	x := a.items("views", "view")[0]
	workbook := x["workbook"].(map[string]any)
	if workbook["name"] != "Nordic Sales" || workbook["id"] == nil || x["project"].(map[string]any)["name"] != "Nordics" ||
		x["owner"].(map[string]any)["name"] != "jonas.weber" || x["sheetType"] != "dashboard" || x["usage"] == nil {
		t.Errorf("got %v", x)
	}
}

func TestContentsCounts(t *testing.T) {
	t.Parallel()
	alice := start(t, tableausim.Config{}).user("alice", "")
	a := alice.get("projects", "fields", "_default_,topLevelProject,contentsCounts.workbookCount,contentsCounts.projectCount", "filter", "name:eq:Sales")
	x := a.items("projects", "project")[0]
	counts := x["contentsCounts"].(map[string]any)
	if diff := cmp.Diff(map[string]any{"workbookCount": "4", "projectCount": "4"}, counts); diff != "" || x["topLevelProject"] != true {
		t.Errorf("%s %v", diff, x)
	}
}
