package tableau

import (
	"bytes"
	"cmp"
	"context"
	"encoding/json"
	"net/url"
	"slices"
	"strconv"
	"strings"

	"vitrine/internal/parallel"
	"vitrine/internal/tableau/rest"
)

// Tableau Pulse pages by token, and names nothing by its site: the site is that of the session. See
// https://help.tableau.com/current/api/rest_api/en-us/REST/rest_api_ref_pulse.htm

// pulsePart is a part of an answer, and how Tableau wrote it: a request for insights repeats it.
type pulsePart[T any] struct {
	Value T
	raw   json.RawMessage
}

// UnmarshalJSON keeps an object; nothing else is such a part.
func (p *pulsePart[T]) UnmarshalJSON(data []byte) error {
	if data = bytes.TrimSpace(data); len(data) == 0 || data[0] != '{' {
		return nil
	}
	p.raw = bytes.Clone(data)
	return rest.Unmarshal(data, &p.Value)
}

// PulseDefinition is a metric definition of Tableau Pulse: what is measured.
type PulseDefinition struct {
	node
	Metadata       pulseMetadata                  `json:"metadata"`
	Specification  pulsePart[pulseSpecification]  `json:"specification"`
	Extension      pulsePart[pulseExtension]      `json:"extension_options"`
	Representation pulsePart[pulseRepresentation] `json:"representation_options"`
	Insights       pulsePart[pulseInsightOptions] `json:"insights_options"`
	Compared       struct {
		Items []*pulseCompared `json:"comparisons"`
	} `json:"comparisons"`
	MetricsListed []*PulseMetric `json:"metrics"`
	MetricCount   Int            `json:"total_metrics"`
}

type pulseMetadata struct {
	LUID        LUID   `json:"id"`
	Name        string `json:"name"`
	Description Text   `json:"description"`
	Link        Text   `json:"user_link"`
	LinkName    Text   `json:"user_link_name"`
	UpdatedBy   *User  `json:"last_updated_user"`
}

type pulseSpecification struct {
	DataSource *DataSource `json:"datasource"`
	Basic      struct {
		Measure struct {
			Field       Text             `json:"field"`
			Aggregation PulseAggregation `json:"aggregation"`
		} `json:"measure"`
		Time struct {
			Field Text `json:"field"`
		} `json:"time_dimension"`
		Filters []*PulseFilter `json:"filters"`
	} `json:"basic_specification"`
	IsRunningTotal Flag `json:"is_running_total"`
}

type pulseExtension struct {
	Dimensions    []Text `json:"allowed_dimensions"`
	Granularities []Text `json:"allowed_granularities"`
}

type pulseRepresentation struct {
	Type  PulseNumberType `json:"type"`
	Units struct {
		Singular Text `json:"singular_noun"`
		Plural   Text `json:"plural_noun"`
	} `json:"number_units"`
	Sentiment     PulseSentiment `json:"sentiment_type"`
	Currency      Text           `json:"currency_code"`
	DecimalPlaces Int            `json:"decimal_places"`
}

type pulseInsightOptions struct {
	Settings []*struct {
		Type       Text `json:"type"`
		IsDisabled Flag `json:"disabled"`
	} `json:"settings"`
}

// pulseComparing is a comparison within its object.
type pulseComparing struct {
	Comparison PulseComparison `json:"comparison"`
}

// pulseCompared is a comparison that metrics may have, and its place among them.
type pulseCompared struct {
	Config pulseComparing `json:"compare_config"`
	Index  Int            `json:"index"`
}

func (d *PulseDefinition) luid() LUID { return d.Metadata.LUID }

func (d *PulseDefinition) bind(s *Session) {
	d.s = s
	bindOne(s, &d.Specification.Value.DataSource)
	bindOne(s, &d.Metadata.UpdatedBy)
	bindAll(s, &d.MetricsListed)
}

// IsNode marks a PulseDefinition as something with a global id.
func (*PulseDefinition) IsNode() {}

// ID is the global id.
func (d *PulseDefinition) ID() string {
	return GlobalID(KindPulseDefinition, d.s.ContentURL(), string(d.luid()))
}

// LUID is Tableau's identifier.
func (d *PulseDefinition) LUID() LUID { return d.Metadata.LUID }

// Name is the display name.
func (d *PulseDefinition) Name() string { return d.Metadata.Name }

