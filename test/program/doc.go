// Package program tests the whole program from outside: the wired server on port 0 in front of both
// stand-ins.
package program
