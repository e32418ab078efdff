package sessions_test

import (
	"encoding/json"
	"errors"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/go-jose/go-jose/v4"
	"github.com/google/go-cmp/cmp"

	"vitrine/auth"
	"vitrine/internal/sessions"
	"vitrine/internal/tableau"
)

const embedSecret = "test-secret-test-secret-test-secret-01"

func embedApp() sessions.EmbedApp {
	return sessions.EmbedApp{
		ClientID: "c1a2b3d4-0000-4000-8000-0000000000bb", SecretID: "7d1c0f4e-0000-4000-8000-0000000000aa",
		Secret: tableau.NewSecret(embedSecret), Lifetime: 295 * time.Second,
	}
}

// embedTokens signs at the time of the recorded token: its iat is 5 seconds back.
func embedTokens(t *testing.T, app sessions.EmbedApp) *sessions.EmbedTokens {
	t.Helper()
	tokens, err := sessions.NewEmbedTokens(map[string]sessions.EmbedApp{"sales": app}, func() time.Time { return time.Unix(1767225605, 600_000_000) })
	if err != nil {
		t.Fatal(err)
	}
	return tokens
}

// verified returns header and claims of a token after its signature was checked.
func verified(t *testing.T, token, secret string) (header, claims map[string]any) {
	t.Helper()
	signed, err := jose.ParseSignedCompact(token, []jose.SignatureAlgorithm{jose.HS256})
	if err != nil {
		t.Fatal(err)
	}
	payload, err := signed.Verify([]byte(secret))
	if err != nil {
		t.Fatal(err)
	}
	if err := json.Unmarshal(payload, &claims); err != nil {
		t.Fatal(err)
	}
	h := signed.Signatures[0].Protected
	header = map[string]any{"alg": h.Algorithm, "kid": h.KeyID}
	for key, value := range h.ExtraHeaders {
		header[string(key)] = value
	}
	return header, claims
}

// TestEmbedTokenIsLikeTheRecordedOne compares claim by claim; only the id differs.
func TestEmbedTokenIsLikeTheRecordedOne(t *testing.T) {
	t.Parallel()
	dir := os.Getenv("VITRINE_RECORDED")
	if dir == "" {
		t.Skip("SKIPPED: VITRINE_RECORDED names no directory of recorded answers")
	}
	data, err := os.ReadFile(filepath.Join(dir, "next", "documents", "embed-jwt-vector.json"))
	if err != nil {
		t.Fatal(err)
	}
	var vector struct{ Secret, HeaderJSON, ClaimsJSON, Token string }
	if err := json.Unmarshal(data, &vector); err != nil {
		t.Fatal(err)
	}
	token, err := embedTokens(t, embedApp()).Issue(&auth.Identity{Username: "mia@example.com"}, "sales", "Viewer", []string{"tableau:views:embed"})
	if err != nil {
		t.Fatal(err)
	}
	header, claims := verified(t, token.Token.Reveal(), vector.Secret)
	wantHeader, wantClaims := verified(t, vector.Token, vector.Secret)
	if diff := cmp.Diff(wantHeader, header); diff != "" {
		t.Errorf("header (-want +got):\n%s", diff)
	}
	if id, _ := claims["jti"].(string); !regexp.MustCompile(`^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$`).MatchString(id) || id != token.ID {
		t.Errorf("jti is %q, the token says %q", id, token.ID)
	}
	delete(claims, "jti")
	delete(wantClaims, "jti")
	if diff := cmp.Diff(wantClaims, claims); diff != "" {
		t.Errorf("claims (-want +got):\n%s", diff)
	}
	if token.Expires.Unix() != int64(claims["exp"].(float64)) {
		t.Errorf("it says that it expires at %v, and its claim is %v", token.Expires, claims["exp"])
	}
}

