package tableau

import (
	"context"
	"net/url"
)

// CurrentSession is what Tableau says of a session: its site and its user.
type CurrentSession struct {
	Site struct {
		LUID       LUID   `json:"id" xml:"id,attr"`
		Name       Text   `json:"name" xml:"name,attr"`
		ContentURL string `json:"contentUrl" xml:"contentUrl,attr"`
	} `json:"site" xml:"site"`
	User *User `json:"user" xml:"user"`
}

type currentSessionAnswer struct {
	envelope
	Session CurrentSession `json:"session" xml:"session"`
}

// Current asks for the session's own site and user. GET sessions/current, from API 3.1.
func (s *Session) Current(ctx context.Context) (*CurrentSession, error) {
	r := siteRead{template: "sessions/current", path: []string{"sessions", "current"}, query: url.Values{}}
	a, err := get(ctx, s, r, func(a *currentSessionAnswer) {
		if a.Session.User != nil {
			a.Session.User.adopt(s)
		}
	})
	if err != nil {
		return nil, err
	}
	return &a.Session, nil
}

// SiteURL is the home page of a site in Tableau, as browsers reach it.
func (c *Client) SiteURL(contentURL string) URL { return c.webAddress(contentURL, "home") }

// BrowserURL is where browsers reach Tableau.
func (c *Client) BrowserURL() URL { return URL(c.browser) }

// Site names one site. What is read of it is read through the caller's session there.
type Site struct{ ContentURL string }

// IsNode marks a Site as something with a global id.
func (*Site) IsNode() {}

// ID is the global id, made of the content URL: known without a call.
func (s *Site) ID() string { return GlobalID(KindSite, s.ContentURL, "") }
