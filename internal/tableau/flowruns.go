package tableau

import (
	"context"
	"errors"
	"net/url"
	"slices"

	"vitrine/internal/tableau/rest"
)

// FlowRun is one run of a flow.
type FlowRun struct {
	node
	LUID        LUID      `json:"id" xml:"id,attr"`
	FlowID      LUID      `json:"flowId" xml:"flowId,attr"`
	Status      JobStatus `json:"status" xml:"status,attr"`
	Progress    Int       `json:"progress" xml:"progress,attr"`
	StartedAt   Time      `json:"startedAt" xml:"startedAt,attr"`
	CompletedAt Time      `json:"completedAt" xml:"completedAt,attr"`
	JobID       LUID      `json:"backgroundJobId" xml:"backgroundJobId,attr"`

	ParameterRuns struct {
		Items rest.OneOrMany[FlowRunParameter] `json:"parameterRuns" xml:"parameterRuns"`
	} `json:"flowParameterRuns" xml:"flowParameterRuns"`

	flow *Flow // no more than its id
}

// FlowRunParameter is a parameter that a flow run was given.
type FlowRunParameter struct {
	LUID        LUID `json:"parameterId" xml:"parameterId,attr"`
	Name        Text `json:"name" xml:"name,attr"`
	Description Text `json:"description" xml:"description,attr"`
	Value       Text `json:"overrideValue" xml:"overrideValue,attr"`
}

func (r *FlowRun) luid() LUID { return r.LUID }

func (r *FlowRun) bind(s *Session) {
	r.s = s
	if r.FlowID != "" {
		r.flow = &Flow{LUID: r.FlowID}
		r.flow.bind(s)
	}
}

// IsNode marks a FlowRun as something with a global id.
func (*FlowRun) IsNode() {}

// ID is the global id.
func (r *FlowRun) ID() string { return GlobalID(KindFlowRun, r.s.ContentURL(), string(r.LUID)) }

// StatusRaw is the status as Tableau writes it.
func (r *FlowRun) StatusRaw() Text { return Text(r.Status) }

// Parameters are those that were set.
func (r *FlowRun) Parameters() []*FlowRunParameter { return nonNil(r.ParameterRuns.Items) }

// Flow is the flow that ran: one list for all runs that were read together. Nil where the user may
// not see it.
func (r *FlowRun) Flow(ctx context.Context, enough func(*Flow) bool) (*Flow, error) {
	return flowOf(ctx, r.node, r, func(r *FlowRun) *Flow { return r.flow }, enough)
}

// Job is the job that did it; no more than its LUID where it is gone, or the user may not read
// jobs. GET jobs/{id}, administrators only.
func (r *FlowRun) Job(ctx context.Context, referenceWillDo bool) (*Job, error) {
	if r.JobID == "" {
		return nil, nil
	}
	ref := &Job{LUID: r.JobID}
	ref.bind(r.s)
	if referenceWillDo {
		return ref, nil
	}
	return orReference(ref)(r.s.Job(ctx, r.JobID))
}

type flowRunsAnswer struct {
	rest.Envelope
	FlowRuns rest.SelfNested[FlowRun] `json:"flowRuns" xml:"flowRuns>flowRuns"`
}

type flowRunAnswer struct {
	rest.Envelope
	FlowRun *FlowRun `json:"flowRun" xml:"flowRun"`
}

// flowRunsPage reads a page. The list has pages, but neither a pagination element nor a total.
func (s *Session) flowRunsPage(ctx context.Context, query url.Values) (Pagination, []*FlowRun, error) {
	r := rest.SiteRead{Template: "flows/runs", Query: query}
	a, err := get(ctx, s, r, func(a *flowRunsAnswer) { bindAll(s, (*[]*FlowRun)(&a.FlowRuns)) })
	if err != nil {
		return Pagination{}, nil, err
	}
	return numbered(a.Pagination, query), a.FlowRuns, nil
}

// FlowRuns reads a stretch of the runs of flows that the user may see. The total may be missing.
// GET flows/runs, from API 3.10.
func (s *Session) FlowRuns(ctx context.Context, q ListQuery[FlowRun], offset, first int) (*Page[FlowRun], error) {
	q.noTotal, q.mayBeOpen = true, true
	page, err := readRange(ctx, s, s.flowRunsPage, q, offset, first)
	if !IsKind(err, Missing) {
		return page, err
	}
	// A flow in the filter does not exist, so that Tableau refuses the whole list: the flow has no
	// runs, others may have some.
	i := slices.IndexFunc(q.Filters, func(f Filter[FlowRun]) bool { return f.Field == "flowId" && !f.Local })
	if i < 0 {
		return nil, err
	}
	q.Filters = slices.Clone(q.Filters)
	q.Filters[i].Local = true
	return readRange(ctx, s, s.flowRunsPage, q, offset, first)
}

// FlowRun reads one run. GET flows/runs/{id}, from API 3.10.
func (s *Session) FlowRun(ctx context.Context, id LUID) (*FlowRun, error) {
	r := rest.SiteRead{Template: "flows/runs/{id}", Values: []string{string(id)}}
	a, err := get(ctx, s, r, func(a *flowRunAnswer) { bindOne(s, &a.FlowRun) })
	if err != nil {
		return nil, err
	}
	return one(a.FlowRun, "GET flows/runs/{id}")
}

// Runs is a stretch of the runs of the flow: one list for all flows that were read together. GET
// flows/runs?filter=flowId:in:[…].
func (f *Flow) Runs(ctx context.Context, q ListQuery[FlowRun], offset, first int) (*Page[FlowRun], error) {
	if q.matchesNothing() {
		return &Page[FlowRun]{Offset: offset}, nil
	}
	all, err := once(ctx, f.batch, "runs "+q.key(), func() (map[LUID][]*FlowRun, error) {
		flows := batchItems(f.batch, f)
		ids := make([]string, len(flows))
		for i, flow := range flows {
			ids[i] = string(flow.LUID)
		}
		runs, err := inChunks(ctx, f.s, f.s.flowRunsPage, q, "flowId", ids)
		grouped := map[LUID][]*FlowRun{}
		for _, r := range runs {
			grouped[r.FlowID] = append(grouped[r.FlowID], r)
		}
		return grouped, err
	})
	if errors.Is(err, errTooManyPages) || IsKind(err, Missing) { // a flow that is gone spoils the list for all
		q.Filters = append(q.Filters[:len(q.Filters):len(q.Filters)], Filter[FlowRun]{
			Field: "flowId", Op: "eq", Values: []string{string(f.LUID)}, Match: func(r *FlowRun) bool { return r.FlowID == f.LUID },
		})
		return f.s.FlowRuns(ctx, q, offset, first)
	}
	return cut(all[f.LUID], err, ListQuery[FlowRun]{}, offset, first)
}

// flowOf is the flow that an item refers to: the reference where that will do, else one list for
// all items of the set. Nil where the user may not see it.
func flowOf[F any](ctx context.Context, n node, item *F, ref func(*F) *Flow, enough func(*Flow) bool) (*Flow, error) {
	f := ref(item)
	if f == nil || enough(f) {
		return f, nil
	}
	found, err := once(ctx, n.batch, "flows of targets", func() (map[LUID]*Flow, error) {
		return lookupAll(ctx, n.s, refs(batchItems(n.batch, item), ref), ListQuery[Flow]{}, n.s.flowsPage, n.s.Flow)
	})
	return orReference(f)(found[f.LUID], err)
}
