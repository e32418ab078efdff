package devidp

import "net/http"

// crossOrigin lets pages of the origins that allow accepts read the answers of an endpoint. No
// cookie is involved, so Access-Control-Allow-Credentials is never sent.
func crossOrigin(allow func(origin string) bool, next http.HandlerFunc) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) {
		w.Header().Add("Vary", "Origin")
		if origin := r.Header.Get("Origin"); origin != "" && allow(origin) {
			w.Header().Set("Access-Control-Allow-Origin", origin)
			w.Header().Set("Access-Control-Expose-Headers", "WWW-Authenticate")
		}
		next(w, r)
	}
}

// preflight answers OPTIONS; without the headers of crossOrigin on it, browsers refuse.
func preflight(w http.ResponseWriter, _ *http.Request) {
	if h := w.Header(); h.Get("Access-Control-Allow-Origin") != "" {
		h.Set("Access-Control-Allow-Methods", "GET, POST")
		h.Set("Access-Control-Allow-Headers", "Authorization, Content-Type")
		h.Set("Access-Control-Max-Age", "600")
	}
	w.WriteHeader(http.StatusNoContent)
}

// anyOrigin accepts every page, for documents that are public.
func anyOrigin(string) bool { return true }

// clientOrigin accepts the pages of clients.
func (p *Provider) clientOrigin(origin string) bool {
	for _, c := range p.clients {
		if registered(c.Origins, origin) {
			return true
		}
	}
	return false
}
