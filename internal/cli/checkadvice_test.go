package cli

import (
	"fmt"
	"net"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"vitrine/internal/config"
	"vitrine/internal/standin"
	"vitrine/internal/tableau"
	"vitrine/internal/tableausim"
	"vitrine/internal/web"
	"vitrine/test/harness"
)

// TestCheckAdvisesByMethodAndCode holds that the advice is about the method that was tried, names
// account, token and file, and never sends anybody to what Tableau has not complained of.
func TestCheckAdvisesByMethodAndCode(t *testing.T) {
	t.Parallel()
	password := credential{tableau.Credentials{Name: "vitrine", Password: tableau.NewSecret("p")}, "secrets/password"}
	token := credential{tableau.Credentials{TokenName: "vitrine-1", TokenSecret: tableau.NewSecret("s")}, "secrets/pat-1"}
	login := &tableau.Error{Kind: tableau.LoginRefused, Call: "POST auth/signin", Status: 401, Code: "401001"}
	role := &tableau.Error{Kind: tableau.Refused, Call: "POST auth/signin (impersonate)", Status: 403, Code: "403000"}
	down := &tableau.Error{Kind: tableau.Unavailable, Call: "POST auth/signin", Status: 503}
	numbered := func(n string) error {
		return &tableau.Error{Kind: tableau.LoginRefused, Code: "401001", Detail: "no (" + n + ")"}
	}
	app := config.SignIn{Method: config.MethodConnectedApp, Trust: config.TrustDirect}
	for name, c := range map[string]struct {
		err      error
		has      []string
		lacks    []string
		noAdvice bool
	}{
		"password refused":            {err: signInAdvice(login, password), has: []string{`user "vitrine"`, "secrets/password", "content URL"}, lacks: []string{"token"}},
		"token refused":               {err: signInAdvice(login, token), has: []string{`"vitrine-1"`, "secrets/pat-1", "15 days"}, lacks: []string{"password"}},
		"down":                        {err: signInAdvice(down, token), noAdvice: true, lacks: []string{"compare"}},
		"site administrator":          {err: impersonationAdvice(role, password, true), has: []string{"site role Server Administrator"}, lacks: []string{"token", "license"}},
		"token of one":                {err: impersonationAdvice(role, token, true), has: []string{"site role Server Administrator"}, lacks: []string{"switched on"}},
		"person, by password":         {err: impersonationAdvice(login, password, true), has: []string{"license"}, lacks: []string{"token", "switched on"}},
		"person, by first token":      {err: impersonationAdvice(login, token, true), has: []string{"switched on", "license"}, lacks: []string{"compare"}},
		"person, by further token":    {err: impersonationAdvice(login, token, false), has: []string{"secrets/pat-1", "switched on"}},
		"impersonation, down":         {err: impersonationAdvice(down, token, false), noAdvice: true, lacks: []string{"compare"}},
		"number 5":                    {err: explainedJWT(numbered("5"), app), has: []string{"users of this site"}, lacks: []string{"connected app"}},
		"number 16":                   {err: explainedJWT(numbered("16"), app), has: []string{"users of this site"}, lacks: []string{"connected app"}},
		"number 126":                  {err: explainedJWT(numbered("126"), app), has: []string{"connected app"}},
		"number 10084":                {err: explainedJWT(numbered("10084"), config.SignIn{Method: config.MethodUnifiedAccessToken}), has: []string{"Cloud Manager"}},
		"no number":                   {err: explainedJWT(login, app), has: []string{"content URL", "connected app"}},
		"a JWT while Tableau is down": {err: explainedJWT(down, app), noAdvice: true, lacks: []string{"connected app"}},
	} {
		text := fmt.Sprint(c.err)
		for _, want := range c.has {
			if !strings.Contains(text, want) {
				t.Errorf("%s: %s: lacks %q", name, text, want)
			}
		}
		for _, no := range c.lacks {
			if strings.Contains(text, no) {
				t.Errorf("%s: %s: should not speak of %q", name, text, no)
			}
		}
	}
}

// checkWith runs check with a settings file that was changed.
func checkWith(t *testing.T, s *standin.Servers, change ...string) (out, log string, err error) {
	t.Helper()
	file := harness.SettingsFile(t, s, "")
	text, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	changed := strings.NewReplacer(change...).Replace(string(text))
	if changed == string(text) && len(change) > 0 {
		t.Fatalf("nothing was changed by %q", change)
	}
	if err := os.WriteFile(filepath.Clean(file), []byte(changed), 0o600); err != nil {
		t.Fatal(err)
	}
	return call(t, nil, "check", "--config", file)
}

// TestCheckTriesTheAddressAndTheVersion holds that check finds a port that is taken, a version that
// the server does not have, an IPv6 address that works, a playground that is not built, and what
// one token costs; and that its report has no lines of the log in it.
func TestCheckTriesTheAddressAndTheVersion(t *testing.T) {
	t.Parallel()
	s, err := standin.Start("127.0.0.1:0", "127.0.0.1:0", tableausim.Config{})
	if err != nil {
		t.Fatal(err)
	}
	defer s.Close()
	taken, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = taken.Close() }()
	out, log, err := checkWith(t, s, "127.0.0.1:0", taken.Addr().String())
	if err == nil || !strings.Contains(out, `FAILED  listen`) || !strings.Contains(out, "change listen") {
		t.Errorf("a port that is taken: %v\n%s", err, out)
	}
	if log != "" {
		t.Errorf("beside the report: %s", log)
	}
	out, _, err = checkWith(t, s, "tableau:\n", "tableau:\n  apiVersion: \"3.99\"\n")
	if err == nil || !strings.Contains(out, `tableau.apiVersion "3.99" is newer than this server`) || strings.Contains(out, "no such method") {
		t.Errorf("a version that the server does not have: %v\n%s", err, out)
	}
	out, _, err = checkWith(t, s)
	if err != nil || !strings.Contains(out, "list a second token") {
		t.Errorf("one token: %v\n%s", err, out)
	}
	out, _, err = checkWith(t, s, "roles:\n", "playground: {enabled: true, clientID: x}\nroles:\n")
	if err != nil || strings.Contains(out, "make web") == web.Built() {
		t.Errorf("a playground, built %t: %v\n%s", web.Built(), err, out)
	}
	if l, err := net.Listen("tcp", "[::1]:0"); err == nil {
		_ = l.Close()
		out, _, err = checkWith(t, s, "127.0.0.1:0", "[::1]:0")
		if err != nil || !strings.Contains(out, "serve would work") {
			t.Errorf("IPv6: %v\n%s", err, out)
		}
	}
}

// TestSignInNamesTheVersionThatIsNotThere holds that serve's log says so too.
func TestSignInNamesTheVersionThatIsNotThere(t *testing.T) {
	t.Parallel()
	s, err := standin.Start("127.0.0.1:0", "127.0.0.1:0", tableausim.Config{})
	if err != nil {
		t.Fatal(err)
	}
	defer s.Close()
	client, err := tableau.New(tableau.Config{URL: s.TableauURL, APIVersion: "3.99"})
	if err != nil {
		t.Fatal(err)
	}
	_, err = client.SignIn(t.Context(), tableau.Credentials{Name: "admin", Password: tableau.NewSecret("admin")}, "", "")
	if err == nil || !strings.Contains(err.Error(), `tableau.apiVersion "3.99": set it to auto`) {
		t.Error(err)
	}
}
