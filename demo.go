package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net"
	"net/http"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"vitrine/internal/config"
	"vitrine/internal/devidp"
	"vitrine/internal/tableausim"
	"vitrine/internal/telemetry"
)

// standIns are the stand-in Tableau and the stand-in provider, each on a loopback address.
type standIns struct {
	tableau    *tableausim.Server
	provider   *devidp.Provider
	tableauURL string
	issuer     string
	servers    []*http.Server
}

// playgroundClient is the playground's client at the stand-in provider.
const playgroundClient = "vitrine-playground"

// startStandIns opens both and serves until close.
func startStandIns(tableauAddr, idpAddr string, world tableausim.Config) (*standIns, error) {
	for name, address := range map[string]string{"tableau": tableauAddr, "idp": idpAddr} {
		if err := loopback(name, address); err != nil {
			return nil, err
		}
	}
	s := &standIns{}
	tableauListener, err := net.Listen("tcp", tableauAddr)
	if err != nil {
		return nil, fmt.Errorf("--tableau %q: %w", tableauAddr, err)
	}
	idpListener, err := net.Listen("tcp", idpAddr)
	if err != nil {
		_ = tableauListener.Close()
		return nil, fmt.Errorf("--idp %q: %w", idpAddr, err)
	}
	s.tableauURL, s.issuer = "http://"+tableauListener.Addr().String(), "http://"+idpListener.Addr().String()
	world.PublicURL = func() string { return s.tableauURL }
	s.tableau = tableausim.New(world)
	s.provider, err = devidp.New(devidp.Config{Issuer: s.issuer, Users: devidp.DemoUsers(), Clients: demoClients()})
	if err != nil {
		return nil, errors.Join(err, tableauListener.Close(), idpListener.Close())
	}
	s.serve(tableauListener, s.tableau)
	s.serve(idpListener, s.provider)
	return s, nil
}

func (s *standIns) serve(l net.Listener, h http.Handler) {
	server := &http.Server{Handler: h, ReadHeaderTimeout: 10 * time.Second}
	s.servers = append(s.servers, server)
	go func() { _ = server.Serve(l) }() // ends with close
}

func (s *standIns) close() {
	for _, server := range s.servers {
		_ = server.Close()
	}
}

func demoClients() []devidp.Client {
	var c devidp.Client
	c.ID = playgroundClient
	for _, host := range []string{"http://127.0.0.1", "http://localhost", "https://127.0.0.1", "https://localhost", "http://[::1]", "https://[::1]"} {
		c.Origins = append(c.Origins, host)
		c.RedirectURIs = append(c.RedirectURIs, host+"/playground/callback")
		c.PostLogoutURIs = append(c.PostLogoutURIs, host+"/playground")
	}
	return []devidp.Client{c}
}

// demoSettings are what a settings file would say, for the stand-ins: from there on demo takes the same path as serve.
func demoSettings(s *standIns, listen string) *config.Config {
	c := config.Default()
	c.Listen = listen
	c.Tableau.URL, c.Tableau.BrowserURL = s.tableauURL, s.tableauURL
	c.Tableau.SignIn = config.SignIn{Method: config.MethodPersonalAccessToken}
	for _, name := range patNames(s) {
		c.Tableau.SignIn.Tokens = append(c.Tableau.SignIn.Tokens, config.Token{Name: name, Secret: config.Secret(s.tableau.PATs()[name])})
	}
	c.Tableau.Sites = []config.Site{{ContentURL: ""}, {ContentURL: "marketing"}, {ContentURL: "finance"}}
	issuer := config.DefaultIssuer()
	issuer.URL, issuer.Audiences = s.issuer, []string{"vitrine"}
	issuer.Username = config.Username{Claim: "preferred_username"}
	issuer.Scopes = []string{"openid", "profile", "email", "offline_access"}
	c.OIDC = []config.Issuer{issuer}
	c.Roles = []config.Role{
		{Name: "everyone", Allow: []string{"CATALOG", "CONTENT"}},
		{Name: "analysts", When: config.When{Group: "bi-analysts"}, Allow: []string{"PEOPLE", "GOVERNANCE"}},
		{
			Name: "admins", When: config.When{Group: "bi-admins"},
			Allow: []string{"CATALOG", "CONTENT", "PEOPLE", "OPERATIONS", "GOVERNANCE"},
		},
	}
	c.Playground = config.Playground{Enabled: true, ClientID: playgroundClient}
	c.Log.Format = "text"
	c.Shutdown.Delay = 0 // nothing polls /readyz
	return c
}

func patNames(s *standIns) []string {
	var names []string
	for name := range s.tableau.PATs() {
		names = append(names, name)
	}
	slices.Sort(names)
	return names
}

