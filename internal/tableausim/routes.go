package tableausim

import (
	"net/http"
	"slices"
	"strings"

	"vitrine/internal/tableausim/vizql"
)

// route is one method of the REST API.
type route struct {
	method string
	path   string            // below /api/{version}/; with -/ or exp/ in front below /api/
	since  version           // least API version in the path
	until  version           // first API version of a server that does not have it any more; none when zero
	scope  scope             // what sessions that came from a JWT need
	open   bool              // needs no session
	binary bool              // answers neither XML nor JSON, so that any Accept will do
	long   bool              // keeps a rendering process busy
	before func(*call) error // reads the body, before the world is locked
	handle handler
	only   product // which of the products has it; both when zero
}

// product is one of Tableau's two.
type product uint8

const (
	onServer product = 1 + iota
	onCloud
)

// oldest is the API version that brought serverinfo, the first thing that a client asks; methods
// that are older than that count as having come with it.
var oldest = ver(2, 4)

// Method is a method of the stand-in's REST API.
type Method struct {
	Verb, Path   string // as in the table of routes
	Since, Until string // API versions; Since is empty up to 3.0, and Until if it stays
	// Scope is what a session of a JWT needs, and ScopedSince the version from which the method takes
	// it. Without a scope such a session cannot call the method.
	Scope, ScopedSince string
	OnServer, OnCloud  bool
	Long               bool // it keeps a rendering process busy
}

// Methods lists what the stand-in has, for tests that compare it with the client.
func Methods() []Method {
	var all []Method
	for _, r := range table() {
		m := Method{
			Verb: r.method, Path: r.path, Scope: r.scope.name, Long: r.long, OnServer: r.only != onCloud, OnCloud: r.only != onServer,
		}
		if ver(3, 0).less(r.since) {
			m.Since = r.since.String()
		}
		if r.until != (version{}) {
			m.Until = r.until.String()
		}
		if firstJWT.less(r.scope.since) {
			m.ScopedSince = r.scope.since.String()
		}
		all = append(all, m)
	}
	return all
}

