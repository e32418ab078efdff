package devidp_test

import (
	"net/http"
	"net/url"
	"strings"
	"testing"
	"time"

	"golang.org/x/oauth2"

	"vitrine/internal/devidp"
)

func TestCodeFlowSignsInThroughTheLoginPage(t *testing.T) {
	t.Parallel()
	p := start(t)
	b := p.browser()
	landed, verifier := b.signIn("alice", "openid", "email")
	query := landed.Query()
	if got := landed.Scheme + "://" + landed.Host + landed.Path; got != callback {
		t.Errorf("landed on %s, want %s", got, callback)
	}
	if query.Get("state") != "state-1" || query.Get("iss") != p.Issuer() {
		t.Errorf("state and iss (RFC 9207) are missing in %v", query)
	}
	token, err := p.client().Exchange(t.Context(), query.Get("code"), oauth2.VerifierOption(verifier))
	if err != nil {
		t.Fatal(err)
	}
	if token.RefreshToken != "" {
		t.Error("a refresh token came without offline_access")
	}
	_, claims := p.verified(token.AccessToken)
	if claims["preferred_username"] != "alice" {
		t.Errorf("the access token is of %v", claims["preferred_username"])
	}
}

// authorizationURL is a good authorization request with changes; an empty value takes a parameter
// away.
func authorizationURL(p *idp, changes map[string]string) string {
	q := url.Values{
		"client_id": {"vitrine-playground"}, "redirect_uri": {callback}, "response_type": {"code"}, "scope": {"openid"},
		"state": {"s"}, "code_challenge": {oauth2.S256ChallengeFromVerifier("v")}, "code_challenge_method": {"S256"},
	}
	for name, value := range changes {
		q.Set(name, value)
		if value == "" {
			q.Del(name)
		}
	}
	return p.Issuer() + devidp.PathAuthorization + "?" + q.Encode()
}

func TestAuthorizationErrorsGoBackToTheClient(t *testing.T) {
	t.Parallel()
	p := start(t)
	for name, tc := range map[string]struct {
		changes map[string]string
		want    string
	}{
		"no PKCE":                 {map[string]string{"code_challenge": "", "code_challenge_method": ""}, "invalid_request"},
		"plain PKCE":              {map[string]string{"code_challenge_method": "plain"}, "invalid_request"},
		"PKCE without method":     {map[string]string{"code_challenge_method": ""}, "invalid_request"},
		"short challenge":         {map[string]string{"code_challenge": "YWJj"}, "invalid_request"},
		"implicit flow":           {map[string]string{"response_type": "id_token token"}, "unsupported_response_type"},
		"no response type":        {map[string]string{"response_type": ""}, "unsupported_response_type"},
		"fragment":                {map[string]string{"response_mode": "fragment"}, "invalid_request"},
		"request object":          {map[string]string{"request": "e30.e30."}, "request_not_supported"},
		"request object by URL":   {map[string]string{"request_uri": "https://x.example"}, "request_uri_not_supported"},
		"no scope":                {map[string]string{"scope": ""}, "invalid_scope"},
		"none and login together": {map[string]string{"prompt": "none login"}, "invalid_request"},
		"silent and signed out":   {map[string]string{"prompt": "none"}, "login_required"},
		"max_age of letters":      {map[string]string{"max_age": "soon"}, "invalid_request"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			query := p.browser().get(authorizationURL(p, tc.changes)).location(t).Query()
			if query.Get("error") != tc.want || query.Get("state") != "s" || query.Get("iss") != p.Issuer() || query.Has("code") {
				t.Errorf("got %v, want error %s with state and iss", query, tc.want)
			}
		})
	}
}

