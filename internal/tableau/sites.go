package tableau

import (
	"context"

	"vitrine/internal/deployment"
	"vitrine/internal/tableau/rest"
)

// CurrentSession is what Tableau says of a session: its site and its user.
type CurrentSession struct {
	Site currentSite `json:"site" xml:"site"`
	User *User       `json:"user" xml:"user"`
}

type currentSite struct {
	LUID       LUID   `json:"id" xml:"id,attr"`
	Name       Text   `json:"name" xml:"name,attr"`
	ContentURL string `json:"contentUrl" xml:"contentUrl,attr"`
}

type currentSessionAnswer struct {
	rest.Envelope
	Session CurrentSession `json:"session" xml:"session"`
}

// Current asks for the session's own site and user. GET sessions/current, from API 3.1, and for
// sessions of a JWT from 3.29; a server that lacks it is asked for the site and the user one by
// one.
func (s *Session) Current(ctx context.Context) (*CurrentSession, error) {
	r := rest.SiteRead{Template: "/sessions/current"}
	a, err := get(ctx, s, r, func(a *currentSessionAnswer) {
		if a.Session.User != nil { // even without an id: it has the site role
			a.Session.User.bind(s)
		}
	})
	if IsKind(err, Unsupported) || IsKind(err, Missing) {
		return s.currentInParts(ctx, err)
	}
	if err != nil {
		return nil, err
	}
	return &a.Session, nil
}

type siteAnswer struct {
	rest.Envelope
	Site currentSite `json:"site" xml:"site"`
}

// currentInParts reads the parts of sessions/current that the user may see: the site is for
// administrators. It returns lacking if neither part can be read. GET users/{id} and GET
// sites/{id}.
func (s *Session) currentInParts(ctx context.Context, lacking error) (*CurrentSession, error) {
	site, err := s.SiteLUID(ctx)
	if err != nil {
		return nil, err
	}
	id, err := s.UserLUID(ctx)
	if err != nil {
		return nil, err
	}
	c := &CurrentSession{Site: currentSite{LUID: site, ContentURL: s.ContentURL()}}
	user, userErr := s.User(ctx, id)
	if userErr == nil {
		c.User = user
	}
	a, siteErr := get(ctx, s, rest.SiteRead{Template: "/sites/{id}", Values: []string{string(site)}}, func(*siteAnswer) {})
	if siteErr == nil {
		c.Site.Name = a.Site.Name
	}
	if userErr != nil && siteErr != nil {
		return nil, lacking
	}
	return c, nil
}

// SiteURL is the home page of a site in Tableau, as browsers reach it.
func (c *Client) SiteURL(contentURL string) URL { return c.webAddress(contentURL, "home") }

// BrowserURL is where browsers reach Tableau.
func (c *Client) BrowserURL() URL { return URL(c.browser) }

// IsCloud reports whether this is Tableau Cloud. It goes by the address for browsers: where Tableau
// Cloud is reached under another name, the setting browserURL has the pod's.
func (c *Client) IsCloud() bool { return c.asCloud || deployment.IsCloud(c.browser) }

// Site names one site. What is read of it is read through the caller's session there.
type Site struct{ ContentURL string }

// IsNode marks a Site as something with a global id.
func (*Site) IsNode() {}

// ID is the global id, made of the content URL: known without a call.
func (s *Site) ID() string { return GlobalID(KindSite, s.ContentURL, "") }
