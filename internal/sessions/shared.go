package sessions

import (
	"context"
	"crypto/rand"
	"encoding/json"
	"errors"
	"log/slog"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"time"

	"vitrine/internal/tableau"
)

// Shared is a Redis that several replicas share their sessions through.
type Shared struct {
	// Address is rediss://host[:port][/database], or redis:// without TLS.
	Address  string
	Username string         // empty for the default user
	Password tableau.Secret // may be zero
	CA       []byte         // PEM: certificates to trust besides the system's; nil for none
	// Keys are one or two root keys of 32 bytes or more, the current one first. All replicas have the same.
	Keys []tableau.Secret
	// Timeout is how long the store may take for one operation; 250 ms when zero. A store that does not answer for longer, three times
	// in a row, is left alone until it answers again.
	Timeout time.Duration
	// Realm is what the sessions are for: the address of Tableau. Replicas of another realm do not see them.
	Realm string
}

func (c *Shared) patience() time.Duration {
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
	// touchAtOnce bounds how many sessions are named in one operation.
	touchAtOnce = 500
)

// What is to happen at Tableau to a session that nobody here uses any more.
const (
	ours      = iota // nobody else has it: it is signed out
	laid             // it was laid into the store: whoever takes it out of there signs it out
	withdrawn        // it is taken out of the store and signed out
)

// watch is what is told of one owner's entry. A session is doubted, which is to say looked up anew before it is used again, when
// its watch has counted something since.
type watch struct {
	changes atomic.Uint32 // somebody has changed the entry
	losses  atomic.Uint32 // it may have changed without a word: the connection was lost, or the store emptied
	wake    chan struct{} // tells the one flight that may wait
	about   []byte
	names   []string // of the entry
	locks   []string
	logouts []string // of the person

	issuer, subject string
	refs            int // guarded by fellows.mu
}

// moment is what a watch has counted.
type moment struct{ changes, losses uint32 }

func (w *watch) moment() moment { return moment{w.changes.Load(), w.losses.Load()} }

func (w *watch) rouse() {
	select {
	case w.wake <- struct{}{}:
	default:
	}
}

// fellows is the shelf of several replicas that share a store. Whatever the store does, or does not, a session is obtained: it then
// costs a sign-in more.
type fellows struct {
	keys  sealKeys
	store *redisStore
	idle  time.Duration // after which a session is renewed
	now   func() time.Time
	log   *slog.Logger
	base  context.Context
	out   *exit
	// ended has the broker retire the sessions of a person that the logouts do not let pass.
	ended func(issuer, subject string, logouts []string)

	mu      sync.Mutex
	closed  bool
	watches map[string]*watch // by the names of the entry
	working sync.WaitGroup    // what was begun when the store told of a logout
}

func newFellows(c *Shared, b *Broker, ended func(issuer, subject string, logouts []string)) (*fellows, error) {
	keys, err := newSealKeys(c.Keys, c.Realm)
	if err != nil {
		return nil, err
	}
	option, err := redisOption(c)
	if err != nil {
		return nil, err
	}
	f := &fellows{
		keys: keys, idle: b.idle, now: b.now, log: b.log, base: b.base, out: b.out, ended: ended,
		watches: map[string]*watch{},
	}
	f.store = newRedisStore(option, c.patience(), b.log, f.changed)
	return f, nil
}

// about is all that an owner consists of, as it is authenticated.
func (o owner) about() []byte {
	return exactly(o.issuer, o.subject, o.site, o.user, string(o.shape[:]))
}

// watching gives the watch of an owner; each call has its unwatch.
func (f *fellows) watching(o owner) *watch {
	about, whom := o.about(), exactly(o.issuer, o.subject)
	names := f.keys.names(prefixSession, about)
	f.mu.Lock()
	defer f.mu.Unlock()
	w := f.watches[names[0]]
	if w == nil {
		w = &watch{
			wake: make(chan struct{}, 1), about: about, names: names, locks: f.keys.names(prefixLock, about),
			logouts: f.keys.names(prefixLogout, whom), issuer: o.issuer, subject: o.subject,
		}
		for _, name := range names {
			f.watches[name] = w
		}
	}
	w.refs++
	return w
}

