package auth

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"time"
	"unicode"
)

// Config says whose tokens are good. The zero value of each field is the strict
// setting.
type Config struct {
	// Issuers is the list of trusted issuers, at least one.
	Issuers []Issuer
	// Resource is the public URL of this server, without a slash at the end. It
	// appears in the metadata of RFC 9728 and, with its path, in WWW-Authenticate;
	// when empty, neither names it.
	Resource string
	// Realm is the realm in WWW-Authenticate, "vitrine" when empty.
	Realm string
	// Now is the clock, time.Now when nil.
	Now func() time.Time
	// Logger gets changes in a provider's state; nil discards them.
	Logger *slog.Logger
	// Refused, if set, is called with each refusal before it is answered, so that the
	// one event of the request can say why.
	Refused func(ctx context.Context, e *Error)
	// LastLogout returns when a person logged out last by the provider's clock, the zero time if that
	// is not known. It is asked for each request of an issuer that has LogoutClients.
	LastLogout func(ctx context.Context, id *Identity) time.Time
	// DangerouslySharedNames lets two issuers speak for the same Tableau name.
	DangerouslySharedNames bool
}

// Issuer is one trusted OpenID issuer and the rules for its tokens.
type Issuer struct {
	// URL is compared letter by letter with the claim iss; a slash at the end counts.
	URL string
	// Audiences are the accepted values of aud, at least one.
	Audiences []string
	// TokenTypes are the accepted values of the header typ; at+jwt when empty
	// (RFC 9068). "JWT" also accepts tokens without typ.
	TokenTypes []string
	// AcceptIDTokens lets ID tokens pass as if they were access tokens.
	AcceptIDTokens bool
	// DangerouslyAcceptBoundTokens accepts tokens that are bound to a key of the client (claim cnf:
	// DPoP, RFC 9449; mutual TLS, RFC 8705) as plain bearer tokens, without proof that the sender
	// has the key.
	DangerouslyAcceptBoundTokens bool
	// Algorithms is the subset of RS256..512, ES256..512, PS256..512 and EdDSA
	// that may sign; RS256, ES256, PS256 and EdDSA when empty.
	Algorithms []string
	// Leeway is how far clocks may differ, 0 to 5 minutes.
	Leeway time.Duration
	// UserInfo asks the UserInfo endpoint when the token lacks the name claim.
	UserInfo bool
	// Username makes the Tableau user name from the claims.
	Username UsernameRule
	// Groups finds the groups in the claims.
	Groups GroupsRule
	// GroupsUnused says that no role depends on groups: signs of unknown form that groups were left
	// out are then let pass.
	GroupsUnused bool
	// GrantUnused says the same of scopes and of the client.
	GrantUnused bool
	// RoleScopes are the scopes that conditions of roles look for; nil where they are not known. A
	// text that may be several scopes is refused if it holds one of them.
	RoleScopes []string
	// Claims are further claims to keep in the identity, as names or paths with dots: for user
	// attributes in Tableau and for conditions of roles.
	Claims []string
	// LogoutClients are the clients for which the provider sends logout tokens: the accepted values
	// of aud there. Logouts of this issuer do not count when it is empty.
	LogoutClients []string
	// RequiredScopes are the scopes that every access token must have.
	RequiredScopes []string
	// Introspection accepts opaque tokens too; the zero value does not.
	Introspection Introspection
	// Scopes are what a client should ask for; published in the metadata only.
	Scopes []string
	// DangerouslyWithoutTLS accepts a URL, and addresses of the provider, with http that are not on
	// loopback.
	DangerouslyWithoutTLS bool
	// Client reaches the provider, with its CA and proxy. When nil, one with the
	// system's CAs and the environment's proxies. Redirects are never followed,
	// and a client without a timeout gets one of 10 seconds.
	Client *http.Client
}

// UsernameRule makes the Tableau user name from a claim. The steps are taken in
// the order of the fields.
type UsernameRule struct {
	// Claim is the name of the claim, or a path with dots; required.
	Claim string
	// RequireVerified demands email_verified; only for the claim email.
	RequireVerified bool
	// StripDomain demands an address of this domain and removes "@domain".
	StripDomain string
	// PrefixDomain is a Windows domain to put before the name: CORP gives CORP\name.
	PrefixDomain string
}

// GroupsRule finds the groups of a person.
type GroupsRule struct {
	// Claim is the name of the claim, or a path with dots such as
	// realm_access.roles. No groups are read when it is empty.
	Claim string
	// Names are the groups that conditions of roles look for; nil where they are not known. A text
	// that may be several groups is refused if it holds one of them.
	Names []string
}

var (
	defaultAlgorithms = []string{"RS256", "ES256", "PS256", "EdDSA"}
	allAlgorithms     = []string{
		"RS256", "RS384", "RS512", "ES256", "ES384", "ES512", "PS256", "PS384", "PS512", "EdDSA",
	}
)

const (
	defaultTokenType = "at+jwt"
	maxLeeway        = 5 * time.Minute
)

// withDefaults fills what was left empty, without touching the caller's slices.
func (i Issuer) withDefaults() Issuer {
	if len(i.Algorithms) == 0 {
		i.Algorithms = defaultAlgorithms
	}
	if len(i.TokenTypes) == 0 {
		i.TokenTypes = []string{defaultTokenType}
	}
	types := make([]string, len(i.TokenTypes))
	for n, t := range i.TokenTypes {
		types[n] = mediaType(t)
	}
	i.TokenTypes = types
	return i
}

