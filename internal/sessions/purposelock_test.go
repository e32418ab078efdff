package sessions

import (
	"context"
	"fmt"
	"sync"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"
)

func TestPurposeLockServesOnePurposeAtATime(t *testing.T) {
	t.Parallel()
	l := &purposeLock{}
	var inside [3]atomic.Int64
	var wait sync.WaitGroup
	for i := range 300 {
		wait.Go(func() {
			purpose := i % 3
			leave, err := l.enter(t.Context(), fmt.Sprint(purpose))
			if err != nil {
				t.Error(err)
				return
			}
			defer leave()
			inside[purpose].Add(1)
			defer inside[purpose].Add(-1)
			for other := range inside {
				if n := inside[other].Load(); other != purpose && n != 0 {
					t.Errorf("%d with purpose %d beside purpose %d", n, other, purpose)
				}
			}
		})
	}
	wait.Wait()
}

func TestPurposeLockIsFairAndLetsWaitersGo(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		l := &purposeLock{}
		leave, err := l.enter(t.Context(), "a")
		if err != nil {
			t.Fatal(err)
		}
		ctx, cancel := context.WithTimeout(t.Context(), time.Second)
		defer cancel()
		gone := make(chan error)
		go func() {
			_, err := l.enter(ctx, "b")
			gone <- err
		}()
		synctest.Wait()
		var order []string
		var mu sync.Mutex
		var wait sync.WaitGroup
		for _, purpose := range []string{"c", "a", "c"} { // "a" must not overtake, though it would fit in
			wait.Go(func() {
				leave, err := l.enter(t.Context(), purpose)
				if err != nil {
					t.Error(err)
					return
				}
				mu.Lock()
				order = append(order, purpose)
				mu.Unlock()
				leave()
			})
			synctest.Wait()
		}
		if err := <-gone; err == nil {
			t.Error("the waiter was let in beside another purpose")
		}
		leave()
		wait.Wait()
		if got := fmt.Sprint(order); got != "[c c a]" {
			t.Errorf("order %s", got)
		}
	})
}

func TestNoPurposeLockLetsEverybodyPass(t *testing.T) {
	t.Parallel()
	var l *purposeLock
	for _, purpose := range []string{"a", "b"} {
		if _, err := l.enter(t.Context(), purpose); err != nil {
			t.Error(err)
		}
	}
}
