package resolvers

import "vitrine/graph"

// siteAdministrationResolver has what administrators set around a site.
type siteAdministrationResolver struct{ *Resolver }

// SiteAdministration implements graph.ResolverRoot.
func (r *Resolver) SiteAdministration() graph.SiteAdministrationResolver {
	return siteAdministrationResolver{r}
}

// The types of the area OPERATIONS with resolvers of their own.
type (
	jobResolver                 struct{ *Resolver }
	scheduleResolver            struct{ *Resolver }
	extractRefreshTaskResolver  struct{ *Resolver }
	flowTaskResolver            struct{ *Resolver }
	linkedTaskResolver          struct{ *Resolver }
	flowRunResolver             struct{ *Resolver }
	contentSubscriptionResolver struct{ *Resolver }
	dataAlertResolver           struct{ *Resolver }
	dataAlertRecipientResolver  struct{ *Resolver }
	webhookResolver             struct{ *Resolver }
)

// Job implements graph.ResolverRoot.
func (r *Resolver) Job() graph.JobResolver { return jobResolver{r} }

// Schedule implements graph.ResolverRoot.
func (r *Resolver) Schedule() graph.ScheduleResolver { return scheduleResolver{r} }

// ExtractRefreshTask implements graph.ResolverRoot.
func (r *Resolver) ExtractRefreshTask() graph.ExtractRefreshTaskResolver {
	return extractRefreshTaskResolver{r}
}

// FlowTask implements graph.ResolverRoot.
func (r *Resolver) FlowTask() graph.FlowTaskResolver { return flowTaskResolver{r} }

// LinkedTask implements graph.ResolverRoot.
func (r *Resolver) LinkedTask() graph.LinkedTaskResolver { return linkedTaskResolver{r} }

// FlowRun implements graph.ResolverRoot.
func (r *Resolver) FlowRun() graph.FlowRunResolver { return flowRunResolver{r} }

// ContentSubscription implements graph.ResolverRoot.
func (r *Resolver) ContentSubscription() graph.ContentSubscriptionResolver {
	return contentSubscriptionResolver{r}
}

// DataAlert implements graph.ResolverRoot.
func (r *Resolver) DataAlert() graph.DataAlertResolver { return dataAlertResolver{r} }

// DataAlertRecipient implements graph.ResolverRoot.
func (r *Resolver) DataAlertRecipient() graph.DataAlertRecipientResolver {
	return dataAlertRecipientResolver{r}
}

// Webhook implements graph.ResolverRoot.
func (r *Resolver) Webhook() graph.WebhookResolver { return webhookResolver{r} }
