package resolvers

import (
	"vitrine/graph"
	"vitrine/internal/tableau"
)

// rowsFilter makes one filter. Exactly one field of the condition is set, which is checked here
// once more: it decides what is sent.
func rowsFilter(at string, c *graph.RowsCondition) (f tableau.RowsFilter, err error) {
	set := 0
	use := func(is bool, make func() error) {
		if is {
			if set++; err == nil {
				err = make()
			}
		}
	}
	use(c.In != nil, func() error { return inFilter(at+".in", c.In, &f) })
	use(c.Match != nil, func() error { return matchFilter(at+".match", c.Match, &f) })
	use(c.Range != nil, func() error { return numberFilter(at+".range", c.Range, &f) })
	use(c.Dates != nil, func() error { return dateFilter(at+".dates", c.Dates, &f) })
	use(c.Relative != nil, func() error { return relativeFilter(at+".relative", c.Relative, &f) })
	use(c.Top != nil, func() error { return topFilter(at+".top", c.Top, &f) })
	if set != 1 {
		return f, badQuery("%s has %d conditions: set exactly one", at, set)
	}
	if err == nil {
		err = checkCaption(at, f.Field.Caption)
	}
	return f, err
}

func inFilter(at string, c *graph.InCondition, f *tableau.RowsFilter) error {
	*f = tableau.RowsFilter{Field: tableau.RowsFilterField{Caption: c.Field}, Type: "SET", Exclude: c.Exclude}
	for _, v := range c.Values {
		if v == nil {
			f.Values = append(f.Values, nil)
		} else {
			f.Values = append(f.Values, *v)
		}
	}
	for _, n := range c.Numbers {
		if !isNumber(n) {
			return badQuery("%s.numbers has a value that is not a number", at)
		}
		f.Values = append(f.Values, n)
	}
	switch n := len(f.Values); {
	case len(c.Values) > 0 && len(c.Numbers) > 0:
		return badQuery("%s has values and numbers: set one of them", at)
	case n < 1 || n > maxRowsValues:
		return badQuery("%s has %d values: it can have 1 to %d", at, n, maxRowsValues)
	}
	return nil
}

func matchFilter(at string, c *graph.MatchCondition, f *tableau.RowsFilter) error {
	*f = tableau.RowsFilter{
		Field: tableau.RowsFilterField{Caption: c.Field}, Type: "MATCH", Exclude: c.Exclude,
		StartsWith: c.StartsWith, Contains: c.Contains, EndsWith: c.EndsWith,
	}
	some := false
	for _, part := range []*string{c.StartsWith, c.Contains, c.EndsWith} {
		some = some || part != nil
		if part != nil && *part == "" {
			return badQuery("%s has an empty text, which matches everything: leave it out", at)
		}
	}
	if !some {
		return badQuery("%s needs startsWith, contains or endsWith", at)
	}
	return nil
}

// quantitative is the type of a range by which of its ends are there. includeNull decides where
// there are none.
func quantitative(hasMin, hasMax, includeNull bool) string {
	switch {
	case hasMin && hasMax:
		return "RANGE"
	case hasMin:
		return "MIN"
	case hasMax:
		return "MAX"
	case includeNull:
		return "ONLY_NULL"
	}
	return "ONLY_NON_NULL"
}

func numberFilter(at string, c *graph.NumberCondition, f *tableau.RowsFilter) error {
	*f = tableau.RowsFilter{
		Field: tableau.RowsFilterField{Caption: c.Field}, Type: "QUANTITATIVE_NUMERICAL", Min: c.Min, Max: c.Max,
		QuantitativeType: quantitative(c.Min != nil, c.Max != nil, c.IncludeNull),
	}
	f.IncludeNulls = c.IncludeNull && (c.Min != nil || c.Max != nil)
	if c.Aggregate != nil {
		f.Field.Function = functionOf(*c.Aggregate)
	}
	switch {
	case c.Min != nil && !isNumber(*c.Min) || c.Max != nil && !isNumber(*c.Max):
		return badQuery("%s has a value that is not a number", at)
	case c.Min != nil && c.Max != nil && *c.Min > *c.Max:
		return badQuery("%s.min is greater than max", at)
	}
	return nil
}

func dateFilter(at string, c *graph.DateCondition, f *tableau.RowsFilter) error {
	*f = tableau.RowsFilter{
		Field: tableau.RowsFilterField{Caption: c.Field}, Type: "QUANTITATIVE_DATE",
		QuantitativeType: quantitative(c.Min != nil, c.Max != nil, c.IncludeNull),
	}
	f.IncludeNulls = c.IncludeNull && (c.Min != nil || c.Max != nil)
	for text, into := range map[*string]*string{c.Min: &f.MinDate, c.Max: &f.MaxDate} {
		switch {
		case text == nil:
		case !fullDate.MatchString(*text):
			return badQuery("%s has a date that is not YYYY-MM-DD", at)
		default:
			*into = *text
		}
	}
	if f.MinDate != "" && f.MaxDate != "" && f.MinDate > f.MaxDate {
		return badQuery("%s.min is later than max", at)
	}
	return nil
}

var dateRanges = map[graph.DateRange]string{
	graph.DateRangeCurrent: "CURRENT", graph.DateRangeLast: "LAST", graph.DateRangeLastN: "LASTN",
	graph.DateRangeNext: "NEXT", graph.DateRangeNextN: "NEXTN", graph.DateRangeToDate: "TODATE",
}

func relativeFilter(at string, c *graph.RelativeDateCondition, f *tableau.RowsFilter) error {
	*f = tableau.RowsFilter{
		Field: tableau.RowsFilterField{Caption: c.Field}, Type: "DATE", PeriodType: string(c.Period), DateRangeType: dateRanges[c.Range],
		RangeN: c.N, IncludeNulls: c.IncludeNull,
	}
	counts := c.Range == graph.DateRangeLastN || c.Range == graph.DateRangeNextN
	switch {
	case counts && (c.N == nil || *c.N < 1):
		return badQuery("%s.n is needed with LAST_N and NEXT_N, 1 or more", at)
	case !counts && c.N != nil:
		return badQuery("%s.n goes with LAST_N and NEXT_N alone", at)
	case c.Anchor != nil && !fullDate.MatchString(*c.Anchor):
		return badQuery("%s.anchor is not a date YYYY-MM-DD", at)
	case c.Anchor != nil:
		f.AnchorDate = *c.Anchor
	}
	return nil
}

func topFilter(at string, c *graph.TopCondition, f *tableau.RowsFilter) error {
	*f = tableau.RowsFilter{
		Field: tableau.RowsFilterField{Caption: c.Field}, Type: "TOP", HowMany: c.N, Direction: "TOP",
		FieldToMeasure: &tableau.RowsFilterField{Caption: c.By, Function: functionOf(c.Aggregate)},
	}
	if c.Smallest {
		f.Direction = "BOTTOM"
	}
	if c.N < 1 {
		return badQuery("%s.n is %d: it can be 1 or more", at, c.N)
	}
	return checkCaption(at+".by", c.By)
}
