package config

import (
	"fmt"
	"regexp"
	"slices"
	"strings"

	"vitrine/internal/suggest"
)

// Role is a named set of areas and schema coordinates. What Allow and Deny name
// is checked against the schema elsewhere; here it is only well formed.
type Role struct {
	// Name is unique. Key: name.
	Name string
	// When says who has the role; the zero value means everyone. Key: when.
	When When
	// Allow and Deny are areas (CATALOG) or coordinates (Workbook.owner,
	// User.*, Tag). Keys: allow, deny.
	Allow, Deny []string
	// Sites are those of tableau.sites that the role gives, by content URL. What
	// the roles of a person name adds up; where none names any it is all of them.
	// Key: sites.
	Sites []string
	// Limits bound what the role may ask for. Key: limits.
	Limits RoleLimits
	// NoIntrospection is the opposite of introspection: people with the role
	// cannot ask for the schema, and messages tell nothing of it.
	// Key: introspection. Default: true, which is NoIntrospection false.
	NoIntrospection bool
	// Documents is the mode for documents that are not trusted: off, log or
	// enforce. Of what the roles of a person name the strictest holds; where none
	// names any it is documents.mode. Key: documents.
	Documents string
	// EmbedScopes are the scopes of embed tokens, of [EmbedScopes]. What the roles
	// of a person name adds up; where none names any it is the first.
	// Key: embedScopes.
	EmbedScopes []string
}

// RoleLimits bound what one request of a person may ask for. What the roles of a
// person name adds up to the greatest; 0 leaves it to the others, and where none
// names it limits holds.
type RoleLimits struct {
	// First is the most that a list may be asked for at once, at most
	// limits.first. Key: first.
	First int
	// Rows is the most rows that a view's data may be asked for at once, at most
	// limits.first. Key: rows.
	Rows int
}

// When is the condition of a role. Everything that is set must hold.
type When struct {
	// Group is a group that has the role. Key: group.
	Group string
	// Scope is a scope of the access token. Key: scope.
	Scope string
	// Client is the client that the token was issued to. Key: client.
	Client string
	// Claim is a claim of the token; a dot reaches into objects. Key: claim.
	Claim string
	// Equals and Contains are what the claim has to be, or to hold among others;
	// one of the two. Keys: equals, contains.
	Equals, Contains string
}

func (r *reader) role(o *object, role *Role) {
	o.text("name", &role.Name)
	if w := o.object("when"); w != nil {
		r.when(w, &role.When)
	}
	o.texts("allow", &role.Allow)
	o.texts("deny", &role.Deny)
	o.texts("sites", &role.Sites)
	if o.has("sites") && len(role.Sites) == 0 && !r.bad[o.at("sites")] {
		r.problem(o.at("sites"), "", "names no site", "name one, or leave sites out to leave it to the other roles")
	}
	if l := o.object("limits"); l != nil {
		r.roleLimits(l, &role.Limits)
	}
	introspection := true
	o.flag("introspection", &introspection)
	role.NoIntrospection = !introspection
	o.text("documents", &role.Documents)
	o.texts("embedScopes", &role.EmbedScopes)
	o.done()
}

// when reads a condition. An empty one is refused: it would open the role to
// everyone, which is said by leaving when out.
func (r *reader) when(o *object, w *When) {
	before := len(r.problems)
	for key, into := range map[string]*string{
		"group": &w.Group, "scope": &w.Scope, "client": &w.Client, "claim": &w.Claim, "equals": &w.Equals, "contains": &w.Contains,
	} {
		o.text(key, into)
		if o.has(key) && *into == "" && !r.bad[o.at(key)] {
			r.problem(o.at(key), "", "is empty", "give it a value, or take it out")
		}
	}
	o.done()
	if *w == (When{}) && len(r.problems) == before {
		r.problem(o.path, "", "names nothing", "name a group, scope, client or claim, or leave when out to give the role to everyone")
	}
}

func (r *reader) roleLimits(o *object, l *RoleLimits) {
	for key, into := range map[string]*int{"first": &l.First, "rows": &l.Rows} {
		o.number(key, into)
		if o.has(key) && *into == 0 && !r.bad[o.at(key)] {
			r.problem(o.at(key), "0", "would let nothing be asked for", "give 1 or more, or take it out")
		}
	}
	o.done()
}

var (
	roleName   = regexp.MustCompile(`^[A-Za-z][A-Za-z0-9_-]{0,63}$`)
	coordinate = regexp.MustCompile(`^[A-Za-z_][A-Za-z0-9_]*(\.(\*|[A-Za-z_][A-Za-z0-9_]*))?$`)
)

func (v *checker) roles(c *Config) {
	if len(c.Roles) == 0 {
		v.problem("roles", "", "is missing: nobody could ask for anything", "give one at least, like {name: everyone, allow: [CATALOG, CONTENT]}")
	}
	names := make([]string, len(c.Roles))
	for i := range c.Roles {
		names[i] = c.Roles[i].Name
		v.role(fmt.Sprintf("roles[%d]", i), &c.Roles[i], c)
	}
	v.unique("roles", names)
}

