package sessions

import (
	"context"
	"log/slog"
	"slices"
	"strings"
	"testing"
	"time"

	"vitrine/internal/tableau"
)

// A credential rests longer after each refusal, counted from the first that is not tolerated.
func TestCredentialRestsLongerAfterEachRefusal(t *testing.T) {
	t.Parallel()
	now := newClock().now()
	want := []time.Duration{30 * time.Second, time.Minute, 2 * time.Minute, 4 * time.Minute, 5 * time.Minute, 5 * time.Minute}
	for tolerance := range 3 {
		h := &health{tolerance: tolerance + 1}
		h.proven = now
		var got []time.Duration
		for range tolerance {
			if pause := h.failed(now); pause != 0 || h.pauseLeft(now) != 0 {
				t.Errorf("tolerance %d: a tolerated refusal pauses for %s", tolerance, pause)
			}
			if h.trusted(now) {
				t.Error("it is trusted after a refusal")
			}
		}
		for range want {
			pause := h.failed(now)
			got = append(got, pause)
			if h.pauseLeft(now) != pause || h.pauseLeft(now.Add(pause-1)) != 1 || h.pauseLeft(now.Add(pause+1)) != 0 {
				t.Errorf("pause %s, %s are left", pause, h.pauseLeft(now))
			}
		}
		if !slices.Equal(got, want) {
			t.Errorf("tolerance %d: %v", tolerance, got)
		}
		if h.succeeded(now); h.pauseLeft(now) != 0 || !h.trusted(now) {
			t.Error("a success does not end the pause")
		}
	}
}

func TestCredentialIsTrustedForAMinute(t *testing.T) {
	t.Parallel()
	now := newClock().now()
	h := &health{}
	if h.trusted(now) {
		t.Error("trusted without a success")
	}
	h.succeeded(now)
	if !h.trusted(now.Add(trust-1)) || h.trusted(now.Add(trust)) {
		t.Error("not trusted for exactly the time")
	}
	if h.distrust(); h.trusted(now) {
		t.Error("trusted although it was distrusted")
	}
	if h.pauseFor(now, time.Hour); h.pauseLeft(now) != longestRest {
		t.Errorf("a pause of an hour became %s", h.pauseLeft(now))
	}
	if h.pauseFor(now, time.Second); h.pauseLeft(now) != time.Second {
		t.Errorf("a pause of a second became %s", h.pauseLeft(now))
	}
}

// newTestToken is what is known of a token, with a log.
func newTestToken(c *clock) (*tokenState, *lines) {
	log := &lines{}
	logger := slog.New(slog.NewTextHandler(log, nil))
	return &tokenState{overlap: &overlapDetector{log: logger, gracePeriod: gracePeriod}, label: "the token", log: logger, now: c.now}, log
}

// A session that ends within a minute, and by no sign-in of this server, was ended by another
// process. That is reported again after ten minutes.
func TestForeignUseOfATokenIsReported(t *testing.T) {
	t.Parallel()
	c := newClock()
	token, log := newTestToken(c)
	reported := func() int { return strings.Count(log.String(), "another process") }
	for i, step := range []struct {
		later, life time.Duration
		signIns     int // since the session was opened
		want        int
	}{
		{0, foreignEndWindow + 1, 0, 0},
		{0, 0, 1, 0},
		{0, foreignEndWindow, 0, 1},
		{0, 0, 0, 1},
		{warnInterval - 1, 0, 0, 1},
		{1, 0, 0, 2},
	} {
		c.advance(step.later)
		for range 3 {
			token.signInBegins()
		}
		session := token.sessionOpened()
		for range step.signIns {
			token.signInBegins()
		}
		c.advance(step.life)
		session.died(c.now())
		if n := reported(); n != step.want {
			t.Errorf("step %d: reported %d times, want %d", i, n, step.want)
		}
	}
	token.overlap.current = overlapDisplaces
	c.advance(warnInterval)
	if token.serviceDied(token.signInCount()-1, c.now(), c.now()); reported() != 2 {
		t.Error("the end of a service session by a sign-in is reported")
	}
	if token.serviceDied(token.signInCount(), c.now(), c.now()); reported() != 3 {
		t.Error("the end of a service session is not reported")
	}
	c.advance(warnInterval)
	token.overlap.current = overlapDisplaces
	if token.sessionOpened().died(c.now()); reported() != 4 {
		t.Error("the end is not reported where sessions displace each other")
	}
	c.advance(warnInterval)
	token.overlap.current, token.overlap.trustedUntil = overlapAllowed, c.now().Add(1)
	if token.sessionOpened().died(c.now()); reported() != 4 {
		t.Error("the end is reported where no sign-in ends a session")
	}
	explained := token.sessionOpened()
	token.signInBegins()
	if explained.died(c.now()); token.overlap.mode() != overlapAllowed {
		t.Error("an end within the time of trust is taken for a displacement")
	}
	if explained.died(c.now().Add(1)); token.overlap.mode() != overlapUnknown {
		t.Error("an end after the time of trust changes nothing")
	}
}

