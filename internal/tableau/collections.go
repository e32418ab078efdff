package tableau

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"net/url"
	"strconv"

	"vitrine/internal/tableau/rest"
)

// Collection is a list of content that somebody put together.
//
// The documentation names the methods, but does not show their answers whole: what other clients of
// them read is taken, in all of its spellings. Lists of favorites have collections too, written
// like everything in the versioned API.
type Collection struct {
	node
	LUID             LUID                 `xml:"id,attr"`
	Name             string               `xml:"name,attr"`
	Description      Text                 `xml:"description,attr"`
	Visibility       CollectionVisibility `xml:"visibility,attr"`
	CreatedAt        Time                 `xml:"createdAt,attr"`
	UpdatedAt        Time                 `xml:"updatedAt,attr"`
	TotalItemCount   Int                  `xml:"totalItemCount,attr"`
	VisibleItemCount Int                  `xml:"permissionedItemCount,attr"`

	OwnerRef *User `xml:"owner"`
}

// collectionKeys are a collection's keys in JSON.
type collectionKeys struct {
	ID, LUID, CollectionLUID   LUID
	Name, Title                Text
	Description, Visibility    Text
	CreatedAt, CreatedTime     Time
	UpdatedAt, UpdatedTime     Time
	TotalItemCount, ItemCount  Int
	PermissionedItemCount      Int
	Owner                      *User
	OwnerLUID, OwnerID, UserID Text
}

// UnmarshalJSON takes all spellings.
func (c *Collection) UnmarshalJSON(data []byte) error {
	var k collectionKeys
	if err := rest.Unmarshal(data, &k); err != nil {
		return err
	}
	*c = Collection{
		LUID: LUID(firstText(Text(k.LUID), Text(k.CollectionLUID), Text(k.ID))), Name: string(firstText(k.Name, k.Title)), Description: k.Description,
		Visibility: CollectionVisibility(k.Visibility), CreatedAt: firstTime(k.CreatedAt, k.CreatedTime), UpdatedAt: firstTime(k.UpdatedAt, k.UpdatedTime),
		TotalItemCount: firstInt(k.TotalItemCount, k.ItemCount), VisibleItemCount: k.PermissionedItemCount, OwnerRef: k.Owner,
	}
	if c.OwnerRef == nil {
		if id := tellableLUID(firstText(k.OwnerLUID, k.UserID, k.OwnerID)); id != "" {
			c.OwnerRef = &User{LUID: id}
		}
	}
	return nil
}

func firstTime(times ...Time) Time {
	for _, t := range times {
		if !t.IsZero() {
			return t
		}
	}
	return Time{}
}

func firstInt(numbers ...Int) Int {
	for _, n := range numbers {
		if n.Valid {
			return n
		}
	}
	return Int{}
}

func (c *Collection) luid() LUID { return c.LUID }

func (c *Collection) bind(s *Session) {
	c.s = s
	bindOne(s, &c.OwnerRef)
}

// IsNode marks a Collection as something with a global id.
func (*Collection) IsNode() {}

// IsContent marks a Collection as something that people put on a site.
func (*Collection) IsContent() {}

// ID is the global id.
func (c *Collection) ID() string { return GlobalID(KindCollection, c.s.ContentURL(), string(c.LUID)) }

// URL is the page of the collection in Tableau, as browsers reach it.
func (c *Collection) URL() URL {
	return c.s.client.webAddress(c.s.ContentURL(), "collections/"+string(c.LUID))
}

// VisibilityRaw is the visibility as Tableau writes it.
func (c *Collection) VisibilityRaw() Text { return Text(c.Visibility) }

// ReadOwner is whose collection it is: lists tell the id alone, so users are asked for.
func (c *Collection) ReadOwner(ctx context.Context, enough func(*User) bool) (*User, error) {
	return readOwner(ctx, c.node, c, func(c *Collection) *User { return c.OwnerRef }, enough, nil)
}

// InFull returns the collection as a look-up by id has it; nil if the user may not see it.
func (c *Collection) InFull(ctx context.Context) (*Collection, error) {
	full, err := c.s.Collection(ctx, c.LUID)
	return nilIfDenied(full, err)
}

// manyOf is a list under one of several names, bare or within an object, and how many there are in
// all.
type manyOf[T any] struct {
	Items       json.RawMessage `json:"items"`
	Collections json.RawMessage `json:"collections"`
	TotalCount  Int             `json:"totalCount"`
	Total       Int             `json:"total"`
}

func (m manyOf[T]) list() []*T {
	for _, raw := range []json.RawMessage{m.Items, m.Collections} {
		if items := anyList[T](raw); items != nil {
			return present(items)
		}
	}
	return nil
}

// anyList reads an array, or an object with an array in it; nil where there is neither.
func anyList[T any](raw json.RawMessage) []*T {
	var items []*T
	switch raw = bytes.TrimSpace(raw); {
	case len(raw) == 0:
		return nil
	case raw[0] == '[':
		if rest.Unmarshal(raw, &items) != nil {
			return nil
		}
		return append([]*T{}, items...)
	}
	var object map[string]json.RawMessage
	if json.Unmarshal(raw, &object) != nil {
		return nil
	}
	items = []*T{}
	for _, inner := range object {
		if more := anyList[T](inner); more != nil {
			items = append(items, more...)
		}
	}
	return items
}

type collectionsAnswer struct {
	rest.Envelope
	manyOf[Collection]
	found []*Collection
}

