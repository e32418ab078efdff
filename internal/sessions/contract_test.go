package sessions

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/rsa"
	"crypto/x509"
	"encoding/pem"
	"fmt"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"testing"
	"time"

	"vitrine/internal/tableau"
	"vitrine/internal/tableausim"
)

// kind is one sign-in method before a stand-in that knows it. The contract below holds for all.
type kind struct {
	name   string
	world  tableausim.Config
	method Method
	signIn string // what the stand-in counts for each person
	site   string
	cloud  bool
}

// person is what Tableau calls somebody.
func (k kind) person(name string) string {
	if k.cloud {
		return name + "@example.com"
	}
	return name
}

func (k kind) start(t testing.TB, change func(*Config)) *bench {
	t.Helper()
	return start(t, k.world, func(c *Config) {
		by(k.method)(c)
		if change != nil {
			change(c)
		}
	})
}

const (
	byJWT     = "POST auth/signin (jwt)"
	appSecret = "marked-secret-0123456789-abcdefghij"
)

var (
	simApp    = tableausim.ConnectedApp{ClientID: "client-1", SecretID: "secret-1", Secret: appSecret, Enabled: true}
	readRules = Rules{Scopes: []string{"tableau:content:read", "tableau:users:read"}}
	directApp = ConnectedApp{ClientID: "client-1", SecretID: "secret-1", Secret: tableau.NewSecret(appSecret), Rules: readRules}
	rsaKey    = sync.OnceValue(func() *rsa.PrivateKey {
		key, err := rsa.GenerateKey(rand.Reader, 2048)
		if err != nil {
			panic(err)
		}
		return key
	})
)

func pemOf(t testing.TB, key any) tableau.Secret {
	t.Helper()
	der, err := x509.MarshalPKCS8PrivateKey(key)
	if err != nil {
		t.Fatal(err)
	}
	return tableau.NewSecret(string(pem.EncodeToMemory(&pem.Block{Type: "PRIVATE KEY", Bytes: der})))
}

// serveIssuer serves an issuer's documents where Tableau reads them.
func serveIssuer(t testing.TB, keys tableau.Secret, rules Rules) ExternalIssuer {
	t.Helper()
	mux := http.NewServeMux()
	server := httptest.NewServer(mux)
	t.Cleanup(server.Close)
	issuer := ExternalIssuer{URL: server.URL + "/tableau-issuer", Keys: keys, Rules: rules}
	discovery, set, err := issuer.IssuerDocuments(issuer.URL + "/keys")
	if err != nil {
		t.Fatal(err)
	}
	for path, document := range map[string][]byte{"/.well-known/openid-configuration": discovery, "/keys": set} {
		mux.HandleFunc("/tableau-issuer"+path, func(w http.ResponseWriter, _ *http.Request) { _, _ = w.Write(document) })
	}
	return issuer
}

// kinds are all methods.
func kinds(t testing.TB) []kind {
	t.Helper()
	ec, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	byRSA, byEC := serveIssuer(t, pemOf(t, rsaKey()), readRules), serveIssuer(t, pemOf(t, ec), readRules)
	tenant := tableausim.UnifiedAccess{Issuer: "https://issuer.example.com/uat", TenantID: "tenant-1", Key: &rsaKey().PublicKey}
	uat := UnifiedAccessToken{Issuer: tenant.Issuer, TenantID: tenant.TenantID, Key: pemOf(t, rsaKey()), Rules: readRules}
	apps, issuers := []tableausim.ConnectedApp{simApp}, []tableausim.TrustedIssuer{{URL: byRSA.URL}, {URL: byEC.URL}}
	return []kind{
		{name: "password", method: password, signIn: impersonated},
		{name: "one PAT", method: onePAT, signIn: impersonated},
		{name: "two PATs", method: twoPATs, signIn: impersonated},
		{name: "four PATs", method: tokens(4), signIn: impersonated},
		{name: "connected app", method: directApp, signIn: byJWT, world: tableausim.Config{ConnectedApps: apps}},
		{
			name: "connected app on Cloud", method: directApp, signIn: byJWT, cloud: true, site: tableausim.CloudSite,
			world: tableausim.Config{ConnectedApps: apps, Cloud: true, APIVersion: "3.29"},
		},
		{
			name: "connected app, missing scopes look like dead sessions", method: directApp, signIn: byJWT,
			world: tableausim.Config{ConnectedApps: apps, MissingScope401002: true, RefuseUnknownScopes: true},
		},
		{name: "external issuer, RSA", method: byRSA, signIn: byJWT, world: tableausim.Config{TrustedIssuers: issuers}},
		{name: "external issuer, P-256", method: byEC, signIn: byJWT, world: tableausim.Config{TrustedIssuers: issuers}},
		{
			name: "unified access token", method: uat, signIn: byJWT, cloud: true, site: tableausim.CloudSite,
			world: tableausim.Config{UnifiedAccess: []tableausim.UnifiedAccess{tenant}, Cloud: true, APIVersion: "3.27"},
		},
	}
}

