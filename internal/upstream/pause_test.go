package upstream

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"log/slog"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"vitrine/internal/tableau"
)

func answers(err error) func(context.Context) error {
	return func(context.Context) error { return err }
}

func askedToWait(kind tableau.Kind, status int, wait time.Duration) error {
	return &tableau.Error{Kind: kind, Status: status, RetryAfter: wait}
}

// However long Tableau asks one person to wait, with 429 or 503: that person waits for a minute at
// most, and nobody else does.
func TestOnePersonsPauseIsBoundedAndStopsNobodyElse(t *testing.T) {
	t.Parallel()
	for _, asked := range []error{
		askedToWait(tableau.RateLimited, 429, time.Hour), askedToWait(tableau.Unavailable, 503, 24*time.Hour), askedToWait(tableau.RateLimited, 429, 1<<62),
	} {
		for _, class := range []tableau.Class{tableau.Read, tableau.LongRunning} {
			synctest.Test(t, func(t *testing.T) {
				g := newGate(t, limits(func(l *Limits) { l.Tries, l.Wait = 1, 2*time.Minute }))
				var log bytes.Buffer
				g.LogTo(slog.New(slog.NewTextHandler(&log, nil)))
				call := func(user tableau.LUID) tableau.Call { c := read("a", user); c.Class = class; return c }
				for range 5 { // again and again
					if err := g.Pass(t.Context(), call("ann"), answers(asked)); !errors.Is(err, asked) {
						t.Fatal(err)
					}
					began := time.Now()
					for _, other := range []tableau.Call{call("ben"), {Class: tableau.SigningIn, Site: "a"}, {Class: tableau.LookingUp, Site: "a"}} {
						if err := g.Pass(t.Context(), other, slow(0)); err != nil || time.Since(began) != 0 {
							t.Errorf("another waited for %s: %v", time.Since(began), err)
						}
					}
					if err := g.Pass(t.Context(), call("ann"), slow(0)); err != nil || time.Since(began) != time.Minute {
						t.Errorf("the person waited for %s: %v", time.Since(began), err)
					}
				}
				if !strings.Contains(log.String(), "asks a person to wait") {
					t.Errorf("the log has %q", log.String())
				}
				empty(t, g.limiter)
			})
		}
	}
}

// The quota of queries to data is one of its own: anyone who has used it up, or finds it used up, reads
// everything else.
func TestQuotaOfQueriesToDataPausesNobody(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		g := newGate(t, limits(func(l *Limits) { l.Tries = 1 }))
		for _, user := range []tableau.LUID{"ann", "ben", "cay", "dan"} {
			if err := g.Pass(t.Context(), read("a", user), answers(errQuota)); !errors.Is(err, errQuota) {
				t.Fatal(err)
			}
		}
		began := time.Now()
		for _, user := range []tableau.LUID{"ann", "eve"} {
			if err := g.Pass(t.Context(), read("a", user), slow(0)); err != nil || time.Since(began) != 0 {
				t.Errorf("%s waited for %s: %v", user, time.Since(began), err)
			}
		}
		empty(t, g.limiter)
	})
}

// A sign-in that is asked to wait holds up the others, who have the same credentials, for a short
// time.
func TestPauseOfSignInsIsShort(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		g := newGate(t, limits(func(l *Limits) { l.Tries = 1 }))
		signIn := tableau.Call{Class: tableau.SigningIn, Site: "a"}
		_ = g.Pass(t.Context(), signIn, answers(askedToWait(tableau.RateLimited, 429, time.Hour)))
		began := time.Now()
		if err := g.Pass(t.Context(), read("a", "ann"), slow(0)); err != nil || time.Since(began) != 0 {
			t.Errorf("a read waited for %s: %v", time.Since(began), err)
		}
		if err := g.Pass(t.Context(), signIn, slow(0)); err != nil || time.Since(began) != longestSignInPause {
			t.Errorf("a sign-in waited for %s: %v", time.Since(began), err)
		}
	})
}

