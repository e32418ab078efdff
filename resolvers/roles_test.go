package resolvers_test

import (
	"encoding/json"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"testing"

	"github.com/vektah/gqlparser/v2/ast"

	"vitrine/auth"

	"vitrine/internal/policy"
	"vitrine/internal/tableausim"
	"vitrine/resolvers"
)

// rolesOf puts roles in the place of the demo's.
func rolesOf(t testing.TB, roles ...policy.Role) func(*resolvers.Config) {
	t.Helper()
	p, err := policy.New(resolvers.Schema(), roles)
	if err != nil {
		t.Fatal(err)
	}
	return func(c *resolvers.Config) { c.Policy = p }
}

// Sites that a role does not give are answered as sites that are not there: by name, by id, and in
// every list.
func TestSitesOfARoleAreAllThereAre(t *testing.T) {
	t.Parallel()
	w := newWorld(t, tableausim.Config{}, rolesOf(t,
		policy.Role{Name: "everyone", Allow: []string{"CATALOG"}},
		policy.Role{Name: "analysts", When: policy.When{Group: "bi-analysts"}, Sites: []string{"marketing"}},
	))
	id := func(user, site string) string {
		got := w.ask(t, user, `{ site(contentUrl: "`+site+`") { id } }`, nil)
		return got.Data["site"].(map[string]any)["id"].(string)
	}
	closed, open := id("carol", ""), id("carol", "marketing")

	missing := w.ask(t, "alice", `{ site(contentUrl: "nowhere") { name } }`, nil)
	refused := w.ask(t, "alice", `{ site(contentUrl: "") { name } }`, nil)
	if string(missing.raw) != string(refused.raw) || !slices.Equal(refused.codes(), []string{"SITE_UNKNOWN"}) {
		t.Errorf("not given: %s\nnot there: %s", refused.raw, missing.raw)
	}
	for what, want := range map[string]string{
		`{ site { contentUrl } }`:                         `{"data":{"site":{"contentUrl":"marketing"}}`,
		`{ sites { contentUrl } }`:                        `{"data":{"sites":[{"contentUrl":"marketing"}]}`,
		`{ node(id: "` + open + `") { __typename } }`:     `{"data":{"node":{"__typename":"Site"}}`,
		`{ node(id: "` + closed + `") { __typename } }`:   `{"errors":[{"message":"there is no such object, or you may not see it"`,
		`{ nodes(ids: ["` + closed + `"]) { id } }`:       `{"errors":[{"message":"there is no such object, or you may not see it"`,
		`{ a: site(contentUrl: "finance") { id access }}`: `{"errors":[{"message":"no such site is offered here`,
	} {
		if got := w.ask(t, "alice", what, nil); !strings.HasPrefix(string(got.raw), want) {
			t.Errorf("%s: %s", what, got.raw)
		}
	}
}

// For whom rules are is null where the role lacks the kind: its name must not come out as
// __typename.
func TestGranteesOfAKindThatARoleLacksAreNull(t *testing.T) {
	t.Parallel()
	const query = `{ site(contentUrl: "") { workbooks(first: 60) { nodes { permissions { grantees { grantee { __typename } } } } } } }`
	all := []string{"CATALOG", "GOVERNANCE", "PEOPLE"}
	open := newWorld(t, tableausim.Config{}, rolesOf(t, policy.Role{Name: "everyone", Allow: all}))
	openData, _ := json.Marshal(open.ask(t, "carol", query, nil).Data)
	for _, kind := range []string{"Group", "User"} {
		grantee := `{"grantee":{"__typename":"` + kind + `"}}`
		if !strings.Contains(string(openData), grantee) {
			t.Fatalf("no %s where nothing is denied: %s", kind, openData)
		}
		closed := newWorld(t, tableausim.Config{}, rolesOf(t, policy.Role{Name: "everyone", Allow: all, Deny: []string{kind}}))
		got, _ := json.Marshal(closed.ask(t, "carol", query, nil).Data)
		if want := strings.ReplaceAll(string(openData), grantee, `{"grantee":null}`); string(got) != want {
			t.Errorf("%s is denied:\n%s\nwant %s", kind, got, want)
		}
	}
}

