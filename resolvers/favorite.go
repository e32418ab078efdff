package resolvers

import (
	"context"

	"vitrine/graph"
	"vitrine/internal/tableau"
)

type favoriteResolver struct{ *Resolver }

// Favorite implements graph.ResolverRoot.
func (r *Resolver) Favorite() graph.FavoriteResolver { return favoriteResolver{r} }

// Favorites is a page of what the caller marked.
func (r siteResolver) Favorites(ctx context.Context, site *tableau.Site, first int32, after *string) (*graph.FavoriteConnection, error) {
	at, err := r.pageSpanOf(ctx, site.ID(), first, after)
	if err != nil {
		return nil, err
	}
	s, err := r.session(ctx, site.ContentURL)
	if err != nil {
		return nil, err
	}
	me, err := s.UserLUID(ctx)
	if err != nil {
		return nil, err
	}
	o := operationFrom(ctx)
	q := kept(o, func(f *tableau.Favorite) bool { return o.offersType(typeOf(f.Points())) })
	page, err := s.Favorites(ctx, me, q, at.Offset, at.first)
	return connection[graph.FavoriteConnection](ctx, at, page, err)
}

// Target is what was marked.
func (r favoriteResolver) Target(ctx context.Context, f *tableau.Favorite) (tableau.FavoriteTarget, error) {
	return target(ctx, f.Points())
}
