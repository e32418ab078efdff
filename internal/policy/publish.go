package policy

import (
	"cmp"
	"fmt"
	"regexp"
	"slices"
	"strings"

	"github.com/vektah/gqlparser/v2/ast"
	"github.com/vektah/gqlparser/v2/formatter"
	"github.com/vektah/gqlparser/v2/validator"
)

// publicDirectives are those that a client may know; all others are ours, or, like defer, nothing
// that this server does.
var publicDirectives = []string{"deprecated", "include", "oneOf", "semanticNonNull", "skip", "specifiedBy"}

// document puts pruned copies in the order of the whole schema's source.
func (x *index) document(types map[string]*ast.Definition) *ast.SchemaDocument {
	doc := &ast.SchemaDocument{Schema: ast.SchemaDefinitionList{{
		Description:    x.schema.Description,
		OperationTypes: ast.OperationTypeDefinitionList{{Operation: ast.Query, Type: x.schema.Query.Name}},
	}}}
	for _, name := range publicDirectives {
		if d := x.schema.Directives[name]; d != nil {
			copied := *d
			doc.Directives = append(doc.Directives, &copied)
		}
	}
	for _, def := range types {
		doc.Definitions = append(doc.Definitions, def)
	}
	slices.SortFunc(doc.Definitions, bySource)
	return doc
}

// load makes a schema of a document.
//
// It is the loader that links interfaces and possible types and puts __schema and __type into
// Query, so that a pruned schema is checked like any other and gqlgen can take it in the place of
// its own. The error says that the document does not load, which no schema that passes Audit should
// bring about.
func (x *index) load(doc *ast.SchemaDocument) (*ast.Schema, error) {
	schema, err := validator.ValidateSchemaDocument(doc)
	if err != nil {
		return nil, fmt.Errorf("the schema of these roles does not load: %w", err)
	}
	return schema, nil
}

// printed writes a part of a document, without spaces in empty lines of descriptions. The schema
// block is such a part, which the formatter of whole schemas leaves out: without it a loader makes
// a root of a type by its mere name.
func printed(part *ast.SchemaDocument) string {
	var sdl strings.Builder
	formatter.NewFormatter(&sdl, formatter.WithIndent("  ")).FormatSchemaDocument(part)
	return spaces.ReplaceAllLiteralString(sdl.String(), "")
}

// definitionText is a definition after an empty line; nothing for one that is built in.
func definitionText(def *ast.Definition) string {
	if def.BuiltIn {
		return ""
	}
	return "\n" + printed(&ast.SchemaDocument{Definitions: ast.DefinitionList{def}})
}

// definedHere are the directives of the specification that some readers do not know, as the
// specification defines them: @oneOf is younger than graphql-js 16.9, @specifiedBy than 15.1, and
// @deprecated on inputs than 15.
var definedHere = []struct{ name, definition string }{
	{"deprecated", `directive @deprecated(reason: String = "No longer supported") on FIELD_DEFINITION | ARGUMENT_DEFINITION | INPUT_FIELD_DEFINITION | ENUM_VALUE`},
	{"oneOf", `directive @oneOf on INPUT_OBJECT`},
	{"specifiedBy", `directive @specifiedBy(url: String!) on SCALAR`},
}

// newerDirectives defines those directives of the specification that definitions use, so that what
// is printed can be read by itself.
func newerDirectives(defs ast.DefinitionList) string {
	used := map[string]bool{}
	note := func(directives ast.DirectiveList) {
		for _, d := range directives {
			used[d.Name] = true
		}
	}
	for _, def := range defs {
		if def.BuiltIn {
			continue
		}
		note(def.Directives)
		for _, f := range def.Fields {
			note(f.Directives)
			for _, a := range f.Arguments {
				note(a.Directives)
			}
		}
		for _, v := range def.EnumValues {
			note(v.Directives)
		}
	}
	var sdl strings.Builder
	for _, d := range definedHere {
		if used[d.name] {
			sdl.WriteString("\n" + d.definition + "\n")
		}
	}
	return sdl.String()
}

