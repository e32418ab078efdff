package rest

import (
	"bytes"
	"cmp"
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"time"
)

// request is one question to Tableau.
type request struct {
	method   string
	template string   // the path with names for values, for logs and counts: sites/{site}/workbooks/{id}
	root     string   // what stands for the version in /api/{version}/, such as "-"; empty for the version
	path     []string // segments below /api/{version}/, not yet escaped
	query    url.Values
	token    Secret
	body     []byte
	media    string   // of the body; plain JSON when empty
	secrets  []Secret // in the body
	version  string
	accept   string // media types; JSON when empty

	class Class
	site  string     // content URL
	user  LUID       // whose session it is
	op    *Operation // that counts it; nil for none
	asked time.Time  // when it was, for the timeline of op; zero without one
}

// sideEffectGET reports whether a GET would have a side effect or hand out a secret. The table has
// no such method; this check remains if a row is added by mistake. The names of things are part of
// paths too, so a word alone does not do: a workbook may be called secrets.
func sideEffectGET(path []string) bool {
	lower := strings.ToLower("/" + strings.Join(path, "/") + "/")
	return strings.Contains(lower, "/webhooks/") && strings.HasSuffix(lower, "/test/") ||
		strings.Contains(lower, "/connected-app") && strings.Contains(lower, "/secrets/") ||
		strings.Contains(lower, ":getorcreate/") || strings.Contains(lower, "/getorcreate/")
}

// checkReadOnly is the one check before a request leaves: it fits a row of the table of methods,
// which has only reads and what opens and closes a session, and no segment climbs.
func (r *request) checkReadOnly() error {
	if len(r.path) == 0 {
		return errors.New("a request without a path is not sent")
	}
	for _, segment := range r.path {
		if segment == "" || segment == "." || segment == ".." {
			return fmt.Errorf("a path with the segment %q is not sent", segment)
		}
	}
	if slices.ContainsFunc(table, func(e *entry) bool { return e.fits(r) }) && !sideEffectGET(r.path) {
		return nil
	}
	return fmt.Errorf("%s %s could change something and is not sent", r.method, r.template)
}

func (r *request) name() string { return r.method + " " + r.template }

// send passes a request through the door and decodes the answer. into may be nil where only success
// counts.
func (c *Client) send(ctx context.Context, r *request, into Answer) error {
	return c.throttle(ctx, r, func(ctx context.Context, r *request) error { return c.exchange(ctx, r, into) })
}

// throttle checks a request and lets it through the gate. once sends it one time; the gate may call
// it again.
func (c *Client) throttle(ctx context.Context, r *request, once func(context.Context, *request) error) error {
	if err := r.checkReadOnly(); err != nil {
		return err
	}
	tries, since := 0, time.Now()
	return c.gate.Pass(ctx, Call{Name: r.name(), Class: r.class, Site: r.site, User: r.user}, func(ctx context.Context) error {
		asked, left := since, time.Now()
		r.op.sent(r.name(), tries > 0, left.Sub(asked))
		tries++
		err := once(ctx, r)
		since = time.Now()
		r.op.ended(r, asked, left, tries > 1, err)
		return err
	})
}

// exchange sends a request one time and decodes the answer.
func (c *Client) exchange(ctx context.Context, r *request, into Answer) error {
	ctx, cancel := c.limitTime(ctx)
	defer cancel()
	req, err := c.build(ctx, r)
	if err != nil {
		return err
	}
	req.Header["Accept-Encoding"] = gzipCoding
	res, err := c.http.Do(req)
	if err != nil {
		return c.transportError(ctx, r, err)
	}
	defer func() { _ = res.Body.Close() }()
	buffer := bodies.Get().(*bytes.Buffer)
	defer keepBody(buffer)
	err = readBody(buffer, res, c.maxBody+1)
	body := buffer.Bytes()
	if err != nil {
		e := c.transportError(ctx, r, err)
		if e.Kind == Unavailable {
			e.Kind, e.Err = Malformed, fmt.Errorf("%w: %w", errBroken, e.Err)
		}
		return e
	}
	if int64(len(body)) > c.maxBody {
		return &Error{Kind: Malformed, Call: r.name(), Status: res.StatusCode, Err: fmt.Errorf("it is larger than %d bytes", c.maxBody)}
	}
	return checkAnswer(r, res, body, into, c.now())
}

// limitTime bounds a request, unless it ends sooner anyway.
func (c *Client) limitTime(ctx context.Context) (context.Context, context.CancelFunc) {
	if deadline, ok := ctx.Deadline(); ok && time.Until(deadline) <= c.timeout {
		return ctx, func() {}
	}
	return context.WithTimeout(ctx, c.timeout)
}

