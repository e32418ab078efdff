package server

import (
	"context"
	"fmt"
	"log/slog"
	"net/http"
	"slices"
	"time"

	"vitrine/auth"
	"vitrine/internal/config"
	"vitrine/internal/content"
	"vitrine/internal/policy"
	"vitrine/internal/redisstore"
	"vitrine/internal/sessions"
	"vitrine/internal/tableau"
	"vitrine/internal/web"
	"vitrine/resolvers"
)

// Settings become the configuration of each part here, and nowhere else.

// AuthConfig is the configuration of auth that the settings ask for.
func AuthConfig(c *config.Config, publicURL string, logger *slog.Logger) auth.Config {
	a := auth.Config{
		Resource: publicURL, Logger: logger, DangerouslySharedNames: c.DangerouslySharedNames,
		Refused: func(ctx context.Context, e *auth.Error) {
			note(ctx, slog.String("refused", e.Code), slog.String("reason", e.Error()))
		},
	}
	groups, scopes, client := []string{}, []string{}, false // that roles depend on
	for _, r := range c.Roles {
		if r.When.Group != "" {
			groups = append(groups, r.When.Group)
		}
		if r.When.Scope != "" {
			scopes = append(scopes, r.When.Scope)
		}
		client = client || r.When.Client != ""
	}
	for _, i := range c.OIDC {
		a.Issuers = append(a.Issuers, auth.Issuer{
			GroupsUnused: len(groups) == 0, GrantUnused: len(scopes) == 0 && !client, RoleScopes: scopes, DangerouslyAcceptBoundTokens: i.DangerouslyAcceptBoundTokens,
			URL: i.URL, Audiences: i.Audiences, TokenTypes: i.TokenTypes, AcceptIDTokens: i.AcceptIDTokens, LogoutClients: i.LogoutClients,
			Algorithms: i.Algorithms, Leeway: i.Leeway, UserInfo: i.UserInfo, Scopes: i.Scopes, RequiredScopes: i.RequiredScopes,
			Introspection: auth.Introspection{ClientID: i.Introspection.ClientID, ClientSecret: i.Introspection.ClientSecret.Reveal(), Keep: i.Introspection.CacheFor},
			Username: auth.UsernameRule{
				Claim: i.Username.Claim, RequireVerified: i.Username.RequireVerified,
				StripDomain: i.Username.StripDomain, PrefixDomain: i.Username.PrefixDomain,
			},
			DangerouslyWithoutTLS: i.DangerouslyWithoutTLS,
			Groups:                auth.GroupsRule{Claim: i.Groups.Claim, Names: groups}, Client: issuerClient(i.CA), Claims: append(c.Tableau.Claims(), c.RoleClaims()...),
		})
	}
	return a
}

// issuerTimeout bounds one request to a provider.
const issuerTimeout = 10 * time.Second

// issuerClient is nil where the issuer needs no CA of its own: auth has a client for that. That the
// file holds a certificate was checked with the settings.
func issuerClient(ca []byte) *http.Client {
	if ca == nil {
		return nil
	}
	client, err := httpClient(ca)
	if err != nil {
		return nil
	}
	client.Timeout = issuerTimeout
	return client
}

// sessionsConfig needs to know where browsers, and Tableau, reach this server, and what its roles
// need of Tableau.
func sessionsConfig(c *config.Config, client *tableau.Client, publicURL string, scopes []string, logger *slog.Logger) sessions.Config {
	s := sessions.Config{
		Client: client, SessionIdle: c.Tableau.SessionIdle, SessionLife: c.Tableau.SessionLifetime, Logger: logger,
		LUIDLifetime: c.Tableau.LUIDLifetime, MaxSessions: c.Tableau.MaxSessions,
		DangerouslyImpersonateServerAdministrators: c.Tableau.DangerouslyImpersonateServerAdministrators,
	}
	methods := map[*config.SignIn]sessions.Method{}
	for i := range c.Tableau.Sites {
		site := &c.Tableau.Sites[i]
		signIn := &c.Tableau.SignIn
		if site.SignIn != nil {
			signIn = site.SignIn
		}
		if methods[signIn] == nil { // sites that share a credential share what is known of it
			methods[signIn] = methodOf(signIn, publicURL, scopes)
		}
		s.Sites = append(s.Sites, sessions.Site{ContentURL: site.ContentURL, Method: methods[signIn]})
	}
	s.Redis = RedisConfig(c)
	return s
}

