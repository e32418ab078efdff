package tableausim

import (
	"fmt"
	"maps"
	"net/http"
	"slices"
	"strings"
	"sync"
	"time"

	"vitrine/internal/tableausim/wire"
)

// session is one signed-in user of one site. Times are guarded by the store.
type session struct {
	token        string
	site         *site
	user         *user
	userName     string
	pat          string // name of the PAT that it came from
	proof        *proof // the JWT that it came from; nil for all others
	impersonated bool
	created      time.Time
	used         time.Time
}

// SessionInfo describes a live session.
type SessionInfo struct {
	Site         string              // content URL
	User         string              // name of the user whose rights it has
	UserID       string              // LUID of that user on the site
	Method       string              // how it signed in: ByPassword, ByPAT, ByDirect, ByOAuth or ByUAT
	PAT          string              // name of the personal access token it came from; empty otherwise
	Issuer       string              // client ID or issuer of the JWT it came from; empty otherwise
	Scopes       []string            // what the JWT limits it to
	Attributes   map[string][]string // user attributes of the JWT, by name
	OnDemand     bool                // the user is not provisioned
	Groups       []string            // of an on-demand user
	Impersonated bool                // an administrator signed in in the user's name
	Created      time.Time
	LastUsed     time.Time
	Token        string // what X-Tableau-Auth carries; left out by String
}

// String describes the session without its token.
func (i SessionInfo) String() string {
	return fmt.Sprintf("session of %s on site %q by %s (impersonated %t, PAT %q)", i.User, i.Site, i.Method, i.Impersonated, i.PAT)
}

// sessionStore holds live sessions by token.
type sessionStore struct {
	now      func() time.Time
	idle     time.Duration // ends an unused session; never when zero
	lifetime time.Duration // ends any session; never when zero

	mu      sync.Mutex
	byToken map[string]*session
	sweepAt int // size at which expired ones are looked for next
}

const minSweep = 1000

func newSessionStore(now func() time.Time, idle, lifetime time.Duration) *sessionStore {
	return &sessionStore{now: now, idle: idle, lifetime: lifetime, byToken: map[string]*session{}, sweepAt: minSweep}
}

// open starts a session and gives it its token: three parts, the last of them the LUID of the site.
// The sessions that it replaces end at the same time; nil replaces no session.
func (st *sessionStore) open(s *session, ends func(*session) bool) {
	s.token = randomToken() + "|" + randomToken() + "|" + s.site.id
	s.userName = s.user.name
	s.created = st.now()
	s.used = s.created
	st.mu.Lock()
	defer st.mu.Unlock()
	if ends != nil {
		st.remove(ends)
	}
	if len(st.byToken) >= st.sweepAt {
		st.sweep()
	}
	st.byToken[s.token] = s
}

func (st *sessionStore) sweep() {
	for token, s := range st.byToken {
		if st.expired(s) {
			delete(st.byToken, token)
		}
	}
	st.sweepAt = max(minSweep, 2*len(st.byToken))
}

func (st *sessionStore) expired(s *session) bool {
	now := st.now()
	return st.idle != 0 && now.Sub(s.used) > st.idle || st.lifetime != 0 && now.Sub(s.created) > st.lifetime
}

// peek returns the live session of a token and leaves its idle limit where it is.
func (st *sessionStore) peek(token string) (*session, bool) {
	st.mu.Lock()
	defer st.mu.Unlock()
	s, ok := st.byToken[token]
	return s, ok && !st.expired(s)
}

// lives reports whether a request has a live session.
func (st *sessionStore) lives(r *http.Request) bool {
	_, ok := st.peek(r.Header.Get("X-Tableau-Auth"))
	return ok
}

// use returns the live session of a token and moves its idle limit forward.
func (st *sessionStore) use(token string) (*session, bool) {
	st.mu.Lock()
	defer st.mu.Unlock()
	s, ok := st.byToken[token]
	if !ok {
		return nil, false
	}
	if st.expired(s) {
		delete(st.byToken, token)
		return nil, false
	}
	s.used = st.now()
	return s, true
}

