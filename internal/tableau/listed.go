package tableau

import (
	"context"
	"slices"
)

// A look-up by id, and what other items say of an item, lack some of what the item's own list has.
// The methods Listed read an item in its list, with one call for all items that were read together.

// Listed returns the view as its list has it, with some fields beside the default ones and with its
// usage. Nil if it is not in the list. GET views?filter=contentUrl:in:[…].
func (v *View) Listed(ctx context.Context, usage bool, fields ...string) (*View, error) {
	all, err := listed(ctx, v.batch, v.s.viewList(usage, fields), batchItems(v.batch, v), (*View).address)
	all, err = ignoreDenied(all, err)
	return all[v.LUID], err
}

// Listed returns the workbook as its list has it; as View.Listed. GET
// workbooks?filter=contentUrl:in:[…].
func (w *Workbook) Listed(ctx context.Context, fields ...string) (*Workbook, error) {
	all, err := listed(ctx, w.batch, w.s.workbookList(fields), batchItems(w.batch, w), (*Workbook).address)
	all, err = ignoreDenied(all, err)
	return all[w.LUID], err
}

// Listed returns the data source as its list has it; as View.Listed. GET
// datasources?filter=contentUrl:in:[…].
func (d *DataSource) Listed(ctx context.Context, fields ...string) (*DataSource, error) {
	all, err := listed(ctx, d.batch, d.s.dataSourceList(fields), batchItems(d.batch, d), (*DataSource).address)
	all, err = ignoreDenied(all, err)
	return all[d.LUID], err
}

// Listed returns the project as its list has it. GET projects.
func (p *Project) Listed(ctx context.Context) (*Project, error) {
	all, err := p.s.tree(ctx)
	all, err = ignoreDenied(all, err)
	return all[p.LUID], err
}

// Listed returns the flow as its list has it. GET flows?filter=name:in:[…], or GET flows/{id}.
func (f *Flow) Listed(ctx context.Context) (*Flow, error) {
	all, err := once(ctx, f.batch, "listed", func() (map[LUID]*Flow, error) {
		return itemsByName(ctx, f.s, childList[Flow, Flow]{
			read: f.s.flowsPage, field: "name", value: func(f *Flow) string { return f.Name },
		}, batchItems(f.batch, f), f.s.Flow)
	})
	all, err = ignoreDenied(all, err)
	return all[f.LUID], err
}

// itemList is the list of a kind of item, with what is wanted of it.
type itemList[T any] struct {
	s     *Session
	kind  string
	read  pageReader[T]
	query ListQuery[T]
}

func (s *Session) workbookList(fields []string) itemList[Workbook] {
	return itemList[Workbook]{s, KindWorkbook, s.workbooksPage, ListQuery[Workbook]{Fields: fields}}
}

func (s *Session) viewList(usage bool, fields []string) itemList[View] {
	return itemList[View]{s, KindView, s.viewsPage, ListQuery[View]{Fields: fields, Extra: usageParameter(usage)}}
}

func (s *Session) dataSourceList(fields []string) itemList[DataSource] {
	return itemList[DataSource]{s, KindDataSource, s.dataSourcesPage, ListQuery[DataSource]{Fields: fields}}
}

// listed reads the items that some others lead to, once for a batch. address returns the content URL
// by which an item is found in the list, as Tableau has no filter on LUIDs, and the LUID that
// decides; an empty LUID leads to nothing.
func listed[T any, P resource[T], F any](
	ctx context.Context, batch *Batch, list itemList[T], from []*F, address func(*F) (LUID, string),
) (map[LUID]*T, error) {
	key := "listed " + list.kind + list.query.values(nil, nil).Encode()
	return once(ctx, batch, key, func() (map[LUID]*T, error) {
		var ids []LUID
		var contentURLs []string
		for _, item := range from {
			if id, contentURL := address(item); id != "" {
				ids, contentURLs = append(ids, id), append(contentURLs, contentURL)
			}
		}
		found, err := inChunks[T, P](ctx, list.s, list.read, list.query, "contentUrl", contentURLs)
		if err != nil {
			return nil, err
		}
		slices.Sort(ids)
		found = slices.DeleteFunc(found, func(item *T) bool {
			_, wanted := slices.BinarySearch(ids, P(item).luid())
			return !wanted
		})
		return byLUID[T, P](newBatch[T, P](found)), nil
	})
}

func (v *View) address() (LUID, string)       { return v.LUID, v.ContentURL }
func (w *Workbook) address() (LUID, string)   { return w.LUID, w.ContentURL }
func (d *DataSource) address() (LUID, string) { return d.LUID, string(d.ContentURL) }
