package auth

import (
	"slices"
	"strings"
)

// What a token says of how it was obtained: for which scopes, and by which client.

// grantRule is how scopes and client are read.
type grantRule struct {
	strict bool     // roles depend on them: signs of unknown form count that they were left out
	names  []string // of scopes that roles look for; nil where they are not known
	known  []string // further claims that the settings read
}

// scopes reads the scopes: scope is one text with spaces between them (RFC 8693, section 4.2; RFC
// 9068), scp is that or a list. One that is there and cannot be read refuses the person: a role may
// take rights away, so leaving scopes out is not the safe side.
func (g grantRule) scopes(claims map[string]any) ([]string, *Error) {
	var scopes []string
	absent := true
	for _, name := range []string{"scope", "scp"} {
		if err := leftOut(claims, name, g.strict); err != nil {
			return nil, err
		}
		if err := omission(claims, name, append([]string{"scope", "scp"}, g.known...)); err != nil && g.strict {
			return nil, err
		}
		v, ok := claims[name]
		if !ok {
			continue
		}
		absent = false
		list, ok := texts(v)
		if !ok {
			return nil, forbid("The token's claim %q is neither a text nor a list of texts.", name)
		}
		for _, text := range list {
			scopes = append(scopes, strings.Fields(text)...)
		}
	}
	if other := member(claims, "scopes"); g.strict && absent && affirms(other) {
		return nil, forbid("The token has neither %q nor %q, but another claim about scopes; have the provider send the scopes in one of these.", "scope", "scp")
	}
	if g.strict && slices.ContainsFunc(scopes, func(scope string) bool { return disguised(scope, g.names, listSeparators) }) {
		return nil, forbid("The token has a scope that may be several; have the provider send scopes with spaces between them, or as a list of texts.")
	}
	scopes = slices.DeleteFunc(scopes, Blank)
	slices.Sort(scopes)
	return slices.Compact(scopes), nil
}

// scopeNames are the scopes that something depends on; nil where they are not known.
func (i *issuer) scopeNames() []string {
	if i.RoleScopes == nil {
		return nil
	}
	return append(slices.Clone(i.RoleScopes), i.RequiredScopes...)
}

// admitScopes refuses a token that lacks a scope that all tokens of the issuer need.
func (i *issuer) admitScopes(scopes []string) *Error {
	for _, scope := range i.RequiredScopes {
		if !slices.Contains(scopes, scope) {
			err := forbid("The token lacks the scope %q, which this server requires; ask the provider for it.", scope)
			err.challenge = insufficientScope
			return err
		}
	}
	return nil
}

// clientClaims name the client in the order in which they are used: client_id is that of RFC 9068,
// azp that of OpenID Connect, the others are those of providers that have neither.
var clientClaims = []string{"client_id", "azp", "cid", "appid"}

// client reads the client; empty if the token names none. An empty name does not count.
func (g grantRule) client(claims map[string]any) (string, *Error) {
	for _, name := range clientClaims {
		if err := leftOut(claims, name, g.strict); err != nil {
			return "", err
		}
		v, ok := claims[name]
		client, isText := v.(string)
		if !ok || isText && Blank(client) {
			continue
		}
		if !isText {
			return "", forbid("The token's claim %q, which names the client, is not a text.", name)
		}
		return client, nil
	}
	return "", nil
}
