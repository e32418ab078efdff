package resolvers_test

import (
	"encoding/json"
	"errors"
	"flag"
	"fmt"
	"maps"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"

	"vitrine/internal/tableausim"
)

// oddNames are names that Tableau's grammar of filters cannot take, or that are written differently
// on the way.
var oddNames = []string{
	"Costs, by month", "R&D", "Draft [1]", `The "big" one`, "100 % Müller", "a:b", "bob,name:eq:admin", "plus+minus", "half;way",
	"Ångström 🙂", `back\slash`, "a/b", "<b>", "it's", "Q1, Q2 & [Q3]", "#1", "?=&", "日本",
}

// edgeCaseWorld is the usual world with odd names in it.
func edgeCaseWorld(t *testing.T, config tableausim.Config) *world {
	t.Helper()
	w := newWorld(t, config, nil)
	everyone := []tableausim.Rule{{Group: "All Users"}}
	for i, name := range oddNames {
		project, err := w.sim.AddProject("", tableausim.Project{Name: name, Owner: "alice", Access: everyone})
		if err != nil {
			t.Fatal(err)
		}
		if i%3 == 0 { // others of its name
			if project, err = w.sim.AddProject("", tableausim.Project{Name: name, Parent: project, Owner: "bob", Access: everyone}); err != nil {
				t.Fatal(err)
			}
		}
		for _, in := range []string{project, ""} {
			_, err = w.sim.AddWorkbook("", tableausim.Workbook{
				Name: name, Description: "about " + name, Project: in, Owner: "bob", Tags: []string{name, "odd"}, Access: everyone,
			})
			if err != nil {
				t.Fatal(err)
			}
		}
		addOddCatalog(t, w, name, project, everyone)
		if _, err := w.sim.AddUser("", tableausim.User{Name: "user " + name, FullName: name, Domain: "corp"}); err != nil {
			t.Fatal(err)
		}
	}
	return w
}

// addOddCatalog adds a flow, a custom view, something recycled, a collection and a set of groups of
// an odd name.
func addOddCatalog(t *testing.T, w *world, name, project string, everyone []tableausim.Rule) {
	t.Helper()
	_, err1 := w.sim.AddFlow("", tableausim.Flow{Name: name, Project: project, Owner: "bob", Access: everyone})
	_, err2 := w.sim.AddCustomView("", tableausim.CustomView{
		Name: name, View: w.sim.ViewID("", "Superstore/sheets/Overview"), Owner: "alice", Shared: len(name)%2 == 0,
	})
	_, err3 := w.sim.AddRecycled("", tableausim.Recycled{Name: name, Path: "Sales/" + name, Owner: "alice", Deleter: "carol"})
	_, err4 := w.sim.AddCollection("", tableausim.Collection{Name: name, Owner: []string{"alice", "bob", "carol"}[len(name)%3], Private: len(name)%2 == 0})
	err5 := w.sim.AddGroupSet("", name, "Sales Team", "Nordics")
	if err := errors.Join(err1, err2, err3, err4, err5); err != nil {
		t.Fatal(err)
	}
}

// chooser makes the choices of a trial: rapid does, so that a failing trial is made small.
type chooser struct{ t *rapid.T }

// IntN is a number from 0 to n-1.
func (c chooser) IntN(n int) int { return rapid.IntRange(0, n-1).Draw(c.t, "choice") }

// Perm is the numbers from 0 to n-1 in some order.
func (c chooser) Perm(n int) []int {
	all := make([]int, n)
	for i := range all {
		all[i] = i
	}
	return rapid.Permutation(all).Draw(c.t, "order")
}

// Fewer trials than rapid's hundred: each is several questions, and there are two dozen lists.
// -rapid.checks asks for more.
func init() {
	if err := flag.Set("rapid.checks", "30"); err != nil {
		panic(err)
	}
}

// try makes random trials of a survey.
func (s *listProbe) try(t *testing.T, check func(*listProbe, trial)) {
	t.Helper()
	rapid.Check(t, func(rt *rapid.T) {
		one := *s
		one.t, one.random = rt, chooser{rt}
		check(&one, one.trial())
	})
}

// failer is a test, or a trial of one.
type failer interface {
	Helper()
	Errorf(format string, args ...any)
	Fatalf(format string, args ...any)
}

// listProbe holds what a list says unfiltered, as one person.
type listProbe struct {
	test    testing.TB
	t       failer
	w       *world
	user    string
	list    listed
	project string         // LUID, where the list is that of one project; empty for the site's
	within  map[string]any // what every filter says besides
	random  chooser
	all     []item
	byOrder map[string][]item
	alone   map[string]map[string]bool // what the list says to a condition that items do not tell
}

func newListProbe(t *testing.T, w *world, user string, list listed) *listProbe {
	t.Helper()
	return newListProbeWithin(t, w, user, list, nil)
}