// Description is the description.
func (d *PulseDefinition) Description() Text { return d.Metadata.Description }

// MeasureField is the internal name of the field that is measured.
func (d *PulseDefinition) MeasureField() Text { return d.Specification.Value.Basic.Measure.Field }

// Aggregation is how the values of the field are aggregated.
func (d *PulseDefinition) Aggregation() PulseAggregation {
	return d.Specification.Value.Basic.Measure.Aggregation
}

// AggregationRaw is the aggregation as Tableau writes it.
func (d *PulseDefinition) AggregationRaw() Text { return Text(d.Aggregation()) }

// TimeField is the internal name of the date field.
func (d *PulseDefinition) TimeField() Text { return d.Specification.Value.Basic.Time.Field }

// IsRunningTotal reports whether the values within a period are added up.
func (d *PulseDefinition) IsRunningTotal() Flag { return d.Specification.Value.IsRunningTotal }

// Filters apply to all metrics of the definition.
func (d *PulseDefinition) Filters() []*PulseFilter {
	return namedFilters(d.Specification.Value.Basic.Filters)
}

// Sentiment is which change is a good one.
func (d *PulseDefinition) Sentiment() PulseSentiment { return d.Representation.Value.Sentiment }

// SentimentRaw is the sentiment as Tableau writes it.
func (d *PulseDefinition) SentimentRaw() Text { return Text(d.Sentiment()) }

// Dimensions are the fields by which people may filter.
func (d *PulseDefinition) Dimensions() []string { return filledTexts(d.Extension.Value.Dimensions) }

// GranularitiesRaw are the lengths of periods as Tableau writes them.
func (d *PulseDefinition) GranularitiesRaw() []string {
	return filledTexts(d.Extension.Value.Granularities)
}

// Granularities are the lengths of periods that metrics may have.
func (d *PulseDefinition) Granularities() []PulseGranularity {
	return enumsOf[PulseGranularity](d.GranularitiesRaw())
}

// ComparisonsRaw is what metrics may be compared with as Tableau writes it.
func (d *PulseDefinition) ComparisonsRaw() []string {
	items := slices.Clone(d.Compared.Items)
	slices.SortStableFunc(items, func(a, b *pulseCompared) int { return cmp.Compare(a.Index.V, b.Index.V) })
	var all []Text
	for _, item := range items {
		all = append(all, Text(item.Config.Comparison))
	}
	return filledTexts(all)
}

// Comparisons are what metrics may be compared with.
func (d *PulseDefinition) Comparisons() []PulseComparison {
	return enumsOf[PulseComparison](d.ComparisonsRaw())
}

// InsightTypes are the types of insights that are enabled.
func (d *PulseDefinition) InsightTypes() []string {
	var all []Text
	for _, s := range d.Insights.Value.Settings {
		if s.IsDisabled != Yes {
			all = append(all, s.Type)
		}
	}
	return filledTexts(all)
}

// LinkURL is the address of a related page.
func (d *PulseDefinition) LinkURL() URL {
	u, err := url.Parse(string(d.Metadata.Link))
	if err != nil || u.Host == "" || u.Scheme != "http" && u.Scheme != "https" {
		return ""
	}
	return URL(d.Metadata.Link)
}

// LinkName is the name of the related page.
func (d *PulseDefinition) LinkName() Text { return d.Metadata.LinkName }

// PulseNumberFormat says how numbers are written.
type PulseNumberFormat struct{ from pulseRepresentation }

// NumberFormat is how the numbers of the definition are written; nil where Tableau does not say.
func (d *PulseDefinition) NumberFormat() *PulseNumberFormat {
	if d.Representation.raw == nil {
		return nil
	}
	return &PulseNumberFormat{d.Representation.Value}
}

// Type is the type of the number.
func (f *PulseNumberFormat) Type() PulseNumberType { return f.from.Type }

// TypeRaw is the type as Tableau writes it.
func (f *PulseNumberFormat) TypeRaw() Text { return Text(f.from.Type) }

// Currency is the code of the currency.
func (f *PulseNumberFormat) Currency() Text {
	return Text(strings.TrimPrefix(specified(string(f.from.Currency)), "CURRENCY_CODE_"))
}

// SingularUnit is the unit of one.
func (f *PulseNumberFormat) SingularUnit() Text { return f.from.Units.Singular }

