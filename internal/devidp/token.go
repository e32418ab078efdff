package devidp

import (
	"crypto/sha256"
	"encoding/base64"
	"encoding/json"
	"net/http"
	"net/url"
	"slices"
	"strings"
)

// tokenAnswer is the body of RFC 6749 section 5.1; ExpiresIn is in seconds.
type tokenAnswer struct {
	AccessToken  string `json:"access_token"`
	TokenType    string `json:"token_type"`
	ExpiresIn    int    `json:"expires_in"`
	Scope        string `json:"scope"`
	IDToken      string `json:"id_token,omitempty"`
	RefreshToken string `json:"refresh_token,omitempty"`
}

// refreshToken is good for one use. A used one stays until it expires: a second use means that two
// parties hold it, and ends the grant for both (RFC 9700 section 4.14.2).
type refreshToken struct {
	grant *grant
	used  bool
}

func (p *Provider) serveToken(w http.ResponseWriter, r *http.Request) {
	w.Header().Set("Cache-Control", "no-store")
	answer, refusal, err := p.exchange(r)
	switch {
	case err != nil:
		writeError(w, http.StatusInternalServerError, "server_error", err.Error())
	case refusal != nil:
		writeError(w, http.StatusBadRequest, refusal.code, refusal.description)
	default:
		writeJSON(w, http.StatusOK, answer)
	}
}

// exchange answers a token request, with a refusal for the client or an error of our own.
func (p *Provider) exchange(r *http.Request) (*tokenAnswer, *oauthError, error) {
	form, refusal := p.clientForm(r)
	if refusal != nil {
		return nil, refusal, nil
	}
	var g *grant
	switch form.Get("grant_type") {
	case "authorization_code":
		g, refusal = p.redeemCode(form)
	case "refresh_token":
		g, refusal = p.redeemRefreshToken(form)
	default:
		refusal = refuse("unsupported_grant_type",
			"grant_type must be authorization_code or refresh_token, not %q", form.Get("grant_type"))
	}
	if refusal != nil {
		return nil, refusal, nil
	}
	scope := g.scope
	if asked := strings.Fields(form.Get("scope")); len(asked) > 0 && form.Get("grant_type") == "refresh_token" {
		scope = asked
	}
	answer, err := p.issue(g, scope)
	return answer, nil, err
}

// clientForm reads the body of a request that a client makes by itself, and checks that it is a
// client of ours. Clients are public: client_id is all they have.
func (p *Provider) clientForm(r *http.Request) (url.Values, *oauthError) {
	if err := r.ParseForm(); err != nil {
		return nil, refuse("invalid_request", "the form could not be read: %v", err)
	}
	for name, values := range r.PostForm {
		if len(values) > 1 {
			return nil, refuse("invalid_request", "the parameter %s came %d times", name, len(values))
		}
	}
	if _, ok := p.clients[r.PostForm.Get("client_id")]; !ok {
		return nil, refuse("invalid_client", "the client %q is not known here; send client_id in the form", r.PostForm.Get("client_id"))
	}
	return r.PostForm, nil
}

// redeemCode spends an authorization code. A second try with the same code ends what the first one
// was given (RFC 6749 section 4.1.2).
func (p *Provider) redeemCode(form url.Values) (*grant, *oauthError) {
	c, ok := p.codes.get(form.Get("code"))
	if !ok || c.grant.client != form.Get("client_id") {
		return nil, refuse("invalid_grant", "the code is not known to this client, or has expired")
	}
	if p.spend(&c.used) {
		c.grant.ended.Store(true)
		return nil, refuse("invalid_grant", "the code was used before; its tokens can no longer be renewed")
	}
	sum := sha256.Sum256([]byte(form.Get("code_verifier")))
	switch {
	case form.Get("redirect_uri") != c.redirectURI:
		return nil, refuse("invalid_grant", "redirect_uri is not the one of the authorization request")
	case !equal(base64.RawURLEncoding.EncodeToString(sum[:]), c.challenge):
		return nil, refuse("invalid_grant", "code_verifier does not fit the code_challenge of the authorization request")
	case !c.grant.live():
		return nil, refuse("invalid_grant", "the person has signed out")
	}
	return c.grant, nil
}

