package resolvers

import (
	"context"

	"vitrine/internal/tableau"
)

// target is what an entry of a list points at: as the entry has it where that is all that is
// selected, else as the list of its kind does, which is read once for all entries. Nil where the
// caller's schema lacks the kind.
func target(ctx context.Context, c tableau.Content) (tableau.Content, error) {
	sel := selectionOf(ctx)
	switch item := c.(type) {
	case *tableau.Workbook:
		sel = sel.on(tableau.KindWorkbook)
		return pointedAt(ctx, tableau.KindWorkbook, item, sel.all(workbookListed(item)), func() (*tableau.Workbook, error) {
			return item.Listed(ctx, workbookListFields(sel)...)
		})
	case *tableau.View:
		sel = sel.on(tableau.KindView)
		return pointedAt(ctx, tableau.KindView, item, viewSuffices(sel, item), func() (*tableau.View, error) {
			return item.Listed(ctx, sel.has("viewCount"), viewListFields(sel)...)
		})
	case *tableau.DataSource:
		sel = sel.on(tableau.KindDataSource)
		return pointedAt(ctx, tableau.KindDataSource, item, sel.all(dataSourceListed(item)), func() (*tableau.DataSource, error) {
			return item.Listed(ctx, dataSourceListFields(sel)...)
		})
	case *tableau.Project:
		sel = sel.on(tableau.KindProject)
		return pointedAt(ctx, tableau.KindProject, item, sel.all(projectListed(item)), func() (*tableau.Project, error) { return item.Listed(ctx) })
	case *tableau.Flow:
		sel = sel.on(tableau.KindFlow)
		return pointedAt(ctx, tableau.KindFlow, item, sel.all(hasListed(!item.CreatedAt.IsZero(), nil, nil)), func() (*tableau.Flow, error) {
			return item.Listed(ctx)
		})
	case *tableau.Collection:
		sel = sel.on(tableau.KindCollection)
		enough := sel.all(hasListed(item.Visibility != "", nil, map[string]bool{"url": true, "items": true, "owner": item.OwnerRef != nil}))
		return pointedAt(ctx, tableau.KindCollection, item, enough, func() (*tableau.Collection, error) { return item.InFull(ctx) })
	default:
		return nil, nil
	}
}

// pointedAt reads an item again where the entry has too little. What its list does not show the
// caller is given as the entry has it.
func pointedAt[T any, P interface {
	*T
	tableau.Content
}](ctx context.Context, kind string, item P, enough bool, listed func() (*T, error)) (tableau.Content, error) {
	if !operationFrom(ctx).View.HasType(kind) {
		return nil, nil
	}
	if enough {
		return item, nil
	}
	full, err := listed()
	if err != nil {
		return nil, err
	}
	if full == nil {
		return item, nil
	}
	return P(full), nil
}

// hasListed says which fields an item has: names that everything has, and others where they hold
// something. whole is an item as its own list has it by default, which lacks but what is asked for
// by name.
func hasListed(whole bool, onDemand map[string]string, others map[string]bool) func(name string) bool {
	return func(name string) bool {
		switch name {
		case "__typename", "id", "luid", "site", "name", "isFavorite":
			return true
		}
		if _, asked := onDemand[name]; asked {
			return false
		}
		return whole || others[name]
	}
}

func workbookListed(w *tableau.Workbook) func(string) bool {
	return hasListed(!w.CreatedAt.IsZero(), nil, map[string]bool{
		"contentUrl": w.ContentURL != "", "url": w.WebpageURL != "", "webUrl": w.WebpageURL != "", "owner": w.OwnerRef != nil, "project": w.ProjectRef != nil,
	})
}

func viewListed(v *tableau.View) func(string) bool {
	address := v.ContentURL != ""
	listed := hasListed(!v.CreatedAt.IsZero(), viewFields, map[string]bool{
		"contentUrl": address, "path": address, "urlName": address, "url": address, "webUrl": address, "embedUrl": address,
		"workbook": v.WorkbookRef != nil, "owner": v.OwnerRef != nil, "project": v.ProjectRef != nil, "acceleration": true,
	})
	return func(name string) bool { return listed(name) && (name != "viewCount" || v.Usage != nil) }
}

// viewSuffices says whether an entry has all that is selected of a view. Where the list of views
// has of the workbook what the entry does not, that list is read instead of the workbook: it has
// the rest too.
func viewSuffices(sel selection, v *tableau.View) bool {
	workbook, project := sel.under("workbook"), sel.under("project")
	return sel.all(viewListed(v)) && (v.ProjectRef == nil || v.ProjectRef.Name != "" || project.within(idOnly...)) &&
		(v.WorkbookRef == nil || !carriedWorkbook(workbook) || workbookSuffices(workbook, v.WorkbookRef))
}

func dataSourceListed(d *tableau.DataSource) func(string) bool {
	return hasListed(!d.CreatedAt.IsZero(), dataSourceFields, map[string]bool{
		"contentUrl": d.ContentURL != "", "url": d.WebpageURL != "", "owner": d.OwnerRef != nil, "project": d.ProjectRef != nil,
	})
}

func projectListed(p *tableau.Project) func(string) bool {
	return hasListed(!p.CreatedAt.IsZero(), map[string]string{"isTopLevel": "", "isWritable": "", "favoriteCount": ""}, nil)
}
