package tableausim

import (
	"strconv"
	"time"

	"vitrine/internal/tableausim/wire"
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
	{name: "id", shows: always, put: func(e *wire.Element, j *job) { e.Str("id", j.id) }},
	{name: "status", shows: always, put: func(e *wire.Element, j *job) { e.Str("status", j.status) }},
	{name: "createdAt", shows: always, put: func(e *wire.Element, j *job) { e.When("createdAt", j.created) }},
	{name: "startedAt", shows: always, put: func(e *wire.Element, j *job) { e.When("startedAt", j.started) }},
	{name: "endedAt", shows: always, put: func(e *wire.Element, j *job) { e.When("endedAt", j.ended) }},
	{name: "priority", shows: always, put: func(e *wire.Element, j *job) { e.Int("priority", j.priority) }},
	{name: "jobType", shows: always, put: func(e *wire.Element, j *job) { e.Str("jobType", j.listKind) }},
	{name: "title", shows: onDemand, put: func(e *wire.Element, j *job) { e.Opt("title", j.title) }},
	{name: "subtitle", shows: onDemand, put: func(e *wire.Element, j *job) { e.Opt("subtitle", j.subtitle) }},
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
		return wire.Fail("403079", "Querying jobs is disabled on this server.")
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
	e := wire.New("job", wire.Str("id", j.id), wire.Str("mode", "Asynchronous"), wire.Str("type", j.kind), wire.Str("progress", strconv.Itoa(j.progress)))
	e.When("createdAt", j.created)
	e.When("startedAt", j.started)
	if !j.started.IsZero() {
		e.When("updatedAt", later(j.started, j.ended))
	}
	e.When("completedAt", j.ended)
	if !j.ended.IsZero() {
		e.Int("finishCode", j.finishCode())
	}
	return found(e.Add(j.work()))
}

func later(a, b time.Time) time.Time {
	if b.After(a) {
		return b
	}
	return a
}

// work is the part of a job that its kind has.
func (j *job) work() *wire.Element {
	name := "extractRefreshJob"
	switch {
	case j.flowRun != nil:
		name = "runFlowJobType"
	case j.subscription != nil:
		name = "subscriptionJobType"
	}
	e := wire.New(name)
	if j.notes != "" {
		e.Add(wire.Text("notes", j.notes))
	}
	switch {
	case j.flowRun != nil:
		f := j.flowRun.flow
		return e.Add(wire.New("flow", wire.Str("id", f.id), wire.Str("name", f.name)), wire.Text("flowRunId", j.flowRun.id))
	case j.subscription != nil:
		return e.Add(wire.Text("subscriptionId", j.subscription.id), wire.Text("subscriptionSubject", j.subscription.subject))
	case j.refresh.workbook != nil:
		return e.Add(wire.New("workbook", wire.Str("id", j.refresh.workbook.id), wire.Str("name", j.refresh.workbook.name)))
	default:
		return e.Add(wire.New("datasource", wire.Str("id", j.refresh.datasource.id), wire.Str("name", j.refresh.datasource.name)))
	}
}
