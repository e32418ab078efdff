package resolvers_test

import (
	"regexp"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/vektah/gqlparser/v2/ast"
	"github.com/vektah/gqlparser/v2/parser"

	"vitrine/auth"
	"vitrine/internal/policy"
	"vitrine/internal/tableau"
	"vitrine/internal/tableausim"
	"vitrine/resolvers"
)

// newSubgraph is a world that is served as a subgraph, with further roles.
func newSubgraph(t testing.TB, more ...policy.Role) *world {
	t.Helper()
	roles, err := policy.New(resolvers.SubgraphSchema(), append(demoRoles[:len(demoRoles):len(demoRoles)], more...))
	if err != nil {
		t.Fatal(err)
	}
	return newWorld(t, tableausim.Config{}, func(c *resolvers.Config) { c.Federation, c.Policy = true, roles })
}

// reference is a representation of an entity.
func reference(typ, id string) map[string]any { return map[string]any{"__typename": typ, "id": id} }

// globalIDs are the ids of things on the default site, in the order of the list.
func globalIDs(t *testing.T, w *world, list string, first int) []string {
	t.Helper()
	got := w.ask(t, "carol", `query($first: Int!) { site(contentUrl: "") { list: `+list+`(first: $first) { nodes { id } } } }`, map[string]any{"first": first})
	var ids []string
	for _, n := range got.Data["site"].(map[string]any)["list"].(map[string]any)["nodes"].([]any) {
		ids = append(ids, n.(map[string]any)["id"].(string))
	}
	return ids
}

const askEntities = `query($r: [_Any!]!) { _entities(representations: $r) { __typename ... on View { name } ... on Workbook { name } } }`

// TestEntitiesAreThoseOfNode holds that an entity is answered as node answers its id, each at its
// place, and that what cannot be had is null with an error that does not say why.
func TestEntitiesAreThoseOfNode(t *testing.T) {
	t.Parallel()
	w := newSubgraph(t, policy.Role{Name: "defaultOnly", When: policy.When{Group: "default-only"}, Sites: []string{""}},
		policy.Role{Name: "viewless", When: policy.When{Group: "viewless"}, Deny: []string{"View"}},
		policy.Role{Name: "idless", When: policy.When{Group: "idless"}, Deny: []string{"View.id"}})
	view, workbook := globalIDs(t, w, "views", 1)[0], globalIDs(t, w, "workbooks", 1)[0]
	elsewhere := tableau.GlobalID(tableau.KindWorkbook, "marketing", "11111111-2222-4333-8444-555555555555")
	for name, test := range map[string]struct {
		representation any
		group, want    string // want is a code, or empty for an entity
	}{
		"an entity":                         {reference("View", view), "", ""},
		"with further members":              {map[string]any{"__typename": "View", "id": view, "price": 3, "deep": []any{map[string]any{"a": nil}}}, "", ""},
		"of another type":                   {reference("Workbook", view), "", "NOT_FOUND"},
		"of no type":                        {reference("Nothing", view), "", "NOT_FOUND"},
		"of an interface":                   {reference("Node", view), "", "NOT_FOUND"},
		"of the union":                      {reference("_Entity", view), "", "NOT_FOUND"},
		"of a type without a global id":     {reference("PageInfo", view), "", "NOT_FOUND"},
		"of a type that the role lacks":     {reference("Job", tableau.GlobalID(tableau.KindJob, "", "11111111-2222-4333-8444-555555555555")), "", "NOT_FOUND"},
		"on a site that the role lacks":     {reference("Workbook", elsewhere), "default-only", "NOT_FOUND"},
		"on a site that does not exist":     {reference("Workbook", tableau.GlobalID(tableau.KindWorkbook, "nowhere", "1")), "", "NOT_FOUND"},
		"with an id that means nothing":     {reference("View", "gone"), "", "NOT_FOUND"},
		"with a number as id":               {map[string]any{"__typename": "View", "id": 7}, "", "BAD_USER_INPUT"},
		"with a list as id":                 {map[string]any{"__typename": "View", "id": []any{view}}, "", "BAD_USER_INPUT"},
		"without an id":                     {map[string]any{"__typename": "View", "luid": "7"}, "", "BAD_USER_INPUT"},
		"without a type":                    {map[string]any{"id": view}, "", "BAD_USER_INPUT"},
		"with an object as type":            {map[string]any{"__typename": map[string]any{}, "id": view}, "", "BAD_USER_INPUT"},
		"a text":                            {view, "", "BAD_USER_INPUT"},
		"a list":                            {[]any{reference("View", view)}, "", "BAD_USER_INPUT"},
		"nested junk":                       {map[string]any{"a": map[string]any{"b": []any{1, map[string]any{"c": nil}}}}, "", "BAD_USER_INPUT"},
		"of a type whose id the role lacks": {reference("View", view), "idless", "NOT_FOUND"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			who := person("alice")
			who.Groups = append(who.Groups, test.group)
			query := askEntities
			if test.group == "idless" {
				query = strings.Replace(query, "... on View { name }", "", 1)
			}
			got := w.askAs(t, who, query, map[string]any{"r": []any{reference("Workbook", workbook), test.representation}})
			entities, _ := got.Data["_entities"].([]any)
			if len(entities) != 2 || entities[0] == nil {
				t.Fatalf("got %s", got.raw)
			}
			if test.want == "" {
				if len(got.Errors) > 0 || entities[1].(map[string]any)["__typename"] != "View" || entities[1].(map[string]any)["name"] == "" {
					t.Errorf("got %s", got.raw)
				}
				return
			}
			if entities[1] != nil || !cmp.Equal(got.codes(), []string{test.want}) || !cmp.Equal(got.Errors[0].Path, []any{"_entities", 1.0}) {
				t.Errorf("got %s, want %s", got.raw, test.want)
			}
			if calls := got.calls(); calls > 1 { // the workbook
				t.Errorf("it took %d calls", calls)
			}
		})
	}
	if got := w.askAs(t, &auth.Identity{Username: "alice", Groups: []string{"viewless"}}, askEntities, map[string]any{"r": []any{}}); len(got.Errors) == 0 {
		t.Errorf("a fragment on a type that the role lacks passed: %s", got.raw)
	}
}

