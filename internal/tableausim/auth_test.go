package tableausim_test

import (
	"encoding/xml"
	"net/http"
	"strings"
	"testing"
	"time"

	"vitrine/internal/tableausim"
)

// clock is a clock that a test moves.
type clock struct{ t time.Time }

func (c *clock) now() time.Time { return c.t }

func newClock() *clock { return &clock{time.Date(2026, 3, 1, 9, 0, 0, 0, time.UTC)} }

func TestSignInAnswersByCode(t *testing.T) {
	t.Parallel()
	c := start(t, tableausim.Config{PATs: map[string]string{"p1": "s1"}})
	alice, walter := c.sim.UserID("", "alice"), c.sim.UserID("", "walter.gone")
	const pat, secret = "personalAccessTokenName", "personalAccessTokenSecret"
	tests := []struct {
		name, body string
		status     int
		code       string
	}{
		{"password", credentials("", "", "name", "alice", "password", "alice"), 200, ""},
		{"name in another case", credentials("", "", "name", "ALICE", "password", "alice"), 200, ""},
		{"name that two share but for case", credentials("", "", "name", "KIM", "password", "kim"), 401, "401001"},
		{"domain user", credentials("", "", "name", `CORP\jsmith`, "password", "jsmith"), 200, ""},
		{"PAT", credentials("", "", pat, "p1", secret, "s1"), 200, ""},
		{"site left out", `{"credentials":{"name":"bob","password":"bob"}}`, 200, ""},
		{"empty body", "", 401, "401009"},
		{"blank body", " \n", 401, "401009"},
		{"broken JSON", `{"credentials":`, 400, "400000"},
		{"broken XML", `<tsRequest><credentials`, 400, "400000"},
		{"no credentials", `{}`, 400, "400000"},
		{"password and PAT", credentials("", "", "name", "admin", "password", "admin", pat, "p1", secret, "s1"), 400, "400000"},
		{"wrong password", credentials("", "", "name", "alice", "password", "no"), 401, "401001"},
		{"no password", credentials("", "", "name", "alice"), 401, "401001"},
		{"unknown user", credentials("", "", "name", "dave", "password", "dave"), 401, "401001"},
		{"wrong PAT secret", credentials("", "", pat, "p1", secret, "s2"), 401, "401001"},
		{"unknown PAT", credentials("", "", pat, "p9", secret, "s1"), 401, "401001"},
		{"unknown site", credentials("nowhere", "", "name", "alice", "password", "alice"), 401, "401001"},
		{"not a user of the site", credentials("finance", "", "name", "alice", "password", "alice"), 401, "401001"},
		{"unlicensed", credentials("", "", "name", "walter.gone", "password", "walter.gone"), 401, "401001"},
		{"JWT, which is not set up", credentials("", "", "jwt", "x.y.z"), 401, "401001"},
		{"impersonation with a password", credentials("", alice, "name", "admin", "password", "admin"), 200, ""},
		{"impersonation with a PAT", credentials("", alice, pat, "p1", secret, "s1"), 200, ""},
		{"impersonation by a site administrator", credentials("", alice, "name", "carol", "password", "carol"), 403, "403000"},
		{"impersonation of nobody", credentials("", "11111111-2222-4333-8444-555555555555", "name", "admin", "password", "admin"), 404, "404002"},
		{"impersonation with a LUID of another site", credentials("marketing", alice, "name", "admin", "password", "admin"), 404, "404002"},
		{"impersonation of an unlicensed user", credentials("", walter, "name", "admin", "password", "admin"), 401, "401001"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			a := c.do(http.MethodPost, "auth/signin", tt.body)
			if a.status != tt.status || a.code() != tt.code {
				t.Errorf("got %d %q, want %d %q: %s", a.status, a.code(), tt.status, tt.code, a.body)
			}
		})
	}
}

