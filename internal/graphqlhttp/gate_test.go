package graphqlhttp

import (
	"context"
	"math/rand/v2"
	"sync"
	"sync/atomic"
	"testing"
	"testing/synctest"
)

func TestGateNeverGivesMoreThanThereIs(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		g := newGate(1000)
		var now, peak atomic.Int64
		var wg sync.WaitGroup
		for i := range 200 {
			wg.Go(func() {
				rnd := rand.New(rand.NewPCG(uint64(i), 1))
				fields := 1 + rnd.IntN(1200)
				ctx, cancel := context.WithCancel(t.Context())
				defer cancel()
				if i%5 == 0 {
					go cancel() // some leave while they wait
				}
				r, err := g.reserve(ctx, fields)
				if err != nil {
					return
				}
				held := int64(min(fields, 990))
				for {
					was := peak.Load()
					if n := now.Add(held); n <= was || peak.CompareAndSwap(was, n) {
						break
					}
					now.Add(-held)
				}
				part := int64(rnd.IntN(int(held) + 1))
				now.Add(-part)
				r.giveBack(int(part))
				now.Add(part - held)
				r.release()
				r.release() // twice is once
			})
		}
		wg.Wait()
		if g.taken != 0 || len(g.waiting) != 0 {
			t.Errorf("%d taken, %d waiting when all is over", g.taken, len(g.waiting))
		}
		if p := peak.Load(); p > 1000 || p < 500 {
			t.Errorf("%d of 1000 were held at once", p)
		}
	})
}

func TestGateLetsSmallOnesPastLargeOnesInTurn(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		g := newGate(1000)
		first, err := g.reserve(t.Context(), 900)
		if err != nil {
			t.Fatal(err)
		}
		var order []string
		var mu sync.Mutex
		ask := func(name string, fields int) {
			go func() {
				if r, err := g.reserve(t.Context(), fields); err == nil {
					mu.Lock()
					order = append(order, name)
					mu.Unlock()
					r.release()
				}
			}()
			synctest.Wait()
		}
		ask("large", 800)
		ask("middle", 100) // would fit, and waits its turn
		ask("small", 10)   // goes past
		first.giveBack(650)
		synctest.Wait()
		if len(order) != 1 || order[0] != "small" {
			t.Errorf("%v went while the large one waited", order)
		}
		first.giveBack(50)
		synctest.Wait()
		if len(order) != 3 || order[1] != "large" {
			t.Errorf("%v", order)
		}
		first.release()
		(*reservation)(nil).giveBack(1) // of an operation without one
	})
}
