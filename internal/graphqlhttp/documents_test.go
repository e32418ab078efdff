package graphqlhttp

import (
	"fmt"
	"strings"
	"testing"

	"github.com/vektah/gqlparser/v2/ast"
)

// Documents and their plans are kept up to a number of bytes, for one schema and for all of them.
func TestKeptDocumentsAreBoundedWithTheirPlans(t *testing.T) {
	t.Parallel()
	e := &engine{bySchema: map[*ast.Schema]*schemaEngine{}}
	var views []*viewEngine
	for range 6 {
		v := &viewEngine{schemaEngine: &schemaEngine{}}
		e.bySchema[&ast.Schema{}] = v.schemaEngine
		views = append(views, v)
	}
	for n := range 5000 {
		v := views[n%len(views)]
		query := fmt.Sprint(n, strings.Repeat(" ", 1000))
		e.keep(v, query, &document{})
		if v.documents.get(query) == nil && e.documents > 0 {
			t.Fatalf("document %d is not kept", n)
		}
		e.count(v.documents.grow(5000))
		all := 0
		for _, v := range views {
			all += v.documents.bytes
			if v.documents.bytes > maxDocumentBytes || v.documents.bytes < 0 {
				t.Fatalf("%d bytes for one schema after %d documents", v.documents.bytes, n)
			}
		}
		if all > maxAllDocumentBytes || all != e.documents {
			t.Fatalf("%d bytes after %d documents, counted %d", all, n, e.documents)
		}
	}
	e.count(views[0].documents.grow(maxDocumentBytes + 1))
	if len(views[0].documents.docs) != 0 || views[0].documents.bytes != 0 {
		t.Error("a plan that is larger than all there may be is kept")
	}
}
