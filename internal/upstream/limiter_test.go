package upstream

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"slices"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"vitrine/internal/tableau"
)

// wide are limits that bound nothing that a test does not bound itself.
func wide() Limits {
	return Limits{
		PerUser: 1000, PerSite: 1000, Total: 1000, LongRunning: 1000, Queue: 10_000, Wait: time.Minute, Tries: 3,
	}
}

func limits(change func(*Limits)) Limits {
	l := wide()
	change(&l)
	return l
}

func read(site string, user tableau.LUID) tableau.Call {
	return tableau.Call{Name: "GET sites/{site}/workbooks", Site: site, User: user}
}

func newGate(t *testing.T, l Limits) *Gate {
	t.Helper()
	g, err := New(l)
	if err != nil {
		t.Fatal(err)
	}
	return g
}

// empty says what is left in a limiter that nobody uses.
func empty(t *testing.T, l *limiter) {
	t.Helper()
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.flying != 0 || l.waiting != 0 || len(l.people)+len(l.long) != 0 || len(l.queues) != 0 || len(l.turns[0])+len(l.turns[1]) != 0 {
		t.Errorf("left behind: %d under way, %d waiting, %d people, %d queues, turns %v", l.flying, l.waiting, len(l.people), len(l.queues), l.turns)
	}
	for name, s := range l.sites {
		if s.flying != 0 || s.long != 0 {
			t.Errorf("left behind on site %q: %d under way, %d long ones", name, s.flying, s.long)
		}
	}
}

// most counts how many are under way at once, by a key.
type most struct {
	mu       sync.Mutex
	now, max map[string]int
}

func newMost() *most { return &most{now: map[string]int{}, max: map[string]int{}} }

func (m *most) work(d time.Duration, keys ...string) {
	m.mu.Lock()
	for _, k := range keys {
		m.now[k]++
		m.max[k] = max(m.max[k], m.now[k])
	}
	m.mu.Unlock()
	time.Sleep(d) // of the bubble's clock
	m.mu.Lock()
	defer m.mu.Unlock()
	for _, k := range keys {
		m.now[k]--
	}
}

func TestBoundsHoldAndAreUsedToTheFull(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		name   string
		limits Limits
		class  tableau.Class
		want   map[string]int
	}{
		{"per user", limits(func(l *Limits) { l.PerUser = 3 }), tableau.Read, map[string]int{"all": 36, "site a": 18, "a ann": 3}},
		{"per site", limits(func(l *Limits) { l.PerSite = 7 }), tableau.Read, map[string]int{"all": 14, "site a": 7}},
		{"in all", limits(func(l *Limits) { l.Total = 9 }), tableau.Read, map[string]int{"all": 9}},
		{"long ones per site", limits(func(l *Limits) { l.LongRunning = 5 }), tableau.LongRunning, map[string]int{"all": 10, "site a": 5}},
		{"long ones bound no others", limits(func(l *Limits) { l.LongRunning = 5 }), tableau.Read, map[string]int{"all": 120}},
		{
			"all at once", limits(func(l *Limits) { l.PerUser, l.PerSite, l.Total = 2, 8, 12 }), tableau.Read,
			map[string]int{"all": 12, "a ann": 2},
		},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				g, m := newGate(t, c.limits), newMost()
				var wg sync.WaitGroup
				for i := range 120 {
					site, user := []string{"a", "b"}[i%2], []string{"ann", "ben", "cid", "dot", "eve", "fay"}[i/2%6]
					call := read(site, tableau.LUID(user))
					call.Class = c.class
					wg.Go(func() {
						err := g.Pass(t.Context(), call, func(context.Context) error {
							m.work(time.Second, "all", "site "+site, site+" "+user)
							return nil
						})
						if err != nil {
							t.Error(err)
						}
					})
				}
				wg.Wait()
				for key, n := range c.want {
					if m.max[key] != n {
						t.Errorf("%s: %d at once, want %d", key, m.max[key], n)
					}
				}
				empty(t, g.limiter)
			})
		})
	}
}

// One person's hundred pages do not make others wait for all of them, although they came first.
func TestPeopleTakeTurns(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		g := newGate(t, limits(func(l *Limits) { l.PerSite = 4 }))
		var mu sync.Mutex
		var order []string
		var wg sync.WaitGroup
		ask := func(user string) {
			wg.Go(func() {
				err := g.Pass(t.Context(), read("", tableau.LUID(user)), func(context.Context) error {
					mu.Lock()
					order = append(order, user)
					mu.Unlock()
					time.Sleep(time.Second)
					return nil
				})
				if err != nil {
					t.Error(err)
				}
			})
			synctest.Wait()
		}
		for range 100 {
			ask("greedy")
		}
		for _, user := range []string{"ann", "ben", "cid"} {
			ask(user)
			ask(user)
		}
		wg.Wait()
		for _, user := range []string{"ann", "ben", "cid"} {
			if first := slices.Index(order, user); first >= 12 {
				t.Errorf("%s's first read was number %d of %d", user, first+1, len(order))
			}
		}
		if last := len(order) - 1 - slices.IndexFunc(reversed(order), func(u string) bool { return u != "greedy" }); last >= 16 {
			t.Errorf("all of others' reads were done as number %d of %d", last+1, len(order))
		}
		empty(t, g.limiter)
	})
}

