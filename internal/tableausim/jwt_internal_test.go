package tableausim

import (
	"strconv"
	"strings"
	"testing"
	"time"
)

// FuzzParseJWT holds that no text breaks the parser, and that nothing unsigned that it parses is
// accepted.
func FuzzParseJWT(f *testing.F) {
	f.Add("eyJhbGciOiJub25lIn0.eyJzdWIiOiJhZG1pbiJ9.")
	f.Add("eyJhbGciOiJIUzI1NiJ9.e30.AAAA")
	f.Add("..")
	f.Add(strings.Repeat(".", 20))
	f.Fuzz(func(t *testing.T, text string) {
		token, err := parseJWT(text)
		if err != nil {
			return
		}
		if token.signedWith([]byte("a key")) || token.signedWith([]byte(nil)) || token.signedWith(nil) {
			t.Errorf("%q passes for genuine", text)
		}
		for name := range token.claims {
			token.claims.text(name)
			token.claims.texts(name)
			token.claims.moment(name)
		}
	})
}

func TestScopesCoverByPart(t *testing.T) {
	t.Parallel()
	tests := []struct {
		granted, wanted string
		want            bool
	}{
		{"tableau:content:read", "tableau:content:read", true},
		{"tableau:content:*", "tableau:content:read", true},
		{"tableau:*:read", "tableau:content:read", true},
		{"tableau:*:*", "tableau:content:read", true},
		{"tableau:*:*", "tableau:*:*", true},
		{"tableau:content:*", "tableau:*:*", false},
		{"tableau:content", "tableau:content:read", false},
		{"tableau:cont*:read", "tableau:content:read", false},
		{"tableau:content:read", "tableau:content:readwrite", false},
		{"*", "tableau:content:read", false},
	}
	for _, tt := range tests {
		if got := covers(tt.granted, tt.wanted); got != tt.want {
			t.Errorf("%s covers %s: %t, want %t", tt.granted, tt.wanted, got, tt.want)
		}
	}
}

// TestMethodsSayTheirScope holds that a new method is not forgotten: with no scope it is closed to
// JWTs.
func TestMethodsSayTheirScope(t *testing.T) {
	t.Parallel()
	closed := map[string]bool{
		"sites/{site}/settings/embedding": true, "sites/{site}/settings/extensions": true, "sites/{site}/settings/notifications": true,
		"sites/{site}/settings/mcp": true, "sites/{site}/site-auth-configurations": true, "sites/{site}/site-oidc-configuration": true,
		"sites/{site}/scimConfigurations": true,
		"sites/{site}/dataAlerts":         true, "sites/{site}/dataAlerts/{id}": true,
		"auth/switchSite": true, "sites/{site}/users/{id}/personal-access-tokens": true,
		"settings/extensions": true, "domains": true,
		"exp/sites/{site}/customviews/{id}/content": true, "sites/{site}/flows/{id}/content": true,
		"sites/{site}/recommendations":                     true,
		"sites/{site}/virtualconnections/{id}/connections": true, "sites/{site}/virtualconnections/{id}/revisions": true,
		"sites/{site}/dataQualityTriggers/{kind}/{id}": true, "sites/{site}/dataQualityCertifications/{kind}/{id}": true,
		"sites/{site}/virtualconnections": true, "sites/{site}/virtualconnections/{id}": true,
		"sites/{site}/virtualconnections/{id}/revisions/{number}": true, "sites/{site}/site-oidc-configuration/{id}": true,
		"sites/{site}/settings/mobilesecuritysettings": true, "settings/mobilesecuritysettings": true,
		"sites/{site}/dataQualityTriggers/{id}": true, "sites/{site}/dataQualityCertifications/{id}": true,
		"-/authn-service/auth-configurations": true, "-/authn-service/identity-pools": true, "-/authn-service/identity-stores": true,
		"sites/{site}/tasks/dataAcceleration": true, "-/askdata/lenses": true, // retired before scopes came
	}
	for _, r := range table() {
		if r.open || closed[r.path] {
			continue
		}
		if since, ok := known[r.scope.name]; !ok || r.scope.since.less(since) {
			t.Errorf("%s %s: scope %q is not known since %s", r.method, r.path, r.scope.name, r.scope.since)
		}
	}
}

func TestUsedTokensAreForgottenOnceTheyAreOver(t *testing.T) {
	t.Parallel()
	now := time.Date(2026, 3, 1, 9, 0, 0, 0, time.UTC)
	s := New(Config{Now: func() time.Time { return now }})
	p := &proof{method: ByDirect, issuer: "app"}
	for i := range 10 * minSweep {
		if !s.trust.use(p, strconv.Itoa(i), now.Add(time.Second)) {
			t.Fatal("refused a new one")
		}
		now = now.Add(time.Minute)
	}
	if n := len(s.trust.used); n > 2*minSweep {
		t.Errorf("%d are held", n)
	}
	if other := (&proof{method: ByDirect, issuer: "other"}); !s.trust.use(p, "x", now.Add(time.Minute)) || s.trust.use(p, "x", now) || !s.trust.use(other, "x", now) {
		t.Error("a token is taken for another")
	}
}
