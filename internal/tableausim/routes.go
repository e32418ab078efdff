package tableausim

import (
	"net/http"
	"strings"
)

// route is one method of the REST API.
type route struct {
	method string
	path   string            // below /api/{version}/; with -/ or exp/ in front below /api/
	since  version           // least API version in the path
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

// oldest is the API version that brought serverinfo, the first thing that a client asks; methods that are
// older than that count as having come with it.
var oldest = ver(2, 4)

// table lists every method that the stand-in has, and nothing else.
func (s *Server) table() []route {
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
	on := func(p product, r route) route {
		r.only = p
		return r
	}
	return []route{
		{method: http.MethodGet, path: "serverinfo", since: oldest, open: true, handle: serverInfo},
		{method: http.MethodGet, path: "serverInfo", since: oldest, open: true, handle: serverInfo},
		{method: http.MethodPost, path: "auth/signin", since: oldest, open: true, before: readSignIn, handle: signIn},
		{method: http.MethodPost, path: "auth/signout", since: oldest, scope: forSignOut, handle: signOut},
		{method: http.MethodPost, path: "auth/switchSite", since: ver(2, 6), scope: noScope, before: readBody, handle: switchSite},
		get("sessions/current", ver(3, 1), forSession, currentSession),

		get("sites", oldest, sitesRead, listSites),
		get("sites/{$}", oldest, sitesRead.from(3, 27), querySite),
		get("sites/{site}", oldest, sitesRead.from(3, 27), querySite),
		get(site+"projects", oldest, contentRead, listProjects),
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

		get(site+"jobs", ver(3, 1), jobsRead, listJobs),
		get(site+"jobs/{id}", oldest, jobsRead, getJob),
		on(onServer, get("schedules", oldest, schedulesRead, listSchedules)),
		on(onServer, get("schedules/{id}", ver(3, 8), schedulesRead, getSchedule)),
		on(onServer, get(site+"schedules/{id}/extracts", oldest, tasksRead, listScheduleExtracts)),
		get(site+"tasks/extractRefreshes", ver(2, 6), tasksRead, listExtractRefreshes),
		get(site+"tasks/extractRefreshes/{id}", ver(2, 6), tasksRead, getExtractRefresh),
		get(site+"tasks/runFlow", ver(3, 3), flowTasksRead, listFlowTasks),
		get(site+"tasks/runFlow/{id}", ver(3, 3), flowTasksRead, getFlowTask),
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
		get(site+"workbooks/{id}/connections", oldest, contentRead.from(3, 27), listWorkbookConnections),
		file(site+"workbooks/{id}/previewImage", oldest, workbooksDownload, workbookPreview),
		file(site+"workbooks/{id}/views/{view}/previewImage", oldest, viewsDownload, viewPreview),

		get(site+"views", oldest, contentRead, listViews),
		get(site+"views/{id}", ver(3, 0), contentRead, getView),
		long(site+"views/{id}/image", ver(2, 5), viewsDownload, viewImage),
		long(site+"views/{id}/data", ver(2, 7), viewsDownload, viewData),

		get(site+"datasources", oldest, contentRead, listDatasources),
		get(site+"datasources/{id}", oldest, contentRead, getDatasource),
		get(site+"datasources/{id}/connections", oldest, contentRead, listDatasourceConnections),

		get(site+"customviews", ver(3, 18), contentRead, listCustomViews),
		get(site+"customviews/{id}", ver(3, 18), contentRead, getCustomView),
		get(site+"customviews/{id}/default/users", ver(3, 21), contentRead, listCustomViewUsers),

		get(site+"flows", ver(3, 3), flowsRead, listFlows),
		get(site+"flows/{id}", ver(3, 3), flowsRead, getFlow),

		get(site+"virtualconnections", ver(3, 18), noScope, listVirtualConnections),
		get(site+"virtualconnections/{id}", ver(3, 23), noScope, getVirtualConnection),

		get(site+"recyclebin/workbooks", ver(3, 29), recycledRead, listRecycled("Workbook")),
		get(site+"recyclebin/datasources", ver(3, 29), recycledRead, listRecycled("Datasource")),
		get(site+"recyclebin/flows", ver(3, 29), recycledRead, listRecycled("Flow")),
		get(site+"recyclebin/projects", ver(3, 29), recycledRead, listRecycled("Project")),

		get(site+"favorites/{id}", ver(2, 5), contentRead.from(3, 27), listFavorites),
		get("-/search", ver(3, 16), contentRead, search),
		get("-/suggestions", ver(3, 19), contentRead, suggest),
		get(site+"content/recent", ver(3, 5), contentRead, listRecents),
		get(site+"recommendations", ver(3, 7), noScope, listRecommendations),
		get(site+"recommendations/{$}", ver(3, 7), noScope, listRecommendations),
		get(site+"personalSpace", ver(3, 13), projectsRead, getPersonalSpace),
	}
}

// routes registers the table. Methods of one path share a pattern, so that a wrong verb is told from an
// unknown path.
func (s *Server) routes() *http.ServeMux {
	byPath := map[string]map[string]route{}
	for _, r := range s.table() {
		if byPath[r.path] == nil {
			byPath[r.path] = map[string]route{}
		}
		byPath[r.path][r.method] = r
	}
	mux := http.NewServeMux()
	for path, methods := range byPath {
		mux.HandleFunc(pattern(path), func(w http.ResponseWriter, r *http.Request) {
			s.serve(w, r, path, methods)
		})
	}
	mux.HandleFunc("/api/", func(w http.ResponseWriter, r *http.Request) {
		s.serve(w, r, "(unknown)", nil)
	})
	mux.HandleFunc("/", frontPage)
	return mux
}

// pattern is where a method's path stands: below the version, or outside the versioned API.
func pattern(path string) string {
	if strings.HasPrefix(path, "-/") || strings.HasPrefix(path, "exp/") {
		return "/api/" + path
	}
	return "/api/{version}/" + path
}
