package sessions

import (
	"context"
	"errors"
	"log/slog"
	"slices"
	"sync"
	"time"

	"vitrine/internal/tableau"
)

// Shared is a Redis that several replicas share their sessions through.
type RedisConfig struct {
	// Address is rediss://host[:port][/database], or redis:// without TLS.
	Address  string
	Username string         // empty for the default user
	Password tableau.Secret // may be zero
	CA       []byte         // PEM: certificates to trust besides the system's; nil for none
	// Keys are one or two root keys of 32 bytes or more, the current one first. All replicas have the same.
	Keys []tableau.Secret
	// Timeout is how long the store may take for one operation; a second when zero. A store that answers nothing for longer, or
	// leaves three in a row unanswered, is left alone until it answers again.
	Timeout time.Duration
	// Realm is what the sessions are for: the address of Tableau. Replicas of another realm do not see them.
	Realm string
}

func (c *RedisConfig) operationTimeout() time.Duration {
	if c.Timeout == 0 {
		return redisPatience
	}
	return c.Timeout
}

const (
	// lockLife is how long a sign-in is left to a replica that does not say any more that it is at it.
	lockLife = 6 * time.Second
	// lockPoll is after how long a replica looks again though nobody has told it of a change.
	lockPoll = time.Second
	// logoutLife is how long after its last use a session could still come back that a logout has ended.
	logoutLife = 24 * time.Hour
	// signOutLife is for how long no other replica signs out a session that one has signed out.
	signOutLife = 24 * time.Hour
	// logoutGrace is how long after a logout each replica has taken out what it has, unless it is being read with.
	logoutGrace = 5 * time.Second
	// touchAtOnce bounds how many sessions are named in one operation.
	touchAtOnce = 500
)

// What is to happen at Tableau to a session that nobody here uses any more.
const (
	originLocal     = iota // nobody else has it: it is signed out
	originPublished        // it was laid into the store: whoever takes it out of there signs it out
	originRemoved          // it is taken out of the store and signed out
)

// redisSessions is the shelf of several replicas that share a store. Whatever the store does, or does not, a session is obtained: it then
// costs a sign-in more.
type redisSessions struct {
	keys     sealKeys
	store    *redisStore
	idle     time.Duration // after which a session is renewed
	luidLife time.Duration // how long LUIDs are kept
	now      func() time.Time
	log      *slog.Logger
	base     context.Context
	out      *signOutQueue
	client   *tableau.Client
	// ended has the broker retire the sessions of a person that the logouts do not let pass.
	ended func(issuer, subject string, logouts []string)

	grace time.Duration // see purge
	quit  chan struct{} // closed when it is closed

	mu      sync.Mutex
	closed  bool
	watches map[string]*watch // by the names of the entry
	working sync.WaitGroup    // what was begun because of a logout
}

func newRedisSessions(c *RedisConfig, b *Broker, ended func(issuer, subject string, logouts []string)) (*redisSessions, error) {
	keys, err := newSealKeys(c.Keys, c.Realm)
	if err != nil {
		return nil, err
	}
	option, err := redisOption(c)
	if err != nil {
		return nil, err
	}
	f := &redisSessions{
		keys: keys, idle: b.idle, luidLife: b.luidLife, now: b.now, log: b.log, base: b.base, out: b.signOuts, client: b.client, ended: ended,
		watches: map[string]*watch{}, grace: logoutGrace, quit: make(chan struct{}),
	}
	f.store = newRedisStore(option, c.operationTimeout(), b.log, f.changed, c.advised)
	return f, nil
}

// about is all that an owner consists of, as it is authenticated.
func (o owner) about() []byte {
	return exactly(o.issuer, o.subject, o.site, o.user, string(o.fingerprint[:]))
}

// obtain: see sharedStore.
func (f *redisSessions) obtain(
	ctx context.Context, o owner, before *session, perReplica func(bool) bool, make func() (*session, error),
) (s *session, err error) {
	w := f.watchOwner(o)
	defer func() {
		if s == nil || s == before {
			f.unwatch(w) // else the session goes on watching
		}
	}()
	return f.resolve(ctx, w, o, before, perReplica, make)
}

