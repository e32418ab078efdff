package resolvers

import (
	"context"

	"vitrine/graph"
	"vitrine/internal/tableau"
)

type (
	flowTaskResolver   struct{ *Resolver }
	linkedTaskResolver struct{ *Resolver }
)

// FlowTask implements graph.ResolverRoot.
func (r *Resolver) FlowTask() graph.FlowTaskResolver { return flowTaskResolver{r} }

// LinkedTask implements graph.ResolverRoot.
func (r *Resolver) LinkedTask() graph.LinkedTaskResolver { return linkedTaskResolver{r} }

// FlowTasks is a page of the planned flow runs.
func (r siteResolver) FlowTasks(ctx context.Context, site *tableau.Site, first int32, after *string) (*graph.FlowTaskConnection, error) {
	return list(ctx, r.Resolver, site.ID(), first, after, listRequest[tableau.FlowTask]{},
		onSite(r.Resolver, site, (*tableau.Session).FlowTasks), connection[graph.FlowTaskConnection])
}

// FlowTask is one planned flow run.
func (r siteResolver) FlowTask(ctx context.Context, site *tableau.Site, by graph.FlowTaskLookup) (*tableau.FlowTask, error) {
	return oneOnSite(ctx, r.Resolver, site, by.Luid, (*tableau.Session).FlowTask)
}

// LinkedTasks is a page of the linked tasks.
func (r siteResolver) LinkedTasks(ctx context.Context, site *tableau.Site, first int32, after *string) (*graph.LinkedTaskConnection, error) {
	return list(ctx, r.Resolver, site.ID(), first, after, listRequest[tableau.LinkedTask]{},
		onSite(r.Resolver, site, (*tableau.Session).LinkedTasks), connection[graph.LinkedTaskConnection])
}

// LinkedTask is one linked task.
func (r siteResolver) LinkedTask(ctx context.Context, site *tableau.Site, by graph.LinkedTaskLookup) (*tableau.LinkedTask, error) {
	return oneOnSite(ctx, r.Resolver, site, by.Luid, (*tableau.Session).LinkedTask)
}

// Schedule is the schedule that the flow run follows.
func (r flowTaskResolver) Schedule(ctx context.Context, t *tableau.FlowTask) (*tableau.Schedule, error) {
	return scheduleOf(ctx, t)
}

// Recurrence is when it runs.
func (r flowTaskResolver) Recurrence(ctx context.Context, t *tableau.FlowTask) (*tableau.Recurrence, error) {
	return recurrenceOf(ctx, t)
}

// Flow is the flow that it runs.
func (r flowTaskResolver) Flow(ctx context.Context, t *tableau.FlowTask) (*tableau.Flow, error) {
	return t.Flow(ctx, flowEnough(selectionOf(ctx)))
}

// flowEnough says whether a reference to a flow has what is selected.
func flowEnough(sel selection) func(*tableau.Flow) bool {
	reference := sel.within("__typename", "id", "luid", "site", "runs", "tasks", "name")
	return func(f *tableau.Flow) bool { return reference && (f.Name != "" || !sel.has("name")) }
}

// Schedule is the schedule that the linked task follows.
func (r linkedTaskResolver) Schedule(ctx context.Context, t *tableau.LinkedTask) (*tableau.Schedule, error) {
	return scheduleOf(ctx, t)
}

// Recurrence is when it runs.
func (r linkedTaskResolver) Recurrence(ctx context.Context, t *tableau.LinkedTask) (*tableau.Recurrence, error) {
	return recurrenceOf(ctx, t)
}

// Tasks are the planned runs of a flow.
func (r flowResolver) Tasks(ctx context.Context, f *tableau.Flow) ([]*tableau.FlowTask, error) {
	tasks, err := f.Tasks(ctx)
	return affordable(ctx, tasks, err)
}
