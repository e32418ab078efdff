package vizql

import (
	"bytes"
	"encoding/json"
	"slices"
	"strings"
	"time"
)

// Request is a request that is as the OpenAPI document of a release says.
type Request struct {
	DatasourceID string
	Connections  bool // it brings credentials
	release      Release
	body         map[string]any
	options      map[string]any
}

// Kinds of requests, by the names of the OpenAPI documents.
const (
	QueryRequest     = "QueryRequest"
	MetadataRequest  = "ReadMetadataRequest"
	ModelRequest     = "GetDatasourceModelRequest"
	FunctionsRequest = "ListSupportedFunctionRequest"
)

// Read reads a request of a kind and checks its form.
func Read(body []byte, kind string, r Release) (*Request, *Error) {
	var o map[string]any
	d := json.NewDecoder(bytes.NewReader(body))
	if err := d.Decode(&o); err != nil || d.More() {
		return nil, fail("400000", "The request body could not be read as JSON.")
	}
	if err := check(map[string]any(o), kind, "", r); err != nil {
		return nil, err
	}
	source := o["datasource"].(map[string]any)
	x := &Request{DatasourceID: source["datasourceLuid"].(string), release: r, body: o}
	_, x.Connections = source["connections"]
	x.options, _ = o["options"].(map[string]any)
	return x, nil
}

// option reports whether a flag of the options is set.
func (x *Request) option(name string) bool { return x.options[name] == true }

// Streamed reports whether the answer is to be events.
func (x *Request) Streamed() bool { return x.option("returnServerSentEvents") }

// query is a query that is ready to run.
type query struct {
	source    *Source
	columns   []*column
	filters   []*filter
	arrays    bool
	perRow    bool // disaggregate
	limit     int  // rowLimit; none when zero
	dimension []*column
}

// column is a column of the answer.
type column struct {
	key        string // its name in an object
	caption    string
	function   string
	value      *expr
	decimals   int // -1: all
	descending bool
	priority   int // none when zero
	calcs      []tableCalc
}

// prepare makes a query of a request, with the rules that the OpenAPI document does not hold.
func (x *Request) prepare(s *Source, now time.Time) (*query, *Error) {
	body := x.body["query"].(map[string]any)
	c := &compiler{source: s, byName: x.option("interpretFieldCaptionsAsFieldNames"), params: map[string]any{}}
	if err := c.parameters(objects(body["parameters"])); err != nil {
		return nil, err
	}
	q := &query{source: s, arrays: x.options["returnFormat"] == "ARRAYS", perRow: x.option("disaggregate")}
	if limit, ok := x.options["rowLimit"].(float64); ok {
		q.limit = int(limit)
	}
	fields := objects(body["fields"])
	if len(fields) == 0 {
		return nil, invalid("The query must have at least one field.")
	}
	seen, priorities := map[string]bool{}, map[int]bool{}
	for _, f := range fields {
		col, err := c.column(f)
		if err != nil {
			return nil, err
		}
		what := col.caption + "\x00" + col.function
		switch {
		case seen[what]:
			return nil, invalid("The field %s is in the query more than once.", col.caption)
		case col.priority != 0 && priorities[col.priority]:
			return nil, invalid("The sortPriority %d is used more than once.", col.priority)
		}
		seen[what], priorities[col.priority] = true, true
		q.columns = append(q.columns, col)
		if !col.value.totals && len(col.calcs) == 0 {
			q.dimension = append(q.dimension, col)
		}
	}
	for _, col := range q.columns {
		if err := col.addressed(q.dimension); err != nil {
			return nil, err
		}
	}
	filters := objects(body["filters"])
	had := map[string]bool{}
	for _, f := range filters {
		made, what, err := c.filter(f, x.release, now)
		if err != nil {
			return nil, err
		}
		if had[what] {
			return nil, invalid("There is more than one filter on the field %s.", strings.Split(what, "\x00")[0])
		}
		had[what] = true
		q.filters = append(q.filters, made)
	}
	return q, nil
}

func objects(v any) []map[string]any {
	list, _ := v.([]any)
	out := make([]map[string]any, 0, len(list))
	for _, x := range list {
		o, _ := x.(map[string]any)
		out = append(out, o)
	}
	return out
}

func text(o map[string]any, name string) string {
	s, _ := o[name].(string)
	return s
}

// parameters takes the values of parameters: those of the source, unless the request has others.
func (c *compiler) parameters(given []map[string]any) *Error {
	for _, p := range c.source.Parameters {
		c.params[p.Caption] = p.Value
	}
	for _, o := range given {
		name := text(o, "parameterCaption")
		i := slices.IndexFunc(c.source.Parameters, func(p Parameter) bool { return p.Caption == name })
		if i < 0 {
			return invalid("Unknown Parameter: %s.", name)
		}
		if err := c.source.Parameters[i].takes(o["value"]); err != nil {
			return err
		}
		c.params[name] = o["value"]
	}
	return nil
}

