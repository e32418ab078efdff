package policy

import (
	"slices"
	"strings"
	"testing"
)

func TestNewReportsEveryProblemTogether(t *testing.T) {
	t.Parallel()
	_, err := New(testSchema(t), []Role{
		{Name: "first", Allow: []string{"CATALOGS", "ALWAYS", "CATALOG"}},
		{Name: "second", Allow: []string{"CATALOG"}, Deny: []string{"Workbook.named", "Nothing.*"}},
		{Name: "first", Allow: []string{"CATALOG"}},
		{Allow: []string{"CATALOG"}},
	})
	if err == nil {
		t.Fatal("New accepted them")
	}
	for _, want := range []string{
		`role "first": allow "CATALOGS"`, `CATALOG, CONTENT, PEOPLE, OPERATIONS, DOWNLOAD`, `role "first": allow "ALWAYS"`,
		`role "second": deny "Workbook.named": Workbook has no "named"`, `role "second": deny "Nothing.*"`,
		`role "first": the name is there twice`, `roles[3]: it has no name`,
	} {
		if !strings.Contains(err.Error(), want) {
			t.Errorf("no %q in:\n%v", want, err)
		}
	}
	if lines := strings.Count(err.Error(), "\n") + 1; lines != 6 {
		t.Errorf("%d lines for 6 problems:\n%v", lines, err)
	}
}

func TestNewRefusesRolesThatCannotWork(t *testing.T) {
	t.Parallel()
	tests := []struct {
		name  string
		roles []Role
		want  string
	}{
		{"no roles", nil, "roles is empty"},
		{"empty role", []Role{{Name: "r"}}, "opens nothing"},
		{"allowed and denied", []Role{{Name: "r", Allow: []string{"CATALOG"}, Deny: []string{"CATALOG"}}}, "allowed and denied"},
		{"denies all of one entry", []Role{{Name: "r", Allow: []string{"CATALOG", "User.*"}, Deny: []string{"PEOPLE"}}}, "opens nothing"},
		{"denies all it allows", []Role{{Name: "r", Allow: []string{"View.image"}, Deny: []string{"CONTENT"}}}, "opens nothing"},
		{"denies ALWAYS", []Role{{Name: "r", Deny: []string{"ALWAYS"}}}, "never named"},
		{"denies Query", []Role{{Name: "r", Deny: []string{"Query"}}}, "deny less"},
		{"denies each field of Query", []Role{{Name: "r", Allow: []string{"CATALOG"}, Deny: []string{"Query.*"}}}, "deny less"},
		{"allows what comes with its type", []Role{{Name: "r", Allow: []string{"Workbook.name"}}}, "comes with its type"},
		{"allows what is always there", []Role{{Name: "r", Allow: []string{"Query.site"}}}, "comes with its type"},
		{"allows a type without areas", []Role{{Name: "r", Allow: []string{"Viewer.*"}}}, "nothing to open"},
		{"allows an input field", []Role{{Name: "r", Allow: []string{"WorkbookFilter.name"}}}, "comes with its type"},
		{"argument", []Role{{Name: "r", Deny: []string{"View.image(size:)"}}}, "arguments and directives"},
		{"directive", []Role{{Name: "r", Deny: []string{"@rest"}}}, "arguments and directives"},
		{"wildcard on a scalar", []Role{{Name: "r", Deny: []string{"Moment.*"}}}, "has no fields"},
		{"wildcard on a union", []Role{{Name: "r", Deny: []string{"JobTarget.*"}}}, "has no fields"},
		{"value of an answer", []Role{{Name: "r", Deny: []string{"SiteRole.VIEWER"}}}, "answers hold values"},
		{"built-in scalar", []Role{{Name: "r", Deny: []string{"String"}}}, "no such area or type"},
		{"introspection", []Role{{Name: "r", Deny: []string{"Query.__schema"}}}, "has no"},
		{"introspection type", []Role{{Name: "r", Deny: []string{"__Type.fields"}}}, "no such area or type"},
		{"case", []Role{{Name: "r", Allow: []string{"catalog"}}}, "no such area or type"},
		{"empty entry", []Role{{Name: "r", Allow: []string{""}}}, "no such area or type"},
		{"empty field", []Role{{Name: "r", Deny: []string{"Workbook."}}}, "has no"},
		{"three parts", []Role{{Name: "r", Deny: []string{"Workbook.owner.name"}}}, "has no"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			_, err := New(testSchema(t), tt.roles)
			if err == nil || !strings.Contains(err.Error(), tt.want) {
				t.Errorf("New = %v, want an error with %q", err, tt.want)
			}
		})
	}
}

