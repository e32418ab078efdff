package tableausim

import (
	"bytes"
	"encoding/csv"
	"math"
	"net/url"
	"slices"
	"strconv"
	"strings"
)

// table is the data behind a view: what its CSV says and its chart draws.
type table struct {
	title, subtitle string
	sheet           *sheet
	rows            []row
}

// row has a name per dimension and a number per measure.
type row struct {
	names  []string
	values []float64
}

// tableOf works out the data of a view for who looks at it. The numbers follow the LUID of the view and
// the names in the row, so they are the same at every start; in a personal sheet also the viewer.
func tableOf(x *view, u *user) table {
	t := table{title: x.name, subtitle: x.workbook.name, sheet: x.sheet}
	key := x.id
	lists := make([][]string, len(x.sheet.dims))
	for i, d := range x.sheet.dims {
		lists[i] = d.values
	}
	if x.sheet.personal {
		lists[0] = []string{u.fullName}
		key += u.id
		t.subtitle += " · " + u.fullName
	}
	combine(lists, nil, func(names []string) {
		r := row{names: names}
		for _, m := range x.sheet.measures {
			r.values = append(r.values, m.value(key, names, len(t.rows)))
		}
		t.rows = append(t.rows, r)
	})
	return t
}

// combine calls f with every combination of one name of each list.
func combine(lists [][]string, names []string, f func([]string)) {
	if len(lists) == 0 {
		f(slices.Clone(names))
		return
	}
	for _, name := range lists[0] {
		combine(lists[1:], append(names, name), f)
	}
}

// value is the number of one row: chance between lo and hi, with a slow wave along the rows so that lines
// look like a year of business and not like noise.
func (m measure) value(key string, names []string, position int) float64 {
	chance := float64(seed(key, m.caption, strings.Join(names, "|"))%10_000) / 10_000
	phase := float64(seed(key, m.caption)%628) / 100
	wave := 0.5 + 0.5*math.Sin(phase+float64(position)/2.1)
	return m.lo + (m.hi-m.lo)*(0.45*chance+0.55*wave)
}

// limited leaves out the rows that the user attributes of a session do not name: an attribute with the
// caption of a column limits that column, as views with USERATTRIBUTE in a filter do.
func (t table) limited(p *proof) table {
	if p == nil || len(p.attributes) == 0 {
		return t
	}
	for i, d := range t.sheet.dims {
		if names, ok := p.attributes[d.caption]; ok {
			t.rows = slices.DeleteFunc(t.rows, func(r row) bool { return !slices.Contains(names, r.names[i]) })
		}
	}
	return t
}

// filtered applies the view filters (vf_Field=value,value) of a query. Several fields are paired by
// position, so they need the same number of values; a field that the view does not have filters nothing.
func (t table) filtered(q url.Values, code string) (table, error) {
	var fields []int
	var values [][]string
	n := -1
	for name := range q {
		caption, ok := strings.CutPrefix(name, "vf_")
		if !ok || strings.HasPrefix(caption, "Parameters.") {
			continue
		}
		list := splitValues(q.Get(name))
		if n >= 0 && len(list) != n {
			return t, fail(code, "Filters of several fields need the same number of values.")
		}
		n = len(list)
		if i := slices.IndexFunc(t.sheet.dims, func(d dimension) bool { return d.caption == caption }); i >= 0 {
			fields, values = append(fields, i), append(values, list)
		}
	}
	if len(fields) == 0 {
		return t, nil
	}
	t.rows = slices.DeleteFunc(t.rows, func(r row) bool {
		for k := range n {
			if !slices.ContainsFunc(fields, func(f int) bool { return r.names[f] != values[slices.Index(fields, f)][k] }) {
				return false
			}
		}
		return true
	})
	return t, nil
}

// ViewFilterValues are the values that the stand-in reads from a view filter, vf_Field=….
func ViewFilterValues(text string) []string { return splitValues(text) }

// splitValues takes the values of a view filter apart: they are separated by commas, a comma in a value is written \,, and a
// backslash \\. A backslash before anything else is one itself.
func splitValues(text string) []string {
	var values []string
	var b strings.Builder
	for i := 0; i < len(text); i++ {
		switch {
		case text[i] == '\\' && i+1 < len(text) && (text[i+1] == ',' || text[i+1] == '\\'):
			i++
			b.WriteByte(text[i])
		case text[i] == ',':
			values = append(values, b.String())
			b.Reset()
		default:
			b.WriteByte(text[i])
		}
	}
	return append(values, b.String())
}

// csv writes the data as Tableau does: captions, then formatted values.
func (t table) csv() ([]byte, error) {
	var b bytes.Buffer
	w := csv.NewWriter(&b)
	lines := [][]string{t.sheet.captions()}
	for _, r := range t.rows {
		line := slices.Clone(r.names)
		for i, m := range t.sheet.measures {
			line = append(line, m.format.text(r.values[i]))
		}
		lines = append(lines, line)
	}
	if err := w.WriteAll(lines); err != nil {
		return nil, err
	}
	return b.Bytes(), nil
}

// text formats a number as a view shows it: $45,047 or 14.4%.
func (f numberFormat) text(x float64) string {
	switch f {
	case money:
		if x < 0 {
			return "-$" + thousands(-x)
		}
		return "$" + thousands(x)
	case percent:
		return strconv.FormatFloat(100*x, 'f', 1, 64) + "%"
	case decimal:
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
