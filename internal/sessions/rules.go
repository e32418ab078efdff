package sessions

import (
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"strings"

	"vitrine/auth"
)

// Rules say what the JWTs of an app carry beside the user's name.
type Rules struct {
	// Scopes are what sessions may read, such as tableau:content:read: those that the roles need.
	// [ScopesFor] says which of them a JWT names.
	Scopes []string
	// Attributes are user attributes, for the functions USERATTRIBUTE and USERATTRIBUTEINCLUDES of
	// workbooks.
	Attributes []Attribute
	// OnDemand is access without a user of the site; Cloud only, and part of a license of its own.
	OnDemand OnDemand
}

// Attribute makes a user attribute of a claim of the identity. Who has not the claim has not the
// attribute.
type Attribute struct {
	Claim string // among auth.Identity.Claims
	Name  string // in Tableau
}

// OnDemand says in which groups of the site somebody is without being a user of it. Who would be in
// none signs in as usual.
type OnDemand struct {
	Groups []string // everybody's
	Claim  string   // holds further ones; empty for none
}

// attributes is what an identity brings into its sessions beside the name: claims for its JWTs, as
// canonical JSON. It is empty for most. Two owners with different traits never share a session.
type attributes string

// tableauClaims is how the names of Tableau's own claims begin.
const tableauClaims = "https://tableau.com/"

// reserved are claims of a JWT that cannot be user attributes.
var reserved = []string{"iss", "sub", "aud", "exp", "nbf", "iat", "jti", "scp"}

// isReserved reports whether a claim of a JWT has a meaning of its own, in whatever case: not every
// reader of JSON is case-sensitive.
func isReserved(name string) bool {
	return slices.ContainsFunc(reserved, func(r string) bool { return strings.EqualFold(r, name) }) ||
		len(name) >= len(tableauClaims) && strings.EqualFold(name[:len(tableauClaims)], tableauClaims)
}

// check says what is wrong with the rules.
func (r Rules) check() error {
	var problems []error
	seen := map[string]bool{}
	for _, a := range r.Attributes {
		switch {
		case a.Claim == "" || a.Name == "":
			problems = append(problems, errors.New("a user attribute needs a claim and a name"))
		case isReserved(a.Name):
			problems = append(problems, fmt.Errorf("the user attribute %q would replace a claim of the JWT: give it another name", a.Name))
		case seen[a.Name]:
			problems = append(problems, fmt.Errorf("the user attribute %q is there twice", a.Name))
		}
		seen[a.Name] = true
	}
	return errors.Join(problems...)
}

// fingerprint is the rules as a text: other rules, other sessions.
func (r Rules) fingerprint() string {
	return fmt.Sprintf("%q %q %q", r.Scopes, r.Attributes, r.OnDemand)
}

// attributes applies the rules to an identity.
func (r Rules) attributes(id *auth.Identity) attributes {
	claims := map[string]any{}
	for _, a := range r.Attributes {
		switch texts := id.Claims[a.Claim]; len(texts) {
		case 0:
		case 1:
			claims[a.Name] = texts[0]
		default:
			claims[a.Name] = texts
		}
	}
	if groups := r.OnDemand.groups(id); len(groups) > 0 {
		claims[tableauClaims+"oda"], claims[tableauClaims+"groups"] = "true", groups
	}
	if len(claims) == 0 {
		return ""
	}
	text, err := json.Marshal(claims) // keys come sorted
	if err != nil {
		return "" // texts and lists of texts can always be written
	}
	return attributes(text)
}

// groups are those of the settings and of the identity. A blank name is no group: a claim that
// holds nothing else is as if absent.
func (o OnDemand) groups(id *auth.Identity) []string {
	groups := slices.Clone(o.Groups)
	if o.Claim != "" {
		groups = append(groups, id.Claims[o.Claim]...)
	}
	groups = slices.DeleteFunc(groups, auth.Blank)
	slices.Sort(groups)
	return slices.Compact(groups)
}

func (t attributes) claims() (map[string]any, error) {
	if t == "" {
		return nil, nil
	}
	var claims map[string]any
	if err := json.Unmarshal([]byte(t), &claims); err != nil {
		return nil, fmt.Errorf("reading back what the identity brings along: %w", err)
	}
	return claims, nil
}
