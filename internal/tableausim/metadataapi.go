package tableausim

import (
	"encoding/json"
	"io"
	"net/http"
	"strings"

	"vitrine/internal/tableausim/metadata"
	"vitrine/internal/tableausim/wire"
)

// MetadataAPI says how the Metadata API behaves. The zero value is an index that is complete, with
// the limits that Tableau has.
type MetadataAPI struct {
	// Missing answers 404, as a Tableau Server does whose metadata services were never enabled.
	Missing bool
	// Disabled answers 200 with FEATURE_DISABLED and no data.
	Disabled bool
	// Throttled answers 200 with RATE_EXCEEDED and no data.
	Throttled bool
	// Backfill leaves one object of three out, with the warning BACKFILL_RUNNING.
	Backfill bool
	// Nodes is how many objects an answer may have; 20,000 when zero. More are left out, with the
	// warning NODE_LIMIT_EXCEEDED.
	Nodes int
	// TimeAfter ends the time of a query after so many objects; never when zero. The rest is left
	// out, with a warning that has no extensions, as was seen.
	TimeAfter int
}

// SetMetadataAPI changes how the Metadata API behaves.
func (s *Server) SetMetadataAPI(m MetadataAPI) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.cfg.Metadata = m
}

// newerMetadata are the members of the schema that came later, each with its first version. Tableau
// documents few of them; a query with one that a server does not have fails as a whole.
var newerMetadata = []struct {
	since version
	names []string
}{
	{ver(3, 14), []string{"Sheet.upstreamDatasources", "Dashboard.upstreamDatasources"}},
	{ver(3, 17), []string{"Workbook.projectLuid", "Workbook_Filter.projectLuid"}},
	{ver(3, 18), []string{"VirtualConnection", "VirtualConnectionTable"}},
	{ver(3, 19), []string{"Label", "GenericLabel", "DataQualityCertification", "CanHaveLabels"}},
	{ver(3, 23), []string{"MetricDefinition"}},
}

// metadataSchema is the schema of the Metadata API of a server.
func metadataSchema(server version) *metadata.Schema {
	var without []string
	for _, x := range newerMetadata {
		if server.less(x.since) {
			without = append(without, x.names...)
		}
	}
	return metadata.NewSchema(without...)
}

// readGraphQL reads a document with its variables: JSON, a document by itself, or the query string.
func readGraphQL(c *call) error {
	if c.r.Method == http.MethodGet {
		c.graphql.Query = c.query.Get("query")
		return nil
	}
	body, err := io.ReadAll(io.LimitReader(c.r.Body, maxRequest))
	if err != nil {
		return wire.Fail("400000", "The body of the request could not be read.")
	}
	if strings.HasPrefix(c.r.Header.Get("Content-Type"), "application/graphql") {
		c.graphql.Query = string(body)
		return nil
	}
	if json.Unmarshal(body, &c.graphql) != nil {
		return wire.Fail("400000", "The body of the request is no GraphQL request.")
	}
	return nil
}

// queryMetadata is POST metadata/graphql. It answers 200 also where there is an error.
func queryMetadata(c *call) (*answer, error) {
	cfg := c.s.cfg.Metadata
	switch {
	case cfg.Missing:
		return nil, errUnknownResource(strings.TrimPrefix(c.r.URL.Path, "/api"))
	case cfg.Disabled:
		return jsonAnswer(metadata.Failure(metadata.FeatureDisabled, "The Metadata API is disabled on this server."))
	case cfg.Throttled:
		return jsonAnswer(metadata.Failure(metadata.RateExceeded, "The rate limit for metadata queries was exceeded. Try again later."))
	}
	l := metadata.Limits{Nodes: cfg.Nodes, Time: cfg.TimeAfter, Backfill: cfg.Backfill}
	g := c.s.graph(c.site())
	v := metadata.Viewer{Sees: c.seesNode, Admin: c.user().admin(), Limited: c.site().limited, Person: g.Subject("TableauUser", c.user())}
	return jsonAnswer(c.s.metadata.Execute(g, c.graphql, v, l))
}

// seesNode reports whether the caller sees an object of the Metadata API: what belongs to something
// is seen with it.
func (c *call) seesNode(n *metadata.Node) bool {
	u := c.user()
	switch x := n.Subject.(type) {
	case *workbook:
		return u.seesWorkbook(x)
	case *view:
		return u.seesView(x)
	case *datasource:
		return u.seesDatasource(x)
	case customTable:
		return u.seesDatasource(x.source)
	case *flow:
		return u.seesFlow(x)
	case *virtualConnection:
		return u.seesVirtualConnection(x)
	case virtualTable:
		return u.seesVirtualConnection(x.connection)
	case *database:
		return u.seesDatabase(x)
	case *dbTable:
		return u.seesTable(x)
	case *dbColumn:
		return u.seesTable(x.table)
	case *label:
		sees, _ := c.seesLabelled(x.kind, x.content)
		return sees
	}
	return true // people, tags and the site
}

// metadataStatus is GET metadata/v1/control/backfill/status and eventing/status, for administrators.
// The members are UNSURE: clients hand them through.
func metadataStatus(c *call) (*answer, error) {
	switch {
	case c.s.cfg.Metadata.Missing:
		return nil, errUnknownResource(strings.TrimPrefix(c.r.URL.Path, "/api"))
	case !c.user().admin():
		return nil, errForbidden()
	}
	status := "COMPLETED"
	if c.s.cfg.Metadata.Backfill {
		status = "RUNNING"
	}
	return jsonAnswer(map[string]any{"status": status, "siteLuid": c.site().id})
}
