package devidp

import (
	"net/http"
	"strings"
)

// serveUserInfo returns the claims of the access token's user that its scope allows (OpenID Connect
// Core 5.3).
func (p *Provider) serveUserInfo(w http.ResponseWriter, r *http.Request) {
	w.Header().Set("Cache-Control", "no-store")
	scheme, token, _ := strings.Cut(r.Header.Get("Authorization"), " ")
	if !strings.EqualFold(scheme, "Bearer") {
		w.Header().Set("WWW-Authenticate", "Bearer")
		w.WriteHeader(http.StatusUnauthorized)
		return
	}
	u, scope, reason := p.bearer(token)
	if reason != "" {
		w.Header().Set("WWW-Authenticate", `Bearer error="invalid_token", error_description="`+reason+`"`)
		writeError(w, http.StatusUnauthorized, "invalid_token", reason)
		return
	}
	claims := userClaims(u, scope)
	claims["sub"] = u.Subject()
	writeJSON(w, http.StatusOK, claims)
}

// bearer returns the user and the scope of a valid access token, or the reason why it is invalid.
func (p *Provider) bearer(token string) (*User, []string, string) {
	claims, err := p.verify(token, typeAccessToken)
	if err != nil {
		return nil, nil, err.Error()
	}
	if claims.Expiry == nil || !p.now().Before(claims.Expiry.Time()) {
		return nil, nil, "the token has expired"
	}
	if _, ok := p.revoked.get(claims.ID); ok {
		return nil, nil, "the token was revoked"
	}
	for i := range p.users {
		if p.users[i].Subject() == claims.Subject {
			return &p.users[i], strings.Fields(claims.Scope), ""
		}
	}
	return nil, nil, "the token is for nobody known here"
}
