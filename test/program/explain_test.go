package program

import (
	"encoding/base64"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

const explainedSettings = `tableau:
  url: https://tableau.example.com
  signIn: {method: password, name: vitrine, passwordEnv: TABLEAU_PASSWORD}
  sites: ["", marketing, finance]
oidc: [{issuer: "https://login.example.com", audiences: [vitrine], username: {claim: email, stripDomain: example.com}}]
roles:
  - {name: everyone, when: {scope: bi.read}, allow: [CATALOG], limits: {first: 100}}
  - {name: sales, when: {claim: org.department, equals: Sales}, sites: [marketing], limits: {first: 500}}
  - {name: analysts, when: {group: bi-analysts}, allow: [PEOPLE], deny: [User.email]}
  - {name: portal, when: {client: portal}, introspection: false}
limits: {perPerson: 20000}
`

func explanationOf(t *testing.T, claims string) string {
	t.Helper()
	dir := t.TempDir()
	for name, text := range map[string]string{"vitrine.yaml": explainedSettings, "claims.json": claims} {
		if err := os.WriteFile(filepath.Join(dir, name), []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	out, _, err := call(t, map[string]string{"TABLEAU_PASSWORD": "secret"}, "explain",
		"--config", filepath.Join(dir, "vitrine.yaml"), "--claims", filepath.Join(dir, "claims.json"))
	if err != nil {
		return out + "error: " + err.Error()
	}
	return out
}

func TestExplainSaysWhatClaimsGiveAndWhy(t *testing.T) {
	t.Parallel()
	got := explanationOf(t, `{"iss":"https://login.example.com","sub":"u-1","aud":"vitrine","exp":4102444800,"scope":"openid bi.read",`+
		`"client_id":"portal","email":"anna@example.com","email_verified":true,"groups":["staff"],"org":{"department":"Sales"}}`)
	want := `issuer        https://login.example.com
subject       u-1
Tableau user  "anna", by oidc[].username; check --user or --token finds out whether Tableau knows it
groups        "staff"
scopes        "bi.read", "openid"
client        "portal"
claim         org.department: "Sales"
role          everyone: yes, it is for scope "bi.read"
role          sales: yes, it is for claim "org.department" is "Sales"
no role       analysts: the groups do not hold "bi-analysts"
role          portal: yes, it is for client "portal"
sites         "marketing"  (role sales)
areas         "CATALOG"
first         500  (role everyone, sales)
rows          10000  (limits.first: no role names it)
introspection no  (role portal)
budget        20000 points a minute
schema        vitrine schema --config FILE --role everyone,portal,sales prints it
`
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("-want +got:\n%s", diff)
	}
}

func TestExplainSaysWhyThereIsNothing(t *testing.T) {
	t.Parallel()
	const about = `{"iss":"https://login.example.com","sub":"u-1","aud":"vitrine","exp":4102444800,"email":"anna@example.com","email_verified":true`
	token := func(header, claims string) string {
		return base64.RawURLEncoding.EncodeToString([]byte(header)) + "." + base64.RawURLEncoding.EncodeToString([]byte(claims)) + ".AAAA\n"
	}
	for name, c := range map[string]struct{ claims, want string }{
		"a token":               {token(`{"alg":"RS256","typ":"at+jwt"}`, about+`,"scope":"bi.read"}`), `Tableau user  "anna"`},
		"a token's type":        {token(`{"alg":"RS256","typ":"JWT"}`, about+`,"scope":"bi.read"}`), "note          The token is of a type that is not accepted"},
		"a token's algorithm":   {token(`{"alg":"HS256","typ":"at+jwt"}`, about+`}`), "refused       The token's signature algorithm is not allowed. What to do: "},
		"a token behind Bearer": {"Bearer " + token(`{"alg":"RS256","typ":"at+jwt"}`, about+`,"scope":"bi.read"}`), `Tableau user  "anna"`},
		"an answer":             {`{"access_token":"` + strings.TrimSpace(token(`{"alg":"RS256","typ":"at+jwt"}`, about+`}`)) + `"}`, "refused       no role fits"},
		"with a mark before":    {"\ufeff" + about + `,"scope":"bi.read"}`, `Tableau user  "anna"`},
		"in UTF-16":             {"\xff\xfe{\x00}\x00", "error: --claims"},
		"nothing":               {" \n", "error: --claims"},
		"no role":               {about + `}`, "refused       no role fits: 403 FORBIDDEN"},
		"another issuer":        {`{"iss":"https://other.example.com","sub":"u-1","exp":4102444800}`, "refused       The token comes from an issuer that is not accepted here."},
		"no name":               {`{"iss":"https://login.example.com","sub":"u-1","exp":4102444800,"aud":"vitrine"}`, `refused       The token has no claim "email"`},
		"another audience":      {strings.Replace(about, `"aud":"vitrine"`, `"aud":"else"`, 1) + `,"scope":"bi.read"}`, "note          The token is meant for another audience"},
		"a long time ago":       {strings.Replace(about, "4102444800", "1", 1) + `,"scope":"bi.read"}`, "note          The token has expired"},
		"no object":             {"a.b.c", "refused       The token is not a signed JWT in compact form. What to do: "},
		"no token":              {"abc", "error: --claims"},
		"keys given twice":      {`{"iss":"a","iss":"b"}`, "error: "},
		"an unusable claim":     {about + `,"org":{"department":{"a":1}}}`, `refused       The token's claim "org.department"`},
	} {
		got := explanationOf(t, c.claims)
		if !strings.Contains(got, c.want) {
			t.Errorf("%s: no %q in\n%s", name, c.want, got)
		}
		// Who is refused makes the command fail, and nobody else does.
		if strings.Contains(got, "error: ") == (strings.Contains(got, "\nsites") && !strings.Contains(got, "\nrefused")) {
			t.Errorf("%s: the exit status is wrong:\n%s", name, got)
		}
	}
	if _, _, err := call(t, nil, "explain"); err == nil || !strings.Contains(err.Error(), "--claims is missing") {
		t.Errorf("without claims: %v", err)
	}
}

func TestSchemaOfSeveralRolesIsPrinted(t *testing.T) {
	t.Parallel()
	file := filepath.Join(t.TempDir(), "vitrine.yaml")
	if err := os.WriteFile(file, []byte(explainedSettings), 0o600); err != nil {
		t.Fatal(err)
	}
	env := map[string]string{"TABLEAU_PASSWORD": "secret"}
	one, _, err := call(t, env, "schema", "--config", file, "--role", "everyone")
	if err != nil || strings.Contains(one, "users(") {
		t.Errorf("everyone: %v", err)
	}
	two, _, err := call(t, env, "schema", "--config", file, "--role", "everyone,analysts")
	if err != nil || !strings.Contains(two, "users(") || strings.Contains(two, "  email:") {
		t.Errorf("everyone,analysts: %v", err)
	}
	if _, _, err := call(t, env, "schema", "--config", file, "--role", "nobody"); err == nil || !strings.Contains(err.Error(), `role "nobody" does not exist`) {
		t.Errorf("nobody: %v", err)
	}
}
