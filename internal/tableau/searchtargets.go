package tableau

import (
	"context"
	"slices"
	"strings"
)

// SearchTarget is what a search can find.
type SearchTarget interface{ Content }

// TargetLUID is the LUID under which other methods know what was found; empty where the hit does not tell it. A number is no LUID.
func (h *SearchHit) TargetLUID() LUID {
	given := h.GivenLUID
	if h.Kind.unified() {
		given = h.DataSourceLUID
	}
	id, err := ParseLUID(string(given))
	if err != nil || strings.Trim(string(id), "0123456789") == "" {
		return ""
	}
	return id
}

// Points gives what was found, with nothing but its LUID, where the hit tells that; nil where it does not, and for kinds that are not
// known here.
func (h *SearchHit) Points() SearchTarget {
	id := h.TargetLUID()
	switch {
	case id == "" || h.IsPublished == No:
		return nil
	case h.Kind.is("WORKBOOK"):
		return &Workbook{node: node{s: h.s}, LUID: id}
	case h.Kind.is("VIEW"):
		return &View{node: node{s: h.s}, LUID: id}
	case h.Kind.is("DATA_SOURCE"):
		return &DataSource{node: node{s: h.s}, LUID: id}
	case h.Kind.is("PROJECT"):
		return &Project{node: node{s: h.s}, LUID: id}
	}
	return nil
}

// lookup is how hits of one kind are found in the list of that kind: by a filter on what hits tell, in as few calls as that takes.
type lookup[T any] struct {
	kind       string // the schema's word
	read       pageReader[T]
	query      ListQuery[T]
	field      string                // to filter by
	value      func(*SearchHit) Text // of that field; none where the hit does not tell
	contentURL func(*T) string
}

// found gives what a hit leads to; nil where it cannot be mapped with certainty. One call serves all hits that were found together.
func found[T any, P resource[T]](ctx context.Context, h *SearchHit, l lookup[T]) (*T, error) {
	all, err := forAll(ctx, h.set, l.kind+" "+l.field+" "+l.query.values(nil, nil).Encode(), func() (map[*SearchHit]*T, error) {
		return findAll[T, P](ctx, h.s, slices.DeleteFunc(slices.Clone(members(h.set, h)), func(h *SearchHit) bool { return !h.Kind.is(l.kind) }), l)
	})
	if IsKind(err, BadRequest) || err == errTooManyPages { //nolint:errorlint // the sentinel is never wrapped
		return nil, nil // the list has more of these names than are read: no certainty
	}
	return all[h], err
}

func findAll[T any, P resource[T]](ctx context.Context, s *Session, hits []*SearchHit, l lookup[T]) (map[*SearchHit]*T, error) {
	var values []string
	for _, h := range hits {
		if v := l.value(h); v != "" {
			values = append(values, string(v))
		}
	}
	items, err := inChunks[T, P](ctx, s, l.read, l.query, Filter[T]{Field: l.field, Match: func(*T) bool { return true }}, values)
	if err != nil {
		return nil, err
	}
	byID, byURL := byLUID[T, P](items), map[string]*T{}
	for _, item := range items {
		byURL[l.contentURL(item)] = item
	}
	matched := map[*SearchHit]*T{}
	for _, h := range hits {
		switch id := h.TargetLUID(); {
		case id != "":
			matched[h] = byID[id]
		case h.RepositoryURL != "":
			matched[h] = byURL[string(h.RepositoryURL)]
		}
	}
	return introduced[T, P](matched), nil
}

// introduced makes what was found know each other.
func introduced[T any, P resource[T]](matched map[*SearchHit]*T) map[*SearchHit]*T {
	var items []*T
	for _, item := range matched {
		if item != nil {
			items = append(items, item)
		}
	}
	slices.SortFunc(items, func(a, b *T) int { return strings.Compare(string(P(a).luid()), string(P(b).luid())) })
	copies := byLUID[T, P](together[T, P](items))
	for h, item := range matched {
		if item != nil {
			matched[h] = copies[P(item).luid()]
		}
	}
	return matched
}

// Workbook is the workbook that was found. GET workbooks?filter=name:in:[…]: the search's titles are names, and LUIDs decide.
func (h *SearchHit) Workbook(ctx context.Context, fields ...string) (*Workbook, error) {
	return found(ctx, h, lookup[Workbook]{
		kind: "WORKBOOK", read: h.s.workbooksPage, query: ListQuery[Workbook]{Fields: fields}, field: "name",
		value:      func(h *SearchHit) Text { return Text(h.Title) },
		contentURL: func(w *Workbook) string { return w.ContentURL },
	})
}

// View is the view that was found. GET views?filter=workbookName:in:[…]: the search calls a view's workbook its container.
func (h *SearchHit) View(ctx context.Context, usage bool, fields ...string) (*View, error) {
	return found(ctx, h, lookup[View]{
		kind: "VIEW", read: h.s.viewsPage, query: ListQuery[View]{Fields: fields, Extra: usageParameter(usage)}, field: "workbookName",
		value:      func(h *SearchHit) Text { return firstText(h.ParentWorkbook, h.ContainerGiven) },
		contentURL: func(v *View) string { return v.ContentURL },
	})
}

// DataSource is the data source that was found. GET datasources?filter=contentUrl:in:[…].
func (h *SearchHit) DataSource(ctx context.Context, fields ...string) (*DataSource, error) {
	l := lookup[DataSource]{
		kind: "DATA_SOURCE", read: h.s.dataSourcesPage, query: ListQuery[DataSource]{Fields: fields}, field: "contentUrl",
		value:      func(h *SearchHit) Text { return h.RepositoryURL },
		contentURL: func(d *DataSource) string { return string(d.ContentURL) },
	}
	if h.RepositoryURL == "" {
		l.field, l.value = "name", func(h *SearchHit) Text { return Text(h.Title) }
	}
	return found(ctx, h, l)
}

// Project is the project that was found. GET projects.
func (h *SearchHit) Project(ctx context.Context) (*Project, error) {
	id := h.TargetLUID()
	if id == "" {
		return nil, nil
	}
	return h.s.Project(ctx, id)
}
