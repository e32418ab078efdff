// Vitrine is a GraphQL server for teams that put Tableau content into their own web applications: it reads Tableau as the person
// who asks, and can change nothing. README.md says how to run it, docs/decisions.md why it is as it is.
package main

import (
	"context"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net/http"
	"os"
	"sync/atomic"
	"time"

	"github.com/jub0bs/cors"

	"vitrine/auth"
	"vitrine/internal/budget"
	"vitrine/internal/config"
	"vitrine/internal/content"
	"vitrine/internal/edge"
	"vitrine/internal/sessions"
	"vitrine/internal/tableau"
	"vitrine/internal/telemetry"
	"vitrine/internal/upstream"
	"vitrine/internal/web"
	"vitrine/resolvers"
)

//go:generate go run github.com/99designs/gqlgen generate

func main() {
	ctx, stop := stopSignals(context.Background())
	for _, note := range misspelled(os.Environ()) {
		fmt.Fprintln(os.Stderr, "note:", note)
	}
	err := run(ctx, os.Args[1:], os.Getenv, os.Stdout, os.Stderr)
	stop()
	if err != nil {
		fmt.Fprintln(os.Stderr, "vitrine:", err)
		os.Exit(1)
	}
}

// app is the server, wired from its settings.
type app struct {
	settings *config.Config
	client   *tableau.Client
	verifier *auth.Verifier
	broker   *sessions.Broker
	graphql  *resolvers.Handler
	links    *content.Links
	perPlace *budget.Budget // of an address; nil where there is none
	pages    *web.Pages
	edge     *edge.Edge
	scopes   []string // that sessions from JWTs need
	address  string   // where browsers, and Tableau, reach this server
	file     string   // of the settings; empty where there is none
	logger   *slog.Logger
	serving  atomic.Bool
	after    func(time.Duration) <-chan time.Time // for tests
}

// newApp wires the server; nothing is sent and no port is opened. publicURL is where browsers reach it.
func newApp(c *config.Config, publicURL string, logger *slog.Logger) (*app, error) {
	a := &app{settings: c, address: publicURL, logger: logger, after: time.After}
	err := notOwnIssuer(c, publicURL)
	if err != nil {
		return nil, err
	}
	if a.client, err = newTableau(c, logger); err != nil {
		return nil, err
	}
	if a.verifier, err = auth.New(a.chargingRefusals(authConfig(c, publicURL, logger))); err != nil {
		return nil, fmt.Errorf("the settings of oidc do not work:\n%w", err)
	}
	roles, err := newPolicy(c)
	if err != nil {
		return nil, err
	}
	if a.scopes, err = resolvers.Scopes(roles); err != nil {
		return nil, fmt.Errorf("the settings of roles do not work: %w", err)
	}
	if a.broker, err = sessions.New(sessionsConfig(c, a.client, publicURL, a.scopes, logger)); err != nil {
		return nil, err
	}
	if a.pages, err = web.New(pagesConfig(c, publicURL)); err != nil {
		return nil, err
	}
	if a.links, err = content.New(contentConfig(c, publicURL, a.broker, a.verifier, roles)); err != nil {
		return nil, err
	}
	a.edge = newEdge(c, publicURL)
	perPerson := a.budgets()
	a.graphql = resolvers.New(resolvers.Config{
		Sessions: a.broker, Tableau: a.client, Policy: roles, Links: a.links, First: c.Limits.First, Limits: documentLimits(&c.Limits),
		Deadline: c.Limits.Deadline, UnderWay: c.Limits.FieldsUnderWay, AnswerBytes: c.Limits.AnswerBytes, Budget: perPerson, Charged: a.chargeAddress,
		RequestID: telemetry.RequestID, Observe: observer(c),
	})
	return a, nil
}

