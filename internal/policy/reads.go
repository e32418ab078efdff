package policy

import (
	"maps"
	"slices"
	"strings"

	"github.com/vektah/gqlparser/v2/ast"
)

// What the names of inputs and enums of lists end in (decision 1 of the schema).
const (
	filterSuffix     = "Filter"
	orderSuffix      = "Order"
	orderFieldSuffix = "OrderField"
)

// readsOf returns the fields, by coordinate, that an input field or enum value gives away: those
// that @reads names; without it the field of that name on what is listed. A name that no listed
// type has stays in the answer, so that the member is closed rather than open to all when its
// @reads was forgotten; Audit reports it.
func readsOf(schema *ast.Schema, directives ast.DirectiveList, subjects []string, field string) []string {
	if d := directives.ForName(readsDirective); d != nil {
		return readsNamed(d)
	}
	if len(subjects) == 0 {
		return nil
	}
	var reads []string
	for _, subject := range subjects {
		if schema.Types[subject].Fields.ForName(field) != nil {
			reads = append(reads, subject+"."+field)
		}
	}
	if len(reads) == 0 {
		return []string{subjects[0] + "." + field}
	}
	return reads
}

// readsNamed returns the coordinates in a @reads.
func readsNamed(d *ast.Directive) []string {
	var reads []string
	if a := d.Arguments.ForName("fields"); a != nil && a.Value != nil {
		for _, child := range a.Value.Children {
			reads = append(reads, child.Value.Raw)
		}
		if a.Value.Kind == ast.StringValue || a.Value.Kind == ast.BlockValue { // a list of one may be written without brackets
			reads = append(reads, a.Value.Raw)
		}
	}
	return reads
}

// findSubjects returns, for each filter, order and enum of orders, the types it filters or orders,
// sorted: those that the lists with such an argument hold, else the type that its name begins with.
// Inputs that are a part of others, such as sets of operators, have none.
func findSubjects(schema *ast.Schema) map[string][]string {
	found := map[string]map[string]bool{}
	note := func(input, subject string) {
		if found[input] == nil {
			found[input] = map[string]bool{}
		}
		found[input][subject] = true
	}
	for _, def := range schema.Types {
		if def.Kind == ast.Object || def.Kind == ast.Interface {
			noteUses(schema, def, note)
		}
	}
	for _, def := range schema.Types {
		if subject := subjectByName(schema, def); subject != "" && len(found[def.Name]) == 0 {
			note(def.Name, subject)
		}
	}
	subjects := make(map[string][]string, len(found))
	for input, set := range found {
		subjects[input] = slices.Sorted(maps.Keys(set))
	}
	return subjects
}

// noteUses notes the filters and orders among the arguments of a type's fields, and the enums in
// those orders.
func noteUses(schema *ast.Schema, def *ast.Definition, note func(input, subject string)) {
	for _, f := range def.Fields {
		subject := itemType(schema, f.Type)
		if subject == "" {
			continue
		}
		for _, arg := range f.Arguments {
			input := schema.Types[arg.Type.Name()]
			switch {
			case input == nil:
			case input.Kind == ast.InputObject && strings.HasSuffix(input.Name, filterSuffix):
				note(input.Name, subject)
			case input.Kind == ast.InputObject && strings.HasSuffix(input.Name, orderSuffix):
				for _, part := range input.Fields {
					if strings.HasSuffix(part.Type.Name(), orderFieldSuffix) {
						note(part.Type.Name(), subject)
					}
				}
			}
		}
	}
}

// itemType returns what a list holds: the type of `nodes` of a Relay list, the type itself else;
// empty for leaves.
func itemType(schema *ast.Schema, t *ast.Type) string {
	def := schema.Types[t.Name()]
	if def == nil || (def.Kind != ast.Object && def.Kind != ast.Interface) {
		return ""
	}
	if nodes := def.Fields.ForName("nodes"); nodes != nil && t.NamedType != "" {
		def = schema.Types[nodes.Type.Name()]
	}
	if def == nil || (def.Kind != ast.Object && def.Kind != ast.Interface) {
		return ""
	}
	return def.Name
}

// subjectByName returns X for an input XFilter and an enum XOrderField, when X is an object or
// interface.
func subjectByName(schema *ast.Schema, def *ast.Definition) string {
	name := ""
	switch def.Kind {
	case ast.InputObject:
		if n, ok := strings.CutSuffix(def.Name, filterSuffix); ok {
			name = n
		}
	case ast.Enum:
		if n, ok := strings.CutSuffix(def.Name, orderFieldSuffix); ok {
			name = n
		}
	}
	subject := schema.Types[name]
	if subject == nil || (subject.Kind != ast.Object && subject.Kind != ast.Interface) {
		return ""
	}
	return name
}
