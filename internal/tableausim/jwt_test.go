package tableausim_test

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/rsa"
	"encoding/base64"
	"encoding/json"
	"maps"
	"net/http"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/go-jose/go-jose/v4"
	"github.com/google/go-cmp/cmp"

	"vitrine/internal/tableausim"
)

// app is the connected app of these tests.
var app = tableausim.ConnectedApp{
	ClientID: "6f4c0d5e-1111-4222-8333-444455556666", SecretID: "0a1b2c3d-aaaa-4bbb-8ccc-ddddeeeeffff",
	Secret: "a-secret-that-is-long-enough-for-sha256", Enabled: true,
}

// keys of these tests; making them takes a while.
var (
	rsaKey   = sync.OnceValue(func() *rsa.PrivateKey { return must(rsa.GenerateKey(rand.Reader, 2048)) })
	otherRSA = sync.OnceValue(func() *rsa.PrivateKey { return must(rsa.GenerateKey(rand.Reader, 2048)) })
	smallRSA = sync.OnceValue(func() *rsa.PrivateKey { return must(rsa.GenerateKey(rand.Reader, 1024)) })
	ecKey    = sync.OnceValue(func() *ecdsa.PrivateKey { return must(ecdsa.GenerateKey(elliptic.P256(), rand.Reader)) })
)

func must[T any](x T, err error) T {
	if err != nil {
		panic(err)
	}
	return x
}

// body is the claims of a token.
type body map[string]any

// with returns a copy with some claims changed; a nil value takes one out.
func (b body) with(pairs ...any) body {
	out := maps.Clone(b)
	for i := 0; i < len(pairs); i += 2 {
		name, _ := pairs[i].(string)
		if pairs[i+1] == nil {
			delete(out, name)
			continue
		}
		out[name] = pairs[i+1]
	}
	return out
}

// claimsFor are good claims for a user.
func claimsFor(now time.Time, issuer, user string) body {
	return body{
		"iss": issuer, "sub": user, "aud": "tableau", "jti": rand.Text(), "iat": now.Add(-5 * time.Second).Unix(),
		"nbf": now.Add(-5 * time.Second).Unix(), "exp": now.Add(5 * time.Minute).Unix(),
		"scp": []string{"tableau:content:read", "tableau:*:*"},
	}
}

// sign makes a token with a library that the stand-in does not use.
func sign(t testing.TB, algorithm jose.SignatureAlgorithm, key any, keyID string, claims body) string {
	t.Helper()
	options := (&jose.SignerOptions{}).WithType("JWT")
	if keyID != "" {
		options = options.WithHeader("kid", keyID)
	}
	signer, err := jose.NewSigner(jose.SigningKey{Algorithm: algorithm, Key: key}, options)
	if err != nil {
		t.Fatal(err)
	}
	payload, err := json.Marshal(claims)
	if err != nil {
		t.Fatal(err)
	}
	signed, err := signer.Sign(payload)
	if err != nil {
		t.Fatal(err)
	}
	text, err := signed.CompactSerialize()
	if err != nil {
		t.Fatal(err)
	}
	return text
}

func direct(t testing.TB, claims body) string {
	t.Helper()
	return sign(t, jose.HS256, []byte(app.Secret), app.SecretID, claims)
}

// jwtBody is a sign-in with a token.
func jwtBody(site, token string) string { return credentials(site, "", "jwt", token) }

// number is what is in parentheses at the end of the detail.
func (a answer) number() string {
	_, tail, _ := strings.Cut(a.text("error", "detail"), "(")
	return strings.TrimSuffix(tail, ")")
}

// raw puts a token together from its parts, signed or not.
func raw(header, claims string) string {
	enc := base64.RawURLEncoding
	return enc.EncodeToString([]byte(header)) + "." + enc.EncodeToString([]byte(claims)) + "."
}

