package resolvers

import (
	"context"

	"github.com/99designs/gqlgen/graphql"

	"vitrine/internal/tableau"
)

// Settings are all that can be read of the site's settings.
func (r siteResolver) Settings(ctx context.Context, site *tableau.Site) (*tableau.SiteSettings, error) {
	return r.siteSettings(ctx, site)
}

// Usage is how much of the site is used.
func (r siteResolver) Usage(ctx context.Context, site *tableau.Site) (*tableau.SiteUsage, error) {
	settings, err := r.siteSettings(ctx, site)
	if settings == nil || err != nil {
		return nil, err
	}
	return settings.UsageRef, nil
}

// siteSettings reads settings and usage together where both are selected.
func (r siteResolver) siteSettings(ctx context.Context, site *tableau.Site) (*tableau.SiteSettings, error) {
	s, err := r.session(ctx, site.ContentURL)
	if err != nil {
		return nil, err
	}
	return s.Settings(ctx, siblings(ctx).has("usage"))
}

// siblings is the selection that contains the field being resolved.
func siblings(ctx context.Context) selection {
	for parent := graphql.GetFieldContext(ctx).Parent; parent != nil; parent = parent.Parent {
		if parent.Field.Field != nil && parent.Index == nil {
			return selection{parent.Field.Selections}
		}
	}
	return nil
}
