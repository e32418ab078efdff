package sessions

import (
	"errors"
	"math/rand/v2"
	"net/http"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"testing"

	"vitrine/internal/tableau"
	"vitrine/internal/tableausim"
)

// isRead reports whether a request neither opens nor closes a session.
func isRead(r *http.Request) bool { return !strings.Contains(r.URL.Path, "/auth/") }

// endUnder ends the session of a read just before Tableau answers it, so many times; for ever for a
// negative number. Who reads is never a service session.
func (b *bench) endUnder(times int64) (remove func(), ended *atomic.Int64) {
	ended = &atomic.Int64{}
	return b.sim.Fault(tableausim.Fault{Match: func(r *http.Request) bool {
		token := r.Header.Get("X-Tableau-Auth")
		if isRead(r) && (times < 0 || ended.Load() < times) {
			ended.Add(int64(b.sim.EndSessions(func(s tableausim.SessionInfo) bool { return s.Token == token })))
		}
		return false
	}}), ended
}

// Up to three ends of a session within one read are not noticed, whichever sign-in method there is.
// Beyond that the error blames no credentials and says when to ask again.
func TestEndsOfSessionsWithinOneReadAreNotNoticed(t *testing.T) {
	t.Parallel()
	forEachKind(t, func(t *testing.T, k kind) {
		for _, warm := range []bool{false, true} {
			for times := range int64(4) {
				b := k.start(t, nil)
				if warm {
					b.mustBeAt(t, k.person("alice"), k.site)
				}
				remove, ended := b.endUnder(times)
				b.mustBeAt(t, k.person("alice"), k.site)
				if remove(); ended.Load() != times {
					t.Errorf("%d sessions ended, want %d", ended.Load(), times)
				}
			}
		}
		b := k.start(t, nil)
		remove, _ := b.endUnder(-1)
		_, err := b.whoAmI(t.Context(), identity(k.person("alice")), k.site)
		wantEnded(t, err)
		remove()
		b.mustBeAt(t, k.person("alice"), k.site)
	})
}

// wantEnded holds that an error says that sessions ended, and when to ask again: as an answer of
// Tableau, or as a failed sign-in.
func wantEnded(t testing.TB, err error) {
	t.Helper()
	var signIn *Error
	var answer *tableau.Error
	switch {
	case errors.As(err, &signIn):
		if signIn.Code() != "TABLEAU_UNAVAILABLE" || signIn.RetryAfter() <= 0 {
			t.Errorf("code %s, retry after %s: %v", signIn.Code(), signIn.RetryAfter(), err)
		}
	case !errors.As(err, &answer) || answer.Kind != tableau.SignedOut || answer.RetryAfter <= 0:
		t.Errorf("error is %v", err)
	}
}

// Sign-ins and look-ups that are answered 401002 are tried again, and finally blame no credentials.
func TestEndsOfSessionsWithinASignInAreNotNoticed(t *testing.T) {
	t.Parallel()
	forEachKind(t, func(t *testing.T, k kind) {
		for name, match := range map[string]func(*http.Request) bool{
			"sign-in": func(r *http.Request) bool { return strings.HasSuffix(r.URL.Path, "/auth/signin") },
			"look-up": func(r *http.Request) bool { return strings.HasSuffix(r.URL.Path, "/users") },
		} {
			b := k.start(t, nil)
			b.sim.Fault(tableausim.Fault{Kind: tableausim.Status401002, Times: 3, Match: match})
			b.mustBeAt(t, k.person("alice"), k.site)

			b = k.start(t, nil)
			remove := b.sim.Fault(tableausim.Fault{Kind: tableausim.Status401002, Match: match})
			if err := b.Access(t.Context(), identity(k.person("alice")), k.site); err != nil {
				wantEnded(t, err)
			} else if name == "sign-in" {
				t.Error("signed in although Tableau refuses that")
			}
			remove()
			b.mustBeAt(t, k.person("alice"), k.site)
		}
	})
}

