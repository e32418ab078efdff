package repotest

import (
	"fmt"
	"os"
	"slices"
	"strings"
	"testing"

	"vitrine/internal/config"
	"vitrine/internal/policy"
	"vitrine/internal/sessions"
	"vitrine/resolvers"
	"vitrine/test/harness"
)

// generatedParts are parts of documents that are written from the program, between two comments
// that name them.
var generatedParts = []struct {
	file, name string
	text       func(*testing.T) string
}{
	{"docs/operators/settings.md", "settings", func(*testing.T) string { return config.Reference() }},
	{"docs/sign-in-connected-app.md", "scopes", scopeTable},
}

// TestGeneratedPartsAreFresh holds that these parts are what the program gives. `make reference`
// rewrites them.
func TestGeneratedPartsAreFresh(t *testing.T) {
	t.Parallel()
	for _, part := range generatedParts {
		text := harness.ReadFile(t, part.file)
		begin, end := "<!-- "+part.name+": written by make reference -->\n", "<!-- end of "+part.name+" -->\n"
		before, rest, ok := strings.Cut(text, begin)
		is, after, closed := strings.Cut(rest, end)
		if !ok || !closed {
			t.Errorf("%s has no part %q between %q and %q", part.file, part.name, begin, end)
			continue
		}
		want := "\n" + strings.TrimSpace(part.text(t)) + "\n\n"
		switch {
		case is == want:
		case *harness.Update:
			if err := os.WriteFile(part.file, []byte(before+begin+want+end+after), 0o600); err != nil {
				t.Fatal(err)
			}
		default:
			t.Errorf("%s: the part %q is not what the program gives: run make reference", part.file, part.name)
		}
	}
}

// TestSettingsSchemaIsFresh holds that the JSON schema of the settings file is what the program
// gives. `make reference` rewrites it.
func TestSettingsSchemaIsFresh(t *testing.T) {
	t.Parallel()
	const file = "docs/operators/settings.schema.json"
	want := string(config.JSONSchema())
	if *harness.Update {
		if err := os.WriteFile(file, []byte(want), 0o644); err != nil {
			t.Fatal(err)
		}
		return
	}
	if harness.ReadFile(t, file) != want {
		t.Errorf("%s is not what the program gives: run make reference", file)
	}
}

// oldestJWT and newestJWT are the minor numbers of the REST API versions that are looked through:
// 3.16 is the first with JWTs.
const oldestJWT, newestJWT = 16, 30

// scopeTable is which scopes a JWT asks for, by area and version, from the same functions that the
// sign-in asks.
func scopeTable(t *testing.T) string {
	t.Helper()
	var b strings.Builder
	b.WriteString("| scope | from REST API | asked for where a role has |\n|---|---|---|\n")
	areas := map[string][]string{}
	var scopes []string
	catalog := scopesOf(t, "CATALOG")
	for _, area := range schemaAreas() {
		wanted := scopesOf(t, area)
		for _, scope := range scopesOf(t, "CATALOG", area) { // much of an area hangs off the catalog
			if !slices.Contains(catalog, scope) && !slices.Contains(wanted, scope) {
				wanted = append(wanted, scope)
			}
		}
		for _, scope := range wanted {
			areas[scope] = append(areas[scope], area)
			scopes = append(scopes, scope)
		}
	}
	slices.Sort(scopes)
	for _, scope := range slices.Compact(scopes) {
		where := strings.Join(areas[scope], ", ")
		if len(areas[scope]) == len(schemaAreas()) {
			where = "any area"
		}
		fmt.Fprintf(&b, "| `%s` | %s | %s |\n", scope, scopeFrom(scope), where)
	}
	return b.String()
}

// scopesOf are the scopes that a role with these areas needs.
func scopesOf(t *testing.T, areas ...string) []string {
	t.Helper()
	p, err := policy.New(resolvers.Schema(), []policy.Role{{Name: "only", Allow: areas}})
	if err != nil && len(areas) == 1 {
		return nil // the area has nothing by itself
	}
	if err != nil {
		t.Fatal(err)
	}
	scopes, err := resolvers.Scopes(p)
	if err != nil {
		t.Fatal(err)
	}
	return scopes
}

// scopeFrom is the first version in which a JWT names a scope.
func scopeFrom(scope string) string {
	for minor := oldestJWT; minor <= newestJWT; minor++ {
		version := fmt.Sprintf("3.%d", minor)
		if slices.Contains(sessions.ScopesFor([]string{scope}, version), scope) {
			return version
		}
	}
	return "a later version"
}

// schemaAreas are the areas that settings can name.
func schemaAreas() []string {
	var areas []string
	for _, v := range resolvers.Schema().Types["Area"].EnumValues {
		if v.Name != "ALWAYS" {
			areas = append(areas, v.Name)
		}
	}
	return areas
}