// PluralUnit is the unit of several.
func (f *PulseNumberFormat) PluralUnit() Text { return f.from.Units.Plural }

// DecimalPlaces is the number of decimal places.
func (f *PulseNumberFormat) DecimalPlaces() Int { return f.from.DecimalPlaces }

// DataSourceOf returns the data source that the definition is computed on: one list, or two
// look-ups, for all definitions that were read together. Nil where the caller may not see it.
func (d *PulseDefinition) DataSourceOf(ctx context.Context, need TargetNeeds) (*DataSource, error) {
	ref := func(d *PulseDefinition) *DataSource { return d.Specification.Value.DataSource }
	return dataSourceOf(ctx, d.batch, batchItems(d.batch, d), d, ref, need)
}

// UpdaterListed returns the user who updated the definition last, as the definition has them.
func (d *PulseDefinition) UpdaterListed() *User { return d.Metadata.UpdatedBy }

// Updater is the user who updated the definition last; as Workbook.ReadOwner.
func (d *PulseDefinition) Updater(ctx context.Context, enough func(*User) bool) (*User, error) {
	return userOf(ctx, d.node, d, "updaters", (*PulseDefinition).UpdaterListed, enough)
}

// PulseFilter is a condition on a field.
type PulseFilter struct {
	FieldRef    Text          `json:"field"`
	Operator    Text          `json:"operator"`
	Texts       []Text        `json:"values"`
	Categorical []*pulseValue `json:"categorical_values"`
	IncludeNull Flag          `json:"include_null"`
}

// pulseValue is a value of a filter. One of its members is there.
type pulseValue struct {
	Text *string `json:"string_value"`
	Bool Flag    `json:"bool_value"`
	Null Text    `json:"null_value"`
}

// namedFilters drops filters without a field.
func namedFilters(filters []*PulseFilter) []*PulseFilter {
	return slices.DeleteFunc(nonNil(slices.Clone(filters)), func(f *PulseFilter) bool { return f.FieldRef == "" })
}

// Field is the internal name of the field.
func (f *PulseFilter) Field() string { return string(f.FieldRef) }

// IsExclusion reports whether rows with the values are left out.
func (f *PulseFilter) IsExclusion() bool { return f.Operator == "OPERATOR_NOT_EQUAL" }

// Values are the values; nil stands for rows without one. Older answers have texts alone.
func (f *PulseFilter) Values() []*string {
	values := []*string{}
	text := func(s string) { values = append(values, &s) }
	for _, v := range f.Categorical {
		switch {
		case v.Text != nil:
			text(*v.Text)
		case v.Bool != Unsaid:
			text(strconv.FormatBool(v.Bool == Yes))
		case v.Null != "":
			values = append(values, nil)
		}
	}
	if len(f.Categorical) == 0 {
		for _, v := range f.Texts {
			text(string(v))
		}
	}
	if f.IncludeNull == Yes && !slices.Contains(values, nil) {
		values = append(values, nil)
	}
	return values
}

type pulseDefinitionsAnswer struct {
	rest.Envelope
	Items     []*PulseDefinition `json:"definitions" xml:"-"`
	NextToken Text               `json:"next_page_token" xml:"-"`
	Total     Int                `json:"total_available" xml:"-"`
	Errors    []*pulseItemError  `json:"errors" xml:"-"`
}

type pulseDefinitionAnswer struct {
	rest.Envelope
	Definition *PulseDefinition `json:"definition" xml:"-"`
}

// pulseItemError is the error of one item of a batch.
type pulseItemError struct {
	LUID  LUID `json:"id"`
	Error Text `json:"error"`
}

// Parameters of definitions. The default view has all but the metrics, of which it has the first;
// the full view has as many metrics as are asked for.
const (
	pulseView        = "view"
	pulseDefault     = "DEFINITION_VIEW_DEFAULT"
	pulseFull        = "DEFINITION_VIEW_FULL"
	pulseMetricLimit = "number_of_metrics"
)

// maxPulsePage is the largest page of definitions and metrics that is asked for, and the largest
// number of LUIDs in one address.
const maxPulsePage = 100

// pulseQuery is the query of a page.
func pulseQuery(values url.Values, token string, size int) url.Values {
	q := url.Values{"page_size": {strconv.Itoa(size)}}
	for name, value := range values {
		q[name] = value
	}
	if token != "" {
		q.Set("page_token", token)
	}
	return q
}

