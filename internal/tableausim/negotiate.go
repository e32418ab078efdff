package tableausim

import (
	"net/http"
	"strconv"
	"strings"
)

// form is how an answer is written.
type form int

const (
	formNone form = iota // nothing that the caller accepts
	formXML
	formJSON
)

// negotiate chooses the form of an answer as Tableau does: what Accept asks for; without it (or with */*)
// what the request itself was written in; else XML.
func negotiate(r *http.Request) form {
	accept := strings.Join(r.Header.Values("Accept"), ",")
	fallback := formXML
	if strings.Contains(strings.ToLower(r.Header.Get("Content-Type")), "json") {
		fallback = formJSON
	}
	if strings.TrimSpace(accept) == "" {
		return fallback
	}
	best, bestQ := formNone, 0.0
	for part := range strings.SplitSeq(accept, ",") {
		media, params, _ := strings.Cut(part, ";")
		f := formNone
		switch strings.ToLower(strings.TrimSpace(media)) {
		case "application/json":
			f = formJSON
		case "application/xml", "text/xml":
			f = formXML
		case "*/*", "application/*":
			f = fallback
		}
		if q := quality(params); f != formNone && q > bestQ {
			best, bestQ = f, q
		}
	}
	return best
}

// quality reads the q parameter of one media range; 1 when there is none.
func quality(params string) float64 {
	for p := range strings.SplitSeq(params, ";") {
		name, value, _ := strings.Cut(strings.TrimSpace(p), "=")
		if strings.EqualFold(name, "q") {
			q, err := strconv.ParseFloat(strings.TrimSpace(value), 64)
			if err != nil {
				return 0
			}
			return q
		}
	}
	return 1
}
