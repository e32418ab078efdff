package resolvers_test

import (
	"cmp"
	"fmt"
	"math"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"pgregory.net/rapid"

	"vitrine/internal/tableausim"
)

// plainText is a value as rows have it; nil for null.
func plainText(v any) *string {
	var text string
	switch v := v.(type) {
	case nil:
		return nil
	case time.Time:
		text = v.Format(time.DateOnly)
	case float64:
		text = strconv.FormatFloat(v, 'g', -1, 64)
	default:
		text = fmt.Sprint(v)
	}
	return &text
}

// keyOfCells is a key of some cells, by which null and an empty text differ.
func keyOfCells(cells []*string) string {
	var b strings.Builder
	for _, c := range cells {
		if c == nil {
			b.WriteString("null,")
			continue
		}
		fmt.Fprintf(&b, "%q,", *c)
	}
	return b.String()
}

// plainAggregate aggregates values one after another; nil for no value.
func plainAggregate(name string, values []any) *float64 {
	var numbers []float64
	distinct := map[string]bool{}
	for _, v := range values {
		if text := plainText(v); text != nil {
			distinct[*text] = true
			n, _ := strconv.ParseFloat(*text, 64)
			numbers = append(numbers, n)
		}
	}
	sum := 0.0
	for _, n := range numbers {
		sum += n
	}
	result := sum
	switch {
	case name == "COUNT":
		result = float64(len(numbers))
	case name == "COUNT_DISTINCT":
		result = float64(len(distinct))
	case len(numbers) == 0:
		return nil
	case name == "AVG":
		result = sum / float64(len(numbers))
	case name == "MIN":
		result = slices.Min(numbers)
	case name == "MAX":
		result = slices.Max(numbers)
	}
	return &result
}

func sameNumber(text *string, want *float64) bool {
	if text == nil || want == nil {
		return text == nil && want == nil
	}
	got, err := strconv.ParseFloat(*text, 64)
	return err == nil && math.Abs(got-*want) <= 1e-6*max(1, math.Abs(*want))
}

// rowsCase is a query with the same request in Go.
type rowsCase struct {
	condition string
	keep      func(row []any) bool
}

// drawCondition draws a condition on one of the columns, with the test that it stands for.
func drawCondition(t *rapid.T, data tableausim.SourceData) rowsCase {
	column := func(kind string) int {
		var all []int
		for i, k := range data.Types {
			if k == kind {
				all = append(all, i)
			}
		}
		return rapid.SampledFrom(all).Draw(t, "column of "+kind)
	}
	value := func(i int) any { return rapid.SampledFrom(data.Rows).Draw(t, "row")[i] }
	nulls := rapid.Bool().Draw(t, "null too")
	switch rapid.SampledFrom([]string{"none", "in", "match", "range", "dates"}).Draw(t, "condition") {
	case "in":
		i, exclude := column("STRING"), rapid.Bool().Draw(t, "exclude")
		values := []*string{plainText(value(i)), plainText(value(i))}
		var texts []string
		if nulls {
			values = append(values, nil)
		}
		for _, v := range values {
			if v == nil {
				texts = append(texts, "null")
			} else {
				texts = append(texts, strconv.Quote(*v))
			}
		}
		text := fmt.Sprintf(`{in: {field: %q, values: [%s], exclude: %t}}`, data.Captions[i], strings.Join(texts, ", "), exclude)
		return rowsCase{text, func(row []any) bool {
			return slices.ContainsFunc(values, func(v *string) bool { return keyOfCells([]*string{v}) == keyOfCells([]*string{plainText(row[i])}) }) != exclude
		}}
	case "match":
		i := column("STRING")
		part := rapid.SampledFrom([]string{"a", "E", "o", "zz"}).Draw(t, "part")
		return rowsCase{fmt.Sprintf(`{match: {field: %q, contains: %q}}`, data.Captions[i], part), func(row []any) bool {
			text := plainText(row[i])
			return text != nil && strings.Contains(strings.ToLower(*text), strings.ToLower(part))
		}}
	case "range":
		i := column("REAL")
		low, high := rapid.Float64Range(-200, 2500).Draw(t, "min"), rapid.Float64Range(2500, 6000).Draw(t, "max")
		return rowsCase{fmt.Sprintf(`{range: {field: %q, min: %g, max: %g, includeNull: %t}}`, data.Captions[i], low, high, nulls), func(row []any) bool {
			n, ok := row[i].(float64)
			return ok && n >= low && n <= high || row[i] == nil && nulls
		}}
	case "dates":
		i := column("DATE")
		const low, high = "2023-06-01", "2025-01-31"
		return rowsCase{fmt.Sprintf(`{dates: {field: %q, min: %q, max: %q, includeNull: %t}}`, data.Captions[i], low, high, nulls), func(row []any) bool {
			day := plainText(row[i])
			return day == nil && nulls || day != nil && *day >= low && *day <= high
		}}
	}
	return rowsCase{"", func([]any) bool { return true }}
}

