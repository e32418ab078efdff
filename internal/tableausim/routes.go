package tableausim

import "net/http"

// route is one method of the REST API.
type route struct {
	method string
	path   string  // below /api/{version}/
	since  version // least API version in the path
	open   bool    // needs no session
	binary bool    // answers neither XML nor JSON, so that any Accept will do
	handle handler
}

// oldest is the API version that brought serverinfo, the first thing that a client asks; methods that are
// older than that count as having come with it.
var oldest = ver(2, 4)

// table lists every method that the stand-in has, and nothing else.
func (s *Server) table() []route {
	const site = "sites/{site}/"
	get := func(path string, since version, h handler) route {
		return route{method: http.MethodGet, path: path, since: since, handle: h}
	}
	file := func(path string, since version, h handler) route {
		return route{method: http.MethodGet, path: path, since: since, binary: true, handle: h}
	}
	return []route{
		{method: http.MethodGet, path: "serverinfo", since: oldest, open: true, handle: serverInfo},
		{method: http.MethodGet, path: "serverInfo", since: oldest, open: true, handle: serverInfo},
		{method: http.MethodPost, path: "auth/signin", since: oldest, open: true, handle: signIn},
		{method: http.MethodPost, path: "auth/signout", since: oldest, handle: signOut},
		{method: http.MethodPost, path: "auth/switchSite", since: ver(2, 6), handle: switchSite},
		get("sessions/current", ver(3, 1), currentSession),

		get("sites", oldest, listSites),
		get("sites/{$}", oldest, querySite),
		get("sites/{site}", oldest, querySite),
		get(site+"projects", oldest, listProjects),
		get(site+"users", oldest, listUsers),
		get(site+"users/{id}", oldest, getUser),
		get(site+"users/{id}/workbooks", oldest, listUserWorkbooks),
		get(site+"users/{id}/groups", ver(3, 7), listUserGroups),
		get(site+"groups", oldest, listGroups),
		get(site+"groups/{id}/users", oldest, listGroupUsers),

		get(site+"workbooks", oldest, listWorkbooks),
		get(site+"workbooks/{id}", oldest, getWorkbook),
		get(site+"workbooks/{id}/views", oldest, listWorkbookViews),
		get(site+"workbooks/{id}/connections", oldest, listWorkbookConnections),
		file(site+"workbooks/{id}/previewImage", oldest, workbookPreview),
		file(site+"workbooks/{id}/views/{view}/previewImage", oldest, viewPreview),

		get(site+"views", oldest, listViews),
		get(site+"views/{id}", ver(3, 0), getView),
		file(site+"views/{id}/image", ver(2, 5), viewImage),
		file(site+"views/{id}/data", ver(2, 7), viewData),

		get(site+"datasources", oldest, listDatasources),
		get(site+"datasources/{id}", oldest, getDatasource),
		get(site+"datasources/{id}/connections", oldest, listDatasourceConnections),

		get(site+"favorites/{id}", ver(2, 5), listFavorites),
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
		mux.HandleFunc("/api/{version}/"+path, func(w http.ResponseWriter, r *http.Request) {
			s.serve(w, r, path, methods)
		})
	}
	mux.HandleFunc("/api/", func(w http.ResponseWriter, r *http.Request) {
		s.serve(w, r, "(unknown)", nil)
	})
	mux.HandleFunc("/", frontPage)
	return mux
}
