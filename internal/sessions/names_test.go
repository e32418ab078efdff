package sessions

import (
	"errors"
	"fmt"
	"net/url"
	"strings"
	"testing"
	"time"

	"vitrine/internal/tableau"
	"vitrine/internal/tableausim"
)

func TestHostileNamesNeverFindAnotherPerson(t *testing.T) {
	t.Parallel()
	b := start(t, tableausim.Config{}, nil)
	for _, name := range []string{
		"bob,name:eq:admin", "bob,name:eq:carol", "bob%2Cname:eq:carol", "bob&x", "bob&filter=name:eq:carol", "bob&amp;x",
		`OTHER\bob`, `\bob`, `bob\`, `local\bob\x`, `OTHER\jsmith`, `corp\bob`, "bob ", " bob", "bob\x00", "bob\n", "bob\t", "bob\x7f",
		"b*", "*", "bob:", ":eq:bob", "name:eq:bob", "[bob]", "bob\u200b", "b\u043eb", "bob\xff", "bob\ufffd", "",
		"jsmith", "KIM", "kIm", "\u212aim", "dave", "bjo\u0308rn.a\u030akesson", "walter.gone", "corp/jsmith", "jsmith@corp",
		strings.Repeat("b", 10_000),
	} {
		got, err := b.whoAmI(t.Context(), identity(name), "")
		if err == nil {
			t.Errorf("%q became %q", name, got)
			continue
		}
		if name != "" {
			wantCode(t, err, ErrUserUnknown, "TABLEAU_USER_UNKNOWN")
		}
	}
	if n := b.sim.Count(impersonated); n != 0 {
		t.Errorf("%d of these names were signed in", n)
	}
	for _, call := range b.sim.Log() {
		query, err := url.ParseQuery(call.Query)
		if _, value, _ := strings.Cut(query.Get("filter"), "eq:"); err != nil || strings.ContainsAny(value, filterGrammar+"\x00\n") {
			t.Errorf("this was sent: %q", call.Query)
		}
	}
}

func TestNamesFindExactlyTheirUser(t *testing.T) {
	t.Parallel()
	b := start(t, tableausim.Config{}, nil)
	for _, test := range []struct{ name, site, want, domain string }{
		{"alice", "", "alice", "local"},
		{"ALICE", "", "alice", "local"}, // the only one in any case
		{"Kim", "", "Kim", "local"},
		{"kim", "", "kim", "local"},
		{`corp\jsmith`, "", "jsmith", "corp"},
		{`CORP\jsmith`, "", "jsmith", "corp"},
		{`CORP\JSmith`, "marketing", "jsmith", "corp"},
		{`local\jsmith`, "", "jsmith", "local"},
		{"jsmith", "marketing", "jsmith", "corp"}, // the only one on this site
		{"pat.o'connor", "", "pat.o'connor", "local"},
		{"björn.åkesson", "", "björn.åkesson", "local"},
		{"BJÖRN.ÅKESSON", "", "björn.åkesson", "local"},
		{"dana@partner.example", "", "dana@partner.example", "local"},
		{"lee, sam", "", "lee, sam", "local"},
		{"r&d-kiosk", "", "r&d-kiosk", "local"},
		{`local\r&d-kiosk`, "", "r&d-kiosk", "local"},
	} {
		s, err := b.Session(t.Context(), identity(test.name), test.site)
		if err != nil {
			t.Fatal(err)
		}
		luid, err := s.UserLUID(t.Context())
		if err != nil {
			t.Errorf("%q: %v", test.name, err)
			continue
		}
		user, err := s.User(t.Context(), luid)
		if err != nil {
			t.Fatal(err)
		}
		if string(user.Name) != test.want || string(user.Domain()) != test.domain {
			t.Errorf(`%q on %q is %s\%s, want %s\%s`, test.name, test.site, user.Domain(), user.Name, test.domain, test.want)
		}
	}
}

// A name with any character of the filter grammar is found by exactly itself, among names that a
// filter would take for it, and enters no filter. A site with too many users says that such names
// cannot be served, and never that there is no such user.
func TestNamesWithFilterGrammarAreFoundWithoutAFilter(t *testing.T) {
	t.Parallel()
	b := start(t, tableausim.Config{}, nil)
	for _, c := range filterGrammar {
		if c == '\\' {
			continue // it ends a domain
		}
		name := "zoe" + string(c) + "x"
		for _, add := range []string{"zoe" + string(c), name, name + "y"} {
			if _, err := b.sim.AddUser("", tableausim.User{Name: add}); err != nil {
				t.Fatal(err)
			}
		}
		b.mustBe(t, name, "")
		wantCode(t, b.Access(t.Context(), identity("zoe"+string(c)+"z"), ""), ErrUserUnknown, "TABLEAU_USER_UNKNOWN")
	}
	for _, call := range b.sim.Log() {
		if query, err := url.ParseQuery(call.Query); err != nil || query.Get("filter") != "" {
			t.Errorf("this was sent: %q", call.Query)
		}
	}
	var e *Error
	if err := unlistable("a,b", "", tableau.ErrTooManyUsers); !errors.As(err, &e) || strings.Contains(e.Public(), "has no") ||
		!strings.Contains(e.Public(), "cannot be looked up") || e.Code() != "TABLEAU_USER_UNKNOWN" {
		t.Errorf("error %v", err)
	}
}

// TestFindReadsListsOfAllShapes has the answers that the stand-in does not give.
func TestFindReadsListsOfAllShapes(t *testing.T) {
	t.Parallel()
	account := func(domain, name string) tableau.Account {
		return tableau.Account{LUID: tableau.LUID(domain + "/" + name), Name: name, Domain: domain}
	}
	for name, test := range map[string]struct {
		wanted string
		listed []tableau.Account
		want   tableau.LUID
	}{
		"domain in the name":                  {`CORP\jsmith`, []tableau.Account{account("", `CORP\jsmith`)}, `/CORP\jsmith`},
		"domain in the name and beside it":    {`CORP\jsmith`, []tableau.Account{account("corp", `CORP\jsmith`)}, `corp/CORP\jsmith`},
		"domain in the name, other beside it": {`CORP\jsmith`, []tableau.Account{account("other", `CORP\jsmith`)}, ""},
		"domain is missing":                   {`CORP\jsmith`, []tableau.Account{account("", "jsmith")}, ""},
		"longer domain":                       {`CORP\jsmith`, []tableau.Account{account("corp.example.com", "jsmith")}, ""},
		"server that ignores case in eq":      {"kim", []tableau.Account{account("local", "Kim"), account("local", "kim")}, "local/kim"},
		"server that ignores the filter":      {"bob", []tableau.Account{account("local", "admin")}, ""},
		"the same name in two domains":        {"bob", []tableau.Account{account("a", "bob"), account("b", "bob")}, ""},
		"only another case, in two domains":   {"BOB", []tableau.Account{account("a", "bob"), account("b", "bob")}, ""},
		"only another case and one more":      {"BOB", []tableau.Account{account("a", "bob"), account("a", "bobby")}, ""},
		"Kelvin sign":                         {"\u212aim", []tableau.Account{account("local", "kim")}, ""},
		"long s":                              {"jo\u017f", []tableau.Account{account("local", "jos")}, ""},
		"dotless i":                           {"k\u0131m", []tableau.Account{account("local", "kim")}, ""},
		"nobody":                              {"bob", nil, ""},
	} {
		got, why, err := find(parseUserName(test.wanted), func(_, _ string) ([]tableau.Account, error) { return test.listed, nil })
		if err != nil || got.LUID != test.want || (why == "") != (test.want != "") {
			t.Errorf("%s: found %q (%s, %v), want %q", name, got.LUID, why, err, test.want)
		}
	}
}

func TestFindPassesTroubleOn(t *testing.T) {
	t.Parallel()
	trouble := errors.New("trouble")
	for _, at := range []string{"eq", "cieq"} {
		_, _, err := find(userName{"", "bob"}, func(op, _ string) ([]tableau.Account, error) {
			if op == at {
				return nil, trouble
			}
			return nil, nil
		})
		if !errors.Is(err, trouble) {
			t.Errorf("at %s: %v", at, err)
		}
	}
}

func TestServerAdministratorsAreRefusedUnlessAllowed(t *testing.T) {
	t.Parallel()
	for _, allowed := range []bool{false, true} {
		t.Run(fmt.Sprint(allowed), func(t *testing.T) {
			t.Parallel()
			b := start(t, tableausim.Config{}, func(c *Config) { c.DangerouslyImpersonateServerAdministrators = allowed })
			err := b.Access(t.Context(), identity("admin"), "")
			if allowed {
				if err != nil {
					t.Error(err)
				}
				return
			}
			wantCode(t, err, ErrServerAdministrator, "TABLEAU_USER_UNKNOWN")
			b.mustBe(t, "carol", "") // administrators of a site are served
			if n := b.sim.Count(impersonated); n != 1 {
				t.Errorf("%d impersonated sign-ins", n)
			}
		})
	}
}

// Who has become a server administrator is served until the next sign-in that is more than an hour
// after the role was last read, and is signed in again after some hours even when reading all the
// time.
func TestPromotedServerAdministratorIsFoundOut(t *testing.T) {
	t.Parallel()
	for name, world := range map[string]tableausim.Config{"now": {}, "a server without sessions/current": {APIVersion: "3.0"}} {
		for _, m := range []Method{password, onePAT, twoPATs} {
			if _, pat := m.(PAT); pat && world.APIVersion != "" {
				continue // it has no tokens yet
			}
			t.Run(name+" "+m.String(), func(t *testing.T) {
				t.Parallel()
				b := start(t, world, by(m))
				b.mustBe(t, "alice", "")
				b.mustBe(t, "bob", "")
				if err := b.sim.SetSiteRole("", "alice", "ServerAdministrator"); err != nil {
					t.Fatal(err)
				}
				for range 16 { // half an hour each
					b.clock.advance(30 * time.Minute)
					b.mustBe(t, "bob", "")
					_ = b.Access(t.Context(), identity("alice"), "")
				}
				b.clock.advance(time.Minute)
				wantCode(t, b.Access(t.Context(), identity("alice"), ""), ErrServerAdministrator, "TABLEAU_USER_UNKNOWN")
				b.mustBe(t, "bob", "")
				b.quiet(t)
				if n, _ := b.sessionsOf("alice"); n != 0 {
					t.Errorf("the administrator has %d sessions", n)
				}
			})
		}
	}
}

func TestSiteRoleIsReadAgainAtSignInsAfterAnHour(t *testing.T) {
	t.Parallel()
	b := start(t, tableausim.Config{}, nil)
	again := func(after time.Duration) {
		b.clock.advance(after)
		b.sim.EndSessions(nil)
		b.mustBe(t, "alice", "")
	}
	b.mustBe(t, "alice", "")
	again(59 * time.Minute)
	if n := b.sim.Count("GET sessions/current"); n != 0 {
		t.Errorf("%d looks at the role within an hour", n)
	}
	for range 3 { // one look an hour
		again(time.Minute)
		again(59 * time.Minute)
	}
	if looks, lookUps := b.sim.Count("GET sessions/current"), b.sim.Count(lookUp); looks != 3 || lookUps != 1 {
		t.Errorf("%d looks at the role in three hours, and %d look-ups", looks, lookUps)
	}
}

func TestSiteRolesDecideWhoIsServed(t *testing.T) {
	t.Parallel()
	for role, want := range map[tableau.SiteRole]roleClass{
		"Viewer": served, "Explorer": served, "SiteAdministratorCreator": served, "Interactor": served, "SomethingNew": served,
		"Unlicensed": unlicensed, "UNLICENSED": unlicensed, "UnlicensedWithPublish": unlicensed, "Guest": unlicensed,
		"ServerAdministrator": administrator, "serveradministrator": administrator, "SupportUser": administrator, "": administrator,
	} {
		if got := roleClassOf(role); got != want {
			t.Errorf("%q: %v, want %v", role, got, want)
		}
	}
}

func TestStrangerCostsABoundedNumberOfLookUps(t *testing.T) {
	t.Parallel()
	b := start(t, tableausim.Config{}, nil)
	for range 1000 {
		wantCode(t, b.Access(t.Context(), identity("dave"), ""), ErrUserUnknown, "TABLEAU_USER_UNKNOWN")
	}
	wantCounts(t, b, map[string]int{plainSignIn: 1, lookUp: 2}) // exact, then any case
	b.mustBe(t, "alice", "")

	if _, err := b.sim.AddUser("", tableausim.User{Name: "dave"}); err != nil {
		t.Fatal(err)
	}
	b.clock.advance(29 * time.Second)
	wantCode(t, b.Access(t.Context(), identity("dave"), ""), ErrUserUnknown, "TABLEAU_USER_UNKNOWN")
	b.clock.advance(2 * time.Second)
	b.mustBe(t, "dave", "")
}

func TestUserWhoIsMadeAgainIsLookedUpOnceMore(t *testing.T) {
	t.Parallel()
	b := start(t, tableausim.Config{}, nil)
	b.mustBe(t, "bob", "")
	old := b.sim.UserID("", "bob")
	if err := b.sim.DeleteUser("", "bob"); err != nil {
		t.Fatal(err)
	}
	if _, err := b.sim.AddUser("", tableausim.User{Name: "bob"}); err != nil {
		t.Fatal(err)
	}
	s, err := b.Session(t.Context(), identity("bob"), "")
	if err != nil {
		t.Fatal(err)
	}
	if _, err := s.User(t.Context(), tableau.LUID(b.sim.UserID("", "bob"))); err != nil {
		t.Errorf("the first read after the change: %v", err)
	}
	luid, err := s.UserLUID(t.Context())
	if err != nil || string(luid) == old || string(luid) != b.sim.UserID("", "bob") {
		t.Errorf("LUID %s, %v; was %s", luid, err, old)
	}
	wantCounts(t, b, map[string]int{plainSignIn: 1, lookUp: 2, impersonated: 3})
}

func TestUserWhoIsDeletedIsRefused(t *testing.T) {
	t.Parallel()
	b := start(t, tableausim.Config{}, nil)
	b.mustBe(t, "bob", "")
	if err := b.sim.DeleteUser("", "bob"); err != nil {
		t.Fatal(err)
	}
	_, err := b.whoAmI(t.Context(), identity("bob"), "")
	wantCode(t, err, ErrUserUnknown, "TABLEAU_USER_UNKNOWN")
	b.mustBe(t, "alice", "")
}

func TestUserWhoLosesTheLicenseIsHeldAgainstNobodyElse(t *testing.T) {
	t.Parallel()
	for _, m := range []Method{password, onePAT, twoPATs} {
		t.Run(m.String(), func(t *testing.T) {
			t.Parallel()
			b := start(t, tableausim.Config{}, by(m))
			b.mustBe(t, "bob", "")
			if err := b.sim.SetSiteRole("", "bob", "Unlicensed"); err != nil {
				t.Fatal(err)
			}
			b.sim.EndSessions(func(s tableausim.SessionInfo) bool { return s.User == "bob" })
			for range 100 {
				if err := b.Access(t.Context(), identity("carol"), ""); err != nil {
					t.Fatal(err)
				}
				_, err := b.whoAmI(t.Context(), identity("bob"), "")
				wantCode(t, err, ErrUserUnknown, "TABLEAU_USER_UNKNOWN")
			}
			b.mustBe(t, "alice", "")
			if n := b.sim.Count(impersonated); n != 4 { // bob, bob refused, carol, alice
				t.Errorf("%d impersonated sign-ins", n)
			}
		})
	}
}

func TestNameThatIsGivenToSomebodyElseIsLookedUpAnew(t *testing.T) {
	t.Parallel()
	b := start(t, tableausim.Config{}, nil)
	b.mustBe(t, "bob", "")
	if err := b.sim.RenameUser("bob", "robert"); err != nil {
		t.Fatal(err)
	}
	luid, err := b.sim.AddUser("", tableausim.User{Name: "bob"})
	if err != nil {
		t.Fatal(err)
	}
	newBob := identity("bob")
	newBob.Subject = "somebody new"
	s, err := b.Session(t.Context(), newBob, "")
	if err != nil {
		t.Fatal(err)
	}
	if got, err := s.UserLUID(t.Context()); err != nil || string(got) != luid {
		t.Errorf("the new bob has LUID %s, %v, want %s", got, err, luid)
	}
}

func TestLUIDsOutliveSessions(t *testing.T) {
	t.Parallel()
	b := start(t, tableausim.Config{}, nil)
	b.mustBe(t, "alice", "")
	b.clock.advance(5 * time.Hour) // all sessions are over
	b.mustBe(t, "alice", "")
	wantCounts(t, b, map[string]int{plainSignIn: 1, lookUp: 1, impersonated: 2})
	b.clock.advance(20 * time.Hour)
	b.mustBe(t, "alice", "")
	wantCounts(t, b, map[string]int{plainSignIn: 2, lookUp: 2, impersonated: 3})
}
