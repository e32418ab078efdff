// Package coerce judges the values that a GraphQL request brings: variables, by sections 6.1.2 and
// 6.4.1 of the specification (October 2021, and the draft for @oneOf), and literals, by section
// 5.6.1. Both are judged by the rules of section 3 for input coercion, and equally strictly.
// gqlparser and the generated code take more: "2" for an Int, enum values in other letters, null
// for an argument with a default.
//
// A value that does not fit is an error of the request: nothing has run when it is found.
package coerce

import (
	"encoding/json"
	"fmt"
	"unicode/utf8"

	"github.com/vektah/gqlparser/v2/ast"
	"github.com/vektah/gqlparser/v2/gqlerror"
)

// maxErrors bounds the errors of one request: a list of 10,000 wrong values says no more than its
// first ten.
const maxErrors = 10

// maxShown bounds, in bytes, how much of a wrong value a message repeats.
const maxShown = 60

// Scalar takes a value of a custom scalar and returns what the generated code is given, or an error
// that says what the scalar takes. The value is a string, a bool, a json.Number, or, of a literal
// with a decimal point or an exponent, a float64.
type Scalar func(value any) (any, error)

// Coercer judges values against one schema. It may be used by many goroutines at once.
type Coercer struct {
	Schema *ast.Schema
	// Scalars are the custom scalars of the schema, by name. One that is missing takes no value.
	Scalars map[string]Scalar
}

// Variables coerces the variables of a request for an operation of a validated document: 6.1.2 of
// the specification, and, for variables that are null, what 6.4.1 says of the places they are used
// in. Variables that the operation does not declare are ignored, as the specification says. Each
// error has the location of the variable's definition and a path that begins with "variable" and
// the variable's name.
func (c Coercer) Variables(op *ast.OperationDefinition, values map[string]any) (map[string]any, gqlerror.List) {
	coerced := make(map[string]any, len(op.VariableDefinitions))
	j := judge{Coercer: c}
	for _, def := range op.VariableDefinitions {
		value, given := values[def.Variable]
		switch {
		case !given && def.DefaultValue != nil:
			fallback, err := def.DefaultValue.Value(nil)
			if err != nil { // the document was validated: it cannot be
				j.variable(def).report(nil, nil, err.Error())
				continue
			}
			coerced[def.Variable] = fallback
		case !given && def.Type.NonNull:
			j.errorAt(def, nil, `Variable "$%s" of required type "%s" was not provided.`, def.Variable, def.Type)
		case !given: // it stays absent, which is not the same as null
		case value == nil && def.Type.NonNull:
			j.errorAt(def, nil, `Variable "$%s" of non-null type "%s" must not be null.`, def.Variable, def.Type)
		case value == nil:
			coerced[def.Variable] = nil
		default:
			coerced[def.Variable] = j.variable(def).value(nil, def.Type, value)
		}
	}
	if len(j.errs) == 0 {
		j.nulls(op, coerced)
	}
	if len(j.errs) > 0 {
		return nil, j.errs
	}
	return coerced, nil
}

// judge collects the errors of one request.
type judge struct {
	Coercer
	errs gqlerror.List
}

func (j *judge) full() bool { return len(j.errs) >= maxErrors }

func (j *judge) errorAt(def *ast.VariableDefinition, path ast.Path, format string, args ...any) {
	if j.full() {
		return
	}
	err := &gqlerror.Error{Message: fmt.Sprintf(format, args...), Path: append(ast.Path{ast.PathName("variable"), ast.PathName(def.Variable)}, path...)}
	if def.Position != nil {
		err.Locations = []gqlerror.Location{{Line: def.Position.Line, Column: def.Position.Column}}
	}
	j.errs = append(j.errs, err)
}

// variable is the judge of one variable's value.
func (j *judge) variable(def *ast.VariableDefinition) variableJudge { return variableJudge{j, def} }

