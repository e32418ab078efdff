package coerce

import (
	"encoding/json"
	"fmt"
	"maps"
	"math"
	"slices"
	"strconv"
	"strings"

	"github.com/vektah/gqlparser/v2/ast"
)

// Reasons for which a value does not fit its type; a message puts the value in front or behind.
const (
	noInteger = "Int cannot represent non-integer value"
	no32Bit   = "Int cannot represent non 32-bit signed integer value"
	noNumber  = "Float cannot represent non numeric value"
	noString  = "String cannot represent a non string value"
	noBoolean = "Boolean cannot represent a non boolean value"
	noID      = "ID cannot represent a non-string and non-integer value"
)

// leaf coerces a JSON value, not null, to a scalar or an enum, or says why it does not fit.
func (c Coercer) leaf(def *ast.Definition, value any) (coerced any, reason string) {
	if def.Kind == ast.Enum {
		return enum(def, value)
	}
	switch def.Name {
	case "Int":
		return intOf(value)
	case "Float":
		f, ok := floatOf(value)
		return f, unless(ok, noNumber)
	case "String":
		s, ok := value.(string)
		return s, unless(ok, noString)
	case "Boolean":
		b, ok := value.(bool)
		return b, unless(ok, noBoolean)
	case "ID":
		return idOf(value)
	default:
		return c.scalar(def, value)
	}
}

func unless(ok bool, reason string) string {
	if ok {
		return ""
	}
	return reason
}

func enum(def *ast.Definition, value any) (coerced any, reason string) {
	name, ok := value.(string)
	if !ok {
		return nil, fmt.Sprintf("Enum %q cannot represent non-string value", def.Name)
	}
	if def.EnumValues.ForName(name) == nil {
		return nil, fmt.Sprintf("Value %q does not exist in %q enum", cut(name), def.Name)
	}
	return name, ""
}

// intOf takes whole numbers, however they are written: JSON does not tell 2 from 2.0 (3.5.1 of the
// specification).
func intOf(value any) (coerced any, reason string) {
	f, ok := floatOf(value)
	switch {
	case !ok || f != math.Trunc(f):
		return nil, noInteger
	case f < math.MinInt32 || f > math.MaxInt32:
		return nil, no32Bit
	}
	return int64(f), ""
}

func floatOf(value any) (float64, bool) {
	number, ok := value.(json.Number)
	if !ok {
		return 0, false
	}
	f, err := strconv.ParseFloat(string(number), 64)
	return f, err == nil
}

// idOf takes strings and whole numbers. The digits of a number are kept as they are, since an ID
// may be longer than a number can be.
func idOf(value any) (coerced any, reason string) {
	switch v := value.(type) {
	case string:
		return v, ""
	case json.Number:
		if !strings.ContainsAny(string(v), ".eE") {
			return string(v), ""
		}
		if f, err := strconv.ParseFloat(string(v), 64); err == nil && f == math.Trunc(f) && math.Abs(f) < 1<<53 {
			return strconv.FormatInt(int64(f), 10), ""
		}
	}
	return nil, noID
}

// anyScalar is the scalar of Apollo Federation that takes any value: the resolver judges it.
const anyScalar = "_Any"

// scalar leaves a value to a custom scalar. None but anyScalar takes lists or objects.
func (c Coercer) scalar(def *ast.Definition, value any) (coerced any, reason string) {
	if def.Name == anyScalar {
		return value, ""
	}
	take := c.Scalars[def.Name]
	if take == nil {
		return nil, fmt.Sprintf("%s is no input here", def.Name)
	}
	switch value.(type) {
	case []any, map[string]any:
		return nil, fmt.Sprintf("Expected value of type %q", def.Name)
	}
	coerced, err := take(value)
	if err != nil {
		return nil, fmt.Sprintf("Expected value of type %q: %s", def.Name, err)
	}
	return coerced, ""
}

func isOneOf(def *ast.Definition) bool { return def.Directives.ForName("oneOf") != nil }

func oneKey(def *ast.Definition) string {
	return fmt.Sprintf("OneOf Input Object %q must specify exactly one key", def.Name)
}

func nullKey(def *ast.Definition, name string) string {
	return fmt.Sprintf(`Field "%s.%s" must be non-null`, def.Name, name)
}

func unknownField(name string, def *ast.Definition) string {
	return fmt.Sprintf("Field %q is not defined by type %q", cut(name), def.Name)
}

func missingField(def *ast.Definition, f *ast.FieldDefinition) string {
	return fmt.Sprintf(`Field "%s.%s" of required type %q was not provided`, def.Name, f.Name, f.Type)
}

func sortedKeys(m map[string]any) []string { return slices.Sorted(maps.Keys(m)) }
