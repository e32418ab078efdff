package sessions

import (
	"cmp"
	"context"
	"fmt"
	"strings"
	"sync"
	"testing"
	"time"

	"vitrine/auth"
	"vitrine/internal/tableau"
	"vitrine/internal/tableausim"
)

// tokens is the method with so many tokens.
func tokens(n int) PAT {
	var m PAT
	for i := range n {
		m.Tokens = append(m.Tokens, token(fmt.Sprintf("vitrine-%d", i+1)))
	}
	return m
}

// hold has somebody read until the test says otherwise.
func (b *bench) hold(t *testing.T, name, site string) (*tableau.Grant, func()) {
	t.Helper()
	s, err := b.source(identity(name), site)
	if err != nil {
		t.Fatal(err)
	}
	g, err := s.Acquire(t.Context(), nil)
	if err != nil {
		t.Fatal(err)
	}
	return g, func() { s.Release(g) }
}

// live gives the names of those who are impersonated now, and by which token.
func (b *bench) live() map[string]string {
	live := map[string]string{}
	for _, s := range b.sim.Sessions() {
		if s.Impersonated {
			live[s.User] = cmp.Or(s.PAT, "password")
		}
	}
	return live
}

// learn lets two people share each token, so that it is known how many it carries, and ends what
// they had.
func (b *bench) learn(t *testing.T, want overlapMode) {
	t.Helper()
	for i := range len(b.sites[""].signer.(*impersonator).pool.members) + 2 {
		name := fmt.Sprintf("learner%d", i)
		if _, err := b.sim.AddUser("", tableausim.User{Name: name}); err != nil {
			t.Fatal(err)
		}
		b.mustBe(t, name, "")
	}
	if got := b.overlap(t).mode(); got != want {
		t.Fatalf("it was learnt that %v, want %v", got, want)
	}
	for i := range len(b.sites[""].signer.(*impersonator).pool.members) + 2 {
		b.forget(t, fmt.Sprintf("learner%d", i))
	}
	b.eventually(t, "the learners are signed out", func() bool { return len(b.live()) == 0 })
	b.sim.ResetLog()
}

// eventually waits for what happens behind everybody's back.
func (b *bench) eventually(t testing.TB, what string, ok func() bool) {
	t.Helper()
	w := newTokenWait(gracePeriod)
	defer w.stop()
	for first := true; !ok(); first = false {
		if first {
			t.Logf("waiting: %s", what)
		}
		if err := w.next(context.Background()); err != nil {
			t.Fatalf("%s: %v", what, err)
		}
	}
}

func TestTokensCarryOnePersonEach(t *testing.T) {
	t.Parallel()
	b := start(t, tableausim.Config{PATDisplacesImpersonated: true}, by(tokens(4)))
	b.learn(t, overlapDisplaces)
	people := []string{"alice", "bob", "carol"}
	for range 20 {
		for _, name := range people {
			b.mustBe(t, name, "")
		}
	}
	if n := b.sim.Count(impersonated); n != 3 {
		t.Errorf("%d impersonated sign-ins for three people who have a token each", n)
	}
	if live := b.live(); len(live) != 3 {
		t.Errorf("live: %v", live)
	}
	if !strings.Contains(b.log.String(), "this set-up carries 3 people at a time, one per token") {
		t.Errorf("the log does not have the capacity:\n%s", b.log)
	}
}

func TestTokenOfWhomWasServedLongestAgoGoesNext(t *testing.T) {
	t.Parallel()
	b := start(t, tableausim.Config{PATDisplacesImpersonated: true}, by(tokens(4)))
	b.learn(t, overlapDisplaces)
	for _, name := range []string{"alice", "bob", "carol", "alice", "carol"} {
		b.mustBe(t, name, "")
		b.clock.advance(time.Second)
	}
	b.mustBe(t, "kim", "")
	live := b.live()
	if _, there := live["bob"]; there || len(live) != 3 {
		t.Errorf("bob's session was used longest ago; live: %v", live)
	}
}

