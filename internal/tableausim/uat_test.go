package tableausim_test

import (
	"net/http"
	"testing"
	"time"

	"github.com/go-jose/go-jose/v4"

	"vitrine/internal/tableausim"
)

const tenant, uatIssuer = "3c9b5f0e-7777-4888-8999-000011112222", "https://vitrine.example/uat"

// unified is a configuration of unified access tokens.
func unified() tableausim.UnifiedAccess {
	return tableausim.UnifiedAccess{Issuer: uatIssuer, TenantID: tenant, KeyID: "u1", Key: &rsaKey().PublicKey}
}

// uatClaims are good claims of a unified access token.
func uatClaims(now time.Time, user string) body {
	return body{
		"iss": uatIssuer, "email": user, "jti": now.String() + user, "iat": now.Add(-5 * time.Second).Unix(),
		"exp": now.Add(30 * time.Minute).Unix(), "scp": []string{"tableau:content:read"}, "https://tableau.com/tenantId": tenant,
	}
}

// uatBody is a sign-in with a unified access token.
func uatBody(site, token string) string {
	return `{"credentials":{"jwt":"` + token + `","isUat":true,"site":{"contentUrl":"` + site + `"}}}`
}

func TestUnifiedAccessTokenSignsIn(t *testing.T) {
	t.Parallel()
	named := unified()
	named.Issuer, named.UserClaim, named.KeyID = "urn:named", "user", ""
	c := start(t, tableausim.Config{Cloud: true, UnifiedAccess: []tableausim.UnifiedAccess{unified(), named}})
	alice := c.as(uatBody("marketing", sign(t, jose.RS256, rsaKey(), "u1", uatClaims(time.Now(), "alice@example.com"))))
	if alice.userID != c.sim.UserID("marketing", "alice@example.com") || alice.get("workbooks").status != 200 || alice.get("views/x/image").code() != "403004" {
		t.Errorf("user %s; workbooks %d, image %s", alice.userID, alice.get("workbooks").status, alice.get("views/x/image").code())
	}
	if info := c.sim.Sessions()[0]; info.Method != tableausim.ByUAT || info.Issuer != uatIssuer || len(info.Attributes) != 0 {
		t.Errorf("session is %+v", info)
	}
	other := uatClaims(time.Now(), "").with("iss", "urn:named", "user", "bob@example.com", "https://tableau.com/siteId", c.sim.SiteID(tableausim.CloudSite))
	c.as(uatBody(tableausim.CloudSite, sign(t, jose.RS256, rsaKey(), "any", other)))
	c.accept = ""
	token := sign(t, jose.RS256, rsaKey(), "u1", uatClaims(time.Now(), "carol@example.com"))
	if a := c.do(http.MethodPost, "auth/signin", `<tsRequest><credentials jwt="`+token+`" isUat="true"><site contentUrl="acme"/></credentials></tsRequest>`); a.status != 200 {
		t.Errorf("in XML: %d %s", a.status, a.body)
	}
}

func TestUnifiedAccessTokenRefusesByNumber(t *testing.T) {
	t.Parallel()
	clk := newClock()
	narrow := unified()
	narrow.Issuer, narrow.Scopes, narrow.Sites = "urn:narrow", []string{"tableau:content:*"}, []string{"marketing"}
	small := unified()
	small.Issuer, small.Key = "urn:small", &smallRSA().PublicKey
	c := start(t, tableausim.Config{Cloud: true, Now: clk.now, UnifiedAccess: []tableausim.UnifiedAccess{unified(), narrow, small}})
	good := uatClaims(clk.now(), "alice@example.com")
	rs := func(claims body) string { return sign(t, jose.RS256, rsaKey(), "u1", claims) }
	tests := []struct{ name, token, number string }{
		{"another key", sign(t, jose.RS256, otherRSA(), "u1", good), "10085"},
		{"another key id", sign(t, jose.RS256, rsaKey(), "u2", good), "10085"},
		{"another algorithm", sign(t, jose.HS256, rsaKey().N.Bytes(), "u1", good), "10087"},
		{"a small key", sign(t, jose.RS256, smallRSA(), "u1", good.with("iss", "urn:small")), "10088"},
		{"another issuer", rs(good.with("iss", "urn:other")), "10082"},
		{"another tenant", rs(good.with("https://tableau.com/tenantId", "x")), "10082"},
		{"no tenant", rs(good.with("https://tableau.com/tenantId", nil)), "10082"},
		{"no user", rs(good.with("email", nil)), "10084"},
		{"sub instead of the claim", rs(good.with("email", nil, "sub", "alice@example.com")), "10084"},
		{"no iat", rs(good.with("iat", nil)), "10084"},
		{"expired", rs(good.with("exp", clk.now().Unix())), "10084"},
		{"no jti", rs(good.with("jti", nil)), "10094"},
		{"no scp", rs(good.with("scp", nil)), "10099"},
		{"a scope outside the configuration", rs(good.with("iss", "urn:narrow", "scp", []string{"tableau:users:read"})), "10097"},
		{"a site outside the configuration", rs(good.with("iss", "urn:narrow")), "126"},
		{"another site in the token", rs(good.with("https://tableau.com/siteId", "x", "jti", "s")), "16"},
		{"unknown user", rs(good.with("email", "dave@example.com", "jti", "d")), "5"},
		{"name in another case", rs(good.with("email", "Alice@example.com", "jti", "c")), "5"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			if a := c.do(http.MethodPost, "auth/signin", uatBody(tableausim.CloudSite, tt.token)); a.code() != "401001" || a.number() != tt.number {
				t.Errorf("got %d %s, want 401001 (%s)", a.status, a.body, tt.number)
			}
		})
	}
}

func TestUnifiedAccessTokenNeedsItsVersion(t *testing.T) {
	t.Parallel()
	c := start(t, tableausim.Config{Cloud: true, APIVersion: "3.26", UnifiedAccess: []tableausim.UnifiedAccess{unified()}})
	token := sign(t, jose.RS256, rsaKey(), "u1", uatClaims(time.Now(), "alice@example.com"))
	if a := c.do(http.MethodPost, "auth/signin", uatBody(tableausim.CloudSite, token)); a.code() != "400000" {
		t.Errorf("%d %s", a.status, a.body)
	}
}