// takes checks a value for a parameter.
func (p Parameter) takes(v any) *Error {
	number, isNumber := v.(float64)
	_, isText := v.(string)
	numeric := p.DataType == "INTEGER" || p.DataType == "REAL"
	least, hasLeast := p.Min.(float64)
	most, hasMost := p.Max.(float64)
	switch {
	case numeric != isNumber || !numeric && !isText:
		return invalid("The value of the parameter %s must be of type %s.", p.Caption, p.DataType)
	case p.Kind == "LIST" && !slices.ContainsFunc(p.Members, func(m Member) bool { return m.Value == v }):
		return invalid("The value of the parameter %s is not one of its members.", p.Caption)
	case hasLeast && number < least, hasMost && number > most:
		return invalid("The value of the parameter %s is out of its range.", p.Caption)
	}
	return nil
}

// column makes a column of a field of the request.
func (c *compiler) column(f map[string]any) (*column, *Error) {
	col := &column{caption: text(f, "fieldCaption"), function: text(f, "function"), decimals: -1, descending: text(f, "sortDirection") == "DESC"}
	if n, ok := f["maxDecimalPlaces"].(float64); ok {
		col.decimals = int(n)
	}
	if n, ok := f["sortPriority"].(float64); ok {
		col.priority = int(n)
	}
	_, binned := f["binSize"]
	_, calculated := f["calculation"]
	switch {
	case calculated && col.function != "":
		return nil, invalid("The field %s must not have both a function and a calculation.", col.caption)
	case binned && (calculated || col.function != "" || f["tableCalculation"] != nil):
		return nil, malformed("The field %s must have nothing beside binSize.", col.caption)
	case f["nestedTableCalculations"] != nil && f["tableCalculation"] == nil:
		return nil, malformed("The field %s has nestedTableCalculations and no tableCalculation.", col.caption)
	}
	err := c.value(col, f)
	if err != nil {
		return nil, err
	}
	if calc, ok := f["tableCalculation"].(map[string]any); ok {
		if col.calcs, err = tableCalcs(calc); err != nil {
			return nil, err
		}
	}
	col.key = col.caption
	if col.function != "" {
		col.key = col.function + "(" + col.caption + ")"
	}
	if alias := text(f, "fieldAlias"); alias != "" {
		col.key = alias
	}
	return col, nil
}

// value sets the expression of a column.
func (c *compiler) value(col *column, f map[string]any) (err *Error) {
	if formula, ok := f["calculation"].(string); ok {
		col.value, err = c.formula(formula)
		return err
	}
	if col.value, _, err = c.ref(col.caption); err != nil {
		return err
	}
	if size, ok := f["binSize"].(float64); ok {
		if size <= 0 || !numeric(col.value.kind) || col.value.totals {
			return invalid("The field %s cannot be binned by %v.", col.caption, size)
		}
		whole := &expr{op: "const", value: size, kind: "REAL"}
		index := &expr{op: "FLOOR", args: []*expr{{op: "/", args: []*expr{col.value, whole}, kind: "REAL", perRow: true}}, kind: "INTEGER", perRow: true}
		col.value = &expr{op: "*", args: []*expr{index, whole}, kind: "REAL", perRow: true} // the lower bound
		return nil
	}
	if col.function != "" {
		col.value, err = apply(col.function, col.value, col.caption)
	}
	return err
}

func numeric(kind string) bool { return kind == "INTEGER" || kind == "REAL" }
func dated(kind string) bool   { return kind == "DATE" || kind == "DATETIME" }

// apply applies a function of a request to an expression.
func apply(function string, e *expr, caption string) (*expr, *Error) {
	if unit, ok := strings.CutPrefix(function, "TRUNC_"); ok {
		if !dated(e.kind) {
			return nil, invalid("The function %s cannot be applied to the field %s of type %s.", function, caption, e.kind)
		}
		args := []*expr{{op: "const", value: strings.ToLower(unit), kind: "STRING"}, e}
		return &expr{op: "DATETRUNC", args: args, kind: e.kind, perRow: e.perRow, totals: e.totals}, nil
	}
	switch function {
	case "NONE", "UNSPECIFIED":
		return e, nil
	case "AGG":
		if !e.totals {
			return nil, invalid("The function AGG cannot be applied to the field %s, which does not aggregate.", caption)
		}
		return e, nil
	case "COLLECT":
		return nil, invalid("The function COLLECT cannot be applied to the field %s of type %s.", caption, e.kind)
	}
	f := functions[function]
	switch {
	case f.aggregates && e.totals:
		return nil, fail("400804", "The field %s is already an aggregation, and cannot be further aggregated.", caption)
	case f.aggregates && slices.Contains([]string{"SUM", "AVG", "MEDIAN", "STDEV", "VAR"}, function) && !numeric(e.kind),
		!f.aggregates && !dated(e.kind):
		return nil, invalid("The function %s cannot be applied to the field %s of type %s.", function, caption, e.kind)
	}
	kind := f.result
	if kind == "" {
		kind = e.kind
	}
	return &expr{op: function, args: []*expr{e}, kind: kind, totals: f.aggregates || e.totals, perRow: !f.aggregates && e.perRow}, nil
}
