package repotest

import (
	"go/parser"
	"go/token"
	"io/fs"
	"maps"
	"path"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"
)

// packages lists which of our packages each package may import, by directory: the program's
// files, and what the tests of the package may import besides. To change a rule, change the table
// in the same commit and give the reason.
//
//   - Packages for Tableau, policy, settings, pages, logs, callers and the stand-ins do not know
//     each other.
//   - sessions joins callers and Tableau. resolvers sees sessions through an interface of its own.
//   - upstream is between Tableau's client and the network.
//   - server wires everything. It never imports a stand-in: serve does not need one.
//   - tableausim never imports tableau: shared structs would hide a wrong field tag.
var packages = map[string]struct{ program, tests []string }{
	".": {program: []string{"internal/cli"}},
	"internal/cli": {program: []string{
		"auth", "internal/config", "internal/devidp", "internal/policy", "internal/server", "internal/sessions", "internal/standin",
		"internal/suggest", "internal/tableau", "internal/tableausim", "internal/telemetry", "internal/version", "internal/web", "resolvers",
	}, tests: []string{"test/harness"}},
	"internal/server": {program: []string{
		"auth", "internal/answercache", "internal/audit", "internal/budget", "internal/config", "internal/content", "internal/documents", "internal/edge", "internal/graphqlhttp", "internal/metrics", "internal/policy", "internal/problem", "internal/redisstore", "internal/sessions",
		"internal/tableau", "internal/telemetry", "internal/traces", "internal/upstream", "internal/version", "internal/web", "resolvers",
	}},
	"internal/standin": {program: []string{"internal/config", "internal/devidp", "internal/tableausim"}},
	"internal/version": {},
	"internal/repotest": {tests: []string{
		"internal/config", "internal/policy", "internal/problem", "internal/reference", "internal/server", "internal/sessions", "internal/tableau",
		"internal/tableausim", "resolvers", "test/harness",
	}},
	"test/harness": {program: []string{
		"internal/config", "internal/devidp", "internal/server", "internal/sessions", "internal/standin", "internal/tableausim", "resolvers",
	}},
	"test/bench": {tests: []string{
		"internal/cli", "internal/config", "internal/devidp", "internal/standin", "internal/tableausim",
		"test/bench/memory", "test/bench/report", "test/harness",
	}},
	"test/bench/memory": {}, // a facade of its own: gqlgen without Vitrine
	"test/bench/report": {}, // is added to the program of any revision
	"test/program": {tests: []string{
		"auth", "internal/audit", "internal/cli", "internal/config", "internal/devidp", "internal/graphqlhttp", "internal/policy", "internal/problem", "internal/server", "internal/standin", "internal/tableau",
		"internal/tableausim", "internal/telemetry", "resolvers", "test/harness",
	}},
	"test/recorded": {tests: []string{
		"internal/config", "internal/devidp", "internal/server", "test/harness",
	}},
	"internal/answercache": {},                                      // keys are texts: it knows no identity and no GraphQL
	"internal/audit":       {program: []string{"internal/problem"}}, // picks attributes of log events by name
	"internal/budget":      {},                                      // its shared store is an interface, which internal/sessions meets: rueidis stays with one package
	"auth":                 {program: []string{"internal/dialerr", "internal/flight", "internal/problem", "internal/ttlcache"}},
	"graph":                {program: []string{"internal/exec", "internal/tableau", "internal/tableau/rest"}}, // generated: gqlgen names types by the package that declares them
	"internal/coerce":      {},                                                                                // custom scalars are handed in: it knows the schema and nothing of Tableau
	"internal/config":      {program: []string{"internal/deployment", "internal/suggest"}},
	"internal/content":     {program: []string{"auth", "internal/problem", "internal/seal", "internal/tableau"}, tests: []string{"internal/sessions", "internal/tableausim"}},
	"internal/deployment":  {}, // distinguishes Cloud and Server, for settings, resolvers and the door
	"internal/devidp":      {},
	"internal/dialerr":     {},
	"internal/documents":   {}, // texts and ids: it knows no GraphQL
	"internal/docsite":     {}, // a command of its own: make site
	"internal/edge":        {},
	"internal/flight":      {program: []string{"internal/parallel"}},
	"internal/parallel":    {},
	"internal/graphqlhttp": {program: []string{"auth", "internal/answercache", "internal/budget", "internal/coerce", "internal/documents", "internal/parallel", "internal/exec", "internal/policy", "internal/problem"}}, // never Tableau: resolvers are handed in
	"internal/metrics":     {program: []string{"internal/tableau"}},                                                                                                                                                      // what passes a gate; sessions hand in what they see
	"internal/policy":      {program: []string{"internal/suggest"}},
	"internal/reference":   {},
	"internal/redisstore":  {program: []string{"internal/dialerr", "internal/tableau"}},                                                                                                                                  // tableau: Secret alone
	"internal/seal":        {program: []string{"internal/tableau"}},                                                                                                                                                      // Secret alone; sessions and content seal with it
	"internal/sessions":    {program: []string{"auth", "internal/flight", "internal/redisstore", "internal/seal", "internal/tableau", "internal/ttlcache"}, tests: []string{"internal/tableausim", "internal/upstream"}}, // tests: a pause and the end of a session in one read
	"internal/ttlcache":    {},
	"internal/tableau":     {program: []string{"internal/deployment", "internal/parallel", "internal/tableau/rest"}, tests: []string{"internal/tableau/rest/scan"}},
	// The executor knows gqlgen's types and no schema. Its generator is no part of the program, and
	// gqlgen's own executor is there for tests alone.
	"internal/exec":          {},
	"internal/exec/generate": {},
	"graph/oracle":           {program: []string{"graph", "internal/tableau", "internal/tableau/rest"}},

	// The door to Tableau: beside the generated code, which names its scalars, internal/tableau
	// alone imports it.
	"internal/tableau/rest":      {program: []string{"internal/deployment", "internal/dialerr", "internal/tableau/rest/scan"}},
	"internal/tableau/rest/scan": {}, // knows JSON and nothing of Tableau
	"internal/suggest":           {},
	"internal/problem":           {}, // error bodies are written by one package, which every package with an HTTP answer imports
	"internal/telemetry":         {program: []string{"internal/problem"}},
	"internal/traces":            {program: []string{"internal/tableau", "internal/telemetry"}, tests: []string{"test/harness"}}, // what passes a gate, and the summary of a request
	"internal/upstream":          {program: []string{"internal/tableau"}},
	"internal/web":               {},

	// The stand-in's parts do not know each other: tables become files in draw, elements become
	// answers in wire.
	"internal/tableausim": {program: []string{
		"internal/tableausim/draw", "internal/tableausim/metadata", "internal/tableausim/vizql", "internal/tableausim/wire",
	}},
	"internal/tableausim/draw":     {},
	"internal/tableausim/metadata": {}, // a graph of its own: it knows GraphQL and nothing of the content
	"internal/tableausim/vizql":    {}, // rows and questions to them
	"internal/tableausim/wire":     {},

	"resolvers": {
		program: []string{"auth", "graph", "internal/coerce", "internal/content", "internal/exec", "internal/graphqlhttp", "internal/parallel", "internal/policy", "internal/problem", "internal/tableau"},
		tests:   []string{"graph/oracle", "internal/budget", "internal/sessions", "internal/tableausim", "test/harness"},
	},
}

