package resolvers_test

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"vitrine/internal/budget"
	"vitrine/internal/policy"
	"vitrine/internal/tableausim"
	"vitrine/resolvers"
)

// The queries in testdata/introspection are what tools ask before anything else, written again:
// GraphiQL, graphql-js and what is built on it, GraphQL Code Generator, Rover, and Relay's
// compiler. All pass under the default limits.
func TestQueriesOfToolsAboutTheSchemaPass(t *testing.T) {
	t.Parallel()
	files, err := filepath.Glob("testdata/introspection/*.graphql")
	if err != nil || len(files) == 0 {
		t.Fatalf("no queries: %v", err)
	}
	w := newWorld(t, tableausim.Config{}, nil)
	for _, file := range files {
		text, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		got := w.ask(t, "carol", string(text), nil)
		if got.status != http.StatusOK || len(got.Errors) > 0 {
			t.Errorf("%s: %d %.300s", file, got.status, got.raw)
			continue
		}
		w.priceIsThatOf(t, string(text), nil, got)
	}
}

// The size of an answer of introspection is known exactly before it is answered, however it is
// asked.
func TestAnswersAboutTheSchemaAreCountedBeforeTheyAreMade(t *testing.T) {
	t.Parallel()
	w := newWorld(t, tableausim.Config{}, nil)
	named := map[string]any{"n": "Workbook"}
	for _, query := range []string{
		`{ __schema { types { name } } }`,
		`{ __schema { types { fields(includeDeprecated: true) { args(includeDeprecated: true) { type { kind name ofType { name ofType { name } } } } } } } }`,
		`{ __schema { types { a: fields(includeDeprecated: true) { name } b: fields(includeDeprecated: true) { x: name y: name } } } }`,
		`{ __schema { types { fields(includeDeprecated: true) { type { fields(includeDeprecated: true) { name } } } } } }`,
		`{ __schema { types { possibleTypes { interfaces { name description } } } } }`,
		`{ __schema { types { enumValues(includeDeprecated: true) { name description } inputFields(includeDeprecated: true) { name defaultValue description type { inputFields(includeDeprecated: true) { name } } } } } }`,
		`{ __schema { queryType { fields(includeDeprecated: true) { name type { name } } } mutationType { name } directives { name args(includeDeprecated: true) { name } isRepeatable } } }`,
		`{ ...A b: __type(name: "Site") { ...C } } fragment A on Query { ... { __type(name: "View") { ...C ... { kind } } } } fragment C on __Type { name fields(includeDeprecated: true) { name description } }`,
		`query($n: String!) { __type(name: $n) { fields(includeDeprecated: true) { name description args(includeDeprecated: true) { name defaultValue } } } }`,
		`query($n: String! = "View") { __type(name: $n) { fields(includeDeprecated: true) { name } } a: __type(name: "Nothing") { name } }`,
		`{ __type(name: "__Type") { fields(includeDeprecated: true) { name } } __typename }`,
	} {
		variables := named
		if !strings.Contains(query, "$n: String!)") {
			variables = nil
		}
		got := w.ask(t, "carol", query, variables)
		if got.status != http.StatusOK || len(got.Errors) > 0 {
			t.Errorf("%s: %d %.300s", query, got.status, got.raw)
			continue
		}
		w.priceIsThatOf(t, query, variables, got)
	}
}

// priceIsThatOf compares what a dry run says with the answer.
func (w *world) priceIsThatOf(t *testing.T, query string, variables map[string]any, answer *reply) {
	t.Helper()
	price := w.priceOf(t, query, variables)
	fields := fieldsIn(answer.Data)
	if price.AnswerFields != fields || price.AnswerBytes < len(answer.raw)*95/100-100 || price.AnswerBytes > len(answer.raw)*105/100 {
		t.Errorf("%.200s: estimated %d fields and %d bytes, got %d and %d", query, price.AnswerFields, price.AnswerBytes, fields, len(answer.raw))
	}
	if price.Cost < fields/25 {
		t.Errorf("%.200s: %d points for %d fields", query, price.Cost, fields)
	}
}

type dryPrice struct{ Cost, AnswerFields, AnswerBytes int }

func (w *world) priceOf(t *testing.T, query string, variables map[string]any) dryPrice {
	t.Helper()
	got, _ := w.send(t, t.Context(), "carol", ask{Query: query, Variables: variables, Extensions: dry})
	var dry struct{ Extensions struct{ Vitrine dryPrice } }
	if err := json.Unmarshal(got.raw, &dry); err != nil || dry.Extensions.Vitrine == (dryPrice{}) {
		t.Fatalf("%s: %v %.300s", query, err, got.raw)
	}
	return dry.Extensions.Vitrine
}

