package sessions

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/x509"
	"encoding/base64"
	"encoding/json"
	"encoding/pem"
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	gocmp "github.com/google/go-cmp/cmp"

	"vitrine/auth"
	"vitrine/internal/tableau"
	"vitrine/internal/tableausim"
)

// claimsOf reads the claims of a JWT without verifying it; nil for an empty one.
func claimsOf(t testing.TB, compact string) map[string]any {
	t.Helper()
	if compact == "" {
		return nil
	}
	parts := strings.Split(compact, ".")
	if len(parts) != 3 {
		t.Errorf("not a JWT: %d parts", len(parts))
		return nil
	}
	return decodePart(t, parts[1])
}

func decodePart(t testing.TB, part string) map[string]any {
	t.Helper()
	text, err := base64.RawURLEncoding.DecodeString(part)
	if err != nil {
		t.Error(err)
	}
	var out map[string]any
	if err := json.Unmarshal(text, &out); err != nil {
		t.Error(err)
	}
	return out
}

func TestJWTSaysWhatTableauWants(t *testing.T) {
	t.Parallel()
	uat := UnifiedAccessToken{
		Issuer: "https://issuer.example.com", TenantID: "tenant-1", Key: pemOf(t, rsaKey()), KeyID: "key-1", Rules: readRules,
	}
	oauth := ExternalIssuer{URL: "https://bi.example.com/tableau-issuer", Keys: pemOf(t, rsaKey()), Rules: readRules}
	scopes := []any{"tableau:content:read", "tableau:users:read"}
	for name, test := range map[string]struct {
		method Method
		header map[string]any
		claims map[string]any
		isUat  any
	}{
		"direct trust": {
			method: directApp,
			header: map[string]any{"alg": "HS256", "typ": "JWT", "kid": "secret-1", "iss": "client-1"},
			claims: map[string]any{"iss": "client-1", "sub": "alice", "aud": "tableau", "scp": scopes},
		},
		"OAuth trust": {
			method: oauth,
			header: map[string]any{"alg": "RS256", "typ": "JWT"},
			claims: map[string]any{"iss": oauth.URL, "sub": "alice", "aud": "tableau", "scp": scopes},
		},
		"unified access token": {
			method: uat,
			header: map[string]any{"alg": "RS256", "typ": "JWT", "kid": "key-1"},
			claims: map[string]any{
				"iss": uat.Issuer, "email": "alice", "scp": scopes, "https://tableau.com/tenantId": "tenant-1",
			},
			isUat: true,
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s := startTableauThat(t, test.method, "3.27", nobodyRefused)
			seen := map[string]bool{}
			for _, site := range s.Sites() {
				if err := s.Access(t.Context(), identity("alice"), site); err != nil {
					t.Fatal(err)
				}
			}
			now := s.clock.now()
			for _, credentials := range s.asked {
				parts := strings.Split(credentials["jwt"].(string), ".")
				header, claims := decodePart(t, parts[0]), decodePart(t, parts[1])
				if test.header["kid"] == nil {
					if header["kid"] == "" {
						t.Error("no kid")
					}
					delete(header, "kid")
				}
				id, _ := claims["jti"].(string)
				if len(id) != 36 || id[14] != '4' || seen[id] {
					t.Errorf("jti %q is no fresh UUID", id)
				}
				seen[id] = true
				from, to := claims["iat"].(float64), claims["exp"].(float64)
				if from != float64(now.Add(-5*time.Second).Unix()) || claims["nbf"] != from {
					t.Errorf("iat %v and nbf %v are not 5 seconds ago", from, claims["nbf"])
				}
				if ahead := time.Duration(to-from) * time.Second; ahead < 5*time.Minute || ahead > 9*time.Minute {
					t.Errorf("good for %s", ahead)
				}
				for _, name := range []string{"jti", "iat", "nbf", "exp"} {
					delete(claims, name)
				}
				if diff := gocmp.Diff(test.header, header) + gocmp.Diff(test.claims, claims); diff != "" {
					t.Errorf("(-want +got):\n%s", diff)
				}
				if credentials["isUat"] != test.isUat || credentials["name"] != nil || credentials["user"] != nil {
					t.Errorf("credentials are %v", credentials)
				}
			}
		})
	}
}