func (f *redisSessions) resolve(
	ctx context.Context, w *watch, o owner, before *session, perReplica func(bool) bool, make func() (*session, error),
) (*session, error) {
	died := before != nil && before.dead.Load()
	if died {
		if err := f.drop(before); err != nil {
			return f.withoutStore(w, before, make)
		}
	}
	l := &lock{f: f, names: w.locks}
	defer l.release()
	offered := false
	for {
		at := w.revision()
		got, err := f.lookUp(w, o.site, before)
		switch {
		case err != nil:
			return f.withoutStore(w, before, make)
		case got.refusal != nil:
			return nil, got.refusal
		case got.content != nil && (before.is(got.content) || !perReplica(died)):
			return f.fromStore(w, at, o, before, got), nil
		case perReplica(died):
			return f.signInPerReplica(w, at, got.logouts, before, make)
		case !offered && f.stillValid(before, at, got):
			offered = true
			if f.republish(w, at, before, !got.unusable) {
				return before, nil
			}
			continue
		}
		if l.held {
			return f.signIn(w, at, got.logouts, l, before, perReplica, make)
		}
		if err := l.claim(); err != nil {
			return f.withoutStore(w, before, make)
		}
		if l.held {
			continue // somebody may have been quicker: look once more
		}
		if err := w.wait(ctx); err != nil {
			return nil, err
		}
	}
}

// survives says that a session that the store does not have any more is good all the same: the store has lost it, and nobody has
// taken it out.
func (f *redisSessions) stillValid(s *session, at revision, got lookUpResult) bool {
	return s != nil && f.alive(s) && s.seenRevision.changes.Load() == at.changes && s.validAfter(got.logouts)
}

// offer puts a session that was lost into the store again. It is held for the caller then.
func (f *redisSessions) republish(w *watch, at revision, s *session, onlyNew bool) bool {
	if !f.reuse(s) {
		return false
	}
	if !f.publish(w, s, onlyNew) {
		s.release(f.out)
		return false
	}
	s.setRevision(at)
	return true
}

// reuse takes a session that there is, for the caller to use.
func (f *redisSessions) reuse(s *session) bool {
	if !s.hold() {
		return false
	}
	s.used.Store(f.now().UnixNano())
	return true
}

// lives says that a session could be used, for all that is known here.
func (f *redisSessions) alive(s *session) bool {
	now := f.now()
	return !s.dead.Load() && !s.ended(now) && s.idleFor(now) < f.idle
}

// without goes on while the store cannot be asked: with the session that there is, unless something about it is known to have
// changed, or with one of one's own. That is offered to the others when it is used next.
func (f *redisSessions) withoutStore(w *watch, before *session, make func() (*session, error)) (*session, error) {
	at := w.revision()
	if before != nil && before.watch != nil && f.alive(before) && before.seenRevision.changes.Load() == at.changes && f.reuse(before) {
		return before, nil
	}
	s, err := make()
	if err != nil {
		return nil, err
	}
	at.losses--
	s.watch = w
	s.setReplaced(before, f.keys[0])
	s.setRevision(at)
	return s, nil
}

// signInApart goes on with the session that this replica has, or makes one for itself, and lays nothing down. Where a token holds one session
// at a time, a replica ends the sessions of its tokens as its own people need them, and can not know that another reads with one.
func (f *redisSessions) signInPerReplica(w *watch, at revision, logouts []string, before *session, make func() (*session, error)) (*session, error) {
	if before != nil && before.watch == w && f.alive(before) && before.validAfter(logouts) && // what others lay down says nothing about it
		(before.origin.Load() == originLocal || before.seenRevision.changes.Load() == at.changes) && f.reuse(before) {
		before.setRevision(at)
		return before, nil
	}
	s, err := make()
	if err != nil {
		f.publishRefusal(w, err)
		return nil, err
	}
	s.watch, s.logouts = w, logouts
	s.setReplaced(before, f.keys[0])
	s.setRevision(at)
	return s, nil
}

// signIn makes the session that all replicas wait for.
func (f *redisSessions) signIn(
	w *watch, at revision, logouts []string, l *lock, before *session, perReplica func(bool) bool, make func() (*session, error),
) (*session, error) {
	stop := l.keep()
	defer stop()
	s, err := make()
	mine := stop()
	if err != nil {
		f.publishRefusal(w, err)
		return nil, err
	}
	s.watch, s.logouts = w, logouts
	s.setRevision(at)
	s.setReplaced(before, f.keys[0])
	if !perReplica(false) { // the sign-in may have told it
		f.publish(w, s, !mine)
	}
	return s, nil
}

