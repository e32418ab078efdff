// Package resolvers answers GraphQL: one file per type of the schema, each method one call to Tableau or none. It knows neither
// HTTP upstream nor cache: a session comes from [Sessions], and what hangs off an item is read with the session that read the item.
//
// The way of a request stands in handler.go (which schema, which limits) and transport.go (HTTP); errors.go is the one table from
// our errors to public codes.
package resolvers

import (
	"context"
	"log/slog"
	"slices"
	"sync"
	"time"

	"vitrine/auth"
	"vitrine/graph"
	"vitrine/internal/budget"
	"vitrine/internal/content"
	"vitrine/internal/policy"
	"vitrine/internal/tableau"
)

// Sessions gives the reading side of one person on one site. internal/sessions implements it.
type Sessions interface {
	// Session signs in when it has to, which may be as late as the first read.
	Session(ctx context.Context, id *auth.Identity, contentURL string) (*tableau.Session, error)
	// Access says whether the person can be signed in on a site; nil when so.
	Access(ctx context.Context, id *auth.Identity, contentURL string) error
	// Sites are the content URLs that the operator offers, in the operator's order.
	Sites() []string
}

// Config is what the resolvers stand on.
type Config struct {
	Sessions Sessions
	Tableau  *tableau.Client
	Policy   *policy.Policy
	Links    *content.Links // content links
	Limits   policy.Limits
	First    int           // most items of one page
	Deadline time.Duration // for one operation; a minute when zero
	Parallel int           // calls to Tableau under way for one operation; 8 when zero
	// MaxFields bounds the fields of one answer; 500,000 when zero.
	MaxFields int
	// UnderWay bounds the fields of all answers under way at a time; 2,000,000 when zero.
	UnderWay int
	// AnswerBytes bounds the bytes of one answer; 32,000,000 when zero.
	AnswerBytes int
	// Budget is what a person may ask for in a minute; nil for no bound.
	Budget *budget.Budget
	// Charged is told what each request costs; nil for nobody.
	Charged func(ctx context.Context, points int)

	// RequestID gives the id under which the operator finds a request in the log.
	RequestID func(context.Context) string
	// Observe adds to the event that the request leaves in the log.
	Observe func(context.Context, ...slog.Attr)
}

// Resolver is the root of all resolvers.
type Resolver struct{ Config }

// operation is what one GraphQL request knows beside its document.
type operation struct {
	identity *auth.Identity
	view     *policy.View
	calls    *tableau.Operation
	budget   *answerBudget
	admitted *prepared

	mu       sync.Mutex
	sessions map[string]*tableau.Session
	owner    *content.Linker // of content links; nil until one is made
	sites    []string        // that were asked for, by content URL
	failures failures
}

type operationKey struct{}

func operationFrom(ctx context.Context) *operation {
	return ctx.Value(operationKey{}).(*operation) // put there by handler.go before anything of a document runs
}

// offered are the sites that the caller's roles let be read, in the operator's order. Nothing else asks for sites: one that the roles
// do not give and one that does not exist are alike.
func (r *Resolver) offered(ctx context.Context) []string {
	view := operationFrom(ctx).view
	return slices.DeleteFunc(slices.Clone(r.Sessions.Sites()), func(site string) bool { return !view.Offers(site) })
}

// session is the caller's on one site: the same one for the whole operation, so that equal reads are shared.
func (r *Resolver) session(ctx context.Context, contentURL string) (*tableau.Session, error) {
	op := operationFrom(ctx)
	if !op.view.Offers(contentURL) { // the second lock on the same door
		return nil, errSiteUnknown
	}
	op.mu.Lock()
	defer op.mu.Unlock()
	if s := op.sessions[contentURL]; s != nil {
		return s, nil
	}
	if !slices.Contains(op.sites, contentURL) {
		op.sites = append(op.sites, contentURL)
	}
	s, err := r.Sessions.Session(ctx, op.identity, contentURL)
	if err != nil {
		return nil, err
	}
	op.sessions[contentURL] = s
	return s, nil
}

// The types with resolvers of their own. The rest is bound to internal/tableau directly.
type (
	queryResolver      struct{ *Resolver }
	siteResolver       struct{ *Resolver }
	projectResolver    struct{ *Resolver }
	workbookResolver   struct{ *Resolver }
	viewResolver       struct{ *Resolver }
	dataSourceResolver struct{ *Resolver }
	userResolver       struct{ *Resolver }
	tagResolver        struct{ *Resolver }
	favoriteResolver   struct{ *Resolver }
	recentResolver     struct{ *Resolver }
	customViewResolver struct{ *Resolver }
	flowResolver       struct{ *Resolver }

	virtualConnectionInfoResolver struct{ *Resolver }
	recycledItemResolver          struct{ *Resolver }

	personalSpaceResolver struct{ *Resolver }
	groupResolver         struct{ *Resolver }
	groupSetResolver      struct{ *Resolver }
)

// Query implements graph.ResolverRoot.
func (r *Resolver) Query() graph.QueryResolver { return queryResolver{r} }

// Site implements graph.ResolverRoot.
func (r *Resolver) Site() graph.SiteResolver { return siteResolver{r} }

// Project implements graph.ResolverRoot.
func (r *Resolver) Project() graph.ProjectResolver { return projectResolver{r} }

// Workbook implements graph.ResolverRoot.
func (r *Resolver) Workbook() graph.WorkbookResolver { return workbookResolver{r} }

// View implements graph.ResolverRoot.
func (r *Resolver) View() graph.ViewResolver { return viewResolver{r} }

// DataSource implements graph.ResolverRoot.
func (r *Resolver) DataSource() graph.DataSourceResolver { return dataSourceResolver{r} }

// User implements graph.ResolverRoot.
func (r *Resolver) User() graph.UserResolver { return userResolver{r} }

// Tag implements graph.ResolverRoot.
func (r *Resolver) Tag() graph.TagResolver { return tagResolver{r} }

// CustomView implements graph.ResolverRoot.
func (r *Resolver) CustomView() graph.CustomViewResolver { return customViewResolver{r} }

// Flow implements graph.ResolverRoot.
func (r *Resolver) Flow() graph.FlowResolver { return flowResolver{r} }

// VirtualConnectionInfo implements graph.ResolverRoot.
func (r *Resolver) VirtualConnectionInfo() graph.VirtualConnectionInfoResolver {
	return virtualConnectionInfoResolver{r}
}

// RecycledItem implements graph.ResolverRoot.
func (r *Resolver) RecycledItem() graph.RecycledItemResolver { return recycledItemResolver{r} }

// Favorite implements graph.ResolverRoot.
func (r *Resolver) Favorite() graph.FavoriteResolver { return favoriteResolver{r} }

// Recent implements graph.ResolverRoot.
func (r *Resolver) Recent() graph.RecentResolver { return recentResolver{r} }

// PersonalSpace implements graph.ResolverRoot.
func (r *Resolver) PersonalSpace() graph.PersonalSpaceResolver { return personalSpaceResolver{r} }

// Group implements graph.ResolverRoot.
func (r *Resolver) Group() graph.GroupResolver { return groupResolver{r} }

// GroupSet implements graph.ResolverRoot.
func (r *Resolver) GroupSet() graph.GroupSetResolver { return groupSetResolver{r} }
