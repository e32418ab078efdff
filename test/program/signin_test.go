package program

import (
	"encoding/json"
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
	"vitrine/internal/server"
	"vitrine/internal/standin"
	"vitrine/internal/tableausim"
	"vitrine/resolvers"
	"vitrine/test/harness"
)

// Whatever the method: people see what Tableau shows them, strangers see nothing and disturb
// nobody, nobody stays signed in, and sessions may do no more than the roles need.
func TestEverySignInMethodServes(t *testing.T) {
	t.Parallel()
	for name, m := range harness.SignInMethods(t) {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			var scopes []string
			p := &program{m.Start(t, func(c *config.Config) { scopes = m.Scopes(t, c.Roles) })}
			site, mail := "", ""
			if m.Cloud {
				site, mail = tableausim.CloudSite, "@example.com"
			}
			query := fmt.Sprintf(`{ viewer { username } sites { contentUrl } site(contentUrl: %q) { luid mySiteRole me { name }
				workbooks(first: 1000) { totalCount nodes { name owner { fullName } project { name } views { name } } } } }`, site)
			answers := map[string]string{}
			for _, user := range []string{"alice", "bob", "carol"} {
				got := p.Post(t, p.Token(t, user), query)
				me := fmt.Sprintf(`"me":{"name":%q`, user+mail)
				if got.Codes() != "" || !strings.Contains(got.Body, me) || strings.Contains(got.Body, `"luid":null`) {
					t.Errorf("%s: %.400s", user, got.Body)
				}
				answers[user] = marshalled(t, got.Data["site"])
				one := fmt.Sprintf(`{ site(contentUrl: %q) { workbook(by: {luid: %q}) { name views { name path viewCount } } } }`,
					site, p.Tableau.WorkbookID(site, "Superstore"))
				if got := p.Post(t, p.Token(t, user), one); got.Codes() != "" && got.Codes() != "NOT_FOUND" {
					t.Errorf("%s: views of one workbook: %.300s", user, got.Body)
				}
			}
			if answers["alice"] == answers["bob"] || answers["bob"] == answers["carol"] {
				t.Error("two people see the same")
			}
			p.strangerStopsNobody(t, site)
			for _, s := range p.Tableau.Sessions() {
				if s.Method != m.By || !slices.Equal(s.Scopes, scopes) {
					t.Errorf("%v has the scopes %v, want %v", s, s.Scopes, scopes)
				}
			}
			ends := p.Tableau.EndSessions(nil)
			if again := p.Post(t, p.Token(t, "alice"), query); ends < 3 || again.Codes() != "" || marshalled(t, again.Data["site"]) != answers["alice"] {
				t.Errorf("after %d sessions were ended: %.300s", ends, again.Body)
			}
			for _, secret := range []string{harness.SimApp.Secret, "eyJ", "PRIVATE KEY"} {
				if strings.Contains(p.Log.String(), secret) {
					t.Errorf("the log holds %q", secret)
				}
			}
		})
	}
}

// strangerStopsNobody has somebody ask a thousand times whom Tableau does not know, and others in
// between. A refusal is remembered for 30 s.
func (p *program) strangerStopsNobody(t *testing.T, site string) {
	t.Helper()
	dave, alice := p.Token(t, "dave"), p.Token(t, "alice")
	query := fmt.Sprintf(`{ site(contentUrl: %q) { me { name } } }`, site)
	began, before := time.Now(), p.Tableau.Counts()
	var wait sync.WaitGroup
	for range 10 {
		wait.Go(func() {
			for range 100 {
				if got := p.Post(t, dave, query); got.Codes() != "TABLEAU_USER_UNKNOWN" {
					t.Errorf("dave: %.300s", got.Body)
				}
			}
			if got := p.Post(t, alice, query); got.Codes() != "" {
				t.Errorf("alice, while dave asks: %.300s", got.Body)
			}
		})
	}
	wait.Wait()
	calls := 0
	for template, n := range p.Tableau.Counts() {
		if strings.Contains(template, "auth/signin") || template == "GET sites/{site}/users" {
			calls += n - before[template]
		}
	}
	// The name as it is, and in other case; and the administrator's session again, if the same
	// token has looked somebody up on another site. real time: a slower machine is allowed more
	if most := 4 * (1 + int(time.Since(began)/(30*time.Second))); calls > most {
		t.Errorf("a stranger who asks 1,000 times costs %d look-ups and sign-ins, more than %d", calls, most)
	}
	t.Logf("1,000 questions of a stranger: %d look-ups and sign-ins", calls)
}

// A site may use another method than the next.
func TestSitesSignInEachTheirWay(t *testing.T) {
	t.Parallel()
	direct, oauth := harness.DirectTrust(), harness.OAuthTrust()
	m := harness.SignInMethod{World: tableausim.Config{ConnectedApps: []tableausim.ConnectedApp{harness.SimApp}}}
	p := &program{m.Start(t, func(c *config.Config) { c.Tableau.Sites[1].SignIn, c.Tableau.Sites[2].SignIn = &direct, &oauth })}
	got := p.Post(t, p.Token(t, "carol"), `{ a: site(contentUrl: "") { luid } b: site(contentUrl: "marketing") { luid } c: site(contentUrl: "finance") { luid } }`)
	if got.Codes() != "" {
		t.Fatal(got.Body)
	}
	want := map[string]string{"": tableausim.ByPAT, "marketing": tableausim.ByDirect, "finance": tableausim.ByOAuth}
	by := map[string]string{}
	for _, s := range p.Tableau.Sessions() {
		by[s.Site] = s.Method
	}
	if diff := cmp.Diff(want, by); diff != "" {
		t.Errorf("methods (-want +got):\n%s", diff)
	}
}

