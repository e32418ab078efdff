package resolvers

import (
	"bytes"
	"encoding/json"
	"maps"
	"slices"
	"strings"
	"testing"

	"github.com/vektah/gqlparser/v2/ast"
	"github.com/vektah/gqlparser/v2/parser"
	"github.com/vektah/gqlparser/v2/validator/core"

	"vitrine/internal/coerce"
)

// samples are JSON values of every form; each is also tried alone in a list.
var samples = []string{
	`null`, `true`, `0`, `7`, `-1`, `2147483647`, `2147483648`, `3000000000`, `9007199254740993`, `5.5`, `1e400`, `""`, `"2"`, `"true"`, `"a"`, `"a/b"`, `"../x"`,
	`"2026-11-23T16:42:00Z"`, `"2026-11-23T16:42:00+02:00"`, `"2026-11-23"`, `"2026-02-30T00:00:00Z"`, `"2026-11-23T16:42:00"`, `"2026-11-23T6:42:00Z"`,
	`"2026-11-23T16:42:00,5Z"`, `"yesterday"`, `"ASC"`, `"asc"`, `"NAME"`, `"name"`, `{}`, `{"nothing": 1}`, `{"luid": null}`, `{"luid": "", "path": "a"}`, `{"eq": null}`, `{"__typename": "X"}`,
}

// takes says which samples a leaf type takes, beside null: what the schema documents, and no code
// of the product.
var takes = map[string][]string{
	"Int":      {`0`, `7`, `-1`, `2147483647`},
	"Long":     {`0`, `7`, `-1`, `2147483647`, `2147483648`, `3000000000`},
	"Float":    {`0`, `7`, `-1`, `2147483647`, `2147483648`, `3000000000`, `9007199254740993`, `5.5`},
	"Boolean":  {`true`},
	"DateTime": {`"2026-11-23T16:42:00Z"`, `"2026-11-23T16:42:00+02:00"`},
	"LUID":     {`"2"`, `"true"`, `"a"`, `"2026-11-23"`, `"yesterday"`, `"ASC"`, `"asc"`, `"NAME"`, `"name"`},
	"ID":       {`0`, `7`, `-1`, `2147483647`, `2147483648`, `3000000000`, `9007199254740993`},
}

// fits is what ought to become of a sample.
func fits(schema *ast.Schema, typ *ast.Type, sample string) bool {
	if sample == `null` {
		return !typ.NonNull
	}
	if typ.Elem != nil {
		inner, isList := strings.CutPrefix(sample, "[")
		if !isList {
			return fits(schema, typ.Elem, sample)
		}
		return fits(schema, typ.Elem, strings.TrimSuffix(inner, "]"))
	}
	def := schema.Types[typ.NamedType]
	isText := strings.HasPrefix(sample, `"`)
	switch {
	case strings.HasPrefix(sample, "["):
		return false
	case def.Kind == ast.Enum:
		return isText && def.EnumValues.ForName(strings.Trim(sample, `"`)) != nil
	case def.Kind == ast.InputObject:
		if def.Directives.ForName("oneOf") != nil {
			return false // no sample has one key that is right
		}
		keys := map[string]any{}
		if json.Unmarshal([]byte(sample), &keys) != nil {
			return false
		}
		for name, value := range keys {
			if f := def.Fields.ForName(name); f == nil || !fits(schema, f.Type, jsonOf(value)) {
				return false
			}
		}
		return !slices.ContainsFunc(def.Fields, func(f *ast.FieldDefinition) bool {
			_, given := keys[f.Name]
			return f.Type.NonNull && f.DefaultValue == nil && !given
		})
	case typ.NamedType == "String":
		return isText
	case typ.NamedType == "ID" && isText:
		return true
	}
	return slices.Contains(takes[typ.NamedType], sample)
}

func jsonOf(v any) string {
	text, _ := json.Marshal(v)
	return string(text)
}

// literalOf writes JSON as GraphQL does: keys without quotes, and the names of enums too.
func literalOf(schema *ast.Schema, typ *ast.Type, v any) string {
	switch v := v.(type) {
	case []any:
		items := make([]string, len(v))
		for i, item := range v {
			inner := typ
			if typ.Elem != nil {
				inner = typ.Elem
			}
			items[i] = literalOf(schema, inner, item)
		}
		return "[" + strings.Join(items, ", ") + "]"
	case map[string]any:
		var fields []string
		for _, name := range slices.Sorted(maps.Keys(v)) {
			inner := ast.NamedType("String", nil)
			if f := schema.Types[typ.Name()].Fields.ForName(name); f != nil {
				inner = f.Type
			}
			fields = append(fields, name+": "+literalOf(schema, inner, v[name]))
		}
		return "{" + strings.Join(fields, ", ") + "}"
	case string:
		if def := schema.Types[typ.Name()]; def.Kind == ast.Enum && !strings.ContainsAny(v, "/.:+,") && v != "" && v[0] >= 'A' && v != "true" {
			return v
		}
	}
	return jsonOf(v)
}

// numbersOf reads JSON as the variables of a request are read: with numbers as they are written.
func numbersOf(text []byte) (v any, err error) {
	d := json.NewDecoder(bytes.NewReader(text))
	d.UseNumber()
	err = d.Decode(&v)
	return v, err
}

