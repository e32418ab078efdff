package sessions

import (
	"context"
	"errors"
	"net/http"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"vitrine/internal/tableau"
	"vitrine/internal/tableausim"
)

func TestSessionIsRenewedBeforeTheIdleLimit(t *testing.T) {
	t.Parallel()
	b := start(t, tableausim.Config{IdleLimit: 100 * time.Minute}, func(c *Config) { c.SessionIdle = 100 * time.Minute })
	b.mustBe(t, "alice", "")
	for range 5 { // use keeps it alive, for less than the site role is cached
		b.clock.advance(90 * time.Minute)
		b.mustBe(t, "alice", "")
	}
	wantCounts(t, b, map[string]int{plainSignIn: 1, lookUp: 1, impersonated: 1})
	b.clock.advance(96 * time.Minute) // the session still lives, but not for long
	b.sim.ResetLog()
	b.mustBe(t, "alice", "")
	wantCounts(t, b, map[string]int{impersonated: 1})
	for _, call := range b.sim.Log() {
		if call.Status == http.StatusUnauthorized {
			t.Errorf("%s met a session that had ended", call.Template)
		}
	}
}

func TestReadersNoticeNothingWhenAllSessionsEnd(t *testing.T) {
	t.Parallel()
	for _, m := range []Method{password, onePAT, twoPATs} {
		t.Run(m.String(), func(t *testing.T) {
			t.Parallel()
			b := start(t, tableausim.Config{Latency: time.Millisecond}, by(m))
			people := []string{"alice", "bob", "carol", "kim"}
			for _, name := range people {
				b.mustBe(t, name, "")
			}
			var wait sync.WaitGroup
			var reads atomic.Int64
			for i := range 40 {
				wait.Go(func() {
					for range 25 {
						b.mustBeNow(t, people[i%len(people)])
						if reads.Add(1) == 500 {
							b.sim.EndSessions(nil)
						}
					}
				})
			}
			wait.Wait()
			if n := b.sim.Count(impersonated); n != 2*len(people) {
				t.Errorf("%d impersonated sign-ins, want two for each of %d people", n, len(people))
			}
		})
	}
}

// mustBeNow is mustBe for other goroutines than the test's.
func (b *bench) mustBeNow(t *testing.T, name string) {
	if got, err := b.whoAmI(t.Context(), identity(name), ""); err != nil || got != name {
		t.Errorf("%s is %q, %v", name, got, err)
	}
}

func TestDeadGrantIsNeverGivenAgain(t *testing.T) {
	t.Parallel()
	b := start(t, tableausim.Config{}, nil)
	s, err := b.source(identity("alice"), "")
	if err != nil {
		t.Fatal(err)
	}
	first, err := s.Acquire(t.Context(), nil)
	if err != nil {
		t.Fatal(err)
	}
	s.Release(first)
	second, err := s.Acquire(t.Context(), first) // named after it was released
	if err != nil {
		t.Fatal(err)
	}
	other, err := b.source(identity("alice"), "")
	if err != nil {
		t.Fatal(err)
	}
	third, err := other.Acquire(t.Context(), first) // another request saw the 401 too, and must not renew again
	if err != nil {
		t.Fatal(err)
	}
	if first == second || second != third {
		t.Errorf("grants %p, %p, %p", first, second, third)
	}
	s.Release(second)
	s.Release(second) // once too often
	s.Release(&tableau.Grant{})
	if got, err := b.whoAmI(t.Context(), identity("alice"), ""); err != nil || got != "alice" {
		t.Errorf("%q, %v", got, err)
	}
	other.Release(third)
	wantCounts(t, b, map[string]int{plainSignIn: 1, lookUp: 1, impersonated: 2})
}

func TestCallersLeaveOnTheirOwn(t *testing.T) {
	t.Parallel()
	b := start(t, tableausim.Config{}, nil)
	slow := make(chan struct{})
	reached := make(chan struct{}, 100)
	b.sim.Fault(tableausim.Fault{Kind: tableausim.Slow, Match: func(r *http.Request) bool {
		if strings.HasSuffix(r.URL.Path, "/auth/signin") {
			reached <- struct{}{}
			<-slow
		}
		return false
	}})
	ctx, cancel := context.WithCancel(t.Context())
	leader := make(chan error, 1)
	go func() { leader <- b.Access(ctx, identity("alice"), "") }()
	<-reached
	followers := make(chan error, 10)
	for range cap(followers) {
		go func() { followers <- b.Access(t.Context(), identity("alice"), "") }()
	}
	cancel()
	if err := <-leader; !errors.Is(err, context.Canceled) {
		t.Errorf("the leader got %v", err)
	}
	close(slow)
	for range cap(followers) {
		if err := <-followers; err != nil {
			t.Errorf("a follower got %v", err)
		}
	}
	wantCounts(t, b, map[string]int{plainSignIn: 1, lookUp: 1, impersonated: 1})
}