func TestRolesBoundPages(t *testing.T) {
	t.Parallel()
	w := newWorld(t, tableausim.Config{}, rolesOf(t,
		policy.Role{Name: "everyone", Allow: []string{"CATALOG"}, Limits: policy.RoleLimits{First: 5}},
		policy.Role{Name: "analysts", When: policy.When{Group: "bi-analysts"}, Limits: policy.RoleLimits{First: 7}},
	))
	for user, most := range map[string]int{"alice": 7, "bob": 5} {
		for first := most; first <= most+1; first++ {
			got := w.ask(t, user, `query($n: Int!) { site(contentUrl: "") { workbooks(first: $n) { nodes { id } } } }`, map[string]any{"n": first})
			if refused := slices.Equal(got.codes(), []string{"BAD_USER_INPUT"}); refused != (first > most) {
				t.Errorf("%s, first: %d: %s", user, first, got.raw)
			}
		}
	}
}

// A list without first has as many items as its caller may ask for, where that is less than the
// schema's default; and so has every list of the schema that hangs off a site.
func TestDefaultsAreLoweredToTheLimit(t *testing.T) {
	t.Parallel()
	everything := []string{"CATALOG", "CONTENT", "PEOPLE", "OPERATIONS", "GOVERNANCE"}
	limited := rolesOf(t, policy.Role{Name: "everyone", Allow: everything, Limits: policy.RoleLimits{First: 3, Rows: 2}})
	open := rolesOf(t, policy.Role{Name: "everyone", Allow: everything})
	worlds := map[string]*world{
		"a role's limit": newWorld(t, tableausim.Config{APIVersion: "3.29"}, limited),
		"the operator's limit": newWorld(t, tableausim.Config{APIVersion: "3.29"}, func(c *resolvers.Config) {
			open(c)
			c.First = 3
		}),
	}
	for name, w := range worlds {
		for head, first := range map[string]string{"": "", "query($n: Int)": "(first: $n)"} {
			got := w.ask(t, "carol", head+` { site(contentUrl: "") { workbooks`+first+` { totalCount nodes { id } } } }`, nil)
			list := got.Data["site"].(map[string]any)["workbooks"].(map[string]any)
			if nodes, _ := list["nodes"].([]any); len(nodes) != 3 || len(got.Errors) > 0 {
				t.Errorf("%s, first%s: %s", name, first, got.raw)
			}
		}
		for _, query := range []string{
			`{ site(contentUrl: "") { workbooks(first: 4) { totalCount } } }`, `query($n: Int! = 4) { site(contentUrl: "") { workbooks(first: $n) { totalCount } } }`,
		} {
			if got := w.ask(t, "carol", query, nil); !slices.Equal(got.codes(), []string{"BAD_USER_INPUT"}) {
				t.Errorf("%s, %s: %s", name, query, got.raw)
			}
		}
		tried := 0
		for _, f := range resolvers.Schema().Types["Site"].Fields {
			first := f.Arguments.ForName("first")
			if first == nil || slices.ContainsFunc(f.Arguments, func(a *ast.ArgumentDefinition) bool { return a.Type.NonNull && a.DefaultValue == nil }) {
				continue
			}
			tried++
			got := w.ask(t, "carol", `{ site(contentUrl: "") { `+f.Name+` { __typename } } }`, nil)
			if slices.Contains(got.codes(), "BAD_USER_INPUT") {
				t.Errorf("%s, %s without first: %s", name, f.Name, got.raw)
			}
		}
		if tried < 15 {
			t.Errorf("only %d lists were tried", tried)
		}
		got := w.ask(t, "carol", `{ site(contentUrl: "") { views(first: 1) { nodes { data { rows { values: __typename } } } } search(terms: "a") { __typename } } }`, nil)
		if slices.Contains(got.codes(), "BAD_USER_INPUT") {
			t.Errorf("%s: %s", name, got.raw)
		}
	}
}

