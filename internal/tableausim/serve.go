package tableausim

import (
	"cmp"
	"context"
	"errors"
	"io"
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"time"

	"vitrine/internal/tableausim/metadata"
	"vitrine/internal/tableausim/wire"
)

// handler answers one method. It runs under the read lock of the world; what takes long or needs no
// world belongs into answer.body.
type handler func(*call) (*answer, error)

// call is one request on its way through a handler.
type call struct {
	s        *Server
	r        *http.Request
	version  version
	query    url.Values
	session  *session          // nil on open methods
	request  signInRequest     // what the body says, on methods that have one
	proof    *proof            // what a JWT in it proves
	usage    usageBody         // what the body says, on the method that has one
	labelled []labelledContent // what labels are asked for
	graphql  metadata.Request  // what is asked of the Metadata API
	body     []byte            // of a request to the VizQL Data Service
	note     string            // added to the template in the log, to tell kinds of sign-in apart
}

func (c *call) site() *site { return c.session.site }
func (c *call) user() *user { return c.session.user }

// answer is what a handler found: elements, or a body of its own form.
type answer struct {
	status      int // 200 when zero
	elements    []*wire.Element
	contentType string
	header      http.Header
	body        func() ([]byte, error) // runs outside the lock
	stream      func(io.Writer) error  // instead of body, for what is too large for memory; so does this
}

func found(elements ...*wire.Element) (*answer, error) { return &answer{elements: elements}, nil }

// ServeHTTP implements http.Handler.
func (s *Server) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	defer s.log.enter()()
	s.mux.ServeHTTP(w, r)
}

// serve takes one request from latency and faults to the written and logged answer.
func (s *Server) serve(w http.ResponseWriter, r *http.Request, path string, methods map[string]route) {
	entry := Call{Time: s.cfg.Now(), Method: r.Method, Path: r.URL.Path, Query: r.URL.RawQuery}
	c := &call{s: s, r: r}
	leave, fault := s.occupy(r, methods[r.Method])
	defer leave()
	if fault == nil {
		fault = s.faults.take(r)
	}
	if err := pause(r.Context(), s.cfg.Latency+fault.delay()); err != nil {
		s.record(entry, c, path, 0, "")
		return
	}
	if fault != nil && fault.breaks(w, func(status int) { s.record(entry, c, path, status, "") }) {
		return
	}
	ans, err := s.answer(c, methods, fault)
	body, contentType, status, code := s.write(c, ans, err)
	s.record(entry, c, path, status, code)
	leave() // before the caller can know that the place is free
	s.send(w, ans, fault, body, contentType, status)
}

// answer runs the checks that all methods share, then the method.
func (s *Server) answer(c *call, methods map[string]route, fault *Fault) (*answer, error) {
	if fault != nil {
		if err := fault.err(); err != nil {
			return &answer{header: fault.header()}, err
		}
	}
	c.version = s.version
	asked, err := parseVersion(c.r.PathValue("version"))
	if err != nil && c.r.PathValue("version") != "" || s.version.less(asked) {
		return nil, wire.Fail("404001", "Version '%s' is not known to this server, which speaks up to %s.", c.r.PathValue("version"), s.version)
	}
	if c.r.PathValue("version") == "" { // outside the versioned API
		asked = s.version
	}
	rt, ok := methods[c.r.Method]
	switch {
	case methods == nil:
		return nil, errUnknownResource(strings.TrimPrefix(c.r.URL.Path, "/api"))
	case !ok:
		return nil, wire.Fail("405000", "Method %s is not allowed for this resource.", c.r.Method)
	case asked.less(rt.since), rt.until != (version{}) && !s.version.less(rt.until), rt.only == onServer && s.cfg.Cloud, rt.only == onCloud && !s.cfg.Cloud:
		return nil, errUnknownResource(strings.TrimPrefix(c.r.URL.Path, "/api"))
	}
	c.version = asked
	if c.query, err = wire.ParseQuery(c.r.URL.RawQuery); err != nil {
		return nil, wire.Fail("400000", "The query string cannot be read: %v.", err)
	}
	if !rt.acceptable(c.r) {
		return nil, wire.Fail("406000", "None of the media types in Accept '%s' can be sent.", c.r.Header.Get("Accept"))
	}
	if rt.before != nil && (rt.open || s.sessions.lives(c.r)) {
		if err := rt.before(c); err != nil {
			return nil, err
		}
	}
	s.mu.RLock()
	defer s.mu.RUnlock()
	if !rt.open {
		if err := s.authenticate(c); err != nil {
			return nil, err
		}
		if err := s.allows(c.session, rt.scope); err != nil {
			return nil, err
		}
	}
	ans, err := rt.handle(c)
	if err == nil && c.session != nil {
		hideOthers(c, ans.elements)
	}
	return ans, err
}

