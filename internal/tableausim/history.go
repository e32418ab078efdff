package tableausim

import (
	"cmp"
	"slices"
	"strconv"
	"time"
)

// planFlows gives flows their nightly runs, and links the first three of them.
func (s *site) planFlows(w *world) {
	night := w.schedule("Flows at night")
	for _, f := range s.flows {
		n := seed(f.id, "task")
		t := &flowTask{id: s.newID("flowTask", f.id), schedule: night, flow: f, priority: 50, incremental: n%3 == 0}
		if n%3 == 1 {
			t.failures = 1 + int(n>>8%3)
		}
		s.flowTasks = append(s.flowTasks, t)
		s.byID[t.id] = t
		s.recordFlow(t)
	}
	if len(s.flows) < 2 {
		return
	}
	link := &linkedTask{id: s.newID("linkedTask", s.flows[0].id), schedule: w.schedule("Flows at night")}
	for i, f := range s.flows[:min(3, len(s.flows))] {
		link.steps = append(link.steps, linkedStep{
			id: s.newID("linkedStep", f.id), stops: i == 0,
			task: &flowTask{id: s.newID("linkedFlow", f.id), schedule: night, flow: f, priority: 50},
		})
	}
	s.linkedTasks = append(s.linkedTasks, link)
	s.byID[link.id] = link
}

// recordFlow writes down the latest runs of a flow, each with its job.
func (s *site) recordFlow(t *flowTask) {
	for i, run := range t.schedule.last(epoch, 5) {
		n := seed(t.id, strconv.Itoa(i))
		j := &job{
			id: s.newID("job", t.id, strconv.FormatInt(run.Unix(), 10)), listKind: "run_flow", kind: "RunFlow", status: "Success",
			progress: 100, priority: t.priority, created: run, title: t.flow.name, subtitle: "Flow", arguments: "--- \n- " + t.flow.id + "\n",
		}
		switch {
		case i < t.failures:
			j.status, j.notes = "Failed", "The flow failed: the output step could not write, because the connection was lost."
		case n%9 == 0:
			j.status, j.progress, j.notes = "Cancelled", int(n%90), "The job was cancelled by an administrator."
		}
		j.finish(run, n)
		r := &flowRun{id: s.newID("flowRun", j.id), flow: t.flow, job: j}
		if len(t.flow.parameters) > 0 && n%2 == 0 {
			p := t.flow.parameters[0]
			p.value = cmp.Or(p.value, "Europe")
			r.sets = &p
		}
		j.flowRun = r
		s.flowRuns = append(s.flowRuns, r)
		s.byID[r.id] = r
		s.addJob(j)
	}
}

// maxMails bounds the subscriptions of a site, however many workbooks it has.
const maxMails = 300

// subscribe gives each workbook the subscribers that its total says, from those who see it.
func (s *site) subscribe(w *world) {
	schedules := []string{"Weekday mornings", "Monday mornings", "Monday mornings", "First of the month"}
	for _, b := range s.workbooks {
		wanted := b.subscriptions
		b.subscriptions = 0
		if wanted == 0 || len(s.subscriptions) >= maxMails {
			continue
		}
		n := seed(b.id, "mail")
		for i, u := range s.readers(b, wanted, n) {
			x := &subscription{
				id: s.newID("subscription", b.id, u.id), subject: b.name, user: u, image: true, workbook: b,
				schedule: w.schedule(schedules[(n>>8+uint64(i))%uint64(len(schedules))]), sendIfEmpty: i%3 != 0,
			}
			if (n>>4+uint64(i))%2 == 0 {
				v := b.views[(n+uint64(i))%uint64(len(b.views))]
				x.workbook, x.view, x.subject = nil, v, v.name+" of "+b.name
				x.customView = s.savedBy(u, v)
			}
			x.dress(n >> 12 * uint64(i+1))
			s.subscriptions = append(s.subscriptions, x)
			s.byID[x.id] = x
			b.subscriptions++
			s.recordMail(x)
		}
	}
}

