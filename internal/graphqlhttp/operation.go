package graphqlhttp

import (
	"context"
	"log/slog"
	"sync"
	"sync/atomic"

	"github.com/99designs/gqlgen/graphql"

	"vitrine/auth"
	"vitrine/internal/budget"
	"vitrine/internal/policy"
)

// Operation is an operation that is executed. Resolvers find it with [OperationFrom].
type Operation struct {
	Identity *auth.Identity
	View     *policy.View
	Price    policy.Price
	Budget   *budget.State // of the caller, with the price taken off; nil where there is no budget
	Timeline bool          // the request asks when each call upstream was made

	prepared *prepared
	fields   *fieldBudget
	errors   errorList

	sites   slog.Attr // that were read, as the log has them
	notKept atomic.Bool
	ends    atomic.Int64 // when the first content link ends, Unix nanoseconds; 0 without one

	mu          sync.Mutex
	failures    failures
	embedTokens []string // fields that gave one, for the audit log
}

type operationKey struct{}

// OperationFrom returns the operation of a context that resolvers run with; nil for other contexts.
func OperationFrom(ctx context.Context) *Operation {
	op, _ := ctx.Value(operationKey{}).(*Operation)
	return op
}

// ReserveFields reserves the fields of the items of the list that is being resolved. The error is a
// [LimitError].
func (op *Operation) ReserveFields(ctx context.Context, items int) error {
	return op.fields.take(items, graphql.GetFieldContext(ctx).Field.Selections)
}

// ReserveTexts reserves a table: each of its texts counts as a field. The error is a [LimitError].
func (op *Operation) ReserveTexts(n int) error { return op.fields.takeTexts(n) }

// ReserveBytes reserves large values that are made before they are written. The error is a
// [LimitError].
func (op *Operation) ReserveBytes(n int) error { return op.prepared.answer.made(n) }

// ReleaseFields returns the memory of the items that a Relay list was asked for and does not have.
func (op *Operation) ReleaseFields(ctx context.Context, items int) {
	fc := graphql.GetFieldContext(ctx)
	first, _ := fc.Args["first"].(int32)
	if missing := int(first) - items; missing > 0 {
		op.prepared.room.giveBack(missing * op.fields.perItem(fc.Field.Selections))
	}
}
