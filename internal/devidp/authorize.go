package devidp

import (
	"encoding/base64"
	"fmt"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"time"
)

// authRequest is a checked authorization request (OpenID Connect Core 3.1.2.1).
type authRequest struct {
	params      url.Values // as they came, for the address of the login form
	client      Client
	redirectURI string
	state       string
	scope       []string
	nonce       string
	challenge   string // S256
	prompt      []string
	maxAge      time.Duration // negative when not given
	loginHint   string
	idTokenHint string
}

// code is an authorization code that waits for its exchange. A used one stays until it expires, so
// that the second use is noticed.
type code struct {
	grant       *grant
	redirectURI string
	challenge   string
	used        bool
}

// oauthError is a refusal that goes back to the client, by redirect or as JSON (RFC 6749 sections
// 4.1.2.1 and 5.2).
type oauthError struct {
	code        string
	description string
}

func (e *oauthError) Error() string { return e.code + ": " + e.description }

func refuse(code, format string, args ...any) *oauthError {
	return &oauthError{code, fmt.Sprintf(format, args...)}
}

// single are the parameters read here; one that comes twice is refused (RFC 6749 section 3.1).
var single = []string{
	"client_id", "redirect_uri", "response_type", "response_mode", "scope", "state", "nonce", "prompt", "max_age",
	"code_challenge", "code_challenge_method", "login_hint", "id_token_hint", "request", "request_uri",
}

func (p *Provider) serveAuthorization(w http.ResponseWriter, r *http.Request) {
	w.Header().Set("Cache-Control", "no-store")
	params, err := formOrQuery(r)
	if err != nil {
		p.message(w, http.StatusBadRequest, "This sign-in cannot go on", "The request could not be read: "+err.Error()+".")
		return
	}
	req, ok := p.authRequest(w, r, params)
	if !ok {
		return
	}
	s := p.session(r)
	if s != nil && p.satisfies(s, req) {
		p.sendCode(w, r, req, s)
		return
	}
	if slices.Contains(req.prompt, "none") {
		p.redirectError(w, r, req, refuse("login_required", "nobody is signed in, or another person than was asked for"))
		return
	}
	p.loginPage(w, http.StatusOK, req, req.loginHint, "")
}

// formOrQuery returns the parameters of a request of either method, and only from the place where
// they belong.
func formOrQuery(r *http.Request) (url.Values, error) {
	if r.Method == http.MethodPost {
		err := r.ParseForm()
		return r.PostForm, err
	}
	return url.ParseQuery(r.URL.RawQuery)
}

// authRequest checks a request. If it is bad, it answers: with a page while the client and its
// address are in doubt, since a redirect would then go wherever the caller likes, and with a
// redirect afterwards.
func (p *Provider) authRequest(w http.ResponseWriter, r *http.Request, params url.Values) (*authRequest, bool) {
	client, known := p.clients[params.Get("client_id")]
	redirectURI := params.Get("redirect_uri")
	problem := ""
	switch {
	case !known:
		problem = fmt.Sprintf("The client %q is not known here. Check client_id.", params.Get("client_id"))
	case len(params["client_id"]) > 1 || len(params["redirect_uri"]) > 1:
		problem = "The parameters client_id and redirect_uri may come only once."
	case !registered(client.RedirectURIs, redirectURI):
		problem = fmt.Sprintf("The client %q has not registered the address %q. Check redirect_uri.", client.ID, redirectURI)
	}
	if problem != "" {
		p.message(w, http.StatusBadRequest, "This sign-in cannot go on", problem)
		return nil, false
	}
	req := &authRequest{
		params: params, client: client, redirectURI: redirectURI, state: params.Get("state"),
		scope: strings.Fields(params.Get("scope")), nonce: params.Get("nonce"), challenge: params.Get("code_challenge"),
		prompt: strings.Fields(params.Get("prompt")), maxAge: -1,
		loginHint: params.Get("login_hint"), idTokenHint: params.Get("id_token_hint"),
	}
	if err := req.check(); err != nil {
		p.redirectError(w, r, req, err)
		return nil, false
	}
	return req, true
}

