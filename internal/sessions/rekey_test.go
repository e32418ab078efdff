package sessions

import (
	"crypto/rand"
	"crypto/rsa"
	"strings"
	"testing"

	"vitrine/internal/tableau"
	"vitrine/internal/tableausim"
)

// TestSecretsOfAppsAreReplacedWhileSessionsStay: Tableau knows the new secret alone, and refuses the
// old one.
func TestSecretsOfAppsAreReplacedWhileSessionsStay(t *testing.T) {
	t.Parallel()
	b := kind{method: directApp, world: tableausim.Config{ConnectedApps: []tableausim.ConnectedApp{simApp}}}.start(t, nil)
	b.mustBe(t, "alice", "")
	next := simApp
	next.SecretID, next.Secret = "secret-2", "marked-secret-2-0123456789-abcdefghij"
	b.sim.SetConnectedApps(next)
	wantCode(t, b.Access(t.Context(), identity("bob"), ""), ErrSignIn, "TABLEAU_SIGN_IN_FAILED")

	method := directApp
	method.SecretID, method.Secret = next.SecretID, tableau.NewSecret("short")
	if err := b.Rekey([]Site{{Method: method}}); err == nil || strings.Contains(err.Error(), "short\"") {
		t.Errorf("a short secret gives %v", err)
	}
	method.Secret = tableau.NewSecret(next.Secret)
	for range 2 { // the second time changes nothing
		if err := b.Rekey([]Site{{Method: method}}); err != nil {
			t.Fatal(err)
		}
	}
	before := b.sim.Count(byJWT)
	b.mustBe(t, "bob", "")
	b.mustBe(t, "alice", "") // in the session of before
	if n := b.sim.Count(byJWT); n != before+1 {
		t.Errorf("%d sign-ins after the secret was replaced", n-before)
	}
	if n := strings.Count(b.log.String(), "a secret was replaced"); n != 1 || strings.Contains(b.log.String(), "marked-secret") {
		t.Errorf("it was logged %d times:\n%s", n, b.log)
	}
}

// TestKeysOfUnifiedAccessTokensAreReplaced changes the registered key.
func TestKeysOfUnifiedAccessTokensAreReplaced(t *testing.T) {
	t.Parallel()
	tenant := tableausim.UnifiedAccess{Issuer: "https://issuer.example.com/uat", TenantID: "tenant-1", Key: &rsaKey().PublicKey}
	other, err := rsa.GenerateKey(rand.Reader, 2048)
	if err != nil {
		t.Fatal(err)
	}
	method := UnifiedAccessToken{Issuer: tenant.Issuer, TenantID: tenant.TenantID, Key: pemOf(t, other), Rules: readRules}
	b := kind{
		method: method, site: tableausim.CloudSite, cloud: true,
		world: tableausim.Config{UnifiedAccess: []tableausim.UnifiedAccess{tenant}, Cloud: true, APIVersion: "3.27"},
	}.start(t, nil)
	site := b.Sites()[0]
	if err := b.Access(t.Context(), identity("alice@example.com"), site); err == nil {
		t.Fatal("a key that Tableau does not know works")
	}
	method.Key = pemOf(t, rsaKey())
	if err := b.Rekey([]Site{{ContentURL: site, Method: method}, {ContentURL: "unknown", Method: method}}); err != nil {
		t.Fatal(err)
	}
	if err := b.Access(t.Context(), identity("alice@example.com"), site); err != nil {
		t.Error(err)
	}
}
