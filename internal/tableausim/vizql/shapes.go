package vizql

import (
	"fmt"
	"math"
	"slices"
	"strings"
	"time"
)

// Release is a release of the VizQL Data Service, as its documents are numbered: 20251 is 2025.1.
type Release int

// The releases that differ. What came in 2025.2 was on Tableau Cloud first.
const (
	R20251 Release = 20251
	R20252 Release = 20252
	R20253 Release = 20253
	R20261 Release = 20261
	R20262 Release = 20262
)

// member is one member of an object of a request.
type member struct {
	kind     string  // string, integer, number, boolean, date, any, an object, an enumeration; []kind is a list
	required bool    // must be there
	since    Release // the first that has it; all when zero
	until    Release // the first that does not have it any more; none when zero
	least    float64 // of a number
	bounded  bool    // least counts
}

type shape map[string]member

// with joins shapes.
func with(shapes ...shape) shape {
	out := shape{}
	for _, s := range shapes {
		for name, m := range s {
			out[name] = m
		}
	}
	return out
}

// fieldBase is what every field of a query may have.
var fieldBase = shape{
	"fieldCaption": {kind: "string", required: true}, "fieldAlias": {kind: "string"}, "maxDecimalPlaces": {kind: "integer", bounded: true},
	"sortDirection": {kind: "SortDirection"}, "sortPriority": {kind: "integer", least: 1, bounded: true},
}

// filterBase is what every filter has.
var filterBase = shape{
	"field": {kind: "FilterField", required: true}, "filterType": {kind: "FilterType", required: true}, "context": {kind: "boolean"},
}

var quantitativeBase = with(filterBase, shape{
	"quantitativeFilterType": {kind: "QuantitativeFilterType", required: true}, "includeNulls": {kind: "boolean"},
})

// calcBase is what every table calculation has.
var calcBase = shape{
	"tableCalcType": {kind: "TableCalcType", required: true}, "dimensions": {kind: "[]TableCalcFieldReference", required: true},
}

var calcSort = shape{"levelAddress": {kind: "TableCalcFieldReference"}, "customSort": {kind: "TableCalcCustomSort"}}