func TestDownloadOpensOnlyByName(t *testing.T) {
	t.Parallel()
	tests := []struct {
		name  string
		allow []string
		want  bool
	}{
		{"other areas", []string{"CATALOG", "CONTENT", "PEOPLE", "OPERATIONS"}, false},
		{"wildcard", []string{"CATALOG", "Workbook.*"}, false},
		{"type", []string{"CATALOG", "Workbook"}, false},
		{"area", []string{"CATALOG", "DOWNLOAD"}, true},
		{"field", []string{"CATALOG", "Workbook.download"}, true},
	}
	for _, tt := range tests {
		if got := testView(t, Role{Name: "r", Allow: tt.allow}).Has("Workbook.download"); got != tt.want {
			t.Errorf("%s: download is there: %v, want %v", tt.name, got, tt.want)
		}
	}
}

// TestPruning holds, for one thing denied, what else goes and what stays.
func TestPruning(t *testing.T) {
	t.Parallel()
	tests := []struct {
		name        string
		deny        []string
		gone, stays []string
	}{
		{
			"a field takes the filters and orders that read it",
			[]string{"User.name"},
			[]string{"User.name", "WorkbookFilter.ownerName", "WorkbookOrderField.OWNER_NAME", "UserFilter.name"},
			[]string{"User.email", "WorkbookFilter.ownerEmail", "UserFilter.email", "WorkbookFilter.name", "WorkbookOrderField.NAME"},
		},
		{
			"a filter reads what its list holds, though their names differ",
			[]string{"Hit.hitsTotal"},
			[]string{"SearchFilter", "Site.search(filter:)"},
			[]string{"Site.search", "Site.search(terms:)"},
		},
		{
			"a filter that reads nothing stays",
			[]string{"Workbook.name", "Workbook.owner", "Workbook.tags", "Workbook.sizeMB"},
			[]string{"WorkbookFilter.name", "WorkbookFilter.tags", "WorkbookFilter.sizeMB", "WorkbookOrder", "Site.workbooks(orderBy:)"},
			[]string{"WorkbookFilter.marks", "Site.workbooks(filter:)"},
		},
		{
			"a required argument takes its field",
			[]string{"Job.kind"},
			[]string{"JobOrderField", "Site.jobs", "Job", "JobTarget", "Outcome", "Success", "Failure"},
			[]string{"Site.workbooks", "HitTarget"},
		},
		{
			"a default that cannot be written takes its argument",
			[]string{"WorkbookOrderField.SIZE"},
			[]string{"Site.topWorkbooks"},
			[]string{"Workbook.sizeMB", "WorkbookOrderField.NAME"},
		},
		{
			"an input that loses what it requires goes",
			[]string{"WorkbookOrder.field"},
			[]string{"WorkbookOrder", "OrderDirection", "Site.workbooks(orderBy:)"},
			[]string{"WorkbookOrderField", "Site.topWorkbooks"},
		},
		{
			"a type takes the fields that return it, and its place in unions",
			[]string{"Group"},
			[]string{"Site.groups", "User.groups", "Group.name"},
			[]string{"User", "HitTarget"},
		},
		{
			"a type takes the Relay lists of it",
			[]string{"Workbook"},
			[]string{"WorkbookConnection", "Site.workbooks", "WorkbookFilter"},
			[]string{"Site", "Group"},
		},
		{
			"an interface loses what one of its objects lacks",
			[]string{"View.owner"},
			[]string{"Content.owner"},
			[]string{"Workbook.owner", "Content.name"},
		},
		{
			"a field of an interface stands for those of its objects",
			[]string{"Content.owner"},
			[]string{"Workbook.owner", "View.owner", "WorkbookFilter.ownerName"},
			[]string{"Job.startedBy"},
		},
		{
			"all fields of an interface take its objects",
			[]string{"Node.*"},
			[]string{"Node", "Query.node", "Workbook.id", "Site.id", "Content.id"},
			[]string{"Workbook.name", "Content.name", "Query.site"},
		},
		{
			"an interface alone leaves its objects",
			[]string{"Node"},
			[]string{"Node", "Query.node", "Query.nodes"},
			[]string{"Workbook.id", "Content"},
		},
		{
			"a union takes the fields that return it",
			[]string{"Outcome"},
			[]string{"Job.outcome", "Success", "Failure"},
			[]string{"Job.target"},
		},
		{
			"a scalar takes its fields",
			[]string{"Address"},
			[]string{"Workbook.url", "View.url", "Content.url", "Workbook.oldUrl", "Workbook.download", "View.image", "ImageSize"},
			[]string{"View.data"},
		},
		{
			"an input type takes the arguments and fields that use it",
			[]string{"WorkbookLookup", "NumberFilter"},
			[]string{"Site.workbook", "WorkbookFilter.sizeMB", "WorkbookFilter.marks", "Site.search(filter:)"},
			[]string{"Site.workbooks(filter:)", "Site.search"},
		},
		{
			"a kind in no field but of unions goes with the last of them",
			[]string{"Failure.reason", "Failure.notified"},
			[]string{"Failure"},
			[]string{"Success", "Outcome"},
		},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			allow := []string{"CATALOG", "CONTENT", "PEOPLE", "OPERATIONS", "DOWNLOAD"}
			if slices.Contains(tt.deny, "Workbook") { // of which all of DOWNLOAD is
				allow = allow[:4]
			}
			v := testView(t, Role{Name: "r", Allow: allow, Deny: tt.deny})
			for _, coord := range append(tt.gone, tt.deny...) {
				if v.Has(strings.TrimSuffix(coord, ".*")) {
					t.Errorf("%s is still there", coord)
				}
			}
			for _, coord := range tt.stays {
				if !v.Has(coord) {
					t.Errorf("%s is gone", coord)
				}
			}
			loadsAgain(t, v)
		})
	}
}

