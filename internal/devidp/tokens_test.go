package devidp_test

import (
	"encoding/json"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"vitrine/internal/devidp"
)

func (p *idp) userInfo(authorization string) answer {
	p.t.Helper()
	req, err := http.NewRequestWithContext(p.t.Context(), http.MethodGet, p.Issuer()+devidp.PathUserInfo, nil)
	if err != nil {
		p.t.Fatal(err)
	}
	req.Header.Set("Authorization", authorization)
	return do(p.t, http.DefaultClient, req)
}

// without returns claims minus those that change from token to token, after seeing that they are
// there.
func without(t *testing.T, claims map[string]any, names ...string) map[string]any {
	t.Helper()
	for _, name := range names {
		if s, ok := claims[name].(string); !ok || s == "" {
			t.Errorf("the claim %s is missing", name)
		}
		delete(claims, name)
	}
	return claims
}

func TestAccessTokenIsAnRFC9068Token(t *testing.T) {
	t.Parallel()
	p := start(t)
	header, claims := p.verified(p.browser().tokens("alice", "openid", "email").AccessToken)
	if diff := cmp.Diff(map[string]any{"alg": "RS256", "typ": "at+jwt", "kid": p.keySet().Keys[0].KeyID}, header); diff != "" {
		t.Errorf("header (-want +got):\n%s", diff)
	}
	now := float64(p.clock.now().Unix())
	want := map[string]any{
		"iss": p.Issuer(), "sub": devidp.DemoUsers()[0].Subject(), "aud": "vitrine", "client_id": "vitrine-playground",
		"iat": now, "auth_time": now, "exp": now + 300, "scope": "openid email",
		"email": "alice@example.com", "email_verified": true, "preferred_username": "alice", "name": "Alice Abara",
		"groups": []any{"bi-analysts"},
	}
	if diff := cmp.Diff(want, without(t, claims, "jti", "sid")); diff != "" {
		t.Errorf("claims (-want +got):\n%s", diff)
	}
}

func TestIDTokenIsForTheClientAndFollowsScope(t *testing.T) {
	t.Parallel()
	p := start(t)
	idToken, _ := p.browser().tokens("bob", "openid", "email", "groups").Extra("id_token").(string)
	header, claims := p.verified(idToken)
	if header["typ"] != "JWT" {
		t.Errorf("typ is %v", header["typ"])
	}
	now := float64(p.clock.now().Unix())
	want := map[string]any{
		"iss": p.Issuer(), "sub": devidp.DemoUsers()[1].Subject(), "aud": "vitrine-playground", "nonce": "nonce-1",
		"iat": now, "auth_time": now, "exp": now + 300,
		"email": "bob@example.com", "email_verified": true, "groups": []any{},
	}
	if diff := cmp.Diff(want, without(t, claims, "at_hash", "sid")); diff != "" {
		t.Errorf("claims (-want +got):\n%s", diff)
	}
}

func TestNoIDTokenWithoutTheScopeOpenID(t *testing.T) {
	t.Parallel()
	if got := start(t).browser().tokens("bob", "email").Extra("id_token"); got != nil {
		t.Errorf("got %v", got)
	}
}

func TestTokenIsAsAfterASignIn(t *testing.T) {
	t.Parallel()
	p := start(t)
	token, err := p.Token("carol")
	if err != nil {
		t.Fatal(err)
	}
	header, claims := p.verified(token)
	if header["typ"] != "at+jwt" || claims["aud"] != "vitrine" || claims["email"] != "carol@example.com" {
		t.Errorf("header %v, claims %v", header, claims)
	}
	if got := p.userInfo("Bearer " + token); got.status != http.StatusOK {
		t.Errorf("UserInfo answers %d %s", got.status, got.body)
	}
	if _, err := p.Token("eve"); err == nil || !strings.Contains(err.Error(), `"eve"; the users are alice, bob, carol, dave`) {
		t.Errorf("an unknown user: %v", err)
	}
}

func TestTokenWithSignsWhatTheEditMade(t *testing.T) {
	t.Parallel()
	p := start(t)
	token, err := p.TokenWith("alice", func(claims, header map[string]any) {
		delete(claims, "email")
		claims["aud"] = []string{"a", "b"}
		header["typ"] = "JWT"
		header["jku"] = "http://127.0.0.1:1/keys"
		delete(header, "kid")
	})
	if err != nil {
		t.Fatal(err)
	}
	header, claims := p.verified(token)
	if diff := cmp.Diff(map[string]any{"alg": "RS256", "typ": "JWT", "jku": "http://127.0.0.1:1/keys"}, header); diff != "" {
		t.Errorf("header (-want +got):\n%s", diff)
	}
	if diff := cmp.Diff([]any{"a", "b"}, claims["aud"]); diff != "" || claims["email"] != nil {
		t.Errorf("claims are %v", claims)
	}
}

