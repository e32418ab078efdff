package telemetry

import (
	"context"
	"crypto/rand"
	"encoding/hex"
	"log/slog"
	"slices"
	"sync"
)

// maxAttrs bounds what one request can add to its event: a document with two
// hundred failing fields must not become a log line of megabytes.
const maxAttrs = 64

// event collects what is said about one request until it is written.
type event struct {
	id string

	mu      sync.Mutex
	attrs   []slog.Attr
	room    [20]slog.Attr // of attrs, as long as there are no more
	dropped int
	done    bool
	atEnd   func(Summary) // nil for none
}

type eventKey struct{}

// newEvent returns an event with the id that the request brings, or one of 16
// random bytes in hex.
func newEvent(given string) *event {
	e := &event{id: given}
	e.attrs = e.room[:0]
	if given == "" {
		var id [16]byte
		_, _ = rand.Read(id[:]) // never fails: it ends the program instead
		e.id = hex.EncodeToString(id[:])
	}
	return e
}

// RequestID returns the id of the request that ctx belongs to: the one that it
// brought, else 32 hex digits; "" when ctx belongs to none.
func RequestID(ctx context.Context) string {
	if e, ok := ctx.Value(eventKey{}).(*event); ok {
		return e.id
	}
	return ""
}

// Add puts attributes into the event of the request that ctx belongs to. An
// attribute replaces an earlier one of the same name. It may be called from any
// number of goroutines; after the request has ended, and outside of one, it does
// nothing.
func Add(ctx context.Context, attrs ...slog.Attr) {
	e, ok := ctx.Value(eventKey{}).(*event)
	if !ok {
		return
	}
	e.mu.Lock()
	defer e.mu.Unlock()
	if e.done {
		return
	}
	for _, a := range attrs {
		e.set(normal(a))
	}
}

// AtEnd has f called once, when the request that ctx belongs to has been answered. A later call
// replaces f; outside of a request it does nothing.
func AtEnd(ctx context.Context, f func(Summary)) {
	e, ok := ctx.Value(eventKey{}).(*event)
	if !ok {
		return
	}
	e.mu.Lock()
	defer e.mu.Unlock()
	e.atEnd = f
}

// end calls what is to be called at the end.
func (e *event) end(s Summary) {
	e.mu.Lock()
	f := e.atEnd
	e.mu.Unlock()
	if f != nil {
		f(s)
	}
}

// set replaces or appends one attribute. The caller holds the lock.
func (e *event) set(a slog.Attr) {
	i := slices.IndexFunc(e.attrs, func(b slog.Attr) bool { return b.Key == a.Key })
	switch {
	case i >= 0:
		e.attrs[i] = a
	case len(e.attrs) < maxAttrs:
		e.attrs = append(e.attrs, a)
	default:
		e.dropped++
	}
}

// finish closes the event and returns what was added to it.
func (e *event) finish() []slog.Attr {
	e.mu.Lock()
	defer e.mu.Unlock()
	e.done = true
	if e.dropped > 0 {
		e.attrs = append(e.attrs, slog.Int("attributesDropped", e.dropped))
	}
	return e.attrs
}
