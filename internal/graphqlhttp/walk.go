package graphqlhttp

import (
	"slices"

	"github.com/vektah/gqlparser/v2/ast"
)

// EachField visits every field of selection sets once, however often the fragment is spread that
// has it: fragments that spread others twice would otherwise double the time with each. Fragments
// on the types in except are left out.
func EachField(visit func(*ast.Field), except []string, sets ...ast.SelectionSet) {
	w := fieldWalk{visit: visit, not: except}
	for _, set := range sets {
		w.set(set)
	}
}

// fieldWalk is one walk over the fields of a selection.
type fieldWalk struct {
	visit func(*ast.Field)
	not   []string        // types whose fragments are passed over
	seen  map[string]bool // fragments by name; made with the first
}

func (w *fieldWalk) set(set ast.SelectionSet) {
	for _, sel := range set {
		switch sel := sel.(type) {
		case *ast.Field:
			w.visit(sel)
		case *ast.InlineFragment:
			if !slices.Contains(w.not, sel.TypeCondition) {
				w.set(sel.SelectionSet)
			}
		case *ast.FragmentSpread:
			if w.seen[sel.Name] || slices.Contains(w.not, sel.Definition.TypeCondition) {
				continue
			}
			if w.seen == nil {
				w.seen = map[string]bool{}
			}
			w.seen[sel.Name] = true
			w.set(sel.Definition.SelectionSet)
		}
	}
}
