// Package metadata executes GraphQL documents as Tableau's Metadata API does, over a graph of
// objects that package tableausim builds from its content.
//
// The parser and the validation are gqlparser's. The executor is small on purpose: there are no
// mutations, and every object is a [Node] with plain values and links to other nodes. schema.go
// makes the schema, execute.go answers a document, lists.go filters, orders and pages.
package metadata
