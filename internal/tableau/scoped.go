package tableau

import (
	"context"
	"errors"
	"fmt"
)

// scopedSince are the reads that Tableau opened to sessions of a JWT later than it learned to sign in with one: no scope covers
// them in older servers, and the refusal may look like a session that has ended. They are not sent there.
// https://help.tableau.com/current/online/en-us/connected_apps_scopes.htm
var scopedSince = map[string]string{
	"sessions/current":     "3.29",
	"workbooks/{id}/views": "3.27",
	"users/{id}/workbooks": "3.27",
}

// open says whether a grant may be used for a read; template is that of a siteRead.
func (g *Grant) open(template, version string) error {
	since, late := scopedSince[template]
	if !g.Scoped || !late || AtLeast(version, since) {
		return nil
	}
	return &Error{
		Kind: Unsupported, Call: "GET " + template,
		Err: fmt.Errorf("a session that came from a JWT may call it from REST API %s, and this server has %s", since, version),
	}
}

// scopeMissing is what a scoped session's second 401002 in a row means: Tableau answers like that when no scope covers a read.
func scopeMissing(g *Grant, err error) error {
	var refusal *Error
	if !g.Scoped || !errors.As(err, &refusal) || refusal.Kind != SignedOut {
		return err
	}
	e := *refusal
	e.Kind, e.Err = Unsupported, errors.New("no scope of the JWT covers it, or Tableau ends its sessions at once")
	return &e
}

// currentOf tells what sessions/current would, where it is closed: the session's own user, and its site without a name.
func (s *Session) currentOf(ctx context.Context) (*CurrentSession, error) {
	g, err := s.grant(ctx)
	if err != nil {
		return nil, err
	}
	user, err := s.User(ctx, g.UserLUID)
	if err != nil {
		return nil, err
	}
	var c CurrentSession
	c.Site.LUID, c.Site.ContentURL, c.User = g.SiteLUID, s.ContentURL(), user
	return &c, nil
}
