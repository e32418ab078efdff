package resolvers

import "vitrine/graph"

// The types of what is set and said about content, with resolvers of their own.
type (
	permissionsResolver    struct{ *Resolver }
	granteeResolver        struct{ *Resolver }
	connectionInfoResolver struct{ *Resolver }
	revisionResolver       struct{ *Resolver }
)

// Permissions implements graph.ResolverRoot.
func (r *Resolver) Permissions() graph.PermissionsResolver { return permissionsResolver{r} }

// GranteeCapabilities implements graph.ResolverRoot.
func (r *Resolver) GranteeCapabilities() graph.GranteeCapabilitiesResolver { return granteeResolver{r} }

// ConnectionInfo implements graph.ResolverRoot.
func (r *Resolver) ConnectionInfo() graph.ConnectionInfoResolver { return connectionInfoResolver{r} }

// Revision implements graph.ResolverRoot.
func (r *Resolver) Revision() graph.RevisionResolver { return revisionResolver{r} }