func TestSignInAnswersWhoAndWhere(t *testing.T) {
	t.Parallel()
	c := start(t, tableausim.Config{PATs: map[string]string{"p1": "s1"}})
	a := c.do(http.MethodPost, "auth/signin", credentials("marketing", c.sim.UserID("marketing", "alice"), "personalAccessTokenName", "p1", "personalAccessTokenSecret", "s1"))
	if got := a.text("credentials", "site", "contentUrl"); got != "marketing" {
		t.Errorf("contentUrl %q", got)
	}
	if got, want := a.text("credentials", "user", "id"), c.sim.UserID("marketing", "alice"); got != want {
		t.Errorf("user %s, want alice %s", got, want)
	}
	if a.text("credentials", "estimatedTimeToExpiration") != "364:11:30" {
		t.Errorf("no time until the PAT expires: %s", a.body)
	}
	token := strings.Split(a.text("credentials", "token"), "|")
	if len(token) != 3 || token[2] != c.sim.SiteID("marketing") {
		t.Errorf("token has not three parts with the site last: %v", token)
	}
	a = c.do(http.MethodPost, "auth/signin", credentials("", "", "name", "bob", "password", "bob"))
	if a.at("credentials", "estimatedTimeToExpiration") != nil {
		t.Errorf("a password sign-in has no expiry: %s", a.body)
	}
}

func TestSignInInXMLWithoutContentType(t *testing.T) {
	t.Parallel()
	c := start(t, tableausim.Config{})
	c.accept = ""
	a := c.do(http.MethodPost, "auth/signin", `<tsRequest><credentials name="alice" password="alice"><site contentUrl="marketing"/></credentials></tsRequest>`)
	var got struct {
		XMLName     xml.Name `xml:"http://tableau.com/api tsResponse"`
		Credentials struct {
			Token string `xml:"token,attr"`
			Site  struct {
				ID         string `xml:"id,attr"`
				ContentURL string `xml:"contentUrl,attr"`
			} `xml:"site"`
			User struct {
				ID string `xml:"id,attr"`
			} `xml:"user"`
		} `xml:"credentials"`
	}
	if err := xml.Unmarshal([]byte(a.body), &got); err != nil {
		t.Fatalf("%v: %s", err, a.body)
	}
	if got.Credentials.Token == "" || got.Credentials.Site.ContentURL != "marketing" || got.Credentials.User.ID != c.sim.UserID("marketing", "alice") {
		t.Errorf("got %+v", got)
	}
	if !strings.HasPrefix(a.body, "<?xml") || !strings.Contains(a.body, "http://tableau.com/api https://help.tableau.com/samples/en-us/rest_api/ts-api_3_27.xsd") {
		t.Errorf("no declaration or schema location: %.200s", a.body)
	}
}

func TestImpersonatedSessionHasTheRightsOfTheTarget(t *testing.T) {
	t.Parallel()
	c := start(t, tableausim.Config{})
	bob := c.as(credentials("", c.sim.UserID("", "bob"), "name", "admin", "password", "admin"))
	if got, want := bob.get("workbooks").text("pagination", "totalAvailable"), c.user("bob", "").get("workbooks").text("pagination", "totalAvailable"); got != want {
		t.Errorf("sees %s workbooks, bob himself %s", got, want)
	}
	if a := bob.get("users"); a.code() != "403004" {
		t.Errorf("users list answered %d %s", a.status, a.code())
	}
}

func TestPATSignInEndsEarlierSession(t *testing.T) {
	t.Parallel()
	tests := []struct {
		name                             string
		cfg                              tableausim.Config
		ownAfterOwn, ownAfterOther, imps bool // which sessions live on
	}{
		{"default", tableausim.Config{}, false, false, true},
		{"overlap", tableausim.Config{PATsMayOverlap: true}, true, true, true},
		{"displaces impersonated", tableausim.Config{PATDisplacesImpersonated: true}, false, false, false},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			tt.cfg.PATs = map[string]string{"p1": "s1", "p2": "s2"}
			c := start(t, tt.cfg)
			sign := func(site, user string) *client {
				return c.as(credentials(site, user, "personalAccessTokenName", "p1", "personalAccessTokenSecret", "s1"))
			}
			lives := func(x *client) bool { return x.do(http.MethodGet, "sessions/current", "").status == 200 }
			other := c.as(credentials("", "", "personalAccessTokenName", "p2", "personalAccessTokenSecret", "s2"))
			first := sign("", "")
			second := sign("marketing", "")
			if lives(first) != tt.ownAfterOwn {
				t.Errorf("own session after another own one: alive %t", !tt.ownAfterOwn)
			}
			alice := sign("", c.sim.UserID("", "alice"))
			if lives(second) != tt.ownAfterOther {
				t.Errorf("own session after an impersonation: alive %t", !tt.ownAfterOther)
			}
			_ = sign("", c.sim.UserID("", "bob"))
			if lives(alice) != tt.imps {
				t.Errorf("impersonated session after another: alive %t", !tt.imps)
			}
			if !lives(other) {
				t.Error("session of another PAT has ended")
			}
		})
	}
}