// Values of headers, which all requests share: nobody writes into a header of a request.
var (
	acceptJSON = []string{"application/json"}
	english    = []string{"en"}
	userAgent  = []string{"vitrine"}
	gzipCoding = []string{"gzip"}
)

// build makes the HTTP request: the URL of the path and the query, the headers and the body.
func (c *Client) build(ctx context.Context, r *request) (*http.Request, error) {
	var b strings.Builder
	b.WriteString(c.base)
	b.WriteString("/api/")
	b.WriteString(cmp.Or(r.root, r.version))
	for _, segment := range r.path {
		b.WriteByte('/')
		b.WriteString(url.PathEscape(segment))
	}
	if len(r.query) > 0 {
		b.WriteByte('?')
		b.WriteString(r.query.Encode())
	}
	var content io.Reader
	if r.method != http.MethodGet {
		content = bytes.NewReader(r.body)
	}
	req, err := http.NewRequestWithContext(ctx, r.method, b.String(), content)
	if err != nil {
		return nil, fmt.Errorf("building %s: the address is not usable", r.name())
	}
	if content != nil {
		req.Header.Set("Content-Type", cmp.Or(r.media, "application/json"))
	}
	req.Header["Accept"] = acceptJSON
	if r.accept != "" {
		req.Header.Set("Accept", r.accept)
	}
	req.Header["Accept-Language"] = english
	req.Header["User-Agent"] = userAgent
	if !r.token.IsZero() {
		req.Header["X-Tableau-Auth"] = []string{r.token.Reveal()}
	}
	return req, nil
}

// checkAnswer turns status and body into a decoded answer or an error with a kind.
func checkAnswer(r *request, res *http.Response, body []byte, into Answer, now time.Time) error {
	if res.StatusCode >= 300 {
		return errorAnswer(r, res, body, now)
	}
	if into == nil {
		return nil
	}
	if err := checkWhole(r, res); err != nil {
		return &Error{Kind: Malformed, Call: r.name(), Status: res.StatusCode, Err: err}
	}
	if err := decodeNeeded(body, res.Header.Get("Content-Type"), into, r.op.neededMembers()); err != nil {
		return &Error{Kind: Malformed, Call: r.name(), Status: res.StatusCode, Err: err}
	}
	if fault := into.fault(); fault != nil {
		e := &Error{Call: r.name(), Status: res.StatusCode}
		e.tell(r, fault)
		e.Kind = kindOf(statusOfCode(e.Code), e.Code)
		return e
	}
	return nil
}

// tell takes over what Tableau says, within bounds. Should something between here and Tableau echo
// what was sent, the secrets in it go no further.
func (e *Error) tell(r *request, fault *wireError) {
	text := func(t Text, most int) string {
		s := string(t)
		for _, secret := range append(r.secrets, r.token) {
			if !secret.IsZero() {
				s = strings.ReplaceAll(s, secret.Reveal(), secret.String())
			}
		}
		return Clip(s, most)
	}
	e.Code, e.Summary, e.Detail = text(fault.Code, maxCode), text(fault.Summary, maxText), text(fault.Detail, maxText)
}

// What is kept of an error's texts, in bytes. The longest code that is known has 24.
const (
	maxCode = 40
	maxText = 500
)

// Clip cuts a text to up to most bytes, between two characters.
func Clip(s string, most int) string {
	if len(s) <= most {
		return s
	}
	return strings.ToValidUTF8(s[:most], "") + "…"
}

func errorAnswer(r *request, res *http.Response, body []byte, now time.Time) error {
	e := &Error{Call: r.name(), Status: res.StatusCode, RetryAfter: retryAfter(res.Header.Get("Retry-After"), now)}
	var wire struct {
		Envelope
		bareError
	}
	err := decodeAny(body, res.Header.Get("Content-Type"), &wire)
	switch {
	case err == nil && wire.Error != nil:
		e.tell(r, wire.Error)
	case err == nil && r.root != "":
		e.tell(r, &wireError{Code: cmp.Or(wire.Code, wire.ErrorCode), Summary: wire.Message})
	}
	e.Kind = kindOf(e.Status, e.Code)
	if strings.HasPrefix(r.template, pulsePrefix) {
		e.Code, e.Kind = pulseFault(e, res.Header)
	}
	page := errors.Is(err, errHTML)
	switch {
	case e.Code == "" && tooLong[e.Status]:
		e.Kind, e.Err = TooLong, errTooLong
	case e.Code == "" && (e.Kind == BadRequest || page && e.Kind == SignedOut):
		e.Kind, e.Err = Malformed, errBare // no word of Tableau's
	case e.Status == http.StatusNotModified:
		e.Err = errors.New("it says that nothing has changed, which was not asked")
	case e.Status < 400:
		e.Err = fmt.Errorf("it redirects to %s: set tableau.url to the address that answers without a redirect", placeOf(res.Header.Get("Location")))
	case page:
		e.Err = webPage(e.Status)
	case e.Status == http.StatusNotFound && e.Code == "":
		e.Err = errBare
	}
	// Tableau's own 403 and 404 are words about a thing, and have a code. Those of a proxy are not:
	// they must not read as "hidden".
	if e.Status == http.StatusNotFound && e.Code == "" || e.Status == http.StatusForbidden && page {
		e.Kind = Malformed
	}
	if e.Kind == Malformed && r.root != "" && !page { // outside the versioned API Tableau's own may lack one
		e.Kind = Missing
		if !strings.Contains(r.template, "{") {
			e.Kind = Unsupported // it was the method that is not there
		}
	}
	return e
}

