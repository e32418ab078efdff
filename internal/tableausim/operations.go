package tableausim

import (
	"slices"
	"strconv"
	"time"
)

// background is what a site does by itself.
type background struct {
	refreshes []*refreshTask
	jobs      []*job // by the time when they were queued

	flowTasks     []*flowTask
	linkedTasks   []*linkedTask
	flowRuns      []*flowRun
	subscriptions []*subscription
	alerts        []*dataAlert
	webhooks      []*webhook
}

// The scopes of what goes on in the background.
var (
	jobsRead      = need("tableau:jobs:read")
	tasksRead     = need("tableau:tasks:read").from(3, 20)
	schedulesRead = need("tableau:schedules:read").from(3, 27)
	flowTasksRead = need("tableau:flow_tasks:read").from(3, 27)
	flowRunsRead  = need("tableau:flow_runs:read").from(3, 27)
	webhooksAll   = need("tableau:webhooks:*").from(3, 27)
)

// maxRefreshes bounds the planned refreshes of a site, however many workbooks it has.
const maxRefreshes = 60

// operate plans what the site does in the background, and writes down what it did in the weeks
// before the epoch.
func (s *site) operate(w *world) {
	s.planRefreshes(w)
	for _, t := range s.refreshes {
		s.recordRefresh(t)
	}
	s.planFlows(w)
	s.subscribe(w)
	s.watch()
	s.hook()
	slices.SortStableFunc(s.jobs, func(a, b *job) int { return a.created.Compare(b.created) })
}

// planRefreshes gives a schedule to what has extracts.
func (s *site) planRefreshes(w *world) {
	names := []string{"Weekday early mornings", "Every four hours", "Weekday early mornings", "Saturday night", "End of the month"}
	add := func(t *refreshTask, key string) {
		n := seed(key, "refresh")
		t.id, t.schedule, t.incremental, t.priority = s.newID("refresh", key), w.schedule(names[n%uint64(len(names))]), n%4 == 0, 50
		if n%7 == 0 {
			t.priority = 20
		}
		if n%6 == 1 {
			t.failures = 1 + int(n>>8%4)
		}
		if n%11 == 0 {
			t.schedule = w.schedule("Old nightly refresh")
		}
		s.refreshes = append(s.refreshes, t)
		s.byID[t.id] = t
	}
	for _, d := range s.datasources {
		if d.hasExtracts {
			add(&refreshTask{datasource: d}, d.id)
		}
	}
	for _, b := range s.workbooks {
		if b.hasExtracts && b.project != nil && len(s.refreshes) < maxRefreshes {
			add(&refreshTask{workbook: b}, b.id)
		}
	}
}

// recordRefresh writes down the latest runs of a planned refresh. What was to run at the epoch
// itself runs now.
func (s *site) recordRefresh(t *refreshTask) {
	for i, run := range t.schedule.last(epoch, 6) {
		n := seed(t.id, strconv.Itoa(i))
		j := &job{
			id: s.newID("job", t.id, strconv.FormatInt(run.Unix(), 10)), listKind: "refresh_extracts", kind: "RefreshExtract",
			status: "Success", progress: 100, priority: t.priority, created: run, refresh: t, title: t.name(), subtitle: "Data Source",
			arguments: "--- \n- " + t.id + "\n",
		}
		if t.incremental {
			j.listKind = "increment_extracts"
		}
		if t.workbook != nil {
			j.subtitle = "Workbook"
		}
		switch {
		case run.Equal(epoch) && n%3 == 0:
			j.status, j.progress = "Pending", 0
		case run.Equal(epoch):
			j.status, j.progress, j.started = "InProgress", int(n%80), run.Add(4*time.Second)
		case i < t.failures:
			j.status, j.notes = "Failed", failures[n%uint64(len(failures))]
		case n%40 == 0:
			j.status, j.progress, j.notes = "Cancelled", int(n%90), "The job was cancelled by an administrator."
		}
		j.finish(run, n)
		s.addJob(j)
	}
}

// failures are what a refresh that failed has to say.
var failures = []string{
	"com.tableausoftware.nativeapi.exceptions.DataSourceException: Unable to connect to the server. Check that the server is running.",
	"The credentials for the data source are not valid, or are missing. Edit the connection and enter them again.",
	"The query ran longer than the limit of 7200 seconds and was cancelled.",
	"Disk quota of the site exceeded: the extract could not be saved.",
}

// finish sets the times of a job that has ended.
func (j *job) finish(run time.Time, n uint64) {
	if j.status == "Pending" || j.status == "InProgress" {
		return
	}
	j.started = run.Add(time.Duration(2+n%40) * time.Second)
	j.ended = j.started.Add(time.Duration(5+n>>8%900) * time.Second)
}

func (s *site) addJob(j *job) {
	s.jobs = append(s.jobs, j)
	s.byID[j.id] = j
}

// JobID returns the LUID of the latest job with a status (Success, Failed, …) on a site; or "".
func (s *Server) JobID(contentURL, status string) string {
	s.mu.RLock()
	defer s.mu.RUnlock()
	if st := s.world.site(contentURL); st != nil {
		for _, j := range slices.Backward(st.jobs) {
			if j.status == status {
				return j.id
			}
		}
	}
	return ""
}
