package tableausim

import (
	"bytes"
	"io"
	"net/http"
	"slices"

	"vitrine/internal/tableausim/wire"
)

// credentials are what a sign-in or switchSite request says, in either form.
type credentials struct {
	Name      string `json:"name" xml:"name,attr"`
	Password  string `json:"password" xml:"password,attr"`
	PATName   string `json:"personalAccessTokenName" xml:"personalAccessTokenName,attr"`
	PATSecret string `json:"personalAccessTokenSecret" xml:"personalAccessTokenSecret,attr"`
	JWT       string `json:"jwt" xml:"jwt,attr"`
	IsUAT     bool   `json:"isUat" xml:"isUat,attr"`
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

// readRequest reads the body of a sign-in or of a change of site.
func readRequest(r *http.Request) (signInRequest, error) {
	var req signInRequest
	body, err := io.ReadAll(io.LimitReader(r.Body, maxRequest))
	switch {
	case err != nil:
		return req, wire.Fail("400000", "The body of the request could not be read.")
	case len(bytes.TrimSpace(body)) == 0:
		return req, wire.Fail("401009", "The body of the request is missing.")
	}
	return req, wire.DecodeBody(r, body, &req)
}

// readBody reads what a sign-in or a change of site says.
func readBody(c *call) error {
	var err error
	c.request, err = readRequest(c.r)
	return err
}

// readSignIn reads the credentials, and verifies a JWT among them: that may ask its issuer for
// keys, which the world does not wait for.
func readSignIn(c *call) error {
	if err := readBody(c); err != nil {
		return err
	}
	cred := c.request.Credentials
	if cred == nil {
		return wire.Fail("400000", "The request has no credentials.")
	}
	switch {
	case cred.JWT != "":
		c.note = " (jwt)"
	case cred.User != nil:
		c.note = " (impersonate)"
	}
	ways := 0
	for _, used := range []bool{cred.Name != "" || cred.Password != "", cred.PATName != "" || cred.PATSecret != "", cred.JWT != "" || cred.IsUAT} {
		if used {
			ways++
		}
	}
	if ways > 1 {
		return wire.Fail("400000", "Name and password, a personal access token and a JWT cannot be mixed.")
	}
	if cred.JWT == "" {
		return nil
	}
	if err := c.takesJWT(cred); err != nil {
		return err
	}
	var err error
	c.proof, err = c.s.trust.verify(c.r.Context(), cred.JWT, cred.IsUAT)
	return err
}

// takesJWT reports whether a sign-in with a JWT is one that this product and the version in the
// path know.
func (c *call) takesJWT(cred *credentials) error {
	least := ver(3, 17)
	switch {
	case cred.User != nil:
		return wire.Fail("400000", "A JWT names the user itself; it cannot be sent with another one.")
	case cred.IsUAT && !c.s.cfg.Cloud:
		return wire.Fail("400000", "Unified access tokens are for Tableau Cloud.")
	case cred.IsUAT:
		least = ver(3, 27)
	case c.s.cfg.Cloud:
		least = firstJWT
	}
	if c.version.less(least) {
		return wire.Fail("400000", "Version %s does not know these credentials, which came with version %s.", c.version, least)
	}
	return nil
}

// signIn is POST auth/signin: a password, a personal access token, either in the name of a user, or
// a JWT.
func signIn(c *call) (*answer, error) {
	cred := c.request.Credentials
	st := c.s.world.site(cred.Site.ContentURL)
	var x *session
	var err error
	if c.proof != nil {
		x, err = c.s.byJWT(st, c.proof)
	} else {
		x, err = c.s.byAccount(st, cred)
	}
	if err != nil {
		return nil, err
	}
	c.s.sessions.open(x, c.s.displaced(x))
	c.session = x
	return found(credentialsElement(c.s, x))
}

// byAccount is the session that a password or a personal access token gives. The world is locked
// for reading.
func (s *Server) byAccount(st *site, cred *credentials) (*session, error) {
	acc := s.account(cred)
	if acc == nil || st == nil {
		return nil, errSignIn()
	}
	u := st.userOf(acc)
	if u == nil || u.role == unlicensed {
		return nil, errSignIn()
	}
	x := &session{site: st, user: u, pat: cred.PATName}
	if cred.User != nil {
		target, err := impersonated(acc, st, cred.User.ID)
		if err != nil {
			return nil, err
		}
		x.user, x.impersonated = target, true
	}
	return x, nil
}

// byJWT is the session that a verified JWT gives. The world is locked for reading.
func (s *Server) byJWT(st *site, p *proof) (*session, error) {
	switch {
	case st == nil || p.siteID != "" && p.siteID != st.id:
		return nil, errJWT(loginFailed)
	case len(p.sites) > 0 && !slices.Contains(p.sites, st.contentURL):
		return nil, errJWT(noSuchApp)
	case p.onDemand && !(s.cfg.Cloud && s.cfg.OnDemandAccess):
		return nil, errJWT(notEnabled)
	case p.onDemand:
		u, number := s.guests.user(st, p)
		if number != 0 {
			return nil, errJWT(number)
		}
		return &session{site: st, user: u, proof: p}, nil
	}
	u := st.user(p.user) // exactly; a name in another case is another name
	switch {
	case u == nil:
		return nil, errJWT(noSuchUser)
	case u.role == unlicensed:
		return nil, errJWT(loginFailed)
	}
	return &session{site: st, user: u, proof: p}, nil
}

const unlicensed = "Unlicensed"

func errSignIn() *wire.Error {
	return wire.Fail("401001", "Error signing in to Tableau Server")
}

// account returns who the credentials prove to be, or nil. The world is locked for reading.
func (s *Server) account(cred *credentials) *account {
	var acc *account
	var right bool
	if cred.PATName != "" {
		acc, right = s.pats.prove(cred.PATName, cred.PATSecret)
	} else if acc = s.world.account(cred.Name); acc != nil {
		right = cred.Password != "" && acc.password == cred.Password
	}
	if acc == nil || !s.lockout.tried(acc, right) {
		return nil
	}
	return acc
}

// impersonated returns the user that an administrator of the server signs in as.
func impersonated(acc *account, st *site, id string) (*user, error) {
	if !acc.serverAdmin {
		return nil, wire.Fail("403000", "Only server administrators may sign in as another user.")
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

// displaced says which sessions a new one ends: those of the same PAT, which holds one session.
func (s *Server) displaced(by *session) func(*session) bool {
	if by.pat == "" {
		return nil
	}
	return func(x *session) bool {
		switch {
		case x.pat != by.pat:
			return false
		case x.impersonated:
			return s.cfg.PATDisplacesImpersonated
		default:
			return !s.cfg.PATsMayOverlap
		}
	}
}

func credentialsElement(s *Server, x *session) *wire.Element {
	e := wire.New("credentials", wire.Str("token", x.token))
	if x.pat != "" {
		e.Str("estimatedTimeToExpiration", s.pats.left(x.pat)) // of the PAT, not of the session
	}
	return e.Add(
		wire.New("site", wire.Str("id", x.site.id), wire.Str("contentUrl", x.site.contentURL)),
		wire.New("user", wire.Str("id", x.user.id)),
	)
}

// signOut is POST auth/signout.
func signOut(c *call) (*answer, error) {
	c.s.sessions.end(func(x *session) bool { return x == c.session })
	return &answer{status: http.StatusNoContent}, nil
}

// switchSite is POST auth/switchSite: new credentials for another site; the old token dies.
func switchSite(c *call) (*answer, error) {
	req := c.request
	if req.Site == nil {
		return nil, wire.Fail("400000", "The request names no site.")
	}
	if c.s.cfg.Cloud {
		return nil, wire.Fail("409105", "Tableau Cloud does not switch sites.")
	}
	old := c.session
	st := c.s.world.site(req.Site.ContentURL)
	if st == nil {
		return nil, wire.Fail("401003", "The site '%s' is not available.", req.Site.ContentURL)
	}
	u := st.userOf(old.user.account)
	switch {
	case u == nil || u.role == unlicensed:
		return nil, wire.Fail("401003", "The site '%s' is not available.", req.Site.ContentURL)
	case st == old.site:
		return nil, wire.Fail("403070", "The session is on site '%s' already.", req.Site.ContentURL)
	}
	s := &session{site: st, user: u, pat: old.pat, impersonated: old.impersonated}
	c.s.sessions.open(s, func(x *session) bool { return x == old })
	c.session = s
	return found(credentialsElement(c.s, s))
}
