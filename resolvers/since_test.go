package resolvers_test

import (
	"slices"
	"strconv"
	"strings"
	"testing"

	schema "github.com/vektah/gqlparser/v2/ast"

	"vitrine/internal/policy"
	"vitrine/internal/tableau"
	"vitrine/internal/tableausim"
	"vitrine/resolvers"
)

// restOf are the verbs and paths of a field's own reads. Those that serve all parents at once do not count:
// the parents carry a part of what they tell, or could be asked alone.
func restOf(f *schema.FieldDefinition) []string {
	var paths []string
	for _, d := range f.Directives.ForNames("rest") {
		if bulk := d.Arguments.ForName("bulk"); bulk != nil && bulk.Value.Raw == "true" {
			continue
		}
		for _, name := range []string{"get", "post"} {
			if a := d.Arguments.ForName(name); a != nil {
				paths = append(paths, strings.ToUpper(name)+" "+plainPath(a.Value.Raw))
			}
		}
	}
	return paths
}

// sinceOf is the least version that a member names; empty where every version has it.
func sinceOf(directives schema.DirectiveList) string {
	var versions []string
	for _, d := range directives.ForNames("since") {
		versions = append(versions, d.Arguments.ForName("api").Value.Raw)
	}
	slices.SortFunc(versions, func(a, b string) int {
		if tableau.AtLeast(b, a) {
			return -1
		}
		return 1
	})
	if len(versions) == 0 || versions[0] == "3.0" {
		return ""
	}
	return versions[0]
}

// reachedSince is the least version in which a type can come out of an answer at all: what is
// within it need not say that again. Unions do not count: an entry points at a kind only where
// there is that kind.
func reachedSince(types map[string]*schema.Definition) map[string]string {
	reached := map[string]string{"Query": ""}
	for changed := true; changed; {
		changed = false
		for name, def := range types {
			from, ok := reached[name]
			if !ok || def.IsAbstractType() && name != "Query" && def.Kind == schema.Interface {
				continue
			}
			for _, f := range def.Fields {
				at := later(from, sinceOf(f.Directives))
				to := f.Type.Name()
				if had, ok := reached[to]; !ok || had != "" && (at == "" || !tableau.AtLeast(at, had)) {
					reached[to], changed = at, true
				}
			}
		}
	}
	return reached
}

func later(a, b string) string {
	if a == "" || b != "" && tableau.AtLeast(b, a) {
		return b
	}
	return a
}

// elsewhere are reads for which the client has another way on servers that lack them: users and
// sites one by one, and the list of schedules, which has a part.
var elsewhere = map[string]bool{"GET sessions/current": true, "GET schedules/{}": true}

// ofAnswers are fields whose version is that of a part of an answer, or of connected apps: the read
// itself is older.
var ofAnswers = map[string]bool{"Workbook.dataFreshness": true, "Workbook.embed": true, "DataSource.queryParameters": true}

// The schema documents for each field the versions of its reads.
func TestVersionsOfFieldsAreThoseOfTheirReads(t *testing.T) {
	t.Parallel()
	client, until, ends := clientMethods(), 0, 0
	for _, m := range client {
		if m.Until != "" && !strings.Contains(m.Template, "/default-permissions/") { // those are values of an enum
			until++
		}
	}
	types := resolvers.Schema().Types
	reached := reachedSince(types)
	for name, def := range types {
		for _, f := range def.Fields {
			if ofAnswers[name+"."+f.Name] {
				continue
			}
			want, known := "", false
			for _, path := range restOf(f) {
				if end := client[path].Until; end != "" {
					if ends++; !slices.ContainsFunc(f.Directives.ForNames("since"), func(d *schema.Directive) bool {
						said := d.Arguments.ForName("until")
						return said != nil && said.Value.Raw == end
					}) {
						t.Errorf("%s.%s: the schema does not say that its read is there until %s", name, f.Name, end)
					}
				}
				m, ok := client[path]
				if !ok || elsewhere[path] {
					continue
				}
				version := m.Since
				if !known || want != "" && (version == "" || !tableau.AtLeast(version, want)) {
					want = version
				}
				known = true
			}
			if got := later(reached[name], sinceOf(f.Directives)); known && got != later(reached[name], want) {
				t.Errorf("%s.%s: the schema says %q, its reads %v take %q", name, f.Name, got, restOf(f), want)
			}
		}
	}
	if until == 0 || ends < until {
		t.Errorf("%d reads are there until some version, and %d fields say so", until, ends)
	}
}

// before is the version before one that a server can have.
func before(version string) string {
	major, minor, _ := strings.Cut(version, ".")
	n, _ := strconv.Atoi(minor)
	return major + "." + strconv.Itoa(n-1)
}

// callOf writes a field with the arguments that it must have.
func callOf(f *schema.FieldDefinition) string {
	var args []string
	for _, a := range f.Arguments {
		if !a.Type.NonNull || a.DefaultValue != nil {
			continue
		}
		value := map[string]string{"LUID": `"0b0a3a8e-1111-4222-8333-444455556666"`, "String": `"x"`, "Int": "1", "ID": `"x"`}[a.Type.Name()]
		if value == "" {
			return "" // an input of its own
		}
		args = append(args, a.Name+": "+value)
	}
	call := f.Name
	if len(args) > 0 {
		call += "(" + strings.Join(args, ", ") + ")"
	}
	if !resolvers.Schema().Types[f.Type.Name()].IsLeafType() {
		call += " { __typename }"
	}
	return call
}

