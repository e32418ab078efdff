package sessions

import (
	"context"
	"errors"
	"slices"
	"strings"
	"testing"
	"time"

	"vitrine/internal/tableau"
	"vitrine/internal/tableausim"
)

func TestNamesMayBeAsLongAsTheyAreInTableau(t *testing.T) {
	t.Parallel()
	for n, tooLong := range map[int]bool{1: false, maxName: false, maxName + 1: true} {
		name := strings.Repeat("x", n)
		for _, why := range []string{invalidName(name), invalidJWTName(name)} {
			if strings.Contains(why, "too long") != tooLong || !tooLong && why != "" {
				t.Errorf("a name of %d bytes: %q", n, why)
			}
		}
	}
}

// accounts answers each question about a name with the accounts that it lists.
func accounts(answers map[string][]tableau.Account) (ask finder, asked *[]string) {
	asked = &[]string{}
	return func(op, name string) ([]tableau.Account, error) {
		*asked = append(*asked, op+" "+name)
		return answers[op+" "+name], nil
	}, asked
}

func TestAmbiguousNamesAreRefusedWithTheReason(t *testing.T) {
	t.Parallel()
	account := func(name, domain string) tableau.Account { return tableau.Account{Name: name, Domain: domain} }
	const several, unclear, nobody = "several users have this name", "nobody has exactly this name", "nobody has this name"
	for title, c := range map[string]struct {
		wanted  string
		answers map[string][]tableau.Account
		found   string // domain of the account
		why     string
	}{
		"exact":                      {"bob", map[string][]tableau.Account{"eq bob": {account("bob", "a")}}, "a", ""},
		"exact among others":         {"bob", map[string][]tableau.Account{"eq bob": {account("Bob", "a"), account("bob", "b")}}, "b", ""},
		"exact twice":                {"bob", map[string][]tableau.Account{"eq bob": {account("bob", "a"), account("bob", "b")}}, "", several},
		"exact twice in one domain":  {`b\bob`, map[string][]tableau.Account{"eq bob": {account("bob", "a"), account("bob", "b")}}, "b", ""},
		"other case":                 {"bob", map[string][]tableau.Account{"cieq bob": {account("Bob", "a")}}, "a", ""},
		"other case twice":           {"bob", map[string][]tableau.Account{"cieq bob": {account("Bob", "a"), account("BOB", "b")}}, "", unclear},
		"other case, another domain": {`b\bob`, map[string][]tableau.Account{"cieq bob": {account("Bob", "a")}}, "", nobody},
		"in the second spelling":     {`b\bob`, map[string][]tableau.Account{"cieq bob": {account("Bob", "a")}, `cieq b\bob`: {account(`B\Bob`, "")}}, "", ""},
		"nobody":                     {"bob", nil, "", nobody},
	} {
		ask, _ := accounts(c.answers)
		got, why, err := find(parseUserName(c.wanted), ask)
		if err != nil || got.Domain != c.found || !strings.HasPrefix(why, c.why) || (why == "") != (c.why == "") || (got.Name == "") != (c.why != "") {
			t.Errorf("%s: %+v, %q, %v", title, got, why, err)
		}
	}
}

// All users are looked through once for a name that no filter can hold, and again only after that
// failed.
func TestAllUsersAreLookedThroughOnce(t *testing.T) {
	t.Parallel()
	wanted := parseUserName("lee, sam")
	filter, asked := accounts(nil)
	listed := 0
	ask := withoutGrammar(wanted, filter, func(keep func(tableau.Account) bool) ([]tableau.Account, error) {
		if listed++; listed == 1 {
			return nil, errors.New("a first time that fails")
		}
		return slices.DeleteFunc([]tableau.Account{{Name: "lee"}, {Name: "Lee, Sam"}, {Name: "lee, sam"}}, func(a tableau.Account) bool { return !keep(a) }), nil
	})
	if _, err := ask("eq", wanted.name); err == nil {
		t.Error("the failure is not passed on")
	}
	for range 3 {
		if got, err := ask("cieq", wanted.name); err != nil || len(got) != 2 {
			t.Errorf("%v, %v", got, err)
		}
	}
	if _, err := ask("eq", "sam"); err != nil || listed != 2 || !slices.Equal(*asked, []string{"eq sam"}) {
		t.Errorf("listed %d times, asked %v: %v", listed, *asked, err)
	}
}

// keptLUIDs is a sharedStore that notes for whom a LUID is kept.
type keptLUIDs struct {
	localStore
	kept []string
}

func (k *keptLUIDs) keepLUID(_ context.Context, _ string, who person, luid tableau.LUID, _ time.Duration) {
	k.kept = append(k.kept, who.name+" "+string(luid))
}

// Only a LUID that is known is written back to the store.
func TestOnlyKnownLUIDsAreWrittenBack(t *testing.T) {
	t.Parallel()
	b := start(t, tableausim.Config{}, nil)
	shared := &keptLUIDs{}
	m := b.sites[""].signer.(*impersonator)
	m.shared = shared
	m.luids.Put(person{name: "ann"}, seen{luid: "1"})
	for _, name := range []string{"ann", "ben"} {
		m.writeBack(t.Context(), person{name: name})
	}
	if !slices.Equal(shared.kept, []string{"ann 1"}) {
		t.Errorf("%v", shared.kept)
	}
}

// A session whose user's role was read ends after eight hours; where server administrators are
// served it does not.
func TestSessionsEndWhereRolesMayHaveChanged(t *testing.T) {
	t.Parallel()
	for admins, want := range map[bool]time.Duration{false: 8 * time.Hour, true: 0} {
		b := start(t, tableausim.Config{}, func(c *Config) { c.DangerouslyImpersonateServerAdministrators = admins })
		got, err := b.sites[""].signer.signIn(t.Context(), person{name: "alice"}, "")
		if err != nil || got.life != want {
			t.Errorf("%t: %s, %v", admins, got.life, err)
		}
		b.signOuts.discard(got.grant)
	}
}
