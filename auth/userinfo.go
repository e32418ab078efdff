package auth

import (
	"context"
	"errors"
	"net/http"
)

// userInfo asks the provider who the token's subject is (OpenID Connect Core,
// section 5.3). Only a JSON answer is understood, and only one about the same
// subject is believed (section 5.3.2).
func (i *issuer) userInfo(ctx context.Context, at string, t *token) (map[string]any, *Error) {
	body, err := i.provider.get(ctx, at, t.raw)
	var answered *statusError
	if errors.As(err, &answered) {
		switch answered.status {
		case http.StatusUnauthorized:
			return nil, refuse("The provider's UserInfo endpoint does not accept the token; sign in again.")
		case http.StatusForbidden:
			return nil, forbid("The token lacks the claim %q, and the provider's UserInfo endpoint refuses it; "+
				"ask for the scope openid.", i.Username.Claim)
		}
	}
	if err != nil {
		return nil, unavailable(i.URL, keepUnavailable, err)
	}
	claims, err := object(body)
	if err != nil {
		return nil, unavailable(i.URL, keepUnavailable, errors.New("userinfo: the answer is not a JSON object"))
	}
	if sub, _ := claims["sub"].(string); sub != t.claims["sub"] {
		return nil, unavailable(i.URL, keepUnavailable, errors.New("userinfo: the answer is about another subject"))
	}
	return claims, nil
}
