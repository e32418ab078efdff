package edge

import (
	"bytes"
	"errors"
	"net"
	"strings"
)

// errFraming is the reason why a connection is answered with 400 and closed: net/http answers so
// whatever error Read returns that is not one of the network.
var errFraming = errors.New("edge: two readers of this connection could disagree where a request ends")

// Strict has each connection of a listener refuse requests whose end two readers could find in
// different places (request smuggling; RFC 9112, 2.2, 5.2, 6.1 and 6.3). net/http accepts some of
// them, and removes what would show it: it drops a Content-Length beside a Transfer-Encoding,
// ignores a Transfer-Encoding of HTTP/1.0, merges equal Content-Lengths, joins folded lines and
// takes a bare line feed for the end of a line. So the bytes of the header are looked at before
// net/http reads them.
//
// refused is called with the address of each connection that is refused: net/http answers 400
// without calling a handler.
func Strict(l net.Listener, refused func(remote net.Addr)) net.Listener {
	return strictListener{l, refused}
}

type strictListener struct {
	net.Listener
	refused func(net.Addr)
}

// Accept returns a connection that checks what it reads.
func (l strictListener) Accept() (net.Conn, error) {
	c, err := l.Listener.Accept()
	if err != nil {
		return nil, err
	}
	return &strictConn{Conn: c, refused: l.refused}, nil
}

type strictConn struct {
	net.Conn
	refused func(net.Addr)
	framing framing
	err     error
}

// Read returns what the client sent, up to the first request that is ambiguous.
func (c *strictConn) Read(p []byte) (int, error) {
	if c.err != nil {
		return 0, c.err
	}
	n, err := c.Conn.Read(p)
	if good := c.framing.scan(p[:n]); good < n {
		c.err = errFraming
		c.refused(c.RemoteAddr())
		if good == 0 {
			return 0, c.err
		}
		return good, nil
	}
	return n, err
}

// NetConn returns the connection below, as [crypto/tls.Conn.NetConn] does.
func (c *strictConn) NetConn() net.Conn { return c.Conn }

// framing follows the requests of one connection of HTTP/1: which bytes are header and which are
// body.
type framing struct {
	body  uint64  // bytes of the body that have not come yet
	size  uint64  // of the body, by this header
	last  bool    // nothing behind this header is looked at: the connection is closed after the request
	line  []byte  // the first bytes of a line of the header
	long  bool    // the line has more bytes than that
	tail  [9]byte // the last bytes of the line
	prev  byte    // the byte before
	lines int     // of this header, the request line included
	old   bool    // the request is of HTTP/1.0

	lengths, codings int // lines with Content-Length, and with Transfer-Encoding
}

// maxLine is how many bytes of a line are kept: more than a length or an encoding needs.
const maxLine = 256

// scan looks at further bytes and returns how many of them may be read.
func (f *framing) scan(p []byte) (good int) {
	for i := 0; i < len(p); {
		switch {
		case f.last:
			return len(p)
		case f.body > 0:
			n := min(f.body, uint64(len(p)-i))
			f.body -= n
			i += int(n)
		case f.prev == '\r' || p[i] == '\r' || p[i] == '\n':
			if !f.header(p[i]) {
				return i
			}
			i++
		default:
			n := len(p) - i
			if end := bytes.IndexByte(p[i:], '\r'); end >= 0 {
				n = end
			}
			if bare := bytes.IndexByte(p[i:i+n], '\n'); bare >= 0 {
				return i + bare
			}
			f.text(p[i : i+n])
			i += n
		}
	}
	return len(p)
}

// text takes bytes of a line that do not end it.
func (f *framing) text(p []byte) {
	f.prev = p[len(p)-1]
	kept := min(len(p), maxLine-len(f.line))
	f.line = append(f.line, p[:kept]...)
	f.long = f.long || kept < len(p)
	if over := len(f.tail) - len(p); over > 0 {
		copy(f.tail[:], f.tail[len(p):])
		copy(f.tail[over:], p)
	} else {
		copy(f.tail[:], p[-over:])
	}
}

// header takes a byte at the end of a line, or the one behind a carriage return, and reports whether
// the header is still good.
func (f *framing) header(b byte) bool {
	prev := f.prev
	f.prev = b
	if b == '\n' && prev == '\r' {
		f.prev = 0
		return f.endOfLine()
	}
	return b == '\r' && prev != '\r' // else one of the two without the other
}

func (f *framing) endOfLine() bool {
	line, long := f.line, f.long
	f.line, f.long = f.line[:0], false
	f.lines++
	switch {
	case f.lines == 1:
		f.old = string(f.tail[:]) == " HTTP/1.0"
		return len(line) > 0
	case len(line) == 0:
		return f.endOfHeader()
	case line[0] == ' ' || line[0] == '\t':
		return false // a folded line
	}
	name, value, _ := bytes.Cut(line, []byte(":"))
	switch {
	case bytes.EqualFold(name, []byte("content-length")):
		f.lengths++
		n, ok := length(string(bytes.Trim(value, " \t")))
		f.size = n
		return ok && !long && f.lengths == 1
	case bytes.EqualFold(name, []byte("transfer-encoding")):
		f.codings++
		return bytes.EqualFold(bytes.Trim(value, " \t"), []byte("chunked")) && !long && f.codings == 1
	}
	return true
}

// endOfHeader decides on the header and begins again. A chunked request is the last of its
// connection: [Edge.Guard] sees to that.
func (f *framing) endOfHeader() bool {
	good := f.codings == 0 || f.lengths == 0 && !f.old
	*f = framing{body: f.size, last: f.codings > 0, line: f.line}
	return good
}

// length reads digits alone: no sign, no list, and less than an int64 holds.
func length(text string) (n uint64, ok bool) {
	if text == "" || len(text) > 18 || strings.Trim(text, "0123456789") != "" {
		return 0, false
	}
	for _, digit := range []byte(text) {
		n = n*10 + uint64(digit-'0')
	}
	return n, true
}
