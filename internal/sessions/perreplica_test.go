package sessions

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"strings"
	"sync"
	"testing"
	"time"

	"vitrine/internal/tableau"
	"vitrine/internal/tableausim"
)

// learn lets each replica find out how many sessions a token carries, and ends what that took.
func (f *replicas) learn(t *testing.T, want overlapMode) {
	t.Helper()
	for i, b := range f.replicas {
		members := len(b.sites[""].signer.(*impersonator).pool.members)
		for j := range members + 2 {
			name := fmt.Sprintf("learner%d of replica %d", j, i)
			if _, err := f.sim.AddUser("", tableausim.User{Name: name}); err != nil {
				t.Fatal(err)
			}
			mustBe(t, b, name)
		}
		if got := b.sites[""].signer.(*impersonator).pool.overlap.mode(); got != want {
			t.Fatalf("replica %d has learnt that %v, want %v", i, got, want)
		}
		for j := range members + 2 {
			if err := b.Forget(t.Context(), identity(fmt.Sprintf("learner%d of replica %d", j, i)), time.Now()); err != nil {
				t.Fatal(err)
			}
		}
	}
	f.eventually(t, "the learners are signed out", func() bool { return len(f.live()) == 0 })
	f.sim.ResetLog()
}

// startDisplacing starts n replicas with two tokens each, one session of which ends the one before.
func startDisplacing(t *testing.T, n int) *replicas {
	t.Helper()
	f := startReplicas(t, 1, tableausim.Config{PATDisplacesImpersonated: true}, by(twoPATs))
	f.perReplica.Store(true)
	for i := range n - 1 {
		f.another(t, by(f.ownTokens(t, twoPATs, i)))
	}
	return f
}

// take holds a session of somebody in one replica.
func take(t *testing.T, b *Broker, name string) (*source, *tableau.Grant) {
	t.Helper()
	s, err := b.source(identity(name), "")
	if err != nil {
		t.Fatal(err)
	}
	g, err := s.Acquire(t.Context(), nil)
	if err != nil {
		t.Fatal(err)
	}
	return s, g
}

func (f *replicas) mustLive(t *testing.T, g *tableau.Grant, want bool, what string) {
	t.Helper()
	if live, logged := isAlive(context.WithoutCancel(t.Context()), f.client, &session{grant: *g}); !logged || live != want {
		t.Errorf("%s: it lives: %v, want %v", what, live, want)
	}
}

// Where a token holds one session at a time, a replica that needs a token ends its session: another
// replica that read with it would be disturbed whenever that happens.
func TestSessionsOfTokensThatHoldOneStayWithTheirReplica(t *testing.T) {
	t.Parallel()
	f := startDisplacing(t, 2)
	f.learn(t, overlapDisplaces)
	mustBe(t, f.replicas[0], "alice")
	s, g := take(t, f.replicas[1], "alice")
	defer s.Release(g)
	for range 3 {
		mustBe(t, f.replicas[0], "bob") // with the one token that the first replica impersonates with
		f.mustLive(t, g, true, "alice reads at the second replica")
		mustBe(t, f.replicas[0], "alice")
	}
	if n := len(f.redis.names(t, prefixSession)); n != 0 {
		t.Errorf("%d sessions are in the store", n)
	}
	if strings.Contains(f.log.String(), "another process") {
		t.Errorf("a replica is taken for another process:\n%s", f.log)
	}
}

// One session may end under a read: it is renewed. The second must not come from a replica that is
// about to end it too.
func TestReadThatLostASessionGetsOneOfItsOwnReplica(t *testing.T) {
	t.Parallel()
	f := startDisplacing(t, 2)
	mustBe(t, f.replicas[0], "alice")
	s, g := take(t, f.replicas[1], "alice")
	f.wantSignIns(t, 1)               // nothing is known of the tokens yet, and the session is shared
	mustBe(t, f.replicas[0], "bob")   // which is how the first replica finds out
	mustBe(t, f.replicas[0], "alice") // signed in again
	f.mustLive(t, g, false, "the session that was shared")
	own, err := s.Acquire(t.Context(), g)
	if err != nil {
		t.Fatal(err)
	}
	mustBe(t, f.replicas[0], "bob")
	f.mustLive(t, own, true, "the session that alice reads with instead")
	s.Release(g)
	s.Release(own)
}

// As long as nothing is known, a death may have been a displacement: who has met one gets nothing
// that another replica may yet displace.
func TestReplicasGoApartOnceASessionDied(t *testing.T) {
	t.Parallel()
	f := startDisplacing(t, 2)
	mustBe(t, f.replicas[0], "alice")
	s, g := take(t, f.replicas[1], "alice")
	f.sim.EndSessions(func(i tableausim.SessionInfo) bool { return i.User == "alice" })
	mustBe(t, f.replicas[0], "alice")
	own, err := s.Acquire(t.Context(), g)
	if err != nil {
		t.Fatal(err)
	}
	mustBe(t, f.replicas[0], "bob") // ends alice's session there
	f.mustLive(t, own, true, "the session that alice reads with instead")
	s.Release(g)
	s.Release(own)
}

// TestReplicasWithTokensThatHoldOneSessionDisturbNobody begins with nothing known, and has more
// people than tokens in every replica.
func TestReplicasWithTokensThatHoldOneSessionDisturbNobody(t *testing.T) {
	t.Parallel()
	f := startDisplacing(t, 3)
	people := []string{"alice", "bob", "carol", "kim"}
	var wait sync.WaitGroup
	for i, b := range f.replicas {
		for j := range 3 {
			wait.Go(func() {
				for n := range 12 {
					name := people[(i+j+n)%len(people)]
					if got, err := who(t.Context(), b, name); err != nil || got != name {
						t.Errorf("%s at replica %d is %q, %v", name, i, got, err)
					}
				}
			})
		}
	}
	wait.Wait()
}

