package resolvers_test

import (
	"go/ast"
	"go/parser"
	"go/token"
	"path/filepath"
	"regexp"
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

// sources reads the Go files of a package, and its constants that are texts.
type sources struct {
	files  []*ast.File
	consts map[string]string
}

func readSources(t *testing.T, dir string) *sources {
	t.Helper()
	names, err := filepath.Glob(filepath.Join(dir, "*.go"))
	if err != nil || len(names) == 0 {
		t.Fatalf("no files in %s: %v", dir, err)
	}
	s := &sources{consts: map[string]string{}}
	for _, name := range names {
		if strings.HasSuffix(name, "_test.go") {
			continue
		}
		file, err := parser.ParseFile(token.NewFileSet(), name, nil, 0)
		if err != nil {
			t.Fatal(err)
		}
		s.files = append(s.files, file)
		ast.Inspect(file, func(n ast.Node) bool {
			if spec, ok := n.(*ast.ValueSpec); ok && len(spec.Names) == len(spec.Values) {
				for i, value := range spec.Values {
					if text, known := s.text(value); known {
						s.consts[spec.Names[i].Name] = text
					}
				}
			}
			return true
		})
	}
	return s
}

// text is what an expression says that is put together of texts, constants and versions; what only
// a run can tell is not known.
func (s *sources) text(e ast.Expr) (string, bool) {
	switch e := e.(type) {
	case *ast.BasicLit:
		text, err := strconv.Unquote(e.Value)
		return text, err == nil && e.Kind == token.STRING
	case *ast.Ident:
		text, ok := s.consts[e.Name]
		return text, ok
	case *ast.BinaryExpr:
		left, ok1 := s.text(e.X)
		right, ok2 := s.text(e.Y)
		return left + right, ok1 && ok2 && e.Op == token.ADD
	case *ast.CallExpr: // ver(3, 16), as the stand-in writes versions
		if name, ok := e.Fun.(*ast.Ident); ok && name.Name == "ver" && len(e.Args) == 2 {
			return e.Args[0].(*ast.BasicLit).Value + "." + e.Args[1].(*ast.BasicLit).Value, true
		}
	}
	return "", false
}

// placeholder is a part of a path that stands for a value: how it is called does not matter.
var placeholder = regexp.MustCompile(`\{[^}]*\}`)

// plainPath is a path without its parameters, below /api/{version}/ or /api/.
func plainPath(path string) string {
	path, _, _ = strings.Cut(path, "?")
	path = strings.TrimSuffix(path, "/")
	switch {
	case strings.HasPrefix(path, "/"):
		path = path[1:]
	case !strings.HasPrefix(path, "-/") && !strings.HasPrefix(path, "exp/"):
		path = "sites/{}/" + path
	}
	return placeholder.ReplaceAllString(path, "{}")
}

// clientSince is the version that internal/tableau asks of a server before it sends a read, by
// path; until is the first that has it no more, where there is one.
func clientSince(t *testing.T) (since, until map[string]string) {
	t.Helper()
	s := readSources(t, "../internal/tableau")
	since, until = map[string]string{}, map[string]string{}
	for _, file := range s.files {
		ast.Inspect(file, func(n ast.Node) bool {
			literal, ok := n.(*ast.CompositeLit)
			if !ok {
				return true
			}
			if name, ok := literal.Type.(*ast.SelectorExpr); !ok || name.Sel.Name != "SiteRead" {
				return true
			}
			parts, known := map[string]string{}, map[string]bool{}
			for _, element := range literal.Elts {
				if pair, ok := element.(*ast.KeyValueExpr); ok {
					key := pair.Key.(*ast.Ident).Name
					parts[key], known[key] = s.text(pair.Value)
				}
			}
			if _, given := known["Since"]; known["Template"] && (!given || known["Since"]) {
				least(since, plainPath(parts["Template"]), parts["Since"])
			}
			if parts["Until"] != "" {
				until[plainPath(parts["Template"])] = parts["Until"]
			}
			return true
		})
	}
	return since, until
}

// standInSince is the version from which the stand-in has a method, by path.
func standInSince(t *testing.T) map[string]string {
	t.Helper()
	s, since := readSources(t, "../internal/tableausim"), map[string]string{}
	s.consts["site"] = "sites/{site}/"
	for _, file := range s.files {
		ast.Inspect(file, func(n ast.Node) bool {
			if call, ok := n.(*ast.CallExpr); ok && len(call.Args) >= 3 {
				name, isName := call.Fun.(*ast.Ident)
				path, known := s.text(call.Args[0])
				if isName && known && slices.Contains([]string{"get", "file", "long"}, name.Name) {
					version, _ := s.text(call.Args[1])
					if !strings.HasPrefix(path, "-/") && !strings.HasPrefix(path, "exp/") {
						path = "/" + path
					}
					least(since, plainPath(strings.TrimSuffix(path, "/{$}")), version)
				}
			}
			return true
		})
	}
	return since
}

func least(since map[string]string, path, version string) {
	if version == "2.4" || version != "" && tableau.AtLeast("3.0", version) {
		version = "" // every server that is spoken to has it
	}
	if had, ok := since[path]; !ok || had != "" && (version == "" || !tableau.AtLeast(version, had)) {
		since[path] = version
	}
}

// restOf are the paths of a field's own reads. Those that serve all parents at once do not count:
// the parents carry a part of what they tell, or could be asked alone.
func restOf(f *schema.FieldDefinition) []string {
	var paths []string
	for _, d := range f.Directives.ForNames("rest") {
		if bulk := d.Arguments.ForName("bulk"); bulk != nil && bulk.Value.Raw == "true" {
			continue
		}
		for _, name := range []string{"get", "post"} {
			if a := d.Arguments.ForName(name); a != nil {
				paths = append(paths, plainPath(a.Value.Raw))
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
var elsewhere = map[string]bool{"sessions/current": true, "schedules/{}": true}

// ofAnswers are fields whose version is that of a part of an answer: the read itself is older.
var ofAnswers = map[string]bool{"Workbook.dataFreshness": true}

// What the schema says of versions, what the client asks for before it sends, and what the stand-in
// has are one and the same.
func TestVersionsOfFieldsAreThoseOfTheirReads(t *testing.T) {
	t.Parallel()
	client, until := clientSince(t)
	standIn, ends := standInSince(t), 0
	if len(client) < 40 || len(standIn) < 40 {
		t.Fatalf("%d reads and %d methods were found: are they written otherwise now?", len(client), len(standIn))
	}
	for path, version := range client {
		if had, ok := standIn[path]; ok && had != version && !elsewhere[path] {
			t.Errorf("%s: the client asks for %q, the stand-in has it from %q", path, version, had)
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
				if end := until[path]; end != "" {
					if ends++; !slices.ContainsFunc(f.Directives.ForNames("since"), func(d *schema.Directive) bool {
						said := d.Arguments.ForName("until")
						return said != nil && said.Value.Raw == end
					}) {
						t.Errorf("%s.%s: the schema does not say that its read is there until %s", name, f.Name, end)
					}
				}
				version, ok := client[path]
				if !ok || elsewhere[path] {
					continue
				}
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
	if len(until) == 0 || ends < len(until) {
		t.Errorf("%d reads are there until some version, and %d fields say so", len(until), ends)
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
	byVersion := map[string][]*schema.FieldDefinition{}
	for _, f := range resolvers.Schema().Types["Site"].Fields {
		since := sinceOf(f.Directives)
		if since == "" || f.Directives.ForName("rest") == nil || callOf(f) == "" || slices.ContainsFunc(restOf(f), func(p string) bool { return elsewhere[p] }) {
			continue
		}
		byVersion[since] = append(byVersion[since], f)
	}
	if len(byVersion) < 5 {
		t.Fatalf("only %d versions have fields of their own", len(byVersion))
	}
	for since, fields := range byVersion {
		t.Run(since, func(t *testing.T) {
			t.Parallel()
			open := []policy.Role{{Name: "all", Allow: []string{"CATALOG", "CONTENT", "PEOPLE", "OPERATIONS", "GOVERNANCE"}}}
			w := newWorld(t, tableausim.Config{APIVersion: before(since)}, func(c *resolvers.Config) {
				roles, err := policy.New(resolvers.Schema(), open)
				if err != nil {
					t.Fatal(err)
				}
				c.Policy = roles
			})
			for _, f := range fields {
				got := w.ask(t, "carol", `{ site(contentUrl: "") { `+callOf(f)+` } }`, nil)
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
	const databases, kinds = "DefaultPermissionKind.DATABASES: it takes REST API 3.23", "ContentKindFilter.in: it takes REST API 3.17"
	for name, c := range map[string]struct {
		api, field string
		variable   string
		value      any
		says       string
	}{
		"an enum value":               {"3.22", `projects(first: 1) { nodes { of: defaultPermissions(of: DATABASES) { __typename } } }`, "", nil, databases},
		"an enum value in a variable": {"3.22", `projects(first: 1) { nodes { of: defaultPermissions(of: $v) { __typename } } }`, "$v: DefaultPermissionKind!", "DATABASES", databases},
		"an enum value that went": {
			"3.22", `projects(first: 1) { nodes { of: defaultPermissions(of: LENSES) { __typename } } }`, "", nil,
			"DefaultPermissionKind.LENSES: it takes a REST API from 3.16 to before 3.22",
		},
		"a field of an input": {"3.16", `of: search(filter: {kind: {in: [VIEW]}}) { totalCount }`, "", nil, kinds},
		"a field of an input in a variable": {
			"3.16", `of: search(filter: $v) { totalCount }`, "$v: SearchFilter", map[string]any{"kind": map[string]any{"in": []string{"VIEW"}}}, kinds,
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