func TestScopesForServersOfEachAge(t *testing.T) {
	t.Parallel()
	const content, users, views = "tableau:content:read", "tableau:users:read", "tableau:views:download"
	const flows, collections = "tableau:flows:read", "tableau:collections:read"
	all := []string{content, flows, collections, views}
	for _, test := range []struct {
		wanted  []string
		version string
		want    []string
	}{
		{all, "3.17", []string{content, users, views}},
		{all, "3.26", []string{content, users, views}},
		{all, "3.27", []string{content, flows, users, views}},
		{all, "3.28", []string{collections, content, flows, users, views}},
		{all, "3.29", []string{collections, content, flows, views}},
		{all, "3.9", []string{content, users, views}},
		{[]string{content, users, content}, "3.29", []string{content, users}},
		{nil, "3.29", []string{users}}, // Tableau takes no JWT without a scope
	} {
		if diff := gocmp.Diff(test.want, ScopesFor(test.wanted, test.version)); diff != "" {
			t.Errorf("%v for %s (-want +got):\n%s", test.wanted, test.version, diff)
		}
	}
}

func TestUserAttributesAndGroupsShapeSessions(t *testing.T) {
	t.Parallel()
	rules := readRules
	rules.Attributes = []Attribute{{Claim: "department", Name: "Dept"}, {Claim: "regions", Name: "Region"}, {Claim: "none", Name: "None"}}
	app := directApp
	app.Rules = rules
	b := kind{method: app, world: tableausim.Config{ConnectedApps: []tableausim.ConnectedApp{simApp}}}.start(t, nil)
	with := func(claims map[string][]string) *auth.Identity {
		id := identity("alice")
		id.Claims = claims
		return id
	}
	people := []*auth.Identity{
		with(nil),
		with(map[string][]string{"department": {"Sales"}, "regions": {"North", "South"}}),
		with(map[string][]string{"department": {"Sales"}, "regions": {"North"}}),
		with(map[string][]string{"department": {"Sales"}, "regions": {"North"}, "unasked": {"x"}}), // as the one before
		with(map[string][]string{"department": {"Sal", "es"}, "regions": {"North"}}),
	}
	for range 3 {
		for _, id := range people {
			if got, err := b.whoAmI(t.Context(), id, ""); err != nil || got != "alice" {
				t.Fatalf("%q, %v", got, err)
			}
		}
	}
	var got []map[string][]string
	for _, s := range b.sim.Sessions() {
		got = append(got, s.Attributes)
	}
	slices.SortFunc(got, func(a, b map[string][]string) int { return strings.Compare(fmt.Sprint(a), fmt.Sprint(b)) })
	want := []map[string][]string{
		{"Dept": {"Sal", "es"}, "Region": {"North"}},
		{"Dept": {"Sales"}, "Region": {"North", "South"}},
		{"Dept": {"Sales"}, "Region": {"North"}},
		{},
	}
	slices.SortFunc(want, func(a, b map[string][]string) int { return strings.Compare(fmt.Sprint(a), fmt.Sprint(b)) })
	if diff := gocmp.Diff(want, got); diff != "" {
		t.Errorf("attributes of the sessions (-want +got):\n%s", diff)
	}
}

func TestOnDemandAccessNamesGroups(t *testing.T) {
	t.Parallel()
	app := directApp
	app.Rules.OnDemand = OnDemand{Claim: "tableau_groups"}
	k := kind{method: app, cloud: true, site: tableausim.CloudSite, world: tableausim.Config{
		ConnectedApps: []tableausim.ConnectedApp{simApp}, Cloud: true, OnDemandAccess: true, APIVersion: "3.29",
	}}
	b := k.start(t, nil)
	id := identity("nobody@partner.example")
	wantCode(t, b.Access(t.Context(), id, k.site), ErrUserUnknown, "TABLEAU_USER_UNKNOWN")
	id.Claims = map[string][]string{"tableau_groups": {"bi-analysts"}}
	if err := b.Access(t.Context(), id, k.site); err != nil {
		t.Fatal(err)
	}
	sessions := b.sim.Sessions()
	if len(sessions) != 1 || !sessions[0].OnDemand || !slices.Equal(sessions[0].Groups, []string{"bi-analysts"}) {
		t.Errorf("%v: on demand %t, groups %v", sessions, sessions[0].OnDemand, sessions[0].Groups)
	}
}

