package vizql

import (
	"encoding/json"
	"fmt"
	"math"
	"slices"
	"sort"
	"strings"
	"testing"
	"time"

	"pgregory.net/rapid"
)

// randomSource draws a small table: two texts, a whole number, a decimal and a date, with nulls.
func randomSource(t *rapid.T) *Source {
	kinds := []string{"STRING", "STRING", "INTEGER", "REAL", "DATE"}
	s := &Source{}
	for i, kind := range kinds {
		s.Fields = append(s.Fields, &Field{Name: fmt.Sprint("c", i), Caption: fmt.Sprint("C", i), DataType: kind, Class: "COLUMN", Column: i})
	}
	day := time.Date(2024, 1, 1, 0, 0, 0, 0, time.UTC)
	for range rapid.IntRange(0, 30).Draw(t, "rows") {
		row := []any{
			rapid.SampledFrom([]any{"a", "b", "Ab", "", nil}).Draw(t, "c0"), rapid.SampledFrom([]any{"x", "y", nil}).Draw(t, "c1"),
			rapid.SampledFrom([]any{int64(1), int64(-2), int64(7), nil}).Draw(t, "c2"), rapid.SampledFrom([]any{0.5, -1.25, 3.0, nil}).Draw(t, "c3"),
			rapid.SampledFrom([]any{day, day.AddDate(0, 5, 3), day.AddDate(1, 0, 0), nil}).Draw(t, "c4"),
		}
		s.Rows = append(s.Rows, row)
	}
	return s
}

// plainly evaluates one aggregation the long way.
func plainly(function string, rows [][]any, column int) string {
	var numbers []float64
	distinct := map[string]bool{}
	for _, row := range rows {
		if row[column] == nil {
			continue
		}
		n, _ := toFloat(row[column])
		numbers = append(numbers, n)
		distinct[fmt.Sprint(row[column])] = true
	}
	total := 0.0
	for _, n := range numbers {
		total += n
	}
	switch {
	case function == "COUNT":
		return fmt.Sprint(float64(len(numbers)))
	case function == "COUNTD":
		return fmt.Sprint(float64(len(distinct)))
	case len(numbers) == 0:
		return "<nil>"
	case function == "SUM":
		return fmt.Sprint(total)
	case function == "AVG":
		return fmt.Sprint(total / float64(len(numbers)))
	}
	sort.Float64s(numbers)
	return fmt.Sprint(map[string]float64{"MIN": numbers[0], "MAX": numbers[len(numbers)-1]}[function])
}

func run(t interface{ Fatalf(string, ...any) }, s *Source, query string) [][]any {
	body := `{"datasource":{"datasourceLuid":"d"},"query":` + query + `,"options":{"returnFormat":"ARRAYS"}}`
	x, err := Read([]byte(body), QueryRequest, R20261)
	if err != nil {
		t.Fatalf("%s: %v", query, err)
	}
	rows, err := x.Query(s, time.Date(2024, 6, 15, 0, 0, 0, 0, time.UTC))
	if err != nil {
		t.Fatalf("%s: %v", query, err)
	}
	b, _ := json.Marshal(rows)
	var out [][]any
	if err := json.Unmarshal(b, &out); err != nil {
		t.Fatalf("%v in %s", err, b)
	}
	return out
}

