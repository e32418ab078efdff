package policy

import (
	"fmt"
	"runtime"
	"slices"
	"strings"
	"testing"
	"unicode/utf8"

	"github.com/vektah/gqlparser/v2/ast"
	"github.com/vektah/gqlparser/v2/gqlerror"
)

// Texts of errors are whole up to 300 bytes and are cut between characters above, whatever bytes
// they hold.
func TestTextsAreCutBetweenCharacters(t *testing.T) {
	t.Parallel()
	for _, text := range []string{strings.Repeat("x", maxMessageBytes-1), strings.Repeat("x", maxMessageBytes)} {
		if got := capText(text); got != text {
			t.Errorf("%d bytes became %q", len(text), got)
		}
	}
	for before := range 4 {
		text := strings.Repeat("x", before) + strings.Repeat("\U0001F600", 200)
		got := capText(text)
		if len(got) > maxMessageBytes || len(got) < maxMessageBytes-4 || !utf8.ValidString(got) || !strings.HasSuffix(got, "…") {
			t.Errorf("%d bytes: %q", len(got), got)
		}
	}
	if got := capText(strings.Repeat("\x80", 2*maxMessageBytes)); got != "…" {
		t.Errorf("bytes that begin no character: %q", got)
	}
}

func TestErrorsAreCappedInNumberAndPlaces(t *testing.T) {
	t.Parallel()
	for n := range 2 * maxErrors {
		var errs gqlerror.List
		for range n {
			errs = append(errs, &gqlerror.Error{Message: "m", Locations: make([]gqlerror.Location, n)})
		}
		got := CapErrors(errs)
		if len(got) != min(n, maxErrors) || n > 0 && len(got[0].Locations) != min(n, maxErrors) {
			t.Errorf("%d errors with as many places: %d are left", n, len(got))
		}
	}
}

func TestConditionsAreWrittenInWords(t *testing.T) {
	t.Parallel()
	for want, when := range map[string]When{
		"everyone":                              {},
		`group "staff"`:                         {Group: "staff"},
		`scope "read" and client "portal"`:      {Scope: "read", Client: "portal"},
		`claim "department" is "Sales"`:         {Claim: "department", Equals: "Sales"},
		`claim "regions" holds "emea"`:          {Claim: "regions", Contains: "emea"},
		`group "staff" and claim "a" is "true"`: {Group: "staff", Claim: "a", Equals: "true"},
	} {
		if got := when.String(); got != want {
			t.Errorf("%q, want %q", got, want)
		}
	}
}

func TestProblemsNameTheSettingAndWhatWasMeant(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		role        Role
		path, meant string // meant is what is suggested; empty for nothing
	}{
		{Role{Name: "r"}, "roles[0]", ""},
		{Role{Name: "r", Allow: []string{"CATALOG", "CATALOGS"}}, "roles[0].allow[1]", "CATALOG"},
		{Role{Name: "r", Allow: []string{"Workbok"}}, "roles[0].allow[0]", "Workbook"},
		{Role{Name: "r", Allow: []string{"CATALOG"}, Deny: []string{"Workbok.name"}}, "roles[0].deny[0]", "Workbook.name"},
		{Role{Name: "r", Allow: []string{"CATALOG"}, Deny: []string{"Workbook.nam"}}, "roles[0].deny[0]", "Workbook.name"},
		{Role{Name: "r", Allow: []string{"CATALOGS.name"}}, "roles[0].allow[0]", ""}, // an area has no fields
		{Role{Name: "r", Allow: []string{"Zebra"}}, "roles[0].allow[0]", ""},
		{Role{Name: "r", Allow: []string{"Zebra.stripes"}}, "roles[0].allow[0]", ""},
	} {
		_, err := New(testSchema(t), []Role{c.role})
		problems := Problems(err)
		if len(problems) != 1 || problems[0].Path != c.path {
			t.Errorf("%+v: %v", c.role, err)
			continue
		}
		text := err.Error()
		if c.meant == "" && strings.Contains(text, "did you mean") || c.meant != "" && !strings.Contains(text, fmt.Sprintf("did you mean %q? ", c.meant)) {
			t.Errorf("%+v: %s, want the suggestion %q", c.role, text, c.meant)
		}
	}
}

func TestRESTCallsAreDescribed(t *testing.T) {
	t.Parallel()
	directive := func(name, path string) *ast.Directive {
		return &ast.Directive{Arguments: ast.ArgumentList{{Name: name, Value: &ast.Value{Raw: path, Kind: ast.StringValue}}}}
	}
	for want, d := range map[string]*ast.Directive{
		"GET views": directive("get", "views"), "POST -/search": directive("post", "-/search"), "": directive("scope", "tableau:content:read"),
	} {
		if got := restCall(d); got != want {
			t.Errorf("%q, want %q", got, want)
		}
	}
}

