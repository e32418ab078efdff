package tableausim

import (
	"strconv"
	"time"

	"vitrine/internal/tableausim/wire"
)

var workbookFields = map[string]field[*workbook]{
	"name":               {ops: eqIn, text: func(w *workbook) string { return w.name }},
	"contentUrl":         {ops: eqIn, text: func(w *workbook) string { return w.contentURL }},
	"projectName":        {ops: eqIn, text: func(w *workbook) string { return w.project.nameOrEmpty() }},
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

func (p *project) nameOrEmpty() string {
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
		{name: "id", shows: always, put: func(e *wire.Element, w *workbook) { e.Str("id", w.id) }},
		{name: "name", shows: always, put: func(e *wire.Element, w *workbook) { e.Str("name", w.name) }},
		{name: "description", shows: always, put: func(e *wire.Element, w *workbook) { e.Str("description", w.description) }},
		{name: "contentUrl", shows: always, put: func(e *wire.Element, w *workbook) { e.Str("contentUrl", w.contentURL) }},
		{name: "webpageUrl", shows: always, put: func(e *wire.Element, w *workbook) {
			e.Str("webpageUrl", base+"workbooks/"+strconv.Itoa(w.number)+tail)
		}},
		{name: "showTabs", shows: always, put: func(e *wire.Element, w *workbook) { e.TextFlag("showTabs", w.showTabs) }},
		{name: "size", shows: always, put: func(e *wire.Element, w *workbook) { e.Int("size", w.size) }},
		{name: "createdAt", shows: always, put: func(e *wire.Element, w *workbook) { e.When("createdAt", w.created) }},
		{name: "updatedAt", shows: always, put: func(e *wire.Element, w *workbook) { e.When("updatedAt", w.updated) }},
		{name: "sheetCount", shows: onDemand, put: func(e *wire.Element, w *workbook) { e.Int("sheetCount", len(w.views)) }},
		{name: "hasExtracts", shows: onDemand, put: func(e *wire.Element, w *workbook) { e.Flag("hasExtracts", w.hasExtracts) }},
		{name: "encryptExtracts", shows: always, put: func(e *wire.Element, _ *workbook) { e.TextFlag("encryptExtracts", false) }},
		{name: "shareDescription", shows: onDemand, put: func(e *wire.Element, w *workbook) { e.Str("shareDescription", "") }},
		{name: "lastPublishedAt", shows: onDemand, put: func(e *wire.Element, w *workbook) { e.When("lastPublishedAt", w.updated) }},
		{name: "defaultViewId", shows: always, put: func(e *wire.Element, w *workbook) { e.Opt("defaultViewId", w.defaultView()) }},
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
		column[*workbook]{name: "location", shows: always, put: func(e *wire.Element, w *workbook) { e.Add(location(w.project, w.owner)) }},
		column[*workbook]{
			name: "owner", shows: always, names: idAndName, all: wholeOwner,
			child: childOf("owner", func(w *workbook) (*user, bool) { return w.owner, true }, userColumns, idAndName...),
		},
		column[*workbook]{name: "tag", shows: always, put: func(e *wire.Element, w *workbook) { e.Add(tagsElement(w.tags)) }},
		column[*workbook]{name: "tags", put: func(e *wire.Element, w *workbook) { e.Add(tagsElement(w.tags)) }},
	)
	if c.version.less(ver(3, 29)) {
		columns = append(columns, column[*workbook]{name: "dataAccelerationConfig", shows: always, put: func(e *wire.Element, w *workbook) {
			e.Add(accelerationElement(w))
		}})
	}
	if !c.version.less(ver(3, 22)) {
		columns = append(columns, column[*workbook]{name: "dataFreshnessPolicy", shows: inSingle, put: func(e *wire.Element, w *workbook) {
			e.Add(freshnessElement(w))
		}})
	}
	return append(columns, column[*workbook]{name: "views", shows: inSingle, put: func(e *wire.Element, w *workbook) {
		e.Add(wire.Contain("views", c.viewsOf(w), show("view", viewLeaves, inLists)))
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

// location returns where content is: a project, or a personal space.
func location(p *project, owner *user) *wire.Element {
	if p == nil {
		return wire.New("location", wire.Str("id", spaceID(owner)), wire.Str("type", "PersonalSpace"), wire.Str("name", owner.fullName))
	}
	return wire.New("location", wire.Str("id", p.id), wire.Str("type", "Project"), wire.Str("name", p.name))
}

func tagsElement(tags []string) *wire.Element {
	return wire.Contain("tags", tags, func(t string) *wire.Element { return wire.New("tag", wire.Str("label", t)) })
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
	return found(wire.Contain("views", c.viewsOf(w), show("view", columns, inLists)))
}

// listWorkbookConnections is GET workbooks/{id}/connections; it has no pages.
func listWorkbookConnections(c *call) (*answer, error) {
	w, err := pathWorkbook(c)
	if err != nil {
		return nil, err
	}
	return found(wire.Contain("connections", w.sources, func(x *connection) *wire.Element { return connectionElement(c, x) }))
}