// TestGroupingIsPlainEvaluation compares grouped and filtered answers with loops over the rows.
func TestGroupingIsPlainEvaluation(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		s := randomSource(t)
		dimensions := rapid.SampledFrom([][]int{{}, {0}, {1}, {0, 1}, {4}}).Draw(t, "dimensions")
		function := rapid.SampledFrom([]string{"SUM", "AVG", "COUNT", "COUNTD", "MIN", "MAX"}).Draw(t, "function")
		measure := rapid.SampledFrom([]int{2, 3}).Draw(t, "measure")
		exclude := rapid.Bool().Draw(t, "exclude")
		filter := rapid.SampledFrom([]string{"", "set", "match", "range"}).Draw(t, "filter")
		var fields []string
		for _, d := range dimensions {
			fields = append(fields, fmt.Sprintf(`{"fieldCaption":"C%d"}`, d))
		}
		fields = append(fields, fmt.Sprintf(`{"fieldCaption":"C%d","function":"%s"}`, measure, function))
		filters := map[string]string{
			"":      "",
			"set":   fmt.Sprintf(`{"field":{"fieldCaption":"C0"},"filterType":"SET","values":["a",null],"exclude":%v}`, exclude),
			"match": fmt.Sprintf(`{"field":{"fieldCaption":"C0"},"filterType":"MATCH","contains":"A","exclude":%v}`, exclude),
			"range": fmt.Sprintf(`{"field":{"fieldCaption":"C3"},"filterType":"QUANTITATIVE_NUMERICAL","quantitativeFilterType":"RANGE","min":-1.25,"max":0.5,"includeNulls":%v}`, exclude),
		}[filter]
		keep := func(row []any) bool {
			text, isText := row[0].(string)
			switch filter {
			case "set":
				return (row[0] == nil || text == "a") != exclude
			case "match":
				return (isText && strings.Contains(strings.ToLower(text), "a")) != exclude
			case "range":
				n, ok := row[3].(float64)
				return ok && n >= -1.25 && n <= 0.5 || !ok && exclude
			}
			return true
		}
		want := map[string][][]any{}
		for _, row := range s.Rows {
			if !keep(row) {
				continue
			}
			var key []string
			for _, d := range dimensions {
				if v, ok := row[d].(time.Time); ok {
					key = append(key, v.Format(time.DateOnly))
					continue
				}
				key = append(key, fmt.Sprintf("%v %T", row[d], row[d]))
			}
			k := strings.Join(key, "|")
			want[k] = append(want[k], row)
		}
		if len(dimensions) == 0 && len(want) == 0 {
			want[""] = nil
		}
		got := run(t, s, `{"fields":[`+strings.Join(fields, ",")+`],"filters":[`+filters+`]}`)
		if len(got) != len(want) {
			t.Fatalf("%d groups, want %d", len(got), len(want))
		}
		for _, row := range got {
			var key []string
			for i, d := range dimensions {
				if d == 4 && row[i] != nil {
					key = append(key, row[i].(string))
					continue
				}
				key = append(key, fmt.Sprintf("%v %T", row[i], row[i]))
			}
			rows, ok := want[strings.Join(key, "|")]
			if value := fmt.Sprint(row[len(dimensions)]); !ok || value != plainly(function, rows, measure) {
				t.Fatalf("%v: want %s of %v", row, plainly(function, rows, measure), rows)
			}
		}
	})
}

// TestTopIsPlainEvaluation holds that a filter by rank looks at what the context leaves.
func TestTopIsPlainEvaluation(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		s := randomSource(t)
		context := rapid.Bool().Draw(t, "context")
		n := rapid.IntRange(1, 3).Draw(t, "n")
		got := run(t, s, fmt.Sprintf(`{"fields":[{"fieldCaption":"C0"},{"fieldCaption":"C3","function":"SUM"}],"filters":[
			{"field":{"fieldCaption":"C1"},"filterType":"SET","values":["x"],"context":%v},
			{"field":{"fieldCaption":"C0"},"filterType":"TOP","howMany":%d,"fieldToMeasure":{"fieldCaption":"C3","function":"COUNT"}}]}`, context, n))
		counts, shown := map[string]int{}, map[string]bool{}
		for _, row := range s.Rows {
			key := fmt.Sprintf("%v %T", row[0], row[0])
			if !context || row[1] == "x" {
				if row[3] != nil {
					counts[key]++
				} else {
					counts[key] += 0
				}
			}
			if row[1] == "x" {
				shown[key] = true
			}
		}
		var sizes []int
		for _, c := range counts {
			sizes = append(sizes, c)
		}
		slices.SortFunc(sizes, func(a, b int) int { return b - a })
		least := math.MinInt
		if len(sizes) >= n {
			least = sizes[n-1]
		}
		if len(got) > n {
			t.Fatalf("%d rows, at most %d", len(got), n)
		}
		for _, row := range got {
			if key := fmt.Sprintf("%v %T", row[0], row[0]); counts[key] < least || !shown[key] {
				t.Fatalf("%v is not among the first %d: %v", row, n, counts)
			}
		}
	})
}

// TestSortsByPriority holds order, direction, nulls and the limit.
func TestSortsByPriority(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		s := randomSource(t)
		down := rapid.SampledFrom([]string{"ASC", "DESC"}).Draw(t, "direction")
		got := run(t, s, `{"fields":[{"fieldCaption":"C0","sortPriority":2},{"fieldCaption":"C1","sortPriority":1,"sortDirection":"`+down+`"},{"fieldCaption":"C2","function":"SUM"}]}`)
		for i := 1; i < len(got); i++ {
			first, second := compare(got[i-1][1], got[i][1]), compare(got[i-1][0], got[i][0])
			if down == "DESC" {
				first = -first
			}
			if first > 0 || first == 0 && second > 0 {
				t.Fatalf("%v before %v", got[i-1], got[i])
			}
		}
	})
}