// Directives that no source declares are audited as those of the schema's own source are; only
// those that come with GraphQL are not.
func TestAuditLooksAtDirectivesWithoutASource(t *testing.T) {
	t.Parallel()
	schema := testSchema(t)
	for name, position := range map[string]*ast.Position{
		"nowhere": nil, "sourceless": {}, "ours": {Src: &ast.Source{}}, "builtIn": {Src: &ast.Source{BuiltIn: true}},
	} {
		schema.Directives[name] = &ast.DirectiveDefinition{Name: name, Position: position}
	}
	var got []string
	for _, err := range Audit(schema) {
		name, _, _ := strings.Cut(err.Error(), ":")
		got = append(got, name)
	}
	if want := []string{"@nowhere", "@ours", "@sourceless"}; !slices.Equal(got, want) {
		t.Errorf("%v, want %v", got, want)
	}
}

// What a filter or order gives away is found wherever a list has it: in an interface, of an
// interface, and by an order of another name.
func TestAuditFindsWhatListsOfInterfacesGiveAway(t *testing.T) {
	t.Parallel()
	const types = `
		"Q." type Query { "I." i: I @area(name: ALWAYS) "X." x: X @area(name: ALWAYS) }
		"X." type X implements I { "XS." xs("F." filter: OneFilter "O." orderBy: [SomeOrder!]): [X!] "C." c("F." filter: TwoFilter): C "A." a: Int "IS." is("F." filter: ThreeFilter): [I!] }
		"I." interface I { "A." a: Int "IS." is("F." filter: ThreeFilter): [I!] }
		"J." interface J { "XS." xs("F." filter: FourFilter): [X!] }
		"C." type C { "N." nodes: [I!]! }
		"O." input SomeOrder { "F." field: AnOrderField! }
		"E." enum AnOrderField { "A." A "B." B }
		"1." input OneFilter { "A." a: Int "B." b: Int }
		"2." input TwoFilter { "A." a: Int "B." b: Int }
		"3." input ThreeFilter { "A." a: Int "B." b: Int }
		"4." input FourFilter { "A." a: Int "B." b: Int "C." c: Int @reads(fields: ["I.a"]) }`
	var got []string
	for _, err := range Audit(testSchema(t, preamble, types)) {
		text, _, _ := strings.Cut(err.Error(), ", which")
		got = append(got, text)
	}
	want := []string{
		"AnOrderField.B: gives away X.b", "OneFilter.b: gives away X.b", "TwoFilter.b: gives away I.b", "ThreeFilter.b: gives away I.b", "FourFilter.b: gives away X.b",
	}
	slices.Sort(got)
	slices.Sort(want)
	if !slices.Equal(got, want) {
		t.Errorf("got\n%s\nwant\n%s", strings.Join(got, "\n"), strings.Join(want, "\n"))
	}
}

// A default that names something denied cannot be written any more, however deep it is: its
// argument goes.
func TestDefaultsThatCannotBeWrittenTakeTheirArgument(t *testing.T) {
	t.Parallel()
	schema := testSchema(t, preamble, `
		"Q." type Query { "A." a("O." how: How = {mode: {kind: FAST}, kinds: [SLOW]}): Int @area(name: CATALOG) "B." b: Int @area(name: CATALOG) }
		"H." input How { "M." mode: Mode "K." kinds: [Kind!] "U." unused: Int }
		"M." input Mode { "K." kind: Kind "U." unused: Int }
		"K." enum Kind { "F." FAST "S." SLOW "O." ODD }`)
	for deny, stays := range map[string]bool{
		"Kind.ODD": true, "Mode.unused": true, "How.unused": true, "Kind.FAST": false, "Kind.SLOW": false, "Mode.kind": false, "How.mode": false, "How.kinds": false,
	} {
		p, err := New(schema, []Role{{Name: "r", Allow: []string{"CATALOG"}, Deny: []string{deny}}})
		if err != nil {
			t.Fatal(err)
		}
		v, err := p.View([]string{"r"})
		if err != nil {
			t.Fatal(err)
		}
		if got := v.Has("Query.a(how:)"); got != stays || !v.Has("Query.a") {
			t.Errorf("without %s: the argument is there: %v, want %v", deny, got, stays)
		}
	}
}

