package wire

import (
	"net/url"
	"strconv"
)

// The sizes of pages.
const (
	DefaultPageSize = 100
	MaxPageSize     = 1000
)

// Page is the part of a list that was asked for.
type Page struct{ Number, Size, Total int }

// Element returns the pagination element of an answer.
func (p Page) Element() *Element {
	e := New("pagination")
	e.Int("pageNumber", p.Number)
	e.Int("pageSize", p.Size)
	e.Int("totalAvailable", p.Total)
	return e
}

// Paginate returns the page of a list that pageSize and pageNumber ask for. A page past the end is
// 400006, but page 1 of an empty list is empty. A page size above the limit is 403014.
func Paginate[T any](query url.Values, all []T) ([]T, Page, error) {
	p := Page{Number: 1, Size: DefaultPageSize, Total: len(all)}
	var err error
	if text := query.Get("pageSize"); text != "" {
		if p.Size, err = strconv.Atoi(text); err != nil || p.Size < 1 {
			return nil, p, Fail("400007", "Page size '%s' is invalid: it must be a whole number from 1 to %d.", text, MaxPageSize)
		}
	}
	if p.Size > MaxPageSize {
		e := Fail("403014", "Page size %d is larger than the limit of %d.", p.Size, MaxPageSize)
		e.Summary = "Page size limit exceeded"
		return nil, p, e
	}
	if text := query.Get("pageNumber"); text != "" {
		if p.Number, err = strconv.Atoi(text); err != nil || p.Number < 1 {
			return nil, p, Fail("400006", "Page number '%s' is invalid: it must be a whole number from 1.", text)
		}
	}
	pages := max(1, (len(all)+p.Size-1)/p.Size)
	if p.Number > pages {
		return nil, p, Fail("400006", "Page number %d is past the end: there are %d pages of %d.", p.Number, pages, p.Size)
	}
	start := (p.Number - 1) * p.Size
	return all[start:min(start+p.Size, len(all))], p, nil
}

// Contain returns the container of a list. Its items are an array in JSON, also when there is one.
func Contain[T any](container string, items []T, show func(T) *Element) *Element {
	e := &Element{Name: container, Children: make([]*Element, 0, len(items))}
	for _, x := range items {
		e.Add(Item(show(x)))
	}
	return e
}