func TestSessionInUseIsTakenFromNobodyWhileAnotherIsIdle(t *testing.T) {
	t.Parallel()
	b := start(t, tableausim.Config{PATDisplacesImpersonated: true}, by(tokens(3)))
	b.learn(t, overlapDisplaces)
	alice, done := b.hold(t, "alice", "")
	b.clock.advance(time.Minute)
	b.mustBe(t, "bob", "") // used later than alice's, and not in use
	b.clock.advance(time.Minute)
	b.mustBe(t, "carol", "")
	if live := b.live(); live["alice"] == "" || live["carol"] == "" || len(live) != 2 {
		t.Errorf("live: %v", live)
	}
	if live, logged := isAlive(t.Context(), b.client, &session{grant: *alice}); !live || !logged {
		t.Error("alice's session was ended under her read")
	}
	done()
}

func TestWaitForATokenIsBounded(t *testing.T) {
	t.Parallel()
	for _, n := range []int{1, 2, 3} {
		t.Run(fmt.Sprint(n, " tokens"), func(t *testing.T) {
			t.Parallel()
			b := start(t, tableausim.Config{PATDisplacesImpersonated: true}, by(tokens(n)))
			b.learn(t, overlapDisplaces)
			holders := []string{"alice", "bob"}[:max(1, n-1)]
			for _, name := range holders {
				_, done := b.hold(t, name, "")
				defer done()
			}
			b.timeout = 1500 * time.Millisecond // beyond gracePeriod; only now, since all that went before takes what it takes
			_, err := b.whoAmI(t.Context(), identity("carol"), "")
			wantCode(t, err, ErrBusy, "TABLEAU_RATE_LIMITED")
			for _, name := range holders {
				if b.live()[name] == "" {
					t.Errorf("%s's session was ended under a read", name)
				}
			}
		})
	}
}

// TestOverusedSessionGoesToNextInLine has alice read all the time, one read beginning before the
// last one ends.
func TestOverusedSessionGoesToNextInLine(t *testing.T) {
	t.Parallel()
	for _, learnt := range []bool{false, true} {
		b := start(t, tableausim.Config{PATDisplacesImpersonated: true}, by(twoPATs))
		if learnt {
			b.learn(t, overlapDisplaces)
		}
		stop := make(chan struct{})
		var wait sync.WaitGroup
		for range 4 {
			wait.Go(func() {
				for {
					select {
					case <-stop:
						return
					default:
						b.mustBeAt(t, "alice", "")
					}
				}
			})
		}
		for range 3 {
			b.mustBe(t, "bob", "")
		}
		close(stop)
		wait.Wait()
	}
}

func TestTokensGoRoundWhereSessionsLiveSideBySide(t *testing.T) {
	t.Parallel()
	b := start(t, tableausim.Config{}, by(tokens(4)))
	b.learn(t, overlapAllowed)
	for _, name := range []string{"alice", "bob", "carol", "kim", "Kim", "chen.wei"} {
		b.mustBe(t, name, "")
	}
	per := map[string]int{}
	for _, pat := range b.live() {
		per[pat]++
	}
	if len(per) != 3 || per["vitrine-2"] != 2 || per["vitrine-3"] != 2 || per["vitrine-4"] != 2 {
		t.Errorf("people per token: %v", per)
	}
	if !strings.Contains(b.log.String(), "any number of people") {
		t.Errorf("the log has no warning:\n%s", b.log)
	}
	if n := b.sim.Count("GET sessions/current"); n != 0 {
		t.Errorf("%d looks at sessions when it is known", n)
	}
}

