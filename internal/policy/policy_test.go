package policy

import (
	"errors"
	"flag"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/vektah/gqlparser/v2"
	"github.com/vektah/gqlparser/v2/ast"
	"github.com/vektah/gqlparser/v2/parser"
)

var update = flag.Bool("update", false, "rewrite golden files")

// testSchema loads testdata/schema.graphqls, or the given text in its place.
func testSchema(t testing.TB, text ...string) *ast.Schema {
	t.Helper()
	const file = "testdata/schema.graphqls"
	input := strings.Join(text, "\n")
	if input == "" {
		b, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		input = string(b)
	}
	schema, err := gqlparser.LoadSchema(&ast.Source{Name: file, Input: input})
	if err != nil {
		t.Fatal(err)
	}
	return schema
}

// goldenRoles are the roles whose schemas are goldens: each shows another part of pruning.
var goldenRoles = []Role{
	{Name: "everyone", Allow: []string{"CATALOG"}},
	{Name: "viewers", Allow: []string{"CATALOG", "CONTENT"}, Deny: []string{"View.data", "Workbook.tags"}},
	{Name: "analysts", When: When{Group: "bi-analysts"}, Allow: []string{"CATALOG", "PEOPLE"}, Deny: []string{"User.email", "Workbook.sizeMB"}},
	{Name: "operators", When: When{Group: "bi-admins"}, Allow: []string{"CATALOG", "OPERATIONS"}, Deny: []string{"View", "Failure.reason"}},
	{Name: "downloads", When: When{Group: "bi-admins"}, Allow: []string{"CATALOG", "Workbook.download"}, Deny: []string{"Content.owner"}},
	{
		Name: "all", When: When{Group: "bi-admins"},
		Allow: []string{"CATALOG", "CONTENT", "PEOPLE", "OPERATIONS", "DOWNLOAD"},
	},
}

func testPolicy(t testing.TB, roles ...Role) *Policy {
	t.Helper()
	p, err := New(testSchema(t), roles)
	if err != nil {
		t.Fatal(err)
	}
	return p
}

func testView(t testing.TB, roles ...Role) *View {
	t.Helper()
	p := testPolicy(t, roles...)
	v, err := p.View(p.names())
	if err != nil {
		t.Fatal(err)
	}
	return v
}

func parseQuery(t testing.TB, query string) *ast.QueryDocument {
	t.Helper()
	doc, err := parser.ParseQuery(&ast.Source{Input: query})
	if err != nil {
		t.Fatalf("%v in %s", err, query)
	}
	return doc
}

func TestSDLForIsTheGolden(t *testing.T) {
	t.Parallel()
	p := testPolicy(t, goldenRoles...)
	for _, role := range goldenRoles {
		t.Run(role.Name, func(t *testing.T) {
			t.Parallel()
			got, err := p.SDLFor(role.Name)
			if err != nil {
				t.Fatal(err)
			}
			golden := filepath.Join("testdata", role.Name+".golden.graphqls")
			if *update {
				if err := os.WriteFile(golden, []byte(got), 0o644); err != nil {
					t.Fatal(err)
				}
			}
			want, err := os.ReadFile(golden)
			if err != nil {
				t.Fatal(err)
			}
			if diff := cmp.Diff(string(want), got); diff != "" {
				t.Errorf("SDL of %s (-want +got):\n%s", role.Name, diff)
			}
		})
	}
}

func TestSDLLoadsAgainAsTheSameSchema(t *testing.T) {
	t.Parallel()
	p := testPolicy(t, goldenRoles...)
	for _, role := range goldenRoles {
		v, err := p.View([]string{role.Name})
		if err != nil {
			t.Fatal(err)
		}
		loadsAgain(t, v)
	}
}

