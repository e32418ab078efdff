package tableausim_test

import (
	"net/http"
	"slices"
	"testing"

	"vitrine/internal/tableausim"
)

func namesOf(items []map[string]any) []string {
	var names []string
	for _, i := range items {
		names = append(names, i["name"].(string))
	}
	slices.Sort(names)
	return names
}

// TestCustomViewsFollowTableausRules holds who sees which custom views: without a filter on view or
// workbook only one's own, with one also what others share and what one may edit, and with a filter
// on the owner only one's own again.
func TestCustomViewsFollowTableausRules(t *testing.T) {
	t.Parallel()
	c := start(t, tableausim.Config{})
	overview := c.sim.ViewID("", "Superstore/sheets/Overview")
	superstore := c.sim.WorkbookID("", "Superstore")
	alice, maria := c.sim.UserID("", "alice"), c.sim.UserID("", "maria.gonzalez")
	for _, tt := range []struct {
		user, site, filter string
		want               []string
	}{
		{"bob", "", "", []string{"My region", "Top ten"}},
		{"alice", "", "", []string{"Europe this year", "Only Technology", "R&D view [draft]", "Try-out"}},
		{"bob", "", "viewId:eq:" + overview, []string{"Losses, by month", "My region", "Only Technology"}},
		{"alice", "", "workbookId:eq:" + superstore, []string{"Losses, by month", "Only Technology", "R&D view [draft]"}},
		{"alice", "", "workbookId:eq:" + superstore + ",ownerId:eq:" + maria, nil},
		{"alice", "", "viewId:eq:" + overview + ",ownerId:eq:" + alice, []string{"Only Technology"}},
		{"carol", "", "viewId:eq:" + overview, []string{"Losses, by month", "My region", "Only Technology"}},
		{"maria.gonzalez", "", "workbookId:eq:" + c.sim.WorkbookID("", "RegionalSales"), []string{"Europe this year", "Quarterly", "Top ten"}}, // hers to edit
		{"priya.nair", "finance", "workbookId:eq:" + c.sim.WorkbookID("finance", "Month-EndClose"), []string{"My postings"}},                   // visibility is limited there
	} {
		u := c.user(tt.user, tt.site)
		a := u.get("customviews")
		if tt.filter != "" {
			a = u.get("customviews", "filter", tt.filter)
		}
		if got := namesOf(a.items("customViews", "customView")); !slices.Equal(got, tt.want) {
			t.Errorf("%s on %q with %q sees %q, want %q", tt.user, tt.site, tt.filter, got, tt.want)
		}
	}
}

func TestCustomViewsOfOthersAreRefused(t *testing.T) {
	t.Parallel()
	c := start(t, tableausim.Config{})
	bob, carol := c.user("bob", ""), c.user("carol", "")
	for _, x := range carol.get("customviews").items("customViews", "customView") {
		a := bob.get("customviews/" + x["id"].(string))
		var want int
		switch x["name"] {
		case "My region", "Top ten", "Only Technology", "Europe this year", "Losses, by month", "Sverige":
			want = http.StatusOK
		default:
			want = http.StatusForbidden
		}
		if x["name"] == "Losses, by month" && x["shared"] == false {
			want = http.StatusForbidden
		}
		if a.status != want {
			t.Errorf("%s (shared %v): status %d, want %d", x["name"], x["shared"], a.status, want)
		}
	}
	if a := bob.get("customviews/no-such-thing"); a.status != http.StatusNotFound {
		t.Errorf("an unknown custom view: %d", a.status)
	}
}

// TestFirstCustomViewsFilterByIDs holds that 3.18 knows three filters, and 3.17 no custom views.
func TestFirstCustomViewsFilterByIDs(t *testing.T) {
	t.Parallel()
	for version, want := range map[string][2]int{"3.17": {404, 404}, "3.18": {200, 400}, "3.19": {200, 200}} {
		c := start(t, tableausim.Config{APIVersion: version})
		carol := c.user("carol", "")
		byView := carol.get("customviews", "filter", "viewId:eq:"+c.sim.ViewID("", "Superstore/sheets/Overview"))
		byName := carol.get("customviews", "filter", "name:eq:Top ten")
		if got := [2]int{byView.status, byName.status}; got != want {
			t.Errorf("%s: %v, want %v", version, got, want)
		}
	}
}

func TestFlowsAreThoseOfTheProjectsThatOneSees(t *testing.T) {
	t.Parallel()
	c := start(t, tableausim.Config{})
	bob := c.user("bob", "")
	want := []string{"Alice's Sandbox Prep", "Customer Master", "Exchange Rates Load", "Nordic Orders, cleaned", "Orders Nightly", "Shipments Hourly"}
	if got := namesOf(bob.get("flows").items("flows", "flow")); !slices.Equal(got, want) {
		t.Errorf("bob sees %q, want %q", got, want)
	}
	carol := c.user("carol", "")
	for _, f := range carol.get("flows").items("flows", "flow") {
		seen := slices.Contains(want, f["name"].(string))
		if a := bob.get("flows/" + f["id"].(string)); (a.status == http.StatusOK) != seen {
			t.Errorf("%s: status %d", f["name"], a.status)
		}
	}
	if a := bob.get("flows/none"); a.status != http.StatusNotFound {
		t.Errorf("an unknown flow: %d", a.status)
	}
	owned := carol.get("users/"+c.sim.UserID("", "chen.wei")+"/flows", "ownedBy", "true")
	if got := namesOf(owned.items("flows", "flow")); !slices.Equal(got, []string{"Shipments Hourly", "Stock Snapshot"}) {
		t.Errorf("chen.wei owns %q", got)
	}
}

func TestRecycleBinsShowOnesOwn(t *testing.T) {
	t.Parallel()
	c := start(t, tableausim.Config{APIVersion: "3.29"})
	for user, want := range map[string][]string{
		"alice": {"Old Forecast", "Test 1"}, "bob": {"Test 1"}, "yuki.tanaka": nil,
		"carol": {"Brexit Watch", "Finland, draft", "Old Forecast", "Pop-ups", "Test 1", "Test 1"},
	} {
		if got := namesOf(c.user(user, "").get("recyclebin/workbooks").items("contentItems", "contentItem")); !slices.Equal(got, want) {
			t.Errorf("%s: %q, want %q", user, got, want)
		}
	}
}
