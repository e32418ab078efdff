package tableau

import (
	"context"
	"net/url"

	"vitrine/internal/tableau/rest"
)

// GroupSet is a set of groups: who is in all of them gets permissions. From API 3.22.
type GroupSet struct {
	node
	LUID       LUID                  `json:"id" xml:"id,attr"`
	Name       Text                  `json:"name" xml:"name,attr"`
	GroupCount Int                   `json:"groupCount" xml:"groupCount,attr"`
	GroupRefs  rest.OneOrMany[Group] `json:"group" xml:"group"`
}

func (g *GroupSet) luid() LUID { return g.LUID }

func (g *GroupSet) bind(s *Session) {
	g.s = s
	bindAll(s, (*[]*Group)(&g.GroupRefs))
}

// IsNode marks a GroupSet as something with a global id.
func (*GroupSet) IsNode() {}

// IsGrantee marks a GroupSet as something that can be given permissions.
func (*GroupSet) IsGrantee() {}

// ID is the global id.
func (g *GroupSet) ID() string { return GlobalID(KindGroupSet, g.s.ContentURL(), string(g.LUID)) }

type groupSetsAnswer struct {
	rest.Envelope
	GroupSets struct {
		Items []*GroupSet `json:"groupSet" xml:"groupSet"`
	} `json:"groupSets" xml:"groupSets"`
}

type groupSetAnswer struct {
	rest.Envelope
	GroupSet *GroupSet `json:"groupSet" xml:"groupSet"`
}

func (s *Session) groupSetsPage(ctx context.Context, query url.Values) (Pagination, []*GroupSet, error) {
	r := rest.SiteRead{Template: "groupsets", Query: query}
	a, err := get(ctx, s, r, func(a *groupSetsAnswer) { bindAll(s, &a.GroupSets.Items) })
	if err != nil {
		return Pagination{}, nil, err
	}
	return a.Pagination, a.GroupSets.Items, nil
}

// MembersOfGroupSets is what a list of group sets is asked with to tell their groups.
var MembersOfGroupSets = url.Values{"resultlevel": {"members"}}

// GroupSets reads a stretch of the site's group sets; administrators only. GET groupsets, from API
// 3.22.
func (s *Session) GroupSets(ctx context.Context, q ListQuery[GroupSet], offset, first int) (*Page[GroupSet], error) {
	return readRange(ctx, s, s.groupSetsPage, q, offset, first)
}

// GroupSet reads one group set with its groups; administrators only. GET groupsets/{id}, from API
// 3.22.
func (s *Session) GroupSet(ctx context.Context, id LUID) (*GroupSet, error) {
	r := rest.SiteRead{Template: "groupsets/{id}", Values: []string{string(id)}}
	a, err := get(ctx, s, r, func(a *groupSetAnswer) { bindOne(s, &a.GroupSet) })
	if err != nil {
		return nil, err
	}
	return one(a.GroupSet, "GET groupsets/{id}")
}

// groupSetsByLUID reads all group sets once in an operation.
func (s *Session) groupSetsByLUID(ctx context.Context) (map[LUID]*GroupSet, error) {
	v, _, err := s.work.Do(ctx, "group sets", func() (any, error) {
		items, err := readAll(ctx, s.groupSetsPage, url.Values{}, maxLocalPages)
		if err != nil {
			return nil, err
		}
		return byLUID(items), nil
	})
	if err != nil {
		return nil, err
	}
	return v.(map[LUID]*GroupSet), nil
}

// ReadGroups returns its groups: from the list, else by a look-up of the set. counted asks for more
// than their names, which costs the list of groups.
func (g *GroupSet) ReadGroups(ctx context.Context, counted bool) ([]*Group, error) {
	groups := []*Group(g.GroupRefs)
	if len(groups) == 0 && g.GroupCount != NewInt(0) {
		full, err := g.s.GroupSet(ctx, g.LUID)
		if err != nil {
			return nil, err
		}
		groups = full.GroupRefs
	}
	if counted {
		all, err := g.s.groupsByLUID(ctx)
		if all, err = ignoreDenied(all, err); err != nil {
			return nil, err
		}
		groups = fuller(groups, all)
	}
	return newBatch(groups), nil
}

// fuller returns each item as another list has it, if it is there.
func fuller[T any, P resource[T]](items []*T, all map[LUID]*T) []*T {
	out := make([]*T, len(items))
	for i, item := range items {
		out[i] = item
		if full := all[P(item).luid()]; full != nil {
			out[i] = full
		}
	}
	return out
}
