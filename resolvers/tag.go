package resolvers

import (
	"context"

	"vitrine/graph"
	"vitrine/internal/graphqlhttp"
	"vitrine/internal/tableau"
)

type tagResolver struct{ *Resolver }

// Tag implements graph.ResolverRoot.
func (r *Resolver) Tag() graph.TagResolver { return tagResolver{r} }

// maxLabel bounds a tag's label: it becomes part of an id and of a filter.
const maxLabel = 200

// Tag is there as soon as it is asked for.
func (r siteResolver) Tag(ctx context.Context, site *tableau.Site, by graph.TagLookup) (*tableau.Tag, error) {
	if err := exactlyOne("by", by.Label != nil); err != nil {
		return nil, err
	}
	label := *by.Label
	if label == "" || len(label) > maxLabel {
		return nil, graphqlhttp.InputError("label is empty or longer than 200 bytes")
	}
	s, err := r.session(ctx, site.ContentURL)
	if err != nil {
		return nil, err
	}
	return s.Tag(label), nil
}

// Workbooks is a page of the workbooks with this tag.
func (r tagResolver) Workbooks(
	ctx context.Context, t *tableau.Tag, first int32, after *string, orderBy []*graph.WorkbookOrder,
) (*graph.WorkbookConnection, error) {
	return list(ctx, r.Resolver, t.ID(), first, after, workbookQueryOf(selectionOf(ctx).items(), &graph.WorkbookFilter{Tags: tagged(t)}, orderBy), t.Session().Workbooks, connection[graph.WorkbookConnection])
}

// Views is a page of the views with this tag.
func (r tagResolver) Views(
	ctx context.Context, t *tableau.Tag, first int32, after *string, orderBy []*graph.ViewOrder,
) (*graph.ViewConnection, error) {
	return list(ctx, r.Resolver, t.ID(), first, after, viewQueryOf(selectionOf(ctx).items(), &graph.ViewFilter{Tags: tagged(t)}, orderBy), t.Session().Views, connection[graph.ViewConnection])
}

// DataSources is a page of the data sources with this tag.
func (r tagResolver) DataSources(
	ctx context.Context, t *tableau.Tag, first int32, after *string, orderBy []*graph.DataSourceOrder,
) (*graph.DataSourceConnection, error) {
	return list(ctx, r.Resolver, t.ID(), first, after, dataSourceQueryOf(selectionOf(ctx).items(), &graph.DataSourceFilter{Tags: tagged(t)}, orderBy), t.Session().DataSources, connection[graph.DataSourceConnection])
}

// tagged is the filter for what has a tag. It differs from tag to tag, so each tag has a query of its
// own and none of [queryOf].
func tagged(t *tableau.Tag) *graph.StringInFilter { return &graph.StringInFilter{Eq: &t.Label} }
