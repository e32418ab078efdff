package resolvers

import (
	"context"

	"vitrine/graph"
	"vitrine/internal/tableau"
)

type virtualConnectionInfoResolver struct{ *Resolver }

// VirtualConnectionInfo implements graph.ResolverRoot.
func (r *Resolver) VirtualConnectionInfo() graph.VirtualConnectionInfoResolver {
	return virtualConnectionInfoResolver{r}
}

// VirtualConnections is a page of the site's virtual connections.
func (r siteResolver) VirtualConnections(
	ctx context.Context, site *tableau.Site, first int32, after *string,
) (*graph.VirtualConnectionInfoConnection, error) {
	return list(ctx, r.Resolver, site.ID(), first, after, listRequest[tableau.VirtualConnectionInfo]{},
		onSite(r.Resolver, site, (*tableau.Session).VirtualConnections), connection[graph.VirtualConnectionInfoConnection])
}

// VirtualConnection is one virtual connection.
func (r siteResolver) VirtualConnection(
	ctx context.Context, site *tableau.Site, by graph.VirtualConnectionLookup,
) (*tableau.VirtualConnectionInfo, error) {
	v, err := oneOnSite(ctx, r.Resolver, site, by.Luid, (*tableau.Session).VirtualConnection)
	return completedVirtualConnection(ctx, v, err)
}

// completedVirtualConnection adds what only the list has to a virtual connection that was looked up
// by id, where it is selected; err is why there is none.
func completedVirtualConnection(
	ctx context.Context, v *tableau.VirtualConnectionInfo, err error,
) (*tableau.VirtualConnectionInfo, error) {
	if err != nil || !selectionOf(ctx).has("url", "createdAt", "updatedAt", "isCertified", "hasExtracts") {
		return v, err
	}
	return v.Completed(ctx)
}

// Owner is who owns it.
func (r virtualConnectionInfoResolver) Owner(ctx context.Context, v *tableau.VirtualConnectionInfo) (*tableau.User, error) {
	if v.OwnerRef != nil {
		return owner(ctx, v, v.OwnerRef, (*tableau.VirtualConnectionInfo).ReadOwner)
	}
	whole, err := v.InFull(ctx)
	if whole == nil || err != nil {
		return nil, err
	}
	return owner(ctx, whole, whole.OwnerRef, (*tableau.VirtualConnectionInfo).ReadOwner)
}

// Project is the project it is in.
func (r virtualConnectionInfoResolver) Project(ctx context.Context, v *tableau.VirtualConnectionInfo) (*tableau.Project, error) {
	if v.ProjectRef != nil {
		return projectEdge(ctx, v, v.ProjectRef, (*tableau.VirtualConnectionInfo).ReadProject)
	}
	whole, err := v.InFull(ctx)
	if whole == nil || err != nil {
		return nil, err
	}
	return projectEdge(ctx, whole, whole.ProjectRef, (*tableau.VirtualConnectionInfo).ReadProject)
}
