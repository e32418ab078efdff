package tableau

import (
	"context"
	"errors"
	"slices"

	"vitrine/internal/parallel"
)

// allFields asks a list for all fields that it has.
const allFields = "_all_"

// bindAll sets the session of items right after they are decoded and before they are shared. It
// drops items without an id: they cannot be referred to, and every kind of item has one.
func bindAll[T any, P resource[T]](s *Session, items *[]*T) {
	*items = slices.DeleteFunc(*items, func(item *T) bool {
		bindOne[T, P](s, &item)
		return item == nil
	})
}

// present drops the nulls of a list whose items have no id.
func present[T any](items []*T) []*T {
	return slices.DeleteFunc(items, func(item *T) bool { return item == nil })
}

// bindOne is bindAll for a single object or a reference. An object without an id becomes nil.
func bindOne[T any, P resource[T]](s *Session, item **T) {
	switch {
	case *item == nil:
	case P(*item).luid() == "":
		*item = nil
	default:
		P(*item).bind(s)
	}
}

// one gives a single object out of an answer, or says that it is not there.
func one[T any](item *T, call string) (*T, error) {
	if item == nil {
		return nil, &Error{Kind: Malformed, Call: call, Err: errors.New("it lacks the object that was asked for")}
	}
	return item, nil
}

// inChunks reads the whole lists of the items for which a field has one of many values, in as few
// calls as addresses can hold. Values that Tableau cannot be asked about make it read the whole
// list once.
func inChunks[T any, P resource[T]](
	ctx context.Context, s *Session, read pageReader[T], q ListQuery[T], field string, values []string,
) ([]*T, error) {
	chunks := chunked(namedBy[T](field, nil), values)
	results := make([][]*T, len(chunks))
	err := parallel.Run(ctx, len(chunks), func(ctx context.Context, i int) (err error) {
		q := q
		if chunks[i] != nil {
			q.Filters = append(slices.Clone(q.Filters), namedBy[T](field, chunks[i]))
		}
		results[i], err = readFiltered[T, P](ctx, s, read, q, maxLocalPages)
		return err
	})
	return slices.Concat(results...), err
}

// chunked cuts values into lists that fit an address; one nil list, so the whole, where a value
// cannot be put to Tableau.
func chunked[T any](by Filter[T], values []string) [][]string {
	if len(values) == 0 {
		return nil
	}
	values = slices.Compact(slices.Sorted(slices.Values(values)))
	var chunks [][]string
	var chunk []string
	size := 0
	for _, v := range values {
		if !expressible(Filter[T]{Field: by.Field, Op: "in", Values: []string{v}}) {
			return [][]string{nil}
		}
		cost := escapedLen(v) + 3
		if size+cost > maxFilterBytes && len(chunk) > 0 {
			chunks, chunk, size = append(chunks, chunk), nil, 0
		}
		chunk, size = append(chunk, v), size+cost
	}
	return append(chunks, chunk)
}

func texts[S ~string](ids []S) []string {
	out := make([]string, len(ids))
	for i, id := range ids {
		out[i] = string(id)
	}
	return out
}
