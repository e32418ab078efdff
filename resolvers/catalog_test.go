package resolvers_test

import (
	"fmt"
	"testing"

	"vitrine/internal/tableau"
	"vitrine/internal/tableausim"
)

// idsOf gives global ids of a list of the site, as somebody.
func (w *world) idsOf(t *testing.T, user, list string) []any {
	t.Helper()
	got := w.ask(t, user, fmt.Sprintf(`{ site { %s { nodes { id } } } }`, list), nil)
	var ids []any
	for _, n := range got.Data["site"].(map[string]any)[list].(map[string]any)["nodes"].([]any) {
		ids = append(ids, n.(map[string]any)["id"])
	}
	if len(ids) < 2 {
		t.Fatalf("%s has %d %s", user, len(ids), list)
	}
	return ids
}

// TestNodesOfTheCatalogAreAskedAboutTogether looks objects up by id, and what hangs off them in one
// call for all of a kind.
func TestNodesOfTheCatalogAreAskedAboutTogether(t *testing.T) {
	t.Parallel()
	w := newWorld(t, tableausim.Config{}, nil)
	for list, tt := range map[string]struct {
		selection string
		extra     int // calls beside one for each object
	}{
		"customViews":        {"... on CustomView { name owner { fullName } view { viewCount project { name } } workbook { sizeMegabytes } }", 3},
		"flows":              {"... on Flow { name owner { fullName } project { path } outputSteps { name } }", 2},
		"virtualConnections": {"... on VirtualConnectionInfo { name url isCertified owner { fullName } project { path } }", 3},
	} {
		ids := w.idsOf(t, "carol", list)
		got := w.ask(t, "carol", fmt.Sprintf(`query($ids: [ID!]!) { nodes(ids: $ids) { id __typename %s } }`, tt.selection), map[string]any{"ids": ids})
		if len(got.Errors) > 0 || got.calls() > len(ids)+tt.extra {
			t.Errorf("%s: %v, %d calls for %d objects: %v", list, got.codes(), got.calls(), len(ids), got.Extensions.Vitrine.Calls)
		}
		for i, n := range got.Data["nodes"].([]any) {
			n, _ := n.(map[string]any)
			if n["id"] != ids[i] || n["name"] == nil {
				t.Errorf("%s: node %d is %v", list, i, n)
			}
			for name, v := range n {
				if v == nil {
					t.Errorf("%s: node %d has no %s", list, i, name)
				}
			}
		}
	}
}

// TestHiddenCatalogIsLikeMissing holds that what somebody may not see of the catalog is answered as
// what does not exist.
func TestHiddenCatalogIsLikeMissing(t *testing.T) {
	t.Parallel()
	w := newWorld(t, tableausim.Config{}, nil)
	single := map[string]string{"customViews": "customView", "flows": "flow", "virtualConnections": "virtualConnection"}
	kinds := map[string]string{"customViews": tableau.KindCustomView, "flows": tableau.KindFlow, "virtualConnections": tableau.KindVirtualConnection}
	for list, field := range single {
		hidden := 0
		for _, id := range w.idsOf(t, "carol", list) {
			_, _, luid, err := tableau.ParseGlobalID(id.(string))
			if err != nil {
				t.Fatal(err)
			}
			const query = `query($id: ID!, $luid: LUID!) { node(id: $id) { id } site { %s(by: {luid: $luid}) { name } } }`
			seen := w.ask(t, "bob", fmt.Sprintf(query, field), map[string]any{"id": id, "luid": luid})
			if len(seen.Errors) == 0 {
				continue
			}
			hidden++
			missing := w.ask(t, "bob", fmt.Sprintf(query, field), map[string]any{"id": tableau.GlobalID(kinds[list], "", "none"), "luid": "none"})
			if fmt.Sprint(seen.Data, seen.Errors) != fmt.Sprint(missing.Data, missing.Errors) || len(seen.Errors) != 2 {
				t.Errorf("%s: hidden %s\nmissing %s", list, seen.raw, missing.raw)
			}
		}
		if hidden == 0 {
			t.Errorf("bob sees all %s", list)
		}
	}
}

// TestCustomViewsOfManyViewsTakeFewCalls reads the custom views of all views of some workbooks with
// a call for each workbook.
func TestCustomViewsOfManyViewsTakeFewCalls(t *testing.T) {
	t.Parallel()
	w := newWorld(t, tableausim.Config{}, nil)
	got := w.ask(t, "alice", `{ site { workbooks(filter: {name: {in: ["Superstore", "Regional Sales", "Nordic Sales"]}}) {
		nodes { name views { name customViews(orderBy: [{field: NAME}]) { totalCount nodes { name view { name path } owner { name } } } } }
	} } }`, nil)
	if len(got.Errors) > 0 || got.calls() > 5 {
		t.Fatalf("%v in %d calls: %v", got.codes(), got.calls(), got.Extensions.Vitrine.Calls)
	}
	n := 0
	for _, b := range got.Data["site"].(map[string]any)["workbooks"].(map[string]any)["nodes"].([]any) {
		for _, v := range b.(map[string]any)["views"].([]any) {
			v := v.(map[string]any)
			for _, c := range v["customViews"].(map[string]any)["nodes"].([]any) {
				if n++; c.(map[string]any)["view"].(map[string]any)["name"] != v["name"] {
					t.Errorf("%v is among those of %v", c, v["name"])
				}
			}
		}
	}
	if n != 6 { // two of Superstore/Overview, one of its second view, two of Regional Sales, one of Nordic Sales
		t.Errorf("%d custom views", n)
	}
}