// shapes are the objects of requests, by the names of the OpenAPI documents. A request with any
// other member is refused. Field and FilterField have the members of all their alternatives.
var shapes = map[string]shape{
	"QueryRequest": {
		"datasource": {kind: "Datasource", required: true}, "query": {kind: "Query", required: true}, "options": {kind: "QueryDatasourceOptions"},
	},
	"ReadMetadataRequest":          {"datasource": {kind: "Datasource", required: true}, "options": {kind: "QueryOptions"}},
	"GetDatasourceModelRequest":    {"datasource": {kind: "Datasource", required: true}, "options": {kind: "QueryOptions"}},
	"ListSupportedFunctionRequest": {"datasource": {kind: "Datasource", required: true}, "options": {kind: "QueryOptions"}},
	"Datasource":                   {"datasourceLuid": {kind: "string", required: true}, "connections": {kind: "[]Connection"}},
	"Connection": {
		"connectionLuid": {kind: "string"}, "connectionUsername": {kind: "string", required: true}, "connectionPassword": {kind: "string", required: true},
	},
	"QueryOptions": queryOptions,
	"QueryDatasourceOptions": with(queryOptions, shape{
		"returnFormat": {kind: "ReturnFormat"}, "disaggregate": {kind: "boolean"},
		"rowLimit": {kind: "integer", least: 1, bounded: true, since: R20261}, "returnServerSentEvents": {kind: "boolean", since: R20261},
	}),
	"Query": {
		"fields": {kind: "[]Field", required: true}, "filters": {kind: "[]Filter"}, "parameters": {kind: "[]Parameter", since: R20253},
	},
	"Parameter": {"parameterCaption": {kind: "string", required: true}, "value": {kind: "any", required: true}},
	"Field": with(fieldBase, shape{
		"function": {kind: "Function"}, "calculation": {kind: "string"}, "binSize": {kind: "number", since: R20253},
		"tableCalculation": {kind: "TableCalcSpecification", since: R20253}, "nestedTableCalculations": {kind: "[]TableCalcSpecification", since: R20253},
	}),
	"FilterField": {"fieldCaption": {kind: "string"}, "function": {kind: "Function"}, "calculation": {kind: "string"}},
	"SetFilter":   with(filterBase, shape{"values": {kind: "[]any", required: true}, "exclude": {kind: "boolean"}}),
	"MatchFilter": with(filterBase, shape{
		"startsWith": {kind: "string"}, "endsWith": {kind: "string"}, "contains": {kind: "string"}, "exclude": {kind: "boolean"},
	}),
	"QuantitativeNumericalFilter": with(quantitativeBase, shape{"min": {kind: "number"}, "max": {kind: "number"}}),
	"QuantitativeDateFilter":      with(quantitativeBase, shape{"minDate": {kind: "date"}, "maxDate": {kind: "date"}}),
	"RelativeDateFilter": with(filterBase, shape{
		"periodType": {kind: "PeriodType", required: true}, "dateRangeType": {kind: "DateRangeType", required: true}, "rangeN": {kind: "integer"},
		"anchorDate": {kind: "date"}, "includeNulls": {kind: "boolean"},
	}),
	"TopNFilter": with(filterBase, shape{
		"direction": {kind: "TopDirection"}, "howMany": {kind: "integer", required: true}, "fieldToMeasure": {kind: "FilterField", required: true},
	}),
	"ConditionFilter": with(filterBase, shape{"condition": {kind: "ConditionalFilterCondition"}, "calculation": {kind: "string"}}),
	"ConditionalFilterCondition": {
		"fieldCaption": {kind: "string", required: true}, "function": {kind: "Function", required: true}, "comparison": {kind: "Comparison", required: true},
		"value": {kind: "any", required: true},
	},
	"TableCalcFieldReference": {"fieldCaption": {kind: "string", required: true}, "function": {kind: "Function"}},
	"TableCalcCustomSort": {
		"fieldCaption": {kind: "string", required: true}, "function": {kind: "Function", required: true}, "direction": {kind: "SortDirection", required: true},
	},
	"CustomTableCalcSpecification": with(calcBase, calcSort, shape{"restartEvery": {kind: "TableCalcFieldReference"}}),
	"NestedTableCalcSpecification": with(calcBase, calcSort, shape{
		"restartEvery": {kind: "TableCalcFieldReference"}, "fieldCaption": {kind: "string", required: true},
	}),
	"DifferenceTableCalcSpecification":     with(calcBase, calcSort, shape{"relativeTo": {kind: "RelativeTo"}}),
	"PercentOfTotalTableCalcSpecification": with(calcBase, calcSort),
	"RankTableCalcSpecification":           with(calcBase, shape{"rankType": {kind: "RankType"}, "direction": {kind: "SortDirection"}}),
	"PercentileTableCalcSpecification":     with(calcBase, shape{"direction": {kind: "SortDirection"}}),
	"RunningTotalTableCalcSpecification": with(calcBase, shape{
		"aggregation": {kind: "TableCalcComputedAggregation"}, "restartEvery": {kind: "TableCalcFieldReference"}, "customSort": {kind: "TableCalcCustomSort"},
		"secondaryTableCalculation": {kind: "TableCalcSpecification"},
	}),
	"MovingTableCalcSpecification": with(calcBase, shape{
		"aggregation": {kind: "TableCalcComputedAggregation"}, "previous": {kind: "integer"}, "next": {kind: "integer"}, "includeCurrent": {kind: "boolean"},
		"fillInNull": {kind: "boolean"}, "customSort": {kind: "TableCalcCustomSort"}, "secondaryTableCalculation": {kind: "TableCalcSpecification"},
	}),
}

var queryOptions = shape{
	"debug": {kind: "boolean"}, "returnFormat": {kind: "ReturnFormat", until: R20253}, "bypassMetadataCache": {kind: "boolean", since: R20253},
	"interpretFieldCaptionsAsFieldNames": {kind: "boolean", since: R20253}, "includeHiddenFields": {kind: "boolean", since: R20261},
	"includeGroupFormulas": {kind: "boolean", since: R20261},
}

// enums are the enumerations of requests. The functions that aggregate no more came in 2025.2.
var enums = map[string][]string{
	"SortDirection": {"ASC", "DESC"}, "ReturnFormat": {"OBJECTS", "ARRAYS"}, "TopDirection": {"TOP", "BOTTOM"},
	"FilterType":             {"QUANTITATIVE_DATE", "QUANTITATIVE_NUMERICAL", "SET", "MATCH", "CONDITION", "DATE", "TOP"},
	"QuantitativeFilterType": {"RANGE", "MIN", "MAX", "ONLY_NULL", "ONLY_NON_NULL"},
	"PeriodType":             {"MINUTES", "HOURS", "DAYS", "WEEKS", "MONTHS", "QUARTERS", "YEARS"},
	"DateRangeType":          {"CURRENT", "LAST", "LASTN", "NEXT", "NEXTN", "TODATE"},
	"Comparison":             {"=", "<>", "<", "<=", ">", ">="},
	"TableCalcType": {
		"CUSTOM", "NESTED", "DIFFERENCE_FROM", "PERCENT_DIFFERENCE_FROM", "PERCENT_FROM", "PERCENT_OF_TOTAL", "RANK", "PERCENTILE", "RUNNING_TOTAL", "MOVING_CALCULATION",
	},
	"RelativeTo": {"PREVIOUS", "NEXT", "FIRST", "LAST"}, "RankType": {"COMPETITION", "MODIFIED COMPETITION", "DENSE", "UNIQUE"},
	"TableCalcComputedAggregation": {"SUM", "AVG", "MIN", "MAX"},
	"Function": {
		"SUM", "AVG", "MEDIAN", "COUNT", "COUNTD", "MIN", "MAX", "STDEV", "VAR", "COLLECT", "YEAR", "QUARTER", "MONTH", "WEEK", "DAY",
		"TRUNC_YEAR", "TRUNC_QUARTER", "TRUNC_MONTH", "TRUNC_WEEK", "TRUNC_DAY", "AGG", "NONE", "UNSPECIFIED",
	},
}

