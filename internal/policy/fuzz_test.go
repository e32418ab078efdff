package policy

import (
	"testing"

	"github.com/vektah/gqlparser/v2/ast"
	"github.com/vektah/gqlparser/v2/gqlerror"
	"github.com/vektah/gqlparser/v2/parser"
)

// FuzzDocument takes any text the way of a request: nothing panics, and what is said of it is
// bounded.
func FuzzDocument(f *testing.F) {
	for _, query := range attacks() {
		f.Add(query)
	}
	f.Add(introspectionQuery)
	f.Add(`query A($f: WorkbookFilter = {name: {eq: "x"}}) {site {workbooks(filter: $f, orderBy: [{field: NAME}]) {nodes {...w}}}}` +
		` fragment w on Workbook @skip(if: true) {id views {image(size: LARGE)}}`)
	v := testView(f, goldenRoles[0], goldenRoles[1])
	limits := Limits{DocumentBytes: 2000, Tokens: 400}
	f.Fuzz(func(t *testing.T, query string) {
		if _, err := limits.CheckSource(query); err != nil {
			return
		}
		var errs gqlerror.List
		doc, err := parser.ParseQuery(&ast.Source{Input: query})
		if err != nil {
			errs = CapErrors(gqlerror.List{gqlerror.WrapIfUnwrapped(err)})
		} else if _, err := limits.CheckDocument(doc); err == nil {
			errs = v.Validate(doc)
			checkPrice(t, v, doc, errs)
		}
		if len(errs) > maxErrors {
			t.Errorf("%d errors", len(errs))
		}
		for _, err := range errs {
			if len(err.Message) > maxMessageBytes || len(err.Locations) > maxErrors {
				t.Errorf("%d bytes, %d places", len(err.Message), len(err.Locations))
			}
		}
	})
}

// checkPrice holds that whatever passed has a price within bounds, for each of its operations.
func checkPrice(t *testing.T, v *View, doc *ast.QueryDocument, errs gqlerror.List) {
	t.Helper()
	if len(errs) > 0 {
		return
	}
	for _, op := range doc.Operations {
		if p, _ := v.Price(op, nil); p.Points < 1 || p.Points > maxCost || p.Fields < 1 || p.Fields > maxCost {
			t.Errorf("%+v", p)
		}
	}
}
