package content

import (
	"context"
	"errors"
	"slices"
	"sync"
	"time"
)

const (
	// perLink and perPerson are how many fetches of one link, and of one person's links, are served
	// at a time. Browsers ask for six side by side; further ones wait.
	perLink, perPerson = 4, 8
	// waitingPerPerson is how many further fetches of a person wait, and maxWait for how long.
	waitingPerPerson = 64
	maxWait          = 20 * time.Second
	// slowest is the least rate in bytes per second at which a person's readers take content while
	// others of their fetches wait. Until then internal/edge alone says what is too slow.
	slowest = 128 << 10
	// readerGrace is how long a reader may take before the rate counts.
	readerGrace = 5 * time.Second
	// lookEvery is how often who waits looks for readers that are too slow.
	lookEvery = time.Second
)

// errBusy says that too many fetches of a link or of a person are under way.
var errBusy = errors.New("too many fetches of this link or person are under way")

// errSlow says that a reader was cut off for those who wait.
var errSlow = errors.New("the reader is too slow while other fetches of the person wait")

// readerKey is whom links are served to: the places that fetches take.
type readerKey struct{ issuer, subject string }

// readers bounds the fetches under way, so that who holds a link, without a token, cannot take a
// person's places.
type readers struct {
	mu     sync.Mutex
	people map[readerKey]*reading
}

// reading is what is fetched of one person's links. Links to the same content count as one.
type reading struct {
	served  int
	links   map[string]int // served fetches of each link
	waiting []*waiter      // the first to come first
	paces   map[*pace]bool // of those that take a body
}

// waiter is a fetch that waits for a place. It gets nil for a place, or errBusy.
type waiter struct {
	link  string
	ready chan error
}

func newReaders() *readers { return &readers{people: map[readerKey]*reading{}} }

// enter waits for a place, which leave gives back. The error is errBusy where too many wait, or for
// too long.
func (r *readers) enter(ctx context.Context, who readerKey, link string) (leave func(), err error) {
	leave = func() { r.leave(who, link) }
	w := &waiter{link, make(chan error, 1)}
	if err := r.queue(who, w); err != nil {
		return nil, err
	}
	timer, look := time.NewTimer(maxWait), time.NewTicker(lookEvery)
	defer timer.Stop()
	defer look.Stop()
	for {
		select {
		case err := <-w.ready:
			if err != nil {
				return nil, err
			}
			return leave, nil
		case <-look.C:
			r.cutSlow(who)
			continue
		case <-timer.C:
			err = errBusy
		case <-ctx.Done():
			err = ctx.Err()
		}
		if r.giveUp(who, w) {
			return nil, err
		}
	}
}

// queue gives a fetch a place, or has it wait. Where all that may wait do, it takes the turn of the
// last fetch of the link that has the most, unless that is its own.
func (r *readers) queue(who readerKey, w *waiter) error {
	r.mu.Lock()
	defer r.mu.Unlock()
	p := r.people[who]
	if p == nil {
		p = &reading{links: map[string]int{}, paces: map[*pace]bool{}}
		r.people[who] = p
	}
	if len(p.waiting) >= waitingPerPerson {
		last := p.lastOfMost(w.link)
		if last < 0 {
			return errBusy
		}
		p.waiting[last].ready <- errBusy
		p.waiting = slices.Delete(p.waiting, last, last+1)
	}
	p.waiting = append(p.waiting, w)
	p.admit()
	return nil
}

// lastOfMost is the last waiting fetch of the link that has the most of them; -1 where the link
// would have no fewer.
func (p *reading) lastOfMost(link string) int {
	waiting := map[string]int{link: 1}
	most := link
	for _, w := range p.waiting {
		if waiting[w.link]++; waiting[w.link] > waiting[most] {
			most = w.link
		}
	}
	if most == link {
		return -1
	}
	last := len(p.waiting) - 1
	for p.waiting[last].link != most {
		last--
	}
	return last
}

// admit gives places to those who wait: first to the links with the fewest fetches under way, and
// of these to the first to come.
func (p *reading) admit() {
	for p.served < perPerson {
		next := -1
		for i, w := range p.waiting {
			if n := p.links[w.link]; n < perLink && (next < 0 || n < p.links[p.waiting[next].link]) {
				next = i
			}
		}
		if next < 0 {
			return
		}
		p.served++
		p.links[p.waiting[next].link]++
		p.waiting[next].ready <- nil
		p.waiting = slices.Delete(p.waiting, next, next+1)
	}
}

// giveUp takes a fetch out of those that wait. It reports false where it has its answer already.
func (r *readers) giveUp(who readerKey, w *waiter) bool {
	r.mu.Lock()
	defer r.mu.Unlock()
	p := r.people[who]
	if p == nil {
		return false
	}
	i := slices.Index(p.waiting, w)
	if i < 0 {
		return false
	}
	p.waiting = slices.Delete(p.waiting, i, i+1)
	return true
}

func (r *readers) leave(who readerKey, link string) {
	r.mu.Lock()
	defer r.mu.Unlock()
	p := r.people[who]
	p.served--
	if p.links[link]--; p.links[link] == 0 {
		delete(p.links, link)
	}
	p.admit()
	if p.served == 0 {
		delete(r.people, who) // then nobody waits either
	}
}

// hasWaiting reports whether fetches of the person wait.
func (r *readers) hasWaiting(who readerKey) bool {
	r.mu.Lock()
	defer r.mu.Unlock()
	p := r.people[who]
	return p != nil && len(p.waiting) > 0
}

// sending has a reader cut off while it is too slow and others wait, until sent.
func (r *readers) sending(who readerKey, reader *pace) (sent func()) {
	r.mu.Lock()
	defer r.mu.Unlock()
	p := r.people[who]
	p.paces[reader] = true
	return func() {
		r.mu.Lock()
		delete(p.paces, reader)
		r.mu.Unlock()
		reader.end()
	}
}

// cutSlow cuts off the person's readers that are too slow. Some of them may be within a write that
// does not end.
func (r *readers) cutSlow(who readerKey) {
	r.mu.Lock()
	var all []*pace
	if p := r.people[who]; p != nil {
		for reader := range p.paces {
			all = append(all, reader)
		}
	}
	r.mu.Unlock()
	for _, reader := range all {
		reader.cutIfSlow()
	}
}
