package policy

import (
	"encoding/json"
	"testing"
)

const pricedSchema = `
type Query {
	thing: Thing @area(name: CATALOG) @rest(get: "thing")
	plain: Plain
	later: Plain @area(name: CATALOG) @rest(get: "file", later: true)
	either: Plain @area(name: CATALOG) @rest(get: "file", later: true) @rest(get: "thing")
	priced: Plain @area(name: CATALOG) @rest(get: "thing") @cost(weight: 7)
	things(first: Int! = 100, after: String): ThingConnection @area(name: CATALOG) @rest(get: "things")
	few: [Thing!] @area(name: CATALOG) @rest(get: "few") @listSize(assumedSize: 4)
	some: [Plain!]
	nodes(ids: [ID!]!): [Node]! @cost(weight: 10) @listSize(assumedSize: 20)
	node: Node
}
interface Node { id: ID! owner: Plain }
type Thing implements Node {
	id: ID!
	owner: Plain @area(name: CATALOG) @rest(get: "users", bulk: true)
	size: Int @area(name: CATALOG) @rest(get: "sizes", bulk: true)
	call: Int @area(name: CATALOG) @rest(get: "call")
	parts(first: Int! = 100): ThingConnection @area(name: CATALOG) @rest(get: "parts")
	tags: [Plain!]! @listSize(assumedSize: 5)
}
type ThingConnection { nodes: [Thing!]! edges: [ThingEdge!]! totalCount: Int! pageInfo: Plain! }
type ThingEdge { cursor: String! node: Thing! }
type Plain { name: String again: Plain }
directive @area(name: Area!) on FIELD_DEFINITION
directive @rest(get: String, later: Boolean! = false, bulk: Boolean! = false) repeatable on FIELD_DEFINITION
directive @cost(weight: Int!) on FIELD_DEFINITION
directive @listSize(assumedSize: Int!) on FIELD_DEFINITION
enum Area { ALWAYS CATALOG }
`

