package rest

import (
	"context"
	"maps"
	"reflect"
	"sync"
	"sync/atomic"
	"time"

	"vitrine/internal/tableau/rest/scan"
)

// Operation is one GraphQL request as Tableau sees it: it bounds how many calls are under way at
// once and counts them.
type Operation struct {
	slots  chan struct{}
	waited atomic.Int64
	needed *scan.Members

	timeline *timeline // nil unless calls are recorded with their times

	mu      sync.Mutex
	calls   map[string]int
	saved   int
	retried int
}

// NewOperation bounds the calls of one operation to so many at a time.
func NewOperation(parallel int) *Operation {
	return &Operation{slots: make(chan struct{}, max(parallel, 1)), calls: map[string]int{}}
}

// Members are [scan.Members].
type Members = scan.Members

// NewMembers returns the members with these names, by type; see [scan.NewMembers].
func NewMembers(names map[reflect.Type][]string) *Members { return scan.NewMembers(names) }

// Need says which members of answers the operation reads; nil for all. It is called before the first
// read, and holds for all reads: they share what was decoded.
func (o *Operation) Need(names *Members) { o.needed = names }

// neededMembers returns what the operation reads. Requests of no operation read everything.
func (o *Operation) neededMembers() *scan.Members {
	if o == nil {
		return nil
	}
	return o.needed
}

// Calls gives how often each REST method was called, by path template, each try by itself, and how
// many reads another read of the same answered.
func (o *Operation) Calls() (calls map[string]int, saved int) {
	o.mu.Lock()
	defer o.mu.Unlock()
	return maps.Clone(o.calls), o.saved
}

// Retried is how many of the calls were sent because the one before had failed for a moment.
func (o *Operation) Retried() int {
	o.mu.Lock()
	defer o.mu.Unlock()
	return o.retried
}

// Waited is how long calls waited for a free slot, here or before the gate, in all.
func (o *Operation) Waited() time.Duration { return time.Duration(o.waited.Load()) }

func (o *Operation) enter(ctx context.Context, name string) (leave func(), err error) {
	Waits(ctx)
	select {
	case o.slots <- struct{}{}:
	default:
		began := time.Now()
		select {
		case o.slots <- struct{}{}:
			o.waited.Add(int64(time.Since(began)))
		case <-ctx.Done():
			return nil, &Error{Kind: Timeout, Call: name, Err: ctx.Err()}
		}
	}
	return func() { <-o.slots }, nil
}

// sent notes a request that leaves now, for the first time or again, after a wait before the gate.
// Requests of no operation are not counted.
func (o *Operation) sent(name string, again bool, wait time.Duration) {
	if o == nil {
		return
	}
	o.waited.Add(int64(wait))
	o.mu.Lock()
	defer o.mu.Unlock()
	o.calls[name]++
	if again {
		o.retried++
	}
}

// savedOne notes a read that another read of the same answered.
func (o *Operation) savedOne(r SiteRead, asked time.Time, err error) {
	o.mu.Lock()
	o.saved++
	o.mu.Unlock()
	o.recordShared(r, asked, err)
}

type operationKey struct{}

// WithOperation puts an operation into a context: sessions made under it share its bounds.
func WithOperation(ctx context.Context, o *Operation) context.Context {
	return context.WithValue(ctx, operationKey{}, o)
}

type waitingKey struct{}

// WithWaiting returns a context in which more is called by each read that is about to wait, for
// Tableau or for another read: a caller with other work can begin it then.
func WithWaiting(ctx context.Context, more func()) context.Context {
	return context.WithValue(ctx, waitingKey{}, more)
}

// Waits is called by what is about to wait.
func Waits(ctx context.Context) {
	if more, ok := ctx.Value(waitingKey{}).(func()); ok {
		more()
	}
}

// defaultParallel bounds a session that was made outside of any operation.
const defaultParallel = 8

// OperationFrom gives the operation of a context, or a new one.
func OperationFrom(ctx context.Context) *Operation {
	if o, ok := ctx.Value(operationKey{}).(*Operation); ok {
		return o
	}
	return NewOperation(defaultParallel)
}

// Memo does each piece of work once and keeps what came of it. It is for read-only results.
type Memo struct {
	brief bool // only work under way is shared, nothing is kept

	mu    sync.Mutex
	calls map[string]*memoCall
}

type memoCall struct {
	done  chan struct{}
	value any
	err   error
	lost  bool // the caller who did the work gave up: others try again
}

// Do runs work for the first caller of a key; the others wait for its result, or leave when their
// context ends. Work that failed because the first caller's context ended, such as that of a page
// whose sibling failed, is done again by the next.
func (m *Memo) Do(ctx context.Context, key string, work func() (any, error)) (value any, shared bool, err error) {
	call, mine, err := m.wait(ctx, key)
	if err != nil {
		return nil, true, err
	}
	if !mine {
		return call.value, true, call.err
	}
	defer m.finish(ctx, key, call) // also when work panics: nobody may wait for ever
	call.value, call.err = work()
	return call.value, false, call.err
}

// wait returns a call of the key that has ended, or a new one whose work the caller does.
func (m *Memo) wait(ctx context.Context, key string) (call *memoCall, mine bool, err error) {
	for {
		call, mine := m.enter(key)
		if mine {
			return call, true, nil
		}
		select {
		case <-call.done:
		default:
			Waits(ctx)
		}
		select {
		case <-call.done:
			if !call.lost {
				return call, false, nil
			}
		case <-ctx.Done():
			return nil, false, &Error{Kind: Timeout, Call: "waiting for the same read", Err: ctx.Err()}
		}
	}
}

func (m *Memo) enter(key string) (call *memoCall, mine bool) {
	m.mu.Lock()
	defer m.mu.Unlock()
	if call, ok := m.calls[key]; ok {
		return call, false
	}
	if m.calls == nil {
		m.calls = map[string]*memoCall{}
	}
	call = &memoCall{done: make(chan struct{}), err: errAbandoned}
	m.calls[key] = call
	return call, true
}

// finish gives the result of a call to those who wait for it.
func (m *Memo) finish(ctx context.Context, key string, call *memoCall) {
	call.lost = call.err != nil && ctx.Err() != nil
	if call.lost || m.brief {
		m.mu.Lock()
		delete(m.calls, key)
		m.mu.Unlock()
	}
	close(call.done)
}
