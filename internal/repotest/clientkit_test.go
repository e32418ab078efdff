package repotest

import (
	"encoding/json"
	"fmt"
	"maps"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/vektah/gqlparser/v2/ast"

	"vitrine/resolvers"
	"vitrine/test/harness"
)

const clientKitDir = "docs/client"

// scalarTypes are the scalars of the schema as TypeScript and Go see them in JSON.
var scalarTypes = map[string]struct{ typeScript, golang string }{
	"DateTime":  {"string", "time.Time"},
	"LocalTime": {"string", "string"},
	"LUID":      {"string", "string"},
	"Long":      {"number", "int64"},
	"URL":       {"string", "string"},
}

// TestClientKitIsFresh holds that docs/client is what the schema gives. `make reference` rewrites it;
// test/frontends uses it with the clients and code generators that it is for.
func TestClientKitIsFresh(t *testing.T) {
	t.Parallel()
	schema := resolvers.Schema()
	for _, def := range schema.Types {
		if _, known := scalarTypes[def.Name]; def.Kind == ast.Scalar && !def.BuiltIn && !known {
			t.Errorf("scalarTypes lacks the scalar %s", def.Name)
		}
	}
	for name, text := range clientKit(t, schema) {
		file := filepath.Join(clientKitDir, name)
		if *harness.Update {
			if err := os.WriteFile(file, []byte(text), 0o600); err != nil {
				t.Fatal(err)
			}
		} else if is := harness.ReadFile(t, file); is != text {
			t.Errorf("%s is not what the schema gives: run make reference", file)
		}
	}
}

// TestTypesWithoutIDHaveReasons holds that the table of the client kit has each type without id once.
func TestTypesWithoutIDHaveReasons(t *testing.T) {
	t.Parallel()
	_, text, _ := strings.Cut(harness.ReadFile(t, filepath.Join(clientKitDir, "README.md")), "## Types without `id`")
	text, _, _ = strings.Cut(text, "\n## ")
	reasons := map[string]int{}
	for line := range strings.SplitSeq(text, "\n") {
		if cells := strings.Split(line, "|"); len(cells) == 4 {
			for _, name := range regexp.MustCompile("`(\\w+)`").FindAllStringSubmatch(cells[1], -1) {
				reasons[name[1]]++
			}
		}
	}
	var types []string
	if err := json.Unmarshal([]byte(clientKit(t, resolvers.Schema())["types-without-id.json"]), &types); err != nil {
		t.Fatal(err)
	}
	for _, name := range types {
		if n := reasons[name]; n != 1 && !strings.HasSuffix(name, "Connection") && !strings.HasSuffix(name, "Edge") {
			t.Errorf("the type %s has no id: docs/client/README.md has %d reasons", name, n)
		}
		delete(reasons, name)
	}
	delete(reasons, "Connection")
	delete(reasons, "Edge")
	for name := range reasons {
		if name != "id" {
			t.Errorf("docs/client/README.md has a reason for %s, which has an id or does not exist", name)
		}
	}
}

// clientKit returns the generated files of the kit, by name.
func clientKit(t *testing.T, schema *ast.Schema) map[string]string {
	t.Helper()
	possible, withoutID := map[string][]string{}, []string{}
	for name, def := range schema.Types {
		switch {
		case strings.HasPrefix(name, "__"):
		case def.IsAbstractType():
			for _, object := range schema.GetPossibleTypes(def) {
				possible[name] = append(possible[name], object.Name)
			}
			slices.Sort(possible[name])
		case def.Kind == ast.Object && name != "Query" && def.Fields.ForName("id") == nil:
			withoutID = append(withoutID, name)
		}
	}
	slices.Sort(withoutID)
	scalars := map[string]string{}
	genqlient := "# Generated from schema.graphqls by make reference. Do not edit.\nschema: schema.graphql\noperations:\n  - \"queries/*.graphql\"\ngenerated: generated.go\n" +
		"# A field that is null, and an input field that is left out, is a nil pointer.\noptional: pointer\nuse_struct_references: true\nbindings:\n"
	for _, name := range slices.Sorted(maps.Keys(scalarTypes)) {
		scalars[name] = scalarTypes[name].typeScript
		genqlient += fmt.Sprintf("  %s:\n    type: %s\n", name, scalarTypes[name].golang)
	}
	relay := map[string]any{
		"src": "./src", "schema": "./schema.graphql", "language": "typescript", "eagerEsModules": true,
		"customScalarTypes": scalars,
	}
	return map[string]string{
		"possible-types.json": indented(t, possible), "types-without-id.json": indented(t, withoutID), "scalars.json": indented(t, scalars),
		"relay.config.json": indented(t, relay), "genqlient.yaml": genqlient,
	}
}

func indented(t *testing.T, v any) string {
	t.Helper()
	text, err := json.MarshalIndent(v, "", "  ")
	if err != nil {
		t.Fatal(err)
	}
	return string(text) + "\n"
}
