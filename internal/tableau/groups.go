package tableau

import (
	"cmp"
	"context"
	"fmt"
	"net/url"
	"slices"

	"vitrine/internal/tableau/rest"
)

// Group is users of a site that get permissions together.
type Group struct {
	node
	LUID                  LUID     `json:"id" xml:"id,attr"`
	Name                  Text     `json:"name" xml:"name,attr"`
	UserCount             Int      `json:"userCount" xml:"userCount,attr"`
	MinimumSiteRoleListed SiteRole `json:"minimumSiteRole" xml:"minimumSiteRole,attr"`
	IsExternalUserEnabled Flag     `json:"externalUserEnabled" xml:"externalUserEnabled,attr"`

	DomainRef *domain      `json:"domain" xml:"domain"`
	Import    *groupImport `json:"import" xml:"import"`
}

// groupImport says how members of a group get a license, and where they come from.
type groupImport struct {
	DomainName       Text             `json:"domainName" xml:"domainName,attr"`
	SiteRole         SiteRole         `json:"siteRole" xml:"siteRole,attr"`
	GrantLicenseMode GrantLicenseMode `json:"grantLicenseMode" xml:"grantLicenseMode,attr"`
}

func (g *Group) luid() LUID { return g.LUID }

// IsNode marks a Group as something with a global id.
func (*Group) IsNode() {}

// IsGrantee marks a Group as something that can be given permissions.
func (*Group) IsGrantee() {}

// ID is the global id.
func (g *Group) ID() string { return GlobalID(KindGroup, g.s.ContentURL(), string(g.LUID)) }

// Domain is the domain that it comes from; "local" for Tableau's own.
func (g *Group) Domain() Text {
	if g.DomainRef != nil {
		return g.DomainRef.Name
	}
	return g.imported().DomainName
}

// MinimumSiteRole is the least site role that its members get.
func (g *Group) MinimumSiteRole() SiteRole {
	return cmp.Or(g.MinimumSiteRoleListed, g.imported().SiteRole)
}

// MinimumSiteRoleRaw is the least site role as Tableau writes it.
func (g *Group) MinimumSiteRoleRaw() Text { return Text(g.MinimumSiteRole()) }

// GrantLicenseMode says when members get the license: onLogin or onSync.
func (g *Group) GrantLicenseMode() GrantLicenseMode { return g.imported().GrantLicenseMode }

func (g *Group) imported() groupImport { return *cmp.Or(g.Import, &groupImport{}) }

type groupsAnswer struct {
	rest.Envelope
	Groups struct {
		Items []*Group `json:"group" xml:"group"`
	} `json:"groups" xml:"groups"`
}

func (s *Session) groupsAt(ctx context.Context, r rest.SiteRead) (Pagination, []*Group, error) {
	a, err := get(ctx, s, r, func(a *groupsAnswer) { bindAll(s, &a.Groups.Items) })
	if err != nil {
		return Pagination{}, nil, err
	}
	return a.Pagination, a.Groups.Items, nil
}

func (s *Session) groupsPage(ctx context.Context, query url.Values) (Pagination, []*Group, error) {
	return s.groupsAt(ctx, rest.SiteRead{Template: "groups", Query: query})
}

// Groups reads a stretch of the site's groups; administrators only. GET groups.
func (s *Session) Groups(ctx context.Context, q ListQuery[Group], offset, first int) (*Page[Group], error) {
	return readRange(ctx, s, s.groupsPage, q, offset, first)
}

// GroupFields are fields that a list of groups has only on request.
var GroupFields = []string{"minimumSiteRole", "userCount"}

// groupsByLUID reads all groups once in an operation: Tableau has no method for one of them, and
// most servers cannot be asked for LUIDs.
func (s *Session) groupsByLUID(ctx context.Context) (map[LUID]*Group, error) {
	v, _, err := s.work.Do(ctx, "groups", func() (any, error) {
		values := ListQuery[Group]{Fields: GroupFields}.values(nil, nil)
		items, err := readAll(ctx, s.groupsPage, values, maxLocalPages)
		if err != nil {
			return nil, err
		}
		return byLUID(items), nil // not together: who asks for one group does not ask about all of them
	})
	if err != nil {
		return nil, err
	}
	return v.(map[LUID]*Group), nil
}

// Group finds one group in the list; nil where there is none.
func (s *Session) Group(ctx context.Context, id LUID) (*Group, error) {
	groups, err := s.groupsByLUID(ctx)
	return groups[id], err
}

// GroupByName finds one group by its name, case counts, which may have the domain in front:
// DOMAIN\name. ErrSeveral where groups of several domains have it. GET
// groups?filter=name:eq:{name}.
func (s *Session) GroupByName(ctx context.Context, name string) (*Group, error) {
	by, is := byDomainAndName(name, func(g *Group) (name, domain Text) { return g.Name, g.Domain() })
	page, err := readRange(ctx, s, s.groupsPage, ListQuery[Group]{Filters: []Filter[Group]{by}, Fields: GroupFields}, 0, maxPageSize)
	if err != nil {
		return nil, err
	}
	groups := slices.DeleteFunc(slices.Clone(page.Items), func(g *Group) bool { return !is(g) })
	switch len(groups) {
	case 0:
		return nil, nil
	case 1:
		return newBatch(groups)[0], nil
	default:
		return nil, ErrSeveral
	}
}

// ReadUsers reads a stretch of the users of the group, for all groups that were read together side
// by side. full says that more than the default attributes is wanted, which costs one more call for
// all of them. GET groups/{id}/users, administrators only.
func (g *Group) ReadUsers(ctx context.Context, full bool, offset, first int) (*Page[User], error) {
	var complete func(context.Context, []LUID) (map[LUID]*User, error)
	if full {
		complete = g.s.UsersByLUID
	}
	return readRangeOfEach(ctx, g.node, g, fmt.Sprint("users ", full, offset, first), func(ctx context.Context, g *Group) (*Page[User], error) {
		return readRange(ctx, g.s, g.usersPage, ListQuery[User]{}, offset, first)
	}, complete)
}

func (g *Group) usersPage(ctx context.Context, query url.Values) (Pagination, []*User, error) {
	return g.s.usersAt(ctx, rest.SiteRead{Template: "groups/{id}/users", Values: []string{string(g.LUID)}, Query: query})
}

// ReadGroups reads a stretch of the groups that the user is in, for all users that were read
// together side by side. counted says that more than name and domain is wanted, which costs the
// list of groups. GET users/{id}/groups, administrators only, from API 3.7.
func (u *User) ReadGroups(ctx context.Context, counted bool, offset, first int) (*Page[Group], error) {
	var complete func(context.Context, []LUID) (map[LUID]*Group, error)
	if counted {
		complete = func(ctx context.Context, _ []LUID) (map[LUID]*Group, error) { return u.s.groupsByLUID(ctx) }
	}
	return readRangeOfEach(ctx, u.node, u, fmt.Sprint("groups ", counted, offset, first), func(ctx context.Context, u *User) (*Page[Group], error) {
		return readRange(ctx, u.s, u.groupsPage, ListQuery[Group]{}, offset, first)
	}, complete)
}

func (u *User) groupsPage(ctx context.Context, query url.Values) (Pagination, []*Group, error) {
	return u.s.groupsAt(ctx, rest.SiteRead{Template: "users/{id}/groups", Values: []string{string(u.LUID)}, Query: query})
}

// GrantLicenseModeRaw is the same as Tableau writes it.
func (g *Group) GrantLicenseModeRaw() Text { return Text(g.GrantLicenseMode()) }
