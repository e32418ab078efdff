package tableau

import (
	"context"
	"net/url"
	"strings"

	"vitrine/internal/tableau/rest"
)

// ContentSubscription is a view or workbook that is sent to someone by mail.
type ContentSubscription struct {
	node
	plan
	LUID                 LUID   `json:"id" xml:"id,attr"`
	Subject              string `json:"subject" xml:"subject,attr"`
	Message              Text   `json:"message" xml:"message,attr"`
	AttachesImage        Flag   `json:"attachImage" xml:"attachImage,attr"`
	AttachesPdf          Flag   `json:"attachPdf" xml:"attachPdf,attr"`
	PaperGiven           Text   `json:"pageSizeOption" xml:"pageSizeOption,attr"`
	OrientationGiven     Text   `json:"pageOrientation" xml:"pageOrientation,attr"`
	IsSuspended          Flag   `json:"suspended" xml:"suspended,attr"`
	IsTriggeredByRefresh Flag   `json:"refreshExtractTriggered" xml:"refreshExtractTriggered,attr"`

	SubscriberRef *User `json:"user" xml:"user" scan:"shared"`
	Content       struct {
		LUID            LUID   `json:"id" xml:"id,attr"`
		Type            string `json:"type" xml:"type,attr"`
		Name            string `json:"name" xml:"name,attr"`
		SendIfViewEmpty Flag   `json:"sendIfViewEmpty" xml:"sendIfViewEmpty,attr"`
		CustomViewID    LUID   `json:"customViewId" xml:"customViewId,attr"`
	} `json:"content" xml:"content"`

	view     *View     // one of the two, by what the content says
	workbook *Workbook // no more than id and perhaps name
}

func (c *ContentSubscription) luid() LUID { return c.LUID }

func (c *ContentSubscription) bind(s *Session) {
	c.s = s
	c.plan.bind(s)
	bindOne(s, &c.SubscriberRef)
	switch {
	case c.Content.LUID == "":
	case strings.EqualFold(c.Content.Type, "workbook"):
		c.workbook = &Workbook{LUID: c.Content.LUID, Name: c.Content.Name}
		c.workbook.bind(s)
	case strings.EqualFold(c.Content.Type, "view"):
		c.view = &View{LUID: c.Content.LUID, Name: c.Content.Name}
		c.view.bind(s)
	}
}

// IsNode marks a ContentSubscription as something with a global id.
func (*ContentSubscription) IsNode() {}

// ID is the global id.
func (c *ContentSubscription) ID() string {
	return GlobalID(KindContentSubscription, c.s.ContentURL(), string(c.LUID))
}

// IsSentIfEmpty says whether it is sent though the view is empty.
func (c *ContentSubscription) IsSentIfEmpty() Flag { return c.Content.SendIfViewEmpty }

// Paper is the size of the PDF's paper. Tableau writes it in other letters here than it takes it,
// and no paper as none.
func (c *ContentSubscription) Paper() PaperSize {
	return PaperSize(spelled(paperSizes, string(c.PaperGiven)))
}

// PaperRaw is the paper as Tableau writes it.
func (c *ContentSubscription) PaperRaw() Text { return c.PaperGiven }

// Orientation is how the paper is turned; as Paper.
func (c *ContentSubscription) Orientation() PageOrientation {
	return PageOrientation(spelled(pageOrientations, string(c.OrientationGiven)))
}

// OrientationRaw is the orientation as Tableau writes it.
func (c *ContentSubscription) OrientationRaw() Text { return c.OrientationGiven }

// spelled finds a text among those of an enum whatever its letters' case.
func spelled(known map[string]string, text string) string {
	for name := range known {
		if strings.EqualFold(name, text) {
			return name
		}
	}
	return text
}

// Subscriber is who gets it; as Workbook.ReadOwner.
func (c *ContentSubscription) Subscriber(ctx context.Context, enough func(*User) bool) (*User, error) {
	return userOf(ctx, c.node, c, "subscribers", func(c *ContentSubscription) *User { return c.SubscriberRef }, enough)
}

// SubscriberListed returns the subscriber as the subscription itself has it.
func (c *ContentSubscription) SubscriberListed() *User { return c.SubscriberRef }

// Target is what is sent: one list for all subscriptions that were read together. Nil where the
// user may not see it.
func (c *ContentSubscription) Target(ctx context.Context, need TargetNeeds) (RecentTarget, error) {
	all := batchItems(c.batch, c)
	if c.workbook != nil {
		w, err := workbookOf(ctx, c.batch, all, c, func(c *ContentSubscription) *Workbook { return c.workbook }, need)
		return orNoTarget[RecentTarget](w, err)
	}
	v, err := viewOf(ctx, c.batch, all, c, func(c *ContentSubscription) *View { return c.view }, need)
	return orNoTarget[RecentTarget](v, err)
}

// CustomView is the custom view that is sent instead of the plain one; nil where there is none, or
// the user may not see it.
func (c *ContentSubscription) CustomView(ctx context.Context) (*CustomView, error) {
	if c.Content.CustomViewID == "" {
		return nil, nil
	}
	return nilIfDenied(c.s.CustomView(ctx, c.Content.CustomViewID))
}

type subscriptionsAnswer struct {
	rest.Envelope
	Subscriptions struct {
		Items []*ContentSubscription `json:"subscription" xml:"subscription"`
	} `json:"subscriptions" xml:"subscriptions"`
}

type subscriptionAnswer struct {
	rest.Envelope
	Subscription *ContentSubscription `json:"subscription" xml:"subscription"`
}

func (s *Session) subscriptionsPage(ctx context.Context, query url.Values) (Pagination, []*ContentSubscription, error) {
	r := rest.SiteRead{Template: "subscriptions", Query: query}
	a, err := get(ctx, s, r, func(a *subscriptionsAnswer) { bindAll(s, &a.Subscriptions.Items) })
	if err != nil {
		return Pagination{}, nil, err
	}
	return a.Pagination, a.Subscriptions.Items, nil
}

// Subscriptions reads a stretch of the subscriptions: all for administrators, one's own for others.
// GET subscriptions; on Cloud from API 3.20.
func (s *Session) Subscriptions(
	ctx context.Context, q ListQuery[ContentSubscription], offset, first int,
) (*Page[ContentSubscription], error) {
	return readRange(ctx, s, s.subscriptionsPage, q, offset, first)
}

// Subscription reads one subscription. GET subscriptions/{id}; on Cloud from API 3.20.
func (s *Session) Subscription(ctx context.Context, id LUID) (*ContentSubscription, error) {
	r := rest.SiteRead{Template: "subscriptions/{id}", Values: []string{string(id)}}
	a, err := get(ctx, s, r, func(a *subscriptionAnswer) { bindOne(s, &a.Subscription) })
	if err != nil {
		return nil, err
	}
	return one(a.Subscription, "GET subscriptions/{id}")
}

// userOf is a user that an item refers to: the reference where that will do, else one read for all
// items of the set. Refused (see IsKind) where the user of the session may not see more.
func userOf[F any](ctx context.Context, n node, item *F, key string, ref func(*F) *User, enough func(*User) bool) (*User, error) {
	u := ref(item)
	if u == nil || enough(u) {
		return u, nil
	}
	users, err := once(ctx, n.batch, key, func() (map[LUID]*User, error) {
		return n.s.usersOrSelf(ctx, refs(batchItems(n.batch, item), ref))
	})
	if err != nil {
		return nil, err
	}
	if users[u.LUID] == nil {
		return nil, &Error{Kind: Refused, Call: "GET sites/{site}/users"}
	}
	return users[u.LUID], nil
}
