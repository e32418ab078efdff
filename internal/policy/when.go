package policy

import (
	"fmt"
	"slices"
	"strings"
)

// Caller is what conditions of roles look at: an identity as a verified token says it.
type Caller struct {
	Groups []string
	Scopes []string
	Client string              // that the token was issued to; empty where the token does not say it
	Claims map[string][]string // the claims that conditions name, each as a list of texts
}

// When says whose role it is. Everything that is set must hold; the zero value holds for everyone.
// Names and values are compared letter by letter.
type When struct {
	// Group is the name of one of the caller's groups.
	Group string
	// Scope is one of the scopes that the token was issued for.
	Scope string
	// Client is the client that the token was issued to.
	Client string
	// Claim is a claim of the token, and Equals or Contains what it has to say: that value and no
	// other, or that value among others. A number and a boolean are compared as they are written.
	Claim, Equals, Contains string
}

// unmet says why a caller does not have the role; empty for one who has it. It holds no value of a
// claim.
func (w When) unmet(c Caller) string {
	var why []string
	if w.Group != "" && !slices.Contains(c.Groups, w.Group) {
		why = append(why, fmt.Sprintf("the groups do not hold %q", w.Group))
	}
	if w.Scope != "" && !slices.Contains(c.Scopes, w.Scope) {
		why = append(why, fmt.Sprintf("the scopes do not hold %q", w.Scope))
	}
	if w.Client != "" && c.Client != w.Client {
		why = append(why, fmt.Sprintf("the client is not %q", w.Client))
	}
	if w.Claim != "" {
		why = append(why, w.unmetClaim(c)...)
	}
	return strings.Join(why, ", and ")
}

func (w When) unmetClaim(c Caller) []string {
	values, there := c.Claims[w.Claim]
	switch {
	case !there:
		return []string{fmt.Sprintf("there is no claim %q", w.Claim)}
	case w.Contains != "" && !slices.Contains(values, w.Contains):
		return []string{fmt.Sprintf("the claim %q does not hold %q", w.Claim, w.Contains)}
	case w.Contains == "" && (len(values) != 1 || values[0] != w.Equals):
		return []string{fmt.Sprintf("the claim %q is not %q", w.Claim, w.Equals)}
	default:
		return nil
	}
}

// String says in words when a role applies.
func (w When) String() string {
	var words []string
	add := func(format string, value string) {
		if value != "" {
			words = append(words, fmt.Sprintf(format, value))
		}
	}
	add("group %q", w.Group)
	add("scope %q", w.Scope)
	add("client %q", w.Client)
	switch {
	case w.Claim != "" && w.Contains != "":
		words = append(words, fmt.Sprintf("claim %q holds %q", w.Claim, w.Contains))
	case w.Claim != "":
		words = append(words, fmt.Sprintf("claim %q is %q", w.Claim, w.Equals))
	}
	if len(words) == 0 {
		return "everyone"
	}
	return strings.Join(words, " and ")
}

// Verdict is whether a caller has a role, and why.
type Verdict struct {
	Role Role
	// Unmet says why the caller does not have the role; empty for one who has it.
	Unmet string
}

// Explain goes through the roles in their order.
func (p *Policy) Explain(c Caller) []Verdict {
	verdicts := make([]Verdict, len(p.roles))
	for i, role := range p.roles {
		verdicts[i] = Verdict{Role: role, Unmet: role.When.unmet(c)}
	}
	return verdicts
}

// RolesFor returns the names of the roles that a caller has, sorted. It is empty, not nil, for no
// role.
func (p *Policy) RolesFor(c Caller) []string {
	names := make([]string, 0, len(p.roles))
	for _, role := range p.roles {
		if role.When.unmet(c) == "" {
			names = append(names, role.Name)
		}
	}
	slices.Sort(names)
	return names
}
