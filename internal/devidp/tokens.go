package devidp

import (
	"crypto/sha256"
	"encoding/base64"
	"maps"
	"net"
	"net/http"
	"slices"
	"strings"
	"sync/atomic"
)

// Values of the header typ: access tokens by RFC 9068 section 2.1, ID tokens as most providers have
// it.
const (
	typeAccessToken = "at+jwt"
	typeIDToken     = "JWT"
)

// devClient and devScope are client_id and scope of tokens that nobody signed in for: those of
// Token and of the development door.
const devClient = "vitrine-dev"

var devScope = []string{"openid", "profile", "email", "groups"}

// grant is what one person allowed one client at one sign-in. Codes and refresh tokens point to it,
// so that ending it ends them all.
type grant struct {
	session *session
	client  string
	scope   []string
	nonce   string
	ended   atomic.Bool
}

func (g *grant) live() bool { return !g.ended.Load() && !g.session.ended.Load() }

// Token returns an access token as if the user of this name had signed in: audience and issuer of
// the provider, all claims, valid from now on for the configured lifetime.
func (p *Provider) Token(user string) (string, error) {
	return p.TokenWith(user, nil)
}

// TokenWith returns an access token as Token does, after edit has changed its claims and header as
// it likes. The signature is made afterwards with the current key and is right, so what a verifier
// refuses is the change itself. A changed alg is only a claim in the header: the signature stays
// RS256.
func (p *Provider) TokenWith(user string, edit func(claims, header map[string]any)) (string, error) {
	u, err := p.user(user)
	if err != nil {
		return "", err
	}
	g := &grant{session: newSession(u, p.now()), client: devClient}
	return p.accessToken(g, devScope, edit)
}

// accessToken signs an access token of RFC 9068. It carries the person's claims whatever the scope:
// which claims an API's tokens hold is settled between the provider and the API, not by what a
// front end happens to ask for.
func (p *Provider) accessToken(g *grant, scope []string, edit func(claims, header map[string]any)) (string, error) {
	claims := p.registeredClaims(g)
	claims["aud"] = p.audience
	claims["jti"] = newSecret()
	claims["client_id"] = g.client
	claims["scope"] = strings.Join(scope, " ")
	maps.Copy(claims, userClaims(g.session.user, []string{"profile", "email", "groups"}))
	return p.sign(typeAccessToken, claims, edit)
}

// idToken signs an ID token (OpenID Connect Core 2) for the client, bound to the access token
// beside it.
func (p *Provider) idToken(g *grant, scope []string, accessToken string) (string, error) {
	claims := p.registeredClaims(g)
	claims["aud"] = g.client
	claims["at_hash"] = halfHash(accessToken)
	if g.nonce != "" {
		claims["nonce"] = g.nonce
	}
	maps.Copy(claims, userClaims(g.session.user, scope))
	return p.sign(typeIDToken, claims, nil)
}

// registeredClaims are those that both kinds of token share; times are whole seconds since 1970.
func (p *Provider) registeredClaims(g *grant) map[string]any {
	now := p.now()
	return map[string]any{
		"iss":       p.issuer,
		"sub":       g.session.user.Subject(),
		"iat":       now.Unix(),
		"exp":       now.Add(p.lifetime).Unix(),
		"auth_time": g.session.authTime.Unix(),
		"sid":       g.session.id,
	}
}

// userClaims returns what the scopes open of a person (OpenID Connect Core 5.4; the scope groups is
// our own).
func userClaims(u *User, scope []string) map[string]any {
	claims := map[string]any{}
	if slices.Contains(scope, "profile") {
		claims["name"] = u.FullName
		claims["preferred_username"] = u.Name
	}
	if slices.Contains(scope, "email") {
		claims["email"] = u.Email
		claims["email_verified"] = u.EmailVerified
	}
	if slices.Contains(scope, "groups") {
		claims["groups"] = append([]string{}, u.Groups...) // an empty list, not null
	}
	return claims
}

// halfHash is at_hash of OpenID Connect Core 3.1.3.6 for RS256.
func halfHash(token string) string {
	sum := sha256.Sum256([]byte(token))
	return base64.RawURLEncoding.EncodeToString(sum[:len(sum)/2])
}

// serveDevToken is the development door of the package comment.
func (p *Provider) serveDevToken(w http.ResponseWriter, r *http.Request) {
	w.Header().Set("Cache-Control", "no-store")
	if reason := notLocal(r); reason != "" {
		writeError(w, http.StatusForbidden, "access_denied", reason)
		return
	}
	token, err := p.Token(r.PostFormValue("user"))
	if err != nil {
		writeError(w, http.StatusNotFound, "unknown_user", err.Error())
		return
	}
	writeJSON(w, http.StatusOK, tokenAnswer{
		AccessToken: token, TokenType: "Bearer", ExpiresIn: int(p.lifetime.Seconds()), Scope: strings.Join(devScope, " "),
	})
}

// notLocal says why a request may not use the development door, or "" when it may. The Host is
// checked because a name that a page made to point here (DNS rebinding) would be in it.
func notLocal(r *http.Request) string {
	if r.Header.Get("Origin") != "" || r.Header.Get("Sec-Fetch-Site") != "" {
		return "this endpoint is for command-line tools, not for web pages"
	}
	host := r.Host
	if h, _, err := net.SplitHostPort(host); err == nil {
		host = h
	}
	remote, _, err := net.SplitHostPort(r.RemoteAddr)
	if err != nil || !loopbackHost(remote) || !loopbackHost(strings.Trim(host, "[]")) {
		return "this endpoint answers on loopback only"
	}
	return ""
}
