package tableau

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/vektah/gqlparser/v2"
	"github.com/vektah/gqlparser/v2/ast"
	gqlrules "github.com/vektah/gqlparser/v2/validator/rules"
)

// TestLineageQueriesAreValid validates each query against the schema of the Metadata API, and holds
// that each of its lists leaves out what the caller may not see.
func TestLineageQueriesAreValid(t *testing.T) {
	t.Parallel()
	dir := os.Getenv("VITRINE_RECORDED")
	if dir == "" {
		t.Skip("SKIPPED: VITRINE_RECORDED names no directory of recorded answers")
	}
	text, err := os.ReadFile(filepath.Join(dir, "next", "metadata", "schema-subset.graphqls"))
	if err != nil {
		t.Fatal(err)
	}
	schema, err := gqlparser.LoadSchema(&ast.Source{Input: string(text)})
	if err != nil {
		t.Fatal(err)
	}
	if n := len(LineageQueries()); n < 30 || n != strings.Count(lineageText, "\nquery ") {
		t.Fatalf("%d queries", n)
	}
	for name, query := range LineageQueries() {
		doc, errs := gqlparser.LoadQueryWithRules(schema, query, gqlrules.NewDefaultRules())
		if errs != nil {
			t.Errorf("%s: %v", name, errs)
			continue
		}
		if len(doc.Operations) != 1 || doc.Operations[0].Name != name || doc.Operations[0].Operation != ast.Query {
			t.Errorf("%s is not one query of this name", name)
		}
		walkFields(doc.Operations[0].SelectionSet, func(f *ast.Field) {
			if f.Definition.Arguments.ForName("permissionMode") == nil {
				return
			}
			if mode := f.Arguments.ForName("permissionMode"); mode == nil || mode.Value.Raw != "FILTER_RESULTS" {
				t.Errorf("%s: %s does not filter", name, f.Name)
			}
		})
	}
}

func walkFields(set ast.SelectionSet, visit func(*ast.Field)) {
	for _, s := range set {
		switch s := s.(type) {
		case *ast.Field:
			visit(s)
			walkFields(s.SelectionSet, visit)
		case *ast.InlineFragment:
			walkFields(s.SelectionSet, visit)
		}
	}
}

func TestGapsAreNeverSilent(t *testing.T) {
	t.Parallel()
	warning := func(code string) metadataError {
		e := metadataError{Message: "m"}
		if code != "" {
			e.Extensions = &struct {
				Severity string `json:"severity"`
				Code     string `json:"code"`
			}{"WARNING", code}
		}
		return e
	}
	for code, want := range map[string]Gap{
		"NODE_LIMIT_EXCEEDED": GapLimit, "TIME_LIMIT_EXCEEDED": GapLimit, "BACKFILL_RUNNING": GapIndex, "USER_VISIBILITY_IS_LIMITED": GapUsers,
		"MAX_PAGE_SIZE_EXCEEDED": GapLimit, "LINKED_RESULTS_INCOMPLETE": GapLimit, "INHERITANCE_INCOMPLETE": GapLimit,
		"PERMISSIONS_MODE_SWITCHED": GapNone, "SOMETHING_NEW": GapBroken, "": GapLimit,
	} {
		if got := gapOf([]metadataError{warning(code)}); got != want {
			t.Errorf("%q: %q, want %q", code, got, want)
		}
	}
	if got := gapOf([]metadataError{warning("BACKFILL_RUNNING"), warning("SOMETHING_NEW"), warning("NODE_LIMIT_EXCEEDED")}); got != GapBroken {
		t.Errorf("several: %q", got)
	}
}
