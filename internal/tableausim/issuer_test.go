package tableausim_test

import (
	"encoding/json"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/go-jose/go-jose/v4"

	"vitrine/internal/tableausim"
)

// external is an external authorization server: its metadata and keys, nothing else.
type external struct {
	url   string
	reads atomic.Int64 // of the key set
	keys  atomic.Pointer[jose.JSONWebKeySet]
	alter atomic.Pointer[func(w http.ResponseWriter, path string) bool] // answers otherwise
}

func startExternal(t *testing.T, metadata string) *external {
	t.Helper()
	e := &external{}
	mux := http.NewServeMux()
	mux.HandleFunc("GET "+metadata, func(w http.ResponseWriter, _ *http.Request) {
		_ = json.NewEncoder(w).Encode(map[string]string{"issuer": e.url, "jwks_uri": strings.TrimSuffix(e.url, "/tableau-issuer") + "/keys"})
	})
	mux.HandleFunc("GET /keys", func(w http.ResponseWriter, _ *http.Request) {
		e.reads.Add(1)
		_ = json.NewEncoder(w).Encode(e.keys.Load())
	})
	srv := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if alter := e.alter.Load(); alter != nil && (*alter)(w, r.URL.Path) {
			return
		}
		mux.ServeHTTP(w, r)
	}))
	t.Cleanup(srv.Close)
	e.url = srv.URL + "/tableau-issuer"
	e.serve(jose.JSONWebKey{Key: rsaKey().Public(), KeyID: "r1", Use: "sig", Algorithm: "RS256"},
		jose.JSONWebKey{Key: ecKey().Public(), KeyID: "e1", Algorithm: "ES256"})
	return e
}

func (e *external) serve(keys ...jose.JSONWebKey) { e.keys.Store(&jose.JSONWebKeySet{Keys: keys}) }

func (e *external) answer(f func(w http.ResponseWriter, path string) bool) { e.alter.Store(&f) }

func TestOAuthTrustSignsInWithKeysOfTheIssuer(t *testing.T) {
	t.Parallel()
	for name, metadata := range map[string]string{
		"OpenID discovery": "/tableau-issuer/.well-known/openid-configuration",
		"RFC 8414, below":  "/tableau-issuer/.well-known/oauth-authorization-server",
		"RFC 8414":         "/.well-known/oauth-authorization-server/tableau-issuer",
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			e := startExternal(t, metadata)
			c := start(t, tableausim.Config{TrustedIssuers: []tableausim.TrustedIssuer{{URL: e.url}}})
			good := func() body { return claimsFor(time.Now(), e.url, "alice") }
			for name, token := range map[string]string{
				"RS256":          sign(t, jose.RS256, rsaKey(), "r1", good()),
				"ES256":          sign(t, jose.ES256, ecKey(), "e1", good()),
				"scopes as text": sign(t, jose.RS256, rsaKey(), "r1", good().with("scp", "tableau:content:read tableau:users:read")),
			} {
				a := c.do(http.MethodPost, "auth/signin", jwtBody("", token))
				if a.status != 200 || a.text("credentials", "user", "id") != c.sim.UserID("", "alice") {
					t.Errorf("%s: %d %s", name, a.status, a.body)
				}
			}
			if n := e.reads.Load(); n != 1 {
				t.Errorf("the key set was read %d times", n)
			}
			if info := c.sim.Sessions()[0]; info.Method != tableausim.ByOAuth || info.Issuer != e.url {
				t.Errorf("session is %+v", info)
			}
		})
	}
}

