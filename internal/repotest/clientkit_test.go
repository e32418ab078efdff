package repotest

import (
	"encoding/json"
	"fmt"
	"maps"
	"os"
	"path/filepath"
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
