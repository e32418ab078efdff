package auth

import (
	"encoding/json"
	"net/http"
	"slices"
)

// Metadata serves the description of this API as a protected resource (RFC 9728):
// clients find in it where to get a token. It is public.
func (v *Verifier) Metadata() http.Handler {
	var doc struct {
		Resource string   `json:"resource,omitempty"`
		Name     string   `json:"resource_name"`
		Servers  []string `json:"authorization_servers"`
		Methods  []string `json:"bearer_methods_supported"`
		Scopes   []string `json:"scopes_supported,omitempty"`
	}
	doc.Resource, doc.Name, doc.Methods = v.config.Resource, v.config.Realm, []string{"header"}
	for _, i := range v.order {
		doc.Servers = append(doc.Servers, i.URL)
		doc.Scopes = append(doc.Scopes, i.Scopes...)
	}
	slices.Sort(doc.Scopes)
	doc.Scopes = slices.Compact(doc.Scopes)
	body, err := json.Marshal(doc)
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		switch {
		case err != nil:
			http.Error(w, "internal error", http.StatusInternalServerError)
			return
		case r.Method != http.MethodGet && r.Method != http.MethodHead:
			w.Header().Set("Allow", "GET, HEAD")
			http.Error(w, "method not allowed", http.StatusMethodNotAllowed)
			return
		}
		w.Header().Set("Content-Type", "application/json")
		w.Header().Set("Cache-Control", "public, max-age=300")
		_, _ = w.Write(body) // an error here means that the client has left
	})
}