func TestOAuthTrustRefusesByNumber(t *testing.T) {
	t.Parallel()
	e := startExternal(t, "/tableau-issuer/.well-known/openid-configuration")
	e.serve(jose.JSONWebKey{Key: rsaKey().Public(), KeyID: "r1"}, jose.JSONWebKey{Key: ecKey().Public(), KeyID: "e1"},
		jose.JSONWebKey{Key: smallRSA().Public(), KeyID: "small"}, jose.JSONWebKey{Key: otherRSA().Public(), KeyID: "encrypts", Use: "enc"})
	c := start(t, tableausim.Config{TrustedIssuers: []tableausim.TrustedIssuer{{URL: e.url, Sites: []string{"", "finance"}}}})
	good := func() body { return claimsFor(time.Now(), e.url, "alice") }
	tests := []struct{ name, site, token, number string }{
		{"another key", "", sign(t, jose.RS256, otherRSA(), "r1", good()), "10085"},
		{"unknown key id", "", sign(t, jose.RS256, otherRSA(), "r2", good()), "10085"},
		{"a key for another use", "", sign(t, jose.RS256, otherRSA(), "encrypts", good()), "10085"},
		{"a small key", "", sign(t, jose.RS256, smallRSA(), "small", good()), "10088"},
		{"HS256 with the public key", "", sign(t, jose.HS256, rsaKey().N.Bytes(), "r1", good()), "10087"},
		{"another algorithm", "", sign(t, jose.PS256, rsaKey(), "r1", good()), "10087"},
		{"the key of another kind", "", sign(t, jose.ES256, ecKey(), "r1", good()), "10085"},
		{"issuer with a slash more", "", sign(t, jose.RS256, rsaKey(), "r1", good().with("iss", e.url+"/")), "10082"},
		{"another audience", "", sign(t, jose.RS256, rsaKey(), "r1", good().with("aud", "vitrine")), "10084"},
		{"too long a life", "", sign(t, jose.RS256, rsaKey(), "r1", good().with("exp", time.Now().Add(time.Hour).Unix())), "16"},
		{"unknown user", "", sign(t, jose.RS256, rsaKey(), "r1", good().with("sub", "dave")), "5"},
		{"a site that it is not for", "marketing", sign(t, jose.RS256, rsaKey(), "r1", good()), "126"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			if a := c.do(http.MethodPost, "auth/signin", jwtBody(tt.site, tt.token)); a.code() != "401001" || a.number() != tt.number {
				t.Errorf("got %d %s, want 401001 (%s)", a.status, a.body, tt.number)
			}
		})
	}
}

func TestOAuthTrustFollowsTheIssuersKeys(t *testing.T) {
	t.Parallel()
	clk := newClock()
	e := startExternal(t, "/tableau-issuer/.well-known/openid-configuration")
	c := start(t, tableausim.Config{Now: clk.now})
	c.sim.SetTrustedIssuers(tableausim.TrustedIssuer{URL: e.url})
	old := func() string { return sign(t, jose.RS256, rsaKey(), "r1", claimsFor(clk.now(), e.url, "alice")) }
	c.as(jwtBody("", old()))
	e.serve(jose.JSONWebKey{Key: otherRSA().Public(), KeyID: "r2"})
	c.as(jwtBody("", old())) // keys are kept for some minutes
	c.as(jwtBody("", sign(t, jose.RS256, otherRSA(), "r2", claimsFor(clk.now(), e.url, "alice"))))
	if a := c.do(http.MethodPost, "auth/signin", jwtBody("", old())); a.number() != "10085" {
		t.Errorf("a key that was taken out: %d %s", a.status, a.body)
	}
	clk.t = clk.t.Add(6 * time.Minute)
	e.answer(func(w http.ResponseWriter, _ string) bool { http.Error(w, "down", http.StatusBadGateway); return true })
	if a := c.do(http.MethodPost, "auth/signin", jwtBody("", sign(t, jose.RS256, otherRSA(), "r2", claimsFor(clk.now(), e.url, "alice")))); a.number() != "10081" {
		t.Errorf("with the issuer down: %d %s", a.status, a.body)
	}
}

func TestOAuthTrustNeedsGoodMetadata(t *testing.T) {
	t.Parallel()
	write := func(doc string) func(http.ResponseWriter, string) bool {
		return func(w http.ResponseWriter, path string) bool {
			if path == "/keys" {
				return false
			}
			_, _ = w.Write([]byte(doc))
			return true
		}
	}
	tests := []struct {
		name, number string
		answer       func(url string) func(http.ResponseWriter, string) bool
	}{
		{"another issuer", "10081", func(u string) func(http.ResponseWriter, string) bool {
			return write(`{"issuer":"https://other.example","jwks_uri":"` + u + `/keys"}`)
		}},
		{"no key set", "10081", func(u string) func(http.ResponseWriter, string) bool {
			return write(`{"issuer":"` + u + `"}`)
		}},
		{"no JSON", "10081", func(string) func(http.ResponseWriter, string) bool { return write(`<html>`) }},
		{"keys over plain http elsewhere", "10085", func(u string) func(http.ResponseWriter, string) bool {
			return write(`{"issuer":"` + u + `","jwks_uri":"http://192.0.2.1/keys"}`)
		}},
		{"redirect", "10081", func(string) func(http.ResponseWriter, string) bool {
			return func(w http.ResponseWriter, _ string) bool {
				w.Header().Set("Location", "/elsewhere")
				w.WriteHeader(http.StatusFound)
				return true
			}
		}},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			e := startExternal(t, "/tableau-issuer/.well-known/openid-configuration")
			e.answer(tt.answer(e.url))
			c := start(t, tableausim.Config{TrustedIssuers: []tableausim.TrustedIssuer{{URL: e.url}}})
			token := sign(t, jose.RS256, rsaKey(), "r1", claimsFor(time.Now(), e.url, "alice"))
			if a := c.do(http.MethodPost, "auth/signin", jwtBody("", token)); a.number() != tt.number {
				t.Errorf("got %s, want (%s)", a.body, tt.number)
			}
		})
	}
}

