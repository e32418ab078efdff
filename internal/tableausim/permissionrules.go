package tableausim

import (
	"slices"
	"strings"

	"vitrine/internal/tableausim/wire"
)

// held are the rules that hold for a thing in a project, and the locked project that they come
// from, if they do. A thing that was published into a project got its default rules to keep; its
// own came later.
func held(own []rule, p *project) ([]rule, *project) {
	switch c := p.controller(); {
	case c != nil:
		return c.content, c
	case p != nil:
		return slices.Concat(own, p.content), nil
	default:
		return own, nil
	}
}

// permissionsElement lists rules: only explicit ones, without what administrators, owners and
// leaders may do anyway; and people by their LUIDs alone. thing is the element of what they are
// for.
func permissionsElement(thing *wire.Element, kind string, rules []rule, from *project) *wire.Element {
	e := wire.New("permissions")
	if from != nil {
		e.Add(wire.New("parent", wire.Str("type", "Project"), wire.Str("id", from.id)))
	}
	e.Add(thing)
	var grantees []*wire.Element
	byGrantee := map[string][]rule{}
	for _, r := range rules {
		if !slices.Contains(capabilities[kind], r.capability) {
			continue
		}
		who := r.grantee()
		id := who.Attr("id")
		if byGrantee[id] == nil {
			grantees = append(grantees, who)
		}
		byGrantee[id] = append(byGrantee[id], r)
	}
	for _, who := range grantees {
		e.Add(wire.Item(wire.New("granteeCapabilities").Add(who, capabilitiesElement(byGrantee[who.Attr("id")], kind))))
	}
	return e
}

func (r rule) grantee() *wire.Element {
	switch {
	case r.user != nil:
		return wire.New("user", wire.Str("id", r.user.id))
	case r.set != nil:
		return wire.New("groupSet", wire.Str("id", r.set.id))
	default:
		return wire.New("group", wire.Str("id", r.group.id))
	}
}

// capabilitiesElement lists the rules of one grantee, each capability once: of a rule and its
// opposite the denial counts.
func capabilitiesElement(rules []rule, kind string) *wire.Element {
	e := wire.New("capabilities")
	for _, capability := range capabilities[kind] {
		mode := ""
		for _, r := range rules {
			switch {
			case r.capability != capability || mode == "Deny":
			case r.allow:
				mode = "Allow"
			default:
				mode = "Deny"
			}
		}
		if mode != "" {
			e.Add(wire.Item(wire.New("capability", wire.Str("name", capability), wire.Str("mode", mode))))
		}
	}
	return e
}

// thingElement is what rules are for: its id, name and owner.
func thingElement(kind, id, name string, owner *user) *wire.Element {
	e := wire.New(kind, wire.Str("id", id), wire.Str("name", name))
	if owner != nil {
		e.Add(wire.New("owner", wire.Str("id", owner.id)))
	}
	return e
}

// pathProject returns the project in the path if the caller leads it: its rules are for leaders and
// administrators.
func pathProject(c *call, forbidden string) (*project, error) {
	id := c.r.PathValue("id")
	p, ok := find[*project](c.site(), id)
	if !ok || !c.user().seesProject(p) {
		return nil, errNotFound("404005", "Project", id)
	}
	if !c.user().admin() && !c.user().managesProject(p) {
		return nil, wire.Fail(forbidden, "The user may not query the permissions of this project.")
	}
	return p, nil
}

// projectPermissions is GET projects/{id}/permissions. A project within one that is locked with all
// nested ones has the rules of that one.
func projectPermissions(c *call) (*answer, error) {
	p, err := pathProject(c, "403004")
	if err != nil {
		return nil, err
	}
	rules, from := p.rules, (*project)(nil)
	if q := p.controller(); q != nil && q != p {
		rules, from = q.rules, q
	}
	return found(permissionsElement(thingElement("project", p.id, p.name, p.owner), "project", rules, from))
}

// defaultPermissionKinds are the last parts of paths for default permissions: whose capabilities
// they list, and when they came and went.
var defaultPermissionKinds = map[string]struct {
	kind         string
	since, until version
	forbidden    string
}{
	"workbooks":          {kind: "workbook", since: ver(2, 1), forbidden: "403036"},
	"datasources":        {kind: "datasource", since: ver(2, 1), forbidden: "403035"},
	"flows":              {kind: "flow", since: ver(3, 4), forbidden: "403004"},
	"dataroles":          {kind: "dataRole", since: ver(3, 13), forbidden: "403004"}, // UNSURE since when
	"databases":          {kind: "database", since: ver(3, 23), forbidden: "403004"},
	"tables":             {kind: "table", since: ver(3, 23), forbidden: "403004"},
	"virtualconnections": {kind: "virtualConnection", since: ver(3, 23), forbidden: "403004"},
	"metrics":            {kind: "metric", since: ver(3, 9), until: ver(3, 22), forbidden: "403004"},
	"lenses":             {kind: "lens", since: ver(3, 16), until: ver(3, 22), forbidden: "403004"},
}

