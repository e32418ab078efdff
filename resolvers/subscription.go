package resolvers

import (
	"context"

	"vitrine/graph"
	"vitrine/internal/tableau"
)

type contentSubscriptionResolver struct{ *Resolver }

// ContentSubscription implements graph.ResolverRoot.
func (r *Resolver) ContentSubscription() graph.ContentSubscriptionResolver {
	return contentSubscriptionResolver{r}
}

// Subscriptions is a page of the subscriptions.
func (r siteResolver) Subscriptions(
	ctx context.Context, site *tableau.Site, first int32, after *string,
) (*graph.ContentSubscriptionConnection, error) {
	return list(ctx, r.Resolver, site.ID(), first, after, listRequest[tableau.ContentSubscription]{},
		onSite(r.Resolver, site, (*tableau.Session).Subscriptions), connection[graph.ContentSubscriptionConnection])
}

// Subscription is one subscription.
func (r siteResolver) Subscription(ctx context.Context, site *tableau.Site, by graph.SubscriptionLookup) (*tableau.ContentSubscription, error) {
	return oneOnSite(ctx, r.Resolver, site, by.Luid, (*tableau.Session).Subscription)
}

// Subscriber is who gets it.
func (r contentSubscriptionResolver) Subscriber(ctx context.Context, c *tableau.ContentSubscription) (*tableau.User, error) {
	return owner(ctx, c, c.SubscriberListed(), (*tableau.ContentSubscription).Subscriber)
}

// Schedule is the schedule that it follows.
func (r contentSubscriptionResolver) Schedule(ctx context.Context, c *tableau.ContentSubscription) (*tableau.Schedule, error) {
	return scheduleOf(ctx, c)
}

// Recurrence is when it is sent.
func (r contentSubscriptionResolver) Recurrence(ctx context.Context, c *tableau.ContentSubscription) (*tableau.Recurrence, error) {
	return recurrenceOf(ctx, c)
}

// Target is what is sent.
func (r contentSubscriptionResolver) Target(ctx context.Context, c *tableau.ContentSubscription) (tableau.RecentTarget, error) {
	return completedTarget[tableau.RecentTarget](ctx)(c.Target(ctx, targetNeeds(selectionOf(ctx))))
}
