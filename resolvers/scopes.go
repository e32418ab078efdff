package resolvers

import (
	"maps"
	"slices"

	"github.com/vektah/gqlparser/v2/ast"

	"vitrine/internal/policy"
)

// Scopes are those that a session made from a JWT needs for whatever the roles open to anybody,
// sorted: the schema's @rest(scope:) of every field that some caller may see.
func Scopes(roles *policy.Policy) ([]string, error) {
	view, err := roles.Widest()
	if err != nil {
		return nil, err
	}
	scopes := map[string]bool{}
	for name, def := range Schema().Types {
		for _, f := range def.Fields {
			if !view.Has(name + "." + f.Name) {
				continue
			}
			for _, d := range f.Directives.ForNames("rest") {
				if scope := textOf(d, "scope"); scope != "" {
					scopes[scope] = true
				}
			}
		}
	}
	return slices.Sorted(maps.Keys(scopes)), nil
}

// textOf is a directive's argument as it is in the schema; empty where it is left out.
func textOf(d *ast.Directive, argument string) string {
	if a := d.Arguments.ForName(argument); a != nil && a.Value != nil {
		return a.Value.Raw
	}
	return ""
}
