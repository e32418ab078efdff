package tableau

import (
	"context"
	"encoding/json"
	"errors"

	"vitrine/internal/tableau/rest"
)

// Label is something that was put on content: a warning, a certification, a classification. From
// API 3.16.
type Label struct {
	node
	LUID        LUID  `json:"id" xml:"id,attr"`
	Value       Text  `json:"value" xml:"value,attr"`
	Category    Text  `json:"category" xml:"category,attr"`
	Message     Text  `json:"message" xml:"message,attr"`
	IsActive    Flag  `json:"active" xml:"active,attr"`
	IsElevated  Flag  `json:"elevated" xml:"elevated,attr"`
	SetBy       Text  `json:"userDisplayName" xml:"userDisplayName,attr"`
	ContentType Text  `json:"contentType" xml:"contentType,attr"`
	ContentLUID LUID  `json:"contentId" xml:"contentId,attr"`
	CreatedAt   Time  `json:"createdAt" xml:"createdAt,attr"`
	UpdatedAt   Time  `json:"updatedAt" xml:"updatedAt,attr"`
	OwnerRef    *User `json:"owner" xml:"owner" scan:"shared"`
}

func (l *Label) luid() LUID { return l.LUID }

func (l *Label) bind(s *Session) {
	l.s = s
	bindOne(s, &l.OwnerRef)
}

// ReadOwner returns the owner of the label: from the answer if that is enough, else by one look-up
// for all labels that were read together.
func (l *Label) ReadOwner(ctx context.Context, enough func(*User) bool) (*User, error) {
	return readPerson(ctx, l.node, l, "owners", func(l *Label) *User { return l.OwnerRef }, enough)
}

type labelsAnswer struct {
	rest.Envelope
	List struct {
		Items []*Label `json:"label" xml:"label"`
	} `json:"labelList" xml:"labelList"`
}

type labelAnswer struct {
	rest.Envelope
	Label *Label `json:"label" xml:"label"`
}

// Label reads one label. GET labels/{id}, from API 3.16.
func (s *Session) Label(ctx context.Context, id LUID) (*Label, error) {
	r := rest.SiteRead{Template: "labels/{id}", Values: []string{string(id)}}
	a, err := get(ctx, s, r, func(a *labelAnswer) { bindOne(s, &a.Label) })
	if err != nil {
		return nil, err
	}
	return one(a.Label, "GET labels/{id}")
}

// maxLabelled is for how many things labels are asked in one call.
const maxLabelled = 100

// labelsOf reads the labels of an item: in one call for all items that were read together. kind is
// Tableau's word for them. POST labels, from API 3.17: it only reads.
func labelsOf[T any, P resource[T]](ctx context.Context, n node, item *T, kind string) ([]*Label, error) {
	all, err := once(ctx, n.batch, "labels", func() (map[LUID]outcome[[]*Label], error) {
		siblings := batchItems(n.batch, item)
		ids := make([]LUID, len(siblings))
		for i, sibling := range siblings {
			ids[i] = P(sibling).luid()
		}
		l := labelling{s: n.s, kind: kind, found: make(map[LUID]outcome[[]*Label], len(ids))}
		for len(ids) > 0 {
			few := min(len(ids), maxLabelled)
			if err := l.read(ctx, ids[:few]); err != nil {
				return nil, err
			}
			ids = ids[few:]
		}
		return l.found, nil
	})
	if err != nil {
		return nil, err
	}
	mine := all[P(item).luid()]
	return mine.value, mine.err
}

// labelling reads the labels of many things.
type labelling struct {
	s        *Session
	kind     string
	found    map[LUID]outcome[[]*Label]
	answered bool // whether Tableau ever returned labels
	refused  int  // how many things were refused by themselves
}

// maxRefusedAlone is how many things are asked about one by one while Tableau refuses each: the
// others are then taken to be refused too, as where the site has no labels at all. Else each
// refusal would cost two calls.
const maxRefusedAlone = 10

// read reads the labels of several things. Tableau refuses them all if it refuses one: then read
// halves the list until it has found the one.
func (l *labelling) read(ctx context.Context, ids []LUID) error {
	labels, err := l.s.labelsFor(ctx, l.kind, ids)
	var answer *Error
	switch {
	case err == nil:
		l.take(ids, labels)
		return nil
	case len(ids) == 1:
		l.refused++
		l.found[ids[0]] = outcome[[]*Label]{err: err}
		return ctx.Err()
	case !errors.As(err, &answer) || answer.Kind != Refused && answer.Kind != Missing && answer.Kind != BadRequest:
		return err
	case !l.answered && l.refused >= maxRefusedAlone:
		for _, id := range ids {
			l.found[id] = outcome[[]*Label]{err: err}
		}
		return nil
	}
	if err := l.read(ctx, ids[:len(ids)/2]); err != nil {
		return err
	}
	return l.read(ctx, ids[len(ids)/2:])
}

// take keeps the labels that Tableau returned for several things.
func (l *labelling) take(ids []LUID, labels []*Label) {
	l.answered = true
	for _, id := range ids {
		l.found[id] = outcome[[]*Label]{value: []*Label{}}
	}
	for _, label := range labels {
		if mine, ok := l.found[label.ContentLUID]; ok {
			l.found[label.ContentLUID] = outcome[[]*Label]{value: append(mine.value, label)}
		}
	}
}

// labelled content as Tableau takes it.
type labelQuestion struct {
	List struct {
		Items []labelledContent `json:"content"`
	} `json:"contentList"`
}

type labelledContent struct {
	Kind string `json:"contentType"`
	LUID LUID   `json:"id"`
}