// TestRowsArePlainEvaluation sends random requests for the simulator's data through the facade, and
// evaluates the same in loops over that data.
func TestRowsArePlainEvaluation(top *testing.T) {
	top.Parallel()
	w := newWorld(top, tableausim.Config{APIVersion: "3.29", VizQL: tableausim.VizQLDataService{Quota: 1_000_000}}, nil)
	data := w.sim.SourceData("", "Orders")
	if len(data.Rows) < 100 || !slices.Contains(data.Types, "DATE") || !slices.Contains(data.Types, "REAL") || !slices.Contains(data.Types, "STRING") {
		top.Fatalf("%v %v, %d rows", data.Captions, data.Types, len(data.Rows))
	}
	var dimensions, measures []int
	for i, kind := range data.Types {
		switch kind {
		case "STRING", "DATE", "BOOLEAN":
			dimensions = append(dimensions, i)
		case "INTEGER", "REAL":
			measures = append(measures, i)
		}
	}
	rapid.Check(top, func(t *rapid.T) {
		by := rapid.SliceOfNDistinct(rapid.SampledFrom(dimensions), 1, 2, rapid.ID).Draw(t, "dimensions")
		measure := rapid.SampledFrom(measures).Draw(t, "measure")
		function := rapid.SampledFrom([]string{"SUM", "AVG", "COUNT", "COUNT_DISTINCT", "MIN", "MAX"}).Draw(t, "function")
		sort := rapid.SampledFrom([]string{"", "ASC", "DESC"}).Draw(t, "sort")
		first := rapid.SampledFrom([]int{1, 3, 1000}).Draw(t, "first")
		drawn := drawCondition(t, data)
		var columns []string
		for _, i := range by {
			columns = append(columns, fmt.Sprintf(`{field: %q}`, data.Captions[i]))
		}
		last := fmt.Sprintf(`{field: %q, aggregate: %s`, data.Captions[measure], function)
		if sort != "" {
			last += ", sort: " + sort
		}
		columns = append(columns, last+"}")
		query := `query: {columns: [` + strings.Join(columns, ", ") + `], where: [` + drawn.condition + `]}, first: ` + strconv.Itoa(first)
		answer := w.ask(top, "alice", rowsOf(query), nil)
		if len(answer.Errors) > 0 {
			t.Fatalf("%s: %s", query, answer.raw)
		}
		checkRows(t, query, decodedRows(top, answer), data, by, measure, function, sort, first, drawn.keep)
	})
}

func checkRows(
	t *rapid.T, query string, got rowsReply, data tableausim.SourceData, by []int, measure int, function, sort string, first int, keep func([]any) bool,
) {
	groups := map[string][]any{}
	for _, row := range data.Rows {
		if !keep(row) {
			continue
		}
		cells := make([]*string, len(by))
		for n, i := range by {
			cells[n] = plainText(row[i])
		}
		key := keyOfCells(cells)
		groups[key] = append(groups[key], row[measure])
	}
	if len(got.Rows) != min(first, len(groups)) || got.IsComplete != (len(groups) <= first) {
		t.Fatalf("%s: %d rows, complete %t; want %d of %d", query, len(got.Rows), got.IsComplete, first, len(groups))
	}
	var numbers []float64
	for _, row := range got.Rows {
		key := keyOfCells(row[:len(by)])
		values, ok := groups[key]
		if want := plainAggregate(function, values); !ok || !sameNumber(row[len(by)], want) {
			t.Fatalf("%s: %s has %s, want %v of %v", query, key, keyOfCells(row[len(by):]), want, values)
		}
		delete(groups, key) // each group comes once
		n := math.Inf(-1)   // null comes before numbers
		if row[len(by)] != nil {
			n, _ = strconv.ParseFloat(*row[len(by)], 64)
		}
		numbers = append(numbers, n)
	}
	ordered := map[string]func(a, b float64) int{
		"": func(float64, float64) int { return 0 }, "ASC": cmp.Compare[float64], "DESC": func(a, b float64) int { return cmp.Compare(b, a) },
	}[sort]
	if !slices.IsSortedFunc(numbers, ordered) {
		t.Fatalf("%s: the order is %v", query, numbers)
	}
	for key, values := range groups { // those after the last row come later in the order
		want := plainAggregate(function, values)
		if sort == "" || want == nil || len(numbers) == 0 {
			continue
		}
		if ordered(numbers[len(numbers)-1], *want) > 0 && math.Abs(numbers[len(numbers)-1]-*want) > 1e-6 {
			t.Fatalf("%s: %s with %v is missing before %v", query, key, *want, numbers[len(numbers)-1])
		}
	}
}

// TestTopRowsArePlainEvaluation asks for the values with the largest sums, under other conditions.
func TestTopRowsArePlainEvaluation(t *testing.T) {
	t.Parallel()
	w := newWorld(t, tableausim.Config{APIVersion: "3.29"}, nil)
	data := w.sim.SourceData("", "Orders")
	region, category, sales := slices.Index(data.Captions, "Region"), slices.Index(data.Captions, "Category"), slices.Index(data.Captions, "Sales")
	if region < 0 || category < 0 || sales < 0 {
		t.Fatalf("%v", data.Captions)
	}
	for n := 1; n <= 3; n++ {
		for _, smallest := range []bool{false, true} {
			sums := map[string]float64{}
			for _, row := range data.Rows {
				if text := plainText(row[category]); text != nil && *text == "Furniture" {
					number, _ := row[sales].(float64)
					sums[keyOfCells([]*string{plainText(row[region])})] += number
				}
			}
			var keys []string
			for key := range sums {
				keys = append(keys, key)
			}
			slices.SortFunc(keys, func(a, b string) int {
				if smallest {
					a, b = b, a
				}
				return cmp.Compare(sums[b], sums[a])
			})
			query := fmt.Sprintf(`query: {columns: [{field: "Region"}], where: [{in: {field: "Category", values: ["Furniture"]}}, {top: {field: "Region", n: %d, by: "Sales", smallest: %t}}]}`, n, smallest)
			answer := w.ask(t, "alice", rowsOf(query), nil)
			var got []string
			for _, row := range decodedRows(t, answer).Rows {
				got = append(got, keyOfCells(row))
			}
			want := slices.Sorted(slices.Values(keys[:min(n, len(keys))]))
			if slices.Sort(got); len(answer.Errors) > 0 || !slices.Equal(got, want) {
				t.Errorf("%s: %v, want %v\n%s", query, got, want, answer.raw)
			}
		}
	}
}
