package metrics

import (
	"time"

	"github.com/prometheus/client_golang/prometheus"
)

// sessions are Tableau sessions. It implements sessions.Observer.
type sessions struct {
	methods  map[string]string
	signIns  *prometheus.CounterVec
	duration *prometheus.HistogramVec
	hits     *prometheus.CounterVec
	waits    *prometheus.HistogramVec
	renewals *prometheus.CounterVec
	signOuts *prometheus.CounterVec
}

func newSessions(methods map[string]string) sessions {
	s := sessions{
		methods: methods,
		signIns: prometheus.NewCounterVec(prometheus.CounterOpts{
			Name: "vitrine_sessions_sign_ins_total", Help: "Sign-ins of users to Tableau, by site, sign-in method and outcome (ok or failed).",
		}, []string{"site", "method", "outcome"}),
		duration: prometheus.NewHistogramVec(prometheus.HistogramOpts{
			Name: "vitrine_sessions_sign_in_duration_seconds", Help: "Time of a sign-in, the look-up of the user included, by site.", Buckets: upstreamBuckets,
		}, []string{"site"}),
		hits: prometheus.NewCounterVec(prometheus.CounterOpts{
			Name: "vitrine_sessions_hits_total", Help: "Uses of a session that was already there, by site.",
		}, []string{"site"}),
		waits: prometheus.NewHistogramVec(prometheus.HistogramOpts{
			Name: "vitrine_sessions_wait_seconds", Help: "Time that a caller waited for a sign-in, by site.", Buckets: waitBuckets,
		}, []string{"site"}),
		renewals: prometheus.NewCounterVec(prometheus.CounterOpts{
			Name: "vitrine_sessions_renewals_total", Help: "Sessions that were replaced because Tableau had ended them, by site.",
		}, []string{"site"}),
		signOuts: prometheus.NewCounterVec(prometheus.CounterOpts{
			Name: "vitrine_sessions_sign_outs_total", Help: "Sessions that were signed out at Tableau, by site and outcome (ok or failed).",
		}, []string{"site", "outcome"}),
	}
	for contentURL, method := range methods { // a rate of what has not occurred is 0, not absent
		site := siteLabel(contentURL)
		s.duration.WithLabelValues(site)
		s.hits.WithLabelValues(site)
		s.waits.WithLabelValues(site)
		s.renewals.WithLabelValues(site)
		for _, outcome := range []string{"ok", "failed"} {
			s.signIns.WithLabelValues(site, method, outcome)
			s.signOuts.WithLabelValues(site, outcome)
		}
	}
	return s
}

func (s *sessions) collectors() []prometheus.Collector {
	return []prometheus.Collector{s.signIns, s.duration, s.hits, s.waits, s.renewals, s.signOuts}
}

// Hit counts a use of a session that was already there.
func (s *sessions) Hit(site string) { s.hits.WithLabelValues(siteLabel(site)).Inc() }

// Wait counts a caller who waited for a sign-in.
func (s *sessions) Wait(site string, took time.Duration) {
	s.waits.WithLabelValues(siteLabel(site)).Observe(took.Seconds())
}

// SignIn counts an attempt to open a session at Tableau.
func (s *sessions) SignIn(site string, took time.Duration, err error) {
	s.signIns.WithLabelValues(siteLabel(site), s.methods[site], outcome(err)).Inc()
	s.duration.WithLabelValues(siteLabel(site)).Observe(took.Seconds())
}

// Renewal counts a session that Tableau had ended.
func (s *sessions) Renewal(site string) { s.renewals.WithLabelValues(siteLabel(site)).Inc() }

// SignOut counts a session that was signed out at Tableau.
func (s *sessions) SignOut(site string, err error) {
	s.signOuts.WithLabelValues(siteLabel(site), outcome(err)).Inc()
}

func outcome(err error) string {
	if err == nil {
		return "ok"
	}
	return "failed"
}
