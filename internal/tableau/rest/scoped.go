package rest

import (
	"fmt"
	"strings"
)

// scopedSince are the reads that Tableau opened to sessions of a JWT later than it learned to sign
// in with one: no scope covers them in older servers, and the refusal may look like a session that
// has ended. They are not sent there.
// https://help.tableau.com/current/online/en-us/connected_apps_scopes.htm
var scopedSince = map[string]string{
	"/schedules": "3.27", "/schedules/{id}": "3.27", "schedules/{id}/extracts": "3.20",
	"tasks/extractRefreshes": "3.20", "tasks/extractRefreshes/{id}": "3.20", "subscriptions": "3.20", "subscriptions/{id}": "3.20",
	"tasks/runFlow": "3.27", "tasks/runFlow/{id}": "3.27", "tasks/linked": "3.27", "tasks/linked/{id}": "3.27",
	"flows/runs": "3.27", "flows/runs/{id}": "3.27",
	"connected-applications": "3.27", "connected-apps/direct-trust": "3.27", "connected-apps/external-authorization-servers": "3.27",
	"-/settings/site/extensions/analytics": "3.28", "-/settings/site/extensions/analytics/connections": "3.28",
	"-/settings/site/extensions/analytics/workbooks/{id}/connections":         "3.28",
	"-/settings/site/extensions/analytics/workbooks/{id}/selected_connection": "3.28",
	"settings/embedding": never, "settings/extensions": never, "settings/notifications": never, "settings/mcp": never,
	"site-auth-configurations": never, "site-oidc-configuration": never, "scimConfigurations": never, "dataAccelerationReport": never,
	"dataAlerts": never, "dataAlerts/{id}": never, // no scope is documented for them
	"webhooks": never, "webhooks/{id}": never, // their one scope covers changes too

	"/sessions/current":    "3.29",
	"workbooks/{id}/views": "3.27",
	"users/{id}/workbooks": "3.27",
	"favorites/{user}":     "3.27",
	"personalSpace":        "3.27",
	"recommendations":      never,
	"/sites/{id}":          never,
	"/sites/{site}":        "3.27",
	"/settings/extensions": never,
	"/domains":             never,

	"-/settings/server/extensions/analytics": "3.28",

	"workbooks/{id}/downGradeInfo": "3.27",
	"workbooks/{id}/powerpoint":    "3.27",

	"flows":            "3.27",
	"flows/{id}":       "3.27",
	"users/{id}/flows": "3.27",

	"virtualconnections":                never, // no scope is documented for them
	"virtualconnections/{id}":           never,
	"workbooks/{id}/connections":        "3.27",
	"users/{id}/personal-access-tokens": never,

	"collections/{id}/permissions": "3.27",

	"virtualconnections/{id}/connections": never, "virtualconnections/{id}/revisions": never,
	"flows/{id}/connections": "3.27", "databases": "3.27", "databases/{id}": "3.27", "tables": "3.27", "tables/{id}": "3.27",
	"tables/{id}/columns": "3.27", "tables/{id}/columns/{column}": "3.27", "labels": "3.23", "labels/{id}": "3.23",
	"labelValues": "3.27", "labelValues/{name}": "3.27", "labelCategories": "3.27",
}

// qualityScope is the same for data quality, by the kind of the content: warnings have the scope of
// labels, the others none.
func qualityScope(template string) (since string, late bool) {
	what, _, _ := strings.Cut(template, "/")
	switch what {
	case "dataQualityWarnings":
		return "3.23", true
	case "dataQualityTriggers", "dataQualityCertifications":
		return never, true
	}
	return "", false
}

// never is for what is for administrators alone, and of no use to others: no JWT asks for its
// scope.
const never = "999.0"

// open says whether a grant may be used for a read; template is that of a siteRead.
func (g *Grant) open(template, version string) error {
	since, late := scopedSince[template]
	if !late {
		since, late = qualityScope(template)
	}
	if !g.Scoped || !late || AtLeast(version, since) {
		return nil
	}
	return &Error{
		Kind: Unsupported, Call: "GET " + template,
		Err: fmt.Errorf("to a session that came from a JWT it is open from REST API %s (%s: not at all), and this server has %s", since, never, version),
	}
}