func (f *fellows) unwatch(w *watch) {
	f.mu.Lock()
	defer f.mu.Unlock()
	if w.refs--; w.refs > 0 {
		return
	}
	for _, name := range w.names {
		if f.watches[name] == w {
			delete(f.watches, name)
		}
	}
}

// changed is told by the store which names have changed, nil for perhaps all. It runs inside the connection, and is quick.
func (f *fellows) changed(names []string) {
	f.mu.Lock()
	defer f.mu.Unlock()
	if names == nil {
		for _, w := range f.watches {
			w.losses.Add(1)
			w.rouse()
		}
		return
	}
	for _, name := range names {
		switch {
		case strings.HasPrefix(name, prefixSession):
			if w := f.watches[name]; w != nil {
				w.changes.Add(1)
				w.rouse()
			}
		case strings.HasPrefix(name, prefixLock):
			if w := f.watches[prefixSession+strings.TrimPrefix(name, prefixLock)]; w != nil {
				w.rouse()
			}
		case strings.HasPrefix(name, prefixLogout):
			f.loggedOut(name)
		}
	}
}

// loggedOut has the sessions of a person ended that may have been logged out; f.mu is held.
func (f *fellows) loggedOut(name string) {
	var whose *watch
	for _, w := range f.watches {
		if slices.Contains(w.logouts, name) {
			w.changes.Add(1)
			whose = w
		}
	}
	if whose == nil || f.closed {
		return
	}
	f.working.Go(func() {
		// A logout that is forgotten after its time tells of a change too.
		if _, values, err := f.store.read(f.base, nil, whose.logouts); err == nil {
			f.ended(whose.issuer, whose.subject, present(values))
		}
	})
}

// obtain: see shelf.
func (f *fellows) obtain(ctx context.Context, o owner, before *session, make func() (*session, error)) (*session, error) {
	w := f.watching(o)
	s, err := f.settle(ctx, w, o, before, make)
	if s == nil || s.watch != w || s == before {
		f.unwatch(w) // else the session goes on watching
	}
	return s, err
}

func (f *fellows) settle(ctx context.Context, w *watch, o owner, before *session, make func() (*session, error)) (*session, error) {
	if before != nil && before.dead.Load() {
		if err := f.drop(before); err != nil {
			return f.without(w, before, make)
		}
	}
	l := &lock{f: f, names: w.locks}
	defer l.release()
	offered := false
	for {
		at := w.moment()
		got, err := f.look(w, o.site, before)
		switch {
		case err != nil:
			return f.without(w, before, make)
		case got.refusal != nil:
			return nil, got.refusal
		case got.content != nil:
			if s := f.adopt(w, at, o, before, got); s != nil {
				return s, nil
			}
		case !offered && f.survives(before, at, got):
			offered = true
			if f.offer(w, at, before, !got.rubbish) {
				return before, nil
			}
			continue
		}
		if l.held {
			return f.signIn(w, at, got.logouts, l, make)
		}
		if err := l.claim(); err != nil {
			return f.without(w, before, make)
		}
		if l.held {
			continue // somebody may have been quicker: look once more
		}
		if err := w.wait(ctx); err != nil {
			return nil, err
		}
	}
}

// wait returns when something about the owner has changed, or after a while.
func (w *watch) wait(ctx context.Context) error {
	poll := time.NewTimer(lockPoll)
	defer poll.Stop()
	select {
	case <-w.wake:
	case <-poll.C:
	case <-ctx.Done():
		return ctx.Err()
	}
	return nil
}

// survives says that a session that the store does not have any more is good all the same: the store has lost it, and nobody has
// taken it out.
func (f *fellows) survives(s *session, at moment, got found) bool {
	return s != nil && f.lives(s) && s.seen.changes.Load() == at.changes && s.passes(got.logouts)
}

