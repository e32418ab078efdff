// Package edge is where the server meets the network: who a connection really comes from, under
// which names the server is known, how many connections there may be and how slow they may be,
// certificates, compression, and the headers that every answer has.
//
// It knows nothing of GraphQL, of people and of Tableau. The limits are meant for a server that is
// in the open; one behind a proxy has them as well.
package edge

import (
	"context"
	"log/slog"
	"net/http"
	"net/netip"
	"sync/atomic"
)

// Config is what the edge has to know.
type Config struct {
	// PublicURL is the address that people know: scheme and host.
	PublicURL string
	// Hosts are further names under which the server may be asked.
	Hosts []string
	// Proxies are the addresses whose word about the client is taken.
	Proxies []netip.Prefix
	// ForwardedHeader is where they give it: X-Forwarded-For, or Forwarded; X-Forwarded-For when
	// empty. The other is not read: a proxy that sets the one lets the other through as the client
	// wrote it.
	ForwardedHeader string
	// Observe adds to the event of a request.
	Observe func(context.Context, ...slog.Attr)
	// Refused is called for each request that Guard refuses, before it is answered; nil for none.
	Refused func(r *http.Request, status int)
}

// Edge is in front of all handlers. It does not change after New.
type Edge struct {
	Config
	names   names
	hsts    bool
	closing atomic.Bool
}

// New builds the edge.
func New(c Config) *Edge {
	if c.Observe == nil {
		c.Observe = func(context.Context, ...slog.Attr) {}
	}
	if c.Refused == nil {
		c.Refused = func(*http.Request, int) {}
	}
	if c.ForwardedHeader == "" {
		c.ForwardedHeader = ForwardedFor
	}
	return &Edge{Config: c, names: namesOf(c.PublicURL, c.Hosts), hsts: isHTTPS(c.PublicURL)}
}

// maxHeaders is how many header lines a request may have. Browsers behind proxies send some forty.
const maxHeaders = 100

// Guard is in front of everything: it finds out who asks, refuses requests that are meant for
// another server or bring too many headers, gives each answer its headers and cuts off who is too
// slow to take it.
//
// A chunked request, and one of HTTP/1.0, is the last of its connection: net/http hides a
// Content-Length beside the one and a Transfer-Encoding within the other, and behind such a request
// a proxy and this server could disagree where the next begins (RFC 9112, 6.1). [Strict] refuses
// most of them before; what this adds is that nothing rests on how chunks are read.
func (e *Edge) Guard(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		e.defaults(w.Header())
		if r.ProtoMajor == 1 && (len(r.TransferEncoding) > 0 || r.ProtoMinor == 0) {
			w.Header().Set("Connection", "close")
		}
		r = e.meet(r)
		switch {
		case headerLines(r.Header) > maxHeaders:
			e.Refused(r, http.StatusRequestHeaderFieldsTooLarge)
			refuse(w, http.StatusRequestHeaderFieldsTooLarge, "The request has too many headers.")
		case !e.known(r):
			e.Observe(r.Context(), slog.String("host", shortened(r.Host)))
			e.Refused(r, http.StatusMisdirectedRequest)
			refuse(w, http.StatusMisdirectedRequest, "This server is not known under the name that the request gives in Host.")
		default:
			answer := &slowClient{ResponseWriter: w, closing: &e.closing}
			next.ServeHTTP(answer, r)
			if !answer.begun && e.closing.Load() { // an empty answer, which net/http sends
				w.Header().Set("Connection", "close")
			}
		}
	})
}

// CloseConnections has each answer from now on say that its connection ends with it: Connection:
// close, or GOAWAY in HTTP/2.
func (e *Edge) CloseConnections() { e.closing.Store(true) }

// shortened is what the log repeats of a value that anybody chose.
func shortened(s string) string {
	const most = 100
	if len(s) > most {
		return s[:most] + "…"
	}
	return s
}

func headerLines(h http.Header) int {
	n := 0
	for _, values := range h {
		n += len(values)
	}
	return n
}

func refuse(w http.ResponseWriter, status int, text string) {
	w.Header().Set("Connection", "close")
	w.Header().Set("Content-Type", "text/plain; charset=utf-8")
	w.WriteHeader(status)
	_, _ = w.Write([]byte(text + "\n")) // the client may be gone
}
