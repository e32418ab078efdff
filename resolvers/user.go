package resolvers

import (
	"context"
	"errors"

	"github.com/vektah/gqlparser/v2/ast"

	"vitrine/graph"
	"vitrine/internal/exec"
	"vitrine/internal/graphqlhttp"
	"vitrine/internal/tableau"
)

type userResolver struct{ *Resolver }

// User implements graph.ResolverRoot.
func (r *Resolver) User() graph.UserResolver { return userResolver{r} }

// userFields are the fields that a list of users has only when it is asked for them by name; the
// rest comes with everything.
var userFields = map[string]string{
	"fullName": "fullName", "email": "email", "lastLoginAt": "lastLogin", "authSetting": "authSetting", "authSettingRaw": "authSetting",
	"domain": "_all_", "locale": "_all_", "language": "_all_", "idpConfigurationId": "_all_", "idpConfigurationName": "_all_",
	"identityPoolName": "_all_", "isContentAdmin": "_all_", "ownsContent": "_all_",
}

func userQuery(ctx context.Context, f *graph.UserFilter, orderBy []*graph.UserOrder) listRequest[tableau.User] {
	q := tableau.ListQuery[tableau.User]{Fields: selectionOf(ctx).items().restFields("", userFields)}
	if f == nil {
		f = &graph.UserFilter{}
	}
	type item = tableau.User
	var w filterBuilder[item]
	w.match("name", f.Name, is(func(u *item) tableau.Text { return u.Name }))
	w.match("friendlyName", f.FullName, is(func(u *item) tableau.Text { return u.FullName }), "fullName")
	w.luid("luid", f.Luid, is(func(u *item) tableau.LUID { return u.LUID }))
	w.text("domainName", f.Domain, is((*item).Domain), "_all_")
	w.siteRole("siteRole", f.SiteRole, is(func(u *item) tableau.SiteRole { return u.SiteRole }))
	w.flag("isLocal", f.IsLocal, func(u *item) tableau.Flag { return isLocal(u.Domain()) }, "_all_")
	w.time("lastLogin", f.LastLoginAt, func(u *item) tableau.Time { return u.LastLoginAt }, "lastLogin")
	q.Filters, q.Sort = w.filters, userOrder(orderBy)
	return listRequest[tableau.User]{q, w.err}
}

// isLocal says whether a domain is Tableau's own.
func isLocal(domain tableau.Text) tableau.Flag {
	if domain == "local" {
		return tableau.Yes
	}
	return tableau.No
}

var userOrders = map[graph.UserOrderField]string{
	graph.UserOrderFieldName: "name", graph.UserOrderFieldFullName: "friendlyName", graph.UserOrderFieldDomain: "domainName",
	graph.UserOrderFieldSiteRole: "siteRole", graph.UserOrderFieldLastLoginAt: "lastLogin",
}

func userOrder(orderBy []*graph.UserOrder) []tableau.Sort {
	return order(orderBy, func(o *graph.UserOrder) (string, graph.OrderDirection) { return userOrders[o.Field], o.Direction })
}

// Users is a page of the site's users.
func (r siteResolver) Users(
	ctx context.Context, site *tableau.Site, first int32, after *string, filter *graph.UserFilter, orderBy []*graph.UserOrder,
) (*graph.UserConnection, error) {
	return list(ctx, r.Resolver, site.ID(), first, after, userQuery(ctx, filter, orderBy), onSite(r.Resolver, site, (*tableau.Session).Users), connection[graph.UserConnection])
}

// User is one user.
func (r siteResolver) User(ctx context.Context, site *tableau.Site, by graph.UserLookup) (*tableau.User, error) {
	return lookedUp(ctx, r.Resolver, site, func(s *tableau.Session) (*tableau.User, error) {
		if by.Luid != nil {
			return s.User(ctx, *by.Luid)
		}
		user, err := s.UserByName(ctx, *by.Name)
		if errors.Is(err, tableau.ErrSeveral) {
			return nil, graphqlhttp.InputError("several users have this name: put the domain in front, as in DOMAIN\\name")
		}
		return user, err
	}, by.Luid != nil, by.Name != nil)
}

// IsMe says whether this user is the caller.
func (r userResolver) IsMe(ctx context.Context, u *tableau.User) (bool, error) {
	me, err := u.Session().UserLUID(ctx)
	return err == nil && me == u.LUID, err
}

