package resolvers

import (
	"bytes"
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"testing"

	"github.com/santhosh-tekuri/jsonschema/v6"

	"vitrine/graph"
)

// queriesOf are queries with every kind of column, condition and parameter that a version has.
func queriesOf(api string) []graph.RowsQuery {
	one, two, day, text, number := 1.0, 2.0, "2025-01-31", "a", int32(3)
	sum, year, desc := graph.AggregateSum, graph.DateLevelTruncMonth, graph.OrderDirectionDesc
	queries := []graph.RowsQuery{{Columns: []*graph.RowsColumnInput{{Field: "Region"}, {Field: "Sales", Aggregate: &sum, Decimals: &number, Sort: &desc}, {Field: "Order Date", DateLevel: &year}}}}
	for _, a := range graph.AllAggregate {
		if a != graph.AggregateDefault || api != "3.25" {
			queries = append(queries, graph.RowsQuery{Columns: []*graph.RowsColumnInput{{Field: "Sales", Aggregate: &a}}})
		}
	}
	for _, l := range graph.AllDateLevel {
		queries = append(queries, graph.RowsQuery{Columns: []*graph.RowsColumnInput{{Field: "Order Date", DateLevel: &l}}})
	}
	conditions := []*graph.RowsCondition{
		{In: &graph.InCondition{Field: "f", Values: []*string{&text, nil}, Exclude: true}},
		{In: &graph.InCondition{Field: "f", Numbers: []float64{one, two}}},
		{Match: &graph.MatchCondition{Field: "f", StartsWith: &text, Contains: &text, EndsWith: &text, Exclude: true}},
		{Range: &graph.NumberCondition{Field: "f", Min: &one, Max: &two, IncludeNull: true}},
		{Range: &graph.NumberCondition{Field: "f", Min: &one, Aggregate: &sum}},
		{Range: &graph.NumberCondition{Field: "f", Max: &one}},
		{Range: &graph.NumberCondition{Field: "f"}},
		{Range: &graph.NumberCondition{Field: "f", IncludeNull: true}},
		{Dates: &graph.DateCondition{Field: "f", Min: &day, Max: &day}},
		{Dates: &graph.DateCondition{Field: "f", Max: &day, IncludeNull: true}},
		{Top: &graph.TopCondition{Field: "f", N: 3, By: "Sales", Aggregate: graph.AggregateCountDistinct, Smallest: true}},
	}
	for _, period := range graph.AllDatePeriod {
		for _, dates := range graph.AllDateRange {
			c := &graph.RelativeDateCondition{Field: "f", Period: period, Range: dates, Anchor: &day}
			if dates == graph.DateRangeLastN || dates == graph.DateRangeNextN {
				c.N = &number
			}
			conditions = append(conditions, &graph.RowsCondition{Relative: c})
		}
	}
	for _, c := range conditions {
		queries = append(queries, graph.RowsQuery{Columns: []*graph.RowsColumnInput{{Field: "Region"}}, Where: []*graph.RowsCondition{c}})
	}
	if api != "3.25" && api != "3.26" {
		queries = append(queries, graph.RowsQuery{
			Columns:    []*graph.RowsColumnInput{{Field: "Region"}},
			Parameters: []*graph.RowsParameterInput{{Parameter: "p", Text: &text}, {Parameter: "q", Number: &one}},
		})
	}
	return queries
}

// TestRequestsFollowTheOpenAPIDocuments validates each request against the document of its version:
// those before do not know what came later, and refuse it.
func TestRequestsFollowTheOpenAPIDocuments(t *testing.T) {
	t.Parallel()
	dir := os.Getenv("VITRINE_RECORDED")
	if dir == "" {
		t.Skip("SKIPPED: VITRINE_RECORDED names no directory of recorded answers")
	}
	for api, version := range map[string]string{"3.25": "20251.0", "3.26": "20252.0", "3.27": "20253.0", "3.28": "20261.0"} {
		text, err := os.ReadFile(filepath.Join(dir, "next", "vds", "openapi-"+version+".json"))
		if err != nil {
			t.Fatal(err)
		}
		doc, err := jsonschema.UnmarshalJSON(bytes.NewReader(text))
		if err != nil {
			t.Fatal(err)
		}
		compiler := jsonschema.NewCompiler()
		if err := compiler.AddResource("vds.json", doc); err != nil {
			t.Fatal(err)
		}
		schemaOf := func(name string) *jsonschema.Schema {
			return compiler.MustCompile("vds.json#/components/schemas/" + name)
		}
		request := schemaOf("QueryRequest")
		filters := map[string]*jsonschema.Schema{}
		for kind, name := range map[string]string{
			"SET": "SetFilter", "MATCH": "MatchFilter", "QUANTITATIVE_NUMERICAL": "QuantitativeNumericalFilter",
			"QUANTITATIVE_DATE": "QuantitativeDateFilter", "DATE": "RelativeDateFilter",
		} { // the documents ask of TOP for a member "howMany, fieldToMeasure", which is a slip
			filters[kind] = schemaOf(name)
		}
		for i, in := range queriesOf(api) {
			checkRequest(t, fmt.Sprintf("%s, query %d", version, i), in, api, request, filters)
		}
	}
}

func checkRequest(t *testing.T, name string, in graph.RowsQuery, api string, request *jsonschema.Schema, filters map[string]*jsonschema.Schema) {
	t.Helper()
	q, err := rowsQuery(in)
	if err != nil {
		t.Errorf("%s: %v", name, err)
		return
	}
	body, err := rowsRequestFor(q, api)
	if err != nil {
		t.Fatal(err)
	}
	sent, err := jsonschema.UnmarshalJSON(bytes.NewReader(body))
	if err != nil {
		t.Fatal(err)
	}
	if err := request.Validate(sent); err != nil {
		t.Errorf("%s: %s\n%v", name, body, err)
	}
	var parts struct {
		Query   struct{ Filters []map[string]any }
		Options map[string]any
	}
	if err := json.Unmarshal(body, &parts); err != nil {
		t.Fatal(err)
	}
	for _, f := range parts.Query.Filters {
		if schema := filters[f["filterType"].(string)]; schema != nil {
			if err := schema.Validate(any(f)); err != nil {
				t.Errorf("%s: %s\n%v", name, body, err)
			}
		}
	}
	if _, limited := parts.Options["rowLimit"]; limited != (api == "3.28") || parts.Options["returnFormat"] != "ARRAYS" {
		t.Errorf("%s: options are %v", name, parts.Options)
	}
}
