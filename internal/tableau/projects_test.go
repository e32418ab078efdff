package tableau

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"sync"
	"testing"

	"github.com/google/go-cmp/cmp"
)

func project(id, name, parent string) string {
	return fmt.Sprintf(`{"id":"%s","name":"%s","parentProjectId":"%s","owner":{"id":"o"},"contentPermissions":"ManagedByOwner"}`, id, name, parent)
}

// tree has two projects named Sales, one below a project that nobody sees, and a ring.
var tree = listOf("projects", "project",
	project("top", "Top", ""), project("sales", "Sales", "top"), project("deep", "Deep", "sales"), project("sales2", "Sales", ""),
	project("below", "Below", "hidden"), project("under", "Under", "below"),
	project("ring1", "Ring 1", "ring2"), project("ring2", "Ring 2", "ring1"), project("self", "Self", "self"), project("hangs", "Hangs", "ring1"))

func TestProjectsKnowTheirSurroundings(t *testing.T) {
	t.Parallel()
	want := map[LUID]struct {
		parent    LUID
		path      string
		top       Flag
		ancestors int
	}{
		"top": {"", "Top", Yes, 0}, "sales": {"top", "Top/Sales", No, 1}, "deep": {"sales", "Top/Sales/Deep", No, 2}, "sales2": {"", "Sales", Yes, 0},
		"below": {"", "Below", No, 0}, "under": {"below", "Below/Under", No, 1},
		"ring1": {"ring2", "Ring 2/Ring 1", No, 1}, "ring2": {"ring1", "Ring 1/Ring 2", No, 1}, "self": {"self", "Self", No, 0}, "hangs": {"ring1", "Ring 2/Ring 1/Hangs", No, 2},
	}
	check := func(t *testing.T, p *Project) {
		t.Helper()
		parent, err1 := p.Parent(t.Context())
		path, err2 := p.Path(t.Context())
		above, err3 := p.Ancestors(t.Context())
		w := want[p.LUID]
		if err := errors.Join(err1, err2, err3); err != nil || refLUID(parent) != w.parent || strings.Join(path, "/") != w.path || p.IsTopLevel() != w.top || len(above) != w.ancestors {
			t.Errorf("%s: parent %q, path %q, top %v, %d ancestors, error %v", p.LUID, refLUID(parent), path, p.IsTopLevel(), len(above), err)
		}
	}
	t.Run("from a whole list", func(t *testing.T) {
		t.Parallel()
		u := serve(t, store{"projects": tree}.answer)
		page, err := u.session(t).Projects(t.Context(), ListQuery[Project]{}, 0, 100)
		if err != nil || len(page.Items) != len(want) {
			t.Fatalf("%+v, error %v", page, err)
		}
		for _, p := range page.Items {
			check(t, p)
		}
		if len(u.requests) != 1 {
			t.Errorf("asked for %q", u.paths())
		}
	})
	t.Run("one by one", func(t *testing.T) {
		t.Parallel()
		u := serve(t, store{"projects": tree}.answer)
		s := u.session(t)
		var wg sync.WaitGroup
		for id := range want {
			wg.Go(func() {
				p, err := s.Project(t.Context(), id)
				if err != nil || p == nil {
					t.Errorf("%s: %+v, error %v", id, p, err)
					return
				}
				check(t, p)
			})
		}
		wg.Wait()
		if p, err := s.Project(t.Context(), "hidden"); p != nil || err != nil {
			t.Errorf("a hidden project is %+v, error %v", p, err)
		}
		if len(u.requests) != 1 {
			t.Errorf("asked for %q", u.paths())
		}
	})
}

func TestProjectByPath(t *testing.T) {
	t.Parallel()
	s := serve(t, store{"projects": tree}.answer).session(t)
	for path, want := range map[string]LUID{
		"Top": "top", "Top/Sales": "sales", "Sales": "sales2", "Top/Sales/Deep": "deep",
		"Below": "", "Below/Under": "", "Deep": "", "top": "", "Top/Sales/": "", "Ring 1": "", "Ring 2/Ring 1": "", "Self": "", "": "",
	} {
		p, err := s.ProjectByPath(t.Context(), strings.Split(path, "/"))
		if refLUID(p) != want || err != nil {
			t.Errorf("%q is %q, error %v, want %q", path, refLUID(p), err, want)
		}
	}
	if p, err := s.ProjectByPath(t.Context(), nil); p != nil || err != nil {
		t.Errorf("no path is %+v, error %v", p, err)
	}
}

