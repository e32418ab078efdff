package resolvers

import "vitrine/graph"

// The types of what is set and said about content, with resolvers of their own.
type (
	permissionsResolver    struct{ *Resolver }
	granteeResolver        struct{ *Resolver }
	connectionInfoResolver struct{ *Resolver }
	revisionResolver       struct{ *Resolver }
	databaseResolver       struct{ *Resolver }
	tableResolver          struct{ *Resolver }
	columnResolver         struct{ *Resolver }
	labelResolver          struct{ *Resolver }

	dataQualityWarningResolver struct{ *Resolver }
)

// Permissions implements graph.ResolverRoot.
func (r *Resolver) Permissions() graph.PermissionsResolver { return permissionsResolver{r} }

// GranteeCapabilities implements graph.ResolverRoot.
func (r *Resolver) GranteeCapabilities() graph.GranteeCapabilitiesResolver { return granteeResolver{r} }

// ConnectionInfo implements graph.ResolverRoot.
func (r *Resolver) ConnectionInfo() graph.ConnectionInfoResolver { return connectionInfoResolver{r} }

// Revision implements graph.ResolverRoot.
func (r *Resolver) Revision() graph.RevisionResolver { return revisionResolver{r} }

// Database implements graph.ResolverRoot.
func (r *Resolver) Database() graph.DatabaseResolver { return databaseResolver{r} }

// Table implements graph.ResolverRoot.
func (r *Resolver) Table() graph.TableResolver { return tableResolver{r} }

// Column implements graph.ResolverRoot.
func (r *Resolver) Column() graph.ColumnResolver { return columnResolver{r} }

// Label implements graph.ResolverRoot.
func (r *Resolver) Label() graph.LabelResolver { return labelResolver{r} }

// DataQualityWarning implements graph.ResolverRoot.
func (r *Resolver) DataQualityWarning() graph.DataQualityWarningResolver {
	return dataQualityWarningResolver{r}
}
