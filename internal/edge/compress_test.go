package edge_test

import (
	"bytes"
	"io"
	"net/http"
	"net/http/httptest"
	"strconv"
	"strings"
	"testing"

	"github.com/klauspost/compress/gzip"
	"github.com/klauspost/compress/zstd"

	"vitrine/internal/edge"
)

func TestCodingIsWhatTheClientLikesBest(t *testing.T) {
	t.Parallel()
	for accept, want := range map[string]string{
		"": "", "gzip": "gzip", "zstd": "zstd", "gzip, deflate, br, zstd": "gzip", "gzip;q=1, zstd;q=0.5": "gzip", "gzip;q=0.5, zstd": "zstd", "br": "", "*": "gzip", "*;q=0": "",
		"zstd;q=0, *": "gzip", "gzip;q=0, zstd;q=0, *": "", "GZIP": "gzip", "gzip;q=0": "", "gzip;q=nan": "", "gzip;q=2": "", "identity, gzip;q=0.5": "",
		"identity;q=0, gzip": "gzip", "x-gzip": "", " , ,": "", "gzip ; q = 0.5": "gzip",
	} {
		if got := answered(t, http.Header{"Accept-Encoding": {accept}}, "application/json", 5000).Header().Get("Content-Encoding"); got != want {
			t.Errorf("%q: %q, want %q", accept, got, want)
		}
	}
}

func TestOnlyLargerTextsAreCompressed(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		media string
		size  int
		want  bool
	}{
		{"application/json; charset=utf-8", 5000, true},
		{"application/graphql-response+json; charset=utf-8", 5000, true},
		{"text/plain; charset=utf-8", 5000, true},
		{"application/json", 1400, true},
		{"application/json", 1399, false},
		{"application/json", 0, false},
		{"image/png", 5000, false},
		{"application/pdf", 5000, false},
		{"", 5000, false},
		{"application/json", -1, false}, // of unknown length: a stream
	} {
		w := answered(t, http.Header{"Accept-Encoding": {"gzip"}}, c.media, c.size)
		if got := w.Header().Get("Content-Encoding") == "gzip"; got != c.want {
			t.Errorf("%s of %d bytes: compressed %t", c.media, c.size, got)
		}
		if w.Header().Get("Vary") != "Accept-Encoding, Sec-Fetch-Site" {
			t.Errorf("%s of %d bytes: Vary %q", c.media, c.size, w.Header().Get("Vary"))
		}
	}
}

// Some clients announce codings that they cannot read. The headers are those that the clients send.
func TestClientsGetACodingThatTheyCanRead(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		client string
		header http.Header
		want   string
	}{
		{"graphql-codegen 7 on Node 20, which has no zstd", http.Header{"Accept-Encoding": {"gzip, deflate, br, zstd"}, "User-Agent": {"node"}}, "gzip"},
		{"fetch of Node 20", http.Header{"Accept-Encoding": {"gzip, deflate"}, "Sec-Fetch-Mode": {"cors"}, "User-Agent": {"node"}}, "gzip"},
		{"curl --compressed", http.Header{"Accept-Encoding": {"deflate, gzip, br, zstd"}}, "gzip"},
		{"curl", http.Header{}, ""},
		{"net/http of Go", http.Header{"Accept-Encoding": {"gzip"}}, "gzip"},
		{"Chromium, from another origin", http.Header{"Accept-Encoding": {"gzip, deflate, br, zstd"}, "Sec-Fetch-Site": {"cross-site"}, "Sec-Fetch-Mode": {"cors"}}, "zstd"},
		{"Chromium, from the playground", http.Header{"Accept-Encoding": {"gzip, deflate, br, zstd"}, "Sec-Fetch-Site": {"same-origin"}, "Sec-Fetch-Mode": {"cors"}}, "zstd"},
		{"a browser without zstd", http.Header{"Accept-Encoding": {"gzip, deflate, br"}, "Sec-Fetch-Site": {"same-site"}, "Sec-Fetch-Mode": {"cors"}}, "gzip"},
		{"a client that wants zstd alone", http.Header{"Accept-Encoding": {"zstd"}}, "zstd"},
	} {
		if got := answered(t, c.header, "application/graphql-response+json; charset=utf-8", 5000).Header().Get("Content-Encoding"); got != c.want {
			t.Errorf("%s: %q, want %q", c.client, got, c.want)
		}
	}
}

