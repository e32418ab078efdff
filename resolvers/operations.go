package resolvers

import "vitrine/graph"

// The types of the area OPERATIONS with resolvers of their own.
type (
	jobResolver                struct{ *Resolver }
	scheduleResolver           struct{ *Resolver }
	extractRefreshTaskResolver struct{ *Resolver }
)

// Job implements graph.ResolverRoot.
func (r *Resolver) Job() graph.JobResolver { return jobResolver{r} }

// Schedule implements graph.ResolverRoot.
func (r *Resolver) Schedule() graph.ScheduleResolver { return scheduleResolver{r} }

// ExtractRefreshTask implements graph.ResolverRoot.
func (r *Resolver) ExtractRefreshTask() graph.ExtractRefreshTaskResolver {
	return extractRefreshTaskResolver{r}
}
