package tableau

import (
	"context"
	"net/url"

	"vitrine/internal/tableau/rest"
)

// FlowTask is a planned run of a flow. Tableau calls it flowRun inside of tasks.
type FlowTask struct {
	node
	plan
	LUID                    LUID  `json:"id" xml:"id,attr"`
	Type                    Text  `json:"type" xml:"type,attr"`
	Priority                Int   `json:"priority" xml:"priority,attr"`
	ConsecutiveFailureCount Int   `json:"consecutiveFailedCount" xml:"consecutiveFailedCount,attr"`
	FlowRef                 *Flow `json:"flow" xml:"flow"`
	Spec                    struct {
		RunMode FlowRunMode `json:"runMode" xml:"runMode,attr"`
	} `json:"flowRunSpec" xml:"flowRunSpec"`
}

func (t *FlowTask) luid() LUID { return t.LUID }

func (t *FlowTask) bind(s *Session) {
	t.s = s
	t.plan.bind(s)
	bindOne(s, &t.FlowRef)
}

// IsNode marks a FlowTask as something with a global id.
func (*FlowTask) IsNode() {}

// ID is the global id.
func (t *FlowTask) ID() string { return GlobalID(KindFlowTask, t.s.ContentURL(), string(t.LUID)) }

// RunMode says whether it runs in full or incrementally, as Tableau writes it.
func (t *FlowTask) RunMode() FlowRunMode { return t.Spec.RunMode }

// Flow is the flow that it runs: one list for all tasks that were read together. Nil where the user
// may not see it.
func (t *FlowTask) Flow(ctx context.Context, enough func(*Flow) bool) (*Flow, error) {
	return flowOf(ctx, t.node, t, func(t *FlowTask) *Flow { return t.FlowRef }, enough)
}

type flowTaskItem struct {
	FlowRun *FlowTask `json:"flowRun" xml:"flowRun"`
}

// flowTasksAnswer has the list as tasks/task, and a single one as task alone.
type flowTasksAnswer struct {
	rest.Envelope
	Tasks struct {
		Items []flowTaskItem `json:"task" xml:"task"`
	} `json:"tasks" xml:"tasks"`
	Task flowTaskItem `json:"task" xml:"task"`

	all []*FlowTask
}

func (a *flowTasksAnswer) gather(s *Session) {
	for _, item := range append(a.Tasks.Items, a.Task) {
		a.all = append(a.all, item.FlowRun)
	}
	bindAll(s, &a.all)
}

func (s *Session) allFlowTasks(ctx context.Context) ([]*FlowTask, error) {
	r := rest.SiteRead{Template: "tasks/runFlow"}
	return readWhole(ctx, r, func(ctx context.Context, r rest.SiteRead) (Pagination, []*FlowTask, error) {
		a, err := get(ctx, s, r, func(a *flowTasksAnswer) { a.gather(s) })
		if err != nil {
			return Pagination{}, nil, err
		}
		return a.Pagination, a.all, nil
	})
}

// FlowTasks is a stretch of the planned flow runs: all for administrators, for others those of
// their own flows. Tableau gives the whole list. GET tasks/runFlow, from API 3.3.
func (s *Session) FlowTasks(ctx context.Context, q ListQuery[FlowTask], offset, first int) (*Page[FlowTask], error) {
	all, err := s.allFlowTasks(ctx)
	return cut(all, err, q, offset, first)
}

// FlowTask reads one planned flow run. GET tasks/runFlow/{id}, from API 3.3.
func (s *Session) FlowTask(ctx context.Context, id LUID) (*FlowTask, error) {
	r := rest.SiteRead{Template: "tasks/runFlow/{id}", Values: []string{string(id)}}
	a, err := get(ctx, s, r, func(a *flowTasksAnswer) { a.gather(s) })
	if err != nil {
		return nil, err
	}
	return firstOf(a.all, "GET tasks/runFlow/{id}")
}

// Tasks are the planned runs of the flow: one list for all flows of an operation.
func (f *Flow) Tasks(ctx context.Context) ([]*FlowTask, error) {
	v, _, err := f.s.work.Do(ctx, "flow tasks by flow", func() (any, error) {
		all, err := f.s.allFlowTasks(ctx)
		grouped := map[LUID][]*FlowTask{}
		for _, t := range newBatch(all) {
			if t.FlowRef != nil {
				grouped[t.FlowRef.LUID] = append(grouped[t.FlowRef.LUID], t)
			}
		}
		return grouped, err
	})
	if err != nil {
		return nil, err
	}
	return nonNil(v.(map[LUID][]*FlowTask)[f.LUID]), nil
}

