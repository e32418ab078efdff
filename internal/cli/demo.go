package cli

import (
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net"
	"os"
	"path/filepath"
	"strings"
	"time"

	"vitrine/internal/config"
	"vitrine/internal/devidp"
	"vitrine/internal/server"
	"vitrine/internal/standin"
	"vitrine/internal/tableausim"
	"vitrine/internal/telemetry"
)

func (c *command) demo(ctx context.Context, args []string) error {
	listen := c.flags.String("listen", "127.0.0.1:8080", "`address` of the server; port 0 picks a free one")
	tableau := c.flags.String("tableau", "127.0.0.1:8081", "`address` of the stand-in Tableau")
	idp := c.flags.String("idp", "127.0.0.1:8082", "`address` of the stand-in provider")
	federation := c.flags.Bool("federation", false, "serve the schema as a subgraph of Apollo Federation 2")
	cloud := c.flags.Bool("cloud", false, "give the stand-in the signs of Tableau Cloud, which has Pulse: no default site, no impersonation, people called by mail address")
	origins := c.origins()
	if err := c.parse(args); err != nil {
		return err
	}
	if c.getenv("VITRINE_CONFIG") != "" {
		return errors.New("VITRINE_CONFIG is set: demo does not start beside real settings; unset it, or run serve")
	}
	if err := standin.Loopback("listen", *listen); err != nil {
		return err
	}
	stand, err := standin.Start(*tableau, *idp, tableausim.Config{Cloud: *cloud}, origins.list...)
	if err != nil {
		return err
	}
	defer stand.Close()
	settings, wire, site := standin.Settings(stand, *listen), server.New, ""
	if *cloud {
		standin.AsCloud(settings, stand)
		wire, site = server.NewAsCloud, tableausim.CloudSite
	}
	standin.AllowEmbedding(settings, stand)
	settings.Federation = *federation
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
	a, err := wire(settings, address, logger)
	if err != nil {
		return err
	}
	announceDemo(c.out, address, site, settings, stand, origins.list)
	return a.Serve(ctx, listener)
}

func announceDemo(w io.Writer, address, site string, settings *config.Config, s *standin.Servers, origins []string) {
	announce(w, "Vitrine", address+"/graphql")
	announcePages(w, address, settings)
	announceStandIns(w, s, origins)
	field := "site"
	if site != "" {
		field = fmt.Sprintf(`site(contentUrl: \"%s\")`, site) // within JSON
	}
	_, _ = fmt.Fprintf(w, `
Paste this into another terminal for a first answer:

  curl -s %s/graphql -H "Authorization: Bearer $(%s token --user alice --idp %s)" \
    -H 'Content-Type: application/json' \
    -d '{"query":"{ viewer { username } %s { workbooks(first: 5) { totalCount nodes { name project { name } owner { fullName } } } } }"}'

Ctrl-C ends it.
`, address, ownPath(), s.Issuer, field)
}

// announcePages lists the pages that the settings switch on.
func announcePages(w io.Writer, address string, c *config.Config) {
	if c.Gallery.Enabled {
		announce(w, "gallery", address+"/gallery")
	}
	if c.Playground.Enabled {
		announce(w, "playground", address+"/playground")
	}
}

func announceStandIns(w io.Writer, s *standin.Servers, origins []string) {
	announce(w, "Tableau", s.TableauURL+"  (stand-in)")
	announce(w, "OpenID", s.Issuer+"  (stand-in)")
	for _, origin := range origins {
		announce(w, "page", fmt.Sprintf("%s  (OpenID client %s, callback %s/ or %s/callback)", origin, standin.PortalClient, origin, origin))
	}
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
	origins := c.origins()
	workbooks := c.flags.Int("workbooks", 0, "`number` of workbooks of the default site, up to 50000; 0 is the usual set")
	latency := c.flags.Duration("latency", 0, "`duration` added to every answer, such as 20ms")
	apiVersion := c.flags.String("api-version", "3.27", "newest REST API `version` that the stand-in knows")
	cloud := c.flags.Bool("cloud", false, "give the stand-in the signs of Tableau Cloud: no default site, no impersonation, people called by mail address")
	issuer := c.flags.String("trust-issuer", "", "`address` of an external authorization server whose tokens the stand-in takes, such as http://127.0.0.1:8080/tableau-issuer")
	interfaces := newInterfaceFlags(c.flags)
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
	if err := interfaces.apply(&world); err != nil {
		return err
	}
	if *issuer != "" {
		if err := tableausim.CheckIssuer(*issuer); err != nil {
			return fmt.Errorf("--trust-issuer: %w", err)
		}
		world.TrustedIssuers = []tableausim.TrustedIssuer{{URL: *issuer}}
	}
	stand, err := standin.Start(*tableau, *idp, world, origins.list...)
	if err != nil {
		return err
	}
	defer stand.Close()
	announceStandIns(c.out, stand, origins.list)
	announceSecrets(c.out, stand, *cloud)
	_, _ = fmt.Fprintln(c.out, "\nCtrl-C ends it.")
	<-ctx.Done()
	return nil
}

// announceSecrets lists what a client of the stand-in Tableau can sign in with, besides passwords.
func announceSecrets(w io.Writer, s *standin.Servers, cloud bool) {
	if cloud {
		_, _ = fmt.Fprintf(w, "\nAs Tableau Cloud, the default site is %q, people are called by mail address (alice@example.com, also the password),\n"+
			"and admin@example.com administers the sites. Personal access tokens of the latter:\n", tableausim.CloudSite)
	} else {
		_, _ = fmt.Fprintln(w, "\nServer administrator of the stand-in Tableau: admin, password admin. Its personal access tokens:")
	}
	for _, name := range s.PATNames() {
		_, _ = fmt.Fprintf(w, "  %s %s\n", name, s.Tableau.PATs()[name])
	}
	for _, app := range s.Tableau.ConnectedApps() {
		_, _ = fmt.Fprintf(w, "\nConnected app with direct trust, enabled for all sites:\n  client id  %s\n  secret id  %s\n  secret     %s\n",
			app.ClientID, app.SecretID, app.Secret)
	}
}
