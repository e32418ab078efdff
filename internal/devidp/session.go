package devidp

import (
	"net/http"
	"sync/atomic"
	"time"
)

// session is a person signed in at the provider, in one browser. The cookie holds a secret that
// finds it; id is the public sid of tokens and finds nothing.
type session struct {
	id       string
	user     *User
	authTime time.Time
	ended    atomic.Bool
}

func newSession(u *User, now time.Time) *session {
	return &session{id: newSecret(), user: u, authTime: now}
}

// startSession signs a user in and sets the cookie. An earlier session of this browser ends.
func (p *Provider) startSession(w http.ResponseWriter, r *http.Request, u *User) *session {
	p.forget(r)
	s := newSession(u, p.now())
	secret := newSecret()
	p.sessions.put(secret, s, sessionLifetime)
	http.SetCookie(w, p.cookie(secret, int(sessionLifetime.Seconds())))
	return s
}

// session returns the session of the browser that asks, or nil.
func (p *Provider) session(r *http.Request) *session {
	cookie, err := r.Cookie(p.sessionName)
	if err != nil {
		return nil
	}
	s, _ := p.sessions.get(cookie.Value)
	return s
}

// endSession signs the browser out, if it was signed in.
func (p *Provider) endSession(w http.ResponseWriter, r *http.Request) {
	p.forget(r)
	http.SetCookie(w, p.cookie("", -1))
}

// forget ends the session of the browser that asks, and with it its codes and refresh tokens.
func (p *Provider) forget(r *http.Request) {
	cookie, err := r.Cookie(p.sessionName)
	if err != nil {
		return
	}
	if s, ok := p.sessions.get(cookie.Value); ok {
		s.ended.Store(true)
		p.sessions.delete(cookie.Value)
	}
}

// cookie is Lax because a sign-in arrives from the front end's site, and confined to /oauth2/
// because browsers send cookies to every port of a host. maxAge is in seconds.
func (p *Provider) cookie(value string, maxAge int) *http.Cookie {
	return &http.Cookie{
		Name: p.sessionName, Value: value, MaxAge: maxAge, Path: "/oauth2/",
		HttpOnly: true, SameSite: http.SameSiteLaxMode, Secure: p.secureCookie,
	}
}
