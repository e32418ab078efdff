package sessions

import (
	"context"
	"errors"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"vitrine/internal/redisstore"
	"vitrine/internal/seal"
	"vitrine/internal/tableau"
	"vitrine/internal/tableausim"
)

// fakeStore is a Store that answers what a test says, and notes what is written.
type fakeStore struct {
	Store
	entries []redisstore.Entry
	values  [][]byte
	removed int64
	err     error
	there   bool
	written []redisstore.Entry
	ttls    map[string]time.Duration
}

func (s *fakeStore) Read(context.Context, []string, []string) ([]redisstore.Entry, [][]byte, error) {
	return s.entries, s.values, s.err
}

func (s *fakeStore) Write(_ context.Context, _ string, value []byte, ttl time.Duration, _ bool) (bool, error) {
	s.written = append(s.written, redisstore.Entry{Value: value, TTL: ttl})
	return s.there, s.err
}

func (s *fakeStore) RemoveTagged(context.Context, []string, []string) (int64, error) {
	return s.removed, s.err
}

func (s *fakeStore) Extend(_ context.Context, ttls map[string]time.Duration) error {
	s.ttls = ttls
	return s.err
}

// withFakeStore is what replicas share, in front of a store that the test answers for.
func withFakeStore(t *testing.T) (*redisSessions, *fakeStore, *bench) {
	t.Helper()
	b := start(t, tableausim.Config{}, nil)
	keys, err := seal.NewEntryKeys([]tableau.Secret{tableau.NewSecret(strings.Repeat("k", 32))}, "realm")
	if err != nil {
		t.Fatal(err)
	}
	store := &fakeStore{}
	return &redisSessions{
		keys: keys, store: store, idle: b.idle, luidLife: b.luidLife, timeout: b.timeout, now: b.clock.now, log: b.Broker.log, base: b.base,
		signOuts: b.signOuts, client: b.client, watches: map[string]*watch{},
	}, store, b
}

// An entry is used until the moment at which it, or its session, ends.
func TestEntriesAreUsedUntilTheyEnd(t *testing.T) {
	t.Parallel()
	f, store, b := withFakeStore(t)
	w := f.watchOwner(owner{user: "ann"})
	now := b.clock.now().UnixNano()
	good := `{"t":"token","s":"site","u":"user"}`
	before := newSession(owner{}, 0, &tableau.Grant{Token: tableau.NewSecret("token")}, b.clock.now())
	replaced := func(token string) *session {
		tag := f.keys.Tag(tableau.NewSecret(token))
		return &session{replaced: &tag}
	}
	dead := newSession(owner{}, 0, &tableau.Grant{Token: tableau.NewSecret("token")}, b.clock.now())
	dead.dead.Store(true)
	for name, c := range map[string]struct {
		plain  string
		ttl    time.Duration
		before *session
		used   bool
	}{
		"for a while":                  {good, time.Hour, nil, true},
		"for a moment":                 {good, 1, nil, true},
		"for no time":                  {good, 0, nil, false},
		"not JSON":                     {"x", time.Hour, nil, false},
		"without a token":              {`{"s":"site","u":"user"}`, time.Hour, nil, false},
		"without a site":               {`{"t":"token","u":"user"}`, time.Hour, nil, false},
		"without a user":               {`{"t":"token","s":"site"}`, time.Hour, nil, false},
		"the known one":                {good, time.Hour, before, true},
		"the known one, which is dead": {good, time.Hour, dead, false},
		"in the place of another":      {good, time.Hour, replaced("other"), true},
		"one that was replaced":        {good, time.Hour, replaced("token"), false},
		"one that ends in a moment":    {strings.Replace(good, "{", `{"e":`+strconv.FormatInt(now+1, 10)+`,`, 1), time.Hour, nil, true},
		"one that ends now":            {strings.Replace(good, "{", `{"e":`+strconv.FormatInt(now, 10)+`,`, 1), time.Hour, nil, false},
		"one with a logout":            {strings.Replace(good, "{", `{"l":["a"],`, 1), time.Hour, nil, true},
		"one before a logout":          {good, time.Hour, nil, false},
	} {
		store.values, store.removed, store.there = nil, 0, false
		logout := strings.Contains(name, "logout")
		if logout {
			store.values = [][]byte{[]byte("a")}
		}
		store.entries = []redisstore.Entry{{Value: f.keys.Seal(w.names[0], w.about, seal.Tag{}, []byte(c.plain)), TTL: c.ttl}}
		got, err := f.lookUp(w, "", c.before)
		if err != nil || (got.content != nil) != c.used || got.unusable == c.used {
			t.Errorf("%s: %+v, %v", name, got, err)
		}
	}
	f.unwatch(w)
}

