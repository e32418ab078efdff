package tableau

import (
	"context"
	"slices"
)

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

// Again returns the view as its list has it, with some fields beside the default ones and with its
// usage: one call for all views that were read together. Nil if it is no longer in the list. GET
// views?filter=contentUrl:in:[…].
func (v *View) Again(ctx context.Context, usage bool, fields ...string) (*View, error) {
	all, err := again(ctx, v.node, v, v.s.viewsPage, ListQuery[View]{Fields: fields, Extra: usageParameter(usage)},
		func(v *View) string { return v.ContentURL })
	return all[v.LUID], err
}

// Again returns the workbook as its list has it; as View.Again. GET
// workbooks?filter=contentUrl:in:[…].
func (w *Workbook) Again(ctx context.Context, fields ...string) (*Workbook, error) {
	all, err := again(ctx, w.node, w, w.s.workbooksPage, ListQuery[Workbook]{Fields: fields}, func(w *Workbook) string { return w.ContentURL })
	return all[w.LUID], err
}

// Again returns the data source as its list has it; as View.Again. GET
// datasources?filter=contentUrl:in:[…].
func (d *DataSource) Again(ctx context.Context, fields ...string) (*DataSource, error) {
	all, err := again(ctx, d.node, d, d.s.dataSourcesPage, ListQuery[DataSource]{Fields: fields},
		func(d *DataSource) string { return string(d.ContentURL) })
	return all[d.LUID], err
}

// Again returns the project as its list has it. GET projects.
func (p *Project) Again(ctx context.Context) (*Project, error) {
	all, err := p.s.tree(ctx)
	all, err = ignoreDenied(all, err)
	return all[p.LUID], err
}

// Again returns the flow as its list has it. GET flows?filter=name:in:[…].
func (f *Flow) Again(ctx context.Context) (*Flow, error) {
	all, err := once(ctx, f.batch, "again", func() (map[LUID]*Flow, error) {
		return itemsByName(ctx, f.s, childList[Flow, Flow]{
			read: f.s.flowsPage, field: "name", value: func(f *Flow) string { return f.Name },
		}, batchItems(f.batch, f), f.s.Flow)
	})
	all, err = ignoreDenied(all, err)
	return all[f.LUID], err
}

// again finds items in their list by content URL; LUIDs decide which they are.
func again[T any, P resource[T]](
	ctx context.Context, n node, item *T, read pageReader[T], q ListQuery[T], contentURL func(*T) string,
) (map[LUID]*T, error) {
	all, err := once(ctx, n.batch, "again "+q.values(nil, nil).Encode(), func() (map[LUID]*T, error) {
		items := batchItems(n.batch, item)
		values := make([]string, len(items))
		for i, item := range items {
			values[i] = contentURL(item)
		}
		found, err := inChunks[T, P](ctx, n.s, read, q, "contentUrl", values)
		if err != nil {
			return nil, err
		}
		wanted := byLUID[T, P](items)
		found = slices.DeleteFunc(found, func(item *T) bool { return wanted[P(item).luid()] == nil })
		return byLUID[T, P](newBatch[T, P](found)), nil
	})
	return ignoreDenied(all, err)
}
