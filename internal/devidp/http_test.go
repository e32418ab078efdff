package devidp_test

import (
	"encoding/json"
	"net/http"
	"net/url"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"vitrine/internal/devidp"
)

func TestDiscoverySaysWhatIsThere(t *testing.T) {
	t.Parallel()
	p := start(t)
	a := p.browser().get(p.Issuer() + "/.well-known/openid-configuration")
	var got map[string]any
	if err := json.Unmarshal([]byte(a.body), &got); err != nil {
		t.Fatal(err)
	}
	delete(got, "claims_supported")
	want := map[string]any{
		"issuer":                                         p.Issuer(),
		"authorization_endpoint":                         p.Issuer() + "/oauth2/authorize",
		"token_endpoint":                                 p.Issuer() + "/oauth2/token",
		"userinfo_endpoint":                              p.Issuer() + "/oauth2/userinfo",
		"jwks_uri":                                       p.Issuer() + "/oauth2/keys",
		"revocation_endpoint":                            p.Issuer() + "/oauth2/revoke",
		"end_session_endpoint":                           p.Issuer() + "/oauth2/logout",
		"scopes_supported":                               []any{"openid", "profile", "email", "groups", "offline_access"},
		"response_types_supported":                       []any{"code"},
		"response_modes_supported":                       []any{"query"},
		"grant_types_supported":                          []any{"authorization_code", "refresh_token"},
		"prompt_values_supported":                        []any{"none", "login", "select_account"},
		"subject_types_supported":                        []any{"public"},
		"id_token_signing_alg_values_supported":          []any{"RS256"},
		"token_endpoint_auth_methods_supported":          []any{"none"},
		"revocation_endpoint_auth_methods_supported":     []any{"none"},
		"code_challenge_methods_supported":               []any{"S256"},
		"authorization_response_iss_parameter_supported": true,
		"request_parameter_supported":                    false,
		"request_uri_parameter_supported":                false,
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
	if strings.HasSuffix(p.Issuer(), "/") {
		t.Error("the issuer ends in a slash")
	}
}

func TestRotationKeepsOldTokensGoodUntilTheyExpire(t *testing.T) {
	t.Parallel()
	p := start(t)
	old, err := p.Token("alice")
	if err != nil {
		t.Fatal(err)
	}
	p.RotateKeys()
	fresh, err := p.Token("alice")
	if err != nil {
		t.Fatal(err)
	}
	oldHeader, _ := p.verified(old)
	freshHeader, _ := p.verified(fresh)
	keys := p.keySet().Keys
	if len(keys) != 2 || keys[0].KeyID != freshHeader["kid"] || keys[1].KeyID != oldHeader["kid"] {
		t.Fatalf("the key set does not start with the new key and end with the old one: %v", keys)
	}
	for _, key := range keys {
		if !key.IsPublic() || key.Use != "sig" || key.Algorithm != "RS256" {
			t.Errorf("key %s: public %t, use %q, alg %q", key.KeyID, key.IsPublic(), key.Use, key.Algorithm)
		}
	}
	p.clock.advance(6*time.Minute - time.Second)
	p.verified(old)
	p.clock.advance(time.Second)
	if keys := p.keySet().Keys; len(keys) != 1 || keys[0].KeyID != freshHeader["kid"] {
		t.Errorf("the old key is still there: %v", keys)
	}
	if got := p.userInfo("Bearer " + old).status; got != http.StatusUnauthorized {
		t.Errorf("UserInfo with the old key: %d", got)
	}
}

// ask sends one request with headers given in pairs.
func (p *idp) ask(method, path string, headers ...string) answer {
	p.t.Helper()
	req, err := http.NewRequestWithContext(p.t.Context(), method, p.Issuer()+path, nil)
	if err != nil {
		p.t.Fatal(err)
	}
	for i := 0; i < len(headers); i += 2 {
		req.Header.Set(headers[i], headers[i+1])
	}
	return do(p.t, http.DefaultClient, req)
}

func TestCORSLetsOnlyClientsPagesIn(t *testing.T) {
	t.Parallel()
	p := start(t)
	const playground, stranger = "http://127.0.0.1:8080", "https://evil.example"
	for _, tc := range []struct {
		method, path, origin string
		want                 bool
	}{
		{"GET", devidp.PathDiscovery, stranger, true},
		{"GET", devidp.PathKeys, stranger, true},
		{"POST", devidp.PathToken, playground, true},
		{"POST", devidp.PathToken, stranger, false},
		{"POST", devidp.PathToken, "null", false},
		{"POST", devidp.PathToken, "http://127.0.0.1.evil.example", false},
		{"POST", devidp.PathToken, "https://127.0.0.1:8080", false},
		{"POST", devidp.PathRevocation, playground, true},
		{"GET", devidp.PathUserInfo, playground, true},
		{"GET", devidp.PathUserInfo, stranger, false},
		{"GET", devidp.PathAuthorization, playground, false},
		{"POST", devidp.PathLogin, playground, false},
		{"GET", devidp.PathEndSession, playground, false},
	} {
		want := ""
		if tc.want {
			want = tc.origin
		}
		plain := p.ask(tc.method, tc.path, "Origin", tc.origin)
		pre := p.ask(http.MethodOptions, tc.path, "Origin", tc.origin,
			"Access-Control-Request-Method", tc.method, "Access-Control-Request-Headers", "authorization")
		for name, a := range map[string]answer{"request": plain, "preflight": pre} {
			if got := a.header.Get("Access-Control-Allow-Origin"); got != want {
				t.Errorf("%s %s from %s, %s: allowed origin %q, want %q", tc.method, tc.path, tc.origin, name, got, want)
			}
			if a.header.Get("Access-Control-Allow-Credentials") != "" {
				t.Errorf("%s %s: cookies allowed", tc.method, tc.path)
			}
		}
		if tc.want && (pre.status != http.StatusNoContent || !strings.Contains(pre.header.Get("Access-Control-Allow-Headers"), "Authorization")) {
			t.Errorf("preflight of %s: %d %v", tc.path, pre.status, pre.header)
		}
	}
}

func TestLoginPageHintsFillTheFormIn(t *testing.T) {
	t.Parallel()
	p := start(t)
	b := p.browser()
	page := b.get(authorizationURL(p, nil))
	for _, u := range devidp.DemoUsers() {
		if !strings.Contains(page.body, u.FullName) || !strings.Contains(page.body, "login_hint="+u.Name) {
			t.Errorf("no link for %s", u.Name)
		}
	}
	filled := b.get(authorizationURL(p, map[string]string{"login_hint": "carol"}))
	for _, want := range []string{`name="user" value="carol"`, `type="password" value="carol"`, "aria-current=\"true\">\n<span class=\"name\">carol"} {
		if !strings.Contains(filled.body, want) {
			t.Errorf("the filled page lacks %s:\n%s", want, filled.body)
		}
	}
}

func TestLoginPageEscapesWhatItIsTold(t *testing.T) {
	t.Parallel()
	p := start(t)
	page := p.browser().get(authorizationURL(p, map[string]string{"login_hint": `"><script>x</script>`, "state": `"><script>`}))
	if page.status != http.StatusOK || strings.Contains(page.body, "<script") {
		t.Errorf("%d:\n%s", page.status, page.body)
	}
}

func TestLoginPagePolicyIsStrict(t *testing.T) {
	t.Parallel()
	p := start(t)
	page := p.browser().get(authorizationURL(p, nil))
	want := "default-src 'none'; style-src 'self'; img-src data:; base-uri 'none'; frame-ancestors 'none'; " +
		"form-action 'self' http://127.0.0.1:9999"
	if got := page.header.Get("Content-Security-Policy"); got != want {
		t.Errorf("policy\n%s, want\n%s", got, want)
	}
	for name, want := range map[string]string{"Cache-Control": "no-store", "X-Content-Type-Options": "nosniff"} {
		if got := page.header.Get(name); got != want {
			t.Errorf("%s: %q", name, got)
		}
	}
	style := p.browser().get(p.Issuer() + "/oauth2/style.css")
	if style.status != http.StatusOK || !strings.HasPrefix(style.header.Get("Content-Type"), "text/css") {
		t.Errorf("style sheet: %d %v", style.status, style.header)
	}
}

func TestLoginRefusals(t *testing.T) {
	t.Parallel()
	p := start(t)
	for name, tc := range map[string]struct{ user, password, want string }{
		"wrong password": {"alice", "bob", "This is not the password of “alice”."},
		"no password":    {"alice", "", "This is not the password of “alice”."},
		"unknown user":   {"eve", "eve", "There is no user “eve”."},
		"other case":     {"Alice", "Alice", "There is no user “Alice”."},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			b := p.browser()
			a := b.submit(b.get(authorizationURL(p, nil)), url.Values{"user": {tc.user}, "password": {tc.password}})
			if a.status != http.StatusForbidden || !strings.Contains(a.body, tc.want) || a.header.Get("Set-Cookie") != "" {
				t.Errorf("%d, cookie %q:\n%s", a.status, a.header.Get("Set-Cookie"), a.body)
			}
		})
	}
}

