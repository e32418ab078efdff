package resolvers_test

import (
	"fmt"
	"slices"
	"testing"

	"vitrine/internal/tableausim"
)

// TestFlowRunsHaveTrueTotalsAndPages reads runs of flows in pages of several sizes, of flows with
// as many runs as fit one page of Tableau's, one more and one less, and compares with what the
// stand-in really has.
func TestFlowRunsHaveTrueTotalsAndPages(t *testing.T) {
	t.Parallel()
	w := newWorld(t, tableausim.Config{}, nil)
	project := w.idOf("project")("", "Sales")
	flows := map[string]int{}
	for _, runs := range []int{0, 1, 99, 100, 101, 1000, 1001} {
		id, err := w.sim.AddFlow("", tableausim.Flow{Name: fmt.Sprintf("Runs %d", runs), Project: project, Owner: "alice"})
		if err == nil {
			err = w.sim.AddFlowRuns("", id, runs)
		}
		if err != nil {
			t.Fatal(err)
		}
		flows[id] = runs
	}
	const selection = `{ totalCount pageInfo { hasNextPage endCursor } nodes { luid } }`
	read := func(query string, variables map[string]any, path ...string) (seen []string) {
		total := -1
		for {
			got := w.ask(t, "carol", query, variables)
			if len(got.Errors) > 0 {
				t.Fatalf("%v: %s", variables, got.Errors[0].Message)
			}
			list := got.Data["site"].(map[string]any)
			for _, name := range path {
				list = list[name].(map[string]any)
			}
			n, known := list["totalCount"].(float64)
			if !known || total >= 0 && int(n) != total {
				t.Fatalf("%v: a total of %v after %d", variables, list["totalCount"], total)
			}
			total = int(n)
			for _, node := range list["nodes"].([]any) {
				seen = append(seen, node.(map[string]any)["luid"].(string))
			}
			info := list["pageInfo"].(map[string]any)
			if info["hasNextPage"] != true {
				break
			}
			variables["after"] = info["endCursor"]
		}
		unique := slices.Clone(seen)
		slices.Sort(unique)
		if len(slices.Compact(unique)) != len(seen) || total != len(seen) && variables["first"] != 0 {
			t.Errorf("%v: %d items, %d of them different, total %d", variables, len(seen), len(slices.Compact(unique)), total)
		}
		return seen
	}
	sum := 0
	for id, runs := range flows {
		sum += runs
		for _, first := range []int{1, 99, 100, 101, 1000, 1001} {
			if runs/first > 20 {
				continue
			}
			filtered := read(`query($luid: LUID!, $first: Int!, $after: String) { site { flowRuns(first: $first, after: $after, filter: {flowLuid: {eq: $luid}}) `+selection+` } }`,
				map[string]any{"luid": id, "first": first}, "flowRuns")
			below := read(`query($luid: LUID!, $first: Int!, $after: String) { site { flow(by: {luid: $luid}) { runs(first: $first, after: $after) `+selection+` } } }`,
				map[string]any{"luid": id, "first": first}, "flow", "runs")
			if len(filtered) != runs || !slices.Equal(filtered, below) {
				t.Errorf("a flow with %d runs, %d at a time: %d by filter, %d below the flow", runs, first, len(filtered), len(below))
			}
		}
	}
	all := read(`query($first: Int!, $after: String) { site { flowRuns(first: $first, after: $after) `+selection+` } }`, map[string]any{"first": 1000}, "flowRuns")
	if len(all) < sum {
		t.Errorf("%d runs in all, of %d that are certain", len(all), sum)
	}
}

// TestRunsOfFlowsThatAreNotThere have no total above zero, and take nothing away from the runs of
// others.
func TestRunsOfFlowsThatAreNotThere(t *testing.T) {
	t.Parallel()
	w := newWorld(t, tableausim.Config{}, nil)
	query := `query($luids: [LUID!]!) { site { flowRuns(first: 100, filter: {flowLuid: {in: $luids}}) { totalCount nodes { flow { luid } } } } }`
	count := func(luids ...any) float64 {
		got := w.ask(t, "carol", query, map[string]any{"luids": luids})
		if len(got.Errors) > 0 {
			t.Fatal(got.Errors[0].Message)
		}
		return got.Data["site"].(map[string]any)["flowRuns"].(map[string]any)["totalCount"].(float64)
	}
	const nobody = "00000000-0000-4000-8000-000000000000"
	known := w.sim.Seen("", "carol", "flows")[0]
	if some := count(known); some == 0 || count(nobody) != 0 || count(known, nobody) != some {
		t.Errorf("%v runs, %v of a flow that is not there, %v of both", some, count(nobody), count(known, nobody))
	}
}
