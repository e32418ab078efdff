package resolvers

import (
	"context"

	"vitrine/graph"
	"vitrine/internal/tableau"
)

// Workbooks is a stretch of the workbooks with this tag.
func (r tagResolver) Workbooks(
	ctx context.Context, t *tableau.Tag, first int32, after *string, orderBy []*graph.WorkbookOrder,
) (*graph.WorkbookConnection, error) {
	q, err := workbookQuery(ctx, &graph.WorkbookFilter{Tags: tagged(t)}, orderBy)
	if err != nil {
		return nil, err
	}
	at, err := r.stretchOf(ctx, t.ID(), first, after)
	if err != nil {
		return nil, err
	}
	page, err := t.Session().Workbooks(ctx, q, at.offset, at.first)
	return workbookConnection(ctx, at, page, err)
}

// Views is a stretch of the views with this tag.
func (r tagResolver) Views(
	ctx context.Context, t *tableau.Tag, first int32, after *string, orderBy []*graph.ViewOrder,
) (*graph.ViewConnection, error) {
	q, err := viewQuery(ctx, &graph.ViewFilter{Tags: tagged(t)}, orderBy)
	if err != nil {
		return nil, err
	}
	at, err := r.stretchOf(ctx, t.ID(), first, after)
	if err != nil {
		return nil, err
	}
	page, err := t.Session().Views(ctx, q, at.offset, at.first)
	return viewConnection(ctx, at, page, err)
}

// DataSources is a stretch of the data sources with this tag.
func (r tagResolver) DataSources(
	ctx context.Context, t *tableau.Tag, first int32, after *string, orderBy []*graph.DataSourceOrder,
) (*graph.DataSourceConnection, error) {
	q, err := dataSourceQuery(ctx, &graph.DataSourceFilter{Tags: tagged(t)}, orderBy)
	if err != nil {
		return nil, err
	}
	at, err := r.stretchOf(ctx, t.ID(), first, after)
	if err != nil {
		return nil, err
	}
	page, err := t.Session().DataSources(ctx, q, at.offset, at.first)
	return dataSourceConnection(ctx, at, page, err)
}

func tagged(t *tableau.Tag) *graph.StringInFilter { return &graph.StringInFilter{Eq: &t.Label} }
