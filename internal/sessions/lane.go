package sessions

import (
	"context"
	"slices"
	"sync"
)

// lane orders what is done with one personal access token. A token holds one session of its owner: a sign-in, also one for
// another site or for another user, may end the service session that somebody is just using to find a user. So at any time a
// token serves one purpose, for as many as want that one, and the others wait in line. Who has no purpose goes alone. A nil lane
// lets everybody pass: passwords have no such limit.
type lane struct {
	mu      sync.Mutex
	purpose string // of those inside
	inside  int
	line    []*waiter
}

// alone is the purpose of who shares the token with nobody.
const alone = ""

type waiter struct {
	purpose string
	admit   chan struct{}
}

// enter waits until the token serves this purpose.
func (l *lane) enter(ctx context.Context, purpose string) (leave func(), err error) {
	if l == nil {
		return func() {}, nil
	}
	l.mu.Lock()
	if len(l.line) == 0 && (l.inside == 0 || l.purpose == purpose && purpose != alone) {
		l.purpose = purpose
		l.inside++
		l.mu.Unlock()
		return l.leave, nil
	}
	w := &waiter{purpose, make(chan struct{})}
	l.line = append(l.line, w)
	l.mu.Unlock()
	select {
	case <-w.admit:
		return l.leave, nil
	case <-ctx.Done():
		l.giveUp(w)
		return nil, ctx.Err()
	}
}

// tryAlone enters if nobody is inside or in line.
func (l *lane) tryAlone() (leave func(), ok bool) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.inside > 0 || len(l.line) > 0 {
		return nil, false
	}
	l.purpose = alone
	l.inside++
	return l.leave, true
}

func (l *lane) leave() {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.inside--
	l.next()
}

// giveUp takes a waiter out of the line, or, if it was let in at the same moment, out of the lane.
func (l *lane) giveUp(w *waiter) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if i := slices.Index(l.line, w); i >= 0 {
		l.line = slices.Delete(l.line, i, i+1)
		return
	}
	l.inside--
	l.next()
}

// next lets in the first in line once the lane is empty, and with it all who want the same.
func (l *lane) next() {
	if l.inside > 0 || len(l.line) == 0 {
		return
	}
	l.purpose = l.line[0].purpose
	l.line = slices.DeleteFunc(l.line, func(w *waiter) bool {
		if w.purpose != l.purpose || l.purpose == alone && l.inside > 0 {
			return false
		}
		l.inside++
		close(w.admit)
		return true
	})
}
