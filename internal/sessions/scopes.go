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

// scopeSince is the REST API version that brought a scope; those that are not here are as old as
// the sign-in with a JWT. A JWT names no scope that the server does not know.
// https://help.tableau.com/current/online/en-us/connected_apps_scopes.htm
var scopeSince = map[string]string{
	"tableau:sites:read":                          "3.17",
	"tableau:tasks:read":                          "3.20",
	"tableau:groupsets:read":                      "3.22",
	"tableau:labels:read":                         "3.23",
	"tableau:custom_domains:read":                 "3.26",
	"tableau:flows:read":                          "3.27",
	"tableau:flow_connections:read":               "3.27",
	"tableau:flow_runs:read":                      "3.27",
	"tableau:flow_tasks:read":                     "3.27",
	"tableau:schedules:read":                      "3.27",
	"tableau:projects:read":                       "3.27",
	"tableau:databases:read":                      "3.27",
	"tableau:tables:read":                         "3.27",
	"tableau:label_values:read":                   "3.27",
	"tableau:label_categories:read":               "3.27",
	"tableau:workbook_downgrade_info:read":        "3.27",
	"tableau:connected_apps_direct_trust:read":    "3.27",
	"tableau:external_authorization_servers:read": "3.27",
	"tableau:collections:read":                    "3.28",
	"tableau:bridge_rest_api:read":                "3.28",
	"tableau:analytics_extensions:read":           "3.28",
	"tableau:recyclebin_content:read":             "3.29",
}

// ScopesFor are the scopes that a JWT names on a server of this REST API version, sorted: those
// that are wanted and that it knows. Before 3.29 reading users is among them, because people find
// out who they are that way; and if there would be no scope at all, because Tableau accepts no JWT
// without one.
func ScopesFor(wanted []string, version string) []string {
	scopes := make([]string, 0, len(wanted)+1)
	for _, scope := range wanted {
		if since, late := scopeSince[scope]; !late || tableau.AtLeast(version, since) {
			scopes = append(scopes, scope)
		}
	}
	if len(scopes) == 0 || !tableau.AtLeast(version, openCurrent) {
		scopes = append(scopes, readUsers)
	}
	slices.Sort(scopes)
	return slices.Compact(scopes)
}
