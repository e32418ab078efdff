package resolvers_test

import (
	"fmt"
	"net/http"
	"slices"
	"strings"
	"testing"

	"vitrine/internal/tableausim"
	"vitrine/resolvers"
)

// Views of workbooks of views multiply an answer without a call to Tableau.
func TestAnswersThatWouldBeTooLargeAreRefused(t *testing.T) {
	t.Parallel()
	w := newWorld(t, tableausim.Config{}, func(c *resolvers.Config) { c.MaxFields, c.Limits = 20_000, unbounded })
	nested := "name"
	for range 8 {
		nested = "workbook { views { " + nested + " } }"
	}
	for _, c := range []struct {
		name, query string
		status      int
	}{
		{"lists of lists", `{ site(contentUrl: "") { views(first: 1000) { nodes { ` + nested + ` } } } }`, http.StatusOK},
		{"objects of objects", `{ site(contentUrl: "") { views(first: 1000) { nodes { ...f0 } } } } ` + objectsOfObjects(10), http.StatusOK},
		{"unfolding alone", `{ site(contentUrl: "") { view(by: {path: "a/b"}) { ...f0 } a: view(by: {path: "a/c"}) { ...f0 } ` +
			strings.Repeat(`b: view(by: {path: "a/b"}) { ...f0 } `, 8) + `} } ` + objectsOfObjects(16), http.StatusBadRequest},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			got := w.ask(t, "alice", c.query, nil)
			if codes := slices.Compact(got.codes()); got.status != c.status || !slices.Equal(codes, []string{"QUERY_TOO_COSTLY"}) {
				t.Errorf("%d %v, want %d QUERY_TOO_COSTLY", got.status, codes, c.status)
			}
			if len(got.raw) > 1<<20 {
				t.Errorf("%d bytes were put together", len(got.raw))
			}
		})
	}
}

// objectsOfObjects are fragments that unfold to two objects for each, so many times: no list is
// needed.
func objectsOfObjects(times int) string {
	var fragments strings.Builder
	for i := range times {
		on, field := "View", "workbook"
		if i%2 == 1 {
			on, field = "Workbook", "defaultView"
		}
		fmt.Fprintf(&fragments, "fragment f%d on %s { a: %s { ...f%d } b: %[3]s { ...f%[4]d } } ", i, on, field, i+1)
	}
	fmt.Fprintf(&fragments, "fragment f%d on View { luid }", times)
	return fragments.String()
}

// What a budget is measured by is what is answered: what just fits is answered in full.
func TestBudgetIsHeldAsItIsAnswered(t *testing.T) {
	t.Parallel()
	// site, workbooks, nodes, and two fields for each of ten; the list counts once with one item
	// when the operation begins.
	query := `{ site(contentUrl: "") { workbooks(first: 10) { nodes { name luid } } } }`
	for most, want := range map[int]int{30: 0, 29: 1} {
		w := newWorld(t, tableausim.Config{}, func(c *resolvers.Config) { c.MaxFields = most })
		if got := w.ask(t, "alice", query, nil); len(got.Errors) != want {
			t.Errorf("%d fields at most: %v, want %d errors", most, got.codes(), want)
		}
	}
}

func TestErrorsOfOneAnswerAreBounded(t *testing.T) {
	t.Parallel()
	w := newWorld(t, tableausim.Config{Workbooks: 1500}, nil)
	defer w.sim.Fault(tableausim.Fault{
		Match: func(r *http.Request) bool { return strings.HasSuffix(r.URL.Path, "/views") }, Kind: tableausim.ServerError,
	})()
	got := w.ask(t, "carol", `{ site(contentUrl: "") { workbooks(first: 1500) { nodes { views { sheetType } } } } }`, nil)
	if n := len(got.Errors); n == 0 || n > 1000 || n == 1000 && !strings.Contains(got.Errors[999].Message, "more errors after this one") {
		t.Errorf("%d errors", n)
	}
}