func TestLoginRefusesFormsOfOtherSites(t *testing.T) {
	t.Parallel()
	p := start(t)
	_, query, _ := strings.Cut(authorizationURL(p, nil), "?")
	a := p.ask(http.MethodPost, devidp.PathLogin+"?"+query, "Sec-Fetch-Site", "same-site", "Origin", "http://127.0.0.1:8080")
	if a.status != http.StatusForbidden || strings.Contains(a.body, "<form") {
		t.Errorf("%d %s", a.status, a.body)
	}
}

func TestSessionCookieIsConfined(t *testing.T) {
	t.Parallel()
	p := start(t)
	b := p.browser()
	a := b.submit(b.get(authorizationURL(p, nil)), url.Values{"user": {"alice"}, "password": {"alice"}})
	issuer, err := url.Parse(p.Issuer())
	if err != nil {
		t.Fatal(err)
	}
	cookie := a.header.Get("Set-Cookie")
	for _, want := range []string{"devidp_" + issuer.Port() + "=", "Path=/oauth2/", "HttpOnly", "SameSite=Lax"} {
		if !strings.Contains(cookie, want) {
			t.Errorf("%s lacks %s", cookie, want)
		}
	}
}

func TestCountCountsRequestsPerEndpoint(t *testing.T) {
	t.Parallel()
	p := start(t)
	b := p.browser()
	for range 3 {
		b.get(p.Issuer() + devidp.PathKeys + "?x=1")
	}
	b.get(p.Issuer() + "/elsewhere")
	if p.Count(devidp.PathKeys) != 3 || p.Count(devidp.PathDiscovery) != 0 || p.Count("/elsewhere") != 0 {
		t.Errorf("keys %d, discovery %d, elsewhere %d", p.Count(devidp.PathKeys), p.Count(devidp.PathDiscovery), p.Count("/elsewhere"))
	}
}
