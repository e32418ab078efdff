package main

import (
	"crypto/rand"
	"crypto/rsa"
	"crypto/x509"
	"encoding/json"
	"encoding/pem"
	"fmt"
	"net/http"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/go-jose/go-jose/v4"
	"github.com/google/go-cmp/cmp"

	"vitrine/internal/config"
	"vitrine/internal/sessions"
	"vitrine/internal/tableausim"
	"vitrine/resolvers"
)

var signingKey = sync.OnceValue(func() *rsa.PrivateKey {
	key, err := rsa.GenerateKey(rand.Reader, 2048)
	if err != nil {
		panic(err)
	}
	return key
})

func signingPEM() config.Secret {
	return config.Secret(pem.EncodeToMemory(&pem.Block{Type: "RSA PRIVATE KEY", Bytes: x509.MarshalPKCS1PrivateKey(signingKey())}))
}

var simApp = tableausim.ConnectedApp{ClientID: "client-1", SecretID: "secret-1", Secret: "marked-secret-0123456789-abcdefghij", Enabled: true}

func directTrust() config.SignIn {
	return config.SignIn{
		Method: config.MethodConnectedApp, Trust: config.TrustDirect,
		ClientID: simApp.ClientID, SecretID: simApp.SecretID, Secret: config.Secret(simApp.Secret),
	}
}

func oauthTrust() config.SignIn {
	return config.SignIn{Method: config.MethodConnectedApp, Trust: config.TrustOAuth, Key: signingPEM()}
}

// onCloud makes settings those of a Tableau Cloud pod, where people are their mail addresses.
func onCloud(c *config.Config) {
	c.Tableau.Sites = []config.Site{{ContentURL: tableausim.CloudSite}, {ContentURL: "marketing"}}
	c.Tableau.SessionLifetime = 2 * time.Hour
	c.OIDC[0].Username = config.Username{Claim: "email", RequireVerified: true}
}

// signInMethod is one method as settings say it, before a stand-in that knows it.
type signInMethod struct {
	world  tableausim.Config
	signIn config.SignIn
	cloud  bool
	by     string // the stand-in's word for it
	scoped bool   // its sessions may do no more than the roles need
}

// scopes are those that sessions of the method have: what the roles need and the server knows.
func (m signInMethod) scopes(t *testing.T, roles []config.Role) []string {
	t.Helper()
	if !m.scoped {
		return nil
	}
	view, err := newPolicy(&config.Config{Roles: roles})
	if err != nil {
		t.Fatal(err)
	}
	version := m.world.APIVersion
	if version == "" {
		version = "3.27" // what the stand-in has unasked
	}
	scopes, err := resolvers.Scopes(view)
	if err != nil {
		t.Fatal(err)
	}
	return sessions.ScopesFor(scopes, version)
}

func signInMethods(t *testing.T) map[string]signInMethod {
	t.Helper()
	uat := tableausim.UnifiedAccess{Issuer: "https://issuer.example.com", TenantID: "tenant-1", Key: &signingKey().PublicKey}
	apps := []tableausim.ConnectedApp{simApp}
	password := config.SignIn{Method: config.MethodPassword, Name: "admin", Password: "admin"}
	return map[string]signInMethod{
		"password":   {signIn: password, by: tableausim.ByPassword},
		"two tokens": {by: tableausim.ByPAT}, // as the demo has them
		"direct trust": {
			world: tableausim.Config{ConnectedApps: apps, RefuseUnknownScopes: true}, signIn: directTrust(), by: tableausim.ByDirect, scoped: true,
		},
		"direct trust, an older server": {
			world:  tableausim.Config{ConnectedApps: apps, APIVersion: "3.19", MissingScope401002: true, RefuseUnknownScopes: true},
			signIn: directTrust(), by: tableausim.ByDirect, scoped: true,
		},
		"direct trust on Cloud": {
			world: tableausim.Config{ConnectedApps: apps, Cloud: true, APIVersion: "3.29"}, signIn: directTrust(), cloud: true,
			by: tableausim.ByDirect, scoped: true,
		},
		"OAuth trust": {signIn: oauthTrust(), by: tableausim.ByOAuth, scoped: true},
		"unified access token": {
			world: tableausim.Config{Cloud: true, UnifiedAccess: []tableausim.UnifiedAccess{uat}}, cloud: true, by: tableausim.ByUAT, scoped: true,
			signIn: config.SignIn{
				Method: config.MethodUnifiedAccessToken, Issuer: uat.Issuer, TenantID: uat.TenantID, Key: signingPEM(),
			},
		},
	}
}

func (m signInMethod) start(t *testing.T, change func(*config.Config)) *program {
	t.Helper()
	p := start(t, m.world, func(c *config.Config) {
		if m.signIn.Method != "" {
			c.Tableau.SignIn = m.signIn
		}
		if m.cloud {
			onCloud(c)
		}
		if change != nil {
			change(c)
		}
	})
	p.tableau.SetTrustedIssuers(tableausim.TrustedIssuer{URL: p.address + "/tableau-issuer"})
	return p
}

