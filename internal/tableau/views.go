package tableau

import (
	"cmp"
	"context"
	"errors"
	"net/url"
	"slices"
	"strconv"
	"strings"

	"vitrine/internal/tableau/rest"
)

// View is a sheet, dashboard or story of a workbook.
type View struct {
	node
	LUID             LUID      `json:"id" xml:"id,attr"`
	Name             string    `json:"name" xml:"name,attr"`
	ContentURL       string    `json:"contentUrl" xml:"contentUrl,attr"`
	URLNameGiven     Text      `json:"viewUrlName" xml:"viewUrlName,attr"`
	CreatedAt        Time      `json:"createdAt" xml:"createdAt,attr"`
	UpdatedAt        Time      `json:"updatedAt" xml:"updatedAt,attr"`
	SheetType        SheetType `json:"sheetType" xml:"sheetType,attr"`
	FavoriteCount    Int       `json:"favoritesTotal" xml:"favoritesTotal,attr"`
	IsHidden         Flag      `json:"hidden" xml:"hidden,attr"`
	IsRecentlyViewed Flag      `json:"recentlyViewed" xml:"recentlyViewed,attr"`

	WorkbookRef *Workbook  `json:"workbook" xml:"workbook" scan:"shared"`
	ProjectRef  *Project   `json:"project" xml:"project" scan:"shared"`
	Location    *Location  `json:"location" xml:"location" scan:"shared"`
	OwnerRef    *User      `json:"owner" xml:"owner" scan:"shared"`
	TagRefs     tags       `json:"tags" xml:"tags"`
	Usage       *ViewUsage `json:"usage" xml:"usage"`

	// AccelerationRef comes with the look-up of a workbook alone, before API 3.29.
	AccelerationRef *DataAcceleration `json:"dataAccelerationConfig" xml:"dataAccelerationConfig"`
}

// ViewUsage says how often a view was looked at. Where Tableau was asked for it and left it out, it
// is there and says nothing.
type ViewUsage struct {
	TotalViewCount Long `json:"totalViewCount" xml:"totalViewCount,attr"`
}

func (v *View) luid() LUID { return v.LUID }

func (v *View) bind(s *Session) {
	v.s = s
	bindOne(s, &v.WorkbookRef)
	bindRefs(s, &v.ProjectRef, &v.OwnerRef, &v.TagRefs.Items)
}

// IsNode marks a View as something with a global id.
func (*View) IsNode() {}

// IsContent marks a View as something that people put on a site.
func (*View) IsContent() {}

// ID is the global id.
func (v *View) ID() string { return GlobalID(KindView, v.s.ContentURL(), string(v.LUID)) }

// Path is the view as it is in the browser's address: Workbook/View. Tableau's own content URL has
// /sheets/ between them.
func (v *View) Path() string { return strings.Replace(v.ContentURL, "/sheets/", "/", 1) }

// URLName is the last part of the path.
func (v *View) URLName() Text {
	if v.URLNameGiven != "" {
		return v.URLNameGiven
	}
	return Text(v.ContentURL[strings.LastIndexByte(v.ContentURL, '/')+1:])
}

// SheetTypeRaw is the kind as Tableau writes it.
func (v *View) SheetTypeRaw() Text { return Text(v.SheetType) }

// URL is the view's address for browsers and the Embedding API.
func (v *View) URL() URL { return v.EmbedURL() }

// EmbedURL is the address that the src of the Embedding API takes: the view alone.
func (v *View) EmbedURL() URL {
	if v.ContentURL == "" {
		return ""
	}
	return v.s.client.embedAddress(v.s.ContentURL(), v.Path())
}

// WebURL is the view's page in Tableau, with Tableau's navigation around it.
func (v *View) WebURL() URL {
	if v.ContentURL == "" {
		return ""
	}
	return v.s.client.webAddress(v.s.ContentURL(), "views/"+v.Path())
}

// Acceleration is nil if Tableau says nothing of it.
func (v *View) Acceleration() *DataAcceleration { return v.AccelerationRef }

// Tags are the words that people put on it.
func (v *View) Tags() []*Tag { return nonNil(v.TagRefs.Items) }

// views is a container of views.
type views struct {
	Items []*View `json:"view" xml:"view"`
}

