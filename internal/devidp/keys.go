package devidp

import (
	"crypto/rand"
	"crypto/rsa"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"sync"
	"time"

	"github.com/go-jose/go-jose/v4"
	"github.com/go-jose/go-jose/v4/jwt"
)

// signingAlgorithm is RS256 because that is the one every OpenID client has to accept (OpenID
// Connect Core 15.1).
const signingAlgorithm = jose.RS256

// keyRing holds the key that signs and those that signed not long ago.
type keyRing struct {
	mu   sync.Mutex
	keys []signingKey // the first one signs
}

type signingKey struct {
	id      string
	private *rsa.PrivateKey
	retired time.Time // zero for the key that signs
}

// RotateKeys makes a new signing key. The key before it stays in the key set until the last access
// token that it signed has expired and a minute more, so tokens that are out in the world stay
// good.
func (p *Provider) RotateKeys() {
	private, err := rsa.GenerateKey(rand.Reader, 2048)
	if err != nil {
		panic("devidp: making an RSA key: " + err.Error()) // the size is right and crypto/rand does not fail
	}
	p.keys.mu.Lock()
	defer p.keys.mu.Unlock()
	if len(p.keys.keys) > 0 {
		p.keys.keys[0].retired = p.now()
	}
	p.keys.keys = append([]signingKey{{id: newSecret()[:8], private: private}}, p.publishedLocked()...)
}

// published returns the keys of the key set, the signing one first.
func (p *Provider) published() []signingKey {
	p.keys.mu.Lock()
	defer p.keys.mu.Unlock()
	return p.publishedLocked()
}

func (p *Provider) publishedLocked() []signingKey {
	var keys []signingKey
	for _, k := range p.keys.keys {
		if k.retired.IsZero() || p.now().Before(k.retired.Add(p.lifetime+keyGrace)) {
			keys = append(keys, k)
		}
	}
	return keys
}

// keySet returns the public keys as RFC 7517 has them.
func (p *Provider) keySet() jose.JSONWebKeySet {
	var set jose.JSONWebKeySet
	for _, k := range p.published() {
		set.Keys = append(set.Keys, jose.JSONWebKey{
			Key: k.private.Public(), KeyID: k.id, Algorithm: string(signingAlgorithm), Use: "sig",
		})
	}
	return set
}

func (p *Provider) serveKeys(w http.ResponseWriter, _ *http.Request) {
	// No age: a client that caches by the header would not see a rotation, which is what people
	// test here.
	w.Header().Set("Cache-Control", "no-cache")
	writeJSON(w, http.StatusOK, p.keySet())
}

// sign makes a compact JWS of the claims. The header says typ and kid, unless edit, which may be
// nil, changes it or the claims; the signature is still valid.
func (p *Provider) sign(typ string, claims map[string]any, edit func(claims, header map[string]any)) (string, error) {
	key := p.published()[0]
	header := map[string]any{"alg": string(signingAlgorithm), "kid": key.id, "typ": typ}
	if edit != nil {
		edit(claims, header)
	}
	options := &jose.SignerOptions{}
	for name, value := range header {
		options.WithHeader(jose.HeaderKey(name), value)
	}
	// The key goes in without its id, so that the header alone decides which kid is said.
	signer, err := jose.NewSigner(jose.SigningKey{Algorithm: signingAlgorithm, Key: key.private}, options)
	if err != nil {
		return "", fmt.Errorf("devidp: making a signer: %w", err)
	}
	payload, err := json.Marshal(claims)
	if err != nil {
		return "", fmt.Errorf("devidp: encoding claims: %w", err)
	}
	signed, err := signer.Sign(payload)
	if err != nil {
		return "", fmt.Errorf("devidp: signing: %w", err)
	}
	return signed.CompactSerialize()
}

var errNotOurs = errors.New("the token was not signed by this provider")

// verify checks signature, type and issuer of a token of this provider and decodes its claims; it
// does not look at the times.
func (p *Provider) verify(token, typ string) (*tokenClaims, error) {
	signed, err := jose.ParseSignedCompact(token, []jose.SignatureAlgorithm{signingAlgorithm})
	if err != nil {
		return nil, errNotOurs
	}
	header := signed.Signatures[0].Protected
	if header.ExtraHeaders[jose.HeaderType] != typ {
		return nil, fmt.Errorf("the token is not of the type %s", typ)
	}
	set := p.keySet()
	keys := set.Key(header.KeyID)
	if len(keys) == 0 {
		return nil, errNotOurs
	}
	payload, err := signed.Verify(keys[0])
	if err != nil {
		return nil, errNotOurs
	}
	var claims tokenClaims
	if err := json.Unmarshal(payload, &claims); err != nil {
		return nil, errors.New("the claims of the token have an unexpected shape")
	}
	if claims.Issuer != p.issuer {
		return nil, errNotOurs
	}
	return &claims, nil
}

// tokenClaims are the claims that the provider reads back from its own tokens.
type tokenClaims struct {
	jwt.Claims
	Client  string `json:"client_id"`
	Scope   string `json:"scope"`
	Session string `json:"sid"`
}
