package coerce_test

import (
	"bytes"
	"encoding/json"
	"errors"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/vektah/gqlparser/v2"
	"github.com/vektah/gqlparser/v2/ast"
	"github.com/vektah/gqlparser/v2/parser"
	"github.com/vektah/gqlparser/v2/validator/core"
	"github.com/vektah/gqlparser/v2/validator/rules"

	"vitrine/internal/coerce"
)

const testSDL = `
scalar Even
enum Color { RED GREEN }
input Point { x: Int!, y: Int! = 7, color: Color = GREEN, inner: Point, tags: [String!] }
input By @oneOf { luid: Even, path: [String!] }
type Query {
  int(v: Int): Int  must(v: Int!): Int  usual(v: Int! = 3): Int  float(v: Float): Int  string(v: String): Int  boolean(v: Boolean): Int
  id(v: ID): Int  color(v: Color): Int  even(v: Even): Int  ints(v: [Int]): Int  musts(v: [Int!]): Int  grid(v: [[Int]]): Int
  point(v: Point): Int  by(v: By): Int  colors(v: [Color!]): Int  unknown(v: Unknown): Int
}
scalar Unknown
`

func coercer(t *testing.T) coerce.Coercer {
	t.Helper()
	schema, err := gqlparser.LoadSchema(&ast.Source{Input: testSDL})
	if err != nil {
		t.Fatal(err)
	}
	return coerce.Coercer{Schema: schema, Scalars: map[string]coerce.Scalar{"Even": func(v any) (any, error) {
		if s, ok := v.(string); ok && s != "" && len(s)%2 == 0 {
			return s, nil
		}
		return nil, errors.New("an Even has an even number of letters")
	}}}
}

// decoded reads JSON as the transport does, with numbers as they are written.
func decoded(t *testing.T, text string) map[string]any {
	t.Helper()
	d := json.NewDecoder(strings.NewReader(text))
	d.UseNumber()
	var v map[string]any
	if err := d.Decode(&v); err != nil {
		t.Fatalf("%s: %v", text, err)
	}
	return v
}

func variables(t *testing.T, c coerce.Coercer, query, values string) (got, problems string) {
	t.Helper()
	doc, errs := gqlparser.LoadQueryWithRules(c.Schema, query, rules.NewDefaultRules())
	if len(errs) > 0 {
		t.Fatalf("%s: %v", query, errs)
	}
	coerced, found := c.Variables(doc.Operations[0], decoded(t, values))
	var messages []string
	for _, err := range found {
		messages = append(messages, err.Message)
		if err.Path[0] != ast.PathName("variable") || len(err.Locations) != 1 || err.Locations[0].Line != 1 || err.Locations[0].Column < 7 {
			t.Errorf("%s %s: path %v, locations %v", query, values, err.Path, err.Locations)
		}
	}
	var b bytes.Buffer
	e := json.NewEncoder(&b)
	if err := e.Encode(coerced); err != nil {
		t.Fatal(err)
	}
	return strings.TrimSpace(b.String()), strings.Join(messages, "\n")
}

