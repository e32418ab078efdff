// Package tableausim is a stand-in Tableau Server: the reading side of its REST API, in memory, with
// believable content, several sites, people with different rights, sessions that end, and the oddities
// of the real one (numbers as JSON strings, filters that split at commas, pages past the end that fail).
//
// People sign in with passwords, personal access tokens and JWTs: of connected apps (trust.go), of trusted
// issuers whose keys it fetches (issuer.go), and, with the signs of Tableau Cloud (cloud.go), of unified
// access tokens. A session from a JWT may do what its scopes say (scopes.go).
//
// It serves demos, tests and any Tableau client that wants something to talk to. [New] gives an
// http.Handler; the methods of [Server] tell tests which requests came ([Server.Log], [Server.Count]),
// make things fail ([Server.Fault], [Server.EndSessions]) and change the world ([Server.AddUser] ...).
//
// The package shares no code with internal/tableau, on purpose: a wrong name in the client must not be
// made right by the same wrong name here. What it answers follows Tableau's REST API reference at
// version 3.27 and recorded answers of real servers. A resource has one file (workbooks.go, views.go);
// its handlers return an element tree that xml.go and json.go write, so both forms always agree.
package tableausim
