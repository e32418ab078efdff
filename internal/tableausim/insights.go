package tableausim

import (
	"encoding/json"
	"fmt"
	"math"
	"slices"
	"strconv"
	"strings"
	"time"

	"vitrine/internal/tableausim/vizql"
	"vitrine/internal/tableausim/wire"
)

// bundleRequest is what is asked of a metric: the whole metric, not its LUID.
type bundleRequest struct {
	Bundle struct {
		Options struct {
			Format   string `json:"output_format"`
			Now      string `json:"now"`
			TimeZone string `json:"time_zone"`
		} `json:"options"`
		Input struct {
			Metadata struct {
				Name         string `json:"name"`
				MetricID     string `json:"metric_id"`
				DefinitionID string `json:"definition_id"`
			} `json:"metadata"`
			Metric struct {
				Definition struct {
					Datasource struct {
						ID string `json:"id"`
					} `json:"datasource"`
					Basic struct {
						Measure struct {
							Field       string `json:"field"`
							Aggregation string `json:"aggregation"`
						} `json:"measure"`
						Time struct {
							Field string `json:"field"`
						} `json:"time_dimension"`
						Filters []pulseFilter `json:"filters"`
					} `json:"basic_specification"`
				} `json:"definition"`
				Specification struct {
					Filters []pulseFilter `json:"filters"`
					Period  struct {
						Granularity string `json:"granularity"`
						Range       string `json:"range"`
					} `json:"measurement_period"`
					Comparison struct {
						Comparison string `json:"comparison"`
					} `json:"comparison"`
				} `json:"metric_specification"`
				Extension struct {
					Dimensions []string `json:"allowed_dimensions"`
				} `json:"extension_options"`
				Representation struct {
					Type string `json:"type"`
				} `json:"representation_options"`
			} `json:"metric"`
		} `json:"input"`
	} `json:"bundle_request"`
}

type pulseFilter struct {
	Field       string   `json:"field"`
	Operator    string   `json:"operator"`
	Values      []string `json:"values"`
	Categorical []struct {
		Text string `json:"string_value"`
	} `json:"categorical_values"`
}

// aggregations are the functions of measures.
var aggregations = map[string]string{
	"AGGREGATION_SUM": "SUM", "AGGREGATION_AVERAGE": "AVG", "AGGREGATION_MEDIAN": "MEDIAN", "AGGREGATION_MAX": "MAX", "AGGREGATION_MIN": "MIN",
	"AGGREGATION_COUNT": "COUNT", "AGGREGATION_COUNT_DISTINCT": "COUNTD", "AGGREGATION_USER": "AGG",
}

// periods are the periods of granularities.
var periods = map[string]string{
	"GRANULARITY_BY_DAY": "DAYS", "GRANULARITY_BY_WEEK": "WEEKS", "GRANULARITY_BY_MONTH": "MONTHS", "GRANULARITY_BY_QUARTER": "QUARTERS", "GRANULARITY_BY_YEAR": "YEARS",
}

// insight is a bundle being worked out.
type insight struct {
	name          string
	source        *vizql.Source
	measure, time *vizql.Field
	function      string
	filters       []pulseFilter
	period, unit  string
	partial       bool
	comparison    string
	dimensions    []string
	percent, html bool
	now           time.Time
}

// span is a range of time without its end.
type span struct{ from, to time.Time }

// readInsight checks a request and finds what it names.
func readInsight(c *call) (*insight, error) {
	var r bundleRequest
	if json.Unmarshal(c.body, &r) != nil {
		return nil, wire.Fail("400000", "The body.")
	}
	in, options := r.Bundle.Input.Metric, r.Bundle.Options
	d, ok := find[*datasource](c.site(), in.Definition.Datasource.ID)
	if !ok || !c.user().seesDatasource(d) {
		return nil, wire.Fail("404939", "The data source.")
	}
	x := &insight{
		name: r.Bundle.Input.Metadata.Name, source: c.rowsFor(c.s.source(c.site(), d)), function: aggregations[in.Definition.Basic.Measure.Aggregation],
		filters: slices.Concat(in.Definition.Basic.Filters, in.Specification.Filters), unit: in.Specification.Period.Granularity,
		period: periods[in.Specification.Period.Granularity], partial: in.Specification.Period.Range == "RANGE_CURRENT_PARTIAL",
		comparison: in.Specification.Comparison.Comparison, dimensions: in.Extension.Dimensions,
		percent: in.Representation.Type == "NUMBER_FORMAT_TYPE_PERCENT", html: options.Format != "OUTPUT_FORMAT_TEXT",
	}
	x.measure, x.time = fieldOf(x.source, in.Definition.Basic.Measure.Field), fieldOf(x.source, in.Definition.Basic.Time.Field)
	switch {
	case x.measure == nil:
		return nil, wire.Fail("404932", "The measure.")
	case x.time == nil || x.time.DataType != "DATE" && x.time.DataType != "DATETIME":
		return nil, wire.Fail("404933", "The time dimension.")
	case x.function == "":
		return nil, wire.Fail("400901", "The aggregation.")
	case x.period == "" || !x.partial && in.Specification.Period.Range != "RANGE_LAST_COMPLETE":
		return nil, wire.Fail("400732", "The measurement period.")
	}
	for _, f := range x.filters {
		if fieldOf(x.source, f.Field) == nil {
			return nil, wire.Fail("404934", "The field of a filter.")
		}
	}
	return x, x.clock(c, options.Now, options.TimeZone)
}

