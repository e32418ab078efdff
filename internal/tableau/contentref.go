package tableau

import (
	"context"
	"slices"
	"strings"
)

// SearchTarget is what a search can find.
type SearchTarget interface{ Content }

// contentRef is what a search hit, or an item of a collection, has of the content that it refers
// to: a kind, perhaps a LUID, and names to find it by in the list of its kind.
type contentRef struct {
	node
	number     int // in its list
	kind       ContentType
	id         LUID // as other methods use it; empty if the answer has none
	title      Text
	workbook   Text // around a view
	contentURL Text // of a data source
	nowhere    bool // it is part of something else and in no list
}

// contentRefs returns all references that were read together with l.
func (l *contentRef) contentRefs() []*contentRef {
	var all []*contentRef
	if batch := l.readWith(); batch != nil {
		switch items := batch.items.(type) {
		case []*SearchHit:
			for _, item := range items {
				all = append(all, &item.contentRef)
			}
		case []*CollectionItem:
			for _, item := range items {
				all = append(all, &item.contentRef)
			}
		}
	}
	if all == nil {
		all = []*contentRef{l}
	}
	return all
}

// nodeKind returns the kind of the content; nil for kinds without a type in the schema.
func (l *contentRef) nodeKind() *NodeKind {
	i := slices.IndexFunc(nodeKinds, func(k *NodeKind) bool { return k.IsFound && l.kind.Names(k.Name) })
	if i < 0 {
		return nil
	}
	return nodeKinds[i]
}

// Points returns the content with nothing but its LUID; nil if the LUID is not known, and for
// unknown kinds.
func (l *contentRef) Points() SearchTarget {
	k := l.nodeKind()
	if k == nil || l.id == "" || l.nowhere {
		return nil
	}
	return k.refer(node{s: l.s}, l.id)
}

// Follow reads the content, in one call with that of all references that were read together; nil if
// it cannot be found with certainty, and for unknown kinds.
func (l *contentRef) Follow(ctx context.Context, need TargetNeeds) (SearchTarget, error) {
	k := l.nodeKind()
	if k == nil {
		return nil, nil
	}
	return k.follow(ctx, l, need)
}

// TargetKind is the kind as the search names it.
func (l *contentRef) TargetKind() ContentType { return l.kind }

// IsNowhere says that no list has what is pointed at.
func (l *contentRef) IsNowhere() bool { return l.nowhere }

// tellableLUID returns the value as a LUID; empty if it is not one, such as a number.
func tellableLUID(given Text) LUID {
	id, err := ParseLUID(string(given))
	if err != nil || strings.Trim(string(id), "0123456789") == "" {
		return ""
	}
	return id
}

// lookup describes how references of one kind are resolved: by a filter on their list, in as few
// calls as possible.
type lookup[T any] struct {
	kind       string // KindWorkbook and the others
	read       pageReader[T]
	query      ListQuery[T]
	field      string                 // to filter by; empty where the list has no filters
	value      func(*contentRef) Text // of that field; none if a reference lacks it
	contentURL func(*T) string        // to tell items apart where no LUID does; nil where it cannot
	// one looks an item up by LUID; nil if the list has more of it than a look-up.
	one func(context.Context, LUID) (*T, error)
}

// follow returns what a reference points at; nil if it cannot be mapped with certainty. One call
// serves all that were read together.
func follow[T any, P resource[T]](ctx context.Context, l *contentRef, how lookup[T]) (*T, error) {
	all, err := once(ctx, l.batch, how.kind+" "+how.field+" "+how.query.values(nil, nil).Encode(), func() (map[*contentRef]*T, error) {
		return followAll[T, P](ctx, l.s, slices.DeleteFunc(l.contentRefs(), func(l *contentRef) bool { return !l.kind.Names(how.kind) }), how)
	})
	if IsKind(err, BadRequest) || err == errTooManyPages { //nolint:errorlint // the sentinel is never wrapped
		return nil, nil // the list has more of these names than are read: no certainty
	}
	return all[l], err
}

func followAll[T any, P resource[T]](ctx context.Context, s *Session, contentRefs []*contentRef, how lookup[T]) (map[*contentRef]*T, error) {
	items, err := candidates[T, P](ctx, s, contentRefs, how)
	if err != nil {
		return nil, err
	}
	byID, byURL := byLUID[T, P](items), map[string]*T{}
	for _, item := range items {
		if how.contentURL != nil {
			byURL[how.contentURL(item)] = item
		}
	}
	matched := map[*contentRef]*T{}
	for _, l := range contentRefs {
		switch {
		case l.id != "":
			matched[l] = byID[l.id]
		case l.contentURL != "":
			matched[l] = byURL[string(l.contentURL)]
		}
	}
	return batchMatches[T, P](matched), nil
}

