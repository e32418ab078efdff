package sessions

import (
	"context"
	"log/slog"
	"sync"
	"sync/atomic"
	"time"

	"vitrine/internal/tableau"
)

const (
	// pollInterval is how often is looked whether a token has become free, and gracePeriod how long
	// a session that is used all the time is left to its readers: then it is watched although they
	// read, or given to no further ones.
	pollInterval = 2 * time.Millisecond
	gracePeriod  = time.Second
	// foreignEndWindow is how long after its sign-in the end of a session means that somebody else
	// ended it.
	foreignEndWindow = time.Minute
	// warnInterval is how long the same is not said again.
	warnInterval = 10 * time.Minute
)

// tokenState is what is known of one personal access token, on all sites: its newest impersonated
// session, and when it ends itself. Where a token holds one session at a time, people take turns:
// the session of one is signed out, when no read uses it any more, before that of another is
// opened. Otherwise two people who read side by side would end each other's sessions for ever. A
// nil tokenState is for passwords: their sessions live side by side.
type tokenState struct {
	overlap *overlapDetector
	label   string
	log     *slog.Logger
	now     func() time.Time

	mu      sync.Mutex
	newest  *tokenSession // the newest impersonated session
	signIns int           // how many were begun with the token
	warned  time.Time     // when another process was last reported
	age     age
}

// tokenSession ties a session to the token that it came from. A nil tokenSession is for passwords.
type tokenSession struct {
	token    *tokenState
	signIns  int           // of the token when this one had succeeded
	opened   time.Time     // when
	signOuts *signOutQueue // set with session
	session  atomic.Pointer[session]
	ended    atomic.Bool // it has been signed out
}

// signInBegins notes that the token is about to sign in.
func (t *tokenState) signInBegins() {
	if t != nil {
		t.mu.Lock()
		t.signIns++
		t.mu.Unlock()
	}
}

// sessionOpened notes a new impersonated session. The owner of the session binds it to the
// tokenSession.
func (t *tokenState) sessionOpened() *tokenSession {
	if t == nil {
		return nil
	}
	t.mu.Lock()
	defer t.mu.Unlock()
	t.newest = &tokenSession{token: t, signIns: t.signIns, opened: t.now()}
	return t.newest
}

func (l *tokenSession) bind(s *session, out *signOutQueue) {
	if l != nil {
		l.signOuts = out
		l.session.Store(s)
	}
}

func (l *tokenSession) signedOut() {
	if l != nil {
		l.ended.Store(true)
	}
}

// died is called when Tableau has ended the session.
func (l *tokenSession) died(now time.Time) {
	if l == nil {
		return
	}
	t := l.token
	t.mu.Lock()
	explained := t.signIns != l.signIns
	t.mu.Unlock()
	switch {
	case explained:
		t.overlap.recheck(now)
	case t.overlap.mode() != overlapAllowed: // else no sign-in ends an impersonated session
		t.reportForeignUse(l.opened, now)
	}
}

// serviceDied is died for a session of the token's own owner, which every sign-in may end.
func (t *tokenState) serviceDied(signIns int, opened, now time.Time) {
	if t == nil {
		return
	}
	t.mu.Lock()
	explained := t.signIns != signIns
	t.mu.Unlock()
	if !explained {
		t.reportForeignUse(opened, now)
	}
}

// signInCount is how many sign-ins were begun with the token.
func (t *tokenState) signInCount() int {
	if t == nil {
		return 0
	}
	t.mu.Lock()
	defer t.mu.Unlock()
	return t.signIns
}

// reportForeignUse logs that a session ended soon after it was opened, and not because of this
// server.
func (t *tokenState) reportForeignUse(opened, now time.Time) {
	t.mu.Lock()
	defer t.mu.Unlock()
	if now.Sub(opened) > foreignEndWindow || !t.warned.IsZero() && now.Sub(t.warned) < warnInterval {
		return
	}
	t.warned = now
	t.log.Warn("another process uses "+t.label+": a session of it was ended within a minute, and by no sign-in of this server; give "+
		"each instance tokens of its own, and use them nowhere else (a restart of Tableau looks the same, once)", "credentials", t.label)
}

// readiness is what a token has to wait for before its next impersonation.
type readiness int

const (
	tokenFree  readiness = iota // no living session
	tokenIdle                   // one that no read uses now, or that is being signed out
	tokenInUse                  // one that is being read with, or was only just made
)

// state looks at the token's newest session and says when it was last used.
func (t *tokenState) state() (readiness, *tokenSession, int64) {
	if t == nil {
		return tokenFree, nil, 0
	}
	t.mu.Lock()
	last := t.newest
	t.mu.Unlock()
	if last == nil || last.ended.Load() {
		return tokenFree, nil, 0
	}
	s := last.session.Load()
	switch {
	case s == nil:
		return tokenInUse, last, 0
	case s.dead.Load() && s.origin.Load() != originRemoved: // one that was withdrawn may still be read with
		return tokenFree, nil, 0
	case s.unused():
		return tokenIdle, last, s.used.Load()
	default:
		return tokenInUse, last, s.used.Load()
	}
}

