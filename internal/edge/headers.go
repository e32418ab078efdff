package edge

import (
	"net/http"
	"strings"
)

// APIPolicy is the Content-Security-Policy of what is no page: opened as a document it may load,
// run and embed nothing.
const APIPolicy = "default-src 'none'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'"

// defaults are the headers of every answer. A handler that needs another one sets its own: pages
// their policy, assets their life in caches, content that is embedded elsewhere its resource
// policy. The values are shared by all answers: Set and Add of http.Header leave them as they are.
func (e *Edge) defaults(h http.Header) {
	for _, d := range defaultHeaders {
		h[d.name] = d.values
	}
	if e.hsts {
		h["Strict-Transport-Security"] = hstsHeader
	}
}

var defaultHeaders = []struct {
	name   string
	values []string
}{
	{"X-Content-Type-Options", []string{"nosniff"}},
	{"Content-Security-Policy", []string{APIPolicy}},
	{"X-Frame-Options", []string{"DENY"}}, // for what does not know frame-ancestors
	{"Referrer-Policy", []string{"no-referrer"}},
	{"Cross-Origin-Resource-Policy", []string{"same-origin"}}, // what CORS lets through is not held by it
	{"Cross-Origin-Opener-Policy", []string{"same-origin"}},
	{"Permissions-Policy", []string{"camera=(), geolocation=(), microphone=()"}},
	{"Cache-Control", []string{"no-store"}},
}

var hstsHeader = []string{"max-age=31536000"}

func isHTTPS(address string) bool { return strings.HasPrefix(address, "https://") }