// fewer returns n, or a twentieth of it with -short: what a test of mutants needs.
func fewer(n int) int {
	if testing.Short() {
		return n / 20
	}
	return n
}

// forEachKind runs a test of the contract for every method.
func forEachKind(t *testing.T, test func(t *testing.T, k kind)) {
	t.Helper()
	for _, k := range kinds(t) {
		t.Run(k.name, func(t *testing.T) { // not in parallel: the issuers of kinds end with t
			test(t, k)
		})
	}
}

func (b *bench) mustBeAt(t testing.TB, name, site string) {
	t.Helper()
	if got, err := b.whoAmI(t.Context(), identity(name), site); err != nil || got != name {
		t.Errorf("%s on site %q is %q, %v", name, site, got, err)
	}
}

func TestContractOneSignInForManyFirstRequests(t *testing.T) {
	t.Parallel()
	forEachKind(t, func(t *testing.T, k kind) {
		k.world.Latency = 2 * time.Millisecond
		b := k.start(t, nil)
		for range 2 { // the second time it is warm
			var wait sync.WaitGroup
			for range fewer(1000) {
				wait.Go(func() { b.mustBeAt(t, k.person("alice"), k.site) })
			}
			wait.Wait()
		}
		if n := b.sim.Count(k.signIn); n != 1 {
			t.Errorf("%d sign-ins of one person", n)
		}
		if k.signIn == byJWT && b.sim.Count(plainSignIn)+b.sim.Count(lookUp) > 0 {
			t.Errorf("a service session, or a look-up: %v", b.sim.Counts())
		}
	})
}

func TestContractOneSignInForEachOfManyPeople(t *testing.T) {
	t.Parallel()
	forEachKind(t, func(t *testing.T, k kind) {
		b := k.start(t, nil)
		people := fewer(200)
		var wait sync.WaitGroup
		for i := range people {
			name := k.person(fmt.Sprintf("user%03d", i))
			if _, err := b.sim.AddUser(k.site, tableausim.User{Name: name}); err != nil {
				t.Fatal(err)
			}
			wait.Go(func() { b.mustBeAt(t, name, k.site) })
		}
		wait.Wait()
		if n := b.sim.Count(k.signIn); n != people {
			t.Errorf("%d sign-ins of %d people", n, people)
		}
	})
}

func TestContractReadersNeverNoticeThatSessionsEnd(t *testing.T) {
	t.Parallel()
	forEachKind(t, func(t *testing.T, k kind) {
		b := k.start(t, nil)
		people := []string{k.person("alice"), k.person("bob"), k.person("carol")}
		for range 5 {
			var wait sync.WaitGroup
			for i := range 30 {
				wait.Go(func() { b.mustBeAt(t, people[i%len(people)], k.site) })
			}
			wait.Wait()
			b.sim.EndSessions(nil)
		}
		if n := b.sim.Count(k.signIn); n > 5*len(people) {
			t.Errorf("%d sign-ins for %d people and 4 ends", n, len(people))
		}
	})
}

func TestContractStrangerStopsNobody(t *testing.T) {
	t.Parallel()
	forEachKind(t, func(t *testing.T, k kind) {
		b := k.start(t, nil)
		b.mustBeAt(t, k.person("alice"), k.site)
		b.sim.ResetLog()
		var wait sync.WaitGroup
		for range 1000 {
			wait.Go(func() {
				wantCode(t, b.Access(t.Context(), identity(k.person("dave")), k.site), ErrUserUnknown, "TABLEAU_USER_UNKNOWN")
			})
		}
		wait.Wait()
		calls := 0
		for _, template := range []string{plainSignIn, impersonated, byJWT, lookUp} {
			calls += b.sim.Count(template)
		}
		if calls > 4 {
			t.Errorf("a stranger who asks 1,000 times costs %v", b.sim.Counts())
		}
		b.mustBeAt(t, k.person("bob"), k.site)
		b.mustBeAt(t, k.person("alice"), k.site)
	})
}

