package upstream

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"sync"
	"time"

	"vitrine/internal/tableau"
)

// limiter lets requests through by their turns. Whoever must wait stands in the lane of their person, and lanes take turns: a
// person with a hundred requests waiting is served as often as one with a single request. What opens and closes sessions goes before
// all reads: it is a small and bounded part, and would otherwise be the one lane of everybody who is new.
//
// After each change everybody is let through who can be, so nobody waits who could go.
type limiter struct {
	Limits

	mu      sync.Mutex
	flying  int // requests under way
	waiting int
	people  map[person]int // requests under way of each
	sites   map[string]*site
	lanes   map[lane]*queue // lanes with somebody in them
	turns   [2][]*queue     // the same, in the order of their turns: those that go before, and the others
}

// person is somebody on one site.
type person struct {
	site string
	user tableau.LUID
}

// lane is what waits in one line: requests that the same bounds hold back.
type lane struct {
	person
	class tableau.Class
}

// rank says in which of the turns a lane is.
func (k lane) rank() int {
	if k.class == tableau.Read || k.class == tableau.LongRunning {
		return 1
	}
	return 0
}

type queue struct {
	lane
	waiters []*waiter
}

type waiter struct {
	until time.Time     // when it gives up
	done  chan struct{} // closed when it was let through or refused
	err   error         // why it was refused
}

// site is what is known of one site; the settings name them all, so they are few.
type site struct {
	flying, long         int
	paused, pausedLong   time.Time // until when Tableau asks to wait: with everything, or with what takes long
	wakeUp, wakeUpForOne *time.Timer
}

func newLimiter(l Limits) *limiter {
	return &limiter{Limits: l, people: map[person]int{}, sites: map[string]*site{}, lanes: map[lane]*queue{}}
}

// enter waits for a place. Whoever got one leaves it, once.
func (l *limiter) enter(ctx context.Context, c tableau.Call) (leave func(), err error) {
	k := lane{person{c.Site, c.User}, c.Class}
	w, err := l.arrive(ctx, k)
	if err != nil {
		return nil, refusal(c, err)
	}
	if w != nil {
		timer := time.NewTimer(l.Wait)
		defer timer.Stop()
		select {
		case <-w.done:
		case <-ctx.Done():
			l.giveUp(k, w, &tableau.Error{Kind: tableau.Timeout, Call: c.Name, Err: ctx.Err()})
		case <-timer.C:
			l.giveUp(k, w, &busyError{wait: busy, text: fmt.Sprintf("no free place within %s (tableau.limits)", l.Wait)})
		}
		if w.err != nil {
			return nil, refusal(c, w.err)
		}
	}
	return func() { l.leave(k) }, nil
}

// arrive lets a request through at once, or puts it into its lane.
func (l *limiter) arrive(ctx context.Context, k lane) (*waiter, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	now := time.Now()
	if l.lanes[k] == nil && l.admits(k, now) {
		l.take(k)
		return nil, nil
	}
	w := &waiter{until: now.Add(l.Wait), done: make(chan struct{})}
	if deadline, ok := ctx.Deadline(); ok && deadline.Before(w.until) {
		w.until = deadline
	}
	if err := l.tooLong(k, w, now); err != nil {
		return nil, err
	}
	if l.waiting >= l.Queue && k.rank() > 0 { // of the others few come at a time
		return nil, &busyError{wait: busy, text: fmt.Sprintf("%d requests are waiting already (tableau.limits.queue)", l.waiting)}
	}
	q := l.lanes[k]
	if q == nil {
		q = &queue{lane: k}
		l.lanes[k] = q
		l.turns[k.rank()] = append(l.turns[k.rank()], q)
	}
	q.waiters = append(q.waiters, w)
	l.waiting++
	return w, nil
}

// admits says whether the bounds leave room for one more.
func (l *limiter) admits(k lane, now time.Time) bool {
	if l.flying >= l.Total {
		return false
	}
	if k.class == tableau.Open {
		return true
	}
	s := l.site(k.site)
	switch {
	case s.flying >= l.PerSite,
		k.class == tableau.LongRunning && s.long >= l.LongRunning,
		k.user != "" && l.people[k.person] >= l.PerUser:
		return false
	}
	return !now.Before(s.pausedUntil(k.class))
}

func (l *limiter) take(k lane) {
	l.flying++
	if k.class == tableau.Open {
		return
	}
	s := l.site(k.site)
	s.flying++
	if k.class == tableau.LongRunning {
		s.long++
	}
	if k.user != "" {
		l.people[k.person]++
	}
}

func (l *limiter) leave(k lane) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.flying--
	if k.class != tableau.Open {
		s := l.site(k.site)
		s.flying--
		if k.class == tableau.LongRunning {
			s.long--
		}
	}
	if k.class != tableau.Open && k.user != "" {
		if l.people[k.person]--; l.people[k.person] == 0 {
			delete(l.people, k.person)
		}
	}
	l.dispatch()
}

// dispatch lets through whom the bounds leave room for, lane by lane. A lane that had its turn goes to the end.
func (l *limiter) dispatch() {
	now := time.Now()
	for rank := range l.turns {
		turns := &l.turns[rank]
		for i := 0; i < len(*turns) && l.flying < l.Total; {
			q := (*turns)[i]
			if !l.admits(q.lane, now) {
				i++
				continue
			}
			l.take(q.lane)
			w := q.waiters[0]
			l.remove(q, 0)
			if len(q.waiters) > 0 {
				*turns = append(slices.Delete(*turns, i, i+1), q)
			}
			close(w.done)
		}
	}
}

// remove takes a waiter out of its lane, and a lane without waiters out of the turns.
func (l *limiter) remove(q *queue, i int) {
	q.waiters = slices.Delete(q.waiters, i, i+1)
	l.waiting--
	if len(q.waiters) == 0 {
		delete(l.lanes, q.lane)
		turns := &l.turns[q.rank()]
		at := slices.Index(*turns, q)
		*turns = slices.Delete(*turns, at, at+1)
	}
}

// giveUp takes a waiter out that will wait no longer, unless it has been let through meanwhile.
func (l *limiter) giveUp(k lane, w *waiter, err error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	select {
	case <-w.done:
		return
	default:
	}
	w.err = err
	q := l.lanes[k]
	l.remove(q, slices.Index(q.waiters, w))
}

func (l *limiter) site(contentURL string) *site {
	s := l.sites[contentURL]
	if s == nil {
		s = &site{}
		l.sites[contentURL] = s
	}
	return s
}

// busy is what those are told to wait who were refused because too many others wait.
const busy = time.Second

// busyError says why a request got no place; refusal makes the error of it that leaves this package.
type busyError struct {
	wait time.Duration
	text string
}

func (e *busyError) Error() string { return e.text }

func refusal(c tableau.Call, err error) error {
	var b *busyError
	if !errors.As(err, &b) {
		return err
	}
	return &tableau.Error{Kind: tableau.RateLimited, Call: c.Name, RetryAfter: b.wait, Err: b}
}
