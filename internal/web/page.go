package web

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"html/template"
	"io/fs"
	"net/http"
	"strings"
)

// bundle names the files of one page, as web/scripts/build.mjs lists them in manifest.json.
type bundle struct {
	Script   string   `json:"script"`
	Styles   []string `json:"styles"`
	Icon     string   `json:"icon"`
	Licenses string   `json:"licenses"`
}

// settings is what a page's script reads; web/src/settings.ts has the same shape.
type settings struct {
	PublicURL string `json:"publicURL"`
	Endpoint  string `json:"endpoint"`
	Path      string `json:"path"`
	Licenses  string `json:"licenses"`
	SignIn    signIn `json:"signIn"`
	// EmbedOrigin is the origin of Tableau for live views, empty for none.
	EmbedOrigin string `json:"embedOrigin"`
	// NamesDocuments is true if the page sends the hashes of its documents instead of their texts.
	NamesDocuments bool `json:"namesDocuments"`
	// Pages are the pages of this server, so that one can link to the other.
	Pages pagePaths `json:"pages"`
}

// pagePaths are the paths of the pages, empty for one that is not enabled.
type pagePaths struct {
	Gallery    string `json:"gallery"`
	Playground string `json:"playground"`
}

type signIn struct {
	Issuer          string            `json:"issuer"`
	ClientID        string            `json:"clientID"`
	Scopes          []string          `json:"scopes"`
	AuthorizeParams map[string]string `json:"authorizeParams"`
}

// readManifest gives the built pages by name; none when nothing has been built.
func readManifest(built fs.FS) (map[string]bundle, error) {
	data, err := fs.ReadFile(built, "manifest.json")
	if errors.Is(err, fs.ErrNotExist) {
		return nil, nil
	}
	if err != nil {
		return nil, fmt.Errorf("web: embedded pages: %w", err)
	}
	var manifest map[string]bundle
	if err := json.Unmarshal(data, &manifest); err != nil {
		return nil, fmt.Errorf("web: embedded pages: manifest.json: %w; run make web again", err)
	}
	return manifest, nil
}

var document = template.Must(template.New("page").Parse(`<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="vitrine-settings" content="{{.Settings}}">
<title>{{.Title}}</title>
<link rel="icon" type="image/svg+xml" href="/assets/{{.Bundle.Icon}}">
{{range .Bundle.Styles}}<link rel="stylesheet" href="/assets/{{.}}">
{{end}}<script type="module" src="/assets/{{.Bundle.Script}}"></script>
</head>
<body>
<div id="root"></div>
<noscript>This page needs JavaScript. The API does not: send GraphQL to {{.Endpoint}} with any client.</noscript>
</body>
</html>
`))

const notBuilt = `<!doctype html>
<html lang="en">
<head><meta charset="utf-8"><title>Not built</title></head>
<body>
<h1>The pages are not built</h1>
<p>This program was compiled without them. Run <code>make web</code>, then compile it again. The API works without.</p>
</body>
</html>
`

// page is one HTML document, the same for everybody.
type page struct {
	status int
	body   []byte
	policy string
}

func newPage(b bundle, title string, s settings) (*page, error) {
	if b.Script == "" {
		return &page{status: http.StatusServiceUnavailable, body: []byte(notBuilt), policy: policy("", "")}, nil
	}
	provider, err := origin(s.SignIn.Issuer)
	if err != nil {
		return nil, err
	}
	if s.EmbedOrigin != "" {
		if s.EmbedOrigin, err = origin(s.EmbedOrigin); err != nil {
			return nil, err
		}
	}
	s.Licenses = "/assets/" + b.Licenses
	encoded, err := json.Marshal(s)
	if err != nil {
		return nil, err
	}
	var body bytes.Buffer
	err = document.Execute(&body, struct {
		Title    string
		Bundle   bundle
		Settings string
		Endpoint string
	}{title, b, string(encoded), s.Endpoint})
	if err != nil {
		return nil, err
	}
	return &page{status: http.StatusOK, body: body.Bytes(), policy: policy(provider, s.EmbedOrigin)}, nil
}

// policy is the Content-Security-Policy of a page that signs in at provider, an origin. Nothing may
// be inline. Images as data: addresses are those in GraphiQL's style sheet. The only form is the
// one that signs out: it takes the ID token to the provider in a body, and the provider leads back.
// Scripts and frames of tableau, an origin, show live views; it is empty where there are none.
func policy(provider, tableau string) string {
	directives := []string{
		"default-src 'none'",
		strings.TrimSpace("script-src 'self' " + tableau),
		"style-src 'self'",
		"img-src 'self' data:",
		strings.TrimSpace("connect-src 'self' " + provider),
		strings.TrimSpace("form-action 'self' " + provider),
		"frame-ancestors 'none'",
		"base-uri 'none'",
	}
	if tableau != "" {
		directives = append(directives, "frame-src "+tableau)
	}
	return strings.Join(directives, "; ")
}

func (p *page) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	if !readOnly(w, r) {
		return
	}
	h := w.Header()
	h.Set("Content-Security-Policy", p.policy)
	h.Set("Content-Type", "text/html; charset=utf-8")
	h.Set("X-Content-Type-Options", "nosniff")
	h.Set("Referrer-Policy", "no-referrer")
	h.Set("Cross-Origin-Opener-Policy", "same-origin")
	h.Set("Cross-Origin-Resource-Policy", "same-origin")
	h.Set("X-Frame-Options", "DENY") // for what does not know frame-ancestors
	h.Set("Cache-Control", "no-cache")
	send(w, r, p.status, p.body)
}

// readOnly answers 405 to anything but GET and HEAD, and reports whether the request may go on.
func readOnly(w http.ResponseWriter, r *http.Request) bool {
	if r.Method == http.MethodGet || r.Method == http.MethodHead {
		return true
	}
	w.Header().Set("Allow", "GET, HEAD")
	http.Error(w, "This address is read with GET.", http.StatusMethodNotAllowed)
	return false
}