// What a token has to wait for follows from its newest session.
func TestTokenIsFreeOnceItsSessionHasEnded(t *testing.T) {
	t.Parallel()
	c := newClock()
	token, _ := newTestToken(c)
	check := func(what string, want readiness, used bool) {
		t.Helper()
		got, _, at := token.state()
		if got != want || (at != 0) != used {
			t.Errorf("%s: %d, used %d; want %d", what, got, at, want)
		}
	}
	check("no session", tokenFree, false)
	l := token.sessionOpened()
	check("a session that its owner has not yet", tokenInUse, false)
	l.preempt() // it is nobody's yet: nothing happens
	s := newSession(owner{}, 0, &tableau.Grant{}, c.now())
	l.bind(s, &signOutQueue{})
	check("a session that nobody reads with", tokenIdle, true)
	s.hold()
	check("a session that is read with", tokenInUse, true)
	l.preempt()
	if s.origin.Load() != originRemoved || s.hold() {
		t.Error("a session that was taken from its readers is still given")
	}
	s.dead.Store(true)
	check("one that was taken from its readers, and is dead", tokenInUse, true)
	s.origin.Store(originLocal)
	check("a dead one", tokenFree, false)
	s.dead.Store(false)
	l.signedOut()
	check("one that is signed out", tokenFree, false)
	(*tokenSession)(nil).died(c.now()) // a password has none
	(*tokenState)(nil).serviceDied(0, c.now(), c.now())
	if n := (*tokenState)(nil).signInCount(); n != 0 {
		t.Errorf("%d sign-ins of a password", n)
	}
}

// Sessions are taken to displace each other after two displacements in a row, and to live side by
// side for an hour after that was seen.
func TestOverlapIsConcludedFromWhatIsSeen(t *testing.T) {
	t.Parallel()
	now := newClock().now()
	see := func(seen ...string) *overlapDetector {
		token, _ := newTestToken(newClock())
		for _, s := range seen {
			if s == "recheck early" {
				token.overlap.recheck(now.Add(overlapTrustedFor - 1))
			} else if s == "recheck" {
				token.overlap.recheck(now.Add(overlapTrustedFor))
			} else {
				token.overlap.observe(t.Context(), strings.HasPrefix(s, "live"), strings.HasSuffix(s, "plain"), 1, now)
			}
		}
		return token.overlap
	}
	for _, c := range []struct {
		seen                []string
		want                overlapMode
		shared, sharedAfter bool // perReplica, before and after a session died
	}{
		{nil, overlapUnknown, false, true},
		{[]string{"live plain"}, overlapUnknown, false, true},
		{[]string{"dead"}, overlapUnknown, true, true},
		{[]string{"dead plain"}, overlapUnknown, true, true},
		{[]string{"dead", "live plain", "dead"}, overlapDisplaces, true, true},
		{[]string{"dead", "dead"}, overlapDisplaces, true, true},
		{[]string{"dead", "dead", "live"}, overlapDisplaces, true, true},
		{[]string{"live"}, overlapAllowed, false, false},
		{[]string{"dead", "live", "dead"}, overlapAllowed, false, false},
		{[]string{"live", "recheck early"}, overlapAllowed, false, false},
		{[]string{"live", "recheck"}, overlapUnknown, false, true},
		{[]string{"live", "dead", "recheck"}, overlapUnknown, false, true},
		{[]string{"dead", "recheck"}, overlapUnknown, true, true},
		{[]string{"dead", "dead", "recheck"}, overlapDisplaces, true, true},
	} {
		h := see(c.seen...)
		if h.mode() != c.want || h.perReplica(false) != c.shared || h.perReplica(true) != c.sharedAfter {
			t.Errorf("%v: mode %d, per replica %t and %t", c.seen, h.mode(), h.perReplica(false), h.perReplica(true))
		}
	}
	if (*overlapDetector)(nil).perReplica(true) {
		t.Error("sessions of a password are not shared")
	}
	for tokens, want := range map[int]string{1: "one person at a time", 2: "2 people at a time"} {
		if got := Capacity(tokens, false); !strings.Contains(got, want) {
			t.Errorf("%d tokens: %s", tokens, got)
		}
	}
	token, log := newTestToken(newClock())
	for range 2 {
		token.overlap.observe(t.Context(), true, false, 1, now)
	}
	if n := strings.Count(log.String(), "beside each other"); n != 1 {
		t.Errorf("logged %d times", n)
	}
}

