package resolvers

import (
	"context"

	"vitrine/graph"
	"vitrine/internal/tableau"
)

type dataSourceResolver struct{ *Resolver }

// DataSource implements graph.ResolverRoot.
func (r *Resolver) DataSource() graph.DataSourceResolver { return dataSourceResolver{r} }

// dataSourceFields are the fields that a list of data sources has only when it is asked for them by
// name.
var dataSourceFields = map[string]string{
	"favoriteCount": "favoritesTotal", "databaseName": "databaseName", "connectedWorkbookCount": "connectedWorkbooksCount",
	"hasAlert": "hasAlert", "hasExtracts": "hasExtracts", "isPublished": "isPublished", "serverName": "serverName",
}

func dataSourceListFields(items selection) []string {
	return append(items.restFields("", dataSourceFields), items.under("owner").restFields("owner.", ownerFields)...)
}

// completedDataSource adds what only lists have to a data source that was looked up by id, where it
// is selected; err is why there is no data source.
func completedDataSource(ctx context.Context, d *tableau.DataSource, err error) (*tableau.DataSource, error) {
	if err != nil {
		return nil, err
	}
	for _, name := range selectionOf(ctx).restFields("", dataSourceFields) {
		if name != "hasExtracts" || d.HasExtracts == tableau.Unsaid { // a look-up has this one of them
			return d.Completed(ctx)
		}
	}
	return d, nil
}

func dataSourceQuery(
	ctx context.Context, f *graph.DataSourceFilter, orderBy []*graph.DataSourceOrder,
) listRequest[tableau.DataSource] {
	return queryOf(ctx, func(items selection) listRequest[tableau.DataSource] { return dataSourceQueryOf(items, f, orderBy) })
}

func dataSourceQueryOf(items selection, f *graph.DataSourceFilter, orderBy []*graph.DataSourceOrder) listRequest[tableau.DataSource] {
	q := tableau.ListQuery[tableau.DataSource]{Fields: dataSourceListFields(items)}
	if f == nil {
		f = &graph.DataSourceFilter{}
	}
	type item = tableau.DataSource
	var w filterBuilder[item]
	w.name(f.Name, func(d *item) string { return d.Name })
	w.text("contentUrl", f.ContentURL, is(func(d *item) tableau.Text { return d.ContentURL }))
	w.text("description", f.Description, is(func(d *item) tableau.Text { return d.Description }))
	w.text("type", onlyEqual(f.Type), is(func(d *item) tableau.Text { return d.Type }))
	known := len(w.filters)
	w.text("projectName", f.ProjectName, projectNameOf(func(d *item) *tableau.Project { return d.ProjectRef }), "project.name")
	for i := range w.filters[known:] {
		w.filters[known+i].Least = "3.18" // 3.13 to 3.17 lack it; done here, it is right on all
	}
	ownerFilters(&w, func(d *item) *tableau.User { return d.OwnerRef }, f.OwnerName, onlyEqual(f.OwnerEmail), f.OwnerDomain)
	w.text("tags", f.Tags, labels((*item).Tags))
	w.flag("isCertified", f.IsCertified, func(d *item) tableau.Flag { return d.IsCertified })
	w.flag("isPublished", f.IsPublished, func(d *item) tableau.Flag { return d.IsPublished }, "isPublished")
	w.flag("hasExtracts", f.HasExtracts, func(d *item) tableau.Flag { return d.HasExtracts }, "hasExtracts")
	w.flag("hasAlert", f.HasAlert, func(d *item) tableau.Flag { return d.HasAlert }, "hasAlert")
	w.flag("isConnectable", f.IsConnectable, nil)
	w.flag("isHierarchical", f.IsHierarchical, nil)
	w.text("databaseName", f.DatabaseName, is(func(d *item) tableau.Text { return d.DatabaseName }), "databaseName")
	w.text("serverName", f.ServerName, is(func(d *item) tableau.Text { return d.ServerName }), "serverName")
	w.flag("hasEmbeddedPassword", f.HasEmbeddedPassword, nil) // of connections only Tableau knows without a call for each
	w.flag("isDefaultPort", f.IsDefaultPort, nil)
	w.text("connectionType", f.ConnectionType, nil)
	w.text("connectionTo", f.ConnectionTo, nil)
	w.text("authenticationType", f.AuthenticationType, nil)
	w.text("databaseUserName", f.DatabaseUserName, nil)
	w.text("tableName", f.TableName, nil)
	if f.ServerPort != nil {
		w.number("serverPort", &graph.IntRangeFilter{Eq: f.ServerPort.Eq}, nil)
	}
	w.number("size", f.SizeMegabytes, func(d *item) tableau.Int { return d.SizeMegabytes })
	w.number("favoritesTotal", f.FavoriteCount, func(d *item) tableau.Int { return d.FavoriteCount }, "favoritesTotal")
	w.time("createdAt", f.CreatedAt, func(d *item) tableau.Time { return d.CreatedAt })
	w.time("updatedAt", f.UpdatedAt, func(d *item) tableau.Time { return d.UpdatedAt })
	q.Filters, q.Sort = w.filters, dataSourceOrder(orderBy)
	return listRequest[tableau.DataSource]{q, w.err}
}

