package auth

import (
	"crypto/rand"
	"crypto/rsa"
	"encoding/json"
	"strings"
	"testing"

	jose "github.com/go-jose/go-jose/v4"
)

// TestKeysThatCannotCheckSignatures holds keys that a set may contain and that
// must be passed over without spoiling the set.
func TestKeysThatCannotCheckSignatures(t *testing.T) {
	t.Parallel()
	of := func(k pair) string {
		data, err := json.Marshal(jose.JSONWebKey{Key: k.private.Public(), KeyID: k.kid})
		if err != nil {
			t.Fatal(err)
		}
		return string(data)
	}
	more := func(k pair, member string) string { return strings.Replace(of(k), "{", "{"+member+",", 1) }
	weak, err := rsa.GenerateKey(rand.Reader, 1024)
	if err != nil {
		t.Fatal(err)
	}
	tests := map[string]string{
		"for encryption":       more(rsaPair(), `"use":"enc"`),
		"for other operations": more(rsaPair(), `"key_ops":["encrypt"]`),
		"symmetric":            `{"kty":"oct","k":"c2VjcmV0","kid":"rsa-1"}`,
		"short RSA":            of(pair{"weak", "RS256", weak}),
		"RSA without exponent": `{"kty":"RSA","n":"` + strings.Repeat("q", 400) + `"}`,
		"RSA with exponent 1":  `{"kty":"RSA","n":"` + strings.Repeat("q", 400) + `","e":"AQ"}`,
		"RSA too long":         `{"kty":"RSA","n":"` + strings.Repeat("q", 4000) + `","e":"AQAB"}`,
		"point off the curve":  `{"kty":"EC","crv":"P-256","x":"` + strings.Repeat("A", 43) + `","y":"` + strings.Repeat("A", 43) + `"}`,
		"point too short":      `{"kty":"EC","crv":"P-256","x":"AQ","y":"AQ"}`,
		"unknown curve":        `{"kty":"EC","crv":"secp256k1","x":"AQ","y":"AQ"}`,
		"Ed448":                `{"kty":"OKP","crv":"Ed448","x":"AQ"}`,
		"short Ed25519":        `{"kty":"OKP","crv":"Ed25519","x":"AQ"}`,
		"unknown type":         `{"kty":"AKP","pub":"AQ"}`,
		"not an object":        `7`,
		"alg a number":         more(rsaPair(), `"alg":7`),
		"kid too long":         strings.Replace(of(rsaPair()), "rsa-1", strings.Repeat("k", maxKeyID+1), 1),
	}
	for name, bad := range tests {
		keys, err := parseKeys([]byte(`{"keys":[` + bad + `,` + of(ecPair()) + `]}`))
		if err != nil || len(keys) != 1 || keys[0].id != "ec-1" {
			t.Errorf("%s: %d keys, %v; want the good one alone", name, len(keys), err)
		}
	}
}

func TestKeyFitsOnlyItsAlgorithms(t *testing.T) {
	t.Parallel()
	public := func(k pair, alg string) publicKey { return publicKey{k.kid, alg, k.private.Public()} }
	tests := []struct {
		key  publicKey
		algs string // of all, those that fit
	}{
		{public(rsaPair(), ""), "RS256 RS384 RS512 PS256 PS384 PS512"},
		{public(rsaPair(), "PS384"), "PS384"},
		{public(rsaPair(), "ES256"), ""},
		{public(ecPair(), ""), "ES256"},
		{public(edPair(), ""), "EdDSA"},
	}
	for _, tt := range tests {
		var got []string
		for _, alg := range append([]string{"none", "HS256"}, allAlgorithms...) {
			if tt.key.fits(alg) {
				got = append(got, alg)
			}
		}
		if s := strings.Join(got, " "); s != tt.algs {
			t.Errorf("%T for %q: fits %q, want %q", tt.key.key, tt.key.alg, s, tt.algs)
		}
	}
}
