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
	for {
		var tasks []task
		for _, c := range columns {
			tasks = x.gather(c, tasks)
		}
		if len(tasks) == 0 {
			return
		}
		last := len(tasks) - 1
		for _, t := range tasks[:last] {
			x.wg.Go(func() { x.columns(x.resolve(t)) })
		}
		columns = x.resolve(tasks[last]) // which needs no goroutine of its own
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
			for _, below := range x.resolve(task{c, i}) {
				tasks = x.gather(below, tasks)
			}
		default:
			tasks = append(tasks, task{c, i})
		}
	}
	return tasks
}

// resolve resolves a field of all objects of a column, and returns the columns below.
func (x *execution) resolve(t task) (below []*column) {
	c, cell := t.column, &t.column.cells[t.field]
	cell.column, cell.field = c, &c.selection.fields[t.field]
	defer func() { // what panics here is of no single object
		if p := recover(); p != nil {
			x.failAll(cell, func(ctx context.Context) error { return graphql.GetOperationContext(ctx).Recover(ctx, p) })
			below = cell.below
		}
	}()
	fc := fieldContext(c.selection.object, cell.field)
	ctx := graphql.WithFieldContext(c.ctx, fc)
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
	x.values(ctx, cell, fc.Args)
	if cell.field.field.Type == "" {
		return nil
	}
	cell.link(x.types)
	for _, b := range cell.below {
		b.ctx = ctx
	}
	return cell.below
}

// values calls the function of a field for each object.
func (x *execution) values(ctx context.Context, c *cell, args map[string]any) {
	f := &fanOut{execution: x, ctx: ctx, cell: c, args: args}
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

	next    atomic.Int64
	workers atomic.Int64 // beside the first
	wg      sync.WaitGroup
}

// more starts another worker where there is work for it. It is called when a worker is about to
// wait.
func (f *fanOut) more() {
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
