package tableausim

import (
	"strings"
	"time"
)

// webhook is an address that Tableau calls when something happens on the site.
type webhook struct {
	id, name, event  string // WorkbookRefreshFailed
	url              string
	disabled         string // why it is off; empty when it is on
	owner            *user
	created, updated time.Time
}

// element writes the event as an attribute and as the element that old clients look for.
func (x *webhook) element() *element {
	e := el("webhook", str("id", x.id), str("name", x.name), str("event", x.event))
	e.flag("isEnabled", x.disabled == "")
	e.str("statusChangeReason", x.disabled)
	e.when("createdAt", x.created)
	e.when("updatedAt", x.updated)
	return e.add(
		el("webhook-source").add(el("webhook-source-event-"+dashed(x.event))),
		el("webhook-destination").add(el("webhook-destination-http", str("method", "POST"), str("url", x.url))),
		el("owner", str("id", x.owner.id), str("name", x.owner.name)),
	)
}

// dashed writes WorkbookRefreshFailed as workbook-refresh-failed.
func dashed(event string) string {
	var b strings.Builder
	for i, r := range event {
		if i > 0 && r >= 'A' && r <= 'Z' {
			b.WriteByte('-')
		}
		b.WriteRune(r)
	}
	return strings.ToLower(b.String())
}

// listWebhooks is GET webhooks: administrators only, without pages.
func listWebhooks(c *call) (*answer, error) {
	if !c.user().admin() {
		return nil, errForbidden()
	}
	return found(contain("webhooks", c.site().webhooks, (*webhook).element))
}

// getWebhook is GET webhooks/{id}. The stand-in has no test of a webhook, which would call it.
func getWebhook(c *call) (*answer, error) {
	if !c.user().admin() {
		return nil, errForbidden()
	}
	id := c.r.PathValue("id")
	x, ok := find[*webhook](c.site(), id)
	if !ok {
		return nil, errNotFound("404034", "Webhook", id)
	}
	return found(x.element())
}
