package policy

import (
	"strings"
	"testing"
)

const largeSchema = `
type Query {
	view: View
	all: ViewConnection @listSize(assumedSize: 6)
	any: ViewConnection
	views(first: Int! = 100): ViewConnection
}
type ViewConnection { nodes: [View!]! edges: [ViewEdge!]! }
type ViewEdge { node: View! }
type View {
	name: String
	image(maxBytes: Int! = 300): String
	labels: [String!]! @listSize(assumedSize: 5)
	data(first: Int! = 1000): Data
}
type Data { columns: [Column!]! @listSize(assumedSize: 3) }
type Column { name: String values: [String] @listSize(assumedSize: 1, perRow: true) }
directive @area(name: Area!) on FIELD_DEFINITION
directive @listSize(assumedSize: Int!, perRow: Boolean! = false) on FIELD_DEFINITION
enum Area { ALWAYS CATALOG }
`

// A table has a value for each column and row, a picture a third more bytes than its file has
// (base64), and both are paid for.
func TestLargeValuesArePriced(t *testing.T) {
	t.Parallel()
	p, err := New(testSchema(t, strings.Replace(largeSchema, "view: View", "view: View @area(name: CATALOG)", 1)), []Role{{Name: "r", Allow: []string{"CATALOG"}}})
	if err != nil {
		t.Fatal(err)
	}
	v, err := p.View([]string{"r"})
	if err != nil {
		t.Fatal(err)
	}
	for _, tt := range []struct {
		query string
		want  Price
	}{
		// view, data, columns, three names and three lists of seven values; three columns, view and
		// data are objects; 21 texts are a point more
		{"{view{data(first:7){columns{name values}}}}", Price{Points: 5 + 1, Fields: 3 + 3 + 3 + 21, Values: 21 * textBytes}},
		{"{view{image(maxBytes:300)}}", Price{Points: 1, Fields: 2, Values: 400}},
		{"{view{image(maxBytes:40000)}}", Price{Points: 1 + 5, Fields: 2, Values: 53_333}},
		{"{view{labels}}", Price{Points: 1, Fields: 1 + 1 + 5}},
		{"{all{nodes{name}}}", Price{Points: 1 + 6, Fields: 2 + 6}},
		{"{any{nodes{name}}}", Price{Points: 1 + usualSize, Fields: 2 + usualSize}},
		{"{views(first:3){edges{node{name}}}}", Price{Points: 1 + 3*2, Fields: 2 + 3*2}},
	} {
		doc := parseQuery(t, tt.query)
		if errs := v.Validate(doc); len(errs) > 0 {
			t.Fatal(errs)
		}
		if got, _ := v.Price(doc.Operations[0], nil); got != tt.want {
			t.Errorf("%s: %+v, want %+v", tt.query, got, tt.want)
		}
	}
}

// What introspection answers is priced by its bytes: those of the JSON, with a comma after each
// member.
func TestIntrospectionIsPricedByItsBytes(t *testing.T) {
	t.Parallel()
	p, err := New(testSchema(t, strings.Replace(largeSchema, "view: View", "view: View @area(name: CATALOG)", 1)), []Role{{Name: "r", Allow: []string{"CATALOG"}}})
	if err != nil {
		t.Fatal(err)
	}
	v, err := p.View([]string{"r"})
	if err != nil {
		t.Fatal(err)
	}
	const (
		object = len(`{},`)
		name   = len(`"name":,`)
		other  = len(`"kind":,`) + otherBytes // a name of an enum
	)
	for query, want := range map[string]int{
		`{__type(name:"Column"){name}}`:                               object + name + len(`"Column"`),
		`{__type(name:"Column"){title:name}}`:                         object + len(`"title":,`) + len(`"Column"`),
		`{__type(name:"Column"){kind}}`:                               object + other,
		`{__type(name:"Column"){fields{name}}}`:                       object + len(`"fields":,`) + 2*object + 2*name + len(`"name""values"`),
		`{__type(name:"Nothing"){name}}`:                              0,
		`{a:__type(name:"Column"){name} b:__type(name:"Data"){name}}`: 2*object + 2*name + len(`"Column""Data"`),
		`{__type(name:"View"){fields{type{kind}}}}`:                   object + len(`"fields":,`) + 4*object + 4*len(`"type":,`) + 4*object + 4*other,
	} {
		doc := parseQuery(t, query)
		if errs := v.Validate(doc); len(errs) > 0 {
			t.Fatal(errs)
		}
		if got, _ := v.Price(doc.Operations[0], nil); got.Bytes != want {
			t.Errorf("%s: %d bytes, want %d", query, got.Bytes, want)
		}
	}
}

// A text takes two quotes more in JSON, and what has to be escaped takes the bytes of its escape.
func TestTextsArePricedAsTheyAreQuoted(t *testing.T) {
	t.Parallel()
	for c := range 128 {
		want := 2 + 1
		switch {
		case strings.ContainsRune("\"\\\n\r\t", rune(c)):
			want = 2 + len(`\n`)
		case c < 0x20:
			want = 2 + len(`\u0000`)
		}
		if got := quotedBytes(string(rune(c))); got != want {
			t.Errorf("%q: %d bytes, want %d", rune(c), got, want)
		}
	}
	if got := quotedBytes("a\x01\n\x02"); got != len(`"a\u0001\n\u0002"`) {
		t.Errorf("several: %d bytes", got)
	}
}

// Prices stop at the greatest 32-bit number and are exact below it.
func TestPricesNeverOverflow(t *testing.T) {
	t.Parallel()
	for _, c := range []struct{ a, b, sum, product int }{
		{0, 5, 5, 0},
		{5, 0, 5, 0},
		{2, 1<<30 - 1, 1<<30 + 1, maxCost - 1},
		{3, 715_827_882, 715_827_885, maxCost - 1}, // the last that fits
		{2, 1 << 30, 1<<30 + 2, maxCost},
		{maxCost, 2, maxCost, maxCost},
		{maxCost, maxCost, maxCost, maxCost},
	} {
		if got := sum(c.a, c.b); got != c.sum {
			t.Errorf("%d + %d = %d, want %d", c.a, c.b, got, c.sum)
		}
		if got := product(c.a, c.b); got != c.product {
			t.Errorf("%d * %d = %d, want %d", c.a, c.b, got, c.product)
		}
	}
}
