package graphqlhttp

import (
	"net/http"

	"github.com/vektah/gqlparser/v2/ast"
	"github.com/vektah/gqlparser/v2/gqlerror"

	"vitrine/internal/policy"
)

// maxName is how long a name in a document may be. The longest of the schema has some fifty bytes;
// those that callers choose are in the answer once for each item of each list above them, in its
// data and in the path of each error: an alias of 90 kB on a field of 10,000 workbooks would be
// answered with 900 MB.
const maxName = 128

// namesFit refuses a document with a name that is longer than that.
func namesFit(doc *ast.QueryDocument) *httpError {
	for _, op := range doc.Operations {
		long := len(op.Name) > maxName || longNames(op.SelectionSet)
		for _, v := range op.VariableDefinitions {
			long = long || len(v.Variable) > maxName
		}
		if long {
			return refuseName()
		}
	}
	for _, f := range doc.Fragments {
		if len(f.Name) > maxName || longNames(f.SelectionSet) {
			return refuseName()
		}
	}
	return nil
}

func refuseName() *httpError {
	return refuse(http.StatusRequestEntityTooLarge, policy.CodeTooLarge, gqlerror.Errorf("a name in the document is longer than %d bytes", maxName))
}

func longNames(set ast.SelectionSet) bool {
	for _, selection := range set {
		switch s := selection.(type) {
		case *ast.Field:
			if len(s.Alias) > maxName || longNames(s.SelectionSet) { // without an alias it is the name
				return true
			}
		case *ast.InlineFragment:
			if longNames(s.SelectionSet) {
				return true
			}
		}
	}
	return false
}

// shortPath cuts the names in a path: keys of variables are whatever callers write.
func shortPath(path ast.Path) ast.Path {
	for i, step := range path {
		if name, ok := step.(ast.PathName); ok && len(name) > maxName {
			path[i] = ast.PathName(shortened(string(name)) + "…")
		}
	}
	return path
}
