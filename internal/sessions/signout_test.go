package sessions

import (
	"net/http"
	"strings"
	"testing"
	"time"

	"vitrine/internal/tableau"
	"vitrine/internal/tableausim"
)

// Few sign-outs run side by side, and only one that fails is logged.
func TestSignOutsRunAFewAtATime(t *testing.T) {
	t.Parallel()
	for _, fails := range []bool{false, true} {
		b := start(t, tableausim.Config{}, nil)
		gate := make(chan struct{})
		signingOut := func(r *http.Request) bool { return strings.HasSuffix(r.URL.Path, "/auth/signout") }
		b.sim.Fault(tableausim.Fault{Match: func(r *http.Request) bool {
			if signingOut(r) {
				<-gate
			}
			return false
		}})
		if fails {
			b.sim.Fault(tableausim.Fault{Kind: tableausim.Drop, Match: signingOut})
		}
		for range 3 * maxSignOuts {
			b.signOuts.discard(&tableau.Grant{Token: tableau.NewSecret("token")})
		}
		b.signOuts.mu.Lock()
		if b.signOuts.workers != maxSignOuts {
			t.Errorf("%d sign-outs run side by side, want %d", b.signOuts.workers, maxSignOuts)
		}
		b.signOuts.mu.Unlock()
		close(gate)
		b.quiet(t)
		if n := strings.Count(b.log.String(), "could not be signed out"); (n > 0) != fails {
			t.Errorf("fails %t: %d sign-outs are logged", fails, n)
		}
	}
}

// The service session is used until it might have ended.
func TestServiceSessionIsUsedUntilItMightHaveEnded(t *testing.T) {
	t.Parallel()
	c := newClock()
	s := &service{renewAfter: time.Hour, now: c.now, grant: &tableau.Grant{}, used: c.now()}
	for range 3 {
		if c.advance(time.Hour - 1); s.current() == nil {
			t.Error("not used although somebody used it within the limit")
		}
	}
	if c.advance(time.Hour); s.current() != nil {
		t.Error("used at the limit")
	}
}
