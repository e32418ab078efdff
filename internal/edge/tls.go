package edge

import (
	"context"
	"crypto/tls"
	"errors"
	"net"
	"sync"
	"time"
)

// StrictTLS serves TLS on a listener, and looks at the bytes of HTTP/1 within as [Strict] does.
// Connections that speak HTTP/2, whose framing leaves no doubt, are handed on as *tls.Conn, which
// is what net/http serves HTTP/2 on. A handshake has as long as timeout; quiet is called with each
// connection whose handshake begins. One that fails is handed on too: net/http logs and answers it.
func StrictTLS(l net.Listener, config *tls.Config, timeout time.Duration, quiet func(net.Conn), refused func(remote net.Addr)) net.Listener {
	ctx, cancel := context.WithCancel(context.Background())
	s := &tlsListener{
		Listener: l, config: config, timeout: timeout, quiet: quiet, refused: refused,
		ctx: ctx, cancel: cancel, ready: make(chan net.Conn), broken: make(chan error),
	}
	go s.run()
	return s
}

type tlsListener struct {
	net.Listener
	config  *tls.Config
	timeout time.Duration
	quiet   func(net.Conn)
	refused func(net.Addr)

	ctx    context.Context //nolint:containedctx // the listener's life
	cancel context.CancelFunc
	ready  chan net.Conn
	broken chan error
	shakes sync.WaitGroup
}

// run accepts connections until the listener ends. Handshakes run beside each other: nobody waits
// for a slow one.
func (l *tlsListener) run() {
	for {
		c, err := l.Listener.Accept()
		if err != nil {
			select {
			case l.broken <- err:
			case <-l.ctx.Done():
				return
			}
			var passing interface{ Temporary() bool }
			if errors.As(err, &passing) && passing.Temporary() {
				continue // net/http waits before it accepts again
			}
			return
		}
		l.quiet(c)
		l.shakes.Go(func() { l.shake(c) })
	}
}

func (l *tlsListener) shake(c net.Conn) {
	secured := tls.Server(c, l.config)
	ctx, cancel := context.WithTimeout(l.ctx, l.timeout)
	defer cancel()
	var ready net.Conn = secured
	if secured.HandshakeContext(ctx) == nil && secured.ConnectionState().NegotiatedProtocol != "h2" {
		ready = &strictConn{Conn: secured, refused: l.refused}
	}
	select {
	case l.ready <- ready:
	case <-l.ctx.Done():
		_ = c.Close()
	}
}

// Accept returns a connection whose handshake is done.
func (l *tlsListener) Accept() (net.Conn, error) {
	select {
	case c := <-l.ready:
		return c, nil
	case err := <-l.broken:
		return nil, err
	case <-l.ctx.Done():
		return nil, net.ErrClosed
	}
}

// Close ends the listener, and the handshakes under way.
func (l *tlsListener) Close() error {
	l.cancel()
	err := l.Listener.Close()
	l.shakes.Wait()
	return err
}
