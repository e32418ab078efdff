package tableau

import (
	"context"
	"net/url"

	"vitrine/internal/tableau/rest"
)

// AuthConfiguration is a way to sign in to a site.
type AuthConfiguration struct {
	AuthSetting        AuthSetting
	IdpConfigurationID Text
	Name               Text
	KnownProviderAlias Text
	IsEnabled          Flag
}

// AuthConfigurations are the ways to sign in to the site; administrators only. GET
// site-auth-configurations, from API 3.24.
func (s *Session) AuthConfigurations(ctx context.Context) ([]*AuthConfiguration, error) {
	b, err := s.element(ctx, rest.SiteRead{Template: "site-auth-configurations"},
		"siteAuthConfigurations", "siteAuthConfiguration")
	if err != nil {
		return nil, err
	}
	return rest.EachElement(b.List("siteAuthConfigurations", "siteAuthConfiguration"), func(b *rest.Element) (*AuthConfiguration, Text) {
		return &AuthConfiguration{
			AuthSetting: AuthSetting(b.Value("authSetting")), IdpConfigurationID: b.Value("idpConfigurationId"), Name: b.Value("idpConfigurationName"),
			KnownProviderAlias: b.Value("knownProviderAlias"), IsEnabled: b.Flag("enabled"),
		}, b.Value("idpConfigurationId", "authSetting")
	}), nil
}

// OidcConfiguration is an OpenID sign-in configuration. Its secret is never taken in.
type OidcConfiguration struct {
	IdpConfigurationID Text
	Name               Text
	IsEnabled          Flag
	ClientID           Text
	Other              []*rest.NamedValue
}

// OidcConfiguration reads one OpenID sign-in configuration, without its secret; the site's own
// where no id is given. Administrators only. GET site-oidc-configuration, from API 3.22, Cloud
// only.
func (s *Session) OidcConfiguration(ctx context.Context, id string) (*OidcConfiguration, error) {
	r := rest.SiteRead{Template: "site-oidc-configuration"}
	if id != "" {
		r.Query = url.Values{"idpConfigurationId": {id}}
	}
	b, err := s.element(ctx, r, "siteOIDCConfiguration")
	if err != nil {
		return nil, err
	}
	b = b.In("siteOIDCConfiguration")
	if len(b.Values) == 0 {
		return nil, &Error{Kind: Missing, Call: "GET site-oidc-configuration"}
	}
	return &OidcConfiguration{
		IdpConfigurationID: b.Value("idpConfigurationId"), Name: b.Value("idpConfigurationName"), IsEnabled: b.Flag("enabled"),
		ClientID: b.Value("clientId"), Other: b.Others("idpConfigurationId", "idpConfigurationName", "enabled", "clientId"),
	}, nil
}

// ScimConfiguration is the provisioning of users by an identity provider. Its token is never taken
// in.
type ScimConfiguration struct {
	IdpConfigurationID Text
	IsEnabled          Flag
	Other              []*rest.NamedValue
}

// ScimConfigurations are the provisionings of users by identity providers; administrators only. GET
// scimConfigurations, from API 3.26, Cloud only.
func (s *Session) ScimConfigurations(ctx context.Context) ([]*ScimConfiguration, error) {
	b, err := s.element(ctx, rest.SiteRead{Template: "scimConfigurations"},
		"scimConfigurations", "scimConfiguration")
	if err != nil {
		return nil, err
	}
	return rest.EachElement(b.List("scimConfigurations", "scimConfiguration"), func(b *rest.Element) (*ScimConfiguration, Text) {
		return &ScimConfiguration{
			IdpConfigurationID: b.Value("idpConfigurationId", "id"), IsEnabled: b.Flag("enabled"),
			Other: b.Others("idpConfigurationId", "id", "enabled"),
		}, b.Value("idpConfigurationId", "id", "enabled")
	}), nil
}

// ConnectedApp is an application that may sign people in by its own tokens. Its secrets are never
// taken in, and the method that gives them out does not exist here.
type ConnectedApp struct {
	node
	ClientID                string
	Name                    Text
	IsEnabled               Flag
	DomainSafelist          Text
	IsEmbeddingUnrestricted Flag
	CreatedAt               Time

	projects []LUID
}

