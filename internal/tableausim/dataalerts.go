package tableausim

import (
	"net/http"
	"time"
)

// dataAlert is a watch on a number of a view: people get mail when it crosses a line.
type dataAlert struct {
	id, subject          string
	owner                *user // who made it, too
	view                 *view
	condition, threshold string
	frequency            string
	public, suspended    bool
	created, updated     time.Time
	recipients           []alertRecipient
}

type alertRecipient struct {
	user *user
	sent time.Time // never when zero
}

func (a *dataAlert) ownedBy() *user { return a.owner }

// element is one alert; its recipients are told where it is looked up. The recorded answers, of 3.5, have neither condition nor
// threshold; later ones do.
func (a *dataAlert) element(c *call, single bool) *element {
	e := el("dataAlert", str("id", a.id), str("subject", a.subject), str("creatorId", a.owner.id))
	e.when("createdAt", a.created)
	e.when("updatedAt", a.updated)
	e.str("frequency", a.frequency)
	e.flag("public", a.public)
	if !c.version.less(ver(3, 6)) {
		e.str("alertCondition", a.condition)
		e.str("alertThreshold", a.threshold)
		e.flag("suspended", a.suspended)
	}
	w := a.view.workbook
	v := el("view", str("id", a.view.id), str("name", a.view.name)).add(el("workbook", str("id", w.id), str("name", w.name)))
	if w.project != nil {
		v.add(el("project", str("id", w.project.id), str("name", w.project.name)))
	}
	e.add(el("owner", str("id", a.owner.id), str("name", a.owner.name)), v)
	if single {
		e.add(contain("recipients", a.recipients, func(r alertRecipient) *element {
			x := el("recipient", str("id", r.user.id), str("name", r.user.name))
			x.when("lastSent", r.sent)
			return x
		}))
	}
	return e
}

// listDataAlerts is GET dataAlerts: all for administrators, one's own for others.
func listDataAlerts(c *call) (*answer, error) {
	part, p, err := paginate(c, own(c.user(), c.site().alerts, (*dataAlert).ownedBy))
	if err != nil {
		return nil, err
	}
	return listed(p, "dataAlerts", part, func(a *dataAlert) *element { return a.element(c, false) })
}

// getDataAlert is GET dataAlerts/{id}. Its code is one of those that are not like their status. Recorded answers have the single one
// in a list of one, with a pagination.
func getDataAlert(c *call) (*answer, error) {
	id := c.r.PathValue("id")
	a, ok := find[*dataAlert](c.site(), id)
	switch {
	case !ok:
		e := errNotFound("409023", "Data alert", id)
		e.status, e.summary = http.StatusNotFound, "Resource Not Found"
		return nil, e
	case !c.user().admin() && a.owner != c.user():
		return nil, errForbidden()
	}
	return listed(page{number: 1, size: defaultPageSize, total: 1}, "dataAlerts", []*dataAlert{a},
		func(a *dataAlert) *element { return a.element(c, true) })
}
