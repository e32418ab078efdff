package tableau

import (
	"context"
	"slices"
	"strings"
)

// Client signs people in and out. It cannot read anything of anybody: that takes a [Session].
type Client struct {
	*restClient
	browser string // the address that browsers use
	rebased bool   // browser is set by the configuration
}

// New returns a client. Nothing is sent yet.
func New(c Config) (*Client, error) {
	door, err := newClient(c)
	if err != nil {
		return nil, err
	}
	browser := strings.TrimRight(c.BrowserURL, "/")
	if browser == "" {
		return &Client{restClient: door, browser: strings.TrimRight(c.URL, "/")}, nil
	}
	return &Client{restClient: door, browser: browser, rebased: true}, nil
}

// Session reads as one user on one site, for the length of one operation. Each distinct GET is sent once. It is safe for
// concurrent use, and so are all values that it returns: nothing changes an item once it was read.
type Session struct {
	*Reader
	client *Client
	work   memo
}

// Session returns a session for the user whom source keeps signed in. Nothing is sent yet.
func (c *Client) Session(ctx context.Context, source Source) *Session {
	return &Session{Reader: c.reader(ctx, source), client: c}
}

// get sends a read once in an operation; see [getRead].
func get[A any, PA interface {
	*A
	answer
}](ctx context.Context, s *Session, r siteRead, adopt func(*A)) (*A, error) {
	return getRead[A, PA](ctx, s.Reader, r, adopt)
}

// bagAt reads an answer as a bag. An answer without any of the named containers is Malformed: it is not an empty list. A container may be
// null or empty. Without names the caller checks the answer.
func (s *Session) bagAt(ctx context.Context, r siteRead, containers ...string) (*bag, error) {
	a, err := get(ctx, s, r, func(*bagAnswer) {})
	if err != nil {
		return nil, err
	}
	if len(containers) > 0 && !slices.ContainsFunc(containers, a.bag.hasContainer) {
		return nil, hollow(r)
	}
	return &a.bag, nil
}
