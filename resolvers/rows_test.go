package resolvers_test

import (
	"context"
	"encoding/json"
	"strings"
	"testing"
	"time"

	"vitrine/auth"
	"vitrine/internal/budget"
	"vitrine/internal/tableausim"
	"vitrine/resolvers"
)

func rowsOf(query string) string {
	return `{site(contentUrl: "") {dataSources(first: 1, filter: {name: {eq: "Orders"}}) {nodes {rows(` + query + `) {isComplete incompleteReason columns {field aggregate} rows}}}}}`
}

// rowsReply is an answer to a query to data.
type rowsReply struct {
	IsComplete       bool
	IncompleteReason *string
	Rows             [][]*string
}

// decodedRows returns the rows of the one data source of an answer.
func decodedRows(t *testing.T, r *reply) (rows rowsReply) {
	t.Helper()
	var body struct {
		Data struct {
			Site struct {
				DataSources struct {
					Nodes []struct{ Rows json.RawMessage }
				}
			}
		}
	}
	if err := json.Unmarshal(r.raw, &body); err != nil || len(body.Data.Site.DataSources.Nodes) != 1 {
		t.Fatalf("%v: %s", err, r.raw)
	}
	if err := json.Unmarshal(body.Data.Site.DataSources.Nodes[0].Rows, &rows); err != nil {
		t.Fatal(err)
	}
	return rows
}

func TestRowsAreGroupedAndSaySoWhereSomeAreMissing(t *testing.T) {
	t.Parallel()
	w := newWorld(t, tableausim.Config{APIVersion: "3.29"}, nil)
	fields := w.ask(t, "alice", `{site(contentUrl: "") {dataSources(first: 1, filter: {name: {eq: "Orders"}}) {nodes {queryFields {caption dataType defaultAggregation kind} queryParameters {caption} model {tables {id caption}}}}}}`, nil)
	if len(fields.Errors) > 0 {
		t.Fatalf("%s", fields.raw)
	}
	all := w.ask(t, "alice", rowsOf(`query: {columns: [{field: "Region", sort: ASC}, {field: "Sales", aggregate: SUM, decimals: 2}]}`), nil)
	if len(all.Errors) > 0 {
		t.Fatalf("%s\n%s", all.raw, fields.raw)
	}
	rows := decodedRows(t, all)
	if !rows.IsComplete || len(rows.Rows) < 2 {
		t.Fatalf("%s", all.raw)
	}
	one := decodedRows(t, w.ask(t, "alice", rowsOf(`query: {columns: [{field: "Region", sort: ASC}]}, first: 1`), nil))
	if one.IsComplete || one.IncompleteReason == nil || *one.IncompleteReason != "MORE_ROWS" || len(one.Rows) != 1 {
		t.Errorf("one row of several: %+v", one)
	}
	w.sim.SetVizQLDataService(tableausim.VizQLDataService{BreakAfter: 1})
	broken := w.ask(t, "alice", rowsOf(`query: {columns: [{field: "Region"}]}`), nil)
	if got := decodedRows(t, broken); got.IsComplete || *got.IncompleteReason != "BROKEN_OFF" || codesOf(broken) != "TABLEAU_PARTIAL" {
		t.Errorf("broken off: %s", broken.raw)
	}
}

func TestQueriesThatTableauWouldRefuseAreBadInput(t *testing.T) {
	t.Parallel()
	w := newWorld(t, tableausim.Config{APIVersion: "3.29"}, nil)
	for query, want := range map[string]string{
		`query: {columns: []}`:                                                                                                              "query.columns has 0 columns",
		`query: {columns: [{field: ""}]}`:                                                                                                   "query.columns[0] needs the caption",
		`query: {columns: [{field: "Region"}, {field: "Region"}]}`:                                                                          "query.columns[1] is there twice",
		`query: {columns: [{field: "R", aggregate: SUM, dateLevel: DAY}]}`:                                                                  "set one of them",
		`query: {columns: [{field: "Region"}]}, first: 0`:                                                                                   "first is 0",
		`query: {columns: [{field: "Region"}], where: [{in: {field: "Region", values: []}}]}`:                                               "has 0 values",
		`query: {columns: [{field: "Region"}], where: [{match: {field: "Region"}}]}`:                                                        "needs startsWith",
		`query: {columns: [{field: "Region"}], where: [{dates: {field: "Order Date", min: "2025-13-01"}}]}`:                                 "YYYY-MM-DD",
		`query: {columns: [{field: "Region"}], where: [{range: {field: "Sales", min: 2, max: 1}}]}`:                                         "min is greater",
		`query: {columns: [{field: "Region"}], where: [{in: {field: "Region", values: ["a"]}}, {match: {field: "Region", contains: "a"}}]}`: "second condition",
		`query: {columns: [{field: "Region"}], where: [{top: {field: "Region", n: 0, by: "Sales"}}]}`:                                       "n is 0",
		`query: {columns: [{field: "Sals"}]}`:                                                                                               `does not accept the field \"Sals\"`,
	} {
		answer := w.ask(t, "alice", rowsOf(query), nil)
		if codesOf(answer) != "BAD_USER_INPUT" || !strings.Contains(string(answer.raw), want) {
			t.Errorf("%s: %s", query, answer.raw)
		}
	}
}

