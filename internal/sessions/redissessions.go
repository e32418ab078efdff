package sessions

import (
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"log/slog"
	"slices"
	"sync"
	"time"

	"vitrine/internal/redisstore"
	"vitrine/internal/seal"
	"vitrine/internal/tableau"
)

// RedisConfig is a Redis that several replicas share their sessions through.
type RedisConfig struct {
	redisstore.Config
	// Keys are one or two root keys of 32 bytes or more, the current one first. All replicas have
	// the same.
	Keys []tableau.Secret
	// Realm is the Tableau that the sessions are for. Replicas of another realm do not see them.
	Realm string
}

// Check tries everything that replicas need of the store, and returns what it reports about itself
// and how long an operation takes.
func (c *RedisConfig) Check(ctx context.Context) (string, error) {
	keys, err := seal.NewEntryKeys(c.Keys, c.Realm)
	if err != nil {
		return "", err
	}
	about := seal.Canonical("check", rand.Text())
	name := keys.Name(prefixProbe, about)
	sealed := keys.Seal(name, about, seal.Tag{}, []byte("check"))
	return c.Config.Check(ctx, prefixProbe, name, sealed, seal.TagOf(sealed))
}

// Store is the key-value store behind shared sessions. internal/redisstore implements it; entries
// are sealed before they get there.
type Store interface {
	Read(ctx context.Context, names, valuesOf []string) ([]redisstore.Entry, [][]byte, error)
	Write(ctx context.Context, name string, value []byte, ttl time.Duration, onlyNew bool) (written bool, err error)
	Extend(ctx context.Context, ttls map[string]time.Duration) error
	Remove(ctx context.Context, names []string) error
	RemoveTagged(ctx context.Context, names, tags []string) (removed int64, err error)
	Lock(ctx context.Context, names []string, token string, ttl time.Duration) (bool, error)
	ExtendLock(ctx context.Context, names []string, token string, ttl time.Duration) (bool, error)
	Unlock(ctx context.Context, names []string, token string) error
	Add(ctx context.Context, name string, n int64, ttl time.Duration) (sum int64, err error)
	Close()
}

// The names of entries begin with the prefix of their kind. Replicas are notified of changes to
// sessions, locks and logouts.
const (
	prefixSession = "vitrine:s:" // sessions, and refusals in their place
	prefixLock    = "vitrine:k:" // which replica signs an owner in
	prefixLogout  = "vitrine:o:" // the last logout of a person
	prefixLUID    = "vitrine:l:" // LUIDs of names
	prefixCount   = "vitrine:c:" // what somebody has used in a minute
	prefixGone    = "vitrine:x:" // sessions that a replica signs out
	prefixProbe   = "vitrine:p:" // what check writes and reads
)

const (
	// lockTTL is how long a sign-in belongs to a replica that no longer extends its lock.
	lockTTL = 6 * time.Second
	// lockPoll is after how long a replica looks again without a notification.
	lockPoll = time.Second
	// logoutTTL is how long after its last use a session that a logout has ended could still come
	// back.
	logoutTTL = 24 * time.Hour
	// signOutTTL is for how long no other replica signs out a session that one has signed out.
	signOutTTL = 24 * time.Hour
	// logoutGrace is how long after a logout each replica has removed its sessions, unless they are
	// in use.
	logoutGrace = 5 * time.Second
	// extendAtOnce bounds how many sessions are extended in one operation.
	extendAtOnce = 500
)

// The origin of a session decides what happens at Tableau when nobody here uses it any more.
const (
	originLocal     = iota // no other replica has it: it is signed out
	originPublished        // it was written to the store: the replica that removes it from there signs it out
	originRemoved          // it was removed from the store, and is signed out
)

// redisSessions is the sharedStore of several replicas. Whatever happens to the store, a session is
// obtained: at worst it costs another sign-in.
type redisSessions struct {
	keys     seal.EntryKeys
	store    Store
	idle     time.Duration // after which a session is renewed
	luidLife time.Duration // how long LUIDs are cached
	timeout  time.Duration // of a probe
	now      func() time.Time
	log      *slog.Logger
	base     context.Context
	signOuts *signOutQueue
	client   *tableau.Client
	// ended retires the sessions of a person that were made before the logouts.
	ended func(issuer, subject string, logouts []string)

	grace time.Duration // see purge
	quit  chan struct{} // closed by close

	mu      sync.Mutex
	closed  bool
	watches map[string]*watch // by the names of the entry
	working sync.WaitGroup    // work that logouts began
}

