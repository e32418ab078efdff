// Package upstream limits how hard Tableau may be asked: how many requests may be under way for one
// person, for one site and in all, who waits and how long, and which reads are sent again. It is
// between internal/tableau and the wire as a [tableau.Gate].
package upstream

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/cenkalti/backoff/v5"

	"vitrine/internal/tableau"
)

// Limits are the bounds towards Tableau, of one process. All are at least 1.
type Limits struct {
	PerUser     int           // requests under way of one person on one site
	PerSite     int           // requests under way on one site
	Total       int           // requests under way in all
	LongRunning int           // reads under way on one site for which Tableau renders or exports; Cloud refuses the 21st
	Queue       int           // requests that wait, in all
	Wait        time.Duration // how long a request may wait for its turn
	Tries       int           // how often a read is sent at most, when it fails for a moment
}

// check reports everything that is wrong together.
func (l Limits) check() error {
	var problems []error
	for _, x := range []struct {
		name  string
		value int
	}{
		{"PerUser", l.PerUser},
		{"PerSite", l.PerSite},
		{"Total", l.Total},
		{"LongRunning", l.LongRunning},
		{"Queue", l.Queue},
		{"Wait", int(l.Wait)},
		{"Tries", l.Tries},
	} {
		if x.value < 1 {
			problems = append(problems, fmt.Errorf("upstream: %s is %d, not 1 or more", x.name, x.value))
		}
	}
	return errors.Join(problems...)
}

// What is waited before the second and the third try, on average, and how much more or less it may
// be: those who failed together do not come back together.
const (
	pauseFirst  = 250 * time.Millisecond
	pauseGrowth = 2
	pauseJitter = 0.5
	pauseMost   = 5 * time.Second
)

// Gate bounds requests and sends reads again. It is made by [New] and used by any number of
// goroutines; it has none of its own.
type Gate struct {
	limiter *limiter
	tries   uint
	watch   *watch // nil for none
}

// New makes a gate. One gate is for one Tableau.
func New(l Limits) (*Gate, error) {
	if err := l.check(); err != nil {
		return nil, err
	}
	return &Gate{limiter: newLimiter(l), tries: uint(l.Tries)}, nil
}

// Waiting returns how many requests wait for a place.
func (g *Gate) Waiting() int {
	g.limiter.mu.Lock()
	defer g.limiter.mu.Unlock()
	return g.limiter.waiting
}

// Pass implements [tableau.Gate]: it waits for a free place, sends the request, and sends a read
// again that failed for a moment, as long as there is time for it. Each try needs a place of its
// own, and what Tableau asks to wait is waited by all.
//
// A request that gets no place is refused with the kind RateLimited, or Timeout when ctx ends while
// it waits. When the last try gets none, the error is that of the try before.
func (g *Gate) Pass(ctx context.Context, c tableau.Call, try func(context.Context) error) error {
	sent, err := g.once(ctx, c, try)
	if sent && err != nil && c.Class.Repeatable() && passes(err) {
		err = g.again(ctx, c, try, err)
	}
	if sent && g.watch != nil { // a request that waited in vain says nothing of Tableau
		g.watch.judge(c.Site, ctx, err)
	}
	return err
}

// again sends a read again, whose first try failed for a moment with the error last.
func (g *Gate) again(ctx context.Context, c tableau.Call, try func(context.Context) error, last error) error {
	options := []backoff.RetryOption{
		backoff.WithBackOff(&backoff.ExponentialBackOff{
			InitialInterval: pauseFirst, Multiplier: pauseGrowth, RandomizationFactor: pauseJitter, MaxInterval: pauseMost,
		}),
		backoff.WithMaxTries(g.tries),
	}
	if deadline, ok := ctx.Deadline(); ok { // a wait that goes beyond it is not begun
		options = append(options, backoff.WithMaxElapsedTime(max(time.Until(deadline), 1)))
	}
	first := true
	_, err := backoff.Retry(ctx, func() (struct{}, error) {
		if first { // it was sent before, and counts
			first = false
			return struct{}{}, last
		}
		sent, err := g.once(ctx, c, try)
		if sent {
			last = err
		}
		if !sent || !passes(err) {
			err = backoff.Permanent(err)
		}
		return struct{}{}, err
	}, options...)
	if err == nil {
		return nil
	}
	return last
}

// once waits for a place and sends the request.
func (g *Gate) once(ctx context.Context, c tableau.Call, try func(context.Context) error) (sent bool, err error) {
	p, err := g.limiter.enter(ctx, c)
	if err != nil {
		return false, err
	}
	defer p.leave()
	if c.Class == tableau.LongRunning {
		ctx = tableau.WithPlace(ctx, p.leave)
	}
	err = errPanicked
	defer func() { g.limiter.heed(c, p, err) }()
	err = try(ctx)
	return true, err
}

// errPanicked is the outcome of a request whose try panics.
var errPanicked = errors.New("the request panicked")

func passes(err error) bool {
	var e *tableau.Error
	return errors.As(err, &e) && e.Passes()
}
