package tableau

import (
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"net/http/httptest"
	"net/url"
	"slices"
	"strconv"
	"testing"

	"pgregory.net/rapid"
)

// tokenServer is a server that pages by token, as JSON. A token is the offset of its page.
type tokenServer struct {
	total  int
	cap    int  // largest page that it gives; 0 for any
	counts bool // it sends the total
	circle bool // the last page leads back to the first
	calls  int
}

func (s *tokenServer) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	s.calls++
	from, _ := strconv.Atoi(r.URL.Query().Get("pageToken"))
	size, _ := strconv.Atoi(r.URL.Query().Get("pageSize"))
	to := min(from+min(size, cmp.Or(s.cap, size)), s.total)
	answer := map[string]any{"items": between(from, to)}
	switch {
	case to < s.total:
		answer["nextPageToken"] = strconv.Itoa(to)
	case s.circle:
		answer["nextPageToken"] = "0"
	}
	if s.counts {
		answer["total"] = s.total
	}
	_ = json.NewEncoder(w).Encode(answer)
}

// pager returns the pager of a server's list of workbooks.
func (s *tokenServer) pager(t *testing.T) pager[Workbook] {
	server := httptest.NewServer(s)
	t.Cleanup(server.Close)
	return tokenPager[Workbook, *Workbook]{func(ctx context.Context, token string, size int) (page tokenPage[Workbook], err error) {
		query := url.Values{"pageToken": {token}, "pageSize": {strconv.Itoa(size)}}
		r, err := http.NewRequestWithContext(ctx, http.MethodGet, server.URL+"?"+query.Encode(), http.NoBody)
		if err != nil {
			return page, err
		}
		res, err := server.Client().Do(r)
		if err != nil {
			return page, err
		}
		defer res.Body.Close()
		var answer struct {
			Items         []string
			NextPageToken string
			Total         Int
		}
		if err := json.NewDecoder(res.Body).Decode(&answer); err != nil {
			return page, err
		}
		for _, id := range answer.Items {
			page.items = append(page.items, &Workbook{LUID: LUID(id)})
		}
		page.next, page.total = answer.NextPageToken, answer.Total
		return page, nil
	}}
}

// TestListsThatPageByTokenAreReadOnce reads lists from page to page, and from positions within the
// pages: each item once, in order, with the right totals.
func TestListsThatPageByTokenAreReadOnce(t *testing.T) {
	t.Parallel()
	s := reader(t)
	server := &tokenServer{}
	list := server.pager(t)
	open := func(url.Values) pager[Workbook] { return list }
	rapid.Check(t, func(rt *rapid.T) {
		*server = tokenServer{
			total: rapid.IntRange(0, 60).Draw(rt, "total"), cap: rapid.IntRange(0, 12).Draw(rt, "cap"), counts: rapid.Bool().Draw(rt, "counts"),
		}
		counted := rapid.Bool().Draw(rt, "counted")
		var got []string
		at, more := Position{}, true
		for more {
			first := rapid.IntRange(1, 20).Draw(rt, "first")
			page, err := readPaged(t.Context(), s, open, ListQuery[Workbook]{Counted: counted, Token: at.Token, mayBeOpen: true}, at.Offset, first)
			if err != nil {
				rt.Fatal(err)
			}
			known := server.counts || at == Position{} && (counted || page.Next == nil)
			if known && page.Open || !page.Open && page.Total != server.total {
				rt.Errorf("a total of %d, unknown %t, want %d", page.Total, page.Open, server.total)
			}
			if len(page.Items) != min(first, server.total-len(got)) || len(page.After) != len(page.Items) {
				rt.Fatalf("%d items with %d positions after %d of %d", len(page.Items), len(page.After), len(got), server.total)
			}
			keep := len(page.Items)
			if keep > 0 && rapid.Bool().Draw(rt, "from within") {
				keep = rapid.IntRange(1, keep).Draw(rt, "keep")
			}
			got = append(got, luids(page.Items[:keep])...)
			if more = keep < len(page.Items) || page.Next != nil; !more {
				break
			}
			at = *cmp.Or(page.Next, &Position{})
			if keep > 0 {
				at = page.After[keep-1]
			}
		}
		if !slices.Equal(got, between(0, server.total)) {
			rt.Errorf("%d items, want %d: %v", len(got), server.total, got)
		}
		all, err := list.all(t.Context(), maxLocalPages)
		if err != nil || !slices.Equal(luids(all), between(0, server.total)) {
			rt.Errorf("all are %d items, error %v", len(all), err)
		}
	})
}

