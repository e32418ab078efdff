package tableau

import (
	"context"
	"errors"
	"math"
	"net/http"
	"net/url"
	"strconv"

	"vitrine/internal/tableau/rest"
)

// Some lists have no documented pages: Tableau answers all of them. A server that nevertheless pages
// them, with a pagination or without one, is read on. One that says that there is more than it sends
// has no list to give.

// errIncomplete is the error for a list of which the server sends less than it says there is.
var errIncomplete error = &Error{Kind: rest.Malformed, Status: http.StatusOK, Err: errors.New("it has fewer items than the total that it gives")}

// roundWhole divides the page sizes of servers that page a list without saying so.
const roundWhole = 50

// readWhole reads a list that has no documented pages.
func readWhole[T any, P resource[T]](
	ctx context.Context, r rest.SiteRead, read func(context.Context, rest.SiteRead) (Pagination, []*T, error),
) ([]*T, error) {
	pagination, all, err := read(ctx, r)
	if err != nil {
		return nil, err
	}
	came, total := len(all), -1
	if pagination.TotalAvailable.Valid {
		total = int(min(pagination.TotalAvailable.V, math.MaxInt32))
	}
	size := came
	if claimed := pagination.PageSize.V; claimed > 0 && claimed <= maxPageSize && came > int(claimed)-odd(int(claimed)) {
		size = int(claimed)
	}
	switch {
	case total < 0 && (came == 0 || came%roundWhole != 0), total >= 0 && total-came <= 0, total == 0:
		return all, nil
	case total <= size && total-came <= odd(total) && pagination.PageSize.Valid:
		return all, nil
	case size == 0:
		return nil, errIncomplete
	case total > min(maxLocalPages*maxPageSize, maxPages*size):
		return nil, errTooManyPages
	}
	last := all
	for number := 2; ; number++ {
		next := r
		next.Query = pageOf(url.Values{}, number, size)
		_, page, err := read(ctx, next)
		if err != nil && !HasCode(err, "400006") {
			return nil, err
		}
		if err != nil || len(page) == 0 || repeats[T, P](last, page) {
			break
		}
		if all = append(all[:len(all):len(all)], page...); len(all) > maxLocalPages*maxPageSize || number > maxPages {
			return nil, errTooManyPages
		}
		if last = page; total < 0 && len(page) < size || total >= 0 && number*size >= total {
			break
		}
	}
	if total-len(all) > odd(total) {
		return nil, errIncomplete
	}
	return all, nil
}

// odd is how many of a number of items may be dropped as they cannot be read, or be gone since the
// list began to be read.
func odd(items int) int { return items / shrunk }

// shrunk is what part of a list or page may be missing.
const shrunk = 10

// missing reports whether pages of a list were not sent: one that is not the last is empty, one
// repeats the first, or the last one is empty though it has many.
func missing[T any, P resource[T]](pages [][]*T, total, size int) bool {
	for i, page := range pages {
		last := i == len(pages)-1
		switch {
		case i == 0 && len(page) == 0 && total > 0, i > 0 && repeats[T, P](pages[0], page):
			return true
		case len(page) == 0 && (!last || total-i*size > odd(size)):
			return i > 0
		}
	}
	return false
}

// itemsBefore is how many items are before the page of a request.
func itemsBefore(query url.Values) int {
	number, _ := strconv.Atoi(query.Get("pageNumber"))
	size, _ := strconv.Atoi(query.Get("pageSize"))
	return max(number-1, 0) * size
}
