package auth

import (
	"context"
	"crypto"
	"crypto/ecdsa"
	"crypto/ed25519"
	"crypto/elliptic"
	"crypto/hmac"
	"crypto/rand"
	"crypto/rsa"
	"crypto/sha256"
	"encoding/base64"
	"encoding/json"
	"errors"
	"io"
	"maps"
	"net/http"
	"net/http/httptest"
	"sync"
	"testing"
	"time"

	jose "github.com/go-jose/go-jose/v4"
)

const issuerURL = "https://login.example.com"

// pair is a signing key as the fake provider has it.
type pair struct {
	kid, alg string
	private  crypto.Signer
}

var (
	rsaPair   = sync.OnceValue(func() pair { return newPair("rsa-1", "RS256") })
	ecPair    = sync.OnceValue(func() pair { return newPair("ec-1", "ES256") })
	edPair    = sync.OnceValue(func() pair { return newPair("ed-1", "EdDSA") })
	otherPair = sync.OnceValue(func() pair { return newPair("rsa-2", "RS256") })
)

func newPair(kid, alg string) pair {
	var key crypto.Signer
	var err error
	switch alg {
	case "ES256":
		key, err = ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	case "EdDSA":
		_, key, err = ed25519.GenerateKey(rand.Reader)
	default:
		key, err = rsa.GenerateKey(rand.Reader, 2048)
	}
	if err != nil {
		panic(err)
	}
	return pair{kid, alg, key}
}

// clock is a clock that does not move by itself.
type clock struct {
	mu  sync.Mutex
	now time.Time
}

func newClock() *clock { return &clock{now: time.Date(2025, 3, 1, 9, 0, 0, 0, time.UTC)} }

func (c *clock) Now() time.Time {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.now
}

func (c *clock) Add(d time.Duration) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.now = c.now.Add(d)
}

// fakeProvider is an OpenID provider without a network: it is the transport of
// the client that the verifier gets, and counts what it is asked.
type fakeProvider struct {
	mu       sync.Mutex
	keys     []pair
	issuer   string // as the discovery document says
	down     bool
	counts   map[string]int
	userInfo http.HandlerFunc
	replace  map[string]http.HandlerFunc // answers to give instead, by path
}

func newProviderFake(keys ...pair) *fakeProvider {
	return &fakeProvider{
		keys: keys, issuer: issuerURL,
		counts: map[string]int{}, replace: map[string]http.HandlerFunc{},
	}
}

func (f *fakeProvider) set(change func()) {
	f.mu.Lock()
	defer f.mu.Unlock()
	change()
}

func (f *fakeProvider) count(path string) int {
	f.mu.Lock()
	defer f.mu.Unlock()
	return f.counts[path]
}

func (f *fakeProvider) client() *http.Client { return &http.Client{Transport: f} }

func (f *fakeProvider) RoundTrip(r *http.Request) (*http.Response, error) {
	if err := r.Context().Err(); err != nil {
		return nil, err
	}
	f.mu.Lock()
	f.counts[r.URL.Path]++
	down, h := f.down, f.replace[r.URL.Path]
	if h == nil {
		h = f.handler(r.URL.Path)
	}
	f.mu.Unlock()
	if down {
		return nil, errors.New("connection refused")
	}
	w := httptest.NewRecorder()
	h(w, r)
	return w.Result(), nil
}

// handler is called with the lock held.
func (f *fakeProvider) handler(path string) http.HandlerFunc {
	switch path {
	case "/.well-known/openid-configuration":
		return answer(map[string]any{
			"issuer": f.issuer, "jwks_uri": issuerURL + "/keys", "userinfo_endpoint": issuerURL + "/me",
		})
	case "/keys":
		set := jose.JSONWebKeySet{Keys: []jose.JSONWebKey{}}
		for _, k := range f.keys {
			set.Keys = append(set.Keys, jose.JSONWebKey{Key: k.private.Public(), KeyID: k.kid, Algorithm: k.alg, Use: "sig"})
		}
		return answer(set)
	case "/me":
		if f.userInfo != nil {
			return f.userInfo
		}
	}
	return http.NotFound
}

func answer(v any) http.HandlerFunc {
	return func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Type", "application/json")
		_ = json.NewEncoder(w).Encode(v)
	}
}

type dict = map[string]any

// goodHeader and goodClaims make a token that every test changes in one point.
func goodHeader(k pair) dict { return dict{"alg": k.alg, "typ": "at+jwt", "kid": k.kid} }