// check validates what the client may learn by redirect.
func (q *authRequest) check() *oauthError {
	for _, name := range single {
		if len(q.params[name]) > 1 {
			return refuse("invalid_request", "the parameter %s came %d times", name, len(q.params[name]))
		}
	}
	mode := q.params.Get("response_mode")
	method := q.params.Get("code_challenge_method")
	challenge, err := base64.RawURLEncoding.DecodeString(q.challenge)
	switch {
	case q.params.Has("request"):
		return refuse("request_not_supported", "send plain parameters, not a request object")
	case q.params.Has("request_uri"):
		return refuse("request_uri_not_supported", "send plain parameters, not the address of a request object")
	case q.params.Get("response_type") != "code":
		return refuse("unsupported_response_type", "response_type must be code, not %q", q.params.Get("response_type"))
	case mode != "" && mode != "query":
		return refuse("invalid_request", "response_mode must be query, not %q", mode)
	case len(q.scope) == 0:
		return refuse("invalid_scope", "scope is missing; openid at least is needed for a sign-in")
	case q.challenge == "":
		return refuse("invalid_request", "code_challenge is missing: this provider demands PKCE (RFC 7636)")
	case method != "S256":
		return refuse("invalid_request", "code_challenge_method must be S256, not %q", method)
	case err != nil || len(challenge) != 32:
		return refuse("invalid_request", "code_challenge is not the base64url of a SHA-256")
	case slices.Contains(q.prompt, "none") && len(q.prompt) > 1:
		return refuse("invalid_request", "prompt none must be the only value")
	}
	if seconds := q.params.Get("max_age"); seconds != "" {
		n, err := strconv.ParseUint(seconds, 10, 31)
		if err != nil {
			return refuse("invalid_request", "max_age must be a number of seconds, not %q", seconds)
		}
		q.maxAge = time.Duration(n) * time.Second
	}
	return nil
}

// satisfies reports whether a session is enough for a request, so that nobody needs to be asked.
func (p *Provider) satisfies(s *session, q *authRequest) bool {
	if slices.Contains(q.prompt, "login") || slices.Contains(q.prompt, "select_account") {
		return false
	}
	if q.maxAge >= 0 && p.now().After(s.authTime.Add(q.maxAge)) {
		return false
	}
	if q.idTokenHint == "" {
		return true
	}
	// An expired hint is fine, one of another person or provider is not (OpenID Connect Core
	// 3.1.2.2).
	hint, err := p.verify(q.idTokenHint, typeIDToken)
	return err == nil && hint.Subject == s.user.Subject()
}

// sendCode ends an authorization request well.
func (p *Provider) sendCode(w http.ResponseWriter, r *http.Request, q *authRequest, s *session) {
	secret := newSecret()
	p.codes.put(secret, &code{
		grant:       &grant{session: s, client: q.client.ID, scope: q.scope, nonce: q.nonce},
		redirectURI: q.redirectURI,
		challenge:   q.challenge,
	}, codeLifetime)
	p.redirect(w, r, q, url.Values{"code": {secret}})
}

func (p *Provider) redirectError(w http.ResponseWriter, r *http.Request, q *authRequest, err *oauthError) {
	p.redirect(w, r, q, url.Values{"error": {err.code}, "error_description": {err.description}})
}

// redirect goes back to the client with state and iss (RFC 9207) beside the answer.
func (p *Provider) redirect(w http.ResponseWriter, r *http.Request, q *authRequest, answer url.Values) {
	if q.state != "" {
		answer.Set("state", q.state)
	}
	answer.Set("iss", p.issuer)
	// See Other, so that a browser that came with a POST, password in its body, goes on with a GET.
	http.Redirect(w, r, withParams(q.redirectURI, answer), http.StatusSeeOther)
}

// withParams adds parameters to an address that was checked to be one.
func withParams(address string, params url.Values) string {
	separator := "?"
	if strings.Contains(address, "?") {
		separator = "&"
	}
	return address + separator + params.Encode()
}
