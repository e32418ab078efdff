package auth

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"sync"
	"testing"
	"time"
)

// tokens makes good tokens of one subject after another.
func tokens(t testing.TB, c *clock) func(k pair) string {
	n := 0
	return func(k pair) string {
		n++
		return sign(t, k, goodHeader(k), with(goodClaims(c.Now()), dict{"sub": fmt.Sprint("u-", n)}))
	}
}

func TestKeysAreFetchedOnceForMany(t *testing.T) {
	t.Parallel()
	c := newClock()
	f := newProviderFake(rsaPair(), ecPair(), edPair())
	v := newVerifier(t, goodConfig(f, c.Now))
	token := tokens(t, c)
	var raw []string
	for range 20 {
		raw = append(raw, token(rsaPair()), token(ecPair()), token(edPair()))
	}
	var wg sync.WaitGroup
	for _, r := range raw {
		wg.Go(func() {
			if _, err := v.Verify(context.Background(), r); err != nil {
				t.Errorf("Verify: %v", err)
			}
		})
	}
	wg.Wait()
	if n, m := f.count("/keys"), f.count("/.well-known/openid-configuration"); n != 1 || m != 1 {
		t.Errorf("%d fetches of keys and %d of the document, want 1 and 1", n, m)
	}
}

func TestRotatedKeyIsFoundInOneRequest(t *testing.T) {
	t.Parallel()
	c := newClock()
	f := newProviderFake(rsaPair())
	v := newVerifier(t, goodConfig(f, c.Now))
	token := tokens(t, c)
	wantStatus(t, v, token(rsaPair()), 200)
	c.Add(time.Second) // well within the interval after the first fetch
	f.set(func() { f.keys = []pair{ecPair()} })
	wantStatus(t, v, token(ecPair()), 200)
	if n := f.count("/keys"); n != 2 {
		t.Errorf("%d fetches, want 2", n)
	}
	wantStatus(t, v, token(rsaPair()), 401) // the old key is gone with the same fetch
}

func TestRotatedKeyWithoutKeyIDIsFound(t *testing.T) {
	t.Parallel()
	c := newClock()
	first, second := rsaPair(), otherPair()
	f := newProviderFake(pair{"", "RS256", first.private})
	v := newVerifier(t, goodConfig(f, c.Now))
	unnamed := func(k pair, sub string) string {
		return sign(t, k, with(goodHeader(k), dict{"kid": nil}), with(goodClaims(c.Now()), dict{"sub": sub}))
	}
	wantStatus(t, v, unnamed(first, "a"), 200)
	f.set(func() { f.keys = []pair{{"", "RS256", second.private}} })
	wantStatus(t, v, unnamed(second, "b"), 200)
	for n := range 50 { // whether the provider has a newer key cannot be said within the interval
		wantStatus(t, v, unnamed(first, fmt.Sprint("c", n)), 503)
	}
	if n := f.count("/keys"); n != 2 {
		t.Errorf("%d fetches, want 2", n)
	}
	c.Add(leastInterval)
	wantStatus(t, v, unnamed(first, "d"), 401)
	// Not even that is remembered against the tokens of the next key.
	f.set(func() { f.keys = []pair{{"", "RS256", first.private}} })
	c.Add(leastInterval)
	wantStatus(t, v, unnamed(first, "e"), 200)
}

// A rotation in the middle of a flood: good tokens are never called bad, and pass after one
// interval.
func TestFloodDoesNotHideARotation(t *testing.T) {
	t.Parallel()
	for name, kids := range map[string][2]string{
		"with key ids": {"first", "second"}, "without key ids": {"", ""}, "with key ids that tokens do not name": {"first", "second"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			c := newClock()
			first, second := pair{kids[0], "RS256", rsaPair().private}, pair{kids[1], "RS256", otherPair().private}
			f := newProviderFake(first)
			v := newVerifier(t, goodConfig(f, c.Now))
			n := 0
			signed := func(k pair) string {
				n++
				header := goodHeader(k)
				if strings.Contains(name, "do not name") {
					header = with(header, dict{"kid": nil})
				}
				return sign(t, k, header, with(goodClaims(c.Now()), dict{"sub": fmt.Sprint("u-", n)}))
			}
			flood := func() {
				for i := range 20 {
					kid := kids[0]
					if kid != "" {
						kid = fmt.Sprint("invented-", n, "-", i)
					}
					if _, err := v.Verify(context.Background(), signed(pair{kid, "ES256", ecPair().private})); status(err) == 200 {
						t.Fatal("an invented token passed")
					}
				}
			}
			wantStatus(t, v, signed(first), 200)
			flood()
			f.set(func() { f.keys = []pair{second} })
			for range 9 {
				c.Add(time.Second)
				_, err := v.Verify(context.Background(), signed(second))
				var e *Error
				if !errors.As(err, &e) || e.Status != 503 || e.RetryAfter <= 0 || e.RetryAfter > leastInterval {
					t.Fatalf("got %v, want a 503 with Retry-After", err)
				}
				flood()
			}
			c.Add(time.Second)
			wantStatus(t, v, signed(second), 200)
		})
	}
}