// table lists every method that the stand-in has, and nothing else.
func table() []route {
	const site = "sites/{site}/"
	get := func(path string, since version, sc scope, h handler) route {
		return route{method: http.MethodGet, path: path, since: since, scope: sc, handle: h}
	}
	file := func(path string, since version, sc scope, h handler) route {
		return route{method: http.MethodGet, path: path, since: since, scope: sc, binary: true, handle: h}
	}
	long := func(path string, since version, sc scope, h handler) route {
		return route{method: http.MethodGet, path: path, since: since, scope: sc, binary: true, long: true, handle: h}
	}
	until := func(gone version, r route) route {
		r.until = gone
		return r
	}
	ask := func(path string, since version, kind string, h func(vizqlCall) (*answer, error)) route {
		return route{method: http.MethodPost, path: vizqlPath + path, since: since, scope: need("tableau:viz_data_service:read").from(3, 25), binary: true, before: readRaw, handle: vizqlMethod(kind, h)}
	}
	pulse := func(method, path string, since version, scopeName string, h handler) route {
		r := route{method: method, path: pulsePath + path, since: since, scope: need(scopeName).from(3, 21), only: onCloud, binary: true, handle: onPulse(h)}
		if method == http.MethodPost {
			r.before = readRaw
		}
		return r
	}
	on := func(p product, r route) route {
		r.only = p
		return r
	}
	return []route{
		{method: http.MethodGet, path: "serverinfo", since: oldest, open: true, handle: serverInfo},
		{method: http.MethodPost, path: "auth/signin", since: oldest, open: true, before: readSignIn, handle: signIn},
		{method: http.MethodPost, path: "auth/signout", since: oldest, scope: forSignOut, handle: signOut},
		{method: http.MethodPost, path: "auth/switchSite", since: ver(2, 6), scope: noScope, before: readBody, handle: switchSite},
		get("sessions/current", ver(3, 1), forSession, currentSession),

		get("sites", oldest, sitesRead, listSites),
		get("sites/{$}", oldest, sitesRead.from(3, 27), queryDefaultSite),
		get("sites/{site}", oldest, sitesRead.from(3, 27), querySite),
		get(site+"projects", oldest, contentRead, listProjects),
		get(site+"projects/{id}/permissions", oldest, permissionsRead, projectPermissions),
		get(site+"projects/{id}/default-permissions/{kind}", oldest, permissionsRead, projectDefaults),
		get(site+"users", oldest, usersRead, listUsers),
		get(site+"users/{id}", oldest, usersRead, getUser),
		get(site+"users/{id}/workbooks", oldest, contentRead.from(3, 27), listUserWorkbooks),
		get(site+"users/{id}/flows", ver(3, 3), flowsRead, listUserFlows),
		get(site+"users/{id}/groups", ver(3, 7), usersRead, listUserGroups),
		get(site+"groups", oldest, groupsRead, listGroups),
		get(site+"groups/{id}/users", oldest, groupsRead, listGroupUsers),
		get(site+"groupsets", ver(3, 22), groupSetsRead, listGroupSets),
		get(site+"groupsets/{id}", ver(3, 22), groupSetsRead, getGroupSet),
		get(site+"users/{id}/personal-access-tokens", ver(3, 21), noScope, listUserTokens),

		get(site+"settings/embedding", ver(3, 16), noScope, forAdmins(getEmbedding)),
		get(site+"settings/extensions", ver(3, 21), noScope, forAdmins(getExtensions)),
		get(site+"settings/mobilesecuritysettings", ver(3, 18), noScope, forAdmins(listMobileSecurity)),
		get(site+"settings/notifications", ver(3, 15), noScope, listNotificationPreferences),
		get(site+"settings/mcp", ver(3, 26), noScope, listMCPSettings),
		get(site+"site-auth-configurations", ver(3, 24), noScope, forAdmins(listAuthConfigurations)),
		on(onCloud, get(site+"site-oidc-configuration", ver(3, 22), noScope, forAdmins(getOIDC))),
		on(onCloud, get(site+"site-oidc-configuration/{id}", ver(3, 22), noScope, forAdmins(getOIDC))),
		on(onCloud, get(site+"scimConfigurations", ver(3, 26), noScope, forAdmins(listSCIM))),
		get(site+"connected-applications", ver(3, 14), connectedAppsRead, forAdmins(listConnectedApps)),
		get(site+"connected-applications/{id}", ver(3, 14), connectedAppsRead, forAdmins(getConnectedApp)),
		get(site+"connected-apps/direct-trust", ver(3, 17), connectedAppsRead, forAdmins(listConnectedApps)),
		get(site+"connected-apps/direct-trust/{id}", ver(3, 17), connectedAppsRead, forAdmins(getConnectedApp)),
		get(site+"connected-apps/external-authorization-servers/{id}", ver(3, 16), externalServerRead, forAdmins(getExternalServer)),
		get(site+"connected-apps/external-authorization-servers", ver(3, 16), externalServerRead, forAdmins(listExternalServers)),
		on(onCloud, get(site+"bridge-clients", ver(3, 28), bridgeRead, forAdmins(listBridgeClients))),
		on(onCloud, get(site+"bridge-clients/{id}", ver(3, 28), bridgeRead, forAdmins(getBridgeClient))),
		on(onCloud, get(site+"bridge-pools", ver(3, 28), bridgeRead, forAdmins(listBridgePools))),
		on(onServer, get(site+"dataAccelerationReport", ver(3, 8), accelerationRead, forAdmins(getAccelerationReport))),
		on(onCloud, get("-/customdomains/site/{luid}", ver(3, 26), domainsRead, listCustomDomains)),
		get("-/settings/site/extensions/analytics", ver(3, 11), analyticsRead, forAdmins(getAnalytics)),
		get("-/settings/site/extensions/analytics/connections", ver(3, 11), analyticsRead, forAdmins(listAnalytics)),
		get("-/settings/site/extensions/analytics/connections/{id}", ver(3, 11), analyticsRead, forAdmins(getAnalyticsConnection)),
		get("-/settings/site/extensions/analytics/workbooks/{id}/connections", ver(3, 11), analyticsRead, listWorkbookAnalytics),
		get("-/settings/site/extensions/analytics/workbooks/{id}/selected_connection", ver(3, 11), analyticsRead, getWorkbookAnalytics),

		get(site+"jobs", ver(3, 1), jobsRead, listJobs),
		get(site+"jobs/{id}", oldest, jobsRead, getJob),
		on(onServer, get("schedules", oldest, schedulesRead, listSchedules)),
		on(onServer, get("schedules/{id}", ver(3, 8), schedulesRead, getSchedule)),
		on(onServer, get(site+"schedules/{id}/extracts", oldest, tasksRead, listScheduleExtracts)),
		get(site+"tasks/extractRefreshes", ver(2, 6), tasksRead, listExtractRefreshes),
		get(site+"tasks/extractRefreshes/{id}", ver(2, 6), tasksRead, getExtractRefresh),
		get(site+"tasks/runFlow", ver(3, 3), flowTasksRead, listFlowTasks),
		get(site+"tasks/runFlow/{id}", ver(3, 3), flowTasksRead, getFlowTask),
		until(ver(3, 16), on(onServer, get(site+"tasks/dataAcceleration", ver(3, 8), noScope, listAccelerationTasks))),
		get(site+"tasks/linked", ver(3, 15), flowTasksRead, listLinkedTasks),
		get(site+"tasks/linked/{id}", ver(3, 15), flowTasksRead, getLinkedTask),
		get(site+"flows/runs", ver(3, 10), flowRunsRead, listFlowRuns),
		get(site+"flows/runs/{id}", ver(3, 10), flowRunsRead, getFlowRun),
		get(site+"subscriptions", oldest, tasksRead, listSubscriptions),
		get(site+"subscriptions/{id}", oldest, tasksRead, getSubscription),
		get(site+"dataAlerts", ver(3, 2), noScope, listDataAlerts),
		get(site+"dataAlerts/{id}", ver(3, 2), noScope, getDataAlert),
		get(site+"webhooks", ver(3, 6), webhooksAll, listWebhooks),
		get(site+"webhooks/{id}", ver(3, 6), webhooksAll, getWebhook),

		get(site+"workbooks", oldest, contentRead, listWorkbooks),
		get(site+"workbooks/{id}", oldest, contentRead, getWorkbook),
		get(site+"workbooks/{id}/views", oldest, contentRead.from(3, 27), listWorkbookViews),
		get(site+"workbooks/{id}/downGradeInfo", ver(3, 5), downgradeRead, downgradeInfo),
		get(site+"workbooks/{id}/connections", oldest, contentRead.from(3, 27), listWorkbookConnections),
		get(site+"workbooks/{id}/permissions", oldest, permissionsRead, workbookPermissions),
		get(site+"workbooks/{id}/revisions", oldest, contentRead, listWorkbookRevisions),
		long(site+"workbooks/{id}/revisions/{number}/content", oldest, workbooksDownload, workbookRevisionFile),
		long(site+"workbooks/{id}/pdf", ver(3, 4), workbooksDownload, workbookPDF),
		long(site+"workbooks/{id}/powerpoint", ver(3, 8), workbooksDownload.from(3, 27), workbookPowerPoint),
		long(site+"workbooks/{id}/content", oldest, workbooksDownload, workbookFile),
		file(site+"workbooks/{id}/previewImage", oldest, workbooksDownload, workbookPreview),
		file(site+"workbooks/{id}/views/{view}/previewImage", oldest, viewsDownload, viewPreview),

		get(site+"views", oldest, contentRead, listViews),
		get(site+"views/{id}", ver(3, 0), contentRead, getView),
		get(site+"views/{id}/permissions", ver(3, 2), permissionsRead, viewPermissions),
		long(site+"views/{id}/image", ver(2, 5), viewsDownload, viewImage),
		long(site+"views/{id}/data", ver(2, 7), viewsDownload, viewData),
		long(site+"views/{id}/pdf", ver(2, 7), viewsDownload, viewPDF),
		long(site+"views/{id}/crosstab/excel", ver(3, 8), viewsDownload, viewCrosstab),

		get(site+"datasources", oldest, contentRead, listDatasources),
		get(site+"datasources/{id}", oldest, contentRead, getDatasource),
		long(site+"datasources/{id}/content", oldest, datasourcesDownload, datasourceFile),
		get(site+"datasources/{id}/connections", oldest, contentRead, listDatasourceConnections),
		get(site+"datasources/{id}/permissions", oldest, permissionsRead, datasourcePermissions),
		get(site+"datasources/{id}/revisions", oldest, contentRead, listDatasourceRevisions),
		long(site+"datasources/{id}/revisions/{number}/content", oldest, datasourcesDownload, datasourceRevisionFile),

		get(site+"customviews", ver(3, 18), contentRead, listCustomViews),
		get(site+"customviews/{id}", ver(3, 18), contentRead, getCustomView),
		long(site+"customviews/{id}/image", ver(3, 18), viewsDownload, customViewImage),
		long(site+"customviews/{id}/pdf", ver(3, 23), viewsDownload, customViewPDF),
		long(site+"customviews/{id}/data", ver(3, 23), viewsDownload, customViewData),
		long("exp/"+site+"customviews/{id}/content", ver(3, 21), noScope, customViewFile),
		get(site+"customviews/{id}/default/users", ver(3, 21), contentRead, listCustomViewUsers),

		get(site+"flows", ver(3, 3), flowsRead, listFlows),
		get(site+"flows/{id}", ver(3, 3), flowsRead, getFlow),
		long(site+"flows/{id}/content", ver(3, 3), noScope, flowFile),

		get(site+"virtualconnections", ver(3, 18), noScope, listVirtualConnections),
		get(site+"virtualconnections/{id}", ver(3, 23), noScope, getVirtualConnection),

		get(site+"recyclebin/workbooks", ver(3, 29), recycledRead, listRecycled("Workbook")),
		get(site+"recyclebin/datasources", ver(3, 29), recycledRead, listRecycled("Datasource")),
		get(site+"recyclebin/flows", ver(3, 29), recycledRead, listRecycled("Flow")),
		get(site+"recyclebin/projects", ver(3, 29), recycledRead, listRecycled("Project")),

		get(site+"flows/{id}/connections", ver(3, 3), flowConnectionsRead, listFlowConnections),
		get(site+"flows/{id}/permissions", ver(3, 3), permissionsRead, flowPermissions),
		get(site+"virtualconnections/{id}/connections", ver(3, 18), noScope, listVirtualConnectionConnections),
		get(site+"virtualconnections/{id}/permissions", ver(3, 23), permissionsRead, virtualConnectionPermissions),
		get(site+"virtualconnections/{id}/revisions", ver(3, 23), noScope, listVirtualConnectionRevisions),
		get(site+"virtualconnections/{id}/revisions/{number}", ver(3, 23), noScope, getVirtualConnectionRevision),

		get(site+"databases", ver(3, 5), databasesRead, listDatabases),
		get(site+"databases/{id}", ver(3, 5), databasesRead, getDatabase),
		get(site+"databases/{id}/permissions", ver(3, 5), permissionsRead, databasePermissions),
		get(site+"databases/{id}/default-permissions/tables", ver(3, 5), permissionsRead, databaseDefaults),
		get(site+"tables", ver(3, 5), tablesRead, listTables),
		get(site+"tables/{id}", ver(3, 5), tablesRead, getTable),
		get(site+"tables/{id}/permissions", ver(3, 5), permissionsRead, tablePermissions),
		get(site+"tables/{id}/columns", ver(3, 5), tablesRead, listColumns),
		get(site+"tables/{id}/columns/{column}", ver(3, 5), tablesRead, getColumn),
		{method: http.MethodPost, path: site + "labels", since: ver(3, 17), scope: labelsRead, before: readLabelQuestion, handle: listLabels},
		get(site+"labels/{id}", ver(3, 16), labelsRead, getLabel),
		get(site+"labelValues", ver(3, 20), labelValuesRead, listLabelValues),
		get(site+"labelValues/{name}", ver(3, 21), labelValuesRead, getLabelValue),
		get(site+"labelCategories", ver(3, 21), labelCategoryRead, listLabelCategories),
		get(site+"dataQualityWarnings/{id}", ver(3, 5), labelsRead, getWarning),
		get(site+"dataQualityTriggers/{id}", ver(3, 11), noScope, getTrigger),
		get(site+"dataQualityCertifications/{id}", ver(3, 13), noScope, getCertification),
		get(site+"dataQualityWarnings/{kind}/{id}", ver(3, 5), labelsRead, listWarnings),
		get(site+"dataQualityTriggers/{kind}/{id}", ver(3, 11), noScope, listTriggers),
		get(site+"dataQualityCertifications/{kind}/{id}", ver(3, 13), noScope, listCertifications),

		get(site+"favorites/{id}", ver(2, 5), contentRead.from(3, 27), listFavorites),
		get("settings/extensions", ver(3, 21), noScope, getServerExtensions),
		get("settings/mobilesecuritysettings", ver(3, 19), noScope, listServerMobileSecurity),
		on(onServer, get("-/authn-service/auth-configurations", ver(3, 19), noScope, listAuthnConfigurations)),
		on(onServer, get("-/authn-service/identity-pools", ver(3, 19), noScope, listIdentityPools)),
		on(onServer, get("-/authn-service/identity-stores", ver(3, 19), noScope, listIdentityStores)),
		get("-/settings/server/extensions/analytics", ver(3, 11), need("tableau:analytics_extensions:read").from(3, 28), getServerAnalytics),
		get("domains", ver(3, 11), noScope, listDomains),
		get(site+"collections/{id}/permissions", ver(3, 12), permissionsRead.from(3, 27), collectionPermissions),
		get("-/collections", ver(3, 28), collectionsRead, listCollections),
		get("-/collections/{id}", ver(3, 28), collectionsRead, getCollection),
		get("-/collections/{id}/items", ver(3, 28), collectionsRead, listCollectionItems),
		on(onCloud, get("-/content/usage-stats/{type}/{id}", ver(3, 17), contentRead, getUsage)),
		{method: http.MethodPost, only: onCloud, path: "-/content/usage-stats", since: ver(3, 17), scope: contentRead, before: readUsageBody, handle: postUsage},
		{method: http.MethodPost, path: "metadata/graphql", since: ver(3, 5), scope: contentRead.from(3, 21), binary: true, before: readGraphQL, handle: queryMetadata},
		{method: http.MethodGet, path: "metadata/graphql", since: ver(3, 5), scope: contentRead.from(3, 21), binary: true, before: readGraphQL, handle: queryMetadata},
		get("metadata/v1/control/backfill/status", ver(3, 5), contentRead.from(3, 21), metadataStatus),
		get("metadata/v1/control/eventing/status", ver(3, 5), contentRead.from(3, 21), metadataStatus),
		ask("read-metadata", ver(3, 25), vizql.MetadataRequest, readSourceMetadata),
		ask("query-datasource", ver(3, 25), vizql.QueryRequest, querySource),
		ask("get-datasource-model", ver(3, 27), vizql.ModelRequest, getSourceModel),
		ask("list-supported-functions", ver(3, 28), vizql.FunctionsRequest, listFunctions),
		{method: http.MethodGet, path: vizqlPath + "simple-request", since: ver(3, 25), open: true, binary: true, handle: vizqlPing},
		pulse(http.MethodGet, "definitions", ver(3, 21), definitionsRead, listDefinitions),
		pulse(http.MethodGet, "definitions/{id}", ver(3, 21), definitionsRead, getDefinition),
		pulse(http.MethodGet, "definitions/{id}/metrics", ver(3, 21), definitionsRead, listDefinitionMetrics),
		pulse(http.MethodGet, "definitions:batchGet", ver(3, 21), definitionsRead, batchDefinitions),
		pulse(http.MethodPost, "definitions:batchGet", ver(3, 24), definitionsRead, batchDefinitions),
		pulse(http.MethodGet, "metrics/{id}", ver(3, 21), metricsRead, getPulseMetric),
		pulse(http.MethodGet, "metrics:batchGet", ver(3, 21), metricsRead, batchMetrics),
		pulse(http.MethodPost, "metrics:batchGet", ver(3, 26), metricsRead, batchMetrics),
		pulse(http.MethodGet, "metrics:followedMetricsGroups", ver(3, 24), metricsRead, followedGroups),
		pulse(http.MethodGet, "subscriptions", ver(3, 21), followersRead, listPulseSubscriptions),
		pulse(http.MethodGet, "subscriptions/{id}", ver(3, 21), followersRead, getPulseSubscription),
		pulse(http.MethodGet, "subscriptions:batchGet", ver(3, 21), followersRead, batchSubscriptions),
		pulse(http.MethodGet, "subscriptions:batchGetMetricFollowerCounts", ver(3, 21), followersRead, countFollowers),
		pulse(http.MethodGet, "user/preferences", ver(3, 24), followersRead, getPreferences),
		pulse(http.MethodGet, "entitlements", ver(3, 21), followersRead, getEntitlements),
		pulse(http.MethodPost, "insights/ban", ver(3, 21), insightsRead, insightsOf("ban")),
		pulse(http.MethodPost, "insights/springboard", ver(3, 21), insightsRead, insightsOf("springboard")),
		pulse(http.MethodPost, "insights/detail", ver(3, 21), insightsRead, insightsOf("detail")),
		pulse(http.MethodPost, "insights/basic", ver(3, 24), insightsRead, insightsOf("ban")),
		pulse(http.MethodPost, "insights/breakdown", ver(3, 26), insightsRead, insightsOf("breakdown")),
		pulse(http.MethodPost, "insights/exploration", ver(3, 26), insightsRead, insightsOf("exploration")),
		pulse(http.MethodPost, "insights/brief", ver(3, 26), "tableau:insight_brief:create", brief),
		get("-/search", ver(3, 16), contentRead, search),
		get("-/suggestions", ver(3, 19), contentRead, suggest),
		until(ver(3, 22), get("-/askdata/lenses", ver(3, 16), noScope, listLenses)),
		until(ver(3, 22), get(site+"metrics", ver(3, 9), contentRead, listMetrics)),
		until(ver(3, 22), get(site+"metrics/{id}", ver(3, 9), contentRead, getMetric)),
		until(ver(3, 22), long(site+"metrics/{id}/data", ver(3, 9), viewsDownload, metricData)),
		get(site+"content/recent", ver(3, 5), contentRead, listRecents),
		get(site+"recommendations", ver(3, 7), noScope, listRecommendations),
		get(site+"personalSpace", ver(3, 13), projectsRead, getPersonalSpace),
	}
}

