package tableau

import (
	"context"
	"strconv"

	"vitrine/internal/tableau/rest"
)

// Recent is something that the user looked at lately.
type Recent struct {
	node
	ViewRef     *View     `json:"view" xml:"view"`
	WorkbookRef *Workbook `json:"workbook" xml:"workbook"`

	number int // in the list
}

func (r *Recent) luid() LUID { return LUID(strconv.Itoa(r.number)) }

func (r *Recent) bind(s *Session) {
	r.s = s
	bindOne(s, &r.ViewRef)
	bindOne(s, &r.WorkbookRef)
}

// Points returns the content as the list has it; nil if it is gone or hidden.
func (r *Recent) Points() RecentTarget {
	switch {
	case r.ViewRef != nil:
		return r.ViewRef
	case r.WorkbookRef != nil:
		return r.WorkbookRef
	}
	return nil
}

type recentsAnswer struct {
	rest.Envelope
	Recents struct {
		Items []*Recent `json:"recent" xml:"recent"`
	} `json:"recents" xml:"recents"`
}

// Recents are what the user looked at last, newest first: at most 24 views and workbooks. GET
// content/recent, from API 3.5.
func (s *Session) Recents(ctx context.Context) ([]*Recent, error) {
	a, err := get(ctx, s, rest.SiteRead{Template: "content/recent"}, func(a *recentsAnswer) {
		a.Recents.Items = present(a.Recents.Items)
		for i, r := range a.Recents.Items {
			r.number = i
			r.bind(s)
		}
	})
	if err != nil {
		return nil, err
	}
	recents := newBatch(a.Recents.Items)
	batchRefs(recents, func(r *Recent) **View { return &r.ViewRef })
	batchRefs(recents, func(r *Recent) **Workbook { return &r.WorkbookRef })
	return recents, nil
}

type recommendationsAnswer struct {
	rest.Envelope
	Recommendations struct {
		Items []*Recommendation `json:"recommendation" xml:"recommendation"`
	} `json:"recommendations" xml:"recommendations"`
}

// Recommendation is a view that Tableau proposes.
type Recommendation struct {
	View *View `json:"view" xml:"view"`
}

// RecommendedViews are what Tableau proposes to the user, at most 100. GET
// recommendations?type=view, from API 3.7; deprecated by Tableau with 3.19, and still there. The
// documented address has a slash before the question mark, which servers do without.
func (s *Session) RecommendedViews(ctx context.Context) ([]*View, error) {
	r := rest.SiteRead{Template: "recommendations", Query: map[string][]string{"type": {"view"}}}
	a, err := get(ctx, s, r, func(a *recommendationsAnswer) {
		a.Recommendations.Items = present(a.Recommendations.Items)
		for _, r := range a.Recommendations.Items {
			bindOne(s, &r.View)
		}
	})
	if err != nil {
		return nil, err
	}
	var views []*View
	for _, r := range a.Recommendations.Items {
		if r.View != nil {
			views = append(views, r.View)
		}
	}
	return newBatch(views), nil
}