// readers are some licensed users who see a workbook.
func (s *site) readers(b *workbook, most int, n uint64) []*user {
	var all []*user
	for _, u := range s.users {
		if u.role != unlicensed && u.seesWorkbook(b) {
			all = append(all, u)
		}
	}
	var some []*user
	for i := 0; i < most && i < len(all); i++ {
		some = append(some, all[(n+uint64(i))%uint64(len(all))])
	}
	return some
}

func (s *site) savedBy(u *user, v *view) *customView {
	i := slices.IndexFunc(s.customViews, func(x *customView) bool { return x.owner == u && x.view == v })
	if i < 0 {
		return nil
	}
	return s.customViews[i]
}

// dress says what the mail looks like.
func (x *subscription) dress(n uint64) {
	switch n % 5 {
	case 0:
		x.pdf, x.paper, x.orientation = true, "A4", "LANDSCAPE"
	case 1:
		x.image, x.pdf, x.paper, x.orientation = false, true, "LETTER", "PORTRAIT"
	case 2:
		x.message = "Here are the latest figures."
	}
	x.suspended = n%13 == 5
	x.triggered = n%11 == 3
}

// recordMail writes down that a subscription was sent the last time.
func (s *site) recordMail(x *subscription) {
	for _, run := range x.schedule.last(epoch, 1) {
		n := seed(x.id, "mail")
		j := &job{
			id: s.newID("job", x.id), listKind: "single_subscription_notify", kind: "SingleSubscriptionNotify", status: "Success",
			progress: 100, priority: x.schedule.priority, created: run, title: x.subject, subtitle: "Subscription", subscription: x,
			arguments: "--- \n- " + x.id + "\n",
		}
		if x.suspended {
			j.status, j.notes = "Failed", "The subscription was suspended, because it failed five times in a row."
		}
		j.finish(run, n%60<<8)
		s.addJob(j)
	}
}

// watch puts an alert on the first view of each workbook that has alerts.
func (s *site) watch() {
	conditions := []string{"above", "above-equal", "below", "below-equal", "equal"}
	frequencies := []string{"Daily", "Weekly", "Hourly", "Once", "AsFrequentlyAsPossible"}
	for _, b := range s.workbooks {
		n := seed(b.id, "alert")
		people := s.readers(b, 1+int(n%3), n>>8)
		if !b.alerts || len(people) == 0 || len(s.alerts) >= maxMails {
			continue
		}
		a := &dataAlert{
			id: s.newID("alert", b.id), subject: "Watch on " + b.name, owner: people[0], view: b.views[0],
			condition: conditions[n%5], threshold: strconv.Itoa(int(n % 5000)), frequency: frequencies[n>>4%5],
			public: n%2 == 0, suspended: n%7 == 0, created: b.created.AddDate(0, 1, 0), updated: b.updated,
		}
		for i, u := range people {
			r := alertRecipient{user: u}
			if i == 0 {
				r.sent = epoch.AddDate(0, 0, -1-int(n%20))
			}
			a.recipients = append(a.recipients, r)
		}
		s.alerts = append(s.alerts, a)
		s.byID[a.id] = a
	}
}

// hook registers what the site calls.
func (s *site) hook() {
	for i, x := range []*webhook{
		{name: "Tell the data team", event: "WorkbookRefreshFailed", url: "https://hooks.example.com/data-team"},
		{name: "Catalog", event: "DatasourceUpdated", url: "https://catalog.example.com/tableau"},
		{name: "Old chat", event: "WorkbookCreated", url: "https://chat.example.com/in", disabled: "Disabled after 4 failed calls in a row."},
	} {
		x.id = s.newID("webhook", x.name)
		x.owner = s.user("carol")
		x.created = epoch.AddDate(-1, i, 0).Add(time.Duration(i) * time.Hour)
		x.updated = x.created
		s.webhooks = append(s.webhooks, x)
		s.byID[x.id] = x
	}
}
