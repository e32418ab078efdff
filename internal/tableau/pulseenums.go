package tableau

import (
	"io"
	"strings"
)

// specified is a value of an enum of Pulse; empty for the one that says nothing.
func specified(text string) string {
	if strings.HasSuffix(text, "_UNSPECIFIED") {
		return ""
	}
	return text
}

// filledTexts are the texts that say something; never nil.
func filledTexts(texts []Text) []string {
	filled := []string{}
	for _, t := range texts {
		if specified(string(t)) != "" {
			filled = append(filled, string(t))
		}
	}
	return filled
}

// enumsOf makes values of an enum of texts.
func enumsOf[E ~string](texts []string) []E {
	values := make([]E, len(texts))
	for i, t := range texts {
		values[i] = E(t)
	}
	return values
}

// PulseAggregation is how the values of a measure are aggregated.
type PulseAggregation string

var pulseAggregations = map[string]string{
	"AGGREGATION_SUM": "SUM", "AGGREGATION_AVERAGE": "AVERAGE", "AGGREGATION_MEDIAN": "MEDIAN", "AGGREGATION_MAX": "MAX", "AGGREGATION_MIN": "MIN",
	"AGGREGATION_COUNT": "COUNT", "AGGREGATION_COUNT_DISTINCT": "COUNT_DISTINCT", "AGGREGATION_USER": "CALCULATED",
}

// MarshalGQL writes the schema's value.
func (a PulseAggregation) MarshalGQL(w io.Writer) {
	writeEnum(w, pulseAggregations, specified(string(a)))
}

// UnmarshalGQL takes one of the schema's values.
func (a *PulseAggregation) UnmarshalGQL(v any) error {
	return readEnum((*string)(a), pulseAggregations, v)
}

// PulseGranularity is the length of a period.
type PulseGranularity string

var pulseGranularities = map[string]string{
	"GRANULARITY_BY_DAY": "DAY", "GRANULARITY_BY_WEEK": "WEEK", "GRANULARITY_BY_MONTH": "MONTH", "GRANULARITY_BY_QUARTER": "QUARTER",
	"GRANULARITY_BY_YEAR": "YEAR", "GRANULARITY_BY_FISCAL_WEEK": "FISCAL_WEEK", "GRANULARITY_BY_FISCAL_MONTH": "FISCAL_MONTH",
	"GRANULARITY_BY_FISCAL_QUARTER": "FISCAL_QUARTER", "GRANULARITY_BY_FISCAL_YEAR": "FISCAL_YEAR",
}

// MarshalGQL writes the schema's value.
func (g PulseGranularity) MarshalGQL(w io.Writer) {
	writeEnum(w, pulseGranularities, specified(string(g)))
}

// UnmarshalGQL takes one of the schema's values.
func (g *PulseGranularity) UnmarshalGQL(v any) error {
	return readEnum((*string)(g), pulseGranularities, v)
}

// PulseRange is which period a metric is about.
type PulseRange string

var pulseRanges = map[string]string{
	"RANGE_CURRENT_PARTIAL": "CURRENT_PARTIAL", "RANGE_LAST_COMPLETE": "LAST_COMPLETE", "RANGE_LAST_N": "LAST_N", "RANGE_BY_CONFIG": "CUSTOM",
}

// MarshalGQL writes the schema's value.
func (r PulseRange) MarshalGQL(w io.Writer) { writeEnum(w, pulseRanges, specified(string(r))) }

// UnmarshalGQL takes one of the schema's values.
func (r *PulseRange) UnmarshalGQL(v any) error { return readEnum((*string)(r), pulseRanges, v) }

// PulseComparison is what a metric is compared with.
type PulseComparison string