// partsOfFlows are paths that share one pattern: beside flows/runs/{id} each by itself would be
// ambiguous to the multiplexer.
const partsOfFlows = "sites/{site}/flows/{id}/"

// routes registers the table. Methods of one path share a pattern, so that a wrong verb and an
// unknown path have different answers.
func (s *Server) routes() *http.ServeMux {
	byPath := map[string]map[string]route{}
	for _, r := range table() {
		if byPath[r.path] == nil {
			byPath[r.path] = map[string]route{}
		}
		byPath[r.path][r.method] = r
	}
	mux := http.NewServeMux()
	for path, methods := range byPath {
		if strings.HasPrefix(path, partsOfFlows) {
			continue
		}
		register(mux, path, func(w http.ResponseWriter, r *http.Request) {
			s.serve(w, r, path, methods)
		})
	}
	register(mux, partsOfFlows+"{part}", func(w http.ResponseWriter, r *http.Request) {
		path := partsOfFlows + r.PathValue("part")
		if byPath[path] == nil {
			path = "(unknown)"
		}
		s.serve(w, r, path, byPath[path])
	})
	mux.HandleFunc("/relationship-service-war/graphql", func(w http.ResponseWriter, r *http.Request) { // the path of 2019
		s.serve(w, r, "metadata/graphql", byPath["metadata/graphql"])
	})
	mux.HandleFunc("/api/", func(w http.ResponseWriter, r *http.Request) {
		s.serve(w, r, "(unknown)", nil)
	})
	s.embedRoutes(mux)
	mux.HandleFunc("/", frontPage)
	return mux
}

