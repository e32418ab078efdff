package tableausim

import (
	"strconv"
	"time"
)

// flowRun is one run of a flow.
type flowRun struct {
	id   string
	flow *flow
	job  *job
	sets *flowParameter // with the value that the run was given
}

var flowRunFields = map[string]field[*flowRun]{
	"flowId":      {ops: eqIn, text: func(r *flowRun) string { return r.flow.id }},
	"userId":      {ops: eqIn, text: func(r *flowRun) string { return r.flow.owner.id }},
	"progress":    {ops: compare, num: func(r *flowRun) int { return r.job.progress }},
	"startedAt":   {ops: compare, when: func(r *flowRun) time.Time { return r.job.started }, optional: true},
	"completedAt": {ops: compare, when: func(r *flowRun) time.Time { return r.job.ended }, optional: true},
	"completeAt":  {ops: compare, when: func(r *flowRun) time.Time { return r.job.ended }, optional: true}, // as one table prints it
}

// element is one run. What has not ended has an empty end.
func (r *flowRun) element(name string) *element {
	e := el(name, str("id", r.id), str("flowId", r.flow.id), str("status", r.job.status))
	e.when("startedAt", r.job.started)
	ended := ""
	if !r.job.ended.IsZero() {
		ended = stamp(r.job.ended)
	}
	e.str("completedAt", ended)
	e.str("progress", strconv.Itoa(r.job.progress))
	e.str("backgroundJobId", r.job.id)
	if r.sets != nil {
		p := el("parameterRuns", str("parameterId", r.sets.id), str("name", r.sets.name))
		p.opt("description", r.sets.description)
		p.str("overrideValue", r.sets.value)
		e.add(el("flowParameterRuns").add(item(p)))
	}
	return e
}

// listFlowRuns is GET flows/runs: of the flows that the caller sees, without pages. Container and items have the same name.
func listFlowRuns(c *call) (*answer, error) {
	var seen []*flowRun
	for _, r := range c.site().flowRuns {
		if c.user().seesFlow(r.flow) {
			seen = append(seen, r)
		}
	}
	runs, err := filter(c, seen, flowRunFields)
	if err != nil {
		return nil, err
	}
	return found(contain("flowRuns", runs, func(r *flowRun) *element { return r.element("flowRuns") }))
}

// getFlowRun is GET flows/runs/{id}.
func getFlowRun(c *call) (*answer, error) {
	id := c.r.PathValue("id")
	r, ok := find[*flowRun](c.site(), id)
	switch {
	case !ok:
		return nil, errNotFound("404036", "Flow run", id)
	case !c.user().seesFlow(r.flow):
		return nil, errForbidden()
	}
	return found(r.element("flowRun"))
}
