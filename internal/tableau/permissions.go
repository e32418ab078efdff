package tableau

import (
	"context"
	"strings"

	"vitrine/internal/tableau/rest"
)

// Permissions are the rules that were set for a thing: explicit ones only, not what administrators,
// owners and project leaders may do anyway.
type Permissions struct {
	node
	of       LUID // the thing
	Parent   *permissionsParent
	Grantees []*GranteeCapabilities
}

// permissionsParent is the locked project whose rules hold instead of the thing's own.
type permissionsParent struct {
	Type Text `json:"type" xml:"type,attr"`
	LUID LUID `json:"id" xml:"id,attr"`
}

func (p *Permissions) luid() LUID { return p.of }

// GranteeCapabilities are the rules for one user, group or set of groups.
type GranteeCapabilities struct {
	User     *User     `json:"user" xml:"user"`
	Group    *Group    `json:"group" xml:"group"`
	GroupSet *GroupSet `json:"groupSet" xml:"groupSet"`
	Rules    struct {
		Items []*CapabilityRule `json:"capability" xml:"capability"`
	} `json:"capabilities" xml:"capabilities"`

	permissions *Permissions
}

// CapabilityRule is one capability, allowed or denied.
type CapabilityRule struct {
	Capability Capability `json:"name" xml:"name,attr"`
	Mode       Text       `json:"mode" xml:"mode,attr"`
}

// CapabilityRaw is the capability as Tableau writes it.
func (r *CapabilityRule) CapabilityRaw() string { return string(r.Capability) }

// IsAllowed is true when allowed, false when denied. Anything but Allow is no allowance.
func (r *CapabilityRule) IsAllowed() bool { return strings.EqualFold(string(r.Mode), "Allow") }

// Grantee is who can be given permissions.
type Grantee interface{ IsGrantee() }

type permissionsAnswer struct {
	rest.Envelope
	Permissions *struct {
		Parent   *permissionsParent                  `json:"parent" xml:"parent"`
		Grantees rest.OneOrMany[GranteeCapabilities] `json:"granteeCapabilities" xml:"granteeCapabilities"`
	} `json:"permissions" xml:"permissions"`
}

func (a *permissionsAnswer) bind(s *Session) {
	if a.Permissions == nil {
		return
	}
	for _, g := range a.Permissions.Grantees {
		if g == nil {
			continue
		}
		bindOne(s, &g.User)
		bindOne(s, &g.Group)
		bindOne(s, &g.GroupSet)
		g.Rules.Items = notNil(g.Rules.Items)
	}
}

// permissionsAt reads the rules of one thing.
func (s *Session) permissionsAt(ctx context.Context, of LUID, r rest.SiteRead) (*Permissions, error) {
	a, err := get(ctx, s, r, func(a *permissionsAnswer) { a.bind(s) })
	if err != nil {
		return nil, err
	}
	body, err := one(a.Permissions, "GET "+r.Template)
	if err != nil {
		return nil, err
	}
	p := &Permissions{node: node{s: s}, of: of, Parent: body.Parent}
	for _, g := range body.Grantees {
		if g != nil && (g.User != nil || g.Group != nil || g.GroupSet != nil) {
			mine := *g
			p.Grantees = append(p.Grantees, &mine)
		}
	}
	return p, nil
}

// permissionsOf reads the rules of an item, side by side for all that were read together, so that
// whom they are for can be asked about all at once: Tableau has no call for the rules of several
// things. read names the call for one.
func permissionsOf[T any, P resource[T]](ctx context.Context, n node, item *T, key string, read func(LUID) rest.SiteRead) (*Permissions, error) {
	all, err := once(ctx, n.batch, "permissions "+key, func() (map[LUID]outcome[*Permissions], error) {
		siblings := batchItems(n.batch, item)
		got, err := sideBySide(ctx, siblings, func(ctx context.Context, item *T) (*Permissions, error) {
			id := P(item).luid()
			return n.s.permissionsAt(ctx, id, read(id))
		})
		if err != nil {
			return nil, err
		}
		return acquainted(got, func(i int) LUID { return P(siblings[i]).luid() }), nil
	})
	if err != nil {
		return nil, err
	}
	mine := all[P(item).luid()]
	return mine.value, mine.err
}

// acquainted makes permissions that were read side by side know each other.
func acquainted(got []outcome[*Permissions], of func(int) LUID) map[LUID]outcome[*Permissions] {
	var found []*Permissions
	for _, one := range got {
		if one.err == nil {
			found = append(found, one.value)
		}
	}
	known := byLUID(newBatch(found))
	all := make(map[LUID]outcome[*Permissions], len(got))
	for i, one := range got {
		if one.err == nil {
			one.value = known[of(i)]
			for _, g := range one.value.Grantees {
				g.permissions = one.value
			}
		}
		all[of(i)] = one
	}
	return all
}

// permissionsBelow names the call for the rules of one thing: workbooks/{id}/permissions.
func permissionsBelow(collection string) func(LUID) rest.SiteRead {
	return func(id LUID) rest.SiteRead {
		return rest.SiteRead{Template: collection + "/{id}/permissions", Values: []string{string(id)}}
	}
}

// Permissions are who may do what with the project itself. GET projects/{id}/permissions,
// administrators and project leaders.
func (p *Project) Permissions(ctx context.Context) (*Permissions, error) {
	return permissionsOf(ctx, p.node, p, "", permissionsBelow("projects"))
}

// Permissions are who may do what with the workbook. GET workbooks/{id}/permissions.
func (w *Workbook) Permissions(ctx context.Context) (*Permissions, error) {
	return permissionsOf(ctx, w.node, w, "", permissionsBelow("workbooks"))
}

