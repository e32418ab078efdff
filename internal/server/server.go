package server

import (
	"context"
	"fmt"
	"log/slog"
	"sync/atomic"
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
	"vitrine/internal/web"
	"vitrine/resolvers"
)

// App is the server, wired from its settings.
type App struct {
	Settings  *config.Config
	Client    *tableau.Client
	Verifier  *auth.Verifier
	Broker    *sessions.Broker
	graphql   *graphqlhttp.Handler
	links     *content.Links
	cache     *answercache.Cache // of answers; nil without one
	perPlace  *budget.Budget     // of an address; nil without limits.perAddress
	pages     *web.Pages
	Documents *documents.Store // of manifests; nil without any
	edge      *edge.Edge
	metrics   *metrics.Metrics // nil without adminListen
	audit     *audit.Log       // nil without audit.output
	Scopes    []string         // that sessions from JWTs need
	address   string           // where browsers, and Tableau, reach this server
	File      string           // of the settings; empty if absent
	Logger    *slog.Logger
	serving   atomic.Bool
	After     func(time.Duration) <-chan time.Time // for tests
}

// New wires the server; nothing is sent and no port is opened. publicURL is where browsers reach
// it.
func New(c *config.Config, publicURL string, logger *slog.Logger) (*App, error) {
	a := &App{Settings: c, address: publicURL, Logger: logger, After: time.After}
	err := notOwnIssuer(c, publicURL)
	if err != nil {
		return nil, err
	}
	a.metrics, a.audit = a.newMetrics(), newAudit(c, logger)
	gate, err := newGate(c, logger)
	if err != nil {
		return nil, err
	}
	if a.Client, err = newTableau(c, a.observedGate(gate)); err != nil {
		return nil, err
	}
	identities := a.chargingRefusals(AuthConfig(c, publicURL, logger))
	identities.LastLogout = func(ctx context.Context, id *auth.Identity) time.Time { return a.Broker.LastLogout(ctx, id) }
	if a.Verifier, err = auth.New(identities); err != nil {
		return nil, fmt.Errorf("the settings of oidc do not work:\n%w", err)
	}
	roles, err := NewPolicy(c)
	if err != nil {
		return nil, err
	}
	if a.Scopes, err = resolvers.Scopes(roles); err != nil {
		return nil, fmt.Errorf("the settings of roles do not work: %w", err)
	}
	sessionSettings := sessionsConfig(c, a.Client, publicURL, a.Scopes, logger)
	if a.metrics != nil {
		sessionSettings.Observer = a.metrics
	}
	if a.Broker, err = sessions.New(sessionSettings); err != nil {
		return nil, err
	}
	a.watchParts(gate)
	if a.pages, err = web.New(pagesConfig(c, publicURL)); err != nil {
		return nil, err
	}
	if a.links, err = content.New(contentConfig(c, publicURL, a.Broker, a.Verifier, roles)); err != nil {
		return nil, err
	}
	a.edge = newEdge(c, publicURL)
	embedTokens, err := newEmbedTokens(c)
	if err != nil {
		return nil, err
	}
	perPerson := a.budgets()
	trusted, err := trustedDocuments(c, logger)
	if err != nil {
		return nil, err
	}
	a.Documents = trusted.Store
	if a.cache, err = a.newCache(); err != nil {
		return nil, err
	}
	a.graphql = resolvers.New(resolvers.Config{
		Config: graphqlhttp.Config{
			Policy: roles, Limits: documentLimits(&c.Limits), Deadline: c.Limits.Deadline, UnderWay: c.Limits.FieldsUnderWay,
			AnswerBytes: c.Limits.AnswerBytes, Budget: perPerson, Charged: a.chargeAddress, RequestID: telemetry.RequestID, Observe: observer(c), Audit: a.auditAdd(),
			Trusted: trusted, Cache: a.cache, Owner: a.Broker.Owner, Logouts: a.logouts(),
		},
		Sessions: a.Broker, Tableau: a.Client, Links: a.links, First: c.Limits.First,
		EmbedTokens: embedTokens, EmbedTokenIssued: logEmbedToken(logger),
	})
	return a, nil
}
