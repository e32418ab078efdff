package resolvers

import (
	"context"

	"vitrine/graph"
	"vitrine/internal/tableau"
)

type flowResolver struct{ *Resolver }

// Flow implements graph.ResolverRoot.
func (r *Resolver) Flow() graph.FlowResolver { return flowResolver{r} }

func flowQuery(_ context.Context, f *graph.FlowFilter, orderBy []*graph.FlowOrder) listRequest[tableau.Flow] {
	if f == nil {
		f = &graph.FlowFilter{}
	}
	type item = tableau.Flow
	var w filterBuilder[item]
	w.name(f.Name, func(f *item) string { return f.Name })
	w.text("projectName", f.ProjectName, projectNameOf(func(f *item) *tableau.Project { return f.ProjectRef }))
	w.luidEqual("projectId", f.ProjectLuid, func(f *item) []string {
		if f.ProjectRef == nil {
			return nil
		}
		return []string{string(f.ProjectRef.LUID)}
	})
	w.text("ownerName", onlyEqual(f.OwnerName), nil) // lists usually have the owner's id alone
	w.time("createdAt", f.CreatedAt, func(f *item) tableau.Time { return f.CreatedAt })
	w.time("updatedAt", f.UpdatedAt, func(f *item) tableau.Time { return f.UpdatedAt })
	return listRequest[tableau.Flow]{tableau.ListQuery[tableau.Flow]{Filters: w.filters, Sort: flowOrder(orderBy)}, w.err}
}

var flowOrders = map[graph.FlowOrderField]string{
	graph.FlowOrderFieldName: "name", graph.FlowOrderFieldProjectName: "projectName", graph.FlowOrderFieldOwnerName: "ownerName",
	graph.FlowOrderFieldCreatedAt: "createdAt", graph.FlowOrderFieldUpdatedAt: "updatedAt",
}

func flowOrder(orderBy []*graph.FlowOrder) []tableau.Sort {
	return order(orderBy, func(o *graph.FlowOrder) (string, graph.OrderDirection) { return flowOrders[o.Field], o.Direction })
}

// Flows is a page of the site's flows.
func (r siteResolver) Flows(
	ctx context.Context, site *tableau.Site, first int32, after *string, filter *graph.FlowFilter, orderBy []*graph.FlowOrder,
) (*graph.FlowConnection, error) {
	return list(ctx, r.Resolver, site.ID(), first, after, flowQuery(ctx, filter, orderBy), onSite(r.Resolver, site, (*tableau.Session).Flows), connection[graph.FlowConnection])
}

// Flow is one flow.
func (r siteResolver) Flow(ctx context.Context, site *tableau.Site, by graph.FlowLookup) (*tableau.Flow, error) {
	return oneOnSite(ctx, r.Resolver, site, by.Luid, (*tableau.Session).Flow)
}

// Flows is a page of the flows directly in a project.
func (r projectResolver) Flows(
	ctx context.Context, p *tableau.Project, first int32, after *string, filter *graph.FlowFilter, orderBy []*graph.FlowOrder,
) (*graph.FlowConnection, error) {
	return list(ctx, r.Resolver, p.ID(), first, after, flowQuery(ctx, filter, orderBy), p.Flows, connection[graph.FlowConnection])
}

// OwnedFlows is a page of the flows that the user owns.
func (r userResolver) OwnedFlows(ctx context.Context, u *tableau.User, first int32, after *string) (*graph.FlowConnection, error) {
	return r.flows(ctx, u, first, after, true)
}

// VisibleFlows is a page of the flows that the user may see.
func (r userResolver) VisibleFlows(ctx context.Context, u *tableau.User, first int32, after *string) (*graph.FlowConnection, error) {
	return r.flows(ctx, u, first, after, false)
}

func (r userResolver) flows(ctx context.Context, u *tableau.User, first int32, after *string, owned bool) (*graph.FlowConnection, error) {
	at, err := r.pageSpanOf(ctx, u.ID(), first, after)
	if err != nil {
		return nil, err
	}
	page, err := u.Session().FlowsOf(ctx, u.LUID, owned, at.Offset, at.first)
	return connection[graph.FlowConnection](ctx, at, page, err)
}

// Owner is who owns the flow.
func (r flowResolver) Owner(ctx context.Context, f *tableau.Flow) (*tableau.User, error) {
	return owner(ctx, f, f.OwnerRef, (*tableau.Flow).ReadOwner)
}

// Project is the project it is in.
func (r flowResolver) Project(ctx context.Context, f *tableau.Flow) (*tableau.Project, error) {
	return projectEdge(ctx, f, f.ProjectRef, (*tableau.Flow).ReadProject)
}

// Download is the flow's file.
func (r flowResolver) Download(ctx context.Context, f *tableau.Flow, disposition *tableau.Disposition) (*graph.ContentLink, error) {
	x := &tableau.Export{Kind: tableau.FlowFile, LUID: f.LUID}
	if f.FileType == "tflx" { // both are packed, so the file itself would not tell
		x.Extension = "tflx"
	}
	return r.link(ctx, f.Session(), x, f.Name, disposition)
}
