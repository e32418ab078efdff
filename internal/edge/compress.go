package edge

import (
	"bytes"
	"io"
	"mime"
	"net/http"
	"strconv"
	"strings"
	"sync"

	"github.com/klauspost/compress/gzip"
	"github.com/klauspost/compress/zstd"
)

// minCompressed is the least answer that is worth it: a smaller one fits into one packet as it is.
const minCompressed = 1400

// Compress sends what next answers in zstd or gzip, whichever the client prefers, where that saves
// something: texts of a known length, not too small. Where the client has no preference, browsers
// get zstd and everything else gets gzip: see [chosen]. It is for handlers whose answers hold no
// secret beside what a stranger chose (BREACH): only who has the token can have them asked, since
// nothing that a browser sends by itself opens anything here.
func Compress(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		w.Header().Add("Vary", "Accept-Encoding, "+fromBrowser)
		coding := chosen(r.Header.Values("Accept-Encoding"), r.Header.Get(fromBrowser) != "")
		if coding == "" {
			next.ServeHTTP(w, r)
			return
		}
		c := &compressor{ResponseWriter: w, coding: coding, bodiless: r.Method == http.MethodHead}
		next.ServeHTTP(c, r)
		c.close() // not where next panics: an answer that is cut has to be recognizable
	})
}

// compressor compresses once the header says that it is worth it.
type compressor struct {
	http.ResponseWriter
	coding   string
	bodiless bool
	begun    bool
	encoder  encoder
}

type encoder interface {
	io.WriteCloser
	Reset(io.Writer)
}

var pools = map[string]*sync.Pool{
	"gzip": {New: func() any {
		e, _ := gzip.NewWriterLevel(nil, gzip.BestSpeed) // the level is one
		return e
	}},
	"zstd": {New: func() any {
		e, _ := zstd.NewWriter(nil, zstd.WithEncoderLevel(zstd.SpeedFastest), zstd.WithEncoderConcurrency(1),
			zstd.WithLowerEncoderMem(true), zstd.WithWindowSize(512<<10)) // the options fit together
		return e
	}},
}

// WriteHeader decides.
func (c *compressor) WriteHeader(status int) {
	if !c.begun && status >= http.StatusOK {
		c.begun = true
		if h := c.Header(); status != http.StatusNoContent && status != http.StatusNotModified && worthIt(h) {
			h.Del("Content-Length")
			h.Set("Content-Encoding", c.coding)
			if !c.bodiless {
				c.encoder = pools[c.coding].Get().(encoder)
				c.encoder.Reset(c.ResponseWriter)
			}
		}
	}
	c.ResponseWriter.WriteHeader(status)
}

func worthIt(h http.Header) bool {
	if h.Get("Content-Encoding") != "" { // the handler did it
		return false
	}
	n, err := strconv.Atoi(h.Get("Content-Length"))
	media, _, _ := mime.ParseMediaType(h.Get("Content-Type"))
	text := strings.HasPrefix(media, "text/") || strings.HasSuffix(media, "json")
	return err == nil && n >= minCompressed && text && h.Get("Content-Range") == ""
}

// Write compresses, or does not.
func (c *compressor) Write(p []byte) (int, error) {
	if !c.begun {
		c.WriteHeader(http.StatusOK)
	}
	if c.encoder != nil {
		return c.encoder.Write(p)
	}
	return c.ResponseWriter.Write(p)
}

func (c *compressor) close() {
	if c.encoder == nil {
		return
	}
	_ = c.encoder.Close()       // the client may be gone
	c.encoder.Reset(io.Discard) // it must not keep the connection
	pools[c.coding].Put(c.encoder)
}

// Coding is what an answer of a size is compressed in; empty where that is not worth it. A handler
// that has a whole answer may compress it by itself, with Encode, and say so in Content-Encoding.
func (c *compressor) Coding(size int) string {
	if size < minCompressed {
		return ""
	}
	return c.coding
}

// Encode compresses a whole answer in the coding.
func (c *compressor) Encode(p []byte) []byte {
	var out bytes.Buffer
	e := pools[c.coding].Get().(encoder)
	e.Reset(&out)
	_, _ = e.Write(p) // a buffer takes everything
	_ = e.Close()
	e.Reset(io.Discard)
	pools[c.coding].Put(e)
	return bytes.Clone(out.Bytes())
}

// Unwrap returns the writer below, for [http.ResponseController].
func (c *compressor) Unwrap() http.ResponseWriter { return c.ResponseWriter }

// fromBrowser is a request header that browsers alone send. Node's fetch sends Sec-Fetch-Mode, but
// not this one.
const fromBrowser = "Sec-Fetch-Site"

// chosen returns the coding that a client prefers among ours (RFC 9110, 12.5.3), or "" for none. If
// two have the same weight, browsers get zstd, which is smaller and faster. Other clients get gzip:
// some announce the codings that their library knows, and zstd only works where the runtime below
// has it (graphql-codegen on Node before 22.15).
func chosen(accept []string, browser bool) string {
	if len(accept) == 1 {
		switch accept[0] { // as most clients send it
		case "gzip", "gzip, deflate", "gzip, deflate, br":
			return "gzip"
		case "gzip, deflate, br, zstd":
			if browser {
				return "zstd"
			}
			return "gzip"
		}
	}
	weights := map[string]float64{}
	for part := range strings.SplitSeq(strings.Join(accept, ","), ",") {
		coding, parameters, _ := strings.Cut(part, ";")
		coding = strings.ToLower(strings.TrimSpace(coding))
		if coding != "" {
			weights[coding] = weight(parameters)
		}
	}
	codings := []string{"gzip", "zstd"}
	if browser {
		codings = []string{"zstd", "gzip"}
	}
	best, bestWeight := "", 0.0
	for _, coding := range codings {
		q, named := weights[coding]
		if !named {
			q = weights["*"]
		}
		if q > bestWeight {
			best, bestWeight = coding, q
		}
	}
	if identity, named := weights["identity"]; named && identity > bestWeight {
		return ""
	}
	return best
}

// weight reads the parameter q; absent it is 1, unreadable it is 0.
func weight(parameters string) float64 {
	name, value, found := strings.Cut(parameters, "=")
	if !found {
		return 1
	}
	q, err := strconv.ParseFloat(strings.TrimSpace(value), 64)
	if err != nil || !strings.EqualFold(strings.TrimSpace(name), "q") || !(q >= 0 && q <= 1) {
		return 0
	}
	return q
}
