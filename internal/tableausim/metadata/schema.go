package metadata

import (
	_ "embed"
	"strings"

	"github.com/vektah/gqlparser/v2/ast"
	"github.com/vektah/gqlparser/v2/parser"
	"github.com/vektah/gqlparser/v2/validator"
)

//go:embed schema.graphqls
var compact string

// schema is the newest schema. Its definitions are shared by the older ones.
var schema = load(nil)

// Schema is the schema of one release.
type Schema struct{ ast *ast.Schema }

// NewSchema returns the schema without the members that a release does not have: each is a type, or
// a type and a field with a dot between them. A type's fields in other types go with it.
func NewSchema(without ...string) *Schema {
	if len(without) == 0 {
		return &Schema{schema}
	}
	return &Schema{load(without)}
}

// Definition returns the schema as gqlparser has it.
func (s *Schema) Definition() *ast.Schema { return s.ast }

func load(without []string) *ast.Schema {
	doc, err := parser.ParseSchemas(validator.Prelude, &ast.Source{Name: "schema.graphqls", Input: compact})
	if err != nil {
		panic(err) // the text is part of the program
	}
	doc.Definitions = remove(doc.Definitions, without)
	expand(doc)
	loaded, err := validator.ValidateSchemaDocument(doc)
	if err != nil {
		panic(err)
	}
	return loaded
}

// remove takes out types and fields.
func remove(definitions ast.DefinitionList, without []string) ast.DefinitionList {
	gone := map[string]bool{}
	for _, name := range without {
		gone[name] = true
	}
	var out ast.DefinitionList
	for _, def := range definitions {
		base := strings.TrimSuffix(strings.TrimSuffix(def.Name, "_Filter"), "OrderField")
		if gone[def.Name] || gone[base] {
			continue
		}
		var fields ast.FieldList
		for _, f := range def.Fields {
			if !gone[f.Type.Name()] && !gone[def.Name+"."+f.Name] {
				fields = append(fields, f)
			}
		}
		def.Fields = fields
		var interfaces []string
		for _, name := range def.Interfaces {
			if !gone[name] {
				interfaces = append(interfaces, name)
			}
		}
		def.Interfaces = interfaces
		out = append(out, def)
	}
	return out
}

// expand adds what is regular: connections, arguments of lists, order inputs and Within.
func expand(doc *ast.SchemaDocument) {
	listed := map[string]bool{} // types that have a filter, and so lists with arguments
	for _, def := range doc.Definitions {
		if base, ok := strings.CutSuffix(def.Name, "_Filter"); ok {
			listed[base] = true
			def.Fields = within(def.Fields)
		}
	}
	var made ast.DefinitionList
	for _, def := range doc.Definitions {
		if base, ok := strings.CutSuffix(def.Name, "OrderField"); ok && listed[base] {
			made = append(made, object(ast.InputObject, base+"OrderBy",
				field("field", ast.NonNullNamedType(def.Name, nil)), field("direction", ast.NonNullNamedType("OrderDirection", nil))))
		}
		if def.Kind != ast.Object && def.Kind != ast.Interface || def.BuiltIn {
			continue
		}
		var fields ast.FieldList
		for _, f := range def.Fields {
			fields = append(fields, f)
			if f.Type.Elem == nil || !listed[f.Type.Name()] {
				continue
			}
			f.Arguments = listArguments(f.Type.Name())
			twin := field(f.Name+"Connection", ast.NamedType(f.Type.Name()+"sConnection", nil))
			twin.Type.NonNull = def.Name == "Query"
			twin.Arguments = append(pageArguments(), f.Arguments...)
			fields = append(fields, twin)
		}
		def.Fields = fields
	}
	for name := range listed {
		nodes := ast.ListType(ast.NonNullNamedType(name, nil), nil)
		nodes.NonNull = true
		made = append(made, object(ast.Object, name+"sConnection", field("nodes", nodes),
			field("pageInfo", ast.NonNullNamedType("PageInfo", nil)), field("totalCount", ast.NonNullNamedType("Int", nil))))
	}
	doc.Definitions = append(doc.Definitions, made...)
}

func object(kind ast.DefinitionKind, name string, fields ...*ast.FieldDefinition) *ast.Definition {
	return &ast.Definition{Kind: kind, Name: name, Fields: fields, Position: position()}
}

func field(name string, t *ast.Type) *ast.FieldDefinition {
	return &ast.FieldDefinition{Name: name, Type: t, Position: position()}
}

func position() *ast.Position { return &ast.Position{Src: &ast.Source{Name: "schema.graphqls"}} }

// within adds to each member of a filter the one that takes a list.
func within(fields ast.FieldList) ast.FieldList {
	var out ast.FieldList
	for _, f := range fields {
		out = append(out, f)
		if f.Name != "text" {
			out = append(out, field(f.Name+"Within", ast.ListType(ast.NamedType(f.Type.Name(), nil), nil)))
		}
	}
	return out
}

func listArguments(name string) ast.ArgumentDefinitionList {
	return ast.ArgumentDefinitionList{
		argument("filter", name+"_Filter"), argument("orderBy", name+"OrderBy"), argument("permissionMode", "PermissionMode"),
	}
}

func pageArguments() ast.ArgumentDefinitionList {
	first := argument("first", "Int")
	first.DefaultValue = &ast.Value{Raw: "100", Kind: ast.IntValue, Position: position()}
	return ast.ArgumentDefinitionList{argument("after", "String"), first, argument("offset", "Int")}
}

func argument(name, kind string) *ast.ArgumentDefinition {
	return &ast.ArgumentDefinition{Name: name, Type: ast.NamedType(kind, nil), Position: position()}
}
