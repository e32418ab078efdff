package auth

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"mime"
	"net/http"
	"strings"
)

// userInfo asks the provider who the token's subject is (OpenID Connect Core,
// section 5.3). Only a JSON answer is understood, and only one about the same
// subject is accepted (section 5.3.2).
func (i *issuer) userInfo(ctx context.Context, at string, t *token) (map[string]any, *Error) {
	body, kind, err := i.provider.fetch(ctx, at, t.raw)
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
		return nil, misconfigured(keepUnavailable, "The identity provider's UserInfo endpoint %s", unreadable(at, kind, body))
	}
	if sub, _ := claims["sub"].(string); sub != t.claims["sub"] {
		return nil, unavailable(i.URL, keepUnavailable, errors.New("userinfo: the answer is about another subject"))
	}
	return claims, nil
}

// unreadable says what a UserInfo endpoint answers instead of a JSON object, and what to do about
// it.
func unreadable(at, kind string, body []byte) string {
	const instead = ", or have the name put into the access token and set userInfo to false."
	media, _, _ := mime.ParseMediaType(kind)
	text := bytes.TrimSpace(body)
	switch {
	case media == "application/jwt" || bytes.Count(text, []byte(".")) >= 2 && base64url(strings.ReplaceAll(string(text), ".", "")):
		return fmt.Sprintf("%s answers with a JWT (application/jwt), and only JSON is read; at the provider, "+
			"leave the client's userinfo_signed_response_alg out", at) + instead
	case media == "text/html" || bytes.HasPrefix(text, []byte("<")):
		return fmt.Sprintf("%s answers with a page (HTML), and not with JSON; look at userinfo_endpoint in the provider's discovery document, "+
			"and at the proxy on the way", at) + instead
	}
	return fmt.Sprintf("%s does not answer with a JSON object with distinct keys; look at the provider's settings", at) + instead
}

// probeUserInfo asks the endpoint with a token that nobody has issued: one that works refuses it
// (RFC 6750, section 3).
func (i *issuer) probeUserInfo(ctx context.Context, at string) error {
	body, kind, err := i.provider.fetch(ctx, at, "vitrine-check")
	var answered *statusError
	switch {
	case errors.As(err, &answered) && (answered.status == http.StatusUnauthorized || answered.status == http.StatusForbidden || answered.status == http.StatusBadRequest):
		return nil
	case err != nil:
		return fmt.Errorf("userInfo: %w; look at userinfo_endpoint in the provider's discovery document, and at the proxy on the way", err)
	}
	if _, err := object(body); err != nil {
		return fmt.Errorf("userInfo: the endpoint %s", unreadable(at, kind, body))
	}
	return nil
}
