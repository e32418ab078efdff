package devidp_test

import (
	"net/http"
	"net/url"
	"strings"
	"testing"
	"time"

	"vitrine/internal/devidp"
)

func (p *idp) logoutURL(params url.Values) string {
	return p.Issuer() + devidp.PathEndSession + "?" + params.Encode()
}

// signedIn reports whether the browser has a session at the provider.
func (b *browser) signedIn() bool {
	b.p.t.Helper()
	return b.get(authorizationURL(b.p, map[string]string{"prompt": "none"})).location(b.p.t).Query().Has("code")
}

func TestLogoutWithIDTokenIsImmediate(t *testing.T) {
	t.Parallel()
	p := start(t)
	b := p.browser()
	tokens := b.tokens("alice", "openid", "offline_access")
	idToken, _ := tokens.Extra("id_token").(string)
	p.clock.advance(5*time.Minute + time.Second) // an expired hint is still a hint
	landed := b.get(p.logoutURL(url.Values{"id_token_hint": {idToken}, "post_logout_redirect_uri": {afterward}, "state": {"s 1"}}))
	if got := landed.location(t).String(); got != afterward+"?state=s+1" {
		t.Errorf("landed on %s", got)
	}
	if b.signedIn() {
		t.Error("still signed in")
	}
	if _, err := p.refresh(tokens.RefreshToken); !isOAuthError(err, "invalid_grant") {
		t.Errorf("refresh after logout: %v", err)
	}
}

func TestLogoutEndsCodesThatWait(t *testing.T) {
	t.Parallel()
	p := start(t)
	b := p.browser()
	idToken, _ := b.tokens("alice", "openid").Extra("id_token").(string)
	query := b.get(authorizationURL(p, nil)).location(t).Query()
	b.get(p.logoutURL(url.Values{"id_token_hint": {idToken}}))
	got := p.tokenError(url.Values{
		"grant_type": {"authorization_code"}, "client_id": {"vitrine-playground"}, "redirect_uri": {callback},
		"code": {query.Get("code")}, "code_verifier": {"v"},
	})
	if got != "invalid_grant" {
		t.Errorf("got %q", got)
	}
}

func TestLogoutWithoutIDTokenAsksFirst(t *testing.T) {
	t.Parallel()
	p := start(t)
	b := p.browser()
	b.tokens("alice", "openid")
	other, _ := p.browser().tokens("alice", "openid").Extra("id_token").(string)
	params := url.Values{"client_id": {"vitrine-playground"}, "post_logout_redirect_uri": {afterward}, "state": {"s"}}
	withHint := url.Values{"id_token_hint": {other}}
	for _, q := range []url.Values{params, withHint, {"confirm": {"yes"}}} {
		page := b.get(p.logoutURL(q))
		if page.status != http.StatusOK || !strings.Contains(page.body, "Alice Abara") || !b.signedIn() {
			t.Errorf("%v: not asked but %d", q, page.status)
		}
	}
	page := b.get(p.logoutURL(params))
	params.Set("confirm", "yes")
	if got := b.submit(page, params).location(t).String(); got != afterward+"?state=s" {
		t.Errorf("landed on %s", got)
	}
	if b.signedIn() {
		t.Error("still signed in")
	}
}

func TestLogoutRefusesOtherAddresses(t *testing.T) {
	t.Parallel()
	p := start(t)
	b := p.browser()
	tokens := b.tokens("alice", "openid")
	idToken, _ := tokens.Extra("id_token").(string)
	for name, q := range map[string]url.Values{
		"unregistered":    {"id_token_hint": {idToken}, "post_logout_redirect_uri": {"https://evil.example"}},
		"callback":        {"id_token_hint": {idToken}, "post_logout_redirect_uri": {callback}},
		"no client":       {"post_logout_redirect_uri": {afterward}},
		"unknown client":  {"client_id": {"stranger"}, "post_logout_redirect_uri": {afterward}},
		"another client":  {"client_id": {"portal"}, "id_token_hint": {idToken}},
		"access token":    {"id_token_hint": {tokens.AccessToken}},
		"invented token":  {"id_token_hint": {"x.y.z"}},
		"no signature":    {"id_token_hint": {idToken[:strings.LastIndex(idToken, ".")+1]}},
		"client's portal": {"client_id": {"portal"}, "post_logout_redirect_uri": {afterward}},
	} {
		if a := b.get(p.logoutURL(q)); a.status != http.StatusBadRequest || a.header.Get("Location") != "" {
			t.Errorf("%s: %d to %q", name, a.status, a.header.Get("Location"))
		}
	}
	if !b.signedIn() {
		t.Error("a refused request signed the person out")
	}
}

func TestLogoutOfNobodyIsNoError(t *testing.T) {
	t.Parallel()
	p := start(t)
	if a := p.browser().get(p.logoutURL(nil)); a.status != http.StatusOK || !strings.Contains(a.body, "Signed out") {
		t.Errorf("%d %s", a.status, a.body)
	}
}
