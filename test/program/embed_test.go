package program

import (
	"encoding/json"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/go-jose/go-jose/v4"
	"github.com/google/go-cmp/cmp"

	"vitrine/internal/config"
	"vitrine/test/harness"
)

const embedKey = "the secret of the app for embedding alone"

// withEmbedding opens EMBED to analysts and administrators.
func withEmbedding(c *config.Config) {
	c.Tableau.Embed = &config.Embed{ClientID: "embed-app", SecretID: "embed-secret", Secret: embedKey, TokenLifetime: 5 * time.Minute}
	for i := range c.Roles {
		if c.Roles[i].Name != "everyone" {
			c.Roles[i].Allow = append(slices.Clone(c.Roles[i].Allow), "EMBED")
		}
	}
}

const embedQuery = `{site(contentUrl: "") {views(first: 1) {nodes {luid embedUrl embed {token expiresAt src libraryUrl scopes}}}}}`

// embedOf returns the one view of an answer to embedQuery.
func embedOf(t *testing.T, a *harness.Answer) (view struct {
	LUID, EmbedURL string
	Embed          *struct {
		Token, ExpiresAt, Src, LibraryURL string
		Scopes                            []string
	}
},
) {
	t.Helper()
	var body struct {
		Data struct {
			Site struct {
				Views struct{ Nodes []json.RawMessage }
			}
		}
	}
	if err := json.Unmarshal([]byte(a.Body), &body); err != nil || len(body.Data.Site.Views.Nodes) != 1 {
		t.Fatalf("%v: %s", err, a.Body)
	}
	if err := json.Unmarshal(body.Data.Site.Views.Nodes[0], &view); err != nil {
		t.Fatal(err)
	}
	return view
}

func TestEmbedTokensAreTheCallersAndAreKeptNowhere(t *testing.T) {
	t.Parallel()
	p := startLogging(t, withEmbedding)
	answer := p.Post(t, p.Token(t, "alice"), embedQuery)
	view := embedOf(t, answer)
	if view.Embed == nil {
		t.Fatalf("no token: %s", answer.Body)
	}
	signed, err := jose.ParseSignedCompact(view.Embed.Token, []jose.SignatureAlgorithm{jose.HS256})
	if err != nil {
		t.Fatal(err)
	}
	payload, err := signed.Verify([]byte(embedKey))
	if err != nil {
		t.Fatal(err)
	}
	var claims struct {
		Iss, Sub, Aud, Jti string
		Iat, Exp           int64
		Scp                []string
	}
	if err := json.Unmarshal(payload, &claims); err != nil {
		t.Fatal(err)
	}
	if claims.Sub != "alice" || claims.Iss != "embed-app" || claims.Aud != "tableau" || claims.Jti == "" || !slices.Equal(claims.Scp, []string{"tableau:views:embed"}) {
		t.Errorf("claims: %+v", claims)
	}
	if life := claims.Exp - claims.Iat; life != 305 || view.Embed.ExpiresAt != time.Unix(claims.Exp, 0).UTC().Format(time.RFC3339) {
		t.Errorf("it can be redeemed for %d seconds, until %s", life, view.Embed.ExpiresAt)
	}
	if view.Embed.Src == "" || view.Embed.Src != view.EmbedURL || !strings.HasSuffix(view.Embed.LibraryURL, "/javascripts/api/tableau.embedding.3.latest.min.js") {
		t.Errorf("src %q, embedUrl %q, library %q", view.Embed.Src, view.EmbedURL, view.Embed.LibraryURL)
	}
	if got := answer.Header.Get("Cache-Control"); got != "no-store" {
		t.Errorf("Cache-Control is %q", got)
	}
	events := p.events(t, "embed token issued")
	if len(events) != 1 {
		t.Fatalf("%d lines in the log", len(events))
	}
	got := map[string]any{}
	for _, key := range []string{"requestId", "user", "site", "siteRole", "view", "tokenId", "scopes"} {
		got[key] = events[0][key]
	}
	want := map[string]any{
		"requestId": answer.Header.Get("X-Request-Id"), "user": "alice", "site": "", "siteRole": "Explorer", "view": view.LUID, "tokenId": claims.Jti,
		"scopes": []any{"tableau:views:embed"},
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("the log (-want +got):\n%s", diff)
	}
	for _, part := range strings.Split(view.Embed.Token, ".")[1:] {
		if strings.Contains(p.Log.String(), part) {
			t.Error("the log has the token")
		}
	}
}

func TestEmbedTokensAreForTheRolesThatNameThem(t *testing.T) {
	t.Parallel()
	p := startLogging(t, withEmbedding)
	if a := p.Post(t, p.Token(t, "bob"), embedQuery); a.Codes() != "GRAPHQL_VALIDATION_FAILED" || !strings.Contains(a.Errors[0].Message, `Cannot query field "embed"`) {
		t.Errorf("without the area: %s %v", a.Codes(), a.Body)
	}
	a := p.Post(t, p.Token(t, "carol"), embedQuery)
	if view := embedOf(t, a); view.Embed != nil || a.Codes() != "EMBED_FORBIDDEN" {
		t.Errorf("a site administrator: %v %s", view.Embed, a.Codes())
	}
	if events := p.events(t, "embed token issued"); len(events) != 0 {
		t.Errorf("the log has %v", events)
	}
}

