package program

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"vitrine/internal/config"
	"vitrine/internal/server"
	"vitrine/test/harness"
)

// What is wrong with roles is reported with its line, beside all else that is wrong with the file.
func TestProblemsOfRolesHaveAPlaceBesideAllOthers(t *testing.T) {
	t.Parallel()
	file := filepath.Join(t.TempDir(), "vitrine.yaml")
	text := `listen: nowhere
tableau:
  url: https://tableau.example.com
  signIn: {method: password, name: vitrine, passwordEnv: TABLEAU_PASSWORD}
  sites: [""]
oidc: [{issuer: "https://login.example.com", audiences: [vitrine]}]
roles:
  - {name: everyone, allow: [CATALOGS, CATALOG], deny: [Workbook.named]}
  - {name: everyone, allow: [Group.*], deny: [PEOPLE]}
  - {name: closed, allow: [CATALOG], deny: [Query]}
  - {name: places, allow: [CATALOG], sites: [marketing]}
  - {name: nothing, allow: ["a b"]}
limits: {tokens: 7}
`
	if err := os.WriteFile(file, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	_, _, err := call(t, map[string]string{"TABLEAU_PASSWORD": "secret"}, "serve", "--config", file)
	if err == nil {
		t.Fatal("serve started")
	}
	got := strings.ReplaceAll(err.Error(), file, "F")
	for _, want := range []string{
		"F:1:1: listen", `F:8:30: roles[0].allow[0] "CATALOGS" the schema has no such area or type`,
		`F:8:57: roles[0].deny[0] "Workbook.named" Workbook has no "named"`, `F:9:5: roles[1] "everyone" is the same as roles[0]`,
		`F:9:30: roles[1].allow[0] "Group.*" it opens nothing: the role denies all of it`, `F:10:5: roles[2] what it denies leaves nothing to ask`,
		`F:11:46: roles[3].sites[0] "marketing" is not in tableau.sites`, `F:12:29: roles[4].allow[0] "a b" is neither an area`, "F:13:10: limits.tokens",
	} {
		if !strings.Contains(got, want) {
			t.Errorf("no %q", want)
		}
	}
	if n := strings.Count(got, "\n"); n != 9 {
		t.Errorf("%d lines for 9 problems", n)
	}
	if t.Failed() {
		t.Log(got)
	}
}

// FuzzRoles: whatever a settings file has as roles, it is read or refused, with a bounded text, and
// what is read has a schema.
func FuzzRoles(f *testing.F) {
	for _, roles := range []string{
		"[{name: everyone, allow: [CATALOG]}]", "[{name: a, when: {claim: x, contains: y}, allow: [User.*], deny: [Workbook, Node.*]}]",
		"[{name: a, deny: [Query]}, {name: a, sites: [\"\"], limits: {first: 1}}]", "[{name: a, allow: [Query.site, \"*\", .x, Site.]}]", "x", "[[]]", "[{when: {}}]",
	} {
		f.Add(roles)
	}
	f.Fuzz(func(t *testing.T, roles string) {
		getenv := func(name string) string {
			if strings.HasPrefix(name, "OTEL_") {
				return ""
			}
			return "a secret that is long enough to sign with"
		}
		settings, _, err := config.Parse("fuzz.yaml", []byte("roles: "+roles+"\n"+harness.BesideRoles), getenv, os.ReadFile, server.CheckRoles)
		if err != nil {
			if n := len(err.Error()); n > 100_000 {
				t.Errorf("%d bytes of problems for a file of %d", n, len(roles))
			}
			return
		}
		p, err := server.NewPolicy(settings)
		if err != nil {
			t.Fatalf("Parse takes what the program refuses: %v", err)
		}
		for _, role := range settings.Roles {
			if sdl, err := p.SDLFor(role.Name); err != nil || sdl == "" {
				t.Errorf("role %q: %v", role.Name, err)
			}
		}
	})
}
