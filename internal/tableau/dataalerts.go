package tableau

import (
	"context"
	"io"
	"net/url"

	"vitrine/internal/tableau/rest"
)

// DataAlertFrequency is how often an alert sends mail while its condition holds.
type DataAlertFrequency string

var dataAlertFrequencies = map[string]string{
	"Once": "ONCE", "AsFrequentlyAsPossible": "AS_FREQUENTLY_AS_POSSIBLE", "Hourly": "HOURLY", "Daily": "DAILY", "Weekly": "WEEKLY",
}

// MarshalGQL writes the schema's value.
func (f DataAlertFrequency) MarshalGQL(w io.Writer) { writeEnum(w, dataAlertFrequencies, string(f)) }

// UnmarshalGQL takes one of the schema's values.
func (f *DataAlertFrequency) UnmarshalGQL(v any) error {
	return readEnum((*string)(f), dataAlertFrequencies, v)
}

// DataAlert is a watch on a number: people get mail when it crosses a line.
type DataAlert struct {
	node
	LUID            LUID               `json:"id" xml:"id,attr"`
	Subject         string             `json:"subject" xml:"subject,attr"`
	Frequency       DataAlertFrequency `json:"frequency" xml:"frequency,attr"`
	ConditionListed DataAlertCondition `json:"alertCondition" xml:"alertCondition,attr"`
	ThresholdListed Text               `json:"alertThreshold" xml:"alertThreshold,attr"`
	IsPublic        Flag               `json:"public" xml:"public,attr"`
	IsSuspended     Flag               `json:"suspended" xml:"suspended,attr"`
	CreatedAt       Time               `json:"createdAt" xml:"createdAt,attr"`
	UpdatedAt       Time               `json:"updatedAt" xml:"updatedAt,attr"`
	CreatorID       LUID               `json:"creatorId" xml:"creatorId,attr"`

	OwnerRef         *User `json:"owner" xml:"owner" scan:"shared"`
	ViewRef          *View `json:"view" xml:"view"`
	RecipientsListed *struct {
		Items []*DataAlertRecipient `json:"recipient" xml:"recipient"`
	} `json:"recipients" xml:"recipients"`

	creator *User // no more than the id
	whole   bool  // looked up by id: nothing more can be had
}

// DataAlertRecipient is someone who gets mail from an alert.
type DataAlertRecipient struct {
	node
	LUID       LUID `json:"id" xml:"id,attr"`
	Name       Text `json:"name" xml:"name,attr"`
	LastSentAt Time `json:"lastSent" xml:"lastSent,attr"`

	user *User
}

func (r *DataAlertRecipient) luid() LUID { return r.LUID }

func (r *DataAlertRecipient) bind(s *Session) {
	r.s = s
	r.user = &User{LUID: r.LUID, Name: r.Name}
	r.user.bind(s)
}

// UserListed returns the recipient as the alert itself has it.
func (r *DataAlertRecipient) UserListed() *User { return r.user }

// User is the recipient; as Workbook.ReadOwner.
func (r *DataAlertRecipient) User(ctx context.Context, enough func(*User) bool) (*User, error) {
	return userOf(ctx, r.node, r, "recipients", func(r *DataAlertRecipient) *User { return r.user }, enough)
}

func (a *DataAlert) luid() LUID { return a.LUID }

func (a *DataAlert) bind(s *Session) {
	a.s = s
	bindOne(s, &a.OwnerRef)
	bindOne(s, &a.ViewRef)
	if a.CreatorID != "" {
		a.creator = &User{LUID: a.CreatorID}
		if a.OwnerRef != nil && a.OwnerRef.LUID == a.CreatorID {
			a.creator = a.OwnerRef
		}
		a.creator.bind(s)
	}
	if a.RecipientsListed != nil {
		bindAll(s, &a.RecipientsListed.Items)
	}
}

// IsNode marks a DataAlert as something with a global id.
func (*DataAlert) IsNode() {}

// ID is the global id.
func (a *DataAlert) ID() string { return GlobalID(KindDataAlert, a.s.ContentURL(), string(a.LUID)) }

// FrequencyRaw is the frequency as Tableau writes it.
func (a *DataAlert) FrequencyRaw() Text { return Text(a.Frequency) }

// full returns the alert with all that a look-up by id has; nil if it is gone by now.
func (a *DataAlert) full(ctx context.Context) (*DataAlert, error) {
	if a.whole {
		return a, nil
	}
	return nilIfDenied(a.s.DataAlert(ctx, a.LUID))
}