// TestEntitiesAreReadTogether counts REST calls: what hangs off many entities of one kind is read for
// all of them at once, and an entity that is referred to several times is read once.
func TestEntitiesAreReadTogether(t *testing.T) {
	t.Parallel()
	w := newSubgraph(t)
	ids := globalIDs(t, w, "views", 12)
	var representations []any
	for _, id := range append(ids, ids...) {
		representations = append(representations, reference("View", id))
	}
	got := w.ask(t, "carol", `query($r: [_Any!]!) { _entities(representations: $r) { ... on View { name owner { fullName } project { name } isFavorite } } }`,
		map[string]any{"r": representations})
	if len(got.Errors) > 0 || len(got.Data["_entities"].([]any)) != 2*len(ids) {
		t.Fatalf("got %s", got.raw)
	}
	of := w.ask(t, "carol", `query($r: [ID!]!) { nodes(ids: $r) { ... on View { name owner { fullName } project { name } isFavorite } } }`, map[string]any{"r": ids})
	if diff := cmp.Diff(of.Extensions.Vitrine.Calls, got.Extensions.Vitrine.Calls); diff != "" || got.calls() > len(ids)+4 {
		t.Errorf("it took %d calls, and nodes takes (-nodes +entities): %s", got.calls(), diff)
	}
	if diff := cmp.Diff(of.Data["nodes"], any(got.Data["_entities"].([]any)[:len(ids)])); diff != "" {
		t.Errorf("entities differ from nodes: %s", diff)
	}
}

// TestEntitiesAreBounded holds that the number of representations is bounded and priced.
func TestEntitiesAreBounded(t *testing.T) {
	t.Parallel()
	w := newSubgraph(t)
	many := func(n int) map[string]any {
		representations := make([]any, n)
		for i := range representations {
			representations[i] = reference("View", "gone")
		}
		return map[string]any{"r": representations}
	}
	if got := w.ask(t, "alice", askEntities, many(1000)); len(got.Errors) != 100 && len(got.Errors) != 1000 || got.calls() > 0 {
		t.Errorf("1000 that are gone: %d errors, %d calls", len(got.Errors), got.calls())
	}
	if got := w.ask(t, "alice", askEntities, many(1001)); got.Data != nil || !cmp.Equal(got.codes(), []string{"BAD_USER_INPUT"}) || got.calls() > 0 {
		t.Errorf("1001: got %.300s", got.raw)
	}
	if got := w.ask(t, "alice", askEntities, many(10_000)); got.status != 413 || got.Data != nil {
		t.Errorf("10,000: got %d %.300s", got.status, got.raw)
	}
	roles, err := policy.New(resolvers.SubgraphSchema(), demoRoles)
	if err != nil {
		t.Fatal(err)
	}
	all, err := roles.View([]string{"everyone"})
	if err != nil {
		t.Fatal(err)
	}
	for n, want := range map[int]int{0: 1, 1: 11, 100: 1100} {
		if got := priceOf(t, all, askEntities, many(n)); got.Points != want {
			t.Errorf("%d representations cost %d points, want %d", n, got.Points, want)
		}
	}
	sdl := len(all.SubgraphSDL())
	one, two := priceOf(t, all, `{ _service { sdl } }`, nil), priceOf(t, all, `{ a: _service { ...S } b: _service { ...S } } fragment S on _Service { sdl }`, nil)
	if one.Values < sdl || two.Values != 2*one.Values || two.Points < 2*one.Points-1 || one.Points < sdl/policy.BytesPerPoint {
		t.Errorf("the schema of %d bytes costs %+v, twice %+v", sdl, one, two)
	}
}

