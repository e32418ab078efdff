package metadata

import (
	"slices"

	"github.com/vektah/gqlparser/v2/ast"
)

// fact is an object of introspection: members, each a plain value, a fact or a list of facts.
type fact struct {
	typeName string
	member   func(name string, args map[string]any) any
}

// introspect answers a selection on a fact; what is no fact stays as it is.
func (x *execution) introspect(v any, set ast.SelectionSet) any {
	switch v := v.(type) {
	case *fact:
		if v == nil {
			return nil
		}
		var out Object
		for _, f := range x.collect(v.typeName, set, nil) {
			if f.Name == "__typename" {
				out = append(out, Entry{f.alias, v.typeName})
				continue
			}
			out = append(out, Entry{f.alias, x.introspect(v.member(f.Name, f.ArgumentMap(x.variable)), f.set)})
		}
		return out
	case []*fact:
		out := []any{}
		for _, item := range v {
			out = append(out, x.introspect(item, set))
		}
		return out
	}
	return v
}

func schemaOf(s *ast.Schema) *fact {
	return &fact{"__Schema", func(name string, _ map[string]any) any {
		switch name {
		case "types":
			var out []*fact
			for _, typeName := range sortedKeys(s.Types) {
				out = append(out, typeNamed(s, typeName))
			}
			return out
		case "queryType":
			return typeNamed(s, "Query")
		case "directives":
			return directives(s)
		}
		return nil
	}}
}

func directives(s *ast.Schema) []*fact {
	var out []*fact
	for _, name := range sortedKeys(s.Directives) {
		d := s.Directives[name]
		out = append(out, &fact{"__Directive", func(member string, _ map[string]any) any {
			switch member {
			case "name":
				return d.Name
			case "locations":
				return d.Locations
			case "args":
				return inputs(s, d.Arguments)
			case "isRepeatable":
				return d.IsRepeatable
			}
			return nil
		}})
	}
	return out
}

// typeNamed is a type by its name, or nil.
func typeNamed(s *ast.Schema, name string) *fact {
	def := s.Types[name]
	if def == nil {
		return nil
	}
	return &fact{"__Type", func(member string, _ map[string]any) any {
		switch member {
		case "kind":
			return string(def.Kind)
		case "name":
			return def.Name
		case "fields":
			if def.Kind == ast.Object || def.Kind == ast.Interface {
				return fieldsOf(s, def)
			}
		case "inputFields":
			if def.Kind == ast.InputObject {
				var args ast.ArgumentDefinitionList
				for _, f := range def.Fields {
					args = append(args, &ast.ArgumentDefinition{Name: f.Name, Type: f.Type, DefaultValue: f.DefaultValue})
				}
				return inputs(s, args)
			}
		case "interfaces":
			if def.Kind == ast.Object || def.Kind == ast.Interface {
				return typesNamed(s, def.Interfaces)
			}
		case "possibleTypes":
			if def.Kind == ast.Interface {
				var names []string
				for _, p := range s.PossibleTypes[def.Name] {
					names = append(names, p.Name)
				}
				slices.Sort(names)
				return typesNamed(s, names)
			}
		case "enumValues":
			if def.Kind == ast.Enum {
				return enumValues(def)
			}
		}
		return nil
	}}
}

func typesNamed(s *ast.Schema, names []string) []*fact {
	out := []*fact{}
	for _, name := range names {
		out = append(out, typeNamed(s, name))
	}
	return out
}

func enumValues(def *ast.Definition) []*fact {
	var out []*fact
	for _, v := range def.EnumValues {
		out = append(out, &fact{"__EnumValue", func(member string, _ map[string]any) any {
			return map[string]any{"name": v.Name, "isDeprecated": false}[member]
		}})
	}
	return out
}

func fieldsOf(s *ast.Schema, def *ast.Definition) []*fact {
	var out []*fact
	for _, f := range def.Fields {
		if f.Name[0] == '_' {
			continue
		}
		out = append(out, &fact{"__Field", func(member string, _ map[string]any) any {
			switch member {
			case "name":
				return f.Name
			case "args":
				return inputs(s, f.Arguments)
			case "type":
				return wrapped(s, f.Type)
			case "isDeprecated":
				return false
			}
			return nil
		}})
	}
	return out
}

func inputs(s *ast.Schema, args ast.ArgumentDefinitionList) []*fact {
	out := []*fact{}
	for _, a := range args {
		out = append(out, &fact{"__InputValue", func(member string, _ map[string]any) any {
			switch member {
			case "name":
				return a.Name
			case "type":
				return wrapped(s, a.Type)
			case "defaultValue":
				if a.DefaultValue != nil {
					return a.DefaultValue.String()
				}
			}
			return nil
		}})
	}
	return out
}

// wrapped is a type with its lists and non-nulls.
func wrapped(s *ast.Schema, t *ast.Type) *fact {
	around := func(kind string, inner *ast.Type) *fact {
		return &fact{"__Type", func(member string, _ map[string]any) any {
			switch member {
			case "kind":
				return kind
			case "ofType":
				return wrapped(s, inner)
			}
			return nil
		}}
	}
	switch {
	case t.NonNull:
		plain := *t
		plain.NonNull = false
		return around("NON_NULL", &plain)
	case t.Elem != nil:
		return around("LIST", t.Elem)
	}
	return typeNamed(s, t.NamedType)
}
