package tableausim_test

import (
	"net/http"
	"testing"
	"time"

	"github.com/go-jose/go-jose/v4"

	"vitrine/internal/tableausim"
)

// scoped signs a user in with a JWT of just these scopes.
func (c *client) scoped(user string, scopes ...string) *client {
	c.t.Helper()
	x := c.sim.ConnectedApps()[0]
	claims := claimsFor(time.Now(), x.ClientID, user).with("scp", scopes)
	return c.as(jwtBody("", sign(c.t, jose.HS256, []byte(x.Secret), x.SecretID, claims)))
}

func TestMethodsNeedTheirScope(t *testing.T) {
	t.Parallel()
	c := start(t, tableausim.Config{})
	carol := c.user("carol", "")
	site := "sites/" + carol.siteID
	workbook, view := c.sim.WorkbookID("", "Superstore"), c.sim.ViewID("", "Superstore/sheets/Overview")
	source, _ := carol.get("datasources", "pageSize", "1").items("datasources", "datasource")[0]["id"].(string)
	group, _ := carol.get("groups", "pageSize", "1").items("groups", "group")[0]["id"].(string)
	const content, views, workbooks = "tableau:content:read", "tableau:views:download", "tableau:workbooks:download"
	const users, groups, sites = "tableau:users:read", "tableau:groups:read", "tableau:sites:read"
	tests := []struct{ path, scope string }{
		{"/projects", content},
		{"/workbooks", content},
		{"/workbooks/" + workbook, content},
		{"/workbooks/" + workbook + "/views", content},
		{"/workbooks/" + workbook + "/connections", content},
		{"/workbooks/" + workbook + "/previewImage", workbooks},
		{"/workbooks/" + workbook + "/views/" + view + "/previewImage", views},
		{"/views", content},
		{"/views/" + view, content},
		{"/views/" + view + "/image", views},
		{"/views/" + view + "/data", views},
		{"/datasources", content},
		{"/datasources/" + source, content},
		{"/datasources/" + source + "/connections", content},
		{"/users", users},
		{"/users/" + carol.userID, users},
		{"/users/" + carol.userID + "/groups", users},
		{"/users/" + carol.userID + "/workbooks", content},
		{"/groups", groups},
		{"/groups/" + group + "/users", groups},
		{"/favorites/" + carol.userID, content},
		{"", sites},
	}
	by := map[string]*client{}
	for _, s := range []string{content, views, workbooks, users, groups, sites, "tableau:*:*"} {
		by[s] = c.scoped("carol", s)
	}
	for _, tt := range tests {
		for s, x := range by {
			want := "403004"
			if s == tt.scope || s == "tableau:*:*" {
				want = ""
			}
			if a := x.do(http.MethodGet, site+tt.path, ""); a.code() != want {
				t.Errorf("GET sites/{site}%s with %s: %d %s, want %q", tt.path, s, a.status, a.code(), want)
			}
		}
	}
	if a := by[sites].do(http.MethodGet, "sites", ""); a.status != 200 {
		t.Errorf("sites: %d %s", a.status, a.code())
	}
	for _, s := range []string{content, "tableau:*:*"} {
		if a := by[s].do(http.MethodPost, "auth/switchSite", `{"site":{"contentUrl":"marketing"}}`); a.code() != "403004" {
			t.Errorf("switchSite, which has no scope, with %s: %d %s", s, a.status, a.code())
		}
	}
}

func TestScopesThatCameWithLaterVersions(t *testing.T) {
	t.Parallel()
	tests := []struct {
		version, path, scope string
		code                 string
	}{
		{"3.26", "favorites/{user}", "tableau:content:read", "403004"},
		{"3.27", "favorites/{user}", "tableau:content:read", ""},
		{"3.26", "favorites/{user}", "tableau:*:*", "403004"},
		{"3.26", "workbooks/{workbook}/views", "tableau:content:read", "403004"},
		{"3.27", "workbooks/{workbook}/views", "tableau:content:read", ""},
		{"3.26", "users/{user}/workbooks", "tableau:content:read", "403004"},
		{"3.17", "workbooks", "tableau:content:read", ""},
		{"3.17", "workbooks", "tableau:content:*", ""},
		{"3.17", "workbooks", "tableau:*:read", ""},
		{"3.17", "workbooks", "tableau:views:*", "403004"},
		{"3.17", "workbooks", "tableau:content:write", "403004"},
	}
	for _, tt := range tests {
		c := start(t, tableausim.Config{APIVersion: tt.version})
		x := c.scoped("alice", tt.scope)
		path := map[string]string{"favorites/{user}": "favorites/" + x.userID, "users/{user}/workbooks": "users/" + x.userID + "/workbooks", "workbooks/{workbook}/views": "workbooks/" + c.sim.WorkbookID("", "Superstore") + "/views"}[tt.path]
		if path == "" {
			path = tt.path
		}
		if a := x.get(path); a.code() != tt.code {
			t.Errorf("%s %s with %s: %d %s, want %q", tt.version, tt.path, tt.scope, a.status, a.code(), tt.code)
		}
	}
}

