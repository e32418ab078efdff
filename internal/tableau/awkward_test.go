package tableau

import (
	"net/http"
	"testing"
)

// A server that reads any character of the grammar of filters in its own way answers look-alikes:
// they are dropped, whatever the character.
func TestLookAlikesOfAwkwardValuesAreDropped(t *testing.T) {
	t.Parallel()
	u := serve(t, func(*http.Request) reply {
		return reply{body: `{"pagination":{"pageNumber":"1","pageSize":"1000","totalAvailable":"1"},"workbooks":{"workbook":[{"id":"x","name":"a look-alike"}]}}`}
	})
	s := client(t, Config{URL: u.URL, APIVersion: "3.28"}).Session(t.Context(), &keeper{})
	for _, c := range "[]\\:\"'`()<>=;|%+?!~#^${}*,&" {
		for _, value := range []string{"a" + string(c) + "b", string(c), string(c) + "a" + string(c)} {
			for _, op := range []string{"eq", "in", "cieq"} {
				by := Filter[Workbook]{Field: "name", Op: op, Values: []string{value}, Match: func(w *Workbook) bool { return w.Name == value }}
				w, err := s.Workbooks(t.Context(), ListQuery[Workbook]{Filters: []Filter[Workbook]{by}}, 0, 10)
				if err != nil || len(w.Items) != 0 || w.Total != 0 {
					t.Errorf("%s %q: %+v, %v", op, value, w, err)
				}
			}
		}
	}
}

// Times have colons, and are not compared again: Tableau reads them as they are meant.
func TestTimesAreNotComparedAgain(t *testing.T) {
	t.Parallel()
	for op, values := range map[string][]string{"eq": {"2026-01-02T03:04:05Z"}, "gt": {"2026-01-02T03:04:05Z"}, "lte": {"a:b"}} {
		if ambiguous(Filter[Workbook]{Field: "createdAt", Op: op, Values: values}) {
			t.Errorf("%s %v is compared again", op, values)
		}
	}
}
