package server

import (
	"os"
	"path/filepath"
	"testing"

	"vitrine/internal/config"
	"vitrine/internal/sessions"
)

func TestSecretsOfFilesAreReadAgain(t *testing.T) {
	t.Parallel()
	file := filepath.Join(t.TempDir(), "secret")
	write := func(text string) {
		t.Helper()
		if err := os.WriteFile(file, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	write("a secret\n")
	signIn := config.SignIn{Method: config.MethodPersonalAccessToken, Tokens: []config.Token{
		{Name: "vitrine-1", Secret: "from the environment"}, {Name: "vitrine-2", Secret: "a secret", File: file},
	}}
	pat := methodOf(&signIn, "", nil).(sessions.PAT)
	write("another secret\n")
	if got, err := pat.Tokens[1].Reread(); err != nil || got.Reveal() != "another secret" {
		t.Errorf("Reread = %v, %v", got.Reveal() == "another secret", err)
	}
	if pat.Tokens[0].Reread != nil {
		t.Error("a secret of the environment is read again")
	}
}
