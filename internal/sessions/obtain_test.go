package sessions

import (
	"testing"
	"time"

	"vitrine/internal/tableau"
)

// newObtaining is a search for alice's session, who had one before.
func newObtaining(t *testing.T) (*obtaining, *fakeStore, *bench) {
	t.Helper()
	f, store, b := withFakeStore(t)
	s, err := b.source(identity("alice"), "")
	if err != nil {
		t.Fatal(err)
	}
	w := f.watchOwner(s.owner)
	before := newSession(s.owner, s.key, &tableau.Grant{Token: tableau.NewSecret("token")}, b.clock.now())
	before.watch = w
	by := &opener{base: b.base, broker: b.Broker, site: s.site, owner: s.owner}
	return &obtaining{f, by, s.owner, w, before, &lock{f: f, names: w.locks}}, store, b
}

// A known session that the store has lost is valid as long as nothing speaks against it.
func TestKnownSessionIsValidUnlessSomethingSpeaksAgainstIt(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		change func(o *obtaining)
		later  time.Duration
		want   bool
	}{
		"nothing":       {func(*obtaining) {}, 0, true},
		"nothing known": {func(o *obtaining) { o.before = nil }, 0, false},
		"nearly idle":   {func(*obtaining) {}, -1, true},
		"idle":          {func(*obtaining) {}, 1, false},
		"dead":          {func(o *obtaining) { o.before.dead.Store(true) }, 0, false},
		"ended":         {func(o *obtaining) { o.before.ends = 1 }, 0, false},
		"changed":       {func(o *obtaining) { o.watch.changes.Add(1) }, 0, false},
		"perhaps lost":  {func(o *obtaining) { o.watch.losses.Add(1) }, 0, true},
	} {
		o, _, b := newObtaining(t)
		c.change(o)
		switch {
		case c.later < 0:
			b.clock.advance(o.idle - 1)
		case c.later > 0:
			b.clock.advance(o.idle)
		}
		if got := o.stillValid(o.watch.revision(), lookUpResult{}); got != c.want {
			t.Errorf("%s: %t", name, got)
		}
	}
	o, _, _ := newObtaining(t)
	if o.stillValid(o.watch.revision(), lookUpResult{logouts: []string{"a"}}) {
		t.Error("a session is valid although its person has logged out")
	}
}

// Where each replica has sessions of its own, its known one goes on unless its own entry has
// changed, and another is opened otherwise.
func TestReplicaGoesOnWithItsOwnSession(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		change func(o *obtaining)
		known  bool
	}{
		"nothing":                           {func(*obtaining) {}, true},
		"no session":                        {func(o *obtaining) { o.before = nil }, false},
		"of another watch":                  {func(o *obtaining) { o.before.watch = &watch{} }, false},
		"dead":                              {func(o *obtaining) { o.before.dead.Store(true) }, false},
		"another's entry changed":           {func(o *obtaining) { o.watch.changes.Add(1) }, true},
		"its entry changed":                 {func(o *obtaining) { o.before.origin.Store(originPublished); o.watch.changes.Add(1) }, false},
		"it is published, and is unchanged": {func(o *obtaining) { o.before.origin.Store(originPublished) }, true},
		"retired":                           {func(o *obtaining) { o.before.retire() }, false},
	} {
		o, _, b := newObtaining(t)
		c.change(o)
		at := o.watch.revision()
		got, err := o.signInPerReplica(at, nil)
		if err != nil || (got == o.before) != c.known || b.sim.Count(impersonated) == 0 != c.known {
			t.Errorf("%s: %v, %d sign-ins", name, err, b.sim.Count(impersonated))
			continue
		}
		if got.users.Load() != 1 || got.seenRevision.changes.Load() != at.changes {
			t.Errorf("%s: %d users, seen %d", name, got.users.Load(), got.seenRevision.changes.Load())
		}
		if !c.known {
			b.signOuts.discard(&got.grant)
		}
	}
	o, _, b := newObtaining(t)
	got, err := o.signInPerReplica(o.watch.revision(), []string{"a logout"})
	if err != nil || got == o.before || len(got.logouts) != 1 {
		t.Errorf("after a logout: %v", err)
	} else {
		b.signOuts.discard(&got.grant)
	}
}

// While the store does not answer the known session goes on, unless its entry has changed.
func TestKnownSessionGoesOnWithoutTheStore(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		change func(o *obtaining)
		known  bool
	}{
		"nothing":      {func(*obtaining) {}, true},
		"perhaps lost": {func(o *obtaining) { o.watch.losses.Add(1) }, true},
		"no session":   {func(o *obtaining) { o.before = nil }, false},
		"never shared": {func(o *obtaining) { o.before.watch = nil }, false},
		"dead":         {func(o *obtaining) { o.before.dead.Store(true) }, false},
		"changed":      {func(o *obtaining) { o.watch.changes.Add(1) }, false},
	} {
		o, _, b := newObtaining(t)
		c.change(o)
		got, err := o.withoutStore()
		if err != nil || (got == o.before) != c.known {
			t.Errorf("%s: %v", name, err)
			continue
		}
		if !c.known {
			if !got.stale() { // it is published when it is used next
				t.Errorf("%s: the new session is not looked up again", name)
			}
			b.signOuts.discard(&got.grant)
		}
	}
}

// The use of a stored session is shared once half of its time in the store is over.
func TestUseOfAStoredSessionIsSharedInTime(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		less   time.Duration
		shared bool
	}{{0, false}, {1, true}, {-1, false}} {
		o, store, b := newObtaining(t)
		content := &entryContent{Token: "token", SiteLUID: "s", UserLUID: "u"}
		left := o.idle/2 - c.less
		got := o.fromStore(o.watch.revision(), lookUpResult{content: content, left: left})
		if got != o.before || got.users.Load() != 1 || got.origin.Load() != originPublished || !got.stored.Load() {
			t.Errorf("%s left: another session, or it is not noted as stored", left)
		}
		if (store.ttls != nil) != c.shared {
			t.Errorf("%s left of %s: shared %v", left, o.idle, store.ttls)
		}
		content.Token = "another"
		if got = o.fromStore(o.watch.revision(), lookUpResult{content: content, left: o.idle}); got == o.before || got.users.Load() != 1 {
			t.Error("the known session is given for another one")
		}
		b.quiet(t)
	}
}

// The watch of an owner stays as long as somebody needs it.
func TestWatchStaysAsLongAsSomebodyNeedsIt(t *testing.T) {
	t.Parallel()
	f, _, _ := withFakeStore(t)
	first, again := f.watchOwner(owner{user: "ann"}), f.watchOwner(owner{user: "ann"})
	if first != again || f.watchOwner(owner{user: "ben"}) == first {
		t.Error("owners do not have one watch each")
	}
	if f.unwatch(first); f.watchOwner(owner{user: "ann"}) != first {
		t.Error("the watch is gone although somebody needs it")
	}
	f.unwatch(first)
	f.unwatch(first)
	newer := f.watchOwner(owner{user: "ann"})
	if newer == first || len(f.watches) != 2 {
		t.Errorf("the watch stays although nobody needs it: %d", len(f.watches))
	}
	if f.unwatch(first); f.watchOwner(owner{user: "ann"}) != newer {
		t.Error("an old watch takes a newer one with it")
	}
}
