package tableau

import (
	"errors"
	"fmt"
	"math/rand/v2"
	"net/http"
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// reader gives a session for lists in memory: nothing is sent.
func reader(t *testing.T) *Session {
	t.Helper()
	return client(t, Config{URL: "https://t", APIVersion: "3.27"}).Session(t.Context(), &keeper{})
}

// between are the ids of the items from low to below high.
func between(low, high int) []string {
	ids := []string{}
	for i := low; i < high; i++ {
		ids = append(ids, "w"+strconv.Itoa(i))
	}
	return ids
}

// TestWindowIsTheStretchOfTheList compares stretches of lists of any length with the lists, and
// counts the calls.
func TestWindowIsTheStretchOfTheList(t *testing.T) {
	t.Parallel()
	s := reader(t)
	random := rand.New(rand.NewPCG(1, 2))
	edges := []int{0, 1, 2, 99, 100, 101, 999, 1000, 1001, 1999, 2000, 2001, 2500, 3000}
	pick := func(most int) int {
		if n := edges[random.IntN(len(edges))]; random.IntN(3) == 0 && n <= most {
			return n
		}
		return random.IntN(most + 1)
	}
	for range 3000 {
		total, offset, first := pick(3000), pick(3200), pick(2500)
		l := &list{total: total}
		page, err := readRange(t.Context(), s, l.page, ListQuery[Workbook]{}, offset, first)
		if err != nil {
			t.Fatalf("total %d, offset %d, first %d: %v", total, offset, first, err)
		}
		low := min(offset, total)
		want := between(low, min(low+first, total))
		if got := luids(page.Items); !slices.Equal(got, want) || page.Total != total || page.Offset != offset {
			t.Fatalf("total %d, offset %d, first %d: %d items of %d, from %d", total, offset, first, len(got), page.Total, page.Offset)
		}
		if least := max((len(want)+maxPageSize-1)/maxPageSize, 1); l.calls > least+1 {
			t.Errorf("total %d, offset %d, first %d: %d calls, %d would do", total, offset, first, l.calls, least)
		}
		if first <= 1000 && offset%max(first, 1) == 0 && offset < max(total, 1) && (l.calls != 1 || l.largest > max(first, 1)) {
			t.Errorf("total %d, offset %d, first %d: %d calls, pages of %d", total, offset, first, l.calls, l.largest)
		}
	}
}

func TestWindowOfListsThatChange(t *testing.T) {
	t.Parallel()
	s := reader(t)
	random := rand.New(rand.NewPCG(3, 4))
	for range 1000 {
		l := &list{total: random.IntN(5000), shrinks: random.IntN(900), moves: random.IntN(2) == 0}
		total, offset, first := l.total, random.IntN(3000), random.IntN(4000)
		page, err := readRange(t.Context(), s, l.page, ListQuery[Workbook]{}, offset, first)
		if err != nil {
			t.Fatalf("%+v: %v", l, err)
		}
		ids := luids(page.Items)
		if len(ids) > first || page.Total > total || l.calls > 6 {
			t.Errorf("total %d, offset %d, first %d: %d items of %d in %d calls", total, offset, first, len(ids), page.Total, l.calls)
		}
		slices.Sort(ids)
		if len(slices.Compact(ids)) != len(page.Items) {
			t.Errorf("total %d, offset %d, first %d: an item is there twice", total, offset, first)
		}
	}
}

func TestWindowOfServersWithSmallPages(t *testing.T) {
	t.Parallel()
	s := reader(t)
	for _, tt := range []struct{ total, cap, offset, first int }{
		{2500, 100, 0, 2500}, {2500, 100, 950, 300}, {2500, 300, 1, 1000}, {50, 100, 0, 1000}, {101, 100, 100, 100}, {2500, 1, 7, 3}, {0, 100, 0, 1000},
	} {
		l := &list{total: tt.total, cap: tt.cap}
		page, err := readRange(t.Context(), s, l.page, ListQuery[Workbook]{}, tt.offset, tt.first)
		if err != nil {
			t.Fatalf("%+v: %v", tt, err)
		}
		want := between(min(tt.offset, tt.total), min(tt.offset+tt.first, tt.total))
		if diff := cmp.Diff(want, luids(page.Items)); diff != "" || page.Total != tt.total {
			t.Errorf("%+v: total %d (-want +got):\n%.500s", tt, page.Total, diff)
		}
		all, err := readAll(t.Context(), l.page, nil, maxLocalPages)
		if tt.cap == 1 {
			if err != errTooManyPages || l.calls > 10 { //nolint:errorlint // the sentinel is never wrapped
				t.Errorf("%+v: error %v after %d calls", tt, err, l.calls)
			}
			continue
		}
		if err != nil || len(unique(all)) != tt.total {
			t.Errorf("%+v: %d of all, error %v", tt, len(all), err)
		}
	}
}

// TestServersThatShortenPagesSilently reads lists of servers that give fewer items than they are
// asked for and do not say so.
func TestServersThatShortenPagesSilently(t *testing.T) {
	t.Parallel()
	s := reader(t)
	for _, noTotals := range []bool{false, true} {
		for _, limit := range []int{20, 50, 100, 500} {
			for _, total := range []int{0, 1, 99, 100, 101, 250, 1001, 1990} {
				for _, offset := range []int{0, 1, 100, 150} {
					l := &list{total: total, cap: limit, silent: true, noTotals: noTotals}
					page, err := readRange(t.Context(), s, l.page, ListQuery[Workbook]{Counted: true}, offset, 120)
					if err != nil {
						t.Fatalf("%d from %d of %d: %v", limit, offset, total, err)
					}
					want := between(min(offset, total), min(offset+120, total))
					if page.Total != total || !slices.Equal(luids(page.Items), want) {
						t.Errorf("no totals %t, pages of %d: %d items from %d of %d: got %d of %d", noTotals, limit, len(want), offset, total, len(page.Items), page.Total)
					}
					all, err := readAll(t.Context(), l.page, nil, maxLocalPages)
					if err != nil || len(all) != total {
						t.Errorf("no totals %t, pages of %d: %d of all %d, %v", noTotals, limit, len(all), total, err)
					}
				}
			}
		}
	}
}

func TestWindowWithoutTotals(t *testing.T) {
	t.Parallel()
	l := &list{total: 30, noTotals: true}
	page, err := readRange(t.Context(), reader(t), l.page, ListQuery[Workbook]{}, 20, 20)
	if err != nil || page.Total != 30 || len(page.Items) != 10 {
		t.Errorf("%+v, error %v", page, err)
	}
}

func TestNothingIsAskedForWhatMatchesNothing(t *testing.T) {
	t.Parallel()
	l := &list{total: 30}
	q := ListQuery[Workbook]{Filters: []Filter[Workbook]{{Field: "name", Op: "in"}}}
	page, err := readRange(t.Context(), reader(t), l.page, q, 5, 20)
	if err != nil || page.Total != 0 || len(page.Items) != 0 || l.calls != 0 {
		t.Errorf("%+v after %d calls, error %v", page, l.calls, err)
	}
}

// TestFiltersThatTableauCannotExpressAreDoneHere filters by a name with a comma.
func TestFiltersThatTableauCannotExpressAreDoneHere(t *testing.T) {
	t.Parallel()
	s := reader(t)
	odd := ListQuery[Workbook]{Filters: []Filter[Workbook]{{
		Field: "name", Op: "eq", Values: []string{"a,b"}, Match: func(w *Workbook) bool { return strings.HasSuffix(w.Name, "7") },
	}}}
	l := &list{total: 2500}
	page, err := readRange(t.Context(), s, l.page, odd, 240, 100)
	if err != nil || page.Total != 250 || len(page.Items) != 10 || page.Items[9].LUID != "w2497" || l.calls != 3 {
		t.Errorf("%d of %d after %d calls, error %v", len(page.Items), page.Total, l.calls, err)
	}
	if page, err := readRange(t.Context(), s, l.page, odd, 4000, 100); err != nil || page.Total != 250 || len(page.Items) != 0 {
		t.Errorf("%+v, error %v", page, err)
	}
	l = &list{total: maxLocalPages*maxPageSize + 1}
	_, err = readRange(t.Context(), s, l.page, odd, 0, 100)
	var unasked *InputError
	if !errors.As(err, &unasked) || !strings.Contains(unasked.Reason, "10000") || l.calls != 1 {
		t.Errorf("error %v after %d calls", err, l.calls)
	}
}

func TestFailedPageFailsTheList(t *testing.T) {
	t.Parallel()
	u := serve(t, func(r *http.Request) reply {
		if r.URL.Query().Get("pageNumber") == "2" {
			return code(500, "500000")
		}
		return reply{body: `{"pagination":{"totalAvailable":"3000"},"workbooks":{"workbook":{"id":"w` + r.URL.Query().Get("pageNumber") + `"}}}`}
	})
	_, err := u.session(t).Workbooks(t.Context(), ListQuery[Workbook]{}, 0, 3000)
	wantKind(t, err, Unavailable)
	if !HasCode(err, "500000") {
		t.Errorf("error %v", err)
	}
}

// TestPlan holds what Tableau is asked, and what is done here, against its grammar (rest-api,
// filtering and sorting).
func TestPlan(t *testing.T) {
	t.Parallel()
	type filter = Filter[Workbook]
	match := func(*Workbook) bool { return true }
	long := strings.Repeat("é", maxFilterBytes/6+1)
	many := make([]string, 1000)
	for i := range many {
		many[i] = fmt.Sprintf("name %d", i)
	}
	tests := []struct {
		name    string
		version string
		filters []filter
		sent    string // the filter parameter
		local   []string
		refused string // part of the reason
	}{
		{"plain", "3.27", []filter{{Field: "name", Op: "eq", Values: []string{"A: b/c"}}}, "name:eq:A: b/c", nil, ""},
		{"several fields", "3.27", []filter{{Field: "name", Op: "in", Values: []string{"A", "B"}}, {Field: "size", Op: "gte", Values: []string{"3"}}}, "name:in:[A,B],size:gte:3", nil, ""},
		{"comma", "3.27", []filter{{Field: "name", Op: "eq", Values: []string{"A,B"}, Match: match}}, "", []string{"name:eq"}, ""},
		{"comma, no item shows it", "3.27", []filter{{Field: "title", Op: "eq", Values: []string{"A,B"}}}, "", nil, "comma"},
		{"ampersand", "3.27", []filter{{Field: "name", Op: "eq", Values: []string{"A&B"}, Match: match}}, "", []string{"name:eq"}, ""},
		{"comma in a list", "3.27", []filter{{Field: "name", Op: "in", Values: []string{"A", "B,C"}, Match: match}}, "", []string{"name:in"}, ""},
		{"bracket in a list", "3.27", []filter{{Field: "name", Op: "in", Values: []string{"A]"}, Match: match}}, "", []string{"name:in"}, ""},
		{"bracket alone", "3.27", []filter{{Field: "name", Op: "eq", Values: []string{"[A]"}, Match: match}}, "name:eq:[A]", []string{"name:eq"}, ""},
		{"backslash", "3.27", []filter{{Field: "name", Op: "eq", Values: []string{`A\B`}, Match: match}}, `name:eq:A\B`, []string{"name:eq"}, ""},
		{"star", "3.27", []filter{{Field: "name", Op: "eq", Values: []string{"A*"}, Match: match}}, "name:eq:A*", []string{"name:eq"}, ""},
		{"star in a list", "3.15", []filter{{Field: "name", Op: "in", Values: []string{"A", "*B"}, Match: match}}, "name:in:[A,*B]", []string{"name:in"}, ""},
		{"star before its time", "3.14", []filter{{Field: "name", Op: "eq", Values: []string{"A*"}, Match: match}}, "name:eq:A*", nil, ""},
		{"star, no item shows it", "3.27", []filter{{Field: "title", Op: "eq", Values: []string{"A*"}}}, "", nil, "star"},
		{"star, no item shows it, before its time", "3.14", []filter{{Field: "title", Op: "eq", Values: []string{"A*"}}}, "title:eq:A*", nil, ""},
		{"star, LUIDs decide", "3.27", []filter{{Field: "name", Op: "in", Values: []string{"A*"}, Match: match, Prefilter: true}}, "name:in:[A*]", nil, ""},
		{"empty value", "3.27", []filter{{Field: "name", Op: "eq", Values: []string{""}, Match: match}}, "", []string{"name:eq"}, ""},
		{"range on one field", "3.27", []filter{{Field: "size", Op: "gte", Values: []string{"3"}, Match: match}, {Field: "size", Op: "lt", Values: []string{"9"}, Match: match}}, "size:gte:3", []string{"size:lt"}, ""},
		{"range, no item shows it", "3.27", []filter{{Field: "hitsTotal", Op: "gte", Values: []string{"3"}}, {Field: "hitsTotal", Op: "lt", Values: []string{"9"}}}, "", nil, "only the last"},
		{"the narrowest goes to Tableau", "3.27", []filter{{Field: "name", Op: "like", Values: []string{"A*"}, Match: match}, {Field: "name", Op: "eq", Values: []string{"Ab"}, Match: match}}, "name:eq:Ab", []string{"name:like"}, ""},
		{"like", "3.20", []filter{{Field: "name", Op: "like", Values: []string{"A*"}, Match: match, Least: "3.20"}}, "name:like:A*", nil, ""},
		{"like before its time", "3.19", []filter{{Field: "name", Op: "like", Values: []string{"A*"}, Match: match, Least: "3.20"}}, "", []string{"name:like"}, ""},
		{"like before its time, no item shows it", "3.9", []filter{{Field: "title", Op: "like", Values: []string{"A*"}, Least: "3.20"}}, "", nil, "does not know"},
		{"not one of Tableau's", "3.27", []filter{{Field: "luid", Op: "eq", Values: []string{"A"}, Match: match, Local: true}}, "", []string{"luid:eq"}, ""},
		{"too long", "3.27", []filter{{Field: "name", Op: "eq", Values: []string{long}, Match: match}}, "", []string{"name:eq"}, ""},
		{"too many", "3.27", []filter{{Field: "name", Op: "in", Values: many, Match: match}}, "", []string{"name:in"}, ""},
		{"too many, no item shows it", "3.27", []filter{{Field: "fields", Op: "in", Values: many}}, "", nil, "too long"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			q := ListQuery[Workbook]{Filters: tt.filters}
			before := slices.Clone(tt.filters)
			sent, local, err := q.plan(tt.version)
			if tt.refused != "" {
				var unasked *InputError
				if !errors.As(err, &unasked) || !strings.Contains(unasked.Reason, tt.refused) || !strings.Contains(unasked.Reason, tt.filters[0].Field) {
					t.Errorf("error %v, want one with %q", err, tt.refused)
				}
				return
			}
			var here []string
			for _, f := range local {
				here = append(here, f.Field+":"+f.Op)
			}
			if diff := cmp.Diff([]any{tt.sent, tt.local}, []any{q.values(sent, local).Get("filter"), here}); diff != "" || err != nil {
				t.Errorf("error %v (-want +got):\n%s", err, diff)
			}
			for i, f := range before {
				if q.Filters[i].Op != f.Op || q.Filters[i].Field != f.Field {
					t.Error("the caller's filters were sorted")
				}
			}
		})
	}
}

