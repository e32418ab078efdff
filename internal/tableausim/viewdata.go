package tableausim

import (
	"math"
	"net/url"
	"slices"
	"strings"

	"vitrine/internal/tableausim/draw"

	"vitrine/internal/tableausim/wire"
)

// tableOf works out the data of a view for who looks at it. The numbers follow the LUID of the view
// and the names in the row, so they are the same at every start; in a personal sheet also the
// viewer.
func tableOf(x *view, u *user) draw.Table {
	t := draw.Table{Title: x.name, Subtitle: x.workbook.name, Sheet: x.sheet}
	key := x.id
	lists := make([][]string, len(x.sheet.Dimensions))
	for i, d := range x.sheet.Dimensions {
		lists[i] = d.Values
	}
	if x.sheet.Personal {
		lists[0] = []string{u.fullName}
		key += u.id
		t.Subtitle += " · " + u.fullName
	}
	combine(lists, nil, func(names []string) {
		r := draw.Row{Names: names}
		for _, m := range x.sheet.Measures {
			r.Values = append(r.Values, measured(m, key, names, len(t.Rows)))
		}
		t.Rows = append(t.Rows, r)
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

// measured returns the number of one row: a chance between lo and hi, with a slow wave along the
// rows so that lines look like a year of business and not like noise.
func measured(m draw.Measure, key string, names []string, position int) float64 {
	chance := float64(seed(key, m.Caption, strings.Join(names, "|"))%10_000) / 10_000
	phase := float64(seed(key, m.Caption)%628) / 100
	wave := 0.5 + 0.5*math.Sin(phase+float64(position)/2.1)
	return m.Lo + (m.Hi-m.Lo)*(0.45*chance+0.55*wave)
}

// limited leaves out the rows that the user attributes of a session do not name: an attribute with
// the caption of a column limits that column, as views with USERATTRIBUTE in a filter do.
func limited(t draw.Table, p *proof) draw.Table {
	if p == nil || len(p.attributes) == 0 {
		return t
	}
	for i, d := range t.Sheet.Dimensions {
		if names, ok := p.attributes[d.Caption]; ok {
			t.Rows = slices.DeleteFunc(t.Rows, func(r draw.Row) bool { return !slices.Contains(names, r.Names[i]) })
		}
	}
	return t
}

// filtered applies the view filters (vf_Field=value,value) of a query. Several fields are paired by
// position, so they need the same number of values; a field that the view does not have filters
// nothing.
func filtered(t draw.Table, q url.Values, code string) (draw.Table, error) {
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
			return t, wire.Fail(code, "Filters of several fields need the same number of values.")
		}
		n = len(list)
		if i := slices.IndexFunc(t.Sheet.Dimensions, func(d draw.Dimension) bool { return d.Caption == caption }); i >= 0 {
			fields, values = append(fields, i), append(values, list)
		}
	}
	if len(fields) == 0 {
		return t, nil
	}
	t.Rows = slices.DeleteFunc(t.Rows, func(r draw.Row) bool {
		for k := range n {
			if !slices.ContainsFunc(fields, func(f int) bool { return r.Names[f] != values[slices.Index(fields, f)][k] }) {
				return false
			}
		}
		return true
	})
	return t, nil
}

// ViewFilterValues are the values that the stand-in reads from a view filter, vf_Field=….
func ViewFilterValues(text string) []string { return splitValues(text) }

// splitValues takes the values of a view filter apart: they are separated by commas, a comma in a
// value is written \,, and a backslash \\. A backslash before anything else is one itself.
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
