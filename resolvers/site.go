package resolvers

import (
	"context"

	"github.com/99designs/gqlgen/graphql"

	"vitrine/graph"
	"vitrine/internal/graphqlhttp"
	"vitrine/internal/tableau"
)

type siteResolver struct{ *Resolver }

// Site implements graph.ResolverRoot.
func (r *Resolver) Site() graph.SiteResolver { return siteResolver{r} }

// siteError is a site that is not offered: it says no more of sites that exist than of others.
type siteError struct{}

var errSiteUnknown = siteError{}

func (siteError) Error() string { return "no such site is offered here: `sites` lists those that are" }

// access says what the caller can do with a site, and keeps the reason for the log.
func (r *Resolver) access(ctx context.Context, contentURL string) graph.SiteAccess {
	op := operationFrom(ctx)
	err := r.Sessions.Access(ctx, op.Identity, contentURL)
	if err == nil {
		return graph.SiteAccessOpen
	}
	p := publicOf(ctx, err)
	op.Note(p, graphql.GetPath(ctx).String(), err)
	if p.Code == codeUserUnknown {
		return graph.SiteAccessUserUnknown
	}
	op.DoNotKeep() // the reason may pass
	return graph.SiteAccessUnavailable
}

// Access is never an error.
func (r siteResolver) Access(ctx context.Context, site *tableau.Site) (graph.SiteAccess, error) {
	return r.access(ctx, site.ContentURL), nil
}

// URL is the home page of the site in Tableau.
func (r siteResolver) URL(_ context.Context, site *tableau.Site) (tableau.URL, error) {
	return r.Config.Tableau.SiteURL(site.ContentURL), nil
}

// Luid comes with the sign-in.
func (r siteResolver) Luid(ctx context.Context, site *tableau.Site) (*tableau.LUID, error) {
	s, err := r.session(ctx, site.ContentURL)
	if err != nil {
		return nil, err
	}
	id, err := s.SiteLUID(ctx)
	return &id, err
}

// Name is the display name.
func (r siteResolver) Name(ctx context.Context, site *tableau.Site) (*string, error) {
	current, err := r.current(ctx, site)
	if err != nil {
		return nil, err
	}
	return optional(current.Site.Name), nil
}

// Me is the caller as a user of the site: from the session where that will do, else in full.
func (r siteResolver) Me(ctx context.Context, site *tableau.Site) (*tableau.User, error) {
	if selectionOf(ctx).within("__typename", "id", "luid", "site", "name", "siteRole", "siteRoleRaw", "isMe") {
		current, err := r.current(ctx, site)
		if err != nil || current.User != nil && current.User.LUID != "" {
			return currentUser(current), err
		}
	}
	s, err := r.session(ctx, site.ContentURL)
	if err != nil {
		return nil, err
	}
	id, err := s.UserLUID(ctx)
	if err != nil {
		return nil, err
	}
	return s.User(ctx, id)
}

func currentUser(c *tableau.CurrentSession) *tableau.User {
	if c == nil {
		return nil
	}
	return c.User
}

// MySiteRole is what license and role let the caller do.
func (r siteResolver) MySiteRole(ctx context.Context, site *tableau.Site) (*tableau.SiteRole, error) {
	current, err := r.current(ctx, site)
	if err != nil || current.User == nil {
		return nil, err
	}
	return &current.User.SiteRole, nil
}

// MySiteRoleRaw is the same as Tableau writes it.
func (r siteResolver) MySiteRoleRaw(ctx context.Context, site *tableau.Site) (*string, error) {
	current, err := r.current(ctx, site)
	if err != nil || current.User == nil {
		return nil, err
	}
	return optional(current.User.SiteRoleRaw()), nil
}

func (r *Resolver) current(ctx context.Context, site *tableau.Site) (*tableau.CurrentSession, error) {
	s, err := r.session(ctx, site.ContentURL)
	if err != nil {
		return nil, err
	}
	return s.Current(ctx)
}

// onSite reads a list of a site as the caller, who is signed in there only when arguments and
// filter are found good.
func onSite[T any](
	r *Resolver, site *tableau.Site, read func(*tableau.Session, context.Context, tableau.ListQuery[T], int, int) (*tableau.Page[T], error),
) reader[T] {
	return func(ctx context.Context, q tableau.ListQuery[T], offset, first int) (*tableau.Page[T], error) {
		s, err := r.session(ctx, site.ContentURL)
		if err != nil {
			return nil, err
		}
		return read(s, ctx, q, offset, first)
	}
}

// oneOnSite reads one object of a site by its LUID.
func oneOnSite[T any](
	ctx context.Context, r *Resolver, site *tableau.Site, id *tableau.LUID,
	read func(*tableau.Session, context.Context, tableau.LUID) (*T, error),
) (*T, error) {
	return lookedUp(ctx, r, site, func(s *tableau.Session) (*T, error) { return read(s, ctx, *id) }, id != nil)
}

// lookedUp reads one object of a site by the one name of it that is given, and as the caller, who
// is signed in there only when it is one.
func lookedUp[T any](
	ctx context.Context, r *Resolver, site *tableau.Site, read func(*tableau.Session) (*T, error), given ...bool,
) (*T, error) {
	if err := exactlyOne("by", given...); err != nil {
		return nil, err
	}
	s, err := r.session(ctx, site.ContentURL)
	if err != nil {
		return nil, err
	}
	return found(read(s))
}

// exactlyOne checks again what @oneOf means.
func exactlyOne(argument string, given ...bool) error {
	n := 0
	for _, g := range given {
		if g {
			n++
		}
	}
	if n != 1 {
		return graphqlhttp.InputError("the argument " + argument + " takes exactly one of its fields, and not null")
	}
	return nil
}
