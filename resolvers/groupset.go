package resolvers

import (
	"context"

	"vitrine/graph"
	"vitrine/internal/tableau"
)

type groupSetResolver struct{ *Resolver }

// GroupSet implements graph.ResolverRoot.
func (r *Resolver) GroupSet() graph.GroupSetResolver { return groupSetResolver{r} }

func groupSetQuery(ctx context.Context, f *graph.GroupSetFilter) listRequest[tableau.GroupSet] {
	q := tableau.ListQuery[tableau.GroupSet]{}
	if selectionOf(ctx).items().has("groups") {
		q.Extra = tableau.MembersOfGroupSets
	}
	var w filterBuilder[tableau.GroupSet]
	if f != nil {
		w.match("name", f.Name, is(func(g *tableau.GroupSet) tableau.Text { return g.Name }))
	}
	q.Filters = w.filters
	return listRequest[tableau.GroupSet]{q, w.err}
}

// GroupSets is a page of the site's group sets.
func (r siteResolver) GroupSets(
	ctx context.Context, site *tableau.Site, first int32, after *string, filter *graph.GroupSetFilter,
) (*graph.GroupSetConnection, error) {
	return list(ctx, r.Resolver, site.ID(), first, after, groupSetQuery(ctx, filter), onSite(r.Resolver, site, (*tableau.Session).GroupSets), connection[graph.GroupSetConnection])
}

// GroupSet is one group set.
func (r siteResolver) GroupSet(ctx context.Context, site *tableau.Site, by graph.GroupSetLookup) (*tableau.GroupSet, error) {
	return oneOnSite(ctx, r.Resolver, site, by.Luid, (*tableau.Session).GroupSet)
}

// Groups are the groups of the set.
func (r groupSetResolver) Groups(ctx context.Context, g *tableau.GroupSet) ([]*tableau.Group, error) {
	counted := !selectionOf(ctx).within("__typename", "id", "luid", "site", "name", "users")
	groups, err := g.ReadGroups(ctx, counted)
	return reserveList(ctx, groups, err)
}
