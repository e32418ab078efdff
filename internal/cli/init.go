package cli

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"io"
	"net/url"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"text/template"

	_ "embed" // the template

	"vitrine/internal/config"
	"vitrine/internal/server"
	"vitrine/internal/suggest"
)

//go:embed init.yaml.tmpl
var initTemplate string

// answers are what init asks for, or takes from flags.
type answers struct {
	Tableau, Sites, Issuer, Audience string
	Method                           string
	Schema                           string // the name of the JSON schema beside the file
}

// initMethods are the methods that init writes settings for; each needs one secret.
var initMethods = []string{config.MethodConnectedApp, config.MethodPersonalAccessToken, config.MethodPassword}

// initSecret is the file that the settings name for a method, and what it has to hold.
var initSecret = map[string][2]string{
	config.MethodConnectedApp:        {"secrets/connected-app", "the value of the connected app's secret"},
	config.MethodPersonalAccessToken: {"secrets/tableau-pat", "the secret of the personal access token"},
	config.MethodPassword:            {"secrets/tableau-password", "the password of the account"},
}

func (c *command) init(_ context.Context, args []string) error {
	file := c.flags.String("file", "vitrine.yaml", "settings `file` to write")
	var a answers
	c.flags.StringVar(&a.Tableau, "tableau", "", "`address` of Tableau, such as https://tableau.example.com")
	c.flags.StringVar(&a.Sites, "sites", "", "`content URLs` of the sites to serve, separated by commas; - is the default site")
	c.flags.StringVar(&a.Issuer, "issuer", "", "`address` of the OpenID provider, as in the claim iss of its tokens")
	c.flags.StringVar(&a.Audience, "audience", "", "`value` of the claim aud that means this server")
	c.flags.StringVar(&a.Method, "method", "", "sign-in `method`: connectedApp (the default for Tableau Cloud), personalAccessToken (for a server) or password")
	if err := c.parse(args); err != nil {
		return err
	}
	schema := filepath.Join(filepath.Dir(*file), "vitrine.schema.json")
	for _, name := range []string{*file, schema} {
		if _, err := os.Lstat(name); err == nil {
			return fmt.Errorf("%q exists and is not overwritten: remove it, or name another with --file", name)
		}
	}
	if err := c.ask(&a); err != nil {
		return err
	}
	a.Schema = filepath.Base(schema)
	text, err := a.settings(*file)
	if err != nil {
		return err
	}
	return c.writeSettings(*file, schema, text, a)
}

// ask asks for what no flag gave.
func (c *command) ask(a *answers) error {
	in := bufio.NewReader(c.in)
	for _, q := range []struct {
		into                *string
		flag, text, example string
	}{
		{&a.Tableau, "tableau", "Address of Tableau", "https://tableau.example.com or https://10ax.online.tableau.com"},
		{&a.Sites, "sites", "Sites, by the part after /site/ in their addresses, separated by commas", "marketing,finance; - for the default site"},
		{&a.Issuer, "issuer", "Address of the OpenID provider", "https://login.example.com, letter for letter as in the claim iss"},
		{&a.Audience, "audience", "Audience of its access tokens that means this server", "vitrine"},
	} {
		if *q.into != "" {
			continue
		}
		_, _ = fmt.Fprintf(c.out, "%s (%s): ", q.text, q.example)
		line, err := in.ReadString('\n')
		if *q.into = strings.TrimSpace(line); *q.into == "" {
			if err != nil && !errors.Is(err, io.EOF) {
				return fmt.Errorf("standard input cannot be read: %w", err)
			}
			return fmt.Errorf("%s has no answer: type one, or give --%s", strings.ToLower(q.text[:1])+q.text[1:], q.flag)
		}
	}
	if a.Method == "" {
		a.Method = config.MethodPersonalAccessToken
		if u, err := url.Parse(a.Tableau); err == nil && strings.HasSuffix(u.Hostname(), ".online.tableau.com") {
			a.Method = config.MethodConnectedApp
		}
	}
	if !slices.Contains(initMethods, a.Method) {
		return fmt.Errorf("--method %q is not a method that init knows: %s", a.Method, suggest.Or(a.Method, initMethods, "use connectedApp, personalAccessToken or password"))
	}
	return nil
}

// settings is the text of the settings file, which works but for the secret that is still to come.
func (a answers) settings(file string) ([]byte, error) {
	quote := func(s string) string { return fmt.Sprintf("%q", s) }
	t, err := template.New("").Funcs(template.FuncMap{"quote": quote, "sites": a.siteList, "secret": func() string { return initSecret[a.Method][0] }}).Parse(initTemplate)
	if err != nil {
		return nil, err
	}
	var b strings.Builder
	if err := t.Execute(&b, a); err != nil {
		return nil, err
	}
	text := []byte(b.String())
	anySecret := func(string) ([]byte, error) { return []byte("a secret that is still to come"), nil }
	if _, _, err := config.Parse(file, text, func(string) string { return "" }, anySecret, server.CheckRoles, server.CheckIssuers); err != nil {
		return nil, fmt.Errorf("these answers do not work:\n%w", err)
	}
	return text, nil
}

// siteList is the list of sites in YAML.
func (a answers) siteList() string {
	var sites []string
	for s := range strings.SplitSeq(a.Sites, ",") {
		if s = strings.TrimSpace(s); s == "-" {
			s = ""
		}
		sites = append(sites, fmt.Sprintf("%q", s))
	}
	return "[" + strings.Join(sites, ", ") + "]"
}

// writeSettings writes the file, the schema beside it and the directory of secrets, and says what
// comes next.
func (c *command) writeSettings(file, schema string, text []byte, a answers) error {
	secret, what := filepath.Join(filepath.Dir(file), initSecret[a.Method][0]), initSecret[a.Method][1]
	if err := os.MkdirAll(filepath.Dir(secret), 0o700); err != nil {
		return fmt.Errorf("the directory of secrets cannot be made: %w", err)
	}
	for name, data := range map[string][]byte{schema: config.JSONSchema(), file: text} {
		if err := os.WriteFile(name, data, 0o600); err != nil {
			return fmt.Errorf("the settings cannot be written: %w", err)
		}
	}
	_, err := fmt.Fprintf(c.out, `
Written: %s, and %s for editors.

Next:
  1. Read %s and fill in what is marked with TODO.
  2. Write %s into %s, alone and in one line.
  3. vitrine check --config %s
  4. vitrine serve --config %s
`, file, schema, file, what, secret, file, file)
	return err
}
