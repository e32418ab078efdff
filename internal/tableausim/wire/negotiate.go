package wire

import (
	"net/http"
	"strconv"
	"strings"
)

// Form is how an answer is written.
type Form int

// The forms of an answer.
const (
	FormNone Form = iota // nothing that the caller accepts
	FormXML
	FormJSON
)

// Negotiate chooses the form of an answer as Tableau does: the one that Accept asks for; without
// Accept, or with */*, the one of the request; else XML.
func Negotiate(r *http.Request) Form {
	accept := strings.Join(r.Header.Values("Accept"), ",")
	fallback := FormXML
	if strings.Contains(strings.ToLower(r.Header.Get("Content-Type")), "json") {
		fallback = FormJSON
	}
	if strings.TrimSpace(accept) == "" {
		return fallback
	}
	best, bestQ := FormNone, 0.0
	for part := range strings.SplitSeq(accept, ",") {
		media, params, _ := strings.Cut(part, ";")
		f := FormNone
		switch strings.ToLower(strings.TrimSpace(media)) {
		case "application/json":
			f = FormJSON
		case "application/xml", "text/xml":
			f = FormXML
		case "*/*", "application/*":
			f = fallback
		}
		if q := quality(params); f != FormNone && q > bestQ {
			best, bestQ = f, q
		}
	}
	return best
}

// quality returns the q parameter of a media range, or 1.
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

// AcceptsJSON reports whether the caller takes JSON of any kind.
func AcceptsJSON(r *http.Request) bool {
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
