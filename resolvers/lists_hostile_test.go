package resolvers_test

import (
	"fmt"
	"net/url"
	"slices"
	"testing"

	"pgregory.net/rapid"

	"vitrine/internal/tableausim"
)

// hostile are names with characters that mean something in Tableau's filters, each with look-alikes
// that a wildcard would find too.
var hostile = []string{
	"Star*", "Starling", "*Star", "North Star", "*Star*", "*", "St*r", "a,b", "a", "R&D", "R", "[x]", "x", "[x", "a]b", "q:eq:q", `"quoted"`, "it's",
	`back\slash`, `back\\slash`, `back\`, "(round)", " spaced ", "Ünïcödé 漢字", "%2C", "+", "a+b", "name:eq:Star*,x", ";", "#?=/",
}

// hostileWorld has things of each kind with those names.
func hostileWorld(t *testing.T, config tableausim.Config) *world {
	t.Helper()
	w := newWorld(t, config, nil)
	view := w.sim.ViewID("", "Superstore/sheets/Overview")
	for i, name := range hostile {
		project, err := w.sim.AddProject("", tableausim.Project{Name: name, Owner: "carol"})
		if err == nil {
			_, err = w.sim.AddWorkbook("", tableausim.Workbook{
				Name: name, Description: name, Project: project, Owner: "carol", Tags: []string{name, "common"},
			})
		}
		if err == nil {
			_, err = w.sim.AddFlow("", tableausim.Flow{Name: name, Project: project, Owner: "carol"})
		}
		if err == nil {
			_, err = w.sim.AddCustomView("", tableausim.CustomView{Name: name, View: view, Owner: "carol"})
		}
		if err == nil {
			_, err = w.sim.AddRecycled("", tableausim.Recycled{Name: name, Path: "Bin/" + name, Owner: "alice", Deleter: "carol"})
		}
		if err == nil {
			_, err = w.sim.AddUser("", tableausim.User{Name: name + "@" + fmt.Sprint(i), FullName: name, SiteRole: "Viewer"})
		}
		if err == nil {
			err = w.sim.AddGroupSet("", name)
		}
		if err != nil {
			t.Fatalf("%q: %v", name, err)
		}
	}
	return w
}

// TestFiltersAreExactWhateverTheValue asks each text filter of each list for hostile values, on
// servers with wildcards and without, and compares with what the unfiltered list has. What items do
// not tell is refused where a server would take it for more.
func TestFiltersAreExactWhateverTheValue(t *testing.T) {
	t.Parallel()
	newest := map[string]string{"recycleBin": "3.29", "collections": "3.28"}
	for _, config := range []tableausim.Config{{}, {APIVersion: "3.15", Maintenance: 14}, {APIVersion: "3.14"}} {
		for _, list := range lists {
			config := config
			texts := slices.ContainsFunc(list.conditions, func(c condition) bool { return c.kind == aText || c.kind == aTextEq || c.kind == aMatch })
			if since, late := newest[list.field]; late && texts && config.APIVersion == "" {
				config.APIVersion = since
			} else if late || !texts || config.APIVersion != "" && slices.Contains([]string{"customViews", "groupSets"}, list.field) {
				continue
			}
			t.Run(list.field+" on "+config.APIVersion, func(t *testing.T) {
				t.Parallel()
				s := newListProbeWithin(t, hostileWorld(t, config), "carol", list, map[string]any{})
				for _, c := range list.conditions {
					s.exact(c)
				}
			})
		}
	}
}

// exact asks one filter for each hostile value, and for what items have that is like one.
func (s *listProbe) exact(c condition) {
	s.t.Helper()
	var ops []string
	switch c.kind {
	case aTextEq:
		ops = []string{"eq"}
	case aText, aMatch:
		ops = []string{"eq", "in"}
	default:
		return
	}
	for _, value := range hostile {
		for _, op := range ops {
			want := any(value)
			if op == "in" {
				want = []any{value, "common"}
			}
			got := s.page(10_000, "", map[string]any{c.name: map[string]any{op: want}}, nil)
			if c.path == "" {
				if got.codes != nil && !slices.Contains(got.codes, "BAD_USER_INPUT") {
					s.t.Errorf("%s %s %q: %v %s", c.name, op, value, got.codes, got.message)
				}
				continue
			}
			var passing []item
			for _, i := range s.all {
				if c.holds(i, op, want) {
					passing = append(passing, i)
				}
			}
			if got.codes != nil || got.total != len(passing) || !slices.Equal(luids(got.items), luids(passing)) {
				s.t.Errorf("%s %s %q: %d items of %d, want %d; %v %s", c.name, op, value, len(got.items), got.total, len(passing), got.codes, got.message)
			}
		}
	}
}

// TestLookUpsAreExactWhateverTheName looks things up by hostile names: what is found has that name,
// and nothing is found where nothing has it.
func TestLookUpsAreExactWhateverTheName(t *testing.T) {
	t.Parallel()
	for _, config := range []tableausim.Config{{}, {APIVersion: "3.14"}} {
		w := hostileWorld(t, config)
		for i, name := range append(slices.Clone(hostile), "Star", "Sta*", "*ling", "Superst*") {
			got := w.ask(t, "carol", `query($name: String!, $user: String!, $bare: String!) { site {
				project(by: {path: [$name]}) { name } user(by: {name: $user}) { name } wild: user(by: {name: $bare}) { name }
				tag(by: {label: $name}) { workbooks(first: 100) { totalCount nodes { name tags { label } } } }
			} }`, map[string]any{"name": name, "user": fmt.Sprintf("%s@%d", name, i), "bare": name + "*"})
			site, _ := got.Data["site"].(map[string]any)
			if site == nil {
				t.Fatalf("%q: %v", name, got.Errors)
			}
			known := i < len(hostile)
			if user, _ := site["user"].(map[string]any); (user != nil) != known || known && user["name"] != fmt.Sprintf("%s@%d", name, i) {
				t.Errorf("user %q: %v %v", name, site["user"], got.Errors)
			}
			if site["wild"] != nil {
				t.Errorf("user %q: %v", name+"*", site["wild"])
			}
			if project, _ := site["project"].(map[string]any); project != nil && project["name"] != name {
				t.Errorf("project %q: %v", name, project)
			}
			tagged := site["tag"].(map[string]any)["workbooks"].(map[string]any)
			if n := tagged["totalCount"]; n != map[bool]float64{true: 1, false: 0}[known] {
				t.Errorf("tag %q: %v workbooks", name, n)
			}
		}
	}
}

// TestViewFiltersAreUnderstoodAsTheyWereMeant sends values of any characters, and compares with
// what the stand-in reads of them.
func TestViewFiltersAreUnderstoodAsTheyWereMeant(t *testing.T) {
	t.Parallel()
	w := newWorld(t, tableausim.Config{}, nil)
	rapid.Check(t, func(rt *rapid.T) {
		text := rapid.StringOfN(rapid.SampledFrom([]rune(`ab ,\&*[]:"'=+%;#漢`)), 1, 8, -1)
		field := text.Draw(rt, "field")
		values := rapid.SliceOfN(text, 1, 4).Draw(rt, "values")
		parameter := text.Draw(rt, "parameter")
		got := w.ask(t, "alice", `query($field: String!, $values: [String!]!, $parameter: String!) { site { view(by: {path: "Superstore/Overview"}) {
			data(options: {filters: [{field: $field, values: $values}], parameters: [{name: "P", value: $parameter}]}) { totalCount }
		} } }`, map[string]any{"field": field, "values": values, "parameter": parameter})
		if len(got.Errors) > 0 {
			rt.Fatalf("%s", got.Errors[0].Message)
		}
		calls := w.sim.Log()
		i := slices.IndexFunc(calls, func(c tableausim.Call) bool { return c.Template == "GET sites/{site}/views/{id}/data" })
		sent, err := url.ParseQuery(calls[i].Query)
		w.sim.ResetLog()
		if err != nil {
			rt.Fatal(err)
		}
		if read := tableausim.ViewFilterValues(sent.Get("vf_" + field)); !slices.Equal(read, values) {
			rt.Errorf("%q of %q is understood as %q", values, field, read)
		}
		if read := tableausim.ViewFilterValues(sent.Get("vf_Parameters.P")); !slices.Equal(read, []string{parameter}) {
			rt.Errorf("parameter %q is understood as %q", parameter, read)
		}
	})
}
