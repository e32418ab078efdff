package tableau

import (
	"context"
	"errors"
	"slices"
	"strings"

	"vitrine/internal/parallel"
)

// TargetNeeds says what is wanted of what a task, job, subscription, search hit or item of a
// collection points at, so that a list is asked for just that.
type TargetNeeds struct {
	ReferenceWillDo bool     // nothing but ids
	Workbook        []string // what lists of workbooks are asked for beside their default fields
	DataSource      []string // the same of data sources
	View            []string // the same of views
	ViewUsage       bool     // how often a view was opened, too; only of what hits and items point at
}

// fewTargets are so few that they are looked up by id instead of in a list.
const fewTargets = 2

// lookupAll finds items by LUID, for which Tableau's lists have no filter: one by one if they are
// few, or if the whole list would take more calls; else in the whole list. What is hidden from the
// user, or gone, is not in the result.
func lookupAll[T any, P resource[T]](
	ctx context.Context, s *Session, ids []LUID, q ListQuery[T], list pageReader[T], one func(context.Context, LUID) (*T, error),
) (map[LUID]*T, error) {
	return lookupMore[T, P](ctx, ids, fewTargets, q, list, one)
}

// lookupMore is lookupAll with its own number of items that are few.
func lookupMore[T any, P resource[T]](
	ctx context.Context, ids []LUID, few int, q ListQuery[T], list pageReader[T], one func(context.Context, LUID) (*T, error),
) (map[LUID]*T, error) {
	ids = slices.Compact(slices.Sorted(slices.Values(ids)))
	if len(ids) > few {
		all, err := readAll[T, P](ctx, list, q.values(nil, nil), min(len(ids), maxLocalPages))
		if !errors.Is(err, errTooManyPages) {
			all = slices.DeleteFunc(unique[T, P](all), func(item *T) bool { return !slices.Contains(ids, P(item).luid()) })
			return byLUID[T, P](newBatch[T, P](all)), err
		}
	}
	found := make([]*T, len(ids))
	err := parallel.Run(ctx, len(ids), func(ctx context.Context, i int) (err error) {
		found[i], err = nilIfDenied(one(ctx, ids[i]))
		return err
	})
	found = slices.DeleteFunc(found, func(item *T) bool { return item == nil })
	return byLUID[T, P](newBatch[T, P](found)), err
}

// refs are the LUIDs of what items refer to.
func refs[F, T any, P resource[T]](items []*F, ref func(*F) *T) []LUID {
	var ids []LUID
	for _, item := range items {
		if x := ref(item); x != nil {
			ids = append(ids, P(x).luid())
		}
	}
	return ids
}

// workbookOf returns the workbook that an item refers to: the reference if that is enough, else
// from one list for all items of the batch.
func workbookOf[F any](ctx context.Context, batch *Batch, all []*F, item *F, ref func(*F) *Workbook, need TargetNeeds) (*Workbook, error) {
	w := ref(item)
	if w == nil || need.ReferenceWillDo {
		return w, nil
	}
	found, err := once(ctx, batch, "workbooks of targets "+strings.Join(need.Workbook, ","), func() (map[LUID]*Workbook, error) {
		return lookupAll(ctx, w.s, refs(all, ref), ListQuery[Workbook]{Fields: need.Workbook}, w.s.workbooksPage, w.s.Workbook)
	})
	return orReference(w)(found[w.LUID], err)
}

// dataSourceOf is workbookOf for a data source.
func dataSourceOf[F any](ctx context.Context, batch *Batch, all []*F, item *F, ref func(*F) *DataSource, need TargetNeeds) (*DataSource, error) {
	d := ref(item)
	if d == nil || need.ReferenceWillDo {
		return d, nil
	}
	found, err := once(ctx, batch, "data sources of targets "+strings.Join(need.DataSource, ","), func() (map[LUID]*DataSource, error) {
		return lookupAll(ctx, d.s, refs(all, ref), ListQuery[DataSource]{Fields: need.DataSource}, d.s.dataSourcesPage, d.s.DataSource)
	})
	return orReference(d)(found[d.LUID], err)
}

// viewOf is workbookOf for a view.
func viewOf[F any](ctx context.Context, batch *Batch, all []*F, item *F, ref func(*F) *View, need TargetNeeds) (*View, error) {
	v := ref(item)
	if v == nil || need.ReferenceWillDo {
		return v, nil
	}
	found, err := once(ctx, batch, "views of targets "+strings.Join(need.View, ","), func() (map[LUID]*View, error) {
		one := func(ctx context.Context, id LUID) (*View, error) { return v.s.View(ctx, id, false) }
		return lookupAll(ctx, v.s, refs(all, ref), ListQuery[View]{Fields: need.View}, v.s.viewsPage, one)
	})
	return orReference(v)(found[v.LUID], err)
}

// orNoTarget returns a nil target for a nil item, not one that holds a nil.
func orNoTarget[I any, P interface {
	*T
	Node
}, T any](item P, err error) (I, error) {
	var none I
	if item == nil || err != nil {
		return none, err
	}
	return any(item).(I), nil
}

// firstOf returns the single item of an answer that may have it alone or in a list.
func firstOf[T any](items []*T, call string) (*T, error) {
	if len(items) == 0 {
		return one[T](nil, call)
	}
	return items[0], nil
}
