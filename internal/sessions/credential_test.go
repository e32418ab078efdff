package sessions

import (
	"strings"
	"sync"
	"testing"
	"time"

	"vitrine/internal/tableau"
	"vitrine/internal/tableausim"
)

func badPassword() Password {
	return Password{Name: "admin", Password: tableau.NewSecret("marked-secret")}
}

func TestBadCredentialIsNotHammered(t *testing.T) {
	t.Parallel()
	for _, m := range []Method{badPassword(), PAT{Tokens: []Token{{Name: "vitrine-1", Secret: tableau.NewSecret("marked-secret")}}}} {
		t.Run(m.String(), func(t *testing.T) {
			t.Parallel()
			b := start(t, tableausim.Config{}, by(m))
			ask := func() {
				t.Helper()
				var wait sync.WaitGroup
				for _, name := range []string{"alice", "bob", "carol", "kim", "Kim"} {
					for range 20 {
						wait.Go(func() { wantCode(t, b.Access(t.Context(), identity(name), ""), ErrSignIn, "TABLEAU_SIGN_IN_FAILED") })
					}
				}
				wait.Wait()
			}
			tries := 0
			for _, pause := range []time.Duration{30 * time.Second, time.Minute, 2 * time.Minute, 4 * time.Minute, 5 * time.Minute, 5 * time.Minute} {
				ask()
				tries++
				b.clock.advance(pause - time.Second)
				ask()
				wantCounts(t, b, map[string]int{plainSignIn: tries})
				b.clock.advance(time.Second)
			}
			if strings.Contains(b.log.String(), "marked-secret") {
				t.Error("the log holds the secret")
			}
			if n := strings.Count(b.log.String(), "level=ERROR"); n != tries {
				t.Errorf("it was logged %d times, want %d:\n%s", n, tries, b.log.String())
			}
		})
	}
}

func TestBadCredentialRestsOnAllSitesAfterThreeRefusals(t *testing.T) {
	t.Parallel()
	b := start(t, tableausim.Config{}, func(c *Config) {
		c.Sites = nil
		for _, site := range []string{"", "marketing", "finance", "a", "b", "c"} {
			c.Sites = append(c.Sites, Site{site, badPassword()})
		}
	})
	var wait sync.WaitGroup
	for _, site := range b.Sites() {
		wait.Go(func() {
			wantCode(t, b.Access(t.Context(), identity("carol"), site), ErrSignIn, "TABLEAU_SIGN_IN_FAILED")
		})
	}
	wait.Wait()
	wantCounts(t, b, map[string]int{plainSignIn: sitesToTry})
}

func TestWrongSiteDoesNotStopTheOthers(t *testing.T) {
	t.Parallel()
	b := start(t, tableausim.Config{}, func(c *Config) { c.Sites = append(c.Sites, Site{"mistyped", password}) })
	for range 10 {
		wantCode(t, b.Access(t.Context(), identity("carol"), "mistyped"), ErrSignIn, "TABLEAU_SIGN_IN_FAILED")
		b.mustBe(t, "carol", "")
		b.mustBe(t, "carol", "marketing")
		b.clock.advance(10 * time.Minute)
	}
}

func TestLiveSessionsGoOnWhenTheCredentialGoesBad(t *testing.T) {
	t.Parallel()
	secret := tableausim.Config{}
	b := start(t, secret, by(twoPATs))
	b.mustBe(t, "alice", "")
	b.mustBe(t, "bob", "") // bob's LUID is known from now on
	b.sim.EndSessions(func(s tableausim.SessionInfo) bool { return s.User == "bob" })
	signer := b.sites[""].signer.(*impersonator)
	good := signer.pool.members[0].take
	signer.pool.members[0].take = func() tableau.Credentials {
		return tableau.Credentials{TokenName: "vitrine-2", TokenSecret: tableau.NewSecret("changed")}
	}
	for range 50 {
		_, err := b.whoAmI(t.Context(), identity("bob"), "")
		wantCode(t, err, ErrSignIn, "TABLEAU_SIGN_IN_FAILED")
		b.mustBe(t, "alice", "")
	}
	wantCounts(t, b, map[string]int{plainSignIn: 2, lookUp: 2, impersonated: 3}) // bob refused, then the credential alone
	signer.pool.members[0].take = good
	b.clock.advance(firstPause)
	b.mustBe(t, "bob", "")
}

func TestCredentialThatGoesBadCostsOneFailureNotOnePerUser(t *testing.T) {
	t.Parallel()
	b := start(t, tableausim.Config{Latency: 2 * time.Millisecond}, nil)
	people := []string{"alice", "bob", "carol", "kim", "Kim", "tom.becker", "sofia.rossi", "chen.wei", "luc.moreau", "noah.davis"}
	for _, name := range people {
		b.mustBe(t, name, "")
	}
	b.sim.EndSessions(func(s tableausim.SessionInfo) bool { return s.Impersonated })
	signer := b.sites[""].signer.(*impersonator)
	signer.pool.members[0].take = func() tableau.Credentials {
		return tableau.Credentials{Name: "admin", Password: tableau.NewSecret("changed")}
	}
	b.clock.advance(2 * trust)
	b.sim.ResetLog()
	var wait sync.WaitGroup
	for _, name := range people {
		wait.Go(func() {
			_, err := b.whoAmI(t.Context(), identity(name), "")
			wantCode(t, err, ErrSignIn, "TABLEAU_SIGN_IN_FAILED")
		})
	}
	wait.Wait()
	wantCounts(t, b, map[string]int{plainSignIn: 1, impersonated: 1})
}

func TestServiceAccountWithoutRightsIsTheOperatorsMatter(t *testing.T) {
	t.Parallel()
	for name, account := range map[string]string{"no administrator": "alice", "administrator of the site only": "carol"} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			b := start(t, tableausim.Config{}, by(Password{Name: account, Password: tableau.NewSecret(account)}))
			for range 20 {
				wantCode(t, b.Access(t.Context(), identity("bob"), ""), ErrSignIn, "TABLEAU_SIGN_IN_FAILED")
			}
			if n := b.sim.Count(plainSignIn) + b.sim.Count(impersonated) + b.sim.Count(lookUp); n > 3 {
				t.Errorf("%d calls to Tableau", n)
			}
			if !strings.Contains(b.log.String(), "server administrator") {
				t.Errorf("the log does not help: %s", b.log.String())
			}
		})
	}
}
