package tableau

import (
	"cmp"
	"context"
	"encoding/json"
	"encoding/xml"
	"io"
	"net/url"
	"strings"

	"vitrine/internal/tableau/rest"
)

// JobStatus is how far a job or a flow run is.
type JobStatus string

var jobStatuses = map[string]string{
	"Pending": "PENDING", "InProgress": "IN_PROGRESS", "Success": "SUCCESS", "Failed": "FAILED", "Cancelled": "CANCELED",
}

// MarshalGQL writes the schema's value.
func (s JobStatus) MarshalGQL(w io.Writer) { writeEnum(w, jobStatuses, string(s)) }

// UnmarshalGQL takes one of the schema's values.
func (s *JobStatus) UnmarshalGQL(v any) error { return readEnum((*string)(s), jobStatuses, v) }

// Job is work that the server does in the background. The list and the look-up by id tell different
// things of it, partly under different names: backgroundJob and job.
type Job struct {
	node
	LUID      LUID `json:"id" xml:"id,attr"`
	CreatedAt Time `json:"createdAt" xml:"createdAt,attr"`
	StartedAt Time `json:"startedAt" xml:"startedAt,attr"`

	// The list alone.
	StatusListed JobStatus `json:"status" xml:"status,attr"`
	JobType      Text      `json:"jobType" xml:"jobType,attr"`
	EndedAt      Time      `json:"endedAt" xml:"endedAt,attr"`
	Priority     Int       `json:"priority" xml:"priority,attr"`
	Title        Text      `json:"title" xml:"title,attr"`
	Subtitle     Text      `json:"subtitle" xml:"subtitle,attr"`

	// The look-up by id alone.
	TypeListed       Text       `json:"type" xml:"type,attr"`
	ModeListed       JobMode    `json:"mode" xml:"mode,attr"`
	ProgressListed   Int        `json:"progress" xml:"progress,attr"`
	UpdatedListed    Time       `json:"updatedAt" xml:"updatedAt,attr"`
	CompletedListed  Time       `json:"completedAt" xml:"completedAt,attr"`
	FinishCodeListed Int        `json:"finishCode" xml:"finishCode,attr"`
	Refresh          *jobWork   `json:"extractRefreshJob" xml:"extractRefreshJob"`
	Creation         *jobWork   `json:"extractCreationJob" xml:"extractCreationJob"`
	FlowWork         *jobWork   `json:"runFlowJobType" xml:"runFlowJobType"`
	Mail             *jobWork   `json:"subscriptionJobType" xml:"subscriptionJobType"`
	Upload           *jobWork   `json:"updateUploadedFileJob" xml:"updateUploadedFileJob"`
	Remarks          jobRemarks `json:"statusNotes" xml:"statusNotes"`

	whole bool // looked up by id: nothing more can be had
}

// jobWork is what a job of one kind works on.
type jobWork struct {
	Notes          jobTexts    `json:"notes" xml:"notes"`
	Workbook       *Workbook   `json:"workbook" xml:"workbook"`
	DataSource     *DataSource `json:"datasource" xml:"datasource"`
	View           *View       `json:"view" xml:"view"`
	Flow           *Flow       `json:"flow" xml:"flow"`
	SubscriptionID Text        `json:"subscriptionId" xml:"subscriptionId"`
	FlowRunID      LUID        `json:"flowRunId" xml:"flowRunId,attr"`
}

// jobTexts are notes that are nothing but texts, usually one.
type jobTexts []Text

// UnmarshalJSON takes one text or a list of them.
func (n *jobTexts) UnmarshalJSON(data []byte) error {
	var w words
	err := w.UnmarshalJSON(data)
	*n = nil
	for _, text := range w {
		*n = append(*n, Text(text))
	}
	return err
}

// jobRemarks are notes with a kind and a value and, around them, free text.
type jobRemarks struct {
	Items []*JobNote
	Text  Text
}