func TestAuthorizationNeverRedirectsToAnUnregisteredAddress(t *testing.T) {
	t.Parallel()
	p := start(t)
	for name, changes := range map[string]map[string]string{
		"unknown client":        {"client_id": "stranger"},
		"no client":             {"client_id": ""},
		"no address":            {"redirect_uri": ""},
		"other path":            {"redirect_uri": "http://127.0.0.1:9999/elsewhere"},
		"longer path":           {"redirect_uri": callback + "/more"},
		"with query":            {"redirect_uri": callback + "?next=1"},
		"with fragment":         {"redirect_uri": callback + "#x"},
		"with user":             {"redirect_uri": "http://u@127.0.0.1:9999/playground/callback"},
		"other host":            {"redirect_uri": "http://127.0.0.1.example.com/playground/callback"},
		"other loopback name":   {"redirect_uri": "http://localhost:9999/playground/callback"},
		"other scheme":          {"redirect_uri": "https://127.0.0.1:9999/playground/callback"},
		"another client's":      {"redirect_uri": "https://portal.example.com/callback"},
		"other port, not local": {"client_id": "portal", "redirect_uri": "https://portal.example.com:8443/callback"},
		"with no PKCE either":   {"redirect_uri": "https://evil.example", "code_challenge": ""},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			for _, prompt := range []string{"", "none"} {
				changes["prompt"] = prompt
				a := p.browser().get(authorizationURL(p, changes))
				if a.status != http.StatusBadRequest || a.header.Get("Location") != "" {
					t.Errorf("prompt %q: got %d and Location %q, want 400 and none", prompt, a.status, a.header.Get("Location"))
				}
			}
		})
	}
}

func TestAuthorizationRefusesRepeatedParameters(t *testing.T) {
	t.Parallel()
	p := start(t)
	address := authorizationURL(p, nil)
	if got := p.browser().get(address + "&scope=email").location(t).Query().Get("error"); got != "invalid_request" {
		t.Errorf("scope twice: %q", got)
	}
	if a := p.browser().get(address + "&redirect_uri=" + url.QueryEscape(callback)); a.status != http.StatusBadRequest {
		t.Errorf("redirect_uri twice: %d", a.status)
	}
}

func TestSessionAnswersSilently(t *testing.T) {
	t.Parallel()
	p := start(t)
	b := p.browser()
	idToken, _ := b.tokens("alice", "openid").Extra("id_token").(string)
	other, _ := p.browser().tokens("bob", "openid").Extra("id_token").(string)
	p.clock.advance(time.Minute)
	for _, tc := range []struct {
		name    string
		changes map[string]string
		want    string // the error, or "" for a code
	}{
		{"prompt none", map[string]string{"prompt": "none"}, ""},
		{"no prompt", nil, ""},
		{"hint of this person", map[string]string{"prompt": "none", "id_token_hint": idToken}, ""},
		{"hint of another person", map[string]string{"prompt": "none", "id_token_hint": other}, "login_required"},
		{"hint that is no token", map[string]string{"prompt": "none", "id_token_hint": "x.y.z"}, "login_required"},
		{"recent enough", map[string]string{"prompt": "none", "max_age": "60"}, ""},
		{"not recent enough", map[string]string{"prompt": "none", "max_age": "59"}, "login_required"},
		{"max_age without an end", map[string]string{"prompt": "none", "max_age": "2147483647"}, ""},
	} {
		query := b.get(authorizationURL(p, tc.changes)).location(t).Query()
		if query.Get("error") != tc.want || query.Has("code") != (tc.want == "") {
			t.Errorf("%s: got %v, want error %q", tc.name, query, tc.want)
		}
	}
	for _, prompt := range []string{"login", "select_account", "login consent"} {
		if a := b.get(authorizationURL(p, map[string]string{"prompt": prompt})); a.status != http.StatusOK {
			t.Errorf("prompt %s: got %d, want the login page", prompt, a.status)
		}
	}
	p.clock.advance(8 * time.Hour)
	query := b.get(authorizationURL(p, map[string]string{"prompt": "none"})).location(t).Query()
	if query.Get("error") != "login_required" {
		t.Errorf("after the session's life: %v", query)
	}
}

func TestAuthorizationByPostWorksToo(t *testing.T) {
	t.Parallel()
	p := start(t)
	address, form, _ := strings.Cut(authorizationURL(p, nil), "?")
	values, err := url.ParseQuery(form)
	if err != nil {
		t.Fatal(err)
	}
	b := p.browser()
	landed := b.submit(b.post(address, values), url.Values{"user": {"bob"}, "password": {"bob"}}).location(t)
	if !landed.Query().Has("code") {
		t.Errorf("landed on %v", landed)
	}
}
