package tableausim

import (
	"slices"
	"strconv"
	"time"

	"vitrine/internal/tableausim/wire"
)

// customView is a state of a view that somebody saved.
type customView struct {
	id, name                   string
	view                       *view
	owner                      *user
	created, updated, accessed time.Time
	shared                     bool
	defaultFor                 []*user // who sees it first
}

var customViewFields = map[string]field[*customView]{
	"viewId":     {ops: opEq, exact: true, text: func(v *customView) string { return v.view.id }, unsorted: true},
	"workbookId": {ops: opEq, exact: true, text: func(v *customView) string { return v.view.workbook.id }, unsorted: true},
	"ownerId":    {ops: opEq, exact: true, text: func(v *customView) string { return v.owner.id }, unsorted: true},
	"id":         {ops: eqIn, exact: true, text: func(v *customView) string { return v.id }},
	"name":       {ops: eqIn, text: func(v *customView) string { return v.name }},
	"shared":     {ops: opEq, exact: true, text: func(v *customView) string { return strconv.FormatBool(v.shared) }},
	"createdAt":  {ops: compare, when: func(v *customView) time.Time { return v.created }},
	"updatedAt":  {ops: compare, when: func(v *customView) time.Time { return v.updated }},
}

// firstCustomFields are those by which the first version with custom views (3.18) filters. That the
// others came with the next one is not documented.
var firstCustomFields = []string{"viewId", "workbookId", "ownerId"}

func customViewColumns() []column[*customView] {
	ref := func(name, id, text string) *wire.Element {
		return wire.New(name, wire.Str("id", id), wire.Str("name", text))
	}
	return []column[*customView]{
		{name: "id", shows: always, put: func(e *wire.Element, v *customView) { e.Str("id", v.id) }},
		{name: "name", shows: always, put: func(e *wire.Element, v *customView) { e.Str("name", v.name) }},
		{name: "contentUrl", shows: always, put: func(e *wire.Element, v *customView) { e.Str("contentUrl", v.view.contentURL()) }},
		{name: "createdAt", shows: always, put: func(e *wire.Element, v *customView) { e.When("createdAt", v.created) }},
		{name: "updatedAt", shows: always, put: func(e *wire.Element, v *customView) { e.When("updatedAt", v.updated) }},
		{name: "lastAccessedAt", shows: always, put: func(e *wire.Element, v *customView) { e.When("lastAccessedAt", v.accessed) }},
		{name: "shared", shows: always, put: func(e *wire.Element, v *customView) { e.Flag("shared", v.shared) }},
		{name: "view", shows: always, put: func(e *wire.Element, v *customView) { e.Add(ref("view", v.view.id, v.view.name)) }},
		{name: "workbook", shows: always, put: func(e *wire.Element, v *customView) {
			e.Add(ref("workbook", v.view.workbook.id, v.view.workbook.name))
		}},
		{name: "owner", shows: always, put: func(e *wire.Element, v *customView) { e.Add(ref("owner", v.owner.id, v.owner.name)) }},
	}
}

// edits reports whether somebody may change what others saved of a view: Write and WebAuthoring on
// its workbook.
func (u *user) edits(w *workbook) bool {
	return u.seesContent(w.owner, w.rules, w.project, "Write") && u.seesContent(w.owner, w.rules, w.project, "WebAuthoring")
}

// customViewsOf are those that the caller's list holds: administrators see all; others their own
// where the filter names an owner, or neither view nor workbook; else also those that they may
// change and, where users may know of each other, shared ones.
func (c *call) customViewsOf(filter []expression) []*customView {
	asks := func(names ...string) bool {
		return slices.ContainsFunc(filter, func(x expression) bool { return slices.Contains(names, x.field) })
	}
	own := asks("ownerId") || !asks("viewId", "workbookId")
	var out []*customView
	for _, v := range c.site().customViews {
		if c.user().admin() || v.owner == c.user() && c.user().seesView(v.view) || !own && c.usesCustomView(v) {
			out = append(out, v)
		}
	}
	return out
}

// usesCustomView reports whether the caller may open a custom view.
func (c *call) usesCustomView(v *customView) bool {
	u := c.user()
	switch {
	case u.admin():
		return true
	case !u.seesView(v.view):
		return false
	default:
		return v.owner == u || u.edits(v.view.workbook) || v.shared && !c.site().limited
	}
}

// listCustomViews is GET customviews.
func listCustomViews(c *call) (*answer, error) {
	asked, err := splitFilter(c.query.Get("filter"))
	if err != nil {
		return nil, err
	}
	for _, x := range asked {
		if c.version.less(ver(3, 19)) && !slices.Contains(firstCustomFields, x.field) {
			return nil, errFilter("Filter '%s' is not supported in version %s.", x.field, c.version)
		}
	}
	part, p, err := query(c, "customviews", c.customViewsOf(asked), customViewFields)
	if err != nil {
		return nil, err
	}
	show, err := selected(c, "customView", customViewColumns())
	if err != nil {
		return nil, err
	}
	return listed(p, "customViews", part, show)
}