type viewsAnswer struct {
	rest.Envelope
	Views views `json:"views" xml:"views"`
}

type viewAnswer struct {
	rest.Envelope
	View *View `json:"view" xml:"view"`
}

func (s *Session) viewsAt(ctx context.Context, r rest.SiteRead) (Pagination, []*View, error) {
	a, err := get(ctx, s, r, func(a *viewsAnswer) {
		bindAll(s, &a.Views.Items)
		joinAnswer(a.Views.Items)
		if r.Query.Has(usageStatistics) {
			for _, v := range a.Views.Items {
				v.Usage = cmp.Or(v.Usage, &ViewUsage{}) // asking for each view by itself would tell no more
			}
		}
	})
	if err != nil {
		return Pagination{}, nil, err
	}
	return a.Pagination, a.Views.Items, nil
}

func (s *Session) viewsPage(ctx context.Context, query url.Values) (Pagination, []*View, error) {
	return s.viewsAt(ctx, rest.SiteRead{Template: "views", Query: query})
}

// Views reads a stretch of the views that the user may see. GET views.
func (s *Session) Views(ctx context.Context, q ListQuery[View], offset, first int) (*Page[View], error) {
	return readRange(ctx, s, s.viewsPage, q, offset, first)
}

// View reads one view; with usage also how often it was looked at. GET views/{id}.
func (s *Session) View(ctx context.Context, id LUID, usage bool) (*View, error) {
	r := rest.SiteRead{Template: "views/{id}", Values: []string{string(id)}, Query: usageParameter(usage)}
	a, err := get(ctx, s, r, func(a *viewAnswer) { bindOne(s, &a.View) })
	if err != nil {
		return nil, err
	}
	return one(a.View, "GET views/{id}")
}

// ViewByContentURL reads one view by Tableau's own name for it, Workbook/sheets/View, with what its
// list is asked for beside its default fields. GET views?filter=contentUrl:eq:….
func (s *Session) ViewByContentURL(ctx context.Context, contentURL string, fields ...string) (*View, error) {
	return findOne(ctx, s, s.viewsPage, Filter[View]{Field: "contentUrl", Op: "eq", Values: []string{contentURL}},
		func(v *View) bool { return v.ContentURL == contentURL }, fields...)
}

// Completed is a view that was looked up by id with what only lists tell: one call for all views
// that were looked up together.
func (v *View) Completed(ctx context.Context) (*View, error) {
	list, err := v.Listed(ctx, false, "favoritesTotal", "sheetType")
	if list == nil || err != nil {
		return v, err
	}
	full := *v
	full.FavoriteCount, full.SheetType = list.FavoriteCount, cmp.Or(v.SheetType, list.SheetType)
	return &full, nil
}

const usageStatistics = "includeUsageStatistics"

func usageParameter(usage bool) url.Values {
	if !usage {
		return nil
	}
	return url.Values{usageStatistics: {"true"}}
}

// ViewNeeds says what is wanted of the views of a workbook, so that the cheapest call that has it
// is made.
type ViewNeeds struct {
	Usage  bool     // how often they were looked at
	Listed bool     // something that only the site's list of views has
	Plain  bool     // nothing but what a workbook that was looked up by id brings along
	Fields []string // what the list must be asked for beside its default fields
}

func (n ViewNeeds) key() string {
	return "views " + strconv.FormatBool(n.Usage) + strconv.FormatBool(n.Listed) + strings.Join(n.Fields, ",")
}

// Views are the views of the workbook, in Tableau's order: those that came along, or one list for all
// workbooks that were read together. GET workbooks/{id}/views, views?filter=workbookName:in:[…], or
// views?filter=projectName:in:[…].
func (w *Workbook) Views(ctx context.Context, need ViewNeeds) ([]*View, error) {
	if need.Plain && w.ViewRefs != nil {
		return w.claim(w.ViewRefs.Items), nil
	}
	siblings := batchItems(w.batch, w)
	byWorkbook, err := once(ctx, w.batch, need.key(), func() (map[LUID][]*View, error) {
		return w.s.viewsOf(ctx, siblings, need)
	})
	if err != nil {
		return nil, err
	}
	return byWorkbook[w.LUID], nil
}