// The name and what Tableau checks are never replaced by what an identity brings along.
func TestAttributesNeverReplaceClaims(t *testing.T) {
	t.Parallel()
	m := &minter{user: "sub", claims: map[string]any{"iss": "client-1"}, now: time.Now}
	var err error
	if m.signer, err = newSigner("HS256", []byte(appSecret), "kid", nil); err != nil {
		t.Fatal(err)
	}
	with, err := m.mint("alice", []string{"tableau:content:read"}, map[string]any{
		"sub": "admin", "iss": "x", "scp": "tableau:*:*", "exp": 9e9, "jti": "1", "nbf": 0, "iat": 0,
	})
	if err != nil {
		t.Fatal(err)
	}
	claims := claimsOf(t, with.JWT.Reveal())
	if claims["sub"] != "alice" || claims["iss"] != "client-1" || fmt.Sprint(claims["scp"]) != "[tableau:content:read]" || claims["jti"] == "1" {
		t.Errorf("%v", claims)
	}
	for _, rules := range []Rules{
		{Attributes: []Attribute{{Claim: "x", Name: "sub"}}},
		{Attributes: []Attribute{{Claim: "x", Name: "https://tableau.com/oda"}}},
		{Attributes: []Attribute{{Claim: "x", Name: "HTTPS://tableau.com/oda"}}},
		{Attributes: []Attribute{{Claim: "x", Name: "Exp"}}},
		{Attributes: []Attribute{{Claim: "x", Name: "a"}, {Claim: "y", Name: "a"}}},
		{Attributes: []Attribute{{Name: "a"}}},
	} {
		if rules.check() == nil {
			t.Errorf("%v are taken", rules)
		}
	}
}

// Whatever a JWT of any method holds can be named neither as the claim for the user name nor as an
// attribute.
func TestSettingsCannotNameClaimsOfTheJWT(t *testing.T) {
	t.Parallel()
	uat := UnifiedAccessToken{Issuer: "https://issuer.example.com", TenantID: "tenant-1", Key: pemOf(t, rsaKey())}
	names := map[string]bool{}
	for _, claims := range []map[string]any{{"iss": "i", tableauClaims + "tenantId": "t"}, {"iss": "i", "aud": audience}} {
		m, err := keyMinter(uat.Key, "", claims)
		if err != nil {
			t.Fatal(err)
		}
		m.now = time.Now
		with, err := m.mint("alice", nil, map[string]any{tableauClaims + "oda": "true", tableauClaims + "groups": []string{"a"}})
		if err != nil {
			t.Fatal(err)
		}
		for name := range claimsOf(t, with.JWT.Reveal()) {
			names[name] = true
		}
	}
	if len(names) < 10 {
		t.Fatalf("only %d claims: %v", len(names), names)
	}
	for name := range names {
		for _, spelt := range []string{name, strings.ToUpper(name)} {
			with := uat
			with.Claim = spelt
			if err := with.check(); (err == nil) != (spelt == "sub") {
				t.Errorf("user claim %q: %v", spelt, err)
			}
			if err := (Rules{Attributes: []Attribute{{Claim: "x", Name: spelt}}}).check(); err == nil {
				t.Errorf("attribute %q is taken", spelt)
			}
		}
	}
	for _, name := range []string{"", "email", "upn", "sub", "https://example.com/name"} {
		with := uat
		with.Claim = name
		if err := with.check(); err != nil {
			t.Errorf("user claim %q: %v", name, err)
		}
	}
}

