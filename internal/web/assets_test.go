package web

import (
	"net/http"
	"testing"
	"testing/fstest"
)

func TestAssetsAreKeptForGood(t *testing.T) {
	t.Parallel()
	p := pages(t, config(), built())
	tests := map[string]struct{ body, contentType string }{
		"/assets/p-1.js":     {"script", "text/javascript; charset=utf-8"},
		"/assets/p-1.css":    {"style", "text/css; charset=utf-8"},
		"/assets/i-1.svg":    {"<svg/>", "image/svg+xml"},
		"/assets/l-1.txt":    {"licenses", "text/plain; charset=utf-8"},
		"/assets/chunk-2.js": {"chunk", "text/javascript; charset=utf-8"},
	}
	for path, want := range tests {
		t.Run(path, func(t *testing.T) {
			t.Parallel()
			r := request(t, p.Assets(), http.MethodGet, path, nil)
			if got := text(t, r); r.StatusCode != http.StatusOK || got != want.body {
				t.Errorf("status %d, body %q, want 200 and %q", r.StatusCode, got, want.body)
			}
			if got := r.Header.Get("Content-Type"); got != want.contentType {
				t.Errorf("Content-Type %q, want %q", got, want.contentType)
			}
			if got := r.Header.Get("Cache-Control"); got != "public, max-age=31536000, immutable" {
				t.Errorf("Cache-Control %q", got)
			}
			if got := r.Header.Get("X-Content-Type-Options"); got != "nosniff" {
				t.Errorf("X-Content-Type-Options %q, want nosniff", got)
			}
		})
	}
}

func TestAssetsServeOnlyWhatTheBuildWrote(t *testing.T) {
	t.Parallel()
	p := pages(t, config(), built())
	for _, path := range []string{
		"/assets/", "/assets", "/assets/p-2.js", "/assets/p-1.js.gz", "/assets/p-1.js.br", "/assets/../secret-beside-dist.js",
		"/assets/%2e%2e/manifest.json", "/assets//assets/p-1.js",
	} {
		r := request(t, p.Assets(), http.MethodGet, path, nil)
		if r.StatusCode != http.StatusNotFound || r.Header.Get("Cache-Control") != "no-store" {
			t.Errorf("GET %s: status %d, Cache-Control %q, want 404 and no-store", path, r.StatusCode, r.Header.Get("Cache-Control"))
		}
	}
}

func TestAssetsArePackedForThoseWhoAcceptIt(t *testing.T) {
	t.Parallel()
	p := pages(t, config(), built())
	tests := map[string]struct {
		accept []string
		coding string
	}{
		"nothing said":                  {nil, ""},
		"brotli":                        {[]string{"br"}, "br"},
		"both, gzip preferred":          {[]string{"br;q=0.5, gzip"}, "gzip"},
		"gzip":                          {[]string{"gzip"}, "gzip"},
		"a browser's list":              {[]string{"gzip, deflate, br, zstd"}, "br"},
		"two headers":                   {[]string{"br", "GZIP;q=0.5"}, "br"},
		"anything":                      {[]string{"*"}, "br"},
		"identity only":                 {[]string{"identity"}, ""},
		"gzip refused":                  {[]string{"gzip;q=0"}, ""},
		"anything but gzip":             {[]string{"*, gzip; q=0.0"}, "br"},
		"gzip but nothing else":         {[]string{"gzip, *;q=0"}, "gzip"},
		"a weight that is not a number": {[]string{"gzip;q=much"}, ""},
		"a name that contains it":       {[]string{"x-gzip-not"}, ""},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			r := request(t, p.Assets(), http.MethodGet, "/assets/p-1.js", http.Header{"Accept-Encoding": test.accept})
			body, coding := text(t, r), r.Header.Get("Content-Encoding")
			want := map[string]string{"": "script", "gzip": "packed script", "br": "smallest script"}[test.coding]
			if coding != test.coding || body != want {
				t.Errorf("Content-Encoding %q, body %q, want %q and %q", coding, body, test.coding, want)
			}
			if got := r.Header.Get("Vary"); got != "Accept-Encoding" {
				t.Errorf("Vary %q, want Accept-Encoding", got)
			}
		})
	}
}

func TestNewRefusesAnAssetOfUnknownKind(t *testing.T) {
	t.Parallel()
	files := built()
	files["assets/x-1.exe"] = &fstest.MapFile{Data: []byte("MZ")}
	if _, err := newPages(config(), files); err == nil {
		t.Error("accepted, want an error that names the file")
	}
}
