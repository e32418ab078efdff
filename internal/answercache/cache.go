// Package answercache keeps whole answers of GraphQL operations for a short time, each for the one
// owner that it was given to.
//
// The cache below may drop an answer, refuse it, or show another one: its keys are hashes. So an
// answer holds its whole key, which is compared at each look. Whether an answer may be kept is
// decided by internal/graphqlhttp.
package answercache

import (
	"fmt"
	"hash/maphash"
	"sync"
	"sync/atomic"
	"time"

	"github.com/dgraph-io/ristretto/v2"
)

// Key is all that an answer depends on. Two requests share an answer only if their keys are equal.
type Key struct {
	Owner     string // everything that the sessions and the token of the caller are made of
	Roles     string // of the caller, which decide the schema
	Document  string // its text
	Operation string // the name in the request
	Variables string // in canonical form
}

func (k *Key) bytes() int {
	return len(k.Owner) + len(k.Roles) + len(k.Document) + len(k.Operation) + len(k.Variables)
}

// Config is what a cache needs.
type Config struct {
	TTL   time.Duration // how long an answer is kept
	Bytes int           // bounds the memory of all answers
	Now   func() time.Time
	// Hash is of keys; a seeded one when nil. Tests have collisions with it.
	Hash func(Key) uint64
}

// Cache keeps answers. It is made by [New], used by any number of goroutines, and closed once.
type Cache struct {
	Config
	hits, misses atomic.Int64

	closing sync.RWMutex // held for writing while the cache closes: its other methods panic beside that
	closed  bool
	cache   *ristretto.Cache[uint64, *Answer]
}

const (
	// usualBytes is the size of an answer by which the counters of the cache below are made.
	usualBytes = 4096
	// largestShare is which part of the cache one answer may take.
	largestShare = 8
	// overhead is what an answer takes beside its texts.
	overhead = 512
)

// New makes a cache.
func New(c Config) (*Cache, error) {
	if c.Now == nil {
		c.Now = time.Now
	}
	if c.Hash == nil {
		seed := maphash.MakeSeed()
		c.Hash = func(k Key) uint64 { return maphash.Comparable(seed, k) }
	}
	cache, err := ristretto.NewCache(&ristretto.Config[uint64, *Answer]{
		NumCounters: max(10*int64(c.Bytes)/usualBytes, 1000), MaxCost: int64(c.Bytes), BufferItems: 64, IgnoreInternalCost: true,
	})
	if err != nil {
		return nil, fmt.Errorf("answercache: %w", err)
	}
	return &Cache{Config: c, cache: cache}, nil
}

// Get returns the answer that is kept under a key; nil if there is none. valid decides whether it may
// be used.
func (c *Cache) Get(key *Key, valid func(*Answer) bool) *Answer {
	c.closing.RLock()
	defer c.closing.RUnlock()
	if c.closed {
		return nil
	}
	found, _ := c.cache.Get(c.Hash(*key))
	if found == nil || found.Key != *key || !c.Now().Before(found.Ends) || !valid(found) {
		c.misses.Add(1)
		return nil
	}
	c.hits.Add(1)
	return found
}

// Ends is when an answer that is kept now ends.
func (c *Cache) Ends() time.Time { return c.Now().Add(c.TTL) }

// Fits reports whether an answer of so many bytes is not too large to be kept.
func (c *Cache) Fits(size int) bool { return size <= c.Bytes/largestShare }

// Put keeps an answer until it ends. The next Get finds it, unless there is no room.
func (c *Cache) Put(a *Answer) {
	left := a.Ends.Sub(c.Now())
	if left <= 0 || !c.Fits(len(a.Body)) {
		return
	}
	c.closing.RLock()
	defer c.closing.RUnlock()
	if !c.closed && c.cache.SetWithTTL(c.Hash(a.Key), a, a.cost(), left) {
		c.cache.Wait() // until then Get does not find it
	}
}

// Hits counts the looks that found an answer.
func (c *Cache) Hits() int64 { return c.hits.Load() }

// Misses counts the looks that found none.
func (c *Cache) Misses() int64 { return c.misses.Load() }

// Used is how many bytes the answers take.
func (c *Cache) Used() int64 {
	c.closing.RLock()
	defer c.closing.RUnlock()
	if c.closed {
		return 0
	}
	return int64(c.Bytes) - c.cache.RemainingCost()
}

// Close drops all answers. The cache keeps nothing from then on.
func (c *Cache) Close() {
	c.closing.Lock()
	defer c.closing.Unlock()
	if !c.closed {
		c.closed = true
		c.cache.Close()
	}
}
