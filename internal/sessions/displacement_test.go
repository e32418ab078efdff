package sessions

import (
	"fmt"
	"sync"
	"testing"
	"time"

	"vitrine/internal/tableau"
	"vitrine/internal/tableausim"
)

// displacements are what a sign-in with a personal access token may end: nothing, the token's own session, impersonated ones too.
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
				if n := b.sim.Count(impersonated); n < 6 || n > 6*4 {
					t.Errorf("%d impersonated sign-ins for six owners in four rounds", n)
				}
			})
		}
	}
}

// TestLookUpsOnManySitesShareOneToken has service sessions of one token displace each other: nobody may lose in that race.
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
						if got, err := b.whoAmI(t.Context(), person(name), site); err != nil || got != name {
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

// TestTokensThatDisplaceEverythingNeverMixPeopleUp asks side by side for what cannot live side by side.
func TestTokensThatDisplaceEverythingNeverMixPeopleUp(t *testing.T) {
	t.Parallel()
	for _, m := range []Method{onePAT, twoPATs} {
		t.Run(m.String(), func(t *testing.T) {
			t.Parallel()
			b := start(t, tableausim.Config{PATDisplacesImpersonated: true}, by(m))
			var wait sync.WaitGroup
			for _, name := range []string{"alice", "bob", "carol"} {
				wait.Go(func() {
					for range 20 {
						got, err := b.whoAmI(t.Context(), person(name), "")
						if err != nil && !tableau.IsKind(err, tableau.SignedOut) {
							t.Errorf("%s: %v", name, err)
						}
						if err == nil && got != name {
							t.Errorf("%s is %q", name, got)
						}
					}
				})
			}
			wait.Wait()
			if n := b.sim.Count(impersonated); n > 3*20*2+3 {
				t.Errorf("%d sign-ins: that is a loop", n)
			}
		})
	}
}