func TestSessionMethodsAndScopes(t *testing.T) {
	t.Parallel()
	tests := []struct {
		name, version, scope string
		current, signOut     string
	}{
		{"before 3.20", "3.19", "tableau:content:read", "403004", "403004"},
		{"before 3.20, all", "3.19", "tableau:*:*", "", ""},
		{"since 3.20", "3.20", "tableau:content:read", "403004", ""},
		{"before 3.29", "3.28", "tableau:content:*", "403004", ""},
		{"before 3.29, all", "3.28", "tableau:*:*", "", ""},
		{"since 3.29", "3.29", "tableau:content:read", "", ""},
	}
	for _, tt := range tests {
		x := start(t, tableausim.Config{APIVersion: tt.version}).scoped("alice", tt.scope)
		if a := x.do(http.MethodGet, "sessions/current", ""); a.code() != tt.current {
			t.Errorf("%s: sessions/current answered %q, want %q", tt.name, a.code(), tt.current)
		}
		if a := x.do(http.MethodPost, "auth/signout", ""); a.code() != tt.signOut {
			t.Errorf("%s: sign-out answered %q, want %q", tt.name, a.code(), tt.signOut)
		}
	}
}

func TestMissingScopeMayLookLikeADeadSession(t *testing.T) {
	t.Parallel()
	c := start(t, tableausim.Config{MissingScope401002: true})
	x := c.scoped("alice", "tableau:content:read")
	if a := x.get("users/" + x.userID); a.status != 401 || a.code() != "401002" {
		t.Errorf("got %d %s", a.status, a.code())
	}
	if a := x.get("workbooks"); a.status != 200 {
		t.Errorf("the session is dead: %s", a.code())
	}
	if n := len(c.sim.Sessions()); n != 1 {
		t.Errorf("%d sessions", n)
	}
}

func TestUnknownScopesMayBeRefused(t *testing.T) {
	t.Parallel()
	tests := []struct {
		version, scope string
		refused        bool
	}{
		{"3.26", "tableau:flows:read", true},
		{"3.27", "tableau:flows:read", false},
		{"3.27", "tableau:collections:read", true},
		{"3.28", "tableau:collections:read", false},
		{"3.27", "tableau:nonsense:read", true},
		{"3.27", "tableau:*:*", false},
		{"3.27", "tableau:users:*", false},
		{"3.27", "tableau:nonsense:*", true},
	}
	for _, tt := range tests {
		for _, strict := range []bool{true, false} {
			c := start(t, tableausim.Config{APIVersion: tt.version, RefuseUnknownScopes: strict, ConnectedApps: []tableausim.ConnectedApp{app}})
			a := c.do(http.MethodPost, "auth/signin", jwtBody("", direct(t, claimsFor(time.Now(), app.ClientID, "alice").with("scp", []string{tt.scope}))))
			if refused := a.number() == "10097"; refused != (strict && tt.refused) || !refused && a.status != 200 {
				t.Errorf("%s %s, strict %t: %d %s", tt.version, tt.scope, strict, a.status, a.body)
			}
		}
	}
}

func TestSessionsWithoutJWTHaveNoScopes(t *testing.T) {
	t.Parallel()
	c := start(t, tableausim.Config{APIVersion: "3.17"})
	alice := c.user("alice", "")
	if a := alice.get("favorites/" + alice.userID); a.status != 200 {
		t.Errorf("favorites: %d %s", a.status, a.code())
	}
	if a := alice.do(http.MethodPost, "auth/switchSite", `{"site":{"contentUrl":"marketing"}}`); a.status != 200 {
		t.Errorf("switchSite: %d %s", a.status, a.code())
	}
}
