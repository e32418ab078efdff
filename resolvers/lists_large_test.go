package resolvers_test

import (
	"fmt"
	"testing"

	"vitrine/internal/tableausim"
)

// TestHugeProjectsArePaged reads a project with more workbooks than are read whole, and another of
// its name, for which Tableau has no filter that separates them: totals and pages are still right.
func TestHugeProjectsArePaged(t *testing.T) {
	t.Parallel()
	w := newWorld(t, tableausim.Config{}, nil)
	everyone := []tableausim.Rule{{Group: "All Users"}}
	project := func(parent string) string {
		id, err := w.sim.AddProject("", tableausim.Project{Name: "Huge", Parent: parent, Owner: "carol", Access: everyone})
		if err != nil {
			t.Fatal(err)
		}
		return id
	}
	const most, few = 10_050, 40
	huge := project("")
	small := project(huge)
	for i := range most + few {
		in := huge
		if i%250 == 1 && i/250 < few {
			in = small
		}
		if _, err := w.sim.AddWorkbook("", tableausim.Workbook{Name: fmt.Sprintf("W%05d", i), Project: in, Owner: "carol"}); err != nil {
			t.Fatal(err)
		}
	}
	page := func(in string, after any) (names []string, total, calls int, next any) {
		got := w.ask(t, "carol", `query($luid: LUID!, $after: String) { site { project(by: {luid: $luid}) {
			workbooks(first: 1500, after: $after, orderBy: [{field: NAME}]) { totalCount pageInfo { hasNextPage endCursor } nodes { name } }
		} } }`, map[string]any{"luid": in, "after": after})
		if len(got.Errors) > 0 {
			t.Fatal(got.Errors[0].Message)
		}
		list := got.Data["site"].(map[string]any)["project"].(map[string]any)["workbooks"].(map[string]any)
		for _, n := range list["nodes"].([]any) {
			names = append(names, n.(map[string]any)["name"].(string))
		}
		if info := list["pageInfo"].(map[string]any); info["hasNextPage"] == true {
			next = info["endCursor"]
		}
		return names, int(list["totalCount"].(float64)), got.calls(), next
	}
	for in, want := range map[string]int{huge: most, small: few} {
		last, n := "", 0
		for after := any(nil); ; {
			names, total, calls, next := page(in, after)
			if total != want || calls > 25 {
				t.Fatalf("a total of %d in %d calls, want %d", total, calls, want)
			}
			for _, name := range names {
				if name <= last {
					t.Fatalf("%s after %s", name, last)
				}
				last = name
			}
			if n += len(names); next == nil {
				break
			}
			after = next
		}
		if n != want {
			t.Errorf("%d workbooks, want %d", n, want)
		}
	}
}