func TestTooManyProjectsAreSaid(t *testing.T) {
	t.Parallel()
	u := serve(t, func(*http.Request) reply {
		return reply{body: `{"pagination":{"totalAvailable":"20001"},"projects":{"project":{"id":"p"}}}`}
	})
	var unasked *InputError
	if _, err := u.session(t).Project(t.Context(), "p"); !errors.As(err, &unasked) || len(u.requests) != 1 {
		t.Errorf("error %v after %d requests", err, len(u.requests))
	}
}

// TestWhatLiesInProjectsIsReadTogether reads the workbooks of projects of which two share a name.
func TestWhatLiesInProjectsIsReadTogether(t *testing.T) {
	t.Parallel()
	in := func(id, project string) string { return fmt.Sprintf(`{"id":"%s","project":{"id":"%s"}}`, id, project) }
	items := []string{in("s1", "sales"), in("t1", "top"), in("x1", "unseen"), in("s2", "sales"), in("u1", "sales2"), in("s3", "sales")}
	u := serve(t, store{
		"projects":    listOf("projects", "project", project("top", "Top", ""), project("sales", "Sales", "top"), project("sales2", "Sales", "")),
		"workbooks":   listOf("workbooks", "workbook", items...),
		"datasources": listOf("datasources", "datasource", items...),
		"views":       listOf("views", "view", items...),
	}.answer)
	s := u.session(t)
	page, err := s.Projects(t.Context(), ListQuery[Project]{}, 0, 100)
	if err != nil {
		t.Fatal(err)
	}
	for _, tt := range []struct {
		offset, first int
		want          []string
	}{
		{0, 100, []string{"top: t1 of 1", "sales: s1 s2 s3 of 3", "sales2: u1 of 1"}},
		{1, 1, []string{"top:  of 1", "sales: s2 of 3", "sales2:  of 1"}},
		{0, 0, []string{"top:  of 1", "sales:  of 3", "sales2:  of 1"}},
	} {
		var books, views, sources []string
		for _, p := range page.Items {
			b, err1 := p.Workbooks(t.Context(), ListQuery[Workbook]{}, tt.offset, tt.first)
			v, err2 := p.Views(t.Context(), ListQuery[View]{}, tt.offset, tt.first)
			d, err3 := p.DataSources(t.Context(), ListQuery[DataSource]{}, tt.offset, tt.first)
			if err := errors.Join(err1, err2, err3); err != nil {
				t.Fatal(err)
			}
			books = append(books, fmt.Sprintf("%s: %s of %d", p.LUID, strings.Join(luids(b.Items), " "), b.Total))
			views = append(views, fmt.Sprintf("%s: %s of %d", p.LUID, strings.Join(luids(v.Items), " "), v.Total))
			sources = append(sources, fmt.Sprintf("%s: %s of %d", p.LUID, strings.Join(luids(d.Items), " "), d.Total))
		}
		if diff := cmp.Diff([][]string{tt.want, tt.want, tt.want}, [][]string{books, views, sources}); diff != "" {
			t.Errorf("from %d, %d items (-want +got):\n%s", tt.offset, tt.first, diff)
		}
	}
	if u.count("filter=projectName:in:[Sales,Top]") != 3 || len(u.requests) != 4 {
		t.Errorf("asked for %q", u.paths())
	}
	children, err := page.Items[0].Children(t.Context(), ListQuery[Project]{}, 0, 100)
	if diff := cmp.Diff([]string{"sales"}, luids(children.Items)); diff != "" || err != nil || u.count("projects?filter=parentProjectId:in:[sales,sales2,top]") != 1 {
		t.Errorf("children: error %v, asked for %q (-want +got):\n%s", err, u.paths(), diff)
	}
}