func TestEmbedTokensAreGivenToPOSTAlone(t *testing.T) {
	t.Parallel()
	p := startLogging(t, withEmbedding)
	for _, query := range []string{
		embedQuery, `{site(contentUrl: "") {embedToken {token}}}`, `{site(contentUrl: "") {...on Site {...S}}} fragment S on Site {embedToken @skip(if: true) {token}}`,
		`query($on: Boolean = false) {site(contentUrl: "") {workbooks(first: 1) {nodes {embed @include(if: $on) {token}}}}}`,
	} {
		for _, method := range []string{http.MethodGet, http.MethodHead} {
			r, err := http.NewRequestWithContext(t.Context(), method, p.Address+"/graphql?query="+url.QueryEscape(query), http.NoBody)
			if err != nil {
				t.Fatal(err)
			}
			r.Header.Set("Authorization", "Bearer "+p.Token(t, "alice"))
			r.Header.Set("Accept", "application/graphql-response+json")
			a := harness.Send(t, r)
			if a.Status != http.StatusMethodNotAllowed || a.Header.Get("Allow") != "POST" || a.Header.Get("Etag") != "" || a.Header.Get("Cache-Control") != "no-store" {
				t.Errorf("%s %s: %d %v", method, query, a.Status, a.Header)
			}
		}
	}
	if events := p.events(t, "embed token issued"); len(events) != 0 {
		t.Errorf("the log has %v", events)
	}
}

func TestOneDocumentGetsOneEmbedToken(t *testing.T) {
	t.Parallel()
	p := startLogging(t, withEmbedding)
	for _, query := range []string{
		`{site(contentUrl: "") {views(first: 5) {nodes {embed {token}}}}}`,
		`{site(contentUrl: "") {a: embedToken {token} b: embedToken {token}}}`,
		`{site(contentUrl: "") {embedToken {token} workbooks(first: 1) {nodes {embed {token}}}}}`,
		`{a: site(contentUrl: "") {embedToken {token}} b: site(contentUrl: "marketing") {embedToken {token}}}`,
	} {
		p.Log.Reset()
		a := p.Post(t, p.Token(t, "alice"), query)
		if n := strings.Count(a.Body, `"token":"`); n != 1 || !strings.Contains(a.Codes(), "BAD_USER_INPUT") || len(p.events(t, "embed token issued")) != 1 {
			t.Errorf("%s: %d tokens, %s", query, n, a.Codes())
		}
	}
}

// TestEmbedSecretIsReplacedByAReload: two secrets of an app are there while one replaces the other.
func TestEmbedSecretIsReplacedByAReload(t *testing.T) {
	t.Parallel()
	p := startLogging(t, withEmbedding)
	const second = "the second secret of the app for embedding"
	if a := p.Post(t, p.Token(t, "alice"), embedQuery); a.Codes() != "" { // it serves
		t.Fatal(a.Body)
	}
	if err := p.App.Reload(p.changed(func(c *config.Config) {
		app := *c.Tableau.Embed
		app.SecretID, app.Secret = "second-secret", second
		c.Tableau.Embed = &app
	})); err != nil {
		t.Fatal(err)
	}
	view := embedOf(t, p.Post(t, p.Token(t, "alice"), embedQuery))
	if view.Embed == nil {
		t.Fatal("no token")
	}
	signed, err := jose.ParseSignedCompact(view.Embed.Token, []jose.SignatureAlgorithm{jose.HS256})
	if err != nil {
		t.Fatal(err)
	}
	if _, err := signed.Verify([]byte(second)); err != nil || signed.Signatures[0].Header.KeyID != "second-secret" {
		t.Errorf("the token is not signed with the new secret: %v", err)
	}
	if strings.Contains(p.Log.String(), second) {
		t.Error("the log has the secret")
	}
}

func TestSitesWithoutAnAppGiveNoEmbedToken(t *testing.T) {
	t.Parallel()
	p := startLogging(t, func(c *config.Config) {
		withEmbedding(c)
		for i := range c.Tableau.Sites {
			if c.Tableau.Sites[i].ContentURL == "marketing" {
				c.Tableau.Sites[i].Embed = c.Tableau.Embed
			}
		}
		c.Tableau.Embed = nil
	})
	for site, codes := range map[string]string{"": "TABLEAU_UNSUPPORTED", "marketing": ""} {
		a := p.Post(t, p.Token(t, "alice"), `{site(contentUrl: "`+site+`") {embedToken {token}}}`)
		if a.Codes() != codes {
			t.Errorf("site %q: %q %s", site, a.Codes(), a.Body)
		}
	}
}
