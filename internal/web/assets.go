package web

import (
	"errors"
	"fmt"
	"io/fs"
	"net/http"
	"path"
	"strconv"
	"strings"
)

// asset is one file under /assets/. packed is its gzip form, nil where that saves nothing.
type asset struct {
	contentType string
	body        []byte
	packed      []byte
}

// contentTypes lists what the build may write. The standard library's table depends on the
// machine's files.
var contentTypes = map[string]string{
	".css": "text/css; charset=utf-8",
	".js":  "text/javascript; charset=utf-8",
	".svg": "image/svg+xml",
	".txt": "text/plain; charset=utf-8",
}

func readAssets(built fs.FS) (map[string]asset, error) {
	assets := make(map[string]asset)
	entries, err := fs.ReadDir(built, "assets")
	if errors.Is(err, fs.ErrNotExist) {
		return assets, nil
	}
	if err != nil {
		return nil, fmt.Errorf("web: embedded pages: %w", err)
	}
	for _, e := range entries {
		name := e.Name()
		if path.Ext(name) == ".gz" {
			continue
		}
		a, err := readAsset(built, name)
		if err != nil {
			return nil, fmt.Errorf("web: embedded pages: %s: %w", name, err)
		}
		assets[name] = a
	}
	return assets, nil
}

func readAsset(built fs.FS, name string) (asset, error) {
	contentType, ok := contentTypes[path.Ext(name)]
	if !ok {
		return asset{}, fmt.Errorf("no content type is known for %q; add it to contentTypes", path.Ext(name))
	}
	body, err := fs.ReadFile(built, "assets/"+name)
	if err != nil {
		return asset{}, err
	}
	packed, err := fs.ReadFile(built, "assets/"+name+".gz")
	if err != nil && !errors.Is(err, fs.ErrNotExist) {
		return asset{}, err
	}
	return asset{contentType: contentType, body: body, packed: packed}, nil
}

func (p *Pages) serveAsset(w http.ResponseWriter, r *http.Request) {
	if !readOnly(w, r) {
		return
	}
	h := w.Header()
	h.Set("X-Content-Type-Options", "nosniff")
	a, ok := p.assets[strings.TrimPrefix(r.URL.Path, "/assets/")]
	if !ok {
		// Not kept: after an upgrade an old page may ask for a name that another replica has.
		h.Set("Cache-Control", "no-store")
		http.Error(w, "There is no such file. Reload the page; it may be from an earlier version.", http.StatusNotFound)
		return
	}
	h.Set("Content-Type", a.contentType)
	h.Set("Cache-Control", "public, max-age=31536000, immutable")
	h.Set("Cross-Origin-Resource-Policy", "same-origin")
	// An asset opened by itself is a document of this origin too.
	h.Set("Content-Security-Policy", "default-src 'none'")
	body := a.body
	if a.packed != nil {
		h.Set("Vary", "Accept-Encoding")
		if acceptsGzip(r.Header.Values("Accept-Encoding")) {
			h.Set("Content-Encoding", "gzip")
			body = a.packed
		}
	}
	send(w, r, http.StatusOK, body)
}

// acceptsGzip reads Accept-Encoding (RFC 9110 section 12.5.3): gzip or * is named, not with a
// weight of 0.
func acceptsGzip(values []string) bool {
	accepted := false
	for _, element := range strings.Split(strings.Join(values, ","), ",") {
		coding, parameters, _ := strings.Cut(element, ";")
		coding = strings.ToLower(strings.TrimSpace(coding))
		if coding != "gzip" && coding != "*" {
			continue
		}
		accepted = weight(parameters) > 0
		if coding == "gzip" {
			return accepted
		}
	}
	return accepted
}

// weight reads the parameter q; absent it is 1, unreadable it is 0.
func weight(parameters string) float64 {
	name, value, found := strings.Cut(parameters, "=")
	if !found || !strings.EqualFold(strings.TrimSpace(name), "q") {
		return 1
	}
	q, err := strconv.ParseFloat(strings.TrimSpace(value), 64)
	if err != nil {
		return 0
	}
	return q
}

func send(w http.ResponseWriter, r *http.Request, status int, body []byte) {
	w.Header().Set("Content-Length", strconv.Itoa(len(body)))
	w.WriteHeader(status)
	if r.Method == http.MethodHead {
		return
	}
	_, _ = w.Write(body) // the reader may leave; there is nobody to tell
}