// end ends all sessions that match and says how many there were.
func (st *sessionStore) end(match func(*session) bool) int {
	st.mu.Lock()
	defer st.mu.Unlock()
	return st.remove(match)
}

func (st *sessionStore) remove(match func(*session) bool) int {
	n := 0
	for token, s := range st.byToken {
		if match(s) {
			delete(st.byToken, token)
			n++
		}
	}
	return n
}

// Sessions lists the sessions that live now, oldest first.
func (s *Server) Sessions() []SessionInfo {
	st := s.sessions
	st.mu.Lock()
	defer st.mu.Unlock()
	st.sweep()
	out := make([]SessionInfo, 0, len(st.byToken))
	for _, x := range st.byToken {
		out = append(out, x.info())
	}
	slices.SortFunc(out, func(a, b SessionInfo) int {
		if c := a.Created.Compare(b.Created); c != 0 {
			return c
		}
		return strings.Compare(a.Token, b.Token)
	})
	return out
}

// EndSessions ends the sessions that match (all when match is nil) and returns how many; their
// tokens answer 401002 from then on, as after the idle limit.
func (s *Server) EndSessions(match func(SessionInfo) bool) int {
	return s.sessions.end(func(x *session) bool { return match == nil || match(x.info()) })
}

// Restart ends all sessions, as a restart of the server may do, and returns how many there were.
func (s *Server) Restart() int { return s.EndSessions(nil) }

func (s *session) info() SessionInfo {
	i := SessionInfo{
		Site: s.site.contentURL, User: s.userName, UserID: s.user.id, Method: ByPassword, PAT: s.pat,
		Impersonated: s.impersonated, Created: s.created, LastUsed: s.used, Token: s.token,
	}
	if s.pat != "" {
		i.Method = ByPAT
	}
	if p := s.proof; p != nil {
		i.Method, i.Issuer, i.OnDemand = p.method, p.issuer, p.onDemand
		i.Scopes, i.Attributes, i.Groups = slices.Clone(p.scopes), maps.Clone(p.attributes), slices.Clone(p.groups)
	}
	return i
}

// authenticate finds the session of a call and checks that it is of the site in the path.
func (s *Server) authenticate(c *call) error {
	token := c.r.Header.Get("X-Tableau-Auth")
	if token == "" {
		return wire.Fail("401000", "Authentication credentials were not provided in the request.")
	}
	session, ok := s.sessions.use(token)
	if !ok {
		return wire.Fail("401002", "Your authentication credentials are invalid.")
	}
	c.session = session
	id := c.r.PathValue("site")
	if id == "" || c.query.Has("key") && strings.HasSuffix(c.r.Pattern, "sites/{site}") || id == session.site.id {
		return nil
	}
	if s.world.siteByID(id) == nil {
		return errNotFound("404000", "Site", id)
	}
	return wire.Fail("403010", "The site in the URI is not the site that the session signed in to.")
}

// currentSession is GET sessions/current: who this token is.
func currentSession(c *call) (*answer, error) {
	st, u := c.site(), c.user()
	if p := c.session.proof; p != nil && p.onDemand {
		return nil, wire.Fail("500000", "An internal error occurred.") // reported of Tableau Cloud
	}
	site := wire.New("site", wire.Str("id", st.id), wire.Str("name", st.name), wire.Str("contentUrl", st.contentURL))
	if u.admin() {
		site = siteElement(c, st)
	}
	user := wire.New("user", wire.Str("id", u.id), wire.Str("name", u.name), wire.Str("siteRole", u.role), wire.Str("authSetting", "ServerDefault"))
	user.When("lastLogin", u.lastLogin)
	return found(wire.New("session").Add(site, user))
}