// loadsAgain fails unless the SDL of a view loads, as exactly the types of the view, and as a
// schema of queries alone.
func loadsAgain(t *testing.T, v *View) {
	t.Helper()
	loaded, err := gqlparser.LoadSchema(&ast.Source{Name: "view", Input: v.SDL()})
	if err != nil {
		t.Fatalf("the SDL of %v does not load: %v\n%s", v.Roles, err, v.SDL())
	}
	if diff := cmp.Diff(coordinates(loaded), coordinates(v.Schema)); diff != "" {
		t.Errorf("the SDL of %v is not its schema (-SDL +schema):\n%s", v.Roles, diff)
	}
	for _, schema := range []*ast.Schema{loaded, v.Schema} {
		if schema.Query == nil || schema.Mutation != nil || schema.Subscription != nil {
			t.Errorf("roots of %v: query %v, mutation %v, subscription %v", v.Roles, schema.Query, schema.Mutation, schema.Subscription)
		}
	}
}

// coordinates lists everything in a schema, sorted, with types and defaults.
func coordinates(schema *ast.Schema) []string {
	var list []string
	for _, def := range schema.Types {
		head := string(def.Kind) + " " + def.Name
		list = append(list, head+" implements "+strings.Join(def.Interfaces, "&")+" = "+strings.Join(def.Types, "|"))
		for _, f := range def.Fields {
			list = append(list, def.Name+"."+f.Name+": "+f.Type.String()+" = "+f.DefaultValue.String())
			for _, a := range f.Arguments {
				list = append(list, def.Name+"."+f.Name+"("+a.Name+":): "+a.Type.String()+" = "+a.DefaultValue.String())
			}
		}
		for _, v := range def.EnumValues {
			list = append(list, def.Name+"."+v.Name)
		}
	}
	slices.Sort(list)
	return list
}

func TestViewIsWholeForExecution(t *testing.T) {
	t.Parallel()
	full := testSchema(t)
	before := coordinates(full)
	p, err := New(full, goldenRoles)
	if err != nil {
		t.Fatal(err)
	}
	v, err := p.View([]string{"operators"})
	if err != nil {
		t.Fatal(err)
	}
	for name, members := range v.Schema.PossibleTypes {
		for _, member := range members {
			if v.Schema.Types[member.Name] != member {
				t.Errorf("possible type %s of %s is not the one of the schema", member.Name, name)
			}
		}
	}
	for name, abstracts := range v.Schema.Implements {
		for _, abstract := range abstracts {
			if v.Schema.Types[abstract.Name] != abstract {
				t.Errorf("%s implements another %s than the schema has", name, abstract.Name)
			}
		}
	}
	for _, name := range []string{"Query.__schema", "Query.__type", "__Schema", "__Type.fields", "Boolean", "@include", "@skip"} {
		if !v.Has(name) {
			t.Errorf("the view lacks %s", name)
		}
	}
	if diff := cmp.Diff(before, coordinates(full)); diff != "" {
		t.Errorf("pruning changed the schema it was given:\n%s", diff)
	}
}

func TestViewShowsNoDirectiveOfOurs(t *testing.T) {
	t.Parallel()
	v := testView(t, goldenRoles[len(goldenRoles)-1])
	for _, name := range []string{"area", "rest", "reads", "since", "cost", "defer"} {
		if v.Has("@"+name) || strings.Contains(v.SDL(), "@"+name) {
			t.Errorf("@%s is published", name)
		}
	}
	for _, name := range []string{"skip", "include", "deprecated", "specifiedBy", "oneOf"} {
		if !v.Has("@" + name) {
			t.Errorf("@%s is gone", name)
		}
	}
	for _, name := range []string{"Caller", "Deployment"} {
		if v.HasType(name) {
			t.Errorf("%s is published, though only directives use it", name)
		}
	}
}