// ID is an id for client caches.
func (a *ConnectedApp) ID() string { return a.cacheID("ConnectedApp", a.ClientID) }

// ConnectedApps are the connected apps with direct trust, without their secrets; administrators
// only. GET connected-apps/direct-trust, from API 3.17; before that connected-applications, from
// 3.14.
func (s *Session) ConnectedApps(ctx context.Context) ([]*ConnectedApp, error) {
	r := rest.SiteRead{Template: "connected-apps/direct-trust"}
	if err := s.client.door.Offers(ctx, r); IsKind(err, Unsupported) {
		r = rest.SiteRead{Template: "connected-applications"}
	}
	b, err := s.element(ctx, r, "connectedApplications", "connectedApplication")
	if err != nil {
		return nil, err
	}
	return rest.EachElement(b.List("connectedApplications", "connectedApplication"), func(b *rest.Element) (*ConnectedApp, Text) {
		return &ConnectedApp{
			node: node{s: s}, ClientID: string(b.Value("clientId")), Name: b.Value("name"), IsEnabled: b.Flag("enabled"),
			DomainSafelist: b.Value("domainSafelist"), IsEmbeddingUnrestricted: b.Flag("unrestrictedEmbedding"),
			CreatedAt: b.Time("createdAt"), projects: connectedProjects(b),
		}, b.Value("clientId")
	}), nil
}

// connectedProjects are those whose content an app may embed: one in older servers, a list in newer
// ones.
func connectedProjects(b *rest.Element) []LUID {
	var ids []LUID
	add := func(text Text) {
		if id, err := ParseLUID(string(text)); err == nil {
			ids = append(ids, id)
		}
	}
	add(b.Value("projectId"))
	for _, list := range b.Kids["projectids"] {
		for _, name := range []string{"projectId", "project", rest.ListKey} {
			for _, kid := range list.Kids[rest.PlainName(name)] {
				add(Text(kid.Text))
				add(kid.Value("id"))
			}
		}
	}
	return ids
}

// Projects returns the only projects whose content the app may embed, if the user may see them; no
// projects for all.
func (a *ConnectedApp) Projects(ctx context.Context) ([]*Project, error) {
	all := []*Project{}
	for _, id := range a.projects {
		p, err := nilIfDenied(a.s.Project(ctx, id))
		if err != nil {
			return nil, err
		}
		if p != nil {
			all = append(all, p)
		}
	}
	return all, nil
}

// ExternalAuthorizationServer is an authorization server whose tokens a site accepts.
type ExternalAuthorizationServer struct {
	node
	LUID      LUID
	Name      Text
	IssuerURL URL
	JwksURL   URL
}

// ID is an id for client caches.
func (e *ExternalAuthorizationServer) ID() string {
	return e.cacheID("ExternalAuthorizationServer", string(e.LUID))
}

// ExternalAuthorizationServers are the authorization servers whose tokens the site accepts;
// administrators only. GET connected-apps/external-authorization-servers, on Cloud from API 3.16,
// on Server from 3.23.
func (s *Session) ExternalAuthorizationServers(ctx context.Context) ([]*ExternalAuthorizationServer, error) {
	b, err := s.element(ctx, rest.SiteRead{Template: "connected-apps/external-authorization-servers"}, "externalAuthorizationServerList", "externalAuthorizationServer")
	if err != nil {
		return nil, err
	}
	return rest.EachElement(b.List("externalAuthorizationServerList", "externalAuthorizationServer"), func(b *rest.Element) (*ExternalAuthorizationServer, Text) {
		return &ExternalAuthorizationServer{
			node: node{s: s},
			LUID: rest.LUIDOf(b.Value("id")), Name: b.Value("name"), IssuerURL: URL(b.Value("issuerUrl")), JwksURL: URL(b.Value("jwksUri")),
		}, Text(rest.LUIDOf(b.Value("id")))
	}), nil
}

// AuthSettingRaw is the same as Tableau writes it.
func (c *AuthConfiguration) AuthSettingRaw() Text { return Text(c.AuthSetting) }
