package policy

import (
	"slices"
	"strings"
	"unicode"

	"github.com/vektah/gqlparser/v2/ast"
)

// bulkItems is how many items a list is taken to have over all of its parents, if each item belongs
// to one parent only and the document does not say how many it wants of each. Such a list is one
// list of Tableau, divided among the parents: the projects of all projects are the projects of the
// site, however deeply they are nested. 10,000 is the greatest first unless configured otherwise.
const bulkItems = 10_000

// maxRates bounds what is remembered of nested lists; further ones are multiplied.
const maxRates = 16

// isPartOfParent reports whether a field is a Relay list that one call reads for all parents, and
// each item of it belongs to one parent only: an item refers to its parent by a field that is called
// parent, or as the parent's type.
func isPartOfParent(schema *ast.Schema, parent *ast.Definition, f *ast.FieldDefinition) bool {
	rest := f.Directives.ForName(restDirective)
	connection := schema.Types[f.Type.Name()]
	if rest == nil || directiveText(rest, "bulk") != "true" || connection == nil || f.Arguments.ForName("first") == nil {
		return false
	}
	nodes := connection.Fields.ForName("nodes")
	if nodes == nil || !strings.HasSuffix(connection.Name, connectionSuffix) {
		return false
	}
	item := schema.Types[nodes.Type.Name()]
	return item != nil && slices.ContainsFunc(item.Fields, func(up *ast.FieldDefinition) bool {
		return (up.Name == "parent" || up.Name == lowerFirst(parent.Name)) && up.Type.Elem == nil && up.Type.Name() == parent.Name
	})
}

func lowerFirst(s string) string {
	for i, r := range s {
		return string(unicode.ToLower(r)) + s[i+len(string(r)):]
	}
	return s
}

// isEdgeNode reports whether a field is the node of an edge of a Relay list.
func isEdgeNode(f *ast.Field) bool {
	return f.Name == "node" && strings.HasSuffix(f.ObjectDefinition.Name, "Edge")
}

// perParent is what a selection costs for each of its parents. A part of it does not grow without
// end with the number of parents, as long as they are distinct.
type perParent struct {
	linear amount
	capped []capped
}

// capped is what n distinct parents cost together: amount, min(n * rate, bulkItems) times.
type capped struct {
	rate int
	amount
}

// each is a cost that grows with the number of parents.
func each(a amount) perParent { return perParent{linear: a} }

// plus adds what is beside.
func (p perParent) plus(o perParent) perParent {
	sum := perParent{p.linear.plus(o.linear), slices.Clone(p.capped)}
	for _, c := range o.capped {
		sum.add(c)
	}
	return sum
}

// add takes in a part; with too many rates, as one that is multiplied, which is never less.
func (p *perParent) add(c capped) {
	i := slices.IndexFunc(p.capped, func(known capped) bool { return known.rate == c.rate })
	switch {
	case i >= 0:
		p.capped[i].amount = p.capped[i].amount.plus(c.amount)
	case len(p.capped) < maxRates:
		p.capped = append(p.capped, c)
	default:
		p.linear = p.linear.plus(c.amount.times(c.rate))
	}
}

// times is what n distinct parents cost.
func (p perParent) times(n int) amount {
	total := p.linear.times(n)
	for _, c := range p.capped {
		total = total.plus(c.amount.times(min(product(n, c.rate), bulkItems)))
	}
	return total
}

// items is what the items of a Relay list cost for each parent of the field, where p is for each
// item and the list has size items. Where the parents may be the same, as those of workbook.project
// are, a list of each is paid for.
func (p perParent) items(f *ast.Field, t fieldCost, size int) perParent {
	if !t.partOfParent {
		return each(p.times(size))
	}
	var of perParent
	if f.Arguments.ForName("first") != nil {
		of.linear = p.linear.times(size) // as many as the document says
	} else {
		of.add(capped{size, p.linear})
	}
	for _, c := range p.capped {
		of.add(capped{product(size, c.rate), c.amount})
	}
	return of
}