func TestDirectTrustSignsInAsTheUserItNames(t *testing.T) {
	t.Parallel()
	c := start(t, tableausim.Config{ConnectedApps: []tableausim.ConnectedApp{app}})
	claims := claimsFor(time.Now(), app.ClientID, "alice").with("Region", []string{"West"}, "department", "Sales", "level", 3)
	alice := c.as(jwtBody("marketing", direct(t, claims)))
	if want := c.sim.UserID("marketing", "alice"); alice.userID != want {
		t.Errorf("user %s, want %s", alice.userID, want)
	}
	if got, want := alice.get("workbooks").text("pagination", "totalAvailable"), c.user("alice", "marketing").get("workbooks").text("pagination", "totalAvailable"); got != want {
		t.Errorf("sees %s workbooks, with a password %s", got, want)
	}
	info := c.sim.Sessions()[0]
	if info.Token != alice.token || info.Method != tableausim.ByDirect || info.Issuer != app.ClientID || info.User != "alice" || info.Impersonated {
		t.Errorf("session is %+v", info)
	}
	if diff := cmp.Diff(map[string][]string{"Region": {"West"}, "department": {"Sales"}}, info.Attributes); diff != "" {
		t.Errorf("user attributes (-want +got):\n%s", diff)
	}
	if diff := cmp.Diff([]string{"tableau:content:read", "tableau:*:*"}, info.Scopes); diff != "" {
		t.Errorf("scopes (-want +got):\n%s", diff)
	}
	if n := c.sim.Count("POST auth/signin (jwt)"); n != 1 {
		t.Errorf("%d sign-ins with a JWT are counted", n)
	}
}

func TestDirectTrustInXML(t *testing.T) {
	t.Parallel()
	c := start(t, tableausim.Config{ConnectedApps: []tableausim.ConnectedApp{app}})
	token := direct(t, claimsFor(time.Now(), app.ClientID, "bob"))
	if a := c.do(http.MethodPost, "auth/signin", `<tsRequest><credentials jwt="`+token+`"><site contentUrl=""/></credentials></tsRequest>`); a.status != 200 {
		t.Errorf("answered %d %s", a.status, a.body)
	}
}

