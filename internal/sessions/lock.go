package sessions

import (
	"context"
	"crypto/rand"
	"sync"
	"time"
)

// lock is the right to sign somebody in, for all replicas.
type lock struct {
	f     *redisSessions
	names []string
	token string
	held  bool
}

func (l *lock) claim() error {
	l.token = rand.Text()
	n, err := l.f.store.run(l.f.base, scriptClaim, l.names, []string{l.token, milliText(lockLife)})
	l.held = err == nil && n == 1
	return err
}

// keep renews the lock until stop is called, which says whether it was never lost.
func (l *lock) keep() (stop func() (mine bool)) {
	ctx, cancel := context.WithCancel(l.f.base)
	done := make(chan bool, 1)
	go func() {
		tick := time.NewTicker(lockLife / 3)
		defer tick.Stop()
		mine := true
		for {
			select {
			case <-ctx.Done():
				done <- mine
				return
			case <-tick.C:
				n, err := l.f.store.run(ctx, scriptExtend, l.names, []string{l.token, milliText(lockLife)})
				if ctx.Err() == nil && (err != nil || n != 1) {
					mine = false
				}
			}
		}
	}()
	return sync.OnceValue(func() bool {
		cancel()
		return <-done
	})
}

func (l *lock) release() {
	if l.held {
		_, _ = l.f.store.run(l.f.base, scriptRelease, l.names, []string{l.token})
	}
}
