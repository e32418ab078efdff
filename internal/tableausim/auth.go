package tableausim

import (
	"bytes"
	"encoding/json"
	"encoding/xml"
	"io"
	"net/http"
)

// credentials are what a sign-in or switchSite request says, in either form.
type credentials struct {
	Name      string `json:"name" xml:"name,attr"`
	Password  string `json:"password" xml:"password,attr"`
	PATName   string `json:"personalAccessTokenName" xml:"personalAccessTokenName,attr"`
	PATSecret string `json:"personalAccessTokenSecret" xml:"personalAccessTokenSecret,attr"`
	JWT       string `json:"jwt" xml:"jwt,attr"`
	Site      struct {
		ContentURL string `json:"contentUrl" xml:"contentUrl,attr"`
	} `json:"site" xml:"site"`
	User *struct {
		ID string `json:"id" xml:"id,attr"`
	} `json:"user" xml:"user"`
}

// signInRequest is tsRequest; its site is set by switchSite, its credentials by signin.
type signInRequest struct {
	Credentials *credentials `json:"credentials" xml:"credentials"`
	Site        *struct {
		ContentURL string `json:"contentUrl" xml:"contentUrl,attr"`
	} `json:"site" xml:"site"`
}

// maxRequest bounds the body of a request; none that the stand-in reads is longer.
const maxRequest = 1 << 20

// readRequest reads a body as XML or JSON by its first character, as clients exist that send no
// Content-Type at all.
func readRequest(r *http.Request) (signInRequest, error) {
	var req signInRequest
	body, err := io.ReadAll(io.LimitReader(r.Body, maxRequest))
	if err != nil {
		return req, fail("400000", "The body of the request could not be read.")
	}
	body = bytes.TrimSpace(bytes.TrimPrefix(body, []byte("\ufeff")))
	switch {
	case len(body) == 0:
		return req, fail("401009", "The body of the request is missing.")
	case body[0] == '{':
		err = json.Unmarshal(body, &req)
	default:
		err = xml.Unmarshal(body, &req)
	}
	if err != nil {
		return req, fail("400000", "The body of the request is malformed.")
	}
	return req, nil
}

// signIn is POST auth/signin: a password, a personal access token, or either in the name of a user.
func signIn(c *call) (*answer, error) {
	req, err := readRequest(c.r)
	if err != nil {
		return nil, err
	}
	cred := req.Credentials
	if cred == nil {
		return nil, fail("400000", "The request has no credentials.")
	}
	if cred.User != nil {
		c.note = " (impersonate)"
	}
	if (cred.Name != "" || cred.Password != "") && (cred.PATName != "" || cred.PATSecret != "") {
		return nil, fail("400000", "Name and password cannot be mixed with a personal access token.")
	}
	acc := c.s.account(cred)
	st := c.s.world.site(cred.Site.ContentURL)
	if acc == nil || st == nil {
		return nil, errSignIn()
	}
	u := st.userOf(acc)
	if u == nil || u.role == unlicensed {
		return nil, errSignIn()
	}
	s := &session{site: st, user: u, pat: cred.PATName}
	if cred.User != nil {
		if s.user, err = impersonated(acc, st, cred.User.ID); err != nil {
			return nil, err
		}
		s.impersonated = true
	}
	c.s.displace(cred.PATName)
	c.s.sessions.open(s)
	c.session = s
	return found(credentialsElement(s))
}

const unlicensed = "Unlicensed"

func errSignIn() *apiError {
	return fail("401001", "Error signing in to Tableau Server")
}

// account returns who the credentials prove to be, or nil. The world is locked for reading.
func (s *Server) account(cred *credentials) *account {
	if cred.PATName != "" {
		if secret, ok := s.cfg.PATs[cred.PATName]; ok && secret == cred.PATSecret {
			return s.world.account(adminName)
		}
		return nil
	}
	acc := s.world.account(cred.Name)
	if acc == nil || cred.Password == "" || acc.password != cred.Password {
		return nil
	}
	return acc
}

// impersonated returns the user that an administrator of the server signs in as.
func impersonated(acc *account, st *site, id string) (*user, error) {
	if !acc.serverAdmin {
		return nil, fail("403000", "Only server administrators may sign in as another user.")
	}
	u, ok := find[*user](st, id)
	if !ok {
		return nil, errNotFound("404002", "User", id)
	}
	if u.role == unlicensed {
		return nil, errSignIn()
	}
	return u, nil
}

// displace ends what a new sign-in with a PAT ends: one session per PAT.
func (s *Server) displace(pat string) {
	if pat == "" {
		return
	}
	s.sessions.end(func(x *session) bool {
		if x.pat != pat {
			return false
		}
		if x.impersonated {
			return s.cfg.PATDisplacesImpersonated
		}
		return !s.cfg.PATsMayOverlap
	})
}

func credentialsElement(s *session) *element {
	e := el("credentials", str("token", s.token))
	if s.pat != "" {
		e.str("estimatedTimeToExpiration", "364:11:30") // days, hours, minutes until the PAT expires
	}
	return e.add(
		el("site", str("id", s.site.id), str("contentUrl", s.site.contentURL)),
		el("user", str("id", s.user.id)),
	)
}

// signOut is POST auth/signout.
func signOut(c *call) (*answer, error) {
	c.s.sessions.end(func(x *session) bool { return x == c.session })
	return &answer{status: http.StatusNoContent}, nil
}

// switchSite is POST auth/switchSite: new credentials for another site; the old token dies.
func switchSite(c *call) (*answer, error) {
	req, err := readRequest(c.r)
	if err != nil {
		return nil, err
	}
	if req.Site == nil {
		return nil, fail("400000", "The request names no site.")
	}
	old := c.session
	st := c.s.world.site(req.Site.ContentURL)
	if st == nil {
		return nil, fail("401003", "The site '%s' is not available.", req.Site.ContentURL)
	}
	u := st.userOf(old.user.account)
	switch {
	case u == nil || u.role == unlicensed:
		return nil, fail("401003", "The site '%s' is not available.", req.Site.ContentURL)
	case st == old.site:
		return nil, fail("403070", "The session is on site '%s' already.", req.Site.ContentURL)
	}
	s := &session{site: st, user: u, pat: old.pat, impersonated: old.impersonated}
	c.s.sessions.end(func(x *session) bool { return x == old })
	c.s.sessions.open(s)
	c.session = s
	return found(credentialsElement(s))
}