// UnmarshalJSON takes {"statusNote": […], "value": "…"}, and forgives an array alone, one note
// alone, and a text.
func (r *jobRemarks) UnmarshalJSON(data []byte) error {
	var object struct {
		Items json.RawMessage `json:"statusNote"`
		Text  Text            `json:"value"`
	}
	if json.Unmarshal(data, &object) != nil {
		object.Items, object.Text = data, Text(rest.ScalarText(data))
	}
	*r = jobRemarks{Text: object.Text}
	if object.Items == nil {
		return nil
	}
	return rest.UnmarshalList(object.Items, &r.Items)
}

// UnmarshalXML takes the element with its notes and the text between them.
func (r *jobRemarks) UnmarshalXML(d *xml.Decoder, start xml.StartElement) error {
	var element struct {
		Items []*JobNote `xml:"statusNote"`
		Text  string     `xml:",chardata"`
	}
	err := d.DecodeElement(&element, &start)
	r.Items, r.Text = element.Items, Text(strings.TrimSpace(element.Text))
	return err
}

// JobNote is something a job says.
type JobNote struct {
	Type  Text `json:"type" xml:"type,attr"`
	Value Text `json:"value" xml:"value,attr"`
	Text  Text `json:"text" xml:"text,attr"`
}

func (j *Job) luid() LUID { return j.LUID }

func (j *Job) bind(s *Session) {
	j.s = s
	for _, work := range j.works() {
		bindOne(s, &work.Workbook)
		bindOne(s, &work.DataSource)
		bindOne(s, &work.View)
		bindOne(s, &work.Flow)
	}
}

// works returns the parts that name what the job works on, usually of one kind.
func (j *Job) works() []*jobWork {
	var all []*jobWork
	for _, work := range []*jobWork{j.Refresh, j.Creation, j.FlowWork, j.Mail, j.Upload} {
		if work != nil {
			all = append(all, work)
		}
	}
	return all
}

// IsNode marks a Job as something with a global id.
func (*Job) IsNode() {}

// ID is the global id.
func (j *Job) ID() string { return GlobalID(KindJob, j.s.ContentURL(), string(j.LUID)) }

// Type is what it does: refresh_extracts in lists, RefreshExtract in look-ups.
func (j *Job) Type() Text { return cmp.Or(j.JobType, j.TypeListed) }

// CompletedAt is when it ended.
func (j *Job) CompletedAt() Time {
	if j.EndedAt.IsZero() {
		return j.CompletedListed
	}
	return j.EndedAt
}

// StatusRaw is the status as Tableau writes it: in lists only.
func (j *Job) StatusRaw() Text { return Text(j.StatusListed) }

// Status is how far it is. A look-up by id has none: there it follows from the times and from the
// code by which it ended.
func (j *Job) Status() JobStatus {
	switch {
	case j.StatusListed != "" || !j.whole:
		return j.StatusListed
	case !j.CompletedListed.IsZero():
		return jobOutcome(j.FinishCodeListed)
	case !j.StartedAt.IsZero() || j.ProgressListed.V > 0:
		return "InProgress"
	default:
		return "Pending"
	}
}

// jobOutcome reads the code of a job that has ended: 0 done, 1 failed, 2 cancelled, and 3 done by
// Bridge. Others are not known.
func jobOutcome(code Int) JobStatus {
	if !code.Valid {
		return "" // ended, nobody knows how
	}
	switch code.V {
	case 0, 3:
		return "Success"
	case 1:
		return "Failed"
	case 2:
		return "Cancelled"
	default:
		return ""
	}
}

// full returns the job with all that a look-up by id has; nil if it is gone by now.
func (j *Job) full(ctx context.Context) (*Job, error) {
	if j.whole {
		return j, nil
	}
	return nilIfDenied(j.s.Job(ctx, j.LUID))
}

