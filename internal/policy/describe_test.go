package policy

import (
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

func TestDescriptionsEndInTheFactsOfDirectives(t *testing.T) {
	t.Parallel()
	schema := testSchema(t)
	tests := map[string]string{
		"Viewer.endsAt":        "When this ends.",
		"Site.jobs":            "Jobs.\n\nREST: GET jobs · API 3.1 · administrators",
		"View.image":           "Its picture.\n\nREST: GET views/{id}/image · API 2.5 · scope tableau:views:download",
		"Hit.target":           "What it is.\n\nREST: GET workbooks/{id} or GET views/{id}",
		"Site.search":          "Hits of a search.\n\nREST: GET -/search · API 3.16 on Tableau Cloud or 3.17 · scope tableau:content:read",
		"Workbook.download":    "The file.\n\nREST: GET workbooks/{id}/content · scope tableau:workbooks:download · called when the link is fetched",
		"View.owner":           "Its owner.\n\nREST: GET users/{id} · users for their own, administrators for all",
		"WorkbookFilter.marks": "How many have marked it.",
	}
	p, err := New(schema, goldenRoles)
	if err != nil {
		t.Fatal(err)
	}
	v, err := p.View([]string{"all"})
	if err != nil {
		t.Fatal(err)
	}
	for coord, want := range tests {
		typ, field, _ := strings.Cut(coord, ".")
		if diff := cmp.Diff(want, v.Schema.Types[typ].Fields.ForName(field).Description); diff != "" {
			t.Errorf("%s (-want +got):\n%s", coord, diff)
		}
	}
	image := v.Schema.Types["View"].Fields.ForName("image")
	if got, want := image.Arguments.ForName("maxAge").Description, "How old, in minutes.\n\nAPI 2.7"; got != want {
		t.Errorf("argument: %q, want %q", got, want)
	}
	if got, want := v.Schema.Types["ImageSize"].EnumValues.ForName("LARGE").Description, "Large.\n\nAPI 3.8"; got != want {
		t.Errorf("enum value: %q, want %q", got, want)
	}
	if got, want := schema.Types["Site"].Fields.ForName("jobs").Description, "Jobs."; got != want {
		t.Errorf("the description of the whole schema became %q", got)
	}
}
