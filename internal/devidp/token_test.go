package devidp_test

import (
	"errors"
	"net/http"
	"net/url"
	"strings"
	"testing"
	"time"

	"golang.org/x/oauth2"

	"vitrine/internal/devidp"
)

func TestCodeIsRefusedUnlessAllFits(t *testing.T) {
	t.Parallel()
	for name, tc := range map[string]struct {
		change  map[string]string
		advance time.Duration
		want    string
	}{
		"all fits":           {},
		"just in time":       {advance: 59 * time.Second},
		"expired":            {advance: time.Minute, want: "invalid_grant"},
		"wrong verifier":     {change: map[string]string{"code_verifier": oauth2.GenerateVerifier()}, want: "invalid_grant"},
		"no verifier":        {change: map[string]string{"code_verifier": ""}, want: "invalid_grant"},
		"other redirect_uri": {change: map[string]string{"redirect_uri": "http://127.0.0.1:1/playground/callback"}, want: "invalid_grant"},
		"no redirect_uri":    {change: map[string]string{"redirect_uri": ""}, want: "invalid_grant"},
		"another client":     {change: map[string]string{"client_id": "portal"}, want: "invalid_grant"},
		"unknown client":     {change: map[string]string{"client_id": "stranger"}, want: "invalid_client"},
		"no client":          {change: map[string]string{"client_id": ""}, want: "invalid_client"},
		"invented code":      {change: map[string]string{"code": "x"}, want: "invalid_grant"},
		"other grant":        {change: map[string]string{"grant_type": "password"}, want: "unsupported_grant_type"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			p := start(t)
			landed, verifier := p.browser().signIn("alice", "openid")
			p.clock.advance(tc.advance)
			form := url.Values{
				"grant_type": {"authorization_code"}, "client_id": {"vitrine-playground"}, "redirect_uri": {callback},
				"code": {landed.Query().Get("code")}, "code_verifier": {verifier},
			}
			for name, value := range tc.change {
				form.Set(name, value)
			}
			if got := p.tokenError(form); got != tc.want {
				t.Errorf("got error %q, want %q", got, tc.want)
			}
		})
	}
}

func TestSecondUseOfACodeEndsItsTokens(t *testing.T) {
	t.Parallel()
	p := start(t)
	landed, verifier := p.browser().signIn("alice", "openid", "offline_access")
	code := landed.Query().Get("code")
	token, err := p.client().Exchange(t.Context(), code, oauth2.VerifierOption(verifier))
	if err != nil {
		t.Fatal(err)
	}
	if _, err := p.client().Exchange(t.Context(), code, oauth2.VerifierOption(verifier)); !isOAuthError(err, "invalid_grant") {
		t.Errorf("second use of the code: %v", err)
	}
	if _, err := p.refresh(token.RefreshToken); !isOAuthError(err, "invalid_grant") {
		t.Errorf("refresh after the second use: %v", err)
	}
}

func TestRefreshTokensRotate(t *testing.T) {
	t.Parallel()
	p := start(t)
	first := p.browser().tokens("alice", "openid", "offline_access")
	p.clock.advance(4 * time.Minute)
	second, err := p.refresh(first.RefreshToken)
	if err != nil {
		t.Fatal(err)
	}
	if second.RefreshToken == "" || second.RefreshToken == first.RefreshToken || second.AccessToken == first.AccessToken {
		t.Error("the tokens did not change")
	}
	_, before := p.verified(first.AccessToken)
	_, after := p.verified(second.AccessToken)
	if after["sub"] != before["sub"] || after["sid"] != before["sid"] || after["auth_time"] != before["auth_time"] {
		t.Errorf("another sign-in: before %v, after %v", before, after)
	}
	if after["iat"] == before["iat"] {
		t.Error("the new token is as old as the first one")
	}
	if _, err := p.refresh(second.RefreshToken); err != nil {
		t.Errorf("third token: %v", err)
	}
}

func TestReusedRefreshTokenEndsTheGrant(t *testing.T) {
	t.Parallel()
	p := start(t)
	first := p.browser().tokens("alice", "openid", "offline_access")
	second, err := p.refresh(first.RefreshToken)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := p.refresh(first.RefreshToken); !isOAuthError(err, "invalid_grant") {
		t.Errorf("reuse: %v", err)
	}
	if _, err := p.refresh(second.RefreshToken); !isOAuthError(err, "invalid_grant") {
		t.Errorf("the newest token after a reuse: %v", err)
	}
}

func TestRefreshTokenBelongsToItsClientAndScope(t *testing.T) {
	t.Parallel()
	p := start(t)
	token := p.browser().tokens("alice", "openid", "email", "offline_access")
	form := func(client, scope string) url.Values {
		return url.Values{"grant_type": {"refresh_token"}, "refresh_token": {token.RefreshToken}, "client_id": {client}, "scope": {scope}}
	}
	if got := p.tokenError(form("portal", "")); got != "invalid_grant" {
		t.Errorf("another client: %q", got)
	}
	if got := p.tokenError(form("vitrine-playground", "openid groups")); got != "invalid_scope" {
		t.Errorf("more scope: %q", got)
	}
	// Neither refusal has spent the token.
	a := p.browser().post(p.Issuer()+devidp.PathToken, form("vitrine-playground", "email"))
	if a.status != http.StatusOK || !strings.Contains(a.body, `"scope":"email"`) || strings.Contains(a.body, "id_token") {
		t.Errorf("less scope: %d %s", a.status, a.body)
	}
}

func TestRevocationEndsTokens(t *testing.T) {
	t.Parallel()
	p := start(t)
	token := p.browser().tokens("alice", "openid", "offline_access")
	revoke := func(client, secret string) int {
		return p.browser().post(p.Issuer()+devidp.PathRevocation, url.Values{"client_id": {client}, "token": {secret}}).status
	}
	if got := revoke("portal", token.AccessToken); got != http.StatusOK {
		t.Errorf("another client's token: %d", got)
	}
	if got := p.userInfo("Bearer " + token.AccessToken).status; got != http.StatusOK {
		t.Errorf("UserInfo after another client's revocation: %d", got)
	}
	for _, secret := range []string{token.AccessToken, token.RefreshToken, "unknown"} {
		if got := revoke("vitrine-playground", secret); got != http.StatusOK {
			t.Errorf("revoking: %d", got)
		}
	}
	if got := p.userInfo("Bearer " + token.AccessToken).status; got != http.StatusUnauthorized {
		t.Errorf("UserInfo after revocation: %d", got)
	}
	if _, err := p.refresh(token.RefreshToken); !isOAuthError(err, "invalid_grant") {
		t.Errorf("refresh after revocation: %v", err)
	}
	if got := revoke("vitrine-playground", ""); got != http.StatusBadRequest {
		t.Errorf("no token: %d", got)
	}
}

func TestTokenAnswersAreNotStored(t *testing.T) {
	t.Parallel()
	p := start(t)
	a := p.browser().post(p.Issuer()+devidp.PathToken, url.Values{})
	if got := a.header.Get("Cache-Control"); got != "no-store" {
		t.Errorf("Cache-Control: %q", got)
	}
	if a := p.browser().get(p.Issuer() + devidp.PathToken + "?grant_type=authorization_code"); a.status != http.StatusMethodNotAllowed {
		t.Errorf("GET: %d", a.status)
	}
}

func isOAuthError(err error, code string) bool {
	var refusal *oauth2.RetrieveError
	return errors.As(err, &refusal) && refusal.ErrorCode == code
}