// clock sets the time that counts as now: that of the request, else the last day of the data, which
// does not move with the clock.
func (x *insight) clock(c *call, now, zone string) error {
	if zone != "" {
		if _, err := time.LoadLocation(zone); err != nil {
			return wire.Fail("400700", "The time zone.")
		}
	}
	x.now = c.s.cfg.Now().UTC()
	if x.now.After(dataEnd) {
		x.now = dataEnd
	}
	if now == "" {
		return nil
	}
	for _, layout := range []string{time.DateOnly, time.DateTime} {
		if t, err := time.Parse(layout, now); err == nil {
			x.now = t
			return nil
		}
	}
	return wire.Fail("400700", "The time.")
}

// spans are the period of the metric and the one that it is compared with. A period to date is
// compared with as many days.
func (x *insight) spans() (target, compared span) {
	start := vizql.Truncate(x.now, x.period)
	target = span{start, vizql.Truncate(x.now, "DAYS").AddDate(0, 0, 1)}
	if !x.partial {
		target = span{vizql.Step(start, x.period, -1), start}
	}
	back := func(t time.Time) time.Time { return vizql.Step(t, x.period, -1) }
	if x.comparison == "TIME_COMPARISON_YEAR_AGO_PERIOD" {
		back = func(t time.Time) time.Time { return t.AddDate(-1, 0, 0) }
	}
	return target, span{back(target.from), back(target.to)}
}

// value is the measure in a range of time; nil where there is no data.
func (x *insight) value(s span, more ...pulseFilter) any {
	v, err := x.source.Measure(x.measure, x.function, func(row []any) bool {
		t, ok := row[x.time.Column].(time.Time)
		if !ok || t.Before(s.from) || !t.Before(s.to) {
			return false
		}
		for _, f := range slices.Concat(x.filters, more) {
			if !f.keeps(x.source, row) {
				return false
			}
		}
		return true
	})
	if err != nil {
		return nil
	}
	return v
}

// keeps applies a filter to a row.
func (f pulseFilter) keeps(x *vizql.Source, row []any) bool {
	field := fieldOf(x, f.Field)
	if field == nil || field.Column < 0 {
		return true
	}
	values := slices.Clone(f.Values)
	for _, v := range f.Categorical {
		values = append(values, v.Text)
	}
	text, _ := row[field.Column].(string)
	return slices.Contains(values, text) != (f.Operator == "OPERATOR_NOT_EQUAL")
}

// formatted is a number as people read it.
func (x *insight) formatted(n float64) string {
	if x.percent {
		return strconv.FormatFloat(100*n, 'f', 1, 64) + "%"
	}
	if math.Abs(n) >= 1000 {
		return strconv.FormatFloat(n/1000, 'f', 1, 64) + "K"
	}
	return strconv.FormatFloat(n, 'f', 2, 64)
}

func (x *insight) amount(n float64) object { return object{"raw": n, "formatted": x.formatted(n)} }

func (x *insight) timePeriod(s span) object {
	return object{
		"range": map[bool]string{true: "to date", false: "complete"}[x.partial], "label": s.from.Format("January 2006"),
		"granularity":     strings.ToLower(strings.TrimPrefix(x.unit, "GRANULARITY_BY_")),
		"start_timestamp": s.from.Format(time.RFC3339), "end_timestamp": s.to.Format(time.RFC3339),
	}
}

// marked is text with the parts of it marked, in the form that was asked for.
func (x *insight) marked(kind, text string) string {
	if x.html {
		return `<span data-type="` + kind + `">` + text + `</span>`
	}
	return text
}