// candidates returns the items that the references may point at: those with one of the values of a
// field, or the whole list.
func candidates[T any, P resource[T]](ctx context.Context, s *Session, contentRefs []*contentRef, how lookup[T]) ([]*T, error) {
	if how.field == "" {
		return readAll[T, P](ctx, how.read, how.query.values(nil, nil), maxLocalPages)
	}
	contentRefs = slices.DeleteFunc(slices.Clone(contentRefs), func(l *contentRef) bool { return how.value(l) == "" })
	list := childList[T, contentRef]{
		read: how.read, query: how.query, field: how.field, value: func(l *contentRef) string { return string(how.value(l)) },
		missing: len(how.query.Fields) > 0,
	}
	var found []*T
	if how.one != nil && !slices.ContainsFunc(contentRefs, func(l *contentRef) bool { return l.id == "" }) {
		list.alone = oneByOne(&found, how.one, func(l *contentRef) LUID { return l.id })
	}
	items, _, err := readChildren[T, P](ctx, s, list, contentRefs)
	return append(items, found...), err
}

// batchMatches puts all items that were found into one batch.
func batchMatches[T any, P resource[T]](matched map[*contentRef]*T) map[*contentRef]*T {
	var items []*T
	for _, item := range matched {
		if item != nil {
			items = append(items, item)
		}
	}
	slices.SortFunc(items, func(a, b *T) int { return strings.Compare(string(P(a).luid()), string(P(b).luid())) })
	copies := byLUID[T, P](newBatch[T, P](items))
	for l, item := range matched {
		if item != nil {
			matched[l] = copies[P(item).luid()]
		}
	}
	return matched
}

func refTitle(l *contentRef) Text { return l.title }

// Workbook is the workbook that is pointed at. GET workbooks?filter=name:in:[…]: titles are names,
// and LUIDs decide.
func (l *contentRef) Workbook(ctx context.Context, need TargetNeeds) (*Workbook, error) {
	return follow(ctx, l, lookup[Workbook]{
		kind: KindWorkbook, read: l.s.workbooksPage, query: ListQuery[Workbook]{Fields: need.Workbook}, field: "name", value: refTitle,
		contentURL: func(w *Workbook) string { return w.ContentURL }, one: l.s.Workbook,
	})
}

// View is the view that is pointed at. GET views?filter=workbookName:in:[…], or by name if the
// workbook is unknown.
func (l *contentRef) View(ctx context.Context, need TargetNeeds) (*View, error) {
	how := lookup[View]{
		kind: KindView, read: l.s.viewsPage, query: ListQuery[View]{Fields: need.View, Extra: usageParameter(need.ViewUsage)}, field: "workbookName",
		value: func(l *contentRef) Text { return l.workbook }, contentURL: func(v *View) string { return v.ContentURL },
	}
	if l.workbook == "" {
		how.field, how.value = "name", refTitle
	}
	return follow(ctx, l, how)
}

// DataSource is the data source that is pointed at. GET datasources?filter=contentUrl:in:[…], or by
// name.
func (l *contentRef) DataSource(ctx context.Context, need TargetNeeds) (*DataSource, error) {
	how := lookup[DataSource]{
		kind: KindDataSource, read: l.s.dataSourcesPage, query: ListQuery[DataSource]{Fields: need.DataSource}, field: "contentUrl",
		value: func(l *contentRef) Text { return l.contentURL }, contentURL: func(d *DataSource) string { return string(d.ContentURL) },
	}
	if l.contentURL == "" {
		how.field, how.value = "name", refTitle
	}
	return follow(ctx, l, how)
}

// Flow is the flow that is pointed at. GET flows?filter=name:in:[…].
func (l *contentRef) Flow(ctx context.Context, _ TargetNeeds) (*Flow, error) {
	return follow(ctx, l, lookup[Flow]{kind: KindFlow, read: l.s.flowsPage, field: "name", value: refTitle, one: l.s.Flow})
}

// VirtualConnection is the virtual connection that is pointed at. GET virtualconnections, which has
// no filters.
func (l *contentRef) VirtualConnection(ctx context.Context, _ TargetNeeds) (*VirtualConnectionInfo, error) {
	return follow(ctx, l, lookup[VirtualConnectionInfo]{kind: KindVirtualConnection, read: l.s.virtualConnectionsPage})
}

// Database is the database that is pointed at. GET databases, which has no filters.
func (l *contentRef) Database(ctx context.Context, _ TargetNeeds) (*Database, error) {
	return follow(ctx, l, lookup[Database]{kind: KindDatabase, read: l.s.databasesPage})
}

// Table is the table that is pointed at. GET tables, which has no filters.
func (l *contentRef) Table(ctx context.Context, _ TargetNeeds) (*Table, error) {
	return follow(ctx, l, lookup[Table]{kind: KindTable, read: l.s.tablesPage})
}

// Collection is the collection that is pointed at. GET /api/-/collections, which has no filters.
func (l *contentRef) Collection(ctx context.Context, _ TargetNeeds) (*Collection, error) {
	return follow(ctx, l, lookup[Collection]{kind: KindCollection, read: l.s.collectionsPage})
}

// Project is the project that is pointed at. GET projects.
func (l *contentRef) Project(ctx context.Context, _ TargetNeeds) (*Project, error) {
	if l.id == "" {
		return nil, nil
	}
	return l.s.Project(ctx, l.id)
}