// RedisConfig is nil where there is no shared store. Replicas that differ in the server, or in whom
// they serve, share nothing.
func RedisConfig(c *config.Config) *sessions.RedisConfig {
	if c.SharedStore.Redis == "" {
		return nil
	}
	s := &sessions.RedisConfig{
		Config: redisstore.Config{
			Address: c.SharedStore.Redis, Username: c.SharedStore.Username, Password: tableau.NewSecret(c.SharedStore.Password.Reveal()),
			CA: c.SharedStore.CA, Timeout: c.SharedStore.Timeout,
		},
		Realm: fmt.Sprintf("%s administrators=%t", c.Tableau.URL, c.Tableau.DangerouslyImpersonateServerAdministrators),
	}
	s.Keys = rootKeys(c)
	return s
}

func rootKeys(c *config.Config) (keys []tableau.Secret) {
	for _, k := range c.Keys {
		keys = append(keys, tableau.NewSecret(k.Reveal()))
	}
	return keys
}

// contentConfig has links checked against the roles as they are when one is fetched. Links of
// another Tableau, or of another address of this server, are refused although they may have the
// same keys.
func contentConfig(c *config.Config, publicURL string, keys []tableau.Secret, broker *sessions.Broker, verifier *auth.Verifier, roles *policy.Policy) content.Config {
	return content.Config{
		PublicURL: publicURL, Keys: keys, Realm: c.Tableau.URL + " " + publicURL, Lifetime: c.Content.LinkLifetime,
		Sessions: broker, Origins: c.CORS.Origins, Identify: verifier.Identify, Public: resolvers.ContentRefusal,
		Roles: resolvers.RolesOf(roles), Allowed: resolvers.MayFetch(roles),
		Observe: observer(c),
	}
}

func methodOf(s *config.SignIn, publicURL string, scopes []string) sessions.Method {
	switch {
	case s.Method == config.MethodPassword:
		return sessions.Password{Name: s.Name, Password: tableau.NewSecret(s.Password.Reveal()), Reread: rereader(s.PasswordFile)}
	case s.Method == config.MethodUnifiedAccessToken:
		return sessions.UnifiedAccessToken{
			Issuer: s.Issuer, TenantID: s.TenantID, KeyID: s.KeyID, Claim: s.UserClaim,
			Key: tableau.NewSecret(s.Key.Reveal()), Rules: rulesOf(s, scopes),
		}
	case s.Trust == config.TrustOAuth:
		return externalIssuer(s, publicURL, scopes)
	case s.Method == config.MethodConnectedApp:
		return sessions.ConnectedApp{
			ClientID: s.ClientID, SecretID: s.SecretID, Secret: tableau.NewSecret(s.Secret.Reveal()), Rules: rulesOf(s, scopes),
		}
	}
	var pat sessions.PAT
	for _, t := range s.Tokens {
		pat.Tokens = append(pat.Tokens, sessions.Token{Name: t.Name, Secret: tableau.NewSecret(t.Secret.Reveal()), Reread: rereader(t.File)})
	}
	return pat
}

// rereader gives a way to read a secret's file again; a secret of the environment stays.
func rereader(file string) sessions.Reread {
	if file == "" {
		return nil
	}
	return func() (tableau.Secret, error) {
		secret, err := config.ReadSecret(file)
		return tableau.NewSecret(secret.Reveal()), err
	}
}

// externalIssuer is this server as the issuer that Tableau trusts.
func externalIssuer(s *config.SignIn, publicURL string, scopes []string) sessions.ExternalIssuer {
	return sessions.ExternalIssuer{
		URL: publicURL + config.IssuerPath, Keys: tableau.NewSecret(s.Key.Reveal()), Rules: rulesOf(s, scopes),
	}
}

func rulesOf(s *config.SignIn, scopes []string) sessions.Rules {
	rules := sessions.Rules{Scopes: scopes, OnDemand: sessions.OnDemand{Groups: s.OnDemand.Groups, Claim: s.OnDemand.Claim}}
	for _, a := range s.Attributes {
		rules.Attributes = append(rules.Attributes, sessions.Attribute{Claim: a.Claim, Name: a.Name})
	}
	return rules
}

func pagesConfig(c *config.Config, publicURL string) web.Config {
	page := func(p config.Page) *web.Page {
		if !p.Enabled {
			return nil
		}
		issuer := c.OIDC[0]
		return &web.Page{
			Issuer: issuer.URL, ClientID: p.ClientID, Scopes: issuer.Scopes, AuthorizeParams: issuer.AuthorizeParams, Endpoint: "/graphql",
		}
	}
	pages := web.Config{PublicURL: publicURL, Playground: page(c.Playground), Gallery: page(c.Gallery)}
	hasApp := func(s config.Site) bool { return c.Tableau.EmbedFor(s) != nil }
	if pages.Gallery != nil && slices.ContainsFunc(c.Tableau.Sites, hasApp) {
		pages.Gallery.Tableau = c.Tableau.BrowserURL
	}
	if pages.Gallery != nil {
		pages.Gallery.NamesDocuments = galleryNames(c)
	}
	return pages
}
