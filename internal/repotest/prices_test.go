package repotest

import (
	"path/filepath"
	"strings"
	"testing"

	"github.com/vektah/gqlparser/v2/ast"
	"github.com/vektah/gqlparser/v2/parser"

	"vitrine/internal/config"
	"vitrine/internal/policy"
	"vitrine/internal/server"
	"vitrine/test/harness"
)

// frontendQueries are the queries of a portal; test/frontends runs them with the usual clients.
const frontendQueries = "test/frontends/queries"

// TestQueriesOfFrontEndsPassTheDefaultLimits holds that what the documents show, and what a portal
// asks, is not refused as too costly, even for a caller with every area.
func TestQueriesOfFrontEndsPassTheDefaultLimits(t *testing.T) {
	t.Parallel()
	view := wholeView(t)
	limits := config.Default().Limits
	seen := 0
	for source, text := range queriesOfFrontEnds(t) {
		doc, err := parser.ParseQuery(&ast.Source{Name: source, Input: text})
		if err != nil {
			t.Errorf("%s: %v", source, err)
			continue
		}
		if errs := view.Validate(doc); len(errs) > 0 {
			t.Errorf("%s: %v", source, errs)
			continue
		}
		for _, operation := range doc.Operations {
			seen++
			price, _ := view.Price(operation, nil)
			if price.Points > limits.Cost || price.Fields > maxFields {
				t.Errorf("%s, %s: %d points and %d fields, the limits are %d and %d", source, operation.Name, price.Points, price.Fields, limits.Cost, maxFields)
			}
		}
	}
	if seen < 50 {
		t.Errorf("only %d queries were found", seen)
	}
}

// maxFields is how many fields the guide says that a response may have.
const maxFields = 500_000

// A tree of projects is one list in Tableau, and is priced as such however deep it is.
func TestTreeOfProjectsIsNoProductOfItsLevels(t *testing.T) {
	t.Parallel()
	view := wholeView(t)
	for query, most := range map[string]int{
		"{site{projects{nodes{children{nodes{children{nodes{name}}}}}}}}":                                                         31_000,
		"{site{projects{edges{node{children{edges{node{children{edges{node{name}}}}}}}}}}}":                                       51_000,
		"{site{projects{nodes{children{nodes{children{nodes{children{nodes{children{nodes{name}}}}}}}}}}}}":                       71_000,
		"{site{projects{nodes{...p}}}} fragment p on Project{children{nodes{...q}}} fragment q on Project{children{nodes{name}}}": 31_000,
		"{site{projects{nodes{workbooks{nodes{name views{name}}} children{nodes{workbooks{nodes{name views{name}}}}}}}}}":         260_000,
	} {
		if price := priceOf(t, view, query); price.Points > most {
			t.Errorf("%s: %d points, want at most %d", query, price.Points, most)
		}
	}
	// Where a project is in the answer several times, so are its children; and what is asked for is
	// paid for.
	for query, least := range map[string]int{
		"{site{workbooks{nodes{project{children{nodes{name}}}}}}}":                              100 * 100,
		"{site{workbooks{nodes{project{children{nodes{children{nodes{name}}}}}}}}}":             100 * 10_000,
		"{site{projects{nodes{children(first:100){nodes{children(first:100){nodes{name}}}}}}}}": 100 * 100 * 100,
		"{site{projects(first:1000){nodes{parent{children{nodes{name}}}}}}}":                    1000 * 100,
		`{nodes(ids:["a","a"]){... on Project{children{nodes{children{nodes{name}}}}}}}`:        2 * 10_000,
	} {
		if price := priceOf(t, view, query); price.Points < least {
			t.Errorf("%s: %d points, want at least %d", query, price.Points, least)
		}
	}
}

func priceOf(t *testing.T, view *policy.View, query string) policy.Price {
	t.Helper()
	doc, err := parser.ParseQuery(&ast.Source{Input: query})
	if err != nil {
		t.Fatal(err)
	}
	if errs := view.Validate(doc); len(errs) > 0 {
		t.Fatalf("%s: %v", query, errs)
	}
	price, _ := view.Price(doc.Operations[0], nil)
	return price
}

// wholeView is what a caller with every area sees.
func wholeView(t *testing.T) *policy.View {
	t.Helper()
	settings := config.Default()
	settings.Roles = []config.Role{{Name: "all", Allow: schemaAreas()}}
	roles, err := server.NewPolicy(settings)
	if err != nil {
		t.Fatal(err)
	}
	view, err := roles.View([]string{"all"})
	if err != nil {
		t.Fatal(err)
	}
	return view
}

// queriesOfFrontEnds are the queries of the guide and of a portal, by where they are.
func queriesOfFrontEnds(t *testing.T) map[string]string {
	t.Helper()
	queries := map[string]string{}
	guide := harness.ReadFile(t, "docs/guide-frontend.md")
	for i, block := range strings.Split(guide, "```graphql\n")[1:] {
		text, _, _ := strings.Cut(block, "```")
		queries["docs/guide-frontend.md, query "+string(rune('0'+i/10))+string(rune('0'+i%10))] = text
	}
	files, err := filepath.Glob(frontendQueries + "/*.graphql")
	if err != nil {
		t.Fatal(err)
	}
	for _, file := range files {
		queries[file] = harness.ReadFile(t, file)
	}
	return queries
}
