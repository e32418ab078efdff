package resolvers

import (
	"context"
	"strings"
	"sync"

	"github.com/99designs/gqlgen/graphql"
	"github.com/vektah/gqlparser/v2/ast"

	model "vitrine/graph"
	"vitrine/internal/tableau"
)

// What the server's version lacks is refused before anything is sent for it, by what the schema
// says with @since: a field, and an argument, input field or enum value that is given. Tableau
// itself would ignore a parameter that it does not know, and answer something else than was asked
// for.

// versionRange is one @since: from which version to before which other, and on which deployment;
// empty for open ends and for all.
type versionRange struct{ api, until, on string }

func (r versionRange) holds(version string) bool {
	return tableau.AtLeast(version, r.api) && (r.until == "" || !tableau.AtLeast(version, r.until))
}

func rangesOf(directives ast.DirectiveList) []versionRange {
	var ranges []versionRange
	for _, d := range directives.ForNames("since") {
		ranges = append(ranges, versionRange{textOf(d, "api"), textOf(d, "until"), textOf(d, "on")})
	}
	return ranges
}

// unsupportedError says that a server has not a member of the schema.
type unsupportedError struct {
	coordinate string
	nearest    versionRange // that came nearest
	has        string
}

func (e unsupportedError) Error() string {
	text := "this Tableau server does not offer " + e.coordinate + ": it takes "
	switch {
	case e.nearest.on == string(model.DeploymentServer):
		return text + "a Tableau Server, and this is Tableau Cloud"
	case e.nearest.on == string(model.DeploymentCloud):
		return text + "Tableau Cloud, and this is a Tableau Server"
	case e.nearest.until != "":
		text += "a REST API from " + e.nearest.api + " to before " + e.nearest.until
	default:
		text += "REST API " + e.nearest.api + " or later"
	}
	return text + ", and the server has " + e.has
}

// lacking compares a member with the server: any of its ranges on this deployment will do. Which
// deployment it is, is known from its address as browsers reach it (see [tableau.Client.IsCloud]), here as in
// what supports answers.
func lacking(coordinate string, ranges []versionRange, version string, deployment model.Deployment) error {
	if len(ranges) == 0 {
		return nil
	}
	missing := unsupportedError{coordinate: coordinate, has: version}
	found := false // whether some span is on this deployment
	for _, s := range ranges {
		if s.on != "" && s.on != string(deployment) {
			if !found && missing.nearest.api == "" {
				missing.nearest = s
			}
			continue
		}
		if s.holds(version) {
			return nil
		}
		if ahead := !tableau.AtLeast(version, s.api); !found || ahead {
			missing.nearest = versionRange{api: s.api, until: s.until}
		}
		found = true
	}
	return missing
}

// versionedField is a field that depends on the server's version, or can be given what does.
type versionedField struct {
	ranges    []versionRange
	arguments map[string]versionedArgument
}

type versionedArgument struct {
	ranges []versionRange
	typ    string // its type's name, where something in it depends on the version; else empty
}

// versions is what the whole schema says of versions.
type versions struct {
	fields map[string]map[string]*versionedField // by type and name
	inputs map[string]bool                       // input types and enums in which something depends on the version
	types  map[string]*ast.Definition
	ranges map[string][]versionRange // of input fields and enum values, by coordinate
}

var schemaVersions = sync.OnceValue(func() *versions {
	v := &versions{
		fields: map[string]map[string]*versionedField{}, inputs: map[string]bool{}, types: Schema().Types, ranges: map[string][]versionRange{},
	}
	for changed := true; changed; { // an input is versioned when something within it is
		changed = false
		for name, def := range v.types {
			if !v.inputs[name] && v.isVersionedInput(def) {
				v.inputs[name], changed = true, true
			}
		}
	}
	for name, def := range v.types {
		if def.Kind != ast.Object {
			continue
		}
		for _, f := range def.Fields {
			if field := v.fieldOf(f); field != nil {
				if v.fields[name] == nil {
					v.fields[name] = map[string]*versionedField{}
				}
				v.fields[name][f.Name] = field
			}
		}
	}
	return v
})

