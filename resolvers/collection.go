package resolvers

import (
	"context"
	"strings"

	"vitrine/graph"
	"vitrine/internal/tableau"
)

type (
	collectionResolver     struct{ *Resolver }
	collectionItemResolver struct{ *Resolver }
)

// Collection implements graph.ResolverRoot.
func (r *Resolver) Collection() graph.CollectionResolver { return collectionResolver{r} }

// CollectionItem implements graph.ResolverRoot.
func (r *Resolver) CollectionItem() graph.CollectionItemResolver { return collectionItemResolver{r} }

func collectionQuery(f *graph.CollectionFilter) listRequest[tableau.Collection] {
	type item = tableau.Collection
	var w filterBuilder[item]
	if f == nil {
		return listRequest[item]{}
	}
	if f.OwnerLuid != nil && f.OwnerLuid.Eq != nil {
		eq := string(*f.OwnerLuid.Eq)
		w.equal("ownerLuid", &eq, func(c *item) []string {
			if c.OwnerRef == nil {
				return nil
			}
			return []string{string(c.OwnerRef.LUID)}
		}, nil)
	}
	if f.Visibility != nil && f.Visibility.Eq != nil {
		eq := string(*f.Visibility.Eq)
		w.add("visibility", "eq", []string{eq}, func(c *item) bool { return strings.EqualFold(string(c.Visibility), eq) }, nil)
	}
	return listRequest[item]{tableau.ListQuery[item]{Filters: w.filters}, w.err}
}

// Collections is a page of the site's collections.
func (r siteResolver) Collections(
	ctx context.Context, site *tableau.Site, first int32, after *string, filter *graph.CollectionFilter,
) (*graph.CollectionConnection, error) {
	return list(ctx, r.Resolver, site.ID(), first, after, collectionQuery(filter), onSite(r.Resolver, site, (*tableau.Session).Collections), connection[graph.CollectionConnection])
}

// Collection is one collection.
func (r siteResolver) Collection(ctx context.Context, site *tableau.Site, by graph.CollectionLookup) (*tableau.Collection, error) {
	return oneOnSite(ctx, r.Resolver, site, by.Luid, (*tableau.Session).Collection)
}

// Owner is whose collection it is.
func (r collectionResolver) Owner(ctx context.Context, c *tableau.Collection) (*tableau.User, error) {
	return owner(ctx, c, c.OwnerRef, (*tableau.Collection).ReadOwner)
}

// Items is a page of what is in it.
func (r collectionResolver) Items(ctx context.Context, c *tableau.Collection, first int32, after *string) (*graph.CollectionItemConnection, error) {
	at, err := r.pageSpanOf(ctx, c.ID(), first, after)
	if err != nil {
		return nil, err
	}
	o := operationFrom(ctx)
	q := kept(o, func(i *tableau.CollectionItem) bool { return o.offersKind(i.TargetKind()) })
	page, err := c.Items(ctx, q, at.Offset, at.first)
	return connection[graph.CollectionItemConnection](ctx, at, page, err)
}

// Target is what is in the collection.
func (r collectionItemResolver) Target(ctx context.Context, i *tableau.CollectionItem) (tableau.FavoriteTarget, error) {
	return entryTarget(ctx, i)
}
