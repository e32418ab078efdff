package server

import (
	"os"
	"strings"
	"testing"

	"vitrine/internal/config"
)

func TestIssuersThatShareNamesAreReportedWithTheirLine(t *testing.T) {
	t.Parallel()
	const text = `tableau:
  url: https://tableau.example.com
  signIn: {method: password, name: vitrine, passwordEnv: PASSWORD}
  sites: [""]
oidc:
  - {issuer: "https://one.example.com", audiences: [vitrine]}
  - {issuer: "https://two.example.com", audiences: [vitrine]}
roles: [{name: everyone, allow: [NOTHING]}]
`
	getenv := func(name string) string { return map[string]string{"PASSWORD": "secret"}[name] }
	_, _, err := config.Parse("f.yaml", []byte(text), getenv, os.ReadFile, CheckRoles, CheckIssuers)
	for _, want := range []string{
		`f.yaml:7:`, `oidc[1].issuer "https://two.example.com" can give the same Tableau user name as issuer "https://one.example.com"`, "f.yaml:8:",
	} {
		if err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("the error lacks %q:\n%v", want, err)
		}
	}
	allowed := strings.Replace(text, "NOTHING", "CATALOG", 1) + "dangerouslySharedNames: true\n"
	if _, _, err := config.Parse("f.yaml", []byte(allowed), getenv, os.ReadFile, CheckRoles, CheckIssuers); err != nil {
		t.Errorf("shared names that the settings accept: %v", err)
	}
}