// When several people are asked to wait at the same time the site is busy: everybody waits, and
// then one request goes first.
func TestSitePausesWhenSeveralPeopleAreAskedToWaitAndIsProbed(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		g := newGate(t, limits(func(l *Limits) { l.Tries = 1 }))
		for i := range peopleOfASite {
			_ = g.Pass(t.Context(), read("a", tableau.LUID(fmt.Sprint(i))), answers(askedToWait(tableau.RateLimited, 429, 10*time.Second)))
		}
		began := time.Now()
		var mu sync.Mutex
		var sent []time.Duration
		var wg sync.WaitGroup
		for i := range 20 {
			wg.Go(func() {
				_ = g.Pass(t.Context(), read("a", tableau.LUID(fmt.Sprint("other", i))), func(context.Context) error {
					mu.Lock()
					defer mu.Unlock()
					sent = append(sent, time.Since(began))
					if len(sent) == 1 {
						return askedToWait(tableau.RateLimited, 429, 10*time.Second)
					}
					return nil
				})
			})
		}
		if err := g.Pass(t.Context(), read("b", "ann"), slow(0)); err != nil || time.Since(began) != 0 {
			t.Errorf("another site waited for %s: %v", time.Since(began), err)
		}
		wg.Wait()
		if sent[0] != 10*time.Second || sent[1] != 20*time.Second || sent[len(sent)-1] != 20*time.Second {
			t.Errorf("sent after %v: want one after 10s, the others after 20s", sent)
		}
		empty(t, g.limiter)
	})
}

// A probe that takes long, fails without an answer or panics holds nobody up for long.
func TestProbesHoldNobodyUp(t *testing.T) {
	t.Parallel()
	for name, probe := range map[string]func(context.Context) error{
		"slow":        slow(time.Hour),
		"no answer":   func(context.Context) error { return errors.New("reset") },
		"panics":      func(context.Context) error { panic("oops") },
		"answers 429": answers(&tableau.Error{Kind: tableau.RateLimited, Status: 429}),
	} {
		synctest.Test(t, func(t *testing.T) {
			g := newGate(t, limits(func(l *Limits) { l.Tries = 1 }))
			_ = g.Pass(t.Context(), read("a", "ann"), answers(askedToWait(tableau.RateLimited, 429, time.Second)))
			began := time.Now()
			var wg sync.WaitGroup
			wg.Go(func() {
				defer func() { _ = recover() }()
				_ = g.Pass(t.Context(), read("a", "ann"), probe)
			})
			synctest.Wait()
			if err := g.Pass(t.Context(), read("a", "ann"), slow(0)); err != nil || time.Since(began) > time.Second+probeTime {
				t.Errorf("%s: the next one waited for %s: %v", name, time.Since(began), err)
			}
			wg.Wait()
			empty(t, g.limiter)
		})
	}
}

// Reads that Tableau renders for leave a part of their person's places to queries, and most places
// of the site to others.
func TestExportsOfOnePersonLeavePlacesForQueriesAndOthers(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		g := newGate(t, limits(func(l *Limits) { l.PerUser, l.PerSite, l.LongRunning, l.Wait = 16, 64, 20, time.Second }))
		export := func(user tableau.LUID) tableau.Call { c := read("a", user); c.Class = tableau.LongRunning; return c }
		var wg sync.WaitGroup
		for range 40 {
			wg.Go(func() { _ = g.Pass(t.Context(), export("ann"), slow(time.Hour)) })
		}
		synctest.Wait()
		began := time.Now()
		for _, c := range []tableau.Call{read("a", "ann"), read("a", "ben"), export("ben")} {
			if err := g.Pass(t.Context(), c, slow(0)); err != nil || time.Since(began) != 0 {
				t.Errorf("%v waited for %s: %v", c, time.Since(began), err)
			}
		}
		wg.Wait()
		empty(t, g.limiter)
	})
}
