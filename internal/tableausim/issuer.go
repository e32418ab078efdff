package tableausim

import (
	"context"
	"crypto/rsa"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/url"
	"strings"
	"sync"
	"time"
)

// issuer is a trusted issuer with the keys that were fetched from it.
type issuer struct {
	TrustedIssuer
	now    func() time.Time
	client *http.Client

	mu      sync.Mutex // one fetch at a time
	keys    []jwk
	fetched time.Time
}

// keysLive is how long keys are used without asking the issuer again; a key that is not among them
// is asked for at once.
const keysLive = 5 * time.Minute

// minRSA is the least size of an RSA key in bits.
const minRSA = 2048

func newIssuer(x TrustedIssuer, now func() time.Time) *issuer {
	return &issuer{TrustedIssuer: x, now: now, client: &http.Client{
		Timeout:       5 * time.Second,
		Transport:     &http.Transport{DisableKeepAlives: true}, // fetches are rare; no connection is left behind
		CheckRedirect: func(*http.Request, []*http.Request) error { return errors.New("redirects are not followed") },
	}}
}

// prove checks the signature of a token with the issuer's own keys.
func (i *issuer) prove(ctx context.Context, token jwt) (*proof, int) {
	if token.header.Algorithm != "RS256" && token.header.Algorithm != "ES256" {
		return nil, wrongAlgorithm
	}
	key, number := i.key(ctx, token.header.KeyID)
	if number != 0 {
		return nil, number
	}
	if k, ok := key.(*rsa.PublicKey); ok && k.N.BitLen() < minRSA {
		return nil, keyTooSmall
	}
	if !token.signedWith(key) {
		return nil, noKeys
	}
	return &proof{method: ByOAuth, issuer: i.URL, userClaim: "sub", sites: i.Sites}, 0
}

// key returns the public key of a key ID, fetched if need be, or the number of what went wrong.
func (i *issuer) key(ctx context.Context, id string) (any, int) {
	i.mu.Lock()
	defer i.mu.Unlock()
	if key := keyOf(i.keys, id); key != nil && i.now().Sub(i.fetched) < keysLive {
		return key, 0
	}
	address := i.JWKS
	if address == "" {
		var err error
		if address, err = i.discover(ctx); err != nil {
			return nil, noMetadata
		}
	}
	keys, err := i.fetchKeys(ctx, address)
	if err != nil {
		return nil, noKeys
	}
	i.keys, i.fetched = keys, i.now()
	if key := keyOf(i.keys, id); key != nil {
		return key, 0
	}
	return nil, noKeys
}

func keyOf(keys []jwk, id string) any {
	for _, k := range keys {
		if k.ID == id {
			return k.PublicKey
		}
	}
	return nil
}

// discover asks the issuer's metadata for the address of its key set (OpenID Connect Discovery 4,
// RFC 8414 3).
func (i *issuer) discover(ctx context.Context) (string, error) {
	base := strings.TrimSuffix(i.URL, "/")
	addresses := []string{base + "/.well-known/openid-configuration", base + "/.well-known/oauth-authorization-server"}
	if u, err := url.Parse(base); err == nil && u.Path != "" {
		addresses = append(addresses, u.Scheme+"://"+u.Host+"/.well-known/oauth-authorization-server"+u.Path)
	}
	var failed error
	for _, address := range addresses {
		var doc struct {
			Issuer string `json:"issuer"`
			JWKS   string `json:"jwks_uri"`
		}
		err := i.fetch(ctx, address, &doc)
		switch {
		case err != nil:
			failed = errors.Join(failed, err)
		case doc.Issuer != i.URL || doc.JWKS == "":
			return "", fmt.Errorf("%s names issuer %q and key set %q", address, doc.Issuer, doc.JWKS)
		default:
			return doc.JWKS, nil
		}
	}
	return "", failed
}

// fetchKeys reads a key set and keeps the keys that can check a signature.
func (i *issuer) fetchKeys(ctx context.Context, address string) ([]jwk, error) {
	var set struct {
		Keys []jwk `json:"keys"`
	}
	if err := i.fetch(ctx, address, &set); err != nil {
		return nil, err
	}
	var out []jwk
	for _, k := range set.Keys {
		if k.Use != "" && k.Use != "sig" {
			continue
		}
		if key, err := k.public(); err == nil { // others may be of kinds that are not used here
			k.PublicKey = key
			out = append(out, k)
		}
	}
	return out, nil
}

// CheckIssuer says what is wrong with the address of an issuer as a person typed it, or nil: it
// must be https, or http on a loopback address, and have neither query nor fragment.
func CheckIssuer(address string) error {
	u, err := url.Parse(address)
	if err != nil {
		return err
	}
	if u.Host == "" || u.RawQuery != "" || u.Fragment != "" {
		return fmt.Errorf("%q is no issuer; one looks like https://vitrine.example.com/tableau-issuer", address)
	}
	return checkFetch(u)
}

// checkFetch refuses addresses that a fetch could be listened to or tampered with.
func checkFetch(u *url.URL) error {
	host := u.Hostname()
	if u.Scheme == "https" || u.Scheme == "http" && (host == "localhost" || net.ParseIP(host).IsLoopback()) {
		return nil
	}
	return fmt.Errorf("%q is neither https nor on a loopback address", u)
}

// fetch reads one JSON document.
func (i *issuer) fetch(ctx context.Context, address string, into any) error {
	u, err := url.Parse(address)
	if err != nil {
		return err
	}
	if err := checkFetch(u); err != nil {
		return err
	}
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, address, http.NoBody)
	if err != nil {
		return err
	}
	req.Header.Set("Accept", "application/json")
	res, err := i.client.Do(req)
	if err != nil {
		return err
	}
	defer res.Body.Close()
	if res.StatusCode != http.StatusOK {
		return fmt.Errorf("%s answered %s", address, res.Status)
	}
	return json.NewDecoder(io.LimitReader(res.Body, maxRequest)).Decode(into)
}
