package devidp

import (
	"crypto/rand"
	"crypto/sha256"
	"sync"
	"time"
)

// store keeps values in memory until they expire. Keys are secrets (codes, refresh tokens, session
// cookies), so they are held as SHA-256 only; the look-up then takes no time that depends on how
// much of a guess was right.
type store[T any] struct {
	now func() time.Time

	mu      sync.Mutex
	entries map[[sha256.Size]byte]entry[T]
}

type entry[T any] struct {
	value   T
	expires time.Time
}

func newStore[T any](now func() time.Time) *store[T] {
	return &store[T]{now: now, entries: make(map[[sha256.Size]byte]entry[T])}
}

// put keeps a value for a time, and takes the occasion to forget what has expired.
func (s *store[T]) put(key string, value T, lifetime time.Duration) {
	s.mu.Lock()
	defer s.mu.Unlock()
	now := s.now()
	for k, e := range s.entries {
		if !now.Before(e.expires) {
			delete(s.entries, k)
		}
	}
	s.entries[sha256.Sum256([]byte(key))] = entry[T]{value, now.Add(lifetime)}
}

// get returns a value that has not expired.
func (s *store[T]) get(key string) (T, bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	e, ok := s.entries[sha256.Sum256([]byte(key))]
	if !ok || !s.now().Before(e.expires) {
		var none T
		return none, false
	}
	return e.value, true
}

func (s *store[T]) delete(key string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	delete(s.entries, sha256.Sum256([]byte(key)))
}

// newSecret returns an unguessable text of base32 letters, at least 128 bits of it.
func newSecret() string { return rand.Text() }