// change is the insight popc: the value, and how it changed. Without data it has no values.
func (x *insight) change() object {
	target, compared := x.spans()
	facts := object{
		"sentiment": "neutral", "is_custom_comparison": false, "result_hash": strconv.FormatUint(seed(x.name, target.from.String()), 16),
		"target_time_period": x.timePeriod(target), "comparison_time_period": x.timePeriod(compared),
	}
	markup := "There is no data for " + x.marked("metric", x.name) + " in this period."
	value, hasValue := asNumber(x.value(target))
	before, hasBefore := asNumber(x.value(compared))
	if hasValue {
		facts["target_period_value"] = x.amount(value)
		markup = x.marked("metric", x.name) + " was " + x.marked("value", x.formatted(value)) + " (" + target.from.Format("January 2006") + ")"
	}
	if hasValue && hasBefore && x.comparison != "TIME_COMPARISON_NONE" {
		difference := object{"absolute": x.amount(value - before), "direction": "flat"}
		if before != 0 {
			relative := (value - before) / math.Abs(before)
			difference["relative"] = object{"raw": relative, "formatted": strconv.FormatFloat(100*relative, 'f', 1, 64) + "%"}
		}
		switch {
		case value > before:
			difference["direction"], facts["sentiment"] = "up", "positive"
		case value < before:
			difference["direction"], facts["sentiment"] = "down", "negative"
		}
		facts["comparison_period_value"], facts["difference"] = x.amount(before), difference
		markup += ", " + x.marked("change", fmt.Sprint(difference["direction"])+" from "+x.formatted(before))
	}
	return x.result("popc", "What changed?", markup, facts)
}

func asNumber(v any) (float64, bool) {
	switch v := v.(type) {
	case int64:
		return float64(v), true
	case float64:
		return v, true
	}
	return 0, false
}

func (x *insight) result(kind, question, markup string, facts object) object {
	return object{
		"type": kind, "version": 1, "content": "", "markup": markup, "viz": object{}, "facts": facts, "characterization": "CHARACTERIZATION_UNSPECIFIED",
		"question": question, "score": 0, "id": luid("insight", x.name, kind, question), "generation_id": "",
	}
}

// contributors are the members of a dimension with the largest values.
func (x *insight) contributors(dimension string) object {
	field := fieldOf(x.source, dimension)
	target, _ := x.spans()
	type contributor struct {
		name  string
		value float64
	}
	var list []contributor
	for _, name := range namesIn[strings.ToLower(dimension)].Values {
		if n, ok := asNumber(x.value(target, pulseFilter{Field: dimension, Operator: "OPERATOR_EQUAL", Values: []string{name}})); ok {
			list = append(list, contributor{name, n})
		}
	}
	if field == nil || len(list) == 0 {
		return nil
	}
	slices.SortStableFunc(list, func(a, b contributor) int { return int(math.Copysign(1, b.value-a.value)) })
	rows := []object{}
	for _, k := range list {
		entry := func(text string) object { return object{"value": object{"formatted_value": text}} }
		rows = append(rows, object{"entries": []object{entry(k.name), entry(x.formatted(k.value))}})
	}
	o := x.result("top-contributors", "Which "+field.Caption+" contributes most?", x.marked("dimension", list[0].name)+" contributed most with "+x.marked("value", x.formatted(list[0].value)), object{
		"dimension": field.Caption, "top": list[0].name,
	})
	o["table"] = object{"columns": []object{{"label": field.Caption}, {"label": x.measure.Caption}}, "rows": rows}
	return o
}

// insightsOf makes a handler of the bundles of one kind.
func insightsOf(kind string) handler {
	return func(c *call) (*answer, error) {
		if c.s.cfg.Pulse.Deadline {
			return nil, wire.Fail("408901", "The deadline.")
		}
		x, err := readInsight(c)
		if err != nil {
			return nil, err
		}
		groups := []object{x.group(c, "ban", x.change())}
		if kind != "ban" {
			var more []object
			for _, dimension := range x.dimensions {
				if o := x.contributors(dimension); o != nil {
					more = append(more, o)
				}
			}
			groups = append(groups, x.group(c, map[bool]string{true: "breakdown", false: "top"}[kind == "breakdown"], more...))
		}
		groups = append(groups, object{"type": "timely", "insights": []any{}, "summaries": []any{}})
		return created(c, object{"bundle_response": object{"result": object{
			"insight_groups": groups, "has_errors": c.s.cfg.Pulse.InsightErrors, "characterization": "CHARACTERIZATION_UNSPECIFIED",
		}}})
	}
}

// group is a group of insights, with a summary that says nothing.
func (x *insight) group(c *call, kind string, results ...object) object {
	insights := []object{}
	for _, r := range results {
		one := object{"result": r, "insight_type": r["type"]}
		if c.s.cfg.Pulse.InsightErrors {
			one = object{"insight_type": r["type"], "error": object{"code": "500900", "message": "0x0"}}
		}
		insights = append(insights, one)
	}
	summary := object{"result": object{"id": "", "markup": "", "viz": object{}, "generation_id": "", "timestamp": "", "last_attempted_timestamp": ""}}
	return object{"type": kind, "insights": insights, "summaries": []object{summary}}
}

// brief is POST insights/brief, which a language model answers in the real product.
func brief(c *call) (*answer, error) {
	if c.s.cfg.Pulse.AIOff {
		return nil, wire.Fail("400955", "AI is off.")
	}
	return created(c, object{
		"markup": "The stand-in has nothing to say.", "generation_id": luid("brief", string(c.body)), "source_insights": []any{},
		"follow_up_questions": []object{{"content": "What changed?"}}, "group_context": []any{}, "not_enough_information": true,
	})
}
