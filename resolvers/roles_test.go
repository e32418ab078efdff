package resolvers_test

import (
	"encoding/json"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"testing"

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

// Sites that a role does not give are answered as sites that are not there: by name, by id, and in every list.
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

// For whom rules are is null where the role lacks the kind: its name must not come out as __typename.
func TestGranteesOfAKindThatARoleLacksAreNull(t *testing.T) {
	t.Parallel()
	const query = `{ site(contentUrl: "") { workbooks(first: 60) { nodes { permissions { grantees { grantee { __typename } } } } } } }`
	all := []string{"CATALOG", "GOVERNANCE", "PEOPLE"}
	open := newWorld(t, tableausim.Config{}, rolesOf(t, policy.Role{Name: "everyone", Allow: all}))
	told, _ := json.Marshal(open.ask(t, "carol", query, nil).Data)
	for _, kind := range []string{"Group", "User"} {
		grantee := `{"grantee":{"__typename":"` + kind + `"}}`
		if !strings.Contains(string(told), grantee) {
			t.Fatalf("no %s where nothing is denied: %s", kind, told)
		}
		closed := newWorld(t, tableausim.Config{}, rolesOf(t, policy.Role{Name: "everyone", Allow: all, Deny: []string{kind}}))
		got, _ := json.Marshal(closed.ask(t, "carol", query, nil).Data)
		if want := strings.ReplaceAll(string(told), grantee, `{"grantee":null}`); string(got) != want {
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

// Who may not ask for the schema learns it neither by introspection, nor at /schema.graphql, nor from messages: what is there and
// used wrongly, what the role lacks and what does not exist are answered in the same bytes but for the place.
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