func (v *checker) role(path string, role *Role, c *Config) {
	if v.required(path+".name", role.Name, "name the role; logs and explanations use the name") && !roleName.MatchString(role.Name) {
		v.problem(path+".name", role.Name, "is not a name", "use letters, digits, - and _, a letter first")
	}
	v.coordinates(path+".allow", role.Allow)
	v.coordinates(path+".deny", role.Deny)
	if len(role.Allow)+len(role.Deny)+len(role.Sites)+len(role.EmbedScopes) == 0 && role.Limits == (RoleLimits{}) && !role.NoIntrospection && role.Documents == "" {
		v.problem(path, role.Name, "neither allows nor denies anything", "list areas or coordinates in allow or deny")
	}
	v.embedRole(path, role, &c.Tableau)
	v.condition(path+".when", role.When, c.OIDC)
	for i, site := range role.Sites {
		if !slices.ContainsFunc(c.Tableau.Sites, func(s Site) bool { return s.ContentURL == site }) {
			v.problem(fmt.Sprintf("%s.sites[%d]", path, i), site, "is not in tableau.sites, so the role can never give it",
				suggest.Or(site, contentURLs(c.Tableau.Sites), "name one of those, letter for letter"))
		}
	}
	v.unique(path+".sites", role.Sites)
	if len(role.Sites) > 1 && slices.Index(role.Sites, "") != lastIndex(role.Sites, "") { // unique leaves empty texts alone
		v.problem(path+".sites", "", "names the default site twice", "keep one of the two")
	}
	most := max(c.Limits.First, 1)
	if role.Limits.First != 0 {
		within(v, path+".limits.first", role.Limits.First, 1, most)
	}
	if role.Limits.Rows != 0 {
		within(v, path+".limits.rows", role.Limits.Rows, 1, most)
	}
}

func contentURLs(sites []Site) []string {
	urls := make([]string, len(sites))
	for i, s := range sites {
		urls[i] = s.ContentURL
	}
	return urls
}

func lastIndex(list []string, s string) int {
	for i := len(list) - 1; i >= 0; i-- {
		if list[i] == s {
			return i
		}
	}
	return -1
}

// condition notes what can never hold.
func (v *checker) condition(path string, w When, issuers []Issuer) {
	if strings.ContainsAny(w.Scope, " \t") {
		v.problem(path+".scope", w.Scope, "can never match: it is several scopes", "name one")
	}
	for _, name := range []struct{ key, value string }{{".group", w.Group}, {".scope", w.Scope}, {".client", w.Client}, {".claim", w.Claim}} {
		if name.value != "" && strings.TrimSpace(name.value) == "" {
			v.problem(path+name.key, name.value, "can never match: it is blank", "give it a value, or take it out")
		}
	}
	if group := strings.ToLower(w.Group); strings.HasPrefix(group, "https://") || strings.HasPrefix(group, "http://") {
		v.problem(path+".group", w.Group, "can never match: a token with a web address among its groups is refused, for that is how providers say that groups were left out",
			"name a group as the provider does, without https://")
	}
	switch {
	case w.Claim == "" && w.Equals != "":
		v.problem(path+".equals", w.Equals, "says of no claim what it is", "name the claim as claim")
	case w.Claim == "" && w.Contains != "":
		v.problem(path+".contains", w.Contains, "says of no claim what it holds", "name the claim as claim")
	case w.Claim == "":
	case w.Equals == "" && w.Contains == "":
		v.problem(path+".claim", w.Claim, "is compared with nothing", "give what it has to be as equals, or to hold as contains")
	case w.Equals != "" && w.Contains != "":
		v.problem(path+".contains", w.Contains, "is set beside equals", "keep one of the two")
	default:
		v.claim(path, w, issuers)
	}
}

// claim notes values that tokens which are accepted cannot have.
func (v *checker) claim(path string, w When, issuers []Issuer) {
	value, key := w.Equals, ".equals"
	if w.Contains != "" {
		value, key = w.Contains, ".contains"
	}
	verified := func(i Issuer) bool { return i.Username.RequireVerified }
	switch {
	case w.Claim == "iss" && !slices.ContainsFunc(issuers, func(i Issuer) bool { return i.URL == value }):
		v.problem(path+key, value, "can never match: it is not the URL of an issuer in oidc",
			suggest.Or(value, issuerURLs(issuers), "name one of oidc, letter for letter"))
	case w.Claim == "email_verified" && value != "true" && len(issuers) > 0 && !slices.ContainsFunc(issuers, func(i Issuer) bool { return !verified(i) }):
		v.problem(path+key, value, "can never match: nobody is let in whose address is not verified", "take the role out, or say true")
	case w.Claim == "scope" || w.Claim == "scp":
		v.problem(path+".claim", w.Claim, "holds scopes, which have a condition of their own", "write scope: NAME")
	}
}

func issuerURLs(issuers []Issuer) []string {
	urls := make([]string, len(issuers))
	for i := range issuers {
		urls[i] = issuers[i].URL
	}
	return urls
}

// coordinates checks the form of areas and schema coordinates.
func (v *checker) coordinates(path string, list []string) {
	for i, c := range list {
		if !coordinate.MatchString(c) {
			v.problem(fmt.Sprintf("%s[%d]", path, i), c, "is neither an area nor a schema coordinate", "write CATALOG, Workbook, Workbook.owner or Workbook.*")
		}
	}
	v.unique(path, list)
}

// RoleClaims are the claims that conditions of roles look at, without repetition.
func (c *Config) RoleClaims() []string {
	var claims []string
	for _, role := range c.Roles {
		if role.When.Claim != "" {
			claims = append(claims, role.When.Claim)
		}
	}
	slices.Sort(claims)
	return slices.Compact(claims)
}
