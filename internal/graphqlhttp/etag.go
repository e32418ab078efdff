package graphqlhttp

import (
	"net/http"
	"slices"
	"strconv"
	"strings"

	"vitrine/internal/answercache"
)

// notModified makes the answer to a GET one that a browser may keep, though not without asking each
// time, and reports whether the browser has it already: then 304 was sent. The document was run for
// this caller before, so that what was kept for another is never used. The tag is weak: the same
// answer may be sent compressed.
func notModified(w http.ResponseWriter, r *http.Request, media, body string) bool {
	w.Header().Set("Cache-Control", "private, no-cache")
	w.Header().Add("Vary", "Authorization")
	tag := `W/"` + body + "-" + strconv.Itoa(len(media)) + `"` // there are two media types
	w.Header().Set("ETag", tag)
	if !tagMatches(r.Header.Values("If-None-Match"), tag) {
		return false
	}
	w.WriteHeader(http.StatusNotModified)
	return true
}

// tagOf is the tag of an answer with data alone: that of the same answer in the cache.
func tagOf(data [][]byte) string {
	return answercache.TagOf(slices.Concat([][]byte{[]byte(dataBegin)}, data, [][]byte{[]byte(dataEnd)})...)
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
