package tableausim

import (
	"strconv"
	"strings"
	"time"

	"vitrine/internal/tableausim/wire"
)

// flowRun is one run of a flow.
type flowRun struct {
	id   string
	flow *flow
	job  *job
	sets *flowParameter // with the value that the run was given
}

var flowRunFields = map[string]field[*flowRun]{
	"flowId":      {ops: eqIn, exact: true, text: func(r *flowRun) string { return r.flow.id }},
	"userId":      {ops: eqIn, exact: true, text: func(r *flowRun) string { return r.flow.owner.id }},
	"progress":    {ops: compare, num: func(r *flowRun) int { return r.job.progress }},
	"startedAt":   {ops: compare, when: func(r *flowRun) time.Time { return r.job.started }, optional: true, emptyLast: true},
	"completedAt": {ops: compare, when: func(r *flowRun) time.Time { return r.job.ended }, optional: true, emptyLast: true},
	"completeAt":  {ops: compare, when: func(r *flowRun) time.Time { return r.job.ended }, optional: true, emptyLast: true}, // as one table prints it
}

// element is one run. What has not ended has an empty end.
func (r *flowRun) element(name string) *wire.Element {
	e := wire.New(name, wire.Str("id", r.id), wire.Str("flowId", r.flow.id), wire.Str("status", r.job.status))
	e.When("startedAt", r.job.started)
	ended := ""
	if !r.job.ended.IsZero() {
		ended = wire.Stamp(r.job.ended)
	}
	e.Str("completedAt", ended)
	e.Str("progress", strconv.Itoa(r.job.progress))
	e.Str("backgroundJobId", r.job.id)
	if r.sets != nil {
		p := wire.New("parameterRuns", wire.Str("parameterId", r.sets.id), wire.Str("name", r.sets.name))
		p.Opt("description", r.sets.description)
		p.Str("overrideValue", r.sets.value)
		e.Add(wire.New("flowParameterRuns").Add(wire.Item(p)))
	}
	return e
}

// seesRuns reports whether somebody sees the runs of a flow: who may execute it.
func (u *user) seesRuns(f *flow) bool {
	if !u.seesFlow(f) {
		return false
	}
	rules, _ := held(f.rules, f.project)
	allowed, _ := decide(rules, u, execute)
	return allowed || u.admin() || f.owner == u || u.managesProject(f.project)
}

const execute = "Execute"

// listFlowRuns is GET flows/runs: of the flows that the caller may execute. It has pages, but its
// answers have neither page nor total. A client reads on until a page is short or past the end
// (400006). Container and items have the same name. A flow in the filter must exist.
func listFlowRuns(c *call) (*answer, error) {
	asked, err := splitFilter(c.query.Get("filter"))
	if err != nil {
		return nil, err
	}
	for _, x := range asked {
		if x.field != "flowId" || x.op != "eq" && x.op != "in" {
			continue
		}
		for id := range strings.SplitSeq(strings.Trim(x.value, "[]"), ",") {
			if _, ok := find[*flow](c.site(), id); !ok {
				return nil, errNotFound("404027", "Flow", id)
			}
		}
	}
	seen := visible(&c.s.shown, c.user(), "flowRuns", c.site().flowRuns, func(r *flowRun) bool { return c.user().seesRuns(r.flow) })
	part, _, err := query(c, "flowRuns", seen, flowRunFields)
	if err != nil {
		return nil, err
	}
	return found(wire.Contain("flowRuns", part, func(r *flowRun) *wire.Element { return r.element("flowRuns") }))
}

// getFlowRun is GET flows/runs/{id}.
func getFlowRun(c *call) (*answer, error) {
	id := c.r.PathValue("id")
	r, ok := find[*flowRun](c.site(), id)
	switch {
	case !ok:
		return nil, errNotFound("404036", "Flow run", id)
	case !c.user().seesRuns(r.flow):
		return nil, errForbidden()
	}
	return found(r.element("flowRun"))
}
