package resolvers

import (
	"context"
	"slices"
	"strings"

	"vitrine/graph"
	"vitrine/internal/graphqlhttp"
	"vitrine/internal/tableau"
)

type viewResolver struct{ *Resolver }

// View implements graph.ResolverRoot.
func (r *Resolver) View() graph.ViewResolver { return viewResolver{r} }

// viewFields are the fields that a list of views has only when it is asked for them by name.
var viewFields = map[string]string{"sheetType": "sheetType", "sheetTypeRaw": "sheetType", "favoriteCount": "favoritesTotal"}

// viewWorkbookFields are what a list of views can tell of their workbooks. The id comes anyhow.
var viewWorkbookFields = map[string]string{
	"name": "name", "description": "description", "contentUrl": "contentUrl", "showsTabs": "showTabs", "sizeMegabytes": "size",
	"createdAt": "createdAt", "updatedAt": "updatedAt", "sheetCount": "sheetCount", "hasExtracts": "hasExtracts",
}

func listedViewFields(items selection) []string {
	fields := items.restFields("", viewFields)
	fields = append(fields, items.under("owner").restFields("owner.", ownerFields)...)
	if !items.under("project").within(idOnly...) { // the name is what remains of a project that the caller may not read
		fields = append(fields, "project.name")
	}
	return fields
}

// viewListFields are what the site's list of views is asked for: some of the workbook too.
func viewListFields(items selection) []string {
	fields := listedViewFields(items)
	if workbook := items.under("workbook"); carriedWorkbook(workbook) {
		fields = append(fields, carriedFields(workbook)...)
	}
	return fields
}

// carriedFields are what a list of views is asked of their workbooks: name and content URL with
// whatever is selected.
func carriedFields(workbook selection) []string {
	fields := workbook.restFields("workbook.", viewWorkbookFields)
	if len(fields) == 0 {
		return nil
	}
	fields = append(fields, "workbook.name", "workbook.contentUrl")
	slices.Sort(fields)
	return slices.Compact(fields)
}

// completedView adds what only lists tell to a view that was looked up by id, where it is selected;
// err is why there is none.
func completedView(ctx context.Context, v *tableau.View, err error) (*tableau.View, error) {
	if err != nil {
		return nil, err
	}
	sel := selectionOf(ctx)
	if sel.has("favoriteCount") && !v.FavoriteCount.Valid || v.SheetType == "" && sel.has("sheetType", "sheetTypeRaw") {
		return v.Completed(ctx)
	}
	return v, nil
}

func viewQuery(ctx context.Context, f *graph.ViewFilter, orderBy []*graph.ViewOrder) listRequest[tableau.View] {
	return queryOf(ctx, func(items selection) listRequest[tableau.View] { return viewQueryOf(items, f, orderBy) })
}

func viewQueryOf(items selection, f *graph.ViewFilter, orderBy []*graph.ViewOrder) listRequest[tableau.View] {
	q := tableau.ListQuery[tableau.View]{Fields: viewListFields(items)}
	if items.has("viewCount") {
		q.Extra = map[string][]string{"includeUsageStatistics": {"true"}}
	}
	if f == nil {
		f = &graph.ViewFilter{}
	}
	type item = tableau.View
	var w filterBuilder[item]
	w.name(f.Name, func(v *item) string { return v.Name })
	w.text("title", f.Title, nil)
	w.text("caption", f.Caption, nil)
	w.text("contentUrl", f.ContentURL, is(func(v *item) string { return v.ContentURL }))
	w.text("viewUrlName", f.URLName, is((*item).URLName))
	w.text("workbookName", f.WorkbookName, workbookText(func(b *tableau.Workbook) string { return b.Name }), "workbook.name")
	w.text("workbookDescription", f.WorkbookDescription,
		workbookText(func(b *tableau.Workbook) string { return string(b.Description) }), "workbook.description")
	w.text("projectName", f.ProjectName, projectNameOf(func(v *item) *tableau.Project { return v.ProjectRef }), "project.name")
	var ownerName *graph.StringInFilter
	if f.OwnerName != nil {
		ownerName = &graph.StringInFilter{Eq: f.OwnerName.Eq}
	}
	ownerFilters(&w, func(v *item) *tableau.User { return v.OwnerRef }, ownerName, f.OwnerEmail, f.OwnerDomain)
	w.text("tags", f.Tags, labels((*item).Tags))
	sheetTypeFilter(&w, f.SheetType)
	w.text("fields", f.Fields, nil)
	w.number("sheetNumber", f.SheetNumber, nil)
	w.number("hitsTotal", f.ViewCount, nil)
	w.number("favoritesTotal", f.FavoriteCount, func(v *item) tableau.Int { return v.FavoriteCount }, "favoritesTotal")
	w.time("createdAt", f.CreatedAt, func(v *item) tableau.Time { return v.CreatedAt })
	w.time("updatedAt", f.UpdatedAt, func(v *item) tableau.Time { return v.UpdatedAt })
	q.Filters, q.Sort = w.filters, viewOrder(orderBy)
	return listRequest[tableau.View]{q, w.err}
}