// A new person gets in beside those who read much: sign-ins go first.
func TestSignInsGoBeforeReads(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		g := newGate(t, limits(func(l *Limits) { l.PerSite = 1 }))
		var order []string // one at a time writes
		var wg sync.WaitGroup
		ask := func(name string, c tableau.Call) {
			wg.Go(func() {
				_ = g.Pass(t.Context(), c, func(context.Context) error {
					order = append(order, name)
					time.Sleep(time.Second)
					return nil
				})
			})
			synctest.Wait()
		}
		for i := range 5 {
			ask("read", read("a", tableau.LUID(fmt.Sprint(i))))
		}
		for _, class := range []tableau.Class{tableau.LookingUp, tableau.SigningIn, tableau.SigningIn, tableau.SigningOut} {
			ask("session", tableau.Call{Class: class, Site: "a"})
		}
		wg.Wait()
		want := []string{"read", "session", "session", "session", "session", "read", "read", "read", "read"}
		if !slices.Equal(order, want) {
			t.Errorf("order %v, want %v", order, want)
		}
		empty(t, g.limiter)
	})
}

// A gateway that says that its server is away for an hour is not believed for longer than a minute.
func TestServersThatAreAwayAreAskedAgainSoon(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		g := newGate(t, limits(func(l *Limits) { l.Tries, l.Wait = 1, 2*time.Minute }))
		_ = g.Pass(t.Context(), read("a", "ann"), func(context.Context) error {
			return &tableau.Error{Kind: tableau.Unavailable, Status: 503, RetryAfter: time.Hour}
		})
		began := time.Now()
		if err := g.Pass(t.Context(), read("a", "ann"), slow(0)); err != nil || time.Since(began) != time.Minute {
			t.Errorf("after %s: %v", time.Since(began), err)
		}
	})
}

// BenchmarkPass is what the gate adds to a request that need not wait; and to one of many that
// must.
func BenchmarkPass(b *testing.B) {
	try := func(context.Context) error { return nil }
	for _, total := range []int{1000, 1} {
		b.Run(fmt.Sprintf("total=%d", total), func(b *testing.B) {
			g, err := New(limits(func(l *Limits) { l.Total = total }))
			if err != nil {
				b.Fatal(err)
			}
			b.ReportAllocs()
			b.SetParallelism(100)
			b.RunParallel(func(pb *testing.PB) {
				user := tableau.LUID(fmt.Sprint(rand.IntN(50)))
				for pb.Next() {
					if err := g.Pass(b.Context(), read("a", user), try); err != nil {
						b.Error(err)
					}
				}
			})
		})
	}
}

func reversed(s []string) []string {
	s = slices.Clone(s)
	slices.Reverse(s)
	return s
}

func TestFullQueueRefusesAtOnce(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		g := newGate(t, limits(func(l *Limits) { l.Total, l.Queue = 1, 2 }))
		var wg sync.WaitGroup
		for range 3 {
			wg.Go(func() {
				if err := g.Pass(t.Context(), read("", "ann"), slow(time.Second)); err != nil {
					t.Error(err)
				}
			})
		}
		synctest.Wait()
		began := time.Now()
		refused(t, g.Pass(t.Context(), read("", "ben"), slow(0)), time.Second)
		if took := time.Since(began); took != 0 {
			t.Errorf("it took %s", took)
		}
		if err := g.Pass(t.Context(), tableau.Call{Class: tableau.SigningIn}, slow(0)); err != nil {
			t.Errorf("a sign-in: %v", err)
		}
		wg.Wait()
		empty(t, g.limiter)
	})
}

func TestWaitEndsAtItsLimit(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		g := newGate(t, limits(func(l *Limits) { l.Total, l.Wait = 1, 10*time.Second }))
		var wg sync.WaitGroup
		wg.Go(func() { _ = g.Pass(t.Context(), read("", "ann"), slow(time.Hour)) })
		synctest.Wait()
		began := time.Now()
		refused(t, g.Pass(t.Context(), read("", "ben"), slow(0)), time.Second)
		if took := time.Since(began); took != 10*time.Second {
			t.Errorf("it waited %s, want 10s", took)
		}
		ctx, cancel := context.WithTimeout(t.Context(), 3*time.Second)
		defer cancel()
		began = time.Now()
		err := g.Pass(ctx, read("", "ben"), slow(0))
		if took := time.Since(began); took != 3*time.Second || !tableau.IsKind(err, tableau.Timeout) || !errors.Is(err, context.DeadlineExceeded) {
			t.Errorf("after %s: %v, want the end of the caller's own time", took, err)
		}
		wg.Wait()
		empty(t, g.limiter)
	})
}

