package content

import (
	"bytes"
	_ "embed"
	"html/template"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"

	"vitrine/internal/problem"
)

//go:embed page.html
var pageText string

var page = template.Must(template.New("page").Parse(pageText))

// pageData is what the page of a refusal shows. It depends on the status, never on why a link is
// invalid.
type pageData struct {
	Title, Message, RequestID, Back string
	Gone                            bool // the link does not work, and never will again
	Again                           bool // it may work in a moment
}

// navigates reports whether a browser opens the address as a document, rather than as an image of a
// page or as data of a script.
func navigates(r *http.Request) bool {
	if mode := r.Header.Get("Sec-Fetch-Mode"); mode != "" {
		return mode == "navigate"
	}
	for part := range strings.SplitSeq(strings.Join(r.Header.Values("Accept"), ","), ",") {
		if media, _, _ := strings.Cut(part, ";"); strings.EqualFold(strings.TrimSpace(media), "text/html") {
			return true
		}
	}
	return false
}

// refusePage answers a navigation with a page that says what happened and leads back.
func (s *Links) refusePage(w http.ResponseWriter, r *http.Request, refusal Refusal) {
	data := pageData{
		Title: "This file is not available at the moment", Message: refusal.Message,
		RequestID: w.Header().Get(problem.RequestIDHeader), Back: s.back(r), Gone: refusal.Status == http.StatusNotFound,
		Again: refusal.Status == http.StatusTooManyRequests || refusal.Status > http.StatusNotImplemented,
	}
	if data.Gone {
		data.Title = "This link does not work any more"
	} else if data.Message == "" {
		data.Message = problem.Text(refusal.Code)
	}
	var body bytes.Buffer
	if err := page.Execute(&body, data); err != nil {
		problem.Write(w, r, problem.Error{Status: http.StatusInternalServerError, Code: problem.CodeInternal})
		return
	}
	h := w.Header()
	if after := problem.Seconds(refusal.RetryAfter); after > 0 {
		h.Set("Retry-After", strconv.Itoa(after))
	}
	h.Del("X-Frame-Options") // a page may show a PDF in a frame, and then this in its place
	h.Set("Content-Security-Policy", h.Get("Content-Security-Policy")+"; base-uri 'none'; form-action 'none'")
	h.Set("Content-Type", "text/html; charset=utf-8")
	h.Set("Content-Length", strconv.Itoa(body.Len()))
	w.WriteHeader(refusal.Status)
	_, _ = body.WriteTo(w) // an error means that the client has left
}

// back returns the page that the navigation came from, if it is one of the front ends or this
// server's own, and "" for any other: nobody else can have this page link to them.
func (s *Links) back(r *http.Request) string {
	from, err := url.Parse(r.Referer())
	if err != nil || from.User != nil {
		return ""
	}
	origin := from.Scheme + "://" + from.Host
	if origin != s.PublicURL && !slices.Contains(s.Origins, origin) || strings.HasPrefix(from.Path, "/content/") {
		return ""
	}
	return from.String()
}
