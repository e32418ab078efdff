package tableausim_test

import (
	"context"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/go-jose/go-jose/v4"

	"vitrine/internal/tableausim"
)

func TestCloudHasNoDefaultSite(t *testing.T) {
	t.Parallel()
	c := start(t, tableausim.Config{Cloud: true})
	const alice = "alice@example.com"
	tests := []struct{ name, body, code string }{
		{"with a content URL", credentials(tableausim.CloudSite, "", "name", alice, "password", alice), ""},
		{"another site", credentials("marketing", "", "name", alice, "password", alice), ""},
		{"empty", credentials("", "", "name", alice, "password", alice), "401001"},
		{"left out", `{"credentials":{"name":"` + alice + `","password":"` + alice + `"}}`, "401001"},
		{"the old name", credentials(tableausim.CloudSite, "", "name", "alice", "password", "alice"), "401001"},
	}
	for _, tt := range tests {
		if a := c.do(http.MethodPost, "auth/signin", tt.body); a.code() != tt.code {
			t.Errorf("%s: got %d %s, want %q", tt.name, a.status, a.code(), tt.code)
		}
	}
}

func TestCloudHasTheContentOfTheServer(t *testing.T) {
	t.Parallel()
	c, s := start(t, tableausim.Config{Cloud: true}), start(t, tableausim.Config{})
	count := func(x *client) string { return x.get("workbooks").text("pagination", "totalAvailable") }
	if got, want := count(c.user("bob@example.com", tableausim.CloudSite)), count(s.user("bob", "")); got != want {
		t.Errorf("bob sees %s workbooks, on Server %s", got, want)
	}
	a := c.user("carol@example.com", tableausim.CloudSite).get("users", "filter", "name:eq:alice@example.com")
	if got := a.names("users", "user"); len(got) != 1 {
		t.Errorf("found by mail address: %v", got)
	}
}

func TestCloudRefusesWhatOnlyServersHave(t *testing.T) {
	t.Parallel()
	c := start(t, tableausim.Config{Cloud: true, PATs: map[string]string{"p": "s"}})
	target := c.sim.UserID(tableausim.CloudSite, "alice@example.com")
	admin := []string{"personalAccessTokenName", "p", "personalAccessTokenSecret", "s"}
	if a := c.do(http.MethodPost, "auth/signin", credentials(tableausim.CloudSite, target, admin...)); a.code() != "403000" {
		t.Errorf("impersonation answered %d %s", a.status, a.code())
	}
	x := c.as(credentials(tableausim.CloudSite, "", admin...))
	if a := x.do(http.MethodGet, "sites", ""); a.status != 403 || a.code() != "403069" {
		t.Errorf("the list of sites answered %d %s", a.status, a.code())
	}
	if a := x.do(http.MethodPost, "auth/switchSite", `{"site":{"contentUrl":"marketing"}}`); a.status != 409 || a.code() != "409105" {
		t.Errorf("switchSite answered %d %s", a.status, a.code())
	}
	if a := x.do(http.MethodGet, "sites/"+x.siteID, ""); a.text("site", "contentUrl") != tableausim.CloudSite {
		t.Errorf("its own site: %d %s", a.status, a.body)
	}
}

func TestCloudSessionsEndTwoHoursAfterSignIn(t *testing.T) {
	t.Parallel()
	clk := newClock()
	alice := start(t, tableausim.Config{Cloud: true, Now: clk.now}).user("alice@example.com", tableausim.CloudSite)
	for range 4 { // use does not push the end forward
		clk.t = clk.t.Add(30 * time.Minute)
		if a := alice.get("views"); a.status != 200 {
			t.Fatalf("answered %d %s", a.status, a.code())
		}
	}
	clk.t = clk.t.Add(time.Second)
	if a := alice.get("views"); a.code() != "401002" {
		t.Errorf("after two hours: %d %s", a.status, a.code())
	}
}

func TestLifetimeEndsASessionInUse(t *testing.T) {
	t.Parallel()
	clk := newClock()
	alice := start(t, tableausim.Config{Lifetime: time.Hour, IdleLimit: 50 * time.Minute, Now: clk.now}).user("alice", "")
	clk.t = clk.t.Add(45 * time.Minute)
	if a := alice.get("views"); a.status != 200 {
		t.Fatalf("answered %d %s", a.status, a.code())
	}
	clk.t = clk.t.Add(16 * time.Minute)
	if a := alice.get("views"); a.code() != "401002" {
		t.Errorf("after its lifetime: %d %s", a.status, a.code())
	}
}

func TestRestartEndsAllSessions(t *testing.T) {
	t.Parallel()
	c := start(t, tableausim.Config{})
	alice, bob := c.user("alice", ""), c.user("bob", "")
	if n := c.sim.Restart(); n != 2 || alice.get("views").code() != "401002" || bob.get("views").code() != "401002" {
		t.Errorf("ended %d; %s, %s", n, alice.get("views").code(), bob.get("views").code())
	}
}

