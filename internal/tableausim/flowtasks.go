package tableausim

import (
	"strconv"

	"vitrine/internal/tableausim/wire"
)

// flowTask is a planned run of a flow. It belongs to the owner of the flow.
type flowTask struct {
	id          string
	schedule    *schedule
	flow        *flow
	priority    int
	failures    int // in a row, up to now
	incremental bool
}

func (t *flowTask) owner() *user { return t.flow.owner }

// element is the task as lists of tasks have it, or without schedule in a linked task, which has
// its own.
func (t *flowTask) element(c *call, scheduled bool) *wire.Element {
	mode := "full"
	if t.incremental {
		mode = "incremental"
	}
	e := wire.New("flowRun", wire.Str("id", t.id), wire.Str("priority", strconv.Itoa(t.priority)),
		wire.Str("consecutiveFailedCount", strconv.Itoa(t.failures)), wire.Str("type", "RunFlowTask"))
	if scheduled {
		e.Add(t.schedule.inline(c))
	}
	return wire.New("task").Add(e.Add(wire.New("flow", wire.Str("id", t.flow.id), wire.Str("name", t.flow.name)),
		wire.New("flowRunSpec", wire.Str("flowId", t.flow.id), wire.Str("runMode", mode))))
}

// listFlowTasks is GET tasks/runFlow: all for administrators, one's own for others; without pages.
func listFlowTasks(c *call) (*answer, error) {
	tasks := own(c.user(), c.site().flowTasks, (*flowTask).owner)
	return found(wire.Contain("tasks", tasks, func(t *flowTask) *wire.Element { return t.element(c, true) }))
}

// getFlowTask is GET tasks/runFlow/{id}.
func getFlowTask(c *call) (*answer, error) {
	id := c.r.PathValue("id")
	t, ok := find[*flowTask](c.site(), id)
	switch {
	case !ok:
		return nil, errNotFound("404026", "Task", id)
	case !c.user().admin() && t.owner() != c.user():
		return nil, errForbidden()
	}
	return found(t.element(c, true))
}

// linkedTask is flows that run one after the other, each a step.
type linkedTask struct {
	id       string
	schedule *schedule
	steps    []linkedStep
}

type linkedStep struct {
	id    string
	stops bool // later steps are left out after it fails
	task  *flowTask
}

func (t *linkedTask) owner() *user { return t.steps[0].task.owner() }

func (t *linkedTask) element(c *call, name string) *wire.Element {
	steps := wire.New("linkedTaskSteps")
	for i, x := range t.steps {
		e := wire.New("linkedTaskSteps", wire.Str("id", x.id), wire.Str("stepNumber", strconv.Itoa(i+1)))
		e.Flag("stopDownstreamTasksOnFailure", x.stops)
		steps.Add(wire.Item(e.Add(x.task.element(c, false))))
	}
	return wire.New(name, wire.Str("id", t.id), wire.Str("numSteps", strconv.Itoa(len(t.steps)))).Add(t.schedule.inline(c), steps)
}

// listLinkedTasks is GET tasks/linked. Container and items have the same name.
func listLinkedTasks(c *call) (*answer, error) {
	part, p, err := wire.Paginate(c.query, own(c.user(), c.site().linkedTasks, (*linkedTask).owner))
	if err != nil {
		return nil, err
	}
	return listed(p, "linkedTasks", part, func(t *linkedTask) *wire.Element { return t.element(c, "linkedTasks") })
}

// getLinkedTask is GET tasks/linked/{id}. The schema calls the single one linkedTask; clients look
// for linkedTasks with an id. The form that both read is the list of one.
func getLinkedTask(c *call) (*answer, error) {
	id := c.r.PathValue("id")
	t, ok := find[*linkedTask](c.site(), id)
	switch {
	case !ok:
		return nil, errNotFound("404045", "Linked task", id)
	case !c.user().admin() && t.owner() != c.user():
		return nil, errForbidden()
	}
	return found(wire.Contain("linkedTasks", []*linkedTask{t}, func(t *linkedTask) *wire.Element { return t.element(c, "linkedTasks") }))
}
