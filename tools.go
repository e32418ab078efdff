//go:build tools

// This file pins gqlgen, whose generator is run by go generate: the import
// keeps its version in go.mod. It is never part of a build. The go:generate
// line is in server.go, because one in a file with this tag does not run.

package main

import _ "github.com/99designs/gqlgen"
