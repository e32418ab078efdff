package policy

import (
	"maps"
	"slices"
	"strings"

	"github.com/vektah/gqlparser/v2/ast"
)

// What the names of Relay lists and of their edges end in.
const (
	connectionSuffix = "Connection"
	edgeSuffix       = "Edge"
)

// pruner cuts a copy of the whole schema down to what rules leave. Each step only ever removes, so
// that the steps, repeated until none finds anything more, end in the one largest schema that
// refers to nothing that is gone.
type pruner struct {
	index   *index
	types   map[string]*ast.Definition
	changed bool // whether a step of this round removed something
}

// prune returns the types that rules leave. The error is ErrNothingLeft.
func (x *index) prune(r ruleset) (map[string]*ast.Definition, error) {
	p := &pruner{index: x, types: make(map[string]*ast.Definition, len(x.schema.Types))}
	for name, def := range x.schema.Types {
		p.types[name] = publishedCopy(def)
	}
	p.dropDenied(r)
	for p.changed = true; p.changed; {
		p.changed = false
		p.dropReaders()
		p.dropDangling()
		p.dropKeyless()
		p.dropUnshared()
		p.dropEmpty()
		p.dropUnreachable()
	}
	query := p.types[x.schema.Query.Name]
	if query == nil || len(query.Fields) == 1 && query.Fields[0].Name == ServiceField {
		return nil, ErrNothingLeft
	}
	p.dropMentions()
	return p.types, nil
}

// dropDenied takes out what the rules do not leave.
func (p *pruner) dropDenied(r ruleset) {
	for _, name := range p.names() {
		def := p.types[name]
		switch {
		case r.deniedCoords[name]:
			delete(p.types, name)
		case def.Kind == ast.Object || def.Kind == ast.Interface:
			p.keepFields(def, func(f *ast.FieldDefinition) bool {
				return r.sees(name, f.Name, p.index.areas[name+"."+f.Name])
			})
		case def.Kind == ast.InputObject:
			p.keepFields(def, func(f *ast.FieldDefinition) bool { return !r.deniedCoords[name+"."+f.Name] })
		case def.Kind == ast.Enum:
			p.keepValues(def, func(v *ast.EnumValueDefinition) bool { return !r.deniedCoords[name+"."+v.Name] })
		}
	}
}

// dropReaders takes out input fields and enum values that would give away a field that is not
// there.
func (p *pruner) dropReaders() {
	for _, name := range p.names() {
		def := p.types[name]
		switch def.Kind {
		case ast.InputObject:
			p.keepFields(def, func(f *ast.FieldDefinition) bool { return p.hasAll(p.index.reads[name+"."+f.Name]) })
		case ast.Enum:
			p.keepValues(def, func(v *ast.EnumValueDefinition) bool { return p.hasAll(p.index.reads[name+"."+v.Name]) })
		}
	}
}

// hasAll reports whether every coordinate is still there.
func (p *pruner) hasAll(coords []string) bool {
	for _, coord := range coords {
		if !hasCoordinate(p.types, coord) {
			return false
		}
	}
	return true
}

// dropDangling takes out what refers to a type that is gone: fields, arguments, members of unions,
// implemented interfaces. A field goes with an argument that it requires, an argument with a
// default that can no longer be written, a Relay list with its items.
func (p *pruner) dropDangling() {
	for _, name := range p.names() {
		def := p.types[name]
		if def == nil || def.BuiltIn {
			continue
		}
		if p.lostItems(name) {
			p.drop(name)
			continue
		}
		p.keepFields(def, func(f *ast.FieldDefinition) bool {
			return p.types[f.Type.Name()] != nil && p.keepArguments(f) && p.writable(f.DefaultValue, f.Type.Name())
		})
		def.Types = p.keepTypes(def.Types)
		def.Interfaces = p.keepTypes(def.Interfaces)
	}
}

// lostItems reports whether a type is a Relay list, or an edge of one, of items that are gone. What
// is left of it would count them, and with a filter tell what is in them.
func (p *pruner) lostItems(name string) bool {
	holds := ""
	switch {
	case strings.HasSuffix(name, connectionSuffix):
		holds = "nodes"
	case strings.HasSuffix(name, edgeSuffix):
		holds = "node"
	}
	f := p.index.schema.Types[name].Fields.ForName(holds)
	return f != nil && p.types[f.Type.Name()] == nil
}

// keepArguments takes arguments out and reports whether the field can do without them. One that is
// never null goes only with its field, also when it has a default: the resolver counts on its
// value.
func (p *pruner) keepArguments(f *ast.FieldDefinition) bool {
	whole := true
	f.Arguments = slices.DeleteFunc(f.Arguments, func(a *ast.ArgumentDefinition) bool {
		if p.types[a.Type.Name()] != nil && p.writable(a.DefaultValue, a.Type.Name()) {
			return false
		}
		p.changed = true
		whole = whole && !a.Type.NonNull
		return true
	})
	return whole
}

