// Package server wires the parts of the program from its settings and runs it: routes, listener,
// stop. It never imports a stand-in.
//
// Read server.go first: App, its routes and how it is wired. wiring.go turns settings into the
// configuration of each part.
package server
