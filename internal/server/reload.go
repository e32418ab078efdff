package server

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net/http"
	"slices"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"

	"vitrine/internal/config"
)

// running is what all settings that one process has had share: which of them hold now.
type running struct {
	current atomic.Pointer[App]
	handler atomic.Pointer[http.Handler]
	serving atomic.Bool

	reloading         sync.Mutex
	background        context.Context // of a server that serves; nil before
	reloads, failures atomic.Uint64
	built             atomic.Uint64 // settings that handlers were made with
}

// ServeHTTP serves a request with the settings that hold when it begins.
func (r *running) ServeHTTP(w http.ResponseWriter, req *http.Request) {
	(*r.handler.Load()).ServeHTTP(w, req)
}

// generation is a text that no other settings of the process have.
func (r *running) generation() string { return strconv.FormatUint(r.built.Add(1), 10) + " " }

// start has a server serve with a handler, and keep keys fresh until ctx ends.
func (r *running) start(ctx context.Context, handler http.Handler) {
	r.reloading.Lock()
	defer r.reloading.Unlock()
	r.background = ctx
	r.handler.Store(&handler)
}

// Reload replaces the settings with what load returns. Requests that run go on with those that they
// began with; sessions, content links and metrics stay. Where anything is wrong, nothing changes,
// and the log has the reason, which the error has too.
func (a *App) Reload(load func() (*config.Config, []string, error)) error {
	r := a.run
	r.reloading.Lock()
	defer r.reloading.Unlock()
	next, err := r.next(load)
	if err != nil {
		r.failures.Add(1)
		a.Logger.LogAttrs(context.Background(), slog.LevelError, "the settings are not replaced, and those of before stay in use", slog.Any("error", err))
		return err
	}
	r.reloads.Add(1)
	next.logSettings(context.Background(), "settings replaced")
	return nil
}

// next loads settings, builds what they ask for, and puts it into use.
func (r *running) next(load func() (*config.Config, []string, error)) (*App, error) {
	before := r.current.Load()
	settings, notes, err := load()
	if err != nil {
		return nil, err
	}
	if keys := config.NeedsRestart(before.Settings, settings); len(keys) > 0 {
		return nil, fmt.Errorf("these settings have changed and take effect with a restart only: %s", strings.Join(keys, ", "))
	}
	next := &App{Settings: settings, address: before.address, Logger: before.Logger}
	if err := next.build(before); err != nil {
		return nil, err
	}
	next.Verifier.ReuseKeys(before.Verifier)
	if !slices.Equal(next.Scopes, before.Scopes) && signsJWTs(settings) {
		return nil, errors.New("roles: they need other scopes of the JWTs that sessions are opened with than those of before, which takes effect with a restart only")
	}
	handler, err := next.Routes()
	if err != nil {
		return nil, err
	}
	if err := next.Broker.Rekey(sessionsConfig(settings, next.Client, next.address, next.Scopes, next.Logger).Sites); err != nil {
		return nil, fmt.Errorf("tableau.signIn does not work: %w", err)
	}
	for _, note := range notes {
		next.Logger.Warn("note: " + note)
	}
	r.handler.Store(&handler)
	r.current.Store(next)
	if r.background != nil {
		next.Verifier.Start(r.background)
		before.Verifier.Retire(next.Verifier)
	}
	return next, nil
}

// signsJWTs reports whether any site signs in with JWTs.
func signsJWTs(c *config.Config) bool {
	return slices.ContainsFunc(c.Tableau.Sites, func(s config.Site) bool { return c.Tableau.SignInFor(s).SignsJWTs() })
}
