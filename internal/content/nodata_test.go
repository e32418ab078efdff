package content_test

import (
	"fmt"
	"net/http"
	"strings"
	"testing"

	"vitrine/internal/tableau"
	"vitrine/internal/tableausim"
)

// A view without data is an empty table (400083), as CSV of a view and of a custom view; of
// anything else that error is an error, and of a table any other.
func TestViewsWithoutDataAreEmptyTables(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		kind  tableau.ExportKind
		field string
		code  string
		want  int
	}{
		{tableau.ViewCSV, "View.data", "400083", 200},
		{tableau.CustomViewCSV, "CustomView.data", "400083", 200},
		{tableau.ViewImage, "View.image", "400083", 502},
		{tableau.ViewCSV, "View.data", "400084", 502},
		{tableau.CustomViewCSV, "CustomView.data", "400084", 502},
	} {
		t.Run(fmt.Sprint(c.field, c.code), func(t *testing.T) {
			t.Parallel()
			w := newWorld(t, tableausim.Config{}, nil)
			l := w.link("alice", c.field, &tableau.Export{Kind: c.kind, LUID: w.view()}, "Overview")
			w.upstream.Config.Handler = http.HandlerFunc(func(rw http.ResponseWriter, r *http.Request) {
				if !strings.HasSuffix(r.URL.Path, "/data") && !strings.HasSuffix(r.URL.Path, "/image") {
					w.sim.ServeHTTP(rw, r)
					return
				}
				rw.Header().Set("Content-Type", "application/json")
				rw.WriteHeader(http.StatusBadRequest)
				_, _ = fmt.Fprintf(rw, `{"error":{"code":%q,"summary":"Bad Request","detail":"x"}}`, c.code)
			})
			got := w.fetch(l.URL)
			if got.status != c.want || c.want == 200 && (got.body != "" || !strings.HasPrefix(got.header.Get("Content-Type"), "text/csv")) {
				t.Errorf("%d %v %s, want %d", got.status, got.header, got.body, c.want)
			}
		})
	}
}
