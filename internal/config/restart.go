package config

import (
	"reflect"
	"slices"
	"strings"
	"unicode"
)

// NeedsRestart lists the keys at the top of the settings file in which two settings differ and which
// take effect at a start only. All others can be replaced while the server runs.
func NeedsRestart(before, after *Config) (keys []string) {
	a, b := withoutReloadable(before), withoutReloadable(after)
	va, vb := reflect.ValueOf(a), reflect.ValueOf(b)
	for i := range va.NumField() {
		if !reflect.DeepEqual(va.Field(i).Interface(), vb.Field(i).Interface()) {
			keys = append(keys, topKey(va.Type().Field(i).Name))
		}
	}
	slices.Sort(keys)
	return keys
}

// withoutReloadable leaves out what a reload replaces, and secrets and certificates that are read
// again whenever their files change.
func withoutReloadable(c *Config) Config {
	kept := *c
	kept.OIDC, kept.Roles, kept.CORS, kept.Limits, kept.Content, kept.Documents, kept.Playground = nil, nil, CORS{}, Limits{}, Content{}, Documents{}, Page{}
	kept.Gallery, kept.Federation = Page{}, false
	kept.DangerouslySharedNames, kept.Log.UserNames = false, false
	if kept.TLS.CertFile != "" {
		kept.TLS.Cert = nil
	}
	if kept.TLS.KeyFile != "" {
		kept.TLS.Key = ""
	}
	kept.Tableau.SignIn, kept.Tableau.Embed = withoutReread(kept.Tableau.SignIn), nil
	kept.Tableau.Sites = slices.Clone(kept.Tableau.Sites)
	for i, site := range kept.Tableau.Sites {
		kept.Tableau.Sites[i].Embed = nil
		if site.SignIn != nil {
			own := withoutReread(*site.SignIn)
			kept.Tableau.Sites[i].SignIn = &own
		}
	}
	return kept
}

// withoutReread leaves out the secrets of files that sign-ins read again, and what JWTs are signed
// with.
func withoutReread(s SignIn) SignIn {
	s.SecretID, s.Secret, s.Key, s.KeyID = "", "", "", ""
	if s.PasswordFile != "" {
		s.Password = ""
	}
	s.Tokens = slices.Clone(s.Tokens)
	for i := range s.Tokens {
		if s.Tokens[i].File != "" {
			s.Tokens[i].Secret = ""
		}
	}
	return s
}

// topKey is the key of a field of [Config].
func topKey(field string) string {
	switch field {
	case "OIDC", "CORS", "TLS":
		return strings.ToLower(field)
	case "Keys":
		return "keyFiles"
	}
	r := []rune(field)
	r[0] = unicode.ToLower(r[0])
	return string(r)
}
