package cli

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"time"

	"vitrine/internal/config"
	"vitrine/internal/server"
	"vitrine/internal/sessions"
	"vitrine/internal/tableau"
)

// checkTimeout bounds the whole of check.
const checkTimeout = time.Minute

// check tries in order what serve will need, and says of each whether it works and what to do where
// it does not.
func (c *command) check(ctx context.Context, args []string) error {
	file := c.flags.String("config", "", "settings `file`")
	user := c.flags.String("user", "", "`name` of the Tableau user to impersonate; the service account itself when left out")
	tokenFile := c.flags.String("token", "", "`file` with an access token: reports what it holds and gives, and tries its user on each site")
	documents := c.flags.String("documents", "", "`file` with a manifest of trusted documents: validates them against the schema of a role, and tries nothing else")
	role := c.flags.String("role", "", "for --documents: the `name` of a role, or several roles together: a,b")
	if err := c.parse(args); err != nil {
		return err
	}
	if *role != "" && *documents == "" {
		return fmt.Errorf("--role %q is for --documents: name a manifest with it", *role)
	}
	checked, err := readToken(*tokenFile, *user)
	if err != nil {
		return err
	}
	settings, err := c.settings(*file)
	if err != nil {
		return err
	}
	ctx, cancel := context.WithTimeout(ctx, checkTimeout)
	defer cancel()
	r := &report{command: c, checked: checked}
	app, err := appAlone(*settings)
	r.say("settings", "read, and every role compiled", err)
	if err != nil {
		return r.end()
	}
	if *documents != "" {
		return r.documents(ctx, app, *documents, *role)
	}
	r.listens("listen", settings.Listen)
	if settings.AdminListen != "" {
		r.listens("adminListen", settings.AdminListen)
	}
	if text := unbuiltPages(settings); text != "" {
		r.note("pages", text)
	}
	r.provider(ctx, app.Verifier, len(settings.OIDC))
	if err := r.token(ctx, app); err != nil {
		return err
	}
	r.traces(ctx, settings)
	if shared := server.RedisConfig(settings); shared != nil {
		info, err := shared.Check(ctx)
		r.say("shared store", info, err)
	}
	if err := r.tableau(ctx, app, settings, *user); err != nil {
		return err
	}
	if err := app.Broker.Close(ctx); err != nil {
		_, _ = fmt.Fprintln(r.log, "note: a session of check could not be signed out; it ends by itself:", err)
	}
	return r.end()
}

// appAlone makes the parts of the server, without a shared store, because sign-ins are tried and not
// found there, and without traces. It logs nothing: what it would log is in the report.
func appAlone(settings config.Config) (*server.App, error) {
	address := settings.PublicURL
	if address == "" {
		address = server.Scheme(&settings) + settings.Listen // the bound address, but for a port that is picked
	}
	settings.SharedStore, settings.Traces = config.SharedStore{}, config.Traces{}
	return server.New(&settings, address, slog.New(slog.DiscardHandler))
}

// tableau tries the server and, if it answers, a sign-in on each site.
func (r *report) tableau(ctx context.Context, app *server.App, settings *config.Config, user string) error {
	info, err := app.Client.ServerInfo(ctx)
	if err == nil {
		err = versionKnown(settings.Tableau.APIVersion, info)
	}
	r.say("server", versionText(info), err)
	if err == nil {
		version, err := app.Client.Version(ctx)
		if err != nil {
			return err // cannot fail: ServerInfo has just returned it
		}
		for _, site := range settings.Tableau.Sites {
			user := r.userFor(site, user)
			if signIn := settings.Tableau.SignInFor(site); signIn.SignsJWTs() {
				r.jwtSite(ctx, app, site, version, user)
			} else {
				r.site(ctx, app.Client, site.ContentURL, accountOf(signIn, settings.Tableau.DangerouslyImpersonateServerAdministrators), user)
			}
		}
	}
	return nil
}

// traces reports where spans go. A collector that is down is a warning: requests are served.
func (r *report) traces(ctx context.Context, settings *config.Config) {
	if settings.Traces.Endpoint == "" {
		return
	}
	if err := server.CheckTraces(ctx, settings); err != nil {
		r.warn("traces", fmt.Sprintf("%s: %v; spans are lost until it does, and requests are served", settings.Traces, err))
		return
	}
	r.say("traces", settings.Traces.String(), nil)
}

// report says one line for each thing that was tried.
type report struct {
	*command
	failed  int
	untried bool            // a sign-in needs somebody, and nobody was named
	unknown int             // of these, sites that do not know the person of --user
	checked *checkedToken   // of --token; nil without one
	issuers int             // OpenID issuers that do not work while others do
	ending  map[string]bool // personal access tokens that were noted
}

func (r *report) say(what, good string, err error) {
	if err == nil {
		_, _ = fmt.Fprintf(r.out, "ok      %-34s %s\n", what, good)
		return
	}
	r.failed++
	_, _ = fmt.Fprintf(r.out, "FAILED  %-34s %v\n", what, err)
}

// warn is what does not work, although serve does.
func (r *report) warn(what, text string) { _, _ = fmt.Fprintf(r.out, "warning %-34s %s\n", what, text) }

// note is what an operator should look at although it stops nothing.
func (r *report) note(what, text string) { _, _ = fmt.Fprintf(r.out, "note    %-34s %s\n", what, text) }

func (r *report) end() error { return errors.Join(r.serveEnd(), r.tokenEnd()) }