// offer puts a session that was lost into the store again. It is held for the caller then.
func (f *fellows) offer(w *watch, at moment, s *session, onlyNew bool) bool {
	if !s.hold() {
		return false
	}
	if !f.lay(w, s, onlyNew) {
		s.free(f.out)
		return false
	}
	s.see(at)
	return true
}

// lives says that a session could be used, for all that is known here.
func (f *fellows) lives(s *session) bool {
	now := f.now()
	return !s.dead.Load() && !s.ended(now) && s.idleFor(now) < f.idle
}

// without goes on while the store cannot be asked: with the session that there is, unless something about it is known to have
// changed, or with one of one's own. That is offered to the others when it is used next.
func (f *fellows) without(w *watch, before *session, make func() (*session, error)) (*session, error) {
	at := w.moment()
	if before != nil && before.watch != nil && f.lives(before) && before.seen.changes.Load() == at.changes && before.hold() {
		return before, nil
	}
	s, err := make()
	if err != nil {
		return nil, err
	}
	at.losses--
	s.watch = w
	s.see(at)
	return s, nil
}

// signIn makes the session that all replicas wait for.
func (f *fellows) signIn(w *watch, at moment, logouts []string, l *lock, make func() (*session, error)) (*session, error) {
	stop := l.keep()
	s, err := make()
	mine := stop()
	if err != nil {
		f.refuse(w, err)
		return nil, err
	}
	s.watch, s.logouts = w, logouts
	s.see(at)
	f.lay(w, s, !mine)
	return s, nil
}

// adopt gives the session that lies in the store: as the one that was known before, if it is the same.
func (f *fellows) adopt(w *watch, at moment, o owner, before *session, got found) *session {
	c := got.content
	used := f.now().Add(got.left - f.idle)
	s := before
	if s != nil && s.watch == w && s.grant.Token.Reveal() == c.Token && s.hold() {
		s.used.Store(max(s.used.Load(), used.UnixNano()))
		s.see(at)
	} else {
		s = newSession(o, 0, c.grant(o.site), used)
		s.ends, s.logouts, s.watch = c.Ends, c.Logouts, w
		s.users.Store(1)
		s.see(at)
	}
	s.fate.Store(laid)
	if got.left < f.idle/2 {
		f.used(f.base, []*session{s}) // it is about to be used
	}
	return s
}

// leave: see shelf.
func (f *fellows) leave(_ context.Context, s *session) bool {
	if s.watch == nil {
		return true
	}
	defer f.unwatch(s.watch)
	switch s.fate.Load() {
	case ours:
		return true
	case withdrawn:
		_ = f.drop(s) // it is signed out either way
		return true
	}
	held, err := f.holds(s)
	return err == nil && !held
}

