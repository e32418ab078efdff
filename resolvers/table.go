package resolvers

import (
	"context"

	"vitrine/graph"
	"vitrine/internal/tableau"
)

type (
	tableResolver  struct{ *Resolver }
	columnResolver struct{ *Resolver }
)

// Table implements graph.ResolverRoot.
func (r *Resolver) Table() graph.TableResolver { return tableResolver{r} }

// Column implements graph.ResolverRoot.
func (r *Resolver) Column() graph.ColumnResolver { return columnResolver{r} }

// Tables is a page of the site's tables.
func (r siteResolver) Tables(ctx context.Context, site *tableau.Site, first int32, after *string) (*graph.TableConnection, error) {
	return list(ctx, r.Resolver, site.ID(), first, after, listRequest[tableau.Table]{}, onSite(r.Resolver, site, (*tableau.Session).Tables), connection[graph.TableConnection])
}

// Table is one table.
func (r siteResolver) Table(ctx context.Context, site *tableau.Site, by graph.TableLookup) (*tableau.Table, error) {
	return oneOnSite(ctx, r.Resolver, site, by.Luid, (*tableau.Session).Table)
}

// Owner is who owns the table.
func (r tableResolver) Owner(ctx context.Context, t *tableau.Table) (*tableau.User, error) {
	return owner(ctx, t, t.OwnerRef, (*tableau.Table).ReadOwner)
}

// Contact is whom to ask about the table.
func (r tableResolver) Contact(ctx context.Context, t *tableau.Table) (*tableau.User, error) {
	return owner(ctx, t, t.ContactRef, (*tableau.Table).ReadContact)
}

// Certifier is who certified the table.
func (r tableResolver) Certifier(ctx context.Context, t *tableau.Table) (*tableau.User, error) {
	return owner(ctx, t, t.CertifierRef, (*tableau.Table).ReadCertifier)
}

// Columns is a page of the table's columns.
func (r tableResolver) Columns(ctx context.Context, t *tableau.Table, first int32, after *string) (*graph.ColumnConnection, error) {
	return list(ctx, r.Resolver, t.ID(), first, after, listRequest[tableau.Column]{},
		func(ctx context.Context, _ tableau.ListQuery[tableau.Column], offset, first int) (*tableau.Page[tableau.Column], error) {
			return t.ReadColumns(ctx, offset, first)
		}, connection[graph.ColumnConnection])
}

// Column is one of the table's columns.
func (r tableResolver) Column(ctx context.Context, t *tableau.Table, by graph.ColumnLookup) (*tableau.Column, error) {
	if err := exactlyOne("by", by.Luid != nil); err != nil {
		return nil, err
	}
	return found(t.ReadColumn(ctx, *by.Luid))
}
