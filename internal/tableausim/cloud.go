package tableausim

import (
	"net/http"
	"strings"
	"sync"
	"time"
)

// CloudSite is the content URL that the default site has with Config.Cloud, as Tableau Cloud knows
// no site without one.
const CloudSite = "acme"

// Limits of Tableau Cloud.
const (
	cloudLifetime = 120 * time.Minute // of a session, from sign-in
	cloudLong     = 20                // long-running requests of a site at a time
	retryLong     = 5 * time.Second   // sent when there are more
)

// toCloud makes a world one of Tableau Cloud: people are called by their mail addresses, which are
// also their passwords; nobody administers the server; each site has a content URL.
func (w *world) toCloud() {
	for _, a := range w.accounts {
		a.email = strings.Replace(a.email, "@"+localDomain+".example", "@example.com", 1)
		a.name, a.password, a.domain, a.serverAdmin = a.email, a.email, localDomain, false
	}
	for _, s := range w.sites {
		if s.contentURL == "" {
			s.contentURL, s.name = CloudSite, "Acme"
		}
		for _, u := range s.users {
			if u.role == "ServerAdministrator" {
				u.role = "SiteAdministratorCreator"
			}
		}
	}
}

// longRunning counts the requests under way that keep a rendering process busy.
type longRunning struct {
	limit int // per site; 0 means no limit

	mu   sync.Mutex
	busy map[string]int // by LUID of the site
}

// enter takes a place; ok is false when the site has none left. Leaving twice does no harm.
func (l *longRunning) enter(site string) (leave func(), ok bool) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.busy[site] >= l.limit {
		return nil, false
	}
	if l.busy == nil {
		l.busy = map[string]int{}
	}
	l.busy[site]++
	return sync.OnceFunc(func() {
		l.mu.Lock()
		defer l.mu.Unlock()
		l.busy[site]--
	}), true
}

// occupy takes a place for a long-running request of a live session before anything is waited for.
// It returns what gives the place back, or the refusal.
func (s *Server) occupy(r *http.Request, rt route) (leave func(), refused *Fault) {
	nothing := func() {}
	if !rt.long || s.longRunning.limit == 0 {
		return nothing, nil
	}
	x, ok := s.sessions.peek(r.Header.Get("X-Tableau-Auth"))
	if !ok {
		return nothing, nil // refused soon enough
	}
	if leave, ok := s.longRunning.enter(x.site.id); ok {
		return leave, nil
	}
	return nothing, &Fault{Kind: TooMany, RetryAfter: retryLong}
}
