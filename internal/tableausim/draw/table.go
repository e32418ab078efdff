package draw

import (
	"bytes"
	"encoding/csv"
	"math"
	"slices"
	"strconv"
)

// Sheet says what a view shows: a kind of chart over dimensions and measures. Several views may
// share a sheet.
type Sheet struct {
	Name       string
	Kind       string // dashboard, story or view: sheetType as Tableau writes it
	Chart      Chart
	Dimensions []Dimension
	Measures   []Measure
	Personal   bool // the first dimension has one value, the name of the user who looks
}

// Chart is a kind of chart.
type Chart int

// The kinds of charts.
const (
	Bars    Chart = iota // a group of bars for each name of the axis
	Lines                // a line along the axis
	Scatter              // a dot for each row, over the first two measures
	Heat                 // a cell for each pair of names, darker for a higher number
)

// Dimension is a column of names.
type Dimension struct {
	Caption string
	Values  []string
}

// Measure is a column of numbers between Lo and Hi.
type Measure struct {
	Caption string
	Lo, Hi  float64
	Format  Format
}

// Format says how a measure's numbers are written.
type Format int

// The formats of numbers.
const (
	Count   Format = iota // 45,047
	Money                 // $45,047
	Percent               // 14.4%
	Decimal               // 3.25
)

// Captions returns the names of all columns.
func (s *Sheet) Captions() []string {
	var out []string
	for _, d := range s.Dimensions {
		out = append(out, d.Caption)
	}
	for _, m := range s.Measures {
		out = append(out, m.Caption)
	}
	return out
}

// Table is the data of a view: its CSV, its crosstab and its chart are written from it.
type Table struct {
	Title, Subtitle string
	Sheet           *Sheet
	Rows            []Row
}

// Row has a name per dimension and a number per measure.
type Row struct {
	Names  []string
	Values []float64
}

// Axis returns the index of the dimension along the axis: the first, or the second of a personal
// sheet.
func (t Table) Axis() int {
	if t.Sheet.Personal {
		return 1
	}
	return 0
}

// CSV writes the data as Tableau does: captions, then formatted values.
func (t Table) CSV() ([]byte, error) {
	var b bytes.Buffer
	w := csv.NewWriter(&b)
	lines := [][]string{t.Sheet.Captions()}
	for _, r := range t.Rows {
		line := slices.Clone(r.Names)
		for i, m := range t.Sheet.Measures {
			line = append(line, m.Format.text(r.Values[i]))
		}
		lines = append(lines, line)
	}
	if err := w.WriteAll(lines); err != nil {
		return nil, err
	}
	return b.Bytes(), nil
}

// text formats a number as a view shows it: $45,047 or 14.4%.
func (f Format) text(x float64) string {
	switch f {
	case Money:
		if x < 0 {
			return "-$" + thousands(-x)
		}
		return "$" + thousands(x)
	case Percent:
		return strconv.FormatFloat(100*x, 'f', 1, 64) + "%"
	case Decimal:
		return strconv.FormatFloat(x, 'f', 2, 64)
	default:
		return thousands(x)
	}
}

func thousands(x float64) string {
	s := strconv.FormatFloat(math.Abs(x), 'f', 0, 64)
	for i := len(s) - 3; i > 0; i -= 3 {
		s = s[:i] + "," + s[i:]
	}
	if x <= -0.5 {
		return "-" + s
	}
	return s
}