func TestSignOutKillsTheToken(t *testing.T) {
	t.Parallel()
	alice := start(t, tableausim.Config{}).user("alice", "")
	if a := alice.do(http.MethodPost, "auth/signout", ""); a.status != 204 || a.body != "" {
		t.Errorf("sign-out answered %d %q", a.status, a.body)
	}
	if a := alice.get("workbooks"); a.status != 401 || a.code() != "401002" {
		t.Errorf("after sign-out: %d %s", a.status, a.code())
	}
}

func TestSwitchSite(t *testing.T) {
	t.Parallel()
	c := start(t, tableausim.Config{})
	alice := c.user("alice", "")
	tests := []struct{ name, body, code string }{
		{"unknown site", `{"site":{"contentUrl":"nowhere"}}`, "401003"},
		{"site of others", `{"site":{"contentUrl":"finance"}}`, "401003"},
		{"same site", `{"site":{"contentUrl":""}}`, "403070"},
		{"no site", `{}`, "400000"},
		{"no body", ``, "401009"},
	}
	for _, tt := range tests {
		if a := alice.do(http.MethodPost, "auth/switchSite", tt.body); a.code() != tt.code {
			t.Errorf("%s: got %s, want %s", tt.name, a.code(), tt.code)
		}
	}
	a := alice.do(http.MethodPost, "auth/switchSite", `<tsRequest><site contentUrl="marketing"/></tsRequest>`)
	if a.status != 200 || a.text("credentials", "site", "contentUrl") != "marketing" {
		t.Fatalf("switch answered %d %s", a.status, a.body)
	}
	if old := alice.get("workbooks"); old.code() != "401002" {
		t.Errorf("the old token answered %d %s", old.status, old.code())
	}
	alice.token, alice.siteID = a.text("credentials", "token"), a.text("credentials", "site", "id")
	if a := alice.get("workbooks"); a.status != 200 {
		t.Errorf("the new token answered %d %s", a.status, a.code())
	}
}

func TestIdleSessionEnds(t *testing.T) {
	t.Parallel()
	clk := newClock()
	c := start(t, tableausim.Config{Now: clk.now, IdleLimit: time.Hour})
	alice := c.user("alice", "")
	for range 3 { // each request pushes the end forward
		clk.t = clk.t.Add(50 * time.Minute)
		if a := alice.get("workbooks"); a.status != 200 {
			t.Fatalf("in use, answered %d %s", a.status, a.code())
		}
	}
	clk.t = clk.t.Add(61 * time.Minute)
	if a := alice.get("workbooks"); a.code() != "401002" {
		t.Errorf("after an idle hour: %d %s", a.status, a.code())
	}
	if n := len(c.sim.Sessions()); n != 0 {
		t.Errorf("%d sessions are left", n)
	}
}

func TestCurrentSession(t *testing.T) {
	t.Parallel()
	c := start(t, tableausim.Config{})
	a := c.user("alice", "marketing").do(http.MethodGet, "sessions/current", "")
	if a.text("session", "user", "name") != "alice" || a.text("session", "site", "contentUrl") != "marketing" || a.at("session", "site", "state") != nil {
		t.Errorf("alice: %s", a.body)
	}
	if a := c.user("carol", "").do(http.MethodGet, "sessions/current", ""); a.text("session", "site", "state") != "Active" {
		t.Errorf("an administrator sees no settings of the site: %s", a.body)
	}
}

func TestEndSessionsEndsThoseThatMatch(t *testing.T) {
	t.Parallel()
	c := start(t, tableausim.Config{})
	alice, bob := c.user("alice", ""), c.user("bob", "")
	for _, s := range c.sim.Sessions() {
		if s.Token == "" || strings.Contains(s.String(), s.Token) {
			t.Errorf("the token is missing or shown: %v", s)
		}
	}
	n := c.sim.EndSessions(func(s tableausim.SessionInfo) bool { return s.User == "alice" })
	if n != 1 || alice.get("views").code() != "401002" || bob.get("views").status != 200 {
		t.Errorf("ended %d; alice %s, bob %d", n, alice.get("views").code(), bob.get("views").status)
	}
	if n := c.sim.EndSessions(nil); n != 1 {
		t.Errorf("ended %d of all", n)
	}
}
