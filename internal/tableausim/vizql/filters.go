package vizql

import (
	"cmp"
	"slices"
	"strings"
	"time"
)

// filter is one filter of a query. Either test decides about a value, or chosen makes the set of
// values that pass from rows.
type filter struct {
	context bool
	value   *expr
	test    func(v any) bool
	chosen  func(rows [][]any) func(v any) bool
}

// filter makes a filter of one of the request. what names its field and function.
func (c *compiler) filter(f map[string]any, r Release, now time.Time) (made *filter, what string, err *Error) {
	kind := text(f, "filterType")
	field, _ := f["field"].(map[string]any)
	made = &filter{context: f["context"] == true}
	made.value, what, err = c.filtered(field, kind, r)
	if err != nil {
		return nil, "", err
	}
	switch kind {
	case "SET":
		err = c.set(made, f, text(field, "fieldCaption"), r)
	case "MATCH":
		err = match(made, f)
	case "QUANTITATIVE_NUMERICAL", "QUANTITATIVE_DATE":
		err = quantitative(made, f, kind)
	case "DATE":
		err = relative(made, f, now)
	case "TOP":
		err = c.top(made, f)
	case "CONDITION":
		err = c.condition(made, f)
	}
	if err == nil && made.value.totals && kind != "QUANTITATIVE_NUMERICAL" && kind != "QUANTITATIVE_DATE" {
		err = invalid("A filter of type %s cannot be on an aggregation.", kind)
	}
	return made, what, err
}

// filtered is the expression that a filter is on.
func (c *compiler) filtered(field map[string]any, kind string, r Release) (*expr, string, *Error) {
	caption, function := text(field, "fieldCaption"), text(field, "function")
	formula, calculated := field["calculation"].(string)
	_, named := field["fieldCaption"]
	switch {
	case calculated == named, calculated && function != "":
		return nil, "", malformed("The field of a filter has either a fieldCaption, with or without a function, or a calculation.")
	case (function != "" || calculated) && (kind == "MATCH" || r < R20261 && (kind == "SET" || kind == "DATE")):
		return nil, "", invalid("A filter of type %s cannot have a function or a calculation.", kind)
	case calculated:
		e, err := c.formula(formula)
		return e, formula, err
	}
	e, _, err := c.ref(caption)
	if err == nil && function != "" {
		e, err = apply(function, e, caption)
	}
	return e, caption + "\x00" + function, err
}

func (c *compiler) set(made *filter, f map[string]any, caption string, r Release) *Error {
	values, _ := f["values"].([]any)
	if len(values) == 0 {
		return invalid("The filter on %s must have at least one value.", caption)
	}
	field, _ := c.source.field(caption, c.byName)
	var wanted []any
	for _, v := range values {
		member, ok := constant(v, made.value.kind)
		if !ok {
			return invalid("The filter on %s has a value that is not of type %s.", caption, made.value.kind)
		}
		if field != nil && r >= R20261 {
			for _, a := range field.Aliases {
				if a.Value == member {
					member = a.Member
				}
			}
		}
		wanted = append(wanted, member)
	}
	exclude := f["exclude"] == true
	made.test = func(v any) bool {
		return slices.ContainsFunc(wanted, func(w any) bool { return (w == nil) == (v == nil) && compare(w, v) == 0 }) != exclude
	}
	return nil
}

// constant is a value of JSON as one of a data type.
func constant(v any, kind string) (any, bool) {
	switch x := v.(type) {
	case nil:
		return nil, true
	case float64:
		return x, numeric(kind)
	case bool:
		return x, kind == "BOOLEAN"
	case string:
		if dated(kind) {
			for _, layout := range []string{time.DateOnly, time.RFC3339, "2006-01-02T15:04:05", time.DateTime} {
				if t, err := time.Parse(layout, x); err == nil {
					return t, true
				}
			}
			return nil, false
		}
		return x, kind == "STRING"
	}
	return nil, false
}

// match compares text in any case.
func match(made *filter, f map[string]any) *Error {
	starts, ends, contains := text(f, "startsWith"), text(f, "endsWith"), text(f, "contains")
	switch {
	case made.value.kind != "STRING":
		return invalid("A filter of type MATCH must be on a field of type STRING.")
	case starts == "" && ends == "" && contains == "":
		return invalid("A filter of type MATCH must have startsWith, endsWith or contains.")
	}
	exclude := f["exclude"] == true
	made.test = func(v any) bool {
		s, ok := v.(string)
		s = strings.ToLower(s)
		found := ok && strings.HasPrefix(s, strings.ToLower(starts)) && strings.HasSuffix(s, strings.ToLower(ends)) && strings.Contains(s, strings.ToLower(contains))
		return found != exclude
	}
	return nil
}