func TestPagesByTokenTakeNoMoreCallsThanNeeded(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct {
		server        tokenServer
		offset, first int
		counted       bool
		calls         int
	}{
		{tokenServer{total: 5000}, 0, 100, false, 1},
		{tokenServer{total: 5000, counts: true}, 0, 100, true, 1},
		{tokenServer{total: 2500}, 0, 100, true, 25},
		{tokenServer{total: 5000, cap: 50}, 0, 100, false, 2},
		{tokenServer{total: 5000, cap: 50}, 60, 100, false, 4},
		{tokenServer{total: 5000, counts: true}, 0, 0, true, 1},
		{tokenServer{total: 5000, cap: 10}, 0, 100, true, maxPages},
	} {
		page, err := readPaged(t.Context(), reader(t), func(url.Values) pager[Workbook] { return tt.server.pager(t) },
			ListQuery[Workbook]{Counted: tt.counted, mayBeOpen: true}, tt.offset, tt.first)
		if err != nil || len(page.Items) != tt.first || page.Next == nil || tt.server.calls != tt.calls {
			t.Errorf("%+v: %d calls, error %v", tt, tt.server.calls, err)
		}
	}
}

func TestPagesByTokenEnd(t *testing.T) {
	t.Parallel()
	circle := (&tokenServer{total: 30, cap: 10, circle: true}).pager(t)
	if _, err := circle.all(t.Context(), maxLocalPages); !IsKind(err, Malformed) || !errors.Is(err, errCircle) {
		t.Errorf("a circle: %v", err)
	}
	long := &tokenServer{total: maxLocalPages*maxPageSize + 1}
	if _, err := long.pager(t).all(t.Context(), maxLocalPages); err != errTooManyPages || long.calls != maxLocalPages { //nolint:errorlint // the sentinel is never wrapped
		t.Errorf("%d calls, error %v", long.calls, err)
	}
	small := &tokenServer{total: 1000, cap: 1}
	if _, err := small.pager(t).all(t.Context(), maxLocalPages); err != errTooManyPages || small.calls > maxPages { //nolint:errorlint // the sentinel is never wrapped
		t.Errorf("%d calls, error %v", small.calls, err)
	}
	numbered := numberPager[Workbook, *Workbook]{read: (&list{total: 3}).page}
	var refused *InputError
	if _, err := numbered.span(t.Context(), Position{Token: "x"}, 1, false); !errors.As(err, &refused) {
		t.Errorf("a token where pages have numbers: %v", err)
	}
}

// TestFiltersOfListsThatPageByToken filters here, and counts positions from the beginning.
func TestFiltersOfListsThatPageByToken(t *testing.T) {
	t.Parallel()
	server := &tokenServer{total: 40, cap: 7}
	odd := Filter[Workbook]{Field: "name", Op: "eq", Values: []string{"a,b"}, Match: func(w *Workbook) bool { return w.LUID[len(w.LUID)-1] == '3' }}
	page, err := readPaged(t.Context(), reader(t), func(url.Values) pager[Workbook] { return server.pager(t) },
		ListQuery[Workbook]{Filters: []Filter[Workbook]{odd}}, 1, 2)
	if got := fmt.Sprint(luids(page.Items), page.Total, page.After); err != nil || got != "[w13 w23] 4 []" {
		t.Errorf("%s, error %v", got, err)
	}
}
