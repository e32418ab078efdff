package tableausim

// subscription is a view or a workbook that is sent to somebody by mail. One of view and workbook is set.
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

// element is one subscription. On a server it names its schedule; on Cloud the schedule stands in it.
func (x *subscription) element(c *call) *element {
	e := el("subscription", str("id", x.id), str("subject", x.subject))
	e.opt("message", x.message)
	e.flag("attachImage", x.image)
	e.flag("attachPdf", x.pdf)
	e.opt("pageOrientation", x.orientation)
	e.opt("pageSizeOption", x.paper)
	e.flag("suspended", x.suspended)
	if x.triggered {
		e.flag("refreshExtractTriggered", true)
	}
	var content *element
	if x.view != nil {
		content = el("content", str("id", x.view.id), str("type", "View"), str("name", x.view.name))
	} else {
		content = el("content", str("id", x.workbook.id), str("type", "Workbook"), str("name", x.workbook.name))
	}
	content.flag("sendIfViewEmpty", x.sendIfEmpty)
	if x.customView != nil {
		content.str("customViewId", x.customView.id)
	}
	schedule := el("schedule", str("id", x.schedule.id), str("name", x.schedule.name))
	if c.s.cfg.Cloud {
		schedule = x.schedule.inline(c)
	}
	return e.add(content, schedule, el("user", str("id", x.user.id), str("name", x.user.name)))
}

// listSubscriptions is GET subscriptions: all for administrators, one's own for others. Cloud has them since 3.20.
func listSubscriptions(c *call) (*answer, error) {
	if err := c.hasSubscriptions(); err != nil {
		return nil, err
	}
	part, p, err := paginate(c, own(c.user(), c.site().subscriptions, (*subscription).subscriber))
	if err != nil {
		return nil, err
	}
	return listed(p, "subscriptions", part, func(x *subscription) *element { return x.element(c) })
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
		return nil, fail("403058", "The user is not allowed to see this subscription.")
	}
	return found(x.element(c))
}
