// Package traces makes spans of OpenTelemetry and exports them over OTLP/HTTP.
//
// A GraphQL request of a caller who is known, and a fetch of a content link, is a server span; each
// try of a request to Tableau within it is a client span. There are no spans of fields. The number
// of names is bounded by construction: operations are named only if they are in a list that is known
// at the start, and methods of Tableau are templates. No span has a user, a token, an id, a variable
// or a value of a query.
//
// Spans are made in memory and exported in the background: a collector that is slow or down loses
// spans, and delays nothing.
package traces
