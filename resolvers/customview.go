package resolvers

import (
	"context"

	"vitrine/graph"
	"vitrine/internal/tableau"
)

type customViewResolver struct{ *Resolver }

// CustomView implements graph.ResolverRoot.
func (r *Resolver) CustomView() graph.CustomViewResolver { return customViewResolver{r} }

func customViewQuery(ctx context.Context, f *graph.CustomViewFilter, orderBy []*graph.CustomViewOrder) listRequest[tableau.CustomView] {
	if f == nil {
		f = &graph.CustomViewFilter{}
	}
	type item = tableau.CustomView
	var w filterBuilder[item]
	w.luidEqual("viewId", f.ViewLuid, nil)
	w.luidEqual("workbookId", f.WorkbookLuid, nil)
	within := len(w.filters) > 0
	w.luidEqual("ownerId", f.OwnerLuid, func(v *item) []string { return userLUID(v.OwnerRef) })
	if within && f.OwnerLuid != nil && f.OwnerLuid.Eq != nil {
		w.last().Local = true // asked by owner, Tableau leaves out what others share
	}
	first := len(w.filters)
	w.luid("id", f.Luid, is(func(v *item) tableau.LUID { return v.LUID }))
	w.text("name", f.Name, is(func(v *item) string { return v.Name }))
	w.flag("shared", f.IsShared, func(v *item) tableau.Flag { return v.IsShared })
	w.time("createdAt", f.CreatedAt, func(v *item) tableau.Time { return v.CreatedAt })
	w.time("updatedAt", f.UpdatedAt, func(v *item) tableau.Time { return v.UpdatedAt })
	for i := range w.filters[first:] {
		w.filters[first+i].Least = "3.19" // the first version knows the three above alone
	}
	return listRequest[tableau.CustomView]{tableau.ListQuery[tableau.CustomView]{Filters: w.filters, Sort: customViewOrder(orderBy)}, w.err}
}

func userLUID(u *tableau.User) []string {
	if u == nil {
		return nil
	}
	return []string{string(u.LUID)}
}

var customViewOrders = map[graph.CustomViewOrderField]string{
	graph.CustomViewOrderFieldName: "name", graph.CustomViewOrderFieldCreatedAt: "createdAt", graph.CustomViewOrderFieldUpdatedAt: "updatedAt",
}

func customViewOrder(orderBy []*graph.CustomViewOrder) []tableau.Sort {
	return order(orderBy, func(o *graph.CustomViewOrder) (string, graph.OrderDirection) {
		return customViewOrders[o.Field], o.Direction
	})
}

// CustomViews is a page of the site's custom views.
func (r siteResolver) CustomViews(
	ctx context.Context, site *tableau.Site, first int32, after *string, filter *graph.CustomViewFilter, orderBy []*graph.CustomViewOrder,
) (*graph.CustomViewConnection, error) {
	return list(ctx, r.Resolver, site.ID(), first, after, customViewQuery(ctx, filter, orderBy), onSite(r.Resolver, site, (*tableau.Session).CustomViews), connection[graph.CustomViewConnection])
}

// CustomView is one custom view.
func (r siteResolver) CustomView(ctx context.Context, site *tableau.Site, by graph.CustomViewLookup) (*tableau.CustomView, error) {
	return oneOnSite(ctx, r.Resolver, site, by.Luid, (*tableau.Session).CustomView)
}

// CustomViews is a page of the custom views of a workbook's views.
func (r workbookResolver) CustomViews(
	ctx context.Context, w *tableau.Workbook, first int32, after *string, orderBy []*graph.CustomViewOrder,
) (*graph.CustomViewConnection, error) {
	return list(ctx, r.Resolver, w.ID(), first, after, customViewQuery(ctx, nil, orderBy), w.CustomViews, connection[graph.CustomViewConnection])
}

// CustomViews is a page of the custom views of a view.
func (r viewResolver) CustomViews(
	ctx context.Context, v *tableau.View, first int32, after *string, orderBy []*graph.CustomViewOrder,
) (*graph.CustomViewConnection, error) {
	return list(ctx, r.Resolver, v.ID(), first, after, customViewQuery(ctx, nil, orderBy), v.CustomViews, connection[graph.CustomViewConnection])
}

