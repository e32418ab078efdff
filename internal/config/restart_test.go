package config_test

import (
	"net/netip"
	"reflect"
	"slices"
	"strings"
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

// reloadable are the settings that a reload replaces, as docs/operators/upgrading.md lists them: a
// name stands for all below it.
var reloadable = []string{
	"OIDC", "Roles", "CORS", "Limits", "Content", "Documents", "Playground", "Gallery", "Federation", "Log.UserNames", "DangerouslySharedNames",
	"TLS.Cert", "TLS.Key", // from files
	"Tableau.SignIn.Password", "Tableau.SignIn.Tokens.Secret", // from files
	"Tableau.SignIn.SecretID", "Tableau.SignIn.Secret", "Tableau.SignIn.Key", "Tableau.SignIn.KeyID", "Tableau.Embed",
	"Tableau.Sites.Embed", "Tableau.Sites.SignIn.Password", "Tableau.Sites.SignIn.Tokens.Secret",
	"Tableau.Sites.SignIn.SecretID", "Tableau.Sites.SignIn.Secret", "Tableau.Sites.SignIn.Key", "Tableau.Sites.SignIn.KeyID",
}

// TestEachSettingIsReloadableOrRefused changes each setting by itself. One that is neither in the
// list above nor refused would be read again and ignored.
func TestEachSettingIsReloadableOrRefused(t *testing.T) {
	t.Parallel()
	var names []string
	for i := range 1000 {
		before, after := wholeSettings(), wholeSettings()
		left := i
		name := changeLeaf(reflect.ValueOf(after).Elem(), "", &left)
		if name == "" {
			break
		}
		names = append(names, name)
		want := !slices.ContainsFunc(reloadable, func(r string) bool { return name == r || strings.HasPrefix(name, r+".") })
		if got := config.NeedsRestart(before, after); len(got) > 1 || (len(got) == 1) != want {
			t.Errorf("a change of %s needs a restart for %v; expected: %t", name, got, want)
		}
	}
	for _, r := range reloadable {
		if !slices.ContainsFunc(names, func(name string) bool { return name == r || strings.HasPrefix(name, r+".") }) {
			t.Errorf("%s was not changed", r)
		}
	}
	if len(names) < 80 {
		t.Errorf("only %d settings: %v", len(names), names)
	}
}

// wholeSettings are settings with all that a site can have, whose secrets come from files.
func wholeSettings() *config.Config {
	c := config.Default()
	c.TLS.CertFile, c.TLS.KeyFile = "cert.pem", "key.pem"
	signIn := config.SignIn{PasswordFile: "password", Tokens: []config.Token{{Name: "one", File: "one"}}}
	c.Tableau.SignIn, c.Tableau.Embed = signIn, &config.Embed{}
	own := signIn
	own.Tokens = slices.Clone(signIn.Tokens)
	c.Tableau.Sites = []config.Site{{SignIn: &own, Embed: &config.Embed{}}}
	return c
}

// changeLeaf changes the value number left among those of v, and returns its name.
func changeLeaf(v reflect.Value, name string, left *int) string {
	switch v.Kind() {
	case reflect.Pointer:
		if !v.IsNil() {
			return changeLeaf(v.Elem(), name, left)
		}
	case reflect.Struct:
		if v.Type() == reflect.TypeFor[netip.Prefix]() {
			break
		}
		for f, field := range v.Fields() {
			if !f.IsExported() {
				continue
			}
			if changed := changeLeaf(field, strings.TrimPrefix(name+"."+f.Name, "."), left); changed != "" {
				return changed
			}
		}
		return ""
	case reflect.Slice:
		if v.Len() > 0 && v.Type().Elem().Kind() == reflect.Struct && v.Type().Elem() != reflect.TypeFor[netip.Prefix]() {
			return changeLeaf(v.Index(0), name, left)
		}
	}
	if *left--; *left >= 0 {
		return ""
	}
	switch v.Kind() {
	case reflect.String:
		v.SetString(v.String() + "x")
	case reflect.Bool:
		v.SetBool(!v.Bool())
	case reflect.Int, reflect.Int64:
		v.SetInt(v.Int() + 1)
	case reflect.Float64:
		v.SetFloat(v.Float() + 1)
	case reflect.Slice:
		v.Set(reflect.Append(v, reflect.Zero(v.Type().Elem())))
	case reflect.Map:
		v.Set(reflect.MakeMap(v.Type()))
		v.SetMapIndex(reflect.New(v.Type().Key()).Elem(), reflect.New(v.Type().Elem()).Elem())
	case reflect.Pointer:
		v.Set(reflect.New(v.Type().Elem()))
	default:
		return name + ": unknown kind " + v.Kind().String()
	}
	return name
}
