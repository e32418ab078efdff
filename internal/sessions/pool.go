package sessions

import (
	"cmp"
	"context"
	"errors"
	"slices"
	"sync/atomic"
	"time"
)

// pool is the credentials that impersonate on a site: one password, or one or more personal access tokens. Where the sessions of a token
// live side by side, impersonations go round. Where a token holds one session, or that is not known, a token that has none goes
// first, then that whose session was used longest ago, and a session is taken from its readers only when all are being read with.
type pool struct {
	members []*credential
	habit   *habit        // nil for a password
	head    chan struct{} // held by who looks for a free token: first come, first served
	round   atomic.Uint32
}

// claim is a credential that serves one impersonation.
type claim struct {
	*credential
	watched *session // held: what becomes of it tells something
	leave   func()
}

// claim gives a credential, waiting for one as long as ctx lasts.
func (p *pool) claim(ctx context.Context) (*claim, error) {
	for {
		members, err := p.awake()
		if err != nil {
			return nil, err
		}
		if p.habit != nil && p.habit.is() != beside {
			return p.exclusive(ctx, members)
		}
		c := members[int(p.round.Add(1))%len(members)]
		leave, err := c.all.lane.enter(ctx, "impersonate")
		if err != nil {
			return nil, err
		}
		if p.habit == nil || p.habit.is() == beside { // it may have changed meanwhile
			return &claim{credential: c, leave: leave}, nil
		}
		leave()
	}
}

// awake are the credentials that do not rest; an error where all do.
func (p *pool) awake() (awake []*credential, err error) {
	awake = make([]*credential, 0, len(p.members))
	for _, c := range p.members {
		if rests := c.resting(); rests == nil {
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
	if len(members) == 1 { // there may be look-ups in its lane: wait in line with them
		c := members[0]
		leave, err := c.all.lane.enter(ctx, alone)
		if err != nil {
			return nil, err
		}
		watched, err := c.all.turns.clear(ctx)
		if err != nil {
			leave()
			return nil, err
		}
		return &claim{c, watched, leave}, nil
	}
	select {
	case p.head <- struct{}{}:
	case <-ctx.Done():
		return nil, ctx.Err()
	}
	defer func() { <-p.head }()
	w, pressed := newWait(p.habit.courtesy), false
	defer w.stop()
	for {
		if found := p.freest(members, w.long); found != nil {
			return found, nil
		}
		if err := w.next(ctx); err != nil {
			return nil, err
		}
		if w.long && !pressed && p.habit.is() == single {
			p.press(members)
			pressed = true
		}
	}
}

// freest gives the first token that can sign in right now.
func (p *pool) freest(members []*credential, long bool) *claim {
	for _, c := range inOrder(members) {
		leave, ok := c.all.lane.tryAlone()
		if !ok {
			continue
		}
		ready, l, _ := c.all.turns.state()
		if ready == empty {
			return &claim{c, nil, leave}
		}
		if watched, ok := c.all.turns.yields(ready, l, long); ok {
			return &claim{c, watched, leave}
		}
		leave()
		if ready == idle {
			return nil // it is being signed out: one is enough
		}
	}
	return nil
}

// press has the session that was used longest ago given to no further reads.
func (p *pool) press(members []*credential) {
	for _, c := range inOrder(members) {
		if ready, l, _ := c.all.turns.state(); ready == inUse && l.session.Load() != nil {
			l.press()
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
		ready, _, used := c.all.turns.state()
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

// waited turns a wait that took too long into the error that says so.
func (p *pool) waited(site string, err error) error {
	if errors.Is(err, context.DeadlineExceeded) {
		return errTurn(site, len(p.members))
	}
	return err
}

// judge says to habit what was seen.
func (p *pool) judge(ctx context.Context, live bool, now time.Time) knowledge {
	return p.habit.judge(ctx, live, false, len(p.members), now)
}
