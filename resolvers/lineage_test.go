package resolvers_test

import (
	"encoding/json"
	"slices"
	"strings"
	"testing"

	"vitrine/internal/policy"
	"vitrine/internal/tableausim"
	"vitrine/resolvers"
)

// askCalls asks with the number of calls to Tableau in the answer.
func askCalls(t *testing.T, w *world, user, query string) (answer *reply, calls map[string]int) {
	t.Helper()
	got, _ := w.send(t, t.Context(), user, ask{Query: query, Extensions: map[string]any{"vitrine": map[string]any{"calls": true}}})
	var body struct {
		Extensions struct {
			Vitrine struct{ Calls map[string]int }
		}
	}
	if err := json.Unmarshal(got.raw, &body); err != nil {
		t.Fatal(err)
	}
	return got, body.Extensions.Vitrine.Calls
}

func codesOf(r *reply) string {
	var codes []string
	for _, e := range r.Errors {
		code, _ := e.Extensions["code"].(string)
		codes = append(codes, code)
	}
	return strings.Join(codes, " ")
}

func TestLineageOfAHundredWorkbooksIsOneCall(t *testing.T) {
	t.Parallel()
	w := newWorld(t, tableausim.Config{APIVersion: "3.29", Workbooks: 200}, nil)
	answer, calls := askCalls(t, w, "alice", `{site(contentUrl: "") {workbooks(first: 100) {nodes {name upstreamDataSources {id luid name}}}}}`)
	if len(answer.Errors) > 0 || calls["POST metadata/graphql"] != 1 || len(calls) != 2 {
		t.Fatalf("%s\ncalls: %v", answer.raw, calls)
	}
	all, some := strings.Count(string(answer.raw), `"upstreamDataSources":[`), strings.Count(string(answer.raw), `"upstreamDataSources":[{`)
	if all != 100 || some < 3 {
		t.Errorf("%d workbooks, %d with data sources: %s", all, some, answer.raw)
	}
}

// The objects of lineage are those of the REST API, and a role that reads them there reads the rest
// of them.
func TestLineageJoinsTheGraph(t *testing.T) {
	t.Parallel()
	w := newWorld(t, tableausim.Config{APIVersion: "3.29"}, nil)
	answer, calls := askCalls(t, w, "alice", `{site(contentUrl: "") {
		dataSources(first: 50) {nodes {id name}}
		workbooks(first: 50) {nodes {id name
			upstreamDataSources {id name project {name} downstreamWorkbooks {id}}
			upstreamTables {id name} upstreamDatabases {id name} upstreamFlows {id}
			views {id upstreamDataSources {id}}}}}}`)
	if len(answer.Errors) > 0 {
		t.Fatalf("%s", answer.raw)
	}
	var body struct {
		Data struct {
			Site struct {
				DataSources struct{ Nodes []struct{ ID, Name string } }
				Workbooks   struct {
					Nodes []struct {
						ID                  string
						UpstreamDataSources []struct {
							ID, Name            string
							DownstreamWorkbooks []struct{ ID string }
						}
					}
				}
			}
		}
	}
	if err := json.Unmarshal(answer.raw, &body); err != nil {
		t.Fatal(err)
	}
	names := map[string]string{}
	for _, d := range body.Data.Site.DataSources.Nodes {
		names[d.ID] = d.Name
	}
	edges := 0
	for _, b := range body.Data.Site.Workbooks.Nodes {
		for _, d := range b.UpstreamDataSources {
			edges++
			if names[d.ID] != d.Name {
				t.Errorf("the data source %s is %q by REST and %q by lineage", d.ID, names[d.ID], d.Name)
			}
			if !slices.ContainsFunc(d.DownstreamWorkbooks, func(x struct{ ID string }) bool { return x.ID == b.ID }) {
				t.Errorf("%s is upstream of %s, which is not downstream of it", d.ID, b.ID)
			}
		}
	}
	if edges < 3 || calls["POST metadata/graphql"] > 6 {
		t.Errorf("%d edges, calls %v", edges, calls)
	}
}

func TestGapsOfLineageAreErrorsBesideTheData(t *testing.T) {
	t.Parallel()
	w := newWorld(t, tableausim.Config{APIVersion: "3.29"}, nil)
	const query = `{site(contentUrl: "") {workbooks(first: 100) {nodes {upstreamDataSources {luid}}}}}`
	for _, tt := range []struct {
		name  string
		how   tableausim.MetadataAPI
		codes string
		data  bool
	}{
		{"whole", tableausim.MetadataAPI{}, "", true},
		{"a limit", tableausim.MetadataAPI{Nodes: 5}, "TABLEAU_PARTIAL", true},
		{"its time", tableausim.MetadataAPI{TimeAfter: 5}, "TABLEAU_PARTIAL", true},
		{"its index", tableausim.MetadataAPI{Backfill: true}, "TABLEAU_PARTIAL", true},
		{"throttled", tableausim.MetadataAPI{Throttled: true}, "TABLEAU_RATE_LIMITED", false},
		{"off", tableausim.MetadataAPI{Disabled: true}, "TABLEAU_UNSUPPORTED", false},
		{"missing", tableausim.MetadataAPI{Missing: true}, "TABLEAU_UNSUPPORTED", false},
	} {
		w.sim.SetMetadataAPI(tt.how)
		answer := w.ask(t, "alice", query, nil)
		codes := codesOf(answer)
		if tt.data && codes != tt.codes || !tt.data && !strings.HasPrefix(codes, tt.codes) {
			t.Errorf("%s: %s", tt.name, answer.raw)
		}
		if has := strings.Contains(string(answer.raw), `"upstreamDataSources":[`); has != tt.data {
			t.Errorf("%s: data is %v: %s", tt.name, has, answer.raw)
		}
	}
}

// Databases, tables and formulas are in GOVERNANCE.
func TestLineageFollowsAreas(t *testing.T) {
	t.Parallel()
	roles, err := policy.New(resolvers.Schema(), []policy.Role{{Name: "everyone", Allow: []string{"CATALOG"}}})
	if err != nil {
		t.Fatal(err)
	}
	view, err := roles.View([]string{"everyone"})
	if err != nil {
		t.Fatal(err)
	}
	for coordinate, want := range map[string]bool{
		"Workbook.upstreamDataSources": true, "DataSource.downstreamWorkbooks": true, "DataSource.queryFields": true, "QueryField.caption": true,
		"Workbook.upstreamTables": false, "Workbook.upstreamDatabases": false, "DataSource.catalogFields": false, "CatalogField": false,
		"QueryField.formula": false, "DataSource.rows": false, "RowsQuery": false, "Table.downstreamWorkbooks": false,
	} {
		if got := view.Has(coordinate); got != want {
			t.Errorf("%s: %v", coordinate, got)
		}
	}
}

func TestCatalogFieldsHaveFormulas(t *testing.T) {
	t.Parallel()
	w := newWorld(t, tableausim.Config{APIVersion: "3.29"}, nil)
	answer, calls := askCalls(t, w, "alice", `{site(contentUrl: "") {dataSources(first: 50) {nodes {name catalogFields {name kind dataType role formula}}}}}`)
	if len(answer.Errors) > 0 || calls["POST metadata/graphql"] != 1 || !strings.Contains(string(answer.raw), `"kind":"CalculatedField"`) {
		t.Errorf("%s\ncalls: %v", answer.raw, calls)
	}
}
