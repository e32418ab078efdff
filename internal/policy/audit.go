package policy

import (
	"fmt"
	"slices"
	"strings"

	"github.com/vektah/gqlparser/v2/ast"
)

// Audit reports what is wrong with a schema by the rules that roles, descriptions and clients count
// on, in the order of its source; nothing when all is well. The rules:
//   - it is for queries: no type is a root of changes or subscriptions, or has the name of one;
//   - everything has a description: types, fields, arguments, input fields, enum values, directives and their arguments;
//   - every field of Query and Site, and every field with @rest, names an area that exists, and a field with @rest is nullable;
//   - an enum whose field has a twin xRaw, for Tableau's own text, ends in OTHER, and one with OTHER has the twin;
//   - what a filter or an order gives away is known: @reads names fields that exist, or what is listed has a field of that name.
func Audit(schema *ast.Schema) []error {
	a := &auditor{schema: schema, subjects: findSubjects(schema)}
	a.roots()
	defs := make([]*ast.Definition, 0, len(schema.Types))
	for _, def := range schema.Types {
		if !def.BuiltIn {
			defs = append(defs, def)
		}
	}
	slices.SortFunc(defs, bySource)
	for _, def := range defs {
		a.definition(def)
	}
	a.directives()
	return a.found
}

type auditor struct {
	schema   *ast.Schema
	subjects map[string][]string
	found    []error
}

func (a *auditor) report(coordinate, format string, args ...any) {
	a.found = append(a.found, fmt.Errorf(coordinate+": "+format, args...))
}

// described reports a member without a description.
func (a *auditor) described(coordinate, description string) {
	if strings.TrimSpace(description) == "" {
		a.report(coordinate, "has no description: say what it is, and its unit")
	}
}

// roots reports roots other than Query, and types that a loader without a schema block would take
// for one.
func (a *auditor) roots() {
	for _, root := range []*ast.Definition{a.schema.Mutation, a.schema.Subscription} {
		if root != nil {
			a.report(root.Name, "is a root beside Query: there is nothing here that changes or subscribes")
		}
	}
	for _, name := range []string{"Mutation", "Subscription"} {
		if a.schema.Types[name] != nil {
			a.report(name, "has the name of a root, and loaders take it for one: name it otherwise")
		}
	}
}

func (a *auditor) definition(def *ast.Definition) {
	a.described(def.Name, def.Description)
	for _, f := range def.Fields {
		if strings.HasPrefix(f.Name, "__") {
			continue
		}
		coord := def.Name + "." + f.Name
		a.described(coord, f.Description)
		for _, arg := range f.Arguments {
			a.described(coord+"("+arg.Name+":)", arg.Description)
		}
		switch def.Kind {
		case ast.InputObject:
			a.reads(coord, f.Directives, a.subjects[def.Name], f.Name)
		case ast.Object, ast.Interface:
			a.area(def, f)
			a.rawTwin(def, f)
		}
	}
	for _, v := range def.EnumValues {
		coord := def.Name + "." + v.Name
		a.described(coord, v.Description)
		a.reads(coord, v.Directives, a.subjects[def.Name], camelCase(v.Name))
	}
}

// area reports a field that costs a call or is a way in and names no area, or one that does not
// exist.
func (a *auditor) area(def *ast.Definition, f *ast.FieldDefinition) {
	coord := def.Name + "." + f.Name
	rest := f.Directives.ForName(restDirective)
	if rest != nil && f.Type.NonNull {
		a.report(coord, "has @rest and is non-null: one refusal would void the page, make it nullable")
	}
	d := f.Directives.ForName(areaDirective)
	if d == nil {
		if def == a.schema.Query || def.Name == "Site" || rest != nil {
			a.report(coord, "has no @area: every field of Query and Site has one, and every field with @rest")
		}
		return
	}
	area := directiveText(d, "name")
	areas := a.schema.Types[areaEnum]
	if areas == nil || areas.EnumValues.ForName(area) == nil {
		a.report(coord, "is in the area %s, which the enum %s does not have: nobody would ever see it", area, areaEnum)
	}
}

// ownValues are fields whose values this server chooses itself, so none is unknown to it:
// TestOnlyCertainCapabilitiesAreListed of internal/tableau holds that.
var ownValues = map[string]bool{"MyCapabilities.allowed": true, "MyCapabilities.denied": true}

// rawTwin reports an enum of Tableau's without OTHER, or without the field that has Tableau's own
// text.
func (a *auditor) rawTwin(def *ast.Definition, f *ast.FieldDefinition) {
	enum := a.schema.Types[f.Type.Name()]
	if enum == nil || enum.Kind != ast.Enum {
		return
	}
	const other = "OTHER"
	coord := def.Name + "." + f.Name
	hasTwin := def.Fields.ForName(f.Name+"Raw") != nil
	last := len(enum.EnumValues) > 0 && enum.EnumValues[len(enum.EnumValues)-1].Name == other
	switch {
	case hasTwin && !last:
		a.report(coord, "has a twin %sRaw, but %s does not end in %s: a value that Tableau invents would break the answer",
			f.Name, enum.Name, other)
	case !hasTwin && !ownValues[coord] && enum.EnumValues.ForName(other) != nil:
		a.report(coord, "may be %s, and no twin %sRaw says what Tableau wrote", other, f.Name)
	}
}

// reads reports a @reads that names what does not exist, and a filter or order of which nobody
// knows what it gives away.
func (a *auditor) reads(coord string, directives ast.DirectiveList, subjects []string, field string) {
	named := directives.ForName(readsDirective) != nil
	for _, read := range readsOf(a.schema, directives, subjects, field) {
		typ, _, dotted := strings.Cut(read, ".")
		def := a.schema.Types[typ]
		isField := def != nil && (def.Kind == ast.Object || def.Kind == ast.Interface)
		switch {
		case dotted && isField && hasCoordinate(a.schema.Types, read):
		case named:
			a.report(coord, "@reads names %q, which is no field of the schema", read)
		default:
			a.report(coord, "gives away %s, which does not exist: name what it reads with @reads, or [] for nothing", read)
		}
	}
}

// directives reports directives and arguments of them without a description.
func (a *auditor) directives() {
	names := make([]string, 0, len(a.schema.Directives))
	for name, d := range a.schema.Directives {
		if d.Position == nil || d.Position.Src == nil || !d.Position.Src.BuiltIn {
			names = append(names, name)
		}
	}
	slices.Sort(names)
	for _, name := range names {
		d := a.schema.Directives[name]
		a.described("@"+name, d.Description)
		for _, arg := range d.Arguments {
			a.described("@"+name+"("+arg.Name+":)", arg.Description)
		}
	}
}
