package resolvers_test

import (
	"fmt"
	"hash/fnv"
	"slices"
	"strings"

	"github.com/vektah/gqlparser/v2/ast"
	"pgregory.net/rapid"
)

// drawer draws a valid document over a schema.
type drawer struct {
	*rapid.T
	schema    *ast.Schema
	fragments []string
	open      map[string]bool // types whose fragment is being drawn
	left      int             // fields that may still be drawn
}

// drawDocument draws a document, and the variables of its @skip and @include.
func drawDocument(t *rapid.T, schema *ast.Schema) (query string, variables map[string]any) {
	d := &drawer{T: t, schema: schema, open: map[string]bool{}, left: 60}
	body := d.selection(schema.Query, 6)
	query = "query($yes: Boolean!, $no: Boolean = false) " + body + "\n" + strings.Join(d.fragments, "\n")
	if !strings.Contains(query, "$yes)") {
		query = strings.Replace(query, body, body[:len(body)-1]+" y: __typename @include(if: $yes) }", 1)
	}
	if !strings.Contains(query, "$no)") {
		query = strings.Replace(query, body[:len(body)-1], body[:len(body)-1]+" n: __typename @skip(if: $no) ", 1)
	}
	return query, map[string]any{"yes": rapid.Bool().Draw(t, "yes")}
}

func (d *drawer) coin(percent int, what string) bool {
	return rapid.IntRange(0, 99).Draw(d.T, what) < percent
}

// selection draws a selection set of a type.
func (d *drawer) selection(def *ast.Definition, depth int) string {
	var parts []string
	fields := slices.DeleteFunc(slices.Clone(def.Fields), func(f *ast.FieldDefinition) bool {
		return !d.can(f) || depth == 0 && d.schema.Types[f.Type.Name()].IsCompositeType()
	})
	for range rapid.IntRange(1, 4).Draw(d.T, "fields") {
		if len(fields) == 0 || d.left <= 0 {
			break
		}
		d.left--
		f := rapid.SampledFrom(fields).Draw(d.T, "field")
		parts = append(parts, d.field(def, f, depth))
	}
	if d.coin(20, "typename") {
		parts = append(parts, "__typename")
	}
	if def.IsAbstractType() {
		for range rapid.IntRange(1, 3).Draw(d.T, "types") {
			on := rapid.SampledFrom(d.schema.GetPossibleTypes(def)).Draw(d.T, "type")
			parts = append(parts, "... on "+on.Name+d.directives()+" "+d.selection(on, depth))
		}
	} else if def != d.schema.Query && d.coin(15, "inline") {
		parts = append(parts, "..."+d.directives()+" "+d.selection(def, min(depth, 1)))
	}
	if def != d.schema.Query && !d.open[def.Name] && d.coin(15, "spread") {
		d.open[def.Name] = true
		name := fmt.Sprintf("F%d", len(d.fragments))
		d.fragments = append(d.fragments, "")
		d.fragments[len(d.fragments)-1] = "fragment " + name + " on " + def.Name + " " + d.selection(def, min(depth, 1))
		d.open[def.Name] = false
		parts = append(parts, "..."+name+d.directives())
	}
	if len(parts) == 0 {
		parts = append(parts, "__typename")
	}
	return "{ " + strings.Join(parts, " ") + " }"
}

// can reports whether a field is drawn: content links and cursors differ from one world to another,
// and limits change with time.
func (d *drawer) can(f *ast.FieldDefinition) bool {
	name := f.Type.Name()
	if name == "ContentLink" || name == "RateLimit" || strings.HasPrefix(f.Name, "__type") || d.schema.Types[name] == nil {
		return false
	}
	return !slices.ContainsFunc(f.Arguments, func(a *ast.ArgumentDefinition) bool {
		return a.Type.NonNull && a.DefaultValue == nil && d.argument(a) == ""
	})
}

// argument is a value of an argument that must be given; empty where none is known.
func (d *drawer) argument(a *ast.ArgumentDefinition) string {
	switch a.Type.Name() {
	case "ID":
		if a.Type.Elem != nil {
			return `["U2l0ZS8v", "x"]`
		}
		return `"U2l0ZS8v"`
	case "String":
		return `"finance"`
	}
	if def := d.schema.Types[a.Type.Name()]; def.Kind == ast.Enum && a.Type.Elem == nil {
		return def.EnumValues[0].Name
	}
	return ""
}

func (d *drawer) field(on *ast.Definition, f *ast.FieldDefinition, depth int) string {
	var args []string
	for _, a := range f.Arguments {
		switch {
		case a.Name == "first":
			args = append(args, fmt.Sprintf("first: %d", rapid.IntRange(0, 4).Draw(d.T, "first")))
		case a.Type.NonNull && a.DefaultValue == nil:
			args = append(args, a.Name+": "+d.argument(a))
		case a.Name == "contentUrl":
			args = append(args, `contentUrl: `+rapid.SampledFrom([]string{`""`, `"marketing"`, `"nowhere"`}).Draw(d.T, "site"))
		}
	}
	text := f.Name
	if len(args) > 0 {
		text += "(" + strings.Join(args, ", ") + ")"
	}
	text = d.alias(on, f, text) + text + d.directives()
	if def := d.schema.Types[f.Type.Name()]; def.IsCompositeType() {
		text += " " + d.selection(def, depth-1)
	}
	return text
}

// alias gives what is selected in the same way the same name: such fields can be merged.
func (d *drawer) alias(on *ast.Definition, f *ast.FieldDefinition, text string) string {
	if text == f.Name && d.coin(50, "plain") && f.Name == "id" {
		return ""
	}
	h := fnv.New32a()
	_, _ = h.Write([]byte(on.Name + text))
	if d.coin(20, "twice") {
		_, _ = h.Write([]byte("again"))
	}
	return fmt.Sprintf("%s_%x: ", f.Name, h.Sum32()&0xfff)
}

func (d *drawer) directives() string {
	if !d.coin(12, "directive") {
		return ""
	}
	return rapid.SampledFrom([]string{" @skip(if: $no)", " @include(if: $yes)", " @skip(if: true)", " @include(if: true)", " @skip(if: $yes)"}).Draw(d.T, "directives")
}
