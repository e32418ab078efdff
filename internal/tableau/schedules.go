package tableau

import (
	"context"
	"errors"
	"io"
	"net/url"

	"vitrine/internal/tableau/rest"
)

// ScheduleState says whether a schedule is at work.
type ScheduleState string

var scheduleStates = map[string]string{"Active": "ACTIVE", "Suspended": "SUSPENDED"}

// MarshalGQL writes the schema's value.
func (s ScheduleState) MarshalGQL(w io.Writer) { writeEnum(w, scheduleStates, string(s)) }

// UnmarshalGQL takes one of the schema's values.
func (s *ScheduleState) UnmarshalGQL(v any) error { return readEnum((*string)(s), scheduleStates, v) }

// Schedule is a plan of the whole server that tasks share. Tableau Cloud has no schedules: there
// each task has its own recurrence, without id and name.
type Schedule struct {
	node
	LUID        LUID           `json:"id" xml:"id,attr"`
	Name        string         `json:"name" xml:"name,attr"`
	State       ScheduleState  `json:"state" xml:"state,attr"`
	Type        ScheduleType   `json:"type" xml:"type,attr"`
	Priority    Int            `json:"priority" xml:"priority,attr"`
	OrderListed ExecutionOrder `json:"executionOrder" xml:"executionOrder,attr"`
	CreatedAt   Time           `json:"createdAt" xml:"createdAt,attr"`
	UpdatedAt   Time           `json:"updatedAt" xml:"updatedAt,attr"`

	Frequency Frequency         `json:"frequency" xml:"frequency,attr"`
	NextRunAt Time              `json:"nextRunAt" xml:"nextRunAt,attr"`
	EndsAt    Time              `json:"endScheduleAt" xml:"endScheduleAt,attr"`
	Details   *frequencyDetails `json:"frequencyDetails" xml:"frequencyDetails"`

	whole bool // read by id: nothing more can be had
}

func (c *Schedule) luid() LUID { return c.LUID }

// IsNode marks a Schedule as something with a global id.
func (*Schedule) IsNode() {}

// ID is the global id.
func (c *Schedule) ID() string { return GlobalID(KindSchedule, c.s.ContentURL(), string(c.LUID)) }

// StateRaw is the state as Tableau writes it.
func (c *Schedule) StateRaw() Text { return Text(c.State) }

// Recurrence is when its tasks run; with details also on which days and at which times, which lists
// leave out: one call then.
func (c *Schedule) Recurrence(ctx context.Context, details bool) (*Recurrence, error) {
	if details && c.Details == nil && !c.whole {
		full, err := nilIfDenied(c.s.Schedule(ctx, c.LUID))
		if full != nil {
			return full.recurrence(), nil
		}
		if err != nil && !IsKind(err, Unsupported) {
			return nil, err
		}
	}
	return c.recurrence(), nil
}

// ExecutionOrder says whether its tasks run side by side or one by one; lists leave it out: one
// call then.
func (c *Schedule) ExecutionOrder(ctx context.Context) (ExecutionOrder, error) {
	if c.OrderListed != "" || c.whole {
		return c.OrderListed, nil
	}
	full, err := nilIfDenied(c.s.Schedule(ctx, c.LUID))
	if full == nil {
		return "", err
	}
	return full.OrderListed, nil
}

// recurrence returns the recurrence if it is known; nil for a mere reference.
func (c *Schedule) recurrence() *Recurrence {
	if c.Frequency == "" && c.NextRunAt.IsZero() && c.Details == nil {
		return nil
	}
	r := &Recurrence{Frequency: c.Frequency, NextRunAt: c.NextRunAt, EndsAt: c.EndsAt}
	if d := c.Details; d != nil {
		r.StartTime, r.EndTime, r.Intervals = d.Start, d.End, d.Intervals.Items
	}
	r.Intervals = nonNil(r.Intervals)
	return r
}

type schedulesAnswer struct {
	rest.Envelope
	Schedules struct {
		Items []*Schedule `json:"schedule" xml:"schedule"`
	} `json:"schedules" xml:"schedules"`
}

type scheduleAnswer struct {
	rest.Envelope
	Schedule *Schedule `json:"schedule" xml:"schedule"`
}

