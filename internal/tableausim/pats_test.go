package tableausim_test

import (
	"net/http"
	"testing"
	"time"

	"vitrine/internal/tableausim"
)

func patBody(name, secret string) string {
	return credentials("", "", "personalAccessTokenName", name, "personalAccessTokenSecret", secret)
}

func TestPATsTellHowLongTheyLive(t *testing.T) {
	t.Parallel()
	clk := newClock()
	c := start(t, tableausim.Config{Now: clk.now, PATs: map[string]string{"p": "s"}})
	left := func(name, secret string) string {
		return c.do(http.MethodPost, "auth/signin", patBody(name, secret)).text("credentials", "estimatedTimeToExpiration")
	}
	if got := left("p", "s"); got != "364:11:30" {
		t.Errorf("at the start %q", got)
	}
	clk.t = clk.t.Add(10*24*time.Hour + 2*time.Hour + 25*time.Minute)
	if got := left("p", "s"); got != "354:09:05" {
		t.Errorf("ten days later %q", got)
	}
	if err := c.sim.AddPAT(tableausim.PAT{Name: "short", Secret: "x", Lifetime: 90 * time.Second}); err != nil {
		t.Fatal(err)
	}
	if got := left("short", "x"); got != "0:00:02" {
		t.Errorf("with less than two minutes to go %q", got)
	}
	clk.t = clk.t.Add(90 * time.Second)
	if a := c.do(http.MethodPost, "auth/signin", patBody("short", "x")); a.code() != "401001" {
		t.Errorf("at its end: %d %s", a.status, a.body)
	}
	if _, there := c.sim.PATs()["short"]; there {
		t.Error("an expired PAT is still listed")
	}
}

func TestPATUnusedForTwoWeeksExpires(t *testing.T) {
	t.Parallel()
	clk := newClock()
	c := start(t, tableausim.Config{Now: clk.now, PATs: map[string]string{"used": "s", "unused": "s"}})
	for range 2 {
		clk.t = clk.t.Add(10 * 24 * time.Hour)
		if a := c.do(http.MethodPost, "auth/signin", patBody("used", "s")); a.status != 200 {
			t.Fatalf("in use: %d %s", a.status, a.body)
		}
	}
	if a := c.do(http.MethodPost, "auth/signin", patBody("unused", "s")); a.code() != "401001" {
		t.Errorf("unused for 20 days: %d %s", a.status, a.body)
	}
	if got := c.sim.PATs(); len(got) != 1 || got["used"] != "s" {
		t.Errorf("PATs are %v", got)
	}
}

func TestPATExpiredAndRevoked(t *testing.T) {
	t.Parallel()
	c := start(t, tableausim.Config{PATs: map[string]string{"old": "s", "lost": "s"}})
	old, lost := c.as(patBody("old", "s")), c.as(patBody("lost", "s"))
	for name, there := range map[string]bool{"old": c.sim.ExpirePAT("old"), "lost": c.sim.RevokePAT("lost")} {
		if a := c.do(http.MethodPost, "auth/signin", patBody(name, "s")); !there || a.code() != "401001" {
			t.Errorf("%s: there %t, sign-in answered %d %s", name, there, a.status, a.code())
		}
	}
	if c.sim.ExpirePAT("old") || c.sim.RevokePAT("nobody") {
		t.Error("a PAT that is not there was taken away")
	}
	if old.get("views").status != 200 || lost.get("views").code() != "401002" {
		t.Errorf("session of the expired PAT: %d, of the revoked one: %s", old.get("views").status, lost.get("views").code())
	}
	if err := c.sim.AddPAT(tableausim.PAT{Name: "old"}); err != nil {
		t.Fatal(err)
	}
	if secret := c.sim.PATs()["old"]; secret == "" || c.as(patBody("old", secret)) == nil {
		t.Error("the new PAT of that name has no secret")
	}
}

func TestPATHasTheRightsOfItsOwner(t *testing.T) {
	t.Parallel()
	c := start(t, tableausim.Config{})
	if err := c.sim.AddPAT(tableausim.PAT{Name: "hers", Secret: "s", Owner: "alice"}); err != nil {
		t.Fatal(err)
	}
	if x := c.as(patBody("hers", "s")); x.userID != c.sim.UserID("", "alice") {
		t.Errorf("signed in as %s", x.userID)
	}
	body := credentials("", c.sim.UserID("", "bob"), "personalAccessTokenName", "hers", "personalAccessTokenSecret", "s")
	if a := c.do(http.MethodPost, "auth/signin", body); a.code() != "403000" {
		t.Errorf("impersonation by alice: %d %s", a.status, a.code())
	}
	if err := c.sim.AddPAT(tableausim.PAT{Name: "x", Owner: "dave"}); err == nil {
		t.Error("a PAT for nobody")
	}
}

func TestAccountLocksAfterWrongSecrets(t *testing.T) {
	t.Parallel()
	clk := newClock()
	c := start(t, tableausim.Config{Now: clk.now, LockAfter: 3, LockFor: 10 * time.Minute, PATs: map[string]string{"p": "s"}})
	try := func(body string) string { return c.do(http.MethodPost, "auth/signin", body).code() }
	alice := func(password string) string { return try(credentials("", "", "name", "alice", "password", password)) }
	for _, password := range []string{"x", "x", "alice", "x", "x"} { // the right one starts the count again
		alice(password)
	}
	if c.sim.Locked("alice") || alice("alice") != "" {
		t.Error("locked before three in a row")
	}
	mine := c.user("alice", "")
	for range 3 {
		alice("x")
	}
	if !c.sim.Locked("alice") || alice("alice") != "401001" || c.sim.Locked("bob") {
		t.Errorf("not locked after three: %s", alice("alice"))
	}
	if mine.get("views").status != 200 {
		t.Error("her session has ended")
	}
	clk.t = clk.t.Add(10 * time.Minute)
	if c.sim.Locked("alice") || alice("alice") != "" {
		t.Error("still locked after ten minutes")
	}

	for range 3 { // a wrong PAT locks who owns it, for every way in
		try(patBody("p", "x"))
	}
	impersonate := credentials("", c.sim.UserID("", "bob"), "name", "admin", "password", "admin")
	if try(patBody("p", "s")) != "401001" || try(impersonate) != "401001" || !c.sim.Locked("admin") {
		t.Error("the administrator is not locked")
	}
	for range 5 { // strangers lock nobody
		try(credentials("", "", "name", "dave", "password", "x"))
		try(patBody("none", "x"))
	}
	clk.t = clk.t.Add(10 * time.Minute)
	if try(patBody("p", "s")) != "" {
		t.Error("still locked")
	}
}

func TestAccountsDoNotLockUnlessAsked(t *testing.T) {
	t.Parallel()
	c := start(t, tableausim.Config{})
	for range 50 {
		c.do(http.MethodPost, "auth/signin", credentials("", "", "name", "alice", "password", "x"))
	}
	c.user("alice", "")
}
