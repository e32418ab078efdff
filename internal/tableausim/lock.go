package tableausim

import (
	"sync"
	"time"
)

// defaultLock is how long an account stays locked when Config.LockFor is zero.
const defaultLock = 20 * time.Minute

// lockout locks accounts whose secret was wrong too often, against guessing. While an account is
// locked, the right secret is refused with the same answer, so that nobody learns that it was
// right.
type lockout struct {
	now   func() time.Time
	after int           // wrong secrets in a row; 0 never locks
	lasts time.Duration // how long a lock holds

	mu    sync.Mutex
	count map[*account]int
	until map[*account]time.Time
}

func newLockout(now func() time.Time, after int, lasts time.Duration) *lockout {
	if lasts == 0 {
		lasts = defaultLock
	}
	return &lockout{now: now, after: after, lasts: lasts, count: map[*account]int{}, until: map[*account]time.Time{}}
}

func (l *lockout) locked(a *account) bool {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.now().Before(l.until[a])
}

// tried takes note of a sign-in that was right or wrong and reports whether it may go on.
func (l *lockout) tried(a *account, right bool) bool {
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.now().Before(l.until[a]) {
		return false
	}
	if right {
		delete(l.count, a)
		return true
	}
	l.count[a]++
	if l.after > 0 && l.count[a] >= l.after {
		delete(l.count, a)
		l.until[a] = l.now().Add(l.lasts)
	}
	return false
}

// Locked reports whether an account is locked now because of wrong secrets; see Config.LockAfter.
func (s *Server) Locked(name string) bool {
	s.mu.RLock()
	defer s.mu.RUnlock()
	a := s.world.account(name)
	return a != nil && s.lockout.locked(a)
}
