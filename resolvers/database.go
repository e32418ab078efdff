package resolvers

import (
	"context"

	"vitrine/graph"
	"vitrine/internal/tableau"
)

type databaseResolver struct{ *Resolver }

// Database implements graph.ResolverRoot.
func (r *Resolver) Database() graph.DatabaseResolver { return databaseResolver{r} }

// Databases is a page of the site's databases.
func (r siteResolver) Databases(ctx context.Context, site *tableau.Site, first int32, after *string) (*graph.DatabaseConnection, error) {
	return list(ctx, r.Resolver, site.ID(), first, after, listRequest[tableau.Database]{}, onSite(r.Resolver, site, (*tableau.Session).Databases), connection[graph.DatabaseConnection])
}

// Database is one database.
func (r siteResolver) Database(ctx context.Context, site *tableau.Site, by graph.DatabaseLookup) (*tableau.Database, error) {
	return oneOnSite(ctx, r.Resolver, site, by.Luid, (*tableau.Session).Database)
}

// Owner is who owns the database.
func (r databaseResolver) Owner(ctx context.Context, d *tableau.Database) (*tableau.User, error) {
	return owner(ctx, d, d.OwnerRef, (*tableau.Database).ReadOwner)
}

// Contact is whom to ask about the database.
func (r databaseResolver) Contact(ctx context.Context, d *tableau.Database) (*tableau.User, error) {
	return owner(ctx, d, d.ContactRef, (*tableau.Database).ReadContact)
}

// Certifier is who certified the database.
func (r databaseResolver) Certifier(ctx context.Context, d *tableau.Database) (*tableau.User, error) {
	return owner(ctx, d, d.CertifierRef, (*tableau.Database).ReadCertifier)
}
