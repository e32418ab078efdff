package tableausim

import (
	"crypto/rand"
	"fmt"
	"net/http"
	"strings"
	"sync"
	"sync/atomic"
	"time"

	"vitrine/internal/tableausim/metadata"
)

// Config says how the stand-in behaves. The zero value is a server of API version 3.27 with the
// default content, no added latency, sessions of 240 idle minutes, PATs that hold one session each,
// and one connected app.
type Config struct {
	// Workbooks is how many workbooks the default site has in all, at most 50,000; 0, or fewer than
	// the hand-made ones, means the believable default of about 60. The other sites do not grow.
	Workbooks int
	// Latency is added to every answer; a request that is given up stops waiting.
	Latency time.Duration
	// APIVersion is the newest version in the path that is understood, "3.27" when empty.
	APIVersion string
	// Maintenance is the maintenance release of a Tableau Server: 14 with APIVersion 3.15 is
	// 2022.1.14. Servers of that release are the first with wildcards in filters.
	Maintenance int
	// Now is the clock, time.Now when nil.
	Now func() time.Time
	// IdleLimit ends a session that was not used for so long; 240 minutes when zero, as on a real
	// server, or none with Cloud.
	IdleLimit time.Duration
	// Lifetime ends a session so long after its sign-in, however much it is used; never when zero,
	// as on a real server without a lifetime limit, or 120 minutes with Cloud.
	Lifetime time.Duration
	// Cloud gives the stand-in the signs of Tableau Cloud: sites need a content URL (the default
	// site is [CloudSite]), people are called by their mail addresses (alice@example.com), nobody
	// administers the server, so nobody impersonates, sites are not listed, and long-running
	// requests are limited.
	Cloud bool
	// LongRunning is how many images and data of views a site works out at a time; more answer
	// 429/429000 with Retry-After. When zero there is no limit, or 20 with Cloud.
	LongRunning int
	// LockAfter locks an account after so many wrong passwords or PAT secrets in a row: until
	// LockFor (20 minutes when zero) has passed, it cannot sign in at all. Zero never locks.
	LockAfter int
	LockFor   time.Duration
	// PATsMayOverlap lets a personal access token hold several sessions of its own. Real servers
	// end the earlier one at each sign-in with the same token, so false does that.
	PATsMayOverlap bool
	// PATDisplacesImpersonated makes a sign-in with a PAT also end the impersonated sessions that
	// came from it. Tableau does not document whether it does.
	PATDisplacesImpersonated bool
	// PublicURL gives the base of webpageUrl, for example "http://127.0.0.1:8081"; it is asked at
	// each answer, so it may be known only after listening. When nil, the Host of the request is
	// used.
	PublicURL func() string
	// PATs are the personal access tokens of the server administrator, name to secret. When nil
	// they are vitrine-1 and vitrine-2 with random secrets; see [Server.PATs].
	PATs map[string]string
	// ConnectedApps are the connected apps with direct trust. When nil there is one with random
	// values, enabled, for all sites; see [Server.ConnectedApps].
	ConnectedApps []ConnectedApp
	// TrustedIssuers are the registered external authorization servers. As their addresses may be
	// known only after listening, there is [Server.SetTrustedIssuers] too.
	TrustedIssuers []TrustedIssuer
	// UnifiedAccess are the configurations of unified access tokens, which only Cloud takes.
	UnifiedAccess []UnifiedAccess
	// OnDemandAccess lets a JWT sign in somebody who is no user, with the rights of groups; Cloud
	// only.
	OnDemandAccess bool
	// JobsDisabled answers 403079 to everyone who asks for jobs, as a server does whose
	// administrators have switched that off.
	JobsDisabled bool
	// MissingScope401002 answers 401002 instead of 403004 where a JWT's scopes do not allow a
	// method; both were seen.
	MissingScope401002 bool
	// RefuseUnknownScopes refuses a JWT with a scope that the API version does not know, as a scope
	// of a newer one. Tableau does not document whether it does.
	RefuseUnknownScopes bool
	// EmbedOrigins are the origins of pages that may have views in a frame: the site's setting for
	// embedding. All may when empty.
	EmbedOrigins []string
	// Metadata is how the Metadata API behaves; [Server.SetMetadataAPI] changes it.
	Metadata MetadataAPI
	// VizQL is how the VizQL Data Service behaves; [Server.SetVizQLDataService] changes it.
	VizQL VizQLDataService
	// Pulse is how Tableau Pulse behaves; [Server.SetPulse] changes it.
	Pulse PulseAPI
}