func (r *report) serveEnd() error {
	if r.failed > 0 && r.failed == r.unknown {
		return fmt.Errorf("serve would work, but not for this user on %d of the sites", r.unknown)
	}
	if r.failed > 0 {
		return fmt.Errorf("%d of the checks failed: serve would not work", r.failed)
	}
	if r.issuers > 0 {
		return fmt.Errorf("serve would work, but not for the people of %d of the OpenID issuers", r.issuers)
	}
	if r.untried {
		_, _ = fmt.Fprintln(r.out, "serve would work, but no sign-in was tried on some of the sites")
		return nil
	}
	_, _ = fmt.Fprintln(r.out, "serve would work")
	return nil
}

// lookUps is what a single token costs: it both looks up and impersonates, and a sign-in of one
// ends the session of the other.
func (a account) lookUps() string {
	if len(a.all) == 1 && a.all[0].TokenName != "" {
		return "; with one token each look-up of a new user costs a sign-in: list a second token to spare it"
	}
	return ""
}

// versionKnown says where tableau.apiVersion is one that the server does not have.
func versionKnown(pinned string, info *tableau.ServerInfo) error {
	if pinned == "" || pinned == "auto" || tableau.AtLeast(info.APIVersion, pinned) {
		return nil
	}
	return fmt.Errorf("tableau.apiVersion %q is newer than this server, whose REST API is %s: set it to auto, or to %s or older", pinned, info.APIVersion, info.APIVersion)
}

func versionText(info *tableau.ServerInfo) string {
	if info == nil {
		return ""
	}
	return fmt.Sprintf("Tableau %s, REST API %s", info.ProductVersion, info.APIVersion)
}

// account is what a sign-in method that impersonates has: the first credentials look users up, and
// the others impersonate; a single one does both.
type account struct {
	all    []credential
	admins bool // server administrators are served
}

func accountOf(s config.SignIn, admins bool) account {
	if s.Method == config.MethodPassword {
		one := credential{tableau.Credentials{Name: s.Name, Password: tableau.NewSecret(s.Password.Reveal())}, secretOf(s.PasswordFile)}
		return account{[]credential{one}, admins}
	}
	all := make([]credential, len(s.Tokens))
	for i, token := range s.Tokens {
		all[i] = credential{tableau.Credentials{TokenName: token.Name, TokenSecret: tableau.NewSecret(token.Secret.Reveal())}, secretOf(token.File)}
	}
	return account{all, admins}
}

// site reports what a sessions.Probe finds with the credentials of the sign-in method.
func (r *report) site(ctx context.Context, client *tableau.Client, contentURL string, with account, user string) {
	name := fmt.Sprintf("site %q", contentURL)
	whom := "the service account itself"
	if user != "" {
		whom = fmt.Sprintf("user %q", user)
	}
	probe := &sessions.Probe{Client: client, ContentURL: contentURL, User: user, ServerAdministrators: with.admins}
	for _, c := range with.all {
		probe.Credentials = append(probe.Credentials, c.Credentials)
	}
	impersonating := len(with.all) - probe.Impersonating()
	probe.Report = func(result sessions.ProbeResult) {
		by := with.all[result.Credential]
		switch result.Step {
		case sessions.ProbeSignIn:
			r.say(name+" sign-in", "as "+by.String(), signInAdvice(result.Err, by))
		case sessions.ProbeLookUp:
			r.say(name+" look-up", "", impersonationAdvice(result.Err, by, true))
			if errors.Is(result.Err, sessions.ErrUserUnknown) || errors.Is(result.Err, sessions.ErrServerAdministrator) {
				r.unknown++
			}
		case sessions.ProbeImpersonation:
			r.say(name+" impersonation", "of "+whom+", by "+by.String(), impersonationAdvice(result.Err, by, result.Credential == 0))
		case sessions.ProbeSecondImpersonation:
			r.say(name+" second impersonation", "", impersonationAdvice(result.Err, by, true))
		case sessions.ProbeSideBySide:
			r.sideBySide(name, with, impersonating, result)
		case sessions.ProbeSignOut:
			r.notSignedOut(result.Err)
		}
		r.ends(by.Credentials, result)
	}
	probe.Run(ctx)
}

// sideBySide reports whether two impersonated sessions of one token live side by side, and what
// that means for the capacity.
func (r *report) sideBySide(name string, with account, impersonating int, result sessions.ProbeResult) {
	good := "each impersonation ends the one before: " + sessions.Capacity(impersonating, false)
	if result.SideBySide {
		good = "impersonated sessions live beside each other: " + sessions.Capacity(impersonating, true) + with.lookUps()
	}
	r.say(name+" side by side", good, result.Err)
}

// ends notes a personal access token that ends within a month, once.
func (r *report) ends(with tableau.Credentials, result sessions.ProbeResult) {
	if !result.TokenEnds || result.TokenLeft > sessions.EndsSoon || r.ending[with.TokenName] {
		return
	}
	if r.ending == nil {
		r.ending = map[string]bool{}
	}
	r.ending[with.TokenName] = true
	_, _ = fmt.Fprintf(r.out, "note    %-34s %s ends in %d days: make a new one in Tableau and write its secret into the file\n",
		"", with, int(result.TokenLeft/(24*time.Hour)))
}

// notSignedOut notes a session that could not be signed out.
func (r *report) notSignedOut(err error) {
	if !errors.Is(err, context.Canceled) {
		_, _ = fmt.Fprintln(r.log, "note: a session of check could not be signed out; it ends by itself:", err)
	}
}
