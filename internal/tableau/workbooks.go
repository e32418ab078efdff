package tableau

import (
	"context"
	"errors"
	"net/url"
	"slices"
	"strings"

	"vitrine/internal/tableau/rest"
)

// Workbook is a published file of views with the data behind them.
type Workbook struct {
	node
	LUID                 LUID   `json:"id" xml:"id,attr"`
	Name                 string `json:"name" xml:"name,attr"`
	Description          Text   `json:"description" xml:"description,attr"`
	ContentURL           string `json:"contentUrl" xml:"contentUrl,attr"`
	WebpageURL           Text   `json:"webpageUrl" xml:"webpageUrl,attr"`
	ShowsTabs            Flag   `json:"showTabs" xml:"showTabs,attr"`
	SizeMegabytes        Int    `json:"size" xml:"size,attr"`
	SheetCountListed     Int    `json:"sheetCount" xml:"sheetCount,attr"`
	HasExtractsListed    Flag   `json:"hasExtracts" xml:"hasExtracts,attr"`
	AreExtractsEncrypted Flag   `json:"encryptExtracts" xml:"encryptExtracts,attr"`
	CreatedAt            Time   `json:"createdAt" xml:"createdAt,attr"`
	UpdatedAt            Time   `json:"updatedAt" xml:"updatedAt,attr"`
	LastPublishedAt      Time   `json:"lastPublishedAt" xml:"lastPublishedAt,attr"`
	ShareDescription     Text   `json:"shareDescription" xml:"shareDescription,attr"`
	PrimaryContentURL    Text   `json:"primaryContentUrl" xml:"primaryContentUrl,attr"`
	IsRecentlyViewed     Flag   `json:"recentlyViewed" xml:"recentlyViewed,attr"`
	DefaultViewID        LUID   `json:"defaultViewId" xml:"defaultViewId,attr"`

	ProjectRef *Project  `json:"project" xml:"project" scan:"shared"`
	Location   *Location `json:"location" xml:"location" scan:"shared"`
	OwnerRef   *User     `json:"owner" xml:"owner" scan:"shared"`
	TagRefs    tags      `json:"tags" xml:"tags"`
	// AccelerationRef is there before API 3.29, FreshnessRef after a look-up by id.
	AccelerationRef *DataAcceleration    `json:"dataAccelerationConfig" xml:"dataAccelerationConfig"`
	FreshnessRef    *DataFreshnessPolicy `json:"dataFreshnessPolicy" xml:"dataFreshnessPolicy"`
	// ViewRefs come with a look-up by id alone; nil without one.
	ViewRefs *views `json:"views" xml:"views"`

	fields string // that its list was asked for
}

func (w *Workbook) luid() LUID { return w.LUID }

func (w *Workbook) bind(s *Session) {
	w.s = s
	bindRefs(s, &w.ProjectRef, &w.OwnerRef, &w.TagRefs.Items)
	if w.ViewRefs != nil {
		bindAll(s, &w.ViewRefs.Items)
	}
}

// IsNode marks a Workbook as something with a global id.
func (*Workbook) IsNode() {}

// IsContent marks a Workbook as something that people put on a site.
func (*Workbook) IsContent() {}

// ID is the global id.
func (w *Workbook) ID() string { return GlobalID(KindWorkbook, w.s.ContentURL(), string(w.LUID)) }

// URL is the page of the workbook in Tableau, as browsers reach it.
func (w *Workbook) URL() URL { return w.s.client.rebase(w.WebpageURL) }

// WebURL is URL.
func (w *Workbook) WebURL() URL { return w.URL() }

// Tags are the words that people put on it.
func (w *Workbook) Tags() []*Tag { return nonNil(w.TagRefs.Items) }

type workbooksAnswer struct {
	rest.Envelope
	Workbooks struct {
		Items []*Workbook `json:"workbook" xml:"workbook"`
	} `json:"workbooks" xml:"workbooks"`
}

type workbookAnswer struct {
	rest.Envelope
	Workbook *Workbook `json:"workbook" xml:"workbook"`
}

func (s *Session) workbooksAt(ctx context.Context, r rest.SiteRead) (Pagination, []*Workbook, error) {
	a, err := get(ctx, s, r, func(a *workbooksAnswer) {
		bindAll(s, &a.Workbooks.Items)
		joinAnswer(a.Workbooks.Items)
		for _, w := range a.Workbooks.Items {
			w.fields = r.Query.Get("fields")
		}
	})
	if err != nil {
		return Pagination{}, nil, err
	}
	return a.Pagination, a.Workbooks.Items, nil
}

func (s *Session) workbooksPage(ctx context.Context, query url.Values) (Pagination, []*Workbook, error) {
	return s.workbooksAt(ctx, rest.SiteRead{Template: "workbooks", Query: query})
}