// Who waits in line and leaves takes nobody else out of it.
func TestWaiterWhoLeavesTakesNobodyOut(t *testing.T) {
	t.Parallel()
	l := &purposeLock{}
	leave, err := l.enter(t.Context(), "a")
	if err != nil {
		t.Fatal(err)
	}
	over, cancel := context.WithCancel(t.Context())
	cancel()
	for _, purpose := range []string{"b", alone} {
		if _, err := l.enter(over, purpose); err == nil {
			t.Errorf("%q was let in", purpose)
		}
	}
	if again, err := l.enter(over, "a"); err != nil || l.holders != 2 || len(l.queue) != 0 {
		t.Errorf("%v, %d inside, %d in line", err, l.holders, len(l.queue))
	} else {
		again()
	}
	if _, ok := l.tryAlone(); ok {
		t.Error("somebody was let in alone beside another")
	}
	leave()
	out, ok := l.tryAlone()
	if !ok || l.holders != 1 {
		t.Fatalf("%d inside an empty lock", l.holders)
	}
	if _, err := l.enter(over, alone); err == nil {
		t.Error("two were let in alone")
	}
	w := &waiter{"c", make(chan struct{})} // let in at the moment in which it leaves
	l.queue = append(l.queue, w)
	out()
	if l.holders != 1 {
		t.Errorf("%d inside", l.holders)
	}
	if l.abandon(w); l.holders != 0 {
		t.Errorf("%d inside after the only one has left", l.holders)
	}
}

// The session that was used longest ago is taken from its readers, and none that is idle or that
// its owner does not have yet.
func TestSessionThatWasUsedLongestAgoIsTakenFromItsReaders(t *testing.T) {
	t.Parallel()
	c := newClock()
	var members []*credential
	var all []*session
	for _, kind := range []string{"idle", "used last", "not bound", "used first"} {
		token, _ := newTestToken(c)
		members = append(members, &credential{allSites: &credentialState{token: token, lock: &purposeLock{}}, label: kind})
		l := token.sessionOpened()
		at := c.now()
		if kind == "used first" {
			at = at.Add(-time.Minute)
		}
		s := newSession(owner{user: kind}, 0, &tableau.Grant{}, at)
		if kind != "not bound" {
			l.bind(s, &signOutQueue{})
		}
		if kind != "idle" {
			s.hold()
		}
		all = append(all, s)
	}
	(&pool{members: members}).preempt(members)
	for _, s := range all {
		if taken := s.users.Load() >= retired; taken != (s.owner.user == "used first") {
			t.Errorf("%s: taken %t", s.owner.user, taken)
		}
	}
	if got := inOrder(members); got[0].label != "idle" || got[3].label != "used last" {
		t.Errorf("in the order %s, %s, %s, %s", got[0].label, got[1].label, got[2].label, got[3].label)
	}
}
