package resolvers_test

import (
	"encoding/json"
	"maps"
	"net/http"
	"net/http/httptest"
	"slices"
	"strconv"
	"strings"
	"testing"
)

// fetchedLink is what came when the address at a place of an answer was followed.
type fetchedLink struct {
	Path        string         `json:"path"`
	Status      int            `json:"status"`
	Type        string         `json:"type"`
	Disposition string         `json:"disposition,omitempty"`
	LooksLike   string         `json:"looksLike"` // to who looks at the bytes
	Calls       map[string]int `json:"calls"`
}

// fetched follows all content links of an answer, as a browser does: with nothing but the address.
// It also gives all that the stand-in was asked but sign-ins, what came before the query and beside
// it too.
func (w *world) fetched(t *testing.T, answer *reply) []byte {
	t.Helper()
	var all struct {
		Fetched    []fetchedLink `json:"fetched"`
		Extensions any           `json:"extensions"`
	}
	eachLink("", answer.Data, func(path, address string) {
		before := w.sim.Counts()
		rec := httptest.NewRecorder()
		w.links.ServeHTTP(rec, httptest.NewRequest(http.MethodGet, address, nil))
		if rec.Code != http.StatusOK || rec.Body.Len() == 0 {
			t.Errorf("%s: status %d, %d bytes", path, rec.Code, rec.Body.Len())
		}
		calls := w.sim.Counts()
		for template, n := range before {
			if calls[template] -= n; calls[template] == 0 {
				delete(calls, template)
			}
		}
		all.Fetched = append(all.Fetched, fetchedLink{
			path, rec.Code, rec.Header().Get("Content-Type"), rec.Header().Get("Content-Disposition"),
			http.DetectContentType(rec.Body.Bytes()), calls,
		})
	})
	if len(all.Fetched) == 0 {
		t.Error("the answer has no content links")
	}
	calls := w.sim.Counts()
	maps.DeleteFunc(calls, func(template string, _ int) bool { return strings.HasPrefix(template, "POST auth/") })
	all.Extensions = map[string]any{"vitrine": map[string]any{"calls": calls}}
	text, err := json.Marshal(all)
	if err != nil {
		t.Fatal(err)
	}
	return text
}

// eachLink finds the content links in an answer, in a fixed order.
func eachLink(path string, v any, found func(path, address string)) {
	switch v := v.(type) {
	case map[string]any:
		for _, name := range slices.Sorted(maps.Keys(v)) {
			eachLink(strings.TrimPrefix(path+"."+name, "."), v[name], found)
		}
	case []any:
		for i, item := range v {
			eachLink(path+"."+strconv.Itoa(i), item, found)
		}
	case string:
		if strings.HasPrefix(v, "https://bi.example.com/content/") {
			found(path, v)
		}
	}
}
