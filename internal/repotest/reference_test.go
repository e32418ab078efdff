package repotest

import (
	"bytes"
	"cmp"
	"encoding/json"
	"maps"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"

	"vitrine/test/harness"

	gql "github.com/vektah/gqlparser/v2/ast"

	"vitrine/internal/config"
	"vitrine/internal/reference"
	"vitrine/internal/tableau"
	"vitrine/internal/tableausim"
	"vitrine/resolvers"
)

const referenceDir = "docs/schema"

// exampleArguments are the arguments that the examples of the reference take: things that are there
// in the stand-in.
var exampleArguments = reference.Arguments{
	"Query.site(contentUrl:)":                 `""`,
	"Site.tag(by:)":                           `{label: "finance"}`,
	"Site.recycleBin(type:)":                  "WORKBOOK",
	"Site.suggestions(terms:)":                `"sa"`,
	"Workbook.downgradeInfo(productVersion:)": `"2019.1"`,
	"DataSource.rows(query:)":                 `{columns: [{field: "Region"}, {field: "Sales", aggregate: SUM}]}`,
}

// withoutExample are types that no answer of the stand-ins shows, with the reason.
var withoutExample = map[string]string{
	"ServerExtensionSettings": "server administrators alone may read it, and they are not served",
	"DirectoryDomain":         "server administrators alone may read it, and they are not served",
	"OidcConfiguration":       "Cloud alone has it, and closes it to sessions of a JWT",
	"ScimConfiguration":       "Cloud alone has it, and closes it to sessions of a JWT",
	"Embed":                   "its area is closed in the stand-ins, and its tokens are secrets",
	"EmbedToken":              "its area is closed in the stand-ins, and its tokens are secrets",
	"PersonalAccessToken":     "Cloud alone has it, and closes it to sessions of a JWT",
}

