package policy

import (
	"encoding/json"
	"math"
	"strconv"
	"strings"

	"github.com/vektah/gqlparser/v2/ast"
)

// What things cost, in points, where @cost says nothing else; and how long a list is taken to be of
// which nothing is known.
const (
	callPoints   = 10 // a field with @rest, which is a call to Tableau
	objectPoints = 1
	usualSize    = 10
	textBytes    = 32 // of a text of a table
	maxCost      = math.MaxInt32
)

const (
	costDirective     = "cost"
	listSizeDirective = "listSize"
)

// fieldCost is what a field costs, by its directives.
type fieldCost struct {
	each int // for each time it is resolved
	item int // for each item of a list that is looked up one by one
	once int // for each place of a document that it is in, however often that is resolved
	size int // of the list; 0 where nothing is said
	// perRow is how many values there are for each row of the table that the field is a part of.
	perRow int
	// partOfParent is set for a list of which each item belongs to one parent only; see [bulkItems].
	partOfParent bool
	// token is set for a field that returns a token.
	token bool
}

// fieldCosts works out what the fields of a schema cost, by coordinate. A field of an interface
// costs what the most expensive of those that implement it does.
func fieldCosts(schema *ast.Schema) map[string]fieldCost {
	costs := map[string]fieldCost{}
	for _, def := range schema.Types {
		if def.Kind != ast.Object {
			continue
		}
		for _, f := range def.Fields {
			t := fieldCostOf(schema, f)
			t.partOfParent = isPartOfParent(schema, def, f)
			costs[def.Name+"."+f.Name] = t
			for _, abstract := range def.Interfaces {
				known := costs[abstract+"."+f.Name]
				costs[abstract+"."+f.Name] = fieldCost{
					each: max(known.each, t.each), item: max(known.item, t.item), once: max(known.once, t.once), size: max(known.size, t.size),
					perRow: max(known.perRow, t.perRow), token: known.token || t.token,
				}
			}
		}
	}
	return costs
}

func fieldCostOf(schema *ast.Schema, f *ast.FieldDefinition) fieldCost {
	var t fieldCost
	if d := f.Directives.ForName(areaDirective); d != nil {
		t.token = directiveText(d, "name") == areaEmbed
	}
	if d := f.Directives.ForName(listSizeDirective); d != nil {
		t.size, _ = strconv.Atoi(directiveText(d, "assumedSize"))
		if directiveText(d, "perRow") == "true" {
			t.perRow, t.size = t.size, 0
		}
	}
	if f.Arguments.ForName(representationsArgument) != nil {
		t.item = callPoints
	}
	if d := f.Directives.ForName(costDirective); d != nil {
		t.each, _ = strconv.Atoi(directiveText(d, "weight"))
		return t
	}
	inner := schema.Types[f.Type.Name()]
	isObject := inner != nil && inner.IsCompositeType()
	if isObject && f.Type.Elem == nil { // of a list, each item is one
		t.each = objectPoints
	}
	for _, d := range f.Directives.ForNames(restDirective) {
		switch {
		case directiveText(d, "later") == "true":
		case directiveText(d, "bulk") == "true":
			t.once = callPoints
		default:
			t.each = callPoints
		}
	}
	return t
}

// Price is an upper bound of what an operation costs, computed before it runs: lists are taken to
// be as long as was asked for, and where nothing was, as long as the schema assumes.
type Price struct {
	Points int // calls to Tableau weigh most
	Fields int // of the answer
	Schema int // those of Fields that introspection answers
	Bytes  int // of what introspection answers
	Values int // bytes of other large values
	// Token is set if the answer may hold a token: it is given to POST alone, and kept nowhere.
	Token bool
}

