package server

import (
	"log/slog"
	"net"
	"net/http"
	"net/http/pprof"
	"runtime/debug"
	"time"

	"vitrine/internal/metrics"
	"vitrine/internal/problem"
	"vitrine/internal/telemetry"
	"vitrine/internal/upstream"
	"vitrine/internal/version"
)

// publicRoutes are the patterns that requests are counted under.
var publicRoutes = []string{
	"/graphql", "/schema.graphql", "/content/", logoutPath, "/.well-known/oauth-protected-resource", "/healthz", "/readyz",
	"/gallery", "/gallery/", "/playground", "/playground/callback", "/assets/",
}

// newMetrics makes the metrics of a server; nil where the settings have no address for them.
func (a *App) newMetrics() *metrics.Metrics {
	c := a.Settings
	if c.AdminListen == "" {
		return nil
	}
	info, _ := debug.ReadBuildInfo()
	methods := map[string]string{}
	for _, s := range c.Tableau.Sites {
		methods[s.ContentURL] = c.Tableau.SignInFor(s).Method
	}
	m := metrics.New(metrics.Config{
		Version: version.Of(version.Version, info), Commit: version.CommitOf(version.Commit, info), Routes: publicRoutes, Codes: problem.Codes(),
		Operations: c.Metrics.Operations, SignInMethods: methods, Logger: a.Logger,
	})
	for _, s := range c.Tableau.Sites {
		m.Available(s.ContentURL, true)
	}
	return m
}

// watchParts adds what the parts of a server count themselves.
func (a *App) watchParts(gate *upstream.Gate) {
	m := a.metrics
	if m == nil {
		return
	}
	m.Gauge("vitrine_tableau_requests_waiting", "Requests to Tableau that wait for a place.", func() float64 { return float64(gate.Waiting()) })
	m.Gauge("vitrine_sessions_held", "Tableau sessions that this process has.", func() float64 { return float64(a.Broker.Held()) })
	m.Gauge("vitrine_ready", "Whether /readyz answers 200.", func() float64 { return flag(a.ready() == nil) })
	if a.audit != nil {
		m.Counter("vitrine_audit_lines_total", "Lines that were written to the audit log.", func() float64 { n, _ := a.audit.Counts(); return float64(n) })
		m.Counter("vitrine_audit_skipped_total", "Lines of refused requests of unknown callers that were left out, beyond 600 in a minute.", func() float64 { return float64(a.audit.Skipped()) })
		m.Counter("vitrine_audit_failures_total", "Lines that could not be written to the audit log.", func() float64 { _, n := a.audit.Counts(); return float64(n) })
	}
	if t := a.traces; t != nil {
		m.Counter("vitrine_trace_spans_total", "Spans that were sampled and have ended.", func() float64 { n, _, _ := t.Counts(); return float64(n) })
		m.Counter("vitrine_trace_spans_exported_total", "Spans that the collector took.", func() float64 { _, n, _ := t.Counts(); return float64(n) })
		m.Counter("vitrine_trace_spans_failed_total", "Spans that the collector did not take.", func() float64 { _, _, n := t.Counts(); return float64(n) })
	}
	m.Counter("vitrine_reloads_total", "Settings that were replaced while the server ran.", func() float64 { return float64(a.run.reloads.Load()) })
	m.Counter("vitrine_reload_failures_total", "Settings that were refused while the server ran.", func() float64 { return float64(a.run.failures.Load()) })
	if a.Broker.HasSharedStore() {
		m.Gauge("vitrine_shared_store_up", "Whether Redis answered when it was last asked.", func() float64 { return flag(a.Broker.SharedStoreAnswers()) })
	}
}

func flag(on bool) float64 {
	if on {
		return 1
	}
	return 0
}

// observers count each request that has been answered.
func (a *App) observers() []func(telemetry.Summary) {
	if a.metrics == nil {
		return nil
	}
	return []func(telemetry.Summary){func(s telemetry.Summary) { a.metrics.Observe(requestOf(s)) }}
}

// requestOf is what the metrics need of a request.
func requestOf(s telemetry.Summary) metrics.Request {
	r := metrics.Request{Path: s.Path, Method: s.Method, Status: s.Status, Duration: s.Duration, Bytes: s.Bytes, Codes: s.Codes()}
	_, r.Panicked = s.Value("panic")
	if _, planned := s.Value("dryRun"); planned {
		return r
	}
	if name, ok := s.Value("operation"); ok {
		r.Operation, r.Ran = name.String(), true
	}
	if cost, ok := s.Value("cost"); ok && cost.Kind() == slog.KindInt64 {
		r.Cost = int(cost.Int64())
	}
	return r
}

// AdminRoutes is all that adminListen serves. Nothing of it needs a token.
func (a *App) AdminRoutes() http.Handler {
	mux := http.NewServeMux()
	mux.Handle("GET /metrics", a.metrics.Handler())
	mux.Handle("GET /healthz", answer(func() error { return nil }))
	mux.Handle("GET /readyz", answer(a.ready))
	if a.Settings.DangerouslyServeProfiles {
		mux.HandleFunc("GET /debug/pprof/", pprof.Index)
		mux.HandleFunc("GET /debug/pprof/cmdline", pprof.Cmdline)
		mux.HandleFunc("GET /debug/pprof/profile", pprof.Profile)
		mux.HandleFunc("GET /debug/pprof/symbol", pprof.Symbol)
		mux.HandleFunc("GET /debug/pprof/trace", pprof.Trace)
	}
	return mux
}

// profileTime is how long one answer of adminListen may take: profiles last 30 seconds by default.
const profileTime = 2 * time.Minute

// ServeAdmin serves [App.AdminRoutes] on an open listener until stop is called. It goes on while
// the server drains, so that the last scrape sees how it ended.
func (a *App) ServeAdmin(listener net.Listener) (stop func()) {
	server := &http.Server{
		Handler: a.AdminRoutes(), ReadHeaderTimeout: headerTime, ReadTimeout: requestTime, WriteTimeout: profileTime, IdleTimeout: idleTime,
		MaxHeaderBytes: maxHeaderBytes, ErrorLog: slog.NewLogLogger(a.Logger.Handler(), slog.LevelWarn),
	}
	done := make(chan struct{})
	go func() {
		defer close(done)
		if err := server.Serve(listener); err != http.ErrServerClosed {
			a.Logger.Error("metrics and health checks are served no more", "error", err)
		}
	}()
	return func() {
		_ = server.Close()
		<-done
	}
}
