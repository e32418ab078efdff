package resolvers

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"sync"

	"github.com/vektah/gqlparser/v2/ast"

	"vitrine/graph"
	"vitrine/internal/graphqlhttp"
	"vitrine/internal/tableau"
)

// maxCoordinates bounds how many members of the schema are asked about at once.
const maxCoordinates = 100

// Supports says which members of the caller's schema the server has: those named, or all that
// depend on the version.
func (r tableauServerResolver) Supports(ctx context.Context, server *graph.TableauServer, coordinates []string) ([]*graph.Support, error) {
	if len(coordinates) > maxCoordinates {
		return nil, graphqlhttp.InputError(fmt.Sprintf("coordinates has %d: %d at most", len(coordinates), maxCoordinates))
	}
	if coordinates == nil {
		if !operationFrom(ctx).View.Introspection {
			return nil, graphqlhttp.InputError("your roles do not let you ask for the schema: name the coordinates")
		}
		coordinates = versioned()
		coordinates = slices.DeleteFunc(coordinates, func(c string) bool { return !operationFrom(ctx).View.Has(c) })
	}
	if err := reserveFields(ctx, len(coordinates)); err != nil {
		return nil, err
	}
	supports := make([]*graph.Support, len(coordinates))
	for i, c := range coordinates {
		supports[i] = &graph.Support{Coordinate: c}
		if operationFrom(ctx).View.Has(c) {
			supports[i].IsSupported, supports[i].Since = supported(c, server.APIVersion, server.Deployment)
		}
	}
	return supports, nil
}

// supported says whether a server has a member of the schema, and from which version on one of its
// kind does; nil where every one does, or where none of its kind ever will.
func supported(coordinate, version string, deployment graph.Deployment) (bool, *string) {
	directives, ok := members()[coordinate]
	if !ok {
		return true, nil // a type
	}
	has, since := bestRange(directives, version, deployment)
	if field, _, isArgument := strings.Cut(coordinate, "("); isArgument {
		whole, sinceField := supported(field, version, deployment)
		if has = has && whole; since == nil || sinceField != nil && tableau.AtLeast(*sinceField, *since) {
			since = sinceField // the argument came with its field, or before
		}
	}
	return has, since
}

// bestRange reports whether one of the version ranges of a member holds, and the least version on a
// deployment: those of another do not count.
func bestRange(directives ast.DirectiveList, version string, deployment graph.Deployment) (bool, *string) {
	all := rangesOf(directives)
	has := len(all) == 0
	var least *string
	for _, s := range all {
		if s.on != "" && s.on != string(deployment) {
			continue
		}
		if least == nil || tableau.AtLeast(*least, s.api) {
			least = &s.api
		}
		has = has || s.holds(version)
	}
	return has, least
}

// versioned are the coordinates of all members with @since, in the order of the schema.
func versioned() []string {
	var out []string
	for coordinate, directives := range members() {
		if directives.ForName("since") != nil {
			out = append(out, coordinate)
		}
	}
	slices.Sort(out)
	return out
}

// members are the directives of each field, argument, input field and enum value, by coordinate.
var members = sync.OnceValue(func() map[string]ast.DirectiveList {
	members := map[string]ast.DirectiveList{}
	for name, def := range Schema().Types {
		if def.BuiltIn {
			continue
		}
		for _, f := range def.Fields {
			if strings.HasPrefix(f.Name, "__") {
				continue
			}
			members[name+"."+f.Name] = f.Directives
			for _, a := range f.Arguments {
				members[name+"."+f.Name+"("+a.Name+":)"] = a.Directives
			}
		}
		for _, v := range def.EnumValues {
			members[name+"."+v.Name] = v.Directives
		}
	}
	return members
})
