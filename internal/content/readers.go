package content

import (
	"context"
	"errors"
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
	mu      sync.Mutex
	people  map[readerKey]int
	links   map[string]int
	waiting map[readerKey]int
	changed chan struct{} // closed when a place became free
}

func newReaders() *readers {
	return &readers{people: map[readerKey]int{}, links: map[string]int{}, waiting: map[readerKey]int{}, changed: make(chan struct{})}
}

// enter waits for a place, which leave gives back. The error is errBusy where too many wait, or for
// too long.
func (r *readers) enter(ctx context.Context, who readerKey, link string) (leave func(), err error) {
	timer := time.NewTimer(maxWait)
	defer timer.Stop()
	queued := false
	r.mu.Lock()
	defer r.mu.Unlock()
	for r.people[who] >= perPerson || r.links[link] >= perLink {
		if !queued {
			if r.waiting[who] >= waitingPerPerson {
				return nil, errBusy
			}
			r.waiting[who]++
			defer decrement(r.waiting, who)
			queued = true
		}
		changed := r.changed
		r.mu.Unlock()
		select {
		case <-changed:
		case <-timer.C:
			err = errBusy
		case <-ctx.Done():
			err = ctx.Err()
		}
		if r.mu.Lock(); err != nil {
			return nil, err
		}
	}
	r.people[who]++
	r.links[link]++
	return func() { r.leave(who, link) }, nil
}

func (r *readers) leave(who readerKey, link string) {
	r.mu.Lock()
	defer r.mu.Unlock()
	decrement(r.people, who)
	decrement(r.links, link)
	close(r.changed)
	r.changed = make(chan struct{})
}

// hasWaiting reports whether fetches of the person wait.
func (r *readers) hasWaiting(who readerKey) bool {
	r.mu.Lock()
	defer r.mu.Unlock()
	return r.waiting[who] > 0
}

func decrement[K comparable](counts map[K]int, key K) {
	if counts[key]--; counts[key] <= 0 {
		delete(counts, key)
	}
}

// pace says whether a reader keeps up.
type pace struct {
	hasWaiting func() bool
	taken      int64
	spent      time.Duration // in writes
}

// wrote counts a write, and returns errSlow where the reader takes too long for those who wait.
func (p *pace) wrote(n int, took time.Duration) error {
	p.taken += int64(n)
	p.spent += took
	if p.spent > readerGrace+time.Duration(p.taken)*time.Second/slowest && p.hasWaiting() {
		return errSlow
	}
	return nil
}
