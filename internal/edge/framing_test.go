package edge_test

import (
	"bufio"
	"fmt"
	"io"
	"net"
	"net/http"
	"strings"
	"testing"

	"pgregory.net/rapid"

	"vitrine/internal/edge"
)

// memoryConn hands out bytes in pieces of a size, and takes answers.
type memoryConn struct {
	net.Conn
	in    io.Reader
	piece int
}

func (c *memoryConn) Read(p []byte) (int, error) { return c.in.Read(p[:min(len(p), c.piece)]) }

func (*memoryConn) RemoteAddr() net.Addr { return &net.TCPAddr{} }

// oneConn is a listener with one connection.
type oneConn struct {
	net.Listener
	conn net.Conn
}

func (l oneConn) Accept() (net.Conn, error) { return l.conn, nil }

// strict reads a text through the check of framing, and returns what came through.
func strict(text string, piece int) (through string, refused bool) {
	reported := 0
	c, _ := edge.Strict(oneConn{conn: &memoryConn{in: strings.NewReader(text), piece: piece}}, func(net.Addr) { reported++ }).Accept()
	b, err := io.ReadAll(c)
	if _, again := c.Read(make([]byte, 1)); err != nil && (again == nil || reported != 1) || err == nil && reported != 0 {
		panic(fmt.Sprintf("%d refusals were reported, with error %v", reported, err))
	}
	return string(b), err != nil
}

func TestAmbiguousFramingIsNotRead(t *testing.T) {
	t.Parallel()
	const get = "GET / HTTP/1.1\r\nHost: a\r\n\r\n"
	post := func(lines string) string { return "POST / HTTP/1.1\r\nHost: a\r\n" + lines + "\r\n" }
	for name, c := range map[string]struct {
		text string
		good bool
	}{
		"no body":                        {get + get, true},
		"a length":                       {post("Content-Length: 5\r\n") + "a\nb\rc" + get, true},
		"a length of nothing":            {post("content-length:0\r\n") + get, true},
		"a length with blanks":           {post("Content-Length: \t5 \r\n") + "12345" + get, true},
		"chunks, and whatever":           {post("transfer-encoding: Chunked\r\n") + "1\r\na\r\n0\r\n\r\n\n", true},
		"a long line":                    {post("X: "+strings.Repeat("x", 5000)+"\r\nContent-Length: 1\r\n") + "\n" + get, true},
		"version 1.0":                    {"GET / HTTP/1.0\r\n\r\n" + get, true},
		"length beside chunks":           {post("Content-Length: 5\r\nTransfer-Encoding: chunked\r\n"), false},
		"chunks beside length":           {post("Transfer-Encoding: chunked\r\nContent-Length: 5\r\n"), false},
		"chunks beside a length of 0":    {post("Transfer-Encoding: chunked\r\nX: y\r\ncontent-length:0\r\n"), false},
		"identity":                       {post("Transfer-Encoding: identity\r\n"), false},
		"identity beside length":         {post("Transfer-Encoding: identity\r\nContent-Length: 5\r\n"), false},
		"chunks twice in a line":         {post("Transfer-Encoding: chunked, chunked\r\n"), false},
		"chunks on two lines":            {post("Transfer-Encoding: chunked\r\nTransfer-Encoding: chunked\r\n"), false},
		"an encoding of no name":         {post("Transfer-Encoding:\r\n"), false},
		"gzip":                           {post("Transfer-Encoding: gzip, chunked\r\n"), false},
		"two lengths":                    {post("Content-Length: 5\r\nContent-Length: 6\r\n"), false},
		"the same length twice":          {post("Content-Length: 5\r\nContent-Length: 5\r\n"), false},
		"the same length in a list":      {post("Content-Length: 5, 5\r\n"), false},
		"a sign":                         {post("Content-Length: +5\r\n"), false},
		"a length below nothing":         {post("Content-Length: -5\r\n"), false},
		"hexadecimal":                    {post("Content-Length: 0x5\r\n"), false},
		"no length":                      {post("Content-Length:\r\n"), false},
		"a length without end":           {post("Content-Length: " + strings.Repeat("0", 400) + "5\r\n"), false},
		"a length of 20 digits":          {post("Content-Length: 18446744073709551616\r\n"), false},
		"version 1.0 with chunks":        {"POST / HTTP/1.0\r\nTransfer-Encoding: chunked\r\n\r\n", false},
		"version 1.0 with both":          {"POST / HTTP/1.0\r\nContent-Length: 5\r\nTransfer-Encoding: chunked\r\n\r\n", false},
		"version 1.0 behind much":        {"POST /" + strings.Repeat("x", 4000) + " HTTP/1.0\r\nTransfer-Encoding: chunked\r\n\r\n", false},
		"a folded line":                  {post("X: y\r\n z\r\n"), false},
		"a folded length":                {post("X: y\r\n\tContent-Length: 5\r\n"), false},
		"a folded encoding":              {post("Transfer-Encoding:\r\n chunked\r\n"), false},
		"a line feed alone":              {"GET / HTTP/1.1\r\nHost: a\nX: y\r\n\r\n", false},
		"a line feed behind the request": {"GET / HTTP/1.1\nHost: a\r\n\r\n", false},
		"a line feed at the end":         {"GET / HTTP/1.1\r\nHost: a\r\n\n", false},
		"a carriage return alone":        {"GET / HTTP/1.1\r\nHost: a\rX: y\r\n\r\n", false},
		"two carriage returns":           {"GET / HTTP/1.1\r\nHost: a\r\r\n\r\n", false},
		"an empty line before":           {"\r\n" + get, false},
		"the second is bad":              {post("Content-Length: 1\r\n") + "x" + post("Content-Length: 1\r\nTransfer-Encoding: chunked\r\n"), false},
	} {
		for _, piece := range []int{1, 7, 1 << 20} {
			through, refused := strict(c.text, piece)
			if refused == c.good || c.good && through != c.text || !strings.HasPrefix(c.text, through) || !c.good && len(through) == len(c.text) {
				t.Errorf("%s, in pieces of %d: refused %t, %q", name, piece, refused, through)
			}
		}
	}
}

// Requests that net/http writes come through whole, however they arrive.
func TestPropertyCleanRequestsComeThrough(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		var text strings.Builder
		bodies := rapid.SliceOfN(rapid.String(), 0, 5).Draw(t, "bodies")
		for _, body := range bodies {
			r, err := http.NewRequest(http.MethodPost, "http://a/"+rapid.StringMatching(`[a-z]{0,20}`).Draw(t, "path"), strings.NewReader(body)) //nolint:noctx // it is only written
			if err != nil {
				t.Fatal(err)
			}
			r.Header.Set("X-Any", rapid.StringMatching(`[ -~]{0,300}`).Draw(t, "header"))
			if err := r.Write(&text); err != nil {
				t.Fatal(err)
			}
		}
		through, refused := strict(text.String(), rapid.IntRange(1, 50).Draw(t, "piece"))
		if refused || through != text.String() {
			t.Fatalf("refused %t: %q of %q", refused, through, text.String())
		}
		read := bufio.NewReader(strings.NewReader(through))
		for range bodies {
			r, err := http.ReadRequest(read)
			if err != nil {
				t.Fatal(err)
			}
			_, _ = io.ReadAll(r.Body)
		}
	})
}
