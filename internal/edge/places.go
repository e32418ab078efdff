package edge

import (
	"container/list"
	"net"
	"net/http"
	"net/netip"
	"sync"
)

// Places bounds how many connections there are, in all and from one address. Where all places are taken, the connection that has
// been quiet for longest makes room: one that waits for its next request, or has not sent its first. So whoever only holds
// connections open keeps nobody out.
type Places struct {
	most, mostOfOne int
	exempt          func(netip.Addr) bool
	full            func(of netip.Addr)

	mu    sync.Mutex
	total int
	of    map[netip.Prefix]int
	quiet list.List // of *place, the longest quiet first
}

// NewPlaces bounds connections to most, and those from one network that is not exempt to mostOfOne. full is told of each connection
// that was refused, or made to go, and must be quick.
func NewPlaces(most, mostOfOne int, exempt func(netip.Addr) bool, full func(of netip.Addr)) *Places {
	return &Places{most: most, mostOfOne: mostOfOne, exempt: exempt, full: full, of: map[netip.Prefix]int{}}
}

// Listen has a listener keep to the places. [Places.State] must be the server's ConnState.
func (p *Places) Listen(l net.Listener) net.Listener { return &placeListener{l, p} }

type placeListener struct {
	net.Listener
	places *Places
}

// Accept waits for a connection that finds a place.
func (l *placeListener) Accept() (net.Conn, error) {
	for {
		c, err := l.Listener.Accept()
		if err != nil {
			return nil, err
		}
		if taken := l.places.take(c); taken != nil {
			return taken, nil
		}
		_ = c.Close()
	}
}

// place is one connection.
type place struct {
	net.Conn
	places  *Places
	network netip.Prefix
	waiting *list.Element // in quiet; nil while a request is under way
	gone    bool
}

// take gives a connection its place; nil where there is none for it.
func (p *Places) take(c net.Conn) net.Conn {
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

func (p *Places) enter(c net.Conn, address netip.Addr) (taken, leaving *place) {
	p.mu.Lock()
	defer p.mu.Unlock()
	n := network(address)
	if p.of[n] >= p.mostOfOne && !p.exempt(address) {
		return nil, nil
	}
	if p.total >= p.most {
		first := p.quiet.Front()
		if first == nil {
			return nil, nil
		}
		leaving = first.Value.(*place)
		p.leave(leaving)
	}
	p.total++
	p.of[n]++
	return &place{Conn: c, places: p, network: n}, leaving
}

// leave frees a place. The caller holds the lock.
func (p *Places) leave(c *place) {
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
func (p *Places) rest(c *place, quiet bool) {
	if c.waiting != nil {
		p.quiet.Remove(c.waiting)
		c.waiting = nil
	}
	if quiet && !c.gone {
		c.waiting = p.quiet.PushBack(c)
	}
}

// Close frees the place.
func (c *place) Close() error {
	c.places.mu.Lock()
	c.places.leave(c)
	c.places.mu.Unlock()
	return c.Conn.Close()
}

// State is told by the server what a connection does. A connection is new until the whole header of its first request was read, so
// who sends that slowly is quiet too.
func (p *Places) State(c net.Conn, state http.ConnState) {
	for { // below TLS, or what looks into the bytes
		wrapped, ok := c.(interface{ NetConn() net.Conn })
		if !ok {
			break
		}
		c = wrapped.NetConn()
	}
	place, ok := c.(*place)
	if !ok {
		return
	}
	p.mu.Lock()
	defer p.mu.Unlock()
	p.rest(place, state == http.StateNew || state == http.StateIdle)
}
