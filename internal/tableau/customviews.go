package tableau

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"net/url"
	"slices"
	"strings"

	"vitrine/internal/parallel"
	"vitrine/internal/tableau/rest"
)

// CustomView is a state of a view that somebody saved: filters, parameters, selections.
type CustomView struct {
	node
	LUID           LUID   `json:"id" xml:"id,attr"`
	Name           string `json:"name" xml:"name,attr"`
	ContentURL     Text   `json:"contentUrl" xml:"contentUrl,attr"` // of its view; not every server sends it
	CreatedAt      Time   `json:"createdAt" xml:"createdAt,attr"`
	UpdatedAt      Time   `json:"updatedAt" xml:"updatedAt,attr"`
	LastAccessedAt Time   `json:"lastAccessedAt" xml:"lastAccessedAt,attr"`
	IsShared       Flag   `json:"shared" xml:"shared,attr"`

	ViewRef     *View     `json:"view" xml:"view"`
	WorkbookRef *Workbook `json:"workbook" xml:"workbook"`
	OwnerRef    *User     `json:"owner" xml:"owner" scan:"shared"`
}

func (v *CustomView) luid() LUID { return v.LUID }

func (v *CustomView) bind(s *Session) {
	v.s = s
	bindOne(s, &v.ViewRef)
	bindOne(s, &v.WorkbookRef)
	bindOne(s, &v.OwnerRef)
	if v.ViewRef != nil && v.ViewRef.ContentURL == "" {
		v.ViewRef.ContentURL = string(v.ContentURL)
	}
}

// IsNode marks a CustomView as something with a global id.
func (*CustomView) IsNode() {}

// IsContent marks a CustomView as something that people put on a site.
func (*CustomView) IsContent() {}

// ID is the global id.
func (v *CustomView) ID() string { return GlobalID(KindCustomView, v.s.ContentURL(), string(v.LUID)) }

// URL is the address for browsers and the Embedding API: that of the view, then LUID and name. None
// where the server does not send the view's content URL.
func (v *CustomView) URL() URL {
	if v.ContentURL == "" {
		return ""
	}
	path := strings.Replace(string(v.ContentURL), "/sheets/", "/", 1)
	return v.s.client.embedAddress(v.s.ContentURL(), path) + URL("/"+url.PathEscape(string(v.LUID))+"/"+url.PathEscape(v.Name))
}

type customViewsAnswer struct {
	rest.Envelope
	CustomViews struct {
		Items []*CustomView `json:"customView" xml:"customView"`
	} `json:"customViews" xml:"customViews"`
}

type customViewAnswer struct {
	rest.Envelope
	CustomView *CustomView `json:"customView" xml:"customView"`
}

func (s *Session) customViewsPage(ctx context.Context, query url.Values) (Pagination, []*CustomView, error) {
	r := rest.SiteRead{Template: "customviews", Query: query}
	a, err := get(ctx, s, r, func(a *customViewsAnswer) { bindAll(s, &a.CustomViews.Items) })
	if err != nil {
		return Pagination{}, nil, err
	}
	return a.Pagination, a.CustomViews.Items, nil
}

// CustomViews reads a stretch of custom views. Without a filter on view or workbook, and with one
// on the owner, people who are no administrators get their own alone. GET customviews, from API
// 3.18.
func (s *Session) CustomViews(ctx context.Context, q ListQuery[CustomView], offset, first int) (*Page[CustomView], error) {
	return readRange(ctx, s, s.customViewsPage, q, offset, first)
}

// CustomView reads one custom view. GET customviews/{id}, from API 3.18.
func (s *Session) CustomView(ctx context.Context, id LUID) (*CustomView, error) {
	r := rest.SiteRead{Template: "customviews/{id}", Values: []string{string(id)}}
	a, err := get(ctx, s, r, func(a *customViewAnswer) { bindOne(s, &a.CustomView) })
	if HasCode(err, "404008") { // elsewhere it is an operation that the server lacks
		return nil, &Error{Kind: Missing, Call: "GET customviews/{id}", Err: err}
	}
	if err != nil {
		return nil, err
	}
	return one(a.CustomView, "GET customviews/{id}")
}

// DefaultFor reads a range of the users for whom it is the default of the view; administrators
// only. The answer has only ids. GET customviews/{id}/default/users, from API 3.21.
func (v *CustomView) DefaultFor(ctx context.Context, offset, first int) (*Page[User], error) {
	return readRange(ctx, v.s, func(ctx context.Context, query url.Values) (Pagination, []*User, error) {
		a, err := get(ctx, v.s, rest.SiteRead{Template: "customviews/{id}/default/users", Values: []string{string(v.LUID)}, Query: query}, func(a *usersAnswer) { bindAll(v.s, &a.Users.Items) })
		if err != nil {
			return Pagination{}, nil, err
		}
		return a.Pagination, a.Users.Items, nil
	}, ListQuery[User]{}, offset, first)
}

// ofView and ofWorkbook filter custom views.
func ofView(id LUID) Filter[CustomView] {
	return Filter[CustomView]{Field: "viewId", Op: "eq", Values: []string{string(id)}}
}

func ofWorkbook(id LUID) Filter[CustomView] {
	return Filter[CustomView]{Field: "workbookId", Op: "eq", Values: []string{string(id)}}
}

