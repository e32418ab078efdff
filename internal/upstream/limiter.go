package upstream

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"slices"
	"sync"
	"time"

	"vitrine/internal/tableau"
)

// limiter admits requests in turn. A request that must wait joins the queue of its person, and
// queues take turns: a person with a hundred requests waiting is served as often as one with a
// single request. Requests that open and close sessions go before all reads: they are few and
// bounded, and would otherwise share the one queue of all new people.
//
// After each change it admits every request that it can, so that none waits longer than necessary.
type limiter struct {
	Limits

	mu      sync.Mutex
	flying  int // requests under way
	waiting int
	people  map[person]int // requests under way of each
	sites   map[string]*site
	queues  map[queueKey]*queue // the queues that are not empty
	long    map[person]int      // those of them that Tableau renders or exports for
	pauses  map[pauseKey]*pause
	log     *slog.Logger
	turns   [2][]*queue // the same, in the order of their turns: those that go before, and the others
}

// person is somebody on one site.
type person struct {
	site string
	user tableau.LUID
}

// queueKey identifies a queue: requests that the same bounds hold back.
type queueKey struct {
	person
	class tableau.Class
}

// rank returns which of the turns a queue belongs to.
func (k queueKey) rank() int {
	if k.class == tableau.Read || k.class == tableau.LongRunning {
		return 1
	}
	return 0
}

type queue struct {
	queueKey
	waiters []*waiter
}

type waiter struct {
	until time.Time     // when it gives up
	done  chan struct{} // closed when it was let through or refused
	probe []pauseKey    // whose probe it is
	err   error         // why it was refused
}

// site is what is known of one site; the settings name them all, so they are few.
type site struct {
	flying, long int
	logged       time.Time // when a pause of a person was last logged
}

func newLimiter(l Limits) *limiter {
	return &limiter{
		Limits: l, people: map[person]int{}, sites: map[string]*site{}, queues: map[queueKey]*queue{},
		long: map[person]int{}, pauses: map[pauseKey]*pause{}, log: slog.Default(),
	}
}

// place is that of a request under way.
type place struct {
	l        *limiter
	queueKey queueKey
	once     sync.Once
	probes   []pauseKey // whose probe the request is
}

// leave gives the place back. It may be called several times.
func (p *place) leave() { p.once.Do(func() { p.l.leave(p.queueKey) }) }

// enter waits for a place. The caller must leave a place that it gets.
func (l *limiter) enter(ctx context.Context, c tableau.Call) (*place, error) {
	k := queueKey{person{c.Site, c.User}, c.Class}
	p := &place{l: l, queueKey: k}
	w, probes, err := l.arrive(ctx, k)
	if err != nil {
		return nil, refusal(c, err)
	}
	p.probes = probes
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
		p.probes = w.probe
	}
	return p, nil
}

// arrive lets a request through at once, or puts it into its queue.
func (l *limiter) arrive(ctx context.Context, k queueKey) (*waiter, []pauseKey, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	now := time.Now()
	if l.queues[k] == nil && l.admits(k, now) {
		return nil, l.take(k, now), nil
	}
	w := &waiter{until: now.Add(l.Wait), done: make(chan struct{})}
	if deadline, ok := ctx.Deadline(); ok && deadline.Before(w.until) {
		w.until = deadline
	}
	if err := l.tooLong(k, w, now); err != nil {
		return nil, nil, err
	}
	if l.waiting >= l.Queue && k.rank() > 0 { // of the others few come at a time
		return nil, nil, &busyError{wait: busy, text: fmt.Sprintf("%d requests are waiting already (tableau.limits.queue)", l.waiting)}
	}
	q := l.queues[k]
	if q == nil {
		q = &queue{queueKey: k}
		l.queues[k] = q
		l.turns[k.rank()] = append(l.turns[k.rank()], q)
	}
	q.waiters = append(q.waiters, w)
	l.waiting++
	return w, nil, nil
}

// admits says whether the bounds leave room for one more.
func (l *limiter) admits(k queueKey, now time.Time) bool {
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
		k.user != "" && l.people[k.person] >= l.PerUser,
		k.class == tableau.LongRunning && k.user != "" && l.long[k.person] >= l.longPerUser():
		return false
	}
	return !l.paused(k, now)
}

// longPerUser is how many of a person's places reads may take that Tableau renders or exports for.
// The others are kept for queries, and for other people's exports.
func (l *limiter) longPerUser() int { return max(1, min(l.PerUser, l.LongRunning)/2) }

// take takes a place, and says whose probe the request is.
func (l *limiter) take(k queueKey, now time.Time) (probes []pauseKey) {
	l.flying++
	if k.class == tableau.Open {
		return nil
	}
	s := l.site(k.site)
	s.flying++
	if k.class == tableau.LongRunning {
		s.long++
	}
	if k.user != "" {
		l.people[k.person]++
		if k.class == tableau.LongRunning {
			l.long[k.person]++
		}
	}
	return l.probe(k, now)
}

func (l *limiter) leave(k queueKey) {
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
		if k.class == tableau.LongRunning {
			if l.long[k.person]--; l.long[k.person] == 0 {
				delete(l.long, k.person)
			}
		}
	}
	l.dispatch()
}

// dispatch lets through whom the bounds leave room for, queue by queue. A queue that had its turn
// goes to the end.
func (l *limiter) dispatch() {
	if l.waiting == 0 {
		return
	}
	now := time.Now()
	for rank := range l.turns {
		turns := &l.turns[rank]
		for i := 0; i < len(*turns) && l.flying < l.Total; {
			q := (*turns)[i]
			if !l.admits(q.queueKey, now) {
				i++
				continue
			}
			w := q.waiters[0]
			w.probe = l.take(q.queueKey, now)
			l.remove(q, 0)
			if len(q.waiters) > 0 {
				*turns = append(slices.Delete(*turns, i, i+1), q)
			}
			close(w.done)
		}
	}
}

// remove takes a waiter out of its queue, and a queue without waiters out of the turns.
func (l *limiter) remove(q *queue, i int) {
	q.waiters = slices.Delete(q.waiters, i, i+1)
	l.waiting--
	if len(q.waiters) == 0 {
		delete(l.queues, q.queueKey)
		turns := &l.turns[q.rank()]
		at := slices.Index(*turns, q)
		*turns = slices.Delete(*turns, at, at+1)
	}
}

// giveUp takes a waiter out that will wait no longer, unless it has been let through meanwhile.
func (l *limiter) giveUp(k queueKey, w *waiter, err error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	select {
	case <-w.done:
		return
	default:
	}
	w.err = err
	q := l.queues[k]
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

// busy is the wait that is sent to those who were refused because too many others wait.
const busy = time.Second

// busyError says why a request got no place; refusal makes the error of it that leaves this
// package.
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