func (s *Session) labelsFor(ctx context.Context, kind string, ids []LUID) ([]*Label, error) {
	var question labelQuestion
	for _, id := range ids {
		question.List.Items = append(question.List.Items, labelledContent{kind, id})
	}
	body, err := json.Marshal(question)
	if err != nil {
		return nil, err
	}
	r := rest.SiteRead{Template: "labels", Body: body}
	a, err := get(ctx, s, r, func(a *labelsAnswer) { bindAll(s, &a.List.Items) })
	if err != nil {
		return nil, err
	}
	labels := newBatch(a.List.Items)
	if len(ids) == 1 {
		for _, l := range labels {
			if l.ContentLUID == "" { // one thing was asked about: whose else should they be
				l.ContentLUID = ids[0]
			}
		}
	}
	return labels, nil
}

// ReadLabels are the labels on the workbook.
func (w *Workbook) ReadLabels(ctx context.Context) ([]*Label, error) {
	return labelsOf(ctx, w.node, w, "workbook")
}

// ReadLabels are the labels on the data source.
func (d *DataSource) ReadLabels(ctx context.Context) ([]*Label, error) {
	return labelsOf(ctx, d.node, d, "datasource")
}

// ReadLabels are the labels on the flow.
func (f *Flow) ReadLabels(ctx context.Context) ([]*Label, error) {
	return labelsOf(ctx, f.node, f, "flow")
}

// ReadLabels are the labels on the virtual connection.
func (v *VirtualConnectionInfo) ReadLabels(ctx context.Context) ([]*Label, error) {
	return labelsOf(ctx, v.node, v, "virtualconnection")
}

// ReadLabels are the labels on the database.
func (d *Database) ReadLabels(ctx context.Context) ([]*Label, error) {
	return labelsOf(ctx, d.node, d, "database")
}

// ReadLabels are the labels on the table.
func (t *Table) ReadLabels(ctx context.Context) ([]*Label, error) {
	return labelsOf(ctx, t.node, t, "table")
}

// ReadLabels are the labels on the column.
func (c *Column) ReadLabels(ctx context.Context) ([]*Label, error) {
	return labelsOf(ctx, c.node, c, "column")
}

// LabelValue is a kind of label. From API 3.20.
type LabelValue struct {
	Name                string `json:"name" xml:"name,attr"`
	Category            Text   `json:"category" xml:"category,attr"`
	Description         Text   `json:"description" xml:"description,attr"`
	BuiltIn             Flag   `json:"builtIn" xml:"builtIn,attr"`
	Internal            Flag   `json:"internal" xml:"internal,attr"`
	IsElevatedByDefault Flag   `json:"elevatedDefault" xml:"elevatedDefault,attr"`
}

// IsBuiltIn says whether it comes with Tableau.
func (v *LabelValue) IsBuiltIn() Flag {
	if v.BuiltIn != Unsaid {
		return v.BuiltIn
	}
	return v.Internal
}

// LabelCategory is a category of labels. From API 3.21.
type LabelCategory struct {
	Name        string `json:"name" xml:"name,attr"`
	Description Text   `json:"description" xml:"description,attr"`
	BuiltIn     Flag   `json:"builtIn" xml:"builtIn,attr"`
	Internal    Flag   `json:"internal" xml:"internal,attr"`
}

// IsBuiltIn says whether it comes with Tableau.
func (c *LabelCategory) IsBuiltIn() Flag {
	if c.BuiltIn != Unsaid {
		return c.BuiltIn
	}
	return c.Internal
}

type labelValuesAnswer struct {
	rest.Envelope
	List struct {
		Items []*LabelValue `json:"labelValue" xml:"labelValue"`
	} `json:"labelValueList" xml:"labelValueList"`
}

type labelValueAnswer struct {
	rest.Envelope
	Value *LabelValue `json:"labelValue" xml:"labelValue"`
}

type labelCategoriesAnswer struct {
	rest.Envelope
	List struct {
		Items []*LabelCategory `json:"labelCategory" xml:"labelCategory"`
	} `json:"labelCategoryList" xml:"labelCategoryList"`
}

// LabelValues are the kinds of label of the site. GET labelValues, from API 3.20.
func (s *Session) LabelValues(ctx context.Context) ([]*LabelValue, error) {
	r := rest.SiteRead{Template: "labelValues"}
	a, err := get(ctx, s, r, func(*labelValuesAnswer) {})
	if err != nil {
		return nil, err
	}
	return notNil(a.List.Items), nil
}

// LabelValue reads one kind of label. GET labelValues/{name}, from API 3.21.
func (s *Session) LabelValue(ctx context.Context, name string) (*LabelValue, error) {
	r := rest.SiteRead{Template: "labelValues/{name}", Values: []string{name}}
	a, err := get(ctx, s, r, func(*labelValueAnswer) {})
	if err != nil {
		return nil, err
	}
	return one(a.Value, "GET labelValues/{name}")
}

// LabelCategories are the categories of labels of the site. GET labelCategories, from API 3.21.
func (s *Session) LabelCategories(ctx context.Context) ([]*LabelCategory, error) {
	r := rest.SiteRead{Template: "labelCategories"}
	a, err := get(ctx, s, r, func(*labelCategoriesAnswer) {})
	if err != nil {
		return nil, err
	}
	return notNil(a.List.Items), nil
}

// IsNode marks a Label as something with a global id.
func (*Label) IsNode() {}

// ID is the global id.
func (l *Label) ID() string { return GlobalID(KindLabel, l.s.ContentURL(), string(l.LUID)) }
