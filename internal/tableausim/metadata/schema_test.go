package metadata

import (
	"os"
	"path/filepath"
	"slices"
	"testing"

	"github.com/vektah/gqlparser/v2"
	"github.com/vektah/gqlparser/v2/ast"
)

// recordedSchema reads the schema that was made from Tableau's documents.
func recordedSchema(t *testing.T) *ast.Schema {
	t.Helper()
	dir := os.Getenv("VITRINE_RECORDED")
	if dir == "" {
		t.Skip("VITRINE_RECORDED is not set: there are no recorded answers to compare with")
	}
	text, err := os.ReadFile(filepath.Join(dir, "next", "metadata", "schema-subset.graphqls"))
	if err != nil {
		t.Fatal(err)
	}
	s, gqlErr := gqlparser.LoadSchema(&ast.Source{Name: "recorded", Input: string(text)})
	if gqlErr != nil {
		t.Fatal(gqlErr)
	}
	return s
}

// members are the members of a definition as text, sorted: fields with arguments, and values.
func members(def *ast.Definition) []string {
	var out []string
	for _, f := range def.Fields {
		text := f.Name + ": " + f.Type.String()
		var args []string
		for _, a := range f.Arguments {
			arg := a.Name + ": " + a.Type.String()
			if a.DefaultValue != nil {
				arg += " = " + a.DefaultValue.String()
			}
			args = append(args, arg)
		}
		slices.Sort(args)
		for _, a := range args {
			text += " " + a
		}
		out = append(out, text)
	}
	for _, v := range def.EnumValues {
		out = append(out, v.Name)
	}
	slices.Sort(out)
	return out
}

func TestSchemaIsTheRecordedOne(t *testing.T) {
	t.Parallel()
	recorded := recordedSchema(t)
	for name, def := range recorded.Types {
		mine := schema.Types[name]
		if mine == nil {
			t.Errorf("there is no type %s", name)
			continue
		}
		if got, want := members(mine), members(def); !slices.Equal(got, want) {
			t.Errorf("%s: the members differ: %q, want %q", name, got, want)
		}
		if got, want := slices.Sorted(slices.Values(mine.Interfaces)), slices.Sorted(slices.Values(def.Interfaces)); !slices.Equal(got, want) {
			t.Errorf("%s implements %q, want %q", name, got, want)
		}
	}
	for name := range schema.Types {
		if recorded.Types[name] == nil {
			t.Errorf("type %s is not recorded", name)
		}
	}
}
