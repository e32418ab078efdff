package tableausim

import (
	"slices"
	"strconv"
	"time"

	"vitrine/internal/tableausim/wire"
)

var datasourceFields = map[string]field[*datasource]{
	"name":                  {ops: eqIn, text: func(d *datasource) string { return d.name }},
	"contentUrl":            {ops: eqIn, text: func(d *datasource) string { return d.contentURL }, unsorted: true},
	"description":           {ops: eqIn, text: func(d *datasource) string { return d.description }},
	"type":                  {ops: opEq, text: func(d *datasource) string { return d.kind }},
	"projectName":           {ops: eqIn, text: func(d *datasource) string { return d.project.nameOrEmpty() }},
	"ownerName":             {ops: eqIn, text: func(d *datasource) string { return d.owner.name }},
	"ownerEmail":            {ops: opEq, text: func(d *datasource) string { return d.owner.email }},
	"ownerDomain":           {ops: eqIn, text: func(d *datasource) string { return d.owner.domain }},
	"tags":                  {ops: eqIn, many: func(d *datasource) []string { return d.tags }},
	"isCertified":           {ops: opEq, exact: true, text: func(d *datasource) string { return strconv.FormatBool(d.certified) }},
	"isPublished":           {ops: opEq, exact: true, text: func(*datasource) string { return "true" }},
	"hasExtracts":           {ops: opEq, exact: true, text: func(d *datasource) string { return strconv.FormatBool(d.hasExtracts) }},
	"hasAlert":              {ops: opEq, exact: true, text: func(d *datasource) string { return strconv.FormatBool(d.alerts) }},
	"hasEmbeddedPassword":   {ops: opEq, exact: true, text: func(d *datasource) string { return strconv.FormatBool(d.connections[0].embedPassword) }},
	"isConnectable":         {ops: opEq, exact: true, text: func(*datasource) string { return "true" }},
	"isDefaultPort":         {ops: opEq, exact: true, text: func(*datasource) string { return "true" }},
	"isHierarchical":        {ops: opEq, exact: true, text: func(*datasource) string { return "false" }},
	"connectionType":        {ops: eqIn, many: connectionTexts(func(x *connection) string { return x.kind })},
	"connectionTo":          {ops: eqIn, many: connectionTexts(func(x *connection) string { return x.server })},
	"authenticationType":    {ops: eqIn, text: func(d *datasource) string { return d.connections[0].authentication() }},
	"databaseName":          {ops: eqIn, text: func(d *datasource) string { return d.database }},
	"databaseUserName":      {ops: eqIn, many: connectionTexts(func(x *connection) string { return x.userName })},
	"serverName":            {ops: eqIn, text: func(d *datasource) string { return d.server }},
	"serverPort":            {ops: opEq, exact: true, text: func(d *datasource) string { return d.connections[0].port }},
	"tableName":             {ops: eqIn, text: func(d *datasource) string { return d.table }},
	"size":                  {ops: compare, num: func(d *datasource) int { return d.size }},
	"favoritesTotal":        {ops: compare, num: func(d *datasource) int { return d.favorites }},
	"connectedWorkbookType": {ops: compare, num: func(d *datasource) int { return d.workbooks }},
	"createdAt":             {ops: compare, when: func(d *datasource) time.Time { return d.created }},
	"updatedAt":             {ops: compare, when: func(d *datasource) time.Time { return d.updated }},
}

func connectionTexts(of func(*connection) string) func(*datasource) []string {
	return func(d *datasource) []string {
		out := make([]string, len(d.connections))
		for i, x := range d.connections {
			out[i] = of(x)
		}
		return out
	}
}

