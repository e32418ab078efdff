package resolvers_test

import (
	"fmt"
	"testing"

	"github.com/google/go-cmp/cmp"

	"vitrine/internal/tableausim"
)

// extraFields are what an object has that some ways to it do not bring along: GraphQL does not know
// ways.
var extraFields = map[string]string{
	"projects":  `isTopLevel isWritable path counts { workbookCount } parent { name } owner { name fullName }`,
	"workbooks": `sheetCount hasExtracts sizeMegabytes showsTabs project { name path } owner { name fullName } defaultView { name sheetType } tags { label }`,
	"views": `sheetType sheetTypeRaw favoriteCount viewCount path urlName project { name path } owner { name fullName }
		workbook { name contentUrl sheetCount owner { fullName } } tags { label }`,
	"dataSources": `type hasExtracts hasAlert isPublished isCertified serverName databaseName connectedWorkbookCount favoriteCount
		project { name } owner { name fullName } tags { label }`,
}

// TestEveryWayToAnObjectTellsTheSame compares objects out of lists with the same ones by LUID, by
// key, and by global id.
func TestEveryWayToAnObjectTellsTheSame(t *testing.T) {
	t.Parallel()
	w := newWorld(t, tableausim.Config{}, nil)
	for _, c := range []struct{ list, one, kind, key, by string }{
		{"projects", "project", "Project", "path", "path"},
		{"workbooks", "workbook", "Workbook", "contentUrl", "contentUrl"},
		{"views", "view", "View", "path", "path"},
		{"dataSources", "dataSource", "DataSource", "contentUrl", "contentUrl"},
	} {
		for _, user := range []string{"carol", "bob"} {
			t.Run(c.list+" as "+user, func(t *testing.T) {
				t.Parallel()
				what := "id luid name " + extraFields[c.list] + " key: " + c.key
				got := w.ask(t, user, fmt.Sprintf(`{ site { %s(first: 5) { nodes { %s } } } }`, c.list, what), nil)
				nodes := got.Data["site"].(map[string]any)[c.list].(map[string]any)["nodes"].([]any)
				var ids []any
				for _, node := range nodes {
					node := node.(map[string]any)
					ids = append(ids, node["id"])
					for by, value := range map[string]any{"luid": node["luid"], c.by: node["key"]} {
						if c.list == "projects" && by == "path" && user == "bob" {
							continue // below an ancestor that bob does not see a path does not begin at the top
						}
						query := fmt.Sprintf(`query($by: %sLookup!) { site { %s(by: $by) { %s } } }`, c.kind, c.one, what)
						got := w.ask(t, user, query, map[string]any{"by": map[string]any{by: value}})
						if diff := cmp.Diff(node, got.Data["site"].(map[string]any)[c.one]); diff != "" || got.Errors != nil {
							t.Errorf("by %s %v (-list +look-up): %v\n%s", by, value, got.Errors, diff)
						}
					}
				}
				query := fmt.Sprintf(`query($ids: [ID!]!) { nodes(ids: $ids) { ... on %s { %s } } }`, c.kind, what)
				got = w.ask(t, user, query, map[string]any{"ids": ids})
				if diff := cmp.Diff(any(nodes), got.Data["nodes"]); diff != "" || got.Errors != nil {
					t.Errorf("by global id (-list +look-up): %v\n%s", got.Errors, diff)
				}
				if calls := got.calls(); calls > len(ids)+5 {
					t.Errorf("%d calls for %d global ids: %v", calls, len(ids), got.Extensions.Vitrine.Calls)
				}
			})
		}
	}
}