// tooLong are the statuses for a request that is too long: 413, 414 and 431 (RFC 9110, 15.5.14 and
// 15.5.15; RFC 6585, 5).
var tooLong = map[int]bool{
	http.StatusRequestEntityTooLarge: true, http.StatusRequestURITooLong: true, http.StatusRequestHeaderFieldsTooLarge: true,
}

var errTooLong = errors.New("something before Tableau takes no request that is so long: let the proxy take addresses and headers of 16 kB")

// switchedOff are the codes of what a server administrator has switched off: images, PDF and data
// of views, PDF and slides of workbooks, crosstabs, the history of revisions, and whatever answers
// "feature disabled".
var switchedOff = map[string]bool{
	"403053": true, "403068": true, "403072": true, "403075": true, "403105": true, "403128": true, "403134": true, "403157": true,
}

// bareError is how methods outside the versioned API refuse.
type bareError struct {
	Code      Text `json:"code" xml:"-"`
	ErrorCode Text `json:"errorCode" xml:"-"` // of the VizQL Data Service
	Message   Text `json:"message" xml:"-"`
}

func kindOf(status int, code string) Kind {
	switch {
	case code == "401001":
		return LoginRefused
	case code == "404001" || code == "404003" || code == "404008" || switchedOff[code]:
		return Unsupported
	case status == http.StatusUnauthorized && strings.HasPrefix(code, "400"): // what labels are refused with: the session lives on
		return Refused
	case status == http.StatusUnauthorized:
		return SignedOut
	case status == http.StatusForbidden:
		return Refused
	case status == http.StatusNotFound:
		return Missing
	case status == http.StatusTooManyRequests:
		return RateLimited
	case status == http.StatusRequestTimeout || status == http.StatusGatewayTimeout:
		return Timeout
	case status >= 400 && status < 500:
		return BadRequest
	default:
		return Unavailable
	}
}

func statusOfCode(code string) int {
	if len(code) < 3 {
		return http.StatusInternalServerError
	}
	status, err := strconv.Atoi(code[:3])
	if err != nil {
		return http.StatusInternalServerError
	}
	return status
}

// transportError never repeats the address: a query may hold names.
func (c *Client) transportError(ctx context.Context, r *request, err error) *Error {
	var address *url.Error
	if errors.As(err, &address) {
		err = address.Err
	}
	var timeout net.Error
	kind := Unavailable
	if errors.Is(err, context.DeadlineExceeded) || ctx.Err() != nil || errors.As(err, &timeout) && timeout.Timeout() {
		kind = Timeout
	}
	return &Error{Kind: kind, Call: r.name(), Err: c.server.Explain(err)}
}

// longestRetryAfter bounds what an answer can ask to wait: a server that asks for more is asked
// again after that time.
const longestRetryAfter = time.Minute

// retryAfter reads seconds or a date (RFC 9110, 10.2.3), a minute at most. A header that is neither
// asks for nothing.
func retryAfter(header string, now time.Time) time.Duration {
	header = strings.TrimSpace(header)
	if header == "" {
		return 0
	}
	if strings.Trim(header, "0123456789") == "" { // of any length
		seconds, err := strconv.ParseUint(header, 10, 63)
		if err != nil || seconds > uint64(longestRetryAfter/time.Second) {
			return longestRetryAfter
		}
		return time.Duration(seconds) * time.Second
	}
	at, err := http.ParseTime(header)
	if err != nil {
		return 0
	}
	return min(max(at.Sub(now), 0), longestRetryAfter)
}

// placeOf names where a redirect leads, without the path: it may hold what was asked.
func placeOf(location string) string {
	u, err := url.Parse(location)
	switch {
	case err != nil || location == "":
		return "a place that is not given"
	case u.Host == "":
		return "another path of the same host"
	default:
		return strconv.Quote(Clip(u.Scheme+"://"+u.Host, 200))
	}
}
