package resolvers

import (
	"context"
	"errors"

	"vitrine/graph"
	"vitrine/internal/graphqlhttp"
	"vitrine/internal/tableau"
)

type groupResolver struct{ *Resolver }

// Group implements graph.ResolverRoot.
func (r *Resolver) Group() graph.GroupResolver { return groupResolver{r} }

// groupFields are the fields that a list of groups has only when it is asked for them by name.
var groupFields = map[string]string{
	"userCount": "userCount", "minimumSiteRole": "minimumSiteRole", "minimumSiteRoleRaw": "minimumSiteRole",
}

func groupQuery(ctx context.Context, f *graph.GroupFilter, orderBy []*graph.GroupOrder) listRequest[tableau.Group] {
	q := tableau.ListQuery[tableau.Group]{Fields: selectionOf(ctx).items().restFields("", groupFields)}
	if f == nil {
		f = &graph.GroupFilter{}
	}
	type item = tableau.Group
	var w filterBuilder[item]
	w.match("name", f.Name, is(func(g *item) tableau.Text { return g.Name }))
	w.text("domainName", f.Domain, is((*item).Domain))
	w.text("domainNickname", f.DomainShortName, nil)
	w.siteRole("minimumSiteRole", f.MinimumSiteRole, is((*item).MinimumSiteRole), "minimumSiteRole")
	w.flag("isLocal", f.IsLocal, func(g *item) tableau.Flag { return isLocal(g.Domain()) })
	w.number("userCount", f.UserCount, func(g *item) tableau.Int { return g.UserCount }, "userCount")
	known := len(w.filters)
	w.luid("luid", f.Luid, is(func(g *item) tableau.LUID { return g.LUID }))
	for i := range w.filters[known:] {
		w.filters[known+i].Local = true // known to Cloud alone, from 3.22; done here, it is right on all
	}
	w.flag("isExternalUserEnabled", f.IsExternalUserEnabled, nil)
	q.Filters, q.Sort = w.filters, groupOrder(orderBy)
	return listRequest[tableau.Group]{q, w.err}
}

var groupOrders = map[graph.GroupOrderField]string{
	graph.GroupOrderFieldName: "name", graph.GroupOrderFieldDomain: "domainName",
	graph.GroupOrderFieldMinimumSiteRole: "minimumSiteRole", graph.GroupOrderFieldUserCount: "userCount",
}

func groupOrder(orderBy []*graph.GroupOrder) []tableau.Sort {
	return order(orderBy, func(o *graph.GroupOrder) (string, graph.OrderDirection) { return groupOrders[o.Field], o.Direction })
}

// Groups is a page of the site's groups.
func (r siteResolver) Groups(
	ctx context.Context, site *tableau.Site, first int32, after *string, filter *graph.GroupFilter, orderBy []*graph.GroupOrder,
) (*graph.GroupConnection, error) {
	return list(ctx, r.Resolver, site.ID(), first, after, groupQuery(ctx, filter, orderBy), onSite(r.Resolver, site, (*tableau.Session).Groups), connection[graph.GroupConnection])
}

// Group is one group.
func (r siteResolver) Group(ctx context.Context, site *tableau.Site, by graph.GroupLookup) (*tableau.Group, error) {
	return lookedUp(ctx, r.Resolver, site, func(s *tableau.Session) (*tableau.Group, error) {
		if by.Luid != nil {
			return s.Group(ctx, *by.Luid)
		}
		group, err := s.GroupByName(ctx, *by.Name)
		if errors.Is(err, tableau.ErrSeveral) {
			return nil, graphqlhttp.InputError("several groups have this name: put the domain in front, as in DOMAIN\\name, or ask by luid")
		}
		return group, err
	}, by.Luid != nil, by.Name != nil)
}

// memberFields are the fields of the users of a group; for the rest they are looked up.
var memberFields = []string{
	"__typename", "id", "luid", "site", "isMe", "name", "siteRole", "siteRoleRaw", "lastLoginAt", "externalAuthUserId", "groups",
	"workbooks", "personalAccessTokens",
}

// Users is a page of the group's users.
func (r groupResolver) Users(ctx context.Context, g *tableau.Group, first int32, after *string) (*graph.UserConnection, error) {
	full := !selectionOf(ctx).items().within(memberFields...)
	return list(ctx, r.Resolver, g.ID(), first, after, listRequest[tableau.User]{},
		func(ctx context.Context, _ tableau.ListQuery[tableau.User], offset, first int) (*tableau.Page[tableau.User], error) {
			return g.ReadUsers(ctx, full, offset, first)
		}, connection[graph.UserConnection])
}

// Groups is a page of the groups that the user is in.
func (r userResolver) Groups(ctx context.Context, u *tableau.User, first int32, after *string) (*graph.GroupConnection, error) {
	counted := len(selectionOf(ctx).items().restFields("", groupFields)) > 0
	return list(ctx, r.Resolver, u.ID(), first, after, listRequest[tableau.Group]{},
		func(ctx context.Context, _ tableau.ListQuery[tableau.Group], offset, first int) (*tableau.Page[tableau.Group], error) {
			return u.ReadGroups(ctx, counted, offset, first)
		}, connection[graph.GroupConnection])
}

// PersonalAccessTokens are the user's, without their secrets.
func (r userResolver) PersonalAccessTokens(ctx context.Context, u *tableau.User) ([]*tableau.PersonalAccessToken, error) {
	tokens, err := u.ReadTokens(ctx)
	return reserveList(ctx, tokens, err)
}
