package sessions

import (
	"context"
	"crypto/rand"
	"sync"
	"time"
)

// lock is the right to sign an owner in, for all replicas.
type lock struct {
	f     *redisSessions
	names []string
	token string
	held  bool
}

func (l *lock) claim() (err error) {
	l.token = rand.Text()
	l.held, err = l.f.store.Lock(l.f.base, l.names, l.token, lockTTL)
	return err
}

// keep extends the lock until stop is called, which reports whether it was held all the time.
func (l *lock) keep() (stop func() (mine bool)) {
	ctx, cancel := context.WithCancel(l.f.base)
	done := make(chan bool, 1)
	go func() {
		tick := time.NewTicker(lockTTL / 3)
		defer tick.Stop()
		mine := true
		for {
			select {
			case <-ctx.Done():
				done <- mine
				return
			case <-tick.C:
				held, _ := l.f.store.ExtendLock(ctx, l.names, l.token, lockTTL)
				if ctx.Err() == nil && !held {
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
		_ = l.f.store.Unlock(l.f.base, l.names, l.token)
	}
}
