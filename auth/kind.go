package auth

import (
	"slices"
	"strings"
)

// admitKind accepts access tokens, and ID tokens only where the settings say
// so. An ID token is a receipt for a client, often seen by more eyes than an
// access token, and never meant for an API.
func (i *issuer) admitKind(t *token) *Error {
	if t.has("cnf") && !i.DangerouslyAcceptBoundTokens {
		return refuse("The token is bound to a key (claim cnf: DPoP or mutual TLS), and this server does not check that the sender has the key; " +
			"ask the provider for a plain bearer token.")
	}
	if _, ok := t.claims["events"]; ok {
		return refuse("The token is a logout token or another event, not an access token.")
	}
	untyped := t.typ == "" || t.typ == "jwt"
	switch {
	case t.typ == defaultTokenType && slices.Contains(i.TokenTypes, t.typ):
		return nil // RFC 9068, section 4: nothing else has this type
	case !untyped, !i.AcceptIDTokens && !slices.Contains(i.TokenTypes, "jwt"):
		return refuse("The token is of a type that is not accepted (accepted: %s); send an access token.", i.accepted())
	case !t.maybeID():
		return i.admitJWT()
	case !i.AcceptIDTokens:
		return refuse("The token is an ID token, or cannot be distinguished from one; send an access token.")
	}
	return i.admitParty(t)
}

// admitJWT is for a plain JWT that is clearly an access token.
func (i *issuer) admitJWT() *Error {
	if slices.Contains(i.TokenTypes, "jwt") {
		return nil
	}
	return refuse("The token is of a type that is not accepted (accepted: %s).", i.accepted())
}

// admitParty checks that an ID token was issued to a client whose ID is among
// the audiences (OpenID Connect Core, section 3.1.3.7, steps 4 and 5).
func (i *issuer) admitParty(t *token) *Error {
	azp, ok := t.claims["azp"]
	if !ok {
		if len(t.audiences()) > 1 {
			return refuse("The ID token has several audiences and does not say which client it was issued to.")
		}
		return nil
	}
	if s, ok := azp.(string); !ok || !slices.Contains(i.Audiences, s) {
		return refuse("The ID token was issued to another client.")
	}
	return nil
}

// accepted names the accepted types for a message.
func (i *issuer) accepted() string {
	s := strings.Join(i.TokenTypes, ", ")
	if i.AcceptIDTokens {
		s += ", ID tokens"
	}
	return s
}

// maybeID reports, for a token whose header does not say what it is, whether it
// may be an ID token. Marks of an ID token decide first; then something must
// speak for an access token, since an ID token need have no mark at all.
func (t *token) maybeID() bool {
	typ, hasTyp := t.claims["typ"] // Keycloak: Bearer, ID, Refresh, Offline …
	name, _ := typ.(string)
	bearer := strings.EqualFold(name, "Bearer") || strings.EqualFold(name, "DPoP") && t.has("cnf") // admitKind has let cnf pass
	use, hasUse := t.claims["token_use"]                                                           // Cognito: access, id
	switch {
	case t.has("at_hash", "c_hash", "s_hash"), hasTyp && !bearer, hasUse && use != "access":
		return true
	case bearer, hasUse:
		return false // before nonce: older Keycloaks put one into access tokens
	case t.has("nonce"):
		return true
	}
	return !t.has("scope", "scp", "client_id", "cid", "appid") && !t.otherParty()
}

// otherParty is true if the token was issued to a client that is not its
// audience, as access tokens for an API are.
func (t *token) otherParty() bool {
	azp, ok := t.claims["azp"].(string)
	return ok && azp != "" && !slices.Contains(t.audiences(), azp)
}

func (t *token) has(claims ...string) bool {
	return slices.ContainsFunc(claims, func(c string) bool {
		_, ok := t.claims[c]
		return ok
	})
}
