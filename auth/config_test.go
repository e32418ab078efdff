package auth

import (
	"context"
	"errors"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
)

func TestNewReportsEveryProblemTogether(t *testing.T) {
	t.Parallel()
	_, err := New(Config{
		Resource: "bi.example.com",
		Issuers: []Issuer{
			{
				URL: "http://login.example.com", TokenTypes: []string{"at+jwt", "logout+jwt"},
				Algorithms: []string{"RS256", "none", "HS256"}, Leeway: time.Hour,
				Username: UsernameRule{RequireVerified: true, StripDomain: "@example.com", PrefixDomain: `CORP\`},
			},
			{
				URL: "https://login.example.com?x=y", Audiences: []string{""},
				Username: UsernameRule{Claim: "upn", RequireVerified: true, PrefixDomain: "OTHER"},
			},
		},
	})
	want := []string{
		`publicURL "bi.example.com": not an address; give one such as https://login.example.com`,
		`oidc[0].issuer "http://login.example.com": http is accepted for loopback addresses only; use https`,
		`oidc[0].audiences: empty; name the audience that the provider puts into tokens for this API`,
		`oidc[0].tokenTypes "logout+jwt": not a kind of access token; use at+jwt, or JWT for providers that set no other type`,
		`oidc[0].algorithms "none": not allowed; choose among RS256, RS384, RS512, ES256, ES384, ES512, PS256, PS384, PS512, EdDSA`,
		`oidc[0].algorithms "HS256": not allowed; choose among RS256, RS384, RS512, ES256, ES384, ES512, PS256, PS384, PS512, EdDSA`,
		`oidc[0].leeway 1h0m0s: must be from 0s to 5m0s`,
		`oidc[0].username.claim: empty; name the claim that holds the Tableau user name`,
		`oidc[0].username.stripDomain "@example.com": give the domain alone and in ASCII, such as example.com`,
		`oidc[0].username.prefixDomain "CORP\\": give the Windows domain alone, such as CORP`,
		`oidc[1].issuer "https://login.example.com?x=y": has a query or fragment; remove it`,
		`oidc[1].audiences: holds an empty string; remove it`,
		`oidc[1].username.requireVerified: email_verified says nothing about the claim "upn"; use the claim email, or leave requireVerified out`,
	}
	if err == nil {
		t.Fatal("accepted")
	}
	if diff := cmp.Diff(want, strings.Split(err.Error(), "\n")); diff != "" {
		t.Errorf("problems (-want +got):\n%s", diff)
	}
}

func TestIssuerAddresses(t *testing.T) {
	t.Parallel()
	for raw, good := range map[string]bool{
		"https://login.example.com":         true,
		"https://login.example.com/":        true,
		"https://login.example.com/realm/a": true,
		"http://127.0.0.1:8082":             true,
		"http://[::1]:8082":                 true,
		"http://localhost:8082":             true,
		"http://127.0.0.1.evil.example":     false,
		"http://localhost.evil.example":     false,
		"http://10.0.0.1":                   false,
		"https://user:pw@login.example.com": false,
		"https://login.example.com#x":       false,
		"https://login.example.com#":        false,
		"https://login.example.com?":        false,
		"ftp://login.example.com":           false,
		"https:login.example.com":           false,
		"//login.example.com":               false,
		"":                                  false,
		"https://":                          false,
		"https://log in.example.com":        false,
	} {
		if err := checkURL(raw, false); (err == nil) != good {
			t.Errorf("%q: %v, want good %t", raw, err, good)
		}
	}
}

func TestNewRefusesIssuersThatShareNames(t *testing.T) {
	t.Parallel()
	issuer := func(n string, rule UsernameRule) Issuer {
		rule.Claim = "email"
		return Issuer{URL: "https://" + n + ".example", Audiences: []string{"vitrine"}, Username: rule}
	}
	tests := map[string]struct {
		a, b UsernameRule
		want bool // shared
	}{
		"no rules":                        {UsernameRule{}, UsernameRule{}, true},
		"one strips":                      {UsernameRule{StripDomain: "a.example"}, UsernameRule{}, true},
		"both strip, different domains":   {UsernameRule{StripDomain: "a.example"}, UsernameRule{StripDomain: "b.example"}, true},
		"one prefixes":                    {UsernameRule{PrefixDomain: "A"}, UsernameRule{}, true},
		"one prefixes, one strips":        {UsernameRule{PrefixDomain: "A"}, UsernameRule{StripDomain: "b.example"}, true},
		"same prefix":                     {UsernameRule{PrefixDomain: "A"}, UsernameRule{PrefixDomain: "A"}, true},
		"same prefix in another case":     {UsernameRule{PrefixDomain: "CORP"}, UsernameRule{PrefixDomain: "corp"}, true},
		"short and full name of a domain": {UsernameRule{PrefixDomain: "CORP"}, UsernameRule{PrefixDomain: "corp.example.com"}, true},
		"different prefixes":              {UsernameRule{PrefixDomain: "A"}, UsernameRule{PrefixDomain: "B"}, false},
		"different full prefixes":         {UsernameRule{PrefixDomain: "a.example"}, UsernameRule{PrefixDomain: "b.example"}, false},
	}
	for name, tt := range tests {
		c := Config{Issuers: []Issuer{issuer("a", tt.a), issuer("b", tt.b)}}
		_, err := New(c)
		if shared := err != nil && strings.Contains(err.Error(), "dangerouslySharedNames"); shared != tt.want {
			t.Errorf("%s: %v, want shared %t", name, err, tt.want)
		}
		c.DangerouslySharedNames = true
		if _, err := New(c); err != nil {
			t.Errorf("%s: refused though allowed: %v", name, err)
		}
	}
}

func TestNewRefusesAnIssuerTwice(t *testing.T) {
	t.Parallel()
	c := goodConfig(newProviderFake(), newClock().Now)
	c.Issuers = append(c.Issuers, c.Issuers[0])
	if _, err := New(c); err == nil || !strings.Contains(err.Error(), "listed twice") {
		t.Errorf("got %v", err)
	}
}

func TestTokenOfOneIssuerIsNoneOfAnother(t *testing.T) {
	t.Parallel()
	clk := newClock()
	f, g := newProviderFake(rsaPair()), newProviderFake(ecPair())
	c := goodConfig(f, clk.Now)
	c.Issuers[0].Username.PrefixDomain = "A"
	second := c.Issuers[0]
	second.URL, second.Client, second.Username.PrefixDomain = "https://other.example", g.client(), "B"
	second.Audiences = []string{"second"}
	g.replace["/.well-known/openid-configuration"] = answer(dict{"issuer": second.URL, "jwks_uri": second.URL + "/keys"})
	c.Issuers = append(c.Issuers, second)
	v := newVerifier(t, c)
	of := func(k pair, iss, aud string) string {
		return sign(t, k, goodHeader(k), with(goodClaims(clk.Now()), dict{"iss": iss, "aud": aud}))
	}
	id, err := v.Verify(context.Background(), of(ecPair(), second.URL, "second"))
	if err != nil || id.Username != `B\alice` || id.Issuer != second.URL {
		t.Errorf("second issuer: %+v, %v", id, err)
	}
	wantStatus(t, v, of(rsaPair(), issuerURL, "vitrine"), 200)
	wantStatus(t, v, of(rsaPair(), second.URL, "second"), 401) // the other's key
	wantStatus(t, v, of(ecPair(), issuerURL, "vitrine"), 401)  // the other's key
	wantStatus(t, v, of(ecPair(), second.URL, "vitrine"), 401) // the other's audience
	g.set(func() { g.down = true })
	wantStatus(t, v, sign(t, rsaPair(), goodHeader(rsaPair()), with(goodClaims(clk.Now()), dict{"jti": "2"})), 200)
}

func TestCheckNamesWhatFailed(t *testing.T) {
	t.Parallel()
	tests := map[string]struct {
		change func(*fakeProvider, *Issuer)
		want   string // "" is all well
	}{
		"all well":                  {func(*fakeProvider, *Issuer) {}, ""},
		"down":                      {func(f *fakeProvider, _ *Issuer) { f.down = true }, "check the address"},
		"another issuer":            {func(f *fakeProvider, _ *Issuer) { f.issuer += "/" }, `calls itself "https://login.example.com/"`},
		"no such page":              {func(f *fakeProvider, _ *Issuer) { f.replace["/keys"] = http.NotFound }, "answered 404 Not Found"},
		"no key for the algorithms": {func(_ *fakeProvider, i *Issuer) { i.Algorithms = []string{"EdDSA"} }, "none of the 1 usable keys"},
		"no UserInfo": {func(f *fakeProvider, i *Issuer) {
			i.UserInfo = true
			f.replace["/.well-known/openid-configuration"] = answer(dict{"issuer": issuerURL, "jwks_uri": issuerURL + "/keys"})
		}, "set userInfo to false"},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			f := newProviderFake(rsaPair())
			c := goodConfig(f, newClock().Now)
			tt.change(f, &c.Issuers[0])
			err := errors.Join(newVerifier(t, c).Check(context.Background())...)
			if tt.want == "" {
				if err != nil {
					t.Error(err)
				}
				return
			}
			if err == nil || !strings.Contains(err.Error(), tt.want) || !strings.Contains(err.Error(), issuerURL) {
				t.Errorf("got %v, want %q and the issuer", err, tt.want)
			}
		})
	}
}

// TestPlainHTTPNeedsTheDangerousSetting holds which hosts may be asked by plain http: those on
// loopback for an issuer on loopback, and others where DangerouslyWithoutTLS is set, never loopback
// for an issuer on the network.
func TestPlainHTTPNeedsTheDangerousSetting(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		issuer    string
		dangerous bool
		valid     bool
		endpoints map[string]bool
	}{
		{"https://login.mesh", false, true, map[string]bool{"https://login.mesh/keys": true, "http://login.mesh/keys": false, "http://127.0.0.1/keys": false}},
		{"https://login.mesh", true, true, map[string]bool{"http://login.mesh/keys": false, "http://127.0.0.1/keys": false}},
		{"http://login.mesh", false, false, map[string]bool{"http://login.mesh/keys": false}},
		{"http://login.mesh", true, true, map[string]bool{"http://login.mesh/keys": true, "https://login.mesh/keys": true, "http://127.0.0.1/keys": false}},
		{"http://127.0.0.1:1", false, true, map[string]bool{"http://127.0.0.1:1/keys": true, "http://login.mesh/keys": false}},
	} {
		i := Issuer{URL: c.issuer, DangerouslyWithoutTLS: c.dangerous}
		if err := checkURL(i.URL, i.DangerouslyWithoutTLS); (err == nil) != c.valid {
			t.Errorf("%s, dangerous %t: %v", c.issuer, c.dangerous, err)
		}
		p := newProvider(i, 0)
		for endpoint, want := range c.endpoints {
			if err := p.checkEndpoint("jwks_uri", endpoint); (err == nil) != want {
				t.Errorf("%s, dangerous %t: %s: %v", c.issuer, c.dangerous, endpoint, err)
			}
		}
	}
}