// Price computes an operation of a document that was validated for this view, with its variables.
// Each fragment is walked once. Where varies is false the price is the same for all variables.
func (v *View) Price(op *ast.OperationDefinition, variables map[string]any) (p Price, varies bool) {
	r := pricer{costs: v.costs, variables: variables, meta: v.meta, sdl: v.subgraphBytes}
	s := r.set(op.SelectionSet)
	whole := s.fixed.times(1).plus(s.perItem.times(usualSize)).plus(s.perRow.times(usualSize)) // there is no list around an operation
	whole.points = sum(whole.points, r.once)
	p.Schema, p.Bytes = wholeCount(r.schema.fields), wholeCount(r.schema.bytes)
	p.Values = sum(whole.bytes, product(whole.texts, textBytes))
	p.Points = max(1, sum(whole.points, sum(p.Schema, whole.texts)/textsPerPoint+sum(p.Bytes, whole.bytes)/BytesPerPoint))
	p.Fields = sum(whole.fields, p.Schema)
	p.Token = r.token
	return p, r.varies
}

// wholeCount makes a whole number of what was counted.
func wholeCount(n float64) int { return int(min(n, maxCost)) }

// amount is a price, or a part of one.
type amount struct{ points, fields, texts, bytes int }

func (a amount) plus(b amount) amount {
	return amount{sum(a.points, b.points), sum(a.fields, b.fields), sum(a.texts, b.texts), sum(a.bytes, b.bytes)}
}

func (a amount) times(n int) amount {
	return amount{product(a.points, n), product(a.fields, n), product(a.texts, n), product(a.bytes, n)}
}

// share is what a selection costs: a fixed part, and one for each item of the Relay list that the
// selection is of. So the price of a fragment is the same wherever it is spread.
//
// A table is of another kind: its rows are beside its columns, and each column has a value for each
// row. perRow is for each item of the nearest field around it that says how many there are (first).
type share struct {
	fixed, perItem perParent
	perRow         amount
}

type pricer struct {
	costs     map[string]fieldCost
	variables map[string]any
	fragments map[*ast.FragmentDefinition]share
	once      int
	varies    bool
	token     bool
	meta      func() *metaGraph
	schema    volume // what introspection answers
	sdl       func() int
}

func (r *pricer) set(set ast.SelectionSet) share {
	var s share
	for _, selection := range set {
		part := share{}
		switch sel := selection.(type) {
		case *ast.Field:
			part = r.field(sel)
		case *ast.InlineFragment:
			part = r.set(sel.SelectionSet)
		case *ast.FragmentSpread:
			part = r.fragment(sel.Definition)
		}
		s.fixed, s.perItem, s.perRow = s.fixed.plus(part.fixed), s.perItem.plus(part.perItem), s.perRow.plus(part.perRow)
	}
	return s
}

func (r *pricer) fragment(f *ast.FragmentDefinition) share {
	if f == nil {
		return share{}
	}
	if s, known := r.fragments[f]; known {
		return s
	}
	if r.fragments == nil {
		r.fragments = map[*ast.FragmentDefinition]share{}
	}
	r.fragments[f] = share{} // validation refuses cycles; this ends them as well
	s := r.set(f.SelectionSet)
	r.fragments[f] = s
	return s
}

func (r *pricer) field(f *ast.Field) share {
	if f.Definition == nil || strings.HasPrefix(f.Name, "__") {
		r.introspection(f)
		return share{fixed: each(amount{fields: 1})}
	}
	t := r.costs[f.ObjectDefinition.Name+"."+f.Name]
	r.once, r.token = sum(r.once, t.once), r.token || t.token
	own := amount{points: t.each, fields: 1}
	if len(f.SelectionSet) == 0 {
		return r.value(f, t, own)
	}
	below := r.set(f.SelectionSet)
	rows := below.perRow
	if f.Definition.Arguments.ForName("first") != nil {
		own, rows = own.plus(rows.times(r.pageSize(f, t))), amount{}
	}
	switch item := each(amount{points: sum(objectPoints, t.item)}); {
	case isPage(f):
		inside := below.fixed.plus(each(below.perItem.times(r.pageSize(f, t))))
		return share{fixed: each(own), perItem: inside.plus(item).plus(each(rows))}
	case isEdgeNode(f): // there is one in each edge, so nothing is multiplied
		inside := below.fixed.plus(each(below.perItem.times(r.pageSize(f, t))))
		return share{fixed: inside.plus(each(own)), perRow: rows}
	case f.Definition.Type.Elem == nil:
		items := below.perItem.items(f, t, r.pageSize(f, t))
		return share{fixed: items.plus(each(own.plus(below.fixed.times(1)))), perRow: rows}
	default:
		size := r.listSize(f, t)
		inside := below.fixed.plus(item).plus(each(below.perItem.times(r.pageSize(f, t))))
		return share{fixed: each(own.plus(inside.times(1).times(size))), perRow: rows.times(size)} // the same object may be there twice
	}
}

