package redisstore

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"sync"
	"time"

	"github.com/redis/rueidis"
)

// do runs one operation within its time. An error that Redis answers belongs to the operation; a
// missing answer counts against the store, and is [ErrUnavailable].
func (s *Store) do(ctx context.Context, operation func(context.Context, rueidis.Client) error) error {
	caller := ctx
	ctx, stop := s.limit(ctx)
	defer stop()
	began := s.now()
	select {
	case <-s.tried:
	case <-ctx.Done():
		return ErrUnavailable
	}
	s.mu.Lock()
	client, down := s.client, s.down
	s.mu.Unlock()
	if client == nil || down {
		return ErrUnavailable
	}
	err := operation(ctx, client)
	answer, isAnswer := rueidis.IsRedisErr(err)
	switch {
	case err == nil || rueidis.IsRedisNil(err): // nil is the answer of SET NX where something is stored already
		s.noteAnswer()
		return nil
	case isAnswer:
		s.noteAnswer()
		if strings.HasPrefix(answer.Error(), "READONLY") {
			s.reconnect()
		}
		s.logRefusal(err)
		return fmt.Errorf("the shared store: %w", err)
	case caller.Err() != nil:
		return caller.Err() // the caller's time was up, not the store's
	default:
		s.strike(err, began)
		return fmt.Errorf("%w: %w", ErrUnavailable, err)
	}
}

// noteAnswer notes that the store answers.
func (s *Store) noteAnswer() {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.strikes, s.answered = 0, s.now()
}

// strike counts an operation without an answer. The store is not asked any more after some in a
// row, and at once when nothing else was answered since the operation began.
func (s *Store) strike(err error, began time.Time) {
	s.mu.Lock()
	s.strikes++
	broken := (s.strikes >= maxStrikes || errors.Is(err, context.Canceled) && s.answered.Before(began)) && !s.down
	if broken {
		s.down = true
	}
	s.mu.Unlock()
	if broken && s.ctx.Err() == nil {
		s.logDown(err)
	}
	if broken {
		s.wake()
	}
}

// logRefusal logs an error answer, such as that of a full or read-only store, once a minute.
func (s *Store) logRefusal(err error) {
	s.mu.Lock()
	due := time.Since(s.logged) > time.Minute
	if due {
		s.logged = time.Now()
	}
	s.mu.Unlock()
	if due {
		s.log.Warn("the shared store refuses a command: check its memory limit, its role and the rights of its user", "error", err)
	}
}

// limit bounds an operation. If the timer itself fires late by a quarter of the time, this process
// was too busy to see an answer: the operation gets its time again, up to timeoutExtensions times.
func (s *Store) limit(ctx context.Context) (limited context.Context, stop func()) {
	limited, cancel := context.WithCancelCause(ctx)
	l := &operationLimit{store: s, cancel: cancel}
	l.mu.Lock()
	defer l.mu.Unlock()
	l.due = s.now().Add(s.timeout)
	l.timer = time.AfterFunc(s.timeout, l.check)
	return limited, func() {
		l.mu.Lock()
		defer l.mu.Unlock()
		l.timer.Stop()
		cancel(nil)
	}
}

// operationLimit is the end of an operation's time.
type operationLimit struct {
	store  *Store
	cancel context.CancelCauseFunc

	mu         sync.Mutex
	due        time.Time
	timer      *time.Timer
	extensions int
}

func (l *operationLimit) check() {
	l.mu.Lock()
	defer l.mu.Unlock()
	now, timeout := l.store.now(), l.store.timeout
	if now.Sub(l.due) < timeout/4 || l.extensions == timeoutExtensions {
		l.cancel(context.DeadlineExceeded)
		return
	}
	l.extensions++
	l.due = now.Add(timeout)
	l.timer.Reset(timeout)
}