// Server is the stand-in. It is an http.Handler and safe for concurrent use.
type Server struct {
	cfg        Config
	version    version
	mux        *http.ServeMux
	sessions   *sessionStore
	pats       *patStore
	lockout    *lockout
	trust      *trust
	guests     guests
	log        *callLog
	faults     faults
	shown      shown // what each user sees
	queried    shown // results of their filters and sorts
	renders    renderCache
	requests   atomic.Uint64
	metadata   *metadata.Schema
	vizqlQuota quota
	sources    sync.Map // *datasource to *vizql.Source

	longRunning longRunning

	mu    sync.RWMutex // guards world
	world *world
	off   []string // kinds of content that are switched off
	admin *account // owns the PATs that are there from the start
}

// New builds a stand-in with its content. It panics if cfg.APIVersion is no version, as only a
// programmer writes it; [CheckAPIVersion] is for what people type.
func New(cfg Config) *Server {
	if cfg.APIVersion == "" {
		cfg.APIVersion = "3.27"
	}
	if cfg.Now == nil {
		cfg.Now = time.Now
	}
	cfg = cfg.withLimits()
	if cfg.PATs == nil {
		cfg.PATs = map[string]string{"vitrine-1": randomToken(), "vitrine-2": randomToken()}
	}
	if cfg.ConnectedApps == nil {
		cfg.ConnectedApps = []ConnectedApp{{ClientID: randomUUID(), SecretID: randomUUID(), Secret: randomToken() + randomToken(), Enabled: true}}
	}
	version, err := parseVersion(cfg.APIVersion)
	if err != nil {
		panic("tableausim: " + err.Error())
	}
	s := &Server{
		cfg:         cfg,
		version:     version,
		sessions:    newSessionStore(cfg.Now, cfg.IdleLimit, cfg.Lifetime),
		lockout:     newLockout(cfg.Now, cfg.LockAfter, cfg.LockFor),
		log:         newCallLog(),
		longRunning: longRunning{limit: cfg.LongRunning},
		world:       newWorld(min(cfg.Workbooks, maxWorkbooks)),
	}
	s.admin = s.world.account(adminName)
	if cfg.Cloud {
		s.world.toCloud()
	}
	s.pats = newPATStore(cfg.Now, s.admin, cfg.PATs)
	s.trust = &trust{now: cfg.Now, used: map[string]time.Time{}, sweepAt: minSweep, fits: func(scope string) bool {
		return !cfg.RefuseUnknownScopes || knownTo(version, scope)
	}}
	s.SetConnectedApps(cfg.ConnectedApps...)
	s.SetTrustedIssuers(cfg.TrustedIssuers...)
	s.SetUnifiedAccess(cfg.UnifiedAccess...)
	s.metadata = metadataSchema(version)
	s.mux = s.routes()
	return s
}

// withLimits fills in the limits that the product has when nothing else is said.
func (c Config) withLimits() Config {
	if !c.Cloud && c.IdleLimit == 0 {
		c.IdleLimit = 240 * time.Minute
	}
	if c.Cloud && c.Lifetime == 0 {
		c.Lifetime = cloudLifetime
	}
	if c.Cloud && c.LongRunning == 0 {
		c.LongRunning = cloudLong
	}
	return c
}

const maxWorkbooks = 50_000

// CheckAPIVersion says what is wrong with a version as a person typed it, or nil. Versions from
// 2.4, where a client can first ask for the server's version, are understood.
func CheckAPIVersion(s string) error {
	version, err := parseVersion(s)
	if err != nil {
		return err
	}
	if version.less(oldest) {
		return fmt.Errorf("API version %s is older than %s, the first that can be simulated", s, oldest)
	}
	return nil
}

// randomToken returns 26 characters that nobody can guess.
func randomToken() string { return rand.Text() }

// randomUUID returns a random UUID, as the identifiers of connected apps are.
func randomUUID() string { return luid(randomToken()) }

// publicURL is the base of web addresses, without a slash at the end.
func (s *Server) publicURL(r *http.Request) string {
	if s.cfg.PublicURL != nil {
		if u := s.cfg.PublicURL(); u != "" {
			return strings.TrimSuffix(u, "/")
		}
	}
	return "http://" + r.Host
}
