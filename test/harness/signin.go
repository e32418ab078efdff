package harness

import (
	"crypto/rand"
	"crypto/rsa"
	"crypto/x509"
	"encoding/pem"
	"sync"
	"testing"
	"time"

	"vitrine/internal/config"
	"vitrine/internal/server"
	"vitrine/internal/sessions"
	"vitrine/internal/tableausim"
	"vitrine/resolvers"
)

// SigningKey is the key that tests sign JWTs for Tableau with.
var SigningKey = sync.OnceValue(func() *rsa.PrivateKey {
	key, err := rsa.GenerateKey(rand.Reader, 2048)
	if err != nil {
		panic(err)
	}
	return key
})

// SigningPEM is SigningKey as a settings file has it.
func SigningPEM() config.Secret {
	return config.Secret(pem.EncodeToMemory(&pem.Block{Type: "RSA PRIVATE KEY", Bytes: x509.MarshalPKCS1PrivateKey(SigningKey())}))
}

// SimApp is the connected app that the stand-in knows in tests.
var SimApp = tableausim.ConnectedApp{ClientID: "client-1", SecretID: "secret-1", Secret: "marked-secret-0123456789-abcdefghij", Enabled: true}

// DirectTrust signs in with SimApp.
func DirectTrust() config.SignIn {
	return config.SignIn{
		Method: config.MethodConnectedApp, Trust: config.TrustDirect,
		ClientID: SimApp.ClientID, SecretID: SimApp.SecretID, Secret: config.Secret(SimApp.Secret),
	}
}

// OAuthTrust signs in with a connected app that trusts this server as its issuer.
func OAuthTrust() config.SignIn {
	return config.SignIn{Method: config.MethodConnectedApp, Trust: config.TrustOAuth, Key: SigningPEM()}
}

// OnCloud makes settings those of a Tableau Cloud pod, where people are their mail addresses.
func OnCloud(c *config.Config) {
	c.Tableau.Sites = []config.Site{{ContentURL: tableausim.CloudSite}, {ContentURL: "marketing"}}
	c.Tableau.SessionLifetime = 2 * time.Hour
	c.OIDC[0].Username = config.Username{Claim: "email", RequireVerified: true}
}

// SignInMethod is one method as settings say it, before a stand-in that knows it.
type SignInMethod struct {
	World  tableausim.Config
	SignIn config.SignIn
	Cloud  bool
	By     string // the stand-in's word for it
	scoped bool   // its sessions may do no more than the roles need
}

// Scopes are those that sessions of the method have: what the roles need and the server knows.
func (m SignInMethod) Scopes(t *testing.T, roles []config.Role) []string {
	t.Helper()
	if !m.scoped {
		return nil
	}
	view, err := server.NewPolicy(&config.Config{Roles: roles})
	if err != nil {
		t.Fatal(err)
	}
	version := m.World.APIVersion
	if version == "" {
		version = "3.27" // what the stand-in has unasked
	}
	scopes, err := resolvers.Scopes(view)
	if err != nil {
		t.Fatal(err)
	}
	return sessions.ScopesFor(scopes, version)
}

// SignInMethods are all sign-in methods by name, each with a stand-in that knows it.
func SignInMethods(t *testing.T) map[string]SignInMethod {
	t.Helper()
	uat := tableausim.UnifiedAccess{Issuer: "https://issuer.example.com", TenantID: "tenant-1", Key: &SigningKey().PublicKey}
	apps := []tableausim.ConnectedApp{SimApp}
	password := config.SignIn{Method: config.MethodPassword, Name: "admin", Password: "admin"}
	return map[string]SignInMethod{
		"password":   {SignIn: password, By: tableausim.ByPassword},
		"two tokens": {By: tableausim.ByPAT}, // as the demo has them
		"direct trust": {
			World: tableausim.Config{ConnectedApps: apps, RefuseUnknownScopes: true}, SignIn: DirectTrust(), By: tableausim.ByDirect, scoped: true,
		},
		"direct trust, an older server": {
			World:  tableausim.Config{ConnectedApps: apps, APIVersion: "3.19", MissingScope401002: true, RefuseUnknownScopes: true},
			SignIn: DirectTrust(), By: tableausim.ByDirect, scoped: true,
		},
		"direct trust on Cloud": {
			World: tableausim.Config{ConnectedApps: apps, Cloud: true, APIVersion: "3.29"}, SignIn: DirectTrust(), Cloud: true,
			By: tableausim.ByDirect, scoped: true,
		},
		"OAuth trust": {SignIn: OAuthTrust(), By: tableausim.ByOAuth, scoped: true},
		"unified access token": {
			World: tableausim.Config{Cloud: true, UnifiedAccess: []tableausim.UnifiedAccess{uat}}, Cloud: true, By: tableausim.ByUAT, scoped: true,
			SignIn: config.SignIn{
				Method: config.MethodUnifiedAccessToken, Issuer: uat.Issuer, TenantID: uat.TenantID, Key: SigningPEM(),
			},
		},
	}
}

// Start runs the program with this sign-in method until the test ends.
func (m SignInMethod) Start(t *testing.T, change func(*config.Config)) *Program {
	t.Helper()
	p := Start(t, m.World, func(c *config.Config) {
		if m.SignIn.Method != "" {
			c.Tableau.SignIn = m.SignIn
		}
		if m.Cloud {
			OnCloud(c)
		}
		if change != nil {
			change(c)
		}
	})
	p.Tableau.SetTrustedIssuers(tableausim.TrustedIssuer{URL: p.Address + "/tableau-issuer"})
	return p
}