// Random 401002, for sessions that live on, are not noticed: a read, and the look-up of a name, are
// tried four times. Three in a row with a pause after them are therefore never noticed. Which
// request random ones hit is up to the scheduler: four in a row hit one look-up about once in ten
// thousand at 10 %, and bursts of five do whenever they begin with one. The error of those says when
// to ask again.
func TestRandom401002AreNotNoticed(t *testing.T) {
	t.Parallel()
	forEachKind(t, func(t *testing.T, k kind) {
		for _, pattern := range []struct {
			name              string
			start, run, pause int // a run of so many 401002 starts with one request in start, but in the pause after another
			mayFail           int64
		}{{"1 %", 100, 1, 0, 0}, {"10 %", 10, 1, 0, 1}, {"bursts of three", 20, maxRenewals, 100, 0}, {"bursts of five", 100, 5, 0, 10}} {
			b := k.start(t, nil)
			b.perReplica.Store(true) // a session that is called dead lives on in the stand-in
			var mu sync.Mutex
			random, left, quiet := rand.New(rand.NewPCG(1, 2)), 0, 0
			b.sim.Fault(tableausim.Fault{Kind: tableausim.Status401002, Match: func(r *http.Request) bool {
				mu.Lock()
				defer mu.Unlock()
				if !isRead(r) {
					return false
				}
				if left == 0 && quiet == 0 && random.IntN(pattern.start) == 0 {
					left = pattern.run
				}
				quiet = max(quiet-1, 0)
				if left == 0 {
					return false
				}
				if left--; left == 0 {
					quiet = pattern.pause
				}
				return true
			}})
			var wait sync.WaitGroup
			var failed atomic.Int64
			for i := range 4 {
				wait.Go(func() {
					name := k.person([]string{"alice", "bob"}[i%2])
					for range 50 {
						got, err := b.whoAmI(t.Context(), identity(name), k.site)
						switch {
						case err != nil:
							failed.Add(1)
							wantEnded(t, err)
						case got != name:
							t.Errorf("%s: %s is %q", pattern.name, name, got)
						}
					}
				})
			}
			wait.Wait()
			if n := failed.Load(); n > pattern.mayFail {
				t.Errorf("%s: %d of 200 reads failed", pattern.name, n)
			}
		}
	})
}

// Two replicas read as one person while sessions end under both.
func TestEndsOfSharedSessionsWithinOneReadAreNotNoticed(t *testing.T) {
	t.Parallel()
	for _, m := range []Method{password, twoPATs} {
		f := startReplicas(t, 2, tableausim.Config{}, by(m))
		_, tokens := m.(PAT)
		f.perReplica.Store(tokens) // after the end of a token's session each replica opens one of its own
		var mu sync.Mutex
		turn := 0
		f.sim.Fault(tableausim.Fault{Match: func(r *http.Request) bool {
			mu.Lock()
			defer mu.Unlock()
			token := r.Header.Get("X-Tableau-Auth")
			if turn++; isRead(r) && turn%3 != 0 {
				f.sim.EndSessions(func(s tableausim.SessionInfo) bool { return s.Token == token && s.Impersonated })
			}
			return false
		}})
		var wait sync.WaitGroup
		for i := range 4 {
			wait.Go(func() {
				for range 10 {
					if got, err := who(t.Context(), f.replicas[i%2], "alice"); err != nil && !retryable(err) || err == nil && got != "alice" {
						t.Errorf("alice is %q, %v", got, err)
					}
				}
			})
		}
		wait.Wait()
	}
}

// retryable reports whether an error has a time to ask again.
func retryable(err error) bool {
	var signIn *Error
	var answer *tableau.Error
	if errors.As(err, &signIn) {
		return signIn.Code() == "TABLEAU_UNAVAILABLE" && signIn.RetryAfter() > 0
	}
	return errors.As(err, &answer) && answer.Kind == tableau.SignedOut && answer.RetryAfter > 0
}

