package tableau

import (
	"context"
	"fmt"
	"math"
	"net/url"
	"strconv"

	"vitrine/internal/tableau/rest"
)

// PulseMetric is a metric definition of Tableau Pulse with a period, a comparison and filters.
type PulseMetric struct {
	node
	LUID           LUID                           `json:"id"`
	DefinitionLUID LUID                           `json:"definition_id"`
	Specification  pulsePart[metricSpecification] `json:"specification"`
	IsDefault      Flag                           `json:"is_default"`
	IsFollowed     Flag                           `json:"is_followed"`
	Goals          pulsePart[metricGoals]         `json:"goals"`

	definition *PulseDefinition // that it was read with; nil if it was read alone
}

type metricSpecification struct {
	Filters []*PulseFilter `json:"filters"`
	Period  struct {
		Granularity PulseGranularity `json:"granularity"`
		Range       PulseRange       `json:"range"`
	} `json:"measurement_period"`
	Compared pulseComparing `json:"comparison"`
}

type metricGoals struct {
	Target struct {
		Value Text `json:"value"`
	} `json:"target"`
}

func (m *PulseMetric) luid() LUID { return m.LUID }

func (m *PulseMetric) bind(s *Session) { m.s = s }

// IsNode marks a PulseMetric as something with a global id.
func (*PulseMetric) IsNode() {}

// ID is the global id.
func (m *PulseMetric) ID() string { return GlobalID(KindPulseMetric, m.s.ContentURL(), string(m.LUID)) }

// Granularity is the length of the period.
func (m *PulseMetric) Granularity() PulseGranularity { return m.Specification.Value.Period.Granularity }

// GranularityRaw is the length of the period as Tableau writes it.
func (m *PulseMetric) GranularityRaw() Text { return Text(m.Granularity()) }

// Range is which period it is.
func (m *PulseMetric) Range() PulseRange { return m.Specification.Value.Period.Range }

// RangeRaw is the period as Tableau writes it.
func (m *PulseMetric) RangeRaw() Text { return Text(m.Range()) }

// Comparison is what the metric is compared with.
func (m *PulseMetric) Comparison() PulseComparison { return m.Specification.Value.Compared.Comparison }

// ComparisonRaw is the comparison as Tableau writes it.
func (m *PulseMetric) ComparisonRaw() Text { return Text(m.Comparison()) }

// Filters are those beside the filters of the definition.
func (m *PulseMetric) Filters() []*PulseFilter { return namedFilters(m.Specification.Value.Filters) }

// Goal is the value that it should reach; nil for none.
func (m *PulseMetric) Goal() *float64 { return finite(m.Goals.Value.Target.Value) }

// finite is a text as a number; nil for what is no number that JSON can write.
func finite(text Text) *float64 {
	v, err := strconv.ParseFloat(string(text), 64)
	if err != nil || math.IsNaN(v) || math.IsInf(v, 0) {
		return nil
	}
	return &v
}

type pulseMetricsAnswer struct {
	rest.Envelope
	Items     []*PulseMetric    `json:"metrics" xml:"-"`
	NextToken Text              `json:"next_page_token" xml:"-"`
	Total     Int               `json:"total_available" xml:"-"`
	Errors    []*pulseItemError `json:"errors" xml:"-"`
}

type pulseMetricAnswer struct {
	rest.Envelope
	Metric *PulseMetric `json:"metric" xml:"-"`
}

// PulseMetric reads one metric. GET /api/-/pulse/metrics/{id}, Tableau Cloud from API 3.21.
func (s *Session) PulseMetric(ctx context.Context, id LUID) (*PulseMetric, error) {
	r := rest.SiteRead{Template: "-/pulse/metrics/{id}", Values: []string{string(id)}}
	a, err := get(ctx, s, r, func(a *pulseMetricAnswer) { bindOne(s, &a.Metric) })
	if err != nil {
		return nil, err
	}
	return one(a.Metric, "GET "+r.Template)
}

// pulseMetricsByLUID reads metrics. The result lacks what the user may not see. GET
// /api/-/pulse/metrics:batchGet.
func (s *Session) pulseMetricsByLUID(ctx context.Context, ids []LUID) (map[LUID]*PulseMetric, error) {
	return pulseBatch[PulseMetric, *PulseMetric](ctx, ids, func(ctx context.Context, ids string) ([]*PulseMetric, []*pulseItemError, error) {
		r := rest.SiteRead{Template: "-/pulse/metrics:batchGet", Query: url.Values{"metric_ids": {ids}}}
		a, err := get(ctx, s, r, func(a *pulseMetricsAnswer) { bindAll(s, &a.Items) })
		if err != nil {
			return nil, nil, err
		}
		return a.Items, a.Errors, nil
	})
}

