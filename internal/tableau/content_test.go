package tableau

import (
	"errors"
	"fmt"
	"net/http"
	"slices"
	"strings"
	"sync"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// shelf is a fake of Tableau with answers by path below the site; what has no answer is missing.
type store map[string]reply

func (s store) answer(r *http.Request) reply {
	path := strings.TrimPrefix(r.URL.Path, "/api/3.27/sites/"+siteID+"/")
	if filter := r.URL.Query().Get("filter"); filter != "" {
		if a, ok := s[path+"?"+filter]; ok {
			return a
		}
	}
	if a, ok := s[path]; ok {
		return a
	}
	return code(404, "404006")
}

// listOf is a page that holds a whole list.
func listOf(container, item string, objects ...string) reply {
	return reply{body: fmt.Sprintf(`{"pagination":{"pageNumber":"1","pageSize":"1000","totalAvailable":"%d"},"%s":{"%s":[%s]}}`,
		len(objects), container, item, strings.Join(objects, ","))}
}

func workbook(id, name string) string {
	return fmt.Sprintf(`{"id":"%s","name":"%s","contentUrl":"%s","owner":{"id":"owner-%s"},"project":{"id":"p"}}`, id, name, id, id)
}

func view(id, workbook string) string {
	return fmt.Sprintf(`{"id":"%s","contentUrl":"%s/sheets/%s","workbook":{"id":"%s"}}`, id, workbook, id, workbook)
}

// viewIDs asks all workbooks side by side for their views.
func viewIDs(t *testing.T, workbooks []*Workbook, need ViewNeeds) map[LUID][]string {
	t.Helper()
	var (
		mu  sync.Mutex
		wg  sync.WaitGroup
		got = map[LUID][]string{}
	)
	for _, w := range workbooks {
		wg.Go(func() {
			views, err := w.Views(t.Context(), need)
			if err != nil {
				t.Error(err)
			}
			for _, v := range views {
				if parent, err := v.Workbook(t.Context(), nil); parent != w || err != nil {
					t.Errorf("view %s leads to %+v, error %v", v.LUID, parent, err)
				}
			}
			mu.Lock()
			defer mu.Unlock()
			got[w.LUID] = luids(views)
		})
	}
	wg.Wait()
	return got
}

func TestViewsOfManyWorkbooksAreReadTogether(t *testing.T) {
	t.Parallel()
	books := listOf("workbooks", "workbook", workbook("a", "Same"), workbook("b", "Same"), workbook("c", "Odd, name"), workbook("d", "Other"), workbook("e", "Empty"))
	named := listOf("views", "view", view("d1", "d"), view("a2", "a"), view("b1", "b"), view("x1", "x"), view("a1", "a"))
	both := map[LUID][]string{"a": {"a2", "a1"}, "b": {"b1"}, "c": {"c1"}, "d": {"d1"}, "e": {}}
	each := store{
		"workbooks": books, "workbooks/a/views": listOf("views", "view", view("a2", "a"), view("a1", "a")), "workbooks/b/views": listOf("views", "view", view("b1", "b")),
		"workbooks/c/views": listOf("views", "view", view("c1", "c")), "workbooks/d/views": listOf("views", "view", view("d1", "d")),
	} // e is gone
	with := func(views reply) store {
		s := store{"views": views}
		for path, a := range each {
			s[path] = a
		}
		return s
	}
	long := listOf("views", "view", view("a1", "a"))
	long.body = strings.Replace(long.body, `"totalAvailable":"1"`, `"totalAvailable":"10001"`, 1)
	all := listOf("views", "view", view("d1", "d"), view("a2", "a"), view("b1", "b"), view("c1", "c"), view("x1", "x"), view("a1", "a"))
	large := with(long)
	large["views?workbookName:in:[Empty,Other,Same]"] = named
	tests := []struct {
		name  string
		store store
		calls int
		named int // of them with a filter on names
	}{
		{"in the whole list", with(all), 1 + 1, 0},
		{"by their names where the whole list is too long", large, 1 + 1 + 1 + 1, 1},
		{"one by one where the list cannot be sorted", with(code(400, "400066")), 1 + 1 + 5, 0},
		{"one by one where it cannot be filtered", with(code(400, "400065")), 1 + 1 + 5, 0},
		{"one by one where it is too long with their names too", with(long), 1 + 1 + 1 + 5, 1},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			u := serve(t, tt.store.answer)
			page, err := u.session(t).Workbooks(t.Context(), ListQuery[Workbook]{}, 0, 100)
			if err != nil {
				t.Fatal(err)
			}
			if diff := cmp.Diff(both, viewIDs(t, page.Items, ViewNeeds{})); diff != "" {
				t.Errorf("(-want +got):\n%s", diff)
			}
			_ = viewIDs(t, page.Items, ViewNeeds{})
			if len(u.requests) != tt.calls || u.count("views?filter=workbookName:in:[Empty,Other,Same]&pageNumber=1&pageSize=1000&sort=sheetNumber:asc") != tt.named {
				t.Errorf("asked for %q", u.paths())
			}
		})
	}
}

