package tableausim

import (
	"slices"
	"strconv"
	"time"

	"vitrine/internal/tableausim/wire"
)

var projectFields = map[string]field[*project]{
	"name":            {ops: eqIn, text: func(p *project) string { return p.name }},
	"ownerName":       {ops: eqIn, text: func(p *project) string { return p.owner.name }},
	"ownerEmail":      {ops: eqIn, text: func(p *project) string { return p.owner.email }},
	"ownerDomain":     {ops: eqIn, text: func(p *project) string { return p.owner.domain }},
	"parentProjectId": {ops: eqIn, exact: true, text: (*project).parentID},
	"topLevelProject": {ops: opEq, exact: true, text: func(p *project) string { return strconv.FormatBool(p.parent == nil) }},
	"createdAt":       {ops: compare, when: func(p *project) time.Time { return p.created }},
	"updatedAt":       {ops: compare, when: func(p *project) time.Time { return p.updated }},
}

func (p *project) parentID() string {
	if p.parent == nil {
		return ""
	}
	return p.parent.id
}

// projectColumns are the columns of a project as the caller sees it.
func projectColumns(c *call) []column[*project] {
	return []column[*project]{
		{name: "id", shows: always, put: func(e *wire.Element, p *project) { e.Str("id", p.id) }},
		{name: "name", shows: always, put: func(e *wire.Element, p *project) { e.Str("name", p.name) }},
		{name: "description", shows: always, put: func(e *wire.Element, p *project) { e.Str("description", p.description) }},
		{name: "createdAt", shows: always, put: func(e *wire.Element, p *project) { e.When("createdAt", p.created) }},
		{name: "updatedAt", shows: always, put: func(e *wire.Element, p *project) { e.When("updatedAt", p.updated) }},
		{name: "contentPermissions", shows: always, put: func(e *wire.Element, p *project) { e.Str("contentPermissions", p.permissions) }},
		{name: "parentProjectId", shows: always, put: func(e *wire.Element, p *project) { e.Opt("parentProjectId", p.parentID()) }},
		{name: "topLevelProject", shows: onDemand, put: func(e *wire.Element, p *project) { e.Flag("topLevelProject", p.parent == nil) }},
		{name: "writeable", shows: onDemand, put: func(e *wire.Element, p *project) { e.Flag("writeable", c.user().mayPublish(p)) }},
		{name: "controllingPermissionsProjectId", shows: always, put: func(e *wire.Element, p *project) {
			if q := p.controller(); q != nil && q != p {
				e.Str("controllingPermissionsProjectId", q.id)
			}
		}},
		{name: "favoritesTotal", shows: onDemand, put: func(e *wire.Element, p *project) { e.Int("favoritesTotal", c.site().favoredBy(p)) }},
		{
			name: "owner", shows: always, names: []string{"id"}, all: wholeOwner,
			child: childOf("owner", func(p *project) (*user, bool) { return p.owner, true }, userColumns, "id"),
		},
		{
			name: "contentsCounts", shows: onDemand, names: contentKinds,
			child: func(names []string) (func(*wire.Element, *project), bool) { return countWriter(c, names) },
		},
	}
}

// favoredBy counts the users who have a project as a favorite.
func (s *site) favoredBy(p *project) int {
	n := 0
	for _, list := range s.favorites {
		if slices.ContainsFunc(list, func(f favorite) bool { return f.project == p }) {
			n++
		}
	}
	return n
}

var contentKinds = []string{"projectCount", "workbookCount", "viewCount", "datasourceCount"}

// countWriter writes how much of each kind is directly in a project, as the caller sees it.
func countWriter(c *call, names []string) (func(*wire.Element, *project), bool) {
	if len(names) == 0 {
		names = contentKinds
	}
	counts := map[*project]map[string]int{}
	count := func(p *project, kind string, n int) {
		if p == nil {
			return
		}
		if counts[p] == nil {
			counts[p] = map[string]int{}
		}
		counts[p][kind] += n
	}
	for _, p := range c.s.projectsOf(c.site(), c.user()) {
		count(p.parent, "projectCount", 1)
	}
	for _, w := range c.s.workbooksOf(c.site(), c.user()) {
		count(w.project, "workbookCount", 1)
		count(w.project, "viewCount", len(c.viewsOf(w)))
	}
	for _, d := range c.s.datasourcesOf(c.site(), c.user()) {
		count(d.project, "datasourceCount", 1)
	}
	known := !slices.ContainsFunc(names, func(n string) bool { return !slices.Contains(contentKinds, n) })
	return func(e *wire.Element, p *project) {
		child := wire.New("contentsCounts")
		for _, n := range names {
			child.Int(n, counts[p][n])
		}
		e.Add(child)
	}, known
}

func (s *Server) projectsOf(st *site, u *user) []*project {
	return visible(&s.shown, u, "projects", st.projects, u.seesProject)
}

// listProjects is GET projects: those that the caller sees. There is no GET of one project.
func listProjects(c *call) (*answer, error) {
	part, p, err := query(c, "projects", c.s.projectsOf(c.site(), c.user()), projectFields)
	if err != nil {
		return nil, err
	}
	show, err := selected(c, "project", projectColumns(c))
	if err != nil {
		return nil, err
	}
	return listed(p, "projects", part, show)
}
