package sessions

import (
	"context"
	"log/slog"
	"net/http"
	"strings"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/redis/rueidis"

	"vitrine/internal/tableausim"
)

// silentStore is a store of the bubble's clock whose operations are never answered. late is how late this process is to see that.
func silentStore(late func() time.Duration) (*redisStore, func() error) {
	r := &redisStore{
		patience: time.Second, log: slog.New(slog.DiscardHandler), now: func() time.Time { return time.Now().Add(late()) },
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
	}{"answers nothing": {false, 1}, "answers others": {true, redisStrikes}} {
		synctest.Test(t, func(t *testing.T) {
			began := time.Now()
			r, ask := silentStore(func() time.Duration { return 0 })
			for range 10 {
				if c.answers {
					time.AfterFunc(time.Second/2, func() {
						r.mu.Lock()
						r.heard = r.now()
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

// A session that has died is signed out by one replica.
func TestDeadSessionIsSignedOutOnce(t *testing.T) {
	t.Parallel()
	f := startFleet(t, 3, tableausim.Config{}, nil)
	for _, b := range f.replicas {
		mustBe(t, b, "alice")
	}
	tokens := tokensOf(f.bench, "alice")
	if len(tokens) != 1 {
		t.Fatalf("%d sessions", len(tokens))
	}
	var signOuts atomic.Int64
	f.sim.Fault(tableausim.Fault{Match: func(r *http.Request) bool {
		if strings.HasSuffix(r.URL.Path, "/auth/signout") && r.Header.Get("X-Tableau-Auth") == tokens[0] {
			signOuts.Add(1)
		}
		return false
	}})
	f.sim.EndSessions(func(s tableausim.SessionInfo) bool { return s.User == "alice" })
	for _, b := range f.replicas {
		mustBe(t, b, "alice")
		b.store.settle()
		b.store.settle()
	}
	f.close(t)
	if n := signOuts.Load(); n != 1 {
		t.Errorf("the dead session was signed out %d times", n)
	}
}

// After a restart of Redis LUIDs are written back when sessions are used: a new replica looks nobody up. They are kept for no longer than
// before.
func TestLUIDsAreWrittenBackOnUse(t *testing.T) {
	t.Parallel()
	f := startFleet(t, 1, tableausim.Config{}, nil)
	mustBe(t, f.Broker, "alice")
	f.redis.stop()
	f.redis.start(t)
	eventually(t, "the LUID is there again", func() bool {
		mustBe(t, f.Broker, "alice")
		return len(f.redis.names(t, prefixLUID)) == 1
	})
	f.clock.advance(20 * time.Hour)
	f.redis.do(t, "FLUSHALL")
	eventually(t, "the LUID is there a third time", func() bool {
		mustBe(t, f.Broker, "alice")
		return len(f.redis.names(t, prefixLUID)) == 1
	})
	left, err := f.redis.do(t, "PTTL", f.redis.names(t, prefixLUID)[0]).AsInt64()
	if err != nil || time.Duration(left)*time.Millisecond > 4*time.Hour {
		t.Errorf("it is kept for %s more, %v", time.Duration(left)*time.Millisecond, err)
	}
	looked := f.sim.Count(lookUp)
	late := f.another(t, nil)
	f.sim.EndSessions(func(s tableausim.SessionInfo) bool { return s.User == "alice" })
	mustBe(t, late, "alice")
	if n := f.sim.Count(lookUp); n != looked {
		t.Errorf("%d look-ups, then %d", looked, n)
	}
}
