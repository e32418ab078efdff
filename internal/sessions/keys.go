package sessions

import (
	"crypto"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rsa"
	"crypto/x509"
	"encoding/base64"
	"encoding/pem"
	"errors"
	"fmt"
	"slices"

	"github.com/go-jose/go-jose/v4"

	"vitrine/internal/tableau"
)

// signingKey is the first private key of a PEM file, and the public parts of all its keys.
type signingKey struct {
	private   crypto.Signer
	algorithm jose.SignatureAlgorithm
	id        string // RFC 7638 thumbprint
	public    jose.JSONWebKeySet
}

// parseKeys reads PEM: the first key signs and has to be a private one, the others are only
// published, so that Tableau knows the next key before it is used and the last one a little longer.
// RSA of 2,048 bits and more, or P-256.
func parseKeys(text tableau.Secret) (*signingKey, error) {
	var key signingKey
	for rest := []byte(text.Reveal()); ; {
		var block *pem.Block
		if block, rest = pem.Decode(rest); block == nil {
			break
		}
		if block.Type == "EC PARAMETERS" { // openssl writes it before the key
			continue
		}
		parsed, err := parseKey(block)
		if err != nil {
			return nil, err
		}
		private, isPrivate := parsed.(crypto.Signer)
		public := parsed
		if isPrivate {
			public = private.Public()
		}
		published, err := publish(public)
		if err != nil {
			return nil, err
		}
		if key.private == nil {
			if !isPrivate {
				return nil, errors.New("the first key of the file is a public one: put the private key that signs first")
			}
			key.private, key.algorithm, key.id = private, jose.SignatureAlgorithm(published.Algorithm), published.KeyID
		}
		if len(key.public.Key(published.KeyID)) == 0 { // a key that the file has twice, perhaps once as a public one, is one key
			key.public.Keys = append(key.public.Keys, published)
		}
	}
	if key.private == nil {
		return nil, errors.New("the file holds no key in PEM form")
	}
	return &key, nil
}

// parseKey never repeats what x509 says: it may quote the file.
func parseKey(block *pem.Block) (any, error) {
	var key any
	var err error
	switch block.Type {
	case "PRIVATE KEY":
		key, err = x509.ParsePKCS8PrivateKey(block.Bytes)
	case "RSA PRIVATE KEY":
		key, err = x509.ParsePKCS1PrivateKey(block.Bytes)
	case "EC PRIVATE KEY":
		key, err = x509.ParseECPrivateKey(block.Bytes)
	case "PUBLIC KEY":
		key, err = x509.ParsePKIXPublicKey(block.Bytes)
	case "ENCRYPTED PRIVATE KEY":
		return nil, errors.New("the key is encrypted: store it without a passphrase, in a file that only this server may read")
	default:
		return nil, fmt.Errorf("the file holds a %q, which is no key: give a private key in PEM form", block.Type)
	}
	if err != nil {
		return nil, fmt.Errorf("a %q of the file cannot be read, or is encrypted", block.Type)
	}
	return key, nil
}

// publish makes the public form of a key, named by its thumbprint.
func publish(public any) (jose.JSONWebKey, error) {
	key := jose.JSONWebKey{Key: public, Use: "sig"}
	switch k := public.(type) {
	case *rsa.PublicKey:
		if k.N.BitLen() < 2048 {
			return key, fmt.Errorf("an RSA key of the file has %d bits: 2,048 are the least", k.N.BitLen())
		}
		key.Algorithm = string(jose.RS256)
	case *ecdsa.PublicKey:
		if k.Curve != elliptic.P256() {
			return key, fmt.Errorf("an EC key of the file is on the curve %s: use P-256, or RSA", k.Params().Name)
		}
		key.Algorithm = string(jose.ES256)
	default:
		return key, fmt.Errorf("a key of the file is of the kind %T: use RSA or P-256", public)
	}
	sum, err := key.Thumbprint(crypto.SHA256)
	if err != nil {
		return key, fmt.Errorf("naming a key: %w", err)
	}
	key.KeyID = base64.RawURLEncoding.EncodeToString(sum)
	return key, nil
}

// algorithms are those of all published keys, that of the key that signs first.
func (k *signingKey) algorithms() []string {
	var all []string
	for _, key := range k.public.Keys {
		if !slices.Contains(all, key.Algorithm) {
			all = append(all, key.Algorithm)
		}
	}
	return all
}