// lookedUp reads one field of a job that only a look-up by id has.
func lookedUp[V any](ctx context.Context, j *Job, read func(*Job) V) (V, error) {
	full, err := j.full(ctx)
	if full == nil || err != nil {
		var none V
		return none, err
	}
	return read(full), nil
}

// Progress is the part done, in percent; out of a list one call.
func (j *Job) Progress(ctx context.Context) (Int, error) {
	return lookedUp(ctx, j, func(j *Job) Int { return j.ProgressListed })
}

// Mode says whether someone waits for it; out of a list one call.
func (j *Job) Mode(ctx context.Context) (JobMode, error) {
	return lookedUp(ctx, j, func(j *Job) JobMode { return j.ModeListed })
}

// ModeRaw is the same as Tableau writes it.
func (j *Job) ModeRaw(ctx context.Context) (Text, error) {
	mode, err := j.Mode(ctx)
	return Text(mode), err
}

// UpdatedAt is when it last changed; out of a list one call.
func (j *Job) UpdatedAt(ctx context.Context) (Time, error) {
	return lookedUp(ctx, j, func(j *Job) Time { return j.UpdatedListed })
}

// FinishCode is Tableau's code for how it ended; out of a list one call.
func (j *Job) FinishCode(ctx context.Context) (Int, error) {
	return lookedUp(ctx, j, func(j *Job) Int { return j.FinishCodeListed })
}

// Notes are what it has to say about its work; out of a list one call.
func (j *Job) Notes(ctx context.Context) ([]*JobNote, error) {
	full, err := j.full(ctx)
	if full == nil || err != nil {
		return nil, err
	}
	notes := []*JobNote{}
	for _, work := range full.works() {
		for _, text := range work.Notes {
			notes = append(notes, &JobNote{Text: text})
		}
	}
	notes = append(notes, present(full.Remarks.Items)...)
	if full.Remarks.Text != "" {
		notes = append(notes, &JobNote{Text: full.Remarks.Text})
	}
	return notes, nil
}

// ReadFlowRun is the run of a flow that it is; nil for other jobs, and where the run is gone or
// hidden. Out of a list one call, and one for the run itself. GET flows/runs/{id}, from API 3.10.
func (j *Job) ReadFlowRun(ctx context.Context, referenceWillDo bool) (*FlowRun, error) {
	full, err := j.full(ctx)
	if full == nil || err != nil {
		return nil, err
	}
	for _, work := range full.works() {
		if work.FlowRunID == "" {
			continue
		}
		if referenceWillDo {
			run := &FlowRun{LUID: work.FlowRunID}
			run.bind(j.s)
			return run, nil
		}
		return nilIfDenied(j.s.FlowRun(ctx, work.FlowRunID))
	}
	return nil, nil
}

// JobTarget is what a job can work on.
type JobTarget interface{ Node }

// Target is what it works on; out of a list one call, and one for the thing itself. Nil where the
// user may not see it, or Tableau does not say.
func (j *Job) Target(ctx context.Context, need TargetNeeds) (JobTarget, error) {
	full, err := j.full(ctx)
	if full == nil || err != nil {
		return nil, err
	}
	for _, work := range full.works() {
		alone := []*jobWork{work}
		switch {
		case work.Workbook != nil:
			w, err := workbookOf(ctx, nil, alone, work, func(w *jobWork) *Workbook { return w.Workbook }, need)
			return orNoTarget[JobTarget](w, err)
		case work.DataSource != nil:
			d, err := dataSourceOf(ctx, nil, alone, work, func(w *jobWork) *DataSource { return w.DataSource }, need)
			return orNoTarget[JobTarget](d, err)
		case work.View != nil:
			v, err := viewOf(ctx, nil, alone, work, func(w *jobWork) *View { return w.View }, need)
			return orNoTarget[JobTarget](v, err)
		case work.Flow != nil:
			enough := func(*Flow) bool { return need.ReferenceWillDo }
			f, err := flowOf(ctx, full.node, full, func(*Job) *Flow { return work.Flow }, enough)
			return orNoTarget[JobTarget](f, err)
		case work.SubscriptionID != "":
			return j.subscription(ctx, string(work.SubscriptionID))
		}
	}
	return nil, nil
}

