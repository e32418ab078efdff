package resolvers

import (
	"context"
	"regexp"
	"strings"
	"unicode"

	"vitrine/graph"
	"vitrine/internal/exec"
	"vitrine/internal/graphqlhttp"
	"vitrine/internal/tableau"
)

type workbookResolver struct{ *Resolver }

// Workbook implements graph.ResolverRoot.
func (r *Resolver) Workbook() graph.WorkbookResolver { return workbookResolver{r} }

// workbookFields are the fields that a list of workbooks has only when it is asked for them by
// name.
var workbookFields = map[string]string{"sheetCount": "sheetCount", "hasExtracts": "hasExtracts"}

func workbookListFields(items selection) []string {
	return append(items.restFields("", workbookFields), items.under("owner").restFields("owner.", ownerFields)...)
}

func workbookQuery(ctx context.Context, f *graph.WorkbookFilter, orderBy []*graph.WorkbookOrder) listRequest[tableau.Workbook] {
	return queryOf(ctx, func(items selection) listRequest[tableau.Workbook] { return workbookQueryOf(items, f, orderBy) })
}

func workbookQueryOf(items selection, f *graph.WorkbookFilter, orderBy []*graph.WorkbookOrder) listRequest[tableau.Workbook] {
	q := tableau.ListQuery[tableau.Workbook]{Fields: workbookListFields(items)}
	if f == nil {
		f = &graph.WorkbookFilter{}
	}
	type item = tableau.Workbook
	var w filterBuilder[item]
	w.name(f.Name, func(b *item) string { return b.Name })
	w.text("contentUrl", f.ContentURL, is(func(b *item) string { return b.ContentURL }))
	w.text("projectName", f.ProjectName, projectNameOf(func(b *item) *tableau.Project { return b.ProjectRef }), "project.name")
	ownerFilters(&w, func(b *item) *tableau.User { return b.OwnerRef }, f.OwnerName, f.OwnerEmail, f.OwnerDomain)
	w.text("tags", f.Tags, labels((*item).Tags))
	w.flag("displayTabs", f.ShowsTabs, func(b *item) tableau.Flag { return b.ShowsTabs })
	w.flag("hasAlerts", f.HasAlert, nil)
	w.flag("hasExtracts", f.HasExtracts, func(b *item) tableau.Flag { return b.HasExtractsListed }, "hasExtracts")
	w.number("size", f.SizeMegabytes, func(b *item) tableau.Int { return b.SizeMegabytes })
	w.number("sheetCount", f.SheetCount, func(b *item) tableau.Int { return b.SheetCountListed }, "sheetCount")
	w.number("favoritesTotal", f.FavoriteCount, nil)
	w.number("subscriptionsTotal", f.SubscriptionCount, nil)
	w.time("createdAt", f.CreatedAt, func(b *item) tableau.Time { return b.CreatedAt })
	w.time("updatedAt", f.UpdatedAt, func(b *item) tableau.Time { return b.UpdatedAt })
	q.Filters, q.Sort = w.filters, workbookOrder(orderBy)
	return listRequest[tableau.Workbook]{q, w.err}
}

var workbookOrders = map[graph.WorkbookOrderField]string{
	graph.WorkbookOrderFieldName: "name", graph.WorkbookOrderFieldContentURL: "contentUrl",
	graph.WorkbookOrderFieldProjectName: "projectName", graph.WorkbookOrderFieldOwnerName: "ownerName",
	graph.WorkbookOrderFieldSize: "size", graph.WorkbookOrderFieldSheetCount: "sheetCount",
	graph.WorkbookOrderFieldFavoriteCount: "favoritesTotal", graph.WorkbookOrderFieldSubscriptionCount: "subscriptionsTotal",
	graph.WorkbookOrderFieldCreatedAt: "createdAt", graph.WorkbookOrderFieldUpdatedAt: "updatedAt",
}

func workbookOrder(orderBy []*graph.WorkbookOrder) []tableau.Sort {
	return order(orderBy, func(o *graph.WorkbookOrder) (string, graph.OrderDirection) {
		return workbookOrders[o.Field], o.Direction
	})
}

// Workbooks is a page of the site's workbooks.
func (r siteResolver) Workbooks(
	ctx context.Context, site *tableau.Site, first int32, after *string, filter *graph.WorkbookFilter, orderBy []*graph.WorkbookOrder,
) (*graph.WorkbookConnection, error) {
	return list(ctx, r.Resolver, site.ID(), first, after, workbookQuery(ctx, filter, orderBy), onSite(r.Resolver, site, (*tableau.Session).Workbooks), connection[graph.WorkbookConnection])
}

