package sessions

import (
	"math"
	"testing"
	"time"

	"vitrine/internal/tableau"
	"vitrine/internal/tableausim"
)

// A session is given until the moment of its limits, and not from then on.
func TestSessionIsGivenUntilItsLimits(t *testing.T) {
	t.Parallel()
	const idle = 10 * time.Minute
	now := newClock().now()
	made := func(change func(*session)) *session {
		s := newSession(owner{}, 0, &tableau.Grant{}, now)
		s.endsAfter(time.Hour)
		if change != nil {
			change(s)
		}
		return s
	}
	for name, c := range map[string]struct {
		session *session
		later   time.Duration
		given   bool
	}{
		"a new one":                    {made(nil), 0, true},
		"just before the idle limit":   {made(nil), idle - 1, true},
		"at the idle limit":            {made(nil), idle, false},
		"just before its end":          {made(func(s *session) { s.used.Store(now.Add(time.Hour).UnixNano()) }), time.Hour - 1, true},
		"at its end":                   {made(func(s *session) { s.used.Store(now.Add(time.Hour).UnixNano()) }), time.Hour, false},
		"one without an end":           {made(func(s *session) { s.ends = 0 }), idle - 1, true},
		"a dead one":                   {made(func(s *session) { s.dead.Store(true) }), 0, false},
		"a retired one":                {made(func(s *session) { s.retire() }), 0, false},
		"one that nothing was said of": {made(func(s *session) { s.watch = &watch{} }), 0, true},
		"one that was changed":         {made(func(s *session) { s.watch = &watch{}; s.watch.changes.Add(1) }), 0, false},
		"one that may be lost":         {made(func(s *session) { s.watch = &watch{}; s.watch.losses.Add(1) }), 0, false},
	} {
		if got := c.session.take(now.Add(c.later), idle); got != c.given {
			t.Errorf("%s: given %t", name, got)
		} else if got && (c.session.users.Load() != 1 || c.session.used.Load() != now.Add(c.later).UnixNano()) {
			t.Errorf("%s: the use is not noted", name)
		}
	}
	if s := made(func(s *session) { s.endsAfter(0) }); s.ends != now.Add(time.Hour).UnixNano() {
		t.Errorf("without a limit the end became %d", s.ends)
	}
}

// The last user of a retired session signs it out, and nobody else does.
func TestLastUserOfARetiredSessionSignsItOut(t *testing.T) {
	t.Parallel()
	s := newSession(owner{}, 0, &tableau.Grant{}, time.Now())
	if !s.unused() || !s.hold() || s.unused() || !s.hold() || s.retireUnused() {
		t.Errorf("%d users", s.users.Load())
	}
	if s.dropUser() || s.retire() || s.retire() || s.hold() || s.unused() {
		t.Errorf("one user of a retired session: %d", s.users.Load())
	}
	if !s.dropUser() || !s.unused() {
		t.Errorf("the last user does not sign out: %d", s.users.Load())
	}
	if s = newSession(owner{}, 0, &tableau.Grant{}, time.Now()); !s.retireUnused() || !s.unused() || s.retire() || s.hold() {
		t.Errorf("retired while nobody held it: %d", s.users.Load())
	}
	if s = newSession(owner{}, 0, &tableau.Grant{}, time.Now()); !s.retire() || s.retire() || s.users.Load() != retired {
		t.Errorf("a session that nobody uses is not signed out at once: %d", s.users.Load())
	}
}

// Sessions are renewed a tenth of their limit early, five minutes at most.
func TestSessionsAreRenewedATenthEarly(t *testing.T) {
	t.Parallel()
	for idle, want := range map[time.Duration]time.Duration{
		0: 0, 10 * time.Minute: 9 * time.Minute, 50 * time.Minute: 45 * time.Minute, 240 * time.Minute: 235 * time.Minute,
	} {
		if got := renewAfter(idle); got != want {
			t.Errorf("%s: %s, want %s", idle, got, want)
		}
	}
	for _, c := range [][3]time.Duration{{0, 0, 0}, {0, 2, 2}, {2, 0, 2}, {1, 2, 1}, {2, 1, 1}, {1, 1, 1}, {math.MaxInt64, 0, math.MaxInt64}} {
		if got := sooner(c[0], c[1]); got != c[2] {
			t.Errorf("the shorter of %d and %d is %d", c[0], c[1], got)
		}
	}
}

// What an identity brings along changes the fingerprint of its sessions, and nothing else does.
func TestFingerprintHoldsWhatAnIdentityBringsAlong(t *testing.T) {
	t.Parallel()
	st, other := &site{fingerprint: [16]byte{1}}, &site{fingerprint: [16]byte{2}}
	seen := map[[16]byte]bool{}
	for _, of := range []*site{st, other} {
		if got := of.fingerprintWith(""); got != of.fingerprint {
			t.Errorf("%x became %x", of.fingerprint, got)
		}
		for _, extra := range []attributes{"", `{"a":"1"}`, `{"a":"2"}`} {
			seen[of.fingerprintWith(extra)] = true
		}
	}
	if len(seen) != 6 {
		t.Errorf("%d fingerprints of six", len(seen))
	}
}

// The end of a session is noted for that session, whether the cache has it or only its reader, and
// never for the one that took its place.
func TestEndIsNotedForTheSessionThatEnded(t *testing.T) {
	t.Parallel()
	b := start(t, tableausim.Config{}, nil)
	s, err := b.source(identity("alice"), "")
	if err != nil {
		t.Fatal(err)
	}
	made := func(token string) *session {
		return newSession(s.owner, s.key, &tableau.Grant{Token: tableau.NewSecret(token)}, b.clock.now())
	}
	first, second, newer := made("first"), made("second"), made("newer")
	s.hold(first)
	s.hold(second)
	s.hold(second)
	b.store.add(newer)
	s.markDead(&second.grant)
	if first.dead.Load() || !second.dead.Load() || newer.dead.Load() {
		t.Errorf("dead: %t %t %t", first.dead.Load(), second.dead.Load(), newer.dead.Load())
	}
	s.markDead(&tableau.Grant{Token: tableau.NewSecret("newer")}) // known from another replica
	if first.dead.Load() || !newer.dead.Load() {
		t.Errorf("dead: %t, %t", first.dead.Load(), newer.dead.Load())
	}
	for i, want := range []*session{second, second, nil} {
		if got := s.drop(&second.grant); got != want {
			t.Errorf("drop %d of a session that is held twice: %v", i, got)
		}
	}
	if got := s.drop(&first.grant); got != first || len(s.held) != 0 {
		t.Errorf("%v, and %d are left", got, len(s.held))
	}
	newer.retire() // it never was at Tableau
}
