package tableau

import (
	"bytes"
	"context"
	"encoding/json"
	"encoding/xml"
	"strings"

	"vitrine/internal/tableau/rest"
)

// Webhook is an address that Tableau calls when something happens on the site. The GET that calls
// it for a test does not exist in this client, and the door would not let it out.
type Webhook struct {
	node
	LUID               LUID          `json:"id" xml:"id,attr"`
	Name               string        `json:"name" xml:"name,attr"`
	EventListed        Text          `json:"event" xml:"event,attr"`
	IsEnabled          Flag          `json:"isEnabled" xml:"isEnabled,attr"`
	StatusChangeReason Text          `json:"statusChangeReason" xml:"statusChangeReason,attr"`
	CreatedAt          Time          `json:"createdAt" xml:"createdAt,attr"`
	UpdatedAt          Time          `json:"updatedAt" xml:"updatedAt,attr"`
	Source             webhookSource `json:"webhook-source" xml:"webhook-source"`
	Destination        struct {
		HTTP struct {
			Method Text `json:"method" xml:"method,attr"`
			URL    URL  `json:"url" xml:"url,attr"`
		} `json:"webhook-destination-http" xml:"webhook-destination-http"`
	} `json:"webhook-destination" xml:"webhook-destination"`
	OwnerRef *User `json:"owner" xml:"owner" scan:"shared"`
}

// webhookSource is the event as old servers write it: the name of an element,
// webhook-source-event-workbook-refresh-failed.
type webhookSource Text

// UnmarshalJSON takes an object with one key.
func (s *webhookSource) UnmarshalJSON(data []byte) error {
	var object map[string]json.RawMessage
	if json.NewDecoder(bytes.NewReader(data)).Decode(&object) != nil {
		return nil // what cannot be read is not an event
	}
	for name := range object {
		*s = max(*s, webhookSource(name))
	}
	return nil
}

// UnmarshalXML takes an element with one child.
func (s *webhookSource) UnmarshalXML(d *xml.Decoder, start xml.StartElement) error {
	var element struct {
		Children []struct {
			XMLName xml.Name
		} `xml:",any"`
	}
	if err := d.DecodeElement(&element, &start); err != nil {
		return err
	}
	for _, child := range element.Children {
		*s = webhookSource(child.XMLName.Local)
	}
	return nil
}

// event writes the name as new servers do: WorkbookRefreshFailed.
func (s webhookSource) event() Text {
	var b strings.Builder
	for word := range strings.SplitSeq(strings.TrimPrefix(string(s), "webhook-source-event-"), "-") {
		if word != "" {
			b.WriteString(strings.ToUpper(word[:1]) + word[1:])
		}
	}
	return Text(b.String())
}

func (w *Webhook) luid() LUID { return w.LUID }

func (w *Webhook) bind(s *Session) {
	w.s = s
	bindOne(s, &w.OwnerRef)
}

// IsNode marks a Webhook as something with a global id.
func (*Webhook) IsNode() {}

// ID is the global id.
func (w *Webhook) ID() string { return GlobalID(KindWebhook, w.s.ContentURL(), string(w.LUID)) }

// Event is what it waits for, such as WorkbookRefreshFailed.
func (w *Webhook) Event() Text {
	if w.EventListed != "" {
		return w.EventListed
	}
	return w.Source.event()
}

// Method is the HTTP method of the call.
func (w *Webhook) Method() Text { return w.Destination.HTTP.Method }

// DestinationURL is the address that is called.
func (w *Webhook) DestinationURL() URL { return w.Destination.HTTP.URL }

// OwnerListed returns the owner as the webhook itself has it.
func (w *Webhook) OwnerListed() *User { return w.OwnerRef }

// Owner is who owns it; as Workbook.ReadOwner.
func (w *Webhook) Owner(ctx context.Context, enough func(*User) bool) (*User, error) {
	return userOf(ctx, w.node, w, "owners", func(w *Webhook) *User { return w.OwnerRef }, enough)
}

type webhooksAnswer struct {
	rest.Envelope
	Webhooks struct {
		Items []*Webhook `json:"webhook" xml:"webhook"`
	} `json:"webhooks" xml:"webhooks"`
	Webhook *Webhook `json:"webhook" xml:"webhook"`
}

// Webhooks are the webhooks of the site; administrators only. GET webhooks, from API 3.6.
func (s *Session) Webhooks(ctx context.Context) ([]*Webhook, error) {
	r := rest.SiteRead{Template: "webhooks"}
	a, err := get(ctx, s, r, func(a *webhooksAnswer) { bindAll(s, &a.Webhooks.Items) })
	if err != nil {
		return nil, err
	}
	return newBatch(a.Webhooks.Items), nil
}

// Webhook reads one webhook; administrators only. GET webhooks/{id}, from API 3.6.
func (s *Session) Webhook(ctx context.Context, id LUID) (*Webhook, error) {
	r := rest.SiteRead{Template: "webhooks/{id}", Values: []string{string(id)}}
	a, err := get(ctx, s, r, func(a *webhooksAnswer) { bindOne(s, &a.Webhook) })
	if err != nil {
		return nil, err
	}
	return one(a.Webhook, "GET webhooks/{id}")
}
