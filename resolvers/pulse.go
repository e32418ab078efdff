package resolvers

import (
	"context"
	"regexp"

	"github.com/99designs/gqlgen/graphql"
	"github.com/vektah/gqlparser/v2/ast"

	"vitrine/graph"
	"vitrine/internal/graphqlhttp"
	"vitrine/internal/tableau"
)

type (
	pulseDefinitionResolver   struct{ *Resolver }
	pulseMetricResolver       struct{ *Resolver }
	pulseSubscriptionResolver struct{ *Resolver }
)

// PulseDefinition implements graph.ResolverRoot.
func (r *Resolver) PulseDefinition() graph.PulseDefinitionResolver { return pulseDefinitionResolver{r} }

// PulseMetric implements graph.ResolverRoot.
func (r *Resolver) PulseMetric() graph.PulseMetricResolver { return pulseMetricResolver{r} }

// PulseSubscription implements graph.ResolverRoot.
func (r *Resolver) PulseSubscription() graph.PulseSubscriptionResolver {
	return pulseSubscriptionResolver{r}
}

// PulseDefinitions is a page of the metric definitions.
func (r siteResolver) PulseDefinitions(ctx context.Context, site *tableau.Site, first int32, after *string) (*graph.PulseDefinitionConnection, error) {
	metrics := min(mostFirst(ctx, selectionOf(ctx).items(), "metrics"), r.mostItems(ctx))
	return list(ctx, r.Resolver, site.ID(), first, after, listRequest[tableau.PulseDefinition]{},
		func(ctx context.Context, q tableau.ListQuery[tableau.PulseDefinition], offset, first int) (*tableau.Page[tableau.PulseDefinition], error) {
			s, err := r.session(ctx, site.ContentURL)
			if err != nil {
				return nil, err
			}
			return s.PulseDefinitions(ctx, metrics, offset, first, q)
		}, openConnection[graph.PulseDefinitionConnection])
}

// mostFirst is the largest `first` of the fields of one name that begin a list; 0 for none.
func mostFirst(ctx context.Context, sel selection, name string) int {
	most := 0
	sel.each(func(f *ast.Field) {
		if f.Name != name || f.Definition == nil {
			return
		}
		args := f.ArgumentMap(graphql.GetOperationContext(ctx).Variables)
		if after, _ := args["after"].(string); after != "" {
			return
		}
		if n, err := graphql.UnmarshalInt32(args["first"]); err == nil {
			most = max(most, int(n))
		}
	})
	return most
}

// PulseDefinition is one metric definition.
func (r siteResolver) PulseDefinition(ctx context.Context, site *tableau.Site, by graph.PulseDefinitionLookup) (*tableau.PulseDefinition, error) {
	return oneOnSite(ctx, r.Resolver, site, by.Luid, (*tableau.Session).PulseDefinition)
}

// PulseMetric is one metric.
func (r siteResolver) PulseMetric(ctx context.Context, site *tableau.Site, by graph.PulseMetricLookup) (*tableau.PulseMetric, error) {
	return oneOnSite(ctx, r.Resolver, site, by.Luid, (*tableau.Session).PulseMetric)
}

// PulseSubscriptions is a page of the caller's subscriptions to metrics.
func (r siteResolver) PulseSubscriptions(ctx context.Context, site *tableau.Site, first int32, after *string) (*graph.PulseSubscriptionConnection, error) {
	return list(ctx, r.Resolver, site.ID(), first, after, listRequest[tableau.PulseSubscription]{},
		onSite(r.Resolver, site, (*tableau.Session).PulseSubscriptions), openConnection[graph.PulseSubscriptionConnection])
}

// DataSource is the data source that the definition is computed on.
func (r pulseDefinitionResolver) DataSource(ctx context.Context, d *tableau.PulseDefinition) (*tableau.DataSource, error) {
	source, err := d.DataSourceOf(ctx, targetNeeds(selectionOf(ctx)))
	if err != nil || source == nil || !source.IsLookedUp() {
		return source, err
	}
	return completedDataSource(ctx, source, nil)
}

// LastUpdatedBy is the user who updated the definition last.
func (r pulseDefinitionResolver) LastUpdatedBy(ctx context.Context, d *tableau.PulseDefinition) (*tableau.User, error) {
	return owner(ctx, d, d.UpdaterListed(), (*tableau.PulseDefinition).Updater)
}

// Metrics is a page of the metrics that were made from the definition.
func (r pulseDefinitionResolver) Metrics(ctx context.Context, d *tableau.PulseDefinition, first int32, after *string) (*graph.PulseMetricConnection, error) {
	return list(ctx, r.Resolver, d.ID(), first, after, listRequest[tableau.PulseMetric]{}, d.Metrics, openConnection[graph.PulseMetricConnection])
}

// Definition is what the metric measures.
func (r pulseMetricResolver) Definition(ctx context.Context, m *tableau.PulseMetric) (*tableau.PulseDefinition, error) {
	return m.Definition(ctx)
}

// timeZones are names of the IANA database, by their form.
var timeZones = regexp.MustCompile(`^[A-Za-z][A-Za-z0-9_+/-]{0,63}$`)

// insightsOf checks what is asked about a metric, and takes one query off the caller's quota.
func (r pulseMetricResolver) insightsOf(ctx context.Context, m *tableau.PulseMetric, timeZone *string) (zone string, err error) {
	if timeZone != nil {
		zone = *timeZone
	}
	if zone != "" && !timeZones.MatchString(zone) {
		return "", graphqlhttp.InputError("timeZone is no name of a time zone: use one of the IANA database, such as Europe/Berlin")
	}
	return zone, r.takeDataQuery(ctx, m.Session().ContentURL())
}

// Headline is the value of the metric, and how it changed.
func (r pulseMetricResolver) Headline(ctx context.Context, m *tableau.PulseMetric, timeZone *string) (*tableau.PulseInsight, error) {
	zone, err := r.insightsOf(ctx, m, timeZone)
	if err != nil {
		return nil, err
	}
	return m.Headline(ctx, zone)
}

// Insights are findings about the metric.
func (r pulseMetricResolver) Insights(ctx context.Context, m *tableau.PulseMetric, timeZone *string) ([]*tableau.PulseInsight, error) {
	zone, err := r.insightsOf(ctx, m, timeZone)
	if err != nil {
		return nil, err
	}
	found, err := m.ReadInsights(ctx, zone)
	if err != nil {
		return nil, err
	}
	notePartial(ctx, found.Gap)
	return reserveList(ctx, found.Items, nil)
}

// Metric is the metric that is followed.
func (r pulseSubscriptionResolver) Metric(ctx context.Context, p *tableau.PulseSubscription) (*tableau.PulseMetric, error) {
	return p.Metric(ctx)
}

// User is the user who follows the metric.
func (r pulseSubscriptionResolver) User(ctx context.Context, p *tableau.PulseSubscription) (*tableau.User, error) {
	return owner(ctx, p, p.UserListed(), (*tableau.PulseSubscription).User)
}

// Group is the group that follows the metric.
func (r pulseSubscriptionResolver) Group(ctx context.Context, p *tableau.PulseSubscription) (*tableau.Group, error) {
	return p.Group(ctx, selectionOf(ctx).within(idOnly...))
}
