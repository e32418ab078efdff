package auth

import (
	"crypto/sha256"
	"sync"
	"time"
)

const (
	// keepVerified is how long a verified token is remembered at most. A key that
	// is withdrawn, or a claim that changes at UserInfo, may take that long.
	keepVerified = 30 * time.Second
	// keepUnavailable is how long a UserInfo endpoint that failed for a token is
	// left alone for that token.
	keepUnavailable = 5 * time.Second
	// tokenParts is how many caches there are, each for a part of all tokens.
	tokenParts = 16
	// maxRemembered is how many tokens each of them remembers at most.
	maxRemembered = 20000 / tokenParts
)

// digest is the SHA-256 of a token: what is kept cannot be replayed.
type digest [sha256.Size]byte

// outcome is the result of a token with a good signature: an identity, or the
// reason why it gives no identity.
type outcome struct {
	id    *Identity
	err   *Error
	until time.Time
	memo  *Memo
}

// tokenShards are caches for parts of all tokens, so that requests rarely wait for each other.
type tokenShards [tokenParts]tokenCache

// of is the cache for a token. Digests are spread evenly.
func (s *tokenShards) of(d digest) *tokenCache { return &s[int(d[0])%tokenParts] }

// tokenCache keeps outcomes in two generations: when the younger is full or old,
// it becomes the older, and what the older held is forgotten. That bounds size
// and age without a timer.
type tokenCache struct {
	mu             sync.RWMutex
	younger, older map[digest]outcome
	turned         time.Time
}

func (m *tokenCache) get(d digest, now time.Time) (outcome, bool) {
	m.mu.RLock()
	defer m.mu.RUnlock()
	o, ok := m.younger[d]
	if !ok {
		o, ok = m.older[d]
	}
	return o, ok && now.Before(o.until)
}

func (m *tokenCache) put(d digest, o outcome, now time.Time) {
	if !now.Before(o.until) {
		return
	}
	m.mu.Lock()
	defer m.mu.Unlock()
	if m.younger == nil || len(m.younger) >= maxRemembered/2 || now.Sub(m.turned) > keepVerified {
		m.older, m.younger, m.turned = m.younger, map[digest]outcome{}, now
	}
	m.younger[d] = o
}

// keepUntil is when an outcome ends: after some seconds, and never later than
// the token itself.
func keepUntil(err *Error, expires, now time.Time) time.Time {
	keep := keepVerified
	if err != nil && err.Code == CodeUnavailable {
		keep = keepUnavailable
	}
	if until := now.Add(keep); until.Before(expires) {
		return until
	}
	return expires
}