// A field of a site that the server's version lacks says so and names the version, and nothing is
// sent for it.
func TestFieldsAreRefusedBeforeTheirVersion(t *testing.T) {
	t.Parallel()
	byVersion := map[string][]*schema.FieldDefinition{} // with a C for what Tableau Cloud alone has
	for _, f := range resolvers.Schema().Types["Site"].Fields {
		since := sinceOf(f.Directives)
		if since == "" || f.Directives.ForName("rest") == nil || callOf(f) == "" || slices.ContainsFunc(restOf(f), func(p string) bool { return elsewhere[p] }) {
			continue
		}
		if on := deployments(f); len(on) == 1 && on[0] == "CLOUD" {
			since += "C"
		}
		byVersion[since] = append(byVersion[since], f)
	}
	if len(byVersion) < 5 {
		t.Fatalf("only %d versions have fields of their own", len(byVersion))
	}
	for since, fields := range byVersion {
		t.Run(since, func(t *testing.T) {
			t.Parallel()
			since, cloud := strings.CutSuffix(since, "C")
			open := []policy.Role{{Name: "all", Allow: []string{"CATALOG", "CONTENT", "PEOPLE", "OPERATIONS", "GOVERNANCE", "PULSE"}}}
			w := newWorld(t, tableausim.Config{APIVersion: before(since), Cloud: cloud}, func(c *resolvers.Config) {
				roles, err := policy.New(resolvers.Schema(), open)
				if err != nil {
					t.Fatal(err)
				}
				c.Policy = roles
			})
			for _, f := range fields {
				got := w.ask(t, "carol", `{ site(contentUrl: "`+w.site+`") { `+callOf(f)+` } }`, nil)
				if codes := got.codes(); len(codes) != 1 || codes[0] != "TABLEAU_UNSUPPORTED" || !strings.Contains(got.Errors[0].Message, since) || got.calls() != 0 {
					t.Errorf("%s at %s: %s", f.Name, before(since), got.raw)
				}
			}
		})
	}
}

// What is given to a field and is newer than the server is refused before anything is sent for it,
// from the text and from variables; the rest of the page is there.
func TestWhatIsGivenIsRefusedBeforeItsVersion(t *testing.T) {
	t.Parallel()
	open := rolesOf(t, policy.Role{Name: "all", Allow: []string{"CATALOG", "CONTENT", "PEOPLE", "GOVERNANCE"}})
	const databases, kinds = "DefaultPermissionType.DATABASES: it takes REST API 3.23", "ContentTypeFilter.in: it takes REST API 3.17"
	for name, c := range map[string]struct {
		api, field string
		variable   string
		value      any
		says       string
	}{
		"an enum value":               {"3.22", `projects(first: 1) { nodes { of: defaultPermissions(contentType: DATABASES) { __typename } } }`, "", nil, databases},
		"an enum value in a variable": {"3.22", `projects(first: 1) { nodes { of: defaultPermissions(contentType: $v) { __typename } } }`, "$v: DefaultPermissionType!", "DATABASES", databases},
		"an enum value that went": {
			"3.22", `projects(first: 1) { nodes { of: defaultPermissions(contentType: LENSES) { __typename } } }`, "", nil,
			"DefaultPermissionType.LENSES: it takes a REST API from 3.16 to before 3.22",
		},
		"a field of an input": {"3.16", `of: search(filter: {type: {in: [VIEW]}}) { totalCount }`, "", nil, kinds},
		"a field of an input in a variable": {
			"3.16", `of: search(filter: $v) { totalCount }`, "$v: SearchFilter", map[string]any{"type": map[string]any{"in": []string{"VIEW"}}}, kinds,
		},
		"an argument":  {"3.22", `views(first: 1) { nodes { of: image(size: {width: 10, height: 10}) { url } } }`, "", nil, "View.image(size:): it takes REST API 3.23"},
		"an attribute": {"3.12", `workbooks(first: 1) { nodes { of: location { name } } }`, "", nil, "Workbook.location: it takes REST API 3.13"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			w := newWorld(t, tableausim.Config{APIVersion: c.api}, open)
			query, variables := "{", map[string]any(nil)
			if c.variable != "" {
				query, variables = "query("+c.variable+") {", map[string]any{"v": c.value}
			}
			got := w.ask(t, "carol", query+` site(contentUrl: "") { rest: name `+c.field+` } }`, variables)
			if codes := got.codes(); len(codes) != 1 || codes[0] != "TABLEAU_UNSUPPORTED" || !strings.Contains(got.Errors[0].Message, c.says) {
				t.Fatal(string(got.raw))
			}
			if path := got.Errors[0].Path; path[len(path)-1] != "of" || got.Data["site"].(map[string]any)["rest"] == nil {
				t.Errorf("the rest is not there: %s", got.raw)
			}
			for call := range got.Extensions.Vitrine.Calls {
				if strings.Contains(call, "default-permissions") || strings.Contains(call, "search") {
					t.Errorf("%s was sent", call)
				}
			}
		})
	}
}