func TestEmbedTokensAreOfTheCallerAlone(t *testing.T) {
	t.Parallel()
	app := embedApp()
	app.Attributes = []sessions.Attribute{{Claim: "region", Name: "region"}, {Claim: "missing", Name: "missing"}}
	tokens := embedTokens(t, app)
	id := &auth.Identity{Username: "mia", Claims: map[string][]string{
		"region": {"West", "North"}, "sub": {"admin"}, "scp": {"tableau:content:read"}, "username": {"admin"},
	}}
	seen := map[string]bool{}
	for range 50 {
		token, err := tokens.Issue(id, "sales", "Viewer", []string{"tableau:views:embed"})
		if err != nil {
			t.Fatal(err)
		}
		_, claims := verified(t, token.Token.Reveal(), embedSecret)
		want := map[string]any{
			"iss": app.ClientID, "aud": "tableau", "sub": "mia", "jti": token.ID, "scp": []any{"tableau:views:embed"},
			"iat": 1767225600.0, "exp": 1767225900.0, "region": []any{"West", "North"},
		}
		if diff := cmp.Diff(want, claims); diff != "" {
			t.Fatalf("claims (-want +got):\n%s", diff)
		}
		if seen[token.ID] {
			t.Fatalf("the id %s is there twice", token.ID)
		}
		seen[token.ID] = true
	}
}

func TestEmbedTokensAreRefused(t *testing.T) {
	t.Parallel()
	tokens := embedTokens(t, embedApp())
	for _, tt := range []struct{ name, user, site string }{
		{"another site", "mia", "finance"},
		{"no name", "", "sales"},
		{"a name with a line end", "mia\nadmin", "sales"},
		{"a name that is too long", strings.Repeat("m", 10_000), "sales"},
	} {
		if token, err := tokens.Issue(&auth.Identity{Username: tt.user}, tt.site, "Viewer", []string{"tableau:views:embed"}); err == nil {
			t.Errorf("%s: issued %v", tt.name, token)
		}
	}
	var none *sessions.EmbedTokens
	if none.Signs("sales") || !tokens.Signs("sales") || tokens.Signs("SALES") {
		t.Error("tokens are signed for other sites than those with an app")
	}
}

func TestEmbedAppsAreChecked(t *testing.T) {
	t.Parallel()
	for name, change := range map[string]func(*sessions.EmbedApp){
		"no client":        func(a *sessions.EmbedApp) { a.ClientID = "" },
		"no secret id":     func(a *sessions.EmbedApp) { a.SecretID = "" },
		"no secret":        func(a *sessions.EmbedApp) { a.Secret = tableau.Secret{} },
		"a short secret":   func(a *sessions.EmbedApp) { a.Secret = tableau.NewSecret(embedSecret[:31]) },
		"no lifetime":      func(a *sessions.EmbedApp) { a.Lifetime = 0 },
		"a long lifetime":  func(a *sessions.EmbedApp) { a.Lifetime = 5*time.Minute + 1 },
		"a claim replaced": func(a *sessions.EmbedApp) { a.Attributes = []sessions.Attribute{{Claim: "x", Name: "SUB"}} },
	} {
		app := embedApp()
		change(&app)
		_, err := sessions.NewEmbedTokens(map[string]sessions.EmbedApp{"sales": app}, nil)
		if err == nil {
			t.Errorf("%s: accepted", name)
		} else if strings.Contains(err.Error(), embedSecret[:31]) {
			t.Errorf("%s: the error has the secret: %v", name, err)
		}
	}
	if text := embedApp().String() + embedApp().GoString(); strings.Contains(text, embedSecret) {
		t.Errorf("printed with its secret: %s", text)
	}
}

func TestAdministratorsGetNoEmbedToken(t *testing.T) {
	t.Parallel()
	dangerous := embedApp()
	dangerous.DangerouslyForSiteAdministrators = true
	for _, tt := range []struct {
		role           tableau.SiteRole
		usual, allowed bool
	}{
		{"Viewer", true, true},
		{"Explorer", true, true},
		{"ExplorerCanPublish", true, true},
		{"Creator", true, true},
		{"SiteAdministratorExplorer", false, true},
		{"SiteAdministratorCreator", false, true},
		{"SiteAdministrator", false, true},
		{"ServerAdministrator", false, false},
		{"SupportUser", false, false},
		{"Unlicensed", false, false},
		{"Guest", false, false},
		{"viewer", false, false},
		{"SomethingNew", false, false},
		{"", false, false},
	} {
		for _, app := range []sessions.EmbedApp{embedApp(), dangerous} {
			want := tt.usual
			if app.DangerouslyForSiteAdministrators {
				want = tt.allowed
			}
			_, err := embedTokens(t, app).Issue(&auth.Identity{Username: "mia"}, "sales", tt.role, []string{"tableau:views:embed"})
			if (err == nil) != want || err != nil && !errors.Is(err, sessions.ErrEmbedForbidden) {
				t.Errorf("%q, for site administrators %v: %v", tt.role, app.DangerouslyForSiteAdministrators, err)
			}
		}
	}
}
