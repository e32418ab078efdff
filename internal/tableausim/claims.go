package tableausim

import (
	"fmt"
	"maps"
	"slices"
	"strings"
)

// Claims of Tableau's own. All other names that are not registered ones are user attributes.
const (
	tenantClaim   = "https://tableau.com/tenantId"
	siteClaim     = "https://tableau.com/siteId"
	onDemandClaim = "https://tableau.com/oda"
	groupsClaim   = "https://tableau.com/groups"
	ownClaims     = "https://tableau.com/"
)

var registered = []string{"iss", "sub", "aud", "exp", "nbf", "iat", "jti", "scp"}

// audience is what aud must be for connected apps; unified access tokens have the tenant instead.
const audience = "tableau"

// check looks at the claims of a token whose signature is good, fills p from them, and returns 0 or
// the number of what is wrong.
func (t *trust) check(token jwt, p *proof) int {
	c := token.claims
	p.user = c.text(p.userClaim)
	if p.method != ByUAT && c["aud"] != audience && !isOnly(c, "aud", audience) || p.user == "" {
		return badClaims
	}
	now := t.now()
	end, ok := c.moment("exp")
	if !ok || !end.After(now) {
		return badClaims
	}
	if p.method != ByUAT && end.After(now.Add(maxAhead)) {
		return loginFailed
	}
	issued, ok := c.moment("iat")
	if c["iat"] != nil && (!ok || issued.After(now)) || c["iat"] == nil && p.method == ByUAT {
		return badClaims
	}
	if start, ok := c.moment("nbf"); c["nbf"] != nil && (!ok || start.After(now)) {
		return badClaims
	}
	if number := t.scopes(c, p); number != 0 {
		return number
	}
	p.attributes = attributesOf(c, p.userClaim)
	if c[onDemandClaim] == "true" || c[onDemandClaim] == true {
		p.onDemand = true
		p.groups, _ = c.texts(groupsClaim)
	}
	id := c.text("jti")
	if id == "" {
		return noTokenID
	}
	if !t.use(p, id, end) {
		return tokenUsed
	}
	return 0
}

// isOnly reports whether a claim is a list with just this text.
func isOnly(c claims, name, text string) bool {
	list, ok := c.texts(name)
	return ok && len(list) == 1 && list[0] == text
}

// scopes reads scp: a list; an external authorization server may also write words, as OAuth does.
func (t *trust) scopes(c claims, p *proof) int {
	list, ok := c.texts("scp")
	if text := c.text("scp"); !ok && p.method == ByOAuth && text != "" {
		list, ok = strings.Fields(text), true
	}
	switch {
	case c["scp"] == nil:
		return noScopes
	case !ok:
		return scopesMalformed
	case len(list) == 0:
		return noScopes
	}
	for _, name := range list {
		if !wellFormed(name) || !t.fits(name) {
			return scopesMalformed
		}
	}
	p.scopes = list
	return 0
}

// attributesOf collects the user attributes: texts and lists of texts under names of the caller's
// own.
func attributesOf(c claims, userClaim string) map[string][]string {
	out := map[string][]string{}
	for name := range c {
		if name == userClaim || slices.Contains(registered, name) || strings.HasPrefix(name, ownClaims) {
			continue
		}
		if list, ok := c.texts(name); ok {
			out[name] = list
		} else if text, ok := c[name].(string); ok {
			out[name] = []string{text}
		}
	}
	return out
}

// attributeKey distinguishes sessions with different user attributes.
func (p *proof) attributeKey() string {
	if p == nil {
		return ""
	}
	var b strings.Builder
	for _, name := range slices.Sorted(maps.Keys(p.attributes)) {
		fmt.Fprintf(&b, "\x00%q=%q", name, p.attributes[name])
	}
	return b.String()
}