// Who takes a session that a logout has ended out of the store signs it out, if nobody else was
// quicker.
func TestSessionEndedByALogoutIsSignedOutByOne(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		removed int64
		first   bool
		want    int
	}{{0, true, 0}, {1, true, 1}, {1, false, 0}, {2, true, 1}} {
		f, store, b := withFakeStore(t)
		w := f.watchOwner(owner{user: "ann"})
		store.values, store.removed, store.there = [][]byte{[]byte("a")}, c.removed, c.first
		store.entries = []redisstore.Entry{{Value: f.keys.Seal(w.names[0], w.about, seal.Tag{}, []byte(`{"t":"token","s":"site","u":"user"}`)), TTL: time.Hour}}
		if got, err := f.lookUp(w, "", nil); err != nil || got.content != nil {
			t.Errorf("%+v, %v", got, err)
		}
		b.quiet(t)
		if n := b.sim.Count(signOut); n != c.want {
			t.Errorf("%+v: %d sign-outs", c, n)
		}
	}
}

// A session is published for as long as it may be unused; what the store did not confirm may be
// there.
func TestSessionsArePublishedForTheRestOfTheirIdleTime(t *testing.T) {
	t.Parallel()
	f, store, b := withFakeStore(t)
	w := f.watchOwner(owner{user: "ann"})
	for _, c := range []struct {
		idle             time.Duration
		there            bool
		err              error
		published, ttled bool
	}{
		{0, true, nil, true, true},
		{time.Minute, true, nil, true, true},
		{time.Minute, false, nil, false, true},
		{time.Minute, false, errors.New("no answer"), true, true},
		{f.idle - 1, true, nil, true, true},
		{f.idle, true, nil, false, false},
	} {
		s := newSession(owner{}, 0, &tableau.Grant{Token: tableau.NewSecret("token")}, b.clock.now().Add(-c.idle))
		s.watch = w
		store.written, store.there, store.err, store.ttls = nil, c.there, c.err, nil
		there := f.publish(w, s, true)
		if c.ttled != (len(store.written) == 1 && store.written[0].TTL == f.idle-c.idle) {
			t.Errorf("%+v: written %+v", c, store.written)
		}
		if there != (c.there && c.ttled) || s.stored.Load() != there || (s.origin.Load() == originPublished) != c.published {
			t.Errorf("%+v: there %t, origin %d", c, there, s.origin.Load())
		}
		f.shareUse(t.Context(), []*session{s, {}})
		if _, shared := store.ttls[w.names[0]]; shared != c.published || shared && store.ttls[w.names[0]] != f.idle-c.idle {
			t.Errorf("%+v: the use is shared as %v", c, store.ttls)
		}
	}
	f.unwatch(w)
}

