// Vitrine is a GraphQL server for teams that put Tableau content into their own web applications:
// it reads Tableau as the caller, and can change nothing. README.md says how to run it,
// docs/CONTRIBUTING.md where everything is.
package main

import (
	"os"

	"vitrine/internal/cli"
)

//go:generate go run ./internal/exec/generate

func main() { os.Exit(cli.Main()) }
