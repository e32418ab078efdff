package resolvers

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"time"

	"vitrine/graph"
	"vitrine/internal/graphqlhttp"
	"vitrine/internal/tableau"
)

type searchHitResolver struct{ *Resolver }

// SearchHit implements graph.ResolverRoot.
func (r *Resolver) SearchHit() graph.SearchHitResolver { return searchHitResolver{r} }

// maxSuggestions bounds how many completions are asked for at once.
const maxSuggestions = 50

// Search is a page of the hits for some words.
func (r siteResolver) Search(
	ctx context.Context, site *tableau.Site, terms *string, first int32, after *string, filter *graph.SearchFilter, orderBy []*graph.SearchOrder,
) (*graph.SearchConnection, error) {
	q, err := searchQuery(operationFrom(ctx), terms, filter, orderBy)
	if err != nil {
		return nil, err
	}
	at, err := r.pageSpanOf(ctx, site.ID(), first, after)
	if err == nil && at.first > tableau.SearchWindow {
		err = graphqlhttp.InputError(fmt.Sprintf("first is %d: a search gives 0 to %d hits", first, tableau.SearchWindow))
	}
	if err != nil {
		return nil, err
	}
	s, err := r.session(ctx, site.ContentURL)
	if err != nil {
		return nil, err
	}
	page, err := s.Search(ctx, q, at.Offset, at.first)
	if err == nil { // whatever Tableau makes of the filter
		page.Items = slices.DeleteFunc(slices.Clone(page.Items), func(h *tableau.SearchHit) bool { return !operationFrom(ctx).offersKind(h.Type) })
	}
	return searchConnection(ctx, at, page, err)
}

// searchQuery checks what is looked for and puts it into Tableau's words.
func searchQuery(o *operation, terms *string, f *graph.SearchFilter, orderBy []*graph.SearchOrder) (tableau.SearchQuery, error) {
	var q tableau.SearchQuery
	if terms != nil {
		q.Terms = strings.TrimSpace(*terms)
	}
	if len(q.Terms) > maxTerms {
		return q, graphqlhttp.InputError(fmt.Sprintf("terms has %d bytes: %d at most", len(q.Terms), maxTerms))
	}
	kinds := kindFilter(o, &q, f)
	if f != nil {
		if err := timeFilter(&q, f.UpdatedAt); err != nil {
			return q, err
		}
	}
	q.OrderBy = order(orderBy, func(o *graph.SearchOrder) (string, graph.OrderDirection) { return searchOrders[o.Field], o.Direction })
	counts := slices.ContainsFunc(q.OrderBy, func(s tableau.Sort) bool { return s.Field == downstreamCount })
	if counts && (len(kinds) == 0 || slices.ContainsFunc(kinds, func(k string) bool { return k != "database" && k != "table" })) {
		return q, graphqlhttp.InputError("DOWNSTREAM_WORKBOOK_COUNT orders databases and tables alone: filter type by these")
	}
	return q, nil
}

// maxTerms bounds what is looked for: it becomes part of an address.
const maxTerms = 1000

const downstreamCount = "downstreamWorkbookCount"

var searchOrders = map[graph.SearchOrderField]string{
	graph.SearchOrderFieldViewCount: "hitsTotal", graph.SearchOrderFieldLastMonthViewCount: "hitsSmallSpanTotal",
	graph.SearchOrderFieldLastThreeMonthsViewCount: "hitsMediumSpanTotal", graph.SearchOrderFieldLastYearViewCount: "hitsLargeSpanTotal",
	graph.SearchOrderFieldDownstreamWorkbookCount: downstreamCount,
}

