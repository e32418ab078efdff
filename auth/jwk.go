package auth

import (
	"crypto"
	"crypto/ecdsa"
	"crypto/ed25519"
	"crypto/elliptic"
	"crypto/rsa"
	"encoding/base64"
	"encoding/json"
	"errors"
	"fmt"
	"math/big"
	"slices"
	"strings"
)

const (
	// maxKeys is how many keys of a set are read.
	maxKeys = 100
	// minRSA and maxRSA bound the modulus, in bits (RFC 7518, section 3.3): below,
	// it can be factored; above, each check of a signature costs too much.
	minRSA, maxRSA = 2048, 8192
)

// publicKey is one key that may check signatures.
type publicKey struct {
	id  string // "" if the set does not name it
	alg string // "" if the set does not say for which algorithm it is
	key crypto.PublicKey
}

// jwk holds the members of a JSON Web Key that we read (RFC 7517, RFC 7518
// section 6, RFC 8037). Private and symmetric members have no field: such keys
// cannot be loaded at all.
type jwk struct {
	Type       string   `json:"kty"`
	Use        string   `json:"use"`
	Operations []string `json:"key_ops"`
	Algorithm  string   `json:"alg"`
	ID         string   `json:"kid"`
	Curve      string   `json:"crv"`
	N          string   `json:"n"`
	E          string   `json:"e"`
	X          string   `json:"x"`
	Y          string   `json:"y"`
}

// parseKeys reads a JSON Web Key Set. Keys that we cannot use are passed over,
// as RFC 7517, section 5, asks; a set without any usable key is not an error.
func parseKeys(data []byte) ([]publicKey, error) {
	var set struct {
		Keys []json.RawMessage `json:"keys"`
	}
	if err := json.Unmarshal(data, &set); err != nil || set.Keys == nil {
		return nil, errors.New("the answer is not a JSON Web Key Set")
	}
	if len(set.Keys) > maxKeys {
		return nil, fmt.Errorf("the key set holds %d keys, more than %d", len(set.Keys), maxKeys)
	}
	keys := []publicKey{}
	for _, raw := range set.Keys {
		var k jwk
		if json.Unmarshal(raw, &k) != nil || len(k.ID) > maxKeyID {
			continue
		}
		if pub := k.public(); pub != nil {
			keys = append(keys, publicKey{id: k.ID, alg: k.Algorithm, key: pub})
		}
	}
	return keys, nil
}

// public returns the key, or nil if it is not one that may check signatures.
func (k jwk) public() crypto.PublicKey {
	if k.Use != "" && k.Use != "sig" || k.Operations != nil && !slices.Contains(k.Operations, "verify") {
		return nil
	}
	switch k.Type {
	case "RSA":
		return k.rsa()
	case "EC":
		return k.ecdsa()
	case "OKP":
		if x := unbase64(k.X); k.Curve == "Ed25519" && len(x) == ed25519.PublicKeySize {
			return ed25519.PublicKey(x)
		}
	}
	return nil
}

func (k jwk) rsa() crypto.PublicKey {
	n, e := new(big.Int).SetBytes(unbase64(k.N)), new(big.Int).SetBytes(unbase64(k.E))
	if n.BitLen() < minRSA || n.BitLen() > maxRSA || n.Bit(0) == 0 ||
		e.BitLen() < 2 || e.BitLen() > 31 || e.Bit(0) == 0 {
		return nil
	}
	return &rsa.PublicKey{N: n, E: int(e.Int64())}
}

// ecdsa checks, through the standard library, that the point is on the curve.
func (k jwk) ecdsa() crypto.PublicKey {
	curve := map[string]elliptic.Curve{
		"P-256": elliptic.P256(), "P-384": elliptic.P384(), "P-521": elliptic.P521(),
	}[k.Curve]
	if curve == nil {
		return nil
	}
	size := (curve.Params().BitSize + 7) / 8
	x, y := unbase64(k.X), unbase64(k.Y)
	if len(x) != size || len(y) != size {
		return nil
	}
	pub, err := ecdsa.ParseUncompressedPublicKey(curve, slices.Concat([]byte{4}, x, y))
	if err != nil {
		return nil
	}
	return pub
}

// unbase64 returns nil for what is not base64url.
func unbase64(s string) []byte {
	data, err := base64.RawURLEncoding.DecodeString(strings.TrimRight(s, "="))
	if err != nil {
		return nil
	}
	return data
}

// fits reports whether a signature by alg can be checked with the key. Without
// this a key of one kind could be tried with the algorithm of another.
func (k publicKey) fits(alg string) bool {
	if k.alg != "" && k.alg != alg {
		return false
	}
	switch pub := k.key.(type) {
	case *rsa.PublicKey:
		return strings.HasPrefix(alg, "RS") || strings.HasPrefix(alg, "PS")
	case *ecdsa.PublicKey:
		return map[string]int{"ES256": 256, "ES384": 384, "ES512": 521}[alg] == pub.Params().BitSize
	case ed25519.PublicKey:
		return alg == "EdDSA"
	}
	return false
}
