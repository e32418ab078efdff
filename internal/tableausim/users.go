package tableausim

import (
	"strconv"
	"time"

	"vitrine/internal/tableausim/wire"
)

var userFields = map[string]field[*user]{
	"name":         {ops: names, text: func(u *user) string { return u.name }},
	"friendlyName": {ops: eqIn | opLike, text: func(u *user) string { return u.fullName }},
	"luid":         {ops: eqIn, exact: true, text: func(u *user) string { return u.id }},
	"domainName":   {ops: eqIn, text: func(u *user) string { return u.domain }},
	"siteRole":     {ops: eqIn, exact: true, text: func(u *user) string { return u.role }},
	"isLocal":      {ops: opEq, exact: true, text: func(u *user) string { return strconv.FormatBool(u.domain == localDomain) }},
	"lastLogin":    {ops: compare, when: func(u *user) time.Time { return u.lastLogin }},
}

var userColumns = []column[*user]{
	{name: "id", shows: always, put: func(e *wire.Element, u *user) { e.Str("id", u.id) }},
	{name: "name", shows: always, put: func(e *wire.Element, u *user) { e.Str("name", u.name) }},
	{name: "fullName", shows: onDemand | inSingle, put: func(e *wire.Element, u *user) { e.Opt("fullName", u.fullName) }},
	{name: "email", shows: onDemand | inSingle, put: func(e *wire.Element, u *user) { e.Opt("email", u.email) }},
	{name: "siteRole", shows: always, put: func(e *wire.Element, u *user) { e.Str("siteRole", u.role) }},
	{name: "authSetting", shows: always, put: func(e *wire.Element, _ *user) { e.Str("authSetting", "ServerDefault") }},
	{name: "lastLogin", shows: always, put: func(e *wire.Element, u *user) { e.When("lastLogin", u.lastLogin) }},
	{name: "externalAuthUserId", shows: always, put: func(e *wire.Element, _ *user) { e.Str("externalAuthUserId", "") }},
	{name: "locale", shows: onDemand | inSingle, put: func(e *wire.Element, u *user) { e.Str("locale", u.locale) }},
	{name: "language", shows: onDemand | inSingle, put: func(e *wire.Element, u *user) { e.Str("language", u.language) }},
	{name: "domain", shows: onDemand | inSingle, child: childOf("domain", func(u *user) (string, bool) { return u.domain, true }, nameColumn, "name"), names: []string{"name"}},
}

// nameColumn is for children that are nothing but a name.
var nameColumn = []column[string]{
	{name: "name", shows: always, put: func(e *wire.Element, s string) { e.Str("name", s) }},
}

// listUsers is GET users: administrators only.
func listUsers(c *call) (*answer, error) {
	if !c.user().admin() {
		return nil, errForbidden()
	}
	part, p, err := query(c, "users", c.site().users, userFields)
	if err != nil {
		return nil, err
	}
	show, err := selected(c, "user", userColumns)
	if err != nil {
		return nil, err
	}
	return listed(p, "users", part, show)
}

// pathUser returns the user in the path if the caller may ask about them: themselves, or anybody
// for administrators. missing is the code for a user that does not exist.
func pathUser(c *call, missing string) (*user, error) {
	id := c.r.PathValue("id")
	u, ok := find[*user](c.site(), id)
	switch {
	case ok && u == c.user():
		return u, nil
	case !c.user().admin():
		return nil, wire.Fail("403133", "Data of other users is not available to this user.")
	case !ok:
		return nil, errNotFound(missing, "User", id)
	}
	return u, nil
}

// getUser is GET users/{id}.
func getUser(c *call) (*answer, error) {
	u, err := pathUser(c, "404002")
	if err != nil {
		return nil, err
	}
	return found(show("user", userColumns, inSingle)(u))
}

// listUserWorkbooks is GET users/{id}/workbooks: what that person sees, or owns with ownedBy=true.
func listUserWorkbooks(c *call) (*answer, error) {
	u, err := pathUser(c, "404002")
	if err != nil {
		return nil, err
	}
	all, err := ownedBy(c, c.s.workbooksOf(c.site(), u), func(w *workbook) bool { return w.owner == u })
	if err != nil {
		return nil, err
	}
	part, p, err := wire.Paginate(c.query, all)
	if err != nil {
		return nil, err
	}
	return listed(p, "workbooks", part, show("workbook", workbookColumns(c), inLists))
}

// listUserGroups is GET users/{id}/groups: administrators only.
func listUserGroups(c *call) (*answer, error) {
	if !c.user().admin() {
		return nil, errForbidden()
	}
	u, err := pathUser(c, "404012") // a missing user answers as a missing group, as documented
	if err != nil {
		return nil, err
	}
	part, p, err := wire.Paginate(c.query, u.groups)
	if err != nil {
		return nil, err
	}
	return listed(p, "groups", part, show("group", groupColumns, inLists))
}