// ownDirectives defines the directives of a document that no specification has.
func ownDirectives(doc *ast.SchemaDocument) string {
	var sdl strings.Builder
	for _, d := range doc.Directives {
		if d.Position == nil || d.Position.Src == nil || !d.Position.Src.BuiltIn {
			sdl.WriteString("\n" + printed(&ast.SchemaDocument{Directives: ast.DirectiveDefinitionList{d}}))
		}
	}
	return sdl.String()
}

// WholeSDL is a schema as text, unpruned, with our directives; it can be read by itself.
func WholeSDL(schema *ast.Schema) string {
	var sdl strings.Builder
	doc := &ast.SchemaDocument{}
	for _, def := range schema.Types {
		doc.Definitions = append(doc.Definitions, def)
	}
	sdl.WriteString(strings.TrimPrefix(newerDirectives(doc.Definitions), "\n"))
	formatter.NewFormatter(&sdl, formatter.WithIndent("  ")).FormatSchema(schema)
	return sdl.String()
}

// spaces matches those at the ends of lines that hold nothing else.
var spaces = regexp.MustCompile(`(?m)^ +$`)

// bySource orders definitions as written in their sources; what was made by hand comes first, by
// name.
func bySource(a, b *ast.Definition) int {
	aFile, aStart := sourceOf(a.Position)
	bFile, bStart := sourceOf(b.Position)
	return cmp.Or(cmp.Compare(aFile, bFile), cmp.Compare(aStart, bStart), cmp.Compare(a.Name, b.Name))
}

func sourceOf(p *ast.Position) (file string, start int) {
	if p == nil {
		return "", 0
	}
	if p.Src != nil {
		file = p.Src.Name
	}
	return file, p.Start
}

// publishedCopy copies a definition as clients may see it: without our directives and comments,
// with the facts of the directives as the last line of descriptions, and without the fields that
// the loader adds. All that pruning changes is copied; types, defaults and positions are shared and
// never written to.
func publishedCopy(def *ast.Definition) *ast.Definition {
	out := &ast.Definition{
		Kind: def.Kind, Name: def.Name, BuiltIn: def.BuiltIn, Position: def.Position,
		Description: def.Description,
		Directives:  publicOnes(def.Directives),
		Interfaces:  slices.Clone(def.Interfaces),
		Types:       slices.Clone(def.Types),
	}
	for _, f := range def.Fields {
		if strings.HasPrefix(f.Name, "__") {
			continue
		}
		out.Fields = append(out.Fields, &ast.FieldDefinition{
			Name: f.Name, Type: f.Type, DefaultValue: f.DefaultValue, Position: f.Position,
			Description: describe(f.Description, f.Directives),
			Directives:  publicOnes(f.Directives),
			Arguments:   publishedArguments(f.Arguments),
		})
	}
	for _, v := range def.EnumValues {
		out.EnumValues = append(out.EnumValues, &ast.EnumValueDefinition{
			Name: v.Name, Position: v.Position,
			Description: describe(v.Description, v.Directives),
			Directives:  publicOnes(v.Directives),
		})
	}
	return out
}

func publishedArguments(args ast.ArgumentDefinitionList) ast.ArgumentDefinitionList {
	var out ast.ArgumentDefinitionList
	for _, a := range args {
		out = append(out, &ast.ArgumentDefinition{
			Name: a.Name, Type: a.Type, DefaultValue: a.DefaultValue, Position: a.Position,
			Description: describe(a.Description, a.Directives),
			Directives:  publicOnes(a.Directives),
		})
	}
	return out
}

// publicOnes copies the directives that clients may see. The loader writes into them, and pruning
// into their texts, so these are copies.
func publicOnes(directives ast.DirectiveList) ast.DirectiveList {
	var out ast.DirectiveList
	for _, d := range directives {
		if slices.Contains(publicDirectives, d.Name) {
			copied := *d
			copied.Arguments = nil
			for _, a := range d.Arguments {
				argument, value := *a, *a.Value
				argument.Value = &value
				copied.Arguments = append(copied.Arguments, &argument)
			}
			out = append(out, &copied)
		}
	}
	return out
}
