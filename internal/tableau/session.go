package tableau

import (
	"context"
	"slices"
	"strings"

	"vitrine/internal/tableau/rest"
)

// Client signs people in and out. It cannot read anything of anybody: that takes a [Session].
type Client struct {
	door    *rest.Client
	browser string // the address that browsers use
	rebased bool   // browser is set by the configuration
	asCloud bool   // a stand-in for Tableau Cloud, whatever its address
}

// New returns a client. Nothing is sent yet.
func New(c Config) (*Client, error) {
	door, err := rest.New(c)
	if err != nil {
		return nil, err
	}
	browser := strings.TrimRight(c.BrowserURL, "/")
	if browser == "" {
		return &Client{door: door, browser: strings.TrimRight(c.URL, "/"), asCloud: c.StandInAsCloud}, nil
	}
	return &Client{door: door, browser: browser, rebased: true, asCloud: c.StandInAsCloud}, nil
}

// ServerInfo returns what the server says of itself; see [rest.Client.ServerInfo].
func (c *Client) ServerInfo(ctx context.Context) (*ServerInfo, error) { return c.door.ServerInfo(ctx) }

// Version returns the REST API version in use: the configured one, or else the server's own.
func (c *Client) Version(ctx context.Context) (string, error) { return c.door.Version(ctx) }

// SignIn opens a session on one site; see [rest.Client.SignIn].
func (c *Client) SignIn(ctx context.Context, with Credentials, contentURL string, as LUID) (*Grant, error) {
	return c.door.SignIn(ctx, with, contentURL, as)
}

// SignOut ends a session; see [rest.Client.SignOut].
func (c *Client) SignOut(ctx context.Context, g *Grant) error { return c.door.SignOut(ctx, g) }

// Session reads as one user on one site, for the length of one operation. Each distinct GET is sent
// once. It is safe for concurrent use, and so are all values that it returns: nothing changes an
// item once it was read.
type Session struct {
	client *Client
	reader *rest.Reader
	work   rest.Memo
}

// Session returns a session for the user whom source keeps signed in. Nothing is sent yet.
func (c *Client) Session(ctx context.Context, source Source) *Session {
	return &Session{client: c, reader: c.door.Reader(ctx, source)}
}

// ContentURL is the content URL of the session's site; empty for the default site.
func (s *Session) ContentURL() string { return s.reader.ContentURL() }

// UserLUID is the LUID of the session's user. It may cost a sign-in, never a read.
func (s *Session) UserLUID(ctx context.Context) (LUID, error) { return s.reader.UserLUID(ctx) }

// SiteLUID is the LUID of the session's site. It may cost a sign-in, never a read.
func (s *Session) SiteLUID(ctx context.Context) (LUID, error) { return s.reader.SiteLUID(ctx) }

// get sends a read once in an operation; see [rest.Get].
func get[A any, PA interface {
	*A
	rest.Answer
}](ctx context.Context, s *Session, r rest.SiteRead, bind func(*A)) (*A, error) {
	return rest.Get[A, PA](ctx, s.reader, r, bind)
}

// element reads an answer of no fixed form. An answer without any of the named containers is
// Malformed: it is not an empty list. A container may be null or empty. Without names the caller
// checks the answer.
func (s *Session) element(ctx context.Context, r rest.SiteRead, containers ...string) (*rest.Element, error) {
	a, err := get(ctx, s, r, func(*rest.ElementAnswer) {})
	if err != nil {
		return nil, err
	}
	if len(containers) > 0 && !slices.ContainsFunc(containers, a.Element.HasContainer) {
		return nil, rest.NoContainer(r)
	}
	return &a.Element, nil
}
