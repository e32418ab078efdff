package repotest

import (
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/vektah/gqlparser/v2/ast"

	"vitrine/internal/policy"
	"vitrine/resolvers"
	"vitrine/test/harness"
)

// exampleRoles are as an operator might write them.
var exampleRoles = []policy.Role{
	{Name: "everyone", Allow: []string{"CATALOG"}},
	{Name: "viewers", Allow: []string{"CATALOG", "CONTENT"}, Deny: []string{"View.data", "Workbook.tags"}},
	{Name: "analysts", Allow: []string{"CATALOG", "CONTENT", "PEOPLE", "GOVERNANCE"}, Deny: []string{"User.email", "Workbook.sizeMegabytes"}},
	{Name: "operators", Allow: []string{"CATALOG", "OPERATIONS", "DOWNLOAD"}, Deny: []string{"View"}},
	{Name: "partners", Allow: []string{"CATALOG"}, Deny: []string{"DataSource", "Content.owner", "Content.createdAt", "Query.sites"}},
}

// TestExampleRolesSeeExactlyThis holds what each of five roles sees of the contract: a line for
// each type that is left, with what it has lost. A type that is whole is listed by its name alone,
// so that a new field changes a golden only where a role lacks it; and lines are compared whatever
// their order, so that git may merge these files line by line (.gitattributes).
func TestExampleRolesSeeExactlyThis(t *testing.T) {
	t.Parallel()
	whole := resolvers.Schema()
	roles := slices.Clone(exampleRoles)
	for i := range roles {
		roles[i].Deny = slices.DeleteFunc(slices.Clone(roles[i].Deny), func(entry string) bool { return !exists(whole, entry) })
	}
	p, err := policy.New(whole, roles)
	if err != nil {
		t.Fatal(err)
	}
	for _, role := range roles {
		v, err := p.View([]string{role.Name})
		if err != nil {
			t.Fatal(err)
		}
		got := linesOf(whole, v)
		file := filepath.Join("internal/repotest/testdata/roles", role.Name+".golden")
		if *harness.Update {
			if err := os.WriteFile(file, []byte(strings.Join(got, "\n")+"\n"), 0o644); err != nil {
				t.Fatal(err)
			}
		}
		text, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		want := strings.Split(strings.TrimSpace(string(text)), "\n")
		slices.Sort(want)
		if diff := cmp.Diff(slices.Compact(want), got); diff != "" {
			t.Errorf("%s (-want +got), rewritten by go test . -run ExampleRoles -update:\n%s", role.Name, diff)
		}
	}
}

// exists says whether the contract has a member yet.
func exists(schema *ast.Schema, coord string) bool {
	typ, field, dotted := strings.Cut(coord, ".")
	def := schema.Types[typ]
	return def != nil && (!dotted || def.Fields.ForName(field) != nil)
}

// linesOf are the types of a view, sorted, each with the members that it lacks of the whole.
func linesOf(whole *ast.Schema, v *policy.View) []string {
	var all []string
	for name, def := range whole.Types {
		if def.BuiltIn || !v.HasType(name) {
			continue
		}
		line := name
		if lost := lostMembers(def, v); len(lost) > 0 {
			line += " without " + strings.Join(lost, ", ")
		}
		all = append(all, line)
	}
	slices.Sort(all)
	return all
}

func lostMembers(def *ast.Definition, v *policy.View) []string {
	var lost []string
	for _, f := range def.Fields {
		coord := def.Name + "." + f.Name
		if !v.Has(coord) && !strings.HasPrefix(f.Name, "__") {
			lost = append(lost, f.Name)
			continue
		}
		for _, arg := range f.Arguments {
			if !v.Has(coord + "(" + arg.Name + ":)") {
				lost = append(lost, f.Name+"("+arg.Name+":)")
			}
		}
	}
	for _, value := range def.EnumValues {
		if !v.Has(def.Name + "." + value.Name) {
			lost = append(lost, value.Name)
		}
	}
	for _, member := range def.Types {
		if !v.HasType(member) {
			lost = append(lost, "member "+member)
		}
	}
	return lost
}
