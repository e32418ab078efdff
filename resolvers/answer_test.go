package resolvers_test

import (
	"fmt"
	"net/http"
	"slices"
	"strings"
	"testing"

	"github.com/vektah/gqlparser/v2/ast"

	"vitrine/internal/tableausim"
	"vitrine/resolvers"
)

func aliased(n int, form string) string {
	var b strings.Builder
	for i := range n {
		fmt.Fprintf(&b, "a%d: %s ", i, form)
	}
	return b.String()
}

// Whatever makes an answer large, no more of it is answered than is allowed, and equal values under
// aliases count each time.
func TestAnswersAreBoundedInBytes(t *testing.T) {
	t.Parallel()
	small := newWorld(t, tableausim.Config{}, func(c *resolvers.Config) { c.AnswerBytes = 20_000 })
	usual := newWorld(t, tableausim.Config{}, nil)
	const views = `views(first: 1, filter: {name: {eq: "Overview"}})`
	for name, query := range map[string]string{
		"pictures":              `{ site(contentUrl: "") { workbooks(first: 2) { nodes { thumbnail { ` + aliased(90, "dataUri") + `} } } } }`,
		"rows":                  `{ site(contentUrl: "") { ` + views + ` { nodes { data { ` + aliased(90, "rows") + `} } } } }`,
		"rows through spreads":  `{ site(contentUrl: "") { ` + views + ` { nodes { ` + aliased(10, "data { ...F x: columns { ...G } y: columns { ...G } }") + `} } } } fragment F on ViewData { a: rows b: rows c: rows d: rows } fragment G on DataColumn { numbers v: numbers }`,
		"texts of many objects": `{ site(contentUrl: "") { workbooks(first: 50) { nodes { ` + aliased(90, "webUrl") + `} } } }`,
		"fields of Query":       `{ ` + aliased(40, `site(contentUrl: "") { workbooks(first: 50) { nodes { name webUrl url id } } }`) + ` }`,
		"the schema":            `{ __schema { types { name description fields { name description } } } }`,
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			whole := usual.ask(t, "carol", query, nil)
			if len(whole.Errors) > 0 || len(whole.raw) < 20_000 {
				t.Fatalf("where there is room: %d bytes: %.300s", len(whole.raw), whole.raw)
			}
			got := small.ask(t, "carol", query, nil)
			if got.status != http.StatusOK || !slices.Equal(got.codes(), []string{"QUERY_TOO_COSTLY"}) || got.Data != nil || len(got.raw) > 2000 || !strings.Contains(string(got.raw), "20000 bytes (limits.answerBytes)") {
				t.Errorf("%d, %d bytes: %.300s", got.status, len(got.raw), got.raw)
			}
		})
	}
}

// Large values and tables are priced by their size, and each time that they are asked for.
func TestLargeValuesArePaidBySize(t *testing.T) {
	t.Parallel()
	w := newWorld(t, tableausim.Config{}, nil)
	data := func(first int, fields string) string {
		return fmt.Sprintf(`{ site(contentUrl: "") { views(first: 1) { nodes { data(first: %d) { %s } } } } }`, first, fields)
	}
	picture := func(fields string) string {
		return `{ site(contentUrl: "") { workbooks(first: 1) { nodes { thumbnail { ` + fields + `} } } } }`
	}
	for _, c := range []struct {
		name, small, large string
		fields, bytes      int // by how much they differ at least
	}{
		{"rows", data(10, "rows"), data(10_000, "rows"), 90_000, 2_000_000},
		{"numbers", data(10, "columns { numbers }"), data(10_000, "columns { numbers }"), 90_000, 2_000_000},
		{"numbers under aliases", data(1000, "columns { numbers }"), data(1000, "columns { numbers b: numbers } c: columns { numbers }"), 19_000, 500_000},
		{"a picture of another size", picture("dataUri(maxBytes: 1024)"), picture("dataUri(maxBytes: 262144)"), 0, 300_000},
		{"a picture under aliases", picture("dataUri"), picture(aliased(10, "dataUri")), 9, 700_000},
	} {
		small, large := w.priceOf(t, c.small, nil), w.priceOf(t, c.large, nil)
		if large.AnswerFields-small.AnswerFields < c.fields || large.AnswerBytes-small.AnswerBytes < c.bytes || large.Cost-small.Cost < c.fields/20+c.bytes/10_000/2 {
			t.Errorf("%s: %+v, and %+v", c.name, small, large)
		}
	}
}

// Each list of plain values says how long it is taken to be, so that none is priced as one value.
func TestListsOfPlainValuesSayHowLongTheyAre(t *testing.T) {
	t.Parallel()
	schema := resolvers.Schema()
	for name, def := range schema.Types {
		if def.Kind != ast.Object || strings.HasPrefix(name, "__") {
			continue
		}
		for _, f := range def.Fields {
			if inner := schema.Types[f.Type.Name()]; f.Type.Elem != nil && inner.IsLeafType() && f.Directives.ForName("listSize") == nil {
				t.Errorf("%s.%s has no @listSize", name, f.Name)
			}
		}
	}
}
