package resolvers

import (
	"context"

	"vitrine/graph"
	"vitrine/internal/tableau"
)

type extractRefreshTaskResolver struct{ *Resolver }

// ExtractRefreshTask implements graph.ResolverRoot.
func (r *Resolver) ExtractRefreshTask() graph.ExtractRefreshTaskResolver {
	return extractRefreshTaskResolver{r}
}

// ExtractRefreshTasks is a page of the planned refreshes.
func (r siteResolver) ExtractRefreshTasks(
	ctx context.Context, site *tableau.Site, first int32, after *string,
) (*graph.ExtractRefreshTaskConnection, error) {
	return list(ctx, r.Resolver, site.ID(), first, after, listRequest[tableau.ExtractRefreshTask]{},
		onSite(r.Resolver, site, (*tableau.Session).ExtractRefreshTasks), connection[graph.ExtractRefreshTaskConnection])
}

// ExtractRefreshTask is one planned refresh.
func (r siteResolver) ExtractRefreshTask(ctx context.Context, site *tableau.Site, by graph.ExtractRefreshTaskLookup) (*tableau.ExtractRefreshTask, error) {
	return oneOnSite(ctx, r.Resolver, site, by.Luid, (*tableau.Session).ExtractRefreshTask)
}

// Schedule is the schedule that the refresh follows.
func (r extractRefreshTaskResolver) Schedule(ctx context.Context, t *tableau.ExtractRefreshTask) (*tableau.Schedule, error) {
	return scheduleOf(ctx, t)
}

// Recurrence is when it runs.
func (r extractRefreshTaskResolver) Recurrence(ctx context.Context, t *tableau.ExtractRefreshTask) (*tableau.Recurrence, error) {
	return recurrenceOf(ctx, t)
}

// Target is what it refreshes.
func (r extractRefreshTaskResolver) Target(ctx context.Context, t *tableau.ExtractRefreshTask) (tableau.ExtractTarget, error) {
	return completedTarget[tableau.ExtractTarget](ctx)(t.Target(ctx, targetNeeds(selectionOf(ctx))))
}

// ExtractRefreshTasks are the planned refreshes of the workbook.
func (r workbookResolver) ExtractRefreshTasks(ctx context.Context, w *tableau.Workbook) ([]*tableau.ExtractRefreshTask, error) {
	tasks, err := w.ExtractRefreshTasks(ctx)
	return affordable(ctx, tasks, err)
}

// ExtractRefreshTasks are the planned refreshes of the data source.
func (r dataSourceResolver) ExtractRefreshTasks(ctx context.Context, d *tableau.DataSource) ([]*tableau.ExtractRefreshTask, error) {
	tasks, err := d.ExtractRefreshTasks(ctx)
	return affordable(ctx, tasks, err)
}

// affordable takes the share of a plain list, or refuses it.
func affordable[T any](ctx context.Context, items []*T, err error) ([]*T, error) {
	if err == nil {
		err = reserveFields(ctx, len(items))
	}
	if err != nil {
		return nil, err
	}
	return items, nil
}
