// Package harness starts the whole program for tests: the wired server on port 0 in front of both
// stand-ins.
package harness
