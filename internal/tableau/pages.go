package tableau

import (
	"context"
	"errors"
	"fmt"
	"math"
	"net/url"
	"slices"
	"strconv"

	"vitrine/internal/parallel"
)

// maxPageSize is the most items that Tableau puts on one page; one more is refused with 403014.
const maxPageSize = 1000

// maxLocalPages bounds how much is read to do here what Tableau cannot express.
const maxLocalPages = 10

// Page is a range of a list.
type Page[T any] struct {
	Items  []*T
	Offset int  // of the first item, from 0
	Total  int  // of the whole list that the user may see
	Open   bool // the server sends no total, and more items follow: Total is unknown

	// After has the position after each item of a list that pages by token, and Next the position where
	// more items follow, nil if there are none. Both are nil for other lists: their positions are
	// offsets.
	After []Position
	Next  *Position
}

// resource is what lists need of an item: the session that reads it, its id, and its batch.
type resource[T any] interface {
	*T
	bind(s *Session)
	join(batch *Batch)
	readWith() *Batch
	answer() *Batch
	luid() LUID
}

// pageReader reads one page of one list.
type pageReader[T any] func(ctx context.Context, query url.Values) (Pagination, []*T, error)

// errTooManyPages is replaced by callers with an error of their own, or with another way to read.
// If no caller does so, its text still says what to do.
var errTooManyPages error = &InputError{Reason: "more of a list would have to be read than one answer may take: narrow it with a filter"}

// readPage reads one page. It ignores a total below zero, above the largest GraphQL Int, or below
// the number of items on the page: then the items that came count, and the list is read on as one
// without a total. An item that comes twice is one.
func readPage[T any, P resource[T]](ctx context.Context, read pageReader[T], values url.Values, number, size int) (Pagination, []*T, error) {
	pagination, items, err := read(ctx, pageOf(values, number, size))
	if total := pagination.TotalAvailable.V; total < 0 || total > math.MaxInt32 || total < int64(len(items)) && total < int64(len(distinct[T, P](items))) {
		pagination.TotalAvailable = Int{}
	}
	return pagination, items, err
}

// maxPages bounds in how many pages a list is read from a server that gives smaller ones than it
// was asked for.
const maxPages = 100

// sizeOf returns the size of the pages that a server gives. It is less than asked where the server
// says so, and where a page that is not the last one has fewer items: some servers shorten pages
// without saying so. The size is never less than the number of items that came. left is the number
// of items from the beginning of the page to the end of the list, or negative where no total is
// given. A page without a total is the last one unless it has a round number of items, such as 100,
// which is more likely to be a limit.
//
// Items that were dropped at decoding also make a page short. The list is then read in smaller
// pages than necessary, and nothing is lost.
func sizeOf(pagination Pagination, came, asked, left int) int {
	if claimed := pagination.PageSize.V; claimed > 0 && claimed < int64(asked) {
		return max(int(claimed), came)
	}
	short := left >= 0 && came < min(asked, left) || left < 0 && came < asked && came%roundPage == 0
	if short && came > 0 && asked/came <= maxPages {
		return came
	}
	return asked
}

// roundPage divides the page sizes that servers are limited to.
const roundPage = 10

// readFilteredRange reads a whole list, filters it, and returns a range of the result.
func readFilteredRange[T any, P resource[T]](
	ctx context.Context, list pager[T], local []Filter[T], offset, first int,
) (*Page[T], error) {
	all, err := list.all(ctx, maxLocalPages)
	if errors.Is(err, errTooManyPages) {
		return nil, &InputError{Reason: fmt.Sprintf("this combination of filters is more than Tableau can express, and more than %d "+
			"items would have to be read to do it here: narrow it with another filter", maxLocalPages*maxPageSize)}
	}
	return cut[T, P](all, err, ListQuery[T]{Filters: local}, offset, first)
}

// cut returns a range of a list that Tableau sends whole, after filtering it with q: each filter
// needs a Match.
func cut[T any, P resource[T]](items []*T, err error, q ListQuery[T], offset, first int) (*Page[T], error) {
	if err != nil {
		return nil, err
	}
	var kept []*T
	for _, item := range unique[T, P](items) {
		if passes(item, q.Filters) {
			kept = append(kept, item)
		}
	}
	low, high := min(offset, len(kept)), min(offset+first, len(kept))
	return &Page[T]{Items: newBatch[T, P](kept[low:high]), Offset: offset, Total: len(kept)}, nil
}

