package metrics

import (
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/prometheus/client_golang/prometheus"
)

// requests are HTTP requests to this server.
type requests struct {
	exact    known
	prefixes []string
	total    *prometheus.CounterVec
	duration *prometheus.HistogramVec
	bytes    *prometheus.CounterVec
	panics   prometheus.Counter
}

// Buckets of durations in seconds: an answer from memory takes less than a millisecond, a large
// export minutes.
var (
	requestBuckets  = []float64{.001, .0025, .005, .01, .025, .05, .1, .25, .5, 1, 2.5, 5, 10, 30, 60, 180}
	upstreamBuckets = []float64{.005, .025, .1, .25, 1, 2.5, 10, 60, 300}
	waitBuckets     = []float64{.0001, .001, .01, .1, .5, 1, 5, 10, 30}
)

func newRequests(routes []string) requests {
	r := requests{
		exact: newKnown(routes),
		total: prometheus.NewCounterVec(prometheus.CounterOpts{
			Name: "vitrine_http_requests_total", Help: "HTTP requests that were answered, by route, method and status.",
		}, []string{"route", "method", "status"}),
		duration: prometheus.NewHistogramVec(prometheus.HistogramOpts{
			Name: "vitrine_http_request_duration_seconds", Help: "Time until an HTTP request was answered in full, by route.", Buckets: requestBuckets,
		}, []string{"route"}),
		bytes: prometheus.NewCounterVec(prometheus.CounterOpts{
			Name: "vitrine_http_response_bytes_total", Help: "Bytes of response bodies after compression, by route.",
		}, []string{"route"}),
		panics: prometheus.NewCounter(prometheus.CounterOpts{
			Name: "vitrine_http_panics_total", Help: "Requests whose handler panicked. Each is a fault of Vitrine.",
		}),
	}
	for _, route := range routes {
		if strings.HasSuffix(route, "/") && route != "/" {
			r.prefixes = append(r.prefixes, route)
		}
	}
	return r
}

func (r *requests) collectors() []prometheus.Collector {
	return []prometheus.Collector{r.total, r.duration, r.bytes, r.panics}
}

// Request is one HTTP request that has been answered.
type Request struct {
	Path, Method string
	Status       int
	Duration     time.Duration
	Bytes        int64
	Panicked     bool
	Codes        []string // of its errors
	Operation    string   // the name of the GraphQL operation that ran; empty if it has no name
	Ran          bool     // whether a GraphQL operation ran
	Cost         int      // points that the operation cost
}

// Observe counts one HTTP request.
func (m *Metrics) Observe(r Request) {
	route := m.route(r.Path)
	m.requests.total.WithLabelValues(route, method(r.Method), strconv.Itoa(r.Status)).Inc()
	m.requests.duration.WithLabelValues(route).Observe(r.Duration.Seconds())
	m.requests.bytes.WithLabelValues(route).Add(float64(r.Bytes))
	if r.Panicked {
		m.requests.panics.Inc()
	}
	m.operations.observe(r)
}

// route returns the pattern that serves a path.
func (r *requests) route(path string) string {
	if r.exact[path] {
		return path
	}
	for _, prefix := range r.prefixes {
		if strings.HasPrefix(path, prefix) {
			return prefix
		}
	}
	return other
}

// methods are those that a client may use; the request line can hold any text.
var methods = []string{"GET", "HEAD", "POST", "OPTIONS"}

func method(name string) string {
	if slices.Contains(methods, name) {
		return name
	}
	return other
}
