package resolvers

import (
	"context"
	"slices"

	"github.com/99designs/gqlgen/graphql"

	"vitrine/internal/tableau"
)

// nodeReaders look an object up by its kind and the key of its global id. A kind that is missing
// here has no global id.
var nodeReaders = map[string]func(ctx context.Context, s *tableau.Session, key string) (tableau.Node, error){
	tableau.KindJob:                 byLUID((*tableau.Session).Job),
	tableau.KindSchedule:            byLUID((*tableau.Session).Schedule),
	tableau.KindExtractRefreshTask:  byLUID((*tableau.Session).ExtractRefreshTask),
	tableau.KindFlowTask:            byLUID((*tableau.Session).FlowTask),
	tableau.KindLinkedTask:          byLUID((*tableau.Session).LinkedTask),
	tableau.KindFlowRun:             byLUID((*tableau.Session).FlowRun),
	tableau.KindContentSubscription: byLUID((*tableau.Session).Subscription),
	tableau.KindDataAlert:           byLUID((*tableau.Session).DataAlert),
	tableau.KindWebhook:             byLUID((*tableau.Session).Webhook),

	tableau.KindProject:  byLUID((*tableau.Session).Project),
	tableau.KindWorkbook: byLUID((*tableau.Session).Workbook),
	tableau.KindView: byLUID(func(s *tableau.Session, ctx context.Context, id tableau.LUID) (*tableau.View, error) {
		return s.View(ctx, id, selectionOf(ctx).has("viewCount"))
	}),
	tableau.KindDataSource: byLUID((*tableau.Session).DataSource),
	tableau.KindCollection: byLUID((*tableau.Session).Collection),
	tableau.KindUser:       byLUID((*tableau.Session).User),
	tableau.KindCustomView: byLUID((*tableau.Session).CustomView),
	tableau.KindFlow:       byLUID((*tableau.Session).Flow),

	tableau.KindVirtualConnection: byLUID((*tableau.Session).VirtualConnection),

	tableau.KindDatabase: byLUID((*tableau.Session).Database),
	tableau.KindTable:    byLUID((*tableau.Session).Table),

	tableau.KindGroup:    byLUID((*tableau.Session).Group),
	tableau.KindGroupSet: byLUID((*tableau.Session).GroupSet),
	tableau.KindTag: func(_ context.Context, s *tableau.Session, label string) (tableau.Node, error) {
		if label == "" {
			return nil, errNotFound
		}
		return s.Tag(label), nil
	},
}

// nodeType is an object of tableau with a global id.
type nodeType[T any] interface {
	*T
	tableau.Node
}

func byLUID[T any, P nodeType[T]](
	read func(*tableau.Session, context.Context, tableau.LUID) (*T, error),
) func(context.Context, *tableau.Session, string) (tableau.Node, error) {
	return func(ctx context.Context, s *tableau.Session, key string) (tableau.Node, error) {
		id, err := tableau.ParseLUID(key)
		if err != nil {
			return nil, errNotFound
		}
		item, err := found(read(s, ctx, id))
		if err != nil {
			return nil, err
		}
		return P(item), nil
	}
}

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
	read := nodeReaders[kind]
	if read == nil {
		return nil, errNotFound
	}
	s, err := r.session(ctx, contentURL)
	if err != nil {
		return nil, err
	}
	return read(ctx, s, key)
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