// pageListed is the pagination of lists that may or may not be paged, as nobody says. Without any total
// whether more follow is found out.
func pageListed(p Pagination, query url.Values, totals ...Int) Pagination {
	if total := firstInt(totals...); !p.TotalAvailable.Valid && total.Valid {
		p.TotalAvailable = total
	}
	return numbered(p, query)
}

func (s *Session) collectionsPage(ctx context.Context, query url.Values) (Pagination, []*Collection, error) {
	r := rest.SiteRead{Template: "-/collections", Query: query}
	a, err := get(ctx, s, r, func(a *collectionsAnswer) {
		a.found = a.list()
		bindAll(s, &a.found)
	})
	if err != nil {
		return Pagination{}, nil, err
	}
	return pageListed(a.Pagination, query, a.TotalCount, a.Total), a.found, nil
}

// Collections reads a stretch of the collections that the user may see. The list is read whole, and
// filtered here: how its methods page and filter is not documented. GET /api/-/collections, from
// API 3.28.
func (s *Session) Collections(ctx context.Context, q ListQuery[Collection], offset, first int) (*Page[Collection], error) {
	if q.matchesNothing() {
		return &Page[Collection]{Offset: offset}, nil
	}
	all, err := readAll(ctx, s.collectionsPage, nil, maxLocalPages)
	return cut(all, err, q, offset, first)
}

type collectionAnswer struct {
	rest.Envelope
	one *Collection
}

// UnmarshalJSON takes the collection itself, or an object around it.
func (a *collectionAnswer) UnmarshalJSON(data []byte) error {
	var wrapped struct {
		rest.Envelope
		Collection *Collection
	}
	if err := rest.Unmarshal(data, &wrapped); err != nil {
		return err
	}
	a.Envelope, a.one = wrapped.Envelope, wrapped.Collection
	if a.one != nil {
		return nil
	}
	a.one = &Collection{}
	return rest.Unmarshal(data, a.one)
}

// Collection reads one collection. GET /api/-/collections/{luid}, from API 3.28.
func (s *Session) Collection(ctx context.Context, id LUID) (*Collection, error) {
	r := rest.SiteRead{Template: "-/collections/{luid}", Values: []string{string(id)}}
	a, err := get(ctx, s, r, func(a *collectionAnswer) { bindOne(s, &a.one) })
	if err != nil {
		return nil, err
	}
	return one(a.one, "GET "+r.Template)
}

// CollectionItem is one thing in a collection.
type CollectionItem struct {
	contentRef
	collection string // that it is in
	Title      Text
	AddedAt    Time
}

// itemKeys are an item's keys in JSON, beside or within its content.
type itemKeys struct {
	LUID, ContentLUID             Text
	Type, ContentType             Text
	Name, Title, ContentName      Text
	AddedAt, AddedDate, AddedTime Time
	WorkbookName, ContainerName   Text
	Content                       *itemKeys
}

// UnmarshalJSON takes all spellings.
func (i *CollectionItem) UnmarshalJSON(data []byte) error {
	var k itemKeys
	if err := rest.Unmarshal(data, &k); err != nil {
		return err
	}
	content := k
	if k.Content != nil {
		content = *k.Content
	}
	i.Title = firstText(content.Name, content.Title, content.ContentName, k.ContentName)
	i.AddedAt = firstTime(k.AddedAt, k.AddedDate, k.AddedTime)
	i.contentRef = contentRef{
		kind: ContentType(firstText(content.ContentType, content.Type, k.ContentType)), title: i.Title,
		id: tellableLUID(firstText(content.LUID, content.ContentLUID, k.ContentLUID)), workbook: firstText(content.WorkbookName, content.ContainerName),
	}
	return nil
}

func (i *CollectionItem) luid() LUID { return LUID(strconv.Itoa(i.number)) }

// look distinguishes a page that was sent again from the next one.
func (i *CollectionItem) look() string {
	return fmt.Sprintf("%s %s %q %q %s", i.kind, i.id, i.title, i.workbook, i.AddedAt)
}

// TypeRaw is the type as Tableau writes it.
func (i *CollectionItem) TypeRaw() Text { return Text(i.kind) }

type collectionItemsAnswer struct {
	rest.Envelope
	manyOf[CollectionItem]
	found []*CollectionItem
}

// Items reads a range of the items in the collection that the user may see. GET
// /api/-/collections/{luid}/items, from API 3.28.
func (c *Collection) Items(ctx context.Context, q ListQuery[CollectionItem], offset, first int) (*Page[CollectionItem], error) {
	s := c.s
	all, err := readAll(ctx, func(ctx context.Context, query url.Values) (Pagination, []*CollectionItem, error) {
		before := itemsBefore(query)
		r := rest.SiteRead{Template: "-/collections/{luid}/items", Values: []string{string(c.LUID)}, Query: query}
		a, err := get(ctx, s, r, func(a *collectionItemsAnswer) {
			a.found = a.list()
			for i, item := range a.found {
				item.number, item.collection = before+i, string(c.LUID)
				item.bind(s)
			}
		})
		if err != nil {
			return Pagination{}, nil, err
		}
		return pageListed(a.Pagination, query, a.TotalCount, a.Total), a.found, nil
	}, nil, maxLocalPages)
	return cut(all, err, q, offset, first)
}

// Type is the type of the content.
func (i *CollectionItem) Type() ContentType { return i.kind }

// ID is an id for client caches.
func (i *CollectionItem) ID() string {
	return i.cacheID("CollectionItem", i.collection, string(i.kind), string(i.id), string(i.title), string(i.workbook))
}
