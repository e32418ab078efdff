// Package cli holds the commands of the program: serve, check, explain, demo, sandbox, schema,
// token and version.
//
// Read commands.go first; help.go lists the commands.
package cli