// Condition is the condition as Tableau writes it; where a list left it out one call.
func (a *DataAlert) Condition(ctx context.Context) (DataAlertCondition, error) {
	if a.ConditionListed != "" {
		return a.ConditionListed, nil
	}
	full, err := a.full(ctx)
	if full == nil || err != nil {
		return "", err
	}
	return full.ConditionListed, nil
}

// Threshold is the line to cross; where a list left it out one call.
func (a *DataAlert) Threshold(ctx context.Context) (Text, error) {
	if a.ThresholdListed != "" {
		return a.ThresholdListed, nil
	}
	full, err := a.full(ctx)
	if full == nil || err != nil {
		return "", err
	}
	return full.ThresholdListed, nil
}

// Recipients are those who get the mail; out of a list one call.
func (a *DataAlert) Recipients(ctx context.Context) ([]*DataAlertRecipient, error) {
	listed := a.RecipientsListed
	if listed == nil {
		full, err := a.full(ctx)
		if full == nil || err != nil {
			return nil, err
		}
		listed = full.RecipientsListed
	}
	if listed == nil {
		return []*DataAlertRecipient{}, nil
	}
	return newBatch(listed.Items), nil
}

// OwnerListed returns the owner as the alert itself has it.
func (a *DataAlert) OwnerListed() *User { return a.OwnerRef }

// Owner is who owns it; as Workbook.ReadOwner.
func (a *DataAlert) Owner(ctx context.Context, enough func(*User) bool) (*User, error) {
	return userOf(ctx, a.node, a, "owners", func(a *DataAlert) *User { return a.OwnerRef }, enough)
}

// CreatorListed returns the creator as the alert itself has it.
func (a *DataAlert) CreatorListed() *User { return a.creator }

// Creator is who made it; as Workbook.ReadOwner.
func (a *DataAlert) Creator(ctx context.Context, enough func(*User) bool) (*User, error) {
	return userOf(ctx, a.node, a, "creators", func(a *DataAlert) *User { return a.creator }, enough)
}

// View returns the view that it watches: from the alert if that is enough, else by one list for all
// alerts that were read together. Nil if the user may not see it.
func (a *DataAlert) View(ctx context.Context, need TargetNeeds) (*View, error) {
	return viewOf(ctx, a.batch, batchItems(a.batch, a), a, func(a *DataAlert) *View { return a.ViewRef }, need)
}

// dataAlertsAnswer has a single one as dataAlert, or as a list of one.
type dataAlertsAnswer struct {
	rest.Envelope
	DataAlerts struct {
		Items []*DataAlert `json:"dataAlert" xml:"dataAlert"`
	} `json:"dataAlerts" xml:"dataAlerts"`
	DataAlert *DataAlert `json:"dataAlert" xml:"dataAlert"`
}

func (s *Session) dataAlertsPage(ctx context.Context, query url.Values) (Pagination, []*DataAlert, error) {
	r := rest.SiteRead{Template: "dataAlerts", Query: query}
	a, err := get(ctx, s, r, func(a *dataAlertsAnswer) { bindAll(s, &a.DataAlerts.Items) })
	if err != nil {
		return Pagination{}, nil, err
	}
	return a.Pagination, a.DataAlerts.Items, nil
}

// DataAlerts reads a stretch of the data-driven alerts: all for administrators, one's own for
// others. GET dataAlerts, from API 3.2.
func (s *Session) DataAlerts(ctx context.Context, q ListQuery[DataAlert], offset, first int) (*Page[DataAlert], error) {
	return readRange(ctx, s, s.dataAlertsPage, q, offset, first)
}

// DataAlert reads one data-driven alert with its recipients. GET dataAlerts/{id}, from API 3.2.
func (s *Session) DataAlert(ctx context.Context, id LUID) (*DataAlert, error) {
	r := rest.SiteRead{Template: "dataAlerts/{id}", Values: []string{string(id)}}
	a, err := get(ctx, s, r, func(a *dataAlertsAnswer) {
		a.DataAlerts.Items = append(a.DataAlerts.Items, a.DataAlert)
		bindAll(s, &a.DataAlerts.Items)
		for _, alert := range a.DataAlerts.Items {
			alert.whole = true
		}
	})
	if err != nil {
		return nil, err
	}
	return firstOf(a.DataAlerts.Items, "GET dataAlerts/{id}")
}

// ConditionRaw is the same as Tableau writes it.
func (a *DataAlert) ConditionRaw(ctx context.Context) (Text, error) {
	condition, err := a.Condition(ctx)
	return Text(condition), err
}