// Whatever the method: people see what Tableau shows them, strangers see nothing and disturb nobody, nobody stays signed in, and
// sessions may do no more than the roles need.
func TestEverySignInMethodServes(t *testing.T) {
	t.Parallel()
	for name, m := range signInMethods(t) {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			var scopes []string
			p := m.start(t, func(c *config.Config) { scopes = m.scopes(t, c.Roles) })
			site, mail := "", ""
			if m.cloud {
				site, mail = tableausim.CloudSite, "@example.com"
			}
			query := fmt.Sprintf(`{ viewer { username } sites { contentUrl } site(contentUrl: %q) { luid mySiteRole me { name }
				workbooks(first: 1000) { totalCount nodes { name owner { fullName } project { name } views { name } } } } }`, site)
			answers := map[string]string{}
			for _, user := range []string{"alice", "bob", "carol"} {
				got := p.post(t, p.token(t, user), query)
				me := fmt.Sprintf(`"me":{"name":%q`, user+mail)
				if got.codes() != "" || !strings.Contains(got.body, me) || strings.Contains(got.body, `"luid":null`) {
					t.Errorf("%s: %.400s", user, got.body)
				}
				answers[user] = marshalled(t, got.Data["site"])
				one := fmt.Sprintf(`{ site(contentUrl: %q) { workbook(by: {luid: %q}) { name views { name path viewCount } } } }`,
					site, p.tableau.WorkbookID(site, "Superstore"))
				if got := p.post(t, p.token(t, user), one); got.codes() != "" && got.codes() != "NOT_FOUND" {
					t.Errorf("%s: views of one workbook: %.300s", user, got.body)
				}
			}
			if answers["alice"] == answers["bob"] || answers["bob"] == answers["carol"] {
				t.Error("two people see the same")
			}
			p.strangerStopsNobody(t, site)
			for _, s := range p.tableau.Sessions() {
				if s.Method != m.by || !slices.Equal(s.Scopes, scopes) {
					t.Errorf("%v has the scopes %v, want %v", s, s.Scopes, scopes)
				}
			}
			ends := p.tableau.EndSessions(nil)
			if again := p.post(t, p.token(t, "alice"), query); ends < 3 || again.codes() != "" || marshalled(t, again.Data["site"]) != answers["alice"] {
				t.Errorf("after %d sessions were ended: %.300s", ends, again.body)
			}
			for _, secret := range []string{simApp.Secret, "eyJ", "PRIVATE KEY"} {
				if strings.Contains(p.log.String(), secret) {
					t.Errorf("the log holds %q", secret)
				}
			}
		})
	}
}

// strangerStopsNobody has somebody ask a thousand times whom Tableau does not know, and others in between. A refusal is remembered for 30 s.
func (p *program) strangerStopsNobody(t *testing.T, site string) {
	t.Helper()
	dave, alice := p.token(t, "dave"), p.token(t, "alice")
	query := fmt.Sprintf(`{ site(contentUrl: %q) { me { name } } }`, site)
	began, before := time.Now(), p.tableau.Counts()
	var wait sync.WaitGroup
	for range 10 {
		wait.Go(func() {
			for range 100 {
				if got := p.post(t, dave, query); got.codes() != "TABLEAU_USER_UNKNOWN" {
					t.Errorf("dave: %.300s", got.body)
				}
			}
			if got := p.post(t, alice, query); got.codes() != "" {
				t.Errorf("alice, while dave asks: %.300s", got.body)
			}
		})
	}
	wait.Wait()
	calls := 0
	for template, n := range p.tableau.Counts() {
		if strings.Contains(template, "auth/signin") || template == "GET sites/{site}/users" {
			calls += n - before[template]
		}
	}
	// The name as it stands, and in other case; and the administrator's session anew, if the same token has looked somebody up on another site.
	// real time: a slower machine is allowed more
	if most := 4 * (1 + int(time.Since(began)/(30*time.Second))); calls > most {
		t.Errorf("a stranger who asks 1,000 times costs %d look-ups and sign-ins, more than %d", calls, most)
	}
	t.Logf("1,000 questions of a stranger: %d look-ups and sign-ins", calls)
}