func (c *command) demo(ctx context.Context, args []string) error {
	listen := c.flags.String("listen", "127.0.0.1:8080", "`address` of the server; port 0 picks a free one")
	tableau := c.flags.String("tableau", "127.0.0.1:8081", "`address` of the stand-in Tableau")
	idp := c.flags.String("idp", "127.0.0.1:8082", "`address` of the stand-in provider")
	if err := c.parse(args); err != nil {
		return err
	}
	if c.getenv("VITRINE_CONFIG") != "" {
		return errors.New("VITRINE_CONFIG is set: demo does not start beside real settings; unset it, or run serve")
	}
	if err := loopback("listen", *listen); err != nil {
		return err
	}
	stand, err := startStandIns(*tableau, *idp, tableausim.Config{})
	if err != nil {
		return err
	}
	defer stand.close()
	settings := demoSettings(stand, *listen)
	if err := config.Validate(settings); err != nil {
		return err
	}
	logger, err := telemetry.NewLogger(c.log, settings.Log.Format, slog.LevelInfo)
	if err != nil {
		return err
	}
	listener, err := net.Listen("tcp", *listen)
	if err != nil {
		return fmt.Errorf("--listen %q: %w", *listen, err)
	}
	defer func() { _ = listener.Close() }()
	address := "http://" + listener.Addr().String()
	a, err := newApp(settings, address, logger)
	if err != nil {
		return err
	}
	announceDemo(c.out, address, stand)
	return a.serve(ctx, listener)
}

func announceDemo(w io.Writer, address string, s *standIns) {
	announce(w, "Vitrine", address+"/graphql")
	announce(w, "playground", address+"/playground")
	announceStandIns(w, s)
	_, _ = fmt.Fprintf(w, `
Paste this into another terminal for a first answer:

  curl -s %s/graphql -H "Authorization: Bearer $(%s token --user alice --idp %s)" \
    -H 'Content-Type: application/json' \
    -d '{"query":"{ viewer { username } site { workbooks(first: 5) { totalCount nodes { name project { name } owner { fullName } } } } }"}'

Ctrl-C ends it.
`, address, ownPath(), s.issuer)
}

func announceStandIns(w io.Writer, s *standIns) {
	announce(w, "Tableau", s.tableauURL+"  (stand-in)")
	announce(w, "OpenID", s.issuer+"  (stand-in)")
	_, _ = fmt.Fprintln(w, "\nPeople, each with the name for a password:")
	for _, u := range devidp.DemoUsers() {
		_, _ = fmt.Fprintf(w, "  %-6s %s\n", u.Name, u.Note)
	}
}

// ownPath is how this program is called from the folder it runs in.
func ownPath() string {
	path, err := os.Executable()
	if err != nil {
		return "vitrine"
	}
	if here, err := os.Getwd(); err == nil {
		if relative, err := filepath.Rel(here, path); err == nil && !strings.HasPrefix(relative, "..") {
			return "./" + relative
		}
	}
	return path
}

func (c *command) sandbox(ctx context.Context, args []string) error {
	tableau := c.flags.String("tableau", "127.0.0.1:8081", "`address` of the stand-in Tableau")
	idp := c.flags.String("idp", "127.0.0.1:8082", "`address` of the stand-in provider")
	workbooks := c.flags.Int("workbooks", 0, "`number` of workbooks of the default site, up to 50000; 0 is the usual set")
	latency := c.flags.Duration("latency", 0, "`duration` added to every answer, such as 20ms")
	apiVersion := c.flags.String("api-version", "3.27", "newest REST API `version` that the stand-in knows")
	cloud := c.flags.Bool("cloud", false, "give the stand-in the signs of Tableau Cloud: no default site, no impersonation, people called by mail address")
	issuer := c.flags.String("trust-issuer", "", "`address` of an external authorization server whose tokens the stand-in takes, such as http://127.0.0.1:8080/tableau-issuer")
	if err := c.parse(args); err != nil {
		return err
	}
	if err := tableausim.CheckAPIVersion(*apiVersion); err != nil {
		return fmt.Errorf("--api-version: %w", err)
	}
	if *workbooks < 0 || *workbooks > 50_000 || *latency < 0 || *latency > time.Minute {
		return fmt.Errorf("--workbooks %d is 0 to 50000, --latency %s is 0s to 1m", *workbooks, *latency)
	}
	world := tableausim.Config{Workbooks: *workbooks, Latency: *latency, APIVersion: *apiVersion, Cloud: *cloud}
	if *issuer != "" {
		if err := tableausim.CheckIssuer(*issuer); err != nil {
			return fmt.Errorf("--trust-issuer: %w", err)
		}
		world.TrustedIssuers = []tableausim.TrustedIssuer{{URL: *issuer}}
	}
	stand, err := startStandIns(*tableau, *idp, world)
	if err != nil {
		return err
	}
	defer stand.close()
	announceStandIns(c.out, stand)
	announceSecrets(c.out, stand, *cloud)
	_, _ = fmt.Fprintln(c.out, "\nCtrl-C ends it.")
	<-ctx.Done()
	return nil
}

// announceSecrets tells what a client of the stand-in Tableau can sign in with, besides passwords.
func announceSecrets(w io.Writer, s *standIns, cloud bool) {
	if cloud {
		_, _ = fmt.Fprintf(w, "\nAs Tableau Cloud, the default site is %q, people are called by mail address (alice@example.com, also the password),\n"+
			"and admin@example.com administers the sites. Personal access tokens of the latter:\n", tableausim.CloudSite)
	} else {
		_, _ = fmt.Fprintln(w, "\nServer administrator of the stand-in Tableau: admin, password admin. Its personal access tokens:")
	}
	for _, name := range patNames(s) {
		_, _ = fmt.Fprintf(w, "  %s %s\n", name, s.tableau.PATs()[name])
	}
	for _, app := range s.tableau.ConnectedApps() {
		_, _ = fmt.Fprintf(w, "\nConnected app with direct trust, enabled for all sites:\n  client id  %s\n  secret id  %s\n  secret     %s\n",
			app.ClientID, app.SecretID, app.Secret)
	}
}