// A refusal is shared with its reason, where it holds for every replica.
func TestRefusalsAreSharedWithTheirReason(t *testing.T) {
	t.Parallel()
	f, store, _ := withFakeStore(t)
	w := f.watchOwner(owner{user: "ann"})
	for _, c := range []struct {
		err  error
		want string // in the entry
	}{
		{errUser("ann", "", "the reason"), "the reason"},
		{&Error{is: ErrServerAdministrator, public: "the public text"}, "the public text"},
		{&Error{is: ErrBusy}, ""},
		{errors.New("other"), ""},
	} {
		store.written = nil
		if f.publishRefusal(w, c.err); (len(store.written) == 1) != (c.want != "") {
			t.Errorf("%v: %d entries", c.err, len(store.written))
			continue
		}
		if c.want == "" {
			continue
		}
		plain, ok := f.keys.Open(w.names[0], w.about, store.written[0].Value)
		if !ok || !strings.Contains(string(plain), c.want) || store.written[0].TTL != refusalAge {
			t.Errorf("%v: %s for %s", c.err, plain, store.written[0].TTL)
		}
		store.entries = []redisstore.Entry{{Value: store.written[0].Value, TTL: 1}}
		if got, err := f.lookUp(w, "", nil); err != nil || got.refusal == nil || got.refusal.Code() != "TABLEAU_USER_UNKNOWN" {
			t.Errorf("%v, %v", got.refusal, err)
		}
	}
	f.unwatch(w)
}

// The LUID of a name is known until it ends in the store, and for no longer than here.
func TestSharedLUIDsEnd(t *testing.T) {
	t.Parallel()
	f, store, _ := withFakeStore(t)
	who := person{"issuer", "subject", "ann"}
	name := f.keys.Name(prefixLUID, aboutName("site", who))
	f.keepLUID(t.Context(), "site", who, "1", 2*f.luidLife)
	f.keepLUID(t.Context(), "site", who, "1", time.Minute)
	if got := []time.Duration{store.written[0].TTL, store.written[1].TTL}; !slices.Equal(got, []time.Duration{f.luidLife, time.Minute}) {
		t.Errorf("kept for %v", got)
	}
	if plain, ok := f.keys.Open(name, aboutName("site", who), store.written[0].Value); !ok || string(plain) != "1" {
		t.Errorf("%s is kept", plain)
	}
	for ttl, want := range map[time.Duration]time.Duration{0: 0, 1: 1, 2 * f.luidLife: f.luidLife} {
		store.entries = []redisstore.Entry{{Value: store.written[0].Value, TTL: ttl}}
		if luid, left, known := f.luid(t.Context(), "site", who); known != (want > 0) || left != want || known != (luid == "1") {
			t.Errorf("%s in the store: %q for %s", ttl, luid, left)
		}
	}
	store.err = errors.New("no answer")
	if _, _, known := f.luid(t.Context(), "site", who); known {
		t.Error("known although the store does not answer")
	}
}

// Logouts and sign-outs are remembered for a day, a logout for two idle limits more.
func TestLogoutsAndSignOutsAreRememberedForADay(t *testing.T) {
	t.Parallel()
	const day = 24 * time.Hour
	f, store, b := withFakeStore(t)
	f.quit = make(chan struct{})
	if err := f.forget(t.Context(), "issuer", "subject", "mark", nil); err != nil || store.written[0].TTL != day+2*f.idle || string(store.written[0].Value) != "mark" {
		t.Errorf("%+v, %v", store.written, err)
	}
	f.working.Wait()
	if store.written = nil; f.claimSignOut(tableau.NewSecret("token")) || store.written[0].TTL != day {
		t.Errorf("%+v", store.written)
	}
	if store.err = errors.New("no answer"); !f.claimSignOut(tableau.NewSecret("token")) {
		t.Error("nobody signs out while the store does not answer")
	}
	if got := f.freshFor(10 * time.Minute); got != 5*time.Minute {
		t.Errorf("fresh for %s", got)
	}
	s := newSession(owner{}, 0, &tableau.Grant{}, b.clock.now().Add(-f.idle))
	s.watch = &watch{names: []string{"name"}}
	s.origin.Store(originPublished)
	if f.shareUse(t.Context(), []*session{s}); store.ttls != nil {
		t.Errorf("the use of a session that is idle is shared: %v", store.ttls)
	}
	f.idle++
	if f.shareUse(t.Context(), []*session{s}); store.ttls["name"] != 1 {
		t.Errorf("the use of a session is not shared until its limit: %v", store.ttls)
	}
}
