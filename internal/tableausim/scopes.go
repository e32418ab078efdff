package tableausim

import (
	"strings"

	"vitrine/internal/tableausim/wire"
)

// scope is what a session that came from a JWT needs for a method (REST API reference, "Access
// Scopes for Connected Apps"). The zero value is a method that such a session cannot call at all.
type scope struct {
	name  string
	since version // API version of the server from which the method takes it
	free  version // API version of the server from which the method needs none; never when zero
}

// firstJWT is the API version that brought the sign-in with a JWT.
var firstJWT = ver(3, 16)

func need(name string) scope { return scope{name: name, since: firstJWT} }

// from makes a scope that a method takes only since a later version.
func (s scope) from(major, minor int) scope {
	s.since = ver(major, minor)
	return s
}

var (
	contentRead         = need("tableau:content:read")
	viewsDownload       = need("tableau:views:download")
	workbooksDownload   = need("tableau:workbooks:download")
	datasourcesDownload = need("tableau:datasources:download")
	usersRead           = need("tableau:users:read")
	permissionsRead     = need("tableau:permissions:read")
	flowsRead           = need("tableau:flows:read").from(3, 27)
	groupsRead          = need("tableau:groups:read")
	downgradeRead       = need("tableau:workbook_downgrade_info:read").from(3, 27)
	flowConnectionsRead = need("tableau:flow_connections:read").from(3, 27)
	databasesRead       = need("tableau:databases:read").from(3, 27)
	tablesRead          = need("tableau:tables:read").from(3, 27)
	labelsRead          = need("tableau:labels:read").from(3, 23)
	labelValuesRead     = need("tableau:label_values:read").from(3, 27)
	labelCategoryRead   = need("tableau:label_categories:read").from(3, 27)
	recycledRead        = need("tableau:recyclebin_content:read").from(3, 29)
	projectsRead        = need("tableau:projects:read").from(3, 27)
	groupSetsRead       = need("tableau:groupsets:read").from(3, 22)
	sitesRead           = need("tableau:sites:read").from(3, 17)
	forSignOut          = scope{name: everyScope, since: firstJWT, free: ver(3, 20)}
	forSession          = scope{name: everyScope, since: firstJWT, free: ver(3, 29)}
	noScope             scope // "access cannot be controlled by a JWT"
	collectionsRead     = need("tableau:collections:read").from(3, 28)
)

// everyScope is granted by itself only.
const everyScope = "tableau:*:*"

// known are the scopes for reading, and the API version that brought each.
var known = map[string]version{
	"tableau:content:read": firstJWT, "tableau:views:download": firstJWT, "tableau:workbooks:download": firstJWT,
	"tableau:datasources:download": firstJWT, "tableau:permissions:read": firstJWT, "tableau:users:read": firstJWT,
	"tableau:groups:read": firstJWT, "tableau:groupsets:read": ver(3, 22), "tableau:jobs:read": firstJWT,
	"tableau:tasks:read": firstJWT, "tableau:sites:read": ver(3, 17), "tableau:flows:read": ver(3, 27),
	"tableau:flow_connections:read": ver(3, 27), "tableau:flow_runs:read": ver(3, 27), "tableau:flow_tasks:read": ver(3, 27),
	"tableau:schedules:read": ver(3, 27), "tableau:projects:read": ver(3, 27), "tableau:databases:read": ver(3, 27),
	"tableau:tables:read": ver(3, 27), "tableau:labels:read": ver(3, 23), "tableau:label_values:read": ver(3, 27),
	"tableau:label_categories:read": ver(3, 27), "tableau:collections:read": ver(3, 28), "tableau:recyclebin_content:read": ver(3, 29),
	"tableau:bridge_rest_api:read": ver(3, 28), "tableau:custom_domains:read": ver(3, 26), "tableau:analytics_extensions:read": ver(3, 28),
	"tableau:viz_data_service:read": ver(3, 25), "tableau:insight_definitions_metrics:read": ver(3, 21), "tableau:insight_metrics:read": ver(3, 21),
	"tableau:metric_subscriptions:read": ver(3, 21), "tableau:insights:read": ver(3, 21), "tableau:insight_brief:create": ver(3, 21),
	"tableau:insights_alerts:read": ver(3, 21), "tableau:user_preferences:read": ver(3, 21),
	"tableau:connected_apps_direct_trust:read": ver(3, 27), "tableau:external_authorization_servers:read": ver(3, 27),
	"tableau:webhooks:*":                   ver(3, 27),
	"tableau:workbook_downgrade_info:read": ver(3, 27), "tableau:data_acceleration_reports:read": ver(3, 27),
	embedViews: firstJWT, embedAuthoring: ver(3, 17), embedInsights: ver(3, 21),
	everyScope: firstJWT,
}

// wellFormed reports whether a text is tableau:resource:action.
func wellFormed(name string) bool {
	parts := strings.Split(name, ":")
	return len(parts) == 3 && parts[0] == "tableau" && parts[1] != "" && parts[2] != "" && !strings.ContainsAny(name, " \t\n")
}

// knownTo reports whether a server of this version has a scope; a wildcard is known when it covers
// one.
func knownTo(server version, name string) bool {
	for x, since := range known {
		if !server.less(since) && covers(name, x) {
			return true
		}
	}
	return false
}

// covers reports whether a granted scope, which may have wildcards, includes a wanted one.
func covers(granted, wanted string) bool {
	g, w := strings.Split(granted, ":"), strings.Split(wanted, ":")
	if len(g) != len(w) {
		return false
	}
	for i := range g {
		if g[i] != "*" && g[i] != w[i] {
			return false
		}
	}
	return true
}

// allows checks that a session may call a method: those that did not come from a JWT may call all.
func (s *Server) allows(x *session, wanted scope) error {
	if x.proof == nil || wanted.free != (version{}) && !s.version.less(wanted.free) {
		return nil
	}
	if wanted.name != "" && !s.version.less(wanted.since) {
		for _, granted := range x.proof.scopes {
			if covers(granted, wanted.name) {
				return nil
			}
		}
	}
	if s.cfg.MissingScope401002 {
		return wire.Fail("401002", "Your authentication credentials are invalid.")
	}
	return errForbidden()
}
