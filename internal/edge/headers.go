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
// policy.
func (e *Edge) defaults(h http.Header) {
	h.Set("X-Content-Type-Options", "nosniff")
	h.Set("Content-Security-Policy", APIPolicy)
	h.Set("X-Frame-Options", "DENY") // for what does not know frame-ancestors
	h.Set("Referrer-Policy", "no-referrer")
	h.Set("Cross-Origin-Resource-Policy", "same-origin") // what CORS lets through is not held by it
	h.Set("Cross-Origin-Opener-Policy", "same-origin")
	h.Set("Permissions-Policy", "camera=(), geolocation=(), microphone=()")
	h.Set("Cache-Control", "no-store")
	if e.hsts {
		h.Set("Strict-Transport-Security", "max-age=31536000")
	}
}

func isHTTPS(address string) bool { return strings.HasPrefix(address, "https://") }
