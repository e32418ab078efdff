package tableau

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"strconv"
	"strings"

	"vitrine/internal/tableau/rest"
)

// DataQuery asks for rows of a data source. It has no formulas and no credentials.
type DataQuery struct {
	Fields     []RowsField     `json:"fields"`
	Filters    []RowsFilter    `json:"filters,omitempty"`
	Parameters []RowsParameter `json:"parameters,omitempty"`
}

// RowsField is a column of the answer.
type RowsField struct {
	Caption          string `json:"fieldCaption"`
	Function         string `json:"function,omitempty"`
	MaxDecimalPlaces *int32 `json:"maxDecimalPlaces,omitempty"`
	SortDirection    string `json:"sortDirection,omitempty"`
	SortPriority     int    `json:"sortPriority,omitempty"`
}

// RowsFilterField is the field of a filter.
type RowsFilterField struct {
	Caption  string `json:"fieldCaption"`
	Function string `json:"function,omitempty"`
}

// RowsFilter is a filter of any type; which members it has depends on Type.
type RowsFilter struct {
	Field            RowsFilterField  `json:"field"`
	Type             string           `json:"filterType"`
	Context          bool             `json:"context,omitempty"`
	Values           []any            `json:"values,omitempty"`
	Exclude          bool             `json:"exclude,omitempty"`
	StartsWith       *string          `json:"startsWith,omitempty"`
	EndsWith         *string          `json:"endsWith,omitempty"`
	Contains         *string          `json:"contains,omitempty"`
	QuantitativeType string           `json:"quantitativeFilterType,omitempty"`
	Min              *float64         `json:"min,omitempty"`
	Max              *float64         `json:"max,omitempty"`
	MinDate          string           `json:"minDate,omitempty"`
	MaxDate          string           `json:"maxDate,omitempty"`
	IncludeNulls     bool             `json:"includeNulls,omitempty"`
	PeriodType       string           `json:"periodType,omitempty"`
	DateRangeType    string           `json:"dateRangeType,omitempty"`
	RangeN           *int32           `json:"rangeN,omitempty"`
	AnchorDate       string           `json:"anchorDate,omitempty"`
	HowMany          int32            `json:"howMany,omitempty"`
	FieldToMeasure   *RowsFilterField `json:"fieldToMeasure,omitempty"`
	Direction        string           `json:"direction,omitempty"`
}

// RowsParameter sets a parameter for one query.
type RowsParameter struct {
	Caption string `json:"parameterCaption"`
	Value   any    `json:"value"`
}

// Versions that brought parts of a query.
const (
	rowsDefaultFunction = "3.26" // the function AGG
	rowsParameters      = "3.27"
	rowLimitSince       = "3.28" // an older server refuses the option
)

// rowsRequest is the body of query-datasource.
type rowsRequest struct {
	DataSource dataSourceRef `json:"datasource"`
	Query      DataQuery     `json:"query"`
	Options    rowsOptions   `json:"options"`
}

type rowsOptions struct {
	ReturnFormat string `json:"returnFormat"`
	RowLimit     int    `json:"rowLimit,omitempty"`
}

// RowsRequest is the body of the request for up to first rows, for a server of a version.
func RowsRequest(source LUID, q DataQuery, first int, version string) ([]byte, error) {
	request := rowsRequest{dataSourceRef{source}, q, rowsOptions{ReturnFormat: "ARRAYS"}}
	if AtLeast(version, rowLimitSince) {
		request.Options.RowLimit = first + 1 // one more, which says whether there are more
	}
	return json.Marshal(request)
}

// needs is the API version that the query takes beyond that of its method; empty for none.
func (q DataQuery) needs() string {
	if len(q.Parameters) > 0 {
		return rowsParameters
	}
	for _, function := range q.functions() {
		if function == "AGG" {
			return rowsDefaultFunction
		}
	}
	return ""
}

// functions are the functions of columns and filters.
func (q DataQuery) functions() (functions []string) {
	for _, f := range q.Fields {
		functions = append(functions, f.Function)
	}
	for _, f := range q.Filters {
		functions = append(functions, f.Field.Function)
		if f.FieldToMeasure != nil {
			functions = append(functions, f.FieldToMeasure.Function)
		}
	}
	return functions
}

