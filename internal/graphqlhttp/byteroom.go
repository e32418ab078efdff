package graphqlhttp

import (
	"context"
	"slices"
	"sync"
)

// byteRoom bounds the bytes of all answers that are collected or being sent. An answer takes room
// as it grows, and waits while there is none. So that answers which all hold a part cannot wait for
// each other for ever, one at a time may go past the bound: all answers together take at most the
// bound and one answer more.
type byteRoom struct {
	most int

	mu      sync.Mutex
	taken   int
	beyond  *answer // the one that may go past the bound
	waiting []*byteWaiter
}

type byteWaiter struct {
	answer *answer
	bytes  int
	ready  chan struct{}
}

func newByteRoom(most int) *byteRoom { return &byteRoom{most: most} }

// take waits for room. The error is errNoRoom where there is none until ctx ends.
func (r *byteRoom) take(ctx context.Context, a *answer, n int) error {
	r.mu.Lock()
	if r.fits(a, n) {
		r.mu.Unlock()
		return nil
	}
	w := &byteWaiter{a, n, make(chan struct{})}
	r.waiting = append(r.waiting, w)
	r.mu.Unlock()
	select {
	case <-w.ready:
		return nil
	case <-ctx.Done():
	}
	r.mu.Lock()
	defer r.mu.Unlock()
	if i := slices.Index(r.waiting, w); i >= 0 {
		r.waiting = slices.Delete(r.waiting, i, i+1)
		return errNoRoom
	}
	return nil // it came just now
}

// fits takes room if there is any. It is called with the lock held.
func (r *byteRoom) fits(a *answer, n int) bool {
	if r.taken+n > r.most {
		if r.beyond != nil && r.beyond != a {
			return false
		}
		r.beyond = a
	}
	r.taken += n
	return true
}

// giveBack returns room of an answer, all that it has: it then is no longer the one that may go
// past the bound.
func (r *byteRoom) giveBack(a *answer, n int) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.taken -= n
	if r.beyond == a {
		r.beyond = nil
	}
	r.waiting = slices.DeleteFunc(r.waiting, func(w *byteWaiter) bool {
		if !r.fits(w.answer, w.bytes) {
			return false
		}
		close(w.ready)
		return true
	})
}
