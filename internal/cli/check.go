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

// check tries in order what serve will need, and says of each whether it works and what to do where it does not.
func (c *command) check(ctx context.Context, args []string) error {
	file := c.flags.String("config", "", "settings `file`")
	user := c.flags.String("user", "", "`name` of the Tableau user to impersonate; the service account itself when left out")
	tokenFile := c.flags.String("token", "", "`file` with an access token: reports what it holds and gives, and tries its user on each site")
	if err := c.parse(args); err != nil {
		return err
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
	logger := slog.New(slog.DiscardHandler) // what it would say is in the report
	r := &report{command: c, checked: checked}
	address := settings.PublicURL
	if address == "" {
		address = server.Scheme(settings) + settings.Listen // the bound address, but for a port that is picked
	}
	alone := *settings
	alone.SharedStore = config.SharedStore{} // sign-ins are tried, and not found in the store
	app, err := server.New(&alone, address, logger)
	r.say("settings", "read, and every role compiled", err)
	if err != nil {
		return r.end()
	}
	r.listens(settings.Listen)
	if text := unbuiltPlayground(settings); text != "" {
		r.note("playground", text)
	}
	r.provider(ctx, app.Verifier, len(settings.OIDC))
	if err := r.token(ctx, app); err != nil {
		return err
	}
	if shared := server.RedisConfig(settings); shared != nil {
		info, err := shared.Check(ctx)
		r.say("shared store", info, err)
	}
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
			user := r.userFor(site, *user)
			if signIn := settings.Tableau.SignInFor(site); signIn.SignsJWTs() {
				r.jwtSite(ctx, app, site, version, user)
			} else {
				r.site(ctx, app.Client, site.ContentURL, accountOf(signIn, settings.Tableau.DangerouslyImpersonateServerAdministrators), user)
			}
		}
	}
	if err := app.Broker.Close(ctx); err != nil {
		_, _ = fmt.Fprintln(r.log, "note: a session of check could not be signed out; it ends by itself:", err)
	}
	return r.end()
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

// lookUps is what a single token costs: it both finds and acts, and a sign-in of one ends the session of the other.
func (a account) lookUps() string {
	if a.finds.TokenName != "" && len(a.acts) == 1 && a.acts[0] == a.finds {
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

// account is what a sign-in method that impersonates has: what looks up, and what impersonates; with one token that is the same.
type account struct {
	finds  credential
	acts   []credential
	admins bool // server administrators are served
}

func accountOf(s config.SignIn, admins bool) account {
	if s.Method == config.MethodPassword {
		one := credential{tableau.Credentials{Name: s.Name, Password: tableau.NewSecret(s.Password.Reveal())}, secretOf(s.PasswordFile)}
		return account{one, []credential{one}, admins}
	}
	all := make([]credential, len(s.Tokens))
	for i, token := range s.Tokens {
		all[i] = credential{tableau.Credentials{TokenName: token.Name, TokenSecret: tableau.NewSecret(token.Secret.Reveal())}, secretOf(token.File)}
	}
	return account{all[0], all[min(1, len(all)-1):], admins}
}

// site tries a service sign-in, an impersonation by each token, and whether two impersonated sessions live side by side.
func (r *report) site(ctx context.Context, client *tableau.Client, contentURL string, with account, user string) {
	name := fmt.Sprintf("site %q", contentURL)
	service, err := client.SignIn(ctx, with.finds.Credentials, contentURL, "")
	r.say(name+" sign-in", "as "+with.finds.String(), signInAdvice(err, with.finds))
	if err != nil {
		return
	}
	defer r.signOut(ctx, client, service)
	r.ends(with.finds.Credentials, service)
	target := service.UserLUID
	whom := "the service account itself"
	if user != "" {
		whom = fmt.Sprintf("user %q", user)
		if target, err = sessions.Find(ctx, client, service, user, with.admins); err != nil {
			r.say(name+" look-up", "", impersonationAdvice(err, with.finds, true))
			if errors.Is(err, sessions.ErrUserUnknown) || errors.Is(err, sessions.ErrServerAdministrator) {
				r.unknown++
			}
			return
		}
	}
	var first *tableau.Grant // of the credentials that are tried again below
	for i, by := range with.acts {
		g, err := client.SignIn(ctx, by.Credentials, contentURL, target)
		r.say(name+" impersonation", "of "+whom+", by "+by.String(), impersonationAdvice(err, by, by == with.finds))
		if err != nil {
			continue
		}
		defer r.signOut(ctx, client, g)
		r.ends(by.Credentials, g)
		if i == 0 {
			first = g
		}
	}
	if first != nil {
		r.sideBySide(ctx, client, name, with, first)
	}
}

// sideBySide impersonates the same user a second time and looks whether the first session still lives.
func (r *report) sideBySide(ctx context.Context, client *tableau.Client, name string, with account, first *tableau.Grant) {
	second, err := client.SignIn(ctx, with.acts[0].Credentials, first.ContentURL, first.UserLUID)
	if err != nil {
		r.say(name+" second impersonation", "", impersonationAdvice(err, with.acts[0], true))
		return
	}
	defer r.signOut(ctx, client, second)
	_, err = client.Session(ctx, fixed{first, first.ContentURL}).Current(ctx)
	switch {
	case err == nil:
		r.say(name+" side by side", "impersonated sessions live beside each other: "+sessions.Capacity(len(with.acts), true)+with.lookUps(), nil)
	case tableau.IsKind(err, tableau.SignedOut):
		r.say(name+" side by side", "each impersonation ends the one before: "+sessions.Capacity(len(with.acts), false), nil)
	default:
		r.say(name+" side by side", "", err)
	}
}

// ends notes a personal access token that ends within a month, once.
func (r *report) ends(with tableau.Credentials, g *tableau.Grant) {
	left, ok := g.TokenLeft()
	if !ok || left > sessions.EndsSoon || r.ending[with.TokenName] {
		return
	}
	if r.ending == nil {
		r.ending = map[string]bool{}
	}
	r.ending[with.TokenName] = true
	_, _ = fmt.Fprintf(r.out, "note    %-34s %s ends in %d days: make a new one in Tableau and write its secret into the file\n",
		"", with, int(left/(24*time.Hour)))
}

func (r *report) signOut(ctx context.Context, client *tableau.Client, g *tableau.Grant) {
	if err := client.SignOut(ctx, g); err != nil && !errors.Is(err, context.Canceled) {
		_, _ = fmt.Fprintln(r.log, "note: a session of check could not be signed out; it ends by itself:", err)
	}
}

// fixed is a session that is not renewed.
type fixed struct {
	grant      *tableau.Grant
	contentURL string
}

func (f fixed) Acquire(_ context.Context, dead *tableau.Grant) (*tableau.Grant, error) {
	if dead != nil {
		return nil, &tableau.Error{Kind: tableau.SignedOut, Call: "GET sessions/current", Err: errors.New("another sign-in ended it")}
	}
	return f.grant, nil
}

func (fixed) Release(*tableau.Grant) {}

func (f fixed) ContentURL() string { return f.contentURL }
