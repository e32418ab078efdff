package sessions

import (
	"fmt"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"vitrine/internal/tableau"
	"vitrine/internal/tableausim"
)

// displacements are what a sign-in with a personal access token may end: nothing, the token's own
// session, impersonated ones too.
var displacements = map[string]tableausim.Config{
	"nothing":                    {PATsMayOverlap: true},
	"its own session":            {},
	"impersonated sessions too":  {PATDisplacesImpersonated: true},
	"only impersonated sessions": {PATDisplacesImpersonated: true, PATsMayOverlap: true},
}

func TestTokensThatDisplaceSessionsGiveRightAnswersInTurn(t *testing.T) {
	t.Parallel()
	for name, simulator := range displacements {
		for _, m := range []Method{onePAT, twoPATs} {
			t.Run(name+" "+m.String(), func(t *testing.T) {
				t.Parallel()
				b := start(t, simulator, by(m))
				for range 4 {
					for _, site := range []string{"", "marketing", "finance"} {
						b.mustBe(t, "carol", site)
					}
					b.mustBe(t, "alice", "")
					b.mustBe(t, "bob", "")
					b.mustBe(t, "alice", "marketing")
				}
				if n := b.sim.Count(impersonated); n < 6 || n > 6*4+1 {
					t.Errorf("%d impersonated sign-ins for six owners in four rounds", n)
				}
			})
		}
	}
}

// TestLookUpsOnManySitesShareOneToken has service sessions of one token displace each other: nobody
// may lose in that race.
func TestLookUpsOnManySitesShareOneToken(t *testing.T) {
	t.Parallel()
	for _, m := range []Method{onePAT, twoPATs} {
		t.Run(m.String(), func(t *testing.T) {
			t.Parallel()
			b := start(t, tableausim.Config{Latency: time.Millisecond}, by(m))
			var wait sync.WaitGroup
			for i := range 20 {
				name := fmt.Sprintf("user%03d", i)
				for _, site := range b.Sites() {
					if _, err := b.sim.AddUser(site, tableausim.User{Name: name}); err != nil {
						t.Fatal(err)
					}
					wait.Go(func() {
						if got, err := b.whoAmI(t.Context(), identity(name), site); err != nil || got != name {
							t.Errorf("%s on %q is %q, %v", name, site, got, err)
						}
					})
				}
			}
			wait.Wait()
			if n := b.sim.Count(impersonated); n != 60 {
				t.Errorf("%d impersonated sign-ins for 60 owners", n)
			}
			t.Logf("%d service sign-ins, %d look-ups", b.sim.Count(plainSignIn), b.sim.Count(lookUp))
		})
	}
}

// TestPeopleTakeTurnsOnceTokensAreSeenToDisplaceSessions asks side by side for what cannot live
// side by side. While that is found out a reader's session may end once, and is renewed; from then
// on none does.
func TestPeopleTakeTurnsOnceTokensAreSeenToDisplaceSessions(t *testing.T) {
	t.Parallel()
	for _, m := range []Method{onePAT, twoPATs} {
		t.Run(m.String(), func(t *testing.T) {
			t.Parallel()
			b := start(t, tableausim.Config{PATDisplacesImpersonated: true, Latency: time.Millisecond}, by(m))
			if failed := sideBySide(t, b, 10, []string{"alice", "bob", "carol"}); failed != 0 {
				t.Errorf("%d reads failed until it was found out", failed)
			}
			if b.overlap(t).mode() != overlapDisplaces {
				t.Fatal("it was not found out")
			}
			b.sim.ResetLog()
			if failed := sideBySide(t, b, 20, []string{"alice", "bob", "carol", "kim", "Kim"}); failed != 0 {
				t.Errorf("%d reads failed", failed)
			}
			if n := b.sim.Count(impersonated); n > 2*5*20 {
				t.Errorf("%d sign-ins for %d reads: that is a loop", n, 5*20)
			}
			for _, call := range b.sim.Log() {
				if call.Code == "401002" && call.Template == oneUser {
					t.Error("a session was ended under its reader")
				}
			}
			if !strings.Contains(b.log.String(), "people take turns") {
				t.Error("the log has no warning")
			}
		})
	}
}

// sideBySide lets people read at the same time and gives how many reads ended in a session that was
// gone. All other errors, and answers of somebody else, fail the test.
func sideBySide(t *testing.T, b *bench, times int, people []string) int64 {
	var wait sync.WaitGroup
	var failed atomic.Int64
	for _, name := range people {
		wait.Go(func() {
			for range times {
				got, err := b.whoAmI(t.Context(), identity(name), "")
				switch {
				case tableau.IsKind(err, tableau.SignedOut):
					failed.Add(1)
				case err != nil || got != name:
					t.Errorf("%s is %q, %v", name, got, err)
				}
			}
		})
	}
	wait.Wait()
	return failed.Load()
}

func TestSessionsThatAllEndAreNotTakenForDisplaced(t *testing.T) {
	t.Parallel()
	b := start(t, tableausim.Config{}, by(twoPATs))
	people := []string{"alice", "bob", "carol", "kim"}
	for range 10 {
		for _, name := range people {
			b.mustBe(t, name, "")
		}
		b.sim.EndSessions(nil)
	}
	for _, name := range people {
		b.mustBe(t, name, "")
	}
	if known := b.overlap(t).mode(); known != overlapAllowed {
		t.Errorf("after restarts of Tableau the mode is %v", known)
	}
	if n := b.sim.Count("GET sessions/current"); n > 4 {
		t.Errorf("%d looks at sessions", n)
	}
}

func (b *bench) overlap(t *testing.T) *overlapDetector {
	t.Helper()
	return b.sites[b.names[0]].signer.(*impersonator).pool.overlap
}