// Each row is a type, a value that is sent for it, and what becomes of it: the coerced value, or
// the reason of the error.
func TestVariablesAreCoercedByTheSpecification(t *testing.T) {
	t.Parallel()
	c := coercer(t)
	const notNull, noInt, no32, noEven = "not to be null", "Int cannot represent non-integer value", "non 32-bit signed", "an even number"
	for _, row := range []struct{ field, typ, value, want, problem string }{
		{"int", "Int", `1`, `1`, ""},
		{"int", "Int", `-0`, `0`, ""},
		{"int", "Int", `2.0`, `2`, ""},
		{"int", "Int", `1e2`, `100`, ""},
		{"int", "Int", `2147483647`, `2147483647`, ""},
		{"int", "Int", `-2147483648`, `-2147483648`, ""},
		{"int", "Int", `2147483648`, "", no32},
		{"int", "Int", `1e10`, "", no32},
		{"int", "Int", `1e400`, "", noInt},
		{"int", "Int", `2.5`, "", noInt},
		{"int", "Int", `"2"`, "", noInt},
		{"int", "Int", `true`, "", noInt},
		{"int", "Int", `[1]`, "", noInt},
		{"int", "Int", `{"a":1}`, "", noInt},
		{"int", "Int", `null`, `null`, ""},
		{"must", "Int!", `null`, "", "must not be null"},
		{"float", "Float", `1`, `1`, ""},
		{"float", "Float", `1.5`, `1.5`, ""},
		{"float", "Float", `"1.5"`, "", "Float cannot represent"},
		{"float", "Float", `1e999`, "", "Float cannot represent"},
		{"string", "String", `""`, `""`, ""},
		{"string", "String", `5`, "", "String cannot represent"},
		{"string", "String", `true`, "", "String cannot represent"},
		{"string", "String", `["a"]`, "", "String cannot represent"},
		{"boolean", "Boolean", `true`, `true`, ""},
		{"boolean", "Boolean", `"true"`, "", "Boolean cannot represent"},
		{"boolean", "Boolean", `1`, "", "Boolean cannot represent"},
		{"id", "ID", `"a"`, `"a"`, ""},
		{"id", "ID", `5`, `"5"`, ""},
		{"id", "ID", `1e2`, `"100"`, ""},
		{"id", "ID", `123456789012345678901`, `"123456789012345678901"`, ""},
		{"id", "ID", `5.5`, "", "ID cannot represent"},
		{"id", "ID", `true`, "", "ID cannot represent"},
		{"color", "Color", `"RED"`, `"RED"`, ""},
		{"color", "Color", `"red"`, "", `Value "red" does not exist in "Color" enum`},
		{"color", "Color", `" RED"`, "", "does not exist"},
		{"color", "Color", `0`, "", "cannot represent non-string value"},
		{"color", "Color", `true`, "", "cannot represent non-string value"},
		{"even", "Even", `"ab"`, `"ab"`, ""},
		{"even", "Even", `"abc"`, "", noEven},
		{"even", "Even", `5`, "", noEven},
		{"even", "Even", `["ab"]`, "", `Expected value of type "Even"`},
		{"even", "Even", `{}`, "", `Expected value of type "Even"`},
		{"unknown", "Unknown", `"a"`, "", "is no input here"},
		{"ints", "[Int]", `1`, `[1]`, ""},
		{"ints", "[Int]", `[1,null]`, `[1,null]`, ""},
		{"ints", "[Int]", `[]`, `[]`, ""},
		{"ints", "[Int]", `null`, `null`, ""},
		{"ints", "[Int]", `[1,"b"]`, "", `at "v[1]"`},
		{"ints", "[Int]", `[[1]]`, "", noInt},
		{"musts", "[Int!]", `[1,null]`, "", notNull},
		{"musts", "[Int!]!", `null`, "", "must not be null"},
		{"colors", "[Color!]", `"GREEN"`, `["GREEN"]`, ""},
		{"grid", "[[Int]]", `1`, `[[1]]`, ""},
		{"grid", "[[Int]]", `[1,[2,3],null]`, `[[1],[2,3],null]`, ""},
		{"point", "Point", `{"x":1}`, `{"color":"GREEN","x":1,"y":7}`, ""},
		{"point", "Point", `{"x":1.0,"color":null}`, `{"color":null,"x":1,"y":7}`, ""},
		{"point", "Point", `{"x":1,"tags":"a"}`, `{"color":"GREEN","tags":["a"],"x":1,"y":7}`, ""},
		{"point", "Point", `{}`, "", `Field "Point.x" of required type "Int!" was not provided`},
		{"point", "Point", `{"x":null}`, "", notNull},
		{"point", "Point", `{"x":1,"y":null}`, "", `at "v.y"; Expected non-nullable type "Int!" not to be null`},
		{"point", "Point", `{"x":1,"z":1}`, "", `Field "z" is not defined by type "Point"`},
		{"point", "Point", `{"x":1,"__typename":"Point"}`, "", `"__typename" is not defined`},
		{"point", "Point", `{"x":1,"inner":{"x":"a"}}`, "", `at "v.inner.x"`},
		{"point", "Point", `"x"`, "", `Expected type "Point" to be an object`},
		{"point", "Point", `[{"x":1}]`, "", `Expected type "Point" to be an object`},
		{"by", "By", `{"luid":"ab"}`, `{"luid":"ab"}`, ""},
		{"by", "By", `{"path":"a"}`, `{"path":["a"]}`, ""},
		{"by", "By", `{}`, "", "exactly one key"},
		{"by", "By", `{"luid":"ab","path":["a"]}`, "", "exactly one key"},
		{"by", "By", `{"luid":"","path":["a"]}`, "", "exactly one key"},
		{"by", "By", `{"luid":"ab","path":null}`, "", "exactly one key"},
		{"by", "By", `{"luid":null}`, "", `Field "By.luid" must be non-null`},
		{"by", "By", `{"luid":"a"}`, "", noEven},
	} {
		got, problem := variables(t, c, `query($v: `+row.typ+`) { `+row.field+`(v: $v) }`, `{"v": `+row.value+`}`)
		want := `{"v":` + row.want + `}`
		if row.problem != "" {
			want = "null"
		}
		if diff := cmp.Diff(want, got); diff != "" || !strings.Contains(problem, row.problem) || (problem == "") != (row.problem == "") {
			t.Errorf("%s = %s gave %s and %q, want %s and %q", row.typ, row.value, got, problem, want, row.problem)
		}
	}
}