func TestPriceFollowsTheDirectives(t *testing.T) {
	t.Parallel()
	p, err := New(testSchema(t, pricedSchema), []Role{{Name: "r", Allow: []string{"CATALOG"}}})
	if err != nil {
		t.Fatal(err)
	}
	v, err := p.View([]string{"r"})
	if err != nil {
		t.Fatal(err)
	}
	tests := []struct {
		name, query, variables string
		points, fields         int
		varies                 bool
	}{
		{"an object", "{plain{name}}", "", 1, 2, false},
		{"nothing is never free", "{__typename}", "", 1, 1, false},
		{"a type of the schema", `{__type(name:"Plain"){name fields{name}}}`, "", 1, 1 + 2 + 2, false},
		{"types around others", `{__type(name:"Plain"){fields{type{ofType{name}}}}}`, "", 1, 1 + 1 + 2*1 + 2*1, false},
		{"types around others that are never null", `{__type(name:"ThingConnection"){fields{type{ofType{kind ofType{name}}}}}}`, "", 1, 1 + 1 + 4 + 4 + 4*2 + 2, false},
		{"no type of the schema", `{__type(name:"Nothing"){name fields{name}}}`, "", 1, 1, false},
		{"a type of a variable", "query($n:String!){__type(name:$n){name fields{name}}}", `{"n":"Plain"}`, 1, 1 + 2 + 2, true},
		{"a type in fragments", `{...f} fragment f on Query{a:__type(name:"Plain"){...g ... on __Type{fields{name}}}} fragment g on __Type{name x:name}`, "", 1, 1 + 3 + 2, false},
		{"a call", "{thing{id}}", "", 10, 2, false},
		{"a call for a plain value", "{thing{call}}", "", 20, 2, false},
		{"a call that is made later", "{later{name}}", "", 1, 2, false},
		{"a call of which one is made later", "{either{name}}", "", 10, 2, false},
		{"a price of its own", "{priced{name}}", "", 7, 2, false},
		{"objects inside each other", "{plain{again{again{name}}}}", "", 3, 4, false},
		{"a Relay list", "{things(first:10){nodes{id}}}", "", 10 + 10, 2 + 10, false},
		{"its default", "{things{nodes{id}}}", "", 10 + 100, 2 + 100, false},
		{"nodes and edges", "{things(first:10){nodes{id} edges{cursor node{id}}}}", "", 10 + 10 + 10*(1+1), 3 + 10 + 10*3, false},
		{"fields beside the items count once", "{things(first:10){totalCount pageInfo{name}}}", "", 10 + 1, 4, false},
		{"no items", "{things(first:0){totalCount nodes{call}}}", "", 10, 3, false},
		{"a variable", "query($n:Int!){things(first:$n){nodes{id}}}", `{"n":7}`, 10 + 7, 2 + 7, true},
		{"a variable without a value", "query($n:Int!){things(first:$n){nodes{id}}}", `{}`, 10 + 100, 2 + 100, true},
		{"a negative one", "query($n:Int!){things(first:$n){nodes{id}}}", `{"n":-7}`, 10, 2, true},
		{"calls of items", "{things(first:10){nodes{call}}}", "", 10 + 10*(1+10), 2 + 10, false},
		{"a call for all items at once", "{things(first:10){nodes{owner{name} size}}}", "", 10 + 10*(1+1) + 10 + 10, 2 + 10*3, false},
		{"lists of lists", "{things(first:10){nodes{parts(first:5){nodes{id}}}}}", "", 10 + 10*(1+10+5), 2 + 10*(2+5), false},
		{"a plain list", "{few{id}}", "", 10 + 4, 1 + 4, false},
		{"a plain list of which nothing is said", "{some{name}}", "", 10, 1 + 10, false},
		{"plain lists of items", "{few{tags{name}}}", "", 10 + 4*(1+5), 1 + 4*(1+5), false},
		{"as many as there are ids", `{nodes(ids:["a","b","c"]){id}}`, "", 10 + 3, 1 + 3, false},
		{"ids of a variable", `query($i:[ID!]!){nodes(ids:$i){id}}`, `{"i":["a","b"]}`, 10 + 2, 1 + 2, true},
		{"an interface costs what the dearest does", `{node{owner{name}}}`, "", 1 + 1 + 10, 3, false},
		{"a fragment counts each time, its one call once", "{things(first:2){nodes{...f}} few{...f}} fragment f on Thing{owner{name}}", "", 10 + 2*2 + 10 + 4*2 + 10, 3 + 2*2 + 4*2, false},
		{"a fragment of a page has the size of each", "{a:things(first:2){...f} b:things(first:3){...f}} fragment f on ThingConnection{nodes{id}}", "", 20 + 5, 4 + 5, false},
		{"both members of a union of types", "{node{... on Thing{call} ... on Thing{size}}}", "", 1 + 10 + 10, 3, false},
		{
			"numbers stop", "{things(first:2147483647){nodes{parts(first:2147483647){nodes{parts(first:2147483647){nodes{call}}}}}}}", "",
			maxCost, maxCost, false,
		},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			doc := parseQuery(t, tt.query)
			if errs := v.Validate(doc); len(errs) > 0 {
				t.Fatal(errs)
			}
			var variables map[string]any
			if tt.variables != "" {
				if err := json.Unmarshal([]byte(tt.variables), &variables); err != nil {
					t.Fatal(err)
				}
			}
			got, varies := v.Price(doc.Operations[0], variables)
			if got.Points != tt.points || got.Fields != tt.fields || varies != tt.varies {
				t.Errorf("%s: %+v, varies %v; want %d points, %d fields, %v", tt.query, got, varies, tt.points, tt.fields, tt.varies)
			}
		})
	}
}

func TestNumbersOfVariablesAreReadInEachForm(t *testing.T) {
	t.Parallel()
	for value, want := range map[any]int{
		json.Number("7"): 7, int64(7): 7, 7: 7, 7.0: 7, json.Number("99999999999"): maxCost, int64(1 << 40): maxCost, 1e30: maxCost, -1: 0,
	} {
		if got, ok := wholeNumber(value); got != want || !ok {
			t.Errorf("%v: %d, %v", value, got, ok)
		}
	}
	for _, value := range []any{nil, "7", json.Number("x"), json.Number("1e99"), []any{}} {
		if _, ok := wholeNumber(value); ok {
			t.Errorf("%v is taken for a whole number", value)
		}
	}
}
