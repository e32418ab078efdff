// Package devidp is a stand-in OpenID provider for the commands demo and sandbox, for tests, and
// for trying the browser sign-in of the playground. It speaks what a front end needs from a
// company's provider: discovery, keys, authorization code with PKCE, refresh tokens, silent
// sign-in, UserInfo, revocation and logout. Its access tokens are those of RFC 9068 (header typ
// at+jwt) with an audience of their own, so that nobody mistakes an ID token for one.
//
// It is for development and nothing else: its users have their name for a password, everything is
// in memory, nothing limits guesses, and POST /dev/token gives an access token of any user to
// anyone on this machine. New therefore refuses an issuer that is not a loopback address. The
// command serve never constructs it.
//
// # The development door
//
// POST /dev/token with the form user=NAME answers {"access_token": …, "token_type": "Bearer",
// "expires_in": seconds}. The command token uses it. It answers only connections from loopback that
// name a loopback host, and no browser: a request that carries Origin or Sec-Fetch-Site is refused,
// so no web page can collect tokens here.
package devidp

import (
	"fmt"
	"net/http"
	"strings"
	"sync"
	"time"
)

// Paths of the endpoints, relative to the issuer. Everything that reads the sign-in cookie is below
// /oauth2/, to which the cookie is confined: browsers send cookies to every port of a host, and
// Vitrine listens on another one.
const (
	PathDiscovery     = "/.well-known/openid-configuration" // discovery document, OpenID Connect Discovery 1.0
	PathKeys          = "/oauth2/keys"                      // JSON Web Key Set, RFC 7517
	PathAuthorization = "/oauth2/authorize"                 // authorization endpoint, RFC 6749 section 3.1
	PathLogin         = "/oauth2/login"                     // where the login page sends its form
	PathToken         = "/oauth2/token"                     // token endpoint, RFC 6749 section 3.2
	PathUserInfo      = "/oauth2/userinfo"                  // OpenID Connect Core 5.3
	PathRevocation    = "/oauth2/revoke"                    // RFC 7009
	PathEndSession    = "/oauth2/logout"                    // OpenID Connect RP-Initiated Logout 1.0
	PathDevToken      = "/dev/token"                        // the development door, see the package comment
)

const pathStyle = "/oauth2/style.css"

// Lifetimes that no caller needed to set so far.
const (
	codeLifetime    = time.Minute
	sessionLifetime = 8 * time.Hour
	refreshLifetime = 8 * time.Hour
	keyGrace        = time.Minute // how long a retired key outlives the last token that it signed
)

// Provider is the stand-in provider, an http.Handler. It is safe for concurrent use. Make one with
// New.
type Provider struct {
	issuer       string
	audience     string
	lifetime     time.Duration
	now          func() time.Time
	users        []User
	clients      map[string]Client
	sessionName  string
	secureCookie bool
	keys         keyRing
	sessions     *store[*session]
	codes        *store[*code]
	refreshes    *store[*refreshToken]
	revoked      *store[struct{}] // jti of revoked access tokens
	handler      http.Handler

	mu     sync.Mutex
	counts map[string]int
}

// New makes a provider that answers at config.Issuer. It reports every problem of the configuration
// together.
//
// The issuer holds the port, so the listener is opened first; with httptest:
//
//	srv := httptest.NewUnstartedServer(nil)
//	provider, err := devidp.New(devidp.Config{Issuer: "http://" + srv.Listener.Addr().String(), Users: devidp.DemoUsers()})
//	srv.Config.Handler = provider
//	srv.Start()
func New(config Config) (*Provider, error) {
	issuer, err := config.validate()
	if err != nil {
		return nil, err
	}
	p := &Provider{
		issuer:   config.Issuer,
		audience: config.Audience,
		lifetime: config.AccessTokenLifetime,
		now:      config.Now,
		users:    config.Users,
		clients:  make(map[string]Client, len(config.Clients)),
		// Browsers tell cookies apart by host, not by port: two demos on one machine must not share
		// a name.
		sessionName:  "devidp_" + issuer.Port(),
		secureCookie: issuer.Scheme == "https",
		counts:       make(map[string]int),
	}
	if p.audience == "" {
		p.audience = "vitrine"
	}
	if p.lifetime == 0 {
		p.lifetime = 5 * time.Minute
	}
	if p.now == nil {
		p.now = time.Now
	}
	for _, c := range config.Clients {
		p.clients[c.ID] = c
	}
	p.sessions = newStore[*session](p.now)
	p.codes = newStore[*code](p.now)
	p.refreshes = newStore[*refreshToken](p.now)
	p.revoked = newStore[struct{}](p.now)
	p.RotateKeys()
	p.handler = p.routes()
	return p, nil
}

// routes is the whole surface of the provider.
func (p *Provider) routes() http.Handler {
	mux := http.NewServeMux()
	handle := func(method, path string, h http.HandlerFunc) {
		mux.Handle(method+" "+path, p.counted(path, http.MaxBytesHandler(h, 64<<10)))
	}
	// Pages of other sites may read these: documents that hold nothing of a person, and answers to
	// a token or code.
	shared := func(method, path string, allow func(origin string) bool, h http.HandlerFunc) {
		handle(method, path, crossOrigin(allow, h))
		handle(http.MethodOptions, path, crossOrigin(allow, preflight))
	}
	sameOrigin := func(h http.HandlerFunc) http.HandlerFunc {
		return http.NewCrossOriginProtection().Handler(h).ServeHTTP
	}

	shared("GET", PathDiscovery, anyOrigin, p.serveDiscovery)
	shared("GET", PathKeys, anyOrigin, p.serveKeys)
	shared("POST", PathToken, p.clientOrigin, p.serveToken)
	shared("POST", PathRevocation, p.clientOrigin, p.serveRevocation)
	shared("GET", PathUserInfo, p.clientOrigin, p.serveUserInfo)
	handle("POST", PathUserInfo, crossOrigin(p.clientOrigin, p.serveUserInfo))

	handle("GET", PathAuthorization, p.serveAuthorization)
	handle("POST", PathAuthorization, p.serveAuthorization)
	handle("POST", PathLogin, sameOrigin(p.serveLogin))
	handle("GET", PathEndSession, p.serveEndSession)
	handle("POST", PathEndSession, p.serveEndSession)
	handle("GET", pathStyle, serveStyle)
	handle("GET", "/{$}", p.serveHome)
	handle("POST", PathDevToken, p.serveDevToken)
	return mux
}

// ServeHTTP answers one request.
func (p *Provider) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	w.Header().Set("X-Content-Type-Options", "nosniff")
	p.handler.ServeHTTP(w, r)
}

// Issuer returns the issuer identifier, without a slash at the end.
func (p *Provider) Issuer() string { return p.issuer }

// Count returns how many requests have reached an endpoint since New. The path is one of the Path
// constants; requests to anything else are not counted.
func (p *Provider) Count(path string) int {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.counts[path]
}

func (p *Provider) counted(path string, next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.Method != http.MethodOptions {
			p.mu.Lock()
			p.counts[path]++
			p.mu.Unlock()
		}
		next.ServeHTTP(w, r)
	})
}

// user finds a user by the exact name or mail address: a Tableau that is a stand-in for Cloud calls
// people by the latter.
func (p *Provider) user(name string) (*User, error) {
	for i := range p.users {
		if u := &p.users[i]; u.Name == name || u.Email != "" && u.Email == name {
			return u, nil
		}
	}
	var names []string
	for _, u := range p.users {
		names = append(names, u.Name)
	}
	return nil, fmt.Errorf("there is no user %q; the users are %s", name, strings.Join(names, ", "))
}
