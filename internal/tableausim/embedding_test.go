package tableausim_test

import (
	"encoding/json"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/go-jose/go-jose/v4"

	"vitrine/internal/tableausim"
)

// page asks for a page of the stand-in, or posts to it.
func (c *client) page(method, path, body string) answer {
	c.t.Helper()
	d := *c
	d.base = c.base[:strings.Index(c.base, "/api/")]
	d.token, d.accept = "", "*/*"
	return d.do(method, path, body)
}

func embedBody(token string) string {
	return `{"jwt":"` + token + `","parent":"https://portal.example.com"}`
}

// TestEmbedTokensAreCheckedClaimByClaim redeems tokens with one fault each.
func TestEmbedTokensAreCheckedClaimByClaim(t *testing.T) {
	t.Parallel()
	clk := newClock()
	portal := app
	portal.ClientID, portal.Domains = "only-portal", []string{"https://portal.example.com"}
	elsewhere := app
	elsewhere.ClientID, elsewhere.Domains = "only-elsewhere", []string{"https://intranet.example.com", "*.corp.example"}
	c := start(t, tableausim.Config{Now: clk.now, ConnectedApps: []tableausim.ConnectedApp{app, portal, elsewhere}})
	good := func() body {
		return claimsFor(clk.now(), app.ClientID, "alice").with("scp", []string{"tableau:views:embed"})
	}
	const view = "views/Superstore/Overview"
	for _, tt := range []struct {
		name, path, token, want string
		status                  int
	}{
		{"good", view, direct(t, good()), `"user":"alice"`, 200},
		{"audience in a list", view, direct(t, good().with("aud", []string{"tableau"})), `"user":"alice"`, 200},
		{"the page's origin is listed", view, direct(t, good().with("iss", "only-portal")), `"user":"alice"`, 200},
		{"the page's origin is not listed", view, direct(t, good().with("iss", "only-elsewhere")), "domain list", 403},
		{"two scopes", view, direct(t, good().with("scp", []string{"tableau:views:embed", "tableau:insights:embed"})), `"scopes":["tableau:views:embed","tableau:insights:embed"]`, 200},
		{"another audience", view, direct(t, good().with("aud", "vitrine")), "(10084)", 401},
		{"eleven minutes", view, direct(t, good().with("exp", clk.now().Add(11*time.Minute).Unix())), "(16)", 401},
		{"over", view, direct(t, good().with("exp", clk.now().Add(-time.Second).Unix())), "(10084)", 401},
		{"of the future", view, direct(t, good().with("iat", clk.now().Add(time.Minute).Unix())), "(10084)", 401},
		{"no subject", view, direct(t, good().with("sub", nil)), "(10084)", 401},
		{"nobody", view, direct(t, good().with("sub", "nobody")), "(5)", 401},
		{"name in another case", view, direct(t, good().with("sub", "Alice")), "(5)", 401},
		{"no jti", view, direct(t, good().with("jti", nil)), "(10094)", 401},
		{"scope as text", view, direct(t, good().with("scp", "tableau:views:embed")), "(10097)", 401},
		{"no scope", view, direct(t, good().with("scp", nil)), "(10099)", 401},
		{"a scope of the REST API", view, direct(t, good().with("scp", []string{"tableau:content:read"})), "(10099)", 401},
		{"unknown app", view, direct(t, good().with("iss", "another")), "(126)", 401},
		{"another secret", view, sign(t, jose.HS256, []byte(strings.Repeat("x", 40)), app.SecretID, good()), "(127)", 401},
		{"no token", view, "", "Sign in", 401},
		{"no view", "views/Superstore/Nothing", direct(t, good()), "could not be found", 404},
		{"what alice does not see", "views/BudgetControl/Budgetvs.Actual", direct(t, good()), "could not be found", 404},
		{"editing without its scope", "authoring/Superstore/Overview", direct(t, good()), "(10099)", 401},
		{"editing", "authoring/Superstore/Overview", direct(t, good().with("scp", []string{"tableau:views:embed_authoring"})), `"user":"alice"`, 200},
		{"another site", "t/marketing/views/CampaignOverview/CampaignOverview", direct(t, good()), `"site":"marketing"`, 200},
	} {
		if a := c.page(http.MethodPost, tt.path, embedBody(tt.token)); a.status != tt.status || !strings.Contains(a.body, tt.want) {
			t.Errorf("%s: %d %.200s, want %d with %s", tt.name, a.status, a.body, tt.status, tt.want)
		}
	}
	once := direct(t, good())
	c.page(http.MethodPost, view, embedBody(once))
	if a := c.page(http.MethodPost, view, embedBody(once)); a.status != http.StatusUnauthorized || !strings.Contains(a.body, "(10091)") {
		t.Errorf("used again: %d %s", a.status, a.body)
	}
	if c.sim.Count("POST embed") == 0 || len(c.sim.Sessions()) != 0 {
		t.Errorf("%v, %v", c.sim.Counts(), c.sim.Sessions())
	}
}

