package tableausim_test

import (
	"testing"
	"time"

	"vitrine/internal/tableausim"
)

func TestUserDeletedAndMadeAgainIsAnother(t *testing.T) {
	t.Parallel()
	c := start(t, tableausim.Config{})
	old := c.sim.UserID("", "alice")
	alice := c.user("alice", "")
	if err := c.sim.DeleteUser("", "alice"); err != nil {
		t.Fatal(err)
	}
	if a := alice.get("workbooks"); a.code() != "401002" {
		t.Errorf("her session answered %d %s", a.status, a.code())
	}
	admin := credentials("", old, "name", "admin", "password", "admin")
	if a := c.do("POST", "auth/signin", admin); a.code() != "404002" {
		t.Errorf("impersonation answered %d %s", a.status, a.code())
	}
	id, err := c.sim.AddUser("", tableausim.User{Name: "alice", Groups: []string{"bi-analysts"}})
	if err != nil {
		t.Fatal(err)
	}
	if id == old || id != c.sim.UserID("", "alice") {
		t.Errorf("new LUID %s, old %s, found %s", id, old, c.sim.UserID("", "alice"))
	}
	if a := c.do("POST", "auth/signin", admin); a.code() != "404002" {
		t.Errorf("the old LUID answered %d %s", a.status, a.code())
	}
	if got := c.user("alice", "").get("workbooks", "filter", "name:eq:DACH Pipeline").names("workbooks", "workbook"); len(got) != 1 {
		t.Errorf("as an analyst she sees %v", got)
	}
}

func TestUserRenamed(t *testing.T) {
	t.Parallel()
	c := start(t, tableausim.Config{})
	alice := c.user("alice", "")
	id := c.sim.UserID("marketing", "alice")
	if err := c.sim.RenameUser("alice", "alice.cook"); err != nil {
		t.Fatal(err)
	}
	if c.sim.UserID("", "alice") != "" || c.sim.UserID("marketing", "alice.cook") != id {
		t.Error("the name has not changed everywhere, or the LUID has")
	}
	if a := alice.get("users/" + alice.userID); a.text("user", "name") != "alice.cook" {
		t.Errorf("her session says %s", a.body)
	}
}

func TestUserUnlicensed(t *testing.T) {
	t.Parallel()
	c := start(t, tableausim.Config{})
	bob := c.user("bob", "")
	if err := c.sim.SetSiteRole("", "bob", "Unlicensed"); err != nil {
		t.Fatal(err)
	}
	if a := c.do("POST", "auth/signin", credentials("", c.sim.UserID("", "bob"), "name", "admin", "password", "admin")); a.code() != "401001" {
		t.Errorf("impersonation answered %d %s", a.status, a.code())
	}
	if a := bob.get("views"); a.code() != "401002" {
		t.Errorf("his session answered %d %s", a.status, a.code())
	}
	if err := c.sim.SetSiteRole("", "bob", "Viewer"); err != nil {
		t.Fatal(err)
	}
	if a := bob.get("views"); a.code() != "401002" {
		t.Errorf("licensed again, his old session answered %d %s", a.status, a.code())
	}
	c.user("bob", "")
}

func TestJWTFollowsThePeopleAsTheyChange(t *testing.T) {
	t.Parallel()
	c := start(t, tableausim.Config{ConnectedApps: []tableausim.ConnectedApp{app}})
	try := func(name string) answer {
		return c.do("POST", "auth/signin", jwtBody("", direct(t, claimsFor(time.Now(), app.ClientID, name))))
	}
	alice := c.as(jwtBody("", direct(t, claimsFor(time.Now(), app.ClientID, "alice"))))
	if err := c.sim.RenameUser("alice", "alice.cook"); err != nil {
		t.Fatal(err)
	}
	if alice.get("views").status != 200 || try("alice").number() != "5" || try("alice.cook").text("credentials", "user", "id") != alice.userID {
		t.Errorf("after the new name: session %d, old name (%s)", alice.get("views").status, try("alice").number())
	}
	if err := c.sim.DeleteUser("", "alice.cook"); err != nil {
		t.Fatal(err)
	}
	if alice.get("views").code() != "401002" || try("alice.cook").number() != "5" {
		t.Errorf("after she was deleted: session %d, name (%s)", alice.get("views").status, try("alice.cook").number())
	}
	id, err := c.sim.AddUser("", tableausim.User{Name: "alice.cook"})
	if err != nil {
		t.Fatal(err)
	}
	if got := try("alice.cook").text("credentials", "user", "id"); got != id || id == alice.userID {
		t.Errorf("made again she is %s, want %s, before %s", got, id, alice.userID)
	}
}

func TestEditsAreSeenAtOnce(t *testing.T) {
	t.Parallel()
	c := start(t, tableausim.Config{})
	alice := c.user("alice", "")
	total := func() string { return alice.get("workbooks").text("pagination", "totalAvailable") }
	before := total()
	p, err := c.sim.AddProject("", tableausim.Project{Name: "New", Owner: "maria.gonzalez", Access: []tableausim.Rule{{User: "alice"}}})
	if err != nil {
		t.Fatal(err)
	}
	w, err := c.sim.AddWorkbook("", tableausim.Workbook{Name: "Fresh", Project: p, Owner: "maria.gonzalez", Tags: []string{"new"}})
	if err != nil {
		t.Fatal(err)
	}
	if total() == before || alice.get("projects", "filter", "name:eq:New").text("pagination", "totalAvailable") != "1" {
		t.Error("the new things are not listed")
	}
	view := c.sim.ViewID("", "Fresh/sheets/Overview")
	if a := alice.get("views/" + view); a.status != 200 {
		t.Errorf("its view answered %d %s", a.status, a.code())
	}
	if err := c.sim.Deny("", view, "alice"); err != nil {
		t.Fatal(err)
	}
	if a := alice.get("views/" + view); a.code() != "404011" || alice.get("workbooks/"+w).status != 200 {
		t.Errorf("the denied view answered %d %s", a.status, a.code())
	}
	if err := c.sim.Deny("", w, "alice"); err != nil {
		t.Fatal(err)
	}
	if total() != before {
		t.Error("the denied workbook is still listed")
	}
}

func TestEditsOfWhatDoesNotExist(t *testing.T) {
	t.Parallel()
	sim := tableausim.New(tableausim.Config{})
	_, user := sim.AddUser("nowhere", tableausim.User{Name: "x"})
	_, twice := sim.AddUser("", tableausim.User{Name: "alice"})
	_, project := sim.AddProject("", tableausim.Project{Name: "x", Owner: "dave"})
	_, parent := sim.AddProject("", tableausim.Project{Name: "x", Owner: "alice", Parent: nobody})
	_, workbook := sim.AddWorkbook("", tableausim.Workbook{Name: "x", Owner: "alice", Project: nobody})
	_, access := sim.AddWorkbook("", tableausim.Workbook{Name: "x", Owner: "alice", Access: []tableausim.Rule{{User: "dave"}}})
	for name, err := range map[string]error{
		"user on no site": user, "user twice": twice, "owner of project": project, "parent": parent, "project of workbook": workbook, "rule": access,
		"delete": sim.DeleteUser("", "dave"), "rename": sim.RenameUser("dave", "x"), "role": sim.SetSiteRole("", "dave", "Viewer"),
		"deny": sim.Deny("", nobody, "alice"),
	} {
		if err == nil {
			t.Errorf("%s: no error", name)
		}
	}
}