func onlyEqual(f *graph.StringEqFilter) *graph.StringInFilter {
	if f == nil {
		return nil
	}
	return &graph.StringInFilter{Eq: f.Eq}
}

var dataSourceOrders = map[graph.DataSourceOrderField]string{
	graph.DataSourceOrderFieldName: "name", graph.DataSourceOrderFieldType: "type",
	graph.DataSourceOrderFieldProjectName: "projectName", graph.DataSourceOrderFieldOwnerName: "ownerName",
	graph.DataSourceOrderFieldSize: "size", graph.DataSourceOrderFieldFavoriteCount: "favoritesTotal",
	graph.DataSourceOrderFieldIsCertified: "isCertified", graph.DataSourceOrderFieldCreatedAt: "createdAt",
	graph.DataSourceOrderFieldUpdatedAt: "updatedAt",
}

func dataSourceOrder(orderBy []*graph.DataSourceOrder) []tableau.Sort {
	return order(orderBy, func(o *graph.DataSourceOrder) (string, graph.OrderDirection) {
		return dataSourceOrders[o.Field], o.Direction
	})
}

// DataSources is a page of the site's data sources.
func (r siteResolver) DataSources(
	ctx context.Context, site *tableau.Site, first int32, after *string, filter *graph.DataSourceFilter, orderBy []*graph.DataSourceOrder,
) (*graph.DataSourceConnection, error) {
	return list(ctx, r.Resolver, site.ID(), first, after, dataSourceQuery(ctx, filter, orderBy), onSite(r.Resolver, site, (*tableau.Session).DataSources), connection[graph.DataSourceConnection])
}

// DataSource is one data source.
func (r siteResolver) DataSource(ctx context.Context, site *tableau.Site, by graph.DataSourceLookup) (*tableau.DataSource, error) {
	return lookedUp(ctx, r.Resolver, site, func(s *tableau.Session) (*tableau.DataSource, error) {
		if by.Luid != nil {
			d, err := found(s.DataSource(ctx, *by.Luid))
			return completedDataSource(ctx, d, err)
		}
		return s.DataSourceByContentURL(ctx, *by.ContentURL, dataSourceListFields(selectionOf(ctx))...)
	}, by.Luid != nil, by.ContentURL != nil)
}

// Owner is who owns the data source.
func (r dataSourceResolver) Owner(ctx context.Context, d *tableau.DataSource) (*tableau.User, error) {
	return owner(ctx, d, d.OwnerRef, (*tableau.DataSource).ReadOwner)
}

// Project is the project it is in.
func (r dataSourceResolver) Project(ctx context.Context, d *tableau.DataSource) (*tableau.Project, error) {
	return projectEdge(ctx, d, d.ProjectRef, (*tableau.DataSource).ReadProject)
}

// Download is the data source's file.
func (r dataSourceResolver) Download(ctx context.Context, d *tableau.DataSource, includeExtract bool, disposition *tableau.Disposition) (*graph.ContentLink, error) {
	return r.link(ctx, d.Session(), &tableau.Export{Kind: tableau.DataSourceFile, LUID: d.LUID, Bare: !includeExtract}, d.Name, disposition)
}