func newRedisSessions(c *RedisConfig, b *Broker, ended func(issuer, subject string, logouts []string)) (*redisSessions, error) {
	keys, err := seal.NewEntryKeys(c.Keys, c.Realm)
	if err != nil {
		return nil, err
	}
	f := &redisSessions{
		keys: keys, idle: b.idle, luidLife: b.luidLife, timeout: b.timeout, now: b.now, log: b.log, base: b.base, signOuts: b.signOuts,
		client: b.client, ended: ended, watches: map[string]*watch{}, grace: logoutGrace, quit: make(chan struct{}),
	}
	if f.store, err = redisstore.New(c.Config, []string{prefixSession, prefixLock, prefixLogout}, b.log, f.changed); err != nil {
		return nil, err
	}
	return f, nil
}

// about identifies an owner, as it is authenticated with an entry.
func (o owner) about() []byte {
	return seal.Canonical(o.issuer, o.subject, o.site, o.user, string(o.fingerprint[:]))
}

// replaces: see sharedStore. Replicas that could not reach one another have several sessions of one
// owner, which may all have died at once: one request must not meet more than one of them. A
// session may follow a dead one if it was made because of its end; otherwise Tableau is asked, once
// for all who wait.
func (f *redisSessions) replaces(ctx context.Context, s *session, dead *tableau.Grant) bool {
	if s.watch == nil || s.replaced != nil && slices.Contains(f.keys.Tags(dead.Token), string(s.replaced[:])) {
		return true
	}
	alive, err := s.alive.Do(ctx, "", func() (bool, error) { return f.probe(ctx, s), nil })
	return alive || err != nil && ctx.Err() != nil // the caller's next step fails with its context
}

// probe reports whether a session may be alive. It goes on when the caller who began it leaves.
func (f *redisSessions) probe(ctx context.Context, s *session) bool {
	if !s.hold() {
		return false
	}
	defer s.release(f.signOuts)
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), f.timeout)
	defer cancel()
	stop := context.AfterFunc(f.base, cancel)
	defer stop()
	live, known := isAlive(ctx, f.client, s)
	return live || !known
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

// shareUse: see sharedStore. Uses in between are shared with the next call: the store drops a
// session a little early, never late.
func (f *redisSessions) shareUse(_ context.Context, all []*session) {
	now := f.now()
	for part := range slices.Chunk(all, extendAtOnce) {
		ttls := make(map[string]time.Duration, len(part))
		for _, s := range part {
			left := f.idle - s.idleFor(now)
			if s.watch == nil || s.origin.Load() != originPublished || left <= 0 {
				continue
			}
			for _, name := range s.watch.names {
				ttls[name] = left
			}
		}
		if len(ttls) == 0 {
			continue
		}
		if err := f.store.Extend(f.base, ttls); err != nil {
			return
		}
	}
}

// forget: see sharedStore.
func (f *redisSessions) forget(ctx context.Context, issuer, subject, mark string, owners []owner) error {
	var all error
	for _, name := range f.keys.Names(prefixLogout, seal.Canonical(issuer, subject)) {
		_, err := f.store.Write(ctx, name, []byte(mark), logoutTTL+2*f.idle, false)
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
	_, values, err := f.store.Read(ctx, nil, f.keys.Names(prefixLogout, seal.Canonical(issuer, subject)))
	return present(values), err == nil
}

// remove: see sharedStore.
func (f *redisSessions) remove(s *session) { _ = f.drop(s) }

// purge signs out stored sessions of owners who have logged out that no replica has removed,
// because none has them: the replica that published them has stopped. It waits first, so that
// nothing is signed out that a replica still reads with.
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

func (f *redisSessions) count(ctx context.Context, name string, points int64, life time.Duration) (int64, error) {
	return f.store.Add(ctx, f.keys.Name(prefixCount, seal.Canonical(name)), points, life)
}

func (f *redisSessions) close() {
	f.mu.Lock()
	f.closed = true
	f.mu.Unlock()
	close(f.quit)
	f.working.Wait()
	f.store.Close()
}

var errNoStore = fmt.Errorf("%w: the settings have no shared store", redisstore.ErrUnavailable)