var pulseComparisons = map[string]string{
	"TIME_COMPARISON_NONE": "NONE", "TIME_COMPARISON_PREVIOUS_PERIOD": "PREVIOUS_PERIOD", "TIME_COMPARISON_YEAR_AGO_PERIOD": "YEAR_AGO",
	"TIME_COMPARISON_FISCAL_YEAR_AGO_PERIOD": "FISCAL_YEAR_AGO",
}

// MarshalGQL writes the schema's value.
func (c PulseComparison) MarshalGQL(w io.Writer) {
	writeEnum(w, pulseComparisons, specified(string(c)))
}

// UnmarshalGQL takes one of the schema's values.
func (c *PulseComparison) UnmarshalGQL(v any) error {
	return readEnum((*string)(c), pulseComparisons, v)
}

// PulseSentiment is which change is a good one.
type PulseSentiment string

var pulseSentiments = map[string]string{
	"SENTIMENT_TYPE_NONE": "NONE", "SENTIMENT_TYPE_UP_IS_GOOD": "UP_IS_GOOD", "SENTIMENT_TYPE_DOWN_IS_GOOD": "DOWN_IS_GOOD",
}

// MarshalGQL writes the schema's value.
func (s PulseSentiment) MarshalGQL(w io.Writer) { writeEnum(w, pulseSentiments, specified(string(s))) }

// UnmarshalGQL takes one of the schema's values.
func (s *PulseSentiment) UnmarshalGQL(v any) error { return readEnum((*string)(s), pulseSentiments, v) }

// PulseNumberType is the type of the numbers of a metric.
type PulseNumberType string

var pulseNumberTypes = map[string]string{
	"NUMBER_FORMAT_TYPE_NUMBER": "NUMBER", "NUMBER_FORMAT_TYPE_PERCENT": "PERCENT", "NUMBER_FORMAT_TYPE_CURRENCY": "CURRENCY",
}

// MarshalGQL writes the schema's value.
func (t PulseNumberType) MarshalGQL(w io.Writer) {
	writeEnum(w, pulseNumberTypes, specified(string(t)))
}

// UnmarshalGQL takes one of the schema's values.
func (t *PulseNumberType) UnmarshalGQL(v any) error {
	return readEnum((*string)(t), pulseNumberTypes, v)
}

// PulseCharacterization is whether a finding is unusual.
type PulseCharacterization string

var pulseCharacterizations = map[string]string{"CHARACTERIZATION_NORMAL": "NORMAL", "CHARACTERIZATION_UNUSUAL": "UNUSUAL"}

// MarshalGQL writes the schema's value.
func (c PulseCharacterization) MarshalGQL(w io.Writer) {
	writeEnum(w, pulseCharacterizations, specified(string(c)))
}

// UnmarshalGQL takes one of the schema's values.
func (c *PulseCharacterization) UnmarshalGQL(v any) error {
	return readEnum((*string)(c), pulseCharacterizations, v)
}

// PulseChangeSentiment is whether a change is good.
type PulseChangeSentiment string

var pulseChangeSentiments = map[string]string{"positive": "POSITIVE", "negative": "NEGATIVE", "neutral": "NEUTRAL"}

// MarshalGQL writes the schema's value.
func (s PulseChangeSentiment) MarshalGQL(w io.Writer) {
	writeEnum(w, pulseChangeSentiments, specified(string(s)))
}

// UnmarshalGQL takes one of the schema's values.
func (s *PulseChangeSentiment) UnmarshalGQL(v any) error {
	return readEnum((*string)(s), pulseChangeSentiments, v)
}

// PulseDirection is where a value went.
type PulseDirection string

var pulseDirections = map[string]string{"up": "UP", "down": "DOWN", "flat": "FLAT"}

// MarshalGQL writes the schema's value.
func (d PulseDirection) MarshalGQL(w io.Writer) { writeEnum(w, pulseDirections, specified(string(d))) }

// UnmarshalGQL takes one of the schema's values.
func (d *PulseDirection) UnmarshalGQL(v any) error { return readEnum((*string)(d), pulseDirections, v) }
