package tableau

import (
	"context"

	"vitrine/internal/parallel"
)

// outcome is the result of one of several reads. An error concerns only this read.
type outcome[V any] struct {
	value V
	err   error
}

// sideBySide reads something of each item, in parallel within the bounds of the operation, and
// keeps the error of each. It fails as a whole only when the context ends.
func sideBySide[T, V any](ctx context.Context, items []*T, read func(context.Context, *T) (V, error)) ([]outcome[V], error) {
	got := make([]outcome[V], len(items))
	err := parallel.Run(ctx, len(items), func(ctx context.Context, i int) error {
		got[i].value, got[i].err = read(ctx, items[i])
		return ctx.Err()
	})
	return got, err
}

// readRangeOfEach reads the same range of the children of each item that was read together, in
// parallel: Tableau has no call for several of them. All children form one batch. complete, if not
// nil, returns fuller items by LUID for all of them at once, if the user may see them.
func readRangeOfEach[T any, P resource[T], C any, Q resource[C]](
	ctx context.Context, n node, item *T, key string,
	read func(context.Context, *T) (*Page[C], error), complete func(context.Context, []LUID) (map[LUID]*C, error),
) (*Page[C], error) {
	all, err := once(ctx, n.batch, key, func() (map[LUID]outcome[*Page[C]], error) {
		siblings := batchItems(n.batch, item)
		got, err := sideBySide(ctx, siblings, read)
		if err != nil {
			return nil, err
		}
		pages := make(map[LUID]outcome[*Page[C]], len(got))
		for i, sibling := range siblings {
			pages[P(sibling).luid()] = got[i]
		}
		return pages, batchPages[C, Q](ctx, pages, complete)
	})
	if err != nil {
		return nil, err
	}
	mine := all[P(item).luid()]
	return mine.value, mine.err
}

// batchPages puts the items of several pages into one batch, and completes them.
func batchPages[C any, Q resource[C]](
	ctx context.Context, pages map[LUID]outcome[*Page[C]], complete func(context.Context, []LUID) (map[LUID]*C, error),
) error {
	var items []*C
	for _, page := range pages {
		if page.err == nil {
			items = append(items, page.value.Items...)
		}
	}
	items = unique[C, Q](items)
	full, err := fullerOf[C, Q](ctx, items, complete)
	if err != nil {
		return err
	}
	known := byLUID[C, Q](newBatch[C, Q](full))
	for _, page := range pages {
		if page.err != nil {
			continue
		}
		for i, item := range page.value.Items {
			page.value.Items[i] = known[Q(item).luid()]
		}
	}
	return nil
}

func fullerOf[C any, Q resource[C]](
	ctx context.Context, items []*C, complete func(context.Context, []LUID) (map[LUID]*C, error),
) ([]*C, error) {
	if complete == nil || len(items) == 0 {
		return items, nil
	}
	ids := make([]LUID, len(items))
	for i, item := range items {
		ids[i] = Q(item).luid()
	}
	found, err := complete(ctx, ids)
	if found, err = ignoreDenied(found, err); err != nil {
		return nil, err
	}
	return fuller[C, Q](items, found), nil
}