// kinds of objects that a member of them decides.
var decided = map[string]struct {
	by string
	to map[string]string
}{
	"Filter": {"filterType", map[string]string{
		"QUANTITATIVE_DATE": "QuantitativeDateFilter", "QUANTITATIVE_NUMERICAL": "QuantitativeNumericalFilter", "SET": "SetFilter", "MATCH": "MatchFilter",
		"CONDITION": "ConditionFilter", "DATE": "RelativeDateFilter", "TOP": "TopNFilter",
	}},
	"TableCalcSpecification": {"tableCalcType", map[string]string{
		"CUSTOM": "CustomTableCalcSpecification", "NESTED": "NestedTableCalcSpecification", "DIFFERENCE_FROM": "DifferenceTableCalcSpecification",
		"PERCENT_DIFFERENCE_FROM": "DifferenceTableCalcSpecification", "PERCENT_FROM": "DifferenceTableCalcSpecification",
		"PERCENT_OF_TOTAL": "PercentOfTotalTableCalcSpecification", "RANK": "RankTableCalcSpecification", "PERCENTILE": "PercentileTableCalcSpecification",
		"RUNNING_TOTAL": "RunningTotalTableCalcSpecification", "MOVING_CALCULATION": "MovingTableCalcSpecification",
	}},
}

// has reports whether a release knows a member.
func (m member) has(r Release) bool { return r >= m.since && (m.until == 0 || r < m.until) }

// valuesOf are the values of an enumeration in a release.
func valuesOf(name string, r Release) []string {
	values := enums[name]
	switch {
	case name == "Function" && r < R20252:
		return values[:len(values)-3]
	case name == "FilterType" && r < R20261:
		return slices.DeleteFunc(slices.Clone(values), func(v string) bool { return v == "CONDITION" })
	}
	return values
}

// check checks a value of JSON against a kind. The path says where it is: query->fields[0].
func check(v any, kind, path string, r Release) *Error {
	if item, ok := strings.CutPrefix(kind, "[]"); ok {
		list, ok := v.([]any)
		if !ok {
			return malformed("%s must be an array", path)
		}
		for i, x := range list {
			if err := check(x, item, fmt.Sprintf("%s[%d]", path, i), r); err != nil {
				return err
			}
		}
		return nil
	}
	if d, ok := decided[kind]; ok {
		o, _ := v.(map[string]any)
		name, _ := o[d.by].(string)
		kind = d.to[name]
		if kind == "" || kind == "ConditionFilter" && r < R20261 {
			return malformed("%s->%s is missing or not known", path, d.by)
		}
	}
	if s, ok := shapes[kind]; ok {
		return checkObject(v, s, path, r)
	}
	if values := valuesOf(kind, r); values != nil {
		if text, ok := v.(string); !ok || !slices.Contains(values, text) {
			return malformed("%s must be one of %s", path, strings.Join(values, ", "))
		}
		return nil
	}
	if !plain(v, kind) {
		return malformed("%s must be of type %s", path, kind)
	}
	return nil
}

func checkObject(v any, s shape, path string, r Release) *Error {
	o, ok := v.(map[string]any)
	if !ok {
		return malformed("%s must be an object", path)
	}
	at := func(name string) string { return strings.TrimPrefix(path+"->"+name, "->") }
	for name, value := range o {
		m, known := s[name]
		if !known || !m.has(r) {
			e := malformed("Unrecognized field in request: %s", at(name))
			if path == "options" { // seen of Server 2025.1
				e.Code, e.Status = "400000", 404
			}
			return e
		}
		if err := check(value, m.kind, at(name), r); err != nil {
			return err
		}
		if number, ok := value.(float64); ok && m.bounded && number < m.least {
			return malformed("%s must be %v or more", at(name), m.least)
		}
	}
	for name, m := range s {
		if _, given := o[name]; m.required && m.has(r) && !given {
			return malformed("%s is missing", at(name))
		}
	}
	return nil
}

// plain reports whether a value is of a kind that has no members.
func plain(v any, kind string) bool {
	switch x := v.(type) {
	case string:
		if kind == "date" {
			_, err := time.Parse(time.DateOnly, x)
			return err == nil
		}
		return kind == "string" || kind == "any"
	case float64:
		return kind == "number" || kind == "any" || kind == "integer" && x == math.Trunc(x)
	case bool:
		return kind == "boolean" || kind == "any"
	}
	return kind == "any"
}
