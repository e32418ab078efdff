package auth

import (
	"context"
	"net/http"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
)

// withUserInfo makes a verifier that asks UserInfo, and counts what it is asked.
func withUserInfo(t *testing.T, c *clock, h http.HandlerFunc) (*Verifier, *fakeProvider) {
	f := newProviderFake(rsaPair())
	f.userInfo = h
	config := goodConfig(f, c.Now)
	config.Issuers[0].UserInfo = true
	return newVerifier(t, config), f
}

func lean(t *testing.T, c *clock) string {
	return sign(t, rsaPair(), goodHeader(rsaPair()), with(goodClaims(c.Now()), dict{"email": nil, "email_verified": nil, "groups": nil}))
}

func TestUserInfoIsAskedWhenTheTokenLacksTheName(t *testing.T) {
	t.Parallel()
	c := newClock()
	raw := lean(t, c)
	v, f := withUserInfo(t, c, func(w http.ResponseWriter, r *http.Request) {
		if r.Header.Get("Authorization") != "Bearer "+raw {
			w.WriteHeader(http.StatusUnauthorized)
			return
		}
		answer(dict{"sub": "u-1", "email": "bob@example.com", "email_verified": true, "groups": []string{"g"}})(w, r)
	})
	var wg sync.WaitGroup
	for range 50 {
		wg.Go(func() {
			id, err := v.Verify(context.Background(), raw)
			if err != nil || id.Username != "bob" || !cmp.Equal(id.Groups, []string{"g"}) {
				t.Errorf("got %+v, %v", id, err)
			}
		})
	}
	wg.Wait()
	if n := f.count("/me"); n != 1 {
		t.Errorf("asked %d times for one token, want 1", n)
	}
	wantStatus(t, v, tokens(t, c)(rsaPair()), 200)
	if n := f.count("/me"); n != 1 {
		t.Error("asked for a token that holds the name")
	}
	c.Add(keepVerified)
	wantStatus(t, v, raw, 200)
	if n := f.count("/me"); n != 2 {
		t.Errorf("asked %d times, want again after %s", n, keepVerified)
	}
}

func TestUserInfoAnswers(t *testing.T) {
	t.Parallel()
	good := dict{"sub": "u-1", "email": "bob@example.com", "email_verified": true}
	say := func(status int) http.HandlerFunc {
		return func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(status) }
	}
	text := func(s string) http.HandlerFunc {
		return func(w http.ResponseWriter, _ *http.Request) { _, _ = w.Write([]byte(s)) }
	}
	tests := map[string]struct {
		h    http.HandlerFunc
		want int
	}{
		"good":                      {answer(good), 200},
		"another subject":           {answer(with(good, dict{"sub": "u-2"})), 503},
		"no subject":                {answer(with(good, dict{"sub": nil})), 503},
		"no name":                   {answer(with(good, dict{"email": nil})), 403},
		"not verified":              {answer(with(good, dict{"email_verified": nil})), 403},
		"another domain":            {answer(with(good, dict{"email": "bob@evil.example"})), 403},
		"does not accept the token": {say(401), 401},
		"refuses":                   {say(403), 403},
		"fails":                     {say(500), 503},
		"redirects":                 {http.RedirectHandler("https://evil.example/me", 302).ServeHTTP, 503},
		"HTML":                      {text("<html>"), 503},
		"a signed answer":           {text("eyJh.eyJh.AAAA"), 503},
		"a key twice":               {text(`{"sub":"u-1","email":"a@example.com","email":"b@example.com","email_verified":true}`), 503},
		"too long":                  {text(strings.Repeat(" ", maxAnswer) + "{}"), 503},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			c := newClock()
			v, f := withUserInfo(t, c, tt.h)
			raw := lean(t, c)
			for range 10 {
				wantStatus(t, v, raw, tt.want)
			}
			if n := f.count("/me"); n != 1 {
				t.Errorf("asked %d times within seconds, want 1", n)
			}
		})
	}
}

func TestNameAndVerifiedComeFromOnePlace(t *testing.T) {
	t.Parallel()
	c := newClock()
	v, _ := withUserInfo(t, c, answer(dict{"sub": "u-1", "email": "mine@example.com", "email_verified": true}))
	// The token's address is not verified by the token: UserInfo's word is about another.
	raw := sign(t, rsaPair(), goodHeader(rsaPair()), with(goodClaims(c.Now()), dict{"email": "admin@example.com", "email_verified": nil}))
	id, err := v.Verify(context.Background(), raw)
	if err != nil || id.Username != "mine" || !cmp.Equal(id.Groups, []string{"bi-analysts"}) {
		t.Errorf("got %+v, %v; want the name from UserInfo, the groups from the token", id, err)
	}
}

func TestUserInfoIsNotAskedForABadToken(t *testing.T) {
	t.Parallel()
	c := newClock()
	var asked atomic.Int32
	v, _ := withUserInfo(t, c, func(http.ResponseWriter, *http.Request) { asked.Add(1) })
	raw := sign(t, pair{"rsa-1", "RS256", otherPair().private}, goodHeader(rsaPair()), with(goodClaims(c.Now()), dict{"email": nil}))
	wantStatus(t, v, raw, 401)
	if asked.Load() != 0 {
		t.Error("the provider was sent a token with a bad signature")
	}
}

func TestVerifiedTokenIsRememberedNoLongerThanItLasts(t *testing.T) {
	t.Parallel()
	c := newClock()
	f := newProviderFake(rsaPair())
	config := goodConfig(f, c.Now)
	config.Issuers[0].Leeway = 0
	v := newVerifier(t, config)
	raw := sign(t, rsaPair(), goodHeader(rsaPair()), with(goodClaims(c.Now()), dict{"exp": c.Now().Add(10 * time.Second).Unix()}))
	wantStatus(t, v, raw, 200)
	c.Add(9 * time.Second)
	wantStatus(t, v, raw, 200)
	c.Add(time.Second)
	wantStatus(t, v, raw, 401)
}

func TestRememberedIdentityBelongsToTheCaller(t *testing.T) {
	t.Parallel()
	c := newClock()
	v := newVerifier(t, goodConfig(newProviderFake(rsaPair()), c.Now))
	raw := tokens(t, c)(rsaPair())
	first, err := v.Verify(context.Background(), raw)
	if err != nil {
		t.Fatal(err)
	}
	first.Username, first.Groups[0] = "admin", "bi-admins"
	second, err := v.Verify(context.Background(), raw)
	if err != nil || second.Username != "alice" || second.Groups[0] != "bi-analysts" {
		t.Errorf("got %+v, %v", second, err)
	}
}

func TestMemoryIsBounded(t *testing.T) {
	t.Parallel()
	clock := newClock()
	shards := newTokenShards(clock.Now)
	m := shards.of(digest{})
	for n := range 3 * maxRemembered {
		m.PutFor(digest{byte(n), byte(n >> 8), byte(n >> 16)}, outcome{}, time.Second)
	}
	if n := m.Len(); n > maxRemembered {
		t.Errorf("%d remembered, want at most %d", n, maxRemembered)
	}
	m.PutFor(digest{}, outcome{}, 0)
	if _, ok := m.Get(digest{}); ok {
		t.Error("an outcome that had ended was remembered")
	}
}
