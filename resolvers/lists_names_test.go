package resolvers_test

import (
	"bytes"
	"fmt"
	"testing"

	"vitrine/internal/tableausim"
)

// namedWorld has ten projects, each with ten workbooks of one view. name gives their names.
func namedWorld(t *testing.T, name func(i int) string) *world {
	t.Helper()
	w := newWorld(t, tableausim.Config{}, nil)
	top, err := w.sim.AddProject("", tableausim.Project{Name: "Top", Owner: "carol"})
	if err != nil {
		t.Fatal(err)
	}
	for i := range 10 {
		parent := top
		if name(i) == name(i+1) { // siblings have different names
			if parent, err = w.sim.AddProject("", tableausim.Project{Name: fmt.Sprint("Parent ", i), Parent: top, Owner: "carol"}); err != nil {
				t.Fatal(err)
			}
		}
		project, err := w.sim.AddProject("", tableausim.Project{Name: name(i), Parent: parent, Owner: "carol"})
		for j := 0; err == nil && j < 10; j++ {
			_, err = w.sim.AddWorkbook("", tableausim.Workbook{Name: name(10*i + j), Project: project, Owner: "carol", Tags: []string{"named"}})
			if err == nil {
				_, err = w.sim.AddFlow("", tableausim.Flow{Name: name(10*i + j), Project: project, Owner: "carol"})
			}
		}
		if err != nil {
			t.Fatal(err)
		}
	}
	return w
}

// TestNestedListsTakeOneCallForEachLevel reads lists within lists of what has awkward names: the
// number of calls does not depend on them.
func TestNestedListsTakeOneCallForEachLevel(t *testing.T) {
	t.Parallel()
	for about, name := range map[string]func(int) string{
		"plain":     func(i int) string { return fmt.Sprint("Workbook ", i) },
		"ampersand": func(i int) string { return fmt.Sprintf("Workbook %d & Co", i) },
		"comma":     func(i int) string { return fmt.Sprintf("Smith, Jones %d", i) },
		"quotes":    func(i int) string { return fmt.Sprintf(`"Plan" %d's`, i) },
		"colon":     func(i int) string { return fmt.Sprintf("name:eq:%d", i) },
		"non-ASCII": func(i int) string { return fmt.Sprintf("Übersicht 漢字 %d", i) },
		"same name": func(int) string { return "Superstore" },
		"same odd":  func(int) string { return "R&D" },
		"mixed":     func(i int) string { return fmt.Sprintf([]string{"Plain %d", "R&D %d", "a,b %d", "[%d]"}[i%4], i) },
	} {
		t.Run(about, func(t *testing.T) {
			t.Parallel()
			w := namedWorld(t, name)
			for _, tt := range []struct {
				query string
				calls int
				names int // how often a name of a workbook, view or flow is in the answer
			}{
				{`projects(first: 1000) { nodes { workbooks(first: 10, filter: {tags: {eq: "named"}}) { nodes { name views { name } } } } }`, 3, 200},
				{`projects(first: 1000) { nodes { workbooks(first: 10, filter: {tags: {eq: "named"}}) { nodes { views { name owner { luid } } } } } }`, 3, 100},
				{`projects(first: 1000, filter: {ownerName: {eq: "carol"}}) { nodes { flows(first: 10, filter: {createdAt: {gt: "2000-01-01T00:00:00Z"}}) { nodes { name } } } }`, 2, 0},
				{`workbooks(first: 100, filter: {tags: {eq: "named"}}) { nodes { views { name sheetType viewCount } } }`, 2, 100},
			} {
				got := w.ask(t, "carol", "{ site { "+tt.query+" } }", nil)
				if len(got.Errors) > 0 {
					t.Fatalf("%s\n%s", tt.query, got.Errors[0].Message)
				}
				if n := bytes.Count(got.raw, []byte(`"name":`)); tt.names > 0 && n != tt.names {
					t.Errorf("%s\n%d names, want %d", tt.query, n, tt.names)
				}
				if got.calls() != tt.calls {
					t.Errorf("%s\n%d calls, want %d: %v", tt.query, got.calls(), tt.calls, got.Extensions.Vitrine.Calls)
				}
			}
		})
	}
}