func (v *versions) isVersionedInput(def *ast.Definition) bool {
	versioned := false
	for _, value := range def.EnumValues {
		if ranges := rangesOf(value.Directives); len(ranges) > 0 {
			v.ranges[def.Name+"."+value.Name], versioned = ranges, true
		}
	}
	if def.Kind == ast.InputObject {
		for _, f := range def.Fields {
			if ranges := rangesOf(f.Directives); len(ranges) > 0 {
				v.ranges[def.Name+"."+f.Name], versioned = ranges, true
			}
			versioned = versioned || v.inputs[f.Type.Name()]
		}
	}
	return versioned
}

func (v *versions) fieldOf(f *ast.FieldDefinition) *versionedField {
	field := &versionedField{ranges: rangesOf(f.Directives), arguments: map[string]versionedArgument{}}
	for _, a := range f.Arguments {
		argument := versionedArgument{ranges: rangesOf(a.Directives)}
		if v.inputs[a.Type.Name()] {
			argument.typ = a.Type.Name()
		}
		if len(argument.ranges) > 0 || argument.typ != "" {
			field.arguments[a.Name] = argument
		}
	}
	if len(field.ranges) == 0 && len(field.arguments) == 0 {
		return nil
	}
	return field
}

// isVersioned reports whether a field depends on the server's version: most do not, and cost
// nothing.
func isVersioned(object, field string) bool { return schemaVersions().fields[object][field] != nil }

// onServersVersion returns an error where the server lacks the field that is being resolved, or
// something that it is given.
func (r *Resolver) onServersVersion(ctx context.Context) error {
	fc := graphql.GetFieldContext(ctx)
	field := schemaVersions().fields[fc.Object][fc.Field.Name]
	if field == nil {
		return nil
	}
	version, err := r.Config.Tableau.Version(ctx)
	if err != nil {
		return err
	}
	server := serverVersion{version, r.deployment()}
	return server.field(fc, field, graphql.GetOperationContext(ctx).Variables)
}

type serverVersion struct {
	version    string
	deployment model.Deployment
}

func (s serverVersion) field(fc *graphql.FieldContext, field *versionedField, variables map[string]any) error {
	coordinate := fc.Object + "." + fc.Field.Name
	if err := lacking(coordinate, field.ranges, s.version, s.deployment); err != nil {
		return err
	}
	for _, a := range fc.Field.Arguments { // those that are given: what has a default is older than its default
		argument, versioned := field.arguments[a.Name]
		if !versioned {
			continue
		}
		value, err := a.Value.Value(variables)
		if err != nil || value == nil {
			continue // left out, or null; what cannot be read was refused by validation
		}
		if err := lacking(coordinate+"("+a.Name+":)", argument.ranges, s.version, s.deployment); err != nil {
			return err
		}
		if err := s.input(argument.typ, value); err != nil {
			return err
		}
	}
	return nil
}

// input looks through a value of an input type, or of an enum: alone, or in lists.
func (s serverVersion) input(typ string, value any) error {
	v := schemaVersions()
	if typ == "" || !v.inputs[typ] {
		return nil
	}
	switch value := value.(type) {
	case []any:
		for _, item := range value {
			if err := s.input(typ, item); err != nil {
				return err
			}
		}
	case map[string]any:
		for _, f := range v.types[typ].Fields {
			given := value[f.Name]
			if given == nil {
				continue
			}
			coordinate := typ + "." + f.Name
			if err := lacking(coordinate, v.ranges[coordinate], s.version, s.deployment); err != nil {
				return err
			}
			if err := s.input(f.Type.Name(), given); err != nil {
				return err
			}
		}
	case string:
		coordinate := typ + "." + strings.TrimSpace(value)
		return lacking(coordinate, v.ranges[coordinate], s.version, s.deployment)
	}
	return nil
}
