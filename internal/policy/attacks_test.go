package policy

import (
	"strings"
	"testing"

	"github.com/vektah/gqlparser/v2/ast"
	"github.com/vektah/gqlparser/v2/parser"
)

// attacks are documents made to be expensive to check.
func attacks() map[string]string {
	return map[string]string{
		"fragment bomb":       fragmentBomb(70),
		"fragment cycle":      "{...f0}" + fields(130, "fragment f%[1]d on Query{...f0 ...f129 site{id}}"),
		"equal fields":        "{" + strings.Repeat("viewer{endsAt}", 480) + "}",
		"equal leaves":        "{site{" + strings.Repeat("id ", 1900) + "}}",
		"equal leaves, fewer": "{site{" + strings.Repeat("id ", 200) + "}}",
		"3,000 equal fields":  "{site{" + strings.Repeat("id ", 3000) + "}}",
		"aliases":             "{" + fields(330, "a%d:site{id}") + "}",
		"101 aliases":         "{" + fields(101, "a%d:__typename ") + "}",
		"equal fragments":     "{" + strings.Repeat("...{site{id}}", 270) + "}",
		"many fragments":      "{site{" + fields(150, "...f%d ") + "}}" + fields(150, "fragment f%d on Site{id __typename}"),
		"unknown directives":  "{site{id " + fields(900, "@d%d ") + "}}",
		"10,000 directives":   "{site{id " + strings.Repeat("@b", 10_000) + "}}",
		"deep introspection":  "{__schema{types{fields{type{fields{type{fields{name}}}}}}}}",
		"circular types":      "{__schema{types{" + strings.Repeat("fields{type{", 8) + "name" + strings.Repeat("}}", 8) + "}}}",
		"large lists":         "{site{workbooks(first:2147483647){nodes{" + strings.Repeat("views{workbook{", 4) + "name" + strings.Repeat("}}", 4) + "}}}}",
		"unknown fields":      "{" + fields(900, "f%d ") + "}",
		"deep":                nested(900),
		"long string":         `{site{workbook(by:{path:"` + strings.Repeat("x", 99_000) + `"}){id}}}`,
	}
}

// take takes a text the way of a request, up to where it would run. It says what stopped it.
func take(v *View, query string) (stopped string) {
	limits := Limits{}
	if _, err := limits.CheckSource(query); err != nil {
		return err.Error()
	}
	doc, err := parser.ParseQuery(&ast.Source{Input: query})
	if err != nil {
		return err.Error()
	}
	if _, err := limits.CheckDocument(doc); err != nil {
		return err.Error()
	}
	if errs := v.Validate(doc); len(errs) > 0 {
		return errs.Error()
	}
	for _, op := range doc.Operations {
		p, _ := v.Price(op, nil)
		if _, err := limits.CheckCost(p.Points); err != nil {
			return err.Error()
		}
	}
	return ""
}

func TestAttacksAreRefusedOrCheap(t *testing.T) {
	t.Parallel()
	v := testView(t, goldenRoles[0])
	cheap := map[string]bool{"equal leaves, fewer": true, "long string": true}
	for name, query := range attacks() {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			stopped := take(v, query)
			if (stopped == "") != cheap[name] {
				t.Errorf("stopped by %q", stopped)
			}
			if len(stopped) > 10*(maxMessageBytes+100) {
				t.Errorf("%d bytes are said about it", len(stopped))
			}
		})
	}
}

// usualQuery is a document as a page sends it.
const usualQuery = `query Page($n: Int!, $f: WorkbookFilter) {
  viewer { endsAt }
  site {
    id
    workbooks(first: $n, filter: $f, orderBy: [{field: NAME}]) {
      totalCount
      nodes { ...w owner { id name } views { id name workbook { id } } }
    }
  }
}
fragment w on Workbook { id name sizeMegabytes tags }`

// BenchmarkAttack is the whole way of a document up to where it would run; the last one is not an
// attack.
func BenchmarkAttack(b *testing.B) {
	v := testView(b, goldenRoles[0])
	all := attacks()
	all["a usual query"] = usualQuery
	for name, query := range all {
		b.Run(name, func(b *testing.B) {
			b.ReportAllocs()
			for b.Loop() {
				_ = take(v, query)
			}
		})
	}
}

// BenchmarkMeasure is the counting alone, of a parsed document.
func BenchmarkMeasure(b *testing.B) {
	all := attacks()
	all["a usual query"] = usualQuery
	for name, query := range all {
		doc, err := parser.ParseQuery(&ast.Source{Input: query})
		if err != nil {
			continue
		}
		b.Run(name, func(b *testing.B) {
			b.ReportAllocs()
			for b.Loop() {
				_ = MeasureOf(doc)
			}
		})
	}
}

// BenchmarkPrice is what each request of a document that is kept costs, where its price varies.
func BenchmarkPrice(b *testing.B) {
	v := testView(b, goldenRoles[0])
	doc := parseQuery(b, usualQuery)
	if errs := v.Validate(doc); len(errs) > 0 {
		b.Fatal(errs)
	}
	variables := map[string]any{"n": int64(100)}
	b.ReportAllocs()
	for b.Loop() {
		_, _ = v.Price(doc.Operations[0], variables)
	}
}
