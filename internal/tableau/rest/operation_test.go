package rest

import (
	"context"
	"errors"
	"sync"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"
)

func TestMemoLeaderWhoGivesUpSpoilsNothing(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		var m Memo
		var tries atomic.Int64
		work := func(ctx context.Context) func() (any, error) {
			return func() (any, error) {
				tries.Add(1)
				select {
				case <-ctx.Done():
					return nil, &Error{Kind: Timeout, Err: ctx.Err()}
				case <-time.After(time.Minute):
					return "done", nil
				}
			}
		}
		leader, cancel := context.WithCancel(t.Context())
		var wg sync.WaitGroup
		wg.Go(func() {
			_, _, err := m.Do(leader, "k", work(leader))
			wantKind(t, err, Timeout)
		})
		synctest.Wait()
		for range 20 {
			wg.Go(func() {
				v, _, err := m.Do(t.Context(), "k", work(t.Context()))
				if v != "done" || err != nil {
					t.Errorf("%v, error %v", v, err)
				}
			})
		}
		synctest.Wait()
		cancel()
		wg.Wait()
		if v, shared, err := m.Do(t.Context(), "k", nil); v != "done" || !shared || err != nil || tries.Load() != 2 {
			t.Errorf("%v, shared %v, error %v, %d tries", v, shared, err, tries.Load())
		}
	})
}

func TestMemoSharesErrorsAndOutlivesPanics(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		var m Memo
		refused := &Error{Kind: Refused}
		tries := 0
		for range 3 {
			if _, _, err := m.Do(t.Context(), "refused", func() (any, error) { tries++; return nil, refused }); !errors.Is(err, refused) {
				t.Errorf("error %v", err)
			}
		}
		if tries != 1 {
			t.Errorf("%d tries", tries)
		}
		began := make(chan struct{})
		go func() {
			defer func() { _ = recover() }()
			_, _, _ = m.Do(t.Context(), "panics", func() (any, error) { close(began); time.Sleep(time.Second); panic("oops") })
		}()
		<-began
		if _, _, err := m.Do(t.Context(), "panics", nil); !errors.Is(err, errAbandoned) {
			t.Errorf("error %v", err)
		}
		ctx, cancel := context.WithTimeout(t.Context(), time.Second)
		defer cancel()
		go func() {
			_, _, _ = m.Do(t.Context(), "slow", func() (any, error) { time.Sleep(time.Minute); return nil, nil })
		}()
		synctest.Wait()
		_, _, err := m.Do(ctx, "slow", nil)
		wantKind(t, err, Timeout)
		time.Sleep(time.Minute) // of the bubble's clock: everybody has gone
	})
}