func TestViewsOfOneWorkbook(t *testing.T) {
	t.Parallel()
	u := serve(t, store{
		"workbooks/a":       {body: `{"workbook":{"id":"a","name":"A","defaultViewId":"a2","views":{"view":[{"id":"a1"},{"id":"a2"}]}}}`},
		"workbooks/b":       {body: `{"workbook":{"id":"b","name":"B","defaultViewId":"hidden","views":{}}}`},
		"workbooks/c":       {body: `{"workbook":{"id":"c","name":"C"}}`},
		"workbooks/c/views": listOf("views", "view", view("c1", "c")),
		"workbooks/a/views": code(403, "403004"),
	}.answer)
	s := u.session(t)
	book := func(id LUID) *Workbook {
		t.Helper()
		w, err := s.Workbook(t.Context(), id)
		if err != nil {
			t.Fatal(err)
		}
		return w
	}
	for id, want := range map[LUID][]string{"a": {"a1", "a2"}, "b": {}, "c": {"c1"}} {
		views, err := book(id).Views(t.Context(), ViewNeeds{Plain: true})
		if diff := cmp.Diff(want, luids(views)); diff != "" || err != nil {
			t.Errorf("%s: error %v (-want +got):\n%s", id, err, diff)
		}
	}
	if n := len(u.requests); n != 4 {
		t.Errorf("%d calls: views that came along, or do not exist, were asked for again: %q", n, u.paths())
	}
	if v, err := book("a").DefaultView(t.Context(), ViewNeeds{Plain: true}); err != nil || v.LUID != "a2" {
		t.Errorf("%+v, error %v", v, err)
	}
	if v, err := book("b").DefaultView(t.Context(), ViewNeeds{Plain: true}); v != nil || err != nil {
		t.Errorf("a hidden default view is %+v, error %v", v, err)
	}
	_, err := book("a").Views(t.Context(), ViewNeeds{})
	wantKind(t, err, Refused)
}

func TestWorkbooksOfManyViewsAreReadTogether(t *testing.T) {
	t.Parallel()
	u := serve(t, store{
		"views":       listOf("views", "view", view("a1", "a"), view("a2", "a"), view("b1", "b"), view("h1", "h"), `{"id":"n"}`),
		"workbooks":   listOf("workbooks", "workbook", workbook("a", "A"), workbook("b", "B"), workbook("z", "Z")),
		"workbooks/h": code(403, "403004"),
	}.answer)
	page, err := u.session(t).Views(t.Context(), ListQuery[View]{}, 0, 100)
	if err != nil {
		t.Fatal(err)
	}
	var got []string
	for _, v := range page.Items {
		w, err := v.Workbook(t.Context(), func(w *Workbook) bool { return w.Name != "" })
		if err != nil {
			t.Error(err)
		}
		if w == nil {
			w = &Workbook{Name: "none"}
		}
		got = append(got, w.Name)
	}
	if diff := cmp.Diff([]string{"A", "A", "B", "none", "none"}, got); diff != "" || len(u.requests) != 3 {
		t.Errorf("after %q (-want +got):\n%s", u.paths(), diff)
	}
}

func user(id, name string) string {
	return fmt.Sprintf(`{"id":"%s","name":"%s","fullName":"%s","email":"x@example.com"}`, id, name, strings.ToUpper(name))
}

