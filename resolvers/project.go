package resolvers

import (
	"context"

	"vitrine/graph"
	"vitrine/internal/exec"
	"vitrine/internal/tableau"
)

type projectResolver struct{ *Resolver }

// Project implements graph.ResolverRoot.
func (r *Resolver) Project() graph.ProjectResolver { return projectResolver{r} }

// projectFields are the fields that a list of projects has only when it is asked for them by name.
var projectFields = map[string]string{
	"counts": "contentsCounts", "isTopLevel": "topLevelProject", "isWritable": "writeable", "myCapabilities": "writeable",
	"favoriteCount": "_all_", // not among the names that can be asked for
}

func projectQuery(ctx context.Context, f *graph.ProjectFilter, orderBy []*graph.ProjectOrder) listRequest[tableau.Project] {
	return queryOf(ctx, func(items selection) listRequest[tableau.Project] { return projectQueryOf(items, f, orderBy) })
}

func projectQueryOf(items selection, f *graph.ProjectFilter, orderBy []*graph.ProjectOrder) listRequest[tableau.Project] {
	q := tableau.ListQuery[tableau.Project]{
		Fields: append(items.restFields("", projectFields), items.under("owner").restFields("owner.", ownerFields)...),
	}
	if f == nil {
		f = &graph.ProjectFilter{}
	}
	type item = tableau.Project
	var w filterBuilder[item]
	owner := func(p *item) *tableau.User { return p.OwnerRef }
	w.name(f.Name, func(p *item) string { return p.Name })
	w.luid("parentProjectId", f.ParentLuid, is(func(p *item) tableau.LUID { return p.ParentLUID }))
	w.flag("topLevelProject", f.IsTopLevel, (*item).IsTopLevel, "topLevelProject")
	ownerFilters(&w, owner, f.OwnerName, f.OwnerEmail, f.OwnerDomain)
	w.time("createdAt", f.CreatedAt, func(p *item) tableau.Time { return p.CreatedAt })
	w.time("updatedAt", f.UpdatedAt, func(p *item) tableau.Time { return p.UpdatedAt })
	q.Filters, q.Sort = w.filters, projectOrder(orderBy)
	return listRequest[tableau.Project]{q, w.err}
}

var projectOrders = map[graph.ProjectOrderField]string{
	graph.ProjectOrderFieldName: "name", graph.ProjectOrderFieldCreatedAt: "createdAt",
	graph.ProjectOrderFieldUpdatedAt: "updatedAt", graph.ProjectOrderFieldOwnerName: "ownerName",
}

func projectOrder(orderBy []*graph.ProjectOrder) []tableau.Sort {
	return order(orderBy, func(o *graph.ProjectOrder) (string, graph.OrderDirection) { return projectOrders[o.Field], o.Direction })
}

// Projects is a page of the site's projects.
func (r siteResolver) Projects(
	ctx context.Context, site *tableau.Site, first int32, after *string, filter *graph.ProjectFilter, orderBy []*graph.ProjectOrder,
) (*graph.ProjectConnection, error) {
	return list(ctx, r.Resolver, site.ID(), first, after, projectQuery(ctx, filter, orderBy), onSite(r.Resolver, site, (*tableau.Session).Projects), connection[graph.ProjectConnection])
}

// Project is one project.
func (r siteResolver) Project(ctx context.Context, site *tableau.Site, by graph.ProjectLookup) (*tableau.Project, error) {
	return lookedUp(ctx, r.Resolver, site, func(s *tableau.Session) (*tableau.Project, error) {
		if by.Luid != nil {
			return s.Project(ctx, *by.Luid)
		}
		return s.ProjectByPath(ctx, by.Path)
	}, by.Luid != nil, by.Path != nil)
}

// Owner is who owns the project.
func (r projectResolver) Owner(ctx context.Context, p *tableau.Project) (*tableau.User, error) {
	return owner(ctx, p, p.OwnerRef, (*tableau.Project).ReadOwner)
}

// Children is a page of the projects directly in it.
func (r projectResolver) Children(
	ctx context.Context, p *tableau.Project, first int32, after *string, orderBy []*graph.ProjectOrder,
) (*graph.ProjectConnection, error) {
	return list(ctx, r.Resolver, p.ID(), first, after, projectQuery(ctx, nil, orderBy), p.Children, connection[graph.ProjectConnection])
}

// Workbooks is a page of the workbooks directly in it.
func (r projectResolver) Workbooks(
	ctx context.Context, p *tableau.Project, first int32, after *string, filter *graph.WorkbookFilter, orderBy []*graph.WorkbookOrder,
) (*graph.WorkbookConnection, error) {
	return list(ctx, r.Resolver, p.ID(), first, after, workbookQuery(ctx, filter, orderBy), p.Workbooks, connection[graph.WorkbookConnection])
}

// Views is a page of the views of the workbooks directly in it.
func (r projectResolver) Views(
	ctx context.Context, p *tableau.Project, first int32, after *string, filter *graph.ViewFilter, orderBy []*graph.ViewOrder,
) (*graph.ViewConnection, error) {
	return list(ctx, r.Resolver, p.ID(), first, after, viewQuery(ctx, filter, orderBy), p.Views, connection[graph.ViewConnection])
}

// DataSources is a page of the data sources directly in it.
func (r projectResolver) DataSources(
	ctx context.Context, p *tableau.Project, first int32, after *string, filter *graph.DataSourceFilter, orderBy []*graph.DataSourceOrder,
) (*graph.DataSourceConnection, error) {
	return list(ctx, r.Resolver, p.ID(), first, after, dataSourceQuery(ctx, filter, orderBy), p.DataSources, connection[graph.DataSourceConnection])
}

// idOnly are the attributes of a project that need no more than its id.
var idOnly = []string{"__typename", "id", "luid", "site", "url"}

// carriedProject are what a reference to a project may already tell.
var carriedProject = []string{"__typename", "id", "luid", "site", "name", "url"}

// carried is whether references to projects have all that is selected, and whether a name is.
type carried struct{ enough, name bool }

// projectEdge is the project of an item: the reference that came with the item where its name will
// do, else the project in full. Nil in a personal space, and where the caller may not see it.
func projectEdge[T any](
	ctx context.Context, item T, ref *tableau.Project, read func(T, context.Context) (*tableau.Project, error),
) (*tableau.Project, error) {
	if ref == nil {
		return nil, nil
	}
	needs := exec.PerColumn(ctx, "project", func() *carried {
		sel := selectionOf(ctx)
		return &carried{sel.within(carriedProject...), sel.has("name")}
	})
	if needs.enough && (ref.Name != "" || !needs.name) {
		return ref, nil
	}
	return read(item, ctx)
}
