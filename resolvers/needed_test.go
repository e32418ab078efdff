package resolvers_test

import (
	"context"
	"fmt"
	"maps"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"vitrine/graph"
	"vitrine/internal/exec"
	"vitrine/internal/graphqlhttp"
	"vitrine/internal/tableau"
	"vitrine/internal/tableausim"
	"vitrine/resolvers"
)

// TestAnswersDoNotDependOnWhatIsRead asks for each field that lets answers be read in part, alone
// and beside others: the answer and the calls are those of answers that are read whole.
func TestAnswersDoNotDependOnWhatIsRead(t *testing.T) {
	t.Parallel()
	var config resolvers.Config
	known := false
	inPart := newWorld(t, tableausim.Config{}, func(c *resolvers.Config) {
		config = *c
		c.Change = func(r *graphqlhttp.Resolvers, _ graph.ResolverRoot) {
			planned := r.Planned
			r.Planned = func(ctx context.Context, plan *exec.Plan) {
				known = resolvers.NeededBy(plan) != any((*tableau.Needed)(nil))
				planned(ctx, plan)
			}
		}
	})
	config.Change = func(r *graphqlhttp.Resolvers, _ graph.ResolverRoot) { r.Planned = nil }
	whole := &world{handler: resolvers.New(config)}
	fields := map[string][]string{}
	for kind, needed := range resolvers.ReadBy {
		for _, name := range slices.Sorted(maps.Keys(needed)) {
			fields[kind] = append(fields[kind], selected(kind, name))
		}
	}
	compare := func(workbook, view string) {
		t.Helper()
		query := fmt.Sprintf(`{ site(contentUrl: "") {
			workbooks(first: 3) { totalCount nodes { %[1]s } }
			views(first: 3) { edges { node { %[2]s } } }
			projects(first: 3) { nodes { owner { name } workbooks(first: 2) { nodes { %[1]s v: views { %[2]s } } } views(first: 2) { nodes { %[2]s } } } }
		} }`, workbook, view)
		got, want := inPart.ask(t, "carol", query, nil), whole.ask(t, "carol", query, nil)
		if d := cmp.Diff(want.Data, got.Data) + cmp.Diff(want.Extensions, got.Extensions); d != "" || len(want.Errors)+len(got.Errors) > 0 || !known {
			t.Errorf("known %v (-whole +in part):\n%s\n%s\n%.300s", known, d, query, want.raw)
		}
	}
	for _, workbook := range fields[tableau.KindWorkbook] {
		compare(workbook, "id")
	}
	for _, view := range fields[tableau.KindView] {
		compare("luid", view)
		compare("name owner { name } project { name }", view)
	}
	compare(strings.Join(fields[tableau.KindWorkbook], " "), strings.Join(fields[tableau.KindView], " "))
}

// selected is a field with a selection of its own, where it needs one.
func selected(kind, name string) string {
	types := graph.NewTypes(&resolvers.Resolver{})
	below := ""
	types.Each(func(o *exec.Object, f *exec.Field) {
		if o.Name != kind || f.Name != name || f.Type == "" {
			return
		}
		below = map[string]string{
			"User": "{ name luid siteRole }", "Project": "{ name luid }", "Location": "{ name typeRaw }", "Tag": "{ label }",
			"Site": "{ contentUrl }", "View": "{ name viewCount }", "Workbook": "{ name tags { label } }",
		}[f.Type]
	})
	return name + below
}
