package sessions

import (
	"sync/atomic"
	"time"

	"vitrine/internal/flight"
	"vitrine/internal/seal"
	"vitrine/internal/tableau"
)

// owner is all that shaped a session, and the one key of everything that is kept for somebody. Two
// owners never share anything.
type owner struct {
	issuer, subject string
	site            string   // content URL
	user            string   // Tableau user name, perhaps DOMAIN\name
	fingerprint     [16]byte // digest of all else: sign-in method, scopes, user attributes, on-demand groups
}

// person is who is signed in, on whatever site. What is remembered of a name is remembered for one
// person: when a name is given to somebody else, in Tableau and at the issuer, that is another
// subject, who is looked up again.
type person struct{ issuer, subject, name string }

func (o owner) person() person { return person{o.issuer, o.subject, o.user} }

// session is one session of one owner. It is signed out when it is retired and nobody uses it.
type session struct {
	owner        owner
	key          uint64 // hash of owner: where the cache keeps it
	grant        tableau.Grant
	tokenSession *tokenSession // nil where sessions leave one another alone
	ends         int64         // when it is renewed although it is used, Unix nanoseconds; zero for never
	used         atomic.Int64  // when somebody last took it, Unix nanoseconds
	dead         atomic.Bool   // Tableau said 401 to its token
	// users counts those who hold it; retired is added once nobody else may take it. The caller
	// that brings it to exactly retired signs it out.
	users atomic.Int64
	// The rest is of use where replicas share sessions; watch is nil elsewhere.
	watch        *watch
	seenRevision atomicRevision     // what the watch had counted when the session was last looked up
	sharedUse    atomic.Int64       // use until then was shared with other replicas, Unix nanoseconds
	origin       atomic.Int32       // originLocal, originPublished or originRemoved
	logouts      []string           // of the person, when the session was made; never changed
	alive        flight.Group[bool] // asks Tableau whether the session is alive, once for all who wait
	replaced     *seal.Tag          // of the session that had died, which is why this one was made; nil for none
	stored       atomic.Bool        // it was in the store
}

// atomicRevision is a revision that changes.
type atomicRevision struct{ changes, losses atomic.Uint32 }

const retired = 1 << 40

func newSession(o owner, key uint64, g *tableau.Grant, now time.Time) *session {
	s := &session{owner: o, key: key, grant: *g}
	s.grant.TokenEnds = "" // of no use any more
	s.used.Store(now.UnixNano())
	return s
}

// endsAfter has the session replaced so long after it was made; never for zero. It is called before
// anybody else has the session.
func (s *session) endsAfter(life time.Duration) {
	if life > 0 {
		s.ends = s.used.Load() + int64(life)
	}
}

// ended says that the session is too old to be given to anybody, however much it is used.
func (s *session) ended(now time.Time) bool { return s.ends != 0 && now.UnixNano() >= s.ends }

// take adds a user, unless the session must not be used any more.
func (s *session) take(now time.Time, idle time.Duration) bool {
	if s.dead.Load() || s.ended(now) || s.idleFor(now) >= idle || s.stale() || !s.hold() {
		return false
	}
	s.used.Store(now.UnixNano())
	return true
}

// hold adds a user, if it is not too late.
func (s *session) hold() bool {
	for {
		n := s.users.Load()
		if n >= retired {
			return false
		}
		if s.users.CompareAndSwap(n, n+1) {
			return true
		}
	}
}

// stale says that other replicas may know better whether the session is good.
func (s *session) stale() bool {
	w := s.watch
	return w != nil && (s.seenRevision.changes.Load() != w.changes.Load() || s.seenRevision.losses.Load() != w.losses.Load())
}

// setRevision notes that the session was good at a moment of its watch.
func (s *session) setRevision(at revision) {
	s.seenRevision.changes.Store(at.changes)
	s.seenRevision.losses.Store(at.losses)
}

// setReplaced notes that the session was made because another had died.
func (s *session) setReplaced(before *session, keys seal.EntryKeys) {
	if before != nil && before.dead.Load() {
		t := keys.Tag(before.grant.Token)
		s.replaced = &t
	}
}

// is says that the session is the one that an entry holds.
func (s *session) is(c *entryContent) bool { return s != nil && s.grant.Token.Reveal() == c.Token }

// validAfter reports that no logout of the person came after the session was made.
func (s *session) validAfter(logouts []string) bool { return subset(logouts, s.logouts) }

// dropUser takes a user off and reports whether the session is to be signed out now.
func (s *session) dropUser() (last bool) { return s.users.Add(-1) == retired }

// markDead notes that Tableau has ended the session.
func (s *session) markDead(now time.Time) {
	if !s.dead.Swap(true) {
		s.tokenSession.died(now)
	}
}

// release takes a user off, and has the session signed out if that was its last.
func (s *session) release(out *signOutQueue) {
	if s.dropUser() {
		out.add(s)
	}
}

// unused says that nobody holds the session.
func (s *session) unused() bool {
	n := s.users.Load()
	return n == 0 || n == retired
}

// retire keeps others from taking the session, and says whether it is to be signed out now. Only
// the first call counts.
func (s *session) retire() (last bool) {
	for {
		n := s.users.Load()
		if n >= retired {
			return false
		}
		if s.users.CompareAndSwap(n, n+retired) {
			return n == 0
		}
	}
}

// retireUnused is retire for a session that nobody holds: true if it is to be signed out now.
func (s *session) retireUnused() bool { return s.users.CompareAndSwap(0, retired) }

func (s *session) idleFor(now time.Time) time.Duration {
	return time.Duration(now.UnixNano() - s.used.Load())
}

// renewAfter is how long a session may be unused before it is replaced: the idle limit less a
// tenth, at most five minutes.
func renewAfter(idle time.Duration) time.Duration { return idle - min(idle/10, 5*time.Minute) }
