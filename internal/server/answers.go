package server

import (
	"context"

	"vitrine/auth"
	"vitrine/internal/answercache"
)

// newCache makes the cache of answers; nil where the settings have none.
func (a *App) newCache() (*answercache.Cache, error) {
	c := a.Settings.Cache
	if c.TTL == 0 {
		return nil, nil //nolint:nilnil // there is no cache, and that is no error
	}
	cache, err := answercache.New(answercache.Config{TTL: c.TTL, Bytes: c.Bytes})
	if err != nil || a.metrics == nil {
		return cache, err
	}
	m := a.metrics
	m.Counter("vitrine_answer_cache_hits_total", "Requests that were answered from the answer cache.", func() float64 { return float64(cache.Hits()) })
	m.Counter("vitrine_answer_cache_misses_total", "Requests that looked for an answer in the answer cache and did not find it.", func() float64 { return float64(cache.Misses()) })
	m.Gauge("vitrine_answer_cache_bytes", "Memory that the answers in the answer cache may take.", func() float64 { return float64(cache.Used()) })
	return cache, nil
}

// logouts returns the marks of a person's logouts; nil where no provider logs anybody out.
func (a *App) logouts() func(context.Context, *auth.Identity) []string {
	if !a.logoutsCount() {
		return nil
	}
	return a.Broker.Logouts
}