func TestBlankGroupsAreNoGroups(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct {
		rule   OnDemand
		claim  []string
		groups []any // nil: no on-demand access
	}{
		"an empty text":        {OnDemand{Claim: "g"}, []string{""}, nil},
		"empty texts":          {OnDemand{Claim: "g"}, []string{"", ""}, nil},
		"an empty list":        {OnDemand{Claim: "g"}, []string{}, nil},
		"spaces":               {OnDemand{Claim: "g"}, []string{" ", "\t"}, nil},
		"invisible characters": {OnDemand{Claim: "g"}, []string{"\u200b", "\ufeff\u2060"}, nil},
		"one beside a name":    {OnDemand{Claim: "g"}, []string{"", "a"}, []any{"a"}},
		"one in the settings":  {OnDemand{Groups: []string{""}}, nil, nil},
		"the settings' beside": {OnDemand{Groups: []string{"b"}, Claim: "g"}, []string{""}, []any{"b"}},
	} {
		id := identity("alice")
		if test.claim != nil {
			id.Claims = map[string][]string{"g": test.claim}
		}
		claims, err := Rules{OnDemand: test.rule}.attributes(id).claims()
		if err != nil {
			t.Fatal(err)
		}
		_, onDemand := claims[tableauClaims+"oda"]
		if groups, _ := claims[tableauClaims+"groups"].([]any); onDemand != (test.groups != nil) || !slices.Equal(groups, test.groups) {
			t.Errorf("%s: %v", name, claims)
		}
	}
}

func TestIssuerDocumentsListEachKeyAndAlgorithmOnce(t *testing.T) {
	t.Parallel()
	ec, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	ecDER, err := x509.MarshalECPrivateKey(ec)
	if err != nil {
		t.Fatal(err)
	}
	publicDER, err := x509.MarshalPKIXPublicKey(&rsaKey().PublicKey)
	if err != nil {
		t.Fatal(err)
	}
	one := pemOf(t, rsaKey()).Reveal()
	other := string(pem.EncodeToMemory(&pem.Block{Type: "EC PRIVATE KEY", Bytes: ecDER}))
	public := string(pem.EncodeToMemory(&pem.Block{Type: "PUBLIC KEY", Bytes: publicDER}))
	for name, test := range map[string]struct {
		keys       string
		algorithms []any
		published  int
	}{
		"one":                    {one, []any{"RS256"}, 1},
		"two kinds":              {other + one, []any{"ES256", "RS256"}, 2},
		"two kinds, turned":      {one + other, []any{"RS256", "ES256"}, 2},
		"the same twice":         {one + one, []any{"RS256"}, 1},
		"the same, as public":    {one + public, []any{"RS256"}, 1},
		"three with a repeat":    {one + other + one + public, []any{"RS256", "ES256"}, 2},
		"with the public before": {other + public + one, []any{"ES256", "RS256"}, 2},
	} {
		discovery, keys, err := ExternalIssuer{URL: "https://x", Keys: tableau.NewSecret(test.keys)}.IssuerDocuments("https://x/keys")
		if err != nil {
			t.Fatalf("%s: %v", name, err)
		}
		var doc struct {
			Algorithms []any `json:"id_token_signing_alg_values_supported"`
		}
		var set struct {
			Keys []struct {
				ID string `json:"kid"`
			} `json:"keys"`
		}
		if err := errors.Join(json.Unmarshal(discovery, &doc), json.Unmarshal(keys, &set)); err != nil {
			t.Fatal(err)
		}
		ids := map[string]bool{}
		for _, k := range set.Keys {
			ids[k.ID] = true
		}
		if !slices.Equal(doc.Algorithms, test.algorithms) || len(set.Keys) != test.published || len(ids) != test.published {
			t.Errorf("%s: %s %s", name, discovery, keys)
		}
	}
}

