package cli

import (
	"errors"
	"fmt"
	"net"
	"strings"

	"vitrine/internal/config"
	"vitrine/internal/tableau"
	"vitrine/internal/web"
)

// secretOf says where the secret of a credential comes from, for advice.
func secretOf(file string) string {
	if file == "" {
		return "the environment"
	}
	return file
}

// signInAdvice says what to do where Tableau refuses the account itself: it answers 401001 whatever
// the reason.
func signInAdvice(err error, with credential) error {
	if !tableau.IsKind(err, tableau.LoginRefused) && !tableau.IsKind(err, tableau.Refused) {
		return err
	}
	what := fmt.Sprintf("compare the password of user %q in %s with Tableau; the account may also be locked, or sign in by single sign-on only", with.Name, with.from)
	if with.TokenName != "" {
		what = fmt.Sprintf("compare the name %q and the secret in %s with the token in Tableau; it ends after 15 days without use, or after a year", with.TokenName, with.from)
	}
	return fmt.Errorf("%w: %s. Tableau answers the same where the account is no user of this site, or no site has this content URL", err, what)
}

const makeServerAdministrator = "give the account the site role Server Administrator: an administrator of the site cannot impersonate"

// impersonationAdvice says what to do where Tableau refuses to sign the account in as somebody
// else, by method and code.
func impersonationAdvice(err error, with credential, first bool) error {
	switch {
	case tableau.IsKind(err, tableau.Refused): // 403000, and 403004 of look-ups
		return fmt.Errorf("%w: %s", err, makeServerAdministrator)
	case tableau.IsKind(err, tableau.LoginRefused) && with.TokenName == "":
		return fmt.Errorf("%w: the password of %q works, and Tableau does not sign this person in: look whether they have a license on the site", err, with.Name)
	case tableau.IsKind(err, tableau.LoginRefused) && first:
		return fmt.Errorf("%w: the secret of token %q works; look whether impersonation by token is switched on in Tableau, and whether the person has a license on the site", err, with.TokenName)
	case tableau.IsKind(err, tableau.LoginRefused):
		return fmt.Errorf("%w: compare the name %q and the secret in %s with the token in Tableau; if they are right, look whether impersonation by token is switched on, "+
			"and whether the person has a license on the site", err, with.TokenName, with.from)
	}
	return err
}

// credential is what signs in, and where its secret is from.
type credential struct {
	tableau.Credentials
	from string
}

// appTrouble are Tableau's numbers that are about the connected app or its keys, not about the
// person: three and five digits.
func appTrouble(number string) bool { return len(number) == 3 || len(number) >= 5 }

// explainedJWT says where to look when Tableau refuses a JWT. A number about the person needs
// nothing done to the app, and what is no refusal needs no advice about it either.
func explainedJWT(err error, s config.SignIn) error {
	var refusal *tableau.Error
	if !errors.As(err, &refusal) || refusal.Kind != tableau.LoginRefused && refusal.Kind != tableau.Refused {
		return err
	}
	number := refusal.Number()
	switch {
	case number != "" && !appTrouble(number):
		return fmt.Errorf("%w: compare the name with the users of this site, character by character, and their licenses", err)
	case number == "":
		return fmt.Errorf("%w: often no site has this content URL; then look at the %s", err, trustedBy(s))
	default:
		return fmt.Errorf("%w: look at the %s", err, trustedBy(s))
	}
}

func trustedBy(s config.SignIn) string {
	switch {
	case s.Trust == config.TrustOAuth:
		return "connected app of the site in Tableau (OAuth 2.0 trust, this server's address as the issuer); serve must be running, for Tableau reads discovery and keys from it"
	case s.Method == config.MethodUnifiedAccessToken:
		return "configuration in Tableau Cloud Manager (issuer, public key, sites)"
	default:
		return "connected app of the site in Tableau (direct trust, enabled, its secret)"
	}
}

// listens tries an address that serve listens on, by its key.
func (r *report) listens(key, address string) {
	listener, err := net.Listen("tcp", address)
	if err == nil {
		err = listener.Close()
	}
	r.say(key, address+" is free", listenAdvice(key, address, err))
}

// listenAdvice says what to do where an address cannot be listened on.
func listenAdvice(key, address string, err error) error {
	if err == nil {
		return nil
	}
	var op *net.OpError
	if errors.As(err, &op) {
		err = op.Err
	}
	return fmt.Errorf("%s %q: %w; another process, perhaps another vitrine, may have the port, or the address may belong to no interface of this machine: "+
		"change %s, or stop that process", key, address, err, key)
}

// unbuiltPages says that the settings want pages that the program was built without; "" if all is
// well.
func unbuiltPages(c *config.Config) string {
	if web.Built() {
		return ""
	}
	var keys, paths []string
	for _, p := range []struct {
		name string
		on   bool
	}{{"gallery", c.Gallery.Enabled}, {"playground", c.Playground.Enabled}} {
		if p.on {
			keys, paths = append(keys, p.name+".enabled"), append(paths, "/"+p.name)
		}
	}
	if len(keys) == 0 {
		return ""
	}
	return strings.Join(keys, " and ") + " is true, and this binary was built without the pages, so " + strings.Join(paths, " and ") +
		" answers 503; run make web, build again, or set it to false"
}
