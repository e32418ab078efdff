package sessions

import (
	"maps"
	"slices"

	"vitrine/auth"
	"vitrine/internal/seal"
)

// Owner returns a text of all that shapes what a person is answered: whose sessions are used on
// every site, and what else the token says of the person. Only its times and its session at the
// provider are left out. Different persons, and one person in different circumstances, have
// different texts. It is empty for an identity that has no sessions.
func (b *Broker) Owner(id *auth.Identity) string {
	owners := b.owners(id)
	if len(owners) == 0 {
		return ""
	}
	list := func(texts []string) string { return string(seal.Canonical(texts...)) }
	var sites, claims []string
	for _, o := range owners {
		sites = append(sites, string(o.about()))
	}
	for _, name := range slices.Sorted(maps.Keys(id.Claims)) {
		claims = append(claims, name, list(id.Claims[name]))
	}
	return string(seal.Canonical(
		id.Issuer, id.Subject, id.Username, id.Client, list(id.Groups), list(id.Scopes), list(claims), list(sites),
	))
}
