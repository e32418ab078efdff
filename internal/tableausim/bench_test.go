package tableausim

import (
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"vitrine/internal/tableausim/draw"
)

// BenchmarkWorkbooks50000 lists 1,000 of 50,000 workbooks.
func BenchmarkWorkbooks50000(b *testing.B) {
	s := New(Config{Workbooks: maxWorkbooks})
	st := s.world.sites[0]
	for name, query := range map[string]string{
		"page": "pageSize=1000&pageNumber=20", "filter": "pageSize=1000&filter=tags:eq:quarterly", "sort": "pageSize=1000&sort=updatedAt:desc",
		"fields": "pageSize=1000&fields=id,name,owner.name", "small": "pageSize=10",
	} {
		for _, form := range []string{"json", "xml"} {
			b.Run(name+"/"+form, func(b *testing.B) {
				sn := &session{site: st, user: st.user("carol")}
				s.sessions.open(sn, nil)
				r := httptest.NewRequestWithContext(b.Context(), http.MethodGet, "/api/3.27/sites/"+st.id+"/workbooks?"+query, nil)
				r.Header.Set("X-Tableau-Auth", sn.token)
				r.Header.Set("Accept", "application/"+form)
				b.ReportAllocs()
				for b.Loop() {
					w := httptest.NewRecorder()
					s.ServeHTTP(w, r)
					if w.Code != http.StatusOK || !strings.Contains(w.Body.String(), "workbook") {
						b.Fatal(w.Code)
					}
				}
			})
		}
	}
}

// BenchmarkNew50000 builds the largest world.
func BenchmarkNew50000(b *testing.B) {
	for b.Loop() {
		New(Config{Workbooks: maxWorkbooks})
	}
}

// BenchmarkImage draws a view of 800 by 600 pixels.
func BenchmarkImage(b *testing.B) {
	st := New(Config{}).world.sites[0]
	t := tableOf(st.views[0], st.users[0])
	for b.Loop() {
		if _, err := draw.PNG(t, imageWidth, imageHeight, 1); err != nil {
			b.Fatal(err)
		}
	}
}
