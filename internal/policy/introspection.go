package policy

import (
	"math"
	"slices"
	"strings"

	"github.com/vektah/gqlparser/v2/ast"
)

// textsPerPoint is how many fields of introspection, or texts of a table, a point pays for. They
// take no call to Tableau, but processor time and memory like any other: an object, which is a
// point too, has about as many fields.
const textsPerPoint = 20

// BytesPerPoint is how many bytes of large values a point pays for.
const BytesPerPoint = 10_000

// The types of introspection, https://spec.graphql.org/October2021/#sec-Schema-Introspection, that
// hold something.
type metaKind uint8

const (
	metaSchema metaKind = iota
	metaType
	metaField
	metaInput
	metaEnumValue
	metaDirective
	metaKinds
)

// metaKey is a field of an introspection type.
type metaKey struct {
	kind  metaKind
	field string
}

// metaEdge is where a field of an introspection type leads to, from each object of that type.
type metaEdge struct {
	to      metaKind
	starts  []int32 // of each object's targets; one more at the end
	targets []int32
}

// metaGraph is a schema as introspection answers it, so that an answer can be counted exactly
// before it is made. Objects of a kind are numbered from 0.
type metaGraph struct {
	size  [metaKinds]int
	named map[string]int32 // numbers of types, by name
	edges map[metaKey]*metaEdge
	texts map[metaKey][]int32 // bytes of a text, by object
}

// otherBytes is what a value takes in the answer that is a boolean, a name of an enum or null.
const otherBytes = 8

// metaBuilder numbers what a schema holds.
type metaBuilder struct {
	schema *ast.Schema
	graph  *metaGraph
	types  map[string]int32 // by name, or as wrapped types are written
}

func newMetaGraph(schema *ast.Schema) *metaGraph {
	b := &metaBuilder{
		schema: schema, types: map[string]int32{},
		graph: &metaGraph{named: map[string]int32{}, edges: map[metaKey]*metaEdge{}, texts: map[metaKey][]int32{}},
	}
	names := sortedNames(schema.Types)
	for i, name := range names {
		b.types[name], b.graph.named[name] = int32(i), int32(i)
		b.describe(metaType, name, schema.Types[name].Description)
	}
	for _, name := range names {
		b.addType(schema.Types[name])
	}
	b.addSchema(len(names))
	b.finish()
	return b.graph
}

func sortedNames(types map[string]*ast.Definition) []string {
	names := make([]string, 0, len(types))
	for name := range types {
		names = append(names, name)
	}
	slices.Sort(names)
	return names
}

// describe adds an object with its name and description, and returns its number.
func (b *metaBuilder) describe(kind metaKind, name, description string) int32 {
	n := b.graph.size[kind]
	b.graph.size[kind]++
	b.text(kind, "name", n, name)
	b.text(kind, "description", n, description)
	return int32(n)
}

func (b *metaBuilder) text(kind metaKind, field string, object int, text string) {
	key := metaKey{kind, field}
	list := b.graph.texts[key]
	for len(list) <= object {
		list = append(list, otherBytes)
	}
	list[object] = int32(min(quotedBytes(text), math.MaxInt32))
	b.graph.texts[key] = list
}

// quotedBytes is what a text takes as JSON.
func quotedBytes(s string) int {
	n := len(s) + 2
	for i := range len(s) {
		switch c := s[i]; {
		case c == '"', c == '\\', c == '\n', c == '\r', c == '\t':
			n++
		case c < ' ':
			n += len(`\u0000`) - 1
		}
	}
	return n
}

// link notes where a field leads from an object; objects are linked in the order of their numbers.
func (b *metaBuilder) link(from metaKind, field string, object int32, to metaKind, targets ...int32) {
	key := metaKey{from, field}
	e := b.graph.edges[key]
	if e == nil {
		e = &metaEdge{to: to}
		b.graph.edges[key] = e
	}
	for len(e.starts) <= int(object) {
		e.starts = append(e.starts, int32(len(e.targets)))
	}
	e.targets = append(e.targets, targets...)
}

