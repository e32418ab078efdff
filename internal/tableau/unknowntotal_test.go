package tableau

import (
	"context"
	"fmt"
	"net/url"
	"slices"
	"testing"
)

// bareList is a list of a server that sends no total: items w0, w1, …
type bareList struct {
	total   int
	ignores bool // pageSize and pageNumber: the whole list comes each time
	most    int  // items of a page, however many are asked for; the answer says so. As many as are asked for when zero
	calls   int
}

func (l *bareList) page(_ context.Context, query url.Values) (Pagination, []*Workbook, error) {
	l.calls++
	var number, size int
	_, _ = fmt.Sscan(query.Get("pageNumber"), &number)
	_, _ = fmt.Sscan(query.Get("pageSize"), &size)
	p := numbered(Pagination{}, query)
	if l.most > 0 && size > l.most {
		size = l.most
		p.PageSize = NewInt(int64(size))
	}
	low, high := (number-1)*size, min(number*size, l.total)
	if l.ignores {
		low, high = 0, l.total
	}
	if low >= l.total && number > 1 && !l.ignores {
		return Pagination{}, nil, &Error{Kind: BadRequest, Code: "400006"}
	}
	var items []*Workbook
	for _, id := range between(low, high) {
		items = append(items, &Workbook{LUID: LUID(id)})
	}
	return p, items, nil
}

// TestListsWithoutATotalAreReadToTheirEnd compares stretches of lists of lengths around the sizes
// of pages with the lists: of servers that have pages and of such that ignore them, where it is
// known that there is no total and where that turns out.
func TestListsWithoutATotalAreReadToTheirEnd(t *testing.T) {
	t.Parallel()
	s := reader(t)
	sizes := []int{0, 1, 99, 100, 101, 1000, 1001, 2000, 2500}
	for _, total := range sizes {
		for _, offset := range sizes {
			for _, first := range []int{0, 1, 100, 1000, 1001} {
				for i := range 16 {
					l := &bareList{total: total, ignores: i&1 != 0}
					q := ListQuery[Workbook]{Counted: i&2 != 0, noTotal: i&4 != 0, mayBeOpen: i&8 != 0}
					page, err := readRange(t.Context(), s, l.page, q, offset, first)
					what := fmt.Sprintf("%d items from %d of %d, %+v, %+v", first, offset, total, *l, q)
					if err != nil && q.Counted {
						t.Fatalf("%s: %v", what, err)
					}
					if err != nil { // more follow, and the caller cannot do without a total
						if q.mayBeOpen || offset+first >= total {
							t.Fatalf("%s: %v", what, err)
						}
						continue
					}
					low, high := min(offset, total), min(offset+first, total)
					if got := luids(page.Items); !slices.Equal(got, between(low, high)) {
						t.Fatalf("%s: got %d items", what, len(got))
					}
					if page.Open && offset+first >= total {
						t.Fatalf("%s: it says that more follow", what)
					}
					if !page.Open && page.Total != total || page.Open && q.Counted {
						t.Fatalf("%s: total %d, open %t", what, page.Total, page.Open)
					}
				}
			}
		}
	}
}

// TestListsWithoutATotalAndWithSmallPages reads lists of a server that gives fewer items than it is
// asked for.
func TestListsWithoutATotalAndWithSmallPages(t *testing.T) {
	t.Parallel()
	for _, total := range []int{0, 99, 100, 101, 250, 999} {
		for _, offset := range []int{0, 100, 150} {
			l := &bareList{total: total, most: 100}
			page, err := readRange(t.Context(), reader(t), l.page, ListQuery[Workbook]{Counted: true, noTotal: true}, offset, 120)
			if err != nil || page.Total != total || !slices.Equal(luids(page.Items), between(min(offset, total), min(offset+120, total))) {
				t.Errorf("%d from %d: %+v, error %v", total, offset, page, err)
			}
		}
	}
}

// TestVeryLongListsWithoutATotal bounds what is read: the total is absent then, or the list
// refused, and never wrong.
func TestVeryLongListsWithoutATotal(t *testing.T) {
	t.Parallel()
	l := &bareList{total: (maxLocalPages+1)*maxPageSize + 1}
	page, err := readRange(t.Context(), reader(t), l.page, ListQuery[Workbook]{Counted: true, noTotal: true, mayBeOpen: true}, 0, 10)
	if err != nil || !page.Open || len(page.Items) != 10 || l.calls > maxLocalPages+1 {
		t.Errorf("%+v in %d calls, error %v", page, l.calls, err)
	}
	if _, err := readRange(t.Context(), reader(t), l.page, ListQuery[Workbook]{Counted: true}, 0, 10); err == nil {
		t.Error("a list that has to have a total is given without")
	}
	if _, err := readAll(t.Context(), l.page, nil, maxLocalPages); err == nil {
		t.Error("a part of the list is taken for all of it")
	}
	l.total = maxLocalPages * maxPageSize
	if all, err := readAll(t.Context(), l.page, nil, maxLocalPages); err != nil || len(all) != l.total {
		t.Errorf("%d of %d, error %v", len(all), l.total, err)
	}
}

// TestTotalsBelowWhatCameLoseNothing reads lists whose answers say that there are fewer items than
// they have: such a total counts as none.
func TestTotalsBelowWhatCameLoseNothing(t *testing.T) {
	t.Parallel()
	s := reader(t)
	for _, said := range []int64{-1, 0, 1, 7, 9} {
		for _, offset := range []int{0, 10, 20, 30} {
			l := &list{total: 25}
			read := func(ctx context.Context, query url.Values) (Pagination, []*Workbook, error) {
				p, items, err := l.page(ctx, query)
				p.TotalAvailable = NewInt(said)
				return p, items, err
			}
			page, err := readRange(t.Context(), s, read, ListQuery[Workbook]{Counted: true}, offset, 10)
			low := min(offset, 25)
			if want := between(low, min(low+10, 25)); err != nil || offset < 20 && (page.Total != 25 || !slices.Equal(luids(page.Items), want)) || l.calls > 3 {
				t.Errorf("a total of %d, from %d: %+v, error %v after %d calls", said, offset, page, err, l.calls)
			}
			if all, err := readAll(t.Context(), read, nil, maxLocalPages); err != nil || len(all) != 25 {
				t.Errorf("a total of %d: %d of all, error %v", said, len(all), err)
			}
		}
	}
}

// TestTotalsDoNotCountRepeatedItems reads a page that repeats one of its items.
func TestTotalsDoNotCountRepeatedItems(t *testing.T) {
	t.Parallel()
	l := &list{total: 4}
	read := func(ctx context.Context, query url.Values) (Pagination, []*Workbook, error) {
		p, items, err := l.page(ctx, query)
		return p, append(items, items[1]), err
	}
	page, err := readRange(t.Context(), reader(t), read, ListQuery[Workbook]{}, 0, 10)
	if err != nil || page.Total != 4 || !slices.Equal(luids(page.Items), between(0, 4)) || l.calls != 1 {
		t.Errorf("%+v, error %v after %d calls", page, err, l.calls)
	}
}
