package tableausim_test

import (
	"regexp"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"vitrine/internal/tableausim"
)

func TestWorldIsTheSameAtEveryStart(t *testing.T) {
	t.Parallel()
	public := func() string { return "http://tableau.example" }
	a := start(t, tableausim.Config{PublicURL: public}).user("carol", "").get("workbooks", "fields", "_all_")
	b := start(t, tableausim.Config{PublicURL: public}).user("carol", "").get("workbooks", "fields", "_all_")
	if a.body != b.body {
		t.Error("two starts differ")
	}
	if !regexp.MustCompile(`"id":"[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}"`).MatchString(a.body) {
		t.Errorf("no LUID that looks like a random UUID: %.300s", a.body)
	}
	if !strings.Contains(a.body, `"webpageUrl":"http://tableau.example/#/workbooks/`) {
		t.Errorf("webpageUrl is not of the public address: %.300s", a.body)
	}
}

func TestIDsOfAPersonDifferPerSite(t *testing.T) {
	t.Parallel()
	sim := tableausim.New(tableausim.Config{})
	if a, b := sim.UserID("", "alice"), sim.UserID("marketing", "alice"); a == b || a == "" || b == "" {
		t.Errorf("alice is %q and %q", a, b)
	}
	if a, b := sim.UserID("", "jsmith"), sim.UserID("", `corp\jsmith`); a == b || b == "" {
		t.Errorf("jsmith is %q and, in the domain, %q", a, b)
	}
	if sim.UserID("", "dave") != "" || sim.UserID("marketing", "bob") != "" || sim.UserID("nowhere", "alice") != "" {
		t.Error("somebody is a user who should not be")
	}
}

func TestSizeOfTheDefaultSite(t *testing.T) {
	t.Parallel()
	for size, want := range map[int]string{0: "60", 10: "30", 100: "100", 1234: "1234"} {
		if got := start(t, tableausim.Config{Workbooks: size}).user("admin", "").get("workbooks").text("pagination", "totalAvailable"); got != want {
			t.Errorf("Workbooks %d: %s, want %s", size, got, want)
		}
	}
}

func TestHiddenParentOfAVisibleProject(t *testing.T) {
	t.Parallel()
	c := start(t, tableausim.Config{})
	for site, wants := range map[string][2]string{"": {"bob", "Nordics"}, "marketing": {"alice", "Reports"}, "finance": {"lars.nilsson", "Month End"}} {
		seen := map[any]bool{}
		var parent any
		for _, p := range c.user(wants[0], site).get("projects", "pageSize", "1000").items("projects", "project") {
			seen[p["id"]] = true
			if p["name"] == wants[1] {
				parent = p["parentProjectId"]
			}
		}
		if parent == nil || seen[parent] {
			t.Errorf("site %q: %s sees the parent of %s, or not the child", site, wants[0], wants[1])
		}
	}
}

func TestPersonalSpaceHasNoProject(t *testing.T) {
	t.Parallel()
	alice := start(t, tableausim.Config{}).user("alice", "")
	x := alice.get("workbooks", "filter", "name:eq:Alice's Scratchpad").items("workbooks", "workbook")[0]
	if x["project"] != nil || x["location"].(map[string]any)["type"] != "PersonalSpace" {
		t.Errorf("got %v", x)
	}
	v := alice.get("views", "filter", "workbookName:eq:Alice's Scratchpad").items("views", "view")[0]
	if v["project"] != nil {
		t.Errorf("its view has a project: %v", v)
	}
}

func TestContentURLsAreUniqueAndViewsFollow(t *testing.T) {
	t.Parallel()
	carol := start(t, tableausim.Config{Workbooks: 1000}).user("carol", "")
	urls := map[any]string{}
	for _, w := range carol.get("workbooks", "pageSize", "1000").items("workbooks", "workbook") {
		if urls[w["contentUrl"]] != "" {
			t.Errorf("%v occurs twice", w["contentUrl"])
		}
		urls[w["contentUrl"]] = w["defaultViewId"].(string)
	}
	perBook := map[string]int{}
	for page := range strings.SplitSeq("1,2,3,4", ",") {
		for _, v := range carol.get("views", "pageSize", "1000", "pageNumber", page).items("views", "view") {
			parts := strings.Split(v["contentUrl"].(string), "/")
			if len(parts) != 3 || parts[1] != "sheets" || parts[2] != v["viewUrlName"] || urls[parts[0]] == "" {
				t.Fatalf("content URL %v", v["contentUrl"])
			}
			if perBook[parts[0]]++; perBook[parts[0]] == 1 && urls[parts[0]] != v["id"] {
				t.Errorf("%s: the default view is not the first", parts[0])
			}
		}
	}
	for url, n := range perBook {
		if n < 3 || n > 6 {
			t.Errorf("%s has %d views", url, n)
		}
	}
}

func TestRulesOfAPersonGoBeforeThoseOfGroups(t *testing.T) {
	t.Parallel()
	c := start(t, tableausim.Config{})
	id, err := c.sim.AddProject("", tableausim.Project{Name: "Rules", Owner: "maria.gonzalez", Access: []tableausim.Rule{{Group: "All Users"}}})
	if err != nil {
		t.Fatal(err)
	}
	tests := []struct {
		name   string
		access []tableausim.Rule
		want   map[string]bool
	}{
		{"none: as the project", nil, map[string]bool{"alice": true, "bob": true}},
		{"group denied", []tableausim.Rule{{Group: "bi-analysts", Deny: true}}, map[string]bool{"alice": false, "bob": true}},
		{"group denied beats group allowed", []tableausim.Rule{{Group: "All Users"}, {Group: "bi-analysts", Deny: true}}, map[string]bool{"alice": false, "bob": true}},
		{"person allowed beats group denied", []tableausim.Rule{{Group: "bi-analysts", Deny: true}, {User: "alice"}}, map[string]bool{"alice": true, "bob": true}},
		{"person denied beats person allowed", []tableausim.Rule{{User: "bob"}, {User: "bob", Deny: true}}, map[string]bool{"alice": true, "bob": false}},
	}
	for _, tt := range tests {
		book, err := c.sim.AddWorkbook("", tableausim.Workbook{Name: tt.name, Project: id, Owner: "maria.gonzalez", Access: tt.access})
		if err != nil {
			t.Fatal(err)
		}
		tt.want["admin"], tt.want["maria.gonzalez"] = true, true
		got := map[string]bool{}
		for name := range tt.want {
			got[name] = c.user(name, "").get("workbooks/"+book).status == 200
		}
		if diff := cmp.Diff(tt.want, got); diff != "" {
			t.Errorf("%s: %s", tt.name, diff)
		}
	}
}