// What is absent stays absent, has the default, or is an error; what is not declared is ignored.
func TestAbsentVariables(t *testing.T) {
	t.Parallel()
	c := coercer(t)
	for _, row := range []struct{ query, values, want, problem string }{
		{`query($v: Int) { int(v: $v) }`, `{}`, `{}`, ""},
		{`query($v: Int = 4) { int(v: $v) }`, `{}`, `{"v":4}`, ""},
		{`query($v: Int = 4) { int(v: $v) }`, `{"v": null}`, `{"v":null}`, ""},
		{`query($v: Int! = 4) { int(v: $v) }`, `{"v": null}`, `null`, `Variable "$v" of non-null type "Int!" must not be null.`},
		{`query($v: Int!) { int(v: $v) }`, `{}`, `null`, `Variable "$v" of required type "Int!" was not provided.`},
		{`query($v: Int) { int(v: $v) }`, `{"v": 1, "w": {"a": 1}}`, `{"v":1}`, ""},
		{`query($v: [Int] = [1, null]) { ints(v: $v) }`, `{}`, `{"v":[1,null]}`, ""},
	} {
		if got, problem := variables(t, c, row.query, row.values); got != row.want || problem != row.problem {
			t.Errorf("%s %s gave %s and %q", row.query, row.values, got, problem)
		}
	}
}

// A variable of a nullable type is allowed where null is not accepted, if something there has a
// default: then null is an error, and an absent one is not. What is left out is not run.
func TestNullIsRefusedWhereItIsNotTaken(t *testing.T) {
	t.Parallel()
	c := coercer(t)
	for _, row := range []struct{ query, problem string }{
		{`query($v: Int) { usual(v: $v) }`, `Argument "v" of non-null type "Int!"`},
		{`query($v: Int = 1) { usual(v: $v) }`, `Argument "v" of non-null type "Int!"`},
		{`query($v: Int = 1) { must(v: $v) }`, `Argument "v" of non-null type "Int!"`},
		{`query($v: Int) { point(v: {x: 1, y: $v}) }`, `Field "Point.y" of non-null type "Int!"`},
		{`query($v: Int) { point(v: {x: 1, inner: {x: 1, y: $v}}) }`, `Field "Point.y" of non-null type "Int!"`},
		{`query($v: Int = 1) { musts(v: [1, $v]) }`, `Argument "v" of non-null type "Int!"`},
		{`query($v: Boolean = true) { int @include(if: $v) }`, `Argument "if" of non-null type "Boolean!"`},
		{`query($v: Boolean = true) { int @skip(if: $v) }`, `Argument "if" of non-null type "Boolean!"`},
		{`query($v: Boolean = true) { ... @skip(if: $v) { int } }`, `Argument "if" of non-null type "Boolean!"`},
		{`query($v: Boolean = true) { ...F @skip(if: $v) } fragment F on Query { int }`, `Argument "if" of non-null type "Boolean!"`},
		{`query($v: Int) { ...F } fragment F on Query { ...G } fragment G on Query { usual(v: $v) }`, `Argument "v" of non-null type "Int!"`},
		{`query($v: Int) { int(v: $v) ints(v: [$v]) point(v: {x: 1, color: RED, inner: null}) }`, ""},
		{`query($v: Int) { int usual(v: $v) @include(if: false) }`, ""},
		{`query($v: Int) { int ... @skip(if: true) { usual(v: $v) } }`, ""},
	} {
		got, problem := variables(t, c, row.query, `{"v": null}`)
		if !strings.HasPrefix(problem, row.problem) || (row.problem == "") != (problem == "") {
			t.Errorf("%s gave %s and %q, want %q", row.query, got, problem, row.problem)
		}
		if _, problem := variables(t, c, row.query, `{}`); problem != "" {
			t.Errorf("%s without the variable: %s", row.query, problem)
		}
	}
}