// Owner is who saved it.
func (r customViewResolver) Owner(ctx context.Context, v *tableau.CustomView) (*tableau.User, error) {
	return owner(ctx, v, v.OwnerRef, (*tableau.CustomView).ReadOwner)
}

// View is the view that it changes.
func (r customViewResolver) View(ctx context.Context, v *tableau.CustomView) (*tableau.View, error) {
	sel := selectionOf(ctx)
	view, err := v.View(ctx, func(ref *tableau.View) bool {
		return sel.all(func(name string) bool {
			switch name {
			case "__typename", "id", "luid", "site":
				return true
			case "name":
				return ref.Name != ""
			case "contentUrl", "path", "urlName", "url", "webUrl", "embedUrl":
				return ref.ContentURL != ""
			default:
				return false
			}
		})
	}, viewListFields(sel), sel.has("viewCount"))
	if view == nil || err != nil {
		return nil, err
	}
	return completedView(ctx, view, nil)
}

// Workbook is the workbook of that view.
func (r customViewResolver) Workbook(ctx context.Context, v *tableau.CustomView) (*tableau.Workbook, error) {
	sel := selectionOf(ctx)
	return v.Workbook(ctx, func(ref *tableau.Workbook) bool {
		return sel.within("__typename", "id", "luid", "site", "name") && (ref.Name != "" || !sel.has("name"))
	})
}

// DefaultFor is a page of the people who see it first.
func (r customViewResolver) DefaultFor(ctx context.Context, v *tableau.CustomView, first int32, after *string) (*graph.UserConnection, error) {
	at, err := r.pageSpanOf(ctx, v.ID(), first, after)
	if err != nil {
		return nil, err
	}
	page, err := v.DefaultFor(ctx, at.Offset, at.first)
	if err == nil && !selectionOf(ctx).items().within("__typename", "id", "luid", "site", "isMe") {
		page, err = v.Session().UsersInFull(ctx, page)
	}
	return connection[graph.UserConnection](ctx, at, page, err)
}

// Image is a picture of the saved state, drawn when it is fetched.
func (r customViewResolver) Image(
	ctx context.Context, v *tableau.CustomView, format tableau.ImageFormat, resolution tableau.ImageResolution, options *tableau.ViewOptions, disposition *tableau.Disposition,
) (*graph.ContentLink, error) {
	return r.link(ctx, v.Session(), picture(tableau.CustomViewImage, v.LUID, format, resolution, nil, options), v.Name, disposition)
}

// PDF is the saved state as a document.
func (r customViewResolver) PDF(
	ctx context.Context, v *tableau.CustomView, paper *tableau.PaperSize, orientation *tableau.PageOrientation, size *tableau.PixelSize,
	options *tableau.ViewOptions, disposition *tableau.Disposition,
) (*graph.ContentLink, error) {
	return r.link(ctx, v.Session(), paged(tableau.CustomViewPDF, v.LUID, paper, orientation, size, options), v.Name, disposition)
}

// CSV is the summary data of the saved state as text.
func (r customViewResolver) CSV(ctx context.Context, v *tableau.CustomView, options *tableau.ViewOptions, disposition *tableau.Disposition) (*graph.ContentLink, error) {
	return r.link(ctx, v.Session(), &tableau.Export{Kind: tableau.CustomViewCSV, LUID: v.LUID, Options: options}, v.Name, disposition)
}

// Data is the summary data of the saved state as columns and rows.
func (r customViewResolver) Data(
	ctx context.Context, v *tableau.CustomView, options *tableau.ViewOptions, first int32, after *string,
) (*graph.ViewData, error) {
	x := &tableau.Export{Kind: tableau.CustomViewCSV, LUID: v.LUID, Options: options}
	return r.data(ctx, v.ID(), v.Session(), x, first, after)
}

// Download is the saved state as a file.
func (r customViewResolver) Download(ctx context.Context, v *tableau.CustomView, disposition *tableau.Disposition) (*graph.ContentLink, error) {
	return r.link(ctx, v.Session(), &tableau.Export{Kind: tableau.CustomViewFile, LUID: v.LUID}, v.Name, disposition)
}