func TestDirectTrustRefusesByNumber(t *testing.T) {
	t.Parallel()
	clk := newClock()
	off := app
	off.ClientID, off.Enabled = "switched-off", false
	local := app
	local.ClientID, local.Sites = "marketing-only", []string{"marketing"}
	c := start(t, tableausim.Config{Now: clk.now, ConnectedApps: []tableausim.ConnectedApp{app, off, local}})
	now := clk.now()
	good := claimsFor(now, app.ClientID, "alice")
	hs := func(key, kid string, claims body) string { return sign(t, jose.HS256, []byte(key), kid, claims) }
	tests := []struct{ name, token, number string }{
		{"no token at all", "x.y.z", "10083"},
		{"two parts", "x.y", "10083"},
		{"padding", direct(t, good.with("jti", "p")) + "=", "10083"},
		{"too long", strings.Repeat("a", 20_000), "10103"},
		{"claims that are no object", raw(`{"alg":"HS256","kid":"x"}`, `[1]`), "10083"},
		{"claims null", raw(`{"alg":"HS256","kid":"x"}`, `null`), "10083"},
		{"an extension that must be understood", raw(`{"alg":"HS256","kid":"x","crit":["b64"]}`, `{}`), "10083"},
		{"alg none", raw(`{"alg":"none","kid":"`+app.SecretID+`"}`, `{"iss":"`+app.ClientID+`","sub":"admin"}`), "10098"},
		{"no alg", raw(`{"kid":"`+app.SecretID+`"}`, `{"iss":"`+app.ClientID+`","sub":"admin"}`), "10098"},
		{"no kid", hs(app.Secret, "", good), "10083"},
		{"another kid", hs(app.Secret, "other", good), "127"},
		{"another secret", hs("another-secret-that-is-long-enough", app.SecretID, good), "127"},
		{"no secret", raw(`{"alg":"HS256","kid":"`+app.SecretID+`"}`, `{"iss":"`+app.ClientID+`","sub":"admin"}`), "127"},
		{"another client", direct(t, good.with("iss", "nobody")), "126"},
		{"no client", direct(t, good.with("iss", nil)), "126"},
		{"app switched off", direct(t, good.with("iss", off.ClientID)), "10090"},
		{"app of another site", direct(t, good.with("iss", local.ClientID)), "126"},
		{"HS512", sign(t, jose.HS512, []byte(strings.Repeat(app.Secret, 2)), app.SecretID, good), "10087"},
		{"RS256 for an app with a secret", sign(t, jose.RS256, rsaKey(), app.SecretID, good), "10087"},
		{"RS256 of an unknown issuer", sign(t, jose.RS256, rsaKey(), "k", good.with("iss", "https://unknown.example")), "10082"},
		{"another audience", direct(t, good.with("aud", "Tableau")), "10084"},
		{"two audiences", direct(t, good.with("aud", []string{"tableau", "other"})), "10084"},
		{"no audience", direct(t, good.with("aud", nil)), "10084"},
		{"no sub", direct(t, good.with("sub", nil)), "10084"},
		{"no exp", direct(t, good.with("exp", nil)), "10084"},
		{"exp as text", direct(t, good.with("exp", "2030-01-01")), "10084"},
		{"exp now", direct(t, good.with("exp", now.Unix())), "10084"},
		{"exp after ten minutes", direct(t, good.with("exp", now.Add(10*time.Minute+time.Second).Unix())), "16"},
		{"nbf to come", direct(t, good.with("nbf", now.Add(time.Second).Unix())), "10084"},
		{"iat to come", direct(t, good.with("iat", now.Add(time.Second).Unix())), "10084"},
		{"no jti", direct(t, good.with("jti", nil)), "10094"},
		{"empty jti", direct(t, good.with("jti", "")), "10094"},
		{"no scp", direct(t, good.with("scp", nil)), "10099"},
		{"empty scp", direct(t, good.with("scp", []string{})), "10099"},
		{"scp as text", direct(t, good.with("scp", "tableau:content:read")), "10097"},
		{"scp of numbers", direct(t, good.with("scp", []int{1})), "10097"},
		{"a scope of another form", direct(t, good.with("scp", []string{"content:read"})), "10097"},
		{"unknown user", direct(t, good.with("sub", "dave", "jti", "1")), "5"},
		{"name in another case", direct(t, good.with("sub", "Alice", "jti", "2")), "5"},
		{"unlicensed", direct(t, good.with("sub", "walter.gone", "jti", "3")), "16"},
		{"user of other sites", direct(t, good.with("sub", "fatima.zahra", "jti", "4")), "5"},
		{"on-demand access on Server", direct(t, good.with("https://tableau.com/oda", "true", "jti", "5")), "67"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			a := c.do(http.MethodPost, "auth/signin", jwtBody("", tt.token))
			if a.status != 401 || a.code() != "401001" || a.number() != tt.number {
				t.Errorf("got %d %s, want 401 401001 (%s): %s", a.status, a.code(), tt.number, a.body)
			}
		})
	}
}

func TestDirectTrustTakes(t *testing.T) {
	t.Parallel()
	clk := newClock()
	second := app
	second.SecretID, second.Secret = "second", "the-second-secret-of-the-same-app-32"
	c := start(t, tableausim.Config{Now: clk.now, ConnectedApps: []tableausim.ConnectedApp{app, second}})
	now := clk.now()
	good := func() body { return claimsFor(now, app.ClientID, "alice") }
	tests := []struct{ name, token string }{
		{"exp in just ten minutes", direct(t, good().with("exp", now.Add(10*time.Minute).Unix()))},
		{"no iat and no nbf", direct(t, good().with("iat", nil, "nbf", nil))},
		{"audience as a list of one", direct(t, good().with("aud", []string{"tableau"}))},
		{"the second secret", sign(t, jose.HS256, []byte(second.Secret), "second", good())},
		{"a name with comma", direct(t, good().with("sub", "lee, sam"))},
		{"a name that another has in another case", direct(t, good().with("sub", "Kim"))},
		{"a domain user", direct(t, good().with("sub", `corp\jsmith`))},
		{"a server administrator, who is a user like others here", direct(t, good().with("sub", "admin"))},
	}
	for _, tt := range tests {
		if a := c.do(http.MethodPost, "auth/signin", jwtBody("", tt.token)); a.status != 200 {
			t.Errorf("%s: %d %s", tt.name, a.status, a.body)
		}
	}
	options := (&jose.SignerOptions{}).WithHeader("kid", app.SecretID).WithHeader("iss", app.ClientID)
	signed := must(must(jose.NewSigner(jose.SigningKey{Algorithm: jose.HS256, Key: []byte(app.Secret)}, options)).Sign(must(json.Marshal(good().with("iss", nil)))))
	if a := c.do(http.MethodPost, "auth/signin", jwtBody("", must(signed.CompactSerialize()))); a.status != 200 {
		t.Errorf("issuer in the header, as in older samples: %d %s", a.status, a.body)
	}
}