// Literals are judged as strictly as variables, and by what they are written as: "2" is no Int, nor
// is 2.0.
func TestLiteralsAreJudgedByTheSpecification(t *testing.T) {
	t.Parallel()
	c := coercer(t)
	for query, want := range map[string]string{
		`{ int(v: 2) float(v: 2) id(v: 2) id2: id(v: 99999999999999999999) even(v: "ab") ints(v: 1) grid(v: [1, [2], null]) color(v: RED) }`: "",
		`{ even(v: """ab""") }`:                   "",
		`{ even(v: "abc") }`:                      "an even number",
		`{ even(v: 5) }`:                          "an even number",
		`{ even(v: 5.5) }`:                        "an even number",
		`{ even(v: AB) }`:                         "found a name",
		`{ even(v: {a: 1}) }`:                     `Expected value of type "Even"`,
		`{ even(v: ["ab"]) }`:                     `Expected value of type "Even"`,
		`{ unknown(v: "a") }`:                     "is no input here",
		`{ int(v: 2.0) }`:                         "Int cannot represent non-integer value: 2.0",
		`{ int(v: 1e2) }`:                         "Int cannot represent non-integer value",
		`{ int(v: 2147483648) }`:                  "non 32-bit",
		`{ id(v: 5.5) }`:                          "ID cannot represent",
		`{ id(v: A) }`:                            "found a name",
		`{ grid(v: [[["a"]]]) }`:                  "Int cannot represent",
		`{ musts(v: [1, null]) }`:                 `Expected value of type "Int!", found null`,
		`{ colors(v: [RED, "GREEN"]) }`:           "cannot represent non-enum value",
		`{ point(v: {x: 1, inner: {x: "a"}}) }`:   "Int cannot represent",
		`{ point(v: {x: 1, y: null}) }`:           "found null",
		`{ point(v: {y: 1}) }`:                    "was not provided",
		`{ point(v: {x: 1, z: 1}) }`:              `"z" is not defined`,
		`{ point(v: 1) }`:                         `Expected value of type "Point", found 1`,
		`{ by(v: {luid: "", path: "a"}) }`:        "exactly one key",
		`{ by(v: {}) }`:                           "exactly one key",
		`{ by(v: {path: null}) }`:                 `Field "By.path" must be non-null`,
		`query($v: Even = "abc") { even(v: $v) }`: "an even number",
		`query($v: [Int!] = [null]) { int @skip(if: false) ints(v: $v) }`: "found null",
		`{ int @include(if: "true") }`:                                    "Boolean cannot represent",
		`{ ...F } fragment F on Query { even(v: "a") }`:                   "an even number",
	} {
		doc, err := parser.ParseQuery(&ast.Source{Input: query})
		if err != nil {
			t.Fatalf("%s: %v", query, err)
		}
		core.Walk(c.Schema, doc, &core.Events{}) // it links the document to the schema; no rule of gqlparser judges it
		errs := c.Document(doc)
		if (len(errs) == 0) != (want == "") || want != "" && !strings.Contains(errs[0].Message, want) || len(errs) > 1 || len(errs) == 1 && len(errs[0].Locations) != 1 {
			t.Errorf("%s: %v, want %q", query, errs, want)
		}
	}
}

// An ID that is written as a number runs as its text.
func TestNumbersOfIDsBecomeText(t *testing.T) {
	t.Parallel()
	c := coercer(t)
	doc, errs := gqlparser.LoadQueryWithRules(c.Schema, `{ id(v: 12) }`, rules.NewDefaultRules())
	if len(errs) > 0 || len(c.Document(doc)) > 0 {
		t.Fatal(errs)
	}
	if got, err := doc.Operations[0].SelectionSet[0].(*ast.Field).Arguments[0].Value.Value(nil); got != "12" || err != nil {
		t.Errorf("%#v, %v", got, err)
	}
}

// Messages repeat the value, cut; there are ten of them at most.
func TestMessagesAreShort(t *testing.T) {
	t.Parallel()
	c := coercer(t)
	long := strings.Repeat("ä", 5000)
	_, problem := variables(t, c, `query($v: Int) { int(v: $v) }`, `{"v": "`+long+`"}`)
	if len(problem) > 200 || !strings.Contains(problem, `got invalid value "ä`) || !strings.Contains(problem, "…") {
		t.Errorf("%d bytes: %s", len(problem), problem)
	}
	_, problem = variables(t, c, `query($v: [Int]) { ints(v: $v) }`, `{"v": [`+strings.Repeat(`"a",`, 9000)+`1]}`)
	if n := strings.Count(problem, "\n") + 1; n != 10 {
		t.Errorf("%d errors", n)
	}
}
