package vizql

import "time"

// Measure is a field with a function, over the rows that are kept; nil where there is nothing to
// aggregate.
func (s *Source) Measure(f *Field, function string, keep func(row []any) bool) (any, error) {
	c := &compiler{source: s, params: map[string]any{}}
	e, err := c.field(f)
	if err == nil {
		e, err = apply(function, e, f.Caption)
	}
	if err != nil {
		return nil, err
	}
	var rows [][]any
	for _, row := range s.Rows {
		if keep(row) {
			rows = append(rows, row)
		}
	}
	if len(rows) == 0 {
		return nil, nil
	}
	return e.eval(nil, rows), nil
}

// Truncate cuts a time down to the beginning of a period, such as MONTHS.
func Truncate(t time.Time, period string) time.Time { return truncate(t, period) }

// Step moves the beginning of a period by some periods.
func Step(t time.Time, period string, n int) time.Time { return step(t, period, n) }