func TestRelativeDates(t *testing.T) {
	t.Parallel()
	anchor := time.Date(2025, 5, 14, 0, 0, 0, 0, time.UTC) // a Wednesday
	for _, tt := range []struct {
		period, how string
		n           int
		from, to    string
	}{
		{"MONTHS", "CURRENT", 1, "2025-05-01", "2025-06-01"},
		{"MONTHS", "LAST", 1, "2025-04-01", "2025-05-01"},
		{"MONTHS", "LASTN", 3, "2025-03-01", "2025-06-01"},
		{"MONTHS", "NEXT", 1, "2025-06-01", "2025-07-01"},
		{"QUARTERS", "NEXTN", 2, "2025-04-01", "2025-10-01"},
		{"YEARS", "TODATE", 1, "2025-01-01", "2025-05-15"},
		{"WEEKS", "CURRENT", 1, "2025-05-11", "2025-05-18"},
		{"DAYS", "LAST", 1, "2025-05-13", "2025-05-14"},
	} {
		from, to := rangeOf(anchor, tt.period, tt.how, tt.n)
		if from.Format(time.DateOnly) != tt.from || to.Format(time.DateOnly) != tt.to {
			t.Errorf("%s %s %d: %s to %s, want %s to %s", tt.period, tt.how, tt.n, from, to, tt.from, tt.to)
		}
	}
}

func TestTableCalculations(t *testing.T) {
	t.Parallel()
	s := &Source{Fields: []*Field{
		{Name: "k", Caption: "K", DataType: "STRING", Class: "COLUMN", Column: 0}, {Name: "v", Caption: "V", DataType: "INTEGER", Class: "COLUMN", Column: 1},
	}, Rows: [][]any{{"c", int64(4)}, {"a", int64(1)}, {"b", int64(4)}, {"d", int64(1)}}}
	for calc, want := range map[string]string{
		`"tableCalcType":"RUNNING_TOTAL"`:                                       "[1 5 9 10]",
		`"tableCalcType":"MOVING_CALCULATION","previous":1,"aggregation":"MAX"`: "[1 4 4 4]",
		`"tableCalcType":"RANK"`:                                                "[3 1 1 3]",
		`"tableCalcType":"RANK","rankType":"DENSE","direction":"ASC"`:           "[1 2 2 1]",
		`"tableCalcType":"RANK","rankType":"UNIQUE"`:                            "[3 1 2 4]",
		`"tableCalcType":"RANK","rankType":"MODIFIED COMPETITION"`:              "[4 2 2 4]",
		`"tableCalcType":"PERCENT_OF_TOTAL"`:                                    "[0.1 0.4 0.4 0.1]",
		`"tableCalcType":"DIFFERENCE_FROM"`:                                     "[<nil> 3 0 -3]",
		`"tableCalcType":"PERCENT_DIFFERENCE_FROM","relativeTo":"FIRST"`:        "[0 3 3 0]",
		`"tableCalcType":"PERCENT_FROM","relativeTo":"NEXT"`:                    "[0.25 1 4 <nil>]",
	} {
		got := run(t, s, `{"fields":[{"fieldCaption":"K","sortPriority":1},{"fieldCaption":"V","function":"SUM","tableCalculation":{`+calc+`,"dimensions":[{"fieldCaption":"K"}]}}]}`)
		var values []any
		for _, row := range got {
			values = append(values, row[1])
		}
		if fmt.Sprint(values) != want {
			t.Errorf("%s: %v, want %s", calc, values, want)
		}
	}
}

// TestFixedExpressionsAreOfAllRows compares {FIXED …} and {…} under a filter with loops over all rows.
func TestFixedExpressionsAreOfAllRows(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		s := randomSource(t)
		groups, shown := map[any][][]any{}, map[any]bool{}
		for _, row := range s.Rows {
			groups[row[0]] = append(groups[row[0]], row)
			shown[row[0]] = shown[row[0]] || row[1] == "x"
		}
		got := run(t, s, `{"fields":[{"fieldCaption":"C0"},{"fieldCaption":"f","calculation":"MAX({FIXED [C0] : SUM([C2])})"},{"fieldCaption":"a","calculation":"MIN({COUNT([C2])})"}],
			"filters":[{"field":{"fieldCaption":"C1"},"filterType":"SET","values":["x"],"exclude":false}]}`)
		for _, row := range got {
			if !shown[row[0]] || fmt.Sprint(row[1]) != plainly("SUM", groups[row[0]], 2) || fmt.Sprint(row[2]) != plainly("COUNT", s.Rows, 2) {
				t.Fatalf("%v, want %s of %s", row, plainly("SUM", groups[row[0]], 2), plainly("COUNT", s.Rows, 2))
			}
			delete(shown, row[0])
		}
		for key, is := range shown {
			if is {
				t.Fatalf("%v is missing", key)
			}
		}
	})
}
