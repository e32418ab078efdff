package resolvers

import (
	"context"

	"vitrine/graph"
	"vitrine/internal/tableau"
)

type webhookResolver struct{ *Resolver }

// Webhook implements graph.ResolverRoot.
func (r *Resolver) Webhook() graph.WebhookResolver { return webhookResolver{r} }

// Webhooks are the webhooks of the site.
func (r siteResolver) Webhooks(ctx context.Context, site *tableau.Site) ([]*tableau.Webhook, error) {
	s, err := r.session(ctx, site.ContentURL)
	if err != nil {
		return nil, err
	}
	hooks, err := s.Webhooks(ctx)
	return affordable(ctx, hooks, err)
}

// Webhook is one webhook.
func (r siteResolver) Webhook(ctx context.Context, site *tableau.Site, by graph.WebhookLookup) (*tableau.Webhook, error) {
	return oneOnSite(ctx, r.Resolver, site, by.Luid, (*tableau.Session).Webhook)
}

// Owner is who owns the webhook.
func (r webhookResolver) Owner(ctx context.Context, w *tableau.Webhook) (*tableau.User, error) {
	return owner(ctx, w, w.OwnerListed(), (*tableau.Webhook).Owner)
}