// A request that leaves while it waits takes no place with it, also if it is admitted at that
// moment.
func TestThoseWhoLeaveLoseNoPlace(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		g := newGate(t, limits(func(l *Limits) { l.Total = 3 }))
		var wg sync.WaitGroup
		for i := range 600 {
			ctx, cancel := context.WithTimeout(t.Context(), time.Duration(1+i%7)*time.Second)
			wg.Go(func() {
				defer cancel()
				_ = g.Pass(ctx, read("", tableau.LUID(fmt.Sprint(i%5))), slow(time.Second))
			})
		}
		wg.Wait()
		empty(t, g.limiter)
	})
}

func TestPausesOfTableauHold(t *testing.T) {
	t.Parallel()
	long := func(c tableau.Call) tableau.Call { c.Class = tableau.LongRunning; return c }
	out := func(c tableau.Call) tableau.Call { c.Class = tableau.SigningOut; return c }
	for _, c := range []struct {
		name           string
		reported, next tableau.Call
		deadline       time.Duration
		want           time.Duration // until the next is sent
		refused        bool
	}{
		{"a read of the same person waits", read("a", "ann"), read("a", "ann"), 0, 5 * time.Second, false},
		{"a read of another person does not", read("a", "ann"), read("a", "ben"), 0, 0, false},
		{"a read of another site does not", read("a", "ann"), read("b", "ann"), 0, 0, false},
		{"a read whose time ends before fails at once", read("a", "ann"), read("a", "ann"), 4 * time.Second, 0, true},
		{"a long one waits for all", read("a", "ann"), long(read("a", "ann")), 0, 5 * time.Second, false},
		{"a long one makes long ones wait", long(read("a", "ann")), long(read("a", "ann")), 0, 5 * time.Second, false},
		{"a long one makes no others wait", long(read("a", "ann")), read("a", "ann"), 0, 0, false},
		{"a sign-out does not wait", read("a", "ann"), out(read("a", "")), 0, 0, false},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				g := newGate(t, limits(func(l *Limits) { l.Tries = 1 }))
				busy := &tableau.Error{Kind: tableau.RateLimited, Status: 429, RetryAfter: 5 * time.Second}
				if err := g.Pass(t.Context(), c.reported, func(context.Context) error { return busy }); !errors.Is(err, busy) {
					t.Fatal(err)
				}
				ctx := t.Context()
				if c.deadline > 0 {
					var cancel context.CancelFunc
					ctx, cancel = context.WithTimeout(ctx, c.deadline)
					defer cancel()
				}
				began := time.Now()
				err := g.Pass(ctx, c.next, slow(0))
				if took := time.Since(began); took != c.want {
					t.Errorf("after %s, want %s", took, c.want)
				}
				if c.refused {
					refused(t, err, 5*time.Second)
				} else if err != nil {
					t.Error(err)
				}
				empty(t, g.limiter)
			})
		})
	}
}

// Those who wait already learn of a pause that they will not outlive.
func TestPauseRefusesThoseWhoWaitInVain(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		g := newGate(t, limits(func(l *Limits) { l.Total, l.Wait, l.Tries = 1, 10*time.Second, 1 }))
		var wg sync.WaitGroup
		wg.Go(func() {
			_ = g.Pass(t.Context(), read("a", "ann"), func(context.Context) error {
				time.Sleep(time.Second)
				return &tableau.Error{Kind: tableau.RateLimited, Status: 429, RetryAfter: time.Hour}
			})
		})
		synctest.Wait()
		began := time.Now()
		for range 3 {
			wg.Go(func() { refused(t, g.Pass(t.Context(), read("a", "ann"), slow(0)), time.Minute) })
		}
		wg.Go(func() {
			if err := g.Pass(t.Context(), read("b", "dot"), slow(0)); err != nil {
				t.Errorf("another site: %v", err)
			}
		})
		wg.Wait()
		if took := time.Since(began); took != time.Second {
			t.Errorf("it took %s, want 1s", took)
		}
		empty(t, g.limiter)
	})
}

func slow(d time.Duration) func(context.Context) error {
	return func(ctx context.Context) error {
		time.Sleep(d) // of the bubble's clock
		return ctx.Err()
	}
}

// refused expects an error that says how long to wait.
func refused(t *testing.T, err error, wait time.Duration) {
	t.Helper()
	var e *tableau.Error
	if !errors.As(err, &e) || e.Kind != tableau.RateLimited || e.RetryAfter != wait || e.Status != 0 {
		t.Errorf("%v, want a refusal with TABLEAU_RATE_LIMITED after %s", err, wait)
	}
}

func TestLimitsAreComplete(t *testing.T) {
	t.Parallel()
	if _, err := New(Limits{PerUser: 1, PerSite: -1}); err == nil {
		t.Error("limits of nothing were taken")
	}
}
