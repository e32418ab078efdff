package server

import (
	"fmt"
	"net/http"
	"strings"

	"vitrine/internal/config"
)

// Where Tableau finds what it reads of this server as an issuer, below the issuer's address. OpenID
// Connect Discovery and RFC 8414 have each a name of their own for the discovery document, and RFC
// 8414 puts it before the issuer's path.
const (
	issuerKeys        = config.IssuerPath + "/keys"
	issuerOpenID      = config.IssuerPath + "/.well-known/openid-configuration"
	issuerOAuth       = config.IssuerPath + "/.well-known/oauth-authorization-server"
	issuerOAuthBefore = "/.well-known/oauth-authorization-server" + config.IssuerPath
)

// issuerRoutes serves discovery document and key set to Tableau, if a site signs in with a
// connected app that trusts this server. What is signed with these keys opens Tableau and nothing
// here: no issuer of access tokens may have this address.
func issuerRoutes(mux *http.ServeMux, c *config.Config, publicURL string) error {
	signIn := c.Tableau.OAuthTrust()
	if signIn == nil {
		return nil
	}
	discovery, keys, err := externalIssuer(signIn, publicURL, nil).IssuerDocuments(publicURL + issuerKeys)
	if err != nil {
		return fmt.Errorf("the key of the sign-in method connectedApp with trust oauth: %w", err)
	}
	for _, path := range []string{issuerOpenID, issuerOAuth, issuerOAuthBefore} {
		mux.Handle("GET "+path, document("application/json", discovery))
	}
	mux.Handle("GET "+issuerKeys, document("application/jwk-set+json", keys))
	return nil
}

// notOwnIssuer refuses settings by which what this server signs for Tableau would open this server.
func notOwnIssuer(c *config.Config, publicURL string) error {
	if c.Tableau.OAuthTrust() == nil {
		return nil
	}
	for _, issuer := range c.OIDC {
		if strings.TrimSuffix(issuer.URL, "/") == publicURL+config.IssuerPath {
			return fmt.Errorf("oidc: the issuer %q is this server itself, which signs for Tableau: name the OpenID provider where people sign in", issuer.URL)
		}
	}
	return nil
}

// document answers with a public document that changes with a restart alone.
func document(contentType string, body []byte) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Type", contentType)
		w.Header().Set("Cache-Control", "public, max-age=300")
		_, _ = w.Write(body)
	})
}
