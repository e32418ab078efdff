package policy

import (
	"strings"
	"testing"

	"github.com/vektah/gqlparser/v2/gqlerror"
	"github.com/vektah/gqlparser/v2/parser"
	"github.com/vektah/gqlparser/v2/validator"
	"github.com/vektah/gqlparser/v2/validator/rules"

	"github.com/vektah/gqlparser/v2/ast"
)

// What a role lacks is left out of a document of the pages, and the rest is a valid document.
func TestPartOfADocumentIsWhatTheSchemaHas(t *testing.T) {
	t.Parallel()
	p := testPolicy(t, Role{Name: "viewers", Allow: []string{"CATALOG"}}, Role{Name: "readers", Allow: []string{"CATALOG", "CONTENT", "PEOPLE"}})
	const text = `query Page($by: WorkbookLookup!, $size: ImageSize!, $users: UserFilter) {
		site { ...Rest workbook(by: $by) { __typename id name views { __typename id image(size: $size) data { __typename } } } }
		__typename
	}
	fragment Rest on Site { __typename id ...People }
	fragment People on Site { users(filter: $users) { __typename } }`
	tests := map[string]struct{ has, lacks []string }{
		"viewers": {[]string{"workbook(by: $by)", "$by: WorkbookLookup!", "...Rest", "fragment Rest"}, []string{"image", "$size", "data", "$users", "People"}},
		"readers": {[]string{"image(size: $size)", "$size: ImageSize!", "...People", "fragment People", "$users: UserFilter"}, nil},
	}
	for role, test := range tests {
		v, err := p.View([]string{role})
		if err != nil {
			t.Fatal(err)
		}
		part, err := v.Part(text)
		if err != nil {
			t.Fatal(err)
		}
		written := strings.ReplaceAll(part, "... ", "...")
		for _, want := range test.has {
			if !strings.Contains(written, want) {
				t.Errorf("%s: the part lacks %q:\n%s", role, want, part)
			}
		}
		for _, not := range test.lacks {
			if strings.Contains(written, not) {
				t.Errorf("%s: the part has %q:\n%s", role, not, part)
			}
		}
		doc, err := parser.ParseQuery(&ast.Source{Input: part})
		if errs := validator.ValidateWithRules(v.Schema, doc, rules.NewDefaultRules()); err != nil || len(errs) > 0 {
			t.Errorf("%s: the part is not valid: %v %v\n%s", role, err, gqlerror.List(errs), part)
		}
	}
}

func TestPartOfADocumentIsNeverEmpty(t *testing.T) {
	t.Parallel()
	v, err := testPolicy(t, Role{Name: "viewers", Allow: []string{"CATALOG"}}).View([]string{"viewers"})
	if err != nil {
		t.Fatal(err)
	}
	for text, want := range map[string]string{
		"query Q {noSuchField {a}}":                                    "query Q {\n\t__typename\n}",
		"{...A} fragment A on Query {...B} fragment B on Query {...A}": "query {\n\t__typename\n}", // fragments in a circle end
		"{...A}": "query {\n\t__typename\n}",
		"query Q($x: Boolean!) {viewer @include(if: $x) {areas}}": "query Q ($x: Boolean!) {\n\tviewer @include(if: $x) {\n\t\tareas\n\t}\n}",
	} {
		if part, err := v.Part(text); err != nil || strings.TrimSpace(part) != want {
			t.Errorf("%s: %v %q, want %q", text, err, part, want)
		}
	}
	if _, err := v.Part("{"); err == nil {
		t.Error("a document that cannot be parsed has a part")
	}
}