// LinkedTask is flows that run one after the other.
type LinkedTask struct {
	node
	plan
	LUID        LUID                            `json:"id" xml:"id,attr"`
	StepCount   Int                             `json:"numSteps" xml:"numSteps,attr"`
	StepsListed rest.SelfNested[LinkedTaskStep] `json:"linkedTaskSteps" xml:"linkedTaskSteps>linkedTaskSteps"`
}

// LinkedTaskStep is one step of a linked task.
type LinkedTaskStep struct {
	LUID           LUID                         `json:"id" xml:"id,attr"`
	Number         Int                          `json:"stepNumber" xml:"stepNumber,attr"`
	StopsOnFailure Flag                         `json:"stopDownstreamTasksOnFailure" xml:"stopDownstreamTasksOnFailure,attr"`
	Tasks          rest.OneOrMany[flowTaskItem] `json:"task" xml:"task"`

	flowTasks []*FlowTask
}

func (t *LinkedTask) luid() LUID { return t.LUID }

func (t *LinkedTask) bind(s *Session) {
	t.s = s
	t.plan.bind(s)
	for _, step := range t.StepsListed {
		for _, item := range step.Tasks {
			step.flowTasks = append(step.flowTasks, item.FlowRun)
		}
		bindAll(s, &step.flowTasks)
	}
}

// IsNode marks a LinkedTask as something with a global id.
func (*LinkedTask) IsNode() {}

// ID is the global id.
func (t *LinkedTask) ID() string { return GlobalID(KindLinkedTask, t.s.ContentURL(), string(t.LUID)) }

// Steps are its steps, first to last.
func (t *LinkedTask) Steps() []*LinkedTaskStep { return nonNil(t.StepsListed) }

// FlowTasks are the flow runs of the step.
func (t *LinkedTaskStep) FlowTasks() []*FlowTask { return nonNil(t.flowTasks) }

// linkedTasksAnswer has a single one as linkedTask, or as a list of one.
type linkedTasksAnswer struct {
	rest.Envelope
	LinkedTasks rest.SelfNested[LinkedTask] `json:"linkedTasks" xml:"linkedTasks>linkedTasks"`
	LinkedTask  *LinkedTask                 `json:"linkedTask" xml:"linkedTask"`

	all []*LinkedTask
}

func (s *Session) linkedTasksAt(ctx context.Context, r rest.SiteRead) (*linkedTasksAnswer, error) {
	return get(ctx, s, r, func(a *linkedTasksAnswer) {
		a.all = append(a.LinkedTasks, a.LinkedTask)
		bindAll(s, &a.all)
		var flows []*FlowTask
		for _, t := range a.all {
			for _, step := range t.StepsListed {
				flows = append(flows, step.flowTasks...)
			}
		}
		batch := &Batch{items: flows} // so that their flows are asked for together
		for _, t := range flows {
			t.join(batch)
		}
	})
}

func (s *Session) linkedTasksPage(ctx context.Context, query url.Values) (Pagination, []*LinkedTask, error) {
	a, err := s.linkedTasksAt(ctx, rest.SiteRead{Template: "tasks/linked", Query: query})
	if err != nil {
		return Pagination{}, nil, err
	}
	return numbered(a.Pagination, query), a.all, nil
}

// LinkedTasks reads a stretch of the linked tasks: all for administrators, one's own for others.
// GET tasks/linked, from API 3.15.
func (s *Session) LinkedTasks(ctx context.Context, q ListQuery[LinkedTask], offset, first int) (*Page[LinkedTask], error) {
	return readRange(ctx, s, s.linkedTasksPage, q, offset, first)
}

// LinkedTask reads one linked task. GET tasks/linked/{id}, from API 3.15.
func (s *Session) LinkedTask(ctx context.Context, id LUID) (*LinkedTask, error) {
	a, err := s.linkedTasksAt(ctx, rest.SiteRead{Template: "tasks/linked/{id}", Values: []string{string(id)}})
	if err != nil {
		return nil, err
	}
	return firstOf(a.all, "GET tasks/linked/{id}")
}

// RunModeRaw is the same as Tableau writes it.
func (t *FlowTask) RunModeRaw() Text { return Text(t.Spec.RunMode) }
