package sessions

import (
	"fmt"
	"sync"
	"testing"
	"time"

	"vitrine/internal/tableau"
)

// storeBench is a store without a broker: it counts what it retires.
type storeBench struct {
	*store
	clock *clock

	mu      sync.Mutex
	retired map[*session]int
}

func newTestStore(t *testing.T, limit int, hash func(owner) uint64) *storeBench {
	t.Helper()
	s := &storeBench{clock: newClock(), retired: map[*session]int{}}
	var err error
	s.store, err = newStore(limit, time.Hour, s.clock.now, func(gone *session) {
		s.mu.Lock()
		defer s.mu.Unlock()
		if gone.retire() {
			s.retired[gone]++
		}
	})
	if err != nil {
		t.Fatal(err)
	}
	if hash != nil {
		s.hash = hash
	}
	t.Cleanup(s.closeOnce)
	return s
}

func (s *storeBench) closeOnce() {
	if !s.closed {
		s.close()
	}
}

func (s *storeBench) make(user string) *session {
	o := owner{issuer: "i", subject: user, user: user}
	made := newSession(o, s.hash(o), &tableau.Grant{UserLUID: tableau.LUID(user)}, s.clock.now())
	s.add(made)
	return made
}

func (s *storeBench) find(user string) *session {
	o := owner{issuer: "i", subject: user, user: user}
	found := s.take(s.hash(o), &o)
	if found != nil {
		found.dropUser()
	}
	return found
}

func (s *storeBench) settleAll() {
	for range 4 { // a replaced session is noticed one round later
		s.settle()
	}
}

func TestNewcomerIsFoundBeforeTheCacheHasIt(t *testing.T) {
	t.Parallel()
	s := newTestStore(t, 100, nil)
	for i := range 50 {
		name := fmt.Sprint("user", i)
		if made := s.make(name); s.find(name) != made {
			t.Fatalf("%s is lost", name)
		}
	}
	s.settleAll()
	if len(s.pending) != 0 {
		t.Errorf("%d newcomers are left although the cache has room", len(s.pending))
	}
	for i := range 50 {
		if s.find(fmt.Sprint("user", i)) == nil {
			t.Errorf("user%d is lost", i)
		}
	}
}

func TestFullStoreLosesNobodyWhoWasJustMadeAndRetiresTheRest(t *testing.T) {
	t.Parallel()
	s := newTestStore(t, 50, nil)
	var all []*session
	for i := range 1000 {
		name := fmt.Sprint("user", i)
		s.clock.advance(time.Millisecond)
		made := s.make(name)
		all = append(all, made)
		s.settle()
		if got := s.find(name); got != made {
			t.Fatalf("%s is lost right after it was made", name)
		}
	}
	s.settleAll()
	s.clock.advance(2 * patience)
	s.settleAll()
	found := 0
	for i, made := range all {
		kept := s.find(fmt.Sprint("user", i)) == made
		if kept == (s.retired[made] == 1) {
			t.Errorf("user%d: kept %t, retired %d times", i, kept, s.retired[made])
		}
		if kept {
			found++
		}
	}
	if found > 50 || found < 40 {
		t.Errorf("%d sessions are kept in a store of 50", found)
	}
	if len(s.pending) != 0 {
		t.Errorf("%d are newcomers for ever", len(s.pending))
	}
}

func TestCollidingKeysNeverMixOwnersUp(t *testing.T) {
	t.Parallel()
	s := newTestStore(t, 100, func(owner) uint64 { return 42 })
	for round := range 20 {
		for i := range 5 {
			name := fmt.Sprint("user", i)
			found := s.find(name)
			if found != nil && found.owner.user != name {
				t.Fatalf("%s was given the session of %s", name, found.owner.user)
			}
			if found == nil {
				s.make(name)
			}
			if (round+i)%3 == 0 {
				s.settle()
			}
		}
	}
}