func TestOwnersAreReadTogether(t *testing.T) {
	t.Parallel()
	books := listOf("workbooks", "workbook", workbook("a", "A"), workbook("b", "B"), `{"id":"c","name":"C","contentUrl":"c","owner":{"id":"`+userID+`"}}`, `{"id":"d","name":"D","contentUrl":"d"}`)
	listed := listOf("workbooks", "workbook", `{"id":"a","owner":{"id":"owner-a","fullName":"A"}}`, `{"id":"b","owner":{"id":"owner-b","fullName":"B"}}`)
	fullName := func(u *User) bool { return u.FullName != "" }
	unlisted := func(u *User) bool { return u.AuthSetting != "" } // what no list of workbooks has
	tests := []struct {
		name   string
		store  store
		enough func(*User) bool
		want   []string // full names, or "none"
		calls  int
	}{
		{"as the list has them", store{"workbooks": books}, func(*User) bool { return true }, []string{"", "", "", "none"}, 1},
		{"as a list has them that is asked for it", store{"workbooks": books, "workbooks?contentUrl:in:[a,b,c,d]": listed, "users/" + userID: {body: `{"user":` + user(userID, "me") + `}`}}, fullName, []string{"A", "B", "ME", "none"}, 4},
		{"from the list of users", store{"workbooks": books, "users": listOf("users", "user", user("owner-a", "a"), user("owner-b", "b"), user(userID, "me"))}, unlisted, []string{"A", "B", "ME", "none"}, 2},
		{"what lists have, and oneself, where that is refused", store{"workbooks": books, "workbooks?contentUrl:in:[a,b,c,d]": listed, "users": code(403, "403004"), "users/" + userID: {body: `{"user":` + user(userID, "me") + `}`}}, unlisted, []string{"A", "B", "ME", "none"}, 4},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			u := serve(t, tt.store.answer)
			page, err := u.session(t).Workbooks(t.Context(), ListQuery[Workbook]{}, 0, 100)
			if err != nil {
				t.Fatal(err)
			}
			var got []string
			for _, w := range page.Items {
				owner, err := w.ReadOwner(t.Context(), tt.enough)
				switch {
				case err != nil:
					t.Error(err)
				case owner == nil:
					got = append(got, "none")
				default:
					got = append(got, string(owner.FullName))
				}
			}
			if diff := cmp.Diff(tt.want, got); diff != "" {
				t.Errorf("after %q (-want +got):\n%s", u.paths(), diff)
			}
			if tt.calls > 0 && len(u.requests) != tt.calls {
				t.Errorf("asked for %q, want %d calls", u.paths(), tt.calls)
			}
		})
	}
}

func TestUserByName(t *testing.T) {
	t.Parallel()
	kims := listOf("users", "user", `{"id":"u1","name":"kim","domain":{"name":"Example.com"}}`, `{"id":"u2","name":"kim","domain":{"name":"other"}}`, `{"id":"u3","name":"Kim"}`)
	one := listOf("users", "user", `{"id":"u3","name":"Kim"}`)
	refused := store{"users": code(403, "403004"), "users/" + userID: {body: `{"user":` + user(userID, "me") + `}`}}
	tests := []struct {
		name, who string
		store     store
		want      LUID
		err       error
	}{
		{"one", "Kim", store{"users": one}, "u3", nil},
		{"case counts", "kim", store{"users": one}, "", nil},
		{"several domains", "kim", store{"users": kims}, "", ErrSeveral},
		{"a domain", `example.COM\kim`, store{"users": kims}, "u1", nil},
		{"none of that domain", `third\kim`, store{"users": kims}, "", nil},
		{"nobody", "dave", store{"users": listOf("users", "user")}, "", nil},
		{"oneself", "me", refused, userID, nil},
		{"others, refused", "kim", refused, "", nil},
		{"a second filter in it", "bob,name:eq:Kim", store{"users": one}, "", nil},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			u := serve(t, tt.store.answer)
			got, err := u.session(t).UserByName(t.Context(), tt.who)
			if !errors.Is(err, tt.err) || (got != nil) != (tt.want != "") || got != nil && got.LUID != tt.want {
				t.Errorf("%+v, error %v", got, err)
			}
			if strings.Contains(tt.who, ",") && strings.Contains(strings.Join(u.paths(), " "), "filter=") {
				t.Errorf("asked for %q", u.paths())
			}
		})
	}
}

func TestUsersByLUID(t *testing.T) {
	t.Parallel()
	u := serve(t, store{"users": listOf("users", "user", user("a", "a"), user("b", "b")), "users/c": {body: `{"user":` + user("c", "c") + `}`}}.answer)
	s := u.session(t)
	ids := []LUID{"b", "a", "b"}
	got, err := s.UsersByLUID(t.Context(), ids)
	if err != nil || len(got) != 2 || !slices.Equal(ids, []LUID{"b", "a", "b"}) {
		t.Errorf("%v, error %v, of %v", got, err, ids)
	}
	if got, err := s.UsersByLUID(t.Context(), []LUID{"c"}); err != nil || got["c"].Name != "c" {
		t.Errorf("%v, error %v", got, err)
	}
	if got, err := s.UsersByLUID(t.Context(), nil); err != nil || len(got) != 0 {
		t.Errorf("%v, error %v", got, err)
	}
	want := []string{"users?fields=_all_&filter=luid:in:[a,b]&pageNumber=1&pageSize=1000", "users/c"}
	if diff := cmp.Diff(want, u.paths()); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
}
