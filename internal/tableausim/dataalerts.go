package tableausim

import (
	"net/http"
	"time"

	"vitrine/internal/tableausim/wire"
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

// element is one alert; its recipients are shown only in a look-up. The recorded answers, of 3.5,
// have neither condition nor threshold; later ones do.
func (a *dataAlert) element(c *call, single bool) *wire.Element {
	e := wire.New("dataAlert", wire.Str("id", a.id), wire.Str("subject", a.subject), wire.Str("creatorId", a.owner.id))
	e.When("createdAt", a.created)
	e.When("updatedAt", a.updated)
	e.Str("frequency", a.frequency)
	e.Flag("public", a.public)
	if !c.version.less(ver(3, 6)) {
		e.Str("alertCondition", a.condition)
		e.Str("alertThreshold", a.threshold)
		e.Flag("suspended", a.suspended)
	}
	w := a.view.workbook
	v := wire.New("view", wire.Str("id", a.view.id), wire.Str("name", a.view.name)).Add(wire.New("workbook", wire.Str("id", w.id), wire.Str("name", w.name)))
	if w.project != nil {
		v.Add(wire.New("project", wire.Str("id", w.project.id), wire.Str("name", w.project.name)))
	}
	e.Add(wire.New("owner", wire.Str("id", a.owner.id), wire.Str("name", a.owner.name)), v)
	if single {
		e.Add(wire.Contain("recipients", a.recipients, func(r alertRecipient) *wire.Element {
			x := wire.New("recipient", wire.Str("id", r.user.id), wire.Str("name", r.user.name))
			x.When("lastSent", r.sent)
			return x
		}))
	}
	return e
}

// listDataAlerts is GET dataAlerts: all for administrators, one's own for others.
func listDataAlerts(c *call) (*answer, error) {
	part, p, err := wire.Paginate(c.query, own(c.user(), c.site().alerts, (*dataAlert).ownedBy))
	if err != nil {
		return nil, err
	}
	return listed(p, "dataAlerts", part, func(a *dataAlert) *wire.Element { return a.element(c, false) })
}

// getDataAlert is GET dataAlerts/{id}. Its code is one of those that are not like their status.
// Recorded answers have the single one in a list of one, with a pagination.
func getDataAlert(c *call) (*answer, error) {
	id := c.r.PathValue("id")
	a, ok := find[*dataAlert](c.site(), id)
	switch {
	case !ok:
		e := errNotFound("409023", "Data alert", id)
		e.Status, e.Summary = http.StatusNotFound, "Resource Not Found"
		return nil, e
	case !c.user().admin() && a.owner != c.user():
		return nil, errForbidden()
	}
	return listed(wire.Page{Number: 1, Size: wire.DefaultPageSize, Total: 1}, "dataAlerts", []*dataAlert{a},
		func(a *dataAlert) *wire.Element { return a.element(c, true) })
}
