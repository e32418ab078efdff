package resolvers

import (
	"context"

	"vitrine/graph"
	"vitrine/internal/graphqlhttp"
	"vitrine/internal/tableau"
)

type siteAdministrationResolver struct{ *Resolver }

// SiteAdministration implements graph.ResolverRoot.
func (r *Resolver) SiteAdministration() graph.SiteAdministrationResolver {
	return siteAdministrationResolver{r}
}

// Administration is there without a call.
func (r siteResolver) Administration(_ context.Context, site *tableau.Site) (*tableau.SiteAdministration, error) {
	return &tableau.SiteAdministration{Site: site}, nil
}

// set reads one thing that administrators set around a site.
func set[V any](
	ctx context.Context, r siteAdministrationResolver, a *tableau.SiteAdministration, read func(*tableau.Session, context.Context) (V, error),
) (V, error) {
	s, err := r.session(ctx, a.Site.ContentURL)
	if err != nil {
		var none V
		return none, err
	}
	return read(s, ctx)
}

// sets is set for a plain list.
func sets[T any](
	ctx context.Context, r siteAdministrationResolver, a *tableau.SiteAdministration, read func(*tableau.Session, context.Context) ([]*T, error),
) ([]*T, error) {
	items, err := set(ctx, r, a, read)
	return affordable(ctx, items, err)
}

// ServerSites is a page of the sites that Tableau lists to the caller.
func (r siteAdministrationResolver) ServerSites(
	ctx context.Context, a *tableau.SiteAdministration, first int32, after *string,
) (*graph.SiteEntryConnection, error) {
	return list(ctx, r.Resolver, a.Site.ID(), first, after, listRequest[tableau.SiteEntry]{},
		onSite(r.Resolver, a.Site, (*tableau.Session).ServerSites), connection[graph.SiteEntryConnection])
}

// Embedding says where content may be embedded.
func (r siteAdministrationResolver) Embedding(ctx context.Context, a *tableau.SiteAdministration) (*tableau.EmbeddingSettings, error) {
	return set(ctx, r, a, (*tableau.Session).Embedding)
}

// Extensions says which dashboard extensions may run.
func (r siteAdministrationResolver) Extensions(ctx context.Context, a *tableau.SiteAdministration) (*tableau.ExtensionSettings, error) {
	return set(ctx, r, a, (*tableau.Session).Extensions)
}

// NotificationPreferences are the events that the caller wants messages about.
func (r siteAdministrationResolver) NotificationPreferences(
	ctx context.Context, a *tableau.SiteAdministration,
) ([]*tableau.NotificationPreference, error) {
	return sets(ctx, r, a, (*tableau.Session).NotificationPreferences)
}

// McpSettings are the settings of Tableau's MCP server.
func (r siteAdministrationResolver) McpSettings(ctx context.Context, a *tableau.SiteAdministration) ([]*tableau.NamedValue, error) {
	return sets(ctx, r, a, (*tableau.Session).MCPSettings)
}

// AuthConfigurations are the ways to sign in.
func (r siteAdministrationResolver) AuthConfigurations(
	ctx context.Context, a *tableau.SiteAdministration,
) ([]*tableau.AuthConfiguration, error) {
	return sets(ctx, r, a, (*tableau.Session).AuthConfigurations)
}

// maxIdpID bounds the id of a configuration: it becomes part of an address.
const maxIdpID = 200

// OidcConfiguration is one OpenID sign-in configuration.
func (r siteAdministrationResolver) OidcConfiguration(
	ctx context.Context, a *tableau.SiteAdministration, id *string,
) (*tableau.OidcConfiguration, error) {
	asked := ""
	if id != nil {
		asked = *id
	}
	if len(asked) > maxIdpID {
		return nil, graphqlhttp.InputError("idpConfigurationId is longer than 200 bytes")
	}
	return found(set(ctx, r, a, func(s *tableau.Session, ctx context.Context) (*tableau.OidcConfiguration, error) {
		return s.OidcConfiguration(ctx, asked)
	}))
}

// ScimConfigurations are the provisionings of users by identity providers.
func (r siteAdministrationResolver) ScimConfigurations(
	ctx context.Context, a *tableau.SiteAdministration,
) ([]*tableau.ScimConfiguration, error) {
	return sets(ctx, r, a, (*tableau.Session).ScimConfigurations)
}

// ConnectedApps are the connected apps with direct trust.
func (r siteAdministrationResolver) ConnectedApps(ctx context.Context, a *tableau.SiteAdministration) ([]*tableau.ConnectedApp, error) {
	return sets(ctx, r, a, (*tableau.Session).ConnectedApps)
}

// ExternalAuthorizationServers are those whose tokens the site accepts.
func (r siteAdministrationResolver) ExternalAuthorizationServers(
	ctx context.Context, a *tableau.SiteAdministration,
) ([]*tableau.ExternalAuthorizationServer, error) {
	return sets(ctx, r, a, (*tableau.Session).ExternalAuthorizationServers)
}

// BridgeClients are machines that reach data behind a firewall.
func (r siteAdministrationResolver) BridgeClients(ctx context.Context, a *tableau.SiteAdministration) ([]*tableau.BridgeClient, error) {
	return sets(ctx, r, a, (*tableau.Session).BridgeClients)
}

// BridgePools are pools of such machines.
func (r siteAdministrationResolver) BridgePools(ctx context.Context, a *tableau.SiteAdministration) ([]*tableau.BridgePool, error) {
	return sets(ctx, r, a, (*tableau.Session).BridgePools)
}

// AreAnalyticsExtensionsEnabled says whether analytics extensions may be used.
func (r siteAdministrationResolver) AreAnalyticsExtensionsEnabled(ctx context.Context, a *tableau.SiteAdministration) (*bool, error) {
	enabled, err := set(ctx, r, a, (*tableau.Session).AnalyticsExtensionsEnabled)
	if err != nil || enabled == tableau.Unsaid {
		return nil, err
	}
	yes := enabled == tableau.Yes
	return &yes, nil
}

// AnalyticsExtensions are programs that calculate for workbooks.
func (r siteAdministrationResolver) AnalyticsExtensions(
	ctx context.Context, a *tableau.SiteAdministration,
) ([]*tableau.AnalyticsExtension, error) {
	return sets(ctx, r, a, (*tableau.Session).AnalyticsExtensions)
}

// CustomDomains are the site's own host names.
func (r siteAdministrationResolver) CustomDomains(ctx context.Context, a *tableau.SiteAdministration) ([]*tableau.CustomDomain, error) {
	return sets(ctx, r, a, (*tableau.Session).CustomDomains)
}

// DataAccelerationReport compares views with and without data acceleration.
func (r siteAdministrationResolver) DataAccelerationReport(
	ctx context.Context, a *tableau.SiteAdministration,
) ([]*tableau.DataAccelerationRecord, error) {
	return sets(ctx, r, a, (*tableau.Session).DataAccelerationReport)
}
