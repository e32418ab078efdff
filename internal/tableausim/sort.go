package tableausim

import (
	"cmp"
	"slices"
	"strings"

	"vitrine/internal/tableausim/wire"
)

// order sorts by the call's sort parameter: field:asc or field:desc, several with commas. Without
// it the order is an index of the server's own, the same at each call.
func order[T any](c *call, all []T, fields map[string]field[T]) ([]T, error) {
	text := c.query.Get("sort")
	if text == "" {
		return all, nil
	}
	var keys []func(a, b T) int
	for part := range strings.SplitSeq(text, ",") {
		name, direction, _ := strings.Cut(part, ":")
		if direction != "asc" && direction != "desc" {
			return nil, wire.Fail("400066", "Sort '%s' is not of the form field:asc or field:desc.", part)
		}
		f, ok := fields[name]
		switch {
		case !ok:
			return nil, wire.Fail("400066", "Sort '%s' is not supported: this list has no field '%s' to sort by.", part, name)
		case f.unsorted || f.many != nil:
			return nil, wire.Fail("400066", "Sort '%s' is not supported: the list cannot be sorted by field '%s', only filtered.", part, name)
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
		// As in the database behind it, what is empty sorts above all else: last when ascending,
		// first when descending.
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
