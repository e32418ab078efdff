package resolvers

import (
	"context"
	"fmt"
	"math"
	"slices"

	"vitrine/graph"
	"vitrine/internal/graphqlhttp"
	"vitrine/internal/parallel"
	"vitrine/internal/tableau"
)

type queryResolver struct{ *Resolver }

// Query implements graph.ResolverRoot.
func (r *Resolver) Query() graph.QueryResolver { return queryResolver{r} }

// Viewer is the caller, as the token says. It needs no Tableau.
func (r queryResolver) Viewer(ctx context.Context) (*graph.Viewer, error) {
	op := operationFrom(ctx)
	if selectionOf(ctx).has("tokenExpiresAt") {
		op.DoNotKeep() // the person's next token ends at another time
	}
	areas := make([]graph.Area, len(op.View.Areas))
	for i, area := range op.View.Areas {
		areas[i] = graph.Area(area)
	}
	return &graph.Viewer{
		Issuer: op.Identity.Issuer, Subject: op.Identity.Subject, Username: op.Identity.Username,
		Groups: orEmpty(op.Identity.Groups), Roles: orEmpty(op.View.Roles), Areas: areas,
		TokenExpiresAt: tableau.Time{Time: op.Identity.Expires},
	}, nil
}

func orEmpty(s []string) []string {
	if s == nil {
		return []string{}
	}
	return s
}

// Sites are the configured sites on which the caller exists. A site that cannot be asked just now
// stays among them.
func (r queryResolver) Sites(ctx context.Context) ([]*tableau.Site, error) {
	offered := r.offered(ctx)
	if err := reserveFields(ctx, len(offered)); err != nil {
		return nil, err
	}
	known := make([]bool, len(offered))
	for _, err := range parallel.Errors(len(offered), func(i int) error {
		known[i] = r.access(ctx, offered[i]) != graph.SiteAccessUserUnknown
		return nil
	}) {
		if err != nil {
			return nil, err
		}
	}
	sites := []*tableau.Site{}
	for i, contentURL := range offered {
		if known[i] {
			sites = append(sites, &tableau.Site{ContentURL: contentURL})
		}
	}
	return sites, nil
}

// Site is one of the offered sites; it costs nothing by itself.
func (r queryResolver) Site(ctx context.Context, contentURL *string) (*tableau.Site, error) {
	offered := r.offered(ctx)
	switch {
	case contentURL != nil && slices.Contains(offered, *contentURL):
		return &tableau.Site{ContentURL: *contentURL}, nil
	case contentURL != nil:
		return nil, errSiteUnknown
	case len(offered) == 1:
		return &tableau.Site{ContentURL: offered[0]}, nil
	case slices.Contains(offered, ""):
		return &tableau.Site{}, nil
	default:
		return nil, graphqlhttp.InputError("contentUrl is left out, and there is more than one site and no default site: name one; `sites` lists them")
	}
}

// Tableau is the server behind this one.
func (r queryResolver) Tableau(ctx context.Context) (*graph.TableauServer, error) {
	info, err := r.Config.Tableau.ServerInfo(ctx)
	if err != nil {
		return nil, err
	}
	version, err := r.Config.Tableau.Version(ctx)
	if err != nil {
		return nil, err
	}
	address := r.Config.Tableau.BrowserURL()
	return &graph.TableauServer{
		URL: address, APIVersion: version, ProductVersion: optional(info.ProductVersion), Build: optional(info.Build),
		Deployment: r.deployment(), Platform: optional(info.Platform), PrepConductorVersion: optional(info.PrepConductor),
		ImageMaxAgeFloorMinutes: minutes(info.ImageMaxAgeFloor), ImageMaxAgeCeilingMinutes: minutes(info.ImageMaxAgeCeiling),
	}, nil
}

func (r *Resolver) deployment() graph.Deployment {
	if r.Config.Tableau.IsCloud() {
		return graph.DeploymentCloud
	}
	return graph.DeploymentServer
}

// minutes are those that an Int can hold; none for what is no such number.
func minutes(n tableau.Int) *int32 {
	if !n.Valid || n.V < 0 || n.V > math.MaxInt32 {
		return nil
	}
	m := int32(n.V)
	return &m
}

func optional(t tableau.Text) *string {
	if t == "" {
		return nil
	}
	s := string(t)
	return &s
}

// Node is the object with a global id. Ids that mean nothing, and kinds that the caller's schema
// lacks, are not found.
func (r queryResolver) Node(ctx context.Context, id string) (tableau.Node, error) {
	n, err := r.node(ctx, id)
	if err != nil {
		return nil, err
	}
	return completed(ctx, n)
}

// maxNodes bounds how many objects one nodes field looks up.
const maxNodes = 100

// Nodes are the objects with these global ids, in the order asked; null with an error for each that
// cannot be had.
func (r queryResolver) Nodes(ctx context.Context, ids []string) ([]tableau.Node, error) {
	if len(ids) > maxNodes {
		return nil, graphqlhttp.InputError(fmt.Sprintf("ids has %d ids: %d at most", len(ids), maxNodes))
	}
	return nodesTogether(ctx, len(ids), func(i int) (tableau.Node, error) { return r.node(ctx, ids[i]) })
}

// nodesTogether looks n objects up, so that what hangs off them is read for all at once.
func nodesTogether(ctx context.Context, n int, read func(i int) (tableau.Node, error)) ([]tableau.Node, error) {
	if err := reserveFields(ctx, n); err != nil {
		return nil, err
	}
	found := make([]tableau.Node, n)
	failed := parallel.Errors(n, func(i int) (err error) {
		found[i], err = read(i)
		return err
	})
	tableau.Together(found)
	for i, err := range parallel.Errors(n, func(i int) (err error) {
		if err = failed[i]; err == nil {
			if found[i], err = completed(ctx, found[i]); err != nil {
				found[i] = nil
			}
		}
		return err
	}) {
		if err != nil {
			addItemError(ctx, i, err)
		}
	}
	return found, nil
}
