package resolvers_test

import (
	"encoding/json"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"vitrine/auth"
	"vitrine/internal/tableausim"
	"vitrine/resolvers"
)

// most is what one answer of a fuzz test may have, in bytes: its fields are bounded to twenty
// thousand.
const most = 4 << 20

func fuzzWorld(f *testing.F) *world {
	f.Helper()
	return newWorld(f, tableausim.Config{}, func(c *resolvers.Config) { c.MaxFields, c.First, c.Deadline = 20_000, 1000, 20*time.Second })
}

// feed sends a body, and holds that whatever comes is answered, in bounds, and that nothing is our
// own fault.
func (w *world) feed(t *testing.T, body []byte) {
	t.Helper()
	r := httptest.NewRequest(http.MethodPost, "/graphql", strings.NewReader(string(body)))
	r.Header.Set("Content-Type", "application/json")
	rec := httptest.NewRecorder()
	w.handler.ServeHTTP(rec, r.WithContext(auth.NewContext(r.Context(), person("alice"))))
	if rec.Code >= 500 || rec.Body.Len() > most {
		t.Fatalf("%d, %d bytes: %.300s\nfor %.2000q", rec.Code, rec.Body.Len(), rec.Body, body)
	}
	got := &reply{}
	if err := json.Unmarshal(rec.Body.Bytes(), got); err != nil {
		t.Fatalf("the answer is not JSON: %v\n%.300s\nfor %.2000q", err, rec.Body, body)
	}
	if slices.Contains(got.codes(), "INTERNAL") {
		t.Fatalf("%.1000s\nfor %.2000q", rec.Body, body)
	}
}

// FuzzQuery: any text as a document.
func FuzzQuery(f *testing.F) {
	files, err := filepath.Glob("testdata/*.graphql")
	if err != nil {
		f.Fatal(err)
	}
	for _, file := range files {
		text, err := os.ReadFile(file)
		if err != nil {
			f.Fatal(err)
		}
		f.Add(string(text))
	}
	w := fuzzWorld(f)
	f.Fuzz(func(t *testing.T, query string) {
		body, err := json.Marshal(map[string]any{"query": query})
		if err != nil {
			t.Skip()
		}
		w.feed(t, body)
	})
}

// everyInput is a document that hands variables to filters, orders, look-ups, pages and ids.
const everyInput = `query($n: Int = 3, $after: String, $id: ID = "x", $ids: [ID!] = [], $site: String = "", $f: WorkbookFilter, $o: [WorkbookOrder!],
  $v: ViewFilter, $p: ProjectFilter, $u: UserFilter, $by: ViewLookup = {path: "a/b"}, $tag: String = "t", $on: Boolean = true) {
  node(id: $id) { __typename id }
  nodes(ids: $ids) { id }
  site(contentUrl: $site) {
    workbooks(first: $n, after: $after, filter: $f, orderBy: $o) { totalCount nodes { name updatedAt views @include(if: $on) { name } } pageInfo { endCursor } }
    views(first: $n, filter: $v) { totalCount }
    projects(first: $n, filter: $p) { totalCount }
    users(first: $n, filter: $u) { totalCount }
    view(by: $by) { name }
    tag(by: {label: $tag}) { workbooks(first: $n) { totalCount } }
  }
}`

// FuzzVariables: any JSON as variables; cursors, ids, filters and orders are among them.
func FuzzVariables(f *testing.F) {
	for _, variables := range []string{
		`{}`, `{"n":1,"after":"AAAAAAAAAAAA","id":"V29ya2Jvb2svL2Y0Y2ZmNzVhLWVmNGQtNGVlZS1hMjZlLTBmMWY3NTBhZWQwZA","site":"marketing"}`,
		`{"f":{"name":{"eq":"a,b:c&d"},"tags":{"in":["x"]},"updatedAt":{"gte":"2024-01-01T00:00:00Z","lt":"2030-01-01T00:00:00+02:00"},"sizeMegabytes":{"lt":5}}}`,
		`{"o":[{"field":"NAME","direction":"DESC"},{"field":"SIZE"}],"n":0,"on":false}`, `{"ids":["","x","U2l0ZS8v",null]}`,
		`{"by":{"path":"Superstore/Overview"},"tag":"sales"}`, `{"by":{"luid":"../../users","path":"x"}}`, `{"u":{"name":{"ieq":"BOB"}}}`,
		`{"p":{"isTopLevel":{"eq":true}},"v":{"name":{"in":[]}}}`, `{"n":1e3}`, `{"n":-1}`, `{"n":99999999999999999999}`, `[]`, `null`, `{"after":"` + strings.Repeat("A", 500) + `"}`,
	} {
		f.Add([]byte(variables))
	}
	w := fuzzWorld(f)
	f.Fuzz(func(t *testing.T, variables []byte) {
		if !json.Valid(variables) {
			t.Skip()
		}
		query, _ := json.Marshal(everyInput)
		w.feed(t, slices.Concat([]byte(`{"query":`), query, []byte(`,"variables":`), variables, []byte(`}`)))
	})
}

// FuzzValues: any text in the places of texts: ids, cursors, names, labels, paths, filters.
func FuzzValues(f *testing.F) {
	for _, value := range []string{"", "x", "Superstore", "a,name:eq:b", "a&filter=b", "../../users", "%2e%2e", "é\u0000", "V29ya2Jvb2svL3g", strings.Repeat("x", 3000)} {
		f.Add(value)
	}
	w := fuzzWorld(f)
	f.Fuzz(func(t *testing.T, value string) {
		for _, variables := range []map[string]any{
			{"id": value, "ids": []string{value}},
			{"after": value},
			{"site": value},
			{"tag": value},
			{"by": map[string]any{"path": value}},
			{"by": map[string]any{"luid": value}},
			{"by": map[string]any{"contentUrl": value}},
			{"f": map[string]any{"name": map[string]any{"eq": value}, "tags": map[string]any{"in": []string{value}}}},
			{"f": map[string]any{"updatedAt": map[string]any{"gt": value}}},
			{"u": map[string]any{"name": map[string]any{"like": value}}},
		} {
			body, err := json.Marshal(map[string]any{"query": everyInput, "variables": variables})
			if err != nil {
				t.Skip()
			}
			w.feed(t, body)
		}
	})
}
