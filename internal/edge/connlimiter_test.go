package edge_test

import (
	"context"
	"io"
	"net"
	"net/http"
	"net/netip"
	"strings"
	"sync/atomic"
	"testing"

	"vitrine/internal/edge"
)

// room is a server with few places.
type room struct {
	address string
	refused atomic.Int64
	hold    chan struct{} // /held answers when it is closed
	inside  chan struct{} // receives once for each /held
	states  chan http.ConnState
}

func newRoom(t *testing.T, maxConns, maxPerNetwork int, exempt bool) *room {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	r := &room{address: l.Addr().String(), hold: make(chan struct{}), inside: make(chan struct{}, 100), states: make(chan http.ConnState, 1000)}
	limiter := edge.NewConnLimiter(maxConns, maxPerNetwork, func(netip.Addr) bool { return exempt }, func(netip.Addr) { r.refused.Add(1) })
	server := &http.Server{
		ConnState: func(c net.Conn, s http.ConnState) {
			limiter.State(c, s)
			r.states <- s
		},
		Handler: http.HandlerFunc(func(w http.ResponseWriter, q *http.Request) {
			if q.URL.Path == "/held" {
				r.inside <- struct{}{}
				<-r.hold
			}
			_, _ = io.WriteString(w, "ok")
		}),
	}
	go func() { _ = server.Serve(limiter.Listen(l)) }()
	t.Cleanup(func() { _ = server.Close() })
	return r
}

// connect opens a connection and waits until the server has it, or has refused it.
func (r *room) connect(t *testing.T) net.Conn {
	t.Helper()
	before := r.refused.Load()
	var d net.Dialer
	c, err := d.DialContext(context.Background(), "tcp", r.address)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = c.Close() })
	for {
		select {
		case s := <-r.states:
			if s == http.StateNew {
				return c
			}
		default:
			if r.refused.Load() > before {
				return c
			}
		}
	}
}

func (r *room) ask(t *testing.T, c net.Conn, path string) {
	t.Helper()
	if _, err := io.WriteString(c, "GET "+path+" HTTP/1.1\r\nHost: x\r\n\r\n"); err != nil {
		t.Fatal(err)
	}
}

// alive says whether a connection gets an answer.
func alive(c net.Conn) bool {
	_, _ = io.WriteString(c, "GET / HTTP/1.1\r\nHost: x\r\n\r\n")
	b := make([]byte, 15)
	_, err := io.ReadFull(c, b)
	return err == nil && strings.HasPrefix(string(b), "HTTP/1.1 200")
}

func TestQuietestConnectionMakesRoom(t *testing.T) {
	t.Parallel()
	r := newRoom(t, 3, 100, false)
	first, busy, third := r.connect(t), r.connect(t), r.connect(t)
	r.ask(t, busy, "/held")
	<-r.inside
	fourth := r.connect(t) // the first has been quiet for longest
	if _, err := first.Read(make([]byte, 1)); err == nil {
		t.Error("the connection that was quiet for longest was not closed")
	}
	close(r.hold)
	for name, c := range map[string]net.Conn{"busy": busy, "third": third, "fourth": fourth} {
		if !alive(c) {
			t.Errorf("the %s connection is gone", name)
		}
	}
}

func TestBusyConnectionsAreNotEndedForOthers(t *testing.T) {
	t.Parallel()
	r := newRoom(t, 2, 100, false)
	busy := []net.Conn{r.connect(t), r.connect(t)}
	for _, c := range busy {
		r.ask(t, c, "/held")
		<-r.inside
	}
	if late := r.connect(t); alive(late) || r.refused.Load() != 1 {
		t.Errorf("one too many was let in; %d were refused", r.refused.Load())
	}
	close(r.hold)
	for _, c := range busy {
		if !alive(c) {
			t.Error("a busy connection was ended")
		}
		_ = c.Close()
	}
}

func TestOneAddressGetsItsShareOnly(t *testing.T) {
	t.Parallel()
	for _, exempt := range []bool{false, true} {
		r := newRoom(t, 100, 2, exempt)
		a, b, c := r.connect(t), r.connect(t), r.connect(t)
		if alive(c) != exempt || !alive(a) || !alive(b) {
			t.Errorf("exempt %t: the third connection of one address", exempt)
		}
		_ = a.Close()
		for s := range r.states {
			if s == http.StateClosed {
				break
			}
		}
		if d := r.connect(t); !alive(d) {
			t.Errorf("exempt %t: a place that was left is not given again", exempt)
		}
	}
}
