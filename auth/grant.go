package auth

import (
	"slices"
	"strings"
)

// What a token says of how it was obtained: for which scopes, and by which client.

// scopesOf reads the scopes: scope is one text with spaces between them (RFC 8693, section 4.2; RFC
// 9068), scp is that or a list. One that is there and cannot be read refuses the person: a role may
// take rights away, so leaving scopes out is not the safe side.
func scopesOf(claims map[string]any) ([]string, *Error) {
	var scopes []string
	for _, name := range []string{"scope", "scp"} {
		if err := leftOut(claims, name, false); err != nil {
			return nil, err
		}
		v, ok := claims[name]
		if !ok {
			continue
		}
		list, ok := texts(v)
		if !ok {
			return nil, forbid("The token's claim %q is neither a text nor a list of texts.", name)
		}
		for _, text := range list {
			scopes = append(scopes, strings.Fields(text)...)
		}
	}
	slices.Sort(scopes)
	return slices.Compact(scopes), nil
}

// clientClaims name the client in the order in which they are used: client_id is that of RFC 9068,
// azp that of OpenID Connect, the others are those of providers that have neither.
var clientClaims = []string{"client_id", "azp", "cid", "appid"}

// clientOf reads the client; empty if the token names none. An empty name does not count.
func clientOf(claims map[string]any) (string, *Error) {
	for _, name := range clientClaims {
		if err := leftOut(claims, name, false); err != nil {
			return "", err
		}
		v, ok := claims[name]
		if !ok || v == "" {
			continue
		}
		client, ok := v.(string)
		if !ok {
			return "", forbid("The token's claim %q, which names the client, is not a text.", name)
		}
		return client, nil
	}
	return "", nil
}
