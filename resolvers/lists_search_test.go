package resolvers_test

import (
	"fmt"
	"maps"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"
	"pgregory.net/rapid"

	"vitrine/internal/tableausim"
)

// hits reads a search to its end in pages of this size.
func hits(t failer, test testing.TB, w *world, user string, first int, variables map[string]any) (all []item, total int) {
	t.Helper()
	for after := any(nil); ; {
		asked := map[string]any{"first": first, "after": after}
		for name, value := range variables {
			asked[name] = value
		}
		got := w.ask(test, user, `query($terms: String, $first: Int!, $after: String, $filter: SearchFilter, $orderBy: [SearchOrder!]) {
			site { search(terms: $terms, first: $first, after: $after, filter: $filter, orderBy: $orderBy) {
				totalCount pageInfo { hasNextPage endCursor }
				nodes { type typeRaw title ownerName containerName updatedAt viewCount lastMonthViewCount lastThreeMonthsViewCount lastYearViewCount }
			} }
		}`, asked)
		if len(got.Errors) > 0 {
			t.Fatalf("%s: %s", spelled(asked), got.raw)
		}
		page := got.Data["site"].(map[string]any)["search"].(map[string]any)
		for _, node := range page["nodes"].([]any) {
			all = append(all, item(node.(map[string]any)))
		}
		total = int(page["totalCount"].(float64))
		info := page["pageInfo"].(map[string]any)
		if info["hasNextPage"] != true {
			return all, total
		}
		after = info["endCursor"]
	}
}

// TestSearchesSayWhatTheWholeSearchSays asks searches with random filters, orders and pages, and
// compares with all hits of the same words: the same hits, ordered as asked, and the same total.
func TestSearchesSayWhatTheWholeSearchSays(t *testing.T) {
	t.Parallel()
	orders := map[string]string{
		"VIEW_COUNT": "viewCount", "LAST_MONTH_VIEW_COUNT": "lastMonthViewCount", "LAST_THREE_MONTHS_VIEW_COUNT": "lastThreeMonthsViewCount", "LAST_YEAR_VIEW_COUNT": "lastYearViewCount",
	}
	terms := []any{nil, "", "sales", "Overview", "o", "R&D", "100 % Müller", `The "big" one`, "Costs, by month", "nothing has this name", "日本"}
	for _, user := range []string{"carol", "bob"} {
		t.Run(user, func(t *testing.T) {
			t.Parallel()
			w := edgeCaseWorld(t, tableausim.Config{APIVersion: "3.29"})
			whole := map[any][]item{}
			for _, words := range terms {
				whole[words], _ = hits(t, t, w, user, 1000, map[string]any{"terms": words})
			}
			if len(whole[nil]) < 100 || len(whole["sales"]) < 5 || len(whole["nothing has this name"]) > 0 {
				t.Fatalf("%d hits in all, %d of sales", len(whole[nil]), len(whole["sales"]))
			}
			rapid.Check(t, func(rt *rapid.T) {
				c := chooser{rt}
				words := terms[c.IntN(len(terms))]
				all := whole[words]
				filter, keep := searchFilter(c, all)
				want := slices.DeleteFunc(slices.Clone(all), func(i item) bool { return !keep(i) })
				variables, by, direction := map[string]any{"terms": words, "filter": filter}, "", "ASC"
				if c.IntN(2) == 0 {
					name := slices.Sorted(maps.Keys(orders))[c.IntN(len(orders))]
					direction = []string{"ASC", "DESC"}[c.IntN(2)]
					by, variables["orderBy"] = orders[name], []any{map[string]any{"field": name, "direction": direction}}
				}
				first := []int{1, 7, 50, 100, 1000}[c.IntN(5)]
				if len(want) > 20*first {
					first = 100
				}
				got, total := hits(rt, t, w, user, first, variables)
				if total != len(want) {
					rt.Fatalf("%s: a total of %d, want %d", spelled(variables), total, len(want))
				}
				if by != "" {
					checkOrder(rt, got, by, direction)
					sortHits(got)
					sortHits(want)
				}
				if diff := cmp.Diff(want, got, cmpopts.EquateEmpty()); diff != "" {
					rt.Fatalf("%s in pages of %d (-want +got):\n%s", spelled(variables), first, diff)
				}
			})
		})
	}
}

// searchFilter draws a filter, and says which hits pass it.
func searchFilter(c chooser, all []item) (filter map[string]any, keep func(item) bool) {
	filter = map[string]any{}
	kinds := []any{"WORKBOOK", "VIEW", "DATA_SOURCE", "PROJECT", "FLOW", "COLLECTION", "VIRTUAL_CONNECTION"}
	var tests []func(item) bool
	switch c.IntN(4) {
	case 0:
		kind := kinds[c.IntN(len(kinds))]
		filter["type"] = map[string]any{"eq": kind}
		tests = append(tests, func(i item) bool { return i["type"] == kind })
	case 1:
		var in []any
		for range c.IntN(4) {
			in = append(in, kinds[c.IntN(len(kinds))])
		}
		filter["type"] = map[string]any{"in": append([]any{}, in...)}
		tests = append(tests, func(i item) bool { return slices.Contains(in, i["type"]) })
	}
	if len(all) > 0 && c.IntN(2) == 0 {
		bounds := map[string]any{}
		for _, op := range []string{"gt", "gte", "lt", "lte"}[c.IntN(3):] {
			if c.IntN(2) == 0 {
				continue
			}
			at := asTime(all[c.IntN(len(all))]["updatedAt"]).Truncate(time.Second)
			bounds[op] = at.Format(time.RFC3339)
			tests = append(tests, func(i item) bool { return i["updatedAt"] != nil && ordered(op, asTime(i["updatedAt"]).Compare(at)) })
		}
		filter["updatedAt"] = bounds
	}
	return filter, func(i item) bool {
		return !slices.ContainsFunc(tests, func(holds func(item) bool) bool { return !holds(i) })
	}
}

func checkOrder(t failer, got []item, by, direction string) {
	t.Helper()
	for i := 1; i < len(got); i++ {
		a, _ := got[i-1][by].(float64)
		b, _ := got[i][by].(float64)
		if direction == "ASC" && a > b || direction == "DESC" && a < b {
			t.Fatalf("%s %s: hit %d has %v, the next %v", by, direction, i-1, a, b)
		}
	}
}

func sortHits(all []item) {
	slices.SortFunc(all, func(a, b item) int { return strings.Compare(fmt.Sprint(a), fmt.Sprint(b)) })
}
