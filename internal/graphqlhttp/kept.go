package graphqlhttp

import (
	"context"
	"log/slog"
	"net/http"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/99designs/gqlgen/graphql"

	"vitrine/auth"
	"vitrine/internal/answercache"
)

// place is where the answer to a request is kept, and what of it the request allows. The nil place
// is that of an answer that is neither taken from the cache nor kept.
type place struct {
	key     answercache.Key
	logouts []string      // marks of the caller's logouts, before anything runs
	take    bool          // an answer that is kept will do
	maxAge  time.Duration // if it is not older
	keep    bool
}

// placeOf returns the place of the answer to a request. There is none where the answer has more than
// its data: what was asked for in the extensions is about one request.
func (t transport) placeOf(r *http.Request, c *caller, id *auth.Identity, q *request) *place {
	if t.Cache == nil || c.owner == "" || q.Extensions["vitrine"] != nil {
		return nil
	}
	p := &place{take: true, keep: true, maxAge: t.Cache.TTL, key: answercache.Key{
		Owner: c.owner, Roles: t.Generation + c.roles, Document: q.Query, Operation: q.OperationName,
	}}
	canonical, err := q.canonicalVariables()
	if err != nil {
		return nil
	}
	p.key.Variables = canonical
	p.obey(r.Header)
	if t.Logouts != nil {
		p.logouts = t.Logouts(r.Context(), id)
	}
	return p
}

// obey reads Cache-Control of a request (RFC 9111, section 5.2.1). Without it a browser's reload
// says the same in Pragma.
func (p *place) obey(h http.Header) {
	lines := h.Values("Cache-Control")
	if len(lines) == 0 {
		lines = h.Values("Pragma")
	}
	for _, line := range lines {
		for one := range strings.SplitSeq(line, ",") {
			name, value, _ := strings.Cut(strings.ToLower(strings.TrimSpace(one)), "=")
			switch name {
			case "no-cache":
				p.take = false
			case "no-store":
				p.take, p.keep = false, false
			case "max-age":
				if seconds, err := strconv.ParseInt(strings.Trim(value, `"`), 10, 32); err == nil {
					p.maxAge = min(p.maxAge, time.Duration(seconds)*time.Second)
				}
			}
		}
	}
}

// kept returns the answer that is kept for a request; nil if there is none that may be sent.
func (t transport) kept(p *place, id *auth.Identity) *answercache.Answer {
	if p == nil || !p.take || p.maxAge <= 0 {
		return nil
	}
	return t.Cache.Get(&p.key, func(a *answercache.Answer) bool {
		return !loggedOutSince(a.Logouts, p.logouts) && (a.Session == "" || a.Session == id.SessionID) && t.Cache.Now().Sub(a.Made) <= p.maxAge
	})
}

// loggedOutSince reports whether there is a logout now that there was not before.
func loggedOutSince(before, now []string) bool {
	return slices.ContainsFunc(now, func(mark string) bool { return !slices.Contains(before, mark) })
}

// keep keeps an answer, if it is one that may be sent again: it has its data and nothing else, it
// does not depend on this one request, and its content links last for longer than it is kept.
func (t transport) keep(ctx context.Context, p *place, id *auth.Identity, op *Operation, response *graphql.Response, data [][]byte) {
	if p == nil || !p.keep || op == nil || len(response.Errors) > 0 || len(response.Extensions) > 0 || string(response.Data) == "null" {
		return
	}
	ends := t.Cache.Ends()
	if op.Price.Token || !op.lastsUntil(ends) {
		return
	}
	size := len(dataBegin) + len(dataEnd)
	for _, piece := range data {
		size += len(piece)
	}
	if !t.Cache.Fits(size) || t.Logouts != nil && loggedOutSince(p.logouts, t.Logouts(ctx, id)) {
		return
	}
	body := append(make([]byte, 0, size), dataBegin...)
	for _, piece := range data {
		body = append(body, piece...)
	}
	t.Cache.Put(&answercache.Answer{
		Key: p.key, Body: append(body, dataEnd...), Made: t.Cache.Now(), Ends: ends, Logouts: p.logouts, Session: op.session(),
		Operation: op.prepared.Operation.Name, Points: op.Price.Points, Over: op.prepared.document.over, Sites: op.sites,
	})
}

// An answer with data alone begins and ends like this.
const (
	dataBegin = `{"data":`
	dataEnd   = `}`
)

// sendKept sends an answer that was kept. It costs its caller what it cost to make.
func (t transport) sendKept(w http.ResponseWriter, r *http.Request, media string, id *auth.Identity, c *caller, a *answercache.Answer) *httpError {
	state, refused := t.chargePoints(r.Context(), w.Header(), id, a.Points, false)
	if refused != nil {
		return refused
	}
	over := a.Over
	if state != nil && state.Used > state.Limit {
		over = append(slices.Clone(over), limitPerPerson)
	}
	age := t.Cache.Now().Sub(a.Made)
	attrs := []slog.Attr{
		slog.String("operation", shortened(a.Operation)), slog.Any("roles", c.view.Roles), slog.Int("tableauCalls", 0), slog.Int("cost", a.Points),
		slog.Bool("cached", true), slog.Duration("cacheAge", age),
	}
	if a.Sites.Key != "" {
		attrs = append(attrs, a.Sites)
	}
	if len(over) > 0 {
		attrs = append(attrs, slog.Any("overLimits", over))
	}
	t.Observe(r.Context(), attrs...)
	h := w.Header()
	h.Set("Age", strconv.Itoa(int(age/time.Second)))
	if r.Method != http.MethodPost && notModified(w, r, media, a.Tag()) {
		return nil
	}
	body := a.Body
	if coder, ok := w.(coder); ok {
		if coding := coder.Coding(len(body)); coding != "" {
			body = a.Encoded(coding, coder.Encode)
			h.Set("Content-Encoding", coding)
		}
	}
	h.Set("Content-Type", media+"; charset=utf-8")
	h.Set("Content-Length", strconv.Itoa(len(body)))
	defer t.sending.begin(w, [][]byte{body})()
	w.WriteHeader(http.StatusOK)
	_, _ = w.Write(body) // the client may be gone
	return nil
}

// coder is a writer that would compress what is written: internal/edge has one.
type coder interface {
	// Coding is the coding for an answer of a size; empty for none.
	Coding(size int) string
	Encode(body []byte) []byte
}

// DoNotKeep has the answer of the operation sent once: it depends on the request, or on the moment.
func (op *Operation) DoNotKeep() { op.notKept.Store(true) }

// HasLink notes that the answer holds a content link, which ends at a time, and with the person's
// session at the provider.
func (op *Operation) HasLink(t time.Time) {
	for {
		before := op.ends.Load()
		if before != 0 && before <= t.UnixNano() || op.ends.CompareAndSwap(before, t.UnixNano()) {
			return
		}
	}
}

// session is the session at the provider that the answer is good for; empty for any of the person.
func (op *Operation) session() string {
	if op.ends.Load() == 0 {
		return ""
	}
	return op.Identity.SessionID
}

// lastsUntil reports whether the answer may be sent until a time.
func (op *Operation) lastsUntil(t time.Time) bool {
	ends := op.ends.Load()
	return !op.notKept.Load() && (ends == 0 || ends >= t.UnixNano())
}