func TestViewHas(t *testing.T) {
	t.Parallel()
	v := testView(t, Role{Name: "r", Allow: []string{"CATALOG"}})
	tests := map[string]bool{
		"Workbook": true, "Workbook.name": true, "Workbook.download": false, "Workbook.none": false, "None": false, "None.name": false,
		"Site.workbooks(filter:)": true, "Site.workbooks(none:)": false, "Site.workbooks(filter": false, "Workbook.none(x:)": false,
		"WorkbookFilter.ownerName": true, "WorkbookFilter.ownerEmail": false, "Area.PEOPLE": true, "Area.NONE": false,
		"Job": false, "User.email": false, "@skip": true, "@area": false, "": false, ".": false, "Workbook.": false,
	}
	for coord, want := range tests {
		if got := v.Has(coord); got != want {
			t.Errorf("Has(%q) = %v, want %v", coord, got, want)
		}
	}
}

func TestNodeKindsOfClosedAreasDoNotExist(t *testing.T) {
	t.Parallel()
	v := testView(t, Role{Name: "r", Allow: []string{"CATALOG"}})
	for name, want := range map[string]bool{"Workbook": true, "View": true, "User": true, "Site": true, "Group": false, "Job": false} {
		if got := v.HasType(name); got != want {
			t.Errorf("HasType(%q) = %v, want %v", name, got, want)
		}
	}
	if got, want := v.Schema.Types["HitTarget"].Types, []string{"Workbook", "View"}; !slices.Equal(got, want) {
		t.Errorf("a search finds %v, want %v", got, want)
	}
}

func TestRolesForGivesThoseThatMatch(t *testing.T) {
	t.Parallel()
	p := testPolicy(t, goldenRoles...)
	tests := []struct {
		name   string
		groups []string
		want   []string
	}{
		{"none", nil, []string{"everyone", "viewers"}},
		{"another", []string{"BI-ADMINS", "bi-admins "}, []string{"everyone", "viewers"}},
		{"one", []string{"bi-analysts"}, []string{"analysts", "everyone", "viewers"}},
		{"two", []string{"bi-admins", "bi-analysts"}, []string{"all", "analysts", "downloads", "everyone", "operators", "viewers"}},
	}
	for _, tt := range tests {
		if diff := cmp.Diff(tt.want, p.RolesFor(Caller{Groups: tt.groups})); diff != "" {
			t.Errorf("%s (-want +got):\n%s", tt.name, diff)
		}
	}
	closed := testPolicy(t, Role{Name: "a", When: When{Group: "g"}, Allow: []string{"CATALOG"}})
	if got := closed.RolesFor(Caller{Groups: []string{"h"}}); got == nil || len(got) != 0 {
		t.Errorf("RolesFor a stranger = %#v, want none", got)
	}
}

func TestViewAddsRolesUpAndDenyWins(t *testing.T) {
	t.Parallel()
	p := testPolicy(t,
		Role{Name: "catalog", Allow: []string{"CATALOG"}},
		Role{Name: "people", Allow: []string{"PEOPLE", "CONTENT"}},
		Role{Name: "no-mail", Deny: []string{"User.email"}},
		Role{Name: "no-content", Deny: []string{"CONTENT"}},
	)
	v, err := p.View([]string{"people", "no-mail", "catalog", "people", "no-content"})
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff([]string{"CATALOG", "PEOPLE"}, v.Areas); diff != "" {
		t.Errorf("areas (-want +got):\n%s", diff)
	}
	if diff := cmp.Diff([]string{"catalog", "no-content", "no-mail", "people"}, v.Roles); diff != "" {
		t.Errorf("roles (-want +got):\n%s", diff)
	}
	for coord, want := range map[string]bool{
		"Workbook.owner": true, "User.siteRole": true, "User.email": false, "UserFilter.email": false, "View.image": false,
		"WorkbookFilter.ownerEmail": false,
	} {
		if v.Has(coord) != want {
			t.Errorf("Has(%s) = %v", coord, !want)
		}
	}
}