// writable reports whether a default of this named type uses only what is there.
func (p *pruner) writable(v *ast.Value, typ string) bool {
	def := p.types[typ]
	if v == nil || def == nil {
		return v == nil
	}
	switch v.Kind {
	case ast.EnumValue:
		return def.EnumValues.ForName(v.Raw) != nil
	case ast.ListValue:
		return !slices.ContainsFunc(v.Children, func(c *ast.ChildValue) bool { return !p.writable(c.Value, typ) })
	case ast.ObjectValue:
		return !slices.ContainsFunc(v.Children, func(c *ast.ChildValue) bool {
			f := def.Fields.ForName(c.Name)
			return f == nil || !p.writable(c.Value, f.Type.Name())
		})
	default:
		return true
	}
}

// dropUnshared takes a field out of an interface when one that implements it lacks the field: the
// schema would not load.
func (p *pruner) dropUnshared() {
	for _, name := range p.names() {
		def := p.types[name]
		for _, abstract := range def.Interfaces {
			p.keepFields(p.types[abstract], func(f *ast.FieldDefinition) bool { return def.Fields.ForName(f.Name) != nil })
		}
	}
}

// dropEmpty takes out types with nothing in them, and interfaces that no object implements any
// more.
func (p *pruner) dropEmpty() {
	implemented := map[string]bool{}
	for _, def := range p.types {
		if def.Kind == ast.Object {
			for _, abstract := range def.Interfaces {
				implemented[abstract] = true
			}
		}
	}
	for _, name := range p.names() {
		def := p.types[name]
		empty := false
		switch def.Kind {
		case ast.Object, ast.InputObject:
			empty = len(def.Fields) == 0
		case ast.Interface:
			empty = len(def.Fields) == 0 || !implemented[name]
		case ast.Union:
			empty = len(def.Types) == 0
		case ast.Enum:
			empty = len(def.EnumValues) == 0
		}
		if empty && !def.BuiltIn {
			p.drop(name)
		}
	}
}

// dropUnreachable takes out types that no field leads to.
func (p *pruner) dropUnreachable() {
	reached := reach(p.types, p.index.schema.Query.Name, p.index.onlyPart)
	for _, name := range p.names() {
		if !reached[name] && !p.types[name].BuiltIn {
			p.drop(name)
		}
	}
}

// names returns the names of the types that are left, sorted: each step meets them in one order.
func (p *pruner) names() []string { return slices.Sorted(maps.Keys(p.types)) }

func (p *pruner) drop(name string) {
	delete(p.types, name)
	p.changed = true
}

// keepFields takes out fields that keep refuses. An input that loses a field it requires is of no
// use and goes whole.
func (p *pruner) keepFields(def *ast.Definition, keep func(*ast.FieldDefinition) bool) {
	if def == nil {
		return
	}
	useless := false
	before := len(def.Fields)
	def.Fields = slices.DeleteFunc(def.Fields, func(f *ast.FieldDefinition) bool {
		gone := !keep(f)
		useless = useless || (gone && def.Kind == ast.InputObject && f.Type.NonNull)
		return gone
	})
	p.changed = p.changed || len(def.Fields) < before
	if useless {
		p.drop(def.Name)
	}
}

func (p *pruner) keepValues(def *ast.Definition, keep func(*ast.EnumValueDefinition) bool) {
	before := len(def.EnumValues)
	def.EnumValues = slices.DeleteFunc(def.EnumValues, func(v *ast.EnumValueDefinition) bool { return !keep(v) })
	p.changed = p.changed || len(def.EnumValues) < before
}

// keepTypes returns the names of those types that are there.
func (p *pruner) keepTypes(names []string) []string {
	kept := slices.DeleteFunc(names, func(name string) bool { return p.types[name] == nil })
	p.changed = p.changed || len(kept) < len(names)
	return kept
}

// hasCoordinate reports whether `Type`, `Type.member` or `Type.field(argument:)` is among the
// types.
func hasCoordinate(types map[string]*ast.Definition, coord string) bool {
	name, member, dotted := strings.Cut(coord, ".")
	def := types[name]
	if def == nil || !dotted {
		return def != nil
	}
	member, arg, isArg := strings.Cut(member, "(")
	f := def.Fields.ForName(member)
	if !isArg {
		return f != nil || def.EnumValues.ForName(member) != nil
	}
	arg, closed := strings.CutSuffix(arg, ":)")
	return closed && f != nil && f.Arguments.ForName(arg) != nil
}
