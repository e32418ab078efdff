package cli

import (
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"slices"
	"strconv"
	"strings"

	"vitrine/auth"
	"vitrine/internal/config"
	"vitrine/internal/policy"
	"vitrine/internal/server"
)

// explain reports what claims would give: which Tableau user, which roles and why, which sites and
// limits. It asks nobody.
func (c *command) explain(_ context.Context, args []string) error {
	file := c.flags.String("config", "", "settings `file`")
	claimsFile := c.flags.String("claims", "", "`file` with an access token, or with its claims alone, a JSON object")
	if err := c.parse(args); err != nil {
		return err
	}
	if *claimsFile == "" {
		return errors.New("--claims is missing: name a file with an access token, or with its claims, a JSON object, which is the token's middle part decoded")
	}
	settings, err := c.settings(*file)
	if err != nil {
		return err
	}
	claims, err := readTokenFile("claims", *claimsFile)
	if err != nil {
		return err
	}
	roles, err := server.NewPolicy(settings)
	if err != nil {
		return err
	}
	verifier, err := auth.New(server.AuthConfig(settings, settings.PublicURL, slog.New(slog.DiscardHandler)))
	if err != nil {
		return fmt.Errorf("the settings of oidc do not work:\n%w", err)
	}
	dryRun, err := verifier.Explain([]byte(claims))
	if err != nil {
		return fmt.Errorf("--claims %q holds neither an access token nor claims: %w", *claimsFile, err)
	}
	return explanation{c.out, settings, roles, ", by oidc[].username; check --user or --token finds out whether Tableau knows it"}.of(dryRun)
}

// explanation writes what an identity gives.
type explanation struct {
	out      io.Writer
	settings *config.Config
	roles    *policy.Policy
	known    string // behind the Tableau user: where the name comes from
}

func (e explanation) say(what, text string) { _, _ = fmt.Fprintf(e.out, "%-13s %s\n", what, text) }

// of explains a supposition. The error says that a person with such a token is refused.
func (e explanation) of(s *auth.DryRun) error {
	for _, note := range s.Notes {
		e.say("note", note)
	}
	if s.Identity == nil {
		e.say("refused", refusalText(s.Refused))
		return errors.New("a token with these claims is refused")
	}
	_, err := e.identity(s.Identity)
	return err
}

// refusalText is what was wrong with a token and what an operator can do.
func refusalText(err error) string {
	text := strings.TrimPrefix(err.Error(), "auth: ")
	var refusal *auth.Error
	if errors.As(err, &refusal) && refusal.Advice() != "" {
		text += " What to do: " + refusal.Advice() + "."
	}
	return text
}

// identity explains which roles somebody has and what they give. The error says that the person is
// refused.
func (e explanation) identity(id *auth.Identity) (*policy.View, error) {
	e.person(id)
	caller := policy.Caller{Groups: id.Groups, Scopes: id.Scopes, Client: id.Client, Claims: id.Claims}
	for _, v := range e.roles.Explain(caller) {
		if v.Unmet == "" {
			e.say("role", v.Role.Name+": yes, it is for "+v.Role.When.String())
		} else {
			e.say("no role", v.Role.Name+": "+v.Unmet)
		}
	}
	view, err := e.roles.View(e.roles.RolesFor(caller))
	switch {
	case errors.Is(err, policy.ErrNoRoles):
		e.say("refused", "no role fits: 403 FORBIDDEN. What to do: change when of a role, or what the provider puts into the token.")
		return nil, errors.New("this person has no role and is refused")
	case errors.Is(err, policy.ErrNothingLeft):
		e.say("refused", "the roles together leave nothing to ask: 403 FORBIDDEN. What to do: change allow and deny of these roles.")
		return nil, errors.New("this person's roles leave nothing to ask: the person is refused")
	case err != nil:
		return nil, err
	}
	e.gives(view)
	return view, nil
}

func (e explanation) person(id *auth.Identity) {
	e.say("issuer", id.Issuer)
	e.say("subject", id.Subject)
	e.say("Tableau user", strconv.Quote(id.Username)+e.known)
	e.say("groups", listed(id.Groups))
	e.say("scopes", listed(id.Scopes))
	e.say("client", listed([]string{id.Client}))
	for _, name := range e.settings.RoleClaims() {
		if values, there := id.Claims[name]; there {
			e.say("claim", name+": "+listed(values))
		} else {
			e.say("claim", name+": not there")
		}
	}
}

// gives says what the roles give, and from where it comes.
func (e explanation) gives(view *policy.View) {
	var sites []string
	for _, site := range e.settings.Tableau.Sites {
		if view.Offers(site.ContentURL) {
			sites = append(sites, strconv.Quote(site.ContentURL))
		}
	}
	e.say("sites", strings.Join(sites, ", ")+from(e.naming(view, func(r config.Role) bool { return len(r.Sites) > 0 }), "tableau.sites: no role names any"))
	e.say("areas", listed(view.Areas))
	l := e.settings.Limits
	e.size("first", view.Limits.First, l.First, e.naming(view, func(r config.Role) bool { return r.Limits.First > 0 }))
	e.size("rows", view.Limits.Rows, l.First, e.naming(view, func(r config.Role) bool { return r.Limits.Rows > 0 }))
	if view.Introspection {
		e.say("introspection", "yes")
	} else {
		e.say("introspection", "no"+from(e.naming(view, func(r config.Role) bool { return r.NoIntrospection }), ""))
	}
	if len(e.settings.Documents.Manifests) > 0 {
		e.documents(view)
	}
	if l.PerPerson > 0 {
		e.say("budget", fmt.Sprintf("%d points a minute", l.PerPerson))
	}
	for _, role := range e.settings.Roles {
		if len(role.Deny) > 0 && slices.Contains(view.Roles, role.Name) {
			e.say("denied", strings.Join(role.Deny, ", ")+from([]string{role.Name}, ""))
		}
	}
	e.say("schema", "vitrine schema --config FILE --role "+strings.Join(view.Roles, ",")+" prints it")
}

// documents says what happens to documents that are not trusted.
func (e explanation) documents(view *policy.View) {
	mode, by := e.settings.Documents.Mode, []string(nil)
	for _, name := range []string{config.DocumentsOff, config.DocumentsLog, config.DocumentsEnforce} {
		if naming := e.naming(view, func(r config.Role) bool { return r.Documents == name }); len(naming) > 0 {
			mode, by = name, naming // the strictest comes last
		}
	}
	e.say("documents", mode+from(by, "documents.mode: no role names it"))
}

func (e explanation) size(what string, named, usual int, by []string) {
	if named > 0 {
		e.say(what, strconv.Itoa(named)+from(by, ""))
		return
	}
	e.say(what, strconv.Itoa(usual)+from(nil, "limits.first: no role names it"))
}

// naming are the roles of a view that say something.
func (e explanation) naming(view *policy.View, says func(config.Role) bool) []string {
	var names []string
	for _, role := range e.settings.Roles {
		if slices.Contains(view.Roles, role.Name) && says(role) {
			names = append(names, role.Name)
		}
	}
	return names
}

func from(roles []string, otherwise string) string {
	switch {
	case len(roles) > 0:
		return "  (role " + strings.Join(roles, ", ") + ")"
	case otherwise != "":
		return "  (" + otherwise + ")"
	default:
		return ""
	}
}

// listed shows texts, each quoted: they are of others' making.
func listed(texts []string) string {
	var quoted []string
	for _, text := range texts {
		if text != "" {
			quoted = append(quoted, strconv.Quote(text))
		}
	}
	if len(quoted) == 0 {
		return "none"
	}
	return strings.Join(quoted, ", ")
}
