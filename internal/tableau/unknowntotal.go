package tableau

import (
	"context"
	"net/url"
	"strconv"
)

// Some lists have pages and no total. GET flows/runs takes pageSize and pageNumber, and its answer
// has no pagination element; other methods leave totalAvailable out in places. Such a list ends
// where a page is not full, or where the next one is refused as past the end (400006). A server may
// also ignore both parameters and answer the whole list each time: then a page has more items than
// were asked for, or the second page begins as the first one does.

// readUnknownTotal reads up to first items from offset on, of a list without a total, in the
// largest pages. If the caller wants the total it reads to the end of the list, else until it is
// known whether items follow. open says that some follow and the total is unknown: it was not
// wanted, or the list has more pages than are read for one answer.
func readUnknownTotal[T any, P resource[T]](
	ctx context.Context, read pageReader[T], values url.Values, offset, first int, counted bool,
) (items []*T, total int, open bool, err error) {
	pagination, page, err := readPage[T, P](ctx, read, values, 1, maxPageSize)
	if err != nil {
		return nil, 0, false, err
	}
	size := sizeOf(pagination, len(page), maxPageSize, -1)
	skipped := 0 // items of pages that are not read, as the range begins after them
	if begin := offset / size; begin > 0 && len(page) == size {
		_, later, err := read(ctx, pageOf(values, begin+1, size))
		switch {
		case HasCode(err, "400006"): // the list has become shorter
			counted = true
		case err != nil:
			return nil, 0, false, err
		case len(later) == 0 || !repeats[T, P](page, later):
			page, skipped = later, begin*size
		}
	}
	most := skipped + min(maxLocalPages*maxPageSize, maxPages*size)
	if !counted {
		most = min(most, offset+first)
	}
	all, open, err := readOnFrom[T, P](ctx, read, values, skipped, page, size, most)
	if err != nil {
		return nil, 0, false, err
	}
	low := min(max(offset-skipped, 0), len(all))
	return all[low:min(low+first, len(all))], skipped + len(all), open, nil
}

// readOn reads a list without a total from its first page on, as [readOnFrom].
func readOn[T any, P resource[T]](
	ctx context.Context, read pageReader[T], values url.Values, page []*T, size, most int,
) (all []*T, open bool, err error) {
	return readOnFrom[T, P](ctx, read, values, 0, page, size, most)
}

// readOnFrom reads a list without a total page after page until it ends, or until it has more than
// most items, counted from the beginning of the list. page was read already; skipped items are
// before it.
func readOnFrom[T any, P resource[T]](
	ctx context.Context, read pageReader[T], values url.Values, skipped int, page []*T, size, most int,
) (all []*T, open bool, err error) {
	all = page
	last := page
	for number := skipped/size + 2; len(last) == size; number++ {
		if skipped+len(all) > most {
			return all, true, nil
		}
		_, next, err := read(ctx, pageOf(values, number, size))
		if HasCode(err, "400006") {
			return all, false, nil
		}
		if err != nil {
			return nil, false, err
		}
		if repeats[T, P](last, next) {
			return all, false, nil
		}
		all = append(all[:len(all):len(all)], next...)
		last = next
	}
	return all, false, nil
}

// repeats reports whether a page begins as the one before it does: the server ignores the number of
// the page.
func repeats[T any, P resource[T]](before, page []*T) bool {
	if len(before) == 0 || len(page) == 0 {
		return false
	}
	if first, ok := any(before[0]).(looking); ok { // its luid is its place in the list
		return first.look() == any(page[0]).(looking).look()
	}
	return P(before[0]).luid() == P(page[0]).luid()
}

// looking is an item that has no id of its own.
type looking interface{ look() string }

// numbered returns the pagination of an answer. If it has none, the result has the requested page
// and no total.
func numbered(p Pagination, query url.Values) Pagination {
	if p.Given() {
		return p
	}
	number, _ := strconv.Atoi(query.Get("pageNumber"))
	size, _ := strconv.Atoi(query.Get("pageSize"))
	return Pagination{PageNumber: NewInt(int64(number)), PageSize: NewInt(int64(size))}
}
