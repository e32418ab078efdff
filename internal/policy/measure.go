package policy

import (
	"math"

	"github.com/vektah/gqlparser/v2/ast"
)

// Measure is the size of a document, whatever its schema. Of several operations it is the greatest,
// as only one of them runs.
type Measure struct {
	Depth         int // fields inside each other
	Fields        int // with fragments written out each time they are spread
	RootFields    int // outermost ones, of an operation
	Aliases       int // with fragments written out
	Comparisons   int // of validation, which compares what is beside each other under one name
	Directives    int // as the document is written
	Introspection int // lists of __schema and __type inside each other
	Schemas       int // fields __schema, with fragments written out
	Types         int // fields __type
}

// MeasureOf measures a document that need not be valid. Each fragment is walked once, however often
// it is spread, so that the time grows with the document and not with what it unfolds to; a
// fragment that spreads itself counts once, and validation refuses it. Numbers stop at the greatest
// 32-bit one.
func MeasureOf(doc *ast.QueryDocument) Measure {
	m := measurer{fragments: make(map[string]*fragmentTally, len(doc.Fragments))}
	var whole tally
	for _, f := range doc.Fragments {
		if m.fragments[f.Name] == nil { // of two of one name the first is spread, as in validation
			m.fragments[f.Name] = &fragmentTally{definition: f}
		} else {
			whole.greatest(m.set(f.SelectionSet, &level{names: map[string]int{}}))
		}
		m.directives(f.Directives)
	}
	roots := 0
	for _, op := range doc.Operations {
		t := m.set(op.SelectionSet, &level{names: map[string]int{}})
		roots = max(roots, t.beside)
		whole.greatest(t)
		m.directives(op.Directives)
		for _, v := range op.VariableDefinitions {
			m.directives(v.Directives)
		}
	}
	for _, f := range doc.Fragments { // those too that nobody spreads
		whole.greatest(m.spread(f.Name))
	}
	m.found.Depth, m.found.Fields, m.found.RootFields, m.found.Aliases = whole.depth, whole.fields, roots, whole.aliases
	m.found.Schemas, m.found.Types = whole.schemas, whole.types
	return m.found
}

// tally is what a selection unfolds to.
type tally struct {
	depth, fields, aliases int
	beside                 int // fields of the selection itself
	lists                  int // of introspection, inside each other, if this were one
	schemas, types         int // fields __schema and __type
}

// greatest keeps the greater of each.
func (t *tally) greatest(o tally) {
	t.depth, t.fields, t.aliases = max(t.depth, o.depth), max(t.fields, o.fields), max(t.aliases, o.aliases)
	t.schemas, t.types = max(t.schemas, o.schemas), max(t.types, o.types)
}

// add takes in what is beside.
func (t *tally) add(o tally) {
	t.depth, t.lists = max(t.depth, o.depth), max(t.lists, o.lists)
	t.fields, t.aliases, t.beside = sum(t.fields, o.fields), sum(t.aliases, o.aliases), sum(t.beside, o.beside)
	t.schemas, t.types = sum(t.schemas, o.schemas), sum(t.types, o.types)
}

type fragmentTally struct {
	definition *ast.FragmentDefinition
	measured   bool
	tally
}

type measurer struct {
	fragments map[string]*fragmentTally
	found     Measure
}

// level is what is beside each other, beyond inline fragments.
type level struct {
	names   map[string]int // how often each
	spreads int
}

// spreadComparison is how many fields of one name take as long to compare as two fragments.
const spreadComparison = 20

// set measures a selection of a level.
func (m *measurer) set(set ast.SelectionSet, l *level) tally {
	var t tally
	for _, selection := range set {
		switch s := selection.(type) {
		case *ast.Field:
			m.found.Comparisons = sum(m.found.Comparisons, l.names[s.Alias])
			l.names[s.Alias]++
			t.add(m.field(s))
		case *ast.InlineFragment:
			m.directives(s.Directives)
			t.add(m.set(s.SelectionSet, l))
		case *ast.FragmentSpread:
			m.directives(s.Directives)
			m.found.Comparisons = sum(m.found.Comparisons, spreadComparison*l.spreads)
			l.spreads++
			t.add(m.spread(s.Name))
		}
	}
	return t
}

func (m *measurer) field(f *ast.Field) tally {
	m.directives(f.Directives)
	t := tally{depth: 1, fields: 1, beside: 1}
	if f.Alias != f.Name {
		t.aliases = 1
	}
	if len(f.SelectionSet) > 0 {
		below := m.set(f.SelectionSet, &level{names: make(map[string]int, len(f.SelectionSet))})
		t.depth, t.fields, t.aliases, t.lists = 1+below.depth, sum(1, below.fields), sum(t.aliases, below.aliases), below.lists
		t.schemas, t.types = below.schemas, below.types
	}
	switch f.Name {
	case "__schema":
		m.found.Introspection = max(m.found.Introspection, t.lists)
		t.schemas = sum(t.schemas, 1)
	case "__type":
		m.found.Introspection = max(m.found.Introspection, t.lists)
		t.types = sum(t.types, 1)
	case "types", "directives", "fields", "inputFields", "args", "interfaces", "enumValues", "possibleTypes":
		t.lists++
	}
	return t
}

func (m *measurer) spread(name string) tally {
	f := m.fragments[name]
	if f == nil {
		return tally{}
	}
	if !f.measured {
		f.measured = true // a cycle ends here
		f.tally = m.set(f.definition.SelectionSet, &level{names: map[string]int{}})
	}
	return f.tally
}

func (m *measurer) directives(list ast.DirectiveList) { m.found.Directives += len(list) }

// sum adds two numbers that are not negative, and stops at the greatest 32-bit one.
func sum(a, b int) int { return min(a+b, math.MaxInt32) }

// product multiplies two such numbers, and stops there too.
func product(a, b int) int {
	if a > 0 && b > math.MaxInt32/a {
		return math.MaxInt32
	}
	return a * b
}
