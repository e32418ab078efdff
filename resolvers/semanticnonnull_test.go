package resolvers_test

import (
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/vektah/gqlparser/v2/ast"
	"github.com/vektah/gqlparser/v2/parser"

	"vitrine/resolvers"
)

// TestSemanticNonNullIsNullOnlyWithAnError reads all goldens: a field with @semanticNonNull is null
// only where an error has its path, or one below it.
func TestSemanticNonNullIsNullOnlyWithAnError(t *testing.T) {
	t.Parallel()
	files, err := filepath.Glob("testdata/*.graphql")
	if err != nil {
		t.Fatal(err)
	}
	seen := 0
	for _, file := range files {
		query, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		golden, err := os.ReadFile(strings.TrimSuffix(file, ".graphql") + ".golden.json")
		if err != nil {
			t.Fatal(err)
		}
		var answer struct {
			Data   map[string]any
			Errors []struct{ Path []any }
		}
		if err := json.Unmarshal(golden, &answer); err != nil {
			t.Fatalf("%s: %v", file, err)
		}
		doc, gqlErr := parser.ParseQuery(&ast.Source{Input: string(query)})
		if gqlErr != nil || len(doc.Operations) == 0 || answer.Data == nil {
			continue
		}
		w := nullWalk{doc: doc, errors: map[string]bool{}}
		for _, e := range answer.Errors {
			for i := range e.Path { // an error of a non-null field makes a parent null
				w.errors[fmt.Sprint(e.Path[:i+1]...)] = true
			}
		}
		w.object(answer.Data, "Query", doc.Operations[0].SelectionSet, nil)
		seen += w.seen
		for _, path := range w.bare {
			t.Errorf("%s: %s is null without an error", file, path)
		}
	}
	if seen < 100 {
		t.Errorf("only %d such fields were seen", seen)
	}
}

// nullWalk goes through an answer with its document.
type nullWalk struct {
	doc    *ast.QueryDocument
	errors map[string]bool // by path, with the paths of their parents
	seen   int
	bare   []string
}

func (w *nullWalk) object(data map[string]any, typ string, set ast.SelectionSet, path []any) {
	if name, ok := data["__typename"].(string); ok {
		typ = name
	}
	for _, selection := range set {
		switch s := selection.(type) {
		case *ast.InlineFragment:
			w.object(data, cmpOr(s.TypeCondition, typ), s.SelectionSet, path)
		case *ast.FragmentSpread:
			f := w.doc.Fragments.ForName(s.Name)
			w.object(data, f.TypeCondition, f.SelectionSet, path)
		case *ast.Field:
			w.field(data, typ, s, append(path[:len(path):len(path)], s.Alias))
		}
	}
}

func (w *nullWalk) field(data map[string]any, typ string, s *ast.Field, path []any) {
	def := resolvers.Schema().Types[typ].Fields.ForName(s.Name)
	value, given := data[s.Alias]
	if def == nil || !given {
		return
	}
	if def.Directives.ForName("semanticNonNull") != nil {
		w.seen++
		if value == nil && !w.errors[fmt.Sprint(path...)] {
			w.bare = append(w.bare, fmt.Sprint(path...))
		}
	}
	w.value(value, def.Type.Name(), s.SelectionSet, path)
}

func (w *nullWalk) value(value any, typ string, set ast.SelectionSet, path []any) {
	switch v := value.(type) {
	case map[string]any:
		w.object(v, typ, set, path)
	case []any:
		for i, item := range v {
			w.value(item, typ, set, append(path[:len(path):len(path)], float64(i)))
		}
	}
}
