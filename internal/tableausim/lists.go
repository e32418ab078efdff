package tableausim

import (
	"net/http"
	"strings"

	"vitrine/internal/tableausim/wire"
)

// query runs filter, sort and paging of a call over what its user sees of a kind of thing. What a
// long list was cut and sorted to is kept until the next edit, as its other pages will be asked
// for.
func query[T any](c *call, kind string, all []T, fields map[string]field[T]) ([]T, wire.Page, error) {
	key := shownKey{c.user(), strings.Join([]string{kind, c.query.Get("filter"), c.query.Get("sort"), c.version.String()}, "\x00")}
	if list, ok := lookUp[T](&c.s.queried, key); ok {
		return wire.Paginate(c.query, list)
	}
	kept, err := filter(c, all, fields)
	if err != nil {
		return nil, wire.Page{}, err
	}
	sorted, err := order(c, kept, fields)
	if err != nil {
		return nil, wire.Page{}, err
	}
	if len(all) > wire.MaxPageSize {
		keep(&c.s.queried, key, sorted)
	}
	return wire.Paginate(c.query, sorted)
}

// listed is a whole list answer: pagination, then the container with its items.
func listed[T any](p wire.Page, container string, items []T, show func(T) *wire.Element) (*answer, error) {
	return &answer{status: http.StatusOK, elements: []*wire.Element{p.Element(), wire.Contain(container, items, show)}}, nil
}