// TestDataSourcesOfProjectsWhereTheFilterIsMissing reads the whole list from API 3.13 to 3.17.
func TestDataSourcesOfProjectsWhereTheFilterIsMissing(t *testing.T) {
	t.Parallel()
	for version, filtered := range map[string]bool{"3.12": true, "3.13": false, "3.17": false, "3.18": true} {
		u := serve(t, func(r *http.Request) reply {
			if strings.HasSuffix(r.URL.Path, "projects") {
				return tree
			}
			return listOf("datasources", "datasource", `{"id":"d","project":{"id":"sales"}}`)
		})
		s := client(t, Config{URL: u.URL, APIVersion: version}).Session(t.Context(), &keeper{})
		p, err := s.Project(t.Context(), "sales")
		if err != nil {
			t.Fatal(err)
		}
		page, err := p.DataSources(t.Context(), ListQuery[DataSource]{}, 0, 10)
		if err != nil || page.Total != 1 || (u.count("filter=projectName") == 1) != filtered {
			t.Errorf("%s: %+v, error %v, asked for %q", version, page, err, u.paths())
		}
	}
}

func TestKeysOfQueriesTellThemApart(t *testing.T) {
	t.Parallel()
	seen := map[string]int{}
	for i, q := range []ListQuery[Workbook]{
		{},
		{Sort: []Sort{{"name", false}}},
		{Sort: []Sort{{"name", true}}},
		{Fields: []string{"a"}},
		{Extra: usageParameter(true)},
		{Filters: []Filter[Workbook]{{Field: "name", Op: "in", Values: []string{"a", "b"}}}},
		{Filters: []Filter[Workbook]{{Field: "name", Op: "in", Values: []string{"a\x00b"}}}},
		{Filters: []Filter[Workbook]{{Field: "name", Op: "in", Values: []string{"a b"}}}},
		{Filters: []Filter[Workbook]{{Field: "name", Op: "in", Values: []string{`a" "b`}}}},
		{Filters: []Filter[Workbook]{{Field: "name", Op: "eq", Values: []string{"a"}}, {Field: "size", Op: "eq", Values: []string{"1"}}}},
		{Filters: []Filter[Workbook]{{Field: "name", Op: "eq", Values: []string{"a\x01size:eq:1"}}}},
	} {
		if j, twice := seen[q.key()]; twice {
			t.Errorf("queries %d and %d share the key %q", j, i, q.key())
		}
		seen[q.key()] = i
	}
}

// TestListsOfAProjectShareAnAnswer holds that a list of a large project leaves the answer that it read
// as it was, where the server sends no total: other lists of the operation read the same one.
func TestListsOfAProjectShareAnAnswer(t *testing.T) {
	t.Parallel()
	answers := map[string][]*Workbook{}
	in := inProjects[Workbook]{
		read: func(_ context.Context, query url.Values) (Pagination, []*Workbook, error) {
			if answers[query.Encode()] == nil {
				for i := range 12 {
					w := &Workbook{LUID: LUID(fmt.Sprint("w", i)), ProjectRef: &Project{LUID: LUID(fmt.Sprint("p", i%2))}}
					answers[query.Encode()] = append(answers[query.Encode()], w)
				}
			}
			return numbered(Pagination{}, query), answers[query.Encode()], nil
		},
		field: "projectName", value: projectName,
		of: func(w *Workbook) LUID { return refLUID(w.ProjectRef) },
	}
	p := &Project{node: node{s: reader(t)}, LUID: "p0", Name: "Sales"}
	for range 2 {
		page, err := filterByID(t.Context(), p, in, ListQuery[Workbook]{}, 1, 3)
		if err != nil || page.Total != 6 || !slices.Equal(luids(page.Items), []string{"w2", "w4", "w6"}) {
			t.Fatalf("%+v, error %v", page, err)
		}
	}
	for query, items := range answers {
		if slices.Contains(items, nil) || items[3].LUID != "w3" {
			t.Errorf("the answer to %s was written to: %v", query, items)
		}
	}
}