// verdicts says whether a value is taken as a variable, and as a literal.
func verdicts(t *testing.T, c coerce.Coercer, typ *ast.Type, sample string) (variable, literal bool) {
	t.Helper()
	value, err := numbersOf([]byte(sample))
	if err != nil {
		t.Fatalf("%s: %v", sample, err)
	}
	op := &ast.OperationDefinition{VariableDefinitions: ast.VariableDefinitionList{{Variable: "v", Type: typ}}}
	_, errs := c.Variables(op, map[string]any{"v": value})
	doc, err := parser.ParseQuery(&ast.Source{Input: "query($v: " + typ.String() + " = " + literalOf(c.Schema, typ, value) + ") { __typename }"})
	if err != nil {
		t.Fatalf("%s: %v", sample, err)
	}
	core.Walk(c.Schema, doc, &core.Events{})
	return len(errs) == 0, len(c.Document(doc)) == 0
}

// Every argument and every input field takes what its type takes, and nothing else, as a variable
// and as a literal alike.
func TestEveryInputIsJudgedAlikeAsVariableAndAsLiteral(t *testing.T) {
	t.Parallel()
	c := coerce.Coercer{Schema: Schema(), Scalars: customScalars}
	tried, taken := 0, 0
	judge := func(coordinate string, typ *ast.Type, wrap func(string) (*ast.Type, string)) {
		for _, sample := range samples {
			for _, sample := range []string{sample, "[" + sample + "]"} {
				want := fits(c.Schema, typ, sample)
				outer, value := wrap(sample)
				variable, literal := verdicts(t, c, outer, value)
				if variable != want || literal != want {
					t.Errorf("%s: %s = %s is taken as a variable: %v, as a literal: %v; want %v", coordinate, typ, sample, variable, literal, want)
				}
				tried++
				if want {
					taken++
				}
			}
		}
	}
	for name, def := range c.Schema.Types {
		for _, f := range def.Fields {
			for _, a := range f.Arguments {
				judge(name+"."+f.Name+"("+a.Name+":)", a.Type, func(sample string) (*ast.Type, string) { return a.Type, sample })
			}
			if def.Kind != ast.InputObject {
				continue
			}
			typ := f.Type
			if def.Directives.ForName("oneOf") != nil {
				typ = ast.NonNullNamedType(f.Type.NamedType, nil) // its one key is not null
				if f.Type.Elem != nil {
					typ = ast.NonNullListType(f.Type.Elem, nil)
				}
			}
			judge(name+"."+f.Name, typ, func(sample string) (*ast.Type, string) {
				return ast.NamedType(name, nil), wrapped(c.Schema, def, f, sample)
			})
		}
	}
	for name, d := range c.Schema.Directives {
		for _, a := range d.Arguments {
			judge("@"+name+"("+a.Name+":)", a.Type, func(sample string) (*ast.Type, string) { return a.Type, sample })
		}
	}
	if tried < 20_000 || taken < tried/100 {
		t.Errorf("%d were tried, %d of them right", tried, taken)
	}
}

// wrapped is an object with a value for one field, and right values for others that are required.
func wrapped(schema *ast.Schema, def *ast.Definition, f *ast.FieldDefinition, value string) string {
	fields := []string{jsonOf(f.Name) + ": " + value}
	for _, other := range def.Fields {
		if other != f && other.Type.NonNull && other.DefaultValue == nil {
			fields = append(fields, jsonOf(other.Name)+": "+rightValue(schema, other.Type))
		}
	}
	return "{" + strings.Join(fields, ", ") + "}"
}

// rightValue is a value that a type takes.
func rightValue(schema *ast.Schema, typ *ast.Type) string {
	for _, sample := range samples[1:] {
		if fits(schema, typ, sample) {
			return sample
		}
	}
	if typ.Elem != nil {
		return "[" + rightValue(schema, typ.Elem) + "]"
	}
	def := schema.Types[typ.Name()]
	if def.Kind == ast.Enum {
		return jsonOf(def.EnumValues[0].Name)
	}
	first := def.Fields[0] // of an object: one key, and those that are required
	return wrapped(schema, def, first, rightValue(schema, ast.NonNullNamedType(first.Type.Name(), nil)))
}

// Every custom scalar that an input of the schema has is judged; one that is missing in the table
// would take nothing.
func TestEveryCustomScalarOfAnInputIsJudged(t *testing.T) {
	t.Parallel()
	schema := Schema()
	check := func(coordinate string, typ *ast.Type) {
		if def := schema.Types[typ.Name()]; def.Kind == ast.Scalar && !def.BuiltIn && customScalars[def.Name] == nil {
			t.Errorf("%s is a %s, which customScalars lacks", coordinate, def.Name)
		}
	}
	for name, def := range schema.Types {
		for _, f := range def.Fields {
			if def.Kind == ast.InputObject {
				check(name+"."+f.Name, f.Type)
			}
			for _, a := range f.Arguments {
				check(name+"."+f.Name+"("+a.Name+":)", a.Type)
			}
		}
	}
}
