package tableausim

import "strconv"

// listFavorites is GET favorites/{userId}: a person's own, or anybody's for administrators. An entry
// whose target was deleted, or is not visible any more, has only its label; some have none.
func listFavorites(c *call) (*answer, error) {
	u, err := pathUser(c, "404002")
	if err != nil {
		return nil, err
	}
	part, p, err := paginate(c, c.site().favorites[u])
	if err != nil {
		return nil, err
	}
	position := (p.number - 1) * p.size
	return listed(p, "favorites", part, func(f favorite) *element {
		position++
		return favoriteElement(c, u, f, position)
	})
}

func favoriteElement(c *call, u *user, f favorite, position int) *element {
	e := el("favorite")
	e.opt("label", f.label)
	e.str("position", strconv.Itoa(position))
	e.when("addedAt", f.added)
	var parent *project
	var owner *user
	switch {
	case f.workbook != nil && u.seesWorkbook(f.workbook):
		parent, owner = f.workbook.project, f.workbook.owner
		e.add(show("workbook", workbookColumns(c), inLists)(f.workbook))
	case f.view != nil && u.seesView(f.view):
		parent, owner = f.view.workbook.project, f.view.workbook.owner
		e.add(show("view", viewColumns(c), inLists)(f.view))
	case f.datasource != nil && u.seesDatasource(f.datasource):
		parent, owner = f.datasource.project, f.datasource.owner
		e.add(show("datasource", datasourceColumns(c), inLists)(f.datasource))
	case f.project != nil && u.seesProject(f.project):
		parent, owner = f.project.parent, f.project.owner
		e.add(show("project", projectColumns(c), inLists)(f.project))
	}
	if f.flow != nil && u.seesFlow(f.flow) {
		parent, owner = f.flow.project, f.flow.owner
		e.add(flowElement(c, f.flow))
	}
	if f.collection != nil && u.seesCollection(f.collection) && !c.version.less(ver(3, 12)) {
		owner = f.collection.owner
		e.add(collectionElement(u, f.collection))
	}
	e.opt("parentProjectName", parent.nameOrNone())
	if owner != nil {
		e.str("targetOwnerName", owner.fullName)
	}
	return e
}
