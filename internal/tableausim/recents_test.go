package tableausim_test

import (
	"net/http"
	"testing"

	"vitrine/internal/tableausim"
)

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