// definitionValues are the parameters of definitions of which the first metrics are wanted.
func definitionValues(metrics int) url.Values {
	if metrics <= 0 {
		return url.Values{pulseView: {pulseDefault}}
	}
	return url.Values{pulseView: {pulseFull}, pulseMetricLimit: {strconv.Itoa(metrics)}}
}

// PulseDefinitions reads a range of the metric definitions that the user may see, each with its
// first metrics if some are wanted. GET /api/-/pulse/definitions, Tableau Cloud from API 3.21.
func (s *Session) PulseDefinitions(ctx context.Context, metrics, offset, first int, q ListQuery[PulseDefinition]) (*Page[PulseDefinition], error) {
	q.Extra = definitionValues(metrics)
	return readPaged[PulseDefinition, *PulseDefinition](ctx, s, func(values url.Values) pager[PulseDefinition] {
		return tokenPager[PulseDefinition, *PulseDefinition]{func(ctx context.Context, token string, size int) (tokenPage[PulseDefinition], error) {
			r := rest.SiteRead{Template: "-/pulse/definitions", Query: pulseQuery(values, token, min(size, maxPulsePage))}
			a, err := get(ctx, s, r, func(a *pulseDefinitionsAnswer) { bindAll(s, &a.Items) })
			if err != nil {
				return tokenPage[PulseDefinition]{}, err
			}
			return tokenPage[PulseDefinition]{items: a.Items, next: string(a.NextToken), total: a.Total}, nil
		}}
	}, q, offset, first)
}

// PulseDefinition reads one metric definition. GET /api/-/pulse/definitions/{id}.
func (s *Session) PulseDefinition(ctx context.Context, id LUID) (*PulseDefinition, error) {
	r := rest.SiteRead{Template: "-/pulse/definitions/{id}", Values: []string{string(id)}, Query: definitionValues(0)}
	a, err := get(ctx, s, r, func(a *pulseDefinitionAnswer) { bindOne(s, &a.Definition) })
	if err != nil {
		return nil, err
	}
	return one(a.Definition, "GET "+r.Template)
}

// pulseDefinitionsByLUID reads definitions, each with its first metrics if some are wanted. The
// result lacks what the user may not see. GET /api/-/pulse/definitions:batchGet.
func (s *Session) pulseDefinitionsByLUID(ctx context.Context, ids []LUID, metrics int) (map[LUID]*PulseDefinition, error) {
	return pulseBatch[PulseDefinition, *PulseDefinition](ctx, ids, func(ctx context.Context, ids string) ([]*PulseDefinition, []*pulseItemError, error) {
		r := rest.SiteRead{Template: "-/pulse/definitions:batchGet", Query: definitionValues(metrics)}
		r.Query.Set("definition_ids", ids)
		a, err := get(ctx, s, r, func(a *pulseDefinitionsAnswer) { bindAll(s, &a.Items) })
		if err != nil {
			return nil, nil, err
		}
		return a.Items, a.Errors, nil
	})
}

// pulseBatch reads items by LUID, as many by one call as an address holds. An item that the user may
// not see is left out; another error of an item is that of the batch.
func pulseBatch[T any, P resource[T]](
	ctx context.Context, ids []LUID, read func(ctx context.Context, ids string) ([]*T, []*pulseItemError, error),
) (map[LUID]*T, error) {
	ids = slices.Compact(slices.Sorted(slices.Values(ids)))
	chunks := slices.Collect(slices.Chunk(ids, maxPulsePage))
	found := make([][]*T, len(chunks))
	err := parallel.Run(ctx, len(chunks), func(ctx context.Context, i int) error {
		items, errs, err := read(ctx, strings.Join(texts(chunks[i]), ","))
		if err != nil {
			return err
		}
		found[i] = items
		for _, e := range errs {
			if code := string(e.Error); strings.HasPrefix(code, "408") || strings.HasPrefix(code, "429") || strings.HasPrefix(code, "5") {
				return &Error{Kind: Unavailable, Call: "GET a batch of Pulse", Code: rest.Clip(code, 40)}
			}
		}
		return nil
	})
	if err != nil {
		return nil, err
	}
	return byLUID[T, P](newBatch[T, P](slices.Concat(found...))), nil
}
