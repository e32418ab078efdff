package resolvers

import (
	"context"

	"github.com/99designs/gqlgen/graphql"

	"vitrine/auth"
	"vitrine/graph"
	"vitrine/internal/graphqlhttp"
	"vitrine/internal/tableau"
)

// EmbedTokens signs tokens for the Embedding API. internal/sessions implements it.
type EmbedTokens interface {
	// Issue signs a token for the identity's own person. role is the site role that Tableau gave to the
	// person's session.
	Issue(id *auth.Identity, site string, role tableau.SiteRole, scopes []string) (tableau.EmbedGrant, error)
}

// IssuedEmbedToken describes a token that was issued, for the audit log. It holds no secret.
type IssuedEmbedToken struct {
	Identity *auth.Identity
	Site     string       // content URL
	SiteRole string       // of the person
	View     tableau.LUID // that the token was asked for; empty for none
	Scopes   []string
	Grant    tableau.EmbedGrant // its token prints as REDACTED
}

// defaultEmbedScopes are those of roles that name none.
var defaultEmbedScopes = []string{"tableau:views:embed"}

// errOneEmbedToken keeps a document from collecting tokens: each one works for itself.
const errOneEmbedToken = graphqlhttp.InputError("a document gets one embed token: ask for one view, or for Site.embedToken")

// embedToken issues a token for the caller, with whose session Tableau was just asked what the
// caller's site role is.
func (r *Resolver) embedToken(ctx context.Context, s *tableau.Session, view tableau.LUID) (*graph.EmbedToken, error) {
	op := operationFrom(ctx)
	if r.EmbedTokens == nil {
		return nil, &tableau.Error{Kind: tableau.Unsupported, Call: "embed token"}
	}
	if !op.takeEmbedToken() {
		return nil, errOneEmbedToken
	}
	current, err := s.Current(ctx)
	if err != nil {
		return nil, err
	}
	var role tableau.SiteRole
	if current.User != nil {
		role = current.User.SiteRole
	}
	scopes := op.View.EmbedScopes
	if len(scopes) == 0 {
		scopes = defaultEmbedScopes
	}
	grant, err := r.EmbedTokens.Issue(op.Identity, s.ContentURL(), role, scopes)
	if err != nil {
		return nil, err
	}
	op.GaveEmbedToken(graphql.GetPath(ctx).String())
	if r.EmbedTokenIssued != nil {
		r.EmbedTokenIssued(ctx, IssuedEmbedToken{
			Identity: op.Identity, Site: s.ContentURL(), SiteRole: string(role), View: view, Scopes: scopes, Grant: grant,
		})
	}
	return &graph.EmbedToken{
		Token: grant.Token.Reveal(), ExpiresAt: tableau.Time{Time: grant.Expires}, LibraryURL: r.Config.Tableau.EmbedLibraryURL(), Scopes: scopes,
	}, nil
}

// takeEmbedToken reports whether no token was asked for before.
func (op *operation) takeEmbedToken() bool {
	op.mu.Lock()
	defer op.mu.Unlock()
	first := !op.embedToken
	op.embedToken = true
	return first
}

// EmbedToken is a token for the caller on the site.
func (r siteResolver) EmbedToken(ctx context.Context, site *tableau.Site) (*graph.EmbedToken, error) {
	s, err := r.session(ctx, site.ContentURL)
	if err != nil {
		return nil, err
	}
	return r.embedToken(ctx, s, "")
}

// Embed is what a page needs to show the view.
func (r viewResolver) Embed(ctx context.Context, v *tableau.View) (*graph.Embed, error) {
	return r.embed(ctx, v)
}

// Embed is what a page needs to show the view that opens first.
func (r workbookResolver) Embed(ctx context.Context, w *tableau.Workbook) (*graph.Embed, error) {
	v, err := w.DefaultView(ctx, tableau.ViewNeeds{Plain: true})
	if v, err = found(v, err); err != nil {
		return nil, err
	}
	return r.embed(ctx, v)
}

func (r *Resolver) embed(ctx context.Context, v *tableau.View) (*graph.Embed, error) {
	src := v.EmbedURL()
	if src == "" {
		return nil, errNotFound
	}
	t, err := r.embedToken(ctx, v.Session(), v.LUID)
	if err != nil {
		return nil, err
	}
	return &graph.Embed{Token: t.Token, ExpiresAt: t.ExpiresAt, Src: src, LibraryURL: t.LibraryURL, Scopes: t.Scopes}, nil
}
