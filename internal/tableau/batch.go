package tableau

import (
	"context"
	"slices"
	"sync/atomic"

	"vitrine/internal/tableau/rest"
)

// Batch is a number of items that were read together.
type Batch struct {
	items    any  // []*T
	complete bool // the whole list of the site that the user may see
	memo     rest.Memo
	// Views were reached through one of these workbooks: the one that the view names, or the one that
	// parents has for the LUID of the view.
	workbooks, parents map[LUID]*Workbook

	// The items of one answer have a Batch that is no batch yet: the first list that takes the answer
	// sets it, so that it need not copy what no other list has. See newBatch.
	answer  bool
	takenBy atomic.Pointer[Batch]
}

// root returns the batch of an item: nil for none.
func (b *Batch) root() *Batch {
	if b == nil || !b.answer {
		return b
	}
	return b.takenBy.Load()
}

// take reports whether the items of an answer belong to a batch: the first one that asks gets them.
func (b *Batch) take(batch *Batch) bool {
	if b == nil || !b.answer {
		return false
	}
	return b.takenBy.CompareAndSwap(nil, batch) || b.takenBy.Load() == batch
}

// joinAnswer lets the first list take the items of an answer as they are. It is called before the
// answer is shared. Of these kinds of items, nothing may be written into one later, and whatever
// asks for what is related to an item first puts it into a batch.
func joinAnswer[T any, P resource[T]](items []*T) {
	answer := &Batch{answer: true}
	for _, item := range items {
		P(item).join(answer)
	}
}

// newBatch returns items as one batch, so that one call can read something for all of them. Several
// lists of an operation may share an answer: what another list has already, or may write to, is
// copied.
func newBatch[T any, P resource[T]](items []*T) []*T { return joinBatch[T, P](&Batch{}, items) }

// joinBatch is newBatch for a batch that is prepared.
func joinBatch[T any, P resource[T]](batch *Batch, items []*T) []*T {
	items = distinct[T, P](items)
	batched := make([]*T, len(items))
	var copies []T
	for i, item := range items {
		if P(item).answer().take(batch) {
			batched[i] = item
			continue
		}
		if copies == nil {
			copies = make([]T, 0, len(items)-i)
		}
		copies = append(copies, *item)
		batched[i] = &copies[len(copies)-1]
		P(batched[i]).join(batch)
	}
	batch.items = batched
	return batched
}

// unique drops duplicates: an item may move from one page to the next between two reads. The result
// is the caller's.
func unique[T any, P resource[T]](items []*T) []*T { return slices.Clone(distinct[T, P](items)) }

// distinct is unique for a caller that does not write to the result, which may be items itself.
func distinct[T any, P resource[T]](items []*T) []*T {
	seen := make(map[LUID]struct{}, len(items))
	kept := items[:0:0]
	for i, item := range items {
		id := P(item).luid()
		_, twice := seen[id]
		seen[id] = struct{}{}
		switch {
		case twice && len(seen) == i: // the first one: there were none before
			kept = append(kept, items[:i]...)
		case !twice && len(seen) <= i:
			kept = append(kept, item)
		}
	}
	if len(seen) == len(items) {
		return items
	}
	return kept
}

// batchItems returns the batch of an item, or the item alone.
func batchItems[T any](batch *Batch, alone *T) []*T {
	if batch = batch.root(); batch != nil {
		if items, ok := batch.items.([]*T); ok {
			return items
		}
	}
	return []*T{alone}
}

// once runs work once for all items of a batch and returns its result to each.
func once[V any](ctx context.Context, batch *Batch, key string, work func() (V, error)) (V, error) {
	if batch = batch.root(); batch == nil {
		return work()
	}
	v, _, err := batch.memo.Do(ctx, key, func() (any, error) { return work() })
	if err != nil {
		var none V
		return none, err
	}
	return v.(V), nil
}
