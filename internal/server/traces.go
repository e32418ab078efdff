package server

import (
	"context"
	"log/slog"
	"net/http"
	"runtime/debug"
	"time"

	"vitrine/internal/config"
	"vitrine/internal/traces"
	"vitrine/internal/version"
)

// newTraces makes the tracer that the environment asks for; nil for none.
func newTraces(c *config.Config, logger *slog.Logger) (*traces.Tracer, error) {
	if c.Traces.Endpoint == "" {
		return nil, nil
	}
	settings, err := tracesConfig(c, logger)
	if err != nil {
		return nil, err
	}
	return traces.New(settings)
}

func tracesConfig(c *config.Config, logger *slog.Logger) (traces.Config, error) {
	t := &c.Traces
	client, err := httpClient(t.CA)
	if err != nil {
		return traces.Config{}, err // cannot fail: that it holds a certificate was checked with the settings
	}
	headers := map[string]string{}
	for name, value := range t.Headers {
		headers[name] = value.Reveal()
	}
	info, _ := debug.ReadBuildInfo()
	return traces.Config{
		Endpoint: t.Endpoint, Headers: headers, HTTP: client, Timeout: t.Timeout, Gzip: t.Gzip, Sampler: t.Sampler, Ratio: t.Ratio,
		Resource: t.Resource, Version: version.Of(version.Version, info), TrustIncoming: t.TrustIncoming, Operations: c.Metrics.Operations, Logger: logger,
	}, nil
}

// CheckTraces asks the collector whether it takes spans.
func CheckTraces(ctx context.Context, c *config.Config) error {
	settings, err := tracesConfig(c, slog.New(slog.DiscardHandler))
	if err != nil {
		return err
	}
	defer settings.HTTP.CloseIdleConnections()
	return traces.Check(ctx, settings)
}

// traceGraphQL makes a span of each request of a caller who is known.
func (a *App) traceGraphQL(next http.Handler) http.Handler {
	if a.traces == nil {
		return next
	}
	return a.traces.Handler(traces.NameGraphQL, "/graphql", next)
}

// traceFetch makes a span of each fetch of a content link that is good; nil without traces.
func (a *App) traceFetch() func(*http.Request) *http.Request {
	if a.traces == nil {
		return nil
	}
	return func(r *http.Request) *http.Request { return a.traces.Begin(traces.NameContent, "/content/", r) }
}

// closeTraces exports the spans that wait.
func (a *App) closeTraces(ctx context.Context, limit time.Duration) {
	if a.traces == nil {
		return
	}
	if err := limited(ctx, limit, a.traces.Close); err != nil {
		a.Logger.Warn("not all spans were exported", "error", err)
	}
}