// A session that died while the store did not answer is still stored when it answers again.
func TestSessionThatDiedWhileTheStoreWasAwayIsNotGivenAgain(t *testing.T) {
	t.Parallel()
	f := startReplicas(t, 1, tableausim.Config{}, nil)
	b := f.another(t, func(c *Config) {
		shared := *c.Redis
		shared.Timeout = 0
		c.Redis = &shared
	})
	mustBe(t, b, "alice")
	f.redis.halt()
	f.sim.EndSessions(func(s tableausim.SessionInfo) bool { return s.User == "alice" })
	mustBe(t, b, "alice")
	f.wantSignIns(t, 2)
	f.redis.resume()
	src, err := b.source(identity("alice"), "")
	if err != nil {
		t.Fatal(err)
	}
	eventually(t, "the live session is published", func() bool {
		mustBe(t, b, "alice")
		s := b.peek(src.key, &src.owner)
		return s.origin.Load() == originPublished && !s.stale()
	})
	mustBe(t, f.replicas[0], "alice")
	f.wantSignIns(t, 2)
}

func slowSignIns(d time.Duration) tableausim.Fault {
	return tableausim.Fault{Kind: tableausim.Slow, Delay: d, Match: func(r *http.Request) bool { return strings.HasSuffix(r.URL.Path, "/auth/signin") }}
}

func TestLogoutEndsSessionThatAnotherReplicaIsOpening(t *testing.T) {
	t.Parallel()
	f := startReplicas(t, 2, tableausim.Config{}, nil)
	mustBe(t, f.replicas[1], "bob")                           // the service session is there
	f.replicas[0].shared.(*redisSessions).grace = time.Minute // it is the other's to end
	defer f.sim.Fault(slowSignIns(500 * time.Millisecond))()
	asked := make(chan error)
	go func() { asked <- f.replicas[1].Access(t.Context(), identity("alice"), "") }()
	eventually(t, "the sign-in is under way", func() bool { return len(f.redis.names(t, prefixLock)) == 1 })
	if err := f.replicas[0].Forget(t.Context(), identity("alice"), time.Now()); err != nil {
		t.Fatal(err)
	}
	if err := <-asked; err != nil {
		t.Errorf("who waited was refused: %v", err)
	}
	eventually(t, "alice is signed out", func() bool { return f.live()["alice"] == "" })
	if f.live()["bob"] == "" {
		t.Error("bob was signed out too")
	}
}

// A session outlives the replica that made it, so that the next one finds it. A logout ends it too.
func TestLogoutEndsWhatLiesInTheStoreAndNoReplicaHas(t *testing.T) {
	t.Parallel()
	f := startReplicas(t, 1, tableausim.Config{}, nil)
	mustBe(t, f.replicas[0], "alice")
	mustBe(t, f.replicas[0], "bob")
	if err := f.replicas[0].Close(t.Context()); err != nil {
		t.Fatal(err)
	}
	late := f.another(t, nil)
	late.shared.(*redisSessions).grace = time.Millisecond
	if err := late.Forget(t.Context(), identity("alice"), time.Now()); err != nil {
		t.Fatal(err)
	}
	eventually(t, "alice is signed out", func() bool { return f.live()["alice"] == "" })
	if f.live()["bob"] == "" || len(f.redis.names(t, prefixSession)) != 1 {
		t.Errorf("live: %v; in the store: %q", f.live(), f.redis.names(t, prefixSession))
	}
}

func TestLogoutEndsNothingUnderAReadInAnotherReplica(t *testing.T) {
	t.Parallel()
	f := startReplicas(t, 2, tableausim.Config{}, nil)
	published := f.replicas[0].shared.(*redisSessions)
	published.grace = 100 * time.Millisecond
	s, g := take(t, f.replicas[1], "alice")
	if err := f.replicas[0].Forget(t.Context(), identity("alice"), time.Now()); err != nil {
		t.Fatal(err)
	}
	eventually(t, "the other replica has taken it out", func() bool { return len(f.redis.names(t, prefixSession)) == 0 })
	published.working.Wait() // until it has looked for what nobody has
	f.mustLive(t, g, true, "the session that is being read with")
	s.Release(g)
	eventually(t, "alice is signed out", func() bool { return f.live()["alice"] == "" })
}

// panickingStore fails in the worst way once a session is open.
type panickingStore struct{ localStore }

func (panickingStore) obtain(_ context.Context, by *opener, _ *session) (*session, error) {
	if _, err := by.open(); err != nil {
		return nil, err
	}
	panic("marked-secret of a panic")
}

func TestPanicAfterASignInLeaksNoSessionAndKeepsNoToken(t *testing.T) {
	t.Parallel()
	for _, m := range []Method{password, onePAT, twoPATs} {
		b := start(t, tableausim.Config{PATDisplacesImpersonated: true}, by(m))
		well := b.shared
		b.shared = panickingStore{}
		if err := b.Access(t.Context(), identity("alice"), ""); !errors.Is(err, ErrUnavailable) || strings.Contains(fmt.Sprintf("%v %+v %#v", err, err, err), "marked") {
			t.Errorf("%v: %v", m, err)
		}
		b.quiet(t)
		if n, _ := b.sessionsOf("alice"); n != 0 {
			t.Errorf("%v: %d sessions are left", m, n)
		}
		b.shared = well
		b.mustBe(t, "bob", "")
		if text := b.log.String(); !strings.Contains(text, "panic during sign-in") || strings.Contains(text, "marked-secret") {
			t.Errorf("%v: the log:\n%s", m, text)
		}
	}
}
