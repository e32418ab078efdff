package resolvers_test

import (
	"fmt"
	"maps"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/vektah/gqlparser/v2/ast"

	"vitrine/internal/policy"
	"vitrine/internal/tableau"
	"vitrine/internal/tableausim"
	"vitrine/resolvers"
)

// ownIDs are the fields that say which object it is, beside its type.
var ownIDs = []string{"id", "luid", "name", "label", "contentUrl"}

// wayTo writes a selection of objects of a type that hang off a site: through lists, and through
// single objects, at most depth fields away. Each way needs no argument.
func wayTo(schema *ast.Schema, from, to string, depth int, seen []string) []string {
	if depth == 0 {
		return nil
	}
	var ways []string
	for _, f := range schema.Types[from].Fields {
		needs := slices.ContainsFunc(f.Arguments, func(a *ast.ArgumentDefinition) bool { return a.Type.NonNull && a.DefaultValue == nil })
		typ := schema.Types[f.Type.Name()]
		if needs || !typ.IsCompositeType() || strings.HasPrefix(f.Name, "__") || slices.Contains(seen, typ.Name) {
			continue
		}
		if typ.Name == to {
			ways = append(ways, fmt.Sprintf("%s { ...Own }", f.Name))
			continue
		}
		if typ.IsAbstractType() && slices.ContainsFunc(schema.GetPossibleTypes(typ), func(d *ast.Definition) bool { return d.Name == to }) {
			ways = append(ways, fmt.Sprintf("%s { ... on %s { ...Own } }", f.Name, to))
			continue
		}
		if typ.Kind == ast.Object {
			for _, way := range wayTo(schema, typ.Name, to, depth-1, append(seen, from)) {
				ways = append(ways, fmt.Sprintf("%s { %s }", f.Name, way))
			}
		}
	}
	return ways
}

// objectsOf collects the objects of a type in an answer.
func objectsOf(v any, typ string, found map[string]map[string]any) {
	switch v := v.(type) {
	case []any:
		for _, item := range v {
			objectsOf(item, typ, found)
		}
	case map[string]any:
		if id, _ := v["id"].(string); v["__typename"] == typ && id != "" {
			found[id] = v
		}
		for _, item := range v {
			objectsOf(item, typ, found)
		}
	}
}

// The registry of kinds has a row for every type that implements Node, and no other.
func TestKindsAreTheTypesWithAGlobalID(t *testing.T) {
	t.Parallel()
	schema := resolvers.Schema()
	for _, def := range schema.GetPossibleTypes(schema.Types["Node"]) {
		if def.Kind == ast.Object && def.Name != "Site" && tableau.NodeKindNamed(def.Name) == nil {
			t.Errorf("the registry of kinds has no %s", def.Name)
		}
	}
	seen := map[string]bool{}
	for _, k := range tableau.NodeKinds() {
		def := schema.Types[k.Name]
		if def == nil || !slices.Contains(def.Interfaces, "Node") || seen[k.Name] {
			t.Errorf("%s is there twice, or is no type with a global id", k.Name)
		}
		seen[k.Name] = true
		if isContent := def != nil && slices.Contains(def.Interfaces, "Content"); (k.IsKept || k.IsFound) && !isContent {
			t.Errorf("%s is found by name, and its type is not Content", k.Name)
		}
	}
}

// Every type that implements Node can be read by the id that a field gave.
func TestEveryNodeIsReadByItsID(t *testing.T) {
	t.Parallel()
	everything := rolesOf(t, policy.Role{Name: "everyone", Allow: []string{"CATALOG", "CONTENT", "PEOPLE", "OPERATIONS", "GOVERNANCE", "DOWNLOAD", "PULSE"}})
	worlds := []*world{newWorld(t, tableausim.Config{APIVersion: "3.29"}, everything), newWorld(t, tableausim.Config{APIVersion: "3.15"}, everything), newWorld(t, tableausim.Config{APIVersion: "3.29", Cloud: true}, everything)}
	schema := resolvers.Schema()
	for _, def := range schema.GetPossibleTypes(schema.Types["Node"]) {
		if def.Kind != ast.Object { // an interface that implements Node
			continue
		}
		t.Run(def.Name, func(t *testing.T) {
			var own []string
			for _, name := range ownIDs {
				if f := def.Fields.ForName(name); f != nil && schema.Types[f.Type.Name()].IsLeafType() {
					own = append(own, name)
				}
			}
			fragment := fmt.Sprintf(" fragment Own on %s { __typename %s }", def.Name, strings.Join(own, " "))
			ways := []string{"...Own"}
			if def.Name != "Site" {
				ways = wayTo(schema, "Site", def.Name, 4, nil)
			}
			slices.SortStableFunc(ways, func(a, b string) int { return strings.Count(a, "{") - strings.Count(b, "{") })
			for _, w := range worlds {
				for _, way := range ways[:min(len(ways), 30)] {
					found := map[string]map[string]any{}
					objectsOf(w.ask(t, "carol", `{ site(contentUrl: "`+w.site+`") { `+way+` } }`+fragment, nil).Data, def.Name, found)
					if len(found) == 0 {
						continue
					}
					ids := slices.Sorted(maps.Keys(found))
					for _, id := range ids[:min(len(ids), 3)] {
						got := w.ask(t, "carol", `query($id: ID!) { node(id: $id) { ...Own } }`+fragment, map[string]any{"id": id})
						if diff := cmp.Diff(any(found[id]), got.Data["node"]); diff != "" {
							t.Errorf("%s of %s is read otherwise by its id (-field +node): %s\n%s", def.Name, way, diff, got.raw)
						}
					}
					return
				}
			}
			t.Errorf("no %s is found by any of %d fields", def.Name, len(ways))
		})
	}
}