func newListProbeWithin(t *testing.T, w *world, user string, list listed, within map[string]any) *listProbe {
	t.Helper()
	if user == "bob" {
		list.conditions = slices.DeleteFunc(slices.Clone(list.conditions), func(c condition) bool { return c.people })
	} else {
		list.selection = strings.Replace(list.selection, "owner { name", "owner { name email", 1)
	}
	s := &listProbe{
		test: t, t: t, w: w, user: user, list: list, within: within,
		byOrder: map[string][]item{}, alone: map[string]map[string]bool{},
	}
	s.all = s.whole(nil, nil)
	if len(s.all) < 5 {
		t.Fatalf("%s has %d %s only", user, len(s.all), list.field)
	}
	if seen := w.sim.Seen("", user, list.kind); list.kind != "" && !slices.Equal(seen, luids(s.all)) {
		t.Fatalf("%s has %d %s, and sees %d", user, len(s.all), list.field, len(seen))
	}
	if within == nil {
		s.compareWithREST()
	}
	return s
}

// answer is one page of the list.
type answer struct {
	items   []item
	total   int
	next    bool
	cursor  string
	codes   []string
	message string
}

func (s *listProbe) page(first int, after string, filter map[string]any, orderBy []any) answer {
	s.t.Helper()
	open, closed := "", ""
	if s.project != "" {
		open, closed = fmt.Sprintf(`project(by: {luid: "%s"}) {`, s.project), "}"
	}
	variables := map[string]any{"first": first, "filter": filter}
	declared, ordered := "", ""
	if s.list.order != "" {
		declared, ordered, variables["orderBy"] = ", $orderBy: ["+s.list.order+"!]", ", orderBy: $orderBy", orderBy
	}
	query := fmt.Sprintf(`query($first: Int!, $after: String, $filter: %s%s) {
		site { %s %s(%sfirst: $first, after: $after, filter: $filter%s) {
			totalCount pageInfo { hasNextPage hasPreviousPage startCursor endCursor } nodes { luid %s } edges { cursor node { luid } }
		} %s }
	}`, s.list.filter, declared, open, s.list.field, s.list.arguments, ordered, s.list.selection, closed)
	if s.within != nil {
		all := maps.Clone(s.within)
		maps.Copy(all, filter)
		variables["filter"] = all
	}
	if after != "" {
		variables["after"] = after
	}
	got := s.w.ask(s.test, s.user, query, variables)
	if len(got.Errors) > 0 {
		return answer{codes: got.codes(), message: got.Errors[0].Message}
	}
	parent := got.Data["site"].(map[string]any)
	if s.project != "" {
		parent = parent["project"].(map[string]any)
	}
	connection := parent[s.list.field].(map[string]any)
	a := answer{total: int(connection["totalCount"].(float64))}
	for _, node := range connection["nodes"].([]any) {
		a.items = append(a.items, item(node.(map[string]any)))
	}
	info := connection["pageInfo"].(map[string]any)
	a.next = info["hasNextPage"].(bool)
	a.cursor, _ = info["endCursor"].(string)
	s.checkEdges(a, connection["edges"].([]any), info, after)
	return a
}

// checkEdges holds the parts of one page together.
func (s *listProbe) checkEdges(a answer, edges []any, info map[string]any, after string) {
	s.t.Helper()
	if len(edges) != len(a.items) || info["hasPreviousPage"] != (after != "") {
		s.t.Fatalf("%s: %d edges, %d nodes, hasPreviousPage %v after %q", s.list.field, len(edges), len(a.items), info["hasPreviousPage"], after)
	}
	for i, edge := range edges {
		edge := edge.(map[string]any)
		if edge["node"].(map[string]any)["luid"] != a.items[i].luid() {
			s.t.Fatalf("%s: edge %d is not node %d", s.list.field, i, i)
		}
		if i == 0 && edge["cursor"] != info["startCursor"] || i == len(edges)-1 && edge["cursor"] != info["endCursor"] {
			s.t.Fatalf("%s: the cursors of the page are not those of its edges", s.list.field)
		}
	}
}

// whole reads a list to its end in the largest pages.
func (s *listProbe) whole(filter map[string]any, orderBy []any) []item {
	s.t.Helper()
	var all []item
	for after := ""; ; {
		a := s.page(10_000, after, filter, orderBy)
		if a.codes != nil {
			s.t.Fatalf("%s filter %s order %s: %v %s", s.list.field, spelled(filter), spelled(orderBy), a.codes, a.message)
		}
		if all = append(all, a.items...); !a.next {
			return all
		}
		after = a.cursor
	}
}

// matches tests a condition by what shows it: the items, or the list itself where they do not tell.
func (s *listProbe) matches(c condition, op string, want any) func(item) bool {
	if c.path != "" {
		return func(i item) bool { return c.holds(i, op, want) }
	}
	filter := map[string]any{c.name: map[string]any{op: want}}
	key := spelled(filter)
	if s.alone[key] == nil {
		s.alone[key] = map[string]bool{}
		for _, i := range s.whole(filter, nil) {
			s.alone[key][i.luid()] = true
		}
	}
	return func(i item) bool { return s.alone[key][i.luid()] }
}

