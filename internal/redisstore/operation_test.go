package redisstore

import (
	"context"
	"log/slog"
	"testing"
	"testing/synctest"
	"time"

	"github.com/redis/rueidis"
)

// silentStore is a store of the bubble's clock whose operations are never answered. late is how
// late this process is to see that.
func silentStore(late func() time.Duration) (*Store, func() error) {
	r := &Store{
		timeout: time.Second, log: slog.New(slog.DiscardHandler), now: func() time.Time { return time.Now().Add(late()) },
		ctx: context.Background(), ask: make(chan struct{}, 1), tried: make(chan struct{}), client: noClient{},
	}
	close(r.tried)
	return r, func() error {
		return r.do(context.Background(), func(ctx context.Context, _ rueidis.Client) error {
			<-ctx.Done()
			return ctx.Err()
		})
	}
}

// noClient is a client that is there and is not used.
type noClient struct{ rueidis.Client }

func TestBusySchedulerIsNotHeldAgainstTheStore(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		late func(fired int) time.Duration
		want time.Duration
	}{
		"on time":        {func(int) time.Duration { return 0 }, time.Second},
		"late once":      {func(fired int) time.Duration { return time.Duration(min(fired, 1)) * 300 * time.Millisecond }, 2 * time.Second},
		"late each time": {func(fired int) time.Duration { return time.Duration(fired) * 300 * time.Millisecond }, 4 * time.Second},
	} {
		synctest.Test(t, func(t *testing.T) {
			began := time.Now()
			_, ask := silentStore(func() time.Duration { return c.late(int(time.Since(began) / time.Second)) })
			if err := ask(); err == nil || time.Since(began) != c.want {
				t.Errorf("%s: given up after %s, want %s: %v", name, time.Since(began), c.want, err)
			}
		})
	}
}

func TestStoreThatIsDownIsWaitedForOnce(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		answers bool // another operation is answered meanwhile
		waited  int
	}{"answers nothing": {false, 1}, "answers others": {true, maxStrikes}} {
		synctest.Test(t, func(t *testing.T) {
			began := time.Now()
			r, ask := silentStore(func() time.Duration { return 0 })
			for range 10 {
				if c.answers {
					time.AfterFunc(time.Second/2, func() {
						r.mu.Lock()
						r.answered = r.now()
						r.mu.Unlock()
					})
				}
				_ = ask()
			}
			if got := time.Since(began); got != time.Duration(c.waited)*time.Second {
				t.Errorf("%s: waited for %s, want %d s", name, got, c.waited)
			}
			time.Sleep(time.Minute)
		})
	}
}
