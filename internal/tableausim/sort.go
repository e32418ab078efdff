package tableausim

import (
	"cmp"
	"slices"
	"strings"
)

// order sorts by the call's sort parameter: field:asc or field:desc, several with commas. Without it the
// order is an index of the server's own, the same at each call.
func order[T any](c *call, all []T, fields map[string]field[T]) ([]T, error) {
	text := c.query.Get("sort")
	if text == "" {
		return all, nil
	}
	var keys []func(a, b T) int
	for part := range strings.SplitSeq(text, ",") {
		name, direction, _ := strings.Cut(part, ":")
		if direction != "asc" && direction != "desc" {
			return nil, fail("400066", "Sort '%s' is not of the form field:asc or field:desc.", part)
		}
		f, ok := fields[name]
		switch {
		case !ok:
			return nil, fail("400066", "Sort '%s' is not supported: this list has no field '%s' to sort by.", part, name)
		case f.unsorted || f.many != nil:
			return nil, fail("400066", "Sort '%s' is not supported: the list cannot be sorted by field '%s', only filtered.", part, name)
		}
		key := f.compare
		if direction == "desc" {
			key = func(a, b T) int { return f.compare(b, a) }
		}
		keys = append(keys, key)
	}
	sorted := slices.Clone(all)
	slices.SortStableFunc(sorted, func(a, b T) int {
		for _, key := range keys {
			if c := key(a, b); c != 0 {
				return c
			}
		}
		return 0
	})
	return sorted, nil
}

func (f field[T]) compare(a, b T) int {
	switch {
	case f.num != nil:
		return cmp.Compare(f.num(a), f.num(b))
	case f.when != nil && f.emptyLast:
		// As in the database behind it, what is empty sorts above all else: last when ascending, first when descending.
		x, y := f.when(a), f.when(b)
		if x.IsZero() || y.IsZero() {
			return cmp.Compare(fromBool(x.IsZero()), fromBool(y.IsZero()))
		}
		return x.Compare(y)
	case f.when != nil:
		return f.when(a).Compare(f.when(b))
	default:
		return strings.Compare(f.text(a), f.text(b))
	}
}

func fromBool(b bool) int {
	if b {
		return 1
	}
	return 0
}

// query runs filter, sort and paging of a call over what its user sees of a kind of thing. What a long
// list was cut and sorted to is kept until the next edit, as its other pages will be asked for.
func query[T any](c *call, kind string, all []T, fields map[string]field[T]) ([]T, page, error) {
	key := shownKey{c.user(), strings.Join([]string{kind, c.query.Get("filter"), c.query.Get("sort"), c.version.String()}, "\x00")}
	if list, ok := lookUp[T](&c.s.queried, key); ok {
		return paginate(c, list)
	}
	kept, err := filter(c, all, fields)
	if err != nil {
		return nil, page{}, err
	}
	sorted, err := order(c, kept, fields)
	if err != nil {
		return nil, page{}, err
	}
	if len(all) > maxPageSize {
		keep(&c.s.queried, key, sorted)
	}
	return paginate(c, sorted)
}
