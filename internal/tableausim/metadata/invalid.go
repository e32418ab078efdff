package metadata

import (
	"errors"
	"fmt"
	"strings"

	"github.com/vektah/gqlparser/v2/ast"
	"github.com/vektah/gqlparser/v2/gqlerror"
)

// kinds are graphql-java's names of the rules of validation, by gqlparser's.
var kinds = map[string]string{
	"FieldsOnCorrectType": "FieldUndefined", "KnownArgumentNames": "UnknownArgument", "KnownTypeNames": "UnknownType",
	"KnownFragmentNames": "UndefinedFragment", "KnownDirectives": "UnknownDirective", "ValuesOfCorrectType": "WrongType",
	"ProvidedRequiredArguments": "MissingFieldArgument", "OverlappingFieldsCanBeMerged": "FieldsConflict", "ScalarLeafs": "SubselectionRequired",
	"NoUndefinedVariables": "UndefinedVariable", "NoUnusedVariables": "UnusedVariable", "NoUnusedFragments": "UnusedFragment",
	"VariablesInAllowedPosition": "VariableTypeMismatch", "VariablesAreInputTypes": "NonInputTypeOnVariable",
	"PossibleFragmentSpreads": "InvalidFragmentType", "FragmentsOnCompositeTypes": "InlineFragmentTypeConditionInvalid",
	"NoFragmentCycles": "FragmentCycle", "LoneAnonymousOperation": "LoneAnonymousOperationViolation", "UniqueOperationNames": "DuplicateOperationName",
	"UniqueFragmentNames": "DuplicateFragmentName", "UniqueArgumentNames": "DuplicateArgumentNames", "UniqueVariableNames": "DuplicateVariableName",
	"UniqueDirectivesPerLocation": "DuplicateDirectiveName", "KnownRootType": "UnknownOperation",
}

// syntaxError is the error of a text that is no document.
func syntaxError(err error) Error {
	e := Error{Message: "Invalid Syntax : offending token '<EOF>'", invalid: &invalid{line: 1, column: 1}}
	var g *gqlerror.Error
	if errors.As(err, &g) {
		e.Message = "Invalid Syntax : " + g.Message
		if len(g.Locations) > 0 {
			e.invalid.line, e.invalid.column = g.Locations[0].Line, g.Locations[0].Column
		}
	}
	return e
}

// validationErrors are the errors of a document that does not fit the schema.
func validationErrors(doc *ast.QueryDocument, list gqlerror.List) []Error {
	var out []Error
	for _, g := range list {
		at := &invalid{kind: kinds[g.Rule], line: 1, column: 1}
		if at.kind == "" {
			at.kind = g.Rule
		}
		if len(g.Locations) > 0 {
			at.line, at.column = g.Locations[0].Line, g.Locations[0].Column
		}
		description := g.Message
		for _, op := range doc.Operations {
			if f := find(op.SelectionSet, nil, at); f != nil && at.kind == "FieldUndefined" {
				description = fmt.Sprintf("Field '%s' in type '%s' is undefined", f.Name, f.ObjectDefinition.Name)
			}
		}
		for _, fragment := range doc.Fragments {
			if f := find(fragment.SelectionSet, []string{fragment.Name}, at); f != nil && at.kind == "FieldUndefined" {
				description = fmt.Sprintf("Field '%s' in type '%s' is undefined", f.Name, f.ObjectDefinition.Name)
			}
		}
		at.description = description
		message := "Validation error of type " + at.kind + ": " + description
		if len(at.path) > 0 {
			message += " @ '" + strings.Join(at.path, "/") + "'"
		}
		out = append(out, Error{Message: message, invalid: at})
	}
	return out
}

// find returns the field at the place of an error and writes the way to it into the error.
func find(set ast.SelectionSet, path []string, at *invalid) *ast.Field {
	for _, selection := range set {
		switch s := selection.(type) {
		case *ast.Field:
			here := append(path[:len(path):len(path)], s.Name)
			if s.Position != nil && s.Position.Line == at.line && s.Position.Column == at.column {
				at.path = here
				return s
			}
			if f := find(s.SelectionSet, here, at); f != nil {
				return f
			}
		case *ast.InlineFragment:
			if f := find(s.SelectionSet, path, at); f != nil {
				return f
			}
		}
	}
	return nil
}

// coerce takes the variables of an operation, strictly as graphql-java does: a text is no number.
func coerce(schema *ast.Schema, op *ast.OperationDefinition, given map[string]any) (map[string]any, *Error) {
	out := map[string]any{}
	for _, v := range op.VariableDefinitions {
		value, ok := given[v.Variable]
		if !ok {
			if v.DefaultValue != nil {
				value, _ = v.DefaultValue.Value(nil)
				out[v.Variable] = value
				continue
			}
			if v.Type.NonNull {
				return nil, &Error{Message: fmt.Sprintf("Variable '%s' has coerced Null value for NonNull type '%s'", v.Variable, v.Type), Bare: true}
			}
			continue
		}
		if !fits(schema, v.Type, value) {
			return nil, &Error{Message: fmt.Sprintf("Variable '%s' has an invalid value: Expected type '%s'", v.Variable, v.Type), Bare: true}
		}
		if v.Type.Elem != nil && value != nil { // one value stands for a list of one
			if _, list := value.([]any); !list {
				value = []any{value}
			}
		}
		out[v.Variable] = value
	}
	return out, nil
}

// fits reports whether a value of JSON is one of a type.
func fits(schema *ast.Schema, t *ast.Type, value any) bool {
	if value == nil {
		return !t.NonNull
	}
	if t.Elem != nil {
		list, ok := value.([]any)
		if !ok {
			return fits(schema, t.Elem, value)
		}
		for _, item := range list {
			if !fits(schema, t.Elem, item) {
				return false
			}
		}
		return true
	}
	def := schema.Types[t.NamedType]
	switch def.Kind {
	case ast.Enum:
		name, ok := value.(string)
		return ok && def.EnumValues.ForName(name) != nil
	case ast.InputObject:
		return fitsObject(schema, def, value)
	}
	switch v := value.(type) {
	case string:
		return t.NamedType == "String" || t.NamedType == "ID" || t.NamedType == "DateTime"
	case bool:
		return t.NamedType == "Boolean"
	case float64:
		whole := v == float64(int32(v))
		return t.NamedType == "Float" || whole && (t.NamedType == "Int" || t.NamedType == "ID")
	}
	return false
}

func fitsObject(schema *ast.Schema, def *ast.Definition, value any) bool {
	members, ok := value.(map[string]any)
	if !ok {
		return false
	}
	for name, member := range members {
		f := def.Fields.ForName(name)
		if f == nil || !fits(schema, f.Type, member) {
			return false
		}
	}
	for _, f := range def.Fields {
		if _, given := members[f.Name]; f.Type.NonNull && !given {
			return false
		}
	}
	return true
}