// Who may not ask for the schema learns it neither by introspection, nor at /schema.graphql, nor
// from messages: what is there and used wrongly, what the role lacks and what does not exist are
// answered in the same bytes but for the place.
func TestWithoutIntrospectionNothingTellsTheSchema(t *testing.T) {
	t.Parallel()
	w := newWorld(t, tableausim.Config{}, rolesOf(t, policy.Role{Name: "quiet", Allow: []string{"CATALOG"}, NoIntrospection: true}))
	var first string
	for _, query := range []string{
		"{ __schema  { types { name } } }", "{ nothing1 { types { name } } }", "{ site1     { types { name } } }", "{ site      { users { nodes } } }",
		"{ site      { workbooks(first: A) } }", `{ site      { id @nothing } }`,
	} {
		got := w.ask(t, "alice", query, nil)
		for i := range got.Errors {
			if got.Errors[i].Message != "the document does not fit the schema at this place" || got.Errors[i].Extensions["code"] != "GRAPHQL_VALIDATION_FAILED" {
				t.Errorf("%s: %s", query, got.raw)
			}
		}
		if len(got.Errors) == 0 {
			t.Errorf("%s was run: %s", query, got.raw)
		}
		if strings.HasPrefix(query, "{ __schema") {
			first = string(got.raw)
		} else if strings.HasPrefix(query, "{ nothing1") && string(got.raw) != first {
			t.Errorf("introspection differs from what does not exist:\n%s\n%s", first, got.raw)
		}
	}
	const document = `query($f: WorkbookFilter) { site(contentUrl: "") { workbooks(filter: $f) { totalCount } } }`
	for _, filter := range []any{map[string]any{"nothing": 1}, map[string]any{"name": 1}, map[string]any{"name": map[string]any{"nothing": 1}}} {
		got := w.ask(t, "alice", document, map[string]any{"f": filter})
		if len(got.Errors) != 1 || got.Errors[0].Message != "the document does not fit the schema at this place" {
			t.Errorf("variables %v: %s", filter, got.raw)
		}
	}
	if got := w.ask(t, "alice", `{ tableau { supports { coordinate } } }`, nil); len(got.Errors) != 1 || strings.Contains(string(got.raw), "Workbook") {
		t.Errorf("what depends on the version is listed: %s", got.raw)
	}
	if got := w.ask(t, "alice", `{ tableau { supports(coordinates: ["View.image"]) { isSupported } } }`, nil); len(got.Errors) > 0 {
		t.Errorf("a member that is named: %s", got.raw)
	}
	if got := w.ask(t, "alice", `{ __typename site(contentUrl: "") { __typename } }`, nil); len(got.Errors) > 0 {
		t.Errorf("__typename, which clients need: %s", got.raw)
	}
	if status, body := w.sdl(t, "alice"); status != http.StatusForbidden || strings.Contains(body, "type Query") {
		t.Errorf("/schema.graphql: %d %s", status, body)
	}
}

// sdl asks for /schema.graphql.
func (w *world) sdl(t testing.TB, user string) (int, string) {
	t.Helper()
	r := httptest.NewRequest(http.MethodGet, "/schema.graphql", nil)
	rec := httptest.NewRecorder()
	w.handler.SDL().ServeHTTP(rec, r.WithContext(auth.NewContext(r.Context(), person(user))))
	return rec.Code, rec.Body.String()
}

// refusedAndMissing asks for both and gives the answers without the name and the request's id.
func (w *world) refusedAndMissing(t testing.TB, user, query, refused, missing string) (a, b string) {
	t.Helper()
	answer := func(name string) string {
		got := w.ask(t, user, strings.ReplaceAll(query, "NAME", name), nil)
		var doc map[string]any
		if err := json.Unmarshal(got.raw, &doc); err != nil {
			t.Fatal(err)
		}
		return strings.ReplaceAll(string(got.raw), name, "NAME")
	}
	return answer(refused), answer(missing)
}

// What a role lacks is answered as what does not exist, in every byte but the name.
func TestRefusedIsAnsweredAsMissing(t *testing.T) {
	t.Parallel()
	w := newWorld(t, tableausim.Config{}, nil)
	for _, c := range [][3]string{
		{`{ site(contentUrl: "") { NAME { totalCount } } }`, "users", "uzers"},
		{`{ site(contentUrl: "") { me { NAME } } }`, "email", "emaiX"},
		{`{ site(contentUrl: "") { workbooks { nodes { owner { NAME } } } } }`, "siteRole", "siteRolX"},
		{`{ node(id: "x") { ... on NAME { nodes { id } } } }`, "UserConnection", "UserConnectioX"},
		{`query($f: NAME) { site(contentUrl: "") { id @include(if: $f) } }`, "UserFilter", "UserFilteX"},
	} {
		refused, missing := w.refusedAndMissing(t, "bob", c[0], c[1], c[2])
		if refused != missing {
			t.Errorf("%s:\n%s\n%s", c[0], refused, missing)
		}
		if !strings.Contains(refused, "GRAPHQL_VALIDATION_FAILED") {
			t.Errorf("%s: %s", c[0], refused)
		}
	}
}