// TestListsSayWhatTheWholeListSays asks random filters, orders and pages of each list, and compares
// with what the unfiltered list has, which is what the stand-in answers to the same person itself:
// the same items in the same order, and the same totals, or BAD_USER_INPUT where neither Tableau
// nor the items can tell.
func TestListsSayWhatTheWholeListSays(t *testing.T) {
	t.Parallel()
	versions := map[string][]string{
		"users": {"3.27", "3.15"}, "groups": {"3.27", "3.15"}, "dataSources": {"3.27", "3.15"}, "customViews": {"3.27", "3.18"}, "recycleBin": {"3.29"}, "collections": {"3.28"},
	}
	adminsOnly := []string{"users", "groups", "customViews", "recycleBin", "jobs", "flowRuns", "groupSets"} // or others see less of it unfiltered than filtered
	for _, list := range lists {
		for _, user := range []string{"carol", "bob"} {
			if user == "bob" && slices.Contains(adminsOnly, list.field) {
				continue
			}
			of := versions[list.field]
			if of == nil {
				of = []string{"3.27"} // nothing differs
			}
			for _, version := range of {
				t.Run(list.field+" as "+user+" on "+version, func(t *testing.T) {
					t.Parallel()
					newListProbe(t, edgeCaseWorld(t, tableausim.Config{APIVersion: version}), user, list).try(t, (*listProbe).check)
				})
			}
		}
	}
}

// TestLongListsSayWhatTheWholeListSays is the same where a list has several of Tableau's pages.
func TestLongListsSayWhatTheWholeListSays(t *testing.T) {
	t.Parallel()
	newListProbe(t, edgeCaseWorld(t, tableausim.Config{Workbooks: 2200}), "carol", listOf("workbooks")).try(t, (*listProbe).check)
}

// TestCustomViewsOfOneViewSayWhatTheyAllSay asks as TestListsSayWhatTheWholeListSays does of the
// custom views of one view, for people whom Tableau shows more or less by what a filter names: here
// a filter only ever narrows.
func TestCustomViewsOfOneViewSayWhatTheyAllSay(t *testing.T) {
	t.Parallel()
	for _, user := range []string{"bob", "alice", "maria.gonzalez"} {
		t.Run(user, func(t *testing.T) {
			t.Parallel()
			w := edgeCaseWorld(t, tableausim.Config{})
			list := listOf("customViews")
			list.conditions = slices.DeleteFunc(slices.Clone(list.conditions), func(c condition) bool { return c.name == "viewLuid" })
			newListProbeWithin(t, w, user, list, map[string]any{
				"viewLuid": map[string]any{"eq": w.sim.ViewID("", "Superstore/sheets/Overview")},
			}).try(t, (*listProbe).check)
		})
	}
}

// TestDataSourcesAreFilteredByTheirConnections is TestListsSayWhatTheWholeListSays with what the
// area GOVERNANCE opens.
func TestDataSourcesAreFilteredByTheirConnections(t *testing.T) {
	t.Parallel()
	list := listOf("dataSources")
	list.conditions = append(slices.Clone(list.conditions),
		condition{"hasEmbeddedPassword", aFlag, "", false}, condition{"isDefaultPort", aFlag, "", false},
		condition{"connectionType", aText, "", false}, condition{"connectionTo", aText, "", false},
		condition{"authenticationType", aText, "", false}, condition{"databaseUserName", aText, "", false},
		condition{"tableName", aText, "", false})
	w := edgeCaseWorld(t, tableausim.Config{})
	newListProbe(t, w, "alice", list).try(t, (*listProbe).check)
	got := w.ask(t, "alice", `{ site {
		live: dataSources(filter: {hasEmbeddedPassword: {eq: true}, serverPort: {eq: 1433}}) { nodes { name connections { serverPort hasEmbeddedPassword } } }
		hyper: dataSources(filter: {connectionType: {in: ["hyper"]}, tableName: {eq: "Extract"}}) { nodes { name } }
	} }`, nil)
	want := `{"live":{"nodes":[{"name":"Orders","connections":[{"serverPort":1433,"hasEmbeddedPassword":true}]}]},` +
		`"hyper":{"nodes":[{"name":"Exchange Rates"},{"name":"Locations"}]}}`
	if text := spelled(got.Data["site"]); len(got.Errors) > 0 || !sameJSON(t, text, want) {
		t.Errorf("%v %s", got.codes(), text)
	}
}

func sameJSON(t *testing.T, a, b string) bool {
	t.Helper()
	var x, y any
	if err := errors.Join(json.Unmarshal([]byte(a), &x), json.Unmarshal([]byte(b), &y)); err != nil {
		t.Fatal(err)
	}
	return cmp.Equal(x, y)
}