func TestKeyReplacedUnderItsIDIsFound(t *testing.T) {
	t.Parallel()
	for name, next := range map[string]pair{
		"of the same kind": {"rsa-1", "RS256", otherPair().private},
		"of another kind":  {"rsa-1", "ES256", ecPair().private},
		"of a third kind":  {"rsa-1", "EdDSA", edPair().private},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			c := newClock()
			f := newProviderFake(rsaPair())
			v := newVerifier(t, goodConfig(f, c.Now))
			token := tokens(t, c)
			wantStatus(t, v, token(rsaPair()), 200)
			f.set(func() { f.keys = []pair{next} })
			wantStatus(t, v, token(next), 200)
			wantStatus(t, v, token(rsaPair()), 401)
			if n := f.count("/keys"); n != 2 {
				t.Errorf("%d fetches, want 2", n)
			}
			// Within the interval a replaced key waits; bad tokens do not make it wait any longer.
			f.set(func() { f.keys = []pair{rsaPair()} })
			wantStatus(t, v, token(rsaPair()), 401)
			c.Add(leastInterval)
			wantStatus(t, v, token(rsaPair()), 200)
		})
	}
}

func TestFloodMakesOneFetchPerInterval(t *testing.T) {
	t.Parallel()
	c := newClock()
	f := newProviderFake(rsaPair())
	v := newVerifier(t, goodConfig(f, c.Now))
	token := tokens(t, c)
	wantStatus(t, v, token(rsaPair()), 200)
	invented := func(n int) string {
		return sign(t, otherPair(), with(goodHeader(otherPair()), dict{"kid": fmt.Sprint("k-", n)}), goodClaims(c.Now()))
	}
	raw := make([]string, 0, 1000)
	for n := range 500 {
		bad := sign(t, pair{"rsa-1", "RS256", otherPair().private}, goodHeader(rsaPair()), goodClaims(c.Now()))
		raw = append(raw, invented(n), bad)
	}
	flood := func() {
		var wg sync.WaitGroup
		for part := range 10 {
			wg.Go(func() {
				for n, r := range raw[part*100 : part*100+100] {
					_, err := v.Verify(context.Background(), r)
					// Only those of unknown keys, the even ones, may have to wait for a fetch.
					if s := status(err); s != 401 && (s != 503 || n%2 == 1) {
						t.Errorf("status %d, want 401: %v", s, err)
					}
				}
			})
		}
		wg.Wait()
	}
	for interval := 1; interval <= 3; interval++ {
		flood()
		if n := f.count("/keys"); n != 1+interval {
			t.Errorf("after %d intervals of flood: %d fetches, want %d", interval, n, 1+interval)
		}
		c.Add(leastInterval)
		raw[0] = invented(1000 + interval) // one id that is not remembered
	}
	if n := f.count("/.well-known/openid-configuration"); n != 1 {
		t.Errorf("%d fetches of the document, want 1", n)
	}
}

func TestKnownKeyOfAnotherKindIsFetchedOncePerInterval(t *testing.T) {
	t.Parallel()
	c := newClock()
	f := newProviderFake(rsaPair())
	v := newVerifier(t, goodConfig(f, c.Now))
	token := tokens(t, c)
	wantStatus(t, v, token(rsaPair()), 200)
	wantStatus(t, v, token(pair{"rsa-1", "ES256", ecPair().private}), 401)
	wantStatus(t, v, token(pair{"rsa-1", "PS256", rsaPair().private}), 401)
	if n := f.count("/keys"); n != 2 { // the key may have been replaced by one of another kind
		t.Errorf("%d fetches, want 2", n)
	}
}

func TestUnknownKeyIDIsRemembered(t *testing.T) {
	t.Parallel()
	c := newClock()
	f := newProviderFake(rsaPair())
	v := newVerifier(t, goodConfig(f, c.Now))
	stale := sign(t, otherPair(), goodHeader(otherPair()), goodClaims(c.Now()))
	for range 5 { // 50 seconds
		wantStatus(t, v, stale, 401)
		c.Add(leastInterval)
	}
	if n := f.count("/keys"); n != 2 {
		t.Errorf("%d fetches for one key id, want the first and one more", n)
	}
	c.Add(unknownFor)
	f.set(func() { f.keys = append(f.keys, otherPair()) })
	wantStatus(t, v, stale, 200)
}

func TestMemoryOfUnknownKeyIDsIsBounded(t *testing.T) {
	t.Parallel()
	c := newClock()
	f := newProviderFake(rsaPair())
	v := newVerifier(t, goodConfig(f, c.Now))
	k := v.order[0].keyring
	for n := range 3 * maxUnknown {
		k.remember(fmt.Sprint(n), c.Now())
	}
	if n := len(k.unknown); n > maxUnknown {
		t.Errorf("%d remembered, want at most %d", n, maxUnknown)
	}
}