// fieldsIn counts the fields of an answer.
func fieldsIn(v any) int {
	n := 0
	switch v := v.(type) {
	case map[string]any:
		for _, inner := range v {
			n += 1 + fieldsIn(inner)
		}
	case []any:
		for _, item := range v {
			n += fieldsIn(item)
		}
	}
	return n
}

// More than a tool needs is refused before it is made, whatever hides it.
func TestMuchAboutTheSchemaIsRefused(t *testing.T) {
	t.Parallel()
	w := newWorld(t, tableausim.Config{}, nil)
	numbered := func(n int, form string) string {
		var b strings.Builder
		for i := range n {
			b.WriteString(strings.ReplaceAll(form, "%d", fmt.Sprint(i)))
		}
		return b.String()
	}
	for name, c := range map[string]struct {
		query, code string
		status      int
	}{
		"the schema twice":                  {"{ a: __schema { types { name } } b: __schema { types { name } } }", "QUERY_TOO_LARGE", 413},
		"the schema twice without a name":   {"{ __schema { types { name } } __schema { types { kind } } }", "QUERY_TOO_LARGE", 413},
		"the schema twice through a spread": {"{ ...F a: __schema { types { name } } } fragment F on Query { __schema { types { name } } }", "QUERY_TOO_LARGE", 413},
		"eleven types":                      {"{" + numbered(11, `a%d: __type(name: "View") { name }`) + "}", "QUERY_TOO_LARGE", 413},
		"aliases inside":                    {"{ __schema { types {" + numbered(90, "a%d: fields { name args { name type { name } } }") + "} } }", "QUERY_TOO_COSTLY", 400},
		"the same in each type":             {"{" + numbered(10, `a%d: __type(name: "Site") { fields { type { ofType { fields { `+numbered(8, "b%d: args { a: name b: name c: name d: name }")+` } } } } }`) + "}", "QUERY_TOO_LARGE", 413},
		"fragments inside":                  {"{ __schema { types { ...F ...G } } } fragment F on __Type { fields { type { ...G } } } fragment G on __Type { " + numbered(40, "a%d: fields { name description }") + " }", "QUERY_TOO_COSTLY", 400},
		"in one of several operations":      {"query A { viewer { username } } query B { a: __schema { types { name } } b: __schema { types { name } } }", "QUERY_TOO_LARGE", 413},
	} {
		got, _ := w.send(t, t.Context(), "carol", ask{Query: c.query})
		if got.status != c.status || !slices.Equal(got.codes(), []string{c.code}) || len(got.raw) > 1000 {
			t.Errorf("%s: %d, %d bytes: %.300s", name, got.status, len(got.raw), got.raw)
		}
	}
}

// What introspection answers is held against the bound on fields, and the budget of a person.
func TestTheSchemaIsPaidLikeAllElse(t *testing.T) {
	t.Parallel()
	const query = `{ __schema { types { name fields { name } } } }`
	w := newWorld(t, tableausim.Config{}, func(c *resolvers.Config) { c.MaxFields = 1000 })
	if got := w.ask(t, "carol", query, nil); got.status != http.StatusBadRequest || !slices.Equal(got.codes(), []string{"QUERY_TOO_COSTLY"}) || !bytes.Contains(got.raw, []byte("up to 1000 fields")) {
		t.Errorf("%d %.300s", got.status, got.raw)
	}
	w = newWorld(t, tableausim.Config{}, func(c *resolvers.Config) { c.Limits.Cost = 50 })
	if got := w.ask(t, "carol", query, nil); got.status != http.StatusBadRequest || !slices.Equal(got.codes(), []string{"QUERY_TOO_COSTLY"}) {
		t.Errorf("%d %.300s", got.status, got.raw)
	}
}

// The schema as text is paid by its size, and refused where nothing is left for it.
func TestTheSchemaAsTextIsPaid(t *testing.T) {
	t.Parallel()
	var charged []int
	w := newWorld(t, tableausim.Config{}, func(c *resolvers.Config) {
		c.Budget = budget.New("person", 100, nil, noon)
		c.Charged = func(_ context.Context, points int) { charged = append(charged, points) }
	})
	status, body := w.sdl(t, "carol")
	if status != http.StatusOK {
		t.Fatalf("%d %.300s", status, body)
	}
	for status == http.StatusOK && len(charged) < 101 {
		status, body = w.sdl(t, "carol")
	}
	if want := 1 + len(w.sdlText(t, "alice"))/policy.BytesPerPoint; status != http.StatusTooManyRequests || !strings.Contains(body, "RATE_LIMITED") || charged[0] < want/2 || charged[0] < 5 {
		t.Errorf("%d after %v: %.300s", status, charged, body)
	}
}

func (w *world) sdlText(t *testing.T, user string) string {
	t.Helper()
	status, body := w.sdl(t, user)
	if status != http.StatusOK {
		t.Fatalf("%s: %d", user, status)
	}
	return body
}