func TestEmbeddedPagesAndScripts(t *testing.T) {
	t.Parallel()
	c := start(t, tableausim.Config{EmbedOrigins: []string{"https://portal.example.com"}})
	a := c.page(http.MethodGet, "views/Superstore/Overview", "")
	if csp := a.header.Get("Content-Security-Policy"); a.status != http.StatusOK || !strings.HasSuffix(csp, "frame-ancestors https://portal.example.com") {
		t.Errorf("%d %s", a.status, csp)
	}
	for origin, want := range map[string]int{"https://portal.example.com": http.StatusForbidden, "null": http.StatusForbidden, c.base[:strings.Index(c.base, "/api/")]: http.StatusUnauthorized} {
		r, err := http.NewRequestWithContext(t.Context(), http.MethodPost, c.base[:strings.Index(c.base, "/api/")]+"/views/Superstore/Overview", strings.NewReader(embedBody("")))
		if err != nil {
			t.Fatal(err)
		}
		r.Header.Set("Origin", origin)
		res, err := http.DefaultClient.Do(r)
		if err != nil {
			t.Fatal(err)
		}
		if _ = res.Body.Close(); res.StatusCode != want {
			t.Errorf("a token from %s: %d", origin, res.StatusCode)
		}
	}
	a = c.page(http.MethodGet, "javascripts/api/tableau.embedding.3.latest.min.js", "")
	if a.status != http.StatusOK || !strings.Contains(a.body, "tableau-viz") || a.header.Get("Access-Control-Allow-Origin") != "*" {
		t.Errorf("%d %v", a.status, a.header)
	}
}

// TestRecordedEmbedTokenIsTaken redeems a token that was not made here.
func TestRecordedEmbedTokenIsTaken(t *testing.T) {
	t.Parallel()
	dir := os.Getenv("VITRINE_RECORDED")
	if dir == "" {
		t.Skip("VITRINE_RECORDED is not set: there is no recorded token")
	}
	text, err := os.ReadFile(filepath.Join(dir, "next", "documents", "embed-jwt-vector.json"))
	if err != nil {
		t.Fatal(err)
	}
	var vector struct{ Secret, Token string }
	if err := json.Unmarshal(text, &vector); err != nil {
		t.Fatal(err)
	}
	c := start(t, tableausim.Config{
		Now: func() time.Time { return time.Unix(1767225700, 0) },
		ConnectedApps: []tableausim.ConnectedApp{{
			ClientID: "c1a2b3d4-0000-4000-8000-0000000000bb", SecretID: "7d1c0f4e-0000-4000-8000-0000000000aa", Secret: vector.Secret, Enabled: true,
		}},
	})
	if _, err := c.sim.AddUser("", tableausim.User{Name: "mia@example.com", FullName: "Mia"}); err != nil {
		t.Fatal(err)
	}
	if a := c.page(http.MethodPost, "views/Superstore/Overview", embedBody(vector.Token)); a.status != http.StatusOK || !strings.Contains(a.body, `"user":"mia@example.com"`) {
		t.Errorf("%d %.300s", a.status, a.body)
	}
}
