package resolvers

import (
	"context"
	"slices"

	"github.com/99designs/gqlgen/graphql"
	"github.com/vektah/gqlparser/v2/ast"
)

// selection is what a document selects below a field: it decides which fields Tableau is asked for and whether what is already
// there will do. @skip and @include are not looked at: asking for a little too much is no mistake.
type selection []ast.SelectionSet

// selectionOf is the selection of the field that is being resolved.
func selectionOf(ctx context.Context) selection {
	return selection{graphql.GetFieldContext(ctx).Field.Selections}
}

// items is the selection of the items of a Relay list.
func (s selection) items() selection {
	return append(s.under("nodes"), s.under("edges").under("node")...)
}

func (s selection) each(visit func(*ast.Field)) {
	for _, set := range s {
		eachField(set, visit)
	}
}

func eachField(set ast.SelectionSet, visit func(*ast.Field)) {
	for _, sel := range set {
		switch sel := sel.(type) {
		case *ast.Field:
			visit(sel)
		case *ast.InlineFragment:
			eachField(sel.SelectionSet, visit)
		case *ast.FragmentSpread:
			eachField(sel.Definition.SelectionSet, visit)
		}
	}
}

// under is the selection below all fields of this name.
func (s selection) under(name string) selection {
	var below selection
	s.each(func(f *ast.Field) {
		if f.Name == name {
			below = append(below, f.SelectionSet)
		}
	})
	return below
}

// has says whether one of the names is selected.
func (s selection) has(names ...string) bool {
	has := false
	s.each(func(f *ast.Field) { has = has || slices.Contains(names, f.Name) })
	return has
}

// within says whether nothing but these names is selected.
func (s selection) within(names ...string) bool {
	within := true
	s.each(func(f *ast.Field) { within = within && slices.Contains(names, f.Name) })
	return within
}

// wanted lists Tableau's fields for what is selected, by a table from our names to Tableau's.
func (s selection) wanted(prefix string, fields map[string]string) []string {
	var names []string
	s.each(func(f *ast.Field) {
		if name := fields[f.Name]; name != "" && !slices.Contains(names, prefix+name) {
			names = append(names, prefix+name)
		}
	})
	slices.Sort(names)
	return names
}