// A site may use another method than its neighbour.
func TestSitesSignInEachTheirWay(t *testing.T) {
	t.Parallel()
	direct, oauth := directTrust(), oauthTrust()
	m := signInMethod{world: tableausim.Config{ConnectedApps: []tableausim.ConnectedApp{simApp}}}
	p := m.start(t, func(c *config.Config) { c.Tableau.Sites[1].SignIn, c.Tableau.Sites[2].SignIn = &direct, &oauth })
	got := p.post(t, p.token(t, "carol"), `{ a: site(contentUrl: "") { luid } b: site(contentUrl: "marketing") { luid } c: site(contentUrl: "finance") { luid } }`)
	if got.codes() != "" {
		t.Fatal(got.body)
	}
	want := map[string]string{"": tableausim.ByPAT, "marketing": tableausim.ByDirect, "finance": tableausim.ByOAuth}
	by := map[string]string{}
	for _, s := range p.tableau.Sessions() {
		by[s.Site] = s.Method
	}
	if diff := cmp.Diff(want, by); diff != "" {
		t.Errorf("methods (-want +got):\n%s", diff)
	}
}

func TestUserAttributesReachTableau(t *testing.T) {
	t.Parallel()
	signIn := directTrust()
	signIn.Attributes = []config.Attribute{{Claim: "department", Name: "Dept"}, {Claim: "realm.regions", Name: "Region"}}
	m := signInMethod{world: tableausim.Config{ConnectedApps: []tableausim.ConnectedApp{simApp}}, signIn: signIn}
	p := m.start(t, nil)
	ask := func(department any) *graphqlAnswer {
		token, err := p.provider.TokenWith("alice", func(claims, _ map[string]any) {
			claims["department"], claims["realm"] = department, map[string]any{"regions": []string{"North", "South"}}
		})
		if err != nil {
			t.Fatal(err)
		}
		return p.post(t, token, `{ site(contentUrl: "") { me { name } } }`)
	}
	for _, department := range []any{"Sales", "Sales", 7} {
		if got := ask(department); got.codes() != "" {
			t.Fatal(got.body)
		}
	}
	if got := ask(map[string]any{"a": 1}); got.codes() != "FORBIDDEN" || got.status != http.StatusForbidden {
		t.Errorf("a claim that is no text: %s", got.body)
	}
	if got := ask(strings.Repeat("x", 5000)); got.codes() != "FORBIDDEN" {
		t.Errorf("a claim that is too long: %.300s", got.body)
	}
	var attributes []string
	for _, s := range p.tableau.Sessions() {
		attributes = append(attributes, fmt.Sprint(s.Attributes))
	}
	slices.Sort(attributes)
	want := []string{"map[Dept:[7] Region:[North South]]", "map[Dept:[Sales] Region:[North South]]"}
	if diff := cmp.Diff(want, attributes); diff != "" {
		t.Errorf("sessions by attributes (-want +got):\n%s", diff)
	}
}

// What Tableau reads of the issuer is public and holds no private part; what is signed with its key opens Tableau alone.
func TestIssuerForTableauOpensNothingHere(t *testing.T) {
	t.Parallel()
	p := signInMethod{signIn: oauthTrust()}.start(t, nil)
	issuer := p.address + "/tableau-issuer"
	get := func(path string) map[string]any {
		t.Helper()
		r, err := http.NewRequestWithContext(t.Context(), http.MethodGet, p.address+path, nil)
		if err != nil {
			t.Fatal(err)
		}
		got := send(t, r)
		var document map[string]any
		if err := json.Unmarshal([]byte(got.body), &document); err != nil || got.status != http.StatusOK {
			t.Fatalf("%s: %d %s", path, got.status, got.body)
		}
		return document
	}
	for _, path := range []string{issuerOpenID, issuerOAuth, issuerOAuthBefore} {
		if document := get(path); document["issuer"] != issuer || document["jwks_uri"] != issuer+"/keys" {
			t.Errorf("%s: %v", path, document)
		}
	}
	key := get(issuerKeys)["keys"].([]any)[0].(map[string]any)
	if key["kty"] != "RSA" || key["alg"] != "RS256" || key["d"] != nil || key["p"] != nil {
		t.Errorf("the key set has %v", key)
	}

	now := time.Now()
	for _, audience := range []string{"vitrine", "tableau"} {
		options := (&jose.SignerOptions{}).WithType("at+jwt").WithHeader("kid", key["kid"])
		signer, err := jose.NewSigner(jose.SigningKey{Algorithm: jose.RS256, Key: signingKey()}, options)
		if err != nil {
			t.Fatal(err)
		}
		payload, err := json.Marshal(map[string]any{
			"iss": issuer, "sub": "alice", "aud": audience, "preferred_username": "alice", "client_id": "x", "jti": "1",
			"iat": now.Unix(), "exp": now.Add(time.Minute).Unix(),
		})
		if err != nil {
			t.Fatal(err)
		}
		signed, err := signer.Sign(payload)
		if err != nil {
			t.Fatal(err)
		}
		token, err := signed.CompactSerialize()
		if err != nil {
			t.Fatal(err)
		}
		if got := p.post(t, token, `{ viewer { username } }`); got.status != http.StatusUnauthorized {
			t.Errorf("a token for %s that this server signed itself: %d %s", audience, got.status, got.body)
		}
	}

	settings := *p.app.settings
	settings.OIDC = slices.Clone(settings.OIDC)
	settings.OIDC[0].URL = issuer
	if _, err := newApp(&settings, p.address, p.app.logger); err == nil || !strings.Contains(err.Error(), "is this server itself") {
		t.Errorf("this server as its own provider: %v", err)
	}

	without := start(t, tableausim.Config{}, nil)
	r, _ := http.NewRequestWithContext(t.Context(), http.MethodGet, without.address+issuerKeys, nil)
	if got := send(t, r); got.status != http.StatusNotFound {
		t.Errorf("keys of no issuer: %d", got.status)
	}
}