// TestReferenceIsFresh holds that docs/schema is what the schema and the stand-ins give, with an
// example for every type that answers can hold. `make reference` rewrites it, and one page with a
// search box beside it.
func TestReferenceIsFresh(t *testing.T) {
	t.Parallel()
	source, err := os.ReadFile("schema.graphqls")
	if err != nil {
		t.Fatal(err)
	}
	r := reference.New(string(source), resolvers.Schema(), examplesOf(t), calledInGoldens(t))
	pages := r.Markdown()
	for name, text := range pages {
		file := filepath.Join(referenceDir, name)
		if *harness.Update {
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
		if !*harness.Update {
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

// examplesOf asks for an object of every type, as an administrator with all roles: on a Server and,
// where that shows none, on Cloud.
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
	for _, place := range []struct{ note, method, version string }{
		{"", "password", "3.29"}, {"on Tableau Cloud", "direct trust on Cloud", "3.29"}, {"on a Server of 2021.4", "password", "3.14"},
	} {
		m := harness.SignInMethods(t)[place.method]
		m.World.APIVersion = place.version
		m.World.ConnectedApps = []tableausim.ConnectedApp{harness.SimApp}
		address := "https://tableau.example.com"
		if m.Cloud { // what Cloud alone has is asked of nothing else
			address = "https://10ax.online.tableau.com"
		}
		m.World.PublicURL = func() string { return address }
		p := m.Start(t, func(c *config.Config) {
			c.Tableau.BrowserURL = address
			c.Limits.PerPerson = 1_000_000_000
			c.Roles = []config.Role{{Name: "all", Allow: []string{"CATALOG", "CONTENT", "PEOPLE", "OPERATIONS", "GOVERNANCE", "DOWNLOAD", "PULSE"}}}
		})
		p.Tableau.SetTrustedIssuers(tableausim.TrustedIssuer{URL: "https://bi.example.com/tableau-issuer"})
		token := p.Token(t, "carol")
		arguments := maps.Clone(exampleArguments)
		if m.Cloud {
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

func exampleOf(t *testing.T, p *harness.Program, token, name string, arguments reference.Arguments) (reference.Example, bool) {
	t.Helper()
	for _, query := range reference.Queries(resolvers.Schema(), name, arguments) {
		answer := p.Post(t, token, query.Text)
		unsupported := strings.Trim(strings.ReplaceAll(answer.Codes(), "TABLEAU_UNSUPPORTED", ""), " ") == "" // a User has fields of Server alone and of Cloud alone
		if (len(answer.Errors) == 0 || name == "User" && unsupported) && query.Shows(answer.Data) {
			text, err := json.MarshalIndent(map[string]any{"data": answer.Data}, "", "  ")
			if err != nil {
				t.Fatal(err)
			}
			return reference.Example{Query: query.Text, Answer: settled(p, string(text))}, true
		}
	}
	return reference.Example{}, false
}

var (
	loopbackAddress = regexp.MustCompile(`http://(127\.0\.0\.1|localhost):\d+`)
	unsteady        = regexp.MustCompile(`("(?:tokenExpiresAt|expiresAt|resetAt)": )"[^"]*"`)
	counted         = regexp.MustCompile(`("(?:remaining|used)": )\d+`)
	linked          = regexp.MustCompile(`/content/[A-Za-z0-9_.-]+`)
)

// settled takes out of an answer what is different at each start: ports, ends of tokens, sealed
// links.
func settled(p *harness.Program, answer string) string {
	answer = strings.ReplaceAll(answer, p.Issuer, "https://login.example.com")
	answer = loopbackAddress.ReplaceAllString(answer, "https://bi.example.com")
	answer = counted.ReplaceAllString(answer, `${1}1`)
	answer = unsteady.ReplaceAllString(answer, `$1"2026-01-31T08:15:00Z"`)
	return linked.ReplaceAllString(answer, "/content/…")
}

// closedToJWT are methods of Tableau Cloud that have no scope: a session from a JWT, and no other can
// be impersonated on Cloud, may not call them. The field answers TABLEAU_UNSUPPORTED without a call.
var closedToJWT = []string{"GET site-oidc-configuration", "GET scimConfigurations", "GET users/{}/personal-access-tokens"}

// TestEveryRESTMethodHasAField holds that the table of methods, the schema and what is really called
// are the same: every read of the table is behind a field of the schema and is shown called by a
// golden, and every method that the schema names is in the table.
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
	inClient, shown := clientMethods(), calledInGoldens(t)
	for name := range inClient {
		if inSchema[name] == "" && reference.Beside[name] == "" {
			t.Errorf("%q is behind no field of the schema: name it in an @rest", name)
		}
		if shown[name] == "" && !slices.Contains(closedToJWT, name) {
			t.Errorf("no case in resolvers/testdata shows %q called: add one, or remove the row from the table of methods", name)
		}
	}
	for name, coordinate := range inSchema {
		if !inClient[name] {
			t.Errorf("%s: @rest names %q, which is not in the table of methods", coordinate, name)
		}
		if reference.LeftOut[name] != "" {
			t.Errorf("%q is left out in the reference, but %s reads it", name, coordinate)
		}
	}
	for name, golden := range shown {
		if !inClient[name] {
			t.Errorf("%s: %q is called and is not in the table of methods", golden, name)
		}
	}
}

// calledInGoldens are the methods that the goldens of the resolvers show as called, each with the
// first golden that does.
func calledInGoldens(t *testing.T) map[string]string {
	t.Helper()
	files, err := filepath.Glob("resolvers/testdata/*.golden.json")
	if err != nil || len(files) == 0 {
		t.Fatalf("no goldens: %v", err)
	}
	slices.SortStableFunc(files, func(a, b string) int { // a query that asks is a better example than a link that was followed
		return strings.Count(a, ".fetched.") - strings.Count(b, ".fetched.")
	})
	called := map[string]string{}
	for _, file := range files {
		text, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		var golden harness.Answer
		if err := json.Unmarshal(text, &golden); err != nil {
			t.Fatalf("%s: %v", file, err)
		}
		for call := range golden.Extensions.Vitrine.Calls {
			verb, path, _ := strings.Cut(call, " ")
			name := reference.MethodName(verb, belowSite(path))
			if called[name] == "" {
				called[name] = strings.TrimSuffix(filepath.Base(file), ".golden.json")
			}
		}
	}
	return called
}

var defaultPermissions = regexp.MustCompile(`^projects/\{id\}/default-permissions/\w+$`)

// belowSite writes a path of a call as the schema does: below the site without a prefix, beside the
// sites with a slash.
func belowSite(path string) string {
	switch below, ok := strings.CutPrefix(path, "sites/{site}/"); {
	case ok:
		return oneForAllKinds(below)
	case strings.HasPrefix(path, "-/"), strings.HasPrefix(path, "exp/"), strings.HasPrefix(path, "metadata/"), strings.HasPrefix(path, "v1/"):
		return path
	default:
		return "/" + path
	}
}

// clientMethods are the reads of the client's table of methods by their names.
func clientMethods() map[string]bool {
	all := map[string]bool{}
	for _, m := range tableau.Methods() {
		if m.Class == tableau.SigningIn || m.Class == tableau.SigningOut {
			continue
		}
		all[reference.MethodName(cmp.Or(m.Verb, "GET"), oneForAllKinds(m.Template))] = true
	}
	return all
}

// oneForAllKinds writes the template of a project's default permissions of one kind as the schema
// does, for all kinds.
func oneForAllKinds(template string) string {
	if defaultPermissions.MatchString(template) {
		return "projects/{id}/default-permissions/{kind}"
	}
	return template
}
