package cli

import (
	"encoding/json"
	"fmt"
	"maps"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/go-jose/go-jose/v4"

	"vitrine/internal/standin"
	"vitrine/internal/tableausim"
	"vitrine/test/harness"
)

// testProvider is an OpenID provider that signs whatever claims a test wants, with the key of this
// package's tests.
type testProvider struct {
	*httptest.Server
	t *testing.T
}

func startTestProvider(t *testing.T) *testProvider {
	t.Helper()
	p := &testProvider{t: t}
	mux := http.NewServeMux()
	p.Server = httptest.NewServer(mux)
	t.Cleanup(p.Close)
	serve := func(v any) http.HandlerFunc {
		return func(w http.ResponseWriter, _ *http.Request) {
			w.Header().Set("Content-Type", "application/json")
			_ = json.NewEncoder(w).Encode(v)
		}
	}
	mux.HandleFunc("/.well-known/openid-configuration", serve(map[string]any{"issuer": p.URL, "jwks_uri": p.URL + "/keys"}))
	mux.HandleFunc("/keys", serve(jose.JSONWebKeySet{Keys: []jose.JSONWebKey{{Key: &harness.SigningKey().PublicKey, KeyID: "k", Algorithm: "RS256", Use: "sig"}}}))
	return p
}

// sign makes a token of good claims with changes; nil takes a claim out.
func (p *testProvider) sign(typ string, changes map[string]any) string {
	p.t.Helper()
	claims := map[string]any{
		"iss": p.URL, "sub": "u-1", "aud": "vitrine", "client_id": "portal", "scope": "openid bi.read", "iat": time.Now().Unix(),
		"exp": time.Now().Add(5 * time.Minute).Unix(), "preferred_username": "alice", "groups": []string{"bi-analysts"},
		"department": "Sales", "jti": "marked-id", "sid": "marked-session", "refresh_token": "marked-token", "org": map[string]any{"unit": "North", "api_secret": "marked"},
	}
	maps.Copy(claims, changes)
	maps.DeleteFunc(claims, func(_ string, v any) bool { return v == nil })
	signer, err := jose.NewSigner(jose.SigningKey{Algorithm: jose.RS256, Key: jose.JSONWebKey{Key: harness.SigningKey(), KeyID: "k"}}, (&jose.SignerOptions{}).WithType(jose.ContentType(typ)))
	if err != nil {
		p.t.Fatal(err)
	}
	payload, err := json.Marshal(claims)
	if err != nil {
		p.t.Fatal(err)
	}
	signed, err := signer.Sign(payload)
	if err != nil {
		p.t.Fatal(err)
	}
	raw, err := signed.CompactSerialize()
	if err != nil {
		p.t.Fatal(err)
	}
	return raw
}

