package tableausim

import (
	"strconv"
	"time"
)

var workbookFields = map[string]field[*workbook]{
	"name":               {ops: eqIn, text: func(w *workbook) string { return w.name }},
	"contentUrl":         {ops: eqIn, text: func(w *workbook) string { return w.contentURL }},
	"projectName":        {ops: eqIn, text: func(w *workbook) string { return w.project.nameOrNone() }},
	"ownerName":          {ops: eqIn, text: func(w *workbook) string { return w.owner.name }},
	"ownerEmail":         {ops: eqIn, text: func(w *workbook) string { return w.owner.email }},
	"ownerDomain":        {ops: eqIn, text: func(w *workbook) string { return w.owner.domain }},
	"tags":               {ops: eqIn, many: func(w *workbook) []string { return w.tags }},
	"displayTabs":        {ops: opEq, exact: true, text: func(w *workbook) string { return strconv.FormatBool(w.showTabs) }},
	"hasAlerts":          {ops: opEq, exact: true, text: func(w *workbook) string { return strconv.FormatBool(w.alerts) }},
	"hasExtracts":        {ops: opEq, exact: true, text: func(w *workbook) string { return strconv.FormatBool(w.hasExtracts) }},
	"createdAt":          {ops: compare, when: func(w *workbook) time.Time { return w.created }},
	"updatedAt":          {ops: compare, when: func(w *workbook) time.Time { return w.updated }},
	"size":               {ops: compare, num: func(w *workbook) int { return w.size }},
	"sheetCount":         {ops: compare, num: func(w *workbook) int { return len(w.views) }},
	"favoritesTotal":     {ops: compare, num: func(w *workbook) int { return w.favorites }},
	"subscriptionsTotal": {ops: compare, num: func(w *workbook) int { return w.subscriptions }},
}

func (p *project) nameOrNone() string {
	if p == nil {
		return ""
	}
	return p.name
}

// workbookLeaves are the columns of a workbook that are attributes; views show some of them too.
func workbookLeaves(c *call) []column[*workbook] {
	base, tail := c.webBase(), "/views"
	if c.s.cfg.Cloud {
		tail = "" // addresses end in the number there
	}
	return []column[*workbook]{
		{name: "id", shows: always, put: func(e *element, w *workbook) { e.str("id", w.id) }},
		{name: "name", shows: always, put: func(e *element, w *workbook) { e.str("name", w.name) }},
		{name: "description", shows: always, put: func(e *element, w *workbook) { e.str("description", w.description) }},
		{name: "contentUrl", shows: always, put: func(e *element, w *workbook) { e.str("contentUrl", w.contentURL) }},
		{name: "webpageUrl", shows: always, put: func(e *element, w *workbook) {
			e.str("webpageUrl", base+"workbooks/"+strconv.Itoa(w.number)+tail)
		}},
		{name: "showTabs", shows: always, put: func(e *element, w *workbook) { e.textFlag("showTabs", w.showTabs) }},
		{name: "size", shows: always, put: func(e *element, w *workbook) { e.int("size", w.size) }},
		{name: "createdAt", shows: always, put: func(e *element, w *workbook) { e.when("createdAt", w.created) }},
		{name: "updatedAt", shows: always, put: func(e *element, w *workbook) { e.when("updatedAt", w.updated) }},
		{name: "sheetCount", shows: onDemand, put: func(e *element, w *workbook) { e.int("sheetCount", len(w.views)) }},
		{name: "hasExtracts", shows: onDemand, put: func(e *element, w *workbook) { e.flag("hasExtracts", w.hasExtracts) }},
		{name: "encryptExtracts", shows: always, put: func(e *element, _ *workbook) { e.textFlag("encryptExtracts", false) }},
		{name: "shareDescription", shows: onDemand, put: func(e *element, w *workbook) { e.str("shareDescription", "") }},
		{name: "lastPublishedAt", shows: onDemand, put: func(e *element, w *workbook) { e.when("lastPublishedAt", w.updated) }},
		{name: "defaultViewId", shows: always, put: func(e *element, w *workbook) { e.opt("defaultViewId", w.defaultView()) }},
	}
}

func (w *workbook) defaultView() string {
	if len(w.views) == 0 {
		return ""
	}
	return w.views[0].id
}

