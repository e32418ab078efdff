// Generate writes what gqlgen generates from schema.graphqls and gqlgen.yml, and, with a plugin, the
// tables of package graph that internal/exec executes: the types of the schema with a function for
// each field.
package main

import (
	"fmt"
	"os"

	"github.com/99designs/gqlgen/api"
	"github.com/99designs/gqlgen/codegen/config"
)

func main() {
	if err := run(); err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}

func run() error {
	cfg, err := config.LoadConfigFromDefaultLocations()
	if err != nil {
		return err
	}
	return api.Generate(cfg, api.AddPlugin(tables{}))
}
