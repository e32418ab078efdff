package sessions

import (
	"context"
	"crypto/sha256"
	"errors"
	"fmt"
	"log/slog"
	"strings"
	"sync"
	"time"

	"vitrine/auth"
	"vitrine/internal/tableau"
	"vitrine/internal/ttlcache"
)

// Config says for which sites sessions are kept, and how they are obtained.
type Config struct {
	Client *tableau.Client
	Sites  []Site // in the operator's order
	// SessionIdle is after how long without use Tableau ends a session; 240 minutes when zero, as
	// on a Tableau Server that was not configured otherwise. Sessions are renewed a little earlier.
	SessionIdle time.Duration
	// SessionLife is after how long Tableau ends a session however much it is used: 120 minutes on
	// Tableau Cloud. Sessions are renewed a little earlier. Zero for none, as on a Tableau Server
	// without such a limit.
	SessionLife time.Duration
	// DangerouslyImpersonateServerAdministrators lets people be signed in who can do everything on
	// the server. They are refused otherwise.
	DangerouslyImpersonateServerAdministrators bool
	// MaxSessions is how many sessions are kept; 20,000 when zero. Beyond it those that are used
	// least are signed out.
	MaxSessions int
	// LUIDLifetime is how long the LUID of a user name is cached; 24 hours when zero, which is
	// longer than sessions live, so that a renewal needs no look-up.
	LUIDLifetime time.Duration
	// SignInTimeout bounds one sign-in with all that belongs to it, waiting for its turn included;
	// 30 s when zero.
	SignInTimeout time.Duration
	// Parallel is how many sign-ins are under way on one site; 8 when zero.
	Parallel int
	// Shared is a store that several replicas share their sessions through; nil for a replica that
	// is alone.
	Redis    *RedisConfig
	Observer Observer // nil for none
	// Carry returns a context with the deadline of to, in which sign-ins are part of the trace of the
	// caller that from is of; nil for no traces.
	Carry  func(from, to context.Context) context.Context
	Now    func() time.Time // time.Now when nil
	Logger *slog.Logger     // slog.Default when nil
}

// Site is one site and the way to sign in there.
type Site struct {
	ContentURL string // empty for the default site
	Method     Method
}

// Broker gives sessions. It is made by [New], used by any number of goroutines, and closed once.
type Broker struct {
	client   *tableau.Client
	names    []string
	sites    map[string]*site
	idle     time.Duration // after which a session is renewed
	luidLife time.Duration // how long LUIDs are kept
	life     time.Duration // after which it is renewed although it is used; zero for never
	timeout  time.Duration
	now      func() time.Time
	log      *slog.Logger
	observer Observer
	carry    func(from, to context.Context) context.Context
	store    *store
	signOuts *signOutQueue
	shared   sharedStore // what replicas share

	base       context.Context // of all work that several wait for
	cancel     context.CancelFunc
	quit       chan struct{}  // closed to stop tend
	maintained chan struct{}  // closed when tend has stopped
	pending    sync.WaitGroup // sign-ins under way

	loggedOut *ttlcache.Cache[logoutOf, string] // marks of logouts
	usedNames *ttlcache.Cache[string, struct{}] // of [Broker.FirstUse]
	refused   *refusedMethods

	mu     sync.Mutex
	closed bool
	calls  map[owner]*signInCall
}

// New makes a broker. It sends nothing to Tableau: sessions are made when they are first needed.
// The shared store is connected to in the background; it may be down.
func New(c Config) (*Broker, error) {
	c = c.withDefaults()
	if err := c.check(); err != nil {
		return nil, err
	}
	b := &Broker{
		client: c.Client, sites: map[string]*site{}, idle: renewAfter(c.SessionIdle), luidLife: c.LUIDLifetime, life: renewAfter(c.SessionLife), timeout: c.SignInTimeout,
		now: c.Now, log: c.Logger, observer: c.Observer, carry: c.Carry, quit: make(chan struct{}), maintained: make(chan struct{}), calls: map[owner]*signInCall{},
	}
	b.loggedOut = ttlcache.New[logoutOf, string](logoutTTL, logoutsKept, c.Now)
	b.usedNames = ttlcache.New[string, struct{}](logoutTTL, logoutsKept, c.Now)
	b.refused = newRefusedMethods(c.Now, c.Logger)
	b.base, b.cancel = context.WithCancel(context.Background())
	b.signOuts = &signOutQueue{client: c.Client, base: b.base, log: c.Logger, observer: c.Observer}
	var err error
	if b.shared, err = b.newSharedStore(c.Redis); err != nil {
		b.cancel()
		return nil, fmt.Errorf("sessions: %w", err)
	}
	b.signOuts.shared = b.shared
	if b.store, err = newStore(c.MaxSessions, b.idle, c.Now, b.signOuts.retire); err != nil {
		b.shared.close()
		b.cancel()
		return nil, fmt.Errorf("sessions: making the cache: %w", err)
	}
	b.store.fresh = b.shared.freshFor(b.idle)
	b.addSites(c)
	go b.maintain()
	return b, nil
}

