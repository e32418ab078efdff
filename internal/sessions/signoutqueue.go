package sessions

import (
	"context"
	"log/slog"
	"sync"
	"time"

	"vitrine/internal/tableau"
)

const (
	// signOuts is how many sign-outs run side by side, and signOutTimeout how long one may take.
	maxSignOuts    = 8
	signOutTimeout = 10 * time.Second
)

// signOutQueue signs sessions out in the background, a few at a time. It also signs out sessions
// that Tableau called dead: the 401 may have come from something in between, and the session would
// stay open until its idle limit.
type signOutQueue struct {
	client   *tableau.Client
	base     context.Context
	log      *slog.Logger
	observer Observer
	shared   sharedStore // knows which sessions are not only this replica's

	mu      sync.Mutex
	queue   []*session
	workers int
	open    int           // sessions that were made and are not yet signed out
	empty   chan struct{} // closed when open is 0; made by drain
}

// count notes that so many sessions were made.
func (e *signOutQueue) count(n int) {
	e.mu.Lock()
	defer e.mu.Unlock()
	e.open += n
}

// retire keeps everybody from taking a session, and signs it out when its last user has left it.
func (e *signOutQueue) retire(s *session) {
	if s.retire() {
		e.add(s)
	}
}

// add signs a session out. Nobody may use it any more.
func (e *signOutQueue) add(s *session) {
	e.mu.Lock()
	defer e.mu.Unlock()
	e.queue = append(e.queue, s)
	if e.workers < maxSignOuts {
		e.workers++
		go e.work()
	}
}

// discard signs out a session that was never kept for anybody.
func (e *signOutQueue) discard(g *tableau.Grant) {
	e.count(1)
	e.add(&session{owner: owner{site: g.ContentURL}, grant: *g})
}

func (e *signOutQueue) work() {
	for {
		s := e.next()
		if s == nil {
			return
		}
		e.signOut(s)
		s.tokenSession.signedOut()
	}
}

func (e *signOutQueue) signOut(s *session) {
	ctx, cancel := context.WithTimeout(e.base, signOutTimeout)
	defer cancel()
	if !e.shared.mustSignOut(ctx, s) {
		e.done()
		return
	}
	err := e.client.SignOut(ctx, &s.grant)
	e.observer.SignOut(s.owner.site, err)
	switch {
	case err == nil:
	case e.base.Err() != nil:
		return // out of time: drain counts what is left
	default:
		e.log.WarnContext(ctx, "a Tableau session could not be signed out: it stays open until its idle limit",
			"site", s.owner.site, "error", err)
	}
	e.done()
}

func (e *signOutQueue) next() *session {
	e.mu.Lock()
	defer e.mu.Unlock()
	if len(e.queue) == 0 {
		e.queue = nil
		e.workers--
		return nil
	}
	s := e.queue[0]
	e.queue[0] = nil
	e.queue = e.queue[1:]
	return s
}

func (e *signOutQueue) done() {
	e.mu.Lock()
	defer e.mu.Unlock()
	e.open--
	if e.open == 0 && e.empty != nil {
		close(e.empty)
		e.empty = nil
	}
}

// drain waits until every session has been signed out, and gives how many have not when ctx ends.
// It is called once.
func (e *signOutQueue) drain(ctx context.Context) (left int) {
	e.mu.Lock()
	if e.open == 0 {
		e.mu.Unlock()
		return 0
	}
	empty := make(chan struct{})
	e.empty = empty
	e.mu.Unlock()
	select {
	case <-empty:
	case <-ctx.Done():
	}
	e.mu.Lock()
	defer e.mu.Unlock()
	return e.open
}
