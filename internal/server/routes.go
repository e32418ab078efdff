package server

import (
	"errors"
	"fmt"
	"net/http"

	"vitrine/internal/edge"
	"vitrine/internal/telemetry"
)

// Routes is the whole surface of the server.
func (a *App) Routes() (http.Handler, error) {
	crossOrigin, err := newCORS(a.Settings.CORS.Origins, a.Settings.CORS.Headers)
	if err != nil {
		return nil, err
	}
	observe := observer(a.Settings)
	inner := crossOrigin
	crossOrigin = func(h http.Handler) http.Handler { return a.observeOrigins(inner(h)) }
	asPerson := func(h http.Handler) http.Handler {
		return crossOrigin(edge.Compress(a.withinBudget(a.Verifier.Middleware(observeCaller(observe, h)))))
	}
	mux := http.NewServeMux()
	mux.Handle("/graphql", asPerson(a.traceGraphQL(a.graphql)))
	mux.Handle("/schema.graphql", asPerson(a.graphql.SDL()))
	mux.Handle("/content/", crossOrigin(a.withinBudget(a.chargingFetches(a.links))))
	mux.Handle("/.well-known/oauth-protected-resource", crossOrigin(a.Verifier.Metadata()))
	if a.logoutsCount() {
		mux.Handle(logoutPath, a.withinBudget(a.backchannelLogout()))
	}
	mux.Handle("GET /healthz", answer(func() error { return nil }))
	mux.Handle("GET /readyz", answer(a.ready))
	mux.Handle("GET /{$}", a.pages.Start())
	mux.Handle("GET /gallery", a.pages.Gallery())
	mux.Handle("GET /gallery/", a.pages.Gallery())
	mux.Handle("GET /playground", a.pages.Playground())
	mux.Handle("GET /playground/callback", a.pages.Playground())
	mux.Handle("GET /assets/", a.pages.Assets())
	if err := issuerRoutes(mux, a.Settings, a.address); err != nil {
		return nil, err
	}
	mux.Handle("/", notFound())
	return telemetry.Middleware(a.Logger, a.edge.Guard(a.audited(untilStopped(mux))), a.observers()...), nil
}

// ready is not Tableau's state: one dead token must not take every replica out.
func (a *App) ready() error {
	switch {
	case !a.run.serving.Load():
		return errors.New("the server is starting or stopping")
	case !a.run.current.Load().Verifier.Ready():
		return errors.New("the keys of no OpenID issuer have been loaded yet")
	}
	return nil
}

func answer(check func() error) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Type", "text/plain; charset=utf-8")
		w.Header().Set("Cache-Control", "no-store")
		if err := check(); err != nil {
			w.WriteHeader(http.StatusServiceUnavailable)
			_, _ = fmt.Fprintln(w, err)
			return
		}
		_, _ = fmt.Fprintln(w, "ok")
	})
}

func notFound() http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Type", "text/plain; charset=utf-8")
		w.WriteHeader(http.StatusNotFound)
		_, _ = fmt.Fprintln(w, "There is nothing here. The API is at /graphql; pages, where they are enabled, are at /gallery and /playground.")
	})
}