func TestViewRefusesWhatIsNoSetOfRoles(t *testing.T) {
	t.Parallel()
	p := testPolicy(t, Role{Name: "a", Allow: []string{"CATALOG"}},
		Role{Name: "b", Allow: []string{"CATALOG"}, Deny: []string{"Query.site", "Query.node", "Query.nodes"}},
		Role{Name: "c", Deny: []string{"Query.viewer"}})
	if _, err := p.View(nil); !errors.Is(err, ErrNoRoles) {
		t.Errorf("View of nobody: %v", err)
	}
	if _, err := p.View([]string{"c", "b"}); !errors.Is(err, ErrNothingLeft) {
		t.Errorf("View of two roles that deny everything together: %v", err)
	}
	if _, err := p.View([]string{"a", "d"}); err == nil || !strings.Contains(err.Error(), `"d"`) || !strings.Contains(err.Error(), "a, b, c") {
		t.Errorf("View of an unknown role: %v", err)
	}
	if _, err := p.SDLFor("d"); err == nil {
		t.Error("SDLFor an unknown role succeeded")
	}
}

func TestViewIsSharedAndBounded(t *testing.T) {
	t.Parallel()
	roles := make([]Role, 6) // 63 sets
	for i := range roles {
		roles[i] = Role{Name: string(rune('a' + i)), Allow: []string{"CATALOG"}}
	}
	p := testPolicy(t, roles...)
	p.views.most = 32
	var wg sync.WaitGroup
	views := make([]*View, 8)
	for i := range views {
		wg.Go(func() { views[i], _ = p.View([]string{"b", "a"}) })
	}
	wg.Wait()
	for _, v := range views {
		if v == nil || v != views[0] {
			t.Fatal("one set of roles has several views")
		}
	}
	for set := 1; set < 64; set++ {
		var names []string
		for i := range roles {
			if set&(1<<i) != 0 {
				names = append(names, roles[i].Name)
			}
		}
		if _, err := p.View(names); err != nil {
			t.Fatal(err)
		}
	}
	if n := len(p.views.entries); n != 32 || p.views.recent.Len() != n {
		t.Errorf("%d views and %d keys are kept, want 32", n, p.views.recent.Len())
	}
}

// What this server asks of Tableau is worked out from the widest view: no set of roles that
// somebody can have may see more.
func TestWidestHasWhateverAnybodySees(t *testing.T) {
	t.Parallel()
	for name, roles := range map[string][]Role{
		"golden": goldenRoles,
		"opened by one, reached through another": {
			{Name: "everyone", Allow: []string{"CATALOG"}, Deny: []string{"View"}},
			{Name: "mails", When: When{Group: "a"}, Allow: []string{"User.email"}},
			{Name: "denies", When: When{Group: "b"}, Deny: []string{"User", "CATALOG"}},
		},
	} {
		p := testPolicy(t, roles...)
		widest, err := p.Widest()
		if err != nil {
			t.Fatalf("%s: %v", name, err)
		}
		var always, sometimes []string
		for _, r := range roles {
			if r.When == (When{}) {
				always = append(always, r.Name)
			} else {
				sometimes = append(sometimes, r.Name)
			}
		}
		for set := range 1 << len(sometimes) {
			names := slices.Clone(always)
			for i, role := range sometimes {
				if set&(1<<i) != 0 {
					names = append(names, role)
				}
			}
			view, err := p.View(names)
			if errors.Is(err, ErrNothingLeft) {
				continue
			}
			if err != nil {
				t.Fatalf("%s: %v: %v", name, names, err)
			}
			for typ, def := range view.Schema.Types {
				for _, f := range def.Fields {
					if !strings.HasPrefix(f.Name, "__") && !widest.Has(typ+"."+f.Name) {
						t.Errorf("%s: %v see %s.%s, the widest view has it not", name, names, typ, f.Name)
					}
				}
			}
		}
	}
	p := testPolicy(t, Role{Name: "everyone", Allow: []string{"CATALOG"}, Deny: []string{"View"}}, Role{Name: "more", When: When{Group: "a"}, Allow: []string{"CONTENT"}})
	if widest, err := p.Widest(); err != nil || widest.HasType("View") {
		t.Errorf("what is denied to everyone is in the widest view, %v", err)
	}
}