type variableJudge struct {
	*judge
	def *ast.VariableDefinition
}

// report says what is wrong with a value at a path below the variable.
func (j variableJudge) report(path ast.Path, value any, reason string) {
	at := ""
	if len(path) > 0 {
		at = fmt.Sprintf(" at %q", append(ast.Path{ast.PathName(j.def.Variable)}, path...).String())
	}
	j.errorAt(j.def, path, `Variable "$%s" got invalid value %s%s; %s.`, j.def.Variable, shown(value), at, reason)
}

// value coerces a JSON value to a type. What it returns after an error is of no use.
func (j variableJudge) value(path ast.Path, typ *ast.Type, value any) any {
	switch {
	case j.full():
		return nil
	case value == nil && typ.NonNull:
		j.report(path, value, fmt.Sprintf("Expected non-nullable type %q not to be null", typ))
		return nil
	case value == nil:
		return nil
	case typ.Elem != nil:
		return j.list(path, typ.Elem, value)
	}
	def := j.Schema.Types[typ.NamedType]
	switch {
	case def == nil:
		j.report(path, value, fmt.Sprintf("the type %q does not exist", typ))
		return nil
	case def.Kind == ast.InputObject:
		return j.object(path, def, value)
	}
	leaf, reason := j.leaf(def, value)
	if reason != "" {
		j.report(path, value, reason)
	}
	return leaf
}

// list coerces each item; a value that is no list is the only item of one.
func (j variableJudge) list(path ast.Path, elem *ast.Type, value any) any {
	items, ok := value.([]any)
	if !ok {
		return []any{j.value(path, elem, value)}
	}
	out := make([]any, len(items))
	for i, item := range items {
		if j.full() {
			return nil
		}
		out[i] = j.value(below(path, ast.PathIndex(i)), elem, item)
	}
	return out
}

func (j variableJudge) object(path ast.Path, def *ast.Definition, value any) any {
	given, ok := value.(map[string]any)
	if !ok {
		j.report(path, value, fmt.Sprintf("Expected type %q to be an object", def.Name))
		return nil
	}
	for _, name := range sortedKeys(given) {
		if def.Fields.ForName(name) == nil {
			j.report(path, value, unknownField(name, def))
		}
	}
	if isOneOf(def) && !j.oneOf(path, def, given) {
		return nil
	}
	out := make(map[string]any, len(given))
	for _, f := range def.Fields {
		item, there := given[f.Name]
		switch {
		case there:
			out[f.Name] = j.value(below(path, ast.PathName(f.Name)), f.Type, item)
		case f.DefaultValue != nil:
			if fallback, err := f.DefaultValue.Value(nil); err == nil { // the schema was loaded: there is no error
				out[f.Name] = fallback
			}
		case f.Type.NonNull:
			j.report(path, value, missingField(def, f))
		}
	}
	return out
}

// oneOf reports whether an object has exactly one key, which is not null. It is looked at before
// what the keys hold.
func (j variableJudge) oneOf(path ast.Path, def *ast.Definition, given map[string]any) bool {
	if len(given) != 1 {
		j.report(path, given, oneKey(def))
		return false
	}
	for name, item := range given {
		if item == nil {
			j.report(below(path, ast.PathName(name)), item, nullKey(def, name))
			return false
		}
	}
	return true
}

// below extends a path without writing into what another may share.
func below(path ast.Path, element ast.PathElement) ast.Path {
	return append(path[:len(path):len(path)], element)
}

// shown is a value as a message repeats it: JSON, cut to maxShown bytes between characters.
func shown(value any) string {
	text, err := json.Marshal(value)
	if err != nil {
		return fmt.Sprintf("of type %T", value)
	}
	return cut(string(text))
}

func cut(text string) string {
	if len(text) <= maxShown {
		return text
	}
	end := maxShown
	for end > 0 && !utf8.RuneStart(text[end]) {
		end--
	}
	return text[:end] + "…"
}