func TestSignInThatNobodyWaitsForIsKept(t *testing.T) {
	t.Parallel()
	b := start(t, tableausim.Config{}, nil)
	slow := make(chan struct{})
	reached := make(chan struct{}, 100)
	b.sim.Fault(tableausim.Fault{Kind: tableausim.Slow, Match: func(r *http.Request) bool {
		if strings.HasSuffix(r.URL.Path, "/auth/signin") {
			reached <- struct{}{}
			<-slow
		}
		return false
	}})
	ctx, cancel := context.WithCancel(t.Context())
	gone := make(chan error, 1)
	go func() { gone <- b.Access(ctx, identity("alice"), "") }()
	<-reached
	cancel()
	if err := <-gone; !errors.Is(err, context.Canceled) {
		t.Errorf("the caller got %v", err)
	}
	close(slow)
	b.pending.Wait()
	b.mustBe(t, "alice", "")
	wantCounts(t, b, map[string]int{plainSignIn: 1, lookUp: 1, impersonated: 1})
}

func TestCancelledCallerStartsNothing(t *testing.T) {
	t.Parallel()
	b := start(t, tableausim.Config{}, nil)
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if err := b.Access(ctx, identity("alice"), ""); !errors.Is(err, context.Canceled) {
		t.Errorf("error is %v", err)
	}
	wantCounts(t, b, map[string]int{})
}

func TestFullQueueIsAnErrorThatSaysSo(t *testing.T) {
	t.Parallel()
	b := start(t, tableausim.Config{}, func(c *Config) { c.Parallel, c.SignInTimeout = 1, time.Second })
	b.sites[""].slots <- struct{}{} // somebody who takes for ever
	err := b.Access(t.Context(), identity("alice"), "")
	wantCode(t, err, ErrBusy, "TABLEAU_RATE_LIMITED")
	<-b.sites[""].slots
	b.mustBe(t, "alice", "")
}

func TestSignInsPauseWhenTableauAsksToWait(t *testing.T) {
	t.Parallel()
	b := start(t, tableausim.Config{}, nil)
	b.mustBe(t, "bob", "")
	b.sim.Fault(tableausim.Fault{Kind: tableausim.TooMany, RetryAfter: 20 * time.Second, Times: 1})
	b.sim.ResetLog()
	for range 50 {
		wantCode(t, b.Access(t.Context(), identity("alice"), ""), ErrBusy, "TABLEAU_RATE_LIMITED")
	}
	if n := len(b.sim.Log()); n != 1 {
		t.Errorf("%d calls in the pause", n)
	}
	b.mustBe(t, "bob", "") // who is signed in does not notice
	b.clock.advance(20 * time.Second)
	b.mustBe(t, "alice", "")
}

func TestTroubleWithTableauHasACode(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct {
		fault tableausim.Fault
		is    error
		code  string
	}{
		"500":  {tableausim.Fault{Kind: tableausim.ServerError}, ErrUnavailable, "TABLEAU_UNAVAILABLE"},
		"HTML": {tableausim.Fault{Kind: tableausim.HTMLPage}, ErrUnavailable, "TABLEAU_UNAVAILABLE"},
		"cut":  {tableausim.Fault{Kind: tableausim.CutBody}, ErrUnavailable, "TABLEAU_UNAVAILABLE"},
		"drop": {tableausim.Fault{Kind: tableausim.Drop}, ErrUnavailable, "TABLEAU_UNAVAILABLE"},
		"slow": {tableausim.Fault{Kind: tableausim.Slow, Delay: 2 * time.Second}, ErrTimeout, "TABLEAU_TIMEOUT"},
		"429":  {tableausim.Fault{Kind: tableausim.TooMany, RetryAfter: 7 * time.Second}, ErrBusy, "TABLEAU_RATE_LIMITED"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			for stage, path := range map[string]string{"service sign-in": "/auth/signin", "look-up": "/users"} {
				b := start(t, tableausim.Config{}, func(c *Config) { c.SignInTimeout = 500 * time.Millisecond })
				test.fault.Match = func(r *http.Request) bool { return strings.HasSuffix(r.URL.Path, path) }
				remove := b.sim.Fault(test.fault)
				err := b.Access(t.Context(), identity("alice"), "")
				wantCode(t, err, test.is, test.code)
				var e *Error
				if errors.As(err, &e) && e.RetryAfter() != test.fault.RetryAfter {
					t.Errorf("%s: retry after %v", stage, e.RetryAfter())
				}
				remove()
				b.clock.advance(test.fault.RetryAfter)
				b.sim.EndSessions(nil)           // one whose answer was cut nobody can sign out
				if !errors.Is(err, ErrTimeout) { // the service sign-in may still be on its way to the same end
					b.mustBe(t, "alice", "")
				}
			}
		})
	}
}