// projectDefaults is GET projects/{id}/default-permissions/{kind}.
func projectDefaults(c *call) (*answer, error) {
	kind := c.r.PathValue("kind")
	for plain, other := range capitalized {
		if kind == other {
			kind = plain
		}
	}
	k, ok := defaultPermissionKinds[kind]
	if !ok || c.version.less(k.since) || k.until != (version{}) && !c.version.less(k.until) {
		return nil, errUnknownResource(strings.TrimPrefix(c.r.URL.Path, "/api"))
	}
	p, err := pathProject(c, k.forbidden)
	if err != nil {
		return nil, err
	}
	rules, from := p.content, (*project)(nil)
	if q := p.controller(); q != nil && q != p {
		rules, from = q.content, q
	}
	return found(permissionsElement(thingElement("project", p.id, p.name, p.owner), k.kind, rules, from))
}

// workbookPermissions is GET workbooks/{id}/permissions.
func workbookPermissions(c *call) (*answer, error) {
	w, err := pathWorkbook(c)
	if err != nil {
		return nil, err
	}
	rules, from := held(w.rules, w.project)
	if !c.user().manages(w.owner, w.project, rules) {
		return nil, errForbidden()
	}
	return found(permissionsElement(thingElement("workbook", w.id, w.name, w.owner), "workbook", rules, from))
}

// viewPermissions is GET views/{id}/permissions. While the workbook shows tabs its rules count for
// its views too; that they are what is answered then is UNSURE.
func viewPermissions(c *call) (*answer, error) {
	x, err := pathView(c, c.r.PathValue("id"))
	if err != nil {
		return nil, err
	}
	w := x.workbook
	rules, from := held(w.rules, w.project)
	if !c.user().manages(w.owner, w.project, rules) {
		return nil, errForbidden()
	}
	if !w.showTabs && from == nil {
		rules = slices.Concat(rules, x.rules)
	}
	return found(permissionsElement(thingElement("view", x.id, x.name, w.owner), "view", rules, from))
}

// datasourcePermissions is GET datasources/{id}/permissions: who may read the data source may read
// them, as documented.
func datasourcePermissions(c *call) (*answer, error) {
	d, err := pathDatasource(c, "404004")
	if err != nil {
		return nil, err
	}
	rules, from := held(d.rules, d.project)
	return found(permissionsElement(thingElement("datasource", d.id, d.name, d.owner), "datasource", rules, from))
}

// flowPermissions is GET flows/{id}/permissions.
func flowPermissions(c *call) (*answer, error) {
	f, err := pathFlow(c)
	if err != nil {
		return nil, err
	}
	rules, from := held(f.rules, f.project)
	if !c.user().manages(f.owner, f.project, rules) {
		return nil, errForbidden()
	}
	return found(permissionsElement(thingElement("flow", f.id, f.name, f.owner), "flow", rules, from))
}

// virtualConnectionPermissions is GET virtualconnections/{id}/permissions.
func virtualConnectionPermissions(c *call) (*answer, error) {
	v, err := pathVirtualConnection(c)
	if err != nil {
		return nil, err
	}
	rules, from := held(v.rules, v.project)
	if !c.user().manages(v.owner, v.project, rules) {
		return nil, errForbidden()
	}
	return found(permissionsElement(thingElement("virtualConnection", v.id, v.name, v.owner), "virtualConnection", rules, from))
}

// collectionPermissions is GET collections/{id}/permissions: for administrators and the owner. A
// collection that is not private is for everybody.
func collectionPermissions(c *call) (*answer, error) {
	id := c.r.PathValue("id")
	x, ok := find[*collection](c.site(), id)
	if !ok || x.private && x.owner != c.user() && !c.user().admin() {
		return nil, errNotFound("404038", "Collection", id)
	}
	if x.owner != c.user() && !c.user().admin() {
		return nil, errForbidden()
	}
	var rules []rule
	if !x.private {
		rules = c.site().access(allUsers, read)
	}
	return found(permissionsElement(thingElement("collection", x.id, x.name, x.owner), "collection", rules, nil))
}
