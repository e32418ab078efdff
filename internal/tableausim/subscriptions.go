package tableausim

import "vitrine/internal/tableausim/wire"

// subscription is a view or a workbook that is sent to somebody by mail. One of view and workbook
// is set.
type subscription struct {
	id, subject, message string
	image, pdf           bool
	paper, orientation   string
	suspended, triggered bool
	sendIfEmpty          bool
	view                 *view
	workbook             *workbook
	customView           *customView
	schedule             *schedule
	user                 *user
}

func (x *subscription) subscriber() *user { return x.user }

// element is one subscription. On a server it names its schedule; on Cloud it contains the
// schedule.
func (x *subscription) element(c *call) *wire.Element {
	e := wire.New("subscription", wire.Str("id", x.id), wire.Str("subject", x.subject))
	e.Opt("message", x.message)
	e.Flag("attachImage", x.image)
	e.Flag("attachPdf", x.pdf)
	e.Opt("pageOrientation", x.orientation)
	e.Opt("pageSizeOption", x.paper)
	e.Flag("suspended", x.suspended)
	if x.triggered {
		e.Flag("refreshExtractTriggered", true)
	}
	var content *wire.Element
	if x.view != nil {
		content = wire.New("content", wire.Str("id", x.view.id), wire.Str("type", "View"), wire.Str("name", x.view.name))
	} else {
		content = wire.New("content", wire.Str("id", x.workbook.id), wire.Str("type", "Workbook"), wire.Str("name", x.workbook.name))
	}
	content.Flag("sendIfViewEmpty", x.sendIfEmpty)
	if x.customView != nil {
		content.Str("customViewId", x.customView.id)
	}
	schedule := wire.New("schedule", wire.Str("id", x.schedule.id), wire.Str("name", x.schedule.name))
	if c.s.cfg.Cloud {
		schedule = x.schedule.inline(c)
	}
	return e.Add(content, schedule, wire.New("user", wire.Str("id", x.user.id), wire.Str("name", x.user.name)))
}

// listSubscriptions is GET subscriptions: all for administrators, one's own for others. Cloud has
// them since 3.20.
func listSubscriptions(c *call) (*answer, error) {
	if err := c.hasSubscriptions(); err != nil {
		return nil, err
	}
	part, p, err := wire.Paginate(c.query, own(c.user(), c.site().subscriptions, (*subscription).subscriber))
	if err != nil {
		return nil, err
	}
	return listed(p, "subscriptions", part, func(x *subscription) *wire.Element { return x.element(c) })
}

func (c *call) hasSubscriptions() error {
	if c.s.cfg.Cloud && c.version.less(ver(3, 20)) {
		return errUnknownResource(c.r.URL.Path)
	}
	return nil
}

// getSubscription is GET subscriptions/{id}.
func getSubscription(c *call) (*answer, error) {
	if err := c.hasSubscriptions(); err != nil {
		return nil, err
	}
	id := c.r.PathValue("id")
	x, ok := find[*subscription](c.site(), id)
	switch {
	case !ok:
		return nil, errNotFound("404025", "Subscription", id)
	case !c.user().admin() && x.user != c.user():
		return nil, wire.Fail("403058", "The user is not allowed to see this subscription.")
	}
	return found(x.element(c))
}
