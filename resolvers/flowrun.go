package resolvers

import (
	"context"

	"vitrine/graph"
	"vitrine/internal/tableau"
)

type flowRunResolver struct{ *Resolver }

// FlowRun implements graph.ResolverRoot.
func (r *Resolver) FlowRun() graph.FlowRunResolver { return flowRunResolver{r} }

func flowRunQuery(f *graph.FlowRunFilter) listRequest[tableau.FlowRun] {
	if f == nil {
		f = &graph.FlowRunFilter{}
	}
	type item = tableau.FlowRun
	var w filterBuilder[item]
	w.luid("flowId", f.FlowLuid, is(func(r *item) tableau.LUID { return r.FlowID }))
	w.luid("userId", f.UserLuid, nil)
	w.number("progress", f.Progress, func(r *item) tableau.Int { return r.Progress })
	w.time("startedAt", f.StartedAt, func(r *item) tableau.Time { return r.StartedAt })
	w.time("completedAt", f.CompletedAt, func(r *item) tableau.Time { return r.CompletedAt })
	return listRequest[item]{tableau.ListQuery[item]{Filters: w.filters}, w.err}
}

// FlowRuns is a page of the runs of flows.
func (r siteResolver) FlowRuns(
	ctx context.Context, site *tableau.Site, first int32, after *string, filter *graph.FlowRunFilter,
) (*graph.FlowRunConnection, error) {
	return list(ctx, r.Resolver, site.ID(), first, after, flowRunQuery(filter), onSite(r.Resolver, site, (*tableau.Session).FlowRuns), openConnection[graph.FlowRunConnection])
}

// FlowRun is one run of a flow.
func (r siteResolver) FlowRun(ctx context.Context, site *tableau.Site, by graph.FlowRunLookup) (*tableau.FlowRun, error) {
	return oneOnSite(ctx, r.Resolver, site, by.Luid, (*tableau.Session).FlowRun)
}

// Runs is a page of the runs of a flow.
func (r flowResolver) Runs(
	ctx context.Context, f *tableau.Flow, first int32, after *string, filter *graph.FlowRunFilter,
) (*graph.FlowRunConnection, error) {
	return list(ctx, r.Resolver, f.ID(), first, after, flowRunQuery(filter), f.Runs, openConnection[graph.FlowRunConnection])
}

// Flow is the flow that ran.
func (r flowRunResolver) Flow(ctx context.Context, run *tableau.FlowRun) (*tableau.Flow, error) {
	return run.Flow(ctx, flowEnough(selectionOf(ctx)))
}

// Job is the job that did it.
func (r flowRunResolver) Job(ctx context.Context, run *tableau.FlowRun) (*tableau.Job, error) {
	return run.Job(ctx, selectionOf(ctx).within("__typename", "id", "luid", "site"))
}
