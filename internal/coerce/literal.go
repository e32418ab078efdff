package coerce

import (
	"encoding/json"
	"fmt"
	"strconv"
	"strings"

	"github.com/vektah/gqlparser/v2/ast"
	"github.com/vektah/gqlparser/v2/gqlerror"
)

// Document judges the literals of a document that gqlparser has validated: arguments of fields and
// directives, and defaults of variables. gqlparser leaves custom scalars unjudged. It writes one
// thing into the document: an ID that is written as a number becomes a string, as it is coerced.
func (c Coercer) Document(doc *ast.QueryDocument) gqlerror.List {
	l := literalJudge{&judge{Coercer: c}}
	for _, op := range doc.Operations {
		for _, def := range op.VariableDefinitions {
			if def.DefaultValue != nil {
				l.value(def.Type, def.DefaultValue)
			}
			eachDirective(def.Directives, l.argument)
		}
		eachDirective(op.Directives, l.argument)
		walk := argumentWalk{visit: l.argument}
		walk.set(op.SelectionSet)
	}
	for _, f := range doc.Fragments {
		eachDirective(f.Directives, l.argument)
		walk := argumentWalk{visit: l.argument}
		walk.set(f.SelectionSet)
	}
	return l.errs
}

type literalJudge struct{ *judge }

func (l literalJudge) argument(def *ast.ArgumentDefinition, value *ast.Value) {
	l.value(def.Type, value)
}

func (l literalJudge) report(value *ast.Value, format string, args ...any) {
	if l.full() {
		return
	}
	err := &gqlerror.Error{Message: fmt.Sprintf(format, args...) + "."}
	if value.Position != nil {
		err.Locations = []gqlerror.Location{{Line: value.Position.Line, Column: value.Position.Column}}
	}
	l.errs = append(l.errs, err)
}

// value checks a literal. Validation has checked whether a variable is allowed there.
func (l literalJudge) value(typ *ast.Type, value *ast.Value) {
	switch {
	case value == nil || value.Kind == ast.Variable || l.full():
		return
	case value.Kind == ast.NullValue:
		if typ.NonNull {
			l.report(value, "Expected value of type %q, found null", typ)
		}
		return
	case typ.Elem != nil && value.Kind == ast.ListValue:
		for _, child := range value.Children {
			l.value(typ.Elem, child.Value)
		}
		return
	case typ.Elem != nil:
		l.value(typ.Elem, value)
		return
	}
	def := l.Schema.Types[typ.NamedType]
	switch {
	case def == nil:
		l.report(value, "the type %q does not exist", typ)
	case def.Kind == ast.InputObject:
		l.object(def, value)
	default:
		if reason := l.leafLiteral(def, value); reason != "" {
			l.report(value, "%s: %s", reason, cut(value.String()))
		}
	}
}

func (l literalJudge) object(def *ast.Definition, value *ast.Value) {
	if value.Kind != ast.ObjectValue {
		l.report(value, "Expected value of type %q, found %s", def.Name, cut(value.String()))
		return
	}
	if isOneOf(def) {
		switch {
		case len(value.Children) != 1:
			l.report(value, "%s", oneKey(def))
			return
		case value.Children[0].Value.Kind == ast.NullValue:
			l.report(value.Children[0].Value, "%s", nullKey(def, value.Children[0].Name))
			return
		}
	}
	for _, child := range value.Children {
		f := def.Fields.ForName(child.Name)
		if f == nil {
			l.report(value, "%s", unknownField(child.Name, def))
			continue
		}
		l.value(f.Type, child.Value)
	}
	for _, f := range def.Fields {
		if f.Type.NonNull && f.DefaultValue == nil && value.Children.ForName(f.Name) == nil {
			l.report(value, "%s", missingField(def, f))
		}
	}
}

// leafLiteral judges a literal of a scalar or an enum, and says why it does not fit.
func (l literalJudge) leafLiteral(def *ast.Definition, value *ast.Value) (reason string) {
	if (def.Kind == ast.Enum) != (value.Kind == ast.EnumValue) { // names are enums, and nothing else is
		if def.Kind == ast.Enum {
			return fmt.Sprintf("Enum %q cannot represent non-enum value", def.Name)
		}
		return fmt.Sprintf("Expected value of type %q, found a name", def.Name)
	}
	if def.Name == "Int" && value.Kind == ast.FloatValue { // in a literal 2.0 is a Float (3.5.1 of the specification)
		return noInteger
	}
	if def.Name == "ID" && value.Kind == ast.FloatValue {
		return noID
	}
	if def.Name == anyScalar {
		if _, err := value.Value(nil); err != nil { // such as a number of a hundred digits
			return fmt.Sprintf("%s cannot represent this value", def.Name)
		}
	}
	if _, reason := l.leaf(def, plain(def, value)); reason != "" {
		return reason
	}
	if def.Name == "ID" && value.Kind == ast.IntValue { // it may be longer than an integer of Go
		value.Kind = ast.StringValue
	}
	return ""
}

// plain is a literal as its twin in JSON, so that both are judged by the same rules. A custom
// scalar also gets a number with a decimal point or an exponent from a whole one.
func plain(def *ast.Definition, value *ast.Value) any {
	switch value.Kind {
	case ast.IntValue:
		return json.Number(value.Raw)
	case ast.FloatValue:
		if f, err := strconv.ParseFloat(value.Raw, 64); err == nil && !def.BuiltIn {
			return f
		}
		return json.Number(value.Raw)
	case ast.BooleanValue:
		return strings.EqualFold(value.Raw, "true")
	case ast.ListValue:
		return []any{}
	case ast.ObjectValue:
		return map[string]any{}
	default:
		return value.Raw
	}
}