// CustomViews reads a stretch of the custom views of all its views. GET
// customviews?filter=workbookId:eq:….
func (w *Workbook) CustomViews(ctx context.Context, q ListQuery[CustomView], offset, first int) (*Page[CustomView], error) {
	q.Filters = append(q.Filters[:len(q.Filters):len(q.Filters)], ofWorkbook(w.LUID))
	return w.s.CustomViews(ctx, q, offset, first)
}

// CustomViews reads a stretch of the view's custom views: for one view GET
// customviews?filter=viewId:eq:…, for several that were read together one list for each workbook,
// as no filter names several views.
func (v *View) CustomViews(ctx context.Context, q ListQuery[CustomView], offset, first int) (*Page[CustomView], error) {
	siblings := batchItems(v.batch, v)
	if len(siblings) > 1 && v.workbookLUID() != "" {
		key := fmt.Sprint("custom views", offset, first, q.key())
		pages, err := once(ctx, v.batch, key, func() (map[LUID]*Page[CustomView], error) {
			return v.s.customViewsByView(ctx, siblings, q, offset, first)
		})
		if !errors.Is(err, errTooManyPages) {
			return pages[v.LUID], err
		}
	}
	q.Filters = append(q.Filters[:len(q.Filters):len(q.Filters)], ofView(v.LUID))
	return v.s.CustomViews(ctx, q, offset, first)
}

func (v *View) workbookLUID() LUID {
	switch {
	case v.parent() != nil:
		return v.parent().LUID
	case v.WorkbookRef != nil:
		return v.WorkbookRef.LUID
	default:
		return ""
	}
}

// customViewsByView reads the custom views of the workbooks of some views, and deals them out.
func (s *Session) customViewsByView(
	ctx context.Context, views []*View, q ListQuery[CustomView], offset, first int,
) (map[LUID]*Page[CustomView], error) {
	pages := make(map[LUID]*Page[CustomView], len(views))
	var workbooks []LUID
	for _, v := range views {
		pages[v.LUID] = &Page[CustomView]{Offset: offset}
		if id := v.workbookLUID(); id != "" && !slices.Contains(workbooks, id) {
			workbooks = append(workbooks, id)
		}
	}
	lists := make([][]*CustomView, len(workbooks))
	err := parallel.Run(ctx, len(workbooks), func(ctx context.Context, i int) (err error) {
		lists[i], err = readAll(ctx, s.customViewsPage, q.values([]Filter[CustomView]{ofWorkbook(workbooks[i])}, nil), maxLocalPages)
		return err
	})
	if err != nil {
		return nil, err
	}
	distribute(pages, slices.Concat(lists...), func(c *CustomView) LUID {
		if c.ViewRef == nil {
			return ""
		}
		return c.ViewRef.LUID
	}, offset, first)
	return pages, nil
}

// View returns the view that it changes: from its list if that is enough, else by one call for all
// that were read together, or one for each if the server does not send content URLs. Nil if the
// user may not see it.
func (v *CustomView) View(ctx context.Context, enough func(*View) bool, fields []string, usage bool) (*View, error) {
	if v.ViewRef == nil || enough(v.ViewRef) {
		return v.ViewRef, nil
	}
	siblings := batchItems(v.batch, v)
	if contentURLsListed(siblings) {
		found, err := listed(ctx, v.batch, v.s.viewList(usage, fields), siblings, func(v *CustomView) (LUID, string) {
			return cmp.Or(v.ViewRef, &View{}).LUID, string(v.ContentURL)
		})
		if !IsKind(err, BadRequest) && !errors.Is(err, errTooManyPages) {
			return orReference(v.ViewRef)(found[v.ViewRef.LUID], err)
		}
	}
	return orReference(v.ViewRef)(v.s.View(ctx, v.ViewRef.LUID, usage))
}

func contentURLsListed(all []*CustomView) bool {
	return !slices.ContainsFunc(all, func(c *CustomView) bool { return c.ContentURL == "" })
}

// Workbook is the workbook of its view; as View.
func (v *CustomView) Workbook(ctx context.Context, enough func(*Workbook) bool) (*Workbook, error) {
	if v.WorkbookRef == nil || enough(v.WorkbookRef) {
		return v.WorkbookRef, nil
	}
	siblings := batchItems(v.batch, v)
	if len(siblings) > 1 && contentURLsListed(siblings) {
		found, err := listed(ctx, v.batch, v.s.workbookList([]string{"owner.fullName"}), siblings, func(v *CustomView) (LUID, string) {
			name, _, _ := strings.Cut(string(v.ContentURL), "/")
			return cmp.Or(v.WorkbookRef, &Workbook{}).LUID, name
		})
		if w := found[v.WorkbookRef.LUID]; w != nil || err != nil && !IsKind(err, BadRequest) && !errors.Is(err, errTooManyPages) {
			return orReference(v.WorkbookRef)(w, err)
		}
	}
	return orReference(v.WorkbookRef)(v.s.Workbook(ctx, v.WorkbookRef.LUID))
}

// ReadOwner returns the owner of the custom view. Its list has no more than the name, so users are
// looked up.
func (v *CustomView) ReadOwner(ctx context.Context, enough func(*User) bool) (*User, error) {
	return readOwner(ctx, v.node, v, func(v *CustomView) *User { return v.OwnerRef }, enough, nil)
}
