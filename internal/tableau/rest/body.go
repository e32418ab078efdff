package rest

import (
	"bufio"
	"bytes"
	"compress/gzip"
	"io"
	"net/http"
	"strings"
	"sync"
)

// maxAhead bounds how much room is made for a body because its header says that it will be so long,
// and how large a buffer is kept for the next body.
const maxAhead = 4 << 20

// bodies holds buffers for the bodies of answers. Nothing that was decoded refers to its body, so
// the next answer may overwrite it.
var bodies = sync.Pool{New: func() any { return new(bytes.Buffer) }}

// keepBody gives a buffer back that nobody reads any more.
func keepBody(b *bytes.Buffer) {
	if b.Cap() <= maxAhead {
		b.Reset()
		bodies.Put(b)
	}
}

// readBody reads up to most bytes, without the gzip that build asks for. A page of a thousand items
// is most of a megabyte: room for it is made once.
func readBody(b *bytes.Buffer, res *http.Response, most int64) error {
	b.Grow(int(min(max(res.ContentLength, 0), maxAhead)) + bytes.MinRead)
	body := io.Reader(res.Body)
	if strings.EqualFold(res.Header.Get("Content-Encoding"), "gzip") {
		res.Header.Del("Content-Encoding")
		z := unzippers.Get().(*unzipper)
		defer z.keep()
		err := z.open(res.Body)
		if err == io.EOF { //nolint:errorlint // gzip gives it as it is, for a body without a byte
			return nil
		}
		if err != nil {
			return err
		}
		body = &z.gzip
	}
	_, err := b.ReadFrom(io.LimitReader(body, most))
	return err
}

// unzipper undoes gzip. It is kept because one has 40 kB, which net/http allocates for each answer.
type unzipper struct {
	from bufio.Reader
	gzip gzip.Reader
}

var unzippers = sync.Pool{New: func() any { return new(unzipper) }}

func (z *unzipper) open(body io.Reader) error {
	z.from.Reset(body)
	return z.gzip.Reset(&z.from)
}

func (z *unzipper) keep() {
	z.from.Reset(nil)
	unzippers.Put(z)
}
