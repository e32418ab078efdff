// Package ttlcache has a bounded map whose entries end, each after a time of its own.
package ttlcache

import (
	"sync"
	"time"
)

// Cache remembers a bounded number of values for a while. It is safe for use by many goroutines, and
// starts none: what has ended is removed when it is asked for, or when room is needed.
type Cache[K comparable, V any] struct {
	ttl   time.Duration
	limit int
	now   func() time.Time

	mu    sync.RWMutex
	items map[K]entry[V]
}

type entry[V any] struct {
	value V
	until int64 // Unix nanoseconds
}

// New returns a cache of at most limit values, each kept for ttl at most.
func New[K comparable, V any](ttl time.Duration, limit int, now func() time.Time) *Cache[K, V] {
	return &Cache[K, V]{ttl: ttl, limit: limit, now: now, items: map[K]entry[V]{}}
}

// Get returns the value of a key, and whether there is one.
func (c *Cache[K, V]) Get(key K) (V, bool) {
	value, left := c.GetTTL(key)
	return value, left > 0
}

// GetTTL returns the value of a key and for how long it is kept; zero if there is no value.
func (c *Cache[K, V]) GetTTL(key K) (value V, left time.Duration) {
	c.mu.RLock()
	item, ok := c.items[key]
	c.mu.RUnlock()
	if !ok {
		return value, 0
	}
	if left = time.Duration(item.until - c.now().UnixNano()); left <= 0 {
		c.mu.Lock()
		defer c.mu.Unlock()
		if c.items[key].until == item.until { // nobody has replaced it
			delete(c.items, key)
		}
		return value, 0
	}
	return item.value, left
}

// Put keeps a value. When there is no room, what has ended goes first, then whatever comes:
// forgetting costs time, never an answer.
func (c *Cache[K, V]) Put(key K, value V) { c.PutFor(key, value, c.ttl) }

// PutFor is [Cache.Put] for a value that is kept for another time, the usual one at most. A value
// without time left is not kept.
func (c *Cache[K, V]) PutFor(key K, value V, age time.Duration) {
	if age <= 0 {
		return
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	c.put(key, value, age)
}

// Add keeps a value for a key that has none, and reports whether it did.
func (c *Cache[K, V]) Add(key K, value V, age time.Duration) bool {
	c.mu.Lock()
	defer c.mu.Unlock()
	if item, known := c.items[key]; known && item.until > c.now().UnixNano() {
		return false
	}
	c.put(key, value, age)
	return true
}

// Change replaces a value that is kept, for no longer than before.
func (c *Cache[K, V]) Change(key K, value V) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if item, known := c.items[key]; known {
		c.items[key] = entry[V]{value, item.until}
	}
}

// Delete forgets a key.
func (c *Cache[K, V]) Delete(key K) {
	c.mu.Lock()
	defer c.mu.Unlock()
	delete(c.items, key)
}

// Len is how many values are held, those included that have ended and were not removed yet.
func (c *Cache[K, V]) Len() int {
	c.mu.RLock()
	defer c.mu.RUnlock()
	return len(c.items)
}

func (c *Cache[K, V]) put(key K, value V, age time.Duration) {
	now := c.now().UnixNano()
	if _, known := c.items[key]; !known && len(c.items) >= c.limit {
		c.makeRoom(now)
	}
	c.items[key] = entry[V]{value, now + int64(min(age, c.ttl))}
}

// makeRoom frees a tenth of the places, so that it is not needed again at once.
func (c *Cache[K, V]) makeRoom(now int64) {
	for key, item := range c.items {
		if now >= item.until {
			delete(c.items, key)
		}
	}
	for key := range c.items {
		if len(c.items) <= c.limit-max(1, c.limit/10) {
			return
		}
		delete(c.items, key)
	}
}