// Workbook is one workbook.
func (r siteResolver) Workbook(ctx context.Context, site *tableau.Site, by graph.WorkbookLookup) (*tableau.Workbook, error) {
	return lookedUp(ctx, r.Resolver, site, func(s *tableau.Session) (*tableau.Workbook, error) {
		switch {
		case by.Luid != nil:
			return s.Workbook(ctx, *by.Luid)
		case !isPart(*by.ContentURL):
			return nil, errNotFound
		default:
			return s.WorkbookByContentURL(ctx, *by.ContentURL)
		}
	}, by.Luid != nil, by.ContentURL != nil)
}

// isPart says whether a text may be one part of a path. A % is in no name in addresses: something
// on the way to Tableau might decode it a second time.
func isPart(s string) bool {
	return s != "" && s != "." && s != ".." && len(s) <= 255 && !strings.ContainsAny(s, "/\\%") && !strings.ContainsFunc(s, unicode.IsControl)
}

// Owner is who owns the workbook.
func (r workbookResolver) Owner(ctx context.Context, w *tableau.Workbook) (*tableau.User, error) {
	return owner(ctx, w, w.OwnerRef, (*tableau.Workbook).ReadOwner)
}

// Project is the project it is in.
func (r workbookResolver) Project(ctx context.Context, w *tableau.Workbook) (*tableau.Project, error) {
	return projectEdge(ctx, w, w.ProjectRef, (*tableau.Workbook).ReadProject)
}

// Views are its views.
func (r workbookResolver) Views(ctx context.Context, w *tableau.Workbook) ([]*tableau.View, error) {
	views, err := w.Views(ctx, exec.PerColumn(ctx, "views", func() tableau.ViewNeeds { return viewNeeds(selectionOf(ctx)) }))
	if err == nil {
		err = reserveFields(ctx, len(views))
	}
	if err != nil {
		return nil, err
	}
	if views == nil {
		views = []*tableau.View{}
	}
	return views, nil
}

// DefaultView is the view that opens first.
func (r workbookResolver) DefaultView(ctx context.Context, w *tableau.Workbook) (*tableau.View, error) {
	sel := selectionOf(ctx)
	return w.DefaultView(ctx, viewNeeds(sel))
}

// viewNeeds says what the views of a workbook must tell: a look-up by id brings names and addresses
// along, GET workbooks/{id}/views has more, and only the site's list has kind, owner and project.
func viewNeeds(sel selection) tableau.ViewNeeds {
	fields := listedViewFields(sel)
	return tableau.ViewNeeds{
		Usage:  sel.has("viewCount"),
		Plain:  sel.within("__typename", "id", "luid", "site", "name", "contentUrl", "path", "urlName", "url", "webUrl", "embedUrl", "workbook", "acceleration"),
		Listed: len(fields) > 0 || sel.has("owner", "project", "location", "isHidden", "isRecentlyViewed"),
		Fields: fields,
	}
}

// DowngradeInfo is what would be lost in an older release.
func (r workbookResolver) DowngradeInfo(ctx context.Context, w *tableau.Workbook, productVersion string) ([]*tableau.DowngradedFeature, error) {
	if !release.MatchString(productVersion) {
		return nil, graphqlhttp.InputError("productVersion is a release such as 2022.1")
	}
	return w.DowngradeInfo(ctx, productVersion)
}

var release = regexp.MustCompile(`^[0-9]{1,4}(\.[0-9]{1,4}){0,3}$`)

// Thumbnail is the small picture that Tableau keeps of the view that opens first.
func (r workbookResolver) Thumbnail(ctx context.Context, w *tableau.Workbook) (*tableau.Thumbnail, error) {
	return r.thumbnail(ctx, w.Session(), &tableau.Export{Kind: tableau.WorkbookPreview, LUID: w.LUID})
}

// PDF is all sheets as a document.
func (r workbookResolver) PDF(
	ctx context.Context, w *tableau.Workbook, paper *tableau.PaperSize, orientation *tableau.PageOrientation, size *tableau.PixelSize,
	options *tableau.ViewOptions, disposition *tableau.Disposition,
) (*graph.ContentLink, error) {
	return r.link(ctx, w.Session(), paged(tableau.WorkbookPDF, w.LUID, paper, orientation, size, options), w.Name, disposition)
}

// PowerPoint is all sheets as slides.
func (r workbookResolver) PowerPoint(ctx context.Context, w *tableau.Workbook, maxAgeMinutes *int32, disposition *tableau.Disposition) (*graph.ContentLink, error) {
	x := &tableau.Export{Kind: tableau.WorkbookPowerPoint, LUID: w.LUID, Options: &tableau.ViewOptions{MaxAgeMinutes: maxAgeMinutes}}
	return r.link(ctx, w.Session(), x, w.Name, disposition)
}

// Download is the workbook's file.
func (r workbookResolver) Download(ctx context.Context, w *tableau.Workbook, includeExtract bool, disposition *tableau.Disposition) (*graph.ContentLink, error) {
	return r.link(ctx, w.Session(), &tableau.Export{Kind: tableau.WorkbookFile, LUID: w.LUID, Bare: !includeExtract}, w.Name, disposition)
}
