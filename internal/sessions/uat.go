package sessions

import (
	"cmp"
	"errors"
	"fmt"

	"github.com/go-jose/go-jose/v4"

	"vitrine/internal/tableau"
)

// UnifiedAccessToken signs each person in with a JWT that Tableau Cloud Manager is configured to
// trust, on whatever sites of the tenant. Any number of sessions may live side by side. Tableau
// Cloud only, from December 2025.
type UnifiedAccessToken struct {
	Issuer   string // URI of the configuration
	TenantID string
	Key      tableau.Secret // PEM: the private RSA key whose public one is registered
	KeyID    string         // of the key, where Tableau reads a key set; the key's thumbprint when empty
	Claim    string         // that holds the user name; email when empty
	Rules    Rules
}

// String names issuer and tenant.
func (m UnifiedAccessToken) String() string {
	return fmt.Sprintf("unified access token of the issuer %q for the tenant %q", m.Issuer, m.TenantID)
}

// GoString is String.
func (m UnifiedAccessToken) GoString() string { return m.String() }

func (m UnifiedAccessToken) check() error {
	if m.Issuer == "" || m.TenantID == "" {
		return errors.New("the method unifiedAccessToken needs issuer and tenant id")
	}
	if claim := m.userClaim(); isReserved(claim) && claim != "sub" { // sub means the user in every JWT
		return fmt.Errorf("the user claim %q of the method unifiedAccessToken has another meaning in the JWT: name the claim that the "+
			"configuration in Tableau reads the user name from", claim)
	}
	key, err := parseKeys(m.Key)
	if err != nil {
		return fmt.Errorf("the key of the method unifiedAccessToken: %w", err)
	}
	if key.algorithm != jose.RS256 {
		return errors.New("the key of the method unifiedAccessToken is not an RSA key: Tableau takes no other")
	}
	for _, a := range m.Rules.Attributes {
		if a.Name == m.userClaim() {
			return fmt.Errorf("the user attribute %q would replace the claim that holds the user name: give it another name", a.Name)
		}
	}
	return m.Rules.check()
}

func (m UnifiedAccessToken) userClaim() string { return cmp.Or(m.Claim, "email") }

func (m UnifiedAccessToken) fingerprint() string { return m.String() + m.Claim + m.Rules.fingerprint() }

func (m UnifiedAccessToken) minter() (*minter, error) {
	made, err := keyMinter(m.Key, m.KeyID, map[string]any{"iss": m.Issuer, tableauClaims + "tenantId": m.TenantID})
	if err != nil {
		return nil, err
	}
	made.uat, made.user = true, m.userClaim()
	return made, nil
}

func (m UnifiedAccessToken) forSite(p signerDeps) signer {
	minter, _ := m.minter() // checked
	return newJWTSigner(p, m.String(), minter, m.Rules)
}