// kindFilter puts equal and one of several together: both must hold, and the kind be one for the
// caller. It gives the kinds that are left; nil for all that there are.
func kindFilter(o *operation, q *tableau.SearchQuery, given *graph.SearchFilter) []string {
	var f graph.ContentTypeFilter
	if given != nil && given.Type != nil {
		f = *given.Type
	}
	var kinds []string
	switch {
	case f.In != nil:
		kinds = plain(f.In)
	case f.Eq != nil:
		kinds = []string{string(*f.Eq)}
	case o.hidesOneOf(targetKinds):
		kinds = plain(tableau.ContentTypes())
	default:
		return nil
	}
	kinds = slices.DeleteFunc(kinds, func(k string) bool {
		return f.Eq != nil && k != string(*f.Eq) || !o.offersKind(tableau.ContentType(k))
	})
	slices.Sort(kinds)
	switch kinds = slices.Compact(kinds); len(kinds) {
	case 0:
		q.Nothing = true
	case 1:
		q.Filters = append(q.Filters, tableau.SearchCondition{Field: "type", Op: "eq", Value: kinds[0]})
	default:
		q.Multiple = true
		q.Filters = append(q.Filters, tableau.SearchCondition{Field: "type", Op: "in", Value: "[" + strings.Join(kinds, ",") + "]"})
	}
	return kinds
}

// timeFilter takes bounds of whole seconds: Tableau knows no others, and hits cannot all be read to
// do it here.
func timeFilter(q *tableau.SearchQuery, f *graph.DateTimeRangeFilter) error {
	if f == nil {
		return nil
	}
	for i, bound := range []*tableau.Time{f.Eq, f.Gt, f.Gte, f.Lt, f.Lte} {
		if bound == nil {
			continue
		}
		if bound.Truncate(time.Second) != bound.Time {
			return graphqlhttp.InputError("the filter on updatedAt takes whole seconds")
		}
		q.Filters = append(q.Filters, tableau.SearchCondition{Field: "modifiedTime", Op: comparisons[i], Value: tableau.FilterTime(bound.Time)})
	}
	return nil
}

func searchConnection(ctx context.Context, s pageSpan, p *tableau.Page[tableau.SearchHit], err error) (*graph.SearchConnection, error) {
	c, err := connection[graph.SearchConnection](ctx, s, p, err)
	if err != nil {
		return nil, err
	}
	if c.PageInfo != nil {
		c.PageInfo.HasNextPage = c.PageInfo.HasNextPage && s.Offset+s.first < tableau.SearchWindow
	}
	return c, nil
}

// Suggestions complete what somebody types. Nothing typed is no error: a search box may ask at each
// key.
func (r siteResolver) Suggestions(ctx context.Context, site *tableau.Site, terms string, first int32) ([]*tableau.Suggestion, error) {
	terms = strings.TrimSpace(terms)
	switch {
	case first < 1 || first > maxSuggestions:
		return nil, graphqlhttp.InputError(fmt.Sprintf("first is %d: it can be 1 to %d", first, maxSuggestions))
	case len(terms) > maxTerms:
		return nil, graphqlhttp.InputError(fmt.Sprintf("terms has %d bytes: %d at most", len(terms), maxTerms))
	case terms == "":
		return []*tableau.Suggestion{}, nil
	}
	return plainList(ctx, r.Resolver, site, func(s *tableau.Session, ctx context.Context) ([]*tableau.Suggestion, error) {
		all, err := s.Suggestions(ctx, terms, int(first))
		return slices.DeleteFunc(slices.Clone(all), func(s *tableau.Suggestion) bool { return !operationFrom(ctx).offersKind(s.Type) }), err
	})
}

// Target is what was found: from the hit where its ids are all that is selected, else from the list
// of its kind.
func (r searchHitResolver) Target(ctx context.Context, h *tableau.SearchHit) (tableau.SearchTarget, error) {
	return entryTarget(ctx, h)
}

// contentEntry is an entry that knows a kind and a LUID of what it points at, and how to read it.
type contentEntry interface {
	TargetKind() tableau.ContentType
	IsNowhere() bool
	Points() tableau.SearchTarget
	Follow(ctx context.Context, need tableau.TargetNeeds) (tableau.SearchTarget, error)
}

// entryTarget is what an entry points at: its ids alone where no more is selected, else read with
// its siblings.
func entryTarget(ctx context.Context, e contentEntry) (tableau.SearchTarget, error) {
	kind := targetKind(e.TargetKind())
	if kind == "" || e.IsNowhere() || !operationFrom(ctx).View.HasType(kind) {
		return nil, nil
	}
	need := targetNeeds(selectionOf(ctx).on(kind))
	if ref := e.Points(); ref != nil && need.ReferenceWillDo {
		return ref, nil
	}
	return e.Follow(ctx, need)
}