// claim puts views that were reached through the workbook into one batch.
func (w *Workbook) claim(views []*View) []*View {
	return batchViews([]*Workbook{w}, map[LUID][]*View{w.LUID: views})[w.LUID]
}

// parent returns the workbook through which the view was reached; nil for none.
func (v *View) parent() *Workbook {
	if batch := v.readWith(); batch != nil {
		return batch.parent(v)
	}
	return nil
}

// reachedBy returns the view with what only the answer of a workbook says of it.
func (v *View) reachedBy(w *Workbook) *View {
	if v.AccelerationRef != nil || w.ViewRefs == nil {
		return v
	}
	i := slices.IndexFunc(w.ViewRefs.Items, func(listed *View) bool { return listed.LUID == v.LUID })
	if i < 0 || w.ViewRefs.Items[i].AccelerationRef == nil {
		return v
	}
	full := *v
	full.AccelerationRef = w.ViewRefs.Items[i].AccelerationRef
	return &full
}

// viewsOf reads the views of several workbooks from the site's list, or for each workbook where that
// takes fewer calls. All views form one batch.
func (s *Session) viewsOf(ctx context.Context, workbooks []*Workbook, need ViewNeeds) (map[LUID][]*View, error) {
	lists := make(map[LUID][]*View, len(workbooks))
	several := len(workbooks) > 1
	alone := func(ctx context.Context, some []*Workbook) error {
		return s.viewsOfEach(ctx, some, need, several, lists)
	}
	closed := false
	if !several && !need.Listed {
		err := alone(ctx, workbooks)
		if closed = IsKind(err, Unsupported); !closed { // to a session of a JWT on this server; the list is not
			return batchViews(workbooks, lists), err
		}
	}
	views, _, err := readChildren(ctx, s, childList[View, Workbook]{
		read:  s.viewsPage,
		query: ListQuery[View]{Fields: need.Fields, Sort: []Sort{{Field: "sheetNumber"}}, Extra: usageParameter(need.Usage)},
		field: "workbookName", value: func(w *Workbook) string { return w.Name },
		project: func(w *Workbook) string { return cmp.Or(w.ProjectRef, &Project{}).Name },
		alone:   alone, missing: need.Listed || closed,
	}, workbooks)
	if err != nil {
		return nil, err
	}
	for w, found := range groupedBy(views, func(v *View) LUID { return cmp.Or(v.WorkbookRef, &Workbook{}).LUID }) {
		lists[w] = append(lists[w], found...)
	}
	return batchViews(workbooks, lists), nil
}

// batchViews puts the views of several workbooks into one batch, with the workbook that each was
// reached through.
func batchViews(workbooks []*Workbook, lists map[LUID][]*View) map[LUID][]*View {
	count := 0
	batch := &Batch{workbooks: make(map[LUID]*Workbook, len(workbooks))}
	for _, w := range workbooks {
		count += len(lists[w.LUID])
		batch.workbooks[w.LUID] = w
	}
	all := make([]*View, 0, count)
	for _, w := range workbooks {
		for _, v := range lists[w.LUID] {
			all = append(all, v.reachedBy(w))
			if v.WorkbookRef == nil || v.WorkbookRef.LUID != w.LUID {
				batch.addParent(v.LUID, w)
			}
		}
	}
	return groupedBy(joinBatch(batch, all), func(v *View) LUID { return batch.parent(v).LUID })
}

// addParent sets the workbook through which a view was reached that does not name it.
func (b *Batch) addParent(view LUID, w *Workbook) {
	if b.parents == nil {
		b.parents = map[LUID]*Workbook{}
	}
	b.parents[view] = w
}

// parent returns the workbook through which a view of the batch was reached; nil for none.
func (b *Batch) parent(v *View) *Workbook {
	if w := b.parents[v.LUID]; w != nil || v.WorkbookRef == nil {
		return w
	}
	return b.workbooks[v.WorkbookRef.LUID]
}

