package exec

import (
	"context"
	"sort"

	"github.com/99designs/gqlgen/graphql"
)

// column is the objects of one type at one place of the answer, in its order: the owners of all
// workbooks of a list, say.
type column struct {
	selection *selection
	objects   []any
	cells     []cell
	ctx       context.Context // of the field that they are the values of
	more      func()          // is called when something of it is about to wait; nil for nothing

	from  *cell   // nil for the root
	slots []int32 // of from, by object; nil where object i is in slot i
}

// cell is a field of all objects of a column. It is empty for a field that is read while it is
// written.
type cell struct {
	column *column
	field  *selected
	values []any // by object: nil for null, failed for an error that was reported

	// What a field with objects has. A slot is a place for one object: one for each value, or one
	// for each item of a list.
	starts []int32 // first slot of each value, and the end; nil where it is no list
	refs   []ref   // by slot; nil where slot i holds object i of the first column
	below  []*column
}

// ref is the object in a slot.
type ref struct {
	column int16 // of cell.below; or one of the two below
	object int32
}

const (
	noObject  = -1 // null
	badObject = -2 // null, for an error that was reported
)

// failure is the type of the value failed.
type failure struct{}

// failed stands for a value that is null because of an error, which was reported.
var failed any = failure{}

// failAll marks a field of all objects as failed.
func (c *cell) failAll(t *Types) {
	c.values, c.starts, c.refs, c.below = make([]any, len(c.column.objects)), nil, nil, nil
	for i := range c.values {
		c.values[i] = failed
	}
	if c.field.field.Type != "" {
		c.link(t)
	}
}

// link puts the objects among the values of a field into columns, one for each object type.
func (c *cell) link(t *Types) {
	items := c.values
	if c.field.field.List {
		items = c.flatten()
	}
	if c.field.only != nil {
		c.linkOnly(items)
	} else {
		c.linkAbstract(t.abstracts[c.field.field.Type], items)
	}
	if c.starts == nil {
		c.values = nil // the columns have them
	}
}

// flatten puts the items of all lists into one.
func (c *cell) flatten() []any {
	items := make([]any, 0, len(c.values))
	c.starts = make([]int32, 0, len(c.values)+1)
	for i, v := range c.values {
		c.starts = append(c.starts, int32(len(items)))
		switch v {
		case nil, failed:
		default:
			items = c.field.field.Items(v, items)
			c.values[i] = true // there is a list
		}
	}
	c.starts = append(c.starts, int32(len(items)))
	return items
}

// linkOnly is link for a field whose objects are of one type.
func (c *cell) linkOnly(items []any) {
	whole := true
	n := 0
	for _, v := range items {
		if v == nil || v == failed {
			whole = false
		} else {
			n++
		}
	}
	if n == 0 {
		c.refs = make([]ref, len(items))
		for i, v := range items {
			c.refs[i].column = absent(v)
		}
		return
	}
	below := &column{selection: c.field.only, from: c}
	c.below = []*column{below}
	if whole {
		below.objects = items
		return
	}
	c.refs = make([]ref, len(items))
	below.objects, below.slots = make([]any, 0, n), make([]int32, 0, n)
	for i, v := range items {
		if c.refs[i].column = absent(v); c.refs[i].column == 0 {
			c.refs[i].object = int32(len(below.objects))
			below.objects, below.slots = append(below.objects, v), append(below.slots, int32(i))
		}
	}
}

func absent(v any) int16 {
	switch v {
	case nil:
		return noObject
	case failed:
		return badObject
	default:
		return 0
	}
}

// linkAbstract is link for a field whose objects are of several types.
func (c *cell) linkAbstract(abstract *Abstract, items []any) {
	c.refs = make([]ref, len(items))
	numbers := map[string]int16{}
	for i, v := range items {
		if c.refs[i].column = absent(v); c.refs[i].column < 0 {
			continue
		}
		name := abstract.Of(v)
		if name == "" {
			c.refs[i].column = noObject
			continue
		}
		n, there := numbers[name]
		if !there {
			n = int16(len(c.below))
			numbers[name] = n
			c.below = append(c.below, &column{selection: c.field.below[name], from: c})
		}
		below := c.below[n]
		c.refs[i] = ref{n, int32(len(below.objects))}
		below.objects, below.slots = append(below.objects, v), append(below.slots, int32(i))
	}
}

// contextAt returns the context of a field of one object, with the path that the field has in the
// answer. Contexts of columns have no places in lists: this is for errors.
func (c *column) contextAt(ctx context.Context, f *selected, object int) context.Context {
	ctx = c.contextOf(ctx, object)
	return graphql.WithFieldContext(ctx, fieldContext(c.selection.object, f))
}

// contextOf returns the context of an object.
func (c *column) contextOf(ctx context.Context, object int) context.Context {
	if c.from == nil {
		return graphql.WithFieldContext(ctx, &graphql.FieldContext{Object: c.selection.object.Name})
	}
	slot := object
	if c.slots != nil {
		slot = int(c.slots[object])
	}
	return c.from.contextOf(ctx, slot)
}

// contextOf returns the context of what is in a slot.
func (c *cell) contextOf(ctx context.Context, slot int) context.Context {
	if c.starts == nil {
		return c.column.contextAt(ctx, c.field, slot)
	}
	owner := sort.Search(len(c.starts), func(i int) bool { return int(c.starts[i]) > slot }) - 1
	place := slot - int(c.starts[owner])
	ctx = c.column.contextAt(ctx, c.field, owner)
	return graphql.WithFieldContext(ctx, &graphql.FieldContext{Index: &place})
}

func fieldContext(o *Object, f *selected) *graphql.FieldContext {
	return &graphql.FieldContext{Object: o.Name, Field: f.collected, IsMethod: f.field.Method, IsResolver: f.field.Resolver}
}