// libraries says which packages may name a library, so that replacing one
// changes one place: its types stay out of exported signatures. The exceptions:
// gqlgen is at home in what it generates and in what runs that, and gqlparser's
// schema is what these and policy speak about.
var libraries = map[string][]string{
	"github.com/99designs/gqlgen":         {"graph", "graph/oracle", "internal/exec", "internal/exec/generate", "internal/graphqlhttp", "resolvers", "test/bench/memory"},
	"github.com/DeRuina/timberjack":       {"internal/audit"},
	"github.com/cenkalti/backoff/v5":      {"internal/upstream"},
	"github.com/coreos/go-oidc/v3":        {"auth"},
	"github.com/dgraph-io/ristretto/v2":   {"internal/answercache", "internal/sessions"},
	"github.com/go-jose/go-jose/v4":       {"internal/devidp", "internal/sessions"}, // signs what the one and the other give out
	"github.com/goccy/go-yaml":            {"internal/config"},
	"github.com/jub0bs/cors":              {"internal/server"},
	"github.com/klauspost/compress":       {"internal/edge"},
	"github.com/prometheus/client_golang": {"internal/metrics"},
	"github.com/redis/rueidis":            {"internal/redisstore"},
	"github.com/yuin/goldmark":            {"internal/docsite"},
	"github.com/vektah/gqlparser/v2":      {"graph", "internal/coerce", "graph/oracle", "internal/exec", "internal/exec/generate", "internal/graphqlhttp", "internal/policy", "internal/reference", "internal/tableausim/metadata", "resolvers", "test/bench/memory"},
	"go.opentelemetry.io/otel":            {"internal/traces"},
	"go.opentelemetry.io/proto/otlp":      {"test/harness"},     // reads what a collector gets
	"golang.org/x/net":                    {"internal/tableau"}, // reads the HTML of insights
	"golang.org/x/sync":                   {"internal/flight"},
	"google.golang.org/protobuf":          {"test/harness"},
}

