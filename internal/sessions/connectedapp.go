package sessions

import (
	"encoding/json"
	"errors"
	"fmt"

	"github.com/go-jose/go-jose/v4"

	"vitrine/internal/tableau"
)

// audience is what every JWT for Tableau is for.
const audience = "tableau"

// ConnectedApp signs each person in with a JWT of a connected app with direct trust: Tableau and
// Vitrine know one secret. Any number of sessions may live side by side. Tableau Cloud, and Tableau
// Server from 2022.3.
type ConnectedApp struct {
	ClientID string
	SecretID string
	Secret   tableau.Secret // the secret's value
	Rules    Rules
}

// String names the app and its secret.
func (m ConnectedApp) String() string {
	return fmt.Sprintf("connected app %q, secret %q", m.ClientID, m.SecretID)
}

// GoString is String.
func (m ConnectedApp) GoString() string { return m.String() }

func (m ConnectedApp) check() error {
	if m.ClientID == "" || m.SecretID == "" || m.Secret.IsZero() {
		return errors.New("the method connectedApp with trust direct needs client id, secret id and secret of the app")
	}
	if _, err := m.minter(); err != nil {
		return err
	}
	return m.Rules.check()
}

// fingerprint leaves the secret out: a session is the same whichever secret of the app opened it.
func (m ConnectedApp) fingerprint() string {
	return fmt.Sprintf("connected app %q", m.ClientID) + m.Rules.fingerprint()
}

// minter puts the client id into the header too, where Tableau's older samples have it.
func (m ConnectedApp) minter() (*minter, error) {
	signer, err := newSigner(jose.HS256, []byte(m.Secret.Reveal()), m.SecretID, map[jose.HeaderKey]any{"iss": m.ClientID})
	if err != nil {
		return nil, errors.New("the secret of the connected app is too short to sign with: give the secret's value that Tableau shows, of 32 characters or more")
	}
	return &minter{signer: signer, digest: keyDigest(m.Secret, m.SecretID), user: "sub", claims: map[string]any{"iss": m.ClientID, "aud": audience}}, nil
}

func (m ConnectedApp) forSite(p signerDeps) signer {
	minter, _ := m.minter() // checked
	return newJWTSigner(p, m.String(), minter, m.Rules)
}

// ExternalIssuer signs each person in with a JWT of a connected app with OAuth 2.0 trust: Vitrine
// is the issuer that Tableau was configured to trust, and Tableau reads the public keys at its
// address. Any number of sessions may live side by side. Tableau Cloud, and Tableau Server from
// 2022.3.
type ExternalIssuer struct {
	URL   string         // as it is registered in Tableau, letter by letter
	Keys  tableau.Secret // PEM: the private key that signs, and perhaps more keys that are only published
	Rules Rules
}

// String names the issuer.
func (m ExternalIssuer) String() string { return fmt.Sprintf("connected app of the issuer %q", m.URL) }

// GoString is String.
func (m ExternalIssuer) GoString() string { return m.String() }

func (m ExternalIssuer) check() error {
	if m.URL == "" {
		return errors.New("the method connectedApp with trust oauth needs the issuer's address")
	}
	if _, err := parseKeys(m.Keys); err != nil {
		return fmt.Errorf("the key of the method connectedApp with trust oauth: %w", err)
	}
	return m.Rules.check()
}

func (m ExternalIssuer) fingerprint() string { return m.String() + m.Rules.fingerprint() }

func (m ExternalIssuer) minter() (*minter, error) {
	return keyMinter(m.Keys, "", map[string]any{"iss": m.URL, "aud": audience})
}

func (m ExternalIssuer) forSite(p signerDeps) signer {
	minter, _ := m.minter() // checked
	return newJWTSigner(p, m.String(), minter, m.Rules)
}

// keyMinter signs with a private key; kid is the key's thumbprint where it is not given.
func keyMinter(pem tableau.Secret, kid string, claims map[string]any) (*minter, error) {
	digest := keyDigest(pem, kid)
	key, err := parseKeys(pem)
	if err != nil {
		return nil, err
	}
	if kid == "" {
		kid = key.id
	}
	signer, err := newSigner(key.algorithm, key.private, kid, nil)
	if err != nil {
		return nil, err
	}
	return &minter{signer: signer, digest: digest, user: "sub", claims: claims}, nil
}

// IssuerDocuments are what Tableau reads of an issuer, as JSON: the discovery document, which names
// keysURL, and the key set there (RFC 8414; RFC 7517).
func (m ExternalIssuer) IssuerDocuments(keysURL string) (discovery, keys []byte, err error) {
	key, err := parseKeys(m.Keys)
	if err != nil {
		return nil, nil, err
	}
	discovery, err = json.Marshal(map[string]any{
		"issuer": m.URL, "jwks_uri": keysURL,
		// There is nothing to authorize at: this issuer signs for itself alone. OpenID Connect
		// Discovery wants the rest to be there.
		"response_types_supported": []string{"none"}, "subject_types_supported": []string{"public"},
		"id_token_signing_alg_values_supported": key.algorithms(),
	})
	if err != nil {
		return nil, nil, err
	}
	keys, err = json.Marshal(key.public)
	return discovery, keys, err
}
