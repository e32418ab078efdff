package server

import (
	"crypto/tls"
	"crypto/x509"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net/http"
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

// App is the server, wired from its settings.
type App struct {
	Settings *config.Config
	Client   *tableau.Client
	Verifier *auth.Verifier
	Broker   *sessions.Broker
	graphql  *resolvers.Handler
	links    *content.Links
	perPlace *budget.Budget // of an address; nil where there is none
	pages    *web.Pages
	edge     *edge.Edge
	Scopes   []string // that sessions from JWTs need
	address  string   // where browsers, and Tableau, reach this server
	File     string   // of the settings; empty where there is none
	Logger   *slog.Logger
	serving  atomic.Bool
	After    func(time.Duration) <-chan time.Time // for tests
}

// NewApp wires the server; nothing is sent and no port is opened. publicURL is where browsers reach it.
func NewApp(c *config.Config, publicURL string, logger *slog.Logger) (*App, error) {
	a := &App{Settings: c, address: publicURL, Logger: logger, After: time.After}
	err := notOwnIssuer(c, publicURL)
	if err != nil {
		return nil, err
	}
	if a.Client, err = newTableau(c, logger); err != nil {
		return nil, err
	}
	if a.Verifier, err = auth.New(a.chargingRefusals(AuthConfig(c, publicURL, logger))); err != nil {
		return nil, fmt.Errorf("the settings of oidc do not work:\n%w", err)
	}
	roles, err := NewPolicy(c)
	if err != nil {
		return nil, err
	}
	if a.Scopes, err = resolvers.Scopes(roles); err != nil {
		return nil, fmt.Errorf("the settings of roles do not work: %w", err)
	}
	if a.Broker, err = sessions.New(sessionsConfig(c, a.Client, publicURL, a.Scopes, logger)); err != nil {
		return nil, err
	}
	if a.pages, err = web.New(pagesConfig(c, publicURL)); err != nil {
		return nil, err
	}
	if a.links, err = content.New(contentConfig(c, publicURL, a.Broker, a.Verifier, roles)); err != nil {
		return nil, err
	}
	a.edge = newEdge(c, publicURL)
	perPerson := a.budgets()
	a.graphql = resolvers.New(resolvers.Config{
		Sessions: a.Broker, Tableau: a.Client, Policy: roles, Links: a.links, First: c.Limits.First, Limits: documentLimits(&c.Limits),
		Deadline: c.Limits.Deadline, UnderWay: c.Limits.FieldsUnderWay, AnswerBytes: c.Limits.AnswerBytes, Budget: perPerson, Charged: a.chargeAddress,
		RequestID: telemetry.RequestID, Observe: observer(c),
	})
	return a, nil
}

// Routes is the whole surface of the server.
func (a *App) Routes() (http.Handler, error) {
	crossOrigin, err := newCORS(a.Settings.CORS.Origins)
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
	mux.Handle("/graphql", asPerson(a.graphql))
	mux.Handle("/schema.graphql", asPerson(a.graphql.SDL()))
	mux.Handle("/content/", crossOrigin(a.withinBudget(a.chargingFetches(a.links))))
	mux.Handle("/.well-known/oauth-protected-resource", crossOrigin(a.Verifier.Metadata()))
	mux.Handle("GET /healthz", answer(func() error { return nil }))
	mux.Handle("GET /readyz", answer(a.ready))
	mux.Handle("GET /playground", a.pages.Playground())
	mux.Handle("GET /playground/callback", a.pages.Playground())
	mux.Handle("GET /assets/", a.pages.Assets())
	if err := issuerRoutes(mux, a.Settings, a.address); err != nil {
		return nil, err
	}
	mux.Handle("/", notFound())
	return telemetry.Middleware(a.Logger, a.edge.Guard(UntilStopped(mux))), nil
}

// ready is not Tableau's state: one dead token must not take every replica out.
func (a *App) ready() error {
	switch {
	case !a.serving.Load():
		return errors.New("the server is starting or stopping")
	case !a.Verifier.Ready():
		return errors.New("the keys of no OpenID issuer have been loaded yet")
	}
	return nil
}

// Announce says where a server is, once it can be reached.
func Announce(w io.Writer, name, address string) { _, _ = fmt.Fprintf(w, "%-10s %s\n", name, address) }

func newTableau(c *config.Config, logger *slog.Logger) (*tableau.Client, error) {
	client, err := HttpClient(c.Tableau.CA)
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

// MaxConnections bounds idle connections to Tableau: one for each request that may be under way by default.
const MaxConnections = 256

// HttpClient trusts the system's CAs and one more, and takes proxies from the environment.
func HttpClient(ca []byte) (*http.Client, error) {
	transport := http.DefaultTransport.(*http.Transport).Clone()
	transport.MaxIdleConns, transport.MaxIdleConnsPerHost = MaxConnections, MaxConnections
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