// subscription is what a job sends by mail. Where several jobs of a list send some, all
// subscriptions are read at once, if these are no more pages than there are such jobs; what that
// does not give is looked up.
func (j *Job) subscription(ctx context.Context, id string) (JobTarget, error) {
	luid, err := ParseLUID(id)
	if err != nil {
		return nil, nil // no id of anything
	}
	if sending := j.alsoSending(); sending > 1 {
		all, err := once(ctx, j.batch, "subscriptions", func() (map[LUID]*ContentSubscription, error) {
			items, err := readAll(ctx, j.s.subscriptionsPage, nil, sending)
			return byLUID(items), err
		})
		if err == nil && all[luid] != nil {
			return all[luid], nil
		}
	}
	c, err := nilIfDenied(j.s.Subscription(ctx, luid))
	return orNoTarget[JobTarget](c, err)
}

// alsoSending is how many jobs of the list that this one is from send subscriptions, by their kind.
func (j *Job) alsoSending() int {
	n := 0
	for _, other := range batchItems(j.batch, j) {
		if strings.Contains(strings.ToLower(string(other.Type())), "subscription") {
			n++
		}
	}
	return n
}

type jobsAnswer struct {
	rest.Envelope
	Jobs struct {
		Items []*Job `json:"backgroundJob" xml:"backgroundJob"`
	} `json:"backgroundJobs" xml:"backgroundJobs"`
}

type jobAnswer struct {
	rest.Envelope
	Job *Job `json:"job" xml:"job"`
}

// jobsPage reads a page of the list. Tableau's documents disagree on the name of the end of a job
// in filters and orders: where a server does not know the one, the other is tried.
func (s *Session) jobsPage(ctx context.Context, query url.Values) (Pagination, []*Job, error) {
	p, jobs, err := s.jobsAt(ctx, query)
	if !HasCode(err, "400065") && !HasCode(err, "400066") {
		return p, jobs, err
	}
	again := url.Values{}
	for name, texts := range query {
		again[name] = texts
	}
	for _, name := range []string{"filter", "sort"} {
		if text := query.Get(name); text != "" {
			again.Set(name, jobEnd.Replace(text))
		}
	}
	if again.Encode() == query.Encode() {
		return p, jobs, err
	}
	return s.jobsAt(ctx, again)
}

var jobEnd = strings.NewReplacer("completedAt:", "endedAt:")

func (s *Session) jobsAt(ctx context.Context, query url.Values) (Pagination, []*Job, error) {
	r := rest.SiteRead{Template: "jobs", Query: query}
	a, err := get(ctx, s, r, func(a *jobsAnswer) { bindAll(s, &a.Jobs.Items) })
	if err != nil {
		return Pagination{}, nil, err
	}
	return a.Pagination, a.Jobs.Items, nil
}

// Jobs reads a stretch of the background jobs; administrators only. The total may be missing. GET
// jobs, from API 3.1.
func (s *Session) Jobs(ctx context.Context, q ListQuery[Job], offset, first int) (*Page[Job], error) {
	q.mayBeOpen = true
	return readRange(ctx, s, s.jobsPage, q, offset, first)
}

// Job reads one job with its notes; administrators only. GET jobs/{id}.
func (s *Session) Job(ctx context.Context, id LUID) (*Job, error) {
	r := rest.SiteRead{Template: "jobs/{id}", Values: []string{string(id)}}
	a, err := get(ctx, s, r, func(a *jobAnswer) {
		bindOne(s, &a.Job)
		if a.Job != nil {
			a.Job.whole = true
		}
	})
	if err != nil {
		return nil, err
	}
	return one(a.Job, "GET jobs/{id}")
}