func TestOneExperimentTellsAndNoReaderNotices(t *testing.T) {
	t.Parallel()
	for name, simulator := range displacements {
		for _, n := range []int{1, 2, 4} {
			t.Run(fmt.Sprint(name, " ", n), func(t *testing.T) {
				t.Parallel()
				simulator := simulator
				simulator.Latency = time.Millisecond
				b := start(t, simulator, by(tokens(n)))
				if failed := sideBySide(t, b, 15, []string{"alice", "bob", "carol", "kim", "Kim", "chen.wei", "luc.moreau"}); failed != 0 {
					t.Errorf("%d reads failed", failed)
				}
				want := overlapAllowed
				if simulator.PATDisplacesImpersonated {
					want = overlapDisplaces
				}
				if got := b.overlap(t).mode(); got != want {
					t.Errorf("it was learnt that %v, want %v", got, want)
				}
				if most := 8 * n; b.sim.Count("GET sessions/current") > most {
					t.Errorf("%d looks at sessions", b.sim.Count("GET sessions/current"))
				}
				if n := b.sim.Count(impersonated); want == overlapAllowed && n > 7 {
					t.Errorf("%d impersonated sign-ins for seven people", n)
				}
			})
		}
	}
}

func TestBadTokenLeavesItsPeopleToTheOthers(t *testing.T) {
	t.Parallel()
	for _, displaces := range []bool{false, true} {
		b := start(t, tableausim.Config{PATDisplacesImpersonated: displaces}, by(tokens(4)))
		b.sim.ExpirePAT("vitrine-3")
		for range 3 {
			for _, name := range []string{"alice", "bob", "carol", "kim", "Kim"} {
				b.mustBe(t, name, "")
			}
		}
		for name, pat := range b.live() {
			if pat == "vitrine-3" {
				t.Errorf("%s is signed in with a token that has ended", name)
			}
		}
		if !strings.Contains(b.log.String(), `personal access token \"vitrine-3\"`) {
			t.Error("the log has no warning")
		}
		b.sim.ExpirePAT("vitrine-2")
		b.sim.ExpirePAT("vitrine-4")
		b.sim.EndSessions(nil)
		_, err := b.whoAmI(t.Context(), identity("alice"), "")
		wantCode(t, err, ErrSignIn, "TABLEAU_SIGN_IN_FAILED")
	}
}

func TestOtherProcessWithTheSameTokenIsReported(t *testing.T) {
	t.Parallel()
	steal := func(t *testing.T, b *bench, pat string, as *auth.Identity) {
		t.Helper()
		var luid tableau.LUID
		if as != nil {
			luid = tableau.LUID(b.sim.UserID("", as.Username))
		}
		with := tableau.Credentials{TokenName: pat, TokenSecret: tableau.NewSecret("secret of " + pat)}
		g, err := b.client.SignIn(context.Background(), with, "", luid)
		if err != nil {
			t.Fatal(err)
		}
		t.Cleanup(func() { _ = b.client.SignOut(context.Background(), g) })
	}
	for name, c := range map[string]struct {
		displaces bool
		pat       string
		after     time.Duration
		want      bool
	}{
		"an impersonating token":                {true, "vitrine-2", time.Second, true},
		"the look-up token":                     {false, "vitrine-1", time.Second, true},
		"an impersonating token, an hour later": {true, "vitrine-2", time.Hour, false},
		"the look-up token, an hour later":      {false, "vitrine-1", time.Hour, false},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			b := start(t, tableausim.Config{PATDisplacesImpersonated: c.displaces}, by(twoPATs))
			for range 3 {
				b.mustBe(t, "alice", "")
				b.clock.advance(c.after)
				steal(t, b, c.pat, identity("carol"))
				b.mustBe(t, "alice", "") // never an error
				b.mustBe(t, "bob", "")   // looked up
				b.sim.EndSessions(func(s tableausim.SessionInfo) bool { return s.User == "bob" })
				b.forget(t, "bob")
				b.sites[""].signer.(*impersonator).luids.Delete(person{identity("bob").Issuer, identity("bob").Subject, "bob"})
			}
			if n := strings.Count(b.log.String(), "another process uses personal access token"); c.want && n != 1 || !c.want && n != 0 {
				t.Errorf("reported %d times:\n%s", n, b.log)
			}
		})
	}
}
