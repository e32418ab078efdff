package config

import (
	"fmt"
	"maps"
	"net/url"
	"regexp"
	"slices"
	"strings"
	"time"

	"vitrine/internal/suggest"
)

// algorithms are the signatures that an issuer may use. Symmetric ones are not
// among them: anyone who can verify such a token can make one.
var algorithms = []string{
	"RS256", "RS384", "RS512", "ES256", "ES384", "ES512", "PS256", "PS384", "PS512", "EdDSA",
}

// tokenTypes are the accepted values of the header typ (RFC 9068, section 2.1;
// JWT for providers that do not follow it).
var tokenTypes = []string{"at+jwt", "application/at+jwt", "JWT"}

// ownParams are the parameters of an authorization request that the pages
// set themselves (RFC 6749 section 4.1.1, RFC 7636, OpenID Connect Core 3.1.2.1).
var ownParams = []string{
	"client_id", "code_challenge", "code_challenge_method", "nonce", "redirect_uri", "request", "request_uri",
	"response_mode", "response_type", "scope", "state",
}

var (
	// scopeToken is scope-token of RFC 6749, section 3.3.
	scopeToken = regexp.MustCompile(`^[\x21\x23-\x5B\x5D-\x7E]+$`)
	mailDomain = regexp.MustCompile(`^[\p{L}\p{N}]([\p{L}\p{N}.-]*[\p{L}\p{N}])?$`)
	winDomain  = regexp.MustCompile(`^[\p{L}\p{N}._-]+$`)
)

func (v *checker) issuers(c *Config) {
	if len(c.OIDC) == 0 {
		v.problem("oidc", "", "is missing", "give the OpenID issuer whose access tokens are accepted")
	}
	urls := make([]string, len(c.OIDC))
	for i := range c.OIDC {
		urls[i] = c.OIDC[i].URL
		v.issuer(fmt.Sprintf("oidc[%d]", i), &c.OIDC[i])
	}
	v.unique("oidc", urls)
	v.introspections(c)
	v.page(c, "playground", c.Playground)
	v.page(c, "gallery", c.Gallery)
}

// page checks what a page needs to sign people in.
func (v *checker) page(c *Config, key string, p Page) {
	if !p.Enabled {
		return
	}
	v.required(key+".clientID", p.ClientID, "give the "+key+"'s public client at the first issuer, or set enabled to false")
	if len(c.OIDC) == 0 {
		return
	}
	first := c.OIDC[0]
	if u, err := url.Parse(first.URL); err == nil && strings.Contains(u.Hostname(), ":") {
		v.problem("oidc[0].issuer", first.URL, "has an IPv6 address for a host, which the "+key+"'s content security policy cannot name",
			"give a host name, or set "+key+".enabled to false")
	}
	if !slices.Contains(first.Scopes, "openid") {
		v.problem("oidc[0].scopes", strings.Join(first.Scopes, " "), "does not contain openid, which the "+key+"'s sign-in needs", "add openid")
	}
}

func (v *checker) issuer(path string, i *Issuer) {
	if v.required(path+".issuer", i.URL, "give the issuer, letter for letter as its tokens name it") {
		v.issuerURL(path+".issuer", i.URL, plainHTTP(path, i.DangerouslyWithoutTLS))
	}
	v.items(path+".audiences", i.Audiences, "the value of aud that means this server", func(s string) bool { return s != "" })
	if i.LogoutClients != nil {
		v.items(path+".backchannelLogout.clients", i.LogoutClients, "a client for which the provider sends logout tokens", func(s string) bool { return s != "" })
	}
	v.oneOf(path+".tokenTypes", i.TokenTypes, tokenTypes)
	v.oneOf(path+".algorithms", i.Algorithms, algorithms)
	within(v, path+".leeway", i.Leeway, 0, 5*time.Minute)
	v.required(path+".username.claim", i.Username.Claim, "name the claim that holds the Tableau user name")
	if d := i.Username.StripDomain; d != "" && !mailDomain.MatchString(d) {
		v.problem(path+".username.stripDomain", d, "is not a domain", "write it like example.com, without an @")
	}
	if d := i.Username.PrefixDomain; d != "" && !winDomain.MatchString(d) {
		v.problem(path+".username.prefixDomain", d, "is not a Windows domain", `write it like CORP, without a \`)
	}
	v.required(path+".groups.claim", i.Groups.Claim, "name the claim that holds the groups, or leave groups out")
	if len(i.Scopes) > 0 {
		v.items(path+".scopes", i.Scopes, "scopes, one per item", scopeToken.MatchString)
	}
	if i.RequiredScopes != nil {
		v.items(path+".requiredScopes", i.RequiredScopes, "scopes, one per item", scopeToken.MatchString)
	}
	for _, name := range slices.Sorted(maps.Keys(i.AuthorizeParams)) {
		if name == "" || slices.Contains(ownParams, name) {
			v.problem(path+".authorizeParams."+name, "", "is set by the pages themselves", "take it out")
		}
	}
}

// oneOf checks a list that must not be empty and whose items must be among the known values.
func (v *checker) oneOf(path string, list, known []string) {
	want := "one or more of " + strings.Join(known, ", ")
	if len(list) == 0 {
		v.problem(path, "", "is missing or empty", "give "+want)
	}
	for i, s := range list {
		if !slices.Contains(known, s) {
			v.problem(fmt.Sprintf("%s[%d]", path, i), s, "is not one of the accepted values", suggest.Or(s, known, "give "+want))
		}
	}
	v.unique(path, list)
}

// items checks a list that must not be empty and whose items must be ok.
func (v *checker) items(path string, list []string, want string, ok func(string) bool) {
	if len(list) == 0 {
		v.problem(path, "", "is missing or empty", "give "+want)
	}
	for i, s := range list {
		if !ok(s) {
			v.problem(fmt.Sprintf("%s[%d]", path, i), s, "can't be used", "give "+want)
		}
	}
	v.unique(path, list)
}
