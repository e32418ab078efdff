package auth

import (
	"fmt"
	"strings"
)

// NameConflict is a pair of issuers that can give the same Tableau user name: a person who controls
// one of them could act as any user of the other.
type NameConflict struct {
	First, Second int // positions in the list of issuers
	URLs          [2]string
}

// Reason describes the conflict; it begins with a verb whose subject is the second issuer.
func (c NameConflict) Reason() string {
	return fmt.Sprintf("can give the same Tableau user name as issuer %q", c.URLs[0])
}

// Fix says what to do about a conflict.
func (NameConflict) Fix() string {
	return "give each its own Windows domain in username.prefixDomain, or set dangerouslySharedNames if the same people are behind both"
}

// SharedNames returns each pair of issuers that can give the same Tableau user name.
func SharedNames(issuers []Issuer) []NameConflict {
	var conflicts []NameConflict
	for n, a := range issuers {
		for m, b := range issuers[:n] {
			if a.URL != b.URL && !disjoint(a.Username, b.Username) {
				conflicts = append(conflicts, NameConflict{m, n, [2]string{b.URL, a.URL}})
			}
		}
	}
	return conflicts
}

// sharedNames returns the conflicts as errors.
func sharedNames(issuers []Issuer) []error {
	var errs []error
	for _, c := range SharedNames(issuers) {
		errs = append(errs, fmt.Errorf("oidc: issuers %q and %q can give the same Tableau user name; %s", c.URLs[0], c.URLs[1], c.Fix()))
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