// testLibraries may be named by the tests of every package.
var testLibraries = []string{
	"github.com/go-jose/go-jose/v4",
	"github.com/google/go-cmp",
	"github.com/santhosh-tekuri/jsonschema/v6",
	"github.com/redis/rueidis", // looks into the Redis of a test
	"github.com/vektah/gqlparser/v2",
	"go.uber.org/goleak",
	"golang.org/x/oauth2",
	"pgregory.net/rapid",
}

const module = "vitrine"

// goFile is one Go file and what it imports.
type goFile struct {
	dir, name string
	imports   []string
}

func (f goFile) isTest() bool { return strings.HasSuffix(f.name, "_test.go") }

func TestImportsFollowTheTable(t *testing.T) {
	t.Parallel()
	seen := map[string]bool{}
	for _, f := range goFiles(t) {
		seen[f.dir] = true
		rule, ok := packages[f.dir]
		if !ok {
			t.Errorf("%s/%s: package %s is not in the table of deps_test.go: add it with what it may import", f.dir, f.name, f.dir)
			continue
		}
		allowed := rule.program
		if f.isTest() {
			allowed = slices.Concat(allowed, rule.tests, []string{f.dir})
		}
		for _, p := range f.imports {
			if dir, ours := ourDir(p); ours && !slices.Contains(allowed, dir) {
				t.Errorf("%s/%s imports %s: the table of deps_test.go does not allow it", f.dir, f.name, dir)
			}
		}
	}
	for dir := range packages {
		if !seen[dir] {
			t.Errorf("the table of deps_test.go has a row for %s, which is not a package", dir)
		}
	}
}

// TestTableAllowsOnlyWhatIsImported finds entries of the table that no file uses.
func TestTableAllowsOnlyWhatIsImported(t *testing.T) {
	t.Parallel()
	type edge struct {
		from, to string
		test     bool
	}
	used := map[edge]bool{}
	for _, f := range goFiles(t) {
		for _, p := range f.imports {
			if dir, ours := ourDir(p); ours {
				used[edge{f.dir, dir, f.isTest()}] = true
			}
		}
	}
	for from, rule := range packages {
		for _, to := range rule.program {
			if !used[edge{from, to, false}] {
				t.Errorf("the table allows %s to import %s, which it does not: remove the entry, or move it to the tests", from, to)
			}
		}
		for _, to := range rule.tests {
			if !used[edge{from, to, true}] {
				t.Errorf("the table allows the tests of %s to import %s, which they do not: remove the entry", from, to)
			}
			if slices.Contains(rule.program, to) {
				t.Errorf("the table allows the tests of %s to import %s, as it does for the program: remove the entry", from, to)
			}
		}
	}
}

