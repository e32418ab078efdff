package rest

import (
	"net/http"
	"slices"
)

// Method holds the facts of one method of Tableau's REST API. The table of methods is in this
// package, beside the door that reads it, so that a reader of the door sees all that it lets pass.
type Method struct {
	// Verb is GET unless the row has another one. A row with POST either reads, or opens or closes a
	// session.
	Verb string
	// Template is the path. It is relative to /api/{version}/sites/{site}/; one that begins with / is
	// relative to /api/{version}/, and one that begins with -/, exp/, metadata/ or v1/ to /api/. Each
	// part in braces is one value: {site} is the site of the session, and {id} and other names of ids are LUIDs.
	Template string
	// Since is the API version that brought it; empty for what every server has that Vitrine speaks
	// to. SinceOnCloud is that of Tableau Cloud, if it differs.
	Since, SinceOnCloud string
	// Until is the first API version that no longer has it; empty if it stays.
	Until string
	// Scope is what a session from a JWT needs for it; empty if Tableau documents none.
	Scope string
	// ScopedSince is the API version from which a session from a JWT may call it, if that is later than
	// Since and than the version of the scope. Older servers answer as if the session had ended.
	ScopedSince string
	// Class is LongRunning for what Tableau renders or exports.
	Class Class
	// Product is the product that has it; empty for both.
	Product Product
}

// Methods returns the table of methods.
func Methods() []Method { return slices.Clone(methods) }

// Product is one of Tableau's two.
type Product string

// The products.
const (
	Server Product = "SERVER"
	Cloud  Product = "CLOUD"
)

// Never is later than every API version.
const Never = "999.0"

