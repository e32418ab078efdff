package graphqlhttp

import (
	"context"
	"sync"
)

// defaultUnderWay bounds the fields of all answers that are under way at a time. A field takes some
// hundred bytes from when it is resolved until its answer is sent: two million are about a
// gigabyte.
const defaultUnderWay = 2_000_000

// gate bounds the fields of all answers under way. An operation reserves its estimated fields
// before it runs, and gives back what it turns out not to need as soon as a list is there. It waits
// holding nothing, so that no two wait for each other.
//
// Who comes first goes first; but small ones, which are what people look at, go past large ones
// that wait, as long as there is room.
type gate struct {
	most int

	mu      sync.Mutex
	taken   int
	waiting []*waiter
}

type waiter struct {
	fields int
	ready  chan struct{}
}

// smallShare is which part of the room an operation may take that goes past those that wait.
const smallShare = 100

func newGate(most int) *gate { return &gate{most: most} }

// reservation is one operation's part of the room.
type reservation struct {
	gate   *gate
	mu     sync.Mutex
	fields int
}

// reserve waits until there is room. What is larger than all the room goes when no other large one
// is under way.
func (g *gate) reserve(ctx context.Context, fields int) (*reservation, error) {
	fields = min(fields, g.most-g.most/smallShare) // which leaves some to small ones
	g.mu.Lock()
	if small := fields <= g.most/smallShare; g.taken+fields <= g.most && (small || len(g.waiting) == 0) {
		g.taken += fields
		g.mu.Unlock()
		return &reservation{gate: g, fields: fields}, nil
	}
	w := &waiter{fields, make(chan struct{})}
	g.waiting = append(g.waiting, w)
	g.mu.Unlock()
	select {
	case <-w.ready:
		return &reservation{gate: g, fields: fields}, nil
	case <-ctx.Done():
		g.leave(w)
		return nil, ctx.Err()
	}
}

// leave takes somebody out who waits no longer; room that was given meanwhile is given back.
func (g *gate) leave(w *waiter) {
	g.mu.Lock()
	defer g.mu.Unlock()
	for i, other := range g.waiting {
		if other == w {
			g.waiting = append(g.waiting[:i], g.waiting[i+1:]...)
			g.admit() // who was behind may fit
			return
		}
	}
	g.taken -= w.fields
	g.admit()
}

// admit lets in who fits, in turn. It is called with the lock held.
func (g *gate) admit() {
	for len(g.waiting) > 0 && g.taken+g.waiting[0].fields <= g.most {
		w := g.waiting[0]
		g.waiting = g.waiting[1:]
		g.taken += w.fields
		close(w.ready)
	}
}

// giveBack returns a part of a reservation, at most what is left of it.
func (r *reservation) giveBack(fields int) {
	if r == nil {
		return
	}
	r.mu.Lock()
	fields = max(0, min(fields, r.fields))
	r.fields -= fields
	r.mu.Unlock()
	if fields == 0 {
		return
	}
	r.gate.mu.Lock()
	defer r.gate.mu.Unlock()
	r.gate.taken -= fields
	r.gate.admit()
}

// release returns all of it.
func (r *reservation) release() { r.giveBack(1 << 62) }