func TestLongRunningRequestsAreLimitedPerSite(t *testing.T) {
	t.Parallel()
	tests := []struct {
		name       string
		cfg        tableausim.Config
		user, site string
		atOnce     int
	}{
		{"when asked", tableausim.Config{LongRunning: 2}, "alice", "", 2},
		{"Cloud", tableausim.Config{Cloud: true}, "alice@example.com", tableausim.CloudSite, 20},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			c := start(t, tt.cfg)
			alice, marketing := c.user(tt.user, tt.site), c.user(tt.user, "marketing")
			path := "views/" + c.sim.ViewID(tt.site, "Superstore/sheets/Overview") + "/data"
			release := alice.holdUp(path, tt.atOnce)
			a := alice.get(path)
			if a.status != 429 || a.code() != "429000" || a.header.Get("Retry-After") != "5" {
				t.Errorf("one more: %d %s, Retry-After %q", a.status, a.code(), a.header.Get("Retry-After"))
			}
			if a := alice.get(strings.Replace(path, "/data", "/image", 1)); a.status != 429 {
				t.Errorf("an image: %d", a.status)
			}
			if a := alice.get("views"); a.status != 200 {
				t.Errorf("a list: %d", a.status)
			}
			other := "views/" + c.sim.ViewID("marketing", "Superstore/sheets/Overview") + "/data"
			for range 2 * tt.atOnce { // one after the other is no crowd
				if a := marketing.get(other); a.status != 200 {
					t.Errorf("another site: %d %s", a.status, a.body)
				}
			}
			release()
			if a := alice.get(path); a.status != 200 {
				t.Errorf("after they ended: %d %s", a.status, a.body)
			}
		})
	}
}

// holdUp keeps n requests for a path under way until they are released.
func (c *client) holdUp(path string, n int) (release func()) {
	c.t.Helper()
	waits := make(chan struct{}, n)
	remove := c.sim.Fault(tableausim.Fault{Kind: tableausim.Slow, Delay: time.Hour, Match: func(r *http.Request) bool {
		if r.URL.Query().Has("wait") {
			waits <- struct{}{}
		}
		return r.URL.Query().Has("wait")
	}})
	ctx, cancel := context.WithCancel(c.t.Context())
	var wg sync.WaitGroup
	for range n {
		wg.Go(func() {
			r := httptest.NewRequestWithContext(ctx, http.MethodGet, "/api/3.27/sites/"+c.siteID+"/"+path+"?wait=1", http.NoBody)
			r.Header.Set("X-Tableau-Auth", c.token)
			c.sim.ServeHTTP(httptest.NewRecorder(), r)
		})
	}
	for range n {
		<-waits
	}
	return func() {
		cancel()
		wg.Wait()
		remove()
	}
}

func TestOnDemandAccessHasTheRightsOfItsGroups(t *testing.T) {
	t.Parallel()
	c := start(t, tableausim.Config{Cloud: true, OnDemandAccess: true, ConnectedApps: []tableausim.ConnectedApp{app}})
	claims := func(groups ...string) string {
		b := claimsFor(time.Now(), app.ClientID, "guest@partner.example").with("https://tableau.com/oda", "true", "https://tableau.com/groups", groups)
		return jwtBody(tableausim.CloudSite, sign(t, jose.HS256, []byte(app.Secret), app.SecretID, b))
	}
	total := func(x *client) string { return x.get("workbooks").text("pagination", "totalAvailable") }
	nobody, sales, both := c.as(claims("Executives")), c.as(claims("Sales Team")), c.as(claims("Executives", "Sales Team"))
	if total(sales) == total(nobody) || total(both) == total(sales) {
		t.Errorf("workbooks: %s for one group, %s for another, %s for both", total(nobody), total(sales), total(both))
	}
	if again := c.as(claims("Sales Team", "Executives")); again.userID != both.userID || both.userID == sales.userID {
		t.Errorf("users %s, %s, %s", again.userID, both.userID, sales.userID)
	}
	if info := c.sim.Sessions()[0]; !info.OnDemand || info.User != "guest@partner.example" || len(info.Groups) != 1 {
		t.Errorf("session is %+v", info)
	}
	if a := sales.do(http.MethodGet, "sessions/current", ""); a.status != 500 {
		t.Errorf("sessions/current answered %d", a.status)
	}
	for name, body := range map[string]string{"no group": claims(), "an unknown group": claims("Nobodies")} {
		if a := c.do(http.MethodPost, "auth/signin", body); a.number() != "16" {
			t.Errorf("%s: %d %s", name, a.status, a.body)
		}
	}
	off := start(t, tableausim.Config{Cloud: true, ConnectedApps: []tableausim.ConnectedApp{app}})
	if a := off.do(http.MethodPost, "auth/signin", claims("Sales Team")); a.number() != "67" {
		t.Errorf("without the license: %s", a.body)
	}
}

func TestOpenIDConfigurationIsFoundByParameterAndByPath(t *testing.T) {
	t.Parallel()
	c := start(t, tableausim.Config{Cloud: true}).user("carol@example.com", tableausim.CloudSite)
	whole := c.get("site-oidc-configuration")
	id := whole.text("siteOIDCConfiguration", "idpConfigurationId")
	if id == "" {
		t.Fatalf("the site's own configuration answered %d %s without an id", whole.status, whole.code())
	}
	for name, got := range map[string]answer{
		"parameter": c.get("site-oidc-configuration", "idpConfigurationId", id),
		"path":      c.get("site-oidc-configuration/" + id),
	} {
		if got.status != 200 || got.text("siteOIDCConfiguration", "idpConfigurationId") != id || got.text("siteOIDCConfiguration", "clientSecret") != "*****" {
			t.Errorf("by %s: %d %s, want the configuration %s with a masked secret", name, got.status, got.code(), id)
		}
	}
	if got := c.get("site-oidc-configuration/" + c.sim.UserID(tableausim.CloudSite, "carol@example.com")); got.status != 404 {
		t.Errorf("another id in the path answered %d %s, want 404", got.status, got.code())
	}
}
