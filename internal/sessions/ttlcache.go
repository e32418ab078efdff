package sessions

import (
	"sync"
	"time"
)

// ttlCache remembers a bounded number of things for a while.
type ttlCache[K comparable, V any] struct {
	ttl   time.Duration
	limit int
	now   func() time.Time

	mu    sync.RWMutex
	items map[K]ttlEntry[V]
}

type ttlEntry[V any] struct {
	value V
	until int64 // Unix nanoseconds
}

func newTTLCache[K comparable, V any](age time.Duration, limit int, now func() time.Time) *ttlCache[K, V] {
	return &ttlCache[K, V]{ttl: age, limit: limit, now: now, items: map[K]ttlEntry[V]{}}
}

func (r *ttlCache[K, V]) get(key K) (V, bool) {
	value, left := r.getTTL(key)
	return value, left > 0
}

// getTTL returns a value and for how long it is kept; zero if there is no value.
func (r *ttlCache[K, V]) getTTL(key K) (value V, left time.Duration) {
	r.mu.RLock()
	item, ok := r.items[key]
	r.mu.RUnlock()
	if !ok {
		return value, 0
	}
	if left = time.Duration(item.until - r.now().UnixNano()); left <= 0 {
		r.mu.Lock()
		defer r.mu.Unlock()
		if r.items[key].until == item.until { // nobody has replaced it
			delete(r.items, key)
		}
		return value, 0
	}
	return item.value, left
}

// put keeps a value. When there is no room, what has expired goes first, then whatever comes:
// forgetting costs a call to Tableau.
func (r *ttlCache[K, V]) put(key K, value V) { r.putTTL(key, value, r.ttl) }

// addNew keeps a value for a key that has none, and reports whether it did.
func (r *ttlCache[K, V]) addNew(key K, age time.Duration) bool {
	r.mu.Lock()
	defer r.mu.Unlock()
	now := r.now().UnixNano()
	if item, known := r.items[key]; known && item.until > now {
		return false
	}
	if len(r.items) >= r.limit {
		r.makeRoom(now)
	}
	var zero V
	r.items[key] = ttlEntry[V]{zero, now + int64(min(age, r.ttl))}
	return true
}

func (r *ttlCache[K, V]) remove(key K) {
	r.mu.Lock()
	defer r.mu.Unlock()
	delete(r.items, key)
}

// putTTL is put for a value that is kept for another time, the usual one at most.
func (r *ttlCache[K, V]) putTTL(key K, value V, age time.Duration) {
	r.mu.Lock()
	defer r.mu.Unlock()
	now := r.now().UnixNano()
	if _, known := r.items[key]; !known && len(r.items) >= r.limit {
		r.makeRoom(now)
	}
	r.items[key] = ttlEntry[V]{value, now + int64(min(age, r.ttl))}
}

// change replaces a value that is kept, for no longer than before.
func (r *ttlCache[K, V]) change(key K, value V) {
	r.mu.Lock()
	defer r.mu.Unlock()
	if item, known := r.items[key]; known {
		r.items[key] = ttlEntry[V]{value, item.until}
	}
}

// makeRoom frees a tenth of the places, so that it is not needed again at once.
func (r *ttlCache[K, V]) makeRoom(now int64) {
	for key, item := range r.items {
		if now >= item.until {
			delete(r.items, key)
		}
	}
	for key := range r.items {
		if len(r.items) <= r.limit-max(1, r.limit/10) {
			return
		}
		delete(r.items, key)
	}
}

func (r *ttlCache[K, V]) forget(key K) {
	r.mu.Lock()
	defer r.mu.Unlock()
	delete(r.items, key)
}