// pathCustomView returns the custom view in the path if the caller may open it. One that does not
// exist has no code of its own.
func pathCustomView(c *call) (*customView, error) {
	id := c.r.PathValue("id")
	v, ok := find[*customView](c.site(), id)
	if !ok {
		return nil, errNotFound("404008", "Custom view", id)
	}
	if !c.usesCustomView(v) {
		return nil, wire.Fail("403162", "The user is not allowed to read this custom view.")
	}
	return v, nil
}

// getCustomView is GET customviews/{id}.
func getCustomView(c *call) (*answer, error) {
	v, err := pathCustomView(c)
	if err != nil {
		return nil, err
	}
	return found(show("customView", customViewColumns(), inSingle)(v))
}

// listCustomViewUsers is GET customviews/{id}/default/users: whose default it is, for
// administrators. It has ids alone.
func listCustomViewUsers(c *call) (*answer, error) {
	if !c.user().admin() {
		return nil, errForbidden()
	}
	v, err := pathCustomView(c)
	if err != nil {
		return nil, err
	}
	part, p, err := wire.Paginate(c.query, v.defaultFor)
	if err != nil {
		return nil, err
	}
	return listed(p, "users", part, func(u *user) *wire.Element { return wire.New("user", wire.Str("id", u.id)) })
}

// customLine is one hand-made custom view.
type customLine struct {
	workbook, name, owner string
	sheet                 int // of the workbook, from 0
	shared                bool
	defaultFor            string // names with commas
}

var standardCustomViews = []customLine{
	{workbook: "Superstore", name: "Only Technology", owner: "alice", shared: true, defaultFor: "alice,bob"},
	{workbook: "Superstore", name: "My region", owner: "bob"},
	{workbook: "Superstore", name: "Losses, by month", owner: "maria.gonzalez", shared: true},
	{workbook: "Superstore", name: "Losses, by month", owner: "jonas.weber", sheet: 1},
	{workbook: "Superstore", name: "R&D view [draft]", owner: "alice", sheet: 1},
	{workbook: "Regional Sales", name: "Europe this year", owner: "alice", shared: true, defaultFor: "jonas.weber,maria.gonzalez"},
	{workbook: "Regional Sales", name: "Top ten", owner: "bob", sheet: 1, shared: true},
	{workbook: "Regional Sales", name: "Quarterly", owner: "carol", sheet: 2, defaultFor: "carol"},
	{workbook: "Nordic Sales", name: "Sverige", owner: "björn.åkesson", shared: true},
	{workbook: "Account Tracker", name: "My accounts", owner: "james.miller"},
	{workbook: "Campaign Performance", name: "Paid channels", owner: "sofia.rossi", shared: true},
	{workbook: "Budget Control", name: "Over budget", owner: "tom.becker", shared: true, defaultFor: "anna.kowalska"},
	{workbook: "Alice's Scratchpad", name: "Try-out", owner: "alice"},
}

var marketingCustomViews = []customLine{
	{workbook: "Campaign Overview", name: "This week", owner: "sofia.rossi", shared: true, defaultFor: "alice"},
	{workbook: "Newsletter", name: "Opened", owner: "luc.moreau"},
}

var financeCustomViews = []customLine{
	{workbook: "Month-End Close", name: "Open items", owner: "tom.becker", shared: true},
	{workbook: "Month-End Close", name: "My postings", owner: "priya.nair"},
}

// save adds hand-made custom views.
func (s *site) save(lines []customLine) {
	for _, l := range lines {
		i := slices.IndexFunc(s.workbooks, func(w *workbook) bool { return w.name == l.workbook })
		v := s.saveView(l.name, s.workbooks[i].views[l.sheet], s.user(l.owner), l.shared)
		for _, name := range splitTags(l.defaultFor) {
			v.defaultFor = append(v.defaultFor, s.user(name))
		}
	}
}

func (s *site) saveView(name string, x *view, owner *user, shared bool) *customView {
	v := &customView{id: s.newID("customview", x.id, owner.name, name), name: name, view: x, owner: owner, shared: shared}
	n := seed(v.id)
	v.created = x.created.AddDate(0, 0, int(n%90)).Add(time.Duration(n>>8%7200) * time.Second)
	v.updated = v.created.AddDate(0, 0, int(n>>16%60))
	if n%4 != 0 { // not all were ever opened again
		v.accessed = v.updated.AddDate(0, 0, int(n>>24%30))
	}
	s.customViews = append(s.customViews, v)
	s.byID[v.id] = v
	return v
}
