package resolvers

import (
	"context"
	"slices"

	"github.com/99designs/gqlgen/graphql"

	"vitrine/internal/tableau"
)

// node looks an object up by its global id. What the caller's schema lacks is answered as what does
// not exist, without a call.
func (r *Resolver) node(ctx context.Context, id string) (tableau.Node, error) {
	kind, contentURL, key, err := tableau.ParseGlobalID(id)
	if err != nil || !operationFrom(ctx).View.HasType(kind) || !slices.Contains(r.offered(ctx), contentURL) {
		return nil, errNotFound
	}
	if kind == tableau.KindSite && key == "" {
		return &tableau.Site{ContentURL: contentURL}, nil
	}
	known := tableau.NodeKindNamed(kind)
	if known == nil {
		return nil, errNotFound
	}
	s, err := r.session(ctx, contentURL)
	if err != nil {
		return nil, err
	}
	n, err := known.Read(ctx, s, key, func(field string) bool { return selectionOf(ctx).has(field) })
	if tableau.IsKind(err, tableau.Refused) || tableau.IsKind(err, tableau.Missing) || err == nil && n == nil {
		return nil, errNotFound
	}
	return n, err
}

// completed adds what only lists tell to an object that was looked up by id, where it is selected.
func completed(ctx context.Context, n tableau.Node) (tableau.Node, error) {
	switch n := n.(type) {
	case *tableau.View:
		return completedView(ctx, n, nil)
	case *tableau.DataSource:
		return completedDataSource(ctx, n, nil)
	case *tableau.VirtualConnectionInfo:
		return completedVirtualConnection(ctx, n, nil)
	default:
		return n, nil
	}
}

// addItemError reports an error at one place of a list that is still answered.
func addItemError(ctx context.Context, index int, err error) {
	ctx = graphql.WithPathContext(ctx, graphql.NewPathWithIndex(index))
	graphql.AddError(ctx, err)
}