// OwnedWorkbooks is a page of the workbooks that the user owns.
func (r userResolver) OwnedWorkbooks(ctx context.Context, u *tableau.User, first int32, after *string) (*graph.WorkbookConnection, error) {
	return r.workbooks(ctx, u, first, after, true)
}

// VisibleWorkbooks is a page of the workbooks that the user may see.
func (r userResolver) VisibleWorkbooks(ctx context.Context, u *tableau.User, first int32, after *string) (*graph.WorkbookConnection, error) {
	return r.workbooks(ctx, u, first, after, false)
}

func (r userResolver) workbooks(ctx context.Context, u *tableau.User, first int32, after *string, owned bool) (*graph.WorkbookConnection, error) {
	at, err := r.pageSpanOf(ctx, u.ID(), first, after)
	if err != nil {
		return nil, err
	}
	page, err := u.Session().WorkbooksOf(ctx, u.LUID, owned, at.Offset, at.first)
	return connection[graph.WorkbookConnection](ctx, at, page, err)
}

// ownerFields are the attributes of an owner that lists can tell, by Tableau's names.
var ownerFields = map[string]string{
	"name": "name", "fullName": "fullName", "email": "email", "siteRole": "siteRole", "siteRoleRaw": "siteRole", "lastLoginAt": "lastLogin",
}

// owner is who owns an item: what its list has where that is enough, else one read for all items of
// the list. Where the caller may not read users: what the list has of the owner, whatever else is
// selected.
func owner[T any](
	ctx context.Context, item T, ref *tableau.User, read func(T, context.Context, func(*tableau.User) bool) (*tableau.User, error),
) (*tableau.User, error) {
	needs := exec.PerColumn(ctx, "owner", func() userNeeds { return userNeedsOf(selectionOf(ctx)) })
	if ref != nil && needs.metBy(ref) { // nearly always
		return ref, nil
	}
	u, err := read(item, ctx, needs.metBy)
	if tableau.IsKind(err, tableau.Refused) || tableau.IsKind(err, tableau.Missing) {
		return ref, nil
	}
	return u, err
}

// userNeeds are the attributes of users that are selected.
type userNeeds struct {
	name, fullName, email, siteRole, lastLoginAt bool
	others                                       bool // that no reference has
}

func userNeedsOf(sel selection) (n userNeeds) {
	sel.each(func(f *ast.Field) {
		switch f.Name {
		case "__typename", "id", "luid", "site", "isMe", "ownedWorkbooks", "visibleWorkbooks", "ownedFlows", "visibleFlows", "groups", "personalAccessTokens":
		case "name":
			n.name = true
		case "fullName":
			n.fullName = true
		case "email":
			n.email = true
		case "siteRole", "siteRoleRaw":
			n.siteRole = true
		case "lastLoginAt":
			n.lastLoginAt = true
		default:
			n.others = true
		}
	})
	return n
}

// metBy reports whether a reference to a user has all that is selected. Who has never signed in has
// no time of it: only a full answer has that.
func (n userNeeds) metBy(u *tableau.User) bool {
	return !n.others && (!n.name || u.Name != "") && (!n.fullName || u.FullName != "") && (!n.email || u.Email != "") &&
		(!n.siteRole || u.SiteRole != "") && (!n.lastLoginAt || !u.LastLoginAt.IsZero())
}

// ownerFilters are the three conditions on an owner that most lists know.
func ownerFilters[T any](w *filterBuilder[T], of func(*T) *tableau.User, name, email, domain *graph.StringInFilter) {
	text := func(get func(*tableau.User) tableau.Text) func(*T) []string {
		return func(item *T) []string {
			if u := of(item); u != nil {
				return []string{string(get(u))}
			}
			return nil
		}
	}
	w.text("ownerName", name, text(func(u *tableau.User) tableau.Text { return u.Name }), "owner.name")
	w.text("ownerEmail", email, text(func(u *tableau.User) tableau.Text { return u.Email }), "owner.email")
	w.text("ownerDomain", domain, nil)
}

// projectNameOf is the name of an item's project.
func projectNameOf[T any](of func(*T) *tableau.Project) func(*T) []string {
	return func(item *T) []string {
		if p := of(item); p != nil {
			return []string{p.Name}
		}
		return nil
	}
}

// labels are the labels of an item's tags.
func labels[T any](of func(*T) []*tableau.Tag) func(*T) []string {
	return func(item *T) []string {
		var labels []string
		for _, tag := range of(item) {
			labels = append(labels, tag.Label)
		}
		return labels
	}
}
