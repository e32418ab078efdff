package resolvers_test

import (
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/vektah/gqlparser/v2/ast"

	"vitrine/internal/policy"
	"vitrine/resolvers"
	"vitrine/test/harness"
)

// word matches names, and coordinates of two names.
var word = regexp.MustCompile(`[A-Za-z_][A-Za-z0-9_]*(\.[A-Za-z_][A-Za-z0-9_]*)?`)

// textsOf are the texts that a role reads of a member, by its coordinate: without the REST method,
// which is about the member itself.
func textsOf(schema *ast.Schema) map[string]string {
	texts := map[string]string{}
	add := func(coordinate, description string, directives ast.DirectiveList) {
		if d := directives.ForName("deprecated"); d != nil && d.Arguments.ForName("reason") != nil {
			description += " " + d.Arguments.ForName("reason").Value.Raw
		}
		texts[coordinate] = description
	}
	for name, def := range schema.Types {
		if def.BuiltIn {
			continue
		}
		add(name, def.Description, nil)
		for _, f := range def.Fields {
			add(name+"."+f.Name, f.Description, f.Directives)
			for _, a := range f.Arguments {
				add(name+"."+f.Name+"("+a.Name+":)", a.Description, a.Directives)
			}
		}
		for _, v := range def.EnumValues {
			add(name+"."+v.Name, v.Description, v.Directives)
		}
	}
	return texts
}

// A role reads nothing of types and members that it lacks: not in any description, for each role of
// the demonstration, for each area alone, and for each type, and each tenth member, that is denied
// alone.
func TestNoDescriptionNamesWhatARoleLacks(t *testing.T) {
	t.Parallel()
	whole := resolvers.Schema()
	areas := []string{"CATALOG", "CONTENT", "PEOPLE", "OPERATIONS", "GOVERNANCE", "DOWNLOAD", "PULSE"}
	denied := []string{}
	for name, def := range whole.Types {
		if def.BuiltIn || strings.HasPrefix(name, "__") {
			continue
		}
		denied = append(denied, name)
		if def.Kind != ast.Object && def.Kind != ast.Interface {
			continue
		}
		for _, f := range def.Fields {
			if !strings.HasPrefix(f.Name, "__") {
				denied = append(denied, name+"."+f.Name)
			}
		}
	}
	slices.Sort(denied)
	roles := slices.Clone(demoRoles)
	for _, area := range areas {
		roles = append(roles, policy.Role{Name: "only-" + area, Allow: []string{area}})
	}
	for i, coordinate := range denied {
		if (!strings.Contains(coordinate, ".") || i%10 == 0) && harness.Tried(i, 4) {
			roles = append(roles, policy.Role{Name: "without-" + coordinate, Allow: areas, Deny: []string{coordinate}})
		}
	}
	roles = compilable(whole, roles)
	if len(roles) < 200 && !harness.Race {
		t.Errorf("only %d roles are tried", len(roles))
	}
	p, err := policy.New(whole, roles)
	if err != nil {
		t.Fatal(err)
	}
	names := map[string][]string{} // by text: roles share most texts
	for _, role := range roles {
		view, err := p.View([]string{role.Name})
		if err != nil {
			t.Fatal(err)
		}
		for coordinate, text := range textsOf(view.Schema) {
			if _, known := names[text]; !known {
				names[text] = namesIn(whole, text)
			}
			for _, name := range names[text] {
				if typ, _, _ := strings.Cut(name, "."); !view.Has(typ) || !view.Has(name) {
					t.Errorf("%s: the description of %s names %s", role.Name, coordinate, name)
				}
			}
		}
	}
}

// compilable returns the roles that leave something, and that deny what can be denied by itself.
func compilable(schema *ast.Schema, roles []policy.Role) []policy.Role {
	_, err := policy.New(schema, roles)
	wrong := map[string]bool{}
	for _, p := range policy.Problems(err) {
		wrong[p.Role] = true
	}
	return slices.DeleteFunc(slices.Clone(roles), func(r policy.Role) bool { return wrong[r.Name] })
}

// namesIn are the types, and members of types, that a description names. What follows "REST: " is
// about the member itself.
func namesIn(schema *ast.Schema, text string) (names []string) {
	text, _, _ = strings.Cut(text, "REST: ")
	for _, name := range word.FindAllString(text, -1) {
		typ, member, dotted := strings.Cut(name, ".")
		def := schema.Types[typ]
		switch {
		case def == nil || def.BuiltIn:
		case dotted && (def.Fields.ForName(member) != nil || def.EnumValues.ForName(member) != nil):
			names = append(names, name)
		default:
			names = append(names, typ)
		}
	}
	return names
}