// workbookColumns are all columns of a workbook as the caller sees it.
func workbookColumns(c *call) []column[*workbook] {
	columns := append(workbookLeaves(c),
		column[*workbook]{
			name: "project", shows: always, names: idAndName, all: describedProject,
			child: childOf("project", func(w *workbook) (*project, bool) { return w.project, w.project != nil }, projectColumns(c), idAndName...),
		},
		column[*workbook]{name: "location", shows: always, put: func(e *element, w *workbook) { e.add(location(w.project, w.owner)) }},
		column[*workbook]{
			name: "owner", shows: always, names: idAndName, all: wholeOwner,
			child: childOf("owner", func(w *workbook) (*user, bool) { return w.owner, true }, userColumns, idAndName...),
		},
		column[*workbook]{name: "tag", shows: always, put: func(e *element, w *workbook) { e.add(tagsElement(w.tags)) }},
		column[*workbook]{name: "tags", put: func(e *element, w *workbook) { e.add(tagsElement(w.tags)) }},
	)
	if c.version.less(ver(3, 29)) {
		columns = append(columns, column[*workbook]{name: "dataAccelerationConfig", shows: always, put: func(e *element, w *workbook) {
			e.add(accelerationElement(w))
		}})
	}
	if !c.version.less(ver(3, 22)) {
		columns = append(columns, column[*workbook]{name: "dataFreshnessPolicy", shows: inSingle, put: func(e *element, w *workbook) {
			e.add(freshnessElement(w))
		}})
	}
	return append(columns, column[*workbook]{name: "views", shows: inSingle, put: func(e *element, w *workbook) {
		e.add(contain("views", c.viewsOf(w), show("view", viewLeaves, inLists)))
	}})
}

// webBase is the beginning of web addresses of the caller's site.
func (c *call) webBase() string {
	base := c.s.publicURL(c.r) + "/#/"
	if c.site().contentURL != "" {
		base += "site/" + c.site().contentURL + "/"
	}
	return base
}

// location says where content lies: a project, or somebody's personal space.
func location(p *project, owner *user) *element {
	if p == nil {
		return el("location", str("id", spaceID(owner)), str("type", "PersonalSpace"), str("name", owner.fullName))
	}
	return el("location", str("id", p.id), str("type", "Project"), str("name", p.name))
}

func tagsElement(tags []string) *element {
	return contain("tags", tags, func(t string) *element { return el("tag", str("label", t)) })
}

func (s *Server) workbooksOf(st *site, u *user) []*workbook {
	return visible(&s.shown, u, "workbooks", st.workbooks, u.seesWorkbook)
}

// viewsOf returns the views of a workbook that the caller sees, in the workbook's order.
func (c *call) viewsOf(w *workbook) []*view {
	var out []*view
	for _, x := range w.views {
		if c.user().seesView(x) {
			out = append(out, x)
		}
	}
	return out
}

// listWorkbooks is GET workbooks.
func listWorkbooks(c *call) (*answer, error) {
	part, p, err := query(c, "workbooks", c.s.workbooksOf(c.site(), c.user()), workbookFields)
	if err != nil {
		return nil, err
	}
	show, err := selected(c, "workbook", workbookColumns(c))
	if err != nil {
		return nil, err
	}
	return listed(p, "workbooks", part, show)
}

// keySince is the API version that lets a workbook be asked for by content URL.
var keySince = ver(3, 17)

// pathWorkbook returns the workbook in the path if the caller sees it.
func pathWorkbook(c *call) (*workbook, error) {
	id := c.r.PathValue("id")
	w, ok := find[*workbook](c.site(), id)
	if !ok {
		return nil, errNotFound("404006", "Workbook", id)
	}
	if !c.user().seesWorkbook(w) {
		return nil, errForbidden()
	}
	return w, nil
}

// getWorkbook is GET workbooks/{id} and workbooks/{contentUrl}?key=contentUrl.
func getWorkbook(c *call) (*answer, error) {
	if c.query.Get("key") != "contentUrl" || c.version.less(keySince) {
		w, err := pathWorkbook(c)
		if err != nil {
			return nil, err
		}
		return found(show("workbook", workbookColumns(c), inSingle)(w))
	}
	url := c.r.PathValue("id")
	for _, w := range c.s.workbooksOf(c.site(), c.user()) {
		if w.contentURL == url {
			return found(show("workbook", workbookColumns(c), inSingle)(w))
		}
	}
	return nil, errNotFound("404006", "Workbook", url)
}

// listWorkbookViews is GET workbooks/{id}/views; it has no pages.
func listWorkbookViews(c *call) (*answer, error) {
	w, err := pathWorkbook(c)
	if err != nil {
		return nil, err
	}
	columns, err := withUsage(c, viewLeaves)
	if err != nil {
		return nil, err
	}
	return found(contain("views", c.viewsOf(w), show("view", columns, inLists)))
}

// listWorkbookConnections is GET workbooks/{id}/connections; it has no pages.
func listWorkbookConnections(c *call) (*answer, error) {
	w, err := pathWorkbook(c)
	if err != nil {
		return nil, err
	}
	return found(contain("connections", w.sources, func(x *connection) *element { return connectionElement(c, x) }))
}