// fromStore returns the session that lies in the store: as the one that was known before, if it is the same.
func (f *redisSessions) fromStore(w *watch, at revision, o owner, before *session, got lookUpResult) *session {
	c := got.content
	s := before
	if s == nil || s.watch != w || s.grant.Token.Reveal() != c.Token || !f.reuse(s) {
		s = newSession(o, 0, c.grant(o.site), f.now())
		s.ends, s.logouts, s.watch = c.Ends, c.Logouts, w
		if len(c.Replaced) == tagSize {
			t := tag(c.Replaced)
			s.replaced = &t
		}
		s.users.Store(1)
	}
	s.setRevision(at)
	s.stored.Store(true)
	s.origin.CompareAndSwap(originLocal, originPublished)
	if got.left < f.idle/2 {
		f.shareUse(f.base, []*session{s})
	}
	return s
}

// replaces: see sharedStore. Replicas that knew nothing of one another for a while have several sessions of one owner, which may all have
// died at once: nobody is to see that twice in one request. A session follows if it was made because the dead one had died;
// otherwise Tableau is asked, once for all who wait.
func (f *redisSessions) replaces(ctx context.Context, s *session, dead *tableau.Grant) bool {
	if s.watch == nil {
		return true
	}
	for _, k := range f.keys {
		if t := k.tag(dead.Token); s.replaced != nil && *s.replaced == t {
			return true
		}
	}
	from := time.Now().UnixNano()
	s.watch.proof.Lock()
	defer s.watch.proof.Unlock()
	if s.aliveAt.Load() >= from {
		return true
	}
	live, known := isAlive(ctx, f.client, s)
	if live || !known {
		s.aliveAt.Store(time.Now().UnixNano())
		return true
	}
	return false
}

// mustSignOut: see sharedStore.
func (f *redisSessions) mustSignOut(_ context.Context, s *session) bool {
	if s.watch == nil {
		return true
	}
	defer f.unwatch(s.watch)
	switch s.origin.Load() {
	case originLocal:
		return true
	case originRemoved:
		_ = f.drop(s) // it is signed out either way
		return !s.stored.Load() || f.claimSignOut(s.grant.Token)
	}
	held, err := f.stillStored(s)
	return err == nil && !held && f.claimSignOut(s.grant.Token)
}

// shareUse: see sharedStore. What is used in between is told with the next call: the store lets a session go a little early, never late.
func (f *redisSessions) shareUse(_ context.Context, all []*session) {
	now := f.now()
	for part := range slices.Chunk(all, touchAtOnce) {
		ages := make(map[string]time.Duration, len(part))
		for _, s := range part {
			left := f.idle - s.idleFor(now)
			if s.watch == nil || s.origin.Load() != originPublished || left <= 0 {
				continue
			}
			for _, name := range s.watch.names {
				ages[name] = left
			}
		}
		if len(ages) == 0 {
			continue
		}
		if err := f.store.lengthen(f.base, ages); err != nil {
			return
		}
	}
}

// forget: see sharedStore.
func (f *redisSessions) forget(ctx context.Context, issuer, subject, mark string, owners []owner) error {
	var all error
	for _, name := range f.keys.names(prefixLogout, exactly(issuer, subject)) {
		_, err := f.store.write(ctx, name, []byte(mark), logoutLife+2*f.idle, false)
		all = errors.Join(all, err)
	}
	f.mu.Lock()
	defer f.mu.Unlock()
	if !f.closed {
		f.working.Go(func() { f.purge(owners) })
	}
	return all
}

// logouts: see sharedStore.
func (f *redisSessions) logouts(ctx context.Context, issuer, subject string) (marks []string, ok bool) {
	_, values, err := f.store.read(ctx, nil, f.keys.names(prefixLogout, exactly(issuer, subject)))
	return present(values), err == nil
}

// remove: see sharedStore.
func (f *redisSessions) remove(s *session) { _ = f.drop(s) }

// purge signs out what lies in the store for owners who have logged out and no replica has taken out, because none has it: it was laid down by
// one that has stopped since. The replicas are left some time, so that nothing is signed out that one of them still reads with.
func (f *redisSessions) purge(owners []owner) {
	wait := time.NewTimer(f.grace)
	defer wait.Stop()
	select {
	case <-wait.C:
	case <-f.quit:
		return
	}
	for _, o := range owners {
		w := f.watchOwner(o)
		_, _ = f.lookUp(w, o.site, nil) // it signs out what a logout has ended
		f.unwatch(w)
	}
}

func (f *redisSessions) freshFor(idle time.Duration) time.Duration { return idle / 2 }

func (f *redisSessions) close() {
	f.mu.Lock()
	f.closed = true
	f.mu.Unlock()
	close(f.quit)
	f.working.Wait()
	f.store.close()
}