// value is a field without fields: a plain value, a list of such, or a large one, of which the
// argument maxBytes says how large it may be.
func (r *pricer) value(f *ast.Field, t fieldCost, own amount) share {
	if t.perRow > 0 {
		return share{fixed: each(own), perRow: amount{fields: t.perRow, texts: t.perRow}}
	}
	if n, ok := r.number(f, "maxBytes"); ok {
		own.bytes = sum(n, n/3) // as base64
	}
	if f.ObjectDefinition.Name == ServiceType {
		own.bytes = r.sdl()
	}
	if f.Definition.Type.Elem != nil {
		own.fields = sum(own.fields, t.size)
	}
	return share{fixed: each(own)}
}

// isPage reports whether a field is the nodes or edges of a Relay list.
func isPage(f *ast.Field) bool {
	return (f.Name == "nodes" || f.Name == "edges") && strings.HasSuffix(f.ObjectDefinition.Name, connectionSuffix)
}

// pageSize is how many items the Relay list that a field returns has at most.
func (r *pricer) pageSize(f *ast.Field, t fieldCost) int {
	if size, ok := r.number(f, "first"); ok {
		return size
	}
	if t.size > 0 {
		return t.size
	}
	return usualSize
}

// listSize is how many items a plain list is taken to have: of objects by id, as many as there are
// ids or representations.
func (r *pricer) listSize(f *ast.Field, t fieldCost) int {
	arg := f.Arguments.ForName("ids")
	if arg == nil {
		arg = f.Arguments.ForName(representationsArgument)
	}
	if arg != nil && arg.Value != nil {
		switch {
		case arg.Value.Kind == ast.ListValue:
			return len(arg.Value.Children)
		case arg.Value.Kind == ast.Variable:
			r.varies = true
			if ids, ok := r.variables[arg.Value.Raw].([]any); ok {
				return len(ids)
			}
		}
	}
	if t.size > 0 {
		return t.size
	}
	return usualSize
}

// number reads an argument that is a whole number: as it is there, or its variable, or its default.
func (r *pricer) number(f *ast.Field, name string) (int, bool) {
	def := f.Definition.Arguments.ForName(name)
	if def == nil {
		return 0, false
	}
	value := def.DefaultValue
	if arg := f.Arguments.ForName(name); arg != nil && arg.Value != nil {
		value = arg.Value
	}
	if value != nil && value.Kind == ast.Variable {
		r.varies = true
		if n, ok := wholeNumber(r.variables[value.Raw]); ok {
			return n, true
		}
		value = def.DefaultValue
	}
	if value == nil {
		return 0, false
	}
	return wholeNumber(json.Number(value.Raw))
}

// wholeNumber reads a number as variables have it, from 0 on.
func wholeNumber(v any) (n int, ok bool) {
	switch v := v.(type) {
	case json.Number:
		parsed, err := strconv.ParseInt(string(v), 10, 64)
		n, ok = int(min(parsed, maxCost)), err == nil
	case int64:
		n, ok = int(min(v, maxCost)), true
	case int:
		n, ok = min(v, maxCost), true
	case float64:
		n, ok = int(min(v, maxCost)), true
	}
	return max(n, 0), ok
}