func TestListParametersAreWrittenAsTableauTakesThem(t *testing.T) {
	t.Parallel()
	q := ListQuery[Workbook]{
		Sort: []Sort{{"name", false}, {"updatedAt", true}}, Fields: []string{"sheetCount", "owner.fullName", "sheetCount"}, Extra: usageParameter(true),
	}
	sent := []Filter[Workbook]{{Field: "name", Op: "eq", Values: []string{"Été + 50%"}}}
	local := []Filter[Workbook]{{Field: "hasExtracts", Fields: []string{"hasExtracts"}}}
	got := pageOf(q.values(sent, local), 2, 50).Encode()
	want := "fields=_default_%2ChasExtracts%2Cowner.fullName%2CsheetCount&filter=name%3Aeq%3A%C3%89t%C3%A9+%2B+50%25&" +
		"includeUsageStatistics=true&pageNumber=2&pageSize=50&sort=name%3Aasc%2CupdatedAt%3Adesc"
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
	if got := (ListQuery[Workbook]{Fields: []string{"sheetCount", allFields}}).values(nil, nil).Get("fields"); got != "_all_" {
		t.Errorf("all fields are asked for by %q", got)
	}
	if got := FilterTime(start.In(cet)); got != "2026-03-02T09:00:00Z" {
		t.Errorf("a time is written as %q", got)
	}
}

