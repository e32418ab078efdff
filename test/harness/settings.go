package harness

import (
	"fmt"
	"os"
	"path/filepath"
	"testing"

	"vitrine/internal/standin"
)

// ReadFile returns the text of a file of the repository.
func ReadFile(t *testing.T, file string) string {
	t.Helper()
	text, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	return string(text)
}

// BesideRoles is what a settings file needs beside the roles that a document shows alone.
const BesideRoles = `
tableau:
  url: https://tableau.example.com
  signIn: {method: password, name: vitrine, passwordEnv: TABLEAU_PASSWORD}
  sites: [""]
oidc: [{issuer: "https://login.example.com", audiences: [vitrine]}]
`

// SettingsFile writes a settings file for the stand-ins, with the secrets in files of their own.
func SettingsFile(t *testing.T, s *standin.Servers, secret string) string {
	t.Helper()
	dir := t.TempDir()
	if secret == "" {
		secret = s.Tableau.PATs()["vitrine-1"]
	}
	write := func(name, text string) string {
		file := filepath.Join(dir, name)
		if err := os.WriteFile(file, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
		return file
	}
	write("pat", secret+"\n")
	return write("vitrine.yaml", fmt.Sprintf(`
listen: "127.0.0.1:0"
shutdown: {delay: 0s}
tableau:
  url: %q
  signIn: {method: personalAccessToken, tokens: [{name: vitrine-1, secretFile: pat}]}
  sites: ["", marketing]
oidc:
  - issuer: %q
    audiences: [vitrine]
    username: {claim: preferred_username}
roles:
  - {name: everyone, allow: [CATALOG]}
  - {name: analysts, when: {group: bi-analysts}, allow: [PEOPLE], deny: [User.email]}
`, s.TableauURL, s.Issuer))
}