// Sets of roles that differ in a field of an interface alone have schemas of their own.
func TestFieldsOfInterfacesAreNotShared(t *testing.T) {
	t.Parallel()
	schema := testSchema(t, strings.Replace(preamble, "CATALOG }", `CATALOG "P." PEOPLE }`, 1), `
		"Q." type Query { "I." i: I @area(name: CATALOG) "P." p: Int @area(name: PEOPLE) }
		"I." interface I { "A." a: Int "B." b: Int @area(name: PEOPLE) }
		"X." type X implements I { "A." a: Int "B." b: Int }`)
	p, err := New(schema, []Role{{Name: "catalog", Allow: []string{"CATALOG"}}, {Name: "field", Allow: []string{"CATALOG", "I.b"}}})
	if err != nil {
		t.Fatal(err)
	}
	for role, want := range map[string]bool{"catalog": false, "field": true} {
		v, err := p.View([]string{role})
		if err != nil || v.Has("I.b") != want {
			t.Errorf("%s: %v, I.b is there: %v", role, err, !want)
		}
	}
}

// The first schemas are free: one for each role, and some more.
func TestCompilingIsFreeAtFirst(t *testing.T) {
	t.Parallel()
	p := testPolicy(t, goldenRoles...)
	free := int64(len(goldenRoles) + freeCompiles)
	for compiled, want := range map[int64]int{0: 0, free - 1: 0, free: compilePoints, free + 1: compilePoints} {
		p.compiles.Store(compiled)
		if got := p.CompilePoints([]string{"everyone", "operators"}); got != want {
			t.Errorf("with %d schemas compiled: %d points, want %d", compiled, got, want)
		}
	}
}

// Schemas are compiled on half of the processors at most, and forms of types are kept up to a
// bound.
func TestCompilingIsBounded(t *testing.T) {
	t.Parallel()
	c := newCompiler(newIndex(testSchema(t)))
	if most := max(1, runtime.GOMAXPROCS(0)/2); cap(c.places) != most {
		t.Errorf("%d at a time, want %d", cap(c.places), most)
	}
	for i := range maxVariants + 10 {
		def := &ast.Definition{Name: fmt.Sprint(i)}
		if got := c.share(def.Name, &variant{}, def); got != def || c.variant(def.Name).def != def {
			t.Fatalf("form %d is not what it was", i)
		}
		if len(c.variants) > maxVariants {
			t.Fatalf("%d forms are kept", len(c.variants))
		}
	}
}

// A filter of several lists gives away the field of that name on those of their types that have it.
func TestFiltersOfSeveralListsReadWhatIsThere(t *testing.T) {
	t.Parallel()
	schema := testSchema(t, preamble, `
		"Q." type Query { "A." as("F." filter: SharedFilter): [A!] @area(name: CATALOG) "B." bs("F." filter: SharedFilter): [B!] @area(name: CATALOG) }
		"A." type A { "X." x: Int }
		"B." type B { "X." x: Int "Y." y: Int }
		"F." input SharedFilter { "X." x: Int "Y." y: Int }`)
	if errs := Audit(schema); len(errs) > 0 {
		t.Error(errs)
	}
	for deny, want := range map[string][2]bool{"": {true, true}, "A.x": {false, true}, "B.x": {false, true}, "B.y": {true, false}} {
		role := Role{Name: "r", Allow: []string{"CATALOG"}}
		if deny != "" {
			role.Deny = []string{deny}
		}
		p, err := New(schema, []Role{role})
		if err != nil {
			t.Fatal(err)
		}
		v, err := p.View([]string{"r"})
		if got := [2]bool{v.Has("SharedFilter.x"), v.Has("SharedFilter.y")}; err != nil || got != want {
			t.Errorf("without %s: x and y are there: %v, want %v (%v)", deny, got, want, err)
		}
	}
}

// Definitions are ordered by file, by place, and by name where they have neither.
func TestDefinitionsAreOrderedAsInTheirSources(t *testing.T) {
	t.Parallel()
	at := func(name, file string, start int) *ast.Definition {
		return &ast.Definition{Name: name, Position: &ast.Position{Start: start, Src: &ast.Source{Name: file}}}
	}
	want := []*ast.Definition{
		{Name: "made"}, {Name: "placed", Position: &ast.Position{Start: 1}}, at("D", "a.graphqls", 1), at("C", "a.graphqls", 20), at("A", "b.graphqls", 3), at("B", "b.graphqls", 3),
	}
	got := slices.Clone(want)
	slices.Reverse(got)
	slices.SortStableFunc(got, bySource)
	if !slices.Equal(got, want) {
		t.Errorf("%v", got)
	}
}
