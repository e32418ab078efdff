package cli

import (
	"context"
	"errors"
	"fmt"
	"strings"

	"vitrine/internal/config"
	"vitrine/internal/server"
	"vitrine/internal/sessions"
)

// jwtSite tries the sign-in of a method that signs JWTs, on the way that serve takes: with the
// scopes that the roles need, for the user that --user names. There is no account of the method's
// own that could be used instead.
func (r *report) jwtSite(ctx context.Context, a *server.App, site config.Site, version, user string) {
	name := fmt.Sprintf("site %q", site.ContentURL)
	r.say(name+" scopes", strings.Join(sessions.ScopesFor(a.Scopes, version), " "), nil)
	if user == "" && r.checked != nil {
		_, _ = fmt.Fprintf(r.out, "note    %-34s %s\n", name+" sign-in", "not tried: a JWT is always for a person, and the token gives nobody who may read this site")
		return
	}
	if user == "" {
		r.untried = true
		r.note(name+" sign-in", "not tried: a JWT is always for a person; name one with --user or --token")
		return
	}
	id := r.identityFor(user)
	s, err := a.Broker.Session(ctx, id, site.ContentURL)
	if err != nil {
		r.say(name+" sign-in", "", err)
		return
	}
	if _, err = s.UserLUID(ctx); err != nil {
		r.say(name+" sign-in", "", explainedJWT(err, a.Settings.Tableau.SignInFor(site)))
		if errors.Is(err, sessions.ErrUserUnknown) {
			r.unknown++
		}
		return
	}
	r.say(name+" sign-in", fmt.Sprintf("of user %q with a JWT: any number of people", user), nil)
	current, err := s.Current(ctx)
	switch {
	case err != nil:
		r.say(name+" first read", "", err)
	case current.User == nil || string(current.User.Name) != nameAlone(user):
		r.say(name+" first read", "", fmt.Errorf("the session is of another user than %q", user))
	default:
		r.say(name+" first read", "who this is", nil)
	}
	if in := a.Settings.Tableau.SignInFor(site); r.checked == nil && (len(in.Attributes) > 0 || in.OnDemand.Claim != "") {
		_, _ = fmt.Fprintf(r.out, "        %-34s %s\n", "", "without the claims of a token: user attributes and groups of it were not tried")
	}
}

// nameAlone is a user name without its domain, as Tableau returns it.
func nameAlone(user string) string {
	if _, name, ok := strings.Cut(user, `\`); ok {
		return name
	}
	return user
}
