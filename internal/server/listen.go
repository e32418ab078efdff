package server

import (
	"context"
	"log/slog"
	"net"
	"net/http"
	"net/netip"
	"net/url"
	"sync/atomic"
	"time"

	"vitrine/internal/config"
	"vitrine/internal/edge"
	"vitrine/internal/telemetry"
)

// Time limits of one request, so that nobody holds a connection by being slow: to send the header,
// to send the whole request, and to be answered, which takes an operation's deadline
// (resolvers.Config) and the time to fetch a large answer.
const (
	headerTime  = 10 * time.Second
	requestTime = 30 * time.Second
	answerTime  = 3 * time.Minute
	idleTime    = 2 * time.Minute
)

// maxHeaderBytes bounds a request's line and header; a token has 16 kB at most.
const maxHeaderBytes = 64 << 10

// maxStreams bounds the requests that are under way on one connection of HTTP/2.
const maxStreams = 100

func newEdge(c *config.Config, publicURL string, refused func(*http.Request, int)) *edge.Edge {
	return edge.New(edge.Config{
		PublicURL: publicURL, Hosts: c.Hosts, Proxies: c.TrustedProxies, ForwardedHeader: c.ForwardedHeader, Observe: telemetry.Add, Refused: refused,
	})
}

// Scheme is how this server is spoken to where nothing is in front of it.
func Scheme(c *config.Config) string {
	if c.TLS.Enabled() {
		return "https://"
	}
	return "http://"
}

// hostOf is the host of an address, without port.
func hostOf(address string) string {
	u, err := url.Parse(address)
	if err != nil {
		return ""
	}
	return u.Hostname()
}

// server prepares to serve on an open listener, with TLS where the settings have a certificate;
// open does it.
func (a *App) server(handler http.Handler, listener net.Listener) (server *http.Server, open func() error, err error) {
	limiter := a.connLimiter()
	server = &http.Server{
		Handler: handler, ReadHeaderTimeout: headerTime, ReadTimeout: requestTime, WriteTimeout: answerTime, IdleTimeout: idleTime,
		MaxHeaderBytes: maxHeaderBytes, ErrorLog: slog.NewLogLogger(a.Logger.Handler(), slog.LevelWarn), ConnState: limiter.State,
		DisableGeneralOptionsHandler: true, // OPTIONS * is answered as everything else is
		HTTP2:                        &http.HTTP2Config{MaxConcurrentStreams: maxStreams, SendPingTimeout: idleTime, WriteByteTimeout: headerTime},
	}
	listener = limiter.Listen(listener)
	if !a.Settings.TLS.Enabled() {
		return server, func() error { return server.Serve(edge.Strict(listener, a.logAmbiguous)) }, nil
	}
	certificate, err := edge.NewCertificate(a.Settings.TLS.Reread, hostOf(a.address), time.Now, a.Logger)
	if err != nil {
		return nil, nil, err
	}
	server.TLSConfig = certificate.Config()
	secured := func() error {
		quiet := func(c net.Conn) { limiter.State(c, http.StateNew) }
		return server.Serve(edge.StrictTLS(listener, certificate.Config(), headerTime, quiet, a.logAmbiguous))
	}
	return server, secured, nil
}

// connLimiter bounds the connections, and says so in the log once a minute while it refuses any.
func (a *App) connLimiter() *edge.ConnLimiter {
	total := a.connections()
	a.warnOfFileLimit(context.Background())
	var said atomic.Int64
	full := func(of netip.Addr) {
		if now, last := time.Now().Unix(), said.Load(); now-last >= 60 && said.CompareAndSwap(last, now) {
			a.Logger.LogAttrs(context.Background(), slog.LevelWarn, "connections are refused: there are too many, in all or from one address",
				slog.String("remote", of.String()), slog.Int("total", total), slog.Int("perAddress", a.Settings.Connections.PerAddress))
		}
	}
	return edge.NewConnLimiter(total, a.Settings.Connections.PerAddress, a.edge.Trusted, full)
}

// reservedFiles are those that the process needs beside connections to itself: to Tableau above
// all.
const reservedFiles = 2*maxIdleConns + 64
