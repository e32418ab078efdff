package vizql

import (
	"slices"
	"strings"
	"time"
)

// Rows are the rows of an answer.
type Rows struct {
	names  []string // of members, nil for arrays
	places []int
	values [][]any
}

// Len is how many rows there are.
func (r *Rows) Len() int { return len(r.values) }

// Cut leaves the first rows only.
func (r *Rows) Cut(n int) { r.values = r.values[:min(n, len(r.values))] }

// Query answers a query.
func (x *Request) Query(s *Source, now time.Time) (*Rows, *Error) {
	q, err := x.prepare(s, now)
	if err != nil {
		return nil, err
	}
	rows := q.filtered()
	out := q.grouped(rows)
	for i, col := range q.columns {
		for _, calc := range col.calcs {
			calc.apply(q, i, out)
		}
	}
	q.sort(out)
	if q.limit > 0 {
		out = out[:min(q.limit, len(out))]
	}
	r := &Rows{values: out}
	for _, col := range q.columns {
		r.places = append(r.places, col.decimals)
		if !q.arrays {
			r.names = append(r.names, col.key)
		}
	}
	return r, nil
}

// filtered applies the filters on rows: those of the context first. Filters by rank or condition
// look at what the context leaves, and at nothing that other filters leave.
func (q *query) filtered() [][]any {
	rows := q.source.Rows
	for _, f := range q.filters {
		if f.context && !f.value.totals {
			rows = f.apply(rows)
		}
	}
	var tests []*filter
	for _, f := range q.filters {
		switch {
		case f.context || f.value.totals:
		case f.chosen != nil:
			tests = append(tests, &filter{value: f.value, test: f.chosen(rows)})
		default:
			tests = append(tests, f)
		}
	}
	for _, f := range tests {
		rows = f.apply(rows)
	}
	return rows
}

func (f *filter) apply(rows [][]any) [][]any {
	test := f.test
	if f.chosen != nil {
		test = f.chosen(rows)
	}
	var out [][]any
	for _, row := range rows {
		if test(f.value.eval(row, nil)) {
			out = append(out, row)
		}
	}
	return out
}

// group are the rows with the same values.
type group struct {
	values []any
	rows   [][]any
}

// groupBy groups rows, in the order of their first one. Without expressions all are one group, also
// where there are no rows.
func groupBy(rows [][]any, by []*expr) []*group {
	if len(by) == 0 {
		return []*group{{rows: rows}}
	}
	var out []*group
	index := map[string]*group{}
	for _, row := range rows {
		values := make([]any, len(by))
		var key strings.Builder
		for i, e := range by {
			values[i] = e.eval(row, [][]any{row})
			key.WriteString(keyOf(values[i]))
			key.WriteByte(0)
		}
		g := index[key.String()]
		if g == nil {
			g = &group{values: values}
			index[key.String()] = g
			out = append(out, g)
		}
		g.rows = append(g.rows, row)
	}
	return out
}

// keyOf distinguishes values; the same number as integer and as decimal is one.
func keyOf(v any) string {
	switch v := v.(type) {
	case nil:
		return "null"
	case string:
		return "text " + v
	case time.Time:
		return "time " + v.Format(time.RFC3339Nano)
	case bool:
		if v {
			return "true"
		}
		return "false"
	}
	return string(number(v))
}

// grouped makes the rows of the answer: one for each combination of the dimensions, or for each row
// of the source.
func (q *query) grouped(rows [][]any) [][]any {
	var groups []*group
	if q.perRow {
		for _, row := range rows {
			groups = append(groups, &group{rows: [][]any{row}})
		}
	} else {
		by := make([]*expr, len(q.dimension))
		for i, col := range q.dimension {
			by[i] = col.value
		}
		groups = groupBy(rows, by)
	}
	var out [][]any
	for _, g := range groups {
		if !q.keeps(g) {
			continue
		}
		row := make([]any, len(q.columns))
		for i, col := range q.columns {
			var first []any
			if len(g.rows) > 0 {
				first = g.rows[0]
			}
			row[i] = col.value.eval(first, g.rows)
		}
		out = append(out, row)
	}
	return out
}

// keeps applies the filters on aggregations to a group.
func (q *query) keeps(g *group) bool {
	for _, f := range q.filters {
		if f.value.totals && !f.test(f.value.eval(nil, g.rows)) {
			return false
		}
	}
	return true
}

// sort sorts by the priorities of the columns; what is equal stays as it is.
func (q *query) sort(rows [][]any) {
	var by []int
	for i, col := range q.columns {
		if col.priority > 0 {
			by = append(by, i)
		}
	}
	slices.SortFunc(by, func(a, b int) int { return q.columns[a].priority - q.columns[b].priority })
	slices.SortStableFunc(rows, func(a, b []any) int {
		for _, i := range by {
			c := compare(a[i], b[i])
			if q.columns[i].descending {
				c = -c
			}
			if c != 0 {
				return c
			}
		}
		return 0
	})
}
