package resolvers

import (
	"context"
	"slices"

	"vitrine/graph"
	"vitrine/internal/tableau"
)

type (
	recentResolver        struct{ *Resolver }
	personalSpaceResolver struct{ *Resolver }
)

// Recent implements graph.ResolverRoot.
func (r *Resolver) Recent() graph.RecentResolver { return recentResolver{r} }

// PersonalSpace implements graph.ResolverRoot.
func (r *Resolver) PersonalSpace() graph.PersonalSpaceResolver { return personalSpaceResolver{r} }

// Recents are what the caller looked at last.
func (r siteResolver) Recents(ctx context.Context, site *tableau.Site) ([]*tableau.Recent, error) {
	all, err := plainList(ctx, r.Resolver, site, (*tableau.Session).Recents)
	if op := operationFrom(ctx); op.hidesOneOf([]string{tableau.KindView, tableau.KindWorkbook}) {
		all = slices.DeleteFunc(slices.Clone(all), func(x *tableau.Recent) bool { return !op.offersType(typeOf(x.Points())) })
	}
	return all, err
}

// RecommendedViews are what Tableau proposes to the caller.
func (r siteResolver) RecommendedViews(ctx context.Context, site *tableau.Site) ([]*tableau.View, error) {
	views, err := plainList(ctx, r.Resolver, site, (*tableau.Session).RecommendedViews)
	sel := selectionOf(ctx)
	for i, v := range views {
		if viewSuffices(sel, v) {
			continue
		}
		full, err := v.Listed(ctx, sel.has("viewCount"), viewListFields(sel)...) // one call for all of them
		if err != nil {
			return nil, err
		}
		if full != nil {
			views[i] = full
		}
	}
	return views, err
}

// plainList reads a list of a site that has no pages.
func plainList[T any](
	ctx context.Context, r *Resolver, site *tableau.Site, read func(*tableau.Session, context.Context) ([]*T, error),
) ([]*T, error) {
	s, err := r.session(ctx, site.ContentURL)
	if err != nil {
		return nil, err
	}
	items, err := read(s, ctx)
	if err == nil {
		err = reserveFields(ctx, len(items))
	}
	if err != nil {
		return nil, err
	}
	if items == nil {
		items = []*T{}
	}
	return items, nil
}

// Target is what was looked at.
func (r recentResolver) Target(ctx context.Context, x *tableau.Recent) (tableau.RecentTarget, error) {
	return target(ctx, x.Points())
}

// PersonalSpace is the caller's own.
func (r siteResolver) PersonalSpace(ctx context.Context, site *tableau.Site) (*tableau.PersonalSpace, error) {
	s, err := r.session(ctx, site.ContentURL)
	if err != nil {
		return nil, err
	}
	return s.PersonalSpace(ctx)
}

// Owner is whose space it is.
func (r personalSpaceResolver) Owner(ctx context.Context, p *tableau.PersonalSpace) (*tableau.User, error) {
	return owner(ctx, p, p.OwnerRef(), (*tableau.PersonalSpace).ReadOwner)
}