// A method that alone answers 401002 is refused for its owner for a while: it costs one renewal,
// the session stays, nobody else is affected, and afterwards it is tried again without ending the
// session.
func TestRefusedMethodLeavesTheSessionAlone(t *testing.T) {
	t.Parallel()
	forEachKind(t, func(t *testing.T, k kind) {
		b := k.start(t, nil)
		alice, bob := k.person("alice"), k.person("bob")
		b.mustBeAt(t, alice, k.site)
		blocked := func(r *http.Request) bool { return strings.HasSuffix(r.URL.Path, "/views") }
		remove := b.sim.Fault(tableausim.Fault{Kind: tableausim.Status401002, Match: blocked})
		views := func(name string) error {
			s, err := b.Session(t.Context(), identity(name), k.site)
			if err != nil {
				return err
			}
			_, err = s.Views(t.Context(), tableau.ListQuery[tableau.View]{}, 0, 10)
			return err
		}
		for range 5 {
			if err := views(alice); !tableau.IsKind(err, tableau.Refused) {
				t.Errorf("error %v", err)
			}
			b.mustBeAt(t, alice, k.site)
		}
		if n := b.sim.Count(k.signIn); n != 2 {
			t.Errorf("%d sign-ins, want 2", n)
		}
		b.quiet(t) // the session of the renewal takes the place of one that is signed out
		after := tokensOf(b, alice)
		b.clock.advance(refusedFor)
		if err := views(alice); !tableau.IsKind(err, tableau.Refused) || !slices.Equal(tokensOf(b, alice), after) {
			t.Errorf("after a while: error %v, or another session", err)
		}
		b.clock.advance(refusedFor)
		remove()
		for _, name := range []string{alice, bob} {
			if err := views(name); err != nil {
				t.Errorf("%s, once it is open: %v", name, err)
			}
		}
	})
}

// A method that was answered before is refused for one path alone.
func TestMethodThatWorksElsewhereIsRefusedForOnePath(t *testing.T) {
	t.Parallel()
	now := newClock()
	m := newRefusedMethods(now.now, start(t, tableausim.Config{}, nil).Broker.log)
	ann, ben := owner{user: "ann"}, owner{user: "ben"}
	m.answer(ann, "GET views/{id}", []string{"views", "1"})
	m.refuse(ann, "GET views/{id}", []string{"views", "2"})
	m.refuse(ann, "GET flows", []string{"flows"})
	for _, c := range []struct {
		owner  owner
		method string
		path   []string
		want   tableau.Refusal
		later  tableau.Refusal
	}{
		{ann, "GET views/{id}", []string{"views", "1"}, tableau.NotRefused, tableau.NotRefused},
		{ann, "GET views/{id}", []string{"views", "2"}, tableau.KnownRefusal, tableau.SuspectedRefusal},
		{ben, "GET views/{id}", []string{"views", "2"}, tableau.NotRefused, tableau.NotRefused},
		{ann, "GET flows", []string{"flows"}, tableau.KnownRefusal, tableau.SuspectedRefusal},
	} {
		if got := m.state(c.owner, c.method, c.path); got != c.want {
			t.Errorf("%s %s of %s: state %d, want %d", c.method, c.path, c.owner.user, got, c.want)
		}
		now.advance(refusedFor)
		if got := m.state(c.owner, c.method, c.path); got != c.later {
			t.Errorf("%s %s of %s, later: state %d, want %d", c.method, c.path, c.owner.user, got, c.later)
		}
		now.advance(-refusedFor)
	}
	m.answer(ann, "GET flows", []string{"flows"})
	now.advance(suspectedFor)
	for _, path := range [][]string{{"flows"}, {"views", "2"}} {
		if got := m.state(ann, "GET "+strings.Join(path, "/"), path); got != tableau.NotRefused {
			t.Errorf("%s is still in the state %d", path, got)
		}
	}
}

func tokensOf(b *bench, name string) (tokens []string) {
	for _, s := range b.sim.Sessions() {
		if strings.EqualFold(s.User, name) {
			tokens = append(tokens, s.Token)
		}
	}
	slices.Sort(tokens)
	return tokens
}
