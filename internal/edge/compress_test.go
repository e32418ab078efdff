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
		"": "", "gzip": "gzip", "zstd": "zstd", "gzip, deflate, br, zstd": "zstd", "gzip;q=1, zstd;q=0.5": "gzip", "br": "", "*": "zstd", "*;q=0": "",
		"zstd;q=0, *": "gzip", "gzip;q=0, zstd;q=0, *": "", "GZIP": "gzip", "gzip;q=0": "", "gzip;q=nan": "", "gzip;q=2": "", "identity, gzip;q=0.5": "",
		"identity;q=0, gzip": "gzip", "x-gzip": "", " , ,": "", "gzip ; q = 0.5": "gzip",
	} {
		if got := answered(t, accept, "application/json", 5000).Header().Get("Content-Encoding"); got != want {
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
		w := answered(t, "gzip", c.media, c.size)
		if got := w.Header().Get("Content-Encoding") == "gzip"; got != c.want {
			t.Errorf("%s of %d bytes: compressed %t", c.media, c.size, got)
		}
		if w.Header().Get("Vary") != "Accept-Encoding" {
			t.Errorf("%s of %d bytes: Vary %q", c.media, c.size, w.Header().Get("Vary"))
		}
	}
}

// answered has a text sent that a client takes in codings of its choice, and holds that it arrives
// as it was.
func answered(t *testing.T, accept, media string, size int) *httptest.ResponseRecorder {
	t.Helper()
	text := strings.Repeat(`{"name":"Superstore"},`, 400)[:max(size, 0)]
	r := httptest.NewRequest(http.MethodGet, "/", nil)
	r.Header.Set("Accept-Encoding", accept)
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
		t.Errorf("%q, %s: %d bytes arrive, want %d", accept, media, len(got), len(text))
	}
	if n := w.Header().Get("Content-Length"); n != "" && n != strconv.Itoa(w.Body.Len()) {
		t.Errorf("%q, %s: Content-Length %s of %d bytes", accept, media, n, w.Body.Len())
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