func TestOneCallersQueriesToDataLeaveTheOthersTheirs(t *testing.T) {
	t.Parallel()
	used := map[string]int{}
	w := newWorld(t, tableausim.Config{APIVersion: "3.29"}, func(c *resolvers.Config) {
		c.Budget = budget.New("person", 10_000, nil, nil)
		c.DataQueries = func(_ context.Context, id *auth.Identity, site string, n int) (resolvers.DataQueryQuota, bool) {
			q := resolvers.DataQueryQuota{Limit: 2, Reset: time.Unix(0, 0), In: time.Hour}
			if q.Refused = used[id.Username+site]+n > q.Limit; !q.Refused {
				used[id.Username+site] += n
			}
			q.Used = used[id.Username+site]
			return q, true
		}
	})
	query := rowsOf(`query: {columns: [{field: "Region"}]}`)
	var codes []string
	for _, user := range []string{"alice", "alice", "alice", "carol"} {
		codes = append(codes, codesOf(w.ask(t, user, query, nil)))
	}
	if got := strings.Join(codes, ","); got != ",,TABLEAU_RATE_LIMITED," {
		t.Errorf("codes are %s", got)
	}
	limit := w.ask(t, "alice", `{site(contentUrl: "") {dataQueryLimit {limit used remaining}}}`, nil)
	if !strings.Contains(string(limit.raw), `{"limit":2,"used":2,"remaining":0}`) {
		t.Errorf("%s", limit.raw)
	}
	for user, want := range map[string]string{
		"alice": `[{"contentUrl":"","limit":2,"used":2,"remaining":0},{"contentUrl":"marketing","limit":2,"used":0,"remaining":2}`,
		"carol": `[{"contentUrl":"","limit":2,"used":1,"remaining":1},{"contentUrl":"marketing","limit":2,"used":0,"remaining":2}`,
	} {
		all := w.ask(t, user, `{rateLimit {dataQueries {contentUrl limit used remaining}}}`, nil)
		if !strings.Contains(string(all.raw), want) {
			t.Errorf("%s", all.raw)
		}
	}
}

// What is not sent is not counted, and what Tableau refuses has a code of its own.
func TestQueriesToDataThatTableauDoesNotTake(t *testing.T) {
	t.Parallel()
	sent := 0
	count := func(c *resolvers.Config) {
		c.DataQueries = func(_ context.Context, _ *auth.Identity, _ string, n int) (resolvers.DataQueryQuota, bool) {
			sent += n
			return resolvers.DataQueryQuota{Limit: 100, Used: sent}, true
		}
	}
	old := newWorld(t, tableausim.Config{APIVersion: "3.25"}, count)
	for _, query := range []string{
		`query: {columns: [{field: "Profit Ratio", aggregate: DEFAULT}]}`,
		`query: {columns: [{field: "Region"}], where: [{top: {field: "Region", n: 1, by: "Profit Ratio", aggregate: DEFAULT}}]}`,
		`query: {columns: [{field: "Region"}], parameters: [{parameter: "P", number: 1}]}`,
	} {
		if answer := old.ask(t, "alice", rowsOf(query), nil); codesOf(answer) != "TABLEAU_UNSUPPORTED" {
			t.Errorf("%s: %s", query, answer.raw)
		}
	}
	if sent != 0 {
		t.Errorf("%d queries are counted that were not sent", sent)
	}
	w := newWorld(t, tableausim.Config{APIVersion: "3.29"}, nil)
	query := rowsOf(`query: {columns: [{field: "Region"}]}`)
	if answer := w.ask(t, "carol", query, nil); codesOf(answer) != "" { // the one query of a quota of one
		t.Fatalf("%s", answer.raw)
	}
	for code, how := range map[string]tableausim.VizQLDataService{
		"TABLEAU_RATE_LIMITED": {Quota: 1}, "TABLEAU_UNSUPPORTED": {Off: true}, "TABLEAU_TIMEOUT": {Timeout: true},
	} {
		w.sim.SetVizQLDataService(how)
		answer, calls := askCalls(t, w, "alice", query)
		if codesOf(answer) != code || calls["POST v1/vizql-data-service/query-datasource"] != 1 {
			t.Errorf("%s: %s, calls %v", code, answer.raw, calls)
		}
	}
}
