package graphqlhttp

import (
	"crypto/sha256"
	"encoding/base64"
	"net/http"
	"strings"

	"github.com/99designs/gqlgen/graphql"
)

// notModified makes the answer to a GET that names its document one that a browser may keep, though
// not without asking each time, and reports whether the browser has it already: then 304 was sent.
// The document was run for this caller before, so that what was kept for another is never used. The
// tag is weak: the same answer may be sent compressed.
func notModified(w http.ResponseWriter, r *http.Request, media string, p *prepared, response *graphql.Response, body [][]byte) bool {
	if !p.named || r.Method == http.MethodPost || len(response.Errors) > 0 || len(response.Extensions) > 0 {
		return false
	}
	w.Header().Set("Cache-Control", "private, no-cache")
	w.Header().Add("Vary", "Authorization")
	tag := weakTag(media, body)
	w.Header().Set("ETag", tag)
	if !tagMatches(r.Header.Values("If-None-Match"), tag) {
		return false
	}
	w.WriteHeader(http.StatusNotModified)
	return true
}

func weakTag(media string, body [][]byte) string {
	h := sha256.New()
	_, _ = h.Write([]byte(media)) // a hash never fails
	for _, part := range body {
		_, _ = h.Write(part)
	}
	return `W/"` + base64.RawURLEncoding.EncodeToString(h.Sum(nil)[:18]) + `"`
}

// tagMatches compares weakly, RFC 9110 section 8.8.3.2. A tag of this server has no comma.
func tagMatches(lines []string, tag string) bool {
	opaque := strings.TrimPrefix(tag, "W/")
	for _, line := range lines {
		for one := range strings.SplitSeq(line, ",") {
			if one = strings.TrimSpace(one); one == "*" || strings.TrimPrefix(one, "W/") == opaque {
				return true
			}
		}
	}
	return false
}
