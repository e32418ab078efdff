package sessions

import (
	"context"
	"time"
)

// Count adds points under a name for all replicas and returns the sum; the number is forgotten some
// time after its last use. The error reports that there is no shared store, or that it does not
// answer: the caller then counts by itself. Count serves the budgets of the server, and is here
// because the store is.
func (b *Broker) Count(ctx context.Context, name string, points int64, life time.Duration) (int64, error) {
	return b.shared.count(ctx, name, points, life)
}

// HasSharedStore reports whether replicas share a store.
func (b *Broker) HasSharedStore() bool {
	_, alone := b.shared.(localStore)
	return !alone
}