// TestPruningGoesOnUntilNothingIsLeftToDo holds what only a second round finds.
func TestPruningGoesOnUntilNothingIsLeftToDo(t *testing.T) {
	t.Parallel()
	schema := testSchema(t, preamble, `
		"Q." type Query {
			"X." xs("F." filter: XFilter): [X!] @area(name: ALWAYS)
			"T." thing: Thing @area(name: ALWAYS)
			"A." areas: [Area!] @area(name: ALWAYS)
			"Y." y: Y @area(name: CATALOG)
		}
		"M." scalar Moment
		"X." type X { "A." a: Int "W." when: Moment }
		"F." input XFilter { "A." a: Int "W." when: Int }
		"T." interface Thing { "I." id: ID! }
		"Y." type Y implements Thing { "I." id: ID! }`)
	p, err := New(schema, []Role{{Name: "r", Deny: []string{"Moment"}}})
	if err != nil {
		t.Fatal(err)
	}
	v, err := p.View([]string{"r"})
	if err != nil {
		t.Fatal(err)
	}
	for coord, want := range map[string]bool{
		"XFilter.a": true, "X.when": false, // it is of a type that is denied,
		"XFilter.when": false, // and so its filter goes
		"Y":            false, // no field that is left returns it,
		"Thing":        false, // so nothing is a Thing,
		"Query.thing":  false, // and nothing can be asked of one
		"Query.xs":     true,
	} {
		if v.Has(coord) != want {
			t.Errorf("Has(%s) = %v", coord, !want)
		}
	}
	// Here nothing but a field goes in the first round.
	p, err = New(schema, []Role{{Name: "r", Allow: []string{"CATALOG"}, Deny: []string{"Moment"}}})
	if err != nil {
		t.Fatal(err)
	}
	if v, err = p.View([]string{"r"}); err != nil {
		t.Fatal(err)
	}
	if v.Has("XFilter.when") || !v.Has("Query.thing") {
		t.Errorf("XFilter.when %v, Query.thing %v", v.Has("XFilter.when"), v.Has("Query.thing"))
	}
}
