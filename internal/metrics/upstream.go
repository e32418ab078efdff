package metrics

import (
	"context"
	"errors"
	"strconv"
	"time"

	"github.com/prometheus/client_golang/prometheus"

	"vitrine/internal/tableau"
)

// upstream are requests to Tableau.
type upstream struct {
	total     *prometheus.CounterVec
	duration  *prometheus.HistogramVec
	waits     prometheus.Histogram
	refused   prometheus.Counter
	inFlight  prometheus.Gauge
	available *prometheus.GaugeVec
}

func newUpstream() upstream {
	return upstream{
		total: prometheus.NewCounterVec(prometheus.CounterOpts{
			Name: "vitrine_tableau_requests_total",
			Help: `Requests that were sent to Tableau, each try by itself, by REST method and status; the status is "none" without an answer.`,
		}, []string{"method", "status"}),
		duration: prometheus.NewHistogramVec(prometheus.HistogramOpts{
			Name: "vitrine_tableau_request_duration_seconds", Help: "Time of one request to Tableau, by REST method.", Buckets: upstreamBuckets,
		}, []string{"method"}),
		waits: prometheus.NewHistogram(prometheus.HistogramOpts{
			Name: "vitrine_tableau_queue_seconds", Help: "Time that a request waited before it was first sent to Tableau.", Buckets: waitBuckets,
		}),
		refused: prometheus.NewCounter(prometheus.CounterOpts{
			Name: "vitrine_tableau_queue_refused_total", Help: "Requests that were never sent: the queue was full, or the wait too long.",
		}),
		inFlight: prometheus.NewGauge(prometheus.GaugeOpts{
			Name: "vitrine_tableau_requests_in_flight", Help: "Requests to Tableau that have not been answered yet.",
		}),
		available: prometheus.NewGaugeVec(prometheus.GaugeOpts{
			Name: "vitrine_tableau_available", Help: "Whether Tableau answers on a site: 1, or 0 from the first failure on.",
		}, []string{"site"}),
	}
}

func (u *upstream) collectors() []prometheus.Collector {
	return []prometheus.Collector{u.total, u.duration, u.waits, u.refused, u.inFlight, u.available}
}

// Available notes whether Tableau answers on a site, by content URL.
func (m *Metrics) Available(site string, available bool) {
	value := 0.0
	if available {
		value = 1
	}
	m.available.WithLabelValues(siteLabel(site)).Set(value)
}

// siteLabel is the label of a content URL: an empty label would be no label.
func siteLabel(contentURL string) string {
	if contentURL == "" {
		return "(default)"
	}
	return contentURL
}

// Gate counts the requests that pass another gate.
func (m *Metrics) Gate(next tableau.Gate) tableau.Gate { return gate{next, &m.upstream} }

type gate struct {
	next tableau.Gate
	*upstream
}

// Pass implements [tableau.Gate].
func (g gate) Pass(ctx context.Context, c tableau.Call, try func(context.Context) error) error {
	began, sent := time.Now(), false
	err := g.next.Pass(ctx, c, func(ctx context.Context) error {
		start := time.Now()
		if !sent { // tries of one request follow each other
			sent = true
			g.waits.Observe(start.Sub(began).Seconds())
		}
		g.inFlight.Inc()
		defer g.inFlight.Dec()
		err := try(ctx)
		g.total.WithLabelValues(c.Name, statusOf(err)).Inc()
		g.duration.WithLabelValues(c.Name).Observe(time.Since(start).Seconds())
		return err
	})
	if !sent {
		g.refused.Inc()
	}
	return err
}

// statusOf is the HTTP status of Tableau's answer.
func statusOf(err error) string {
	if err == nil {
		return "200"
	}
	var e *tableau.Error
	if errors.As(err, &e) && e.Status != 0 {
		return strconv.Itoa(e.Status)
	}
	return "none"
}