// A role that lacks a kind meets no entry of that kind where things of many kinds are listed by
// name: neither its title nor its share of the total. The kind is no value of its filters either.
func TestEntriesOfAKindThatARoleLacksAreLeftOut(t *testing.T) {
	t.Parallel()
	const query = `{ site(contentUrl: "") {
		search(first: 1000) { totalCount nodes { type title } }
		suggestions(terms: "a", first: 50) { type text }
		favorites(first: 1000) { totalCount nodes { label target { __typename } } }
		recents { target { __typename } }
		collections(first: 100) { nodes { items(first: 1000) { totalCount nodes { title typeRaw } } } }
	} }`
	type entry struct {
		Type, Title, Text, Label, TypeRaw string
		Target                            *struct {
			Typename string `json:"__typename"`
		}
	}
	type page struct {
		TotalCount int
		Nodes      []entry
	}
	read := func(deny ...string) (got struct {
		Search, Favorites page
		Suggestions       []entry
		Recents           []entry
		Collections       struct{ Nodes []struct{ Items page } }
	},
	) {
		role := policy.Role{Name: "everyone", Allow: []string{"CATALOG", "GOVERNANCE"}, Deny: deny}
		w := newWorld(t, tableausim.Config{APIVersion: "3.29"}, rolesOf(t, role))
		answer := w.ask(t, "alice", query, nil)
		if len(answer.Errors) > 0 {
			t.Fatalf("%v: %s", deny, answer.raw)
		}
		text, _ := json.Marshal(answer.Data["site"])
		if err := json.Unmarshal(text, &got); err != nil {
			t.Fatal(err)
		}
		return got
	}
	without := func(entries []entry, kind string) []entry {
		return slices.DeleteFunc(slices.Clone(entries), func(e entry) bool {
			gone := e.Label != "" && e.Target == nil && kind != "DATABASE" // a favorite of nobody knows which kind, but no database
			return gone || e.Type == kind || strings.EqualFold(e.TypeRaw, kind) || e.Target != nil && strings.EqualFold(e.Target.Typename, kind)
		})
	}
	all := read()
	for kind, enum := range map[string]string{"Workbook": "WORKBOOK", "View": "VIEW", "Flow": "FLOW", "Project": "PROJECT", "Database": "DATABASE"} {
		got, dropped := read(kind+".name"), 0
		compare := func(list string, got, all []entry, total int) {
			want := without(all, enum)
			if !slices.EqualFunc(got, want, func(a, b entry) bool { return spelled(a) == spelled(b) }) || total != len(want) {
				t.Errorf("%s.name is denied: %s: %d of %d, want %d of the %d that are open\n%v", kind, list, len(got), total, len(want), len(all), got)
			}
			dropped += len(all) - len(want)
		}
		compare("search", got.Search.Nodes, all.Search.Nodes, got.Search.TotalCount)
		compare("favorites", got.Favorites.Nodes, all.Favorites.Nodes, got.Favorites.TotalCount)
		compare("suggestions", got.Suggestions, all.Suggestions, len(got.Suggestions))
		compare("recents", got.Recents, all.Recents, len(got.Recents))
		for i, c := range got.Collections.Nodes {
			compare("items", c.Items.Nodes, all.Collections.Nodes[i].Items.Nodes, c.Items.TotalCount)
		}
		if dropped == 0 {
			t.Errorf("%s: nothing of it is listed where it is open, so this proves nothing", kind)
		}
	}

	w := newWorld(t, tableausim.Config{APIVersion: "3.29"}, rolesOf(t, policy.Role{Name: "everyone", Allow: []string{"CATALOG"}, Deny: []string{"Flow.name"}}))
	for query, kind := range map[string]string{
		`{ site(contentUrl: "") { search(filter: {type: {eq: %}}) { totalCount } } }`: "FLOW",
		`{ site(contentUrl: "") { recycleBin(type: %) { totalCount } } }`:             "FLOW",
	} {
		denied := w.ask(t, "alice", strings.Replace(query, "%", kind, 1), nil)
		unknown := w.ask(t, "alice", strings.Replace(query, "%", "SHOE", 1), nil)
		if strings.Replace(string(unknown.raw), "SHOE", kind, 1) != string(denied.raw) || !slices.Equal(denied.codes(), []string{"GRAPHQL_VALIDATION_FAILED"}) {
			t.Errorf("denied: %s\nunknown: %s", denied.raw, unknown.raw)
		}
	}
}