func TestEachLibraryBelongsToOnePackage(t *testing.T) {
	t.Parallel()
	named := map[string]bool{}
	for _, f := range goFiles(t) {
		if f.dir == "." && f.name == "tools.go" {
			continue // it pins generators, and is part of no build
		}
		for _, p := range f.imports {
			if _, ours := ourDir(p); ours || !strings.Contains(strings.Split(p, "/")[0], ".") {
				continue // ours, or the standard library's
			}
			library := within(p, slices.Collect(maps.Keys(libraries)))
			named[library] = true
			switch {
			case library != "" && slices.Contains(libraries[library], f.dir):
			case f.isTest() && within(p, testLibraries) != "":
			case library == "" && within(p, testLibraries) == "":
				t.Errorf("%s/%s names %s, which is not in the tables of deps_test.go", f.dir, f.name, p)
			default:
				t.Errorf("%s/%s names %s, which belongs to %v", f.dir, f.name, p, libraries[library])
			}
		}
	}
	for library := range libraries {
		if !named[library] {
			t.Errorf("the table of deps_test.go has a row for %s, which no package imports", library)
		}
	}
}

// TestTableHasNoLoop keeps the table itself from allowing what Go would refuse
// and nobody means.
func TestTableHasNoLoop(t *testing.T) {
	t.Parallel()
	var visit func(dir string, way []string)
	visit = func(dir string, way []string) {
		if slices.Contains(way, dir) {
			t.Fatalf("the table allows a loop: %s", strings.Join(append(way, dir), " -> "))
		}
		for _, next := range packages[dir].program {
			if _, ok := packages[next]; !ok {
				t.Errorf("%s may import %s, which is not in the table", dir, next)
			}
			visit(next, append(slices.Clone(way), dir))
		}
	}
	for _, dir := range slices.Sorted(maps.Keys(packages)) {
		visit(dir, nil)
	}
}

// goFiles reads the imports of every Go file of the module, whatever its build
// tags: go list would leave out tools.go and other systems' files.
func goFiles(t *testing.T) []goFile {
	t.Helper()
	var files []goFile
	err := filepath.WalkDir(".", func(name string, d fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		if d.IsDir() {
			if base := d.Name(); name != "." && (base == "node_modules" || base == "testdata" || base == "build" || strings.HasPrefix(base, ".") || strings.HasPrefix(base, "_")) {
				return filepath.SkipDir
			}
			return nil
		}
		if !strings.HasSuffix(name, ".go") {
			return nil
		}
		f, err := parser.ParseFile(token.NewFileSet(), name, nil, parser.ImportsOnly)
		if err != nil {
			return err
		}
		g := goFile{dir: filepath.ToSlash(filepath.Dir(name)), name: d.Name()}
		for _, spec := range f.Imports {
			p, err := strconv.Unquote(spec.Path.Value)
			if err != nil {
				return err
			}
			g.imports = append(g.imports, p)
		}
		files = append(files, g)
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	return files
}

// ourDir returns the directory of one of our packages.
func ourDir(importPath string) (dir string, ours bool) {
	if importPath == module {
		return ".", true
	}
	dir, ours = strings.CutPrefix(importPath, module+"/")
	return path.Clean(dir), ours
}

// within returns the module of the list that a package is in; "" for none.
func within(importPath string, modules []string) string {
	for _, m := range modules {
		if importPath == m || strings.HasPrefix(importPath, m+"/") {
			return m
		}
	}
	return ""
}
