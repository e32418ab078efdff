package resolvers

import (
	"context"

	"vitrine/graph"
	"vitrine/internal/tableau"
)

type (
	dataAlertResolver          struct{ *Resolver }
	dataAlertRecipientResolver struct{ *Resolver }
)

// DataAlert implements graph.ResolverRoot.
func (r *Resolver) DataAlert() graph.DataAlertResolver { return dataAlertResolver{r} }

// DataAlertRecipient implements graph.ResolverRoot.
func (r *Resolver) DataAlertRecipient() graph.DataAlertRecipientResolver {
	return dataAlertRecipientResolver{r}
}

// DataAlerts is a page of the data-driven alerts.
func (r siteResolver) DataAlerts(ctx context.Context, site *tableau.Site, first int32, after *string) (*graph.DataAlertConnection, error) {
	return list(ctx, r.Resolver, site.ID(), first, after, listRequest[tableau.DataAlert]{},
		onSite(r.Resolver, site, (*tableau.Session).DataAlerts), connection[graph.DataAlertConnection])
}

// DataAlert is one data-driven alert.
func (r siteResolver) DataAlert(ctx context.Context, site *tableau.Site, by graph.DataAlertLookup) (*tableau.DataAlert, error) {
	return oneOnSite(ctx, r.Resolver, site, by.Luid, (*tableau.Session).DataAlert)
}

// Creator is who made the alert.
func (r dataAlertResolver) Creator(ctx context.Context, a *tableau.DataAlert) (*tableau.User, error) {
	return owner(ctx, a, a.CreatorListed(), (*tableau.DataAlert).Creator)
}

// Owner is who owns the alert.
func (r dataAlertResolver) Owner(ctx context.Context, a *tableau.DataAlert) (*tableau.User, error) {
	return owner(ctx, a, a.OwnerListed(), (*tableau.DataAlert).Owner)
}

// View is the view that the alert watches; the alert itself has its name.
func (r dataAlertResolver) View(ctx context.Context, a *tableau.DataAlert) (*tableau.View, error) {
	sel := selectionOf(ctx)
	need := targetNeeds(sel)
	need.ReferenceWillDo = sel.within("__typename", "id", "luid", "site", "name") && a.ViewRef != nil && a.ViewRef.Name != ""
	view, err := a.View(ctx, need)
	if view == nil || err != nil {
		return nil, err
	}
	return completedView(ctx, view, nil)
}

// Recipients are those who get mail.
func (r dataAlertResolver) Recipients(ctx context.Context, a *tableau.DataAlert) ([]*tableau.DataAlertRecipient, error) {
	recipients, err := a.Recipients(ctx)
	return affordable(ctx, recipients, err)
}

// User is who gets mail.
func (r dataAlertRecipientResolver) User(ctx context.Context, x *tableau.DataAlertRecipient) (*tableau.User, error) {
	return owner(ctx, x, x.UserListed(), (*tableau.DataAlertRecipient).User)
}