func workbookText(get func(*tableau.Workbook) string) func(*tableau.View) []string {
	return func(v *tableau.View) []string {
		if v.WorkbookRef == nil {
			return nil
		}
		return []string{get(v.WorkbookRef)}
	}
}

func sheetTypeFilter(w *filterBuilder[tableau.View], f *graph.SheetTypeFilter) {
	if f == nil {
		return
	}
	sheetType := is(func(v *tableau.View) tableau.SheetType { return v.SheetType.Known() })
	if f.Eq != nil {
		w.oneOf("sheetType", f.Eq.Texts(), sheetType, []string{"sheetType"})
	}
	if f.In != nil {
		var values []string
		for _, t := range f.In {
			values = append(values, t.Texts()...)
		}
		w.oneOf("sheetType", append([]string{}, values...), sheetType, []string{"sheetType"})
	}
}

var viewOrders = map[graph.ViewOrderField]string{
	graph.ViewOrderFieldName: "name", graph.ViewOrderFieldContentURL: "contentUrl", graph.ViewOrderFieldWorkbookName: "workbookName",
	graph.ViewOrderFieldProjectName: "projectName", graph.ViewOrderFieldOwnerName: "ownerName",
	graph.ViewOrderFieldSheetNumber: "sheetNumber", graph.ViewOrderFieldSheetType: "sheetType",
	graph.ViewOrderFieldViewCount: "hitsTotal", graph.ViewOrderFieldFavoriteCount: "favoritesTotal",
	graph.ViewOrderFieldCreatedAt: "createdAt", graph.ViewOrderFieldUpdatedAt: "updatedAt",
}

func viewOrder(orderBy []*graph.ViewOrder) []tableau.Sort {
	return order(orderBy, func(o *graph.ViewOrder) (string, graph.OrderDirection) { return viewOrders[o.Field], o.Direction })
}

// Views is a page of the site's views.
func (r siteResolver) Views(
	ctx context.Context, site *tableau.Site, first int32, after *string, filter *graph.ViewFilter, orderBy []*graph.ViewOrder,
) (*graph.ViewConnection, error) {
	return list(ctx, r.Resolver, site.ID(), first, after, viewQuery(ctx, filter, orderBy), onSite(r.Resolver, site, (*tableau.Session).Views), connection[graph.ViewConnection])
}

// View is one view.
func (r siteResolver) View(ctx context.Context, site *tableau.Site, by graph.ViewLookup) (*tableau.View, error) {
	return lookedUp(ctx, r.Resolver, site, func(s *tableau.Session) (*tableau.View, error) {
		if by.Luid != nil {
			v, err := found(s.View(ctx, *by.Luid, selectionOf(ctx).has("viewCount")))
			return completedView(ctx, v, err)
		}
		contentURL, err := viewContentURL(by)
		if err != nil {
			return nil, err
		}
		return s.ViewByContentURL(ctx, contentURL, viewListFields(selectionOf(ctx))...)
	}, by.Luid != nil, by.Path != nil, by.ContentURL != nil)
}

// viewContentURL makes Tableau's own name of a view out of what a browser shows: Workbook/View is
// Workbook/sheets/View.
func viewContentURL(by graph.ViewLookup) (string, error) {
	if by.ContentURL != nil {
		return *by.ContentURL, nil
	}
	workbook, view, ok := strings.Cut(*by.Path, "/")
	if !ok || workbook == "" || view == "" || strings.Contains(view, "/") {
		return "", graphqlhttp.InputError("path is Workbook/View, as the browser shows it after /views/")
	}
	return workbook + "/sheets/" + view, nil
}

