package tableausim

import "vitrine/internal/tableausim/wire"

// shownFavorite is an entry of somebody's favorites as an answer shows it.
type shownFavorite struct {
	favorite
	user     *user
	position int
}

// target takes away what the person does not see any more: such an entry has only its label, as one
// whose target was deleted.
func (x *shownFavorite) target() *shownFavorite {
	u := x.user
	if x.workbook != nil && !u.seesWorkbook(x.workbook) {
		x.workbook = nil
	}
	if x.view != nil && !u.seesView(x.view) {
		x.view = nil
	}
	if x.datasource != nil && !u.seesDatasource(x.datasource) {
		x.datasource = nil
	}
	if x.project != nil && !u.seesProject(x.project) {
		x.project = nil
	}
	if x.flow != nil && !u.seesFlow(x.flow) {
		x.flow = nil
	}
	if x.collection != nil && !u.seesCollection(x.collection) {
		x.collection = nil
	}
	return x
}

// place returns the project around the target and its owner; each may be nil.
func (x *shownFavorite) place() (parent *project, owner *user) {
	switch {
	case x.workbook != nil:
		return x.workbook.project, x.workbook.owner
	case x.view != nil:
		return x.view.workbook.project, x.view.workbook.owner
	case x.datasource != nil:
		return x.datasource.project, x.datasource.owner
	case x.project != nil:
		return x.project.parent, x.project.owner
	case x.flow != nil:
		return x.flow.project, x.flow.owner
	case x.collection != nil:
		return nil, x.collection.owner
	default:
		return nil, nil
	}
}

// favoriteColumns are the columns of a favorite: a label, and one of the things that can be one.
func favoriteColumns(c *call) []column[*shownFavorite] {
	return []column[*shownFavorite]{
		{name: "label", shows: always, put: func(e *wire.Element, x *shownFavorite) { e.Opt("label", x.label) }},
		{name: "position", shows: always, put: func(e *wire.Element, x *shownFavorite) { e.Int("position", x.position) }},
		{name: "addedAt", shows: always, put: func(e *wire.Element, x *shownFavorite) { e.When("addedAt", x.added) }},
		{
			name: "workbook", shows: always,
			child: target("workbook", workbookColumns(c), func(x *shownFavorite) (*workbook, bool) { return x.workbook, x.workbook != nil }),
		},
		{
			name: "view", shows: always,
			child: target("view", viewColumns(c), func(x *shownFavorite) (*view, bool) { return x.view, x.view != nil }),
		},
		{
			name: "datasource", shows: always,
			child: target("datasource", datasourceColumns(c), func(x *shownFavorite) (*datasource, bool) { return x.datasource, x.datasource != nil }),
		},
		{
			name: "project", shows: always,
			child: target("project", projectColumns(c), func(x *shownFavorite) (*project, bool) { return x.project, x.project != nil }),
		},
		{name: "flow", shows: always, put: func(e *wire.Element, x *shownFavorite) {
			if x.flow != nil {
				e.Add(flowElement(c, x.flow))
			}
		}},
		{name: "collection", shows: always, put: func(e *wire.Element, x *shownFavorite) {
			if x.collection != nil && !c.version.less(ver(3, 12)) {
				e.Add(collectionElement(x.user, x.collection))
			}
		}},
		{name: "user", child: childOf("user", func(x *shownFavorite) (*user, bool) { return x.user, true }, userColumns, "id")},
		{name: "parentProjectName", shows: always, put: func(e *wire.Element, x *shownFavorite) {
			parent, _ := x.place()
			e.Opt("parentProjectName", parent.nameOrEmpty())
		}},
		{name: "targetOwnerName", shows: always, put: func(e *wire.Element, x *shownFavorite) {
			if _, owner := x.place(); owner != nil {
				e.Str("targetOwnerName", owner.fullName)
			}
		}},
	}
}

// target makes the child function of what may be a favorite: without names it shows what lists show
// of it.
func target[T, C any](name string, columns []column[C], of func(T) (C, bool)) func([]string) (func(*wire.Element, T), bool) {
	return func(names []string) (func(*wire.Element, T), bool) {
		if len(names) > 0 {
			return childOf(name, of, columns)(names)
		}
		show := show(name, columns, inLists)
		return func(e *wire.Element, x T) {
			if y, ok := of(x); ok {
				e.Add(show(y))
			}
		}, true
	}
}

// listFavorites is GET favorites/{userId}: a person's own, or anybody's for administrators.
func listFavorites(c *call) (*answer, error) {
	u, err := pathUser(c, "404002")
	if err != nil {
		return nil, err
	}
	part, p, err := wire.Paginate(c.query, c.site().favorites[u])
	if err != nil {
		return nil, err
	}
	show, err := selected(c, "favorite", favoriteColumns(c))
	if err != nil {
		return nil, err
	}
	position := (p.Number - 1) * p.Size
	return listed(p, "favorites", part, func(f favorite) *wire.Element {
		position++
		return show((&shownFavorite{favorite: f, user: u, position: position}).target())
	})
}
