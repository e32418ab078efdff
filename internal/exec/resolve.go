package exec

import (
	"context"
	"sync"
	"sync/atomic"

	"github.com/99designs/gqlgen/graphql"
)

// execution is one run of a plan.
type execution struct {
	*Plan
	Options
	ctx context.Context
	wg  sync.WaitGroup // of goroutines that resolve columns
}

// task is a field of a column that may have to wait.
type task struct {
	column *column
	field  int
}

// columns resolves what is selected of columns. Fields that may wait run side by side, and each
// goes on with what is below it: nothing waits for anything but its own parents.
func (x *execution) columns(columns []*column) {
	for len(columns) > 0 {
		w := &work{execution: x, outer: columns[0].more}
		for _, c := range columns {
			w.tasks = x.gather(c, w.tasks)
		}
		switch {
		case len(w.tasks) == 0:
			return
		case len(w.tasks) == 1: // which needs no goroutine of its own
			columns = x.resolve(w.tasks[0], nil)
			continue
		case x.Waiting == nil:
			for range w.tasks[1:] {
				x.wg.Go(w.one)
			}
			w.one()
		default:
			w.all()
		}
		return
	}
}

// work is several tasks. They are done one after the other, each with what is below it, until one
// waits for Tableau: then another goroutine goes on with the next.
type work struct {
	*execution
	tasks []task
	next  atomic.Int64
	outer func() // lets those go on who have work beside this
}

// one does the next task.
func (w *work) one() { w.columns(w.resolve(w.tasks[w.next.Add(1)-1], nil)) }

// all does one task after the other.
func (w *work) all() {
	for {
		i := int(w.next.Add(1)) - 1
		if i >= len(w.tasks) {
			return
		}
		w.columns(w.resolve(w.tasks[i], w.more))
	}
}

// more is called when a task is about to wait.
func (w *work) more() {
	if int(w.next.Load()) < len(w.tasks) {
		w.wg.Go(w.all)
	}
	if w.outer != nil {
		w.outer()
	}
}

// gather resolves the fields of a column that do not wait, with what is below them, and returns the
// others.
func (x *execution) gather(c *column, tasks []task) []task {
	c.cells = make([]cell, len(c.selection.fields))
	for i := range c.selection.fields {
		f := &c.selection.fields[i]
		switch {
		case f.field == nil, f.field.Leaf != nil && !f.checked:
		case f.field.Plain && !f.checked:
			for _, below := range x.resolve(task{c, i}, nil) {
				tasks = x.gather(below, tasks)
			}
		default:
			tasks = append(tasks, task{c, i})
		}
	}
	return tasks
}

// resolve resolves a field of all objects of a column, and returns the columns below. more is called
// when it is about to wait, and when they are; nil for what is called for the column.
func (x *execution) resolve(t task, more func()) (below []*column) {
	c, cell := t.column, &t.column.cells[t.field]
	cell.column, cell.field = c, &c.selection.fields[t.field]
	defer func() { // what panics here is of no single object
		if p := recover(); p != nil {
			x.failAll(cell, func(ctx context.Context) error { return graphql.GetOperationContext(ctx).Recover(ctx, p) })
			below = cell.below
		}
	}()
	ctx := c.ctx
	if more == nil {
		more = c.more
	} else {
		ctx = x.Waiting(ctx, more)
	}
	scope := &scope{FieldContext: *fieldContext(c.selection.object, cell.field)}
	fc := &scope.FieldContext
	fc.Result = &scope.memo
	ctx = graphql.WithFieldContext(ctx, fc)
	if args := cell.field.field.Args; args != nil {
		raw := cell.field.collected.ArgumentMap(graphql.GetOperationContext(ctx).Variables)
		var err error
		if fc.Args, err = args(ctx, raw); err != nil {
			x.failAll(cell, func(ctx context.Context) error {
				_, err := args(ctx, raw) // again, for its path
				return err
			})
			return cell.below
		}
	}
	if cell.field.checked {
		if err := x.Check(ctx); err != nil {
			x.failAll(cell, func(context.Context) error { return err })
			return cell.below
		}
	}
	if cell.field.field.Leaf != nil {
		return nil
	}
	x.values(ctx, cell, fc.Args, more)
	if cell.field.field.Type == "" {
		return nil
	}
	cell.link(x.types)
	for _, b := range cell.below {
		b.ctx, b.more = ctx, more
	}
	return cell.below
}

// values calls the function of a field for each object.
func (x *execution) values(ctx context.Context, c *cell, args map[string]any, outer func()) {
	f := &fanOut{execution: x, ctx: ctx, cell: c, args: args, outer: outer}
	c.values = make([]any, len(c.column.objects))
	if len(c.values) > 1 && !c.field.field.Plain && x.Waiting != nil {
		f.ctx = x.Waiting(ctx, f.more)
	}
	for f.some() {
	}
	f.wg.Wait()
}

// fanOut calls the function of a field for many objects: one after the other, as long as none of
// the calls waits. Where one waits for Tableau, another goroutine goes on with the next object, so
// that calls of different objects run side by side, and objects that need no call cost no
// goroutine.
type fanOut struct {
	*execution
	ctx  context.Context
	cell *cell
	args map[string]any

	outer   func() // lets those go on who have work beside this; nil for none
	next    atomic.Int64
	workers atomic.Int64 // beside the first
	wg      sync.WaitGroup
}

// more starts another worker where there is work for it. It is called when a worker is about to
// wait.
func (f *fanOut) more() {
	if f.outer != nil {
		f.outer()
	}
	if int(f.next.Load()) >= len(f.cell.values) {
		return
	}
	if f.workers.Add(1) >= int64(f.Parallel) {
		f.workers.Add(-1)
		return
	}
	f.wg.Go(func() {
		defer f.workers.Add(-1)
		for f.some() {
		}
	})
}

// some calls the function for one object after the other, until there are none or it panics: a
// panic is the error of one object.
func (f *fanOut) some() (more bool) {
	object := 0
	defer func() {
		if p := recover(); p != nil {
			f.fail(object, nil, p)
			more = true
		}
	}()
	value := f.cell.field.field.Value
	for {
		if object = int(f.next.Add(1)) - 1; object >= len(f.cell.values) {
			return false
		}
		v, err := value(f.ctx, f.cell.column.objects[object], f.args)
		if err == nil && v != nil && f.Made != nil {
			err = f.large(v)
		}
		if err != nil {
			f.fail(object, err, nil)
			continue
		}
		f.cell.values[object] = v
	}
}

// largeValue is from how many bytes on a text is counted when it is made, and not only when it is
// written.
const largeValue = 1 << 10

func (x *execution) large(v any) error {
	size := 0
	switch v := v.(type) {
	case string:
		size = len(v)
	case *string:
		size = len(*v)
	}
	if size < largeValue {
		return nil
	}
	return x.Made(size)
}

func (f *fanOut) fail(object int, err error, panicked any) {
	f.cell.values[object] = failed
	ctx := f.cell.column.contextAt(f.execution.ctx, f.cell.field, object)
	operation := graphql.GetOperationContext(ctx)
	if panicked != nil {
		err = operation.Recover(ctx, panicked)
	}
	operation.Error(ctx, err)
}

// failAll reports an error for a field of each object.
func (x *execution) failAll(c *cell, of func(context.Context) error) {
	c.failAll(x.types)
	for i := range c.column.objects {
		ctx := c.column.contextAt(x.ctx, c.field, i)
		graphql.GetOperationContext(ctx).Error(ctx, of(ctx))
	}
}
