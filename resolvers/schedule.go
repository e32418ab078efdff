package resolvers

import (
	"context"

	"vitrine/graph"
	"vitrine/internal/tableau"
)

type scheduleResolver struct{ *Resolver }

// Schedule implements graph.ResolverRoot.
func (r *Resolver) Schedule() graph.ScheduleResolver { return scheduleResolver{r} }

// Schedules is a page of the server's schedules.
func (r siteResolver) Schedules(ctx context.Context, site *tableau.Site, first int32, after *string) (*graph.ScheduleConnection, error) {
	return list(ctx, r.Resolver, site.ID(), first, after, listRequest[tableau.Schedule]{},
		onSite(r.Resolver, site, (*tableau.Session).Schedules), connection[graph.ScheduleConnection])
}

// Schedule is one schedule.
func (r siteResolver) Schedule(ctx context.Context, site *tableau.Site, by graph.ScheduleLookup) (*tableau.Schedule, error) {
	return oneOnSite(ctx, r.Resolver, site, by.Luid, (*tableau.Session).Schedule)
}

// Recurrence is when the tasks of the schedule run.
func (r scheduleResolver) Recurrence(ctx context.Context, c *tableau.Schedule) (*tableau.Recurrence, error) {
	return c.Recurrence(ctx, detailed(selectionOf(ctx)))
}

// detailed says whether a recurrence is asked for days and times, which lists of schedules leave
// out.
func detailed(sel selection) bool { return sel.has("startTime", "endTime", "intervals") }

// ExtractRefreshTasks is a page of the refreshes that follow the schedule.
func (r scheduleResolver) ExtractRefreshTasks(
	ctx context.Context, c *tableau.Schedule, first int32, after *string,
) (*graph.ExtractRefreshTaskConnection, error) {
	return list(ctx, r.Resolver, c.ID(), first, after, listRequest[tableau.ExtractRefreshTask]{}, c.ExtractRefreshTasks, connection[graph.ExtractRefreshTaskConnection])
}

// scheduled is what follows a schedule: tasks and subscriptions.
type scheduled interface {
	Schedule(ctx context.Context, enough func(*tableau.Schedule) bool) (*tableau.Schedule, error)
	Recurrence(ctx context.Context, details bool) (*tableau.Recurrence, error)
}

// scheduleOf is the schedule that something follows: the reference where that has what is selected.
func scheduleOf(ctx context.Context, x scheduled) (*tableau.Schedule, error) {
	sel := selectionOf(ctx)
	reference := sel.within("__typename", "id", "luid", "site", "name", "extractRefreshTasks")
	attributes := sel.within("__typename", "id", "luid", "site", "name", "extractRefreshTasks", "state", "stateRaw", "type", "typeRaw", "priority",
		"executionOrder", "executionOrderRaw", "createdAt", "updatedAt", "recurrence")
	return x.Schedule(ctx, func(c *tableau.Schedule) bool { return reference || attributes && c.State != "" })
}

func recurrenceOf(ctx context.Context, x scheduled) (*tableau.Recurrence, error) {
	return x.Recurrence(ctx, detailed(selectionOf(ctx)))
}