// groupedBy groups items by what they belong to, in their order.
func groupedBy[T any](items []*T, of func(*T) LUID) map[LUID][]*T {
	numbers := map[LUID]int{}
	number := make([]int, len(items)) // of the group of each
	var counts []int
	last := LUID("")
	for i, item := range items {
		id := of(item)
		if i > 0 && id == last { // as most are
			number[i] = number[i-1]
		} else {
			n, known := numbers[id]
			if !known {
				n = len(counts)
				numbers[id], counts = n, append(counts, 0)
			}
			number[i], last = n, id
		}
		counts[number[i]]++
	}
	room := make([]*T, len(items))
	groups := make([][]*T, len(counts))
	for n, count := range counts {
		groups[n], room = room[:0:count], room[count:]
	}
	for i, item := range items {
		groups[number[i]] = append(groups[number[i]], item)
	}
	named := make(map[LUID][]*T, len(groups))
	for id, n := range numbers {
		named[id] = groups[n]
	}
	return named
}

// viewsOfEach reads the views of workbooks into lists by one call for each workbook. If there are
// several, one that the user may no longer read has no views.
func (s *Session) viewsOfEach(ctx context.Context, workbooks []*Workbook, need ViewNeeds, several bool, lists map[LUID][]*View) error {
	got, err := sideBySide(ctx, workbooks, func(ctx context.Context, w *Workbook) ([]*View, error) {
		_, views, err := s.viewsAt(ctx, rest.SiteRead{
			Template: "workbooks/{id}/views", Values: []string{string(w.LUID)}, Query: usageParameter(need.Usage),
		})
		if IsKind(err, Unsupported) && need.Plain { // closed to a session of a JWT on this server: the workbook itself is not
			views, err = s.viewsWithin(ctx, w)
		}
		return views, err
	})
	if err != nil {
		return err
	}
	for i, w := range workbooks {
		err := got[i].err
		if err != nil && (!several || !IsKind(err, Refused) && !IsKind(err, Missing)) {
			return err
		}
		lists[w.LUID] = got[i].value
	}
	return nil
}

// viewsWithin are the views that a look-up of the workbook brings along.
func (s *Session) viewsWithin(ctx context.Context, w *Workbook) ([]*View, error) {
	whole, err := s.Workbook(ctx, w.LUID)
	if err != nil || whole.ViewRefs == nil {
		return nil, err
	}
	return whole.ViewRefs.Items, nil
}

// Workbook returns the workbook of the view: the one it was reached through, the one of the list of
// views, or one call for all views that were read together. enough reports whether the reference is
// enough; the reference is also the result if the user may not read the workbook.
func (v *View) Workbook(ctx context.Context, enough func(*Workbook) bool) (*Workbook, error) {
	if parent := v.parent(); parent != nil {
		return parent, nil
	}
	if v.WorkbookRef == nil {
		return nil, nil
	}
	if enough(v.WorkbookRef) {
		return v.WorkbookRef, nil
	}
	siblings := batchItems(v.batch, v)
	if len(siblings) > 1 {
		found, err := listed(ctx, v.batch, v.s.workbookList([]string{"owner.fullName"}), siblings, func(v *View) (LUID, string) {
			name, _, _ := strings.Cut(v.ContentURL, "/")
			return cmp.Or(v.WorkbookRef, &Workbook{}).LUID, name
		})
		if w := found[v.WorkbookRef.LUID]; w != nil || err != nil && !IsKind(err, BadRequest) && !errors.Is(err, errTooManyPages) {
			return orReference(v.WorkbookRef)(w, err)
		}
	}
	return orReference(v.WorkbookRef)(v.s.Workbook(ctx, v.WorkbookRef.LUID))
}

// ViewCount is how often the view was looked at since it was made; where its list did not say, one
// more call.
func (v *View) ViewCount(ctx context.Context) (Long, error) {
	if v.Usage != nil {
		return v.Usage.TotalViewCount, nil
	}
	again, err := v.s.View(ctx, v.LUID, true)
	if err != nil || again.Usage == nil {
		return Long{}, err
	}
	return again.Usage.TotalViewCount, nil
}

// ignoreDenied returns no items and no error for a list that Tableau refuses.
func ignoreDenied[T any](items map[LUID]*T, err error) (map[LUID]*T, error) {
	if IsKind(err, Refused) || IsKind(err, Missing) || IsKind(err, BadRequest) || IsKind(err, Unsupported) {
		return nil, nil
	}
	return items, err
}

// nilIfDenied returns nil and no error for something hidden or gone.
func nilIfDenied[T any](item *T, err error) (*T, error) {
	if IsKind(err, Refused) || IsKind(err, Missing) {
		return nil, nil
	}
	return item, err
}
