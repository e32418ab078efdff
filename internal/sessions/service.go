package sessions

import (
	"context"
	"sync"
	"time"

	"vitrine/internal/flight"
	"vitrine/internal/tableau"
)

// service is the administrator's own session on one site, made when it is first needed. Nothing but
// users is looked up with it.
type service struct {
	client     *tableau.Client
	credential *credential
	base       context.Context
	carry      func(from, to context.Context) context.Context
	timeout    time.Duration
	renewAfter time.Duration
	now        func() time.Time
	discard    func(*tableau.Grant)
	signOuts   *signOutQueue

	call   flight.Group[*tableau.Grant]
	mu     sync.Mutex
	grant  *tableau.Grant
	used   time.Time
	opened time.Time
	count  int // of the token's sign-ins when it was opened
}

// get returns the session, or signs in: once for all callers, and on when the first of them has
// left.
func (s *service) get(ctx context.Context) (*tableau.Grant, error) {
	if g := s.current(); g != nil {
		return g, nil
	}
	return s.call.Do(ctx, "", func() (*tableau.Grant, error) {
		if g := s.current(); g != nil {
			return g, nil
		}
		ctx, cancel := context.WithTimeout(s.carry(ctx, s.base), s.timeout)
		defer cancel()
		return s.signIn(ctx)
	})
}

func (s *service) current() *tableau.Grant {
	s.mu.Lock()
	defer s.mu.Unlock()
	now := s.now()
	if s.grant == nil || now.Sub(s.used) >= s.renewAfter {
		return nil
	}
	s.used = now
	return s.grant
}

func (s *service) signIn(ctx context.Context) (*tableau.Grant, error) {
	c := s.credential
	began := s.now()
	t := c.allSites.token
	watched, err := t.waitUntilFree(ctx)
	if err != nil {
		return nil, err
	}
	look := probeAround(ctx, s.client, watched, s.signOuts)
	g, err := c.try(ctx, func(with tableau.Credentials) (*tableau.Grant, error) {
		return s.client.SignIn(ctx, with, c.site, "")
	}, func(_ tableau.Credentials, refusal error) error { return c.refused(ctx, refusal) })
	if live, known := look(err == nil); known {
		t.overlap.observe(ctx, live, true, 1, s.now())
	}
	if err != nil {
		return nil, trouble(c.label, c.site, err)
	}
	c.succeeded()
	s.replace(g, began)
	return g, nil
}

// drop lets go of a session that Tableau has ended; a newer one stays.
func (s *service) drop(dead *tableau.Grant) {
	s.mu.Lock()
	current := s.grant == dead
	if current {
		s.grant = nil
	}
	opened, count := s.opened, s.count
	s.mu.Unlock()
	if current {
		s.credential.allSites.token.serviceDied(count, opened, s.now())
		s.discard(dead)
	}
}

// replace puts a session in the place of another, which is signed out even if Tableau has said that
// it is dead.
func (s *service) replace(g *tableau.Grant, at time.Time) {
	s.mu.Lock()
	before := s.grant
	s.grant, s.used = g, at
	s.opened, s.count = at, s.credential.allSites.token.signInCount()
	s.mu.Unlock()
	if before != nil {
		s.discard(before)
	}
}