// Owner is who owns the view.
func (r viewResolver) Owner(ctx context.Context, v *tableau.View) (*tableau.User, error) {
	return owner(ctx, v, v.OwnerRef, (*tableau.View).ReadOwner)
}

// Project is the project of its workbook.
func (r viewResolver) Project(ctx context.Context, v *tableau.View) (*tableau.Project, error) {
	return projectEdge(ctx, v, v.ProjectRef, (*tableau.View).ReadProject)
}

// Workbook is the workbook it is part of.
func (r viewResolver) Workbook(ctx context.Context, v *tableau.View) (*tableau.Workbook, error) {
	sel := selectionOf(ctx)
	return v.Workbook(ctx, func(ref *tableau.Workbook) bool { return workbookSuffices(sel, ref) })
}

// workbookWillDo says whether a view has all that is selected of its workbook.
func workbookSuffices(sel selection, ref *tableau.Workbook) bool {
	return sel.within(knownByID...) || carriedWorkbook(sel) && ref.Name != "" && ref.ContentURL != ""
}

// knownByID are fields that take no more of the object than its id.
var knownByID = []string{"__typename", "id", "luid", "site", "isFavorite"}

// carriedWorkbook says whether a list of views can tell all that is selected of their workbooks.
// Name and content URL come along whenever anything does: they show that the list was asked for it.
func carriedWorkbook(sel selection) bool {
	names := slices.Clone(knownByID)
	for name := range viewWorkbookFields {
		names = append(names, name)
	}
	return sel.within(names...)
}

// Thumbnail is the small picture that Tableau keeps of the view.
func (r viewResolver) Thumbnail(ctx context.Context, v *tableau.View) (*tableau.Thumbnail, error) {
	if v.WorkbookLUID() == "" {
		return nil, nil
	}
	return r.thumbnail(ctx, v.Session(), &tableau.Export{Kind: tableau.ViewPreview, LUID: v.LUID, Within: v.WorkbookLUID()})
}

// Image is a picture of the view, drawn when it is fetched.
func (r viewResolver) Image(
	ctx context.Context, v *tableau.View, format tableau.ImageFormat, resolution tableau.ImageResolution, size *tableau.PixelSize,
	options *tableau.ViewOptions, disposition *tableau.Disposition,
) (*graph.ContentLink, error) {
	return r.link(ctx, v.Session(), picture(tableau.ViewImage, v.LUID, format, resolution, size, options), v.Name, disposition)
}

// PDF is the view as a document.
func (r viewResolver) PDF(
	ctx context.Context, v *tableau.View, paper *tableau.PaperSize, orientation *tableau.PageOrientation, size *tableau.PixelSize,
	options *tableau.ViewOptions, disposition *tableau.Disposition,
) (*graph.ContentLink, error) {
	return r.link(ctx, v.Session(), paged(tableau.ViewPDF, v.LUID, paper, orientation, size, options), v.Name, disposition)
}

// CSV is the view's summary data as text.
func (r viewResolver) CSV(ctx context.Context, v *tableau.View, options *tableau.ViewOptions, disposition *tableau.Disposition) (*graph.ContentLink, error) {
	return r.link(ctx, v.Session(), &tableau.Export{Kind: tableau.ViewCSV, LUID: v.LUID, Options: options}, v.Name, disposition)
}

// Crosstab is the view's summary data as a workbook of Excel's.
func (r viewResolver) Crosstab(ctx context.Context, v *tableau.View, options *tableau.ViewOptions, disposition *tableau.Disposition) (*graph.ContentLink, error) {
	return r.link(ctx, v.Session(), &tableau.Export{Kind: tableau.ViewCrosstab, LUID: v.LUID, Options: options}, v.Name, disposition)
}

// Data is the view's summary data as columns and rows.
func (r viewResolver) Data(
	ctx context.Context, v *tableau.View, options *tableau.ViewOptions, first int32, after *string,
) (*graph.ViewData, error) {
	return r.data(ctx, v.ID(), v.Session(), &tableau.Export{Kind: tableau.ViewCSV, LUID: v.LUID, Options: options}, first, after)
}
