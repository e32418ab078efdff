package tableausim

import (
	"net/http"
	"strconv"
)

const (
	defaultPageSize = 100
	maxPageSize     = 1000
)

// page is the part of a list that was asked for.
type page struct{ number, size, total int }

func (p page) element() *element {
	e := el("pagination")
	e.int("pageNumber", p.number)
	e.int("pageSize", p.size)
	e.int("totalAvailable", p.total)
	return e
}

// paginate cuts the asked page out of a list. A page past the end is an error, but page 1 of nothing is
// an empty list.
func paginate[T any](c *call, all []T) ([]T, page, error) {
	p := page{number: 1, size: defaultPageSize, total: len(all)}
	var err error
	if text := c.query.Get("pageSize"); text != "" {
		if p.size, err = strconv.Atoi(text); err != nil || p.size < 1 {
			return nil, p, fail("400007", "Page size '%s' is invalid: it must be a whole number from 1 to %d.", text, maxPageSize)
		}
	}
	if p.size > maxPageSize {
		e := fail("403014", "Page size %d is larger than the limit of %d.", p.size, maxPageSize)
		e.summary = "Page size limit exceeded"
		return nil, p, e
	}
	if text := c.query.Get("pageNumber"); text != "" {
		if p.number, err = strconv.Atoi(text); err != nil || p.number < 1 {
			return nil, p, fail("400006", "Page number '%s' is invalid: it must be a whole number from 1.", text)
		}
	}
	pages := max(1, (len(all)+p.size-1)/p.size)
	if p.number > pages {
		return nil, p, fail("400006", "Page number %d is past the end: there are %d pages of %d.", p.number, pages, p.size)
	}
	start := (p.number - 1) * p.size
	return all[start:min(start+p.size, len(all))], p, nil
}

// listed is a whole list answer: pagination, then the container with its items.
func listed[T any](p page, container string, items []T, show func(T) *element) (*answer, error) {
	return &answer{status: http.StatusOK, elements: []*element{p.element(), contain(container, items, show)}}, nil
}

// contain makes the container of a list; its items are arrays in JSON whatever their number.
func contain[T any](container string, items []T, show func(T) *element) *element {
	e := &element{name: container, children: make([]*element, 0, len(items))}
	for _, x := range items {
		e.add(item(show(x)))
	}
	return e
}
