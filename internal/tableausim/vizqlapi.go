package tableausim

import (
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"slices"
	"strings"
	"sync"
	"time"

	"vitrine/internal/tableausim/vizql"
	"vitrine/internal/tableausim/wire"
)

// VizQLDataService says how the VizQL Data Service behaves. The zero value answers every query and
// has Tableau's quota.
type VizQLDataService struct {
	// Off is a server whose administrator switched the service off: 404 without a body of the
	// service, or 403157 from 2026.1 on.
	Off bool
	// Quota is how many queries a site has in an hour; 100 for each Creator when zero. More answer
	// 429000. Whether Retry-After is sent is not documented; it is not sent here.
	Quota int
	// BreakAfter breaks an answer off after so many rows; never when zero. From 2026.1 on the answer
	// is 200 with an error beside the rows, before it is 500811.
	BreakAfter int
	// Timeout answers 408000 to every query.
	Timeout bool
}

// SetVizQLDataService changes how the VizQL Data Service behaves.
func (s *Server) SetVizQLDataService(v VizQLDataService) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.cfg.VizQL = v
}

// vizqlPath is where the service is. The OpenAPI documents have another path, which no client uses.
const vizqlPath = "v1/vizql-data-service/"

// queryData is the capability that the service needs.
const queryData = "VizqlDataApiAccess"

// mayQuery reports whether u may ask the service about a data source. Who may where no rule speaks
// of it is UNSURE: here everybody but Viewers.
func (u *user) mayQuery(d *datasource) bool {
	if u.admin() || d.owner == u || d.project != nil && d.project.owner == u {
		return true
	}
	if allowed, said := decide(d.rules, u, queryData); said {
		return allowed
	}
	if d.project != nil {
		if allowed, said := decide(d.project.content, u, queryData); said {
			return allowed
		}
	}
	return u.role != "Viewer" && u.role != "ReadOnly"
}

// release is the release of the service of a server.
func (s *Server) release() vizql.Release {
	switch {
	case s.version.less(ver(3, 26)):
		return vizql.R20251
	case s.version.less(ver(3, 27)):
		return vizql.R20252
	case s.version.less(ver(3, 28)):
		return vizql.R20253
	case s.version.less(ver(3, 29)):
		return vizql.R20261
	}
	return vizql.R20262
}

// quota counts the queries of each site in the last hour.
type quota struct {
	mu    sync.Mutex
	times map[string][]time.Time
}

// take counts a query and reports whether there was one left.
func (q *quota) take(site string, now time.Time, most int) bool {
	q.mu.Lock()
	defer q.mu.Unlock()
	if q.times == nil {
		q.times = map[string][]time.Time{}
	}
	recent := slices.DeleteFunc(q.times[site], func(t time.Time) bool { return now.Sub(t) >= time.Hour })
	if len(recent) >= most {
		q.times[site] = recent
		return false
	}
	q.times[site] = append(recent, now)
	return true
}

// queriesAnHour is the quota of a site: 100 queries an hour for each Creator.
func (s *Server) queriesAnHour(st *site) int {
	if s.cfg.VizQL.Quota > 0 {
		return s.cfg.VizQL.Quota
	}
	n := 0
	for _, u := range st.users {
		if slices.Contains([]string{"Creator", "SiteAdministratorCreator", "ServerAdministrator"}, u.role) {
			n += 100
		}
	}
	return n
}

// readRaw keeps the body of a request.
func readRaw(c *call) error {
	body, err := io.ReadAll(io.LimitReader(c.r.Body, maxRequest))
	if err != nil {
		return wire.Fail("400000", "The body of the request could not be read.")
	}
	c.body = body
	return nil
}

// vizqlCall is a request to the service about a data source that the caller may ask about.
type vizqlCall struct {
	*call
	*vizql.Request
	source *vizql.Source
}

// vizqlMethod makes a handler of a method of the service: it reads the request and finds the data
// source.
func vizqlMethod(kind string, handle func(vizqlCall) (*answer, error)) handler {
	return func(c *call) (*answer, error) {
		if c.s.cfg.VizQL.Off {
			if c.s.release() >= vizql.R20261 {
				return nil, wire.Fail("403157", "The VizQL Data Service is disabled.")
			}
			return nil, errVizqlOff()
		}
		request, refused := vizql.Read(c.body, kind, c.s.release())
		if refused != nil {
			return nil, vizqlRefusal(refused)
		}
		d, ok := find[*datasource](c.site(), request.DatasourceID)
		if !ok || !c.user().seesDatasource(d) { // without a code: which one it has is not documented
			return nil, &wire.Error{Status: 404, Summary: "The data source " + request.DatasourceID + " was not found."}
		}
		if !c.user().mayQuery(d) {
			return nil, wire.Fail("403800", "The user lacks the API Access capability on the data source.")
		}
		return handle(vizqlCall{c, request, c.rowsFor(c.s.source(c.site(), d))})
	}
}

