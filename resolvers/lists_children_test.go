package resolvers_test

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"

	"vitrine/internal/tableausim"
	"vitrine/resolvers"
)

// childList is a list of an object that is a part of a list of the site.
type childList struct {
	coordinate string
	parent     string // how the object is asked for, with % for its name or LUID
	parents    string // the site's list of such objects, or empty where names are given
	of         string // the site's list
	condition  string // of its filter that keeps the object's own, with an operator and % for the name or LUID
	filter     string // type of the filter, where the list takes one
	order      string // type of the order, where it takes one
}

var childLists = []childList{
	{"Tag.workbooks", `tag(by: {label: "%"})`, "", "workbooks", `tags: {eq: "%"}`, "", "WorkbookOrder"},
	{"Tag.views", `tag(by: {label: "%"})`, "", "views", `tags: {eq: "%"}`, "", "ViewOrder"},
	{"Tag.dataSources", `tag(by: {label: "%"})`, "", "dataSources", `tags: {eq: "%"}`, "", "DataSourceOrder"},
	{"View.customViews", `view(by: {luid: "%"})`, "views", "customViews", `viewLuid: {eq: "%"}`, "", "CustomViewOrder"},
	{"Workbook.customViews", `workbook(by: {luid: "%"})`, "workbooks", "customViews", `workbookLuid: {eq: "%"}`, "", "CustomViewOrder"},
	{"Flow.runs", `flow(by: {luid: "%"})`, "flows", "flowRuns", `flowLuid: {eq: "%"}`, "FlowRunFilter", ""},
}

// TestChildListsSayWhatTheSitesListsSay compares lists of tags, views, workbooks and flows with the
// site's lists, filtered for them: the same items in the same order, and the same totals, page by
// page.
func TestChildListsSayWhatTheSitesListsSay(t *testing.T) {
	t.Parallel()
	for _, list := range childLists {
		t.Run(list.coordinate, func(t *testing.T) {
			t.Parallel()
			w := edgeCaseWorld(t, tableausim.Config{})
			names := []string{"odd", "R&D", "Draft [1]", "half;way", "100 % Müller", "plus+minus", "finance", "nobody has this"}
			if list.parents != "" {
				names = luids(newListProbe(t, w, "carol", listOf(list.parents)).all)
			}
			if list.parents == "views" {
				names = append(names, w.sim.ViewID("", "Superstore/sheets/Overview")) // most have no custom view
			}
			filled := 0
			check := func(rt failer, name string, first int, own, orderBy string) {
				filter := func(conditions ...string) string {
					conditions = slices.DeleteFunc(conditions, func(c string) bool { return c == "" })
					if len(conditions) == 0 {
						return ""
					}
					return ", filter: {" + strings.Join(conditions, ", ") + "}"
				}
				name = strings.ReplaceAll(name, `"`, `\"`)
				want := pagesOf(rt, t, w, "site { list: "+list.of, first, filter(strings.ReplaceAll(list.condition, "%", name), own)+orderBy, " }")
				got := pagesOf(rt, t, w, "site { of: "+strings.ReplaceAll(list.parent, "%", name)+" { list: "+list.coordinate[strings.Index(list.coordinate, ".")+1:], first, filter(own)+orderBy, " } }")
				if diff := cmp.Diff(want, got); diff != "" {
					rt.Fatalf("%s of %s%s (-site's +own):\n%s", list.coordinate, name, orderBy+own, diff)
				}
				if strings.Contains(got[0], " ") {
					filled++
				}
			}
			for i := len(names) - 1; i >= 0 && filled == 0; i-- { // not left to chance: one that has items
				check(t, names[i], 2, "", "")
			}
			rapid.Check(t, func(rt *rapid.T) {
				c := chooser{rt}
				name := names[c.IntN(len(names))]
				if list.parents == "views" && c.IntN(2) == 0 {
					name = names[len(names)-1]
				}
				own, orderBy := "", ""
				if list.order != "" {
					field := []string{"NAME", "CREATED_AT", "UPDATED_AT"}[c.IntN(3)]
					orderBy = fmt.Sprintf(", orderBy: [{field: %s, direction: %s}]", field, []string{"ASC", "DESC"}[c.IntN(2)])
				}
				if list.filter != "" && c.IntN(2) == 0 {
					own = fmt.Sprintf("progress: {%s: %d}", []string{"eq", "gt", "lte"}[c.IntN(3)], []int{0, 40, 100}[c.IntN(3)])
				}
				check(rt, name, 1+c.IntN(5), own, orderBy)
			})
			if filled == 0 {
				t.Error("no list had any items, so this proves nothing")
			}
		})
	}
}

// pagesOf reads a list that is called "list", as carol, and gives each page as text: its total and
// its items.
func pagesOf(t failer, test testing.TB, w *world, open string, first int, arguments, closed string) []string {
	t.Helper()
	var pages []string
	for after := ""; ; {
		at := ""
		if after != "" {
			at = fmt.Sprintf(", after: %q", after)
		}
		query := fmt.Sprintf("{ %s(first: %d%s%s) { totalCount pageInfo { hasNextPage endCursor } nodes { luid } }%s }", open, first, at, arguments, closed)
		got := w.ask(test, "carol", query, nil)
		if len(got.Errors) > 0 {
			t.Fatalf("%s\n%s", query, got.raw)
		}
		site := got.Data["site"].(map[string]any)
		list, own := site["list"].(map[string]any)
		if !own {
			list = site["of"].(map[string]any)["list"].(map[string]any)
		}
		page := fmt.Sprint(list["totalCount"])
		for _, node := range list["nodes"].([]any) {
			page += " " + item(node.(map[string]any)).luid()
		}
		pages = append(pages, page)
		info := list["pageInfo"].(map[string]any)
		if info["hasNextPage"] != true {
			return pages
		}
		after = info["endCursor"].(string)
	}
}

// Every list that can be filtered or ordered is tried at random by one of these tests.
func TestEveryListIsTried(t *testing.T) {
	t.Parallel()
	tried := map[string]bool{
		"Site.search":      true, // TestSearchesSayWhatTheWholeSearchSays
		"Project.children": true, // TestProjectChildrenAreThoseOfTheWholeList
	}
	for _, list := range lists {
		tried["Site."+list.field] = true
	}
	for _, field := range []string{"workbooks", "views", "dataSources", "flows"} { // TestProjectListsSayWhatTheWholeListSays
		tried["Project."+field] = true
	}
	for _, list := range childLists {
		tried[list.coordinate] = true
	}
	found := 0
	for name, def := range resolvers.Schema().Types {
		for _, f := range def.Fields {
			if f.Arguments.ForName("filter") == nil && f.Arguments.ForName("orderBy") == nil {
				continue
			}
			found++
			if !tried[name+"."+f.Name] {
				t.Errorf("%s.%s can be filtered or ordered, and no random trial asks it", name, f.Name)
			}
		}
	}
	if found < 20 {
		t.Errorf("only %d lists were found", found)
	}
}
