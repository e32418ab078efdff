package auth

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"strings"
	"testing"
	"testing/synctest"
	"time"
)

func TestKnownKeysWorkWhileProviderIsDown(t *testing.T) {
	t.Parallel()
	c := newClock()
	f := newProviderFake(rsaPair())
	v := newVerifier(t, goodConfig(f, c.Now))
	token := tokens(t, c)
	wantStatus(t, v, token(rsaPair()), 200)
	f.set(func() { f.down = true })
	for range 12 {
		c.Add(refreshAge)
		wantStatus(t, v, token(rsaPair()), 200)
	}
	// Whether this one is good cannot be said now, and saying "bad" would sign people out.
	for n := range 5 { // the later ones within the interval
		wantStatus(t, v, token(pair{fmt.Sprint("new-", n), "RS256", otherPair().private}), 503)
	}
	// A bad signature by a known key is still bad.
	wantStatus(t, v, sign(t, pair{"rsa-1", "RS256", otherPair().private}, goodHeader(rsaPair()), goodClaims(c.Now())), 401)

	f.set(func() { f.down = false; f.keys = append(f.keys, otherPair()) })
	c.Add(leastInterval)
	wantStatus(t, v, token(otherPair()), 200)
}

func TestKeysEndWhenProviderIsDownForADay(t *testing.T) {
	t.Parallel()
	c := newClock()
	f := newProviderFake(rsaPair())
	v := newVerifier(t, goodConfig(f, c.Now))
	token := tokens(t, c)
	wantStatus(t, v, token(rsaPair()), 200)
	f.set(func() { f.down = true })
	c.Add(staleAge)
	wantStatus(t, v, token(rsaPair()), 503)
	f.set(func() { f.down = false })
	c.Add(leastInterval)
	wantStatus(t, v, token(rsaPair()), 200)
}

func TestRemovedKeyStopsWithinTheRefreshAge(t *testing.T) {
	t.Parallel()
	c := newClock()
	f := newProviderFake(rsaPair(), ecPair())
	v := newVerifier(t, goodConfig(f, c.Now))
	token := tokens(t, c)
	wantStatus(t, v, token(rsaPair()), 200)
	f.set(func() { f.keys = []pair{ecPair()} })
	c.Add(refreshAge)
	wantStatus(t, v, token(rsaPair()), 401)
}

func TestEmptyKeySetEndsTrust(t *testing.T) {
	t.Parallel()
	c := newClock()
	f := newProviderFake(rsaPair())
	v := newVerifier(t, goodConfig(f, c.Now))
	token := tokens(t, c)
	wantStatus(t, v, token(rsaPair()), 200)
	f.set(func() { f.keys = nil })
	c.Add(refreshAge)
	wantStatus(t, v, token(rsaPair()), 503)
}

func TestBadAnswersOfTheProviderAreUnavailable(t *testing.T) {
	t.Parallel()
	text := func(status int, s string) http.HandlerFunc {
		return func(w http.ResponseWriter, _ *http.Request) {
			w.WriteHeader(status)
			_, _ = w.Write([]byte(s))
		}
	}
	const disc = "/.well-known/openid-configuration"
	huge := strings.Repeat(" ", maxAnswer+1) + "{}"
	tests := map[string]struct {
		path string
		h    http.HandlerFunc
		want string // in the cause, for the operator
	}{
		"document: 500 with a long body": {disc, text(500, strings.Repeat("secret ", 1<<17)), "500"},
		"document: HTML":                 {disc, text(200, "<html>"), "answered with a page (HTML)"},
		"document: too long":             {disc, text(200, huge), "too large"},
		"document: redirect":             {disc, http.RedirectHandler("https://elsewhere.example", 302).ServeHTTP, "302"},
		"document: another issuer":       {disc, answer(dict{"issuer": "https://evil.example", "jwks_uri": issuerURL + "/keys"}), "set issuer to exactly that"},
		"document: slash at the end":     {disc, answer(dict{"issuer": issuerURL + "/", "jwks_uri": issuerURL + "/keys"}), "slash"},
		"document: no keys":              {disc, answer(dict{"issuer": issuerURL}), "jwks_uri"},
		"document: keys over http":       {disc, answer(dict{"issuer": issuerURL, "jwks_uri": "http://login.example.com/keys"}), "https://"},
		"document: keys on loopback":     {disc, answer(dict{"issuer": issuerURL, "jwks_uri": "http://127.0.0.1/keys"}), "https://"},
		"document: keys in a file":       {disc, answer(dict{"issuer": issuerURL, "jwks_uri": "file:///etc/passwd"}), "jwks_uri"},
		"keys: 500":                      {"/keys", text(500, "secret"), "500"},
		"keys: HTML":                     {"/keys", text(200, "<html>"), "Key Set"},
		"keys: without keys":             {"/keys", text(200, "{}"), "Key Set"},
		"keys: too long":                 {"/keys", text(200, huge), "too large"},
		"keys: too many":                 {"/keys", text(200, `{"keys":[`+strings.Repeat("{},", maxKeys)+`{}]}`), "more than"},
		"keys: none usable":              {"/keys", text(200, `{"keys":[{"kty":"oct","k":"AA","kid":"rsa-1"}]}`), "no key"},
		"keys: redirect":                 {"/keys", http.RedirectHandler("https://elsewhere.example", 307).ServeHTTP, "307"},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			c := newClock()
			f := newProviderFake(rsaPair())
			f.replace[tt.path] = tt.h
			v := newVerifier(t, goodConfig(f, c.Now))
			raw := tokens(t, c)(rsaPair())
			_, err := v.Verify(context.Background(), raw)
			var e *Error
			if !errors.As(err, &e) || e.Status != 503 || e.RetryAfter <= 0 {
				t.Fatalf("got %v, want a 503 with RetryAfter", err)
			}
			if !strings.Contains(err.Error(), tt.want) || strings.Contains(err.Error(), "secret") || len(err.Error()) > 1000 {
				t.Errorf("error %.1000q does not say %q, or says too much", err, tt.want)
			}
			if v.Ready() {
				t.Error("ready without keys")
			}
			before := f.count(tt.path)
			for range 20 {
				wantStatus(t, v, raw, 503)
			}
			if n := f.count(tt.path) - before; n != 0 {
				t.Errorf("%d more fetches within the interval", n)
			}
			f.set(func() { clear(f.replace) })
			c.Add(leastInterval)
			wantStatus(t, v, raw, 200)
		})
	}
}

