package rest

import (
	"context"
	"errors"
	"fmt"
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
// that only read. [Methods] has the facts of each.
type SiteRead struct {
	Template string   // of its method: workbooks/{id}
	Values   []string // for the parts of the template in braces, in order; without {site}
	Query    url.Values
	Since    string // API version that the parameters take, if that is later than the method's
	Body     []byte // JSON of a POST that only reads; nil for a GET
	Media    string // of the body, where it is not plain JSON
}

// Key identifies the read within an operation.
func (r SiteRead) Key() string {
	return r.Template + " " + strings.Join(r.Values, "/") + "?" + r.Query.Encode() + string(r.Body)
}

// name is the verb and the template of a read: GET workbooks/{id}.
func (r SiteRead) name() string {
	if r.Body != nil {
		return http.MethodPost + " " + r.Template
	}
	return http.MethodGet + " " + r.Template
}

// method returns the row of the table for a read. The requests that open and close sessions are not
// reads.
func (r SiteRead) method() (*entry, error) {
	m := byName[r.name()]
	if m == nil || m.Class != Read && m.Class != LongRunning {
		return nil, fmt.Errorf("%s is not a read in the table of methods and is not sent", r.name())
	}
	return m, nil
}

// checkValues checks the values of a read. An id that came with an answer must not lead to another
// path: ids that are not LUIDs are dropped already where they are decoded, and this is the last look
// before one is sent.
func (r SiteRead) checkValues(m *entry) error {
	values := r.Values
	for _, segment := range m.segments {
		if !isValue(segment) || segment == "{site}" {
			continue
		}
		if len(values) == 0 {
			return &Error{Kind: Malformed, Call: r.name(), Err: errValues}
		}
		if _, err := ParseLUID(values[0]); err != nil && isLUID(segment) {
			return &Error{Kind: Missing, Call: r.name(), Err: errNoLUID}
		}
		values = values[1:]
	}
	if len(values) > 0 {
		return &Error{Kind: Malformed, Call: r.name(), Err: errValues}
	}
	return nil
}

var (
	errNoLUID = errors.New("the id is not a LUID, and is not sent")
	errValues = errors.New("the path has another number of values, and is not sent")
)

// request places a read below its site, beside the sites, or outside the versioned API.
func (r SiteRead) request(m *entry, site LUID) *request {
	return &request{
		method: m.Verb, template: m.name, root: m.root, path: m.path(site, r.Values), class: m.Class,
		query: r.Query, body: r.Body, media: r.Media,
	}
}

// Offers returns the error of a read that this server does not have, which is of the kind
// Unsupported. It costs no call but that for the server's version, which is cached.
func (c *Client) Offers(ctx context.Context, r SiteRead) error {
	m, err := r.method()
	if err != nil {
		return err
	}
	version, err := c.Version(ctx)
	if err != nil {
		return err
	}
	return m.supported(version, r.Since, c.cloud)
}

// Get sends a GET below the session's site once in an operation, and again after a renewal when the
// session turns out to have ended: a reader never notices. bind prepares what was decoded before
// anyone shares it.
func Get[A any, PA interface {
	*A
	Answer
}](ctx context.Context, s *Reader, r SiteRead, bind func(*A)) (*A, error) {
	asked := s.op.asked()
	v, shared, err := s.reads.Do(ctx, r.Key(), func() (any, error) {
		var a *A
		err := s.renewing(ctx, r, func(ctx context.Context, req *request) error {
			a = new(A) // an earlier answer may have left its error
			return s.client.exchange(ctx, req, PA(a))
		})
		if err != nil {
			return nil, err
		}
		bind(a)
		return a, nil
	})
	if shared {
		s.op.savedOne(r, asked, err)
	}
	if err != nil {
		return nil, err
	}
	return v.(*A), nil
}

// send sends a read with a grant, and releases the grant. once sends the request one time.
func (s *Reader) send(ctx context.Context, version string, g *Grant, r SiteRead, once func(context.Context, *request) error) error {
	defer s.source.Release(g)
	return s.sendWith(ctx, version, g, r, once)
}

// sendWith is send for a grant that the caller has released or releases.
func (s *Reader) sendWith(ctx context.Context, version string, g *Grant, r SiteRead, once func(context.Context, *request) error) error {
	m, err := r.method()
	if err != nil {
		return err
	}
	if err := m.open(g, version); err != nil {
		return err
	}
	if err := r.checkValues(m); err != nil {
		return err
	}
	req := r.request(m, g.SiteLUID)
	req.version, req.token = version, g.Token
	req.site, req.user, req.op = s.ContentURL(), g.UserLUID, s.op
	req.asked = s.op.asked()
	leave, err := s.op.enter(ctx, req.name())
	if err != nil {
		return err
	}
	defer leave()
	return s.client.throttle(ctx, req, once)
}
