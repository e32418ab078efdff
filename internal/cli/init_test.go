package cli

import (
	"bytes"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"vitrine/internal/config"
	"vitrine/internal/server"
)

// initIn runs init in a directory of its own, with answers on standard input.
func initIn(t *testing.T, in string, flags ...string) (dir, out string, err error) {
	t.Helper()
	dir = t.TempDir()
	var o bytes.Buffer
	args := append([]string{"--file", filepath.Join(dir, "vitrine.yaml")}, flags...)
	err = runWith(t.Context(), append([]string{"init"}, args...), func(string) string { return "" }, strings.NewReader(in), nil, &o, &o)
	return dir, o.String(), err
}

// loadInit reads what init wrote, as check does.
func loadInit(dir string) (*config.Config, error) {
	c, _, err := config.Load(filepath.Join(dir, "vitrine.yaml"), func(string) string { return "" }, os.ReadFile, server.CheckRoles, server.CheckIssuers)
	return c, err
}

// TestInitWritesSettingsThatLackTheSecretAlone asks for each method, by questions and by flags.
func TestInitWritesSettingsThatLackTheSecretAlone(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		name, in, secret string
		flags            []string
	}{
		{"questions", "https://tableau.example.com\nmarketing, -\nhttps://login.example.com\nvitrine\n", "tableau-pat", nil},
		{"cloud", "https://10ax.online.tableau.com\nacme\nhttps://login.example.com\nvitrine\n", "connected-app", nil},
		{"flags", "", "tableau-password", []string{
			"--tableau", "https://tableau.example.com", "--sites", "-", "--issuer", "https://login.example.com/", "--audience", `api://"odd"`, "--method", "password",
		}},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			dir, out, err := initIn(t, c.in, c.flags...)
			if err != nil {
				t.Fatal(err)
			}
			_, err = loadInit(dir)
			if err == nil || strings.Count(err.Error(), "\n") > 0 || !strings.Contains(err.Error(), c.secret) {
				t.Errorf("without the secret: %v", err)
			}
			if !strings.Contains(out, c.secret) {
				t.Errorf("it does not say where the secret goes: %s", out)
			}
			if err := os.WriteFile(filepath.Join(dir, "secrets", c.secret), []byte("s3cret\n"), 0o600); err != nil {
				t.Fatal(err)
			}
			settings, err := loadInit(dir)
			if err != nil {
				t.Fatal(err)
			}
			if c.name == "questions" && (len(settings.Tableau.Sites) != 2 || settings.Tableau.Sites[1].ContentURL != "") {
				t.Errorf("sites are %v", settings.Tableau.Sites)
			}
			if _, err := os.Stat(filepath.Join(dir, "vitrine.schema.json")); err != nil {
				t.Error(err)
			}
			if info, err := os.Stat(filepath.Join(dir, "secrets")); err != nil || info.Mode().Perm() != 0o700 {
				t.Errorf("the directory of secrets: %v, %v", info, err)
			}
		})
	}
}

func TestInitRefusesWhatDoesNotWork(t *testing.T) {
	t.Parallel()
	good := []string{"--tableau", "https://tableau.example.com", "--sites", "-", "--issuer", "https://login.example.com", "--audience", "vitrine"}
	for want, flags := range map[string][]string{
		"--audience":             good[:6],
		"tableau.url":            append([]string{"--tableau", "tableau.example.com"}, good[2:]...),
		"is not a method":        append([]string{"--method", "pat"}, good...),
		"tableau.sites[1]":       append([]string{"--sites", "a,a"}, append([]string{"--tableau", "https://tableau.example.com"}, good[4:]...)...),
		"is not overwritten: re": append(good, "--file", os.Args[0]),
	} {
		dir, _, err := initIn(t, "", flags...)
		if err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%v gives %v, want %q", flags, err, want)
		}
		if files, _ := os.ReadDir(dir); len(files) > 0 {
			t.Errorf("%v leaves %v", flags, files)
		}
	}
}
