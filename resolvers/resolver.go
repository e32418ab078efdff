// Package resolvers answers GraphQL: one file per type of the schema, each method one call to
// Tableau or none. It knows neither HTTP nor caches: a session comes from [Sessions], and what
// belongs to an item is read with the session that read the item.
//
// Package internal/graphqlhttp has the way of a request. Read operation.go for what an operation
// carries, and errors.go for the one table from our errors to public codes.
package resolvers

import (
	"context"
	"slices"

	"github.com/vektah/gqlparser/v2/ast"

	"vitrine/auth"
	"vitrine/graph"
	"vitrine/internal/content"
	"vitrine/internal/graphqlhttp"
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

// Config is what the resolvers need.
type Config struct {
	graphqlhttp.Config // all but Resolvers, which New sets

	Sessions Sessions
	Tableau  *tableau.Client
	Links    *content.Links // content links

	// DataQueries takes n queries to data off the caller's hourly quota on a site. It reports false where
	// there is none; nil for none anywhere.
	DataQueries func(ctx context.Context, id *auth.Identity, site string, n int) (DataQueryQuota, bool)

	EmbedTokens      EmbedTokens
	EmbedTokenIssued func(context.Context, IssuedEmbedToken) // is called for each; nil for none

	// Federation adds the fields of a subgraph of Apollo Federation. The policy must be of
	// [SubgraphSchema] then.
	Federation bool

	First    int // most items of one page
	Parallel int // calls to Tableau at a time for one operation; 8 when zero

	// Change changes how operations are executed; nil but in tests.
	Change func(*graphqlhttp.Resolvers, graph.ResolverRoot)
}

// defaultParallel is Config.Parallel where it is zero.
const defaultParallel = 8

// Resolver is the root of all resolvers.
type Resolver struct{ Config }

// New builds the GraphQL handler.
func New(c Config) *graphqlhttp.Handler {
	if c.Parallel == 0 {
		c.Parallel = defaultParallel
	}
	r := &Resolver{c}
	c.Resolvers = graphqlhttp.Resolvers{
		Types: graph.NewTypes(r), Waiting: tableau.WithWaiting, Parallel: c.Parallel,
		Scalars: customScalars, Begin: r.begin, Public: publicOf, Check: r.onServersVersion, Checked: isVersioned,
		Planned: needOnly,
	}
	if c.Federation {
		c.Types = r.federated(c.Types)
	}
	if c.Change != nil {
		c.Change(&c.Resolvers, r)
	}
	return graphqlhttp.New(c.Config)
}

// Schema is the whole contract, with its directives: what policy is made of.
func Schema() *ast.Schema {
	return graph.Schema()
}

// WholeSDL is the whole contract as text, with areas and REST methods, for operators who write
// roles.
func WholeSDL() string {
	return policy.WholeSDL(Schema())
}

// offered are the sites that the caller's roles let be read, in the operator's order. Nothing else
// asks for sites: one that the roles do not give and one that does not exist are alike.
func (r *Resolver) offered(ctx context.Context) []string {
	view := operationFrom(ctx).View
	return slices.DeleteFunc(slices.Clone(r.Sessions.Sites()), func(site string) bool { return !view.Offers(site) })
}

// session is the caller's on one site: the same one for the whole operation, so that equal reads
// are shared.
func (r *Resolver) session(ctx context.Context, contentURL string) (*tableau.Session, error) {
	op := operationFrom(ctx)
	if !op.View.Offers(contentURL) { // the second lock on the same door
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
	s, err := r.Sessions.Session(ctx, op.Identity, contentURL)
	if err != nil {
		return nil, err
	}
	op.sessions[contentURL] = s
	return s, nil
}
