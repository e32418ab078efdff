package resolvers_test

import (
	"strings"
	"testing"

	"github.com/vektah/gqlparser/v2"
	"github.com/vektah/gqlparser/v2/ast"

	"vitrine/internal/policy"
	"vitrine/resolvers"
)

// Every member is described, every costly field names its area, and so on: see policy.Audit.
func TestSchemaKeepsItsOwnRules(t *testing.T) {
	t.Parallel()
	for _, problem := range policy.Audit(resolvers.Schema()) {
		t.Error(problem)
	}
}

// A GraphQL type that is named Subscription is a root, whatever it was meant for; so the printed
// schema is loaded again.
func TestPrintedSchemaHasNoRootButQuery(t *testing.T) {
	t.Parallel()
	roles, err := demoPolicy()
	if err != nil {
		t.Fatal(err)
	}
	view, err := roles.View([]string{"everyone", "analysts", "admins"})
	if err != nil {
		t.Fatal(err)
	}
	for name, sdl := range map[string]string{"whole": resolvers.WholeSDL(), "view": view.SDL()} {
		schema, err := gqlparser.LoadSchema(&ast.Source{Name: name, Input: sdl})
		if err != nil {
			t.Errorf("%s does not load: %v", name, err)
			continue
		}
		if schema.Mutation != nil || schema.Subscription != nil || schema.Query == nil {
			t.Errorf("%s: roots are query %v, mutation %v, subscription %v", name, schema.Query, schema.Mutation, schema.Subscription)
		}
		if strings.Contains(sdl, "@defer") {
			t.Errorf("%s has @defer, which is not served", name)
		}
	}
}