// answered has a text sent to a client with these request headers, and holds that it arrives as it
// was.
func answered(t *testing.T, header http.Header, media string, size int) *httptest.ResponseRecorder {
	t.Helper()
	text := strings.Repeat(`{"name":"Superstore"},`, 400)[:max(size, 0)]
	r := httptest.NewRequest(http.MethodGet, "/", nil)
	r.Header = header
	w := httptest.NewRecorder()
	edge.Compress(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		if media != "" {
			w.Header().Set("Content-Type", media)
		}
		if size >= 0 {
			w.Header().Set("Content-Length", strconv.Itoa(size))
		}
		for _, part := range []string{text[:len(text)/3], text[len(text)/3:]} {
			if _, err := io.WriteString(w, part); err != nil {
				t.Error(err)
			}
		}
	})).ServeHTTP(w, r)
	if got := decoded(t, w); got != text {
		t.Errorf("%v, %s: %d bytes arrive, want %d", header, media, len(got), len(text))
	}
	if n := w.Header().Get("Content-Length"); n != "" && n != strconv.Itoa(w.Body.Len()) {
		t.Errorf("%v, %s: Content-Length %s of %d bytes", header, media, n, w.Body.Len())
	}
	return w
}

func decoded(t *testing.T, w *httptest.ResponseRecorder) string {
	t.Helper()
	var r io.Reader = bytes.NewReader(w.Body.Bytes())
	var err error
	switch w.Header().Get("Content-Encoding") {
	case "gzip":
		r, err = gzip.NewReader(r)
	case "zstd":
		r, err = zstd.NewReader(r)
	}
	if err != nil {
		t.Fatal(err)
	}
	text, err := io.ReadAll(r)
	if err != nil {
		t.Fatal(err)
	}
	return string(text)
}

func TestAnswersWithoutABodyStayWithout(t *testing.T) {
	t.Parallel()
	for name, h := range map[string]http.HandlerFunc{
		"no content": func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(http.StatusNoContent) },
		"nothing":    func(http.ResponseWriter, *http.Request) {},
		"a head": func(w http.ResponseWriter, _ *http.Request) {
			w.Header().Set("Content-Type", "application/json")
			w.Header().Set("Content-Length", "5000")
			w.WriteHeader(http.StatusOK)
		},
		"compressed already": func(w http.ResponseWriter, _ *http.Request) {
			w.Header().Set("Content-Type", "text/css")
			w.Header().Set("Content-Encoding", "gzip")
			w.Header().Set("Content-Length", "5000")
			w.WriteHeader(http.StatusOK)
		},
	} {
		r := httptest.NewRequest(http.MethodHead, "/", nil)
		r.Header.Set("Accept-Encoding", "zstd")
		w := httptest.NewRecorder()
		if edge.Compress(h).ServeHTTP(w, r); w.Body.Len() > 0 {
			t.Errorf("%s: %d bytes", name, w.Body.Len())
		}
		if coding := w.Header().Get("Content-Encoding"); name == "compressed already" && coding != "gzip" {
			t.Errorf("%s: %s", name, coding)
		}
	}
}

func BenchmarkCompress(b *testing.B) {
	text := []byte(strings.Repeat(`{"name":"Superstore","luid":"5d9b1b4e"},`, 1200))
	for _, coding := range []string{"identity", "gzip", "zstd"} {
		b.Run(coding, func(b *testing.B) {
			handler := edge.Compress(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
				w.Header().Set("Content-Type", "application/json")
				w.Header().Set("Content-Length", strconv.Itoa(len(text)))
				_, _ = w.Write(text)
			}))
			r := httptest.NewRequest(http.MethodGet, "/", nil)
			r.Header.Set("Accept-Encoding", coding)
			size := 0
			for b.Loop() {
				w := httptest.NewRecorder()
				handler.ServeHTTP(w, r)
				size = w.Body.Len()
			}
			b.ReportMetric(float64(size), "bytes")
		})
	}
}