func TestScopesAreThoseThatTheRolesNeed(t *testing.T) {
	t.Parallel()
	role := func(name, group string, allow, deny []string) config.Role {
		return config.Role{Name: name, When: config.When{Group: group}, Allow: allow, Deny: deny}
	}
	const content, users = "tableau:content:read", "tableau:users:read"
	for name, test := range map[string]struct {
		roles []config.Role
		want  []string
	}{
		"content and owners": {[]config.Role{role("everyone", "", []string{"CATALOG"}, nil)}, []string{content, users}},
		"owners denied to all": {
			[]config.Role{role("everyone", "", []string{"CATALOG"}, []string{"Content.owner", "Project.owner", "User"})}, []string{content},
		},
		"owners denied to some": {
			[]config.Role{role("everyone", "", []string{"CATALOG"}, nil), role("partners", "p", nil, []string{"User"})}, []string{content, users},
		},
		"opened by one role, reached by another's": {
			[]config.Role{role("everyone", "", []string{"CATALOG"}, []string{"Content.owner", "Project.owner"}), role("hr", "hr", []string{"PEOPLE"}, nil)},
			[]string{content, users},
		},
	} {
		roles, err := newPolicy(&config.Config{Roles: test.roles})
		if err != nil {
			t.Fatalf("%s: %v", name, err)
		}
		got, err := resolvers.Scopes(roles)
		got = slices.DeleteFunc(got, func(s string) bool { return s != content && s != users }) // of the others each is its field's
		if err != nil || !slices.Equal(got, test.want) {
			t.Errorf("%s: %v, %v, want %v", name, got, err, test.want)
		}
	}
}

func TestCheckTriesTheSignInByJWT(t *testing.T) {
	t.Parallel()
	s, err := startStandIns("127.0.0.1:0", "127.0.0.1:0", tableausim.Config{})
	if err != nil {
		t.Fatal(err)
	}
	defer s.close()
	app := s.tableau.ConnectedApps()[0]
	file := func(secret string) string {
		dir := t.TempDir()
		name := filepath.Join(dir, "vitrine.yaml")
		text := fmt.Sprintf(`
listen: "127.0.0.1:0"
tableau:
  url: %q
  signIn: {method: connectedApp, trust: direct, clientID: %q, secretID: %q, secretFile: app, attributes: [{claim: department}]}
  sites: ["", marketing]
oidc: [{issuer: %q, audiences: [vitrine], username: {claim: preferred_username}}]
roles: [{name: everyone, allow: [CATALOG]}]
`, s.tableauURL, app.ClientID, app.SecretID, s.issuer)
		for file, content := range map[string]string{name: text, filepath.Join(dir, "app"): secret} {
			if err := os.WriteFile(file, []byte(content), 0o600); err != nil {
				t.Fatal(err)
			}
		}
		return name
	}
	out, _, err := call(t, nil, "check", "--config", file(app.Secret), "--user", "alice")
	if err != nil || !strings.Contains(out, "serve would work") || !strings.Contains(out, "tableau:content:read") || !strings.Contains(out, "tableau:users:read") {
		t.Errorf("good settings: %v\n%s", err, out)
	}
	if n := len(s.tableau.Sessions()); n != 0 {
		t.Errorf("check left %d sessions behind", n)
	}
	for name, c := range map[string]struct{ secret, user, want string }{
		"nobody named":   {app.Secret, "", "name one with --user"},
		"a stranger":     {app.Secret, "dave", "number 5"},
		"another case":   {app.Secret, "Alice", "letter by letter"},
		"a wrong secret": {"marked-secret-that-is-wrong-but-long-enough", "alice", "number 127"},
	} {
		args := []string{"check", "--config", file(c.secret)}
		if c.user != "" {
			args = append(args, "--user", c.user)
		}
		out, log, err := call(t, nil, args...)
		tried := c.user != "" // without a user nothing is tried, and nothing has failed
		if (err == nil) == tried || !strings.Contains(out, c.want) || strings.Contains(out+log, "marked-secret") {
			t.Errorf("%s: %v\n%s", name, err, out)
		}
	}
}