// datasourceColumns are all columns of a data source as the caller sees it.
func datasourceColumns(c *call) []column[*datasource] {
	web := func(e *wire.Element, d *datasource) {
		e.Str("webpageUrl", c.webBase()+"datasources/"+strconv.Itoa(d.number))
	}
	return []column[*datasource]{
		{name: "id", shows: always, put: func(e *wire.Element, d *datasource) { e.Str("id", d.id) }},
		{name: "name", shows: always, put: func(e *wire.Element, d *datasource) { e.Str("name", d.name) }},
		{name: "description", shows: always, put: func(e *wire.Element, d *datasource) { e.Opt("description", d.description) }},
		{name: "contentUrl", shows: always, put: func(e *wire.Element, d *datasource) { e.Str("contentUrl", d.contentURL) }},
		{name: "webpageUrl", shows: always, put: web},
		{name: "webPageUrl", put: web}, // how the documentation of fields= spells it
		{name: "type", shows: always, put: func(e *wire.Element, d *datasource) { e.Str("type", d.kind) }},
		{name: "size", shows: always, put: func(e *wire.Element, d *datasource) { e.Int("size", d.size) }},
		{name: "createdAt", shows: always, put: func(e *wire.Element, d *datasource) { e.When("createdAt", d.created) }},
		{name: "updatedAt", shows: always, put: func(e *wire.Element, d *datasource) { e.When("updatedAt", d.updated) }},
		{name: "encryptExtracts", shows: always, put: func(e *wire.Element, d *datasource) { e.TextFlag("encryptExtracts", d.encrypted) }},
		{name: "hasExtracts", shows: always, put: func(e *wire.Element, d *datasource) { e.Flag("hasExtracts", d.hasExtracts) }},
		{name: "isCertified", shows: always, put: func(e *wire.Element, d *datasource) { e.Flag("isCertified", d.certified) }},
		{name: "certificationNote", shows: always, put: func(e *wire.Element, d *datasource) { e.Opt("certificationNote", d.certificationNote) }},
		{name: "useRemoteQueryAgent", shows: always, put: func(e *wire.Element, d *datasource) { e.Flag("useRemoteQueryAgent", d.bridge) }},
		{name: "favoritesTotal", shows: onDemand, put: func(e *wire.Element, d *datasource) { e.Int("favoritesTotal", d.favorites) }},
		{name: "databaseName", shows: onDemand, put: func(e *wire.Element, d *datasource) { e.Opt("databaseName", d.database) }},
		{name: "serverName", shows: onDemand, put: func(e *wire.Element, d *datasource) { e.Opt("serverName", d.server) }},
		{name: "connectedWorkbooksCount", shows: onDemand, put: func(e *wire.Element, d *datasource) { e.Int("connectedWorkbooksCount", d.workbooks) }},
		{name: "hasAlert", shows: onDemand, put: func(e *wire.Element, d *datasource) { e.Flag("hasAlert", d.alerts) }},
		{name: "isPublished", shows: onDemand, put: func(e *wire.Element, _ *datasource) { e.Flag("isPublished", true) }},
		{
			name: "project", shows: always, names: idAndName, all: describedProject,
			child: childOf("project", func(d *datasource) (*project, bool) { return d.project, d.project != nil }, projectColumns(c), idAndName...),
		},
		{name: "location", shows: always, put: func(e *wire.Element, d *datasource) { e.Add(location(d.project, d.owner)) }},
		{
			name: "owner", shows: always, names: idAndName, all: wholeOwner,
			child: childOf("owner", func(d *datasource) (*user, bool) { return d.owner, true }, userColumns, idAndName...),
		},
		{name: "tag", shows: always, put: func(e *wire.Element, d *datasource) { e.Add(tagsElement(d.tags)) }},
		{name: "tags", put: func(e *wire.Element, d *datasource) { e.Add(tagsElement(d.tags)) }},
		{name: "parentDataSourceUrls", shows: always, put: func(e *wire.Element, d *datasource) {
			for _, url := range d.parents {
				e.Add(wire.Item(wire.Text("parentDataSourceUrls", url)))
			}
		}},
		{name: "askData", shows: inSingle, put: func(e *wire.Element, _ *datasource) {
			e.Add(wire.New("askData", wire.Str("enablement", "SiteDefault")))
		}},
	}
}

func (s *Server) datasourcesOf(st *site, u *user) []*datasource {
	return visible(&s.shown, u, "datasources", st.datasources, u.seesDatasource)
}

// projectNameGap is where data sources could not be filtered by project name (3.13 to 3.17).
func projectNameGap(v version) bool { return !v.less(ver(3, 13)) && v.less(ver(3, 18)) }

// listDatasources is GET datasources: published ones that the caller may connect to.
func listDatasources(c *call) (*answer, error) {
	if projectNameGap(c.version) {
		asked, err := splitFilter(c.query.Get("filter"))
		if err == nil && slices.ContainsFunc(asked, func(x expression) bool { return x.field == "projectName" }) {
			return nil, errFilter("Filter 'projectName' is not supported in version %s.", c.version)
		}
	}
	part, p, err := query(c, "datasources", c.s.datasourcesOf(c.site(), c.user()), datasourceFields)
	if err != nil {
		return nil, err
	}
	show, err := selected(c, "datasource", datasourceColumns(c))
	if err != nil {
		return nil, err
	}
	return listed(p, "datasources", part, show)
}

// pathDatasource returns the data source in the path if the caller may connect to it; missing is
// the code for one that does not exist.
func pathDatasource(c *call, missing string) (*datasource, error) {
	id := c.r.PathValue("id")
	d, ok := find[*datasource](c.site(), id)
	if !ok {
		return nil, errNotFound(missing, "Datasource", id)
	}
	if !c.user().seesDatasource(d) {
		return nil, errForbidden()
	}
	return d, nil
}

// getDatasource is GET datasources/{id}.
func getDatasource(c *call) (*answer, error) {
	d, err := pathDatasource(c, "404004")
	if err != nil {
		return nil, err
	}
	return found(show("datasource", datasourceColumns(c), inSingle)(d))
}

// listDatasourceConnections is GET datasources/{id}/connections; it has no pages. A missing data
// source answers as a missing view, as documented.
func listDatasourceConnections(c *call) (*answer, error) {
	d, err := pathDatasource(c, "404011")
	if err != nil {
		return nil, err
	}
	return found(wire.Contain("connections", d.connections, func(x *connection) *wire.Element { return connectionElement(c, x) }))
}
