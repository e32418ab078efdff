package tableausim_test

import (
	"net/http"
	"strings"
	"testing"

	"vitrine/internal/tableausim"
)

func TestCollectionsShowWhatTheCallerSees(t *testing.T) {
	t.Parallel()
	c := start(t, tableausim.Config{APIVersion: "3.28"})
	names := func(who *client) string {
		list, _ := who.beside("collections").at("items").([]any)
		var out []string
		for _, x := range list {
			out = append(out, x.(map[string]any)["name"].(string))
		}
		return strings.Join(out, ",")
	}
	alice, bob, carol := c.user("alice", ""), c.user("bob", ""), c.user("carol", "")
	if a, b, all := names(alice), names(bob), names(carol); !strings.Contains(a, "Monday morning") || strings.Contains(b, "Monday") || b == "" || all != a {
		t.Errorf("alice %s; bob %s; carol %s", a, b, all)
	}
	list, _ := carol.beside("collections").at("items").([]any)
	for _, x := range list {
		m := x.(map[string]any)
		id := m["luid"].(string)
		one := bob.beside("collections/" + id)
		items := bob.beside("collections/" + id + "/items")
		if m["visibility"] == "Private" {
			if one.status != http.StatusNotFound || one.text("code") != "404038" || items.status != http.StatusNotFound {
				t.Errorf("bob reads %v: %d %d", m["name"], one.status, items.status)
			}
			continue
		}
		if shown, _ := items.at("items").([]any); float64(len(shown)) != one.at("permissionedItemCount") || items.at("totalCount") != one.at("permissionedItemCount") {
			t.Errorf("%v: %s\n%s", m["name"], one.body, items.body)
		}
	}
	if a := start(t, tableausim.Config{}).user("alice", "").beside("collections"); a.status != http.StatusNotFound {
		t.Errorf("3.27 has collections: %d", a.status)
	}
}

func TestUsageStatisticsAreCloudsAlone(t *testing.T) {
	t.Parallel()
	c := start(t, tableausim.Config{Cloud: true})
	alice := c.user("alice@example.com", tableausim.CloudSite)
	book := alice.get("workbooks", "pageSize", "1").items("workbooks", "workbook")[0]["id"].(string)
	one := alice.beside("content/usage-stats/workbooks/" + book)
	if one.status != http.StatusOK || one.text("hitsTotal") == "" || one.text("hitsLastTwelveMonthsTotal") == "" {
		t.Errorf("%d %s", one.status, one.body)
	}
	x := *alice
	x.base = strings.TrimSuffix(x.base, "3.27")
	x.headers = map[string]string{"Content-Type": "application/vnd.tableau.usagestats.v1.BatchGetUsageRequest+json"}
	many := x.do(http.MethodPost, "-/content/usage-stats", `{"content_items":[{"luid":"`+book+`","type":"workbook"},{"luid":"none","type":"view"}]}`)
	items, _ := many.at("content_items").([]any)
	errs, _ := many.at("errors").([]any)
	if many.status != http.StatusCreated || len(items) != 1 || len(errs) != 1 {
		t.Fatalf("%d %s", many.status, many.body)
	}
	if got := items[0].(map[string]any)["usage"].(map[string]any)["hitsTotal"]; got != one.text("hitsTotal") {
		t.Errorf("together %v, alone %s", got, one.text("hitsTotal"))
	}
	if bad := x.do(http.MethodPost, "-/content/usage-stats", "nonsense"); bad.status != http.StatusBadRequest {
		t.Errorf("nonsense: %d", bad.status)
	}
	server := start(t, tableausim.Config{}).user("alice", "")
	if a := server.beside("content/usage-stats/workbooks/" + book); a.status != http.StatusNotFound {
		t.Errorf("Tableau Server: %d", a.status)
	}
}