func TestReplacedSessionIsRetiredOnce(t *testing.T) {
	t.Parallel()
	for _, settled := range []bool{false, true} {
		s := newTestStore(t, 100, nil)
		first := s.make("alice")
		if settled {
			s.settleAll()
		}
		first.dead.Store(true)
		if s.find("alice") != nil {
			t.Error("a dead session was given")
		}
		second := s.make("alice")
		s.settleAll()
		if s.find("alice") != second || s.retired[first] != 1 || s.retired[second] != 0 {
			t.Errorf("settled %t: retired %d and %d times", settled, s.retired[first], s.retired[second])
		}
	}
}

func TestSweepRetiresWhatNobodyUses(t *testing.T) {
	t.Parallel()
	s := newTestStore(t, 100, nil)
	idle, busy, held := s.make("idle"), s.make("busy"), s.make("held")
	s.settleAll()
	if !held.take(s.clock.now(), s.idle) {
		t.Fatal("held cannot be taken")
	}
	s.clock.advance(59 * time.Minute)
	s.find("busy")
	s.clock.advance(2 * time.Minute)
	s.sweep()
	s.settleAll()
	if s.retired[idle] != 1 || s.retired[busy] != 0 || s.retired[held] != 0 {
		t.Errorf("retired: idle %d, busy %d, held %d", s.retired[idle], s.retired[busy], s.retired[held])
	}
	held.dropUser()
}

func TestClosedStoreGivesNothingAndRetiresAll(t *testing.T) {
	t.Parallel()
	s := newTestStore(t, 100, nil)
	old := s.make("old")
	s.settleAll()
	fresh := s.make("fresh")
	s.close()
	if s.find("old") != nil || s.find("fresh") != nil {
		t.Error("a closed store gives sessions")
	}
	if s.retired[old] != 1 || s.retired[fresh] != 1 {
		t.Errorf("retired %d and %d times", s.retired[old], s.retired[fresh])
	}
}

func TestSessionInUseIsRetiredWhenItsLastUserLeaves(t *testing.T) {
	t.Parallel()
	now := time.Now()
	s := newSession(owner{}, 1, &tableau.Grant{}, now)
	for range 2 {
		if !s.take(now, time.Hour) {
			t.Fatal("it cannot be taken")
		}
	}
	for range 2 {
		if s.retire() {
			t.Error("it was retired under its users")
		}
	}
	if s.take(now, time.Hour) {
		t.Error("it was given after it was retired")
	}
	if s.dropUser() {
		t.Error("one user is left")
	}
	if !s.dropUser() {
		t.Error("nobody signs it out")
	}
}

// What the cache refuses stays for a while, as long as there are few; what nobody uses goes at its
// limit.
func TestStoreLetsGoAtItsLimits(t *testing.T) {
	t.Parallel()
	s := newTestStore(t, 1000, nil)
	if s.maxPending != 100 {
		t.Errorf("%d may be pending", s.maxPending)
	}
	s.maxPending = 1
	first := s.make("first")
	s.clock.advance(1)
	second := s.make("second")
	held := s.make("held")
	held.hold()
	gone := s.make("gone")
	gone.dead.Store(true)
	s.admit([]*session{first, second, held, gone}) // the cache has none of them
	if s.retired[first] != 1 || s.retired[second]+s.retired[held] != 0 || s.retired[gone] != 1 {
		t.Errorf("retired: %d %d %d %d", s.retired[first], s.retired[second], s.retired[held], s.retired[gone])
	}
	s.clock.advance(patience - 1)
	if s.admit([]*session{second}); s.retired[second] != 0 {
		t.Error("retired before its time")
	}
	s.clock.advance(1)
	if s.admit([]*session{second}); s.retired[second] != 1 {
		t.Error("not retired at its time")
	}
	held.dropUser()
	idle := s.make("idle")
	s.settleAll()
	s.clock.advance(s.idle - 1)
	if s.sweep(); s.cached(idle.key) != idle {
		t.Error("swept before its time")
	}
	s.clock.advance(1)
	if s.sweep(); s.cached(idle.key) != nil {
		t.Error("not swept at its time")
	}
}