func (c Config) withDefaults() Config {
	if c.SessionIdle == 0 {
		c.SessionIdle = 240 * time.Minute
	}
	if c.MaxSessions == 0 {
		c.MaxSessions = 20_000
	}
	if c.LUIDLifetime == 0 {
		c.LUIDLifetime = 24 * time.Hour
	}
	if c.SignInTimeout == 0 {
		c.SignInTimeout = 30 * time.Second
	}
	if c.Parallel == 0 {
		c.Parallel = 8
	}
	if c.Carry == nil {
		c.Carry = func(_, to context.Context) context.Context { return to }
	}
	if c.Observer == nil {
		c.Observer = noObserver{}
	}
	if c.Now == nil {
		c.Now = time.Now
	}
	if c.Logger == nil {
		c.Logger = slog.Default()
	}
	return c
}

// check reports everything that is wrong together.
func (c Config) check() error {
	var problems []error
	if c.Client == nil {
		problems = append(problems, errors.New("there is no client"))
	}
	if len(c.Sites) == 0 {
		problems = append(problems, errors.New("there is no site"))
	}
	if c.SessionIdle < 0 || c.SessionLife < 0 || c.MaxSessions < 0 || c.LUIDLifetime < 0 || c.SignInTimeout < 0 || c.Parallel < 0 {
		problems = append(problems, errors.New("a duration or a number is negative"))
	}
	seen := map[string]bool{}
	for _, s := range c.Sites {
		if seen[strings.ToLower(s.ContentURL)] {
			problems = append(problems, fmt.Errorf("site %q is named twice", s.ContentURL))
		}
		seen[strings.ToLower(s.ContentURL)] = true
		if s.Method == nil {
			problems = append(problems, fmt.Errorf("site %q has no sign-in method", s.ContentURL))
		} else if err := s.Method.check(); err != nil {
			problems = append(problems, fmt.Errorf("site %q: %w", s.ContentURL, err))
		}
	}
	if len(problems) > 0 {
		return fmt.Errorf("sessions: %w", errors.Join(problems...))
	}
	return nil
}

// addSites makes each method ready for its sites. What one site learns about a credential the
// others know too.
func (b *Broker) addSites(c Config) {
	known, heads := map[string]*credentialState{}, map[string]chan struct{}{}
	overlap := &overlapDetector{log: c.Logger, gracePeriod: gracePeriod}
	var mu sync.Mutex // of known: [Broker.Rekey] looks there too
	share := func(label string, token bool) *credentialState {
		mu.Lock()
		defer mu.Unlock()
		if known[label] == nil {
			known[label] = &credentialState{health: health{tolerance: sitesToTry}, gate: make(chan struct{}, 1)}
			if token {
				known[label].lock, known[label].token = &purposeLock{}, &tokenState{overlap: overlap, label: label, log: c.Logger, now: c.Now}
			}
		}
		return known[label]
	}
	queueHead := func(credentials []*credential) chan struct{} {
		label := ""
		for _, credential := range credentials {
			label += credential.label + "\n"
		}
		if heads[label] == nil {
			heads[label] = make(chan struct{}, 1)
		}
		return heads[label]
	}
	for _, s := range c.Sites {
		digest := sha256.Sum256([]byte(s.Method.fingerprint()))
		b.names = append(b.names, s.ContentURL)
		b.sites[s.ContentURL] = &site{
			contentURL: s.ContentURL, fingerprint: [16]byte(digest[:16]), slots: make(chan struct{}, c.Parallel),
			signer: s.Method.forSite(signerDeps{
				client: c.Client, contentURL: s.ContentURL, stateOf: share, queueHead: queueHead, discard: b.signOuts.discard, signOuts: b.signOuts, shared: b.shared,
				base: b.base, carry: b.carry, timeout: c.SignInTimeout, luidLife: c.LUIDLifetime,
				renewAfter: b.idle, admins: c.DangerouslyImpersonateServerAdministrators, luids: c.MaxSessions, now: c.Now, log: c.Logger,
			}),
		}
	}
}