func TestUserInfoFollowsScope(t *testing.T) {
	t.Parallel()
	p := start(t)
	a := p.userInfo("bearer " + p.browser().tokens("alice", "openid", "email").AccessToken)
	var got map[string]any
	if err := json.Unmarshal([]byte(a.body), &got); err != nil {
		t.Fatalf("%d %s: %v", a.status, a.body, err)
	}
	want := map[string]any{"sub": devidp.DemoUsers()[0].Subject(), "email": "alice@example.com", "email_verified": true}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
}

func TestUserInfoRefusesOtherTokens(t *testing.T) {
	t.Parallel()
	p, stranger := start(t), start(t)
	tokens := p.browser().tokens("alice", "openid")
	idToken, _ := tokens.Extra("id_token").(string)
	foreign, err := stranger.TokenWith("alice", func(claims, _ map[string]any) { claims["iss"] = p.Issuer() })
	if err != nil {
		t.Fatal(err)
	}
	for name, authorization := range map[string]string{
		"none":              "",
		"basic":             "Basic YTpi",
		"ID token":          "Bearer " + idToken,
		"foreign signature": "Bearer " + foreign,
		"no token":          "Bearer x",
	} {
		if got := p.userInfo(authorization); got.status != http.StatusUnauthorized || got.header.Get("WWW-Authenticate") == "" {
			t.Errorf("%s: %d %v", name, got.status, got.header)
		}
	}
	p.clock.advance(5 * time.Minute)
	if got := p.userInfo("Bearer " + tokens.AccessToken); got.status != http.StatusUnauthorized {
		t.Errorf("expired: %d", got.status)
	}
}

func TestDevelopmentDoorOpensForToolsOnly(t *testing.T) {
	t.Parallel()
	p := start(t)
	for name, tc := range map[string]struct {
		remote, host, user string
		header             map[string]string
		want               int
	}{
		"a tool":           {want: http.StatusOK},
		"localhost":        {host: "localhost:8082", want: http.StatusOK},
		"IPv6":             {remote: "[::1]:4711", host: "[::1]:8082", want: http.StatusOK},
		"a web page":       {header: map[string]string{"Origin": "http://127.0.0.1:8080"}, want: http.StatusForbidden},
		"a sandboxed page": {header: map[string]string{"Origin": "null"}, want: http.StatusForbidden},
		"a link in a page": {header: map[string]string{"Sec-Fetch-Site": "cross-site"}, want: http.StatusForbidden},
		"another machine":  {remote: "192.0.2.7:4711", want: http.StatusForbidden},
		"a rebound name":   {host: "evil.example:8082", want: http.StatusForbidden},
		"an unknown user":  {user: "eve", want: http.StatusNotFound},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			form := url.Values{"user": {"alice"}}
			if tc.user != "" {
				form.Set("user", tc.user)
			}
			req := httptest.NewRequestWithContext(t.Context(), http.MethodPost, devidp.PathDevToken, strings.NewReader(form.Encode()))
			req.RemoteAddr, req.Host = "127.0.0.1:4711", "127.0.0.1:8082"
			if tc.remote != "" {
				req.RemoteAddr = tc.remote
			}
			if tc.host != "" {
				req.Host = tc.host
			}
			req.Header.Set("Content-Type", "application/x-www-form-urlencoded")
			for name, value := range tc.header {
				req.Header.Set(name, value)
			}
			w := httptest.NewRecorder()
			p.ServeHTTP(w, req)
			if w.Code != tc.want || strings.Contains(w.Body.String(), "access_token") != (tc.want == http.StatusOK) {
				t.Errorf("got %d %s, want %d", w.Code, w.Body, tc.want)
			}
			if w.Header().Get("Access-Control-Allow-Origin") != "" {
				t.Error("a page may read the answer")
			}
		})
	}
}

func TestFetchTokenUsesTheDevelopmentDoor(t *testing.T) {
	t.Parallel()
	p := start(t)
	token, err := devidp.FetchToken(t.Context(), p.Issuer()+"/", "dave")
	if err != nil {
		t.Fatal(err)
	}
	if _, claims := p.verified(token); claims["preferred_username"] != "dave" {
		t.Errorf("got a token of %v", claims["preferred_username"])
	}
	if _, err := devidp.FetchToken(t.Context(), p.Issuer(), "eve"); err == nil || !strings.Contains(err.Error(), "the users are") {
		t.Errorf("unknown user: %v", err)
	}
	other := httptest.NewServer(http.NotFoundHandler())
	defer other.Close()
	if _, err := devidp.FetchToken(t.Context(), other.URL, "dave"); err == nil || !strings.Contains(err.Error(), "is it the stand-in provider?") {
		t.Errorf("another server: %v", err)
	}
	other.Close()
	if _, err := devidp.FetchToken(t.Context(), other.URL, "dave"); err == nil || !strings.Contains(err.Error(), "is demo or sandbox running?") {
		t.Errorf("no server: %v", err)
	}
}
