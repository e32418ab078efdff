package tableau

import (
	_ "embed" // the queries
	"fmt"
	"maps"
	"slices"
	"strings"
)

//go:embed lineage.graphql
var lineageText string

// lineageSince are the fields of the fixed queries that came after the Metadata API itself, with the
// API version of the server that brought each. The Metadata API refuses a whole query for one field
// that it does not have, so a field is left out by version and never by trial.
var lineageSince = map[string]string{
	"Sheet.upstreamDatasources":     "3.14",
	"Dashboard.upstreamDatasources": "3.14",
}

// lineageQueries are the fixed queries of lineage, by name, with the fields of all versions.
var lineageQueries = func() map[string]string {
	queries := map[string]string{}
	for i, part := range strings.Split("\n"+lineageText, "\nquery ") {
		if name, _, ok := strings.Cut(part, "("); ok && i > 0 {
			queries[name] = "query " + strings.TrimSpace(part)
		}
	}
	return queries
}()

// LineageQueries returns the queries of lineage, by name. Nothing else is sent to the Metadata API,
// save that a field is left out of a query for a server that does not have it.
func LineageQueries() map[string]string { return maps.Clone(lineageQueries) }

// lineageQuery returns a query as a server of a version takes it. A line that ends with a comment
// has the field that the comment names, and is left out for a server without it. Where that is a
// line of the edge itself, the server does not have the edge.
func lineageQuery(name, version string) (string, error) {
	text, ok := lineageQueries[name]
	if !ok {
		return "", fmt.Errorf("there is no query %s", name)
	}
	needs := ""
	lines := slices.DeleteFunc(strings.Split(text, "\n"), func(line string) bool {
		selection, field, ok := strings.Cut(line, " # ")
		since := lineageSince[field]
		if !ok || since == "" || AtLeast(version, since) {
			return false
		}
		if hasEdge(selection) && (needs == "" || AtLeast(since, needs)) {
			needs = since
		}
		return true
	})
	if needs != "" {
		return "", &Error{Kind: Unsupported, Call: "POST " + metadataTemplate, Needs: needs, Has: version}
	}
	return strings.Join(lines, "\n"), nil
}

// hasEdge reports whether a part of a query has the lists of an edge.
func hasEdge(selection string) bool {
	return slices.ContainsFunc([]string{"targets:", "sheets:", "dashboards:", " fields("}, func(part string) bool {
		return strings.Contains(selection, part)
	})
}