func goodClaims(now time.Time) dict {
	return dict{
		"iss": issuerURL, "aud": "vitrine", "sub": "u-1", "client_id": "front-end", "scope": "openid email",
		"iat": now.Unix(), "exp": now.Add(5 * time.Minute).Unix(), "jti": "1",
		"email": "alice@example.com", "email_verified": true, "groups": []string{"bi-analysts"},
	}
}

// with returns a copy of m with changes; nil removes a member.
func with(m dict, changes dict) dict {
	c := maps.Clone(m)
	for k, v := range changes {
		if c[k] = v; v == nil {
			delete(c, k)
		}
	}
	return c
}

// sign makes a compact JWS, by hand so that no library corrects it.
func sign(t testing.TB, k pair, header, claims dict) string {
	t.Helper()
	return signRaw(t, k, string(marshal(t, header)), string(marshal(t, claims)))
}

func signRaw(t testing.TB, k pair, header, claims string) string {
	t.Helper()
	input := b64([]byte(header)) + "." + b64([]byte(claims))
	return input + "." + b64(signature(t, k, input))
}

func signature(t testing.TB, k pair, input string) []byte {
	t.Helper()
	sum := sha256.Sum256([]byte(input))
	var sig []byte
	var err error
	switch key := k.private.(type) {
	case *rsa.PrivateKey:
		if k.alg == "PS256" {
			sig, err = rsa.SignPSS(rand.Reader, key, crypto.SHA256, sum[:], &rsa.PSSOptions{SaltLength: rsa.PSSSaltLengthEqualsHash})
			break
		}
		sig, err = rsa.SignPKCS1v15(rand.Reader, key, crypto.SHA256, sum[:])
	case *ecdsa.PrivateKey:
		r, s, e := ecdsa.Sign(rand.Reader, key, sum[:])
		sig, err = append(r.FillBytes(make([]byte, 32)), s.FillBytes(make([]byte, 32))...), e
	case ed25519.PrivateKey:
		sig = ed25519.Sign(key, []byte(input))
	}
	if err != nil {
		t.Fatal(err)
	}
	return sig
}

func hmacSHA256(secret []byte, input string) []byte {
	h := hmac.New(sha256.New, secret)
	h.Write([]byte(input))
	return h.Sum(nil)
}

func b64(data []byte) string { return base64.RawURLEncoding.EncodeToString(data) }

func marshal(t testing.TB, v any) []byte {
	t.Helper()
	data, err := json.Marshal(v)
	if err != nil {
		t.Fatal(err)
	}
	return data
}

// goodConfig accepts the fake provider's tokens.
func goodConfig(f *fakeProvider, now func() time.Time) Config {
	return Config{
		Resource: "https://bi.example.com",
		Now:      now,
		Issuers: []Issuer{{
			URL: issuerURL, Audiences: []string{"vitrine"}, Leeway: 30 * time.Second,
			Username: UsernameRule{Claim: "email", RequireVerified: true, StripDomain: "example.com"},
			Groups:   GroupsRule{Claim: "groups"},
			Client:   f.client(),
		}},
	}
}

func newVerifier(t testing.TB, c Config) *Verifier {
	t.Helper()
	v, err := New(c)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(v.stop)
	return v
}

// status is the status of a refusal, 200 if there was no refusal.
func status(err error) int {
	var e *Error
	switch {
	case err == nil:
		return http.StatusOK
	case errors.As(err, &e):
		return e.Status
	}
	return 0
}

func wantStatus(t testing.TB, v *Verifier, raw string, want int) {
	t.Helper()
	if _, err := v.Verify(context.Background(), raw); status(err) != want {
		t.Fatalf("Verify: got %d (%v), want %d", status(err), err, want)
	}
}

// send asks the middleware, and reports whether the next handler was reached.
func send(t testing.TB, v *Verifier, h http.Header) (resp *http.Response, body string, reached *Identity) {
	t.Helper()
	next := http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		reached, _ = FromContext(r.Context())
	})
	r := httptest.NewRequest(http.MethodPost, "/graphql", unread{t})
	r.Header = h
	w := httptest.NewRecorder()
	w.Header().Set("X-Request-Id", "req-1")
	v.Middleware(next).ServeHTTP(w, r)
	return w.Result(), w.Body.String(), reached
}

// unread is a body that nobody may read.
type unread struct{ t testing.TB }

func (u unread) Read([]byte) (int, error) {
	u.t.Error("the body was read")
	return 0, io.EOF
}
