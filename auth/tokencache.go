package auth

import (
	"crypto/sha256"
	"time"

	"vitrine/internal/ttlcache"
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
	id   *Identity
	err  *Error
	memo *Memo
}

// tokenShards are caches for parts of all tokens, so that requests rarely wait for each other.
type tokenShards [tokenParts]*ttlcache.Cache[digest, outcome]

func newTokenShards(now func() time.Time) (s tokenShards) {
	for i := range s {
		s[i] = ttlcache.New[digest, outcome](keepVerified, maxRemembered, now)
	}
	return s
}

// of is the cache for a token. Digests are spread evenly.
func (s *tokenShards) of(d digest) *ttlcache.Cache[digest, outcome] { return s[int(d[0])%tokenParts] }

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