// vizqlRefusal turns a refusal of the service into one of this package.
func vizqlRefusal(e *vizql.Error) *wire.Error {
	x := wire.Fail(e.Code, "%s", e.Message)
	x.Status = e.Status
	return x
}

// rowsFor leaves out the rows that the user attributes of a session do not name, as [limited] does
// for views.
func (c *call) rowsFor(s *vizql.Source) *vizql.Source {
	p := c.session.proof
	if p == nil || len(p.attributes) == 0 {
		return s
	}
	out := *s
	for _, f := range s.Fields {
		names, ok := p.attributes[f.Caption]
		if !ok || f.Column < 0 {
			continue
		}
		out.Rows = slices.DeleteFunc(slices.Clone(out.Rows), func(row []any) bool {
			text, _ := row[f.Column].(string)
			return !slices.Contains(names, text)
		})
	}
	return &out
}

// readSourceMetadata is POST read-metadata.
func readSourceMetadata(c vizqlCall) (*answer, error) { return jsonAnswer(c.Metadata(c.source)) }

// getSourceModel is POST get-datasource-model.
func getSourceModel(c vizqlCall) (*answer, error) { return jsonAnswer(c.Model(c.source)) }

// listFunctions is POST list-supported-functions.
func listFunctions(vizqlCall) (*answer, error) { return jsonAnswer(vizql.Functions()) }

// querySource is POST query-datasource.
func querySource(c vizqlCall) (*answer, error) {
	cfg := c.s.cfg.VizQL
	if !c.s.vizqlQuota.take(c.site().id, c.s.cfg.Now(), c.s.queriesAnHour(c.site())) {
		return nil, wire.Fail("429000", "The site has used up its queries of this hour.")
	}
	if cfg.Timeout {
		return nil, wire.Fail("408000", "The query took too long.")
	}
	rows, refused := c.Query(c.source, c.s.cfg.Now().UTC())
	if refused != nil {
		return nil, vizqlRefusal(refused)
	}
	broken := cfg.BreakAfter > 0 && rows.Len() > cfg.BreakAfter
	if broken && c.s.release() < vizql.R20261 {
		return nil, wire.Fail("500811", "The data engine failed.")
	}
	out := map[string]any{"data": rows}
	if broken {
		rows.Cut(cfg.BreakAfter)
		out["error"] = map[string]any{"errorCode": "500811", "datetime": stampNano(c.s.cfg.Now()), "debug": nil}
	}
	if c.Streamed() {
		return streamed(rows, out["error"])
	}
	return jsonAnswer(out)
}

// streamed writes an answer as events.
func streamed(rows *vizql.Rows, failure any) (*answer, error) {
	return &answer{contentType: "text/event-stream", body: func() ([]byte, error) {
		var b bytes.Buffer
		event := func(name string, data any) error {
			text, err := json.Marshal(data)
			fmt.Fprintf(&b, "event: %s\ndata: %s\n\n", name, text)
			return err
		}
		err := event("METADATA", map[string]any{"rowCount": rows.Len()})
		if err == nil {
			err = event("DATA", rows)
		}
		if err == nil && failure != nil {
			err = event("ERROR", failure)
		}
		return b.Bytes(), err
	}}, nil
}

// stampNano is a time as the service writes it: with nine digits of the second.
func stampNano(t time.Time) string { return t.UTC().Format("2006-01-02T15:04:05.000000000Z") }

// vizqlPing is GET simple-request, a probe that needs no session.
func vizqlPing(c *call) (*answer, error) {
	if c.s.cfg.VizQL.Off {
		return nil, errVizqlOff()
	}
	return &answer{contentType: "text/plain; charset=utf-8", body: func() ([]byte, error) { return []byte("ahoy"), nil }}, nil
}

// errVizqlOff is how a server answers that has no such service: with nothing of the service in it.
func errVizqlOff() *wire.Error { return errUnknownResource("/" + strings.TrimSuffix(vizqlPath, "/")) }

// vizqlError writes an error of the service. An ended session and a scope that is missing are
// refused by the gateway, in the form of the REST API.
func (c *call) vizqlError(e *wire.Error) ([]byte, string) {
	code := e.Code
	switch code {
	case "401002", "403004":
		return c.elementsError(e)
	case "401000":
		code = "401001"
	case "404003":
		if c.s.version.less(ver(3, 25)) || c.s.cfg.VizQL.Off {
			return nil, ""
		}
		code = "404950"
	}
	o := map[string]any{"message": e.Text(), "datetime": stampNano(c.s.cfg.Now())}
	if code != "" {
		o["errorCode"] = code
	}
	b, _ := json.Marshal(o) // texts always marshal
	return b, wire.JSONType
}
