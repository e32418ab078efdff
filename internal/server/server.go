package server

import (
	"context"
	"crypto/rand"
	"fmt"
	"log/slog"
	"time"

	"vitrine/auth"
	"vitrine/internal/answercache"
	"vitrine/internal/audit"
	"vitrine/internal/budget"
	"vitrine/internal/config"
	"vitrine/internal/content"
	"vitrine/internal/documents"
	"vitrine/internal/edge"
	"vitrine/internal/graphqlhttp"
	"vitrine/internal/metrics"
	"vitrine/internal/sessions"
	"vitrine/internal/tableau"
	"vitrine/internal/telemetry"
	"vitrine/internal/traces"
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
	graphql  *graphqlhttp.Handler
	links    *content.Links
	cache    *answercache.Cache // of answers; nil without one
	perPlace *budget.Budget     // of an address; nil without limits.perAddress

	dataQueries *budget.Budget // of a person on a site; nil without limits.dataQueries

	pages     *web.Pages
	Documents *documents.Store // of manifests; nil without any
	edge      *edge.Edge
	metrics   *metrics.Metrics // nil without adminListen
	audit     *audit.Log       // nil without audit.output
	traces    *traces.Tracer   // nil where no environment variable asks for them
	Scopes    []string         // that sessions from JWTs need
	address   string           // where browsers, and Tableau, reach this server
	File      string           // of the settings; empty if absent
	Logger    *slog.Logger
	run       *running         // shared by all settings that a process has had
	linkKeys  []tableau.Secret // of content links
	perPerson *budget.Budget   // nil without limits.perPerson
	trusted   graphqlhttp.Trusted
	gate      *upstream.Gate
	asCloud   bool                                 // Tableau is a stand-in for Tableau Cloud
	After     func(time.Duration) <-chan time.Time // for tests
}

// New wires the server; nothing is sent and no port is opened. publicURL is where browsers reach
// it.
func New(c *config.Config, publicURL string, logger *slog.Logger) (*App, error) {
	return start(&App{Settings: c, address: publicURL, Logger: logger, After: time.After})
}

// NewAsCloud is [New] where Tableau is a stand-in for Tableau Cloud, which its address does not show.
// No setting does this: only the command demo does.
func NewAsCloud(c *config.Config, publicURL string, logger *slog.Logger) (*App, error) {
	return start(&App{Settings: c, address: publicURL, Logger: logger, After: time.After, asCloud: true})
}

func start(a *App) (*App, error) {
	if err := a.build(nil); err != nil {
		return nil, err
	}
	a.run.current.Store(a)
	a.watchParts(a.gate)
	return a, nil
}

// build wires the server. Where there is one before, it takes over what outlives a reload.
func (a *App) build(before *App) error {
	c, publicURL, logger := a.Settings, a.address, a.Logger
	err := notOwnIssuer(c, publicURL)
	if err != nil {
		return err
	}
	if before != nil {
		a.inherit(before)
	} else if err := a.found(); err != nil {
		return err
	}
	identities := a.chargingRefusals(AuthConfig(c, publicURL, logger))
	identities.LastLogout = func(ctx context.Context, id *auth.Identity) time.Time { return a.Broker.LastLogout(ctx, id) }
	if a.Verifier, err = auth.New(identities); err != nil {
		return fmt.Errorf("the settings of oidc do not work:\n%w", err)
	}
	roles, err := NewPolicy(c)
	if err != nil {
		return err
	}
	if a.Scopes, err = resolvers.Scopes(roles); err != nil {
		return fmt.Errorf("the settings of roles do not work: %w", err)
	}
	if err := a.openSessions(); err != nil {
		return err
	}
	if a.pages, err = web.New(pagesConfig(c, publicURL)); err != nil {
		return err
	}
	links := contentConfig(c, publicURL, a.linkKeys, a.Broker, a.Verifier, roles)
	links.Fetching = a.traceFetch()
	if a.links, err = content.New(links); err != nil {
		return err
	}
	embedTokens, err := newEmbedTokens(c)
	if err != nil {
		return err
	}
	a.budgets(before)
	if a.trusted, err = trustedDocuments(c, logger); err != nil {
		return err
	}
	if before != nil && before.trusted.Automatic != nil && a.trusted.Automatic != nil {
		a.trusted.Automatic = before.trusted.Automatic
	}
	a.Documents = a.trusted.Store
	a.graphql = resolvers.New(resolvers.Config{
		Config: graphqlhttp.Config{
			Policy: roles, Limits: documentLimits(&c.Limits), Deadline: c.Limits.Deadline, UnderWay: c.Limits.FieldsUnderWay,
			AnswerBytes: c.Limits.AnswerBytes, Budget: a.perPerson, Charged: a.chargeAddress, RequestID: telemetry.RequestID, Observe: observer(c), Audit: a.auditAdd(),
			Trusted: a.trusted, Cache: a.cache, Generation: a.run.generation(), Owner: a.Broker.Owner, Logouts: a.logouts(),
		},
		Sessions: a.Broker, Tableau: a.Client, Links: a.links, Federation: c.Federation, First: c.Limits.First,
		EmbedTokens: embedTokens, EmbedTokenIssued: logEmbedToken(logger), DataQueries: a.takeDataQueries,
	})
	return nil
}

// found makes what a process has once, whatever settings it is given while it runs.
func (a *App) found() (err error) {
	a.run = &running{}
	a.metrics, a.audit = a.newMetrics(), newAudit(a.Settings, a.Logger)
	a.edge = newEdge(a.Settings, a.address, a.auditEdge())
	a.linkKeys = rootKeys(a.Settings)
	if len(a.linkKeys) == 0 {
		a.linkKeys = []tableau.Secret{tableau.NewSecret(rand.Text() + rand.Text())}
	}
	if a.cache, err = a.newCache(); err != nil {
		return err
	}
	if a.traces, err = newTraces(a.Settings, a.Logger); err != nil {
		return err
	}
	if a.gate, err = newGate(a.Settings, a.Logger); err != nil {
		return err
	}
	a.Client, err = a.newTableau(a.observe(a.gate))
	return err
}

// inherit takes over what outlives a reload.
func (a *App) inherit(before *App) {
	a.run, a.metrics, a.audit, a.traces, a.edge, a.linkKeys = before.run, before.metrics, before.audit, before.traces, before.edge, before.linkKeys
	a.gate, a.Client, a.Broker, a.cache, a.File, a.After = before.gate, before.Client, before.Broker, before.cache, before.File, before.After
}

// openSessions makes the broker of sessions, unless there is one.
func (a *App) openSessions() (err error) {
	if a.Broker != nil {
		return nil
	}
	settings := sessionsConfig(a.Settings, a.Client, a.address, a.Scopes, a.Logger)
	if a.metrics != nil {
		settings.Observer = a.metrics
	}
	if a.traces != nil {
		settings.Carry = traces.Carry
	}
	a.Broker, err = sessions.New(settings)
	return err
}