// methods are the only requests that leave the program. A request that fits no row is refused.
// Preview images are not long-running: Tableau keeps them ready.
//
// Sources: https://help.tableau.com/current/api/rest_api/en-us/REST/rest_api_ref.htm,
// https://help.tableau.com/current/online/en-us/connected_apps_scopes.htm, and for the classes
// https://help.tableau.com/current/api/rest_api/en-us/REST/rest_api_concepts_fundamentals.htm
var methods = []Method{
	// The server, and sessions.
	{Template: "/serverinfo", Class: Open},
	{Verb: http.MethodPost, Template: "/auth/signin", Class: SigningIn},
	{Verb: http.MethodPost, Template: "/auth/signout", Class: SigningOut, ScopedSince: "3.20"},
	{Template: "/sessions/current", Since: "3.1", ScopedSince: "3.29"},
	{Template: "/settings/extensions", Since: "3.21", ScopedSince: Never, Product: Server},
	{Template: "-/settings/server/extensions/analytics", Since: "3.11", Scope: "tableau:analytics_extensions:read", Product: Server},
	{Template: "/domains", Since: "3.11", ScopedSince: Never, Product: Server},

	// Sites.
	{Template: "/sites", Scope: "tableau:sites:read", Product: Server},
	{Template: "/sites/{site}", Scope: "tableau:sites:read", ScopedSince: "3.27"},
	{Template: "/sites/{id}", ScopedSince: Never}, // the same, for the name of one's site without sessions/current
	{Template: "settings/embedding", Since: "3.16", ScopedSince: Never},
	{Template: "settings/extensions", Since: "3.21", ScopedSince: Never},
	{Template: "settings/notifications", Since: "3.15", ScopedSince: Never},
	{Template: "settings/mcp", Since: "3.26", ScopedSince: Never},
	{Template: "site-auth-configurations", Since: "3.24", ScopedSince: Never},
	{Template: "site-oidc-configuration", Since: "3.22", ScopedSince: Never, Product: Cloud},
	{Template: "scimConfigurations", Since: "3.26", ScopedSince: Never, Product: Cloud},
	{Template: "connected-applications", Since: "3.14", Scope: "tableau:connected_apps_direct_trust:read"},
	{Template: "connected-apps/direct-trust", Since: "3.17", Scope: "tableau:connected_apps_direct_trust:read"},
	{Template: "connected-apps/external-authorization-servers", Since: "3.16", Scope: "tableau:external_authorization_servers:read"},
	{Template: "bridge-clients", Since: "3.28", Scope: "tableau:bridge_rest_api:read", Product: Cloud},
	{Template: "bridge-pools", Since: "3.28", Scope: "tableau:bridge_rest_api:read", Product: Cloud},
	{Template: "-/customdomains/site/{luid}", Since: "3.26", Scope: "tableau:custom_domains:read", Product: Cloud},
	{Template: "-/settings/site/extensions/analytics", Since: "3.11", Scope: "tableau:analytics_extensions:read"},
	{Template: "-/settings/site/extensions/analytics/connections", Since: "3.11", Scope: "tableau:analytics_extensions:read"},
	{Template: "-/settings/site/extensions/analytics/workbooks/{id}/connections", Since: "3.11", Scope: "tableau:analytics_extensions:read"},
	{Template: "-/settings/site/extensions/analytics/workbooks/{id}/selected_connection", Since: "3.11", Scope: "tableau:analytics_extensions:read"},
	{Template: "dataAccelerationReport", Since: "3.8", Until: "3.16", ScopedSince: Never, Product: Server},

	// People.
	{Template: "users", Scope: "tableau:users:read"},
	{Template: "users/{id}", Scope: "tableau:users:read"},
	{Template: "users/{id}/workbooks", Scope: "tableau:content:read", ScopedSince: "3.27"},
	{Template: "users/{id}/flows", Since: "3.3", Scope: "tableau:flows:read"},
	{Template: "users/{id}/groups", Since: "3.7", Scope: "tableau:users:read"},
	{Template: "users/{id}/personal-access-tokens", Since: "3.21", ScopedSince: Never, Product: Cloud},
	{Template: "groups", Scope: "tableau:groups:read"},
	{Template: "groups/{id}/users", Scope: "tableau:groups:read"},
	{Template: "groupsets", Since: "3.22", Scope: "tableau:groupsets:read"},
	{Template: "groupsets/{id}", Since: "3.22", Scope: "tableau:groupsets:read"},

	// Projects.
	{Template: "projects", Scope: "tableau:content:read"},
	{Template: "projects/{id}/permissions", Scope: "tableau:permissions:read"},
	{Template: "projects/{id}/default-permissions/workbooks", Scope: "tableau:permissions:read"},
	{Template: "projects/{id}/default-permissions/datasources", Scope: "tableau:permissions:read"},
	{Template: "projects/{id}/default-permissions/flows", Since: "3.4", Scope: "tableau:permissions:read"},
	{Template: "projects/{id}/default-permissions/dataroles", Scope: "tableau:permissions:read"},
	{Template: "projects/{id}/default-permissions/databases", Since: "3.23", Scope: "tableau:permissions:read"},
	{Template: "projects/{id}/default-permissions/tables", Since: "3.23", Scope: "tableau:permissions:read"},
	{Template: "projects/{id}/default-permissions/virtualconnections", Since: "3.23", Scope: "tableau:permissions:read"},
	{Template: "projects/{id}/default-permissions/metrics", Since: "3.9", Until: "3.22", Scope: "tableau:permissions:read"},
	{Template: "projects/{id}/default-permissions/lenses", Since: "3.16", Until: "3.22", Scope: "tableau:permissions:read"},

	// Workbooks and views.
	{Template: "workbooks", Scope: "tableau:content:read"},
	{Template: "workbooks/{id}", Scope: "tableau:content:read"},
	{Template: "workbooks/{contentUrl}", Scope: "tableau:content:read"},
	{Template: "workbooks/{id}/views", Scope: "tableau:content:read", ScopedSince: "3.27"},
	{Template: "workbooks/{id}/connections", Scope: "tableau:content:read", ScopedSince: "3.27"},
	{Template: "workbooks/{id}/downGradeInfo", Since: "3.5", Scope: "tableau:workbook_downgrade_info:read"},
	{Template: "workbooks/{id}/permissions", Scope: "tableau:permissions:read"},
	{Template: "workbooks/{id}/revisions", Scope: "tableau:content:read"},
	{Template: "workbooks/{id}/revisions/{number}/content", Scope: "tableau:workbooks:download", Class: LongRunning},
	{Template: "workbooks/{id}/content", Scope: "tableau:workbooks:download", Class: LongRunning},
	{Template: "workbooks/{id}/pdf", Since: "3.4", Scope: "tableau:workbooks:download", Class: LongRunning},
	{Template: "workbooks/{id}/powerpoint", Since: "3.8", Scope: "tableau:workbooks:download", ScopedSince: "3.27", Class: LongRunning},
	{Template: "workbooks/{id}/previewImage", Scope: "tableau:workbooks:download"},
	{Template: "workbooks/{workbook}/views/{id}/previewImage", Scope: "tableau:views:download"},
	{Template: "views", Scope: "tableau:content:read"},
	{Template: "views/{id}", Scope: "tableau:content:read"},
	{Template: "views/{id}/permissions", Since: "3.2", Scope: "tableau:permissions:read"},
	{Template: "views/{id}/image", Scope: "tableau:views:download", Class: LongRunning},
	{Template: "views/{id}/data", Scope: "tableau:views:download", Class: LongRunning},
	{Template: "views/{id}/pdf", Scope: "tableau:views:download", Class: LongRunning},
	{Template: "views/{id}/crosstab/excel", Since: "3.8", Scope: "tableau:views:download", Class: LongRunning},
	{Template: "customviews", Since: "3.18", Scope: "tableau:content:read"},
	{Template: "customviews/{id}", Since: "3.18", Scope: "tableau:content:read"},
	{Template: "customviews/{id}/default/users", Since: "3.21", Scope: "tableau:content:read"},
	{Template: "customviews/{id}/image", Since: "3.18", Scope: "tableau:views:download", Class: LongRunning},
	{Template: "customviews/{id}/data", Since: "3.23", Scope: "tableau:views:download", Class: LongRunning},
	{Template: "customviews/{id}/pdf", Since: "3.23", Scope: "tableau:views:download", Class: LongRunning},
	{Template: "exp/sites/{site}/customviews/{id}/content", Since: "3.21", Class: LongRunning},

	// Data sources, flows and virtual connections.
	{Template: "datasources", Scope: "tableau:content:read"},
	{Template: "datasources/{id}", Scope: "tableau:content:read"},
	{Template: "datasources/{id}/connections", Scope: "tableau:content:read"},
	{Template: "datasources/{id}/permissions", Scope: "tableau:permissions:read"},
	{Template: "datasources/{id}/revisions", Scope: "tableau:content:read"},
	{Template: "datasources/{id}/revisions/{number}/content", Scope: "tableau:datasources:download", Class: LongRunning},
	{Verb: http.MethodPost, Template: "v1/vizql-data-service/read-metadata", Since: "3.25", Scope: "tableau:viz_data_service:read"},
	{Verb: http.MethodPost, Template: "v1/vizql-data-service/get-datasource-model", Since: "3.27", Scope: "tableau:viz_data_service:read"},
	{Verb: http.MethodPost, Template: "v1/vizql-data-service/query-datasource", Since: "3.25", Scope: "tableau:viz_data_service:read"},
	{Template: "datasources/{id}/content", Scope: "tableau:datasources:download", Class: LongRunning},
	{Template: "flows", Since: "3.3", Scope: "tableau:flows:read"},
	{Template: "flows/{id}", Since: "3.3", Scope: "tableau:flows:read"},
	{Template: "flows/{id}/connections", Since: "3.3", Scope: "tableau:flow_connections:read"},
	{Template: "flows/{id}/permissions", Since: "3.3", Scope: "tableau:permissions:read"},
	{Template: "flows/{id}/content", Since: "3.3", Class: LongRunning},
	{Template: "flows/runs", Since: "3.10", Scope: "tableau:flow_runs:read"},
	{Template: "flows/runs/{id}", Since: "3.10", Scope: "tableau:flow_runs:read"},
	{Template: "virtualconnections", Since: "3.18", ScopedSince: Never},
	{Template: "virtualconnections/{id}", Since: "3.23", ScopedSince: Never},
	{Template: "virtualconnections/{id}/connections", Since: "3.18", ScopedSince: Never},
	{Template: "virtualconnections/{id}/permissions", Since: "3.23", Scope: "tableau:permissions:read"},
	{Template: "virtualconnections/{id}/revisions", Since: "3.23", ScopedSince: Never},

	// What people keep, and what they find.
	{Template: "favorites/{user}", Scope: "tableau:content:read", ScopedSince: "3.27"},
	{Template: "personalSpace", Since: "3.13", Scope: "tableau:projects:read"},
	{Template: "content/recent", Since: "3.5", Scope: "tableau:content:read"},
	{Template: "recommendations", Since: "3.7", ScopedSince: Never},
	{Template: "-/collections", Since: "3.28", Scope: "tableau:collections:read"},
	{Template: "-/collections/{luid}", Since: "3.28", Scope: "tableau:collections:read"},
	{Template: "-/collections/{luid}/items", Since: "3.28", Scope: "tableau:collections:read"},
	{Template: "collections/{id}/permissions", Since: "3.12", Scope: "tableau:permissions:read", ScopedSince: "3.27"},
	{Template: "-/search", Since: "3.16", Scope: "tableau:content:read"},
	{Template: "-/suggestions", Since: "3.19", Scope: "tableau:content:read"},
	{Verb: http.MethodPost, Template: "-/content/usage-stats", Since: "3.17", Scope: "tableau:content:read", Product: Cloud},
	{Template: "recyclebin/{kind}", Since: "3.29", Scope: "tableau:recyclebin_content:read"},

	// Tableau Pulse. What makes metrics, is billed or costs AI credits has no row.
	{Template: "-/pulse/definitions", Since: "3.21", Scope: "tableau:insight_definitions_metrics:read", Product: Cloud},
	{Template: "-/pulse/definitions/{id}", Since: "3.21", Scope: "tableau:insight_definitions_metrics:read", Product: Cloud},
	{Template: "-/pulse/definitions/{id}/metrics", Since: "3.21", Scope: "tableau:insight_definitions_metrics:read", Product: Cloud},
	{Template: "-/pulse/definitions:batchGet", Since: "3.21", Scope: "tableau:insight_definitions_metrics:read", Product: Cloud},
	{Template: "-/pulse/metrics/{id}", Since: "3.21", Scope: "tableau:insight_metrics:read", Product: Cloud},
	{Template: "-/pulse/metrics:batchGet", Since: "3.21", Scope: "tableau:insight_metrics:read", Product: Cloud},
	{Template: "-/pulse/subscriptions", Since: "3.21", Scope: "tableau:metric_subscriptions:read", Product: Cloud},
	{Template: "-/pulse/subscriptions/{id}", Since: "3.21", Scope: "tableau:metric_subscriptions:read", Product: Cloud},
	{Template: "-/pulse/subscriptions:batchGetMetricFollowerCounts", Since: "3.21", Scope: "tableau:metric_subscriptions:read", Product: Cloud},
	{Verb: http.MethodPost, Template: "-/pulse/insights/ban", Since: "3.21", Scope: "tableau:insights:read", Product: Cloud},
	{Verb: http.MethodPost, Template: "-/pulse/insights/springboard", Since: "3.21", Scope: "tableau:insights:read", Product: Cloud},

	// Databases, tables and what is said of data.
	{Template: "databases", Since: "3.5", Scope: "tableau:databases:read"},
	{Template: "databases/{id}", Since: "3.5", Scope: "tableau:databases:read"},
	{Template: "databases/{id}/permissions", Since: "3.5", Scope: "tableau:permissions:read"},
	{Template: "databases/{id}/default-permissions/tables", Since: "3.5", Scope: "tableau:permissions:read"},
	{Template: "tables", Since: "3.5", Scope: "tableau:tables:read"},
	{Template: "tables/{id}", Since: "3.5", Scope: "tableau:tables:read"},
	{Template: "tables/{id}/permissions", Since: "3.5", Scope: "tableau:permissions:read"},
	{Template: "tables/{id}/columns", Since: "3.5", Scope: "tableau:tables:read"},
	{Template: "tables/{id}/columns/{column}", Since: "3.5", Scope: "tableau:tables:read"},
	{Verb: http.MethodPost, Template: "labels", Since: "3.17", Scope: "tableau:labels:read"},
	{Verb: http.MethodPost, Template: "metadata/graphql", Since: "3.5", Scope: "tableau:content:read", ScopedSince: "3.21"},
	{Template: "labels/{id}", Since: "3.16", Scope: "tableau:labels:read"},
	{Template: "labelValues", Since: "3.20", Scope: "tableau:label_values:read"},
	{Template: "labelValues/{name}", Since: "3.21", Scope: "tableau:label_values:read"},
	{Template: "labelCategories", Since: "3.21", Scope: "tableau:label_categories:read"},
	{Template: "dataQualityWarnings/database/{luid}", Since: "3.5", Scope: "tableau:labels:read"},
	{Template: "dataQualityWarnings/datasource/{luid}", Since: "3.5", Scope: "tableau:labels:read"},
	{Template: "dataQualityWarnings/flow/{luid}", Since: "3.5", Scope: "tableau:labels:read"},
	{Template: "dataQualityWarnings/table/{luid}", Since: "3.5", Scope: "tableau:labels:read"},
	{Template: "dataQualityWarnings/virtualconnection/{luid}", Since: "3.5", Scope: "tableau:labels:read"},
	{Template: "dataQualityTriggers/database/{luid}", Since: "3.11", ScopedSince: Never},
	{Template: "dataQualityTriggers/datasource/{luid}", Since: "3.11", ScopedSince: Never},
	{Template: "dataQualityTriggers/flow/{luid}", Since: "3.11", ScopedSince: Never},
	{Template: "dataQualityTriggers/table/{luid}", Since: "3.11", ScopedSince: Never},
	{Template: "dataQualityTriggers/virtualconnection/{luid}", Since: "3.11", ScopedSince: Never},
	{Template: "dataQualityCertifications/database/{luid}", Since: "3.13", ScopedSince: Never},
	{Template: "dataQualityCertifications/datasource/{luid}", Since: "3.13", ScopedSince: Never},
	{Template: "dataQualityCertifications/flow/{luid}", Since: "3.13", ScopedSince: Never},
	{Template: "dataQualityCertifications/table/{luid}", Since: "3.13", ScopedSince: Never},
	{Template: "dataQualityCertifications/virtualconnection/{luid}", Since: "3.13", ScopedSince: Never},

	// What goes on in the background.
	{Template: "jobs", Since: "3.1", Scope: "tableau:jobs:read"},
	{Template: "jobs/{id}", Scope: "tableau:jobs:read"},
	{Template: "/schedules", Scope: "tableau:schedules:read", Product: Server},
	{Template: "/schedules/{id}", Since: "3.8", Scope: "tableau:schedules:read", Product: Server},
	{Template: "schedules/{id}/extracts", Scope: "tableau:tasks:read", Product: Server},
	{Template: "tasks/extractRefreshes", Scope: "tableau:tasks:read"},
	{Template: "tasks/extractRefreshes/{id}", Scope: "tableau:tasks:read"},
	{Template: "tasks/runFlow", Since: "3.3", Scope: "tableau:flow_tasks:read"},
	{Template: "tasks/runFlow/{id}", Since: "3.3", Scope: "tableau:flow_tasks:read"},
	{Template: "tasks/linked", Since: "3.15", Scope: "tableau:flow_tasks:read"},
	{Template: "tasks/linked/{id}", Since: "3.15", Scope: "tableau:flow_tasks:read"},
	{Template: "subscriptions", SinceOnCloud: "3.20", Scope: "tableau:tasks:read"},
	{Template: "subscriptions/{id}", SinceOnCloud: "3.20", Scope: "tableau:tasks:read"},
	{Template: "dataAlerts", Since: "3.2", ScopedSince: Never},
	{Template: "dataAlerts/{id}", Since: "3.2", ScopedSince: Never},
	{Template: "webhooks", Since: "3.6", ScopedSince: Never}, // their one scope allows changes too
	{Template: "webhooks/{id}", Since: "3.6", ScopedSince: Never},
}

// scopeSince is the API version that brought a scope. Scopes that are not listed are as old as the
// sign-in with a JWT.
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
	"tableau:viz_data_service:read":               "3.25",
	"tableau:insight_definitions_metrics:read":    "3.21",
	"tableau:insight_metrics:read":                "3.21",
	"tableau:insights:read":                       "3.21",
	"tableau:metric_subscriptions:read":           "3.21",
}

// ScopeKnown reports whether a server of a version knows a scope. A JWT must not name one that it
// does not know.
func ScopeKnown(scope, version string) bool {
	since, late := scopeSince[scope]
	return !late || AtLeast(version, since)
}
