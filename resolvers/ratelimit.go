package resolvers

import (
	"context"
	"math"

	"vitrine/graph"
	"vitrine/internal/tableau"
)

// RateLimit is the caller's budget as it was when this document was taken off it. It needs no
// Tableau.
func (r queryResolver) RateLimit(ctx context.Context) (*graph.RateLimit, error) {
	op := operationFrom(ctx)
	op.DoNotKeep() // the budget is another one at the next request
	state := op.Budget
	if state == nil {
		return nil, nil //nolint:nilnil // there is no budget, and that is no error
	}
	limit := &graph.RateLimit{
		Limit: int32Of(state.Limit), Remaining: int32Of(state.Remaining()), Used: int32Of(state.Used),
		ResetAt: tableau.Time{Time: state.Reset}, Cost: int32Of(op.Price.Points),
	}
	if selectionOf(ctx).has("dataQueries") {
		limit.DataQueries = r.dataQueryLimits(ctx)
	}
	return limit, nil
}

// int32Of keeps a number within an Int.
func int32Of(n int) int32 { return int32(min(n, math.MaxInt32)) }
