package tableau

import (
	"cmp"
	"context"
	"net/url"

	"vitrine/internal/tableau/rest"
)

// RecycledItem is something in a recycle bin. It is no content any more, and has no global id.
type RecycledItem struct {
	node
	LUID         LUID             `json:"id" xml:"id,attr"`
	Name         string           `json:"name" xml:"name,attr"`
	Type         RecycledItemType `json:"contentType" xml:"contentType,attr"`
	OriginalPath Text             `json:"originalPath" xml:"originalPath,attr"`
	CreatedAt    Time             `json:"createdAt" xml:"createdAt,attr"`
	UpdatedAt    Time             `json:"updatedAt" xml:"updatedAt,attr"`
	IsReadOnly   Flag             `json:"isReadOnly" xml:"isReadOnly,attr"`

	OwnerRef   *User `json:"owner" xml:"owner" scan:"shared"`
	DeleterRef *User `json:"deleter" xml:"deleter" scan:"shared"`
}

func (i *RecycledItem) luid() LUID { return i.LUID }

func (i *RecycledItem) bind(s *Session) {
	i.s = s
	bindOne(s, &i.OwnerRef)
	bindOne(s, &i.DeleterRef)
}

// TypeRaw is the type as Tableau writes it.
func (i *RecycledItem) TypeRaw() Text { return Text(i.Type) }

type recycledAnswer struct {
	rest.Envelope
	Items struct {
		Items []*RecycledItem `json:"contentItem" xml:"contentItem"`
	} `json:"contentItems" xml:"contentItems"`
}

// RecycleBin reads a range of the recycle bin of one kind of content: administrators see
// everything, others their own. GET recyclebin/{kind}, from API 3.29.
func (s *Session) RecycleBin(
	ctx context.Context, kind RecycledItemType, q ListQuery[RecycledItem], offset, first int,
) (*Page[RecycledItem], error) {
	return readRange(ctx, s, func(ctx context.Context, query url.Values) (Pagination, []*RecycledItem, error) {
		r := rest.SiteRead{Template: "recyclebin/{kind}", Values: []string{kind.bin()}, Query: query}
		a, err := get(ctx, s, r, func(a *recycledAnswer) {
			bindAll(s, &a.Items.Items)
			for _, i := range a.Items.Items {
				i.Type = cmp.Or(i.Type, kind)
			}
		})
		if err != nil {
			return Pagination{}, nil, err
		}
		return a.Pagination, a.Items.Items, nil
	}, q, offset, first)
}

// ReadOwner returns who owned the item; ReadDeleter returns who deleted it. If more is wanted than
// the bin has, one call reads both for all items that were read together. Refused (see IsKind) if
// the user may not see more of them.
func (i *RecycledItem) ReadOwner(ctx context.Context, enough func(*User) bool) (*User, error) {
	return i.person(ctx, i.OwnerRef, enough)
}

// ReadDeleter is as ReadOwner.
func (i *RecycledItem) ReadDeleter(ctx context.Context, enough func(*User) bool) (*User, error) {
	return i.person(ctx, i.DeleterRef, enough)
}

func (i *RecycledItem) person(ctx context.Context, u *User, enough func(*User) bool) (*User, error) {
	if u == nil || enough(u) {
		return u, nil
	}
	return readUser(ctx, i.node, "people", u.LUID, batchItems(i.batch, i),
		func(i *RecycledItem) *User { return i.OwnerRef }, func(i *RecycledItem) *User { return i.DeleterRef })
}

// ID is an id for client caches.
func (i *RecycledItem) ID() string { return i.cacheID("RecycledItem", i.Type.bin(), string(i.LUID)) }
