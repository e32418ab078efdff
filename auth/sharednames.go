package auth

import (
	"fmt"
	"strings"
)

// sharedNames reports each pair of issuers that could speak for the same
// Tableau user: then a person who controls one could act as any user of the other.
func sharedNames(issuers []Issuer) []error {
	var errs []error
	for n, a := range issuers {
		for _, b := range issuers[:n] {
			if a.URL != b.URL && !disjoint(a.Username, b.Username) {
				errs = append(errs, fmt.Errorf("oidc: issuers %q and %q can give the same Tableau user name; "+
					"give each its own Windows domain in username.prefixDomain, or set dangerouslySharedNames "+
					"if the same people are behind both", b.URL, a.URL))
			}
		}
	}
	return errs
}

// disjoint is true only if no name of one rule can mean a user of the other.
// Different stripped domains do not help: bob@a.example and bob@b.example both
// become bob. Nor does a prefix on one side, for Tableau may take a bare bob for
// CORP\bob. What helps is two different Windows domains; and as one domain has a
// short name and a full one (CORP, corp.example.com), a short name is never
// taken to differ from a full one.
func disjoint(a, b UsernameRule) bool {
	x, y := a.PrefixDomain, b.PrefixDomain
	if x == "" || y == "" || strings.EqualFold(x, y) {
		return false
	}
	return strings.Contains(x, ".") == strings.Contains(y, ".")
}
