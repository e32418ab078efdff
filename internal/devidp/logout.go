package devidp

import (
	"fmt"
	"net/http"
	"net/url"
)

// serveEndSession signs a person out (OpenID Connect RP-Initiated Logout 1.0). With an ID token of
// this very session it does so at once; without, it asks first, or any page could sign people out
// with a link.
func (p *Provider) serveEndSession(w http.ResponseWriter, r *http.Request) {
	w.Header().Set("Cache-Control", "no-store")
	params, err := formOrQuery(r)
	if err != nil {
		p.message(w, http.StatusBadRequest, "Not signed out", "The request could not be read: "+err.Error()+".")
		return
	}
	target, hint, problem := p.logoutRequest(params)
	if problem != "" {
		p.message(w, http.StatusBadRequest, "Not signed out", problem)
		return
	}
	s := p.session(r)
	asked := r.Method == http.MethodPost && params.Get("confirm") == "yes" && sameSite(r)
	if s != nil && !asked && (hint == nil || hint.Session != s.id) {
		p.logoutPage(w, s, params, target)
		return
	}
	p.endSession(w, r)
	if target == "" {
		p.message(w, http.StatusOK, "Signed out", "You are signed out of the stand-in provider.")
		return
	}
	http.Redirect(w, r, target, http.StatusSeeOther)
}

// logoutRequest returns where to go afterwards, with state, and the claims of the ID token if there
// was one.
func (p *Provider) logoutRequest(params url.Values) (target string, hint *tokenClaims, problem string) {
	clientID := params.Get("client_id")
	if token := params.Get("id_token_hint"); token != "" {
		claims, err := p.verify(token, typeIDToken)
		if err != nil {
			return "", nil, "id_token_hint is not an ID token of this provider. Leave it out to be asked instead."
		}
		if clientID == "" && len(claims.Audience) > 0 {
			clientID = claims.Audience[0]
		}
		if !claims.Audience.Contains(clientID) {
			return "", nil, fmt.Sprintf("id_token_hint was not made for the client %q.", clientID)
		}
		hint = claims
	}
	target = params.Get("post_logout_redirect_uri")
	if target == "" {
		return "", hint, ""
	}
	if !registered(p.clients[clientID].PostLogoutURIs, target) {
		return "", nil, fmt.Sprintf("The client %q has not registered the address %q. Check client_id and "+
			"post_logout_redirect_uri.", clientID, target)
	}
	if state := params.Get("state"); state != "" {
		target = withParams(target, url.Values{"state": {state}})
	}
	return target, hint, ""
}

// sameSite reports whether no other site's page sent the request.
func sameSite(r *http.Request) bool {
	return http.NewCrossOriginProtection().Check(r) == nil
}

// logoutPage asks before signing out. The form repeats the request.
func (p *Provider) logoutPage(w http.ResponseWriter, s *session, params url.Values, target string) {
	type field struct{ Name, Value string }
	data := struct {
		Name, Action string
		Fields       []field
	}{Name: s.user.FullName, Action: PathEndSession}
	for _, name := range []string{"id_token_hint", "client_id", "post_logout_redirect_uri", "state"} {
		if params.Has(name) {
			data.Fields = append(data.Fields, field{name, params.Get(name)})
		}
	}
	render(w, http.StatusOK, "logout.html", data, target)
}
