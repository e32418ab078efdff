package edge

import (
	"container/list"
	"net"
	"net/http"
	"net/netip"
	"sync"
)

// ConnLimiter bounds how many connections there are, in all and from one address. Where all places
// are taken, the connection that has been quiet for longest makes room: one that waits for its next
// request, or has not sent its first. So anyone who only holds connections open keeps nobody out.
type ConnLimiter struct {
	maxConns, maxPerNetwork int
	exempt                  func(netip.Addr) bool
	full                    func(of netip.Addr)

	mu    sync.Mutex
	total int
	of    map[netip.Prefix]int
	quiet list.List // of *limitedConn, the longest quiet first
}

// NewConnLimiter bounds connections to maxConns, and those from one network that is not exempt to
// maxPerNetwork. full is called with each connection that was refused or closed, and must be quick.
func NewConnLimiter(maxConns, maxPerNetwork int, exempt func(netip.Addr) bool, full func(of netip.Addr)) *ConnLimiter {
	return &ConnLimiter{maxConns: maxConns, maxPerNetwork: maxPerNetwork, exempt: exempt, full: full, of: map[netip.Prefix]int{}}
}

// Listen returns a listener that keeps to the limits. [ConnLimiter.State] must be the server's
// ConnState.
func (p *ConnLimiter) Listen(l net.Listener) net.Listener { return &limitedListener{l, p} }

type limitedListener struct {
	net.Listener
	limiter *ConnLimiter
}

// Accept waits for a connection that finds a place.
func (l *limitedListener) Accept() (net.Conn, error) {
	for {
		c, err := l.Listener.Accept()
		if err != nil {
			return nil, err
		}
		if taken := l.limiter.take(c); taken != nil {
			return taken, nil
		}
		_ = c.Close()
	}
}

// limitedConn is one connection.
type limitedConn struct {
	net.Conn
	limiter *ConnLimiter
	network netip.Prefix
	waiting *list.Element // in quiet; nil while a request is under way
	gone    bool
}

// take gives a connection its place; nil if no place is free.
func (p *ConnLimiter) take(c net.Conn) net.Conn {
	address, _ := addressOf(c.RemoteAddr().String())
	taken, leaving := p.enter(c, address)
	if leaving != nil {
		_ = leaving.Close()
	}
	if taken == nil || leaving != nil {
		p.full(address)
	}
	if taken == nil {
		return nil
	}
	return taken
}

func (p *ConnLimiter) enter(c net.Conn, address netip.Addr) (taken, leaving *limitedConn) {
	p.mu.Lock()
	defer p.mu.Unlock()
	n := network(address)
	if p.of[n] >= p.maxPerNetwork && !p.exempt(address) {
		return nil, nil
	}
	if p.total >= p.maxConns {
		first := p.quiet.Front()
		if first == nil {
			return nil, nil
		}
		leaving = first.Value.(*limitedConn)
		p.leave(leaving)
	}
	p.total++
	p.of[n]++
	return &limitedConn{Conn: c, limiter: p, network: n}, leaving
}

// leave frees a place. The caller holds the lock.
func (p *ConnLimiter) leave(c *limitedConn) {
	if c.gone {
		return
	}
	c.gone = true
	p.rest(c, false)
	p.total--
	if p.of[c.network]--; p.of[c.network] == 0 {
		delete(p.of, c.network)
	}
}

// rest notes whether a connection is quiet. The caller holds the lock.
func (p *ConnLimiter) rest(c *limitedConn, quiet bool) {
	if c.waiting != nil {
		p.quiet.Remove(c.waiting)
		c.waiting = nil
	}
	if quiet && !c.gone {
		c.waiting = p.quiet.PushBack(c)
	}
}

// Close frees the place.
func (c *limitedConn) Close() error {
	c.limiter.mu.Lock()
	c.limiter.leave(c)
	c.limiter.mu.Unlock()
	return c.Conn.Close()
}

// State is called by the server when a connection changes its state. A connection is new until the
// whole header of its first request was read, so who sends that slowly is quiet too.
func (p *ConnLimiter) State(c net.Conn, state http.ConnState) {
	for { // below TLS, or what looks into the bytes
		wrapped, ok := c.(interface{ NetConn() net.Conn })
		if !ok {
			break
		}
		c = wrapped.NetConn()
	}
	place, ok := c.(*limitedConn)
	if !ok {
		return
	}
	p.mu.Lock()
	defer p.mu.Unlock()
	p.rest(place, state == http.StateNew || state == http.StateIdle)
}
