package auth

import (
	"context"
	"crypto"
	"encoding/json"
	"errors"
	"time"

	"github.com/coreos/go-oidc/v3/oidc"
)

// errBadSignature says that none of the keys made the token's signature.
var errBadSignature = errors.New("bad signature")

// signed has go-oidc check signature, issuer, audience and expiry. The latter
// three were checked before; that they are checked again means that no single
// mistake of ours lets a token through. The clock is set back by the leeway,
// which go-oidc does not have.
//
// Its errors are texts that may quote claims, so none is repeated. Which step
// failed depends on what the key set saw: each error is of one of three steps.
//
//	parsing the header ("malformed jwt")       the key set was not called
//	the signature ("failed to verify signature") the key set refused
//	claims, issuer, audience, expiry           the key set gave the claims
func (i *issuer) signed(ctx context.Context, t *token, keys []crypto.PublicKey) error {
	if len(keys) == 0 {
		return errBadSignature
	}
	set := &checkedClaims{keys: oidc.StaticKeySet{PublicKeys: keys}, token: t}
	v := oidc.NewVerifier(i.URL, set, &oidc.Config{
		ClientID:             t.forUs,
		SkipExpiryCheck:      t.expires.IsZero(), // a logout token may leave it out
		SupportedSigningAlgs: []string{t.alg},
		Now:                  func() time.Time { return i.now().Add(-i.Leeway) },
	})
	_, err := v.Verify(ctx, t.raw)
	var expired *oidc.TokenExpiredError
	switch {
	case err == nil:
		return nil
	case !set.called:
		return refuse("The token's header has a member that cannot be read, such as x5c.")
	case !set.good:
		return errBadSignature
	case errors.As(err, &expired):
		return refuse("The token has expired; sign in again.")
	default:
		return refuse("The token's signature is good, but its claims iss, aud and exp cannot be read in one way only.")
	}
}

// checkedClaims is a key set that gives go-oidc only those claims of a signed
// token that it is to check. It would refuse others for a form that harms nobody,
// such as a number in nonce or _claim_names without sources.
type checkedClaims struct {
	keys         oidc.StaticKeySet
	token        *token
	called, good bool
}

// VerifySignature implements oidc.KeySet.
func (s *checkedClaims) VerifySignature(ctx context.Context, raw string) ([]byte, error) {
	s.called = true
	payload, err := s.keys.VerifySignature(ctx, raw)
	if err != nil {
		return nil, err
	}
	s.good = true
	var claims map[string]json.RawMessage
	if err := json.Unmarshal(payload, &claims); err != nil {
		return nil, err
	}
	checked := map[string]json.RawMessage{}
	for _, name := range []string{"iss", "sub", "aud", "exp"} {
		if v, ok := claims[name]; ok {
			checked[name] = v
		}
	}
	return json.Marshal(checked)
}