func TestJWTProvesOnlyOnce(t *testing.T) {
	t.Parallel()
	clk := newClock()
	c := start(t, tableausim.Config{Now: clk.now, ConnectedApps: []tableausim.ConnectedApp{app}})
	claims := claimsFor(clk.now(), app.ClientID, "alice")
	alice := c.as(jwtBody("", direct(t, claims)))
	for name, token := range map[string]string{"same token": direct(t, claims), "same jti, another user": direct(t, claims.with("sub", "bob"))} {
		if a := c.do(http.MethodPost, "auth/signin", jwtBody("", token)); a.number() != "10091" {
			t.Errorf("%s: %d %s", name, a.status, a.body)
		}
	}
	if a := alice.get("workbooks"); a.status != 200 {
		t.Errorf("her session answered %d", a.status)
	}
}

func TestJWTSessionsOfOneUserLiveSideBySide(t *testing.T) {
	t.Parallel()
	c := start(t, tableausim.Config{ConnectedApps: []tableausim.ConnectedApp{app}})
	first := c.as(jwtBody("", direct(t, claimsFor(time.Now(), app.ClientID, "alice"))))
	second := c.as(jwtBody("", direct(t, claimsFor(time.Now(), app.ClientID, "alice"))))
	if first.get("views").status != 200 || second.get("views").status != 200 {
		t.Error("one of two sessions is dead")
	}
}

func TestJWTNeedsItsVersionAndStandsAlone(t *testing.T) {
	t.Parallel()
	token := direct(t, claimsFor(time.Now(), app.ClientID, "alice"))
	cloud := direct(t, claimsFor(time.Now(), app.ClientID, "alice@example.com"))
	on := func(cloud bool, version string) *client {
		return start(t, tableausim.Config{Cloud: cloud, APIVersion: version, ConnectedApps: []tableausim.ConnectedApp{app}})
	}
	tests := []struct {
		name string
		c    *client
		body string
		code string
	}{
		{"Server 3.16", on(false, "3.16"), jwtBody("", token), "400000"},
		{"Server 3.17", on(false, "3.17"), jwtBody("", token), ""},
		{"Cloud 3.15", on(true, "3.15"), jwtBody(tableausim.CloudSite, cloud), "400000"},
		{"Cloud 3.16", on(true, "3.16"), jwtBody(tableausim.CloudSite, cloud), ""},
		{"with a password", on(false, "3.27"), credentials("", "", "jwt", token, "name", "alice", "password", "alice"), "400000"},
		{"with a PAT", on(false, "3.27"), credentials("", "", "jwt", token, "personalAccessTokenName", "p", "personalAccessTokenSecret", "s"), "400000"},
		{"with a user", on(false, "3.27"), credentials("", "11111111-2222-4333-8444-555555555555", "jwt", token), "400000"},
		{"unified on Server", on(false, "3.27"), `{"credentials":{"jwt":"` + token + `","isUat":true,"site":{"contentUrl":""}}}`, "400000"},
		{"unknown site", on(false, "3.27"), jwtBody("nowhere", token), "401001"},
	}
	for _, tt := range tests {
		if a := tt.c.do(http.MethodPost, "auth/signin", tt.body); a.code() != tt.code {
			t.Errorf("%s: got %d %s, want %s: %s", tt.name, a.status, a.code(), tt.code, a.body)
		}
	}
}