func TestUserAttributesReachTableau(t *testing.T) {
	t.Parallel()
	signIn := harness.DirectTrust()
	signIn.Attributes = []config.Attribute{{Claim: "department", Name: "Dept"}, {Claim: "realm.regions", Name: "Region"}}
	m := harness.SignInMethod{World: tableausim.Config{ConnectedApps: []tableausim.ConnectedApp{harness.SimApp}}, SignIn: signIn}
	p := &program{m.Start(t, nil)}
	ask := func(department any) *harness.Answer {
		token, err := p.Provider.TokenWith("alice", func(claims, _ map[string]any) {
			claims["department"], claims["realm"] = department, map[string]any{"regions": []string{"North", "South"}}
		})
		if err != nil {
			t.Fatal(err)
		}
		return p.Post(t, token, `{ site(contentUrl: "") { me { name } } }`)
	}
	for _, department := range []any{"Sales", "Sales", 7} {
		if got := ask(department); got.Codes() != "" {
			t.Fatal(got.Body)
		}
	}
	if got := ask(map[string]any{"a": 1}); got.Codes() != "FORBIDDEN" || got.Status != http.StatusForbidden {
		t.Errorf("a claim that is no text: %s", got.Body)
	}
	if got := ask(strings.Repeat("x", 5000)); got.Codes() != "FORBIDDEN" {
		t.Errorf("a claim that is too long: %.300s", got.Body)
	}
	var attributes []string
	for _, s := range p.Tableau.Sessions() {
		attributes = append(attributes, fmt.Sprint(s.Attributes))
	}
	slices.Sort(attributes)
	want := []string{"map[Dept:[7] Region:[North South]]", "map[Dept:[Sales] Region:[North South]]"}
	if diff := cmp.Diff(want, attributes); diff != "" {
		t.Errorf("sessions by attributes (-want +got):\n%s", diff)
	}
}

// What Tableau reads of the issuer is public and holds no private part; what is signed with its key
// opens Tableau alone.
func TestIssuerForTableauOpensNothingHere(t *testing.T) {
	t.Parallel()
	p := &program{harness.SignInMethod{SignIn: harness.OAuthTrust()}.Start(t, nil)}
	issuer := p.Address + "/tableau-issuer"
	get := func(path string) map[string]any {
		t.Helper()
		r, err := http.NewRequestWithContext(t.Context(), http.MethodGet, p.Address+path, nil)
		if err != nil {
			t.Fatal(err)
		}
		got := harness.Send(t, r)
		var document map[string]any
		if err := json.Unmarshal([]byte(got.Body), &document); err != nil || got.Status != http.StatusOK {
			t.Fatalf("%s: %d %s", path, got.Status, got.Body)
		}
		return document
	}
	for _, path := range []string{"/tableau-issuer/.well-known/openid-configuration", "/tableau-issuer/.well-known/oauth-authorization-server", "/.well-known/oauth-authorization-server/tableau-issuer"} {
		if document := get(path); document["issuer"] != issuer || document["jwks_uri"] != issuer+"/keys" {
			t.Errorf("%s: %v", path, document)
		}
	}
	key := get("/tableau-issuer/keys")["keys"].([]any)[0].(map[string]any)
	if key["kty"] != "RSA" || key["alg"] != "RS256" || key["d"] != nil || key["p"] != nil {
		t.Errorf("the key set has %v", key)
	}

	now := time.Now()
	for _, audience := range []string{"vitrine", "tableau"} {
		options := (&jose.SignerOptions{}).WithType("at+jwt").WithHeader("kid", key["kid"])
		signer, err := jose.NewSigner(jose.SigningKey{Algorithm: jose.RS256, Key: harness.SigningKey()}, options)
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
		if got := p.Post(t, token, `{ viewer { username } }`); got.Status != http.StatusUnauthorized {
			t.Errorf("a token for %s that this server signed itself: %d %s", audience, got.Status, got.Body)
		}
	}

	settings := *p.App.Settings
	settings.OIDC = slices.Clone(settings.OIDC)
	settings.OIDC[0].URL = issuer
	if _, err := server.New(&settings, p.Address, p.App.Logger); err == nil || !strings.Contains(err.Error(), "is this server itself") {
		t.Errorf("this server as its own provider: %v", err)
	}

	without := start(t, tableausim.Config{}, nil)
	r, _ := http.NewRequestWithContext(t.Context(), http.MethodGet, without.Address+"/tableau-issuer/keys", nil)
	if got := harness.Send(t, r); got.Status != http.StatusNotFound {
		t.Errorf("keys of no issuer: %d", got.Status)
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
		roles, err := server.NewPolicy(&config.Config{Roles: test.roles})
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
	s, err := standin.Start("127.0.0.1:0", "127.0.0.1:0", tableausim.Config{})
	if err != nil {
		t.Fatal(err)
	}
	defer s.Close()
	app := s.Tableau.ConnectedApps()[0]
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
`, s.TableauURL, app.ClientID, app.SecretID, s.Issuer)
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
	if n := len(s.Tableau.Sessions()); n != 0 {
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
