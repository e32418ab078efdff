package main

import (
	"bytes"
	"encoding/json"
	"go/ast"
	"go/parser"
	"go/token"
	"maps"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"

	gql "github.com/vektah/gqlparser/v2/ast"

	"vitrine/internal/config"
	"vitrine/internal/reference"
	"vitrine/internal/tableausim"
	"vitrine/resolvers"
)

const referenceDir = "docs/schema"

// exampleArguments are the arguments that the examples of the reference take: things that are there in the stand-in.
var exampleArguments = reference.Arguments{
	"Query.site(contentUrl:)": `""`,
	"Site.tag(label:)":        `"finance"`,
}

// withoutExample are types that no answer of the stand-ins shows, with the reason.
var withoutExample = map[string]string{}

// TestReferenceIsFresh holds that docs/schema is what the schema and the stand-ins give, with an example for every type that
// answers can hold. `make reference` writes it anew, and one page with a search box beside it.
func TestReferenceIsFresh(t *testing.T) {
	t.Parallel()
	source, err := os.ReadFile("schema.graphqls")
	if err != nil {
		t.Fatal(err)
	}
	r := reference.New(string(source), resolvers.Schema(), examplesOf(t))
	pages := r.Markdown()
	for name, text := range pages {
		file := filepath.Join(referenceDir, name)
		if *update {
			if err := os.WriteFile(file, []byte(text), 0o600); err != nil {
				t.Fatal(err)
			}
		} else if is, err := os.ReadFile(file); err != nil || string(is) != text {
			t.Errorf("%s is not what the schema gives: run make reference (%v)", file, err)
		}
	}
	files, err := filepath.Glob(filepath.Join(referenceDir, "*.md"))
	if err != nil {
		t.Fatal(err)
	}
	for _, file := range files {
		if _, ok := pages[filepath.Base(file)]; ok {
			continue
		}
		if !*update {
			t.Errorf("%s belongs to no part of the schema: run make reference", file)
		} else if err := os.Remove(file); err != nil {
			t.Fatal(err)
		}
	}
	if file := os.Getenv("VITRINE_REFERENCE_HTML"); file != "" {
		var page bytes.Buffer
		if err := r.HTML(&page); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(file, page.Bytes(), 0o600); err != nil {
			t.Fatal(err)
		}
	}
}

// examplesOf asks for an object of every type, as an administrator with all roles: on a Server and, where that shows none, on Cloud.
func examplesOf(t *testing.T) map[string]reference.Example {
	t.Helper()
	schema := resolvers.Schema()
	missing := map[string]bool{}
	for name, def := range schema.Types {
		if def.Kind == gql.Object && !def.BuiltIn && !strings.HasPrefix(name, "__") {
			missing[name] = true
		}
	}
	examples := map[string]reference.Example{}
	for _, place := range []struct{ note, method string }{{"", "password"}, {"on Tableau Cloud", "direct trust on Cloud"}} {
		m := signInMethods(t)[place.method]
		m.world.APIVersion = "3.29"
		m.world.PublicURL = func() string { return "https://tableau.example.com" }
		p := m.start(t, func(c *config.Config) {
			c.Roles = []config.Role{{Name: "all", Allow: []string{"CATALOG", "CONTENT", "PEOPLE", "OPERATIONS", "GOVERNANCE", "DOWNLOAD"}}}
		})
		token := p.token(t, "carol")
		arguments := maps.Clone(exampleArguments)
		if m.cloud {
			arguments["Query.site(contentUrl:)"] = strconv.Quote(tableausim.CloudSite)
		}
		for name := range missing {
			if e, ok := exampleOf(t, p, token, name, arguments); ok {
				e.Note = place.note
				examples[name] = e
				delete(missing, name)
			}
		}
	}
	for name := range missing {
		if withoutExample[name] == "" {
			t.Errorf("no answer of the stand-ins shows a %s: give them one, or a value to the arguments that lead to it (exampleArguments)", name)
		}
	}
	for name := range withoutExample {
		if !missing[name] {
			t.Errorf("there is an example for %s after all: take it out of withoutExample", name)
		}
	}
	return examples
}

func exampleOf(t *testing.T, p *program, token, name string, arguments reference.Arguments) (reference.Example, bool) {
	t.Helper()
	for _, query := range reference.Queries(resolvers.Schema(), name, arguments) {
		answer := p.post(t, token, query)
		if len(answer.Errors) == 0 && holds(answer.Data) {
			text, err := json.MarshalIndent(map[string]any{"data": answer.Data}, "", "  ")
			if err != nil {
				t.Fatal(err)
			}
			return reference.Example{Query: query, Answer: settled(p, string(text))}, true
		}
	}
	return reference.Example{}, false
}

