package tableau

import (
	"context"
	"net/url"

	"vitrine/internal/tableau/rest"
)

// ExtractRefreshTask is a planned refresh of an extract.
type ExtractRefreshTask struct {
	node
	plan
	LUID                    LUID `json:"id" xml:"id,attr"`
	Type                    Text `json:"type" xml:"type,attr"`
	Priority                Int  `json:"priority" xml:"priority,attr"`
	ConsecutiveFailureCount Int  `json:"consecutiveFailedCount" xml:"consecutiveFailedCount,attr"`

	WorkbookRef   *Workbook   `json:"workbook" xml:"workbook"`
	DataSourceRef *DataSource `json:"datasource" xml:"datasource"`
}

func (t *ExtractRefreshTask) luid() LUID { return t.LUID }

func (t *ExtractRefreshTask) bind(s *Session) {
	t.s = s
	t.plan.bind(s)
	bindOne(s, &t.WorkbookRef)
	bindOne(s, &t.DataSourceRef)
}

// IsNode marks an ExtractRefreshTask as something with a global id.
func (*ExtractRefreshTask) IsNode() {}

// ID is the global id.
func (t *ExtractRefreshTask) ID() string {
	return GlobalID(KindExtractRefreshTask, t.s.ContentURL(), string(t.LUID))
}

// ExtractTarget is what has extracts: a workbook or a data source.
type ExtractTarget interface{ Content }

// Target is what it refreshes: one list for all tasks that were read together. Nil where the user
// may not see it.
func (t *ExtractRefreshTask) Target(ctx context.Context, need TargetNeeds) (ExtractTarget, error) {
	all := batchItems(t.batch, t)
	if t.WorkbookRef != nil {
		w, err := workbookOf(ctx, t.batch, all, t, func(t *ExtractRefreshTask) *Workbook { return t.WorkbookRef }, need)
		return orNoTarget[ExtractTarget](w, err)
	}
	d, err := dataSourceOf(ctx, t.batch, all, t, func(t *ExtractRefreshTask) *DataSource { return t.DataSourceRef }, need)
	return orNoTarget[ExtractTarget](d, err)
}

type extractRefreshTaskItem struct {
	ExtractRefresh *ExtractRefreshTask `json:"extractRefresh" xml:"extractRefresh"`
}

// extractRefreshTasksAnswer has the list as tasks/task, and a single one as task alone.
type extractRefreshTasksAnswer struct {
	rest.Envelope
	Tasks struct {
		Items []extractRefreshTaskItem `json:"task" xml:"task"`
	} `json:"tasks" xml:"tasks"`
	Task extractRefreshTaskItem `json:"task" xml:"task"`

	all []*ExtractRefreshTask
}

func (a *extractRefreshTasksAnswer) gather(s *Session) {
	for _, item := range append(a.Tasks.Items, a.Task) {
		a.all = append(a.all, item.ExtractRefresh)
	}
	bindAll(s, &a.all)
}

func (s *Session) allExtractRefreshTasks(ctx context.Context) ([]*ExtractRefreshTask, error) {
	r := rest.SiteRead{Template: "tasks/extractRefreshes"}
	return readWhole(ctx, r, func(ctx context.Context, r rest.SiteRead) (Pagination, []*ExtractRefreshTask, error) {
		a, err := get(ctx, s, r, func(a *extractRefreshTasksAnswer) { a.gather(s) })
		if err != nil {
			return Pagination{}, nil, err
		}
		return a.Pagination, a.all, nil
	})
}

// ExtractRefreshTasks is a stretch of the planned refreshes: all for administrators, for others
// those of their own content. Tableau gives the whole list. GET tasks/extractRefreshes.
func (s *Session) ExtractRefreshTasks(
	ctx context.Context, q ListQuery[ExtractRefreshTask], offset, first int,
) (*Page[ExtractRefreshTask], error) {
	all, err := s.allExtractRefreshTasks(ctx)
	return cut(all, err, q, offset, first)
}

// ExtractRefreshTask reads one planned refresh. GET tasks/extractRefreshes/{id}.
func (s *Session) ExtractRefreshTask(ctx context.Context, id LUID) (*ExtractRefreshTask, error) {
	r := rest.SiteRead{Template: "tasks/extractRefreshes/{id}", Values: []string{string(id)}}
	a, err := get(ctx, s, r, func(a *extractRefreshTasksAnswer) { a.gather(s) })
	if err != nil {
		return nil, err
	}
	return firstOf(a.all, "GET tasks/extractRefreshes/{id}")
}

// ExtractRefreshTasks are the planned refreshes of the workbook's extracts: one list for all
// workbooks of an operation.
func (w *Workbook) ExtractRefreshTasks(ctx context.Context) ([]*ExtractRefreshTask, error) {
	return w.s.extractRefreshTasksOf(ctx, w.LUID)
}

// ExtractRefreshTasks are the planned refreshes of the data source's extract: one list for all data
// sources of an operation.
func (d *DataSource) ExtractRefreshTasks(ctx context.Context) ([]*ExtractRefreshTask, error) {
	return d.s.extractRefreshTasksOf(ctx, d.LUID)
}

func (s *Session) extractRefreshTasksOf(ctx context.Context, target LUID) ([]*ExtractRefreshTask, error) {
	v, _, err := s.work.Do(ctx, "extract refreshes by target", func() (any, error) {
		all, err := s.allExtractRefreshTasks(ctx)
		grouped := map[LUID][]*ExtractRefreshTask{}
		for _, t := range newBatch(all) {
			switch {
			case t.WorkbookRef != nil:
				grouped[t.WorkbookRef.LUID] = append(grouped[t.WorkbookRef.LUID], t)
			case t.DataSourceRef != nil:
				grouped[t.DataSourceRef.LUID] = append(grouped[t.DataSourceRef.LUID], t)
			}
		}
		return grouped, err
	})
	if err != nil {
		return nil, err
	}
	return nonNil(v.(map[LUID][]*ExtractRefreshTask)[target]), nil
}

type extractsAnswer struct {
	rest.Envelope
	Extracts struct {
		Items []*ExtractRefreshTask `json:"extract" xml:"extract"`
	} `json:"extracts" xml:"extracts"`
}

// ExtractRefreshTasks is a stretch of the refreshes of the site that follow the schedule;
// administrators only. GET schedules/{id}/extracts.
func (c *Schedule) ExtractRefreshTasks(
	ctx context.Context, q ListQuery[ExtractRefreshTask], offset, first int,
) (*Page[ExtractRefreshTask], error) {
	read := func(ctx context.Context, query url.Values) (Pagination, []*ExtractRefreshTask, error) {
		r := rest.SiteRead{Template: "schedules/{id}/extracts", Values: []string{string(c.LUID)}, Query: query}
		a, err := get(ctx, c.s, r, func(a *extractsAnswer) {
			bindAll(c.s, &a.Extracts.Items)
			for _, t := range a.Extracts.Items { // after they were adopted: the schedule is shared, and nothing changes it any more
				if t.Plan == nil {
					t.Plan = c
				}
			}
		})
		if err != nil {
			return Pagination{}, nil, err
		}
		return numbered(a.Pagination, query), a.Extracts.Items, nil
	}
	return readRange(ctx, c.s, read, q, offset, first)
}