// preempt gives an overused session to nobody any more: its readers leave it one by one.
func (l *tokenSession) preempt() {
	if s := l.session.Load(); s != nil {
		s.origin.Store(originRemoved) // though other replicas may have it
		l.signOuts.retire(s)
	}
}

// waitUntilFree waits until a sign-in with the token ends nobody's read: until there is no session,
// where they end each other, or until no read uses it. It gives the session to watch, held; nil for
// none. It is called in the token's lock.
func (t *tokenState) waitUntilFree(ctx context.Context) (watched *session, err error) {
	if t == nil {
		return nil, nil
	}
	w := newTokenWait(t.overlap.gracePeriod)
	defer w.stop()
	for t.overlap.mode() != overlapAllowed {
		ready, l, _ := t.state()
		if ready == tokenFree {
			return nil, nil
		}
		if watched, ok := t.tryPreempt(ready, l, w.long); ok {
			return watched, nil
		}
		if err := w.next(ctx); err != nil {
			return nil, err
		}
		if w.long && t.overlap.mode() == overlapDisplaces {
			l.preempt()
		}
	}
	return nil, nil
}

// tryPreempt reports whether a token with a session can sign in now: a session that no read uses is
// signed out first, or, as long as it is not known that this is needed, held and watched, after a
// long wait even while it is used.
func (t *tokenState) tryPreempt(ready readiness, l *tokenSession, long bool) (watched *session, ok bool) {
	known, s := t.overlap.mode(), l.session.Load() // it may be found out by another token meanwhile: it is asked once
	switch {
	case known == overlapAllowed:
		return nil, true
	case s == nil || ready != tokenIdle && (known == overlapDisplaces || !long):
		return nil, false
	case known == overlapUnknown && s.take(t.now(), overlapTrustedFor):
		return s, true
	case known == overlapUnknown && long:
		return nil, true // it is on its way out, and somebody still reads with it
	}
	if s.retireUnused() {
		s.origin.Store(originRemoved) // though other replicas may have it
		l.signOuts.add(s)
	}
	return nil, false // until it is signed out
}

// tokenWait is a wait for a token.
type tokenWait struct {
	tick     *time.Ticker
	patience *time.Timer
	long     bool // it has lasted beyond gracePeriod
}

func newTokenWait(gracePeriod time.Duration) *tokenWait {
	return &tokenWait{tick: time.NewTicker(pollInterval), patience: time.NewTimer(gracePeriod)}
}

func (w *tokenWait) stop() {
	w.tick.Stop()
	w.patience.Stop()
}

// next waits for the next look.
func (w *tokenWait) next(ctx context.Context) error {
	select {
	case <-w.tick.C:
	case <-w.patience.C:
		w.long = true
	case <-ctx.Done():
		return ctx.Err()
	}
	return nil
}

// probeAround looks at a held session before a sign-in, and gives what looks again after it:
// whether the session lives, and whether both looks known. The session is let go then.
func probeAround(ctx context.Context, client *tableau.Client, s *session, out *signOutQueue) (look func(signedIn bool) (live, known bool)) {
	if s == nil {
		return func(bool) (bool, bool) { return false, false }
	}
	live, known := isAlive(ctx, client, s)
	return func(signedIn bool) (bool, bool) {
		defer s.release(out)
		if !signedIn || !live || !known {
			return false, false
		}
		live, known := isAlive(ctx, client, s)
		if known && !live {
			s.dead.Store(true) // nobody needs to find that out by reading
		}
		return live, known
	}
}

// isAlive asks Tableau whether a session is alive, as its own user.
func isAlive(ctx context.Context, client *tableau.Client, s *session) (live, known bool) {
	_, err := client.Session(ctx, singleSession{s}).Current(ctx)
	return err == nil, err == nil || tableau.IsKind(err, tableau.SignedOut)
}

// singleSession is a source of one session, which is never renewed.
type singleSession struct{ session *session }

// Acquire gives the session's grant, as long as it is not named as dead.
func (o singleSession) Acquire(_ context.Context, dead *tableau.Grant) (*tableau.Grant, error) {
	if dead != nil {
		return nil, &tableau.Error{Kind: tableau.SignedOut, Call: "GET sessions/current"}
	}
	return &o.session.grant, nil
}

// Release does nothing: the maker of the source holds the session.
func (o singleSession) Release(*tableau.Grant) {}

// ContentURL is the site's.
func (o singleSession) ContentURL() string { return o.session.owner.site }