func (s *Session) schedulesPage(ctx context.Context, query url.Values) (Pagination, []*Schedule, error) {
	r := rest.SiteRead{Template: "/schedules", Query: query}
	a, err := get(ctx, s, r, func(a *schedulesAnswer) { bindAll(s, &a.Schedules.Items) })
	if err != nil {
		return Pagination{}, nil, err
	}
	return a.Pagination, a.Schedules.Items, nil
}

// Schedules reads a stretch of the server's schedules. GET /schedules, Server only; administrators,
// and users who may schedule.
func (s *Session) Schedules(ctx context.Context, q ListQuery[Schedule], offset, first int) (*Page[Schedule], error) {
	return readRange(ctx, s, s.schedulesPage, q, offset, first)
}

// Schedule reads one schedule with its days and times. GET /schedules/{id}, from API 3.8, Server
// only; before that it is looked for in the list.
func (s *Session) Schedule(ctx context.Context, id LUID) (*Schedule, error) {
	r := rest.SiteRead{Template: "/schedules/{id}", Values: []string{string(id)}}
	a, err := get(ctx, s, r, func(a *scheduleAnswer) {
		bindOne(s, &a.Schedule)
		if a.Schedule != nil {
			a.Schedule.whole = true
		}
	})
	if err == nil {
		return one(a.Schedule, "GET /schedules/{id}")
	}
	if e := (*Error)(nil); !errors.As(err, &e) || e.Needs == "" { // the version has it
		return nil, err
	}
	all, err := s.schedulesByLUID(ctx)
	if err != nil {
		return nil, err
	}
	if all[id] == nil {
		return nil, &Error{Kind: Missing, Call: "GET /schedules"}
	}
	return all[id], nil
}

// schedulesByLUID are all schedules of the server, read once in an operation.
func (s *Session) schedulesByLUID(ctx context.Context) (map[LUID]*Schedule, error) {
	v, _, err := s.work.Do(ctx, "all schedules", func() (any, error) {
		all, err := readAll(ctx, s.schedulesPage, url.Values{}, maxLocalPages)
		return byLUID(unique(all)), err
	})
	if err != nil {
		return nil, err
	}
	return v.(map[LUID]*Schedule), nil
}

// plan is the schedule in a task or subscription: on a server a reference with some of its
// attributes, on Cloud the task's own, without id.
type plan struct {
	Plan *Schedule `json:"schedule" xml:"schedule"`
}

func (p plan) bind(s *Session) {
	if p.Plan != nil {
		p.Plan.s = s
	}
}

// Schedule returns the schedule that it follows: from the task if that is enough, else from the
// server's list, one call for all. Nil on Cloud.
func (p plan) Schedule(ctx context.Context, enough func(*Schedule) bool) (*Schedule, error) {
	if p.Plan == nil || p.Plan.LUID == "" {
		return nil, nil
	}
	if enough(p.Plan) {
		return p.Plan, nil
	}
	all, err := p.Plan.s.schedulesByLUID(ctx)
	all, err = ignoreDenied(all, err)
	if found := all[p.Plan.LUID]; found != nil || err != nil {
		return found, err
	}
	return p.Plan, nil
}

// Recurrence returns when it happens: from the task, else from the schedule if the user may see
// schedules. details asks for days and times.
func (p plan) Recurrence(ctx context.Context, details bool) (*Recurrence, error) {
	if p.Plan == nil {
		return nil, nil
	}
	if p.Plan.LUID == "" {
		return p.Plan.recurrence(), nil
	}
	if details {
		return p.Plan.Recurrence(ctx, true)
	}
	c, err := p.Schedule(ctx, func(c *Schedule) bool { return c.Frequency != "" })
	if err != nil || c == nil {
		return nil, err
	}
	return c.recurrence(), nil
}

// TypeRaw is the same as Tableau writes it.
func (c *Schedule) TypeRaw() Text { return Text(c.Type) }

// ExecutionOrderRaw is the same as Tableau writes it.
func (c *Schedule) ExecutionOrderRaw(ctx context.Context) (Text, error) {
	order, err := c.ExecutionOrder(ctx)
	return Text(order), err
}