// routes is the whole surface of the server.
func (a *app) routes() (http.Handler, error) {
	crossOrigin, err := newCORS(a.settings.CORS.Origins)
	if err != nil {
		return nil, err
	}
	observe := observer(a.settings)
	inner := crossOrigin
	crossOrigin = func(h http.Handler) http.Handler { return a.observeOrigins(inner(h)) }
	asPerson := func(h http.Handler) http.Handler {
		return crossOrigin(edge.Compress(a.withinBudget(a.verifier.Middleware(observeCaller(observe, h)))))
	}
	mux := http.NewServeMux()
	mux.Handle("/graphql", asPerson(a.graphql))
	mux.Handle("/schema.graphql", asPerson(a.graphql.SDL()))
	mux.Handle("/content/", crossOrigin(a.withinBudget(a.chargingFetches(a.links))))
	mux.Handle("/.well-known/oauth-protected-resource", crossOrigin(a.verifier.Metadata()))
	mux.Handle("GET /healthz", answer(func() error { return nil }))
	mux.Handle("GET /readyz", answer(a.ready))
	mux.Handle("GET /playground", a.pages.Playground())
	mux.Handle("GET /playground/callback", a.pages.Playground())
	mux.Handle("GET /assets/", a.pages.Assets())
	if err := issuerRoutes(mux, a.settings, a.address); err != nil {
		return nil, err
	}
	mux.Handle("/", notFound())
	return telemetry.Middleware(a.logger, a.edge.Guard(untilStopped(mux))), nil
}

// ready is not Tableau's state: one dead token must not take every replica out.
func (a *app) ready() error {
	switch {
	case !a.serving.Load():
		return errors.New("the server is starting or stopping")
	case !a.verifier.Ready():
		return errors.New("the keys of no OpenID issuer have been loaded yet")
	}
	return nil
}

// announce says where a server is, once it can be reached.
func announce(w io.Writer, name, address string) { _, _ = fmt.Fprintf(w, "%-10s %s\n", name, address) }

func newTableau(c *config.Config, logger *slog.Logger) (*tableau.Client, error) {
	client, err := httpClient(c.Tableau.CA)
	if err != nil {
		return nil, fmt.Errorf("tableau.caFile: %w", err)
	}
	browser := c.Tableau.BrowserURL
	if browser == c.Tableau.URL {
		browser = ""
	}
	gate, err := upstream.New(upstream.Limits(c.Tableau.Limits))
	if err != nil {
		return nil, fmt.Errorf("the settings of tableau.limits do not work:\n%w", err)
	}
	gate.LogTo(logger)
	return tableau.New(tableau.Config{
		URL: c.Tableau.URL, BrowserURL: browser, APIVersion: c.Tableau.APIVersion, HTTP: client, Gate: upstream.NewWatch(gate, time.Now, logReach(logger)),
	})
}

// maxConnections bounds idle connections to Tableau: one for each request that may be under way by default.
const maxConnections = 256

// httpClient trusts the system's CAs and one more, and takes proxies from the environment.
func httpClient(ca []byte) (*http.Client, error) {
	transport := http.DefaultTransport.(*http.Transport).Clone()
	transport.MaxIdleConns, transport.MaxIdleConnsPerHost = maxConnections, maxConnections
	if ca != nil {
		pool, err := x509.SystemCertPool()
		if err != nil {
			pool = x509.NewCertPool()
		}
		if !pool.AppendCertsFromPEM(ca) {
			return nil, errors.New("the file holds no certificate in PEM form")
		}
		transport.TLSClientConfig = &tls.Config{RootCAs: pool, MinVersion: tls.VersionTLS12}
	}
	return &http.Client{Transport: transport}, nil
}

func newCORS(origins []string) (func(http.Handler) http.Handler, error) {
	if len(origins) == 0 {
		return func(h http.Handler) http.Handler { return h }, nil
	}
	m, err := cors.NewMiddleware(cors.Config{
		Origins: origins, Methods: []string{http.MethodGet, http.MethodHead, http.MethodPost},
		RequestHeaders:  []string{"Authorization", "Content-Type"},
		ResponseHeaders: []string{telemetry.RequestIDHeader, "Content-Disposition", "Retry-After", "WWW-Authenticate", "RateLimit", "RateLimit-Policy"},
		MaxAgeInSeconds: 7200, // Chromium keeps a preflight no longer
	})
	if err != nil {
		return nil, fmt.Errorf("the settings of cors do not work: %w", err)
	}
	return m.Wrap, nil
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
		_, _ = fmt.Fprintln(w, "There is nothing here. The API is at /graphql, the playground, where it is enabled, at /playground.")
	})
}
