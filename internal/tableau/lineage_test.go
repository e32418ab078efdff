package tableau

import (
	"errors"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/vektah/gqlparser/v2"
	"github.com/vektah/gqlparser/v2/ast"
	gqlrules "github.com/vektah/gqlparser/v2/validator/rules"
)

// metadataSchema is the recorded schema of the Metadata API, as a server of a version has it: without
// the fields of lineageSince that came later.
func metadataSchema(t *testing.T, version string) *ast.Schema {
	t.Helper()
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
	for field, since := range lineageSince {
		typ, name, _ := strings.Cut(field, ".")
		def := schema.Types[typ]
		if def == nil || def.Fields.ForName(name) == nil {
			t.Fatalf("lineageSince names %s, which the schema does not have", field)
		}
		if !AtLeast(version, since) {
			def.Fields = slices.DeleteFunc(def.Fields, func(f *ast.FieldDefinition) bool { return f.Name == name })
		}
	}
	return schema
}

// TestLineageQueriesAreValid validates each query against the schema of the Metadata API of servers
// before and after each field came, and holds that each list leaves out what the caller may not see.
func TestLineageQueriesAreValid(t *testing.T) {
	t.Parallel()
	if n := len(LineageQueries()); n < 30 || n != strings.Count(lineageText, "\nquery ") {
		t.Fatalf("%d queries", n)
	}
	for version, lacking := range map[string][]string{
		"3.5": {"ViewUpstreamDataSources"}, "3.13": {"ViewUpstreamDataSources"}, "3.14": nil, "3.29": nil,
	} {
		schema := metadataSchema(t, version)
		for name := range LineageQueries() {
			query, err := lineageQuery(name, version)
			if e := (*Error)(nil); slices.Contains(lacking, name) {
				if !errors.As(err, &e) || e.Kind != Unsupported || e.Needs != "3.14" || e.Has != version {
					t.Errorf("%s on %s: %v", name, version, err)
				}
				continue
			}
			if err != nil {
				t.Errorf("%s on %s: %v", name, version, err)
				continue
			}
			checkLineageQuery(t, schema, name, query)
		}
	}
	if _, err := lineageQuery("Another", "3.29"); err == nil {
		t.Error("there is a query that is not in the file")
	}
}

func checkLineageQuery(t *testing.T, schema *ast.Schema, name, query string) {
	t.Helper()
	doc, errs := gqlparser.LoadQueryWithRules(schema, query, gqlrules.NewDefaultRules())
	if errs != nil {
		t.Errorf("%s: %v", name, errs)
		return
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

// TestNewerFieldsAreMarked holds that a field of lineageSince is in a line with a comment that names
// it, and that each comment is that of a field in its line.
func TestNewerFieldsAreMarked(t *testing.T) {
	t.Parallel()
	schema := metadataSchema(t, "3.29")
	for name, query := range LineageQueries() {
		doc, errs := gqlparser.LoadQueryWithRules(schema, query, gqlrules.NewDefaultRules())
		if errs != nil {
			t.Fatalf("%s: %v", name, errs)
		}
		lines, marks := strings.Split(query, "\n"), map[string]bool{}
		walkFields(doc.Operations[0].SelectionSet, func(f *ast.Field) {
			field := f.ObjectDefinition.Name + "." + f.Name
			if lineageSince[field] == "" {
				return
			}
			if _, mark, _ := strings.Cut(lines[f.Position.Line-1], " # "); mark != field {
				t.Errorf("%s: the line of %s is marked %q", name, field, mark)
			}
			marks[field] = true
		})
		for _, line := range lines {
			if _, mark, ok := strings.Cut(line, " # "); ok && !marks[mark] {
				t.Errorf("%s: a line is marked %q", name, mark)
			}
		}
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
	warning := func(code string) *metadataError {
		e := &metadataError{Message: "m"}
		if code != "" {
			e.Extensions = &struct {
				Code Text `json:"code"`
			}{Text(code)}
		}
		return e
	}
	for code, want := range map[string]Gap{
		"NODE_LIMIT_EXCEEDED": GapLimit, "TIME_LIMIT_EXCEEDED": GapLimit, "BACKFILL_RUNNING": GapIndex, "USER_VISIBILITY_IS_LIMITED": GapUsers,
		"MAX_PAGE_SIZE_EXCEEDED": GapLimit, "LINKED_RESULTS_INCOMPLETE": GapLimit, "INHERITANCE_INCOMPLETE": GapLimit,
		"PERMISSIONS_MODE_SWITCHED": GapNone, "SOMETHING_NEW": GapBroken, "": GapLimit,
	} {
		if got := gapOf([]*metadataError{warning(code)}); got != want {
			t.Errorf("%q: %q, want %q", code, got, want)
		}
	}
	if got := gapOf([]*metadataError{warning("BACKFILL_RUNNING"), warning("SOMETHING_NEW"), warning("NODE_LIMIT_EXCEEDED")}); got != GapBroken {
		t.Errorf("several: %q", got)
	}
}