func TestOneImpatientCallerHarmsNoOther(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		c := &clock{now: time.Now()}
		f := newProviderFake(rsaPair())
		release := make(chan struct{})
		keys := f.handler("/keys")
		f.replace["/keys"] = func(w http.ResponseWriter, r *http.Request) {
			<-release
			keys(w, r)
		}
		v := newVerifier(t, goodConfig(f, c.Now))
		raw := tokens(t, c)(rsaPair())
		ctx, cancel := context.WithCancel(context.Background())
		errs := make(chan error, 2)
		go func() { _, err := v.Verify(ctx, raw); errs <- err }()
		synctest.Wait() // the impatient one has begun the fetch
		go func() { _, err := v.Verify(context.Background(), raw); errs <- err }()
		synctest.Wait()
		cancel()
		if err := <-errs; !errors.Is(err, context.Canceled) {
			t.Errorf("the impatient caller got %v", err)
		}
		close(release)
		if err := <-errs; err != nil {
			t.Errorf("the other caller got %v", err)
		}
		if n := f.count("/keys"); n != 1 {
			t.Errorf("%d fetches, want 1", n)
		}
	})
}

func TestRequestsDoNotWaitForAProviderThatIsDown(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		c := &clock{now: time.Now()}
		f := newProviderFake(rsaPair())
		v := newVerifier(t, goodConfig(f, c.Now))
		token := tokens(t, c)
		wantStatus(t, v, token(rsaPair()), 200)
		f.set(func() { f.down = true })
		c.Add(refreshAge)
		wantStatus(t, v, token(rsaPair()), 200)
		release := make(chan struct{})
		f.set(func() {
			f.down = false
			f.replace["/keys"] = func(http.ResponseWriter, *http.Request) { <-release }
		})
		c.Add(leastInterval)
		wantStatus(t, v, token(rsaPair()), 200) // would hang here
		close(release)
		synctest.Wait()
	})
}

// The background is watched with the clock of synctest, which its timers obey.
func TestStartRetriesUntilTheProviderIsUp(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		f := newProviderFake(rsaPair())
		f.down = true
		v := newVerifier(t, goodConfig(f, time.Now))
		ctx, cancel := context.WithCancel(context.Background())
		v.Start(ctx)
		time.Sleep(time.Minute)
		if n := f.count("/.well-known/openid-configuration"); v.Ready() || n < 4 || n > 8 {
			t.Errorf("ready %t after a minute with %d tries, want not ready and 4 to 8", v.Ready(), n)
		}
		f.set(func() { f.down = false })
		time.Sleep(time.Minute)
		if !v.Ready() {
			t.Error("not ready though the provider has been up for a minute")
		}
		before := f.count("/keys")
		time.Sleep(time.Hour)
		if n := f.count("/keys") - before; n < 12 || n > 16 {
			t.Errorf("%d refreshes in an hour, want 12 to 16", n)
		}
		cancel()
		synctest.Wait() // synctest fails if a goroutine stays behind
	})
}

func TestStartRefreshesBeforeARequestMustWait(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		f := newProviderFake(rsaPair())
		v := newVerifier(t, goodConfig(f, time.Now))
		ctx, cancel := context.WithCancel(context.Background())
		v.Start(ctx)
		time.Sleep(7 * time.Second) // so as never to meet the background at the same instant
		for range 20 {
			time.Sleep(time.Minute)
			before := f.count("/keys")
			wantStatus(t, v, sign(t, rsaPair(), goodHeader(rsaPair()), goodClaims(time.Now())), 200)
			if n := f.count("/keys") - before; n != 0 {
				t.Error("a request fetched keys itself")
			}
		}
		cancel()
		synctest.Wait()
	})
}
