package tableausim

import (
	"slices"
	"strings"

	"vitrine/internal/tableausim/wire"
)

// groupSet is a set of groups: rules for it hold for who is in all of them.
type groupSet struct {
	id, name string
	groups   []*group
}

// addGroupSet adds a set of groups that the site has.
func (s *site) addGroupSet(name string, groups ...string) {
	x := &groupSet{id: luid(s.contentURL, "groupset", name), name: name}
	for _, g := range groups {
		x.groups = append(x.groups, s.group(g))
	}
	s.groupSets = append(s.groupSets, x)
	s.byID[x.id] = x
}

func (s *site) groupSet(name string) *groupSet {
	for _, x := range s.groupSets {
		if x.name == name {
			return x
		}
	}
	return nil
}

// inAll reports whether u is in all groups of a set.
func (u *user) inAll(x *groupSet) bool {
	return len(x.groups) > 0 && !slices.ContainsFunc(x.groups, func(g *group) bool { return !u.in(g) })
}

// groupSetFields are documented like those of groups, which looks copied: a set has a name and a
// number of groups.
var groupSetFields = map[string]field[*groupSet]{
	"name": {ops: names, text: func(x *groupSet) string { return x.name }},
	"luid": {ops: eqIn, exact: true, text: func(x *groupSet) string { return x.id }},
}

// groupSetElement is a set, with its groups where they are asked for.
func groupSetElement(x *groupSet, members bool) *wire.Element {
	e := wire.New("groupSet", wire.Str("id", x.id), wire.Str("name", x.name))
	e.Int("groupCount", len(x.groups))
	if members {
		for _, g := range x.groups {
			e.Add(wire.Item(wire.New("group", wire.Str("id", g.id), wire.Str("name", g.name))))
		}
	}
	return e
}

// listGroupSets is GET groupsets: administrators only. What resultlevel means is not documented;
// clients send members and local.
func listGroupSets(c *call) (*answer, error) {
	if !c.user().admin() {
		return nil, errForbidden()
	}
	level := strings.ToLower(c.query.Get("resultlevel"))
	if level != "" && level != "members" && level != "local" {
		return nil, wire.Fail("400008", "resultlevel '%s' is not one of members, local.", level)
	}
	part, p, err := query(c, "groupsets", c.site().groupSets, groupSetFields)
	if err != nil {
		return nil, err
	}
	return listed(p, "groupSets", part, func(x *groupSet) *wire.Element { return groupSetElement(x, level == "members") })
}

// getGroupSet is GET groupsets/{id}: administrators only.
func getGroupSet(c *call) (*answer, error) {
	if !c.user().admin() {
		return nil, errForbidden()
	}
	x, ok := find[*groupSet](c.site(), c.r.PathValue("id"))
	if !ok {
		e := errNotFound("409120", "Group set", c.r.PathValue("id"))
		e.Status, e.Summary = 404, "Resource Not Found" // the code says otherwise: UNSURE which status goes with it
		return nil, e
	}
	return found(groupSetElement(x, true))
}