// used: see shelf. What is used in between is told with the next call: the store lets a session go a little early, never late.
func (f *fellows) used(_ context.Context, all []*session) {
	now := f.now()
	for part := range slices.Chunk(all, touchAtOnce) {
		ages := make(map[string]time.Duration, len(part))
		for _, s := range part {
			left := f.idle - s.idleFor(now)
			if s.watch == nil || s.fate.Load() != laid || left <= 0 {
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

// forget: see shelf.
func (f *fellows) forget(ctx context.Context, issuer, subject string) error {
	logout := []byte(rand.Text())
	var all error
	for _, name := range f.keys.names(prefixLogout, exactly(issuer, subject)) {
		_, err := f.store.write(ctx, name, logout, logoutLife+2*f.idle, false)
		all = errors.Join(all, err)
	}
	return all
}

func (f *fellows) trusted(idle time.Duration) time.Duration { return idle / 2 }

func (f *fellows) close() {
	f.mu.Lock()
	f.closed = true
	f.mu.Unlock()
	f.store.close()
	f.working.Wait()
}

// aboutName is what the LUID of a name is authenticated with.
func aboutName(site string, who person) []byte {
	return exactly(site, who.issuer, who.subject, who.name)
}

func (f *fellows) luid(_ context.Context, site string, who person) (tableau.LUID, bool) {
	about := aboutName(site, who)
	names := f.keys.names(prefixLUID, about)
	_, values, err := f.store.read(f.base, nil, names)
	if err != nil {
		return "", false
	}
	for i, value := range values {
		if plain, ok := f.keys.open(names[i], about, value); ok {
			return tableau.LUID(plain), true
		}
	}
	return "", false
}

func (f *fellows) keepLUID(_ context.Context, site string, who person, luid tableau.LUID) {
	about := aboutName(site, who)
	name := f.keys[0].name(prefixLUID, about)
	_, _ = f.store.write(f.base, name, f.keys[0].seal(name, about, tag{}, []byte(luid)), luidAge, false)
}

func (f *fellows) dropLUID(_ context.Context, site string, who person) {
	_ = f.store.remove(f.base, f.keys.names(prefixLUID, aboutName(site, who)))
}

// content is what an entry says once it is open: a session, or why there is none.
type content struct {
	Token    string       `json:"t,omitempty"`
	SiteLUID tableau.LUID `json:"s,omitempty"`
	UserLUID tableau.LUID `json:"u,omitempty"`
	Ends     int64        `json:"e,omitempty"` // Unix nanoseconds
	Logouts  []string     `json:"l,omitempty"` // of the person, when the session was made
	Refusal  string       `json:"r,omitempty"` // public code
	Public   string       `json:"p,omitempty"`
	Reason   string       `json:"m,omitempty"`
}

func (c *content) grant(site string) *tableau.Grant {
	return &tableau.Grant{Token: tableau.NewSecret(c.Token), ContentURL: site, SiteLUID: c.SiteLUID, UserLUID: c.UserLUID}
}

// refusalKinds are the errors that hold for a person whichever replica asks.
var refusalKinds = map[string]error{"unknown": ErrUserUnknown, "administrator": ErrServerAdministrator}

// found is what a look into the store gave.
type found struct {
	content *content // a session that may be used; nil for none
	left    time.Duration
	refusal *Error
	rubbish bool     // something lies there that is no use: it is written over
	logouts []string // of the person, as they are now
}

// look finds what lies in the store for an owner. Whatever does not open for exactly this owner is not there.
func (f *fellows) look(w *watch, site string, before *session) (found, error) {
	entries, logouts, err := f.store.read(f.base, w.names, w.logouts)
	if err != nil {
		return found{}, err
	}
	got := found{logouts: present(logouts)}
	for i, entry := range entries {
		if entry.value == nil {
			continue
		}
		c := &content{}
		plain, ok := f.keys.open(w.names[i], w.about, entry.value)
		if !ok || json.Unmarshal(plain, c) != nil || entry.left <= 0 {
			got.rubbish = true
			continue
		}
		switch kind := refusalKinds[c.Refusal]; {
		case kind != nil:
			got.refusal = &Error{is: kind, public: c.Public, err: errors.New(c.Reason)}
			return got, nil
		case f.usable(w, site, c, before, got.logouts):
			got.content, got.left = c, min(entry.left, f.idle)
			return got, nil
		}
		got.rubbish = true
	}
	return got, nil
}

// usable says whether a session from the store may be used. One that a logout has ended is taken out and signed out, if no other
// replica is quicker.
func (f *fellows) usable(w *watch, site string, c *content, before *session, logouts []string) bool {
	known := before != nil && before.grant.Token.Reveal() == c.Token
	switch {
	case c.Token == "" || c.SiteLUID == "" || c.UserLUID == "":
		return false
	case known && before.dead.Load():
		return false
	case c.Ends != 0 && f.now().UnixNano() >= c.Ends:
		return false
	case subset(logouts, c.Logouts):
		return true
	}
	token := tableau.NewSecret(c.Token)
	if n, err := f.store.run(f.base, scriptDrop, w.names, f.keys.tags(token)); err == nil && n > 0 && !known {
		f.out.discard(c.grant(site))
	}
	return false
}

// present are the values that are there.
func present(values [][]byte) (texts []string) {
	for _, v := range values {
		if v != nil {
			texts = append(texts, string(v))
		}
	}
	return texts
}

func subset(of, all []string) bool {
	for _, one := range of {
		if !slices.Contains(all, one) {
			return false
		}
	}
	return true
}

// lay puts a session into the store. From then on it is not only this replica's, whether the store has confirmed it or not.
func (f *fellows) lay(w *watch, s *session, onlyNew bool) (there bool) {
	left := f.idle - s.idleFor(f.now())
	plain, err := json.Marshal(content{
		Token: s.grant.Token.Reveal(), SiteLUID: s.grant.SiteLUID, UserLUID: s.grant.UserLUID, Ends: s.ends, Logouts: s.logouts,
	})
	if err != nil || left <= 0 {
		return false
	}
	k := f.keys[0]
	sealed := k.seal(w.names[0], w.about, k.tag(s.grant.Token), plain)
	there, err = f.store.write(f.base, w.names[0], sealed, left, onlyNew)
	if err != nil || there {
		s.fate.CompareAndSwap(ours, laid)
	}
	return there
}

// refuse tells the other replicas that somebody cannot be signed in, if that is so whoever asks.
func (f *fellows) refuse(w *watch, err error) {
	var e *Error
	if !errors.As(err, &e) {
		return
	}
	for code, kind := range refusalKinds {
		if e.is != kind {
			continue
		}
		c := content{Refusal: code, Public: e.public}
		if e.err != nil {
			c.Reason = e.err.Error()
		}
		plain, err := json.Marshal(c)
		if err != nil {
			return
		}
		k := f.keys[0]
		_, _ = f.store.write(f.base, w.names[0], k.seal(w.names[0], w.about, tag{}, plain), refusalAge, false)
	}
}

// drop takes a session out of the store, if it is the one that lies there.
func (f *fellows) drop(s *session) error {
	if s.watch == nil {
		return nil
	}
	_, err := f.store.run(f.base, scriptDrop, s.watch.names, f.keys.tags(s.grant.Token))
	return err
}

// holds says whether a session still lies in the store.
func (f *fellows) holds(s *session) (bool, error) {
	_, values, err := f.store.read(f.base, nil, s.watch.names)
	if err != nil {
		return false, err
	}
	tags := f.keys.tags(s.grant.Token)
	for i, v := range values {
		if len(v) >= headerSize && string(v[tagAt:headerSize]) == tags[i] {
			return true, nil
		}
	}
	return false, nil
}

// lock is the right to sign somebody in, for all replicas.
type lock struct {
	f     *fellows
	names []string
	token string
	held  bool
}

func (l *lock) claim() error {
	l.token = rand.Text()
	n, err := l.f.store.run(l.f.base, scriptClaim, l.names, []string{l.token, milliText(lockLife)})
	l.held = err == nil && n == 1
	return err
}

// keep renews the lock until stop is called, which says whether it was never lost.
func (l *lock) keep() (stop func() (mine bool)) {
	ctx, cancel := context.WithCancel(l.f.base)
	done := make(chan bool, 1)
	go func() {
		tick := time.NewTicker(lockLife / 3)
		defer tick.Stop()
		mine := true
		for {
			select {
			case <-ctx.Done():
				done <- mine
				return
			case <-tick.C:
				n, err := l.f.store.run(ctx, scriptExtend, l.names, []string{l.token, milliText(lockLife)})
				if ctx.Err() == nil && (err != nil || n != 1) {
					mine = false
				}
			}
		}
	}()
	return func() bool {
		cancel()
		return <-done
	}
}

func (l *lock) release() {
	if l.held {
		_, _ = l.f.store.run(l.f.base, scriptRelease, l.names, []string{l.token})
	}
}
