package tableau

import (
	"context"
	"fmt"
	"net/url"
	"slices"
	"strconv"

	"vitrine/internal/tableau/rest"
)

// Favorite is what a person marked to find it again. The mark outlives what was marked.
type Favorite struct {
	node
	Label             Text `json:"label" xml:"label,attr"`
	AddedAt           Time `json:"addedAt" xml:"addedAt,attr"`
	ParentProjectName Text `json:"parentProjectName" xml:"parentProjectName,attr"`
	TargetOwnerName   Text `json:"targetOwnerName" xml:"targetOwnerName,attr"`

	WorkbookRef   *Workbook   `json:"workbook" xml:"workbook"`
	ViewRef       *View       `json:"view" xml:"view"`
	DataSourceRef *DataSource `json:"datasource" xml:"datasource"`
	ProjectRef    *Project    `json:"project" xml:"project"`
	FlowRef       *Flow       `json:"flow" xml:"flow"`
	CollectionRef *Collection `json:"collection" xml:"collection"`

	position int // from 0
}

// luid distinguishes favorites: they have no id, and two of deleted things may look alike.
func (f *Favorite) luid() LUID { return LUID(strconv.Itoa(f.position)) }

// look distinguishes a page that was sent again from the next one.
func (f *Favorite) look() string {
	target := LUID("")
	if node, ok := f.Points().(interface{ luid() LUID }); ok {
		target = node.luid()
	}
	return fmt.Sprintf("%q %s %s", f.Label, target, f.AddedAt)
}

func (f *Favorite) bind(s *Session) {
	f.s = s
	bindOne(s, &f.WorkbookRef)
	bindOne(s, &f.ViewRef)
	bindOne(s, &f.DataSourceRef)
	bindOne(s, &f.ProjectRef)
	bindOne(s, &f.FlowRef)
	bindOne(s, &f.CollectionRef)
}

// Position is its place in the user's order, from 0. Tableau's own number is not used: it need not
// begin at 0.
func (f *Favorite) Position() Int { return NewInt(int64(f.position)) }

// Points returns the favorite content as the list has it; nil if it is gone, hidden, or of an
// unknown kind.
func (f *Favorite) Points() FavoriteTarget {
	switch {
	case f.WorkbookRef != nil:
		return f.WorkbookRef
	case f.ViewRef != nil:
		return f.ViewRef
	case f.DataSourceRef != nil:
		return f.DataSourceRef
	case f.ProjectRef != nil:
		return f.ProjectRef
	case f.FlowRef != nil:
		return f.FlowRef
	case f.CollectionRef != nil:
		return f.CollectionRef
	}
	return nil
}

type favoritesAnswer struct {
	rest.Envelope
	Favorites *struct {
		Items []*Favorite `json:"favorite" xml:"favorite"`
	} `json:"favorites" xml:"favorites"`
}

// favoritesPage reads one page of a person's marks. Servers that do not page them give them all,
// without a pagination: whether more follow is then found out.
func (s *Session) favoritesPage(ctx context.Context, user LUID, query url.Values) (Pagination, []*Favorite, error) {
	r := rest.SiteRead{Template: "favorites/{user}", Values: []string{string(user)}, Query: query}
	before := itemsBefore(query)
	a, err := get(ctx, s, r, func(a *favoritesAnswer) {
		if a.Favorites == nil {
			return
		}
		a.Favorites.Items = present(a.Favorites.Items)
		for i, f := range a.Favorites.Items {
			f.position = before + i
			f.bind(s)
		}
	})
	if err != nil || a.Favorites == nil {
		return Pagination{}, nil, err
	}
	return numbered(a.Pagination, query), a.Favorites.Items, nil
}

// allFavorites reads the marks of a person whole: lists of them are short, and who asks for a
// stretch often asks for more.
func (s *Session) allFavorites(ctx context.Context, user LUID) ([]*Favorite, error) {
	return readAll(ctx, func(ctx context.Context, query url.Values) (Pagination, []*Favorite, error) {
		return s.favoritesPage(ctx, user, query)
	}, nil, maxLocalPages)
}

// Favorites gives a stretch of what a person marked, in the person's own order: one's own, or
// anybody's for administrators. GET favorites/{user}, from API 2.5.
func (s *Session) Favorites(ctx context.Context, user LUID, q ListQuery[Favorite], offset, first int) (*Page[Favorite], error) {
	all, err := s.allFavorites(ctx, user)
	page, err := cut(all, err, q, offset, first)
	if err != nil {
		return nil, err
	}
	batchRefs(page.Items, func(f *Favorite) **Workbook { return &f.WorkbookRef })
	batchRefs(page.Items, func(f *Favorite) **View { return &f.ViewRef })
	batchRefs(page.Items, func(f *Favorite) **DataSource { return &f.DataSourceRef })
	batchRefs(page.Items, func(f *Favorite) **Project { return &f.ProjectRef })
	batchRefs(page.Items, func(f *Favorite) **Flow { return &f.FlowRef })
	batchRefs(page.Items, func(f *Favorite) **Collection { return &f.CollectionRef })
	return page, nil
}

// isFavorite says whether the caller marked what the test knows. All objects of an operation ask
// one list, which is read once.
func (s *Session) isFavorite(ctx context.Context, is func(*Favorite) bool) (Flag, error) {
	me, err := s.UserLUID(ctx)
	if err != nil {
		return Unsaid, err
	}
	all, err := s.allFavorites(ctx, me)
	if err != nil {
		return Unsaid, err
	}
	if slices.ContainsFunc(all, is) {
		return Yes, nil
	}
	return No, nil
}

// IsFavorite is whether the caller marked the workbook. GET favorites/{user}, from API 2.5.
func (w *Workbook) IsFavorite(ctx context.Context) (Flag, error) {
	return w.s.isFavorite(ctx, func(f *Favorite) bool { return f.WorkbookRef != nil && f.WorkbookRef.LUID == w.LUID })
}

// IsFavorite is whether the caller marked the view. GET favorites/{user}, from API 2.5.
func (v *View) IsFavorite(ctx context.Context) (Flag, error) {
	return v.s.isFavorite(ctx, func(f *Favorite) bool { return f.ViewRef != nil && f.ViewRef.LUID == v.LUID })
}

// IsFavorite is whether the caller marked the data source. GET favorites/{user}, from API 2.5.
func (d *DataSource) IsFavorite(ctx context.Context) (Flag, error) {
	return d.s.isFavorite(ctx, func(f *Favorite) bool { return f.DataSourceRef != nil && f.DataSourceRef.LUID == d.LUID })
}

// IsFavorite is whether the caller marked the project. GET favorites/{user}, from API 3.1.
func (p *Project) IsFavorite(ctx context.Context) (Flag, error) {
	return p.s.isFavorite(ctx, func(f *Favorite) bool { return f.ProjectRef != nil && f.ProjectRef.LUID == p.LUID })
}

// ID is an id for client caches.
func (f *Favorite) ID() string {
	if id := f.targetID(); id != "" {
		return f.cacheID("Favorite", id)
	}
	return f.cacheID("Favorite", "", string(f.Label), f.AddedAt.String())
}

// targetID is the global id of the favorite content; empty where it is gone.
func (f *Favorite) targetID() string {
	if target, ok := f.Points().(interface{ ID() string }); ok {
		return target.ID()
	}
	return ""
}