func TestConnectedAppIsReadyAtEachStart(t *testing.T) {
	t.Parallel()
	c, d := start(t, tableausim.Config{}), start(t, tableausim.Config{})
	x, y := c.sim.ConnectedApps(), d.sim.ConnectedApps()
	if len(x) != 1 || len(y) != 1 || x[0].Secret == y[0].Secret || x[0].ClientID == y[0].ClientID || len(x[0].Secret) < 32 || !x[0].Enabled {
		t.Fatalf("apps are %+v and %+v", x, y)
	}
	token := sign(t, jose.HS256, []byte(x[0].Secret), x[0].SecretID, claimsFor(time.Now(), x[0].ClientID, "alice"))
	c.as(jwtBody("", token))
	c.sim.SetConnectedApps()
	if a := c.do(http.MethodPost, "auth/signin", jwtBody("", token)); a.number() != "126" {
		t.Errorf("after the app was deleted: %s", a.body)
	}
}

func TestUserAttributesLimitRowsOfTheirColumn(t *testing.T) {
	t.Parallel()
	c := start(t, tableausim.Config{ConnectedApps: []tableausim.ConnectedApp{app}})
	view := ""
	for _, w := range c.user("alice", "").get("views", "pageSize", "1000").items("views", "view") {
		id, _ := w["id"].(string)
		if a := c.user("alice", "").get("views/" + id + "/data"); strings.Contains(a.body, "Region,") && strings.Contains(a.body, "West,") {
			view = id
			break
		}
	}
	as := func(region ...string) *client {
		claims := claimsFor(time.Now(), app.ClientID, "alice").with("scp", []string{"tableau:views:download"})
		if len(region) > 0 {
			claims = claims.with("Region", region)
		}
		return c.as(jwtBody("", direct(t, claims)))
	}
	path := "views/" + view + "/data"
	all, west, none := as().get(path).body, as("West").get(path).body, as("Atlantis").get(path).body
	if !strings.Contains(all, "East,") || strings.Contains(west, "East,") || !strings.Contains(west, "West,") || strings.Contains(none, "West,") {
		t.Errorf("all:\n%s\nwest:\n%s\nnone:\n%s", all, west, none)
	}
	image := "views/" + view + "/image"
	if as("West").get(image).body == as("East").get(image).body {
		t.Error("two people with different attributes get the same picture")
	}
}

// TestOneOfManyAtOnce holds what must hold when sign-ins come side by side: a JWT proves once, a
// PAT holds one session.
func TestOneOfManyAtOnce(t *testing.T) {
	t.Parallel()
	c := start(t, tableausim.Config{ConnectedApps: []tableausim.ConnectedApp{app}, PATs: map[string]string{"p": "s"}})
	token := direct(t, claimsFor(time.Now(), app.ClientID, "alice"))
	var byJWT atomic.Int64
	var wg sync.WaitGroup
	for range 20 {
		wg.Go(func() {
			if c.do(http.MethodPost, "auth/signin", jwtBody("", token)).status == http.StatusOK {
				byJWT.Add(1)
			}
		})
		wg.Go(func() { c.do(http.MethodPost, "auth/signin", patBody("p", "s")) })
	}
	wg.Wait()
	methods := map[string]int{}
	for _, s := range c.sim.Sessions() {
		methods[s.Method]++
	}
	if n := byJWT.Load(); n != 1 || methods[tableausim.ByDirect] != 1 || methods[tableausim.ByPAT] != 1 {
		t.Errorf("%d sign-ins with one JWT; sessions %v", n, methods)
	}
	c.user("alice", "")
	if s := c.sim.Sessions(); len(s) != 3 || s[2].Method != tableausim.ByPassword {
		t.Errorf("sessions are %v", s)
	}
}
