package tableau

import (
	"context"
	"net/url"
)

// AuthConfiguration is a way to sign in to a site.
type AuthConfiguration struct {
	AuthSetting        Text
	IdpConfigurationID Text
	Name               Text
	KnownProviderAlias Text
	IsEnabled          Flag
}

// AuthConfigurations are the ways to sign in to the site; administrators only. GET site-auth-configurations, from API 3.24.
func (s *Session) AuthConfigurations(ctx context.Context) ([]*AuthConfiguration, error) {
	b, err := s.bagAt(ctx, siteRead{template: "site-auth-configurations", path: []string{"site-auth-configurations"}, since: "3.24"},
		"siteAuthConfigurations", "siteAuthConfiguration")
	if err != nil {
		return nil, err
	}
	return eachBag(b.list("siteAuthConfigurations", "siteAuthConfiguration"), func(b *bag) (*AuthConfiguration, Text) {
		return &AuthConfiguration{
			AuthSetting: b.value("authSetting"), IdpConfigurationID: b.value("idpConfigurationId"), Name: b.value("idpConfigurationName"),
			KnownProviderAlias: b.value("knownProviderAlias"), IsEnabled: b.flag("enabled"),
		}, b.value("idpConfigurationId", "authSetting")
	}), nil
}

// OidcConfiguration is an OpenID sign-in configuration. Its secret is never taken in.
type OidcConfiguration struct {
	IdpConfigurationID Text
	Name               Text
	IsEnabled          Flag
	ClientID           Text
	Other              []*NamedValue
}

// OidcConfiguration reads one OpenID sign-in configuration, without its secret; the site's own where no id is given. Administrators
// only. GET site-oidc-configuration, from API 3.22, Cloud only.
func (s *Session) OidcConfiguration(ctx context.Context, id string) (*OidcConfiguration, error) {
	r := siteRead{template: "site-oidc-configuration", path: []string{"site-oidc-configuration"}, since: "3.22"}
	if id != "" {
		r.query = url.Values{"idpConfigurationId": {id}}
	}
	b, err := s.bagAt(ctx, r, "siteOIDCConfiguration")
	if err != nil {
		return nil, err
	}
	b = b.in("siteOIDCConfiguration")
	if len(b.values) == 0 {
		return nil, &Error{Kind: Missing, Call: "GET site-oidc-configuration"}
	}
	return &OidcConfiguration{
		IdpConfigurationID: b.value("idpConfigurationId"), Name: b.value("idpConfigurationName"), IsEnabled: b.flag("enabled"),
		ClientID: b.value("clientId"), Other: b.others("idpConfigurationId", "idpConfigurationName", "enabled", "clientId"),
	}, nil
}

// ScimConfiguration is the provisioning of users by an identity provider. Its token is never taken in.
type ScimConfiguration struct {
	IdpConfigurationID Text
	IsEnabled          Flag
	Other              []*NamedValue
}

// ScimConfigurations are the provisionings of users by identity providers; administrators only. GET scimConfigurations, from API 3.26,
// Cloud only.
func (s *Session) ScimConfigurations(ctx context.Context) ([]*ScimConfiguration, error) {
	b, err := s.bagAt(ctx, siteRead{template: "scimConfigurations", path: []string{"scimConfigurations"}, since: "3.26"},
		"scimConfigurations", "scimConfiguration")
	if err != nil {
		return nil, err
	}
	return eachBag(b.list("scimConfigurations", "scimConfiguration"), func(b *bag) (*ScimConfiguration, Text) {
		return &ScimConfiguration{
			IdpConfigurationID: b.value("idpConfigurationId", "id"), IsEnabled: b.flag("enabled"),
			Other: b.others("idpConfigurationId", "id", "enabled"),
		}, b.value("idpConfigurationId", "id", "enabled")
	}), nil
}

