package tableausim

import (
	"fmt"
	"math"
	"sync"
	"time"
)

// PAT is a personal access token to add with [Server.AddPAT].
type PAT struct {
	Name     string
	Secret   string
	Owner    string        // name of an account; the server administrator when empty
	Lifetime time.Duration // from now; a year when zero, the limit of real servers
}

// pat is a token that lives. Its times are guarded by the store.
type pat struct {
	secret  string
	owner   *account
	expires time.Time
	used    time.Time
}

// Lives of personal access tokens: unused for 15 days, or a year old, they are gone. Those that are
// there from the start were made half a day before it.
const (
	patIdle     = 15 * 24 * time.Hour
	patLifetime = 365 * 24 * time.Hour
	patAge      = 12*time.Hour + 30*time.Minute
)

// patStore holds the personal access tokens by name; an expired one disappears, as in Tableau.
type patStore struct {
	now func() time.Time

	mu     sync.Mutex
	byName map[string]*pat
}

func newPATStore(now func() time.Time, owner *account, secrets map[string]string) *patStore {
	st := &patStore{now: now, byName: map[string]*pat{}}
	for name, secret := range secrets {
		st.byName[name] = &pat{secret: secret, owner: owner, expires: now().Add(patLifetime - patAge), used: now()}
	}
	return st
}

// get returns the token of a name if it lives. The caller holds the lock.
func (st *patStore) get(name string) *pat {
	p := st.byName[name]
	if p == nil {
		return nil
	}
	if now := st.now(); !now.Before(p.expires) || now.Sub(p.used) > patIdle {
		delete(st.byName, name)
		return nil
	}
	return p
}

// prove checks a secret. It returns the owner, nil when there is no such token, and whether the
// secret was right.
func (st *patStore) prove(name, secret string) (owner *account, right bool) {
	st.mu.Lock()
	defer st.mu.Unlock()
	p := st.get(name)
	if p == nil {
		return nil, false
	}
	if p.secret != secret {
		return p.owner, false
	}
	p.used = st.now()
	return p.owner, true
}

// left says how long a token still lives, as days, hours and minutes.
func (st *patStore) left(name string) string {
	st.mu.Lock()
	defer st.mu.Unlock()
	p := st.get(name)
	if p == nil {
		return "0:00:00"
	}
	minutes := int(math.Ceil(p.expires.Sub(st.now()).Minutes()))
	return fmt.Sprintf("%d:%02d:%02d", minutes/(24*60), minutes/60%24, minutes%60)
}

// PATs returns the personal access tokens that live: name to secret.
func (s *Server) PATs() map[string]string {
	s.pats.mu.Lock()
	defer s.pats.mu.Unlock()
	out := map[string]string{}
	for name := range s.pats.byName {
		if p := s.pats.get(name); p != nil {
			out[name] = p.secret
		}
	}
	return out
}

// AddPAT adds a personal access token, or replaces the one of that name. An empty secret becomes a
// random one; see [Server.PATs].
func (s *Server) AddPAT(x PAT) error {
	s.mu.RLock()
	owner := s.admin
	if x.Owner != "" {
		owner = s.world.account(x.Owner)
	}
	s.mu.RUnlock()
	if owner == nil {
		return fmt.Errorf("there is no account %q", x.Owner)
	}
	if x.Secret == "" {
		x.Secret = randomToken()
	}
	if x.Lifetime == 0 {
		x.Lifetime = patLifetime
	}
	s.pats.mu.Lock()
	defer s.pats.mu.Unlock()
	s.pats.byName[x.Name] = &pat{secret: x.Secret, owner: owner, expires: s.cfg.Now().Add(x.Lifetime), used: s.cfg.Now()}
	return nil
}

// ExpirePAT takes a personal access token away as its end does: nobody can sign in with it any
// more, and sessions that came from it live on. It reports whether there was such a token.
func (s *Server) ExpirePAT(name string) bool {
	s.pats.mu.Lock()
	defer s.pats.mu.Unlock()
	there := s.pats.get(name) != nil
	delete(s.pats.byName, name)
	return there
}

// RevokePAT takes a personal access token away and ends all sessions that came from it,
// impersonated ones too. It reports whether there was such a token.
func (s *Server) RevokePAT(name string) bool {
	there := s.ExpirePAT(name)
	s.sessions.end(func(x *session) bool { return x.pat == name })
	return there
}
