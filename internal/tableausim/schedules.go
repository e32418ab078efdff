package tableausim

import (
	"slices"
	"strconv"
	"strings"
	"time"

	"vitrine/internal/tableausim/wire"
)

// schedule is a plan of the server that tasks of all sites follow. Times of day are UTC.
type schedule struct {
	id, name, kind   string // kind is Extract, Subscription, Flow or ActiveDirectorySync
	state            string
	frequency        string
	start, end       string // HH:MM; without an end once a day
	hours            int    // between runs of a day
	weekDays         []time.Weekday
	monthDays        []string // numbers, or LastDay
	priority         int
	serial           bool
	created, updated time.Time
}

var weekdays = []time.Weekday{time.Monday, time.Tuesday, time.Wednesday, time.Thursday, time.Friday}

// newSchedules makes the schedules of the server.
func newSchedules() []*schedule {
	all := []*schedule{
		{name: "Weekday early mornings", kind: "Extract", frequency: "Weekly", start: "04:30", weekDays: weekdays, priority: 50},
		{name: "Every four hours", kind: "Extract", frequency: "Hourly", start: "06:00", end: "22:00", hours: 4, priority: 30},
		{name: "Saturday night", kind: "Extract", frequency: "Weekly", start: "23:00", weekDays: []time.Weekday{time.Saturday}, priority: 80, serial: true},
		{name: "End of the month", kind: "Extract", frequency: "Monthly", start: "23:45", monthDays: []string{"LastDay"}, priority: 50},
		{name: "Old nightly refresh", kind: "Extract", frequency: "Daily", start: "01:00", priority: 50, state: "Suspended"},
		{name: "Weekday mornings", kind: "Subscription", frequency: "Weekly", start: "07:00", weekDays: weekdays, priority: 50},
		{name: "Monday mornings", kind: "Subscription", frequency: "Weekly", start: "06:15", weekDays: []time.Weekday{time.Monday}, priority: 50},
		{name: "First of the month", kind: "Subscription", frequency: "Monthly", start: "05:00", monthDays: []string{"1"}, priority: 60},
		{name: "Flows at night", kind: "Flow", frequency: "Daily", start: "02:00", priority: 50},
		{name: "Directory at noon", kind: "ActiveDirectorySync", frequency: "Daily", start: "12:00", priority: 50},
	}
	for i, x := range all {
		x.id = luid("schedule", x.name)
		x.created = epoch.AddDate(-2, i, -i)
		x.updated = epoch.AddDate(0, -i, 0)
		if x.state == "" {
			x.state = "Active"
		}
	}
	return all
}

func (w *world) schedule(name string) *schedule {
	i := slices.IndexFunc(w.schedules, func(x *schedule) bool { return x.name == name })
	return w.schedules[i]
}

// runsOn are the times of a day on which the schedule runs.
func (x *schedule) runsOn(day time.Time) []time.Time {
	switch x.frequency {
	case "Weekly":
		if !slices.Contains(x.weekDays, day.Weekday()) {
			return nil
		}
	case "Monthly":
		last := day.AddDate(0, 0, 1).Day() == 1
		if !slices.Contains(x.monthDays, strconv.Itoa(day.Day())) && !(last && slices.Contains(x.monthDays, "LastDay")) {
			return nil
		}
	}
	at, _ := time.Parse("15:04", x.start)
	end, err := time.Parse("15:04", x.end)
	if err != nil {
		end = at
	}
	step := 24 * time.Hour
	if x.hours > 0 {
		step = time.Duration(x.hours) * time.Hour
	}
	var runs []time.Time
	for ; !at.After(end); at = at.Add(step) {
		runs = append(runs, time.Date(day.Year(), day.Month(), day.Day(), at.Hour(), at.Minute(), 0, 0, time.UTC))
	}
	return runs
}

// next is the first run after a moment; none when it is suspended.
func (x *schedule) next(after time.Time) time.Time {
	for day := after; x.state == "Active" && day.Before(after.AddDate(0, 2, 0)); day = day.AddDate(0, 0, 1) {
		for _, run := range x.runsOn(day) {
			if run.After(after) {
				return run
			}
		}
	}
	return time.Time{}
}

// last returns up to n of the latest runs up to a time, the latest first. A suspended schedule has
// not run since it was changed.
func (x *schedule) last(before time.Time, most int) []time.Time {
	if x.state != "Active" {
		before = x.updated
	}
	var runs []time.Time
	for day := before; len(runs) < most && day.After(before.AddDate(0, -3, 0)); day = day.AddDate(0, 0, -1) {
		today := x.runsOn(day)
		slices.Reverse(today)
		for _, run := range today {
			if !run.After(before) && len(runs) < most {
				runs = append(runs, run)
			}
		}
	}
	return runs
}

