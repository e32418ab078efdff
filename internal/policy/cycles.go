package policy

import "github.com/vektah/gqlparser/v2/ast"

// spreadsItself reports whether a fragment of the document contains itself, directly or through
// others (GraphQL, section 5.5.2.2). It looks at each fragment once: the rules of validation
// compare them in pairs.
func spreadsItself(doc *ast.QueryDocument) bool {
	s := spreads{doc: doc, state: make(map[string]spreadState, len(doc.Fragments))}
	for _, f := range doc.Fragments {
		if s.leadsBack(f.Name) {
			return true
		}
	}
	return false
}

type spreadState int

const (
	spreadOpen spreadState = iota + 1 // its selections are being looked at
	spreadDone
)

type spreads struct {
	doc   *ast.QueryDocument
	state map[string]spreadState
}

func (s spreads) leadsBack(name string) bool {
	switch s.state[name] {
	case spreadOpen:
		return true
	case spreadDone:
		return false
	}
	f := s.doc.Fragments.ForName(name)
	if f == nil {
		return false // another rule names it
	}
	s.state[name] = spreadOpen
	back := s.within(f.SelectionSet)
	s.state[name] = spreadDone
	return back
}

func (s spreads) within(set ast.SelectionSet) bool {
	for _, selection := range set {
		back := false
		switch selection := selection.(type) {
		case *ast.Field:
			back = s.within(selection.SelectionSet)
		case *ast.InlineFragment:
			back = s.within(selection.SelectionSet)
		case *ast.FragmentSpread:
			back = s.leadsBack(selection.Name)
		}
		if back {
			return true
		}
	}
	return false
}
