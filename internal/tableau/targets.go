package tableau

// FavoriteTarget is what can be a favorite.
type FavoriteTarget interface{ Content }

// RecentTarget is what can be looked at.
type RecentTarget interface{ Content }

// batchRefs puts what the entries of a list point at into one batch, so that one call reads
// something for all of it. ref returns where an entry keeps what it points at of one kind; the
// entries are copies already.
func batchRefs[E, T any, P resource[T]](entries []*E, ref func(*E) **T) {
	var items []*T
	for _, e := range entries {
		if item := *ref(e); item != nil {
			items = append(items, item)
		}
	}
	copies := byLUID[T, P](newBatch[T, P](items))
	for _, e := range entries {
		if item := ref(e); *item != nil {
			*item = copies[P(*item).luid()]
		}
	}
}
