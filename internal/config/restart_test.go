package config_test

import (
	"slices"
	"testing"
	"time"

	"vitrine/internal/config"
)

// settingsOf reads the file that has every key.
func settingsOf(t *testing.T) *config.Config {
	t.Helper()
	w := walkedFiles(t)[0]
	c, err := w.parse(t, w.tree)
	if err != nil {
		t.Fatal(err)
	}
	return c
}

func TestWhatNeedsARestartIsNamed(t *testing.T) {
	t.Parallel()
	for want, change := range map[string]func(*config.Config){
		"":            func(*config.Config) {},
		"listen":      func(c *config.Config) { c.Listen = ":9" },
		"tableau":     func(c *config.Config) { c.Tableau.Sites = c.Tableau.Sites[1:] },
		"keyFiles":    func(c *config.Config) { c.Keys = nil },
		"sharedStore": func(c *config.Config) { c.SharedStore.Timeout = time.Second },
		"log":         func(c *config.Config) { c.Log.Format = "json" },
		"audit":       func(c *config.Config) { c.Audit.Required = false },
		"traces":      func(c *config.Config) { c.Traces.Endpoint = "http://localhost:4318" },
		"tls":         func(c *config.Config) { c.TLS.CertFile = "other" },
	} {
		before, after := settingsOf(t), settingsOf(t)
		change(after)
		got := config.NeedsRestart(before, after)
		if want == "" && len(got) > 0 || want != "" && !slices.Equal(got, []string{want}) {
			t.Errorf("got %v, want %q", got, want)
		}
	}
	before, after := settingsOf(t), settingsOf(t)
	after.Roles, after.OIDC, after.CORS, after.Documents = after.Roles[1:], after.OIDC[1:], config.CORS{}, config.Documents{}
	after.Limits.Cost, after.Log.UserNames, after.Content.LinkLifetime = 1, true, time.Hour
	after.TLS.Cert, after.TLS.Key = []byte("renewed"), "renewed"
	after.Tableau.SignIn.Tokens[0].Secret = "renewed"
	if got := config.NeedsRestart(before, after); len(got) > 0 {
		t.Errorf("%v need a restart", got)
	}
}
