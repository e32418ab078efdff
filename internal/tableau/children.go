package tableau

import (
	"cmp"
	"context"
	"slices"

	"vitrine/internal/parallel"
)

// childList describes a list that has the children of many parents, so that they are read in as few
// calls as the counts allow. A filter names the parents where Tableau's grammar can express their
// names; LUIDs decide which child belongs to which parent, since names are not unique.
type childList[C, P any] struct {
	read  pageReader[C]
	query ListQuery[C]
	field string          // of the filter that names parents
	value func(*P) string // of this field

	// project returns the name of the project that holds a parent with all its children, or an empty
	// text. It narrows the list if the filter cannot name a parent. Nil if the list cannot be narrowed.
	project func(*P) string
	// alone reads the children of some parents by one call for each. Nil if there is no such call.
	alone func(context.Context, []*P) error
	// missing reports that alone leaves out what the list has, so that it takes one more call.
	missing bool
}

// readChildren reads the children of parents from their list. The list also has children of other
// parents. left are the parents whose children cannot be read within the bounds; there are none if
// in.alone is set.
//
// If the filter cannot name a parent, the first page of the list without this filter decides: its
// total says whether all of it takes more calls than the filter for the other parents and in.alone.
func readChildren[C any, Q resource[C], P any](ctx context.Context, s *Session, in childList[C, P], parents []*P) (items []*C, left []*P, err error) {
	named, odd := in.byName(parents)
	chunks := chunked(namedBy[C](in.field, nil), in.values(named))
	if len(odd) > 0 {
		if q, most := in.wide(parents, len(chunks)+len(odd)); most > 0 {
			items, err := readFiltered[C, Q](ctx, s, in.read, q, most)
			if in.refused(err) {
				return nil, nil, in.readAlone(ctx, parents)
			}
			if err != errTooManyPages { //nolint:errorlint // the sentinel is never wrapped
				return items, nil, err
			}
		}
	}
	lists := make([][]*C, len(chunks))
	long := make([][]*P, len(chunks))
	err = parallel.Run(ctx, len(chunks)+1, func(ctx context.Context, i int) (err error) {
		if i == len(chunks) {
			return in.readAlone(ctx, odd)
		}
		of := slices.DeleteFunc(slices.Clone(named), func(p *P) bool { return !slices.Contains(chunks[i], in.value(p)) })
		q := in.query
		q.Filters = append(slices.Clone(q.Filters), namedBy[C](in.field, chunks[i]))
		lists[i], err = readFiltered[C, Q](ctx, s, in.read, q, in.most(len(of)))
		if err == errTooManyPages || in.refused(err) { //nolint:errorlint // the sentinel is never wrapped
			long[i] = of
			return nil
		}
		return err
	})
	if err == nil {
		left = slices.Concat(long...)
		err = in.readAlone(ctx, left)
	}
	if err != nil || in.alone != nil {
		return slices.Concat(lists...), nil, err
	}
	return slices.Concat(lists...), append(left, odd...), nil
}

// byName separates the parents that the filter can name from the others.
func (in childList[C, P]) byName(parents []*P) (named, odd []*P) {
	for _, p := range parents {
		if expressible(namedBy[C](in.field, []string{in.value(p)})) {
			named = append(named, p)
		} else {
			odd = append(odd, p)
		}
	}
	return named, odd
}

func (in childList[C, P]) values(parents []*P) []string {
	values := make([]string, len(parents))
	for i, p := range parents {
		values[i] = in.value(p)
	}
	return values
}

// wide returns the query for the list without the filter that names parents, and up to how many
// pages of it are worth reading instead of otherwise many calls; 0 for none.
func (in childList[C, P]) wide(parents []*P, otherwise int) (q ListQuery[C], most int) {
	q = in.query
	if in.project != nil {
		var projects []string
		for _, p := range parents {
			projects = append(projects, in.project(p))
		}
		slices.Sort(projects)
		if by := namedBy[C]("projectName", slices.Compact(projects)); expressible(by) {
			q.Filters = append(slices.Clone(q.Filters), by)
		}
	}
	if in.alone == nil {
		return q, maxLocalPages
	}
	if in.missing {
		otherwise++
	}
	if otherwise == 1 { // the first page would not save a call
		return q, 0
	}
	return q, min(otherwise, maxLocalPages)
}

// most is the largest number of pages to read for some parents that a filter names.
func (in childList[C, P]) most(parents int) int {
	if in.alone == nil || in.missing {
		return maxLocalPages
	}
	return min(parents, maxLocalPages)
}

// refused reports whether the server refuses a parameter of the list, and there is another way.
func (in childList[C, P]) refused(err error) bool {
	return in.alone != nil && IsKind(err, BadRequest)
}

func (in childList[C, P]) readAlone(ctx context.Context, parents []*P) error {
	if in.alone == nil || len(parents) == 0 {
		return nil
	}
	return in.alone(ctx, parents)
}

// namedBy is the filter that keeps items with one of some values. It only narrows what is read:
// LUIDs decide.
func namedBy[T any](field string, values []string) Filter[T] {
	return Filter[T]{Field: field, Op: "in", Values: values, Match: func(*T) bool { return true }, Prefilter: true}
}

// readFiltered reads the whole list of a query: up to most pages.
func readFiltered[T any, P resource[T]](ctx context.Context, s *Session, read pageReader[T], q ListQuery[T], most int) ([]*T, error) {
	version, err := s.client.Version(ctx)
	if err != nil {
		return nil, err
	}
	sent, local, err := q.plan(version)
	if err != nil {
		return nil, err
	}
	items, err := readAll[T, P](ctx, read, q.values(sent, local), most)
	if err != nil {
		return nil, err
	}
	return slices.DeleteFunc(unique[T, P](items), func(item *T) bool { return !passes(item, local) }), nil
}

// itemsByName reads items by LUID from their list, which a filter on their names narrows, or by one
// look-up for each if that takes fewer calls. The result lacks what the user may not see.
func itemsByName[T any, P resource[T]](
	ctx context.Context, s *Session, list childList[T, T], items []*T, one func(context.Context, LUID) (*T, error),
) (map[LUID]*T, error) {
	var found []*T
	list.alone = oneByOne(&found, one, func(item *T) LUID { return P(item).luid() })
	all, _, err := readChildren[T, P](ctx, s, list, items)
	if err != nil {
		return nil, err
	}
	wanted := byLUID[T, P](items)
	all = slices.DeleteFunc(append(all, found...), func(item *T) bool { return wanted[P(item).luid()] == nil })
	return byLUID[T, P](newBatch[T, P](all)), nil
}

// oneByOne returns a function that looks up an item for each parent and adds it to found. It leaves
// out what the user may not see.
func oneByOne[T, P any](found *[]*T, one func(context.Context, LUID) (*T, error), id func(*P) LUID) func(context.Context, []*P) error {
	return func(ctx context.Context, parents []*P) error {
		got, err := sideBySide(ctx, parents, func(ctx context.Context, p *P) (*T, error) { return nilIfDenied(one(ctx, id(p))) })
		for _, result := range got {
			err = cmp.Or(err, result.err)
			if result.value != nil {
				*found = append(*found, result.value)
			}
		}
		return err
	}
}