// finish closes the lists of edges: what has no edge leads nowhere.
func (b *metaBuilder) finish() {
	for key, e := range b.graph.edges {
		for len(e.starts) <= b.graph.size[key.kind] {
			e.starts = append(e.starts, int32(len(e.targets)))
		}
	}
}

func (b *metaBuilder) addSchema(types int) {
	all := make([]int32, types)
	for i := range all {
		all[i] = int32(i)
	}
	b.describe(metaSchema, "", b.schema.Description)
	b.link(metaSchema, "types", 0, metaType, all...)
	for field, def := range map[string]*ast.Definition{
		"queryType": b.schema.Query, "mutationType": b.schema.Mutation, "subscriptionType": b.schema.Subscription,
	} {
		if def != nil {
			b.link(metaSchema, field, 0, metaType, b.types[def.Name])
		} else {
			b.link(metaSchema, field, 0, metaType)
		}
	}
	for _, d := range b.schema.Directives {
		n := b.describe(metaDirective, d.Name, d.Description)
		var locations strings.Builder
		for _, l := range d.Locations {
			locations.WriteString(`"` + string(l) + `",`)
		}
		b.text(metaDirective, "locations", int(n), locations.String())
		b.link(metaSchema, "directives", 0, metaDirective, n)
		b.link(metaDirective, "args", n, metaInput, b.arguments(d.Arguments)...)
	}
}

func (b *metaBuilder) addType(def *ast.Definition) {
	n := b.types[def.Name]
	var fields, inputs, values, interfaces, possible []int32
	switch def.Kind {
	case ast.Object, ast.Interface:
		for _, f := range def.Fields {
			if !strings.HasPrefix(f.Name, "__") {
				fields = append(fields, b.field(f))
			}
		}
		for _, name := range def.Interfaces {
			interfaces = append(interfaces, b.types[name])
		}
	case ast.InputObject:
		for _, f := range def.Fields {
			inputs = append(inputs, b.input(f.Name, f.Description, f.Type, f.DefaultValue, f.Directives))
		}
	case ast.Enum:
		for _, v := range def.EnumValues {
			value := b.describe(metaEnumValue, v.Name, v.Description)
			b.deprecated(metaEnumValue, value, v.Directives)
			values = append(values, value)
		}
	}
	if def.IsAbstractType() {
		for _, t := range b.schema.GetPossibleTypes(def) {
			possible = append(possible, b.types[t.Name])
		}
	}
	if d := def.Directives.ForName("specifiedBy"); d != nil {
		b.text(metaType, "specifiedByURL", int(n), directiveText(d, "url"))
	}
	b.link(metaType, "fields", n, metaField, fields...)
	b.link(metaType, "inputFields", n, metaInput, inputs...)
	b.link(metaType, "enumValues", n, metaEnumValue, values...)
	b.link(metaType, "interfaces", n, metaType, interfaces...)
	b.link(metaType, "possibleTypes", n, metaType, possible...)
}

func (b *metaBuilder) field(f *ast.FieldDefinition) int32 {
	n := b.describe(metaField, f.Name, f.Description)
	b.deprecated(metaField, n, f.Directives)
	b.link(metaField, "args", n, metaInput, b.arguments(f.Arguments)...)
	b.link(metaField, "type", n, metaType, b.wrapped(f.Type))
	return n
}

func (b *metaBuilder) arguments(list ast.ArgumentDefinitionList) (numbers []int32) {
	for _, a := range list {
		numbers = append(numbers, b.input(a.Name, a.Description, a.Type, a.DefaultValue, a.Directives))
	}
	return numbers
}

func (b *metaBuilder) input(name, description string, typ *ast.Type, value *ast.Value, directives ast.DirectiveList) int32 {
	n := b.describe(metaInput, name, description)
	b.deprecated(metaInput, n, directives)
	b.text(metaInput, "defaultValue", int(n), value.String())
	b.link(metaInput, "type", n, metaType, b.wrapped(typ))
	return n
}