// TestServiceIsTheSchemaOfTheRoles holds that a gateway sees what the caller's roles leave, and what
// federation adds only where it is switched on.
func TestServiceIsTheSchemaOfTheRoles(t *testing.T) {
	t.Parallel()
	w := newSubgraph(t, policy.Role{Name: "silent", When: policy.When{Group: "silent"}, NoIntrospection: true},
		policy.Role{Name: "keyless", When: policy.When{Group: "keyless"}, Deny: []string{"Query._entities"}},
		policy.Role{Name: "idless", When: policy.When{Group: "idless"}, Deny: []string{"View.id"}})
	sdlOf := func(group string) string {
		got := w.askAs(t, &auth.Identity{Username: "alice", Groups: []string{group}}, `{ _service { sdl } }`, nil)
		if len(got.Errors) > 0 {
			return ""
		}
		return got.Data["_service"].(map[string]any)["sdl"].(string)
	}
	plain := sdlOf("")
	for _, want := range []string{
		`extend schema @link(url: "https://specs.apollo.dev/federation/v2.3", import: ["@key", "@shareable"])`,
		`type View implements Node & Content @key(fields: "id") {`, `type Site implements Node @key(fields: "id") {`, `type PageInfo @shareable {`,
	} {
		if !strings.Contains(plain, want) {
			t.Errorf("the schema lacks %s", want)
		}
	}
	for _, not := range []string{"_entities", "_Any", "_Entity", "  _service", "_Service", "type Job ", "@area", "@rest"} {
		if strings.Contains(plain, not) {
			t.Errorf("the schema has %s", not)
		}
	}
	if admin := sdlOf("bi-admins"); !strings.Contains(admin, `type Job implements Node @key(fields: "id") {`) {
		t.Error("the schema of an administrator lacks jobs")
	}
	if keyless := sdlOf("keyless"); keyless == "" || strings.Contains(keyless, "@key(") {
		t.Error("the schema of a role without _entities has keys")
	}
	if idless := sdlOf("idless"); regexp.MustCompile(`type View [^{]*@key`).MatchString(idless) || !regexp.MustCompile(`type Workbook [^{]*@key`).MatchString(idless) {
		t.Error("a type without id has a key")
	}
	if silent := sdlOf("silent"); silent != "" {
		t.Error("a role without introspection reads the schema")
	}
	off := newWorld(t, tableausim.Config{}, nil)
	for _, query := range []string{`{ _service { sdl } }`, `{ _entities(representations: []) { __typename } }`} {
		if got := off.ask(t, "alice", query, nil); !cmp.Equal(got.codes(), []string{"GRAPHQL_VALIDATION_FAILED"}) {
			t.Errorf("off: %s gives %s", query, got.raw)
		}
	}
}

// TestLiteralRepresentations holds that representations may be part of the document.
func TestLiteralRepresentations(t *testing.T) {
	t.Parallel()
	w := newSubgraph(t)
	view := globalIDs(t, w, "views", 1)[0]
	for query, code := range map[string]string{
		`($id: String) { _entities(representations: [{__typename: "View", id: $id}]) { ... on _Entity { ... on Node { id } } } }`:  "",
		`($id: String) { _entities(representations: {__typename: "View", id: $id}) { ...F } } fragment F on View { id }`:           "",
		`($id: String) { _entities(representations: [{__typename: View, id: $id}]) { ... on Node { id } } }`:                       "",
		`($id: String) { _entities(representations: [{a: $id, id: 1` + strings.Repeat("0", 60) + `}]) { ... on View { id } } }`:    "GRAPHQL_VALIDATION_FAILED",
		`($id: String) { _entities(representations: [View, $id]) { ... on View { id } } }`:                                         "GRAPHQL_VALIDATION_FAILED",
		`($id: String) { _entities(representations: null) { ... on View { id } } a: _service { __typename sdl @skip(if: true) } }`: "GRAPHQL_VALIDATION_FAILED",
	} {
		got := w.ask(t, "alice", "query"+query, map[string]any{"id": view})
		if code != "" {
			if len(got.Errors) == 0 || got.codes()[0] != code || got.Data != nil {
				t.Errorf("%s: got %s", query, got.raw)
			}
			continue
		}
		if want := []any{map[string]any{"id": view}}; !cmp.Equal(got.Data["_entities"], any(want)) {
			t.Errorf("%s: got %s", query, got.raw)
		}
	}
}

func priceOf(t *testing.T, v *policy.View, query string, variables map[string]any) policy.Price {
	t.Helper()
	doc, err := parser.ParseQuery(&ast.Source{Input: query})
	if err != nil {
		t.Fatal(err)
	}
	if errs := v.Validate(doc); len(errs) > 0 {
		t.Fatal(errs)
	}
	price, _ := v.Price(doc.Operations[0], variables)
	return price
}
