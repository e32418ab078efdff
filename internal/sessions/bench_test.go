package sessions

import (
	"fmt"
	"runtime"
	"strings"
	"testing"
	"time"

	"vitrine/internal/tableau"
	"vitrine/internal/tableausim"
)

// BenchmarkAcquire is the way of every read that finds its session: the goal is less than a
// microsecond without allocations.
func BenchmarkAcquire(b *testing.B) {
	broker := start(b, tableausim.Config{}, nil)
	if err := broker.Access(b.Context(), identity("alice"), ""); err != nil {
		b.Fatal(err)
	}
	s, err := broker.source(identity("alice"), "")
	if err != nil {
		b.Fatal(err)
	}
	ctx := b.Context()
	b.Run("alone", func(b *testing.B) {
		b.ReportAllocs()
		for b.Loop() {
			g, err := s.Acquire(ctx, nil)
			if err != nil {
				b.Fatal(err)
			}
			s.Release(g)
		}
	})
	b.Run("side by side", func(b *testing.B) {
		b.ReportAllocs()
		b.RunParallel(func(pb *testing.PB) {
			s, err := broker.source(identity("alice"), "")
			if err != nil {
				b.Error(err)
			}
			for pb.Next() {
				g, err := s.Acquire(ctx, nil)
				if err != nil {
					b.Error(err)
				}
				s.Release(g)
			}
		})
	})
}

// BenchmarkMemory holds 100,000 sessions, with all that is kept for each, and prints what one
// takes: the goal is less than a kilobyte.
func BenchmarkMemory(b *testing.B) {
	const people = 100_000
	for name, method := range map[string]Method{"password": password, "tokens": twoPATs} {
		b.Run(name, func(b *testing.B) {
			for b.Loop() {
				before := heap()
				broker := start(b, tableausim.Config{}, func(c *Config) {
					by(method)(c)
					c.MaxSessions = people
				})
				m := broker.sites[""].signer.(*impersonator)
				for i := range people {
					name := fmt.Sprintf("person%06d@example.com", i)
					s, err := broker.source(identity(name), "")
					if err != nil {
						b.Fatal(err)
					}
					luid := tableau.LUID(fmt.Sprintf("9f9e9d9c-8b8a-4f8e-8d7c-%012d", i))
					m.luids.Put(s.owner.person(), seen{luid: luid, role: 1})
					grant := &tableau.Grant{
						Token:    tableau.NewSecret(fmt.Sprintf("%022d|%032d|9a8b7c6d-5e4f-3a2b-1c0d-9e8f7a6b5c4d", i, i)),
						SiteLUID: tableau.LUID(strings.Clone("9a8b7c6d-5e4f-3a2b-1c0d-9e8f7a6b5c4d")), UserLUID: tableau.LUID(strings.Clone(string(luid))),
						TokenEnds: tableau.Text(strings.Clone("364:11:30")),
					}
					made := newSession(s.owner, s.key, grant, broker.now())
					if made.tokenSession = m.pool.members[0].allSites.token.sessionOpened(); made.tokenSession != nil {
						made.tokenSession.bind(made, broker.signOuts)
					}
					broker.store.add(made)
				}
				broker.eventually(b, "the cache has them", func() bool {
					broker.store.mu.Lock()
					defer broker.store.mu.Unlock()
					return len(broker.store.pending) == 0
				})
				b.ReportMetric(float64(heap()-before)/people, "B/session")
				b.ReportMetric(0, "ns/op")
				var all []*session
				broker.store.each(func(s *session) { all = append(all, s) })
				if len(all) < people*99/100 {
					b.Errorf("%d sessions are held, of %d", len(all), people)
				}
				for _, s := range all {
					s.users.Store(retired) // Tableau has never heard of them: nothing is to be signed out
				}
			}
		})
	}
}

func heap() int64 {
	var m runtime.MemStats
	runtime.GC()
	runtime.GC()
	runtime.ReadMemStats(&m)
	return int64(m.HeapAlloc)
}

// BenchmarkFirstRead is somebody's first read, and prints how many calls to Tableau it takes beside
// the read itself: for the first person of a site, for each further one, and for one whose session
// has ended.
func BenchmarkFirstRead(b *testing.B) {
	for name, method := range map[string]Method{"password": password, "one token": onePAT, "two tokens": twoPATs, "connected app": directApp} {
		b.Run(name, func(b *testing.B) {
			broker := start(b, tableausim.Config{ConnectedApps: []tableausim.ConnectedApp{simApp}}, by(method))
			calls := func(who string) float64 {
				broker.sim.ResetLog()
				if err := broker.Access(b.Context(), identity(who), ""); err != nil {
					b.Fatal(err)
				}
				n := 0
				for _, call := range broker.sim.Log() {
					if call.Template != "POST auth/signout" {
						n++
					}
				}
				return float64(n)
			}
			first := calls("alice")
			calls("bob") // with tokens, finds out how many people they carry
			further := calls("carol")
			again := func() float64 {
				_ = broker.Forget(b.Context(), identity("carol"), time.Now())
				return calls("carol")
			}
			ended := again()
			for b.Loop() {
				again()
			}
			b.ReportMetric(first, "calls-first")
			b.ReportMetric(further, "calls-further")
			b.ReportMetric(ended, "calls-again")
		})
	}
}
