package tableausim

import (
	"crypto/rand"
	"fmt"
	"net/http"
	"strings"
	"sync"
	"sync/atomic"
	"time"
)

// Config says how the stand-in behaves. The zero value is a server of API version 3.27 with the default
// content, no added latency, sessions of 240 idle minutes, and PATs that hold one session each.
type Config struct {
	// Workbooks is how many workbooks the default site has in all, at most 50,000; 0, or fewer than the
	// hand-made ones, means the believable default of about 60. The other sites do not grow.
	Workbooks int
	// Latency is added to every answer; a request that is given up stops waiting.
	Latency time.Duration
	// APIVersion is the newest version in the path that is understood, "3.27" when empty.
	APIVersion string
	// Now is the clock, time.Now when nil.
	Now func() time.Time
	// IdleLimit ends a session that was not used for so long; 240 minutes when zero, as on a real server.
	IdleLimit time.Duration
	// PATsMayOverlap lets a personal access token hold several sessions of its own. Real servers end the
	// earlier one at each sign-in with the same token, so false does that.
	PATsMayOverlap bool
	// PATDisplacesImpersonated makes a sign-in with a PAT also end the impersonated sessions that came
	// from it. Tableau does not document whether it does.
	PATDisplacesImpersonated bool
	// PublicURL gives the base of webpageUrl, for example "http://127.0.0.1:8081"; it is asked at each
	// answer, so it may be known only after listening. When nil, the Host of the request is used.
	PublicURL func() string
	// PATs are the personal access tokens of the server administrator, name to secret. When nil they are
	// vitrine-1 and vitrine-2 with random secrets; see [Server.PATs].
	PATs map[string]string
}

// Server is the stand-in. It is an http.Handler and safe for concurrent use.
type Server struct {
	cfg      Config
	version  version
	mux      *http.ServeMux
	sessions *sessionStore
	log      *callLog
	faults   faults
	shown    shown // what each user sees
	queried  shown // what their filters and sorts came to
	renders  renderCache
	requests atomic.Uint64

	mu    sync.RWMutex // guards world
	world *world
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
	if cfg.IdleLimit == 0 {
		cfg.IdleLimit = 240 * time.Minute
	}
	if cfg.PATs == nil {
		cfg.PATs = map[string]string{"vitrine-1": randomToken(), "vitrine-2": randomToken()}
	}
	version, err := parseVersion(cfg.APIVersion)
	if err != nil {
		panic("tableausim: " + err.Error())
	}
	s := &Server{
		cfg:      cfg,
		version:  version,
		sessions: newSessionStore(cfg.Now, cfg.IdleLimit),
		log:      newCallLog(),
		world:    newWorld(min(cfg.Workbooks, maxWorkbooks)),
	}
	s.mux = s.routes()
	return s
}

const maxWorkbooks = 50_000

// CheckAPIVersion says what is wrong with a version as a person typed it, or nil. Versions from 2.4,
// where a client can first ask for the server's version, are understood.
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

// PATs returns the personal access tokens of the server administrator: name to secret.
func (s *Server) PATs() map[string]string {
	out := make(map[string]string, len(s.cfg.PATs))
	for name, secret := range s.cfg.PATs {
		out[name] = secret
	}
	return out
}

// randomToken returns 26 characters that nobody can guess.
func randomToken() string { return rand.Text() }

// publicURL is the base of web addresses, without a slash at the end.
func (s *Server) publicURL(r *http.Request) string {
	if s.cfg.PublicURL != nil {
		if u := s.cfg.PublicURL(); u != "" {
			return strings.TrimSuffix(u, "/")
		}
	}
	return "http://" + r.Host
}
