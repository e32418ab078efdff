package auth

import (
	"encoding/base64"
	"encoding/json"
	"math"
	"slices"
	"strings"
	"time"
)

const (
	// maxToken is the longest token looked at, in bytes. Group lists make tokens
	// long; servers refuse headers of more than about this anyway.
	maxToken = 16 << 10
	// maxKeyID and maxSubject are bounds in bytes on what is kept or compared.
	maxKeyID   = 256
	maxSubject = 512
)

// token is a JWT whose form is right and whose signature nobody has looked at.
type token struct {
	raw    string
	alg    string
	typ    string // mediaType of the header; "" if absent
	kid    string // "" if absent
	issuer string
	forUs  string // the accepted audience that it names, once it is admitted
	claims map[string]any
	expires, notBefore,
	issuedAt time.Time // zero if absent
}

// parseToken checks all of an access token that needs neither the issuer's settings nor its keys.
func parseToken(raw string) (*token, *Error) {
	t, err := parseJWT(raw)
	if err != nil {
		return nil, err
	}
	if err := t.readClaims(); err != nil {
		return nil, err
	}
	return t, nil
}

// parseJWT checks what holds for every token of a provider.
func parseJWT(raw string) (*token, *Error) {
	if len(raw) > maxToken {
		return nil, refuse("The token is longer than %d bytes.", maxToken)
	}
	parts := strings.Split(raw, ".")
	if len(parts) != 3 {
		return nil, refuse("The token is not a signed JWT in compact form.")
	}
	header, err := segment(parts[0])
	if err != nil {
		return nil, err
	}
	claims, err := segment(parts[1])
	if err != nil {
		return nil, err
	}
	if sig, err := base64.RawURLEncoding.Strict().DecodeString(parts[2]); err != nil || len(sig) == 0 || !base64url(parts[2]) {
		return nil, refuse("The token has no signature, or a broken one.")
	}
	t := &token{raw: raw, claims: claims}
	if err := t.readHeader(header); err != nil {
		return nil, err
	}
	if err := t.readCommonClaims(); err != nil {
		return nil, err
	}
	return t, nil
}

// segment decodes one part. Strict base64 gives each value exactly one spelling.
func segment(s string) (map[string]any, *Error) {
	if s == "" || !base64url(s) {
		return nil, refuse("The token is not a signed JWT in compact form.")
	}
	data, err := base64.RawURLEncoding.Strict().DecodeString(s)
	if err != nil {
		return nil, refuse("The token is not a signed JWT in compact form.")
	}
	m, err := object(data)
	if err != nil {
		return nil, refuse("A part of the token is not a JSON object with distinct keys.")
	}
	return m, nil
}

// base64url refuses the line breaks that the decoder of the standard library
// passes over.
func base64url(s string) bool {
	for i := range len(s) {
		if c := s[i]; !alphanumeric(c) && c != '-' && c != '_' {
			return false
		}
	}
	return true
}

// readHeader accepts a header that names an algorithm and perhaps a key id. A
// key or an address of keys in the token itself (jwk, jku, x5u) is refused, for
// the sender would choose whom to trust; x5c and x5t are not read.
func (t *token) readHeader(h map[string]any) *Error {
	alg, _ := h["alg"].(string)
	if !slices.Contains(allAlgorithms, alg) {
		return refuse("The token's signature algorithm is not allowed.")
	}
	for _, name := range []string{"crit", "jwk", "jku", "x5u", "b64", "zip", "enc"} {
		if _, ok := h[name]; ok {
			return refuse("The token's header has the member %s, which is not accepted.", name)
		}
	}
	kid, typ := "", ""
	if v, ok := h["kid"]; ok {
		if kid, ok = v.(string); !ok || len(kid) > maxKeyID || !printable(kid) {
			return refuse("The token's key id is not a short string.")
		}
	}
	if v, ok := h["typ"]; ok {
		if typ, ok = v.(string); !ok || typ == "" {
			return refuse("The token's type is not a string.")
		}
	}
	t.alg, t.kid, t.typ = alg, kid, mediaType(typ)
	return nil
}

