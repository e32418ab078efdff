package resolvers

import (
	"context"

	"vitrine/graph"
	"vitrine/internal/tableau"
)

type (
	permissionsResolver struct{ *Resolver }
	granteeResolver     struct{ *Resolver }
)

// Permissions implements graph.ResolverRoot.
func (r *Resolver) Permissions() graph.PermissionsResolver { return permissionsResolver{r} }

// GranteeCapabilities implements graph.ResolverRoot.
func (r *Resolver) GranteeCapabilities() graph.GranteeCapabilitiesResolver { return granteeResolver{r} }

// InheritedFrom is the locked project whose default rules hold.
func (r permissionsResolver) InheritedFrom(ctx context.Context, p *tableau.Permissions) (*tableau.Project, error) {
	return p.ReadInheritedFrom(ctx)
}

// Grantees are the rules by user, group or group set.
func (r permissionsResolver) Grantees(ctx context.Context, p *tableau.Permissions) ([]*tableau.GranteeCapabilities, error) {
	return reserveList(ctx, p.Grantees, nil)
}

// Capabilities are what is allowed and what is denied.
func (r granteeResolver) Capabilities(ctx context.Context, g *tableau.GranteeCapabilities) ([]*tableau.CapabilityRule, error) {
	return reserveList(ctx, g.Rules.Items, nil)
}

// bareGrantee is what the rules themselves tell of a grantee.
var bareGrantee = []string{"__typename", "id", "luid", "site", "isMe"}

// Grantee is for whom the rules are, with names where the caller may list people; nil where the
// caller's schema lacks the kind.
func (r granteeResolver) Grantee(ctx context.Context, g *tableau.GranteeCapabilities) (tableau.Grantee, error) {
	sel := selectionOf(ctx)
	grantee, err := g.ReadGrantee(ctx, tableau.GranteeNeeds{
		Users:     !sel.without("Group", "GroupSet").within(bareGrantee...),
		Groups:    !sel.without("User", "GroupSet").within(bareGrantee...),
		GroupSets: !sel.without("User", "Group").within(bareGrantee...),
	})
	if err != nil {
		return nil, err
	}
	return granteeInSchema(ctx, grantee), nil
}

// granteeInSchema is inSchema for grantees.
func granteeInSchema(ctx context.Context, grantee tableau.Grantee) tableau.Grantee {
	kind := ""
	switch grantee.(type) {
	case *tableau.User:
		kind = tableau.KindUser
	case *tableau.Group:
		kind = tableau.KindGroup
	case *tableau.GroupSet:
		kind = tableau.KindGroupSet
	}
	if operationFrom(ctx).View.HasType(kind) {
		return grantee
	}
	return nil
}