// Sites gives the content URLs in the operator's order.
func (b *Broker) Sites() []string { return append([]string(nil), b.names...) }

// Session gives the way to read as this person on a site. Nobody is signed in yet: the first read
// does that, and brings the *[Error] if it cannot be done. The only error here is an unknown site,
// or an identity without a Tableau user name.
func (b *Broker) Session(ctx context.Context, id *auth.Identity, contentURL string) (*tableau.Session, error) {
	s, err := b.source(id, contentURL)
	if err != nil {
		return nil, err
	}
	return b.client.Session(ctx, s), nil
}

func (b *Broker) source(id *auth.Identity, contentURL string) (*source, error) {
	st, ok := b.sites[contentURL]
	if !ok {
		return nil, errSite(contentURL)
	}
	if id == nil || id.Issuer == "" || id.Subject == "" || id.Username == "" {
		return nil, errUser("", contentURL, "the identity is not complete")
	}
	extra := st.signer.attributes(id)
	o := owner{issuer: id.Issuer, subject: id.Subject, site: contentURL, user: id.Username, fingerprint: st.fingerprintWith(extra)}
	return &source{broker: b, site: st, owner: o, attributes: extra, key: b.store.hash(o)}, nil
}

// Access reports whether the person can be signed in on a site: nil, or the *[Error] that prevents
// it. It costs nothing if there is a session, and opens one otherwise.
func (b *Broker) Access(ctx context.Context, id *auth.Identity, contentURL string) error {
	s, err := b.source(id, contentURL)
	if err != nil {
		return err
	}
	g, err := s.Acquire(ctx, nil)
	if err != nil {
		return err
	}
	s.Release(g)
	return nil
}

func (b *Broker) take(key uint64, o *owner) *session { return b.store.take(key, o) }
func (b *Broker) peek(key uint64, o *owner) *session { return b.store.peek(key, o) }

func (b *Broker) newSharedStore(c *RedisConfig) (sharedStore, error) {
	if c == nil {
		return localStore{}, nil
	}
	return newRedisSessions(c, b, b.endOf)
}

// owners is as whom a person has sessions, one for each site; none if it is not known what they are
// called in Tableau.
func (b *Broker) owners(id *auth.Identity) (all []owner) {
	for _, name := range b.names {
		if s, err := b.source(id, name); err == nil {
			all = append(all, s.owner)
		}
	}
	return all
}

// endOf ends the sessions of a person that do not pass some logouts, those too that are just being
// opened.
func (b *Broker) endOf(issuer, subject string, logouts []string) {
	b.mu.Lock()
	for o, f := range b.calls {
		if o.issuer == issuer && o.subject == subject {
			f.logouts = logouts
		}
	}
	b.mu.Unlock()
	b.endAll(func(s *session) bool {
		return s.owner.issuer == issuer && s.owner.subject == subject && !s.validAfter(logouts)
	})
}

func (b *Broker) endAll(which func(*session) bool) {
	var all []*session
	b.store.each(func(s *session) {
		if which(s) {
			b.end(s)
			all = append(all, s)
		}
	})
	for _, s := range all {
		b.shared.remove(s)
	}
}

// end has nobody take a session again, and signs it out when its last user leaves.
func (b *Broker) end(s *session) {
	s.dead.Store(true)
	s.origin.Store(originRemoved)
	b.signOuts.retire(s)
}

// Close gives no more sessions and signs out all there are, some at a time, those in use when their
// last user leaves. It returns when that is done or when ctx ends, and says then how many are left
// to Tableau's idle limit. Only the first call does anything.
func (b *Broker) Close(ctx context.Context) error {
	b.mu.Lock()
	before := b.closed
	b.closed = true
	b.mu.Unlock()
	if before {
		return nil
	}
	defer b.cancel()

	stop := context.AfterFunc(ctx, b.cancel) // sign-ins that are still under way end then
	defer stop()
	b.pending.Wait()
	close(b.quit)
	<-b.maintained
	b.store.close()

	for _, s := range b.sites {
		s.signer.close()
	}
	defer b.shared.close()
	if left := b.signOuts.drain(ctx); left > 0 {
		return fmt.Errorf("sessions: %d were not signed out in time: they end at Tableau's idle limit", left)
	}
	return nil
}