// holds says whether an answer gets to the bottom of its query: no null and no empty list where an object should be. Leaves may
// be null.
func holds(value any) bool {
	switch v := value.(type) {
	case map[string]any:
		objects, leaves := 0, 0
		for _, inner := range v {
			switch inner := inner.(type) {
			case map[string]any, []any:
				objects++
				if holds(inner) {
					return true
				}
			case nil:
			default:
				leaves++
			}
		}
		return objects == 0 && leaves > 0
	case []any:
		return slices.ContainsFunc(v, holds)
	}
	return value != nil
}

var (
	loopbackAddress = regexp.MustCompile(`http://(127\.0\.0\.1|localhost):\d+`)
	unsteady        = regexp.MustCompile(`("(?:tokenExpiresAt|expiresAt|resetAt)": )"[^"]*"`)
	linked          = regexp.MustCompile(`/content/[A-Za-z0-9_.-]+`)
)

// settled takes out of an answer what is different at each start: ports, ends of tokens, sealed links.
func settled(p *program, answer string) string {
	answer = strings.ReplaceAll(answer, p.issuer, "https://login.example.com")
	answer = loopbackAddress.ReplaceAllString(answer, "https://bi.example.com")
	answer = unsteady.ReplaceAllString(answer, `$1"2026-01-31T08:15:00Z"`)
	return linked.ReplaceAllString(answer, "/content/…")
}

// TestEveryRESTMethodHasAField holds that the table from REST methods to fields is complete: every read of the client is behind a
// field of the schema, and every method that the schema names is one that the client reads.
func TestEveryRESTMethodHasAField(t *testing.T) {
	t.Parallel()
	inSchema := map[string]string{}
	for _, def := range resolvers.Schema().Types {
		for _, f := range def.Fields {
			for _, d := range f.Directives.ForNames("rest") {
				for verb, argument := range map[string]string{"GET": "get", "POST": "post"} {
					if a := d.Arguments.ForName(argument); a != nil {
						inSchema[reference.MethodName(verb, a.Value.Raw)] = def.Name + "." + f.Name
					}
				}
			}
		}
	}
	inClient := clientMethods(t)
	for name, place := range inClient {
		if inSchema[name] == "" {
			t.Errorf("%s: %q is behind no field of the schema: name it in an @rest", place, name)
		}
	}
	for name, coordinate := range inSchema {
		if inClient[name] == "" {
			t.Errorf("%s: @rest names %q, which the client does not read", coordinate, name)
		}
		if reference.LeftOut[name] != "" {
			t.Errorf("%q is left out in the reference, but %s reads it", name, coordinate)
		}
	}
	if len(inClient) < 10 {
		t.Errorf("only %d methods were found in internal/tableau: are reads still written as siteRead{template: …}?", len(inClient))
	}
}

// clientMethods are the reads of internal/tableau by their names, as its sources have them: the template of every siteRead.
func clientMethods(t *testing.T) map[string]string {
	t.Helper()
	found := map[string]string{"GET /serverinfo": "internal/tableau/client.go"}
	files, err := filepath.Glob("internal/tableau/*.go")
	if err != nil {
		t.Fatal(err)
	}
	for _, file := range files {
		if strings.HasSuffix(file, "_test.go") {
			continue
		}
		set := token.NewFileSet()
		parsed, err := parser.ParseFile(set, file, nil, parser.SkipObjectResolution)
		if err != nil {
			t.Fatal(err)
		}
		ast.Inspect(parsed, func(n ast.Node) bool {
			literal, ok := n.(*ast.CompositeLit)
			if !ok {
				return true
			}
			if name, ok := literal.Type.(*ast.Ident); !ok || name.Name != "siteRead" {
				return true
			}
			place := set.Position(literal.Pos()).String()
			if template, verb, ok := templateOf(literal); ok {
				found[reference.MethodName(verb, template)] = place
			} else {
				t.Errorf("%s: the template of a siteRead is no literal, so nobody can tell which method it is", place)
			}
			return true
		})
	}
	return found
}

func templateOf(literal *ast.CompositeLit) (template, verb string, ok bool) {
	verb = "GET"
	for _, e := range literal.Elts {
		pair, isPair := e.(*ast.KeyValueExpr)
		if !isPair {
			return "", "", false
		}
		switch pair.Key.(*ast.Ident).Name {
		case "template":
			text, isText := pair.Value.(*ast.BasicLit)
			if !isText {
				return "", "", false
			}
			unquoted, err := strconv.Unquote(text.Value)
			template, ok = unquoted, err == nil
		case "body":
			verb = "POST"
		}
	}
	return template, verb, ok
}
