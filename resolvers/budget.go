package resolvers

import (
	"context"
	"fmt"
	"net/http"
	"sync"

	"github.com/99designs/gqlgen/graphql"
	"github.com/vektah/gqlparser/v2/ast"
	"github.com/vektah/gqlparser/v2/gqlerror"

	"vitrine/internal/policy"
)

// defaultMaxFields bounds the fields of one answer. All 10,000 workbooks of a site with thirty fields each are 300,000; half a million
// take some hundred megabytes while they are put together. Without a bound a document of a line is enough to end the process: views
// of workbooks of views multiply an answer with each step, at no call to Tableau.
const defaultMaxFields = 500_000

// costError says that an answer would be too large to be put together.
type costError int

func (e costError) Error() string {
	return fmt.Sprintf("the answer would have more than %d fields: ask for fewer items (first), for fewer fields, or nest less", int(e))
}

// answerBudget counts what an operation's answer may come to. A list takes its share when it is known how long it is, before anything of
// its items is resolved; so what is resolved never exceeds the bound.
type answerBudget struct {
	most int

	mu    sync.Mutex
	taken int
	below map[*ast.Field]int // fields in the answer for one object of a field, so far as documents tell
}

func newBudget(most int) *answerBudget { return &answerBudget{most: most, below: map[*ast.Field]int{}} }

// take takes the share of so many objects with this selection, or refuses.
func (b *answerBudget) take(objects int, set ast.SelectionSet) error {
	b.mu.Lock()
	defer b.mu.Unlock()
	each := b.fields(selection{set})
	if objects > 0 && each > (b.most-b.taken)/objects {
		return costError(b.most)
	}
	b.taken += objects * each
	return nil
}

// fields counts what one object with a selection comes to where each list holds one item, and stops counting above the bound. What
// fragments unfold to counts each time, what one object spreads twice counts once: that is how it is answered.
func (b *answerBudget) fields(s selection) int {
	n := 0
	s.each(func(f *ast.Field) {
		if n <= b.most {
			n += 1 + b.under(f)
		}
	})
	return min(n, b.most+1)
}

func (b *answerBudget) under(f *ast.Field) int {
	if len(f.SelectionSet) == 0 {
		return 0
	}
	n, known := b.below[f]
	if !known {
		n = b.fields(selection{f.SelectionSet})
		b.below[f] = n
	}
	return n
}

// affordable refuses an operation that unfolds to too much even where each of its lists holds one item.
func (r *Resolver) affordable(operation *ast.OperationDefinition) *refusal {
	if err := newBudget(r.MaxFields).take(1, operation.SelectionSet); err != nil {
		return refuse(http.StatusBadRequest, codeTooCostly, gqlerror.Errorf("%s", err.Error()))
	}
	return nil
}

// What one answer about the schema may come to. The query of a tool that asks for all there is gets about 20,000 fields and 450 kB.
const (
	maxSchemaFields = 80_000
	maxSchemaBytes  = 2_000_000
)

// schemaFits refuses an operation that asks for more about the schema than any tool needs: for the same again under other names.
func (r *Resolver) schemaFits(p policy.Price) *refusal {
	most := min(maxSchemaFields, r.MaxFields)
	if p.Schema <= most && p.Bytes <= maxSchemaBytes {
		return nil
	}
	return refuse(http.StatusBadRequest, codeTooCostly, gqlerror.Errorf(
		"the answer about the schema would have %d fields and %d bytes, up to %d fields and %d bytes are answered: ask for each part of __schema once",
		p.Schema, p.Bytes, most, maxSchemaBytes))
}

// afford takes the share of the items of the list that is being resolved.
func afford(ctx context.Context, items int) error {
	return operationFrom(ctx).budget.take(items, graphql.GetFieldContext(ctx).Field.Selections)
}

// affordTexts takes the share of a table: each of its texts is as much as a field.
func affordTexts(ctx context.Context, n int) error {
	b := operationFrom(ctx).budget
	b.mu.Lock()
	defer b.mu.Unlock()
	if n > b.most-b.taken {
		return costError(b.most)
	}
	b.taken += n
	return nil
}

// maxPlain bounds a plain list, one without pages: it is for what is short by nature.
const maxPlain = 1000

// plainError says that a plain list is too long.
type plainError int

func (e plainError) Error() string {
	return fmt.Sprintf("this list has %d items, and lists without pages are answered up to %d", int(e), maxPlain)
}

// afforded takes the share of a plain list, and refuses one that is no longer short.
func afforded[T any](ctx context.Context, items []T, err error) ([]T, error) {
	if err == nil && len(items) > maxPlain {
		err = plainError(len(items))
	}
	if err == nil {
		err = afford(ctx, len(items))
	}
	if err != nil {
		return nil, err
	}
	if items == nil {
		items = []T{}
	}
	return items, nil
}

// giveBack returns the room of the items that a Relay list was asked for and does not have.
func giveBack(ctx context.Context, items int) {
	op, fc := operationFrom(ctx), graphql.GetFieldContext(ctx)
	first, _ := fc.Args["first"].(int32)
	if missing := int(first) - items; missing > 0 {
		op.admitted.room.giveBack(missing * op.budget.perItem(fc.Field.Selections))
	}
}

// perItem is what one item of a Relay list with this selection comes to.
func (b *answerBudget) perItem(set ast.SelectionSet) int {
	b.mu.Lock()
	defer b.mu.Unlock()
	n := 0
	selection{set}.each(func(f *ast.Field) {
		if f.Name == "nodes" || f.Name == "edges" {
			n += b.under(f)
		}
	})
	return min(n, b.most)
}
