package sessions

import (
	"cmp"
	"context"
	"errors"
	"slices"
	"sync/atomic"
	"time"
)

// pool is the credentials that impersonate on a site: one password, or one or more personal access
// tokens. Where the sessions of a token live side by side, impersonations go round. Where a token
// holds one session, or that is not known, a token that has none goes first, then that whose
// session was used longest ago, and a session is taken from its readers only when all are being
// read with.
type pool struct {
	members   []*credential
	overlap   *overlapDetector // nil for a password
	queueHead chan struct{}    // held by who looks for a free token: first come, first served
	next      atomic.Uint32
}

// claim is a credential that serves one impersonation.
type claim struct {
	*credential
	watched *session // held: its fate shows whether sessions live side by side
	leave   func()
}

// claim gives a credential, waiting for one as long as ctx lasts.
func (p *pool) claim(ctx context.Context) (*claim, error) {
	for {
		members, err := p.available()
		if err != nil {
			return nil, err
		}
		if p.overlap != nil && p.overlap.mode() != overlapAllowed {
			return p.exclusive(ctx, members)
		}
		c := members[int(p.next.Add(1))%len(members)]
		leave, err := c.allSites.lock.enter(ctx, "impersonate")
		if err != nil {
			return nil, err
		}
		if p.overlap == nil || p.overlap.mode() == overlapAllowed { // it may have changed meanwhile
			return &claim{credential: c, leave: leave}, nil
		}
		leave()
	}
}

// available returns the credentials that do not rest; an error where all do.
func (p *pool) available() (awake []*credential, err error) {
	awake = make([]*credential, 0, len(p.members))
	for _, c := range p.members {
		if rests := c.paused(); rests == nil {
			awake = append(awake, c)
		} else if err == nil {
			err = rests
		}
	}
	if len(awake) > 0 {
		return awake, nil
	}
	return nil, err
}

// exclusive gives a token to one alone.
func (p *pool) exclusive(ctx context.Context, members []*credential) (*claim, error) {
	if len(members) == 1 { // there may be look-ups for its lock: wait in line with them
		c := members[0]
		leave, err := c.allSites.lock.enter(ctx, alone)
		if err != nil {
			return nil, err
		}
		watched, err := c.allSites.token.waitUntilFree(ctx)
		if err != nil {
			leave()
			return nil, err
		}
		return &claim{c, watched, leave}, nil
	}
	select {
	case p.queueHead <- struct{}{}:
	case <-ctx.Done():
		return nil, ctx.Err()
	}
	defer func() { <-p.queueHead }()
	w, preempted := newTokenWait(p.overlap.gracePeriod), false
	defer w.stop()
	for {
		if found := p.pickFree(members, w.long); found != nil {
			return found, nil
		}
		if err := w.next(ctx); err != nil {
			return nil, err
		}
		if w.long && !preempted && p.overlap.mode() == overlapDisplaces {
			p.preempt(members)
			preempted = true
		}
	}
}

// pickFree returns the first token that can sign in right now.
func (p *pool) pickFree(members []*credential, long bool) *claim {
	for _, c := range inOrder(members) {
		leave, ok := c.allSites.lock.tryAlone()
		if !ok {
			continue
		}
		ready, l, _ := c.allSites.token.state()
		if ready == tokenFree {
			return &claim{c, nil, leave}
		}
		if watched, ok := c.allSites.token.tryPreempt(ready, l, long); ok {
			return &claim{c, watched, leave}
		}
		leave()
		if ready == tokenIdle {
			return nil // it is being signed out: one is enough
		}
	}
	return nil
}

// preempt has the session that was used longest ago given to no further reads.
func (p *pool) preempt(members []*credential) {
	for _, c := range inOrder(members) {
		if ready, l, _ := c.allSites.token.state(); ready == tokenInUse && l.session.Load() != nil {
			l.preempt()
			return
		}
	}
}

// inOrder sorts tokens by whom a sign-in with them disturbs least.
func inOrder(members []*credential) []*credential {
	type standing struct {
		c     *credential
		ready readiness
		used  int64
	}
	all := make([]standing, len(members))
	for i, c := range members {
		ready, _, used := c.allSites.token.state()
		all[i] = standing{c, ready, used}
	}
	slices.SortStableFunc(all, func(a, b standing) int {
		return cmp.Or(cmp.Compare(a.ready, b.ready), cmp.Compare(a.used, b.used))
	})
	sorted := make([]*credential, len(all))
	for i, s := range all {
		sorted[i] = s.c
	}
	return sorted
}

// waitError turns a wait that took too long into the error that says so.
func (p *pool) waitError(site string, err error) error {
	if errors.Is(err, context.DeadlineExceeded) {
		return errTurn(site, len(p.members))
	}
	return err
}

// observe reports to the overlapDetector what was seen.
func (p *pool) observe(ctx context.Context, live bool, now time.Time) overlapMode {
	return p.overlap.observe(ctx, live, false, len(p.members), now)
}
