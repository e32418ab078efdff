package resolvers

import (
	"context"
	"strings"

	"vitrine/graph"
	"vitrine/internal/tableau"
)

type jobResolver struct{ *Resolver }

// Job implements graph.ResolverRoot.
func (r *Resolver) Job() graph.JobResolver { return jobResolver{r} }

// jobFields are the fields that a list of jobs has only when it is asked for them by name.
var jobFields = map[string]string{"title": "title", "subtitle": "subtitle"}

func jobQuery(ctx context.Context, f *graph.JobFilter, orderBy []*graph.JobOrder) listRequest[tableau.Job] {
	q := tableau.ListQuery[tableau.Job]{Fields: selectionOf(ctx).items().restFields("", jobFields)}
	if f == nil {
		f = &graph.JobFilter{}
	}
	type item = tableau.Job
	var w filterBuilder[item]
	w.text("jobType", f.Type, is(func(j *item) tableau.Text { return j.JobType }))
	jobStatusFilter(&w, f.Status)
	w.has("title", f.Title, is(func(j *item) tableau.Text { return j.Title }), "title")
	w.has("subtitle", f.Subtitle, is(func(j *item) tableau.Text { return j.Subtitle }), "subtitle")
	w.has("notes", partOf(f.Notes), nil)
	w.has("args", partOf(f.Arguments), nil)
	w.number("priority", f.Priority, func(j *item) tableau.Int { return j.Priority })
	w.number("progress", f.Progress, nil)
	w.time("createdAt", f.CreatedAt, func(j *item) tableau.Time { return j.CreatedAt })
	w.time("startedAt", f.StartedAt, func(j *item) tableau.Time { return j.StartedAt })
	w.time("completedAt", f.CompletedAt, (*item).CompletedAt)
	q.Filters, q.Sort = w.filters, jobOrder(orderBy)
	return listRequest[item]{q, w.err}
}

// jobStatusFilter takes a status by Tableau's text for it.
func jobStatusFilter(w *filterBuilder[tableau.Job], f *graph.JobStatusFilter) {
	if f != nil && f.Eq != nil {
		eq := string(*f.Eq)
		w.equal("status", &eq, is(func(j *tableau.Job) tableau.JobStatus { return j.StatusListed }), nil)
	}
}

// has takes equal and a part of the text; case counts.
func (w *filterBuilder[T]) has(field string, f *graph.StringEqContainsFilter, get func(*T) []string, fields ...string) {
	if f == nil {
		return
	}
	w.equal(field, f.Eq, get, fields)
	if f.Contains != nil {
		w.add(field, "has", []string{*f.Contains}, anyOf(get, func(s string) bool { return strings.Contains(s, *f.Contains) }), fields)
	}
}

func partOf(f *graph.StringContainsFilter) *graph.StringEqContainsFilter {
	if f == nil {
		return nil
	}
	return &graph.StringEqContainsFilter{Contains: f.Contains}
}

var jobOrders = map[graph.JobOrderField]string{
	graph.JobOrderFieldType: "jobType", graph.JobOrderFieldStatus: "status", graph.JobOrderFieldTitle: "title",
	graph.JobOrderFieldPriority: "priority", graph.JobOrderFieldProgress: "progress", graph.JobOrderFieldCreatedAt: "createdAt",
	graph.JobOrderFieldStartedAt: "startedAt", graph.JobOrderFieldCompletedAt: "completedAt",
}

func jobOrder(orderBy []*graph.JobOrder) []tableau.Sort {
	return order(orderBy, func(o *graph.JobOrder) (string, graph.OrderDirection) { return jobOrders[o.Field], o.Direction })
}

// Jobs is a page of the background jobs.
func (r siteResolver) Jobs(
	ctx context.Context, site *tableau.Site, first int32, after *string, filter *graph.JobFilter, orderBy []*graph.JobOrder,
) (*graph.JobConnection, error) {
	return list(ctx, r.Resolver, site.ID(), first, after, jobQuery(ctx, filter, orderBy), onSite(r.Resolver, site, (*tableau.Session).Jobs), openConnection[graph.JobConnection])
}

// Job is one job.
func (r siteResolver) Job(ctx context.Context, site *tableau.Site, by graph.JobLookup) (*tableau.Job, error) {
	return oneOnSite(ctx, r.Resolver, site, by.Luid, (*tableau.Session).Job)
}

// Target is what the job works on.
func (r jobResolver) Target(ctx context.Context, j *tableau.Job) (tableau.JobTarget, error) {
	return completedTarget[tableau.JobTarget](ctx)(j.Target(ctx, targetNeeds(selectionOf(ctx))))
}

// FlowRun is the run of a flow that the job is.
func (r jobResolver) FlowRun(ctx context.Context, j *tableau.Job) (*tableau.FlowRun, error) {
	return j.ReadFlowRun(ctx, selectionOf(ctx).within("__typename", "id", "luid", "site"))
}

// completedTarget gives a target with what only lists have, and only where the caller's schema has
// its type.
func completedTarget[T tableau.Node](ctx context.Context) func(T, error) (T, error) {
	return func(target T, err error) (T, error) {
		target = inSchema(ctx, target)
		if err != nil || any(target) == nil {
			return target, err
		}
		if d, ok := any(target).(*tableau.DataSource); ok && !d.IsLookedUp() {
			return target, nil // its list was asked for all that is selected
		}
		full, err := completed(ctx, target)
		if err != nil {
			return target, err
		}
		return full.(T), nil
	}
}

// inSchema gives a target only where the caller's schema has its kind: else the kind would show.
func inSchema[T tableau.Node](ctx context.Context, target T) T {
	kind := ""
	switch any(target).(type) {
	case *tableau.Workbook:
		kind = tableau.KindWorkbook
	case *tableau.View:
		kind = tableau.KindView
	case *tableau.DataSource:
		kind = tableau.KindDataSource
	case *tableau.Flow:
		kind = tableau.KindFlow
	case *tableau.ContentSubscription:
		kind = tableau.KindContentSubscription
	}
	if operationFrom(ctx).View.HasType(kind) {
		return target
	}
	var none T
	return none
}

// targetNeeds says what lists of targets are asked for. A field that one kind of target has is
// asked of that kind alone.
func targetNeeds(sel selection) tableau.TargetNeeds {
	return tableau.TargetNeeds{
		ReferenceWillDo: sel.within("__typename", "id", "luid", "site"),
		Workbook:        workbookListFields(sel.on(tableau.KindWorkbook)),
		DataSource:      dataSourceListFields(sel.on(tableau.KindDataSource)),
		View:            viewListFields(sel.on(tableau.KindView)),
		ViewUsage:       sel.on(tableau.KindView).has("viewCount"),
	}
}
