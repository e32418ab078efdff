package tableausim

import (
	"crypto"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/hmac"
	"crypto/rsa"
	"crypto/sha256"
	"encoding/base64"
	"encoding/json"
	"errors"
	"fmt"
	"math"
	"math/big"
	"strings"
	"time"
)

// jwt is a JSON web token in its compact form (RFC 7519, RFC 7515), not verified yet. It is read
// with the standard library alone: the program makes its tokens with a library, and a stand-in with
// the same library would share its faults.
type jwt struct {
	header struct {
		Algorithm string   `json:"alg"`
		KeyID     string   `json:"kid"`
		Issuer    string   `json:"iss"` // where older samples of Tableau have it
		Critical  []string `json:"crit"`
	}
	claims    claims
	signed    []byte // what the signature is of: header and claims as sent
	signature []byte
}

// claims are the members of a token's body: strings, float64, bool, []any and map[string]any.
type claims map[string]any

// maxJWT bounds the text of a token.
const maxJWT = 16 << 10

var errNoJWT = errors.New("the text is no JSON web token")

// parseJWT takes a token apart. It says nothing about whether the token is genuine.
func parseJWT(text string) (jwt, error) {
	var t jwt
	parts := strings.Split(text, ".")
	if len(parts) != 3 || len(text) > maxJWT {
		return t, errNoJWT
	}
	var raw [3][]byte
	for i, part := range parts {
		b, err := base64.RawURLEncoding.Strict().DecodeString(part)
		if err != nil {
			return t, errNoJWT
		}
		raw[i] = b
	}
	if json.Unmarshal(raw[0], &t.header) != nil || json.Unmarshal(raw[1], &t.claims) != nil || t.claims == nil {
		return t, errNoJWT
	}
	if len(t.header.Critical) > 0 {
		return t, errNoJWT // names extensions that nobody here understands (RFC 7515, 4.1.11)
	}
	t.signed, t.signature = []byte(parts[0]+"."+parts[1]), raw[2]
	return t, nil
}

// signedWith reports whether the signature is that of a key: []byte for HS256, *rsa.PublicKey for
// RS256, *ecdsa.PublicKey for ES256. The kind of key decides the algorithm, never the token alone.
func (t jwt) signedWith(key any) bool {
	digest := sha256.Sum256(t.signed)
	switch key := key.(type) {
	case []byte:
		mac := hmac.New(sha256.New, key)
		mac.Write(t.signed)
		return t.header.Algorithm == "HS256" && len(key) > 0 && hmac.Equal(mac.Sum(nil), t.signature)
	case *rsa.PublicKey:
		return t.header.Algorithm == "RS256" && rsa.VerifyPKCS1v15(key, crypto.SHA256, digest[:], t.signature) == nil
	case *ecdsa.PublicKey:
		if t.header.Algorithm != "ES256" || key.Curve != elliptic.P256() || len(t.signature) != 64 {
			return false
		}
		r, s := new(big.Int).SetBytes(t.signature[:32]), new(big.Int).SetBytes(t.signature[32:])
		return ecdsa.Verify(key, digest[:], r, s)
	default:
		return false
	}
}

// text returns a claim that is a string, else "".
func (c claims) text(name string) string {
	s, _ := c[name].(string)
	return s
}

// texts returns a claim that is a list of strings; ok is false for everything else.
func (c claims) texts(name string) (list []string, ok bool) {
	values, ok := c[name].([]any)
	if !ok {
		return nil, false
	}
	for _, v := range values {
		s, ok := v.(string)
		if !ok {
			return nil, false
		}
		list = append(list, s)
	}
	return list, true
}

// moment returns a claim that is a time, in seconds since 1970; ok is false when it is missing or
// none.
func (c claims) moment(name string) (t time.Time, ok bool) {
	seconds, ok := c[name].(float64)
	if !ok || math.Abs(seconds) > 1e12 {
		return time.Time{}, false
	}
	whole, fraction := math.Modf(seconds)
	return time.Unix(int64(whole), int64(fraction*1e9)), true
}

// jwk is one key of a key set (RFC 7517, RFC 7518).
type jwk struct {
	Kind      string `json:"kty"`
	ID        string `json:"kid"`
	Use       string `json:"use"`
	Curve     string `json:"crv"`
	N         string `json:"n"`
	E         string `json:"e"`
	X         string `json:"x"`
	Y         string `json:"y"`
	PublicKey any    `json:"-"`
}

// public makes the public key of an RSA or P-256 entry.
func (k jwk) public() (any, error) {
	switch {
	case k.Kind == "RSA":
		n, errN := base64.RawURLEncoding.DecodeString(k.N)
		e, errE := base64.RawURLEncoding.DecodeString(k.E)
		if errN != nil || errE != nil || len(e) == 0 || len(e) > 4 {
			return nil, fmt.Errorf("RSA key %q has no readable n and e", k.ID)
		}
		return &rsa.PublicKey{N: new(big.Int).SetBytes(n), E: int(new(big.Int).SetBytes(e).Int64())}, nil
	case k.Kind == "EC" && k.Curve == "P-256":
		x, errX := base64.RawURLEncoding.DecodeString(k.X)
		y, errY := base64.RawURLEncoding.DecodeString(k.Y)
		if errX != nil || errY != nil || len(x) != 32 || len(y) != 32 {
			return nil, fmt.Errorf("EC key %q has no readable x and y", k.ID)
		}
		return ecdsa.ParseUncompressedPublicKey(elliptic.P256(), append(append([]byte{4}, x...), y...))
	default:
		return nil, fmt.Errorf("key %q is neither RSA nor P-256", k.ID)
	}
}