// checkOfToken runs check --token with the stand-in Tableau and one of two sign-in methods.
func checkOfToken(t *testing.T, s *standin.Servers, issuer, method, text string) (out string, err error) {
	t.Helper()
	dir := t.TempDir()
	app := s.Tableau.ConnectedApps()[0]
	signIn, secret := "{method: personalAccessToken, tokens: [{name: vitrine-1, secretFile: secret}]}", s.Tableau.PATs()["vitrine-1"]
	if method == "jwt" {
		signIn = fmt.Sprintf("{method: connectedApp, trust: direct, clientID: %q, secretID: %q, secretFile: secret, attributes: [{claim: department}]}", app.ClientID, app.SecretID)
		secret = app.Secret
	}
	settings := fmt.Sprintf(`
listen: "127.0.0.1:0"
tableau:
  url: %q
  signIn: %s
  sites: ["", marketing]
oidc: [{issuer: %q, audiences: [vitrine], username: {claim: preferred_username}}]
roles:
  - {name: everyone, when: {scope: bi.read}, allow: [CATALOG], sites: [""]}
  - {name: analysts, when: {group: bi-analysts}, allow: [PEOPLE]}
`, s.TableauURL, signIn, issuer)
	for name, text := range map[string]string{"vitrine.yaml": settings, "secret": secret, "token": text} {
		if err := os.WriteFile(filepath.Join(dir, name), []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	out, log, err := call(t, nil, "check", "--config", filepath.Join(dir, "vitrine.yaml"), "--token", filepath.Join(dir, "token"))
	said := out + log + fmt.Sprint(err)
	for _, part := range append(strings.Split(text, "."), "marked") {
		if len(part) > 5 && strings.Contains(said, strings.TrimSpace(part)) {
			t.Errorf("check says a part of the token, or of a claim that is secret: %q in\n%s", part, said)
		}
	}
	return out, err
}

func TestCheckOfAGoodToken(t *testing.T) {
	t.Parallel()
	s, err := standin.Start("127.0.0.1:0", "127.0.0.1:0", tableausim.Config{})
	if err != nil {
		t.Fatal(err)
	}
	defer s.Close()
	p := startTestProvider(t)
	for method, want := range map[string][]string{
		"pat": {`site "" impersonation`, `of user "alice"`},
		"jwt": {`of user "alice" with a JWT`, "who this is"},
	} {
		out, err := checkOfToken(t, s, p.URL, method, "Bearer "+p.sign("at+jwt", nil)+"\r\n")
		if err != nil {
			t.Errorf("%s: %v\n%s", method, err, out)
		}
		for _, text := range append(want,
			"ok      token ", "accepted", `alg "RS256", typ "at+jwt", kid "k"`, `preferred_username: "alice"`, `groups: ["bi-analysts"]`, `org.unit: "North"`, "jti: there, not shown", "from now)",
			`Tableau user  "alice"`, "role          everyone: yes", `sites         ""`, "token's roles", "analysts, everyone", "roles do not give this site", "serve would work",
		) {
			if !strings.Contains(out, text) {
				t.Errorf("%s: no %q in\n%s", method, text, out)
			}
		}
	}
	if n := len(s.Tableau.Sessions()); n != 0 {
		t.Errorf("check left %d sessions behind", n)
	}
}

func TestCheckOfTokensThatAreRefused(t *testing.T) {
	t.Parallel()
	s, err := standin.Start("127.0.0.1:0", "127.0.0.1:0", tableausim.Config{})
	if err != nil {
		t.Fatal(err)
	}
	defer s.Close()
	p := startTestProvider(t)
	good := p.sign("at+jwt", nil)
	parts := strings.Split(good, ".")
	altered := parts[0] + "." + strings.Split(p.sign("at+jwt", map[string]any{"preferred_username": "carol"}), ".")[1] + "." + parts[2]
	with := func(name string, v any) string { return p.sign("at+jwt", map[string]any{name: v}) }
	for name, test := range map[string]struct {
		token string
		want  []string
	}{
		"altered":           {altered, []string{"does not come from a key", "What to do: check that the token was not altered"}},
		"of another issuer": {with("iss", "https://other.example.com"), []string{"an issuer that is not accepted", "compare the claim iss"}},
		"another audience":  {with("aud", "other"), []string{"another audience (accepted: vitrine)", "oidc[].audiences", `aud: "other"`}},
		"of another type":   {p.sign("JWT", nil), []string{"of a type that is not accepted", "oidc[].tokenTypes"}},
		"expired":           {with("exp", time.Now().Add(-time.Hour).Unix()), []string{"expired"}},
		"without a name":    {with("preferred_username", nil), []string{`no claim "preferred_username"`}},
		"groups left out":   {with("hasgroups", true), []string{"was left out", "hasgroups: true"}},
		"bound to a key":    {with("cnf", map[string]any{"jkt": "marked"}), []string{"cnf: there, not shown", "plain bearer token"}},
		"no role":           {p.sign("at+jwt", map[string]any{"scope": "x", "groups": []string{}}), []string{"no role fits", "no role       analysts", "What to do: change when"}},
		"opaque":            {"0123456789abcdef0123456789abcdef", []string{"not a signed JWT", "An opaque or encrypted token"}},
		"cut":               {parts[0] + "." + parts[1], []string{"not a signed JWT", "that the token is whole"}},
	} {
		for _, method := range []string{"pat", "jwt"} {
			out, err := checkOfToken(t, s, p.URL, method, test.token)
			if err == nil || err.Error() != "serve would refuse this token" {
				t.Errorf("%s: ends with %v", name, err)
			}
			for _, text := range append(test.want, "FAILED  token", "serve would work") {
				if !strings.Contains(out, text) {
					t.Errorf("%s: no %q in\n%s", name, text, out)
				}
			}
		}
	}
	// A good token of somebody whom Tableau does not know.
	for _, method := range []string{"pat", "jwt"} {
		out, err := checkOfToken(t, s, p.URL, method, with("preferred_username", "dave"))
		if err == nil || !strings.Contains(err.Error(), "not for this user") || !strings.Contains(out, "oidc[].username: compare it") {
			t.Errorf("%s: a stranger: %v\n%s", method, err, out)
		}
	}
}

func TestCheckTakesATokenFileOnly(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	write := func(name, text string) string {
		file := filepath.Join(dir, name)
		if err := os.WriteFile(file, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
		return file
	}
	const jwt = "eyJhbGciOiJSUzI1NiJ9.eyJpc3MiOiJtYXJrZWQifQ.bWFya2Vk"
	for name, test := range map[string]struct {
		args []string
		want string
	}{
		"the token itself": {[]string{"--token", jwt}, "was given a token"},
		"behind Bearer":    {[]string{"--token", "Bearer " + jwt}, "was given a token"},
		"an opaque one":    {[]string{"--token", "bWFya2VkbWFya2Vk"}, "cannot be read"},
		"no such file":     {[]string{"--token", filepath.Join(dir, "none.jwt")}, "none.jwt"},
		"claims":           {[]string{"--token", write("claims.json", `{"iss":"x"}`)}, "explain --claims"},
		"nothing":          {[]string{"--token", write("empty", "\n")}, "is empty"},
		"too much":         {[]string{"--token", write("large", strings.Repeat("x", maxTokenFile+1))}, "more than"},
		"UTF-16":           {[]string{"--token", write("utf16", "\xff\xfee\x00")}, "UTF-8"},
		"a user beside":    {[]string{"--token", write("token", jwt), "--user", "alice"}, "leave one of the two out"},
	} {
		_, _, err := call(t, nil, append([]string{"check", "--config", "none.yaml"}, test.args...)...)
		if err == nil || !strings.Contains(err.Error(), test.want) || strings.Contains(err.Error(), "bWFya2Vk") {
			t.Errorf("%s: %v, want %q and no token", name, err, test.want)
		}
	}
	if _, _, err := call(t, map[string]string{"VITRINE_TOKEN": jwt}, "check", "--config", "none.yaml"); err == nil || !strings.Contains(err.Error(), "was given a token") || strings.Contains(err.Error(), jwt) {
		t.Errorf("a token in the environment: %v", err)
	}
}