// registeredClaims are the claims of RFC 7519 that decide whether a token is good.
// Some JSON parsers find them in any case: then two could be read as one.
var registeredClaims = []string{"iss", "sub", "aud", "exp", "nbf", "iat"}

// readClaims takes the claims of RFC 7519 that every access token must have, or whose form must be
// right if it has them.
func (t *token) readClaims() *Error {
	if err := t.readCommonClaims(); err != nil {
		return err
	}
	if sub, _ := t.claims["sub"].(string); sub == "" || len(sub) > maxSubject || !printable(sub) {
		return refuse("The token has no subject, or one that is not a short string.")
	}
	if t.expires.IsZero() {
		return refuse("The token does not say when it expires.")
	}
	return nil
}

// readCommonClaims takes the issuer, which every token of a provider must have, and the times.
func (t *token) readCommonClaims() *Error {
	for name := range t.claims {
		for _, registered := range registeredClaims {
			if name != registered && strings.EqualFold(name, registered) {
				return refuse("The token has a claim that differs from %s only in upper and lower case.", registered)
			}
		}
	}
	t.issuer, _ = t.claims["iss"].(string)
	if t.issuer == "" {
		return refuse("The token names no issuer.")
	}
	for _, c := range []struct {
		name string
		to   *time.Time
	}{{"exp", &t.expires}, {"nbf", &t.notBefore}, {"iat", &t.issuedAt}} {
		v, ok := t.claims[c.name]
		if !ok {
			continue
		}
		if *c.to, ok = numericDate(v); !ok {
			return refuse("The token's claim %s is not a time.", c.name)
		}
	}
	return nil
}

// numericDate reads seconds since 1970, perhaps with a fraction (RFC 7519,
// section 2), from 1970 to the year 9999.
func numericDate(v any) (time.Time, bool) {
	n, ok := v.(json.Number)
	if !ok {
		return time.Time{}, false
	}
	f, err := n.Float64()
	const end = 253402300800 // 10000-01-01
	if err != nil || math.IsNaN(f) || f < 0 || f >= end {
		return time.Time{}, false
	}
	sec, frac := math.Modf(f)
	return time.Unix(int64(sec), int64(frac*1e9)).UTC(), true
}

// admit checks what the issuer's settings demand, still without its keys.
func (i *issuer) admit(t *token, now time.Time) *Error {
	if err := i.admitAlgorithm(t); err != nil {
		return err
	}
	if err := i.admitTimes(t, now); err != nil {
		return err
	}
	if t.forUs = named(t, i.Audiences); t.forUs == "" {
		return refuse("The token is meant for another audience (accepted: %s).", strings.Join(i.Audiences, ", "))
	}
	if err := i.admitKind(t); err != nil {
		return err
	}
	return i.admitLoggedIn(t)
}

func (i *issuer) admitAlgorithm(t *token) *Error {
	if !slices.Contains(i.Algorithms, t.alg) {
		return refuse("The token's signature algorithm is not allowed for this issuer (allowed: %s).", strings.Join(i.Algorithms, ", "))
	}
	return nil
}

// admitTimes checks that a token is valid now.
func (i *issuer) admitTimes(t *token, now time.Time) *Error {
	switch {
	case !t.expires.IsZero() && !now.Add(-i.Leeway).Before(t.expires):
		return refuse("The token has expired; sign in again.")
	case t.notBefore.After(now.Add(i.Leeway)):
		return refuse("The token is not valid yet; compare the clocks of the provider and of this server.")
	case t.issuedAt.After(now.Add(i.Leeway)):
		return refuse("The token was issued in the future; compare the clocks of the provider and of this server.")
	}
	return nil
}

// named returns the first accepted audience that the token names, or "".
func named(t *token, accepted []string) string {
	for _, a := range t.audiences() {
		if slices.Contains(accepted, a) {
			return a
		}
	}
	return ""
}

// audiences returns aud, which is a string or a list of them; nil if anything
// else is in it.
func (t *token) audiences() []string {
	list, ok := texts(t.claims["aud"])
	if !ok {
		return nil
	}
	return list
}
