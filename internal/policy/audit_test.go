package policy

import (
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

func TestAuditPassesASoundSchema(t *testing.T) {
	t.Parallel()
	for _, err := range Audit(testSchema(t)) {
		t.Error(err)
	}
}

// preamble declares, soundly, what the cases below use.
const preamble = `
"Area." directive @area("Name." name: Area!) on FIELD_DEFINITION
"Call." directive @rest("Path." get: String) repeatable on FIELD_DEFINITION
"Reads." directive @reads("Fields." fields: [String!]!) on INPUT_FIELD_DEFINITION | ENUM_VALUE
"Areas." enum Area { "Always." ALWAYS "Catalog." CATALOG }
`

func TestAuditReportsWhatIsWrong(t *testing.T) {
	t.Parallel()
	tests := []struct {
		name, schema string
		want         []string
	}{
		{
			"descriptions", `
			directive @a(b: Int) on FIELD
			type Query { x(y: Int): X @area(name: ALWAYS) f(filter: I): E @area(name: ALWAYS) }
			type X { "X." x: Int }
			input I { i: Int }
			"E." enum E { A }
			"U." union U = X
			scalar S`,
			[]string{
				"Query: has no description", "Query.x: has no description", "Query.x(y:): has no description",
				"Query.f: has no description", "Query.f(filter:): has no description", "X: has no description",
				"I: has no description", "I.i: has no description", "E.A: has no description", "S: has no description",
				"@a: has no description", "@a(b:): has no description",
			},
		},
		{
			"areas", `
			"Q." type Query { "A." a: Int "Site." site: Site @area(name: ALWAYS) "N." n: Int @area(name: NOTHING) }
			"S." type Site { "A." a: Int "X." x: X @area(name: CATALOG) }
			"X." type X { "A." a: Int @rest(get: "a") "B." b: Int! @rest(get: "b") @area(name: CATALOG) "C." c: Int }`,
			[]string{
				"Query.a: has no @area", "Query.n: is in the area NOTHING", "Site.a: has no @area", "X.a: has no @area",
				"X.b: has @rest and is non-null",
			},
		},
		{
			"roots", `
			"Q." type Query { "A." a: Int @area(name: ALWAYS) }
			"M." type Mutation { "A." a: Int }
			"S." type Subscription { "A." a: Int }`,
			[]string{
				"Mutation: is a root", "Subscription: is a root",
				"Mutation: has the name of a root", "Subscription: has the name of a root",
			},
		},
		{
			"root names without a type", `
			"S." schema { query: Query }
			"Q." type Query { "A." a: Subscription @area(name: ALWAYS) }
			"S." type Subscription { "A." a: Int }`,
			[]string{"Subscription: has the name of a root"},
		},
		{
			"enums of Tableau", `
			"Q." type Query { "X." x: X @area(name: ALWAYS) }
			"X." type X { "A." a: A "A." aRaw: String "B." b: B "C." c: C "C." cRaw: String "D." d: D }
			"A." enum A { "A." A "O." OTHER "B." B }
			"B." enum B { "A." A "O." OTHER }
			"C." enum C { "A." A "O." OTHER }
			"D." enum D { "A." A }`,
			[]string{"X.a: has a twin aRaw, but A does not end in OTHER", "X.b: may be OTHER, and no twin bRaw"},
		},
		{
			"what filters and orders give away", `
			"Q." type Query {
				"X." xs("F." filter: XFilter "O." orderBy: [XOrder!]): [X!] @area(name: ALWAYS)
				"H." hits("F." filter: SearchFilter): [X!] @area(name: ALWAYS)
			}
			"X." type X { "A." aB: Int }
			"F." input XFilter { "A." aB: Int "B." b: Int "C." c: Int @reads(fields: ["X.aB", "X.c", "Y"]) "D." d: Int @reads(fields: []) }
			"F." input SearchFilter { "A." a: Int }
			"F." input YFilter { "A." a: Int }
			"O." input XOrder { "F." field: XOrderField! }
			"E." enum XOrderField { "A." A_B "B." B }`,
			[]string{
				"XFilter.b: gives away X.b, which does not exist", `XFilter.c: @reads names "X.c"`, `XFilter.c: @reads names "Y"`,
				"SearchFilter.a: gives away X.a", "XOrderField.B: gives away X.b",
			},
		},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			var got []string
			for _, err := range Audit(testSchema(t, preamble, tt.schema)) {
				text := err.Error()
				for _, want := range tt.want {
					if strings.HasPrefix(text, want) {
						text = want
						break
					}
				}
				got = append(got, text)
			}
			if diff := cmp.Diff(tt.want, got); diff != "" {
				t.Errorf("-want +got:\n%s", diff)
			}
		})
	}
}

// TestForgottenReadsCloses shows that a filter of which nobody knows what it gives away is seen by
// no role.
func TestForgottenReadsCloses(t *testing.T) {
	t.Parallel()
	schema := testSchema(t, preamble, `
		"Q." type Query { "X." xs("F." filter: XFilter): [X!] @area(name: CATALOG) "Y." y: Int @area(name: ALWAYS) }
		"X." type X { "A." a: Int }
		"F." input XFilter { "A." a: Int "B." b: Int }`)
	p, err := New(schema, []Role{{Name: "r", Allow: []string{"CATALOG"}}})
	if err != nil {
		t.Fatal(err)
	}
	v, err := p.View([]string{"r"})
	if err != nil {
		t.Fatal(err)
	}
	if !v.Has("XFilter.a") || v.Has("XFilter.b") {
		t.Errorf("XFilter.a %v, XFilter.b %v", v.Has("XFilter.a"), v.Has("XFilter.b"))
	}
}
