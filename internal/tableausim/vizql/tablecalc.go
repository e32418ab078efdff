package vizql

import (
	"math"
	"slices"
	"strings"
)

// tableCalc is a table calculation: it goes over the rows of the answer. The dimensions that it
// names are the way, all others divide the rows.
type tableCalc struct {
	kind       string
	dimensions []string // captions with function
	restart    string
	relative   string
	rank       string
	descending bool
	aggregate  string
	previous   int
	next       int
	current    bool
	fill       bool
	places     []int // columns of the way
	apart      []int // columns that divide
}

// tableCalcs reads a table calculation with its secondary one.
func tableCalcs(o map[string]any) ([]tableCalc, *Error) {
	t := tableCalc{
		kind: text(o, "tableCalcType"), relative: text(o, "relativeTo"), rank: text(o, "rankType"), aggregate: text(o, "aggregation"),
		descending: text(o, "direction") == "DESC", previous: 2, current: o["includeCurrent"] != false, fill: o["fillInNull"] == true,
	}
	if t.kind == "CUSTOM" || t.kind == "NESTED" || o["levelAddress"] != nil || o["customSort"] != nil {
		return nil, fail("501000", "This table calculation is not implemented.")
	}
	if t.kind == "RANK" && text(o, "direction") == "" {
		t.descending = true
	}
	if n, ok := o["previous"].(float64); ok {
		t.previous = int(math.Abs(n)) // a sample has -2
	}
	if n, ok := o["next"].(float64); ok {
		t.next = int(n)
	}
	for _, d := range objects(o["dimensions"]) {
		t.dimensions = append(t.dimensions, text(d, "fieldCaption")+"\x00"+text(d, "function"))
	}
	if r, ok := o["restartEvery"].(map[string]any); ok {
		t.restart = text(r, "fieldCaption") + "\x00" + text(r, "function")
	}
	out := []tableCalc{t}
	if second, ok := o["secondaryTableCalculation"].(map[string]any); ok {
		more, err := tableCalcs(second)
		if err != nil {
			return nil, err
		}
		out = append(out, more...)
	}
	return out, nil
}

// addressed checks that the query has the dimensions of the table calculations of a column.
func (col *column) addressed(dimensions []*column) *Error {
	if len(col.calcs) > 0 && !col.value.totals {
		return invalid("The table calculation of %s must be on an aggregation.", col.caption)
	}
	for _, calc := range col.calcs {
		for _, name := range calc.dimensions {
			if !slices.ContainsFunc(dimensions, func(d *column) bool { return d.caption+"\x00"+d.function == name }) {
				return invalid("The table calculation of %s names %s, which is no dimension of the query.", col.caption, strings.Split(name, "\x00")[0])
			}
		}
	}
	return nil
}

// apply replaces the values of a column by those of the calculation.
func (t tableCalc) apply(q *query, at int, rows [][]any) {
	for i, col := range q.columns {
		if !slices.Contains(q.dimension, col) {
			continue
		}
		name := col.caption + "\x00" + col.function
		if slices.Contains(t.dimensions, name) && name != t.restart {
			t.places = append(t.places, i)
		} else {
			t.apart = append(t.apart, i)
		}
	}
	parts := map[string][][]any{}
	var order []string
	for _, row := range rows {
		var key strings.Builder
		for _, i := range t.apart {
			key.WriteString(keyOf(row[i]) + "\x00")
		}
		if parts[key.String()] == nil {
			order = append(order, key.String())
		}
		parts[key.String()] = append(parts[key.String()], row)
	}
	for _, key := range order {
		part := parts[key]
		slices.SortStableFunc(part, func(a, b []any) int {
			for _, i := range t.places {
				if c := compare(a[i], b[i]); c != 0 {
					return c
				}
			}
			return 0
		})
		values := make([]any, len(part))
		for i, row := range part {
			values[i] = row[at]
		}
		for i, row := range part {
			row[at] = t.value(values, i)
		}
	}
}

// value is the value at a position of a part.
func (t tableCalc) value(values []any, i int) any {
	switch t.kind {
	case "RUNNING_TOTAL":
		return t.total(values[:i+1])
	case "MOVING_CALCULATION":
		return t.moving(values, i)
	case "RANK", "PERCENTILE":
		return t.ranked(values, i)
	case "PERCENT_OF_TOTAL":
		total, _ := toFloat(aggregateValues("SUM", withoutNulls(values), "REAL"))
		v, ok := toFloat(values[i])
		return present(v/total, ok && total != 0)
	}
	return t.difference(values, i)
}

// withoutNulls leaves nulls out.
func withoutNulls(values []any) []any {
	return slices.DeleteFunc(slices.Clone(values), func(v any) bool { return v == nil })
}

func (t tableCalc) total(values []any) any {
	name := t.aggregate
	if name == "" {
		name = "SUM"
	}
	values = withoutNulls(values)
	kind := "INTEGER"
	for _, v := range values {
		if _, whole := v.(int64); !whole {
			kind = "REAL"
		}
	}
	return aggregateValues(name, values, kind)
}

func (t tableCalc) moving(values []any, i int) any {
	var part []any
	for j := i - t.previous; j <= i+t.next; j++ {
		switch {
		case j == i && !t.current:
		case j >= 0 && j < len(values):
			part = append(part, values[j])
		case t.fill:
			return nil
		}
	}
	return t.total(part)
}

// ranked is a place among the values: equal ones share one, in one of several ways.
func (t tableCalc) ranked(values []any, i int) any {
	if values[i] == nil {
		return nil
	}
	before, equal, earlier := 0, 0, 0
	distinct := map[string]bool{}
	for j, v := range values {
		c := compare(v, values[i])
		if t.descending {
			c = -c
		}
		switch {
		case v == nil:
		case c < 0:
			before++
			distinct[keyOf(v)] = true
		case c == 0:
			equal++
			if j < i {
				earlier++
			}
		}
	}
	switch {
	case t.kind == "PERCENTILE":
		if n := len(withoutNulls(values)); n > 1 {
			return float64(before) / float64(n-1)
		}
		return 1.0
	case t.rank == "DENSE":
		return int64(len(distinct) + 1)
	case t.rank == "UNIQUE":
		return int64(before + earlier + 1)
	case t.rank == "MODIFIED COMPETITION":
		return int64(before + equal)
	}
	return int64(before + 1)
}

// difference compares a value with another one of its part.
func (t tableCalc) difference(values []any, i int) any {
	j := map[string]int{"NEXT": i + 1, "FIRST": 0, "LAST": len(values) - 1, "PREVIOUS": i - 1, "": i - 1}[t.relative]
	if j < 0 || j >= len(values) || values[i] == nil || values[j] == nil {
		return nil
	}
	a, _ := toFloat(values[i])
	b, _ := toFloat(values[j])
	switch {
	case t.kind == "DIFFERENCE_FROM":
		return calculate("-", []any{values[i], values[j]})
	case b == 0:
		return nil
	case t.kind == "PERCENT_FROM":
		return a / b
	}
	return (a - b) / math.Abs(b)
}