func TestOAuthTrustWithAKeySetThatWasRegistered(t *testing.T) {
	t.Parallel()
	e := startExternal(t, "/nowhere")
	c := start(t, tableausim.Config{TrustedIssuers: []tableausim.TrustedIssuer{{URL: "https://issuer.example", JWKS: strings.TrimSuffix(e.url, "/tableau-issuer") + "/keys"}}})
	c.as(jwtBody("", sign(t, jose.ES256, ecKey(), "e1", claimsFor(time.Now(), "https://issuer.example", "alice"))))
}

// TestEditsDoNotWaitForAnIssuer holds that a slow issuer stops sign-ins with its tokens and nothing
// else.
func TestEditsDoNotWaitForAnIssuer(t *testing.T) {
	t.Parallel()
	e := startExternal(t, "/tableau-issuer/.well-known/openid-configuration")
	asked, release := make(chan struct{}), make(chan struct{})
	e.answer(func(_ http.ResponseWriter, path string) bool {
		if path == "/keys" {
			close(asked)
			<-release
		}
		return false
	})
	c := start(t, tableausim.Config{TrustedIssuers: []tableausim.TrustedIssuer{{URL: e.url}}})
	token := sign(t, jose.RS256, rsaKey(), "r1", claimsFor(time.Now(), e.url, "alice"))
	done := make(chan answer)
	go func() { done <- c.do(http.MethodPost, "auth/signin", jwtBody("", token)) }()
	<-asked
	if err := c.sim.SetSiteRole("", "bob", "Explorer"); err != nil {
		t.Error(err)
	}
	c.user("bob", "")
	close(release)
	if a := <-done; a.status != 200 {
		t.Errorf("%d %s", a.status, a.body)
	}
}

func TestCheckIssuer(t *testing.T) {
	t.Parallel()
	for address, good := range map[string]bool{
		"https://vitrine.example.com/tableau-issuer": true, "http://127.0.0.1:8080/tableau-issuer": true, "http://localhost:1": true, "http://[::1]:1/x": true,
		"http://vitrine.example.com": false, "http://127.0.0.1.example.com": false, "ftp://127.0.0.1": false, "vitrine": false, "": false,
		"https://x.example?a=b": false, "https://x.example#f": false, "https://x\x7f": false,
	} {
		if err := tableausim.CheckIssuer(address); (err == nil) != good {
			t.Errorf("%q: %v", address, err)
		}
	}
}

// TestKeySetMayHaveKeysOfOtherKinds holds that what is not understood spoils nothing.
func TestKeySetMayHaveKeysOfOtherKinds(t *testing.T) {
	t.Parallel()
	e := startExternal(t, "/tableau-issuer/.well-known/openid-configuration")
	good := must(json.Marshal(jose.JSONWebKey{Key: ecKey().Public(), KeyID: "e1"}))
	e.answer(func(w http.ResponseWriter, path string) bool {
		if path != "/keys" {
			return false
		}
		_, _ = w.Write([]byte(`{"keys":[{"kty":"OKP","crv":"Ed25519","kid":"ed","x":"AAAA"},{"kty":"RSA","kid":"r","n":"?","e":"AQAB"},` +
			`{"kty":"RSA","kid":"r","n":"AQAB","e":""},{"kty":"EC","crv":"P-256","kid":"c","x":"AA","y":"AA"},` +
			`{"kty":"EC","crv":"P-521","kid":"p"},` + string(good) + `]}`))
		return true
	})
	c := start(t, tableausim.Config{TrustedIssuers: []tableausim.TrustedIssuer{{URL: e.url}}})
	c.as(jwtBody("", sign(t, jose.ES256, ecKey(), "e1", claimsFor(time.Now(), e.url, "alice"))))
	for _, kid := range []string{"ed", "r", "c", "p"} {
		if a := c.do(http.MethodPost, "auth/signin", jwtBody("", sign(t, jose.ES256, ecKey(), kid, claimsFor(time.Now(), e.url, "alice")))); a.number() != "10085" {
			t.Errorf("key %s: %s", kid, a.body)
		}
	}
}