// pageSizeFor returns the smallest page size with which one page holds the range, or whole large
// pages if there is no such size.
func pageSizeFor(offset, first int) int {
	if first == 0 {
		return 1 // the total alone
	}
	for size := first; size <= maxPageSize; size++ {
		if offset/size == (offset+first-1)/size {
			return size
		}
	}
	return maxPageSize
}

// pageSpan reads the pages that hold the items from offset on, and cuts off what is before and
// after. For a list without a total it calls [readUnknownTotal], which explains counted and open.
// again says that size is that of a page that the server sent.
func pageSpan[T any, P resource[T]](
	ctx context.Context, read pageReader[T], values url.Values, offset, first, size int, counted, again bool,
) (spanned []*T, total int, open bool, err error) {
	begin := offset / size
	pagination, items, err := readPage[T, P](ctx, read, values, begin+1, size)
	if begin > 0 && HasCode(err, "400006") { // past the end: an empty page, but the total is still wanted
		_, total, open, err := pageSpan[T, P](ctx, read, values, 0, 0, 1, true, again)
		return nil, total, open, err
	}
	if err != nil {
		return nil, 0, false, err
	}
	if !pagination.TotalAvailable.Valid && (begin > 0 || len(items) >= sizeOf(pagination, len(items), size, -1)) {
		return readUnknownTotal[T, P](ctx, read, values, offset, first, counted)
	}
	total = begin*size + len(items)
	if listed := pagination.TotalAvailable; listed.Valid {
		total = int(listed.V)
	}
	if got := sizeOf(pagination, len(items), size, total-begin*size); !again && got < size && len(items) < min(size, total-begin*size) {
		if first/got > maxPages {
			return nil, 0, false, errTooManyPages
		}
		return pageSpan[T, P](ctx, read, values, offset, first, got, counted, true)
	}
	if offset >= total { // a server with smaller pages than it was asked for gives the items before
		return nil, total, false, nil
	}
	last := (min(offset+first, total) - 1) / size
	pages := make([][]*T, max(last-begin+1, 1))
	pages[0] = items
	if err := readPages(ctx, read, values, pages, begin, size); err != nil {
		return nil, 0, false, err
	}
	all := slices.Concat(pages...) // the caller's own: an answer may have other readers
	low := min(offset-begin*size, len(all))
	return all[low:min(low+first, len(all))], total, false, nil
}

// readAll reads a whole list of up to most pages.
func readAll[T any, P resource[T]](ctx context.Context, read pageReader[T], values url.Values, most int) ([]*T, error) {
	pagination, items, err := readPage[T, P](ctx, read, values, 1, maxPageSize)
	if err != nil {
		return nil, err
	}
	left := -1
	if pagination.TotalAvailable.Valid {
		left = int(pagination.TotalAvailable.V)
	}
	size := sizeOf(pagination, len(items), maxPageSize, left)
	if !pagination.TotalAvailable.Valid && len(items) >= size {
		all, open, err := readOn[T, P](ctx, read, values, items, size, most*maxPageSize)
		if open {
			return nil, errTooManyPages
		}
		return all, err
	}
	total := int(pagination.TotalAvailable.V)
	count := max((total+size-1)/size, 1)
	if count > most && (total > most*maxPageSize || count > maxPages) {
		return nil, errTooManyPages
	}
	pages := make([][]*T, count)
	pages[0] = items
	if err := readPages(ctx, read, values, pages, 0, size); err != nil {
		return nil, err
	}
	if missing[T, P](pages, total, size) {
		return nil, errIncomplete
	}
	return slices.Concat(pages...), nil
}

// readPages fills pages[1:] side by side; the operation bounds how many are under way. A page that
// has meanwhile moved past the end is empty: totals shrink while lists are read.
func readPages[T any](ctx context.Context, read pageReader[T], values url.Values, pages [][]*T, begin, size int) error {
	return parallel.Run(ctx, len(pages)-1, func(ctx context.Context, i int) error {
		_, items, err := read(ctx, pageOf(values, begin+i+2, size))
		if HasCode(err, "400006") {
			return nil
		}
		pages[i+1] = items
		return err
	})
}

func pageOf(values url.Values, number, size int) url.Values {
	v := make(url.Values, len(values)+2)
	for name, texts := range values {
		v[name] = texts
	}
	v.Set("pageNumber", strconv.Itoa(number))
	v.Set("pageSize", strconv.Itoa(size))
	return v
}
