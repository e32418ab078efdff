package tableausim

import (
	"strconv"
	"time"
)

// job is work that the server did, does or will do in the background.
type job struct {
	id               string
	listKind         string // as lists have it: refresh_extracts
	kind             string // as look-ups have it: RefreshExtract
	status           string
	progress         int
	priority         int
	created          time.Time
	started, ended   time.Time
	title, subtitle  string
	notes, arguments string

	refresh      *refreshTask // one of these is what it works on
	flowRun      *flowRun
	subscription *subscription
}

// finishCode is how look-ups say what lists call the status.
func (j *job) finishCode() int {
	return map[string]int{"Failed": 1, "Cancelled": 2}[j.status]
}

var jobFields = map[string]field[*job]{
	"jobType":     {ops: eqIn, exact: true, text: func(j *job) string { return j.listKind }},
	"status":      {ops: opEq, exact: true, text: func(j *job) string { return j.status }},
	"title":       {ops: opEq | opHas, text: func(j *job) string { return j.title }},
	"subtitle":    {ops: opEq | opHas, text: func(j *job) string { return j.subtitle }},
	"notes":       {ops: opHas, text: func(j *job) string { return j.notes }, unsorted: true},
	"args":        {ops: opHas, text: func(j *job) string { return j.arguments }, unsorted: true},
	"priority":    {ops: compare, num: func(j *job) int { return j.priority }},
	"progress":    {ops: compare, num: func(j *job) int { return j.progress }},
	"createdAt":   {ops: compare, when: func(j *job) time.Time { return j.created }},
	"startedAt":   {ops: compare, when: func(j *job) time.Time { return j.started }, optional: true},
	"completedAt": {ops: compare, when: func(j *job) time.Time { return j.ended }, optional: true},
	"endedAt":     {ops: compare, when: func(j *job) time.Time { return j.ended }, optional: true}, // documents disagree on the name
}

var jobColumns = []column[*job]{
	{name: "id", shows: always, put: func(e *element, j *job) { e.str("id", j.id) }},
	{name: "status", shows: always, put: func(e *element, j *job) { e.str("status", j.status) }},
	{name: "createdAt", shows: always, put: func(e *element, j *job) { e.when("createdAt", j.created) }},
	{name: "startedAt", shows: always, put: func(e *element, j *job) { e.when("startedAt", j.started) }},
	{name: "endedAt", shows: always, put: func(e *element, j *job) { e.when("endedAt", j.ended) }},
	{name: "priority", shows: always, put: func(e *element, j *job) { e.int("priority", j.priority) }},
	{name: "jobType", shows: always, put: func(e *element, j *job) { e.str("jobType", j.listKind) }},
	{name: "title", shows: onDemand, put: func(e *element, j *job) { e.opt("title", j.title) }},
	{name: "subtitle", shows: onDemand, put: func(e *element, j *job) { e.opt("subtitle", j.subtitle) }},
}

// listJobs is GET jobs: administrators only.
func listJobs(c *call) (*answer, error) {
	if err := c.mayReadJobs(); err != nil {
		return nil, err
	}
	part, p, err := query(c, "jobs", c.site().jobs, jobFields)
	if err != nil {
		return nil, err
	}
	show, err := selected(c, "backgroundJob", jobColumns)
	if err != nil {
		return nil, err
	}
	return listed(p, "backgroundJobs", part, show)
}

func (c *call) mayReadJobs() error {
	switch {
	case c.s.cfg.JobsDisabled:
		return fail("403079", "Querying jobs is disabled on this server.")
	case !c.user().admin():
		return errForbidden()
	}
	return nil
}

// getJob is GET jobs/{id}: with notes and what the job works on, but without the status.
func getJob(c *call) (*answer, error) {
	if err := c.mayReadJobs(); err != nil {
		return nil, err
	}
	id := c.r.PathValue("id")
	j, ok := find[*job](c.site(), id)
	if !ok {
		return nil, errNotFound("404018", "Job", id)
	}
	e := el("job", str("id", j.id), str("mode", "Asynchronous"), str("type", j.kind), str("progress", strconv.Itoa(j.progress)))
	e.when("createdAt", j.created)
	e.when("startedAt", j.started)
	if !j.started.IsZero() {
		e.when("updatedAt", later(j.started, j.ended))
	}
	e.when("completedAt", j.ended)
	if !j.ended.IsZero() {
		e.int("finishCode", j.finishCode())
	}
	return found(e.add(j.work()))
}

func later(a, b time.Time) time.Time {
	if b.After(a) {
		return b
	}
	return a
}

// work is the part of a job that its kind has.
func (j *job) work() *element {
	e := el("extractRefreshJob")
	switch {
	case j.flowRun != nil:
		e.name = "runFlowJobType"
	case j.subscription != nil:
		e.name = "subscriptionJobType"
	}
	if j.notes != "" {
		e.add(textElement("notes", j.notes))
	}
	switch {
	case j.flowRun != nil:
		f := j.flowRun.flow
		return e.add(el("flow", str("id", f.id), str("name", f.name)), textElement("flowRunId", j.flowRun.id))
	case j.subscription != nil:
		return e.add(textElement("subscriptionId", j.subscription.id), textElement("subscriptionSubject", j.subscription.subject))
	case j.refresh.workbook != nil:
		return e.add(el("workbook", str("id", j.refresh.workbook.id), str("name", j.refresh.workbook.name)))
	default:
		return e.add(el("datasource", str("id", j.refresh.datasource.id), str("name", j.refresh.datasource.name)))
	}
}