func quantitative(made *filter, f map[string]any, kind string) *Error {
	least, most, is := "min", "max", numeric
	if kind == "QUANTITATIVE_DATE" {
		least, most, is = "minDate", "maxDate", dated
	}
	if !is(made.value.kind) {
		return invalid("A filter of type %s cannot be on a field of type %s.", kind, made.value.kind)
	}
	how := text(f, "quantitativeFilterType")
	if how == "ONLY_NULL" || how == "ONLY_NON_NULL" {
		made.test = func(v any) bool { return (v == nil) == (how == "ONLY_NULL") }
		return nil
	}
	low, hasLow := f[least]
	high, hasHigh := f[most]
	if (how == "RANGE" || how == "MIN") && !hasLow || (how == "RANGE" || how == "MAX") && !hasHigh {
		return invalid("A filter of type %s with %s lacks %s or %s.", kind, how, least, most)
	}
	from, _ := constant(low, made.value.kind)
	to, _ := constant(high, made.value.kind)
	if t, ok := to.(time.Time); ok { // the whole last day
		to = t.AddDate(0, 0, 1).Add(-time.Nanosecond)
	}
	nulls := f["includeNulls"] == true
	made.test = func(v any) bool {
		if v == nil {
			return nulls
		}
		return (how == "MAX" || compare(v, from) >= 0) && (how == "MIN" || compare(v, to) <= 0)
	}
	return nil
}

// relative keeps a range of dates around an anchor: today where the request has none.
func relative(made *filter, f map[string]any, now time.Time) *Error {
	if !dated(made.value.kind) {
		return invalid("A filter of type DATE cannot be on a field of type %s.", made.value.kind)
	}
	if anchor, ok := constant(f["anchorDate"], "DATE"); ok && anchor != nil {
		now = anchor.(time.Time)
	}
	period, how := text(f, "periodType"), text(f, "dateRangeType")
	n := 1
	if how == "LASTN" || how == "NEXTN" {
		given, ok := f["rangeN"].(float64)
		if !ok || given < 1 {
			return invalid("A filter of type DATE with %s must have a rangeN of 1 or more.", how)
		}
		n = int(given)
	}
	from, to := rangeOf(now, period, how, n)
	nulls := f["includeNulls"] == true
	made.test = func(v any) bool {
		t, ok := v.(time.Time)
		if !ok {
			return nulls
		}
		return !t.Before(from) && t.Before(to)
	}
	return nil
}

// rangeOf is a range of periods, without its end. LASTN and NEXTN count the current period.
func rangeOf(anchor time.Time, period, how string, n int) (from, to time.Time) {
	current := truncate(anchor, period)
	switch how {
	case "LAST":
		return step(current, period, -1), current
	case "LASTN":
		return step(current, period, 1-n), step(current, period, 1)
	case "NEXT":
		return step(current, period, 1), step(current, period, 2)
	case "NEXTN":
		return current, step(current, period, n)
	case "TODATE":
		return current, truncate(anchor, "DAYS").AddDate(0, 0, 1)
	}
	return current, step(current, period, 1)
}

// top keeps the members with the highest or lowest measure among the rows that context filters
// leave.
func (c *compiler) top(made *filter, f map[string]any) *Error {
	field, _ := f["fieldToMeasure"].(map[string]any)
	measure, _, err := c.filtered(field, "TOP", R20262)
	if err != nil {
		return err
	}
	howMany, _ := f["howMany"].(float64)
	switch {
	case howMany < 1:
		return invalid("The filter of type TOP must have a howMany of 1 or more.")
	case !measure.totals:
		return invalid("The fieldToMeasure of a filter of type TOP must be an aggregation.")
	}
	bottom := text(f, "direction") == "BOTTOM"
	made.chosen = func(rows [][]any) func(any) bool {
		groups := groupBy(rows, []*expr{made.value})
		slices.SortStableFunc(groups, func(a, b *group) int {
			x, y := measure.eval(nil, a.rows), measure.eval(nil, b.rows)
			if (x == nil) != (y == nil) { // null is last
				return cmp.Compare(map[bool]int{true: 1}[x == nil], map[bool]int{true: 1}[y == nil])
			}
			if bottom {
				return compare(x, y)
			}
			return compare(y, x)
		})
		return members(groups[:min(len(groups), int(howMany))])
	}
	return nil
}

// condition keeps the members whose rows meet a condition.
func (c *compiler) condition(made *filter, f map[string]any) *Error {
	o, has := f["condition"].(map[string]any)
	formula, calculated := f["calculation"].(string)
	if has == calculated {
		return malformed("A filter of type CONDITION has either a condition or a calculation.")
	}
	var condition *expr
	var err *Error
	if calculated {
		if condition, err = c.formula(formula); err != nil {
			return err
		}
	} else {
		measure, _, err := c.filtered(map[string]any{"fieldCaption": o["fieldCaption"], "function": o["function"]}, "CONDITION", R20262)
		if err != nil {
			return err
		}
		value, ok := constant(o["value"], measure.kind)
		if !ok || value == nil {
			return invalid("The value of a condition must be of type %s.", measure.kind)
		}
		condition = &expr{op: text(o, "comparison"), args: []*expr{measure, {op: "const", value: value}}, kind: "BOOLEAN", totals: measure.totals}
	}
	if !condition.totals || condition.kind != "BOOLEAN" {
		return invalid("The condition of a filter of type CONDITION must compare an aggregation.")
	}
	made.chosen = func(rows [][]any) func(any) bool {
		groups := groupBy(rows, []*expr{made.value})
		return members(slices.DeleteFunc(groups, func(g *group) bool { return condition.eval(nil, g.rows) != true }))
	}
	return nil
}

// members is the test for the values of groups.
func members(groups []*group) func(any) bool {
	keep := map[string]bool{}
	for _, g := range groups {
		keep[keyOf(g.values[0])] = true
	}
	return func(v any) bool { return keep[keyOf(v)] }
}
