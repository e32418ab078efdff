// Package tableausim is a stand-in for Tableau Server and Tableau Cloud: the methods of the REST
// API that read, in memory, with demo content, several sites, users with different rights, sessions
// that end, and the oddities of the real server (numbers as JSON strings, filters that split at
// commas, pages past the end that fail).
//
// Users sign in with passwords, personal access tokens and JWTs: of connected apps (trust.go), of
// trusted issuers whose keys it fetches (issuer.go), and, as Tableau Cloud, of unified access
// tokens (cloud.go). A session from a JWT may do what its scopes allow (scopes.go).
//
// It serves demos, tests and any Tableau client. [New] returns an http.Handler. The methods of
// [Server] report which requests came ([Server.Log], [Server.Count]), make requests fail
// ([Server.Fault], [Server.EndSessions]) and change the content ([Server.AddUser] and others).
//
// The package shares no code with internal/tableau on purpose: a wrong name in the client must not
// be confirmed by the same wrong name here. Its answers follow Tableau's REST API reference and
// recorded answers of real servers.
//
// Beside the versioned REST API it has the Metadata API (metadataapi.go, lineage.go), over the same
// content, and the VizQL Data Service (vizqlapi.go), over rows that it makes up for each data
// source (sources.go). As Tableau Cloud it has Pulse (pulse.go, insights.go), over the same rows.
// Each has errors of its own form, and switches in [Config]. Views can be embedded: embedding.go has
// the script and the pages that redeem a token.
//
// Read routes.go first, the table of methods, then serve.go, the way of one request. A resource has
// one file (workbooks.go, views.go); its handlers return trees of elements, which package wire
// writes as XML or JSON. Package draw makes pictures and files, package metadata executes GraphQL,
// and package vizql answers questions to data.
package tableausim