// Permissions are who may do what with the view; they count where its workbook hides tabs. GET
// views/{id}/permissions, from API 3.2.
func (v *View) Permissions(ctx context.Context) (*Permissions, error) {
	return permissionsOf(ctx, v.node, v, "", permissionsBelow("views"))
}

// Permissions are who may do what with the data source. GET datasources/{id}/permissions.
func (d *DataSource) Permissions(ctx context.Context) (*Permissions, error) {
	return permissionsOf(ctx, d.node, d, "", permissionsBelow("datasources"))
}

// DefaultPermissions are the rules that new content of a kind gets, or has where the project is
// locked. GET projects/{id}/default-permissions/{kind}, administrators and project leaders.
func (p *Project) DefaultPermissions(ctx context.Context, contentType DefaultPermissionType) (*Permissions, error) {
	if _, known := defaultPermissionTypes[string(contentType)]; !known {
		return nil, &InputError{Reason: "there are no default permissions of this type"}
	}
	return permissionsOf(ctx, p.node, p, string(contentType), func(id LUID) rest.SiteRead {
		return rest.SiteRead{Template: "projects/{id}/default-permissions/" + string(contentType), Values: []string{string(id)}}
	})
}

// ReadInheritedFrom is the locked project whose default rules hold; nil where the rules are the
// thing's own, and where the user may not see that project.
func (p *Permissions) ReadInheritedFrom(ctx context.Context) (*Project, error) {
	of := func(p *Permissions) LUID {
		if p.Parent == nil || p.Parent.Type != "" && !strings.EqualFold(string(p.Parent.Type), "Project") {
			return ""
		}
		return p.Parent.LUID
	}
	if of(p) == "" {
		return nil, nil
	}
	tree, err := p.s.tree(ctx)
	if err != nil {
		return nil, err
	}
	return gathered(ctx, p.batch, "inherited", batchItems(p.batch, p), of, tree)[of(p)], nil
}

// GranteeNeeds says of which kinds of grantee more is wanted than the LUID.
type GranteeNeeds struct{ Users, Groups, GroupSets bool }

// ReadGrantee returns for whom the rules are: with a name if the user may list people, else with
// nothing but the LUID, which the rules have. One look-up of users, and one list of groups, serves
// all permissions that were read together.
func (g *GranteeCapabilities) ReadGrantee(ctx context.Context, need GranteeNeeds) (Grantee, error) {
	p := g.permissions
	switch {
	case g.User != nil && need.Users:
		return namedGrantee(ctx, p, "users", func(g *GranteeCapabilities) *User { return g.User }, p.s.usersOrSelf, g.User)
	case g.User != nil:
		return g.User, nil
	case g.Group != nil && need.Groups:
		all := func(ctx context.Context, _ []LUID) (map[LUID]*Group, error) { return p.s.groupsByLUID(ctx) }
		return namedGrantee(ctx, p, "groups", func(g *GranteeCapabilities) *Group { return g.Group }, all, g.Group)
	case g.Group != nil:
		return g.Group, nil
	case need.GroupSets:
		all := func(ctx context.Context, _ []LUID) (map[LUID]*GroupSet, error) { return p.s.groupSetsByLUID(ctx) }
		return namedGrantee(ctx, p, "group sets", func(g *GranteeCapabilities) *GroupSet { return g.GroupSet }, all, g.GroupSet)
	default:
		return g.GroupSet, nil
	}
}

// namedGrantee looks all grantees of a kind up once, of all permissions that were read together.
// Who may not list people learns no more than the rules have: no error, for the rules themselves
// could be read.
func namedGrantee[T any, P interface {
	resource[T]
	Grantee
}](
	ctx context.Context, p *Permissions, kind string, of func(*GranteeCapabilities) *T,
	look func(context.Context, []LUID) (map[LUID]*T, error), bare *T,
) (Grantee, error) {
	found, err := once(ctx, p.batch, kind, func() (map[LUID]*T, error) {
		var named []*T
		for _, one := range batchItems(p.batch, p) {
			for _, g := range one.Grantees {
				if item := of(g); item != nil {
					named = append(named, item)
				}
			}
		}
		named = unique[T, P](named)
		ids := make([]LUID, len(named))
		for i, item := range named {
			ids[i] = P(item).luid()
		}
		known, err := look(ctx, ids)
		if known, err = ignoreDenied(known, err); err != nil {
			return nil, err
		}
		return byLUID[T, P](newBatch[T, P](fuller[T, P](named, known))), nil
	})
	if err != nil {
		return nil, err
	}
	if item := found[P(bare).luid()]; item != nil {
		return P(item), nil
	}
	return P(bare), nil
}

// Permissions are who may do what with the flow. GET flows/{id}/permissions, from API 3.3.
func (f *Flow) Permissions(ctx context.Context) (*Permissions, error) {
	return permissionsOf(ctx, f.node, f, "", permissionsBelow("flows"))
}

// Permissions are who may do what with the virtual connection. GET
// virtualconnections/{id}/permissions, from API 3.23.
func (v *VirtualConnectionInfo) Permissions(ctx context.Context) (*Permissions, error) {
	return permissionsOf(ctx, v.node, v, "", permissionsBelow("virtualconnections"))
}

// Permissions are who may do what with the collection. GET collections/{id}/permissions, from API
// 3.12, administrators and its owner.
func (c *Collection) Permissions(ctx context.Context) (*Permissions, error) {
	return permissionsOf(ctx, c.node, c, "", permissionsBelow("collections"))
}