// Workbooks reads a stretch of the workbooks that the user may see. GET workbooks.
func (s *Session) Workbooks(ctx context.Context, q ListQuery[Workbook], offset, first int) (*Page[Workbook], error) {
	return readRange(ctx, s, s.workbooksPage, q, offset, first)
}

// Workbook reads one workbook with its views. GET workbooks/{id}.
func (s *Session) Workbook(ctx context.Context, id LUID) (*Workbook, error) {
	return s.workbookAt(ctx, rest.SiteRead{Template: "workbooks/{id}", Values: []string{string(id)}})
}

// WorkbookByContentURL reads one workbook by its name in addresses. GET
// workbooks/{contentUrl}?key=contentUrl, from API 3.17; before that the list is filtered.
func (s *Session) WorkbookByContentURL(ctx context.Context, contentURL string) (*Workbook, error) {
	if contentURL == "" || contentURL == "." || contentURL == ".." { // no part of a path, and no workbook's
		return nil, &Error{Kind: Missing, Call: "GET workbooks/{contentUrl}"}
	}
	version, err := s.client.Version(ctx)
	if err != nil {
		return nil, err
	}
	if AtLeast(version, "3.17") {
		return s.workbookAt(ctx, rest.SiteRead{Template: "workbooks/{contentUrl}", Values: []string{contentURL}, Query: url.Values{"key": {"contentUrl"}}})
	}
	return findOne(ctx, s, s.workbooksPage, Filter[Workbook]{Field: "contentUrl", Op: "eq", Values: []string{contentURL}},
		func(w *Workbook) bool { return w.ContentURL == contentURL })
}

func (s *Session) workbookAt(ctx context.Context, r rest.SiteRead) (*Workbook, error) {
	a, err := get(ctx, s, r, func(a *workbookAnswer) { bindOne(s, &a.Workbook) })
	if err != nil {
		return nil, err
	}
	return one(a.Workbook, "GET "+r.Template)
}

// askedFor says that its list was asked for a field: what it left out another list leaves out too.
func (w *Workbook) askedFor(field string) bool {
	return slices.Contains(strings.Split(w.fields, ","), field)
}

// SheetCount is how many sheets it has; after a look-up by id it costs one more call.
func (w *Workbook) SheetCount(ctx context.Context) (Int, error) {
	if w.SheetCountListed.Valid || w.askedFor("sheetCount") {
		return w.SheetCountListed, nil
	}
	listed, err := w.Listed(ctx, "sheetCount", "hasExtracts")
	if listed == nil || err != nil {
		return Int{}, err
	}
	return listed.SheetCountListed, nil
}

// HasExtracts says whether it holds extracts; after a look-up by id it costs one more call.
func (w *Workbook) HasExtracts(ctx context.Context) (Flag, error) {
	if w.HasExtractsListed != Unsaid || w.askedFor("hasExtracts") {
		return w.HasExtractsListed, nil
	}
	listed, err := w.Listed(ctx, "sheetCount", "hasExtracts")
	if listed == nil || err != nil {
		return Unsaid, err
	}
	return listed.HasExtractsListed, nil
}

// DefaultView is the view that opens first; nil where the user may not see it.
func (w *Workbook) DefaultView(ctx context.Context, need ViewNeeds) (*View, error) {
	if w.DefaultViewID == "" {
		return nil, nil
	}
	views, err := w.Views(ctx, need)
	isDefault := func(v *View) bool { return v.LUID == w.DefaultViewID }
	if i := slices.IndexFunc(views, isDefault); i >= 0 {
		return views[i], nil
	}
	if w.ViewRefs == nil {
		return nil, err
	}
	i := slices.IndexFunc(w.ViewRefs.Items, isDefault)
	if i < 0 {
		return nil, err
	}
	listed := w.claim(w.ViewRefs.Items[i : i+1])[0] // what the workbook's own answer says of it stays
	return orReference(listed)(nil, err)
}

// findOne reads the one item that a filter finds, and checks that it is the right one.
func findOne[T any, P resource[T]](
	ctx context.Context, s *Session, read pageReader[T], by Filter[T], is func(*T) bool, fields ...string,
) (*T, error) {
	missing := &Error{Kind: Missing, Call: "GET a list for one item", Err: errors.New("no item has this key")}
	by.Match = is
	page, err := readRange[T, P](ctx, s, read, ListQuery[T]{Filters: []Filter[T]{by}, Fields: fields}, 0, maxPageSize)
	if err != nil {
		return nil, err
	}
	i := slices.IndexFunc(page.Items, is)
	if i < 0 {
		return nil, missing
	}
	return newBatch[T, P](page.Items[i : i+1])[0], nil // alone: the other items of the page are not asked about
}

func byLUID[T any, P resource[T]](items []*T) map[LUID]*T {
	m := make(map[LUID]*T, len(items))
	for _, item := range items {
		m[P(item).luid()] = item
	}
	return m
}