// TestChunksHoldEachValueOnce cuts lists of values of any length.
func TestChunksHoldEachValueOnce(t *testing.T) {
	t.Parallel()
	by := Filter[Workbook]{Field: "name", Op: "in"}
	random := rand.New(rand.NewPCG(5, 6))
	for range 200 {
		var values []string
		for range random.IntN(2000) {
			values = append(values, strings.Repeat("é", 1+random.IntN(60)))
		}
		chunks := chunked(by, values)
		for _, chunk := range chunks {
			by.Values = chunk
			if !expressible(by) {
				t.Errorf("a chunk of %d values does not fit", len(chunk))
			}
		}
		got := slices.Concat(chunks...)
		slices.Sort(values)
		if !slices.Equal(got, slices.Compact(values)) {
			t.Errorf("%d values became %d", len(values), len(got))
		}
	}
	if got := chunked(by, nil); len(got) != 0 {
		t.Errorf("no values make %d chunks: the whole list would be read", len(got))
	}
	for _, odd := range []string{"a,b", "a&b", "", "[a]", strings.Repeat("a", maxFilterBytes+1)} {
		if got := chunked(by, []string{"a", odd}); len(got) != 1 || got[0] != nil {
			t.Errorf("%.20q is put into a filter: %.200v", odd, got)
		}
	}
}