// register serves a path in each spelling that clients of real servers use: with a slash at the end
// as well, and with capital letters in the parts that have two spellings. GET sites/ is a method of
// its own: it asks for the default site by its empty content URL.
func register(mux *http.ServeMux, path string, serve http.HandlerFunc) {
	for _, spelling := range spellings(path) {
		mux.HandleFunc(pattern(spelling), serve)
		if spelling != "sites" && !strings.HasSuffix(spelling, "/{$}") {
			mux.HandleFunc(pattern(spelling)+"/{$}", serve)
		}
	}
}

// capitalized are the parts of paths that official clients and the documentation spell differently:
// the first spelling is that of the table. Tableau's Python client writes virtualConnections and
// serverInfo, the documentation virtualconnections and serverinfo.
var capitalized = map[string]string{"virtualconnections": "virtualConnections", "serverinfo": "serverInfo"}

func spellings(path string) []string {
	all := []string{path}
	for plain, other := range capitalized {
		parts := strings.Split(path, "/")
		if i := slices.Index(parts, plain); i >= 0 {
			parts[i] = other
			all = append(all, strings.Join(parts, "/"))
		}
	}
	return all
}

// unversioned are the beginnings of paths that have no version before them.
var unversioned = []string{"-/", "exp/", "metadata/", vizqlPath}

// pattern returns the full path of a method: below the version, or outside the versioned API.
func pattern(path string) string {
	for _, prefix := range unversioned {
		if strings.HasPrefix(path, prefix) {
			return "/api/" + path
		}
	}
	return "/api/{version}/" + path
}