// RowsAnswer are rows of a data source.
type RowsAnswer struct {
	Rows   [][]*string // nil is null
	More   bool        // there are more rows than were asked for
	Broken bool        // Tableau broke off
}

// rowsOutput is what query-datasource answers. error may come beside rows.
type rowsOutput struct {
	Data  []json.RawMessage `json:"data"`
	Error json.RawMessage   `json:"error"`
}

var errNoRows = errors.New("it has neither rows nor an error")

// Offers returns the error of a query that this server does not take, which is of the kind
// Unsupported. Nothing of the query is sent.
func (d *DataSource) Offers(ctx context.Context, q DataQuery) error {
	return d.s.client.door.Offers(ctx, rest.SiteRead{Template: queryTemplate, Since: q.needs(), Body: []byte("{}")})
}

// Rows reads up to first rows. POST query-datasource, from API 3.25.
func (d *DataSource) Rows(ctx context.Context, q DataQuery, first int) (*RowsAnswer, error) {
	version, err := d.s.client.Version(ctx)
	if err != nil {
		return nil, err
	}
	body, err := RowsRequest(d.LUID, q, first, version)
	if err != nil {
		return nil, err
	}
	var out rowsOutput
	if err := d.ask(ctx, queryTemplate, q.needs(), json.RawMessage(body), &out); err != nil {
		return nil, q.explain(err)
	}
	return out.rows(len(q.Fields), first)
}

// rows are up to first rows of the answer. A row that cannot be read is left out, as rows are where
// Tableau breaks off.
func (o *rowsOutput) rows(columns, first int) (*RowsAnswer, error) {
	broken := len(o.Error) > 0 && string(o.Error) != "null"
	if o.Data == nil && !broken {
		return nil, &Error{Kind: Malformed, Call: "POST " + queryTemplate, Status: 200, Err: errNoRows}
	}
	rows := &RowsAnswer{Rows: make([][]*string, 0, min(len(o.Data), first)), More: len(o.Data) > first, Broken: broken}
	for _, raw := range o.Data[:min(len(o.Data), first)] {
		var values []json.RawMessage
		if json.Unmarshal(raw, &values) != nil || len(values) != columns {
			rows.Broken = true
			continue
		}
		row := make([]*string, columns)
		for i, value := range values {
			row[i] = cellText(value)
		}
		rows.Rows = append(rows.Rows, row)
	}
	return rows, nil
}

// cellText is a value as text: numbers as Tableau writes them, null as nil.
func cellText(raw json.RawMessage) *string {
	raw = bytes.TrimSpace(raw)
	text := string(raw)
	switch {
	case text == "null":
		return nil
	case len(raw) > 0 && raw[0] == '"':
		text = rest.ScalarText(raw)
	}
	return &text
}

// inputCodes are the codes of queries that Tableau does not accept.
var inputCodes = []string{"400000", "400800", "400802", "400803", "400804", "404934", "404935"}

// explain says what in the query Tableau does not accept, where its answer names a field of the
// query. Its own text goes no further.
func (q DataQuery) explain(err error) error {
	var e *Error
	switch {
	case !errors.As(err, &e):
		return err
	case e.Code == "400805":
		return &InputError{Reason: "the answer would be too large for Tableau: ask for fewer columns, or add filters"}
	case !HasCode(err, inputCodes...):
		return err
	}
	named := ""
	for _, caption := range q.captions() { // one may be part of another
		if len(caption) > len(named) && strings.Contains(e.Summary, caption) {
			named = caption
		}
	}
	if named != "" {
		return &InputError{Reason: "Tableau does not accept the field " + clipQuoted(named) + " in this query (code " + e.Code + "): queryFields lists the fields"}
	}
	return &InputError{Reason: "Tableau does not accept this query (code " + e.Code + "): compare it with queryFields"}
}

func (q DataQuery) captions() []string {
	var captions []string
	for _, f := range q.Fields {
		captions = append(captions, f.Caption)
	}
	for _, f := range q.Filters {
		captions = append(captions, f.Field.Caption)
		if f.FieldToMeasure != nil {
			captions = append(captions, f.FieldToMeasure.Caption)
		}
	}
	return captions
}

// clipQuoted is a text of the caller in quotes, cut to a length that fits a message.
func clipQuoted(text string) string { return strconv.Quote(rest.Clip(text, 100)) }