// redeemRefreshToken spends a refresh token.
func (p *Provider) redeemRefreshToken(form url.Values) (*grant, *oauthError) {
	t, ok := p.refreshes.get(form.Get("refresh_token"))
	if !ok || t.grant.client != form.Get("client_id") {
		return nil, refuse("invalid_grant", "the refresh token is not known to this client, or has expired")
	}
	for _, scope := range strings.Fields(form.Get("scope")) {
		if !slices.Contains(t.grant.scope, scope) {
			return nil, refuse("invalid_scope", "the scope %q was not allowed at the sign-in", scope)
		}
	}
	if p.spend(&t.used) {
		t.grant.ended.Store(true)
		return nil, refuse("invalid_grant", "the refresh token was used before; sign in again")
	}
	if !t.grant.live() {
		return nil, refuse("invalid_grant", "the sign-in of this refresh token has ended; sign in again")
	}
	return t.grant, nil
}

// spend marks a code or refresh token as used and reports whether it was already.
func (p *Provider) spend(used *bool) (before bool) {
	p.mu.Lock()
	defer p.mu.Unlock()
	before = *used
	*used = true
	return before
}

// issue makes the tokens of a grant, for its scope or, on renewal, for a part of it. A refresh
// token comes only where offline_access was allowed (OpenID Connect Core 11).
func (p *Provider) issue(g *grant, scope []string) (*tokenAnswer, error) {
	accessToken, err := p.accessToken(g, scope, nil)
	if err != nil {
		return nil, err
	}
	answer := &tokenAnswer{
		AccessToken: accessToken, TokenType: "Bearer", ExpiresIn: int(p.lifetime.Seconds()), Scope: strings.Join(scope, " "),
	}
	if slices.Contains(scope, "openid") {
		if answer.IDToken, err = p.idToken(g, scope, accessToken); err != nil {
			return nil, err
		}
	}
	if slices.Contains(g.scope, "offline_access") {
		answer.RefreshToken = newSecret()
		p.refreshes.put(answer.RefreshToken, &refreshToken{grant: g}, refreshLifetime)
	}
	return answer, nil
}

// serveRevocation ends a refresh token and its whole grant, or makes UserInfo refuse an access
// token (RFC 7009). An API that checks access tokens by itself, as Vitrine does, learns nothing of
// it. An unknown token is no error.
func (p *Provider) serveRevocation(w http.ResponseWriter, r *http.Request) {
	w.Header().Set("Cache-Control", "no-store")
	form, refusal := p.clientForm(r)
	if refusal == nil && form.Get("token") == "" {
		refusal = refuse("invalid_request", "token is missing")
	}
	if refusal != nil {
		writeError(w, http.StatusBadRequest, refusal.code, refusal.description)
		return
	}
	if t, ok := p.refreshes.get(form.Get("token")); ok && t.grant.client == form.Get("client_id") {
		t.grant.ended.Store(true)
	}
	if claims, err := p.verify(form.Get("token"), typeAccessToken); err == nil && claims.Client == form.Get("client_id") {
		p.revoked.put(claims.ID, struct{}{}, p.lifetime)
	}
	w.WriteHeader(http.StatusOK)
}

// writeError writes the JSON of RFC 6749 section 5.2.
func writeError(w http.ResponseWriter, status int, code, description string) {
	writeJSON(w, status, map[string]string{"error": code, "error_description": description})
}

func writeJSON(w http.ResponseWriter, status int, body any) {
	w.Header().Set("Content-Type", "application/json")
	w.WriteHeader(status)
	_ = json.NewEncoder(w).Encode(body)
}
