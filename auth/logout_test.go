package auth

import (
	"context"
	"errors"
	"strings"
	"testing"
	"time"
)

func logoutHeader(k pair) dict { return dict{"alg": k.alg, "typ": "logout+jwt", "kid": k.kid} }

func logoutClaims(now time.Time) dict {
	return dict{
		"iss": issuerURL, "sub": "subject-1", "sid": "session-1", "aud": "portal", "jti": "logout-1", "iat": now.Unix(), "exp": now.Add(2 * time.Minute).Unix(),
		"events": dict{logoutEvent: dict{}},
	}
}

// logoutVerifier accepts logout tokens for the client portal.
func logoutVerifier(t *testing.T, change func(*Config)) (*Verifier, *clock) {
	t.Helper()
	c := newClock()
	config := goodConfig(newProviderFake(rsaPair()), c.Now)
	config.Issuers[0].LogoutClients = []string{"portal"}
	if change != nil {
		change(&config)
	}
	return newVerifier(t, config), c
}

func TestLogoutTokensAreRead(t *testing.T) {
	t.Parallel()
	v, c := logoutVerifier(t, nil)
	for name, tt := range map[string]struct {
		header, claims dict
		want           Logout
	}{
		"subject and session": {nil, nil, Logout{issuerURL, "subject-1", "session-1", "logout-1", c.Now()}},
		"subject alone":       {nil, dict{"sid": nil}, Logout{issuerURL, "subject-1", "", "logout-1", c.Now()}},
		"session alone":       {nil, dict{"sub": nil}, Logout{issuerURL, "", "session-1", "logout-1", c.Now()}},
		"older providers":     {dict{"typ": "JWT"}, dict{"exp": nil}, Logout{issuerURL, "subject-1", "session-1", "logout-1", c.Now()}},
		"several audiences":   {nil, dict{"aud": []string{"other", "portal"}}, Logout{issuerURL, "subject-1", "session-1", "logout-1", c.Now()}},
	} {
		raw := sign(t, rsaPair(), with(logoutHeader(rsaPair()), tt.header), with(logoutClaims(c.Now()), tt.claims))
		got, err := v.VerifyLogout(t.Context(), raw)
		if err != nil {
			t.Errorf("%s: %v", name, err)
			continue
		}
		if !got.IssuedAt.Equal(tt.want.IssuedAt) {
			t.Errorf("%s: issued at %s", name, got.IssuedAt)
		}
		got.IssuedAt = tt.want.IssuedAt
		if *got != tt.want {
			t.Errorf("%s: %+v", name, *got)
		}
	}
}

// Anyone can send a request here; nobody but the provider logs people out.
func TestHostileLogoutTokensAreRefused(t *testing.T) {
	t.Parallel()
	v, c := logoutVerifier(t, nil)
	now := c.Now()
	for name, tt := range map[string]struct{ header, claims dict }{
		"another issuer":        {nil, dict{"iss": "https://evil.example"}},
		"another client":        {nil, dict{"aud": "other"}},
		"the API's audience":    {nil, dict{"aud": "vitrine"}},
		"no audience":           {nil, dict{"aud": nil}},
		"an access token":       {dict{"typ": "at+jwt"}, nil},
		"an ID token":           {dict{"typ": "JWT"}, dict{"events": nil, "nonce": "n"}},
		"a nonce":               {nil, dict{"nonce": "n"}},
		"no event":              {nil, dict{"events": nil}},
		"another event":         {nil, dict{"events": dict{"http://schemas.openid.net/event/other": dict{}}}},
		"an event as a text":    {nil, dict{"events": dict{logoutEvent: "yes"}}},
		"events as a list":      {nil, dict{"events": []string{logoutEvent}}},
		"nobody":                {nil, dict{"sub": nil, "sid": nil}},
		"a subject of no text":  {nil, dict{"sub": 5}},
		"an empty subject":      {nil, dict{"sub": ""}},
		"a subject with NUL":    {nil, dict{"sub": "\x00sid\x00session-1"}},
		"a session of no text":  {nil, dict{"sid": []string{"session-1"}}},
		"a long session":        {nil, dict{"sid": strings.Repeat("s", 300)}},
		"no id":                 {nil, dict{"jti": nil}},
		"an id of no text":      {nil, dict{"jti": 1}},
		"no time of issue":      {nil, dict{"iat": nil}},
		"from the future":       {nil, dict{"iat": now.Add(time.Hour).Unix()}},
		"old":                   {nil, dict{"iat": now.Add(-time.Hour).Unix(), "exp": nil}},
		"expired":               {nil, dict{"exp": now.Add(-time.Hour).Unix()}},
		"no algorithm":          {dict{"alg": "none"}, nil},
		"a symmetric algorithm": {dict{"alg": "HS256"}, nil},
		"an unknown key":        {dict{"kid": "other"}, nil},
	} {
		raw := sign(t, rsaPair(), with(logoutHeader(rsaPair()), tt.header), with(logoutClaims(now), tt.claims))
		if got, err := v.VerifyLogout(t.Context(), raw); err == nil {
			t.Errorf("%s: %+v", name, *got)
		}
	}
	forged := sign(t, otherPair(), logoutHeader(rsaPair()), logoutClaims(now))
	for _, raw := range []string{forged, "", "a.b.c", strings.Repeat("x", 20<<10)} {
		if _, err := v.VerifyLogout(t.Context(), raw); err == nil {
			t.Errorf("%.30q is taken", raw)
		}
	}
	off := newVerifier(t, goodConfig(newProviderFake(rsaPair()), c.Now))
	if _, err := off.VerifyLogout(t.Context(), sign(t, rsaPair(), logoutHeader(rsaPair()), logoutClaims(now))); err == nil {
		t.Error("an issuer without logout clients logs people out")
	}
}

// A logout ends the tokens that were issued before it, also those that are remembered, and no later
// ones.
func TestTokensFromBeforeALogoutAreRefused(t *testing.T) {
	t.Parallel()
	var last time.Time
	v, c := logoutVerifier(t, func(config *Config) {
		config.LastLogout = func(_ context.Context, id *Identity) time.Time {
			if id.SessionID != "session-1" {
				return time.Time{}
			}
			return last
		}
	})
	token := func(changes dict) string {
		return sign(t, rsaPair(), goodHeader(rsaPair()), with(with(goodClaims(c.Now()), dict{"sid": "session-1"}), changes))
	}
	before, other := token(nil), token(dict{"sid": "session-2"})
	wantStatus(t, v, before, 200)
	last = c.Now()
	c.Add(2 * time.Second)
	wantStatus(t, v, before, 401)
	wantStatus(t, v, other, 200)
	wantStatus(t, v, token(nil), 200)
	wantStatus(t, v, token(dict{"iat": nil}), 401)
	wantStatus(t, v, token(dict{"exp": c.Now().Add(25 * time.Hour).Unix()}), 401)
	_, err := v.Verify(t.Context(), before)
	if refusal := (*Error)(nil); !errors.As(err, &refusal) || refusal.Code != CodeUnauthenticated {
		t.Errorf("%v", err)
	}
}
