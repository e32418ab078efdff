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

// asset is one file under /assets/. packed are its compressed forms, in the order of preference;
// none where that saves nothing.
type asset struct {
	contentType string
	body        []byte
	packed      []packed
}

// packed is a compressed form of an asset.
type packed struct {
	coding string // as in Content-Encoding
	body   []byte
}

// codings are the compressed forms that the build writes: the smallest first.
var codings = []struct{ name, ext string }{{"br", ".br"}, {"gzip", ".gz"}}

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
		if ext := path.Ext(name); ext == ".gz" || ext == ".br" {
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
	a := asset{contentType: contentType, body: body}
	for _, c := range codings {
		smaller, err := fs.ReadFile(built, "assets/"+name+c.ext)
		if errors.Is(err, fs.ErrNotExist) {
			continue
		}
		if err != nil {
			return asset{}, err
		}
		a.packed = append(a.packed, packed{c.name, smaller})
	}
	return a, nil
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
		if p := a.choose(r.Header.Values("Accept-Encoding")); p != nil {
			h.Set("Content-Encoding", p.coding)
			body = p.body
		}
	}
	send(w, r, http.StatusOK, body)
}

// choose gives the compressed form that Accept-Encoding (RFC 9110 section 12.5.3) prefers, or nil
// if it accepts none.
func (a asset) choose(values []string) *packed {
	var best *packed
	most := 0.0
	for i := range a.packed {
		if q := accepted(values, a.packed[i].coding); q > most {
			best, most = &a.packed[i], q
		}
	}
	return best
}

// accepted is the weight that a coding has in Accept-Encoding: its own, else that of *, else 0.
func accepted(values []string, coding string) float64 {
	rest := 0.0
	for _, element := range strings.Split(strings.Join(values, ","), ",") {
		name, parameters, _ := strings.Cut(element, ";")
		switch strings.ToLower(strings.TrimSpace(name)) {
		case coding:
			return weight(parameters)
		case "*":
			rest = weight(parameters)
		}
	}
	return rest
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
