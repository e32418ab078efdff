package sessions

import (
	"context"
	"time"

	"github.com/redis/rueidis"
)

// Count adds points under a name in the shared store, for all replicas, and returns the sum; the name is forgotten some time after
// its last use. The error says that there is no shared store, or that it does not answer: the caller then counts by itself. It
// counts what the server's own budgets are for, and is here because the store is.
func (b *Broker) Count(ctx context.Context, name string, points int64, life time.Duration) (int64, error) {
	f, shared := b.shared.(*redisSessions)
	if !shared {
		return 0, errStore
	}
	var sum int64
	key := f.keys.names(prefixCount, exactly(name))[0]
	err := f.store.do(ctx, func(ctx context.Context, c rueidis.Client) error {
		answers := c.DoMulti(
			ctx, c.B().Incrby().Key(key).Increment(points).Build(), c.B().Pexpire().Key(key).Milliseconds(milliseconds(life)).Build(),
		)
		var err error
		if sum, err = answers[0].AsInt64(); err != nil {
			return err
		}
		return answers[1].Error()
	})
	return sum, err
}

// Shares says whether there is a shared store.
func (b *Broker) HasSharedStore() bool {
	_, shared := b.shared.(*redisSessions)
	return shared
}
