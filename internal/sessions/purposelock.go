package sessions

import (
	"context"
	"slices"
	"sync"
)

// purposeLock orders what is done with one personal access token. A token holds one session of its
// owner: a sign-in, also one for another site or for another user, may end the service session that
// somebody is just using to find a user. So at any time a token serves one purpose, for as many as
// want that one, and the others wait in line. Who has no purpose goes alone. A nil purposeLock lets
// everybody pass: passwords have no such limit.
type purposeLock struct {
	mu      sync.Mutex
	purpose string // of those inside
	holders int
	queue   []*waiter
}

// alone is the purpose of who shares the token with nobody.
const alone = ""

type waiter struct {
	purpose string
	admit   chan struct{}
}

// enter waits until the token serves this purpose.
func (l *purposeLock) enter(ctx context.Context, purpose string) (leave func(), err error) {
	if l == nil {
		return func() {}, nil
	}
	l.mu.Lock()
	if len(l.queue) == 0 && (l.holders == 0 || l.purpose == purpose && purpose != alone) {
		l.purpose = purpose
		l.holders++
		l.mu.Unlock()
		return l.leave, nil
	}
	w := &waiter{purpose, make(chan struct{})}
	l.queue = append(l.queue, w)
	l.mu.Unlock()
	select {
	case <-w.admit:
		return l.leave, nil
	case <-ctx.Done():
		l.abandon(w)
		return nil, ctx.Err()
	}
}

// tryAlone enters if nobody is inside or in line.
func (l *purposeLock) tryAlone() (leave func(), ok bool) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.holders > 0 || len(l.queue) > 0 {
		return nil, false
	}
	l.purpose = alone
	l.holders++
	return l.leave, true
}

func (l *purposeLock) leave() {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.holders--
	l.admitNext()
}

// abandon takes a waiter out of the line, or, if it was let in at the same moment, out of the lock.
func (l *purposeLock) abandon(w *waiter) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if i := slices.Index(l.queue, w); i >= 0 {
		l.queue = slices.Delete(l.queue, i, i+1)
		return
	}
	l.holders--
	l.admitNext()
}

// admitNext lets in the first in line once the lock is empty, and with it all who want the same.
func (l *purposeLock) admitNext() {
	if l.holders > 0 || len(l.queue) == 0 {
		return
	}
	l.purpose = l.queue[0].purpose
	l.queue = slices.DeleteFunc(l.queue, func(w *waiter) bool {
		if w.purpose != l.purpose || l.purpose == alone && l.holders > 0 {
			return false
		}
		l.holders++
		close(w.admit)
		return true
	})
}