func (b *metaBuilder) deprecated(kind metaKind, object int32, directives ast.DirectiveList) {
	if d := directives.ForName("deprecated"); d != nil {
		b.text(kind, "deprecationReason", int(object), directiveText(d, "reason"))
	}
}

// wrapped numbers a type as a field has it: a list, and what is never null, are types of their own,
// around another.
func (b *metaBuilder) wrapped(t *ast.Type) int32 {
	if !t.NonNull && t.NamedType != "" {
		return b.types[t.NamedType]
	}
	key := t.String()
	if n, known := b.types[key]; known {
		return n
	}
	inner := t.Elem
	if t.NonNull {
		nullable := *t
		nullable.NonNull = false
		inner = &nullable
	}
	of := b.wrapped(inner) // first: objects are linked in the order of their numbers
	n := int32(b.graph.size[metaType])
	b.graph.size[metaType]++
	b.types[key] = n
	b.link(metaType, "ofType", n, metaType, of)
	return n
}

// volume is how large a part of an answer is. Numbers are float64, so that what nests has no end
// that they could pass.
type volume struct{ fields, bytes float64 }

// metaCounter counts what the introspection fields of a document cost.
type metaCounter struct {
	graph *metaGraph
	found volume
}

// enough ends counting: no limit lets this through.
const enough = 1e8

// set counts a selection on so many of each object of a kind.
func (c *metaCounter) set(kind metaKind, set ast.SelectionSet, objects []float64) {
	all := 0.0
	for _, n := range objects {
		all += n
	}
	if all == 0 {
		return
	}
	c.found.bytes += 3 * all
	c.selections(kind, set, objects, all)
}

func (c *metaCounter) selections(kind metaKind, set ast.SelectionSet, objects []float64, all float64) {
	for _, selection := range set {
		if c.found.fields > enough {
			return
		}
		switch s := selection.(type) {
		case *ast.Field:
			c.field(kind, s, objects, all)
		case *ast.InlineFragment:
			c.selections(kind, s.SelectionSet, objects, all)
		case *ast.FragmentSpread:
			if s.Definition != nil {
				c.selections(kind, s.Definition.SelectionSet, objects, all)
			}
		}
	}
}

func (c *metaCounter) field(kind metaKind, f *ast.Field, objects []float64, all float64) {
	key := metaKey{kind, f.Name}
	c.found.fields += all
	c.found.bytes += all * float64(len(f.Alias)+len(`"":,`))
	if edge := c.graph.edges[key]; edge != nil {
		below := make([]float64, c.graph.size[edge.to])
		for i, n := range objects {
			if n > 0 {
				for _, target := range edge.targets[edge.starts[i]:edge.starts[i+1]] {
					below[target] += n
				}
			}
		}
		c.set(edge.to, f.SelectionSet, below)
		return
	}
	texts := c.graph.texts[key]
	for i, n := range objects {
		if i < len(texts) {
			c.found.bytes += n * float64(texts[i])
		} else {
			c.found.bytes += n * otherBytes
		}
	}
}

// introspection counts what a field __schema, or __type, costs.
func (r *pricer) introspection(f *ast.Field) {
	if r.meta == nil || len(f.SelectionSet) == 0 { // such as __typename
		return
	}
	c := &metaCounter{graph: r.meta()}
	switch f.Name {
	case "__schema":
		c.set(metaSchema, f.SelectionSet, []float64{1})
	case "__type":
		objects := make([]float64, c.graph.size[metaType])
		if n, known := r.named(f); known {
			objects[n] = 1
		}
		c.set(metaType, f.SelectionSet, objects)
	}
	r.schema.fields += c.found.fields
	r.schema.bytes += c.found.bytes
}

// named is the type that __type(name:) asks for.
func (r *pricer) named(f *ast.Field) (n int, known bool) {
	arg := f.Arguments.ForName("name")
	if arg == nil || arg.Value == nil {
		return 0, false
	}
	name := arg.Value.Raw
	if arg.Value.Kind == ast.Variable {
		r.varies = true
		name, _ = r.variables[arg.Value.Raw].(string)
	}
	index, known := r.meta().named[name]
	return int(index), known
}