// ConnectedApp is an application that may sign people in by its own tokens. Its secrets are never taken in, and the method that gives
// them out does not exist here.
type ConnectedApp struct {
	s                       *Session
	ClientID                string
	Name                    Text
	IsEnabled               Flag
	DomainSafelist          Text
	IsEmbeddingUnrestricted Flag
	CreatedAt               Time

	projects []LUID
}

// connectedAppsSince are the API versions that brought connected apps, and that gave them the path they have now.
const (
	connectedAppsSince = "3.14"
	directTrustSince   = "3.17"
)

// ConnectedApps are the connected apps with direct trust, without their secrets; administrators only. GET connected-apps/direct-trust,
// from API 3.17; before that connected-applications, from 3.14.
func (s *Session) ConnectedApps(ctx context.Context) ([]*ConnectedApp, error) {
	version, err := s.client.Version(ctx)
	if err != nil {
		return nil, err
	}
	r := siteRead{template: "connected-apps/direct-trust", path: []string{"connected-apps", "direct-trust"}, since: directTrustSince}
	if !AtLeast(version, directTrustSince) {
		r = siteRead{template: "connected-applications", path: []string{"connected-applications"}, since: connectedAppsSince}
	}
	b, err := s.bagAt(ctx, r, "connectedApplications", "connectedApplication")
	if err != nil {
		return nil, err
	}
	return eachBag(b.list("connectedApplications", "connectedApplication"), func(b *bag) (*ConnectedApp, Text) {
		return &ConnectedApp{
			s: s, ClientID: string(b.value("clientId")), Name: b.value("name"), IsEnabled: b.flag("enabled"),
			DomainSafelist: b.value("domainSafelist"), IsEmbeddingUnrestricted: b.flag("unrestrictedEmbedding"),
			CreatedAt: b.time("createdAt"), projects: connectedProjects(b),
		}, b.value("clientId")
	}), nil
}

// connectedProjects are those whose content an app may embed: one in older servers, a list in newer ones.
func connectedProjects(b *bag) []LUID {
	var ids []LUID
	add := func(text Text) {
		if id, err := ParseLUID(string(text)); err == nil {
			ids = append(ids, id)
		}
	}
	add(b.value("projectId"))
	for _, list := range b.kids["projectids"] {
		for _, name := range []string{"projectId", "project", bagItems} {
			for _, kid := range list.kids[plainName(name)] {
				add(Text(kid.text))
				add(kid.value("id"))
			}
		}
	}
	return ids
}

// Projects are the only ones whose content the app may embed, as far as the user may see them; none for all.
func (a *ConnectedApp) Projects(ctx context.Context) ([]*Project, error) {
	all := []*Project{}
	for _, id := range a.projects {
		p, err := hiddenIsNil(a.s.Project(ctx, id))
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
	LUID      LUID
	Name      Text
	IssuerURL URL
	JwksURI   URL
}

// ExternalAuthorizationServers are the authorization servers whose tokens the site accepts; administrators only.
// GET connected-apps/external-authorization-servers, on Cloud from API 3.16, on Server from 3.23.
func (s *Session) ExternalAuthorizationServers(ctx context.Context) ([]*ExternalAuthorizationServer, error) {
	b, err := s.bagAt(ctx, siteRead{
		template: "connected-apps/external-authorization-servers", path: []string{"connected-apps", "external-authorization-servers"}, since: "3.16",
	}, "externalAuthorizationServerList", "externalAuthorizationServer")
	if err != nil {
		return nil, err
	}
	return eachBag(b.list("externalAuthorizationServerList", "externalAuthorizationServer"), func(b *bag) (*ExternalAuthorizationServer, Text) {
		return &ExternalAuthorizationServer{
			LUID: luidOf(b.value("id")), Name: b.value("name"), IssuerURL: URL(b.value("issuerUrl")), JwksURI: URL(b.value("jwksUri")),
		}, Text(luidOf(b.value("id")))
	}), nil
}
