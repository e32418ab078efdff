package vizql

import "strings"

// fixed reads the rest of {FIXED [A], [B] : SUM([C])} or {SUM([C])}: an aggregation over all rows
// that have the same values of some dimensions, whatever the query groups by and filters.
func (p *parser) fixed() (*expr, *Error) {
	var dimensions []*expr
	switch word, _ := p.takes("FIXED", "INCLUDE", "EXCLUDE"); word {
	case "INCLUDE", "EXCLUDE":
		return nil, fail("501000", "Level of detail expressions with %s are not implemented.", word)
	case "FIXED":
		for {
			if _, ok := p.takes(":"); ok {
				break
			}
			d, err := p.binary(0)
			if err != nil {
				return nil, err
			}
			if d.totals {
				return nil, fail("400804", "A dimension of a level of detail expression cannot be an aggregation.")
			}
			dimensions = append(dimensions, d)
			if _, ok := p.takes(","); ok {
				continue
			}
			if _, ok := p.takes(":"); !ok {
				return nil, p.fault()
			}
			break
		}
	}
	total, err := p.binary(0)
	if err != nil {
		return nil, err
	}
	if _, ok := p.takes("}"); !ok {
		return nil, p.fault()
	}
	if !total.totals || total.perRow {
		return nil, fail("400804", "A level of detail expression needs an aggregation.")
	}
	e := &expr{op: "fixed", args: append([]*expr{total}, dimensions...), kind: total.kind, perRow: true, groups: map[string][][]any{}}
	for _, row := range p.source.Rows {
		key := e.fixedKey(row)
		e.groups[key] = append(e.groups[key], row)
	}
	return e, nil
}

// fixedKey is the key of a row's group.
func (e *expr) fixedKey(row []any) string {
	var b strings.Builder
	for _, d := range e.args[1:] {
		b.WriteString(keyOf(d.eval(row, nil)))
		b.WriteByte(0)
	}
	return b.String()
}
