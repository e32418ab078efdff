package tableausim

import (
	"encoding/json"
	"net/http"
	"strings"
)

// Methods outside the versioned API write JSON and nothing else, with numbers as numbers, and name their media types
// application/vnd.tableau.….v1.…+json. Clients that say application/json, or nothing, are served too.

const jsonType = "application/json;charset=utf-8"

// plainJSON says whether a method stands outside the versioned API.
func plainJSON(path string) bool { return strings.HasPrefix(path, "-/") }

// acceptsJSON says whether a caller takes JSON of whatever kind.
func acceptsJSON(r *http.Request) bool {
	accept := strings.Join(r.Header.Values("Accept"), ",")
	if strings.TrimSpace(accept) == "" {
		return true
	}
	for part := range strings.SplitSeq(strings.ToLower(accept), ",") {
		media, params, _ := strings.Cut(part, ";")
		media = strings.TrimSpace(media)
		json := strings.HasPrefix(media, "application/vnd.") && strings.HasSuffix(media, "+json")
		if quality(params) > 0 && (json || media == "application/json" || media == "application/*" || media == "*/*") {
			return true
		}
	}
	return false
}

// jsonAnswer is an answer of such a method. What it holds must not be changed after it was made: it is written outside the lock.
func jsonAnswer(v any) (*answer, error) {
	return &answer{contentType: jsonType, body: func() ([]byte, error) { return json.Marshal(v) }}, nil
}

// plainError is how such a method refuses. The documentation does not show it whole: a code and a message are what clients look for.
func plainError(e *apiError) []byte {
	b, _ := json.Marshal(map[string]string{"code": e.code, "message": e.summary + ": " + e.detail}) // two strings: they always marshal
	return b
}
