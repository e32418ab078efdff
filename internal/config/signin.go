package config

import (
	"fmt"
	"slices"
	"strings"

	"vitrine/internal/deployment"
	"vitrine/internal/suggest"
)

// isCloud reports whether this is Tableau Cloud, according to the settings.
func (t *Tableau) isCloud() bool {
	return deployment.IsCloud(t.URL) || slices.ContainsFunc(t.Sites, func(s Site) bool { return t.SignInFor(s).Method == MethodUnifiedAccessToken })
}

// cloud notes what Tableau Cloud does not have.
func (v *checker) cloud(t *Tableau) {
	if !deployment.IsCloud(t.URL) {
		return
	}
	shared := false
	for i, s := range t.Sites {
		path := fmt.Sprintf("tableau.sites[%d]", i)
		if s.ContentURL == "" {
			v.problem(path, "", "is the default site, which Tableau Cloud does not have", "take the part after /site/ in the address of the site")
		}
		if s.SignIn != nil {
			v.impersonates(path+".signIn", s.SignIn)
		}
		shared = shared || s.SignIn == nil
	}
	if shared {
		v.impersonates("tableau.signIn", &t.SignIn)
	}
}

func (v *checker) impersonates(path string, s *SignIn) {
	if s.Method == MethodPassword || s.Method == MethodPersonalAccessToken {
		v.problem(path+".method", s.Method, "impersonates, which Tableau Cloud does not offer", "use connectedApp or unifiedAccessToken")
	}
}

var methods = []string{MethodPersonalAccessToken, MethodPassword, MethodConnectedApp, MethodUnifiedAccessToken}

const methodNames = "use personalAccessToken, password, connectedApp or unifiedAccessToken"

// signIn checks one sign-in: its method has what it needs, and nothing that is
// another's.
func (v *checker) signIn(path string, s *SignIn) {
	switch s.Method {
	case MethodPassword:
		v.required(path+".name", s.Name, "give the name of the administrator account")
		v.required(path+".passwordFile", string(s.Password), "name a file that holds the password, or a variable as passwordEnv")
		if len(s.Tokens) > 0 {
			v.problem(path+".tokens", "", "does not go with method password", "take it out, or use method personalAccessToken")
		}
	case MethodPersonalAccessToken:
		if s.Name != "" || s.Password != "" {
			v.problem(path+".name", "", "and a password do not go with method personalAccessToken", "take them out, or use method password")
		}
		v.tokens(path, s.Tokens)
	case MethodConnectedApp:
		v.connectedApp(path, s)
	case MethodUnifiedAccessToken:
		v.required(path+".issuer", s.Issuer, "give the issuer URI of the configuration in Tableau Cloud Manager")
		v.required(path+".tenantID", s.TenantID, "give the tenant id that Tableau Cloud Manager shows")
		v.required(path+".keyFile", string(s.Key), "name a file that holds the private key, or a variable as keyEnv")
		if isTaken(s.UserClaim) && s.UserClaim != "sub" { // sub means the user in every JWT
			v.problem(path+".userClaim", s.UserClaim, "is a claim that means something else in the JWT",
				"name the claim that the configuration in Tableau Cloud Manager reads the user name from; email is its default")
		}
	case "":
		v.problem(path+".method", "", "is missing", methodNames)
		return
	default:
		v.problem(path+".method", s.Method, "is not a sign-in method", suggest.Or(s.Method, methods, methodNames))
		return
	}
	v.foreign(path, s)
	v.attributes(path, s)
}

func (v *checker) connectedApp(path string, s *SignIn) {
	switch s.Trust {
	case TrustDirect:
		v.required(path+".clientID", s.ClientID, "give the client id of the connected app")
		v.required(path+".secretID", s.SecretID, "give the id of the app's secret")
		v.required(path+".secretFile", string(s.Secret), "name a file that holds the secret's value, or a variable as secretEnv")
	case TrustOAuth:
		v.required(path+".keyFile", string(s.Key), "name a file that holds the private key, or a variable as keyEnv")
	case "":
		v.problem(path+".trust", "", "is missing", "use direct or oauth")
	default:
		v.problem(path+".trust", s.Trust, "is not how Tableau trusts an app", suggest.Or(s.Trust, []string{TrustDirect, TrustOAuth}, "use direct or oauth"))
	}
}

// oneIssuer notes sign-ins with trust oauth whose keys differ: this server is one
// issuer, with one key set.
func (v *checker) oneIssuer(t *Tableau) {
	var first Secret
	for i, site := range t.Sites {
		in := t.SignInFor(site)
		if in.Method != MethodConnectedApp || in.Trust != TrustOAuth {
			continue
		}
		if first == "" {
			first = in.Key
		}
		if in.Key != "" && in.Key != first {
			v.problem(fmt.Sprintf("tableau.sites[%d].signIn.keyFile", i), "", "is another key than that of the sites before", "use one key: this server is one issuer for all sites")
		}
	}
}

