package resolvers

import (
	"context"

	"vitrine/graph"
	"vitrine/internal/tableau"
)

type recycledItemResolver struct{ *Resolver }

// RecycledItem implements graph.ResolverRoot.
func (r *Resolver) RecycledItem() graph.RecycledItemResolver { return recycledItemResolver{r} }

func recycledQuery(f *graph.RecycledItemFilter, orderBy []*graph.RecycledItemOrder) listRequest[tableau.RecycledItem] {
	if f == nil {
		f = &graph.RecycledItemFilter{}
	}
	type item = tableau.RecycledItem
	var w filterBuilder[item]
	w.luid("id", f.Luid, is(func(i *item) tableau.LUID { return i.LUID }))
	w.text("name", f.Name, is(func(i *item) string { return i.Name }))
	w.luid("ownerId", f.OwnerLuid, func(i *item) []string { return userLUID(i.OwnerRef) })
	w.luid("deleterId", f.DeleterLuid, func(i *item) []string { return userLUID(i.DeleterRef) })
	w.text("path", f.OriginalPath, is(func(i *item) tableau.Text { return i.OriginalPath }))
	w.time("createdAt", f.CreatedAt, func(i *item) tableau.Time { return i.CreatedAt })
	w.time("updatedAt", f.UpdatedAt, func(i *item) tableau.Time { return i.UpdatedAt })
	q := tableau.ListQuery[tableau.RecycledItem]{Filters: w.filters, Sort: recycledOrder(orderBy)}
	return listRequest[tableau.RecycledItem]{q, w.err}
}

var recycledOrders = map[graph.RecycledItemOrderField]string{
	graph.RecycledItemOrderFieldName: "name", graph.RecycledItemOrderFieldCreatedAt: "createdAt", graph.RecycledItemOrderFieldUpdatedAt: "updatedAt",
}

func recycledOrder(orderBy []*graph.RecycledItemOrder) []tableau.Sort {
	return order(orderBy, func(o *graph.RecycledItemOrder) (string, graph.OrderDirection) {
		return recycledOrders[o.Field], o.Direction
	})
}

// RecycleBin is a page of what is in one of the site's recycle bins.
func (r siteResolver) RecycleBin(
	ctx context.Context, site *tableau.Site, kind tableau.RecycledItemType, first int32, after *string, filter *graph.RecycledItemFilter,
	orderBy []*graph.RecycledItemOrder,
) (*graph.RecycledItemConnection, error) {
	read := func(s *tableau.Session, ctx context.Context, q tableau.ListQuery[tableau.RecycledItem], offset, first int) (*tableau.Page[tableau.RecycledItem], error) {
		return s.RecycleBin(ctx, kind, q, offset, first)
	}
	return list(ctx, r.Resolver, site.ID(), first, after, recycledQuery(filter, orderBy), onSite(r.Resolver, site, read), connection[graph.RecycledItemConnection])
}

// Owner is who owned it.
func (r recycledItemResolver) Owner(ctx context.Context, i *tableau.RecycledItem) (*tableau.User, error) {
	return owner(ctx, i, i.OwnerRef, (*tableau.RecycledItem).ReadOwner)
}

// Deleter is who deleted it.
func (r recycledItemResolver) Deleter(ctx context.Context, i *tableau.RecycledItem) (*tableau.User, error) {
	return owner(ctx, i, i.DeleterRef, (*tableau.RecycledItem).ReadDeleter)
}
