package resolvers

import (
	"context"
	"errors"
	"strings"
	"unicode"

	"vitrine/graph"
	"vitrine/internal/tableau"
)

// siteError is a site that is not offered: it says no more of sites that exist than of others.
type siteError struct{}

var errSiteUnknown = siteError{}

func (siteError) Error() string { return "no such site is offered here: `sites` lists those that are" }

// access says what the caller can do with a site, and keeps the reason for the log.
func (r *Resolver) access(ctx context.Context, contentURL string) graph.SiteAccess {
	op := operationFrom(ctx)
	err := r.Sessions.Access(ctx, op.identity, contentURL)
	if err == nil {
		return graph.SiteAccessOpen
	}
	p := publicOf(ctx, err)
	op.note(p.code, err)
	if p.code == codeUserUnknown {
		return graph.SiteAccessUserUnknown
	}
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

// MySiteRole is what licence and role let the caller do.
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

// Projects is a stretch of the site's projects.
func (r siteResolver) Projects(
	ctx context.Context, site *tableau.Site, first int32, after *string, filter *graph.ProjectFilter, orderBy []*graph.ProjectOrder,
) (*graph.ProjectConnection, error) {
	return list(ctx, r.Resolver, site.ID(), first, after, projectQuery(ctx, filter, orderBy), onSite(r.Resolver, site, (*tableau.Session).Projects), projectConnection)
}

// onSite reads a list of a site as the caller, who is signed in there only when arguments and filter are found good.
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

// Project is one project.
func (r siteResolver) Project(ctx context.Context, site *tableau.Site, by graph.ProjectLookup) (*tableau.Project, error) {
	if err := exactlyOne("by", by.Luid != nil, by.Path != nil); err != nil {
		return nil, err
	}
	s, err := r.session(ctx, site.ContentURL)
	if err != nil {
		return nil, err
	}
	if by.Luid != nil {
		return found(s.Project(ctx, *by.Luid))
	}
	return found(s.ProjectByPath(ctx, by.Path))
}

// oneOnSite reads one object of a site by its LUID.
func oneOnSite[T any](
	ctx context.Context, r *Resolver, site *tableau.Site, id tableau.LUID,
	read func(*tableau.Session, context.Context, tableau.LUID) (*T, error),
) (*T, error) {
	s, err := r.session(ctx, site.ContentURL)
	if err != nil {
		return nil, err
	}
	return found(read(s, ctx, id))
}

// exactlyOne checks again what @oneOf means: it is not held in variables.
func exactlyOne(argument string, given ...bool) error {
	n := 0
	for _, g := range given {
		if g {
			n++
		}
	}
	if n != 1 {
		return inputError("the argument " + argument + " takes exactly one of its fields, and not null")
	}
	return nil
}

// Workbooks is a stretch of the site's workbooks.
func (r siteResolver) Workbooks(
	ctx context.Context, site *tableau.Site, first int32, after *string, filter *graph.WorkbookFilter, orderBy []*graph.WorkbookOrder,
) (*graph.WorkbookConnection, error) {
	return list(ctx, r.Resolver, site.ID(), first, after, workbookQuery(ctx, filter, orderBy), onSite(r.Resolver, site, (*tableau.Session).Workbooks), workbookConnection)
}

// Workbook is one workbook.
func (r siteResolver) Workbook(ctx context.Context, site *tableau.Site, by graph.WorkbookLookup) (*tableau.Workbook, error) {
	if err := exactlyOne("by", by.Luid != nil, by.ContentURL != nil); err != nil {
		return nil, err
	}
	s, err := r.session(ctx, site.ContentURL)
	if err != nil {
		return nil, err
	}
	if by.Luid != nil {
		return found(s.Workbook(ctx, *by.Luid))
	}
	if !isPart(*by.ContentURL) {
		return nil, errNotFound
	}
	return found(s.WorkbookByContentURL(ctx, *by.ContentURL))
}

// isPart says whether a text may stand as one part of a path. A % is in no name in addresses: something on the way to Tableau might
// decode it a second time.
func isPart(s string) bool {
	return s != "" && s != "." && s != ".." && len(s) <= 255 && !strings.ContainsAny(s, "/\\%") && !strings.ContainsFunc(s, unicode.IsControl)
}

// Views is a stretch of the site's views.
func (r siteResolver) Views(
	ctx context.Context, site *tableau.Site, first int32, after *string, filter *graph.ViewFilter, orderBy []*graph.ViewOrder,
) (*graph.ViewConnection, error) {
	return list(ctx, r.Resolver, site.ID(), first, after, viewQuery(ctx, filter, orderBy), onSite(r.Resolver, site, (*tableau.Session).Views), viewConnection)
}

// View is one view.
func (r siteResolver) View(ctx context.Context, site *tableau.Site, by graph.ViewLookup) (*tableau.View, error) {
	if err := exactlyOne("by", by.Luid != nil, by.Path != nil, by.ContentURL != nil); err != nil {
		return nil, err
	}
	s, err := r.session(ctx, site.ContentURL)
	if err != nil {
		return nil, err
	}
	if by.Luid != nil {
		v, err := found(s.View(ctx, *by.Luid, selectionOf(ctx).has("viewCount")))
		return completedView(ctx, v, err)
	}
	contentURL, err := viewContentURL(by)
	if err != nil {
		return nil, err
	}
	return found(s.ViewByContentURL(ctx, contentURL, viewListFields(selectionOf(ctx))...))
}

// viewContentURL makes Tableau's own name of a view out of what stands in a browser: Workbook/View is Workbook/sheets/View.
func viewContentURL(by graph.ViewLookup) (string, error) {
	if by.ContentURL != nil {
		return *by.ContentURL, nil
	}
	workbook, view, ok := strings.Cut(*by.Path, "/")
	if !ok || workbook == "" || view == "" || strings.Contains(view, "/") {
		return "", inputError("path is Workbook/View, as it stands in the browser after /views/")
	}
	return workbook + "/sheets/" + view, nil
}

// DataSources is a stretch of the site's data sources.
func (r siteResolver) DataSources(
	ctx context.Context, site *tableau.Site, first int32, after *string, filter *graph.DataSourceFilter, orderBy []*graph.DataSourceOrder,
) (*graph.DataSourceConnection, error) {
	return list(ctx, r.Resolver, site.ID(), first, after, dataSourceQuery(ctx, filter, orderBy), onSite(r.Resolver, site, (*tableau.Session).DataSources), dataSourceConnection)
}

// DataSource is one data source.
func (r siteResolver) DataSource(ctx context.Context, site *tableau.Site, by graph.DataSourceLookup) (*tableau.DataSource, error) {
	if err := exactlyOne("by", by.Luid != nil, by.ContentURL != nil); err != nil {
		return nil, err
	}
	s, err := r.session(ctx, site.ContentURL)
	if err != nil {
		return nil, err
	}
	if by.Luid != nil {
		d, err := found(s.DataSource(ctx, *by.Luid))
		return completedDataSource(ctx, d, err)
	}
	return found(s.DataSourceByContentURL(ctx, *by.ContentURL, dataSourceListFields(selectionOf(ctx))...))
}

// maxLabel bounds a tag's label: it becomes part of an id and of a filter.
const maxLabel = 200

// Tag is there as soon as it is asked for.
func (r siteResolver) Tag(ctx context.Context, site *tableau.Site, label string) (*tableau.Tag, error) {
	if label == "" || len(label) > maxLabel {
		return nil, inputError("label is empty or longer than 200 bytes")
	}
	s, err := r.session(ctx, site.ContentURL)
	if err != nil {
		return nil, err
	}
	return s.Tag(label), nil
}

// Users is a stretch of the site's users.
func (r siteResolver) Users(
	ctx context.Context, site *tableau.Site, first int32, after *string, filter *graph.UserFilter, orderBy []*graph.UserOrder,
) (*graph.UserConnection, error) {
	return list(ctx, r.Resolver, site.ID(), first, after, userQuery(ctx, filter, orderBy), onSite(r.Resolver, site, (*tableau.Session).Users), userConnection)
}

// User is one user.
func (r siteResolver) User(ctx context.Context, site *tableau.Site, by graph.UserLookup) (*tableau.User, error) {
	if err := exactlyOne("by", by.Luid != nil, by.Name != nil); err != nil {
		return nil, err
	}
	s, err := r.session(ctx, site.ContentURL)
	if err != nil {
		return nil, err
	}
	if by.Luid != nil {
		return found(s.User(ctx, *by.Luid))
	}
	user, err := s.UserByName(ctx, *by.Name)
	if errors.Is(err, tableau.ErrSeveral) {
		return nil, inputError("several users have this name: put the domain in front, as in DOMAIN\\name")
	}
	return found(user, err)
}