// foreign notes keys of other methods.
func (v *checker) foreign(path string, s *SignIn) {
	direct := s.Method == MethodConnectedApp && s.Trust != TrustOAuth
	oauth := s.Method == MethodConnectedApp && s.Trust != TrustDirect
	uat := s.Method == MethodUnifiedAccessToken
	for _, key := range []struct {
		name  string
		set   bool
		owner bool // it belongs to the method
	}{
		{"name", s.Name != "", !s.SignsJWTs()},
		{"passwordFile", s.Password != "", !s.SignsJWTs()},
		{"tokens", len(s.Tokens) > 0, !s.SignsJWTs()}, // the methods that have no JWT are distinguished elsewhere
		{"trust", s.Trust != "", s.Method == MethodConnectedApp},
		{"clientID", s.ClientID != "", direct},
		{"secretID", s.SecretID != "", direct},
		{"secretFile", s.Secret != "", direct},
		{"keyFile", s.Key != "", oauth || uat},
		{"issuer", s.Issuer != "", uat},
		{"tenantID", s.TenantID != "", uat},
		{"keyID", s.KeyID != "", uat},
		{"userClaim", s.UserClaim != "", uat},
		{"attributes", len(s.Attributes) > 0, s.SignsJWTs()},
		{"onDemandAccess", len(s.OnDemand.Groups) > 0 || s.OnDemand.Claim != "", s.SignsJWTs()},
	} {
		if key.set && !key.owner {
			how := "method " + s.Method
			if s.Method == MethodConnectedApp {
				how += " and trust " + s.Trust
			}
			v.problem(path+"."+key.name, "", "does not go with "+how, "take it out")
		}
	}
}

// taken are claims of a JWT that no setting can replace, besides those of Tableau's own namespace.
var taken = []string{"iss", "sub", "aud", "exp", "nbf", "iat", "jti", "scp"}

// isTaken reports whether a claim has a meaning of its own, in whatever case: not
// every reader of JSON distinguishes cases.
func isTaken(name string) bool {
	return slices.ContainsFunc(taken, func(t string) bool { return strings.EqualFold(t, name) }) ||
		strings.HasPrefix(strings.ToLower(name), "https://tableau.com/")
}

func (v *checker) attributes(path string, s *SignIn) {
	user := s.UserClaim
	if user == "" && s.Method == MethodUnifiedAccessToken {
		user = "email"
	}
	names := make([]string, len(s.Attributes))
	for i, a := range s.Attributes {
		item := fmt.Sprintf("%s.attributes[%d]", path, i)
		names[i] = a.Name
		v.required(item+".claim", a.Claim, "name the claim of the access token that holds the attribute")
		if isTaken(a.Name) || a.Name != "" && a.Name == user {
			v.problem(item+".name", a.Name, "is a claim that means something else in the JWT", "give the attribute another name")
		}
	}
	v.unique(path+".attributes", names)
	for i, group := range s.OnDemand.Groups {
		if strings.TrimSpace(group) == "" {
			v.problem(fmt.Sprintf("%s.onDemandAccess.groups[%d]", path, i), group, "is not the name of a group", "give the name of a group of the site, or take it out")
		}
	}
	v.unique(path+".onDemandAccess.groups", s.OnDemand.Groups)
}

// issuerLoop notes issuers of access tokens that are this server itself: what it
// signs for Tableau must never open this server.
func (v *checker) issuerLoop(c *Config) {
	for i, issuer := range c.OIDC {
		own := c.Tableau.OAuthTrust() != nil && c.PublicURL != "" && strings.TrimSuffix(issuer.URL, "/") == c.PublicURL+IssuerPath
		for _, site := range c.Tableau.Sites {
			own = own || issuer.URL != "" && c.Tableau.SignInFor(site).Issuer == issuer.URL
		}
		if own {
			v.problem(fmt.Sprintf("oidc[%d].issuer", i), issuer.URL, "is what this server signs with for Tableau", "name the OpenID provider where people sign in")
		}
	}
}

func (v *checker) tokens(path string, tokens []Token) {
	if len(tokens) == 0 {
		v.problem(path+".tokens", "", "is missing", "list one or more personal access tokens of a server administrator: the first looks up, the others impersonate")
	}
	names := make([]string, len(tokens))
	for i, t := range tokens {
		names[i] = t.Name
		item := fmt.Sprintf("%s.tokens[%d]", path, i)
		v.required(item+".name", t.Name, "give the token's name in Tableau")
		v.required(item+".secretFile", string(t.Secret), "name a file that holds the token's secret, or a variable as secretEnv")
	}
	v.unique(path+".tokens", names)
}
