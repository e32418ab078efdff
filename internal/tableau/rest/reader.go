package rest

import (
	"context"
	"errors"
	"net/http"
	"net/url"
	"strings"
)

// Source keeps somebody signed in on one site. internal/sessions has the one that matters.
type Source interface {
	// Acquire gives a live grant, signing in where needed. A grant that is named as dead is not
	// given again: somebody saw a 401 with it. Each grant that was acquired is released after use;
	// until then it is not signed out.
	Acquire(ctx context.Context, dead *Grant) (*Grant, error)
	// Release says that a grant is no longer in use by this caller.
	Release(*Grant)
	// ContentURL is the site's.
	ContentURL() string
}

// Reader reads as one user on one site, for the length of one operation. Each distinct GET is sent
// once. It is safe for concurrent use.
type Reader struct {
	client *Client
	source Source
	op     *Operation
	reads  Memo
}

var errNotOnCloud = errors.New("on Tableau Cloud there is no such thing")

var errAbandoned = errors.New("the read was given up")

// Reader returns a Reader for the user whom source keeps signed in. Nothing is sent yet.
func (c *Client) Reader(ctx context.Context, source Source) *Reader {
	return &Reader{client: c, source: source, op: OperationFrom(ctx)}
}

// ContentURL is the content URL of the session's site; empty for the default site.
func (s *Reader) ContentURL() string { return s.source.ContentURL() }

// UserLUID is the LUID of the session's user. It may cost a sign-in, never a read.
func (s *Reader) UserLUID(ctx context.Context) (LUID, error) {
	g, err := s.grant(ctx)
	if err != nil {
		return "", err
	}
	return g.UserLUID, nil
}

// SiteLUID is the LUID of the session's site. It may cost a sign-in, never a read.
func (s *Reader) SiteLUID(ctx context.Context) (LUID, error) {
	g, err := s.grant(ctx)
	if err != nil {
		return "", err
	}
	return g.SiteLUID, nil
}

func (s *Reader) grant(ctx context.Context) (*Grant, error) {
	g, err := s.source.Acquire(ctx, nil)
	if err != nil {
		return nil, err
	}
	s.source.Release(g)
	return g, nil
}

// SiteRead is a read with the session of a user on a site: a GET or, with a body, one of the POSTs
// that only read. A template is relative to sites/{site}/; one that begins with / is beside the
// sites (/sessions/current), and one with -/ or exp/ is outside the versioned API (-/search).
type SiteRead struct {
	Template string   // workbooks/{id}
	Path     []string // workbooks, 3cc6…; without the dash, and without what a leading slash means
	Query    url.Values
	Since    string // API version that brought it; empty for what all servers have that Vitrine speaks to
	Until    string // first API version that has it no more; empty where it stays
	Body     []byte // JSON of a POST that only reads; nil for a GET
	Media    string // of the body, where it is not plain JSON

	ServerOnly bool // Tableau Cloud does not have it
}

// Key identifies the read within an operation.
func (r SiteRead) Key() string {
	return r.Template + " " + strings.Join(r.Path, "/") + "?" + r.Query.Encode() + string(r.Body)
}

// Supported says whether a server of this version has the read: one that it lacks is not sent.
func (r SiteRead) Supported(version string) error {
	if r.Since == "" || AtLeast(version, r.Since) && (r.Until == "" || !AtLeast(version, r.Until)) {
		return nil
	}
	return &Error{Kind: Unsupported, Call: "GET " + r.Template, Needs: r.Since, Until: r.Until, Has: version}
}

// checkLUIDs refuses a read with an id that is not a LUID: an id that came with an answer must not
// lead to another path. Ids are dropped already where they are decoded; this is the last look
// before one is sent.
func (r SiteRead) checkLUIDs() error {
	below := strings.TrimPrefix(strings.TrimPrefix(r.Template, "exp/"), "sites/{site}/")
	template := strings.Split(strings.TrimPrefix(strings.TrimPrefix(below, "-/"), "/"), "/")
	for i, segment := range template {
		switch segment {
		case "{id}", "{luid}", "{user}", "{workbook}", "{column}":
			if len(template) != len(r.Path) {
				return &Error{Kind: Malformed, Call: "GET " + r.Template, Err: errNoLUID}
			}
			if _, err := ParseLUID(r.Path[i]); err != nil {
				return &Error{Kind: Missing, Call: "GET " + r.Template, Err: errNoLUID}
			}
		}
	}
	return nil
}

var errNoLUID = errors.New("the id is not a LUID, and is not sent")

// request places a read: below the site, beside the sites, or outside the versioned API.
func (r SiteRead) request(site LUID) *request {
	req := &request{method: http.MethodGet, query: r.Query, template: r.Template, path: r.Path}
	if r.Body != nil {
		req.method, req.body, req.media = http.MethodPost, r.Body, r.Media
	}
	switch {
	case strings.HasPrefix(r.Template, "/"):
		req.template = r.Template[1:]
	case strings.HasPrefix(r.Template, "-/"):
		req.root = "-"
	case strings.HasPrefix(r.Template, "exp/"):
		req.root, req.path = "exp", append([]string{"sites", string(site)}, r.Path...)
	default:
		req.template, req.path = "sites/{site}/"+r.Template, append([]string{"sites", string(site)}, r.Path...)
	}
	return req
}

// Get sends a GET below the session's site once in an operation, and again after a renewal when the
// session turns out to have ended: a reader never notices. adopt prepares what was decoded before
// anyone shares it.
func Get[A any, PA interface {
	*A
	Answer
}](ctx context.Context, s *Reader, r SiteRead, adopt func(*A)) (*A, error) {
	v, shared, err := s.reads.Do(ctx, r.Key(), func() (any, error) {
		into, err := s.read(ctx, r, func() Answer { return PA(new(A)) })
		if err != nil {
			return nil, err
		}
		a := (*A)(into.(PA))
		adopt(a)
		return a, nil
	})
	if shared {
		s.op.savedOne()
	}
	if err != nil {
		return nil, err
	}
	return v.(*A), nil
}

func (s *Reader) read(ctx context.Context, r SiteRead, empty func() Answer) (into Answer, err error) {
	err = s.renewing(ctx, r, func(ctx context.Context, req *request) error {
		into = empty() // a first answer may have left its error
		return s.client.send(ctx, req, into)
	})
	return into, err
}

func (s *Reader) send(ctx context.Context, version string, g *Grant, r SiteRead, send func(context.Context, *request) error) error {
	defer s.source.Release(g)
	return s.sendWith(ctx, version, g, r, send)
}

// sendWith sends a read with a grant that somebody else releases.
func (s *Reader) sendWith(ctx context.Context, version string, g *Grant, r SiteRead, send func(context.Context, *request) error) error {
	if err := g.open(r.Template, version); err != nil {
		return err
	}
	if err := r.checkLUIDs(); err != nil {
		return err
	}
	req := r.request(g.SiteLUID)
	req.version, req.token, req.class = version, g.Token, classOf(r.Template)
	req.site, req.user, req.op = s.ContentURL(), g.UserLUID, s.op
	leave, err := s.op.enter(ctx, req.name())
	if err != nil {
		return err
	}
	defer leave()
	return send(ctx, req)
}