func TestMethodsThatSignReportWhatIsWrong(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct {
		method Method
		want   string
	}{
		"no secret":      {ConnectedApp{ClientID: "c", SecretID: "s"}, "client id, secret id and secret"},
		"short secret":   {ConnectedApp{ClientID: "c", SecretID: "s", Secret: tableau.NewSecret("its id, perhaps")}, "too short"},
		"no address":     {ExternalIssuer{}, "issuer's address"},
		"no key":         {ExternalIssuer{URL: "https://x"}, "no key in PEM form"},
		"no tenant":      {UnifiedAccessToken{Issuer: "i"}, "issuer and tenant id"},
		"something else": {ExternalIssuer{URL: "https://x", Keys: tableau.NewSecret("-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n")}, "which is no key"},
		"the name's claim": {UnifiedAccessToken{
			Issuer: "i", TenantID: "t", Key: pemOf(t, rsaKey()), Claim: "upn", Rules: Rules{Attributes: []Attribute{{"x", "upn"}}},
		}, "would replace"},
	} {
		if err := test.method.check(); err == nil || !strings.Contains(err.Error(), test.want) {
			t.Errorf("%s: %v, want %q", name, err, test.want)
		}
	}
}

// One file holds the key that signs and those that are only published: that is how a key is
// changed.
func TestKeyFileMayHoldMoreKeys(t *testing.T) {
	t.Parallel()
	ec, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	small, err := ecdsa.GenerateKey(elliptic.P224(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	block := func(kind string, der []byte, err error) string {
		if err != nil {
			t.Fatal(err)
		}
		return string(pem.EncodeToMemory(&pem.Block{Type: kind, Bytes: der}))
	}
	rsaDER, rsaErr := x509.MarshalPKIXPublicKey(&rsaKey().PublicKey)
	sec1, secErr := x509.MarshalECPrivateKey(ec)
	smallDER, smallErr := x509.MarshalECPrivateKey(small)
	public, private := block("PUBLIC KEY", rsaDER, rsaErr), block("EC PRIVATE KEY", sec1, secErr)
	parameters := string(pem.EncodeToMemory(&pem.Block{Type: "EC PARAMETERS", Bytes: []byte{6, 1, 1}}))
	for name, test := range map[string]struct {
		text, algorithm string
		keys            int
		problem         string
	}{
		"PKCS#8":               {pemOf(t, rsaKey()).Reveal(), "RS256", 1, ""},
		"PKCS#1":               {block("RSA PRIVATE KEY", x509.MarshalPKCS1PrivateKey(rsaKey()), nil), "RS256", 1, ""},
		"SEC 1, as openssl":    {parameters + private, "ES256", 1, ""},
		"the next one behind":  {private + pemOf(t, rsaKey()).Reveal(), "ES256", 2, ""},
		"an old public one":    {private + public, "ES256", 2, ""},
		"a public one first":   {public + private, "", 0, "put the private key that signs first"},
		"another curve":        {block("EC PRIVATE KEY", smallDER, smallErr), "", 0, "use P-256, or RSA"},
		"broken":               {string(pem.EncodeToMemory(&pem.Block{Type: "PRIVATE KEY", Bytes: []byte("marked-secret")})), "", 0, "cannot be read"},
		"encrypted":            {string(pem.EncodeToMemory(&pem.Block{Type: "ENCRYPTED PRIVATE KEY", Bytes: []byte("x")})), "", 0, "is encrypted"},
		"nothing of the kind":  {"marked-secret", "", 0, "no key in PEM form"},
		"text around the keys": {"comment\n" + private + "comment\n", "ES256", 1, ""},
	} {
		key, err := parseKeys(tableau.NewSecret(test.text))
		if test.problem != "" {
			if err == nil || !strings.Contains(err.Error(), test.problem) || strings.Contains(err.Error(), "marked") {
				t.Errorf("%s: %v, want %q", name, err, test.problem)
			}
			continue
		}
		if err != nil || string(key.algorithm) != test.algorithm || len(key.public.Keys) != test.keys || key.public.Keys[0].KeyID != key.id {
			t.Errorf("%s: %v", name, err)
			continue
		}
		for _, k := range key.public.Keys {
			if !k.IsPublic() || k.KeyID == "" {
				t.Errorf("%s: a private key, or one without an id, is published", name)
			}
		}
	}
}
