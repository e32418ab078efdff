package program

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"vitrine/internal/standin"
	"vitrine/internal/tableausim"
	"vitrine/test/harness"
)

// patSettings is a settings file with so many personal access tokens, and their secrets in files
// beside it.
func patSettings(t *testing.T, s *standin.Servers, n int) string {
	t.Helper()
	file := harness.SettingsFile(t, s, "")
	var tokens []string
	for i := range n {
		name := fmt.Sprintf("vitrine-%d", i+1)
		if err := os.WriteFile(filepath.Join(filepath.Dir(file), name), []byte(s.Tableau.PATs()[name]), 0o600); err != nil {
			t.Fatal(err)
		}
		tokens = append(tokens, fmt.Sprintf("{name: %[1]s, secretFile: %[1]s}", name))
	}
	text, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	many := strings.Replace(string(text), "{name: vitrine-1, secretFile: pat}", strings.Join(tokens, ", "), 1)
	if err := os.WriteFile(file, []byte(many), 0o600); err != nil {
		t.Fatal(err)
	}
	return file
}

func TestCheckSaysHowManyPeopleTokensCarry(t *testing.T) {
	t.Parallel()
	for displaces, want := range map[bool]string{
		true:  "each impersonation ends the one before: this set-up carries 2 people at a time, one per token that impersonates",
		false: "impersonated sessions live beside each other: this set-up carries any number of people",
	} {
		s, err := standin.Start("127.0.0.1:0", "127.0.0.1:0", tableausim.Config{PATDisplacesImpersonated: displaces})
		if err != nil {
			t.Fatal(err)
		}
		defer s.Close()
		if err := s.Tableau.AddPAT(tableausim.PAT{Name: "vitrine-3", Lifetime: 12 * 24 * time.Hour}); err != nil {
			t.Fatal(err)
		}
		out, _, err := call(t, nil, "check", "--config", patSettings(t, s, 3))
		if err != nil || !strings.Contains(out, want) {
			t.Errorf("check does not say %q: %v\n%s", want, err, out)
		}
		if n := strings.Count(out, "ends in "); n != 1 || !strings.Contains(out, `"vitrine-3" ends in 12 days`) {
			t.Errorf("the end of a token is reported %d times:\n%s", n, out)
		}
		if n := len(s.Tableau.Sessions()); n != 0 {
			t.Errorf("check left %d sessions behind", n)
		}
		file := patSettings(t, s, 3)
		s.Tableau.ExpirePAT("vitrine-2")
		out, _, err = call(t, nil, "check", "--config", file)
		if err == nil || strings.Count(out, "FAILED") != 2 { // on two sites
			t.Errorf("a token has ended, and check says: %v\n%s", err, out)
		}
	}
}