// acceptable reports whether the caller takes a form in which the method answers.
func (rt route) acceptable(r *http.Request) bool {
	if plainJSON(rt.path) {
		return wire.AcceptsJSON(r)
	}
	return rt.binary || wire.Negotiate(r) != wire.FormNone
}

// write makes bytes of an answer or an error.
func (s *Server) write(c *call, ans *answer, err error) (body []byte, contentType string, status int, code string) {
	if err == nil && ans.stream != nil {
		return nil, ans.contentType, http.StatusOK, ""
	}
	if err == nil && ans.body != nil {
		body, err = ans.body()
		if err == nil {
			return body, ans.contentType, cmp.Or(ans.status, http.StatusOK), ""
		}
	}
	var elements []*wire.Element
	if err != nil {
		var e *wire.Error
		if !errors.As(err, &e) {
			e = wire.Fail("500000", "%v", err)
		}
		elements, status, code = []*wire.Element{e.Element()}, e.Status, e.Code
		if write := c.errorForm(); write != nil {
			body, contentType = write(e)
			return body, contentType, status, code
		}
	} else {
		elements, status = ans.elements, ans.status
		if status == 0 {
			status = http.StatusOK
		}
	}
	if status == http.StatusNoContent {
		return nil, "", status, code
	}
	if wire.Negotiate(c.r) == wire.FormJSON {
		return wire.AppendJSON(buffer(elements), elements), wire.JSONType, status, code
	}
	return wire.AppendXML(buffer(elements), c.version.String(), elements), wire.XMLType, status, code
}

// buffer makes room for an answer: about 700 bytes for each item of a list.
func buffer(elements []*wire.Element) []byte {
	n := 1024
	for _, e := range elements {
		n += 700 * len(e.Children)
	}
	return make([]byte, 0, n)
}

// send writes the answer out; a fault may cut it in the middle.
func (s *Server) send(w http.ResponseWriter, ans *answer, fault *Fault, body []byte, contentType string, status int) {
	h := w.Header()
	if ans != nil {
		for name, values := range ans.header {
			h[name] = values
		}
	}
	h.Set("X-Tableau-Request-Id", "sim-"+strconv.FormatUint(s.requests.Add(1), 10))
	if ans != nil && ans.stream != nil && status == http.StatusOK {
		h.Set("Content-Type", contentType)
		_ = ans.stream(w) // as below
		return
	}
	if contentType != "" {
		h.Set("Content-Type", contentType)
		h.Set("Content-Length", strconv.Itoa(len(body)))
	}
	w.WriteHeader(status)
	if fault != nil && fault.Kind == CutBody {
		_, _ = w.Write(body[:len(body)/2])
		_ = http.NewResponseController(w).Flush()
		panic(http.ErrAbortHandler) // closes the connection without an end of the body
	}
	_, _ = w.Write(body) // a caller that has gone is no error of ours
}

// record logs the request before the answer is sent, so that a caller who has the answer finds it
// counted.
func (s *Server) record(entry Call, c *call, path string, status int, code string) {
	entry.Template = entry.Method + " " + strings.TrimSuffix(path, "/{$}") + c.note
	entry.Status, entry.Code = status, code
	if c.session != nil {
		entry.Site, entry.User = c.session.site.contentURL, c.session.userName
	}
	s.log.add(entry)
}

// pause waits, unless the request is given up first.
func pause(ctx context.Context, d time.Duration) error {
	if d <= 0 {
		return nil
	}
	t := time.NewTimer(d)
	defer t.Stop()
	select {
	case <-t.C:
		return nil
	case <-ctx.Done():
		return ctx.Err()
	}
}
