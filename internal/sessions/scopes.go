package sessions

import (
	"slices"

	"vitrine/internal/tableau"
)

const (
	// readUsers covers who-am-I on servers where sessions/current is closed to sessions of a JWT:
	// GET users/{id}, for one's own.
	readUsers = "tableau:users:read"
	// openCurrent is the REST API version from which sessions/current needs no scope.
	openCurrent = "3.29"
)

// ScopesFor are the scopes that a JWT names on a server of this REST API version, sorted: those
// that are wanted and that it knows. Before 3.29 reading users is among them, because people find
// out who they are that way; and if there would be no scope at all, because Tableau accepts no JWT
// without one.
func ScopesFor(wanted []string, version string) []string {
	scopes := make([]string, 0, len(wanted)+1)
	for _, scope := range wanted {
		if tableau.ScopeKnown(scope, version) {
			scopes = append(scopes, scope)
		}
	}
	if len(scopes) == 0 || !tableau.AtLeast(version, openCurrent) {
		scopes = append(scopes, readUsers)
	}
	slices.Sort(scopes)
	return slices.Compact(scopes)
}
