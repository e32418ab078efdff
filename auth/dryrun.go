package auth

import (
	"bytes"
	"strings"
)

// DryRun is what a token with certain claims would give.
type DryRun struct {
	// Identity is who it would speak for; nil if the token would be refused.
	Identity *Identity
	// Refused says why there would be no identity; nil if there is one.
	Refused error
	// Notes say what about the claims would refuse the token now, or could not be looked at without
	// the token itself.
	Notes []string
}

// Explain applies the rules of the claims' issuer to a token, or to claims alone, whose signature
// nobody checks. It is for showing an operator what a token would give, and lets nobody in: no
// middleware calls it. The error says that the text is neither.
func (v *Verifier) Explain(text []byte) (*DryRun, error) {
	s := &DryRun{}
	t, refused, err := tokenOrClaims(text)
	if err != nil {
		return nil, err
	}
	if refused != nil {
		s.Refused = refused
		return s, nil
	}
	i, ok := v.issuers[t.issuer]
	if !ok {
		s.Refused = refuse("The token comes from an issuer that is not accepted here.")
		return s, nil
	}
	if t.raw != "" {
		s.Notes = append(s.Notes, "The signature is not checked here: vitrine check --token does that.")
	} else {
		t.alg, t.typ = i.Algorithms[0], i.TokenTypes[0] // the header is not known: the one that the settings expect
	}
	if err := i.admit(t, v.config.Now()); err != nil {
		s.Notes = append(s.Notes, err.Message)
	}
	if i.UserInfo && !i.Username.complete(t.claims) {
		s.Notes = append(s.Notes, "The server would ask UserInfo for what these claims lack.")
	}
	o := i.identity(t, t.claims, "The token")
	if o.err != nil {
		s.Refused = o.err
		return s, nil
	}
	s.Identity = o.id
	return s, nil
}

// tokenOrClaims reads a token, which has two dots and no braces, or claims.
func tokenOrClaims(text []byte) (t *token, refused *Error, err error) {
	if raw := string(bytes.TrimSpace(text)); strings.Count(raw, ".") == 2 && token68(raw) {
		t, refused = parseToken(raw)
		return t, refused, nil
	}
	claims, err := object(text)
	if err != nil {
		return nil, nil, err
	}
	t = &token{claims: claims}
	return t, t.readClaims(), nil
}

// Contents are what a token says of itself, for a person to read. Nobody has checked its signature.
type Contents struct {
	Algorithm, Type, KeyID string
	// Claims are all of them; numbers are [json.Number].
	Claims map[string]any
}

// Inspect reads a token without looking at its signature, its issuer or its times. It is for
// showing an operator what a token holds. The error is an [*Error] that says why the text is no
// signed JWT.
func Inspect(raw string) (*Contents, error) {
	parts := strings.Split(raw, ".")
	if len(parts) != 3 || len(raw) > maxToken {
		_, err := parseToken(raw)
		return nil, err
	}
	header, err := segment(parts[0])
	if err != nil {
		return nil, err
	}
	claims, err := segment(parts[1])
	if err != nil {
		return nil, err
	}
	c := &Contents{Claims: claims}
	c.Algorithm, _ = header["alg"].(string)
	c.Type, _ = header["typ"].(string)
	c.KeyID, _ = header["kid"].(string)
	return c, nil
}
