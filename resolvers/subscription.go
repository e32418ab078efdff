package resolvers

import (
	"context"

	"vitrine/graph"
	"vitrine/internal/tableau"
)

// Subscriptions is a stretch of the subscriptions.
func (r siteResolver) Subscriptions(
	ctx context.Context, site *tableau.Site, first int32, after *string,
) (*graph.ContentSubscriptionConnection, error) {
	return list(ctx, r.Resolver, site.ID(), first, after, wanted[tableau.ContentSubscription]{},
		onSite(r.Resolver, site, (*tableau.Session).Subscriptions), subscriptionConnection)
}

// Subscription is one subscription.
func (r siteResolver) Subscription(ctx context.Context, site *tableau.Site, luid tableau.LUID) (*tableau.ContentSubscription, error) {
	return oneOnSite(ctx, r.Resolver, site, luid, (*tableau.Session).Subscription)
}

// Subscriber is who gets it.
func (r contentSubscriptionResolver) Subscriber(ctx context.Context, c *tableau.ContentSubscription) (*tableau.User, error) {
	return owner(ctx, c.SubscriberTold(), c.Subscriber)
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

func subscriptionConnection(
	ctx context.Context, s stretch, p *tableau.Page[tableau.ContentSubscription], err error,
) (*graph.ContentSubscriptionConnection, error) {
	if err = reservePage(ctx, p, err); err != nil {
		return nil, err
	}
	return &graph.ContentSubscriptionConnection{
		Nodes: nodes(p), PageInfo: pageInfo(s, p), TotalCount: total(p.Total),
		Edges: edges(ctx, s, p, func(c string, n *tableau.ContentSubscription) *graph.ContentSubscriptionEdge {
			return &graph.ContentSubscriptionEdge{Cursor: c, Node: n}
		}),
	}, nil
}
