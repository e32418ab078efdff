package tableausim

import (
	"strconv"

	"vitrine/internal/tableausim/wire"
)

var groupFields = map[string]field[*group]{
	"name":            {ops: names, text: func(g *group) string { return g.name }},
	"domainName":      {ops: eqIn, text: func(g *group) string { return g.domain }},
	"domainNickname":  {ops: eqIn, text: func(g *group) string { return g.domain }},
	"minimumSiteRole": {ops: eqIn, exact: true, text: func(g *group) string { return g.minimumRole }},
	"isLocal":         {ops: opEq, exact: true, text: func(g *group) string { return strconv.FormatBool(g.domain == localDomain) }},
	"luid":            {ops: eqIn, exact: true, text: func(g *group) string { return g.id }},
	"userCount":       {ops: compare, num: func(g *group) int { return len(g.users) }},
}

var groupColumns = []column[*group]{
	{name: "id", shows: always, put: func(e *wire.Element, g *group) { e.Str("id", g.id) }},
	{name: "name", shows: always, put: func(e *wire.Element, g *group) { e.Str("name", g.name) }},
	{name: "userCount", shows: onDemand, put: func(e *wire.Element, g *group) { e.Int("userCount", len(g.users)) }},
	{name: "minimumSiteRole", shows: always, put: func(e *wire.Element, g *group) { e.Opt("minimumSiteRole", g.minimumRole) }},
	{name: "import", shows: always, put: func(e *wire.Element, g *group) { e.Add(g.importElement()...) }},
	{name: "domain", shows: always, child: childOf("domain", func(g *group) (string, bool) { return g.domain, true }, nameColumn, "name"), names: []string{"name"}},
}

// importElement says how members of a directory's group get their license; groups made in Tableau
// have none.
func (g *group) importElement() []*wire.Element {
	if g.domain == localDomain {
		return nil
	}
	return []*wire.Element{wire.New("import", wire.Str("domainName", g.domain), wire.Str("siteRole", g.minimumRole), wire.Str("grantLicenseMode", "onSync"), wire.Str("source", "ActiveDirectory"))}
}

// listGroups is GET groups: administrators only.
func listGroups(c *call) (*answer, error) {
	if !c.user().admin() {
		return nil, wire.Fail("403071", "The user may not query groups.")
	}
	part, p, err := query(c, "groups", c.site().groups, groupFields)
	if err != nil {
		return nil, err
	}
	show, err := selected(c, "group", groupColumns)
	if err != nil {
		return nil, err
	}
	return listed(p, "groups", part, show)
}

// listGroupUsers is GET groups/{id}/users: administrators only.
func listGroupUsers(c *call) (*answer, error) {
	if !c.user().admin() {
		return nil, wire.Fail("403012", "The user may not query the users of a group.")
	}
	g, ok := find[*group](c.site(), c.r.PathValue("id"))
	if !ok {
		return nil, errNotFound("404012", "Group", c.r.PathValue("id"))
	}
	part, p, err := wire.Paginate(c.query, g.users)
	if err != nil {
		return nil, err
	}
	return listed(p, "users", part, show("user", userColumns, inLists))
}
