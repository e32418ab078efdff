package exec

import (
	"encoding/binary"
	"fmt"
	"maps"
	"slices"
	"strings"
	"sync"
	"unsafe"

	"github.com/99designs/gqlgen/graphql"
	"github.com/vektah/gqlparser/v2/ast"
)

// Plan is what an operation selects, worked out once: the fields of each object type at each place.
// It holds nothing of a request, and many requests may run it at once.
type Plan struct {
	types  *Types
	root   *selection
	fields int          // of all selections
	all    []*selection // the root and all below it

	noteOnce sync.Once
	note     any
}

// Bytes is about how much memory the plan takes.
func (p *Plan) Bytes() int {
	const rest = 64 // the key, and a part of the maps
	return p.fields * (int(unsafe.Sizeof(selected{})) + rest)
}

// Note returns what is worked out of the plan once, with the first call of make.
func (p *Plan) Note(make func(*Plan) any) any {
	p.noteOnce.Do(func() { p.note = make(p) })
	return p.note
}

// Each visits every field that the plan selects of each object type, with its field of the document,
// until visit returns false. A field may be visited several times. It leaves out __typename.
func (p *Plan) Each(visit func(*Object, *Field, *ast.Field) bool) {
	for _, s := range p.all {
		for i := range s.fields {
			if f := &s.fields[i]; f.field != nil && !visit(s.object, f.field, f.collected.Field) {
				return
			}
		}
	}
}

// selection are the fields that are selected of an object type, in the order of the answer.
type selection struct {
	object *Object
	fields []selected
}

// selected is a field of a selection.
type selected struct {
	key     string // as it is written: a comma unless it is the first, the name in quotes, a colon
	field   *Field // nil for __typename
	text    string // the value of __typename
	checked bool   // whether Options.Check is asked
	// collected is what resolvers see of the field.
	collected graphql.CollectedField
	// below are the selections of its objects, by object type.
	below map[string]*selection
	only  *selection // where it has objects of one type
}

// compiler makes a plan.
type compiler struct {
	types   *Types
	checked func(object, field string) bool
	context *graphql.OperationContext
	known   map[string]*selection // by object type and selection sets: fragments are compiled once
	fields  int
}

// Compile makes the plan of an operation of a valid document. The variables decide @skip and
// @include only. checked reports which fields Options.Check is asked about; nil for none.
func (t *Types) Compile(
	doc *ast.QueryDocument, operation *ast.OperationDefinition, variables map[string]any, checked func(object, field string) bool,
) (*Plan, error) {
	c := &compiler{
		types: t, checked: checked, context: &graphql.OperationContext{Doc: doc, Variables: variables}, known: map[string]*selection{},
	}
	root := t.objects["Query"]
	if operation.Operation != ast.Query || root == nil {
		return nil, fmt.Errorf("exec: %s operations are not executed", operation.Operation)
	}
	selection, err := c.selection(root, operation.SelectionSet)
	if err != nil {
		return nil, err
	}
	return &Plan{types: t, root: selection, fields: c.fields, all: slices.Collect(maps.Values(c.known))}, nil
}

func (c *compiler) selection(object *Object, set ast.SelectionSet) (*selection, error) {
	key := keyOf(object, set)
	if s := c.known[key]; s != nil {
		return s, nil
	}
	s := &selection{object: object}
	c.known[key] = s
	written := map[string]bool{}
	for _, f := range graphql.CollectFields(c.context, set, object.Implements) {
		if written[f.Alias] {
			continue
		}
		written[f.Alias] = true
		selected, err := c.field(object, f, len(s.fields) == 0)
		if err != nil {
			return nil, err
		}
		s.fields = append(s.fields, selected)
	}
	return s, nil
}

func (c *compiler) field(object *Object, f graphql.CollectedField, first bool) (selected, error) {
	c.fields++
	s := selected{key: `,"` + f.Alias + `":`, collected: f}
	if first {
		s.key = s.key[1:]
	}
	if f.Name == "__typename" {
		s.text = `"` + object.Name + `"`
		return s, nil
	}
	s.field = object.byName[f.Name]
	if s.field == nil {
		return s, fmt.Errorf("exec: %s has no field %s", object.Name, f.Name)
	}
	s.checked = c.checked != nil && c.checked(object.Name, f.Name)
	if s.field.Type == "" {
		return s, nil
	}
	if only := c.types.objects[s.field.Type]; only != nil {
		below, err := c.selection(only, f.Selections)
		s.only = below
		return s, err
	}
	s.below = map[string]*selection{}
	for _, name := range c.types.abstracts[s.field.Type].Objects {
		below, err := c.selection(c.types.objects[name], f.Selections)
		if err != nil {
			return s, err
		}
		s.below[name] = below
	}
	return s, nil
}

// keyOf identifies an object type with a selection: the same fields of the document, whatever way
// led to them.
func keyOf(object *Object, set ast.SelectionSet) string {
	var b strings.Builder
	b.WriteString(object.Name)
	for _, s := range set {
		var at uintptr
		switch s := s.(type) {
		case *ast.Field:
			at = uintptr(unsafe.Pointer(s))
		case *ast.InlineFragment:
			at = uintptr(unsafe.Pointer(s))
		case *ast.FragmentSpread:
			at = uintptr(unsafe.Pointer(s))
		}
		b.Write(binary.LittleEndian.AppendUint64([]byte{'/'}, uint64(at)))
	}
	return b.String()
}

// VariesBy returns the variables that decide what an operation selects, by @skip and @include. The
// plan is the same for all requests that give these the same values.
func VariesBy(doc *ast.QueryDocument) []string {
	var names []string
	seen := map[string]bool{}
	note := func(directives ast.DirectiveList) {
		for _, d := range directives {
			if d.Name != "skip" && d.Name != "include" {
				continue
			}
			for _, a := range d.Arguments {
				if a.Value.Kind == ast.Variable && !seen[a.Value.Raw] {
					seen[a.Value.Raw] = true
					names = append(names, a.Value.Raw)
				}
			}
		}
	}
	var walk func(ast.SelectionSet)
	walk = func(set ast.SelectionSet) {
		for _, s := range set {
			switch s := s.(type) {
			case *ast.Field:
				note(s.Directives)
				walk(s.SelectionSet)
			case *ast.InlineFragment:
				note(s.Directives)
				walk(s.SelectionSet)
			case *ast.FragmentSpread: // the fragment itself is walked below
				note(s.Directives)
			}
		}
	}
	for _, o := range doc.Operations {
		walk(o.SelectionSet)
	}
	for _, f := range doc.Fragments {
		walk(f.SelectionSet)
	}
	return names
}
