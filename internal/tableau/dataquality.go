package tableau

import (
	"context"

	"vitrine/internal/tableau/rest"
)

// DataQualityWarning is a warning about data, or a certification of it: Tableau writes both alike.
// From API 3.5.
type DataQualityWarning struct {
	node
	LUID      LUID  `json:"id" xml:"id,attr"`
	Type      Text  `json:"type" xml:"type,attr"`
	Message   Text  `json:"message" xml:"message,attr"`
	IsActive  Flag  `json:"isActive" xml:"isActive,attr"`
	IsSevere  Flag  `json:"isSevere" xml:"isSevere,attr"`
	SetBy     Text  `json:"userDisplayName" xml:"userDisplayName,attr"`
	CreatedAt Time  `json:"createdAt" xml:"createdAt,attr"`
	UpdatedAt Time  `json:"updatedAt" xml:"updatedAt,attr"`
	OwnerRef  *User `json:"owner" xml:"owner" scan:"shared"`
}

func (w *DataQualityWarning) luid() LUID { return w.LUID }

func (w *DataQualityWarning) bind(s *Session) {
	w.s = s
	bindOne(s, &w.OwnerRef)
}

// ReadOwner returns the owner of the warning: from the answer if that is enough, else by one
// look-up for all warnings that were read together.
func (w *DataQualityWarning) ReadOwner(ctx context.Context, enough func(*User) bool) (*User, error) {
	return readPerson(ctx, w.node, w, "owners", func(w *DataQualityWarning) *User { return w.OwnerRef }, enough)
}

// DataQualityTrigger is a rule that sets a warning when a refresh or a flow run fails. From API
// 3.11.
type DataQualityTrigger struct {
	node
	LUID      LUID `json:"id" xml:"id,attr"`
	Type      Text `json:"type" xml:"type,attr"`
	Message   Text `json:"message" xml:"message,attr"`
	IsActive  Flag `json:"isActive" xml:"isActive,attr"`
	IsSevere  Flag `json:"isSevere" xml:"isSevere,attr"`
	SetBy     Text `json:"userDisplayName" xml:"userDisplayName,attr"`
	CreatedAt Time `json:"createdAt" xml:"createdAt,attr"`
	UpdatedAt Time `json:"updatedAt" xml:"updatedAt,attr"`
}

func (t *DataQualityTrigger) luid() LUID { return t.LUID }

// ID is an id for client caches.
func (t *DataQualityTrigger) ID() string { return t.cacheID("DataQualityTrigger", string(t.LUID)) }

type warningsAnswer struct {
	rest.Envelope
	List struct {
		Items []*DataQualityWarning `json:"dataQualityWarning" xml:"dataQualityWarning"`
	} `json:"dataQualityWarningList" xml:"dataQualityWarningList"`
}

// certificationsAnswer names its items; its container is not confirmed.
type certificationsAnswer struct {
	rest.Envelope
	List struct {
		Items []*DataQualityWarning `json:"dataQualityIndicator" xml:"dataQualityIndicator"`
	} `json:"dataQualityIndicatorList" xml:"dataQualityIndicatorList"`
	Bare rest.OneOrMany[DataQualityWarning] `json:"dataQualityIndicator" xml:"dataQualityIndicator"`
}

type triggersAnswer struct {
	rest.Envelope
	List struct {
		Items []*DataQualityTrigger `json:"dataQualityTrigger" xml:"dataQualityTrigger"`
	} `json:"dataQualityTriggerList" xml:"dataQualityTriggerList"`
}

// qualityRead names the call for what is said of one thing's data:
// dataQualityWarnings/table/{luid}. kind is Tableau's word for it.
func qualityRead(what, kind string, id LUID) rest.SiteRead {
	return rest.SiteRead{Template: what + "/" + kind + "/{luid}", Values: []string{string(id)}}
}

// warningsOf are the warnings on an item, side by side for all items that were read together. GET
// dataQualityWarnings/{kind}/{luid}, from API 3.5.
func warningsOf[T any, P resource[T]](ctx context.Context, n node, item *T, kind string) ([]*DataQualityWarning, error) {
	return qualityOf[T, P](ctx, n, item, "warnings", func(ctx context.Context, id LUID) ([]*DataQualityWarning, error) {
		a, err := get(ctx, n.s, qualityRead("dataQualityWarnings", kind, id), func(a *warningsAnswer) { bindAll(n.s, &a.List.Items) })
		if err != nil {
			return nil, err
		}
		return a.List.Items, nil
	})
}

// certificationsOf are the certifications of an item; as warningsOf. GET
// dataQualityCertifications/{kind}/{luid}, from API 3.13.
func certificationsOf[T any, P resource[T]](ctx context.Context, n node, item *T, kind string) ([]*DataQualityWarning, error) {
	return qualityOf[T, P](ctx, n, item, "certifications", func(ctx context.Context, id LUID) ([]*DataQualityWarning, error) {
		a, err := get(ctx, n.s, qualityRead("dataQualityCertifications", kind, id), func(a *certificationsAnswer) {
			bindAll(n.s, &a.List.Items)
			bindAll(n.s, (*[]*DataQualityWarning)(&a.Bare))
		})
		if err != nil {
			return nil, err
		}
		return append(a.List.Items, a.Bare...), nil
	})
}

// triggersOf are the rules that set warnings on an item; as warningsOf. GET
// dataQualityTriggers/{kind}/{luid}, from API 3.11.
func triggersOf[T any, P resource[T]](ctx context.Context, n node, item *T, kind string) ([]*DataQualityTrigger, error) {
	return qualityOf[T, P](ctx, n, item, "triggers", func(ctx context.Context, id LUID) ([]*DataQualityTrigger, error) {
		a, err := get(ctx, n.s, qualityRead("dataQualityTriggers", kind, id), func(a *triggersAnswer) { bindAll(n.s, &a.List.Items) })
		if err != nil {
			return nil, err
		}
		return a.List.Items, nil
	})
}

// qualityOf reads a plain list of each item that was read together, in parallel, so that the owners
// of all of it can be looked up at once.
func qualityOf[T any, P resource[T], C any, Q resource[C]](
	ctx context.Context, n node, item *T, key string, read func(context.Context, LUID) ([]*C, error),
) ([]*C, error) {
	page, err := readRangeOfEach[T, P, C, Q](ctx, n, item, key, func(ctx context.Context, item *T) (*Page[C], error) {
		found, err := read(ctx, P(item).luid())
		if err != nil {
			return nil, err
		}
		return &Page[C]{Items: append([]*C(nil), found...)}, nil
	}, nil)
	if err != nil {
		return nil, err
	}
	return page.Items, nil
}

// ID is an id for client caches.
func (w *DataQualityWarning) ID() string { return w.cacheID("DataQualityWarning", string(w.LUID)) }
