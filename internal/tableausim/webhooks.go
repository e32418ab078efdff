package tableausim

import (
	"strings"
	"time"

	"vitrine/internal/tableausim/wire"
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
func (x *webhook) element() *wire.Element {
	e := wire.New("webhook", wire.Str("id", x.id), wire.Str("name", x.name), wire.Str("event", x.event))
	e.Flag("isEnabled", x.disabled == "")
	e.Str("statusChangeReason", x.disabled)
	e.When("createdAt", x.created)
	e.When("updatedAt", x.updated)
	return e.Add(
		wire.New("webhook-source").Add(wire.New("webhook-source-event-"+dashed(x.event))),
		wire.New("webhook-destination").Add(wire.New("webhook-destination-http", wire.Str("method", "POST"), wire.Str("url", x.url))),
		wire.New("owner", wire.Str("id", x.owner.id), wire.Str("name", x.owner.name)),
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
	return found(wire.Contain("webhooks", c.site().webhooks, (*webhook).element))
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
