package tableausim

import (
	"fmt"
	"slices"
	"strings"
	"sync"
	"time"
)

// session is one signed-in user of one site. Times are guarded by the store.
type session struct {
	token        string
	site         *site
	user         *user
	userName     string
	pat          string // name of the PAT that it came from
	impersonated bool
	created      time.Time
	used         time.Time
}

// SessionInfo describes a live session.
type SessionInfo struct {
	Site         string // content URL
	User         string // name of the user whose rights it has
	UserID       string // LUID of that user on the site
	PAT          string // name of the personal access token it came from; empty for a password
	Impersonated bool   // an administrator signed in in the user's name
	Created      time.Time
	LastUsed     time.Time
	Token        string // what X-Tableau-Auth carries; left out by String
}

// String tells about the session without its token.
func (i SessionInfo) String() string {
	return fmt.Sprintf("session of %s on site %q (impersonated %t, PAT %q)", i.User, i.Site, i.Impersonated, i.PAT)
}

// sessionStore holds live sessions by token.
type sessionStore struct {
	now  func() time.Time
	idle time.Duration

	mu      sync.Mutex
	byToken map[string]*session
	sweepAt int // size at which expired ones are looked for next
}

const minSweep = 1000

func newSessionStore(now func() time.Time, idle time.Duration) *sessionStore {
	return &sessionStore{now: now, idle: idle, byToken: map[string]*session{}, sweepAt: minSweep}
}

// open starts a session and gives it its token: three parts, the last of them the LUID of the site.
func (st *sessionStore) open(s *session) {
	s.token = randomToken() + "|" + randomToken() + "|" + s.site.id
	s.userName = s.user.name
	s.created = st.now()
	s.used = s.created
	st.mu.Lock()
	defer st.mu.Unlock()
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

func (st *sessionStore) expired(s *session) bool { return st.now().Sub(s.used) > st.idle }

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

// EndSessions ends the sessions that match (all when match is nil) and returns how many; their tokens
// answer 401002 from then on, as after the idle limit.
func (s *Server) EndSessions(match func(SessionInfo) bool) int {
	return s.sessions.end(func(x *session) bool { return match == nil || match(x.info()) })
}

func (s *session) info() SessionInfo {
	return SessionInfo{
		Site: s.site.contentURL, User: s.userName, UserID: s.user.id, PAT: s.pat,
		Impersonated: s.impersonated, Created: s.created, LastUsed: s.used, Token: s.token,
	}
}

// authenticate finds the session of a call and checks that it is of the site in the path.
func (s *Server) authenticate(c *call) error {
	token := c.r.Header.Get("X-Tableau-Auth")
	if token == "" {
		return fail("401000", "Authentication credentials were not provided in the request.")
	}
	session, ok := s.sessions.use(token)
	if !ok || session.user.gone {
		return fail("401002", "Your authentication credentials are invalid.")
	}
	c.session = session
	id := c.r.PathValue("site")
	if id == "" || c.query.Has("key") && strings.HasSuffix(c.r.Pattern, "sites/{site}") || id == session.site.id {
		return nil
	}
	if s.world.siteByID(id) == nil {
		return errNotFound("404000", "Site", id)
	}
	return fail("403010", "The site in the URI is not the site that the session signed in to.")
}

// currentSession is GET sessions/current: who this token is.
func currentSession(c *call) (*answer, error) {
	st, u := c.site(), c.user()
	site := el("site", str("id", st.id), str("name", st.name), str("contentUrl", st.contentURL))
	if u.admin() {
		site = siteElement(c, st)
	}
	user := el("user", str("id", u.id), str("name", u.name), str("siteRole", u.role), str("authSetting", "ServerDefault"))
	user.when("lastLogin", u.lastLogin)
	return found(el("session").add(site, user))
}
