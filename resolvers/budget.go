package resolvers

import (
	"context"

	"vitrine/internal/graphqlhttp"
	"vitrine/internal/tableau"
)

// maxPlain bounds a plain list, one without pages: it is for what is short by nature.
const maxPlain = 1000

// reserveFields reserves the fields of the items of the list that is being resolved.
func reserveFields(ctx context.Context, items int) error {
	return graphqlhttp.OperationFrom(ctx).ReserveFields(ctx, items)
}

// reserveList reserves the fields of a plain list, and refuses one that is no longer short.
func reserveList[T any](ctx context.Context, items []T, err error) ([]T, error) {
	if err == nil && len(items) > maxPlain {
		err = graphqlhttp.TooCostly("this list has %d items, and lists without pages are answered up to %d", len(items), maxPlain)
	}
	if err == nil {
		err = reserveFields(ctx, len(items))
	}
	if err != nil {
		return nil, err
	}
	if items == nil {
		items = []T{}
	}
	return items, nil
}

// reservePage reserves the fields of a page; err is why there is no page.
func reservePage[T any](ctx context.Context, p *tableau.Page[T], err error) error {
	if err != nil {
		return err
	}
	graphqlhttp.OperationFrom(ctx).ReleaseFields(ctx, len(p.Items))
	return reserveFields(ctx, len(p.Items))
}