// details are the days and times of a schedule.
func (x *schedule) details() *wire.Element {
	e := wire.New("frequencyDetails", wire.Str("start", x.start+":00"))
	if x.end != "" {
		e.Str("end", x.end+":00")
	}
	list := wire.New("intervals")
	for _, day := range x.weekDays {
		list.Add(wire.Item(wire.New("interval", wire.Str("weekDay", day.String()))))
	}
	for _, day := range x.monthDays {
		list.Add(wire.Item(wire.New("interval", wire.Str("monthDay", day))))
	}
	switch {
	case x.hours > 0:
		list.Add(wire.Item(wire.New("interval", wire.Str("hours", strconv.Itoa(x.hours)))))
	case x.frequency == "Daily":
		list.Add(wire.Item(wire.New("interval", wire.Str("hours", "24"))))
	}
	return e.Add(list)
}

// attributes are what lists tell of a schedule of the server.
func (x *schedule) attributes() *wire.Element {
	e := wire.New("schedule", wire.Str("id", x.id), wire.Str("name", x.name), wire.Str("state", x.state), wire.Str("priority", strconv.Itoa(x.priority)))
	e.When("createdAt", x.created)
	e.When("updatedAt", x.updated)
	e.Str("type", x.kind)
	e.Str("frequency", x.frequency)
	e.When("nextRunAt", x.next(epoch))
	return e
}

// inline is the schedule as a task has it. On Cloud, which has no schedules of the server, it is
// the task's own: without id, name and state, and its times have an offset without a colon. Which
// version first has days and times in a server's tasks is not documented; recorded answers have
// them from 3.8 on.
func (x *schedule) inline(c *call) *wire.Element {
	if c.s.cfg.Cloud {
		e := wire.New("schedule", wire.Str("frequency", x.frequency))
		if next := x.next(epoch); !next.IsZero() {
			e.Str("nextRunAt", next.In(pacific).Format("2006-01-02T15:04:05-0700"))
		}
		return e.Add(x.details())
	}
	e := x.attributes()
	if !c.version.less(ver(3, 8)) {
		e.Add(x.details())
	}
	return e
}

// pacific is the zone of Cloud's inline schedules in Tableau's own samples, in summer.
var pacific = time.FixedZone("", -7*3600)

// mayPlan reports whether a user may look at schedules: administrators, and those whose role lets
// them schedule.
func (u *user) mayPlan() bool {
	return u.admin() || u.role == "Creator" || u.role == "ExplorerCanPublish"
}

// listSchedules is GET /schedules.
func listSchedules(c *call) (*answer, error) {
	if !c.user().mayPlan() {
		return nil, errForbidden()
	}
	part, p, err := wire.Paginate(c.query, c.s.world.schedules)
	if err != nil {
		return nil, err
	}
	return listed(p, "schedules", part, (*schedule).attributes)
}

// pathSchedule is the schedule in the path.
func pathSchedule(c *call) (*schedule, error) {
	id := strings.ToLower(c.r.PathValue("id"))
	for _, x := range c.s.world.schedules {
		if x.id == id {
			return x, nil
		}
	}
	return nil, errNotFound("404023", "Schedule", id)
}

// getSchedule is GET /schedules/{id}: with days and times.
func getSchedule(c *call) (*answer, error) {
	if !c.user().mayPlan() {
		return nil, errForbidden()
	}
	x, err := pathSchedule(c)
	if err != nil {
		return nil, err
	}
	e := x.attributes()
	e.Str("executionOrder", map[bool]string{false: "Parallel", true: "Serial"}[x.serial])
	return found(e.Add(x.details()))
}

// listScheduleExtracts is GET schedules/{id}/extracts: the refreshes of the session's site, for
// administrators.
func listScheduleExtracts(c *call) (*answer, error) {
	if !c.user().admin() {
		return nil, errForbidden()
	}
	x, err := pathSchedule(c)
	if err != nil {
		return nil, err
	}
	var tasks []*refreshTask
	for _, t := range c.site().refreshes {
		if t.schedule == x {
			tasks = append(tasks, t)
		}
	}
	part, p, err := wire.Paginate(c.query, tasks)
	if err != nil {
		return nil, err
	}
	return listed(p, "extracts", part, func(t *refreshTask) *wire.Element {
		kind := "FullRefresh"
		if t.incremental {
			kind = "IncrementalRefresh"
		}
		return wire.New("extract", wire.Str("id", t.id), wire.Str("priority", strconv.Itoa(t.priority)), wire.Str("type", kind)).Add(t.target())
	})
}
