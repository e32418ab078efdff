package sessions

import (
	"context"
	"sync"

	"vitrine/internal/tableau"
)

// source is one operation's way to its owner's session. It is a tableau.Source.
type source struct {
	broker     *Broker
	site       *site
	owner      owner
	attributes attributes
	key        uint64

	mu    sync.Mutex
	held  []hold  // what this operation uses now: one session, two while one is being replaced
	space [2]hold // room for held, so that taking a session allocates nothing
}

// hold is a session and how often it was taken and not yet released.
type hold struct {
	session *session
	times   int
}

// Acquire returns a live grant of the owner, and signs in if necessary. See tableau.Source.
func (s *source) Acquire(ctx context.Context, dead *tableau.Grant) (*tableau.Grant, error) {
	if dead != nil {
		s.markDead(dead)
		s.broker.observer.Renewal(s.owner.site)
	}
	for unfit := 0; ; unfit++ {
		session := s.broker.take(s.key, &s.owner)
		if session != nil {
			s.broker.observer.Hit(s.owner.site)
		} else {
			tableau.Waits(ctx)
			var err error
			if session, err = s.broker.join(ctx, s.site, s.key, s.owner, s.attributes); err != nil {
				return nil, err
			}
		}
		// It was being looked up when it was found dead, or is as dead as that. The bound is for a
		// server that answers each sign-in with the same token.
		if dead != nil && unfit < maxRenewals && (sameToken(session, dead) || !s.broker.shared.replaces(ctx, session, dead)) {
			session.markDead(s.broker.now())
			session.release(s.broker.signOuts)
			continue
		}
		s.hold(session)
		return &session.grant, nil
	}
}

// Release says that one use of a grant has ended. A grant that is not held is ignored: a double
// release must not free what somebody else uses.
func (s *source) Release(g *tableau.Grant) {
	if session := s.drop(g); session != nil {
		session.release(s.broker.signOuts)
	}
}

// ContentURL is the site's.
func (s *source) ContentURL() string { return s.owner.site }

// markDead marks the session of a grant as dead, so that nobody is given it again.
func (s *source) markDead(dead *tableau.Grant) {
	s.mu.Lock()
	defer s.mu.Unlock()
	for _, h := range s.held {
		if &h.session.grant == dead {
			h.session.markDead(s.broker.now())
			break
		}
	}
	// It may have been released before, or be known a second time, from another replica.
	if session := s.broker.peek(s.key, &s.owner); session != nil && sameToken(session, dead) {
		session.markDead(s.broker.now())
	}
}

// sameToken reports whether a session has the token of a grant. Two replicas' copies of a token are
// equal in text alone.
func sameToken(s *session, g *tableau.Grant) bool { return s.grant.Token.Reveal() == g.Token.Reveal() }

func (s *source) hold(session *session) {
	s.mu.Lock()
	defer s.mu.Unlock()
	for i := range s.held {
		if s.held[i].session == session {
			s.held[i].times++
			return
		}
	}
	if s.held == nil {
		s.held = s.space[:0]
	}
	s.held = append(s.held, hold{session, 1})
}

func (s *source) drop(g *tableau.Grant) *session {
	s.mu.Lock()
	defer s.mu.Unlock()
	for i, h := range s.held {
		if &h.session.grant != g {
			continue
		}
		if s.held[i].times--; s.held[i].times == 0 {
			s.held[i] = s.held[len(s.held)-1]
			s.held[len(s.held)-1] = hold{}
			s.held = s.held[:len(s.held)-1]
		}
		return h.session
	}
	return nil
}
