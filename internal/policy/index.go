package policy

import (
	"slices"
	"strings"

	"github.com/vektah/gqlparser/v2/ast"
)

// Names of the directives and of the enum by which the schema says what we go by.
const (
	areaEnum       = "Area"
	areaDirective  = "area"
	restDirective  = "rest"
	readsDirective = "reads"
	sinceDirective = "since"
)

// index is what is known of the whole schema, worked out once.
type index struct {
	schema   *ast.Schema
	areas    map[string]string     // area of each field that has one, by coordinate
	reads    map[string][]string   // what an input field or enum value gives away, by coordinate
	answered map[string]bool       // types of fields of objects and interfaces
	onlyPart map[string]bool       // objects that no field returns as such, only as a member of a union or interface
	costs    map[string]fieldCost  // what fields cost, by coordinate
	members  []member              // all that rules may leave or not
	mentions map[string][]sentence // descriptions that name other members, by their text
}

// member is a type, or a field or value of one.
type member struct {
	typ, field, coord, area string
	answers                 bool // a field of an object or interface
}

// membersOfSchema lists what rules decide on, in one order.
func (x *index) membersOfSchema() (all []member) {
	for _, name := range sortedNames(x.schema.Types) {
		def := x.schema.Types[name]
		all = append(all, member{typ: name})
		answers := def.Kind == ast.Object || def.Kind == ast.Interface
		for _, f := range def.Fields {
			coord := name + "." + f.Name
			all = append(all, member{name, f.Name, coord, x.areas[coord], answers})
		}
		for _, v := range def.EnumValues {
			all = append(all, member{name, v.Name, name + "." + v.Name, "", false})
		}
	}
	return all
}

func newIndex(schema *ast.Schema) *index {
	x := &index{
		schema: schema, areas: map[string]string{}, reads: map[string][]string{}, answered: map[string]bool{},
	}
	subjects := findSubjects(schema)
	for _, def := range schema.Types {
		switch def.Kind {
		case ast.Object, ast.Interface:
			x.addFields(def)
		case ast.InputObject:
			for _, f := range def.Fields {
				x.addReads(def, f.Name, readsOf(schema, f.Directives, subjects[def.Name], f.Name))
			}
		case ast.Enum:
			for _, v := range def.EnumValues {
				x.addReads(def, v.Name, readsOf(schema, v.Directives, subjects[def.Name], camelCase(v.Name)))
			}
		}
	}
	x.onlyPart = findOnlyParts(schema)
	x.costs = fieldCosts(schema)
	x.members = x.membersOfSchema()
	x.mentions = findMentions(schema)
	return x
}

// addFields notes areas and types of the fields of an object or interface.
func (x *index) addFields(def *ast.Definition) {
	for _, f := range def.Fields {
		x.answered[f.Type.Name()] = true
		if d := f.Directives.ForName(areaDirective); d != nil {
			x.areas[def.Name+"."+f.Name] = directiveText(d, "name")
		}
	}
}

// addReads notes what a member gives away.
func (x *index) addReads(def *ast.Definition, member string, reads []string) {
	x.reads[def.Name+"."+member] = reads
}

// isArea reports whether the schema has this area.
func (x *index) isArea(name string) bool {
	def := x.schema.Types[areaEnum]
	return def != nil && def.Kind == ast.Enum && def.EnumValues.ForName(name) != nil
}

// areaNames returns the areas that settings may name, as the schema orders them.
func (x *index) areaNames() []string {
	def := x.schema.Types[areaEnum]
	if def == nil {
		return nil
	}
	var names []string
	for _, v := range def.EnumValues {
		if v.Name != areaAlways {
			names = append(names, v.Name)
		}
	}
	return names
}

// directiveText returns an argument of a directive as text, empty when it is not given.
func directiveText(d *ast.Directive, arg string) string {
	if a := d.Arguments.ForName(arg); a != nil && a.Value != nil {
		return a.Value.Raw
	}
	return ""
}

// findOnlyParts finds the objects that no field returns, so that unions and interfaces are the only
// way to them.
//
// Usually an abstract type opens no member: otherwise node(id), which every role has, would open
// every kind there is. A kind belongs to a role when some field returns it. Those found here have
// no such field anywhere, and come with the union or, where there is none, with the interface they
// are a part of.
func findOnlyParts(schema *ast.Schema) map[string]bool {
	parts := map[string]bool{}
	for {
		reached := reach(schema.Types, schema.Query.Name, parts)
		grown := false
		for _, def := range schema.Types {
			if def.Kind != ast.Object || reached[def.Name] || parts[def.Name] {
				continue
			}
			inReach := func(abstract *ast.Definition) bool { return abstract != nil && reached[abstract.Name] }
			if slices.ContainsFunc(schema.GetImplements(def), inReach) {
				parts[def.Name] = true
				grown = true
			}
		}
		if !grown {
			return parts
		}
	}
}

// reach returns the names of all types that fields lead to from the root, without the built-in
// ones. An interface of a type that is reached is reached; its members are not, but for those in
// parts.
func reach(types map[string]*ast.Definition, root string, parts map[string]bool) map[string]bool {
	reached := map[string]bool{}
	members := membersOf(types, parts)
	var visit func(name string)
	visit = func(name string) {
		def := types[name]
		if def == nil || def.BuiltIn || reached[name] {
			return
		}
		reached[name] = true
		for _, f := range def.Fields {
			visit(f.Type.Name())
			for _, arg := range f.Arguments {
				visit(arg.Type.Name())
			}
		}
		for _, name := range def.Interfaces {
			visit(name)
		}
		for _, name := range members[name] {
			visit(name)
		}
	}
	visit(root)
	return reached
}

// membersOf returns, for each abstract type, those of its members that come with it: the parts that
// are in a union come with unions, the others with interfaces.
func membersOf(types map[string]*ast.Definition, parts map[string]bool) map[string][]string {
	members := map[string][]string{}
	inUnion := map[string]bool{}
	for _, def := range types {
		if def.Name == EntityUnion { // it opens nothing, as node does not
			continue
		}
		for _, member := range def.Types {
			if parts[member] {
				members[def.Name] = append(members[def.Name], member)
				inUnion[member] = true
			}
		}
	}
	for name := range parts {
		def := types[name]
		if def == nil || inUnion[name] {
			continue
		}
		for _, abstract := range def.Interfaces {
			members[abstract] = append(members[abstract], name)
		}
	}
	return members
}

// camelCase writes the name of an enum value as a field is written: UPDATED_AT is updatedAt.
func camelCase(value string) string {
	words := strings.Split(strings.ToLower(value), "_")
	for i, word := range words {
		if i > 0 && word != "" {
			words[i] = strings.ToUpper(word[:1]) + word[1:]
		}
	}
	return strings.Join(words, "")
}
