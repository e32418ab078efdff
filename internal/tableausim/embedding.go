package tableausim

import (
	_ "embed"
	"encoding/json"
	"errors"
	"io"
	"net/http"
	"slices"
	"strings"

	"vitrine/internal/tableausim/wire"
)

// The pages of the Embedding API: the script with its elements, and a page for each view that shows
// who is signed in. The real ones redeem a token in a way that Tableau does not document; here the
// page in the frame gets it by postMessage and posts it to its own address.

//go:embed embedding/tableau.embedding.js
var embeddingScript []byte

//go:embed embedding/frame.js
var frameScript []byte

//go:embed embedding/frame.html
var framePage []byte

// Scopes of tokens for browsers. None of them opens a method of the REST API.
const (
	embedViews     = "tableau:views:embed"
	embedAuthoring = "tableau:views:embed_authoring"
	embedInsights  = "tableau:insights:embed"
)

// embedPaths are the pages that can be embedded, and the scope that each needs.
var embedPaths = map[string]string{
	"/views/{workbook}/{view}": embedViews, "/t/{site}/views/{workbook}/{view}": embedViews,
	"/authoring/{workbook}/{view}": embedAuthoring, "/t/{site}/authoring/{workbook}/{view}": embedAuthoring,
	"/pulse/site/{site}/metrics/{metric}": embedInsights,
}

// embedRoutes registers scripts and pages.
func (s *Server) embedRoutes(mux *http.ServeMux) {
	script := func(text []byte) http.HandlerFunc {
		return func(w http.ResponseWriter, _ *http.Request) {
			w.Header().Set("Content-Type", "text/javascript; charset=utf-8")
			w.Header().Set("Access-Control-Allow-Origin", "*") // pages of other origins load it as a module
			_, _ = w.Write(text)
		}
	}
	for _, name := range []string{"tableau.embedding.3.latest.min.js", "tableau.embedding.3.latest.js"} {
		mux.HandleFunc("GET /javascripts/api/"+name, script(embeddingScript))
	}
	mux.HandleFunc("GET /javascripts/stand-in/frame.js", script(frameScript))
	for path, scope := range embedPaths {
		mux.HandleFunc("GET "+path, s.embedPage)
		mux.HandleFunc("POST "+path, func(w http.ResponseWriter, r *http.Request) { s.redeem(w, r, scope) })
	}
}

// embedPage is the page in the frame, before anybody is signed in. Which pages may have it in a
// frame is the site's setting.
func (s *Server) embedPage(w http.ResponseWriter, _ *http.Request) {
	ancestors := "*"
	if len(s.cfg.EmbedOrigins) > 0 {
		ancestors = strings.Join(s.cfg.EmbedOrigins, " ")
	}
	h := w.Header()
	h.Set("Content-Type", "text/html; charset=utf-8")
	h.Set("Cache-Control", "no-store")
	h.Set("Content-Security-Policy", "default-src 'none'; script-src 'self'; connect-src 'self'; img-src data:; frame-ancestors "+ancestors)
	_, _ = w.Write(framePage)
}

// redeemRequest is what the page in the frame posts: the token, and the origin of the page around.
type redeemRequest struct {
	JWT    string `json:"jwt"`
	Parent string `json:"parent"`
}

// embedded is who is signed in, and what they see.
type embedded struct {
	User     string   `json:"user"`
	FullName string   `json:"fullName"`
	Site     string   `json:"site"`
	View     string   `json:"view"` // LUID
	Title    string   `json:"title"`
	Scopes   []string `json:"scopes"`
	Image    []byte   `json:"image,omitempty"`

	draw func() ([]byte, error)
}

// redeem signs a browser in with a token, once, and answers who that is.
func (s *Server) redeem(w http.ResponseWriter, r *http.Request, scope string) {
	entry := Call{Time: s.cfg.Now(), Method: r.Method, Path: r.URL.Path, Query: r.URL.RawQuery}
	c := &call{s: s, r: r}
	seen, err := s.redeemed(c, scope)
	if err == nil && seen.draw != nil {
		seen.Image, err = seen.draw()
	}
	var answer any = seen
	status, code := http.StatusOK, ""
	if err != nil {
		e := wire.Fail("500000", "%v", err)
		_ = errors.As(err, &e)
		status, code, answer = e.Status, e.Code, map[string]string{"code": e.Code, "message": e.Text()}
	}
	b, _ := json.Marshal(answer) // texts and bytes always marshal
	s.record(entry, c, "embed", status, code)
	w.Header().Set("Content-Type", wire.JSONType)
	w.Header().Set("Cache-Control", "no-store")
	w.WriteHeader(status)
	_, _ = w.Write(b)
}

func (s *Server) redeemed(c *call, scope string) (*embedded, error) {
	if origin := c.r.Header.Get("Origin"); origin != "" && !strings.HasSuffix(origin, "://"+c.r.Host) {
		return nil, wire.Fail("403000", "Only the page of the view redeems a token, not one at %s.", origin)
	}
	body, err := io.ReadAll(io.LimitReader(c.r.Body, maxRequest))
	var request redeemRequest
	if err != nil || json.Unmarshal(body, &request) != nil || request.JWT == "" {
		return nil, wire.Fail("401001", "Sign in to Tableau.")
	}
	token, err := parseJWT(request.JWT)
	if err != nil {
		return nil, errJWT(badHeader)
	}
	unified := s.cfg.Cloud && token.claims.text(tenantClaim) != ""
	p, err := s.trust.verify(c.r.Context(), request.JWT, unified)
	if err != nil {
		return nil, err
	}
	if !slices.ContainsFunc(p.scopes, func(granted string) bool { return covers(granted, scope) }) {
		return nil, errJWT(noScopes)
	}
	if len(p.domains) > 0 && !slices.ContainsFunc(p.domains, func(d string) bool { return allowsDomain(d, request.Parent) }) {
		return nil, wire.Fail("403000", "The page at %s is not in the domain list of the connected app.", request.Parent)
	}
	s.mu.RLock()
	defer s.mu.RUnlock()
	st := s.world.site(c.r.PathValue("site"))
	if c.session, err = s.byJWT(st, p); err != nil {
		return nil, err
	}
	c.session.userName = c.session.user.name
	out := &embedded{User: c.user().name, FullName: c.user().fullName, Site: st.contentURL, Scopes: p.scopes, Title: "Tableau Pulse"}
	if scope == embedInsights {
		return out, nil
	}
	for _, x := range st.views {
		if x.workbook.contentURL == c.r.PathValue("workbook") && x.urlName == c.r.PathValue("view") && c.user().seesView(x) {
			out.View, out.Title = x.id, x.workbook.name+" / "+x.name
			size := picture{width: imageWidth, height: imageHeight, scale: 1}
			out.draw = s.draw(limited(tableOf(x, c.user()), p), size, renderKey(x, c.user(), size, p.attributeKey())).body
			return out, nil
		}
	}
	return nil, errNotFound("404011", "View", c.r.PathValue("workbook")+"/"+c.r.PathValue("view"))
}

// allowsDomain reports whether an entry of a domain list allows an origin: itself, with a scheme or
// without, or all below it where it begins with an asterisk.
func allowsDomain(entry, origin string) bool {
	scheme, host, _ := strings.Cut(origin, "://")
	if s, h, ok := strings.Cut(entry, "://"); ok {
		if s != scheme {
			return false
		}
		entry = h
	}
	if below, ok := strings.CutPrefix(entry, "*."); ok {
		return strings.HasSuffix(host, "."+below)
	}
	return entry == host
}
