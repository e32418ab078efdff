// Package metrics counts what the server does and serves the counts to Prometheus.
//
// The number of series is bounded by construction. Routes, codes, operations, sites and sign-in
// methods are labels only if they are in a list that is known at the start; everything else is
// "other". Methods of Tableau are templates, never paths. No label holds a user, a token or a value
// of a query.
package metrics

import (
	"log/slog"
	"net/http"
	"time"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/client_golang/prometheus/collectors"
	"github.com/prometheus/client_golang/prometheus/promhttp"
)

// Config is what is known before the first request.
type Config struct {
	Version, Commit string
	Routes          []string          // patterns that requests are counted under: "/graphql", "/content/"
	Codes           []string          // of errors
	Operations      []string          // names of GraphQL operations that have a histogram of their own
	SignInMethods   map[string]string // by content URL of the site
	Logger          *slog.Logger      // for scrapes that fail
}

// Metrics are all counts of one server. Its methods are safe for use by several goroutines.
type Metrics struct {
	registry *prometheus.Registry
	logger   *slog.Logger
	requests
	operations
	upstream
	sessions
}

// other is the label of what is in no list.
const other = "other"

// New makes the metrics of one server.
func New(c Config) *Metrics {
	m := &Metrics{
		registry: prometheus.NewRegistry(), logger: c.Logger,
		requests:   newRequests(c.Routes),
		operations: newOperations(c.Codes, c.Operations),
		upstream:   newUpstream(),
		sessions:   newSessions(c.SignInMethods),
	}
	build := prometheus.NewGaugeVec(prometheus.GaugeOpts{
		Name: "vitrine_build_info", Help: "Version and commit of this build. The value is always 1.",
	}, []string{"version", "commit"})
	build.WithLabelValues(c.Version, c.Commit).Set(1)
	m.registry.MustRegister(build, collectors.NewGoCollector(), collectors.NewProcessCollector(collectors.ProcessCollectorOpts{}))
	for _, part := range [][]prometheus.Collector{
		m.requests.collectors(), m.operations.collectors(), m.upstream.collectors(), m.sessions.collectors(),
	} {
		m.registry.MustRegister(part...)
	}
	return m
}

// Gauge adds a value that is read at each scrape. value must be quick.
func (m *Metrics) Gauge(name, help string, value func() float64) {
	m.registry.MustRegister(prometheus.NewGaugeFunc(prometheus.GaugeOpts{Name: name, Help: help}, value))
}

// Counter adds a count that another package keeps. It must never fall.
func (m *Metrics) Counter(name, help string, value func() float64) {
	m.registry.MustRegister(prometheus.NewCounterFunc(prometheus.CounterOpts{Name: name, Help: help}, value))
}

// Gatherer returns what a scrape sees, for tests.
func (m *Metrics) Gatherer() prometheus.Gatherer { return m.registry }

// Handler serves the metrics in the text format of Prometheus, or OpenMetrics if the scraper asks
// for it.
func (m *Metrics) Handler() http.Handler {
	return promhttp.HandlerFor(m.registry, promhttp.HandlerOpts{
		ErrorLog: slog.NewLogLogger(m.logger.Handler(), slog.LevelWarn), ErrorHandling: promhttp.ContinueOnError,
		Timeout: scrapeTimeout, MaxRequestsInFlight: maxScrapes,
	})
}

// Bounds of scrapes: their answer is some hundred kilobytes.
const (
	scrapeTimeout = 10 * time.Second
	maxScrapes    = 4
)

// known is a list of labels.
type known map[string]bool

func newKnown(names []string) known {
	k := known{}
	for _, n := range names {
		k[n] = true
	}
	return k
}

// label returns the name if the list has it, otherwise "other".
func (k known) label(name string) string {
	if k[name] {
		return name
	}
	return other
}