// Metrics reads a range of the metrics of the definition. The first ones come with the definitions,
// or by one call for all definitions that were read together; only what follows costs a call for
// each.
func (d *PulseDefinition) Metrics(ctx context.Context, q ListQuery[PulseMetric], offset, first int) (*Page[PulseMetric], error) {
	if q.Token != "" || offset > 0 { // of this definition alone
		return d.readMetrics(ctx, q, offset, first)
	}
	listed, err := d.withMetrics(ctx, first)
	if err != nil {
		return nil, err
	}
	key := fmt.Sprint("pulse metrics ", first, q.Counted)
	return readRangeOfEach[PulseDefinition, *PulseDefinition, PulseMetric, *PulseMetric](ctx, d.node, d, key,
		func(ctx context.Context, d *PulseDefinition) (*Page[PulseMetric], error) {
			if page := d.firstMetrics(listed[d.luid()], first); page != nil {
				return page, nil
			}
			return d.readMetrics(ctx, q, 0, first)
		}, nil)
}

// withMetrics returns the definitions that were read together with up to first of their metrics.
func (d *PulseDefinition) withMetrics(ctx context.Context, first int) (map[LUID]*PulseDefinition, error) {
	siblings := batchItems(d.batch, d)
	listed := byLUID[PulseDefinition, *PulseDefinition](siblings)
	var lacking []LUID
	for _, sibling := range siblings {
		if sibling.firstMetrics(sibling, first) == nil {
			lacking = append(lacking, sibling.luid())
		}
	}
	if len(lacking) < 2 || first == 0 { // one is read by itself as cheaply
		return listed, nil
	}
	return once(ctx, d.batch, fmt.Sprint("pulse definitions with metrics ", first), func() (map[LUID]*PulseDefinition, error) {
		found, err := d.s.pulseDefinitionsByLUID(ctx, lacking, first)
		if found, err = ignoreDenied(found, err); err != nil {
			return nil, err
		}
		for id, with := range found {
			listed[id] = with
		}
		return listed, nil
	})
}

// firstMetrics is a page of the metrics that came with a definition; nil if it does not have as many
// as it should.
func (d *PulseDefinition) firstMetrics(with *PulseDefinition, first int) *Page[PulseMetric] {
	if with == nil || !with.MetricCount.Valid || with.MetricCount.V < 0 || with.MetricCount.V > math.MaxInt32 {
		return nil
	}
	total := int(with.MetricCount.V)
	items := unique[PulseMetric, *PulseMetric](with.MetricsListed)
	if len(items) < min(first, total) {
		return nil
	}
	items = items[:min(first, total)]
	page := &Page[PulseMetric]{Total: total, After: make([]Position, len(items))}
	for i, item := range items {
		metric := *item
		metric.definition = d
		page.Items, page.After[i] = append(page.Items, &metric), Position{Offset: i + 1}
	}
	if len(items) < total {
		page.Next = &Position{Offset: len(items)}
	}
	return page
}

// readMetrics reads a range of the metrics of the definition. GET
// /api/-/pulse/definitions/{id}/metrics.
func (d *PulseDefinition) readMetrics(ctx context.Context, q ListQuery[PulseMetric], offset, first int) (*Page[PulseMetric], error) {
	s := d.s
	return readPaged[PulseMetric, *PulseMetric](ctx, s, func(values url.Values) pager[PulseMetric] {
		return tokenPager[PulseMetric, *PulseMetric]{func(ctx context.Context, token string, size int) (tokenPage[PulseMetric], error) {
			r := rest.SiteRead{
				Template: "-/pulse/definitions/{id}/metrics", Values: []string{string(d.luid())}, Query: pulseQuery(values, token, min(size, maxPulsePage)),
			}
			a, err := get(ctx, s, r, func(a *pulseMetricsAnswer) {
				bindAll(s, &a.Items)
				for _, m := range a.Items {
					m.definition = d
				}
			})
			if err != nil {
				return tokenPage[PulseMetric]{}, err
			}
			return tokenPage[PulseMetric]{items: a.Items, next: string(a.NextToken), total: a.Total}, nil
		}}
	}, q, offset, first)
}

// Definition is what the metric measures: one call for all metrics that were read together, and none
// for those that were read with it. Nil where the user may not see it.
func (m *PulseMetric) Definition(ctx context.Context) (*PulseDefinition, error) {
	if m.definition != nil {
		return m.definition, nil
	}
	all, err := once(ctx, m.batch, "pulse definitions", func() (map[LUID]*PulseDefinition, error) {
		var ids []LUID
		for _, sibling := range batchItems(m.batch, m) {
			if sibling.definition == nil && sibling.DefinitionLUID != "" {
				ids = append(ids, sibling.DefinitionLUID)
			}
		}
		return m.s.pulseDefinitionsByLUID(ctx, ids, 0)
	})
	all, err = deniedIsEmpty(all, err)
	return all[m.DefinitionLUID], err
}

// deniedIsEmpty returns nothing and no error for a batch that is hidden or gone.
func deniedIsEmpty[T any](items map[LUID]*T, err error) (map[LUID]*T, error) {
	if IsKind(err, Refused) || IsKind(err, Missing) {
		return nil, nil
	}
	return items, err
}