// problems returns everything that is wrong with the settings, each with the
// setting, the value and what to do.
func (c Config) problems() []error {
	var errs []error
	if len(c.Issuers) == 0 {
		errs = append(errs, errors.New("oidc: no issuer is given; name at least one"))
	}
	if c.Resource != "" {
		if err := checkURL(c.Resource, false); err != nil {
			errs = append(errs, fmt.Errorf("publicURL %q: %w", c.Resource, err))
		}
	}
	seen := map[string]bool{}
	for n, iss := range c.Issuers {
		for _, err := range iss.problems() {
			errs = append(errs, fmt.Errorf("oidc[%d].%w", n, err))
		}
		if seen[iss.URL] {
			errs = append(errs, fmt.Errorf("oidc[%d].issuer %q: listed twice; give all its audiences in one entry", n, iss.URL))
		}
		seen[iss.URL] = true
	}
	if n := slices.IndexFunc(c.Issuers, func(i Issuer) bool { return i.Introspection.Enabled() }); n >= 0 {
		for m, iss := range c.Issuers[n+1:] {
			if iss.Introspection.Enabled() {
				errs = append(errs, fmt.Errorf("oidc[%d].introspection: oidc[%d] has it already, and an opaque token does not say whose it is; keep one", n+1+m, n))
			}
		}
	}
	if !c.DangerouslySharedNames {
		errs = append(errs, sharedNames(c.Issuers)...)
	}
	return errs
}

func (i Issuer) problems() []error {
	var errs []error
	add := func(format string, args ...any) { errs = append(errs, fmt.Errorf(format, args...)) }
	if err := checkURL(i.URL, i.DangerouslyWithoutTLS); err != nil {
		add("issuer %q: %w", i.URL, err)
	}
	if len(i.Audiences) == 0 {
		add("audiences: empty; name the audience that the provider puts into tokens for this API")
	}
	if slices.Contains(i.Audiences, "") {
		add("audiences: holds an empty string; remove it")
	}
	for _, t := range i.TokenTypes {
		if k := mediaType(t); k != defaultTokenType && k != "jwt" {
			add("tokenTypes %q: not a kind of access token; use at+jwt, or JWT for providers that set no other type", t)
		}
	}
	for _, a := range i.Algorithms {
		if !slices.Contains(allAlgorithms, a) {
			add("algorithms %q: not allowed; choose among %s", a, strings.Join(allAlgorithms, ", "))
		}
	}
	if i.Leeway < 0 || i.Leeway > maxLeeway {
		add("leeway %s: must be from 0s to %s", i.Leeway, maxLeeway)
	}
	errs = append(errs, i.Introspection.problems()...)
	return append(errs, i.Username.problems()...)
}

func (u UsernameRule) problems() []error {
	var errs []error
	if u.Claim == "" {
		errs = append(errs, errors.New("username.claim: empty; name the claim that holds the Tableau user name"))
	}
	if u.RequireVerified && u.Claim != "" && u.Claim != "email" {
		errs = append(errs, fmt.Errorf("username.requireVerified: email_verified says nothing about the claim %q; "+
			"use the claim email, or leave requireVerified out", u.Claim))
	}
	if strings.ContainsAny(u.StripDomain, "@\\/ ") || !printable(u.StripDomain) || !ascii(u.StripDomain) {
		errs = append(errs, fmt.Errorf("username.stripDomain %q: give the domain alone and in ASCII, such as example.com", u.StripDomain))
	}
	if strings.ContainsAny(u.PrefixDomain, "@\\/ ") || !printable(u.PrefixDomain) {
		errs = append(errs, fmt.Errorf("username.prefixDomain %q: give the Windows domain alone, such as CORP", u.PrefixDomain))
	}
	return errs
}

// checkURL accepts https, and http on loopback only unless plain is set.
func checkURL(raw string, plain bool) error {
	u, err := url.Parse(raw)
	switch {
	case raw == "" || err != nil || u.Host == "" || u.Opaque != "":
		return errors.New("not an address; give one such as https://login.example.com")
	case u.User != nil:
		return errors.New("holds a user name or password; remove it")
	case u.RawQuery != "" || u.ForceQuery || u.Fragment != "" || strings.Contains(raw, "#"):
		return errors.New("has a query or fragment; remove it")
	case u.Scheme == "https", u.Scheme == "http" && (plain || loopback(u.Hostname())):
		return nil
	case u.Scheme == "http":
		return errors.New("http is accepted for loopback addresses only; use https")
	}
	return errors.New("must begin with https://")
}

// loopback reports whether an address is of this machine. Names other than localhost are not
// resolved: what they mean is for someone else to say.
func loopback(host string) bool {
	if strings.EqualFold(host, "localhost") {
		return true
	}
	ip := net.ParseIP(host)
	return ip != nil && ip.IsLoopback()
}

// mediaType is the typ of a JOSE header in lower case and without the
// "application/" that may be left out (RFC 7515, section 4.1.9).
func mediaType(typ string) string {
	return strings.TrimPrefix(strings.ToLower(typ), "application/")
}

// printable is false for control characters, for invisible ones (format,
// separators other than the space), and for broken UTF-8.
func printable(s string) bool {
	return !strings.ContainsFunc(s, func(r rune) bool { return r == unicode.ReplacementChar || !unicode.IsPrint(r) })
}
