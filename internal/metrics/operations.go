package metrics

import "github.com/prometheus/client_golang/prometheus"

// operations are GraphQL operations.
type operations struct {
	codes    known
	names    known
	duration *prometheus.HistogramVec
	errors   *prometheus.CounterVec
	cost     prometheus.Counter
}

func newOperations(codes, names []string) operations {
	o := operations{
		codes: newKnown(codes), names: newKnown(names),
		duration: prometheus.NewHistogramVec(prometheus.HistogramOpts{
			Name:    "vitrine_graphql_operation_duration_seconds",
			Help:    `Time of requests that ran a GraphQL operation, by its name if metrics.operations lists it, otherwise "other".`,
			Buckets: requestBuckets,
		}, []string{"operation"}),
		errors: prometheus.NewCounterVec(prometheus.CounterOpts{
			Name: "vitrine_graphql_requests_with_error_total", Help: "Requests with at least one error of a code, by code. A request with several codes counts for each.",
		}, []string{"code"}),
		cost: prometheus.NewCounter(prometheus.CounterOpts{
			Name: "vitrine_graphql_cost_points_total", Help: "Points that GraphQL operations cost.",
		}),
	}
	for _, code := range codes { // a rate of a code that has not occurred is 0, not absent
		o.errors.WithLabelValues(code)
	}
	return o
}

func (o *operations) collectors() []prometheus.Collector {
	return []prometheus.Collector{o.duration, o.errors, o.cost}
}

func (o *operations) observe(r Request) {
	if r.Ran {
		o.duration.WithLabelValues(o.names.label(r.Operation)).Observe(r.Duration.Seconds())
		o.cost.Add(float64(r.Cost))
	}
	seen := known{}
	for _, code := range r.Codes {
		if label := o.codes.label(code); !seen[label] {
			seen[label] = true
			o.errors.WithLabelValues(label).Inc()
		}
	}
}
