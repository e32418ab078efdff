package sessions

import (
	"testing"
	"time"

	"vitrine/internal/tableausim"
)

// sessionsOf counts at the stand-in whose sessions live.
func (b *bench) sessionsOf(name string) (theirs, others int) {
	for _, s := range b.sim.Sessions() {
		if s.Impersonated && s.User == name {
			theirs++
		} else {
			others++
		}
	}
	return theirs, others
}

// quiet waits until nothing is being signed out.
func (b *bench) quiet(t testing.TB) {
	t.Helper()
	b.eventually(t, "nothing is being signed out", func() bool {
		b.signOuts.mu.Lock()
		defer b.signOuts.mu.Unlock()
		return b.signOuts.workers == 0
	})
}

// forgetCounting logs a person out and gives how many sessions were signed out because of it.
func (b *bench) forgetCounting(t testing.TB, name string) int {
	t.Helper()
	b.quiet(t)
	before := b.sim.Count(signOut)
	b.forget(t, name)
	b.quiet(t)
	return b.sim.Count(signOut) - before
}

func TestForgetEndsAllSessionsOfOnePerson(t *testing.T) {
	t.Parallel()
	for _, m := range []Method{password, onePAT, tokens(4)} {
		t.Run(m.String(), func(t *testing.T) {
			t.Parallel()
			b := start(t, tableausim.Config{}, by(m))
			b.mustBe(t, "alice", "")
			b.mustBe(t, "alice", "marketing")
			b.mustBe(t, "bob", "")
			b.eventually(t, "the cache has them", func() bool {
				b.store.mu.Lock()
				defer b.store.mu.Unlock()
				return len(b.store.pending) == 0
			})
			alice, others := b.sessionsOf("alice")
			if alice != 2 {
				t.Fatalf("alice has %d sessions on two sites", alice)
			}
			for _, want := range []int{2, 0} { // the second time there is nothing to end
				if got := b.forgetCounting(t, "alice"); got != want {
					t.Errorf("%d sessions were signed out, want %d", got, want)
				}
				if alice, left := b.sessionsOf("alice"); alice != 0 || left != others {
					t.Errorf("alice has %d sessions, and everybody else %d of %d", alice, left, others)
				}
			}
			b.sim.ResetLog()
			b.mustBe(t, "bob", "")
			b.mustBe(t, "alice", "")
			if n := b.sim.Count(impersonated); n != 1 {
				t.Errorf("%d sign-ins: alice once, bob not", n)
			}
		})
	}
}

func TestForgetEndsSessionsThatAreBeingOpened(t *testing.T) {
	t.Parallel()
	b := start(t, tableausim.Config{Latency: 5 * time.Millisecond}, nil)
	asked := make(chan error)
	go func() { asked <- b.Access(t.Context(), identity("alice"), "") }()
	b.eventually(t, "the sign-in is under way", func() bool {
		b.mu.Lock()
		defer b.mu.Unlock()
		return len(b.calls) == 1
	})
	b.forget(t, "alice")
	if err := <-asked; err != nil {
		t.Errorf("who waited was refused: %v", err)
	}
	b.quiet(t)
	if alice, others := b.sessionsOf("alice"); alice != 0 || others != 1 { // the service session
		t.Errorf("alice has %d sessions, everybody else %d", alice, others)
	}
	if n := b.sim.Count(signOut); n != 1 {
		t.Errorf("%d sessions were signed out, want the one that was being opened", n)
	}
	if n := b.forgetCounting(t, "alice"); n != 0 {
		t.Errorf("a second time %d sessions were signed out", n)
	}
}

func TestForgetLetsReadersFinish(t *testing.T) {
	t.Parallel()
	b := start(t, tableausim.Config{}, nil)
	g, done := b.hold(t, "alice", "")
	b.forget(t, "alice")
	if live, _ := isAlive(t.Context(), b.client, &session{grant: *g}); !live {
		t.Error("the session was ended under its reader")
	}
	other, doneToo := b.hold(t, "alice", "")
	if other.Token.Reveal() == g.Token.Reveal() {
		t.Error("a forgotten session was given again")
	}
	doneToo()
	done()
	b.eventually(t, "the forgotten session is signed out", func() bool {
		live, _ := isAlive(t.Context(), b.client, &session{grant: *g})
		return !live
	})
}
