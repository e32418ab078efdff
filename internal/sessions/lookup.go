package sessions

import (
	"context"
	"errors"
	"strings"
	"unicode"
	"unicode/utf8"

	"vitrine/internal/tableau"
)

// userName is a Tableau user name as a token gives it. It may name a directory domain: DOMAIN\name.
type userName struct{ domain, name string }

func parseUserName(s string) userName {
	if domain, name, ok := strings.Cut(s, `\`); ok {
		return userName{domain, name}
	}
	return userName{"", s}
}

// maxName is how long a name may be, in bytes: longer than any of Tableau's, and short enough for
// an address.
const maxName = 512

// filterGrammar are the characters that mean something in a filter. Tableau reads a second filter
// behind a comma or an ampersand, and of two on one field the last wins: bob,name:eq:admin would
// find the administrator; an asterisk is a wildcard in eq. A name with one of them never enters a
// filter: all users of the site are looked through.
const filterGrammar = ",&*:[]\\\"'`"

// invalidName returns why a name is not looked up, or nothing.
func invalidName(s string) string {
	name := parseUserName(s)
	switch {
	case name.name == "" || strings.HasPrefix(s, `\`):
		return "the name is empty"
	case len(s) > maxName:
		return "the name is too long"
	case !utf8.ValidString(s) || strings.ContainsFunc(s, func(r rune) bool { return unicode.IsControl(r) || r == unicode.ReplacementChar }):
		return "the name has characters that cannot be looked up in Tableau"
	case strings.Contains(name.name, `\`):
		return "the name has more than one backslash"
	default:
		return ""
	}
}

// invalidJWTName returns why a name is never put into a JWT, or nothing. There is no filter that a
// name could break out of.
func invalidJWTName(name string) string {
	switch {
	case len(name) > maxName:
		return "the name is too long"
	case !utf8.ValidString(name) || strings.ContainsFunc(name, func(r rune) bool { return unicode.IsControl(r) || r == unicode.ReplacementChar }):
		return "the name has characters that no name in Tableau has"
	default:
		return ""
	}
}

// finder asks Tableau for the users of a site by name; op is eq or cieq.
type finder func(op, name string) ([]tableau.Account, error)

// lister asks Tableau for all users of a site, and returns those that it keeps.
type lister func(keep func(tableau.Account) bool) ([]tableau.Account, error)

// withoutGrammar returns a finder that filters by names that a filter can hold, and looks for
// others through all users, once.
func withoutGrammar(wanted userName, filter finder, list lister) finder {
	var alike []tableau.Account
	listed := false
	return func(op, name string) ([]tableau.Account, error) {
		if !strings.ContainsAny(name, filterGrammar) {
			return filter(op, name)
		}
		if listed {
			return alike, nil
		}
		var err error
		alike, err = list(func(a tableau.Account) bool { return wanted.matches(a, sameLetters) })
		listed = err == nil
		return alike, err
	}
}

// find returns the one account of a name, or the reason in why. The exact name goes first; one that
// differs only in case is taken if it is the only answer there is. Tableau keeps a domain beside
// the name or in front of it: a name with a domain is asked for in both spellings.
func find(wanted userName, ask finder) (account tableau.Account, why string, err error) {
	spellings := []string{wanted.name}
	if wanted.domain != "" {
		spellings = append(spellings, wanted.domain+`\`+wanted.name)
	}
	for _, spelling := range spellings {
		answers, err := ask("eq", spelling)
		if err != nil {
			return account, "", err
		}
		var exact []tableau.Account
		for _, a := range answers {
			if wanted.matches(a, func(a, b string) bool { return a == b }) {
				exact = append(exact, a)
			}
		}
		switch {
		case len(exact) == 1:
			return exact[0], "", nil
		case len(exact) > 1:
			return account, "several users have this name: the token has to give the domain too (DOMAIN\\name)", nil
		}
	}
	for _, spelling := range spellings {
		answers, err := ask("cieq", spelling)
		if err != nil {
			return account, "", err
		}
		switch {
		case len(answers) == 1 && wanted.matches(answers[0], sameLetters):
			return answers[0], "", nil
		case len(answers) > 1:
			return account, "nobody has exactly this name, and several users have it in other case or in other domains", nil
		}
	}
	return account, "nobody has this name", nil
}

// admit gives the LUID of an account that was found, if its user is to be signed in.
func admit(account tableau.Account, why, name, contentURL string, admins bool) (tableau.LUID, error) {
	if why != "" {
		return "", errUser(name, contentURL, why)
	}
	switch roleClassOf(account.SiteRole) {
	case unlicensed:
		return "", errUser(name, contentURL, "the site role is "+string(account.SiteRole))
	case administrator:
		if !admins {
			return "", errAdministrator(name, contentURL, string(account.SiteRole))
		}
	}
	return account.LUID, nil
}

// Find looks somebody up with an administrator's session as a sign-in does, and refuses whom that
// would refuse: with ErrUserUnknown or ErrServerAdministrator. admins says that server
// administrators are served.
func Find(ctx context.Context, client *tableau.Client, g *tableau.Grant, name string, admins bool) (tableau.LUID, error) {
	if why := invalidName(name); why != "" {
		return "", errInvalidName(name, g.ContentURL, why)
	}
	wanted := parseUserName(name)
	account, why, err := find(wanted, withoutGrammar(wanted, func(op, name string) ([]tableau.Account, error) {
		return client.Accounts(ctx, g, op, name)
	}, func(keep func(tableau.Account) bool) ([]tableau.Account, error) {
		return client.AccountsLike(ctx, g, keep)
	}))
	if err != nil {
		return "", unlistable(name, g.ContentURL, err)
	}
	return admit(account, why, name, g.ContentURL, admins)
}

// unlistable names the person whom a site has too many users to look for.
func unlistable(name, contentURL string, err error) error {
	if !errors.Is(err, tableau.ErrTooManyUsers) {
		return err
	}
	return errInvalidName(name, contentURL, "it has a character that means something in Tableau's filters ("+filterGrammar+"), and "+err.Error())
}

// matches compares the name, and the domain where the token gives one. Domains have no case: two
// cannot differ in that alone.
func (n userName) matches(a tableau.Account, same func(a, b string) bool) bool {
	listed := parseUserName(a.Name)
	if listed.domain != "" && a.Domain != "" && !sameLetters(a.Domain, localDomain) && !sameLetters(listed.domain, a.Domain) {
		return false // it contradicts itself
	}
	if listed.domain == "" {
		listed.domain = a.Domain
	}
	return same(listed.name, n.name) && (n.domain == "" || sameLetters(listed.domain, n.domain))
}

// localDomain is what Tableau calls the domain of its own accounts.
const localDomain = "local"

// sameLetters compares regardless of case, more strictly than strings.EqualFold: that also takes
// the Kelvin sign for a k and the long s for an s, so that a name made up with them would be
// another person's.
func sameLetters(a, b string) bool {
	return strings.ToLower(a) == strings.ToLower(b) && strings.ToUpper(a) == strings.ToUpper(b) //nolint:staticcheck // EqualFold forgives more
}

// roleClass is what a site role means for being signed in.
type roleClass int

const (
	served roleClass = iota
	unlicensed
	administrator
)

// roleClassOf fails closed: a user without a known role might be a server administrator.
// SupportUser is Tableau's own staff on a customer's site, with rights that are nowhere written
// down.
func roleClassOf(role tableau.SiteRole) roleClass {
	switch strings.ToLower(string(role)) {
	case "unlicensed", "unlicensedwithpublish", "guest":
		return unlicensed
	case "serveradministrator", "supportuser", "":
		return administrator
	default:
		return served
	}
}
