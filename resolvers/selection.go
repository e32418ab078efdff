package resolvers

import (
	"context"
	"slices"

	"vitrine/internal/graphqlhttp"

	"github.com/99designs/gqlgen/graphql"
	"github.com/vektah/gqlparser/v2/ast"
)

// selection is what a document selects below a field: it decides which fields Tableau is asked for
// and whether what is already there will do. @skip and @include are not looked at: asking for a
// little too much is no mistake.
type selection []ast.SelectionSet

// selectionOf is the selection of the field that is being resolved.
func selectionOf(ctx context.Context) selection {
	return selection{graphql.GetFieldContext(ctx).Field.Selections}
}

// items is the selection of the items of a Relay list.
func (s selection) items() selection {
	return append(s.under("nodes"), s.under("edges").under("node")...)
}

// each visits every field once, however often its fragment is spread: fragments that spread others
// twice, and so on, would otherwise take a time that doubles with each.
func (s selection) each(visit func(*ast.Field)) {
	graphqlhttp.EachField(visit, nil, s...)
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

// count is how many fields have one of the names, under whatever aliases.
func (s selection) count(names ...string) int {
	n := 0
	s.each(func(f *ast.Field) {
		if slices.Contains(names, f.Name) {
			n++
		}
	})
	return n
}

// countBelow counts fields below those of one name, each time that one of these is there.
func (s selection) countBelow(name string, names ...string) int {
	n := 0
	s.each(func(f *ast.Field) {
		if f.Name == name {
			n += selection{f.SelectionSet}.count(names...)
		}
	})
	return n
}

// has says whether one of the names is selected.
func (s selection) has(names ...string) bool {
	has := false
	s.each(func(f *ast.Field) { has = has || slices.Contains(names, f.Name) })
	return has
}

// without is the selection less what is in fragments on these types: for a union, what is selected
// of the others.
func (s selection) without(types ...string) selection {
	kept := ast.SelectionSet{}
	graphqlhttp.EachField(func(f *ast.Field) { kept = append(kept, f) }, types, s...)
	return selection{kept}
}

// within says whether nothing but these names is selected.
func (s selection) within(names ...string) bool {
	return s.all(func(name string) bool { return slices.Contains(names, name) })
}

// all says whether a test holds for the name of each field that is selected. It is asked for every
// item of a list.
func (s selection) all(test func(name string) bool) bool {
	all := true
	s.each(func(f *ast.Field) { all = all && test(f.Name) })
	return all
}

// restFields lists Tableau's fields for what is selected, by a table from our names to Tableau's.
func (s selection) restFields(prefix string, fields map[string]string) []string {
	var names []string
	s.each(func(f *ast.Field) {
		if name := fields[f.Name]; name != "" && !slices.Contains(names, prefix+name) {
			names = append(names, prefix+name)
		}
	})
	slices.Sort(names)
	return names
}

// on is the part of the selection about objects of one type: without the fragments on other ones.
// It is for fields that give an interface or a union.
func (s selection) on(name string) selection {
	var out ast.SelectionSet
	for _, set := range s {
		out = appendOn(out, set, name, map[string]bool{})
	}
	return selection{out}
}

func appendOn(out, set ast.SelectionSet, name string, seen map[string]bool) ast.SelectionSet {
	for _, sel := range set {
		switch sel := sel.(type) {
		case *ast.Field:
			out = append(out, sel)
		case *ast.InlineFragment:
			if concerns(sel.TypeCondition, name) {
				out = appendOn(out, sel.SelectionSet, name, seen)
			}
		case *ast.FragmentSpread:
			if !seen[sel.Name] && concerns(sel.Definition.TypeCondition, name) {
				seen[sel.Name] = true
				out = appendOn(out, sel.Definition.SelectionSet, name, seen)
			}
		}
	}
	return out
}

// concerns says whether a fragment may be about objects of a type: it is on that type, on an
// abstract one, or on none.
func concerns(condition, name string) bool {
	def := Schema().Types[condition]
	return condition == name || def == nil || def.IsAbstractType()
}