func TestContractNobodyBecomesAnother(t *testing.T) {
	t.Parallel()
	forEachKind(t, func(t *testing.T, k kind) {
		b := k.start(t, nil)
		for _, hostile := range []string{
			"bob,name:eq:admin", "bob&x", `OTHER\bob`, `\bob`, "bob ", " bob", "bob\x00", "b*", "*", "[bob]", "bob\u200b", "bob\xff",
			`bob","sub":"carol`, "\u212aim", strings.Repeat("b", 10_000),
		} {
			name := k.person(hostile)
			if got, err := b.whoAmI(t.Context(), identity(name), k.site); err == nil {
				t.Errorf("%q became %q", name, got)
			}
		}
	})
}

func TestContractSessionsAreRenewedBeforeTheirLimits(t *testing.T) {
	t.Parallel()
	forEachKind(t, func(t *testing.T, k kind) {
		k.world.Lifetime = 120 * time.Minute
		b := k.start(t, func(c *Config) { c.SessionLife = 120 * time.Minute })
		for range 20 { // used all the time, for five hours
			b.mustBeAt(t, k.person("alice"), k.site)
			b.clock.advance(15 * time.Minute)
		}
		if n := b.sim.Count(k.signIn); n != 3 {
			t.Errorf("%d sign-ins in five hours of two hours each", n)
		}
		for _, call := range b.sim.Log() {
			if call.Status == http.StatusUnauthorized && call.Template != signOut {
				t.Errorf("%s met a session that had ended", call.Template)
			}
		}
	})
}

func TestContractCloseSignsEverybodyOut(t *testing.T) {
	t.Parallel()
	forEachKind(t, func(t *testing.T, k kind) {
		b := k.start(t, nil)
		for _, name := range []string{"alice", "bob", "carol"} {
			b.mustBeAt(t, k.person(name), k.site)
		}
		if len(b.sim.Sessions()) < 3 {
			t.Fatalf("%d sessions live", len(b.sim.Sessions()))
		}
		if err := b.Close(t.Context()); err != nil || len(b.sim.Sessions()) > 0 {
			t.Errorf("%v; still signed in: %v", err, b.sim.Sessions())
		}
	})
}

// A person whose rights, site or name change has other sessions than before; people with one name
// and different subjects too.
func TestContractSessionsAreKeptApart(t *testing.T) {
	t.Parallel()
	forEachKind(t, func(t *testing.T, k kind) {
		b := k.start(t, nil)
		alice := k.person("alice")
		b.mustBeAt(t, alice, k.site)
		b.mustBeAt(t, alice, "marketing")
		other := identity(alice)
		other.Subject = "another subject"
		if got, err := b.whoAmI(t.Context(), other, k.site); err != nil || got != alice {
			t.Errorf("%q, %v", got, err)
		}
		if n := b.sim.Count(k.signIn); n != 3 {
			t.Errorf("%d sign-ins for three owners", n)
		}
	})
}

func TestContractNothingSecretIsToldOrLogged(t *testing.T) {
	t.Parallel()
	forEachKind(t, func(t *testing.T, k kind) {
		b := k.start(t, nil)
		b.mustBeAt(t, k.person("alice"), k.site)
		logged := ""
		for range 7 {
			for _, name := range []string{"dave", "erin", "frank", "grace", "heidi", "ivan"} {
				logged += fmt.Sprintf("%v %+v %#v", b.Access(t.Context(), identity(k.person(name)), k.site), k.method, k.method)
			}
			b.clock.advance(time.Minute)
		}
		logged += b.log.String()
		secrets := []string{appSecret, "PRIVATE KEY", "eyJ", "secret of vitrine"}
		for _, s := range b.sim.Sessions() {
			secrets = append(secrets, s.Token)
		}
		for _, secret := range secrets {
			if strings.Contains(logged, secret) {
				t.Errorf("%.12s… is shown:\n%s", secret, logged)
			}
		}
	})
}
