package exec

import (
	"context"

	"github.com/99designs/gqlgen/graphql"
)

// answer writes what was resolved, depth first.
type answer struct {
	*Writer
	*execution
	careful bool // recover panics of each field by itself
	errors  []located
}

// located is an error of a field of one object, at a place in its list, or at none.
type located struct {
	column *column
	field  *selected
	object int
	slot   int // of the cell of the field; -1 for the field itself
	err    error
	null   bool // a null where none may be
	panics any
}

// write writes an answer. ok is false where data is null.
func (a *answer) write(root *column) (ok bool) {
	if ok, panicked := a.quick(root); !panicked {
		return ok
	}
	a.back(mark{})
	a.errors, a.faults, a.careful = nil, nil, true
	return a.object(root, 0)
}

// quick writes an answer as long as no field panics: then it is written again, with care.
func (a *answer) quick(root *column) (ok, panicked bool) {
	defer func() {
		if p := recover(); p != nil {
			panicked = true
		}
	}()
	return a.object(root, 0), false
}

// object writes an object. It returns false where the object is null, because one of its fields is
// that must not be: then nothing of it is left.
func (a *answer) object(c *column, i int) bool {
	a.Next()
	begin := a.mark()
	ok := true
	a.buf = append(a.buf, '{')
	for k := range c.selection.fields {
		f := &c.selection.fields[k]
		a.buf = append(a.buf, f.key...)
		switch {
		case f.field == nil:
			a.buf = append(a.buf, f.text...)
		case a.field(c, k, i):
		case f.field.NonNull:
			ok = false // the others are still written, for their errors
		default:
			a.buf = append(a.buf, "null"...)
		}
	}
	if !ok {
		a.back(begin)
		return false
	}
	a.buf = append(a.buf, '}')
	return true
}

// field writes a field of an object. It returns false where it is null.
func (a *answer) field(c *column, k, i int) bool {
	f, cell := &c.selection.fields[k], &c.cells[k]
	switch {
	case f.field.Leaf != nil:
		return cell.values == nil && a.leaf(c, f, i)
	case f.field.Type == "":
		return a.scalar(c, cell, i)
	case f.field.List:
		return a.list(cell, i)
	default:
		return a.slot(cell, i, f.field.NonNull)
	}
}

// leaf writes a scalar that is read from its object.
func (a *answer) leaf(c *column, f *selected, i int) bool {
	if a.careful {
		return a.carefully(c, f, i, func() bool { return f.field.Leaf(a.Writer, c.objects[i]) })
	}
	return a.written(c, f, i, f.field.Leaf(a.Writer, c.objects[i]))
}

// carefully writes a scalar, and null where that panics.
func (a *answer) carefully(c *column, f *selected, i int, write func() bool) (ok bool) {
	begin := a.mark()
	defer func() {
		if p := recover(); p != nil {
			a.back(begin)
			a.faults = nil
			a.errors = append(a.errors, located{column: c, field: f, object: i, slot: -1, panics: p})
			ok = false
		}
	}()
	return a.written(c, f, i, write())
}

// written ends a scalar: ok says whether there was one.
func (a *answer) written(c *column, f *selected, i int, ok bool) bool {
	if len(a.faults) > 0 {
		a.fault(c, f, i)
	}
	if !ok && f.field.NonNull {
		a.errors = append(a.errors, located{column: c, field: f, object: i, slot: -1, null: true})
	}
	a.Next()
	return ok
}

// fault moves the errors of values that could not be written to where they were.
func (a *answer) fault(c *column, f *selected, i int) {
	for _, err := range a.faults {
		a.errors = append(a.errors, located{column: c, field: f, object: i, slot: -1, err: err})
	}
	a.faults = a.faults[:0]
}

// scalar writes a scalar that was resolved.
func (a *answer) scalar(c *column, cell *cell, i int) bool {
	v, f := cell.values[i], cell.field
	switch {
	case v == failed:
		return false
	case v == nil:
		return a.written(c, f, i, false)
	case a.careful:
		return a.carefully(c, f, i, func() bool { return f.field.Write(a.Writer, v) })
	default:
		return a.written(c, f, i, f.field.Write(a.Writer, v))
	}
}

// list writes a list of objects.
func (a *answer) list(c *cell, i int) bool {
	f := c.field.field
	switch c.values[i] {
	case failed:
		return false
	case nil:
		if f.NonNull {
			a.errors = append(a.errors, located{column: c.column, field: c.field, object: i, slot: -1, null: true})
		}
		return false
	}
	begin := a.mark()
	ok := true
	a.buf = append(a.buf, '[')
	for s := int(c.starts[i]); s < int(c.starts[i+1]); s++ {
		if s > int(c.starts[i]) {
			a.buf = append(a.buf, ',')
		}
		switch {
		case a.slot(c, s, f.ItemNonNull):
		case f.ItemNonNull:
			ok = false
		default:
			a.buf = append(a.buf, "null"...)
		}
	}
	if !ok {
		a.back(begin)
		return false
	}
	a.buf = append(a.buf, ']')
	return true
}

// slot writes the object in a slot.
func (a *answer) slot(c *cell, s int, nonNull bool) bool {
	at := ref{object: int32(s)}
	if c.refs != nil {
		at = c.refs[s]
	}
	if at.column >= 0 {
		return a.object(c.below[at.column], int(at.object))
	}
	if at.column == noObject && nonNull {
		a.errors = append(a.errors, located{column: c.column, field: c.field, slot: s, null: true})
	}
	return false
}

// report reports the errors that were found while the answer was written.
func (a *answer) report() {
	for _, e := range a.errors {
		var ctx context.Context
		if e.slot >= 0 {
			ctx = e.cell().contextOf(a.ctx, e.slot)
		} else {
			ctx = e.column.contextAt(a.ctx, e.field, e.object)
		}
		operation := graphql.GetOperationContext(ctx)
		switch {
		case e.panics != nil:
			operation.Error(ctx, operation.Recover(ctx, e.panics))
		case e.null:
			graphql.AddError(ctx, e.invalidNull(ctx))
		default:
			graphql.AddError(ctx, e.err)
		}
	}
}

func (e located) cell() *cell {
	for i := range e.column.cells {
		if e.column.cells[i].field == e.field {
			return &e.column.cells[i]
		}
	}
	panic("exec: an error of a field that was not resolved")
}

// invalidNull is gqlgen's error for a null where none may be.
func (e located) invalidNull(ctx context.Context) error {
	f := e.field.field
	declared := e.field.collected.Definition.Type
	null := &graphql.InvalidNullError{
		Object: e.column.selection.object.Name, Field: f.Name, DeclaredType: declared.String(),
		ListElement: e.slot >= 0 && f.List, Path: graphql.GetFieldContext(ctx).Path(), Source: graphql.NullSourceModelField,
	}
	switch {
	case f.Resolver:
		null.Source = graphql.NullSourceResolver
	case f.Method:
		null.Source = graphql.NullSourceModelMethod
	}
	return null
}
