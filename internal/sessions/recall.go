package sessions

import (
	"sync"
	"time"
)

// recall remembers a bounded number of things for a while.
type recall[K comparable, V any] struct {
	age   time.Duration
	limit int
	now   func() time.Time

	mu    sync.Mutex
	items map[K]recalled[V]
}

type recalled[V any] struct {
	value V
	until int64 // Unix nanoseconds
}

func newRecall[K comparable, V any](age time.Duration, limit int, now func() time.Time) *recall[K, V] {
	return &recall[K, V]{age: age, limit: limit, now: now, items: map[K]recalled[V]{}}
}

func (r *recall[K, V]) get(key K) (V, bool) {
	value, left := r.getLeft(key)
	return value, left > 0
}

// getLeft returns a value and for how long it is kept; zero where there is none.
func (r *recall[K, V]) getLeft(key K) (value V, left time.Duration) {
	r.mu.Lock()
	defer r.mu.Unlock()
	item, ok := r.items[key]
	if !ok {
		return value, 0
	}
	if left = time.Duration(item.until - r.now().UnixNano()); left <= 0 {
		delete(r.items, key)
		return value, 0
	}
	return item.value, left
}

// put keeps a value. When there is no room, what has expired goes first, then whatever comes: forgetting costs a call to Tableau.
func (r *recall[K, V]) put(key K, value V) { r.putFor(key, value, r.age) }

// putFor is put for a value that is kept for another time, the usual one at most.
func (r *recall[K, V]) putFor(key K, value V, age time.Duration) {
	r.mu.Lock()
	defer r.mu.Unlock()
	now := r.now().UnixNano()
	if _, known := r.items[key]; !known && len(r.items) >= r.limit {
		r.makeRoom(now)
	}
	r.items[key] = recalled[V]{value, now + int64(min(age, r.age))}
}

// change replaces a value that is kept, for no longer than before.
func (r *recall[K, V]) change(key K, value V) {
	r.mu.Lock()
	defer r.mu.Unlock()
	if item, known := r.items[key]; known {
		r.items[key] = recalled[V]{value, item.until}
	}
}

// makeRoom frees a tenth of the places, so that it is not needed again at once.
func (r *recall[K, V]) makeRoom(now int64) {
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

func (r *recall[K, V]) forget(key K) {
	r.mu.Lock()
	defer r.mu.Unlock()
	delete(r.items, key)
}
