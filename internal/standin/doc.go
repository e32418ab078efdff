// Package standin starts the simulator of Tableau and the stand-in OpenID provider on loopback, and
// makes the settings of a server in front of them. The commands demo and sandbox, tests and
// benchmarks share it.
package standin
