package auth

import (
	"context"
	"sync/atomic"
)

// Memo keeps one value that was worked out of an identity, for all requests with the same token, as
// long as the token is remembered. The nil Memo keeps nothing.
type Memo struct{ value atomic.Pointer[any] }

// Load returns the value; nil if there is none.
func (m *Memo) Load() any {
	if m == nil {
		return nil
	}
	if v := m.value.Load(); v != nil {
		return *v
	}
	return nil
}

// Store replaces the value.
func (m *Memo) Store(v any) {
	if m != nil {
		m.value.Store(&v)
	}
}

// MemoFrom returns the memo of the token that a request came with; nil if there is none.
func MemoFrom(ctx context.Context) *Memo {
	c, ok := ctx.Value(callerKey{}).(*caller)
	if !ok {
		return nil
	}
	return c.memo
}
