package resolvers

import (
	"context"
	"time"

	"vitrine/graph"
	"vitrine/internal/tableau"
)

// DataQueryQuota is what is left of a caller's queries to data on a site.
type DataQueryQuota struct {
	Limit, Used int
	Reset       time.Time     // when the next hour begins
	In          time.Duration // until Reset
	Refused     bool          // the queries were not taken
}

// dataQuotaError says that the caller has used up the queries of this hour. Others go on.
type dataQuotaError struct{ wait time.Duration }

func (dataQuotaError) Error() string               { return "the caller's queries to data of this hour are used up" }
func (dataQuotaError) Code() string                { return codeRateLimited }
func (e dataQuotaError) RetryAfter() time.Duration { return e.wait }
func (dataQuotaError) Public() string {
	return "you have used up your queries to the data of this site for this hour: Site.dataQueryLimit says when the next one begins"
}

// takeDataQuery takes one query off the caller's quota on a site.
func (r *Resolver) takeDataQuery(ctx context.Context, site string) error {
	if r.DataQueries == nil {
		return nil
	}
	if quota, ok := r.DataQueries(ctx, operationFrom(ctx).Identity, site, 1); ok && quota.Refused {
		return dataQuotaError{quota.In}
	}
	return nil
}

// DataQueryLimit is what is left of the caller's queries to data on the site.
func (r siteResolver) DataQueryLimit(ctx context.Context, site *tableau.Site) (*graph.DataQueryLimit, error) {
	return r.dataQueryLimit(ctx, site.ContentURL), nil
}

// dataQueryLimit is what is left of the caller's queries to data on a site; nil without a limit.
func (r *Resolver) dataQueryLimit(ctx context.Context, site string) *graph.DataQueryLimit {
	operationFrom(ctx).DoNotKeep() // it is another one at the next request
	if r.DataQueries == nil {
		return nil
	}
	quota, ok := r.DataQueries(ctx, operationFrom(ctx).Identity, site, 0)
	if !ok {
		return nil
	}
	return &graph.DataQueryLimit{
		ContentURL: site, Limit: int32Of(quota.Limit), Used: int32Of(quota.Used), Remaining: int32Of(max(0, quota.Limit-quota.Used)),
		ResetAt: tableau.Time{Time: quota.Reset},
	}
}

// dataQueryLimits are those of all sites that the caller may name; nil without a limit.
func (r *Resolver) dataQueryLimits(ctx context.Context) (limits []*graph.DataQueryLimit) {
	for _, site := range r.offered(ctx) {
		if limit := r.dataQueryLimit(ctx, site); limit != nil {
			limits = append(limits, limit)
		}
	}
	return limits
}
