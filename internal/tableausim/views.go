package tableausim

import (
	"slices"
	"time"

	"vitrine/internal/tableausim/wire"
)

var viewFields = map[string]field[*view]{
	"name":                {ops: eqIn, text: func(x *view) string { return x.name }},
	"title":               {ops: eqIn, text: func(x *view) string { return x.name }},
	"caption":             {ops: eqIn, text: func(*view) string { return "" }},
	"contentUrl":          {ops: eqIn, text: (*view).contentURL},
	"viewUrlName":         {ops: eqIn, text: func(x *view) string { return x.urlName }},
	"workbookName":        {ops: eqIn, text: func(x *view) string { return x.workbook.name }},
	"workbookDescription": {ops: eqIn, text: func(x *view) string { return x.workbook.description }},
	"projectName":         {ops: eqIn, text: func(x *view) string { return x.workbook.project.nameOrEmpty() }},
	"ownerName":           {ops: opEq, text: func(x *view) string { return x.workbook.owner.name }},
	"ownerEmail":          {ops: eqIn, text: func(x *view) string { return x.workbook.owner.email }},
	"ownerDomain":         {ops: eqIn, text: func(x *view) string { return x.workbook.owner.domain }},
	"tags":                {ops: eqIn, many: func(x *view) []string { return x.tags }},
	"sheetType":           {ops: eqIn, exact: true, text: func(x *view) string { return x.sheet.Kind }},
	"fields":              {ops: eqIn, many: func(x *view) []string { return x.sheet.Captions() }},
	"sheetNumber":         {ops: compare, num: func(x *view) int { return x.number }},
	"hitsTotal":           {ops: compare, num: func(x *view) int { return x.hits }},
	"favoritesTotal":      {ops: compare, num: func(x *view) int { return x.favorites }},
	"createdAt":           {ops: compare, when: func(x *view) time.Time { return x.created }},
	"updatedAt":           {ops: compare, when: func(x *view) time.Time { return x.updated }},
}

// viewLeaves are the columns of a view that need no other resource.
var viewLeaves = []column[*view]{
	{name: "id", shows: always, put: func(e *wire.Element, x *view) { e.Str("id", x.id) }},
	{name: "name", shows: always, put: func(e *wire.Element, x *view) { e.Str("name", x.name) }},
	{name: "contentUrl", shows: always, put: func(e *wire.Element, x *view) { e.Str("contentUrl", x.contentURL()) }},
	{name: "createdAt", shows: always, put: func(e *wire.Element, x *view) { e.When("createdAt", x.created) }},
	{name: "updatedAt", shows: always, put: func(e *wire.Element, x *view) { e.When("updatedAt", x.updated) }},
	{name: "viewUrlName", shows: always, put: func(e *wire.Element, x *view) { e.Str("viewUrlName", x.urlName) }},
	{name: "sheetType", shows: onDemand | inSingle, put: func(e *wire.Element, x *view) { e.Str("sheetType", x.sheet.Kind) }},
	{name: "favoritesTotal", shows: onDemand, put: func(e *wire.Element, x *view) { e.Int("favoritesTotal", x.favorites) }},
	{name: "tags", shows: always, put: func(e *wire.Element, x *view) { e.Add(tagsElement(x.tags)) }},
	{name: "usage", shows: onDemand, put: func(e *wire.Element, x *view) {
		u := wire.New("usage")
		u.Int("totalViewCount", x.hits)
		e.Add(u)
	}},
}

// wholeWorkbook is what fields=_all_ shows of a view's workbook.
var wholeWorkbook = []string{
	"id", "name", "description", "contentUrl", "showTabs", "size", "createdAt", "updatedAt", "sheetCount", "hasExtracts", "tags",
}

// viewColumns are all columns of a view as the caller sees it.
func viewColumns(c *call) []column[*view] {
	book := append(workbookLeaves(c), column[*workbook]{
		name: "tags", put: func(e *wire.Element, w *workbook) { e.Add(tagsElement(w.tags)) },
	})
	columns := []column[*view]{
		{
			name: "workbook", shows: always, names: []string{"id"}, all: wholeWorkbook,
			child: childOf("workbook", func(x *view) (*workbook, bool) { return x.workbook, true }, book, "id"),
		},
		{
			name: "owner", shows: always, names: []string{"id"}, all: wholeOwner,
			child: childOf("owner", func(x *view) (*user, bool) { return x.workbook.owner, true }, userColumns, "id"),
		},
		{
			name: "project", shows: always, names: []string{"id"}, all: describedProject,
			child: childOf("project", func(x *view) (*project, bool) { return x.workbook.project, x.workbook.project != nil }, projectColumns(c), "id"),
		},
		{name: "location", shows: always, put: func(e *wire.Element, x *view) { e.Add(location(x.workbook.project, x.workbook.owner)) }},
	}
	return append(columns, viewLeaves...)
}

// wantsUsage reads includeUsageStatistics.
func wantsUsage(c *call) (bool, error) { return flagParameter(c, "includeUsageStatistics") }

// withUsage shows the column usage only if the caller asked for it.
func withUsage(c *call, columns []column[*view]) ([]column[*view], error) {
	usage, err := wantsUsage(c)
	if err != nil || !usage {
		return columns, err
	}
	out := slices.Clone(columns)
	for i := range out {
		if out[i].name == "usage" {
			out[i].shows = always
		}
	}
	return out, nil
}

func (s *Server) viewsOf(st *site, u *user) []*view {
	return visible(&s.shown, u, "views", st.views, u.seesView)
}

// listViews is GET views.
func listViews(c *call) (*answer, error) {
	usage, err := wantsUsage(c)
	if err != nil {
		return nil, err
	}
	part, p, err := query(c, "views", c.s.viewsOf(c.site(), c.user()), viewFields)
	if err != nil {
		return nil, err
	}
	var extra []string
	if usage {
		extra = []string{"usage"}
	}
	show, err := selected(c, "view", viewColumns(c), extra...)
	if err != nil {
		return nil, err
	}
	return listed(p, "views", part, show)
}

// pathView returns the view with this LUID if the caller sees it; what they do not see is not
// found.
func pathView(c *call, id string) (*view, error) {
	x, ok := find[*view](c.site(), id)
	if !ok || !c.user().seesView(x) {
		return nil, errNotFound("404011", "View", id)
	}
	return x, nil
}

// getView is GET views/{id}.
func getView(c *call) (*answer, error) {
	x, err := pathView(c, c.r.PathValue("id"))
	if err != nil {
		return nil, err
	}
	columns, err := withUsage(c, viewColumns(c))
	if err != nil {
		return nil, err
	}
	return found(show("view", columns, inSingle)(x))
}
