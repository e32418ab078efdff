package resolvers

import (
	"context"
	"fmt"
	"math"
	"regexp"
	"slices"

	"vitrine/graph"
	"vitrine/internal/graphqlhttp"
	"vitrine/internal/tableau"
)

// Bounds of one query.
const (
	maxRowsColumns   = 50
	maxRowsValues    = 500
	maxRowsCaption   = 500
	maxRowsCondition = 50
)

// Rows are rows of the data source.
func (r dataSourceResolver) Rows(ctx context.Context, d *tableau.DataSource, query graph.RowsQuery, first int32) (*graph.DataRows, error) {
	most := r.mostRows(ctx)
	if int(first) > most && !given(ctx, "first") {
		first = int32Of(most)
	}
	if first < 1 || int(first) > most {
		return nil, graphqlhttp.InputError(fmt.Sprintf("first is %d: it can be 1 to %d", first, most))
	}
	q, err := rowsQuery(query)
	if err != nil {
		return nil, err
	}
	if err := d.Offers(ctx, q); err != nil { // what is not sent is not counted
		return nil, err
	}
	if err := r.takeDataQuery(ctx, d.Session().ContentURL()); err != nil {
		return nil, err
	}
	got, err := d.Rows(ctx, q, int(first))
	if err != nil {
		return nil, err
	}
	if err := operationFrom(ctx).ReserveTexts(len(got.Rows) * len(query.Columns)); err != nil {
		return nil, err
	}
	rows := &graph.DataRows{Rows: got.Rows, IsComplete: !got.More && !got.Broken}
	for _, c := range query.Columns {
		rows.Columns = append(rows.Columns, &graph.RowsColumn{Field: c.Field, Aggregate: c.Aggregate, DateLevel: c.DateLevel})
	}
	switch {
	case got.Broken:
		notePartial(ctx, tableau.GapBroken)
		reason := graph.IncompleteReasonBrokenOff
		rows.IncompleteReason = &reason
	case got.More:
		reason := graph.IncompleteReasonMoreRows
		rows.IncompleteReason = &reason
	}
	return rows, nil
}

// badQuery is an error of a query that is not sent.
func badQuery(format string, args ...any) error {
	return graphqlhttp.InputError(fmt.Sprintf(format, args...))
}

// rowsQuery makes the query that Tableau is sent, and checks what Tableau would refuse.
func rowsQuery(in graph.RowsQuery) (q tableau.DataQuery, err error) {
	if n := len(in.Columns); n < 1 || n > maxRowsColumns {
		return q, badQuery("query.columns has %d columns: it can have 1 to %d", n, maxRowsColumns)
	}
	if n := len(in.Where); n > maxRowsCondition {
		return q, badQuery("query.where has %d conditions: it can have up to %d", n, maxRowsCondition)
	}
	for i, c := range in.Columns {
		column, err := rowsColumn(i, c)
		if err != nil {
			return q, err
		}
		if slices.ContainsFunc(q.Fields, func(f tableau.RowsField) bool {
			return f.Caption == column.Caption && f.Function == column.Function
		}) {
			return q, badQuery("query.columns[%d] is there twice", i)
		}
		if c.Sort != nil {
			column.SortDirection = string(*c.Sort)
			column.SortPriority = 1 + countSorted(q.Fields)
		}
		q.Fields = append(q.Fields, column)
	}
	for i, c := range in.Where {
		filter, err := rowsFilter(fmt.Sprintf("query.where[%d]", i), c)
		if err != nil {
			return q, err
		}
		if slices.ContainsFunc(q.Filters, func(f tableau.RowsFilter) bool { return f.Field.Caption == filter.Field.Caption }) {
			return q, badQuery("query.where[%d] is a second condition on one field: combine them", i)
		}
		q.Filters = append(q.Filters, filter)
	}
	applyBeforeTop(q.Filters)
	for i, p := range in.Parameters {
		parameter := tableau.RowsParameter{Caption: p.Parameter}
		switch {
		case p.Text != nil && p.Number == nil:
			parameter.Value = *p.Text
		case p.Number != nil && p.Text == nil && isNumber(*p.Number):
			parameter.Value = *p.Number
		default:
			return q, badQuery("query.parameters[%d] needs either text or number", i)
		}
		q.Parameters = append(q.Parameters, parameter)
	}
	return q, nil
}

func countSorted(fields []tableau.RowsField) (n int) {
	for _, f := range fields {
		if f.SortDirection != "" {
			n++
		}
	}
	return n
}

// applyBeforeTop makes the other conditions apply before those with the first values: Tableau ranks
// before it filters otherwise.
func applyBeforeTop(filters []tableau.RowsFilter) {
	if slices.ContainsFunc(filters, func(f tableau.RowsFilter) bool { return f.Type == "TOP" }) {
		for i := range filters {
			filters[i].Context = filters[i].Type != "TOP"
		}
	}
}

func rowsColumn(i int, c *graph.RowsColumnInput) (f tableau.RowsField, err error) {
	at := fmt.Sprintf("query.columns[%d]", i)
	if err := checkCaption(at, c.Field); err != nil {
		return f, err
	}
	if c.Decimals != nil && (*c.Decimals < 0 || *c.Decimals > 20) {
		return f, badQuery("%s.decimals is %d: it can be 0 to 20", at, *c.Decimals)
	}
	f = tableau.RowsField{Caption: c.Field, MaxDecimalPlaces: c.Decimals}
	switch {
	case c.Aggregate != nil && c.DateLevel != nil:
		return f, badQuery("%s has aggregate and dateLevel: set one of them", at)
	case c.Aggregate != nil:
		f.Function = functionOf(*c.Aggregate)
	case c.DateLevel != nil:
		f.Function = string(*c.DateLevel)
	}
	return f, nil
}

func checkCaption(at, caption string) error {
	if caption == "" || len(caption) > maxRowsCaption {
		return badQuery("%s needs the caption of a field, of up to %d bytes", at, maxRowsCaption)
	}
	return nil
}

// functionOf is an aggregate as Tableau names it.
func functionOf(a graph.Aggregate) string {
	switch a {
	case graph.AggregateCountDistinct:
		return "COUNTD"
	case graph.AggregateDefault:
		return "AGG"
	}
	return string(a)
}

func isNumber(f float64) bool { return !math.IsNaN(f) && !math.IsInf(f, 0) }

var fullDate = regexp.MustCompile(`^[0-9]{4}-(0[1-9]|1[0-2])-(0[1-9]|[12][0-9]|3[01])$`)
