package tableau

import (
	"context"
	"fmt"
	"math"
	"net/url"
	"strconv"

	"vitrine/internal/tableau/rest"
)

// Revision is a version of a workbook, data source or virtual connection.
type Revision struct {
	node
	NumberGiven  Int   `json:"revisionNumber" xml:"revisionNumber,attr"`
	PublishedAt  Time  `json:"publishedAt" xml:"publishedAt,attr"`
	IsCurrent    Flag  `json:"current" xml:"current,attr"`
	IsDeleted    Flag  `json:"deleted" xml:"deleted,attr"`
	SizeBytes    Long  `json:"sizeInBytes" xml:"sizeInBytes,attr"`
	PublisherRef *User `json:"publisher" xml:"publisher" scan:"shared"`

	// Of is the thing that it is a version of, Collection its kind in paths, such as workbooks, and
	// Name its name.
	Of         LUID   `json:"-" xml:"-"`
	Collection string `json:"-" xml:"-"`
	Name       string `json:"-" xml:"-"`
}

// luid distinguishes revisions. Items without a number that fits an Int are not revisions.
func (r *Revision) luid() LUID {
	if !r.NumberGiven.Valid || r.NumberGiven.V < math.MinInt32 || r.NumberGiven.V > math.MaxInt32 {
		return ""
	}
	return LUID(strconv.FormatInt(r.NumberGiven.V, 10))
}

func (r *Revision) bind(s *Session) {
	r.s = s
	bindOne(s, &r.PublisherRef)
}

// Number counts from 1.
func (r *Revision) Number() Int { return r.NumberGiven }

// revisionFiles are the kinds of things whose former versions can be fetched.
var revisionFiles = map[string]ExportKind{"workbooks": WorkbookRevision, "datasources": DataSourceRevision}

// File is the version's file. Nil for the current version, which Tableau gives as the thing's own
// file alone, and where there is none.
func (r *Revision) File() *Export {
	kind, ok := revisionFiles[r.Collection]
	if !ok || r.IsCurrent == Yes || r.IsDeleted == Yes || r.NumberGiven.V < 1 {
		return nil
	}
	return &Export{Kind: kind, LUID: r.Of, Revision: int(r.NumberGiven.V)}
}

// named has revisions know the name of what they are versions of.
func named(p *Page[Revision], name string) *Page[Revision] {
	if p != nil {
		for _, r := range p.Items {
			r.Name = name
		}
	}
	return p
}

type revisionsAnswer struct {
	rest.Envelope
	Revisions struct {
		Items []*Revision `json:"revision" xml:"revision"`
	} `json:"revisions" xml:"revisions"`
}

// revisionsOf reads a stretch of the revisions of an item, side by side for all that were read
// together, so that their publishers can be asked for all at once.
func revisionsOf[T any, P resource[T]](
	ctx context.Context, n node, item *T, name func(*T) string, collection string, offset, first int,
) (*Page[Revision], error) {
	key := fmt.Sprint("revisions ", offset, first)
	all, err := once(ctx, n.batch, key, func() (map[LUID]outcome[*Page[Revision]], error) {
		siblings := batchItems(n.batch, item)
		got, err := sideBySide(ctx, siblings, func(ctx context.Context, item *T) (*Page[Revision], error) {
			id := string(P(item).luid())
			page, err := readRange(ctx, n.s, func(ctx context.Context, query url.Values) (Pagination, []*Revision, error) {
				return n.s.revisionsPage(ctx, collection, id, query)
			}, ListQuery[Revision]{}, offset, first)
			return named(page, name(item)), err
		})
		if err != nil {
			return nil, err
		}
		return joined(got, func(i int) LUID { return P(siblings[i]).luid() }), nil
	})
	if err != nil {
		return nil, err
	}
	mine := all[P(item).luid()]
	return mine.value, mine.err
}

// joined puts the revisions of several things into one batch. Their numbers repeat from thing to
// thing, so here they do not distinguish items.
func joined(got []outcome[*Page[Revision]], of func(int) LUID) map[LUID]outcome[*Page[Revision]] {
	batch := &Batch{}
	var items []*Revision
	all := make(map[LUID]outcome[*Page[Revision]], len(got))
	for i, one := range got {
		if one.err == nil {
			for _, r := range one.value.Items {
				r.join(batch)
			}
			items = append(items, one.value.Items...)
		}
		all[of(i)] = one
	}
	batch.items = items
	return all
}

func (s *Session) revisionsPage(ctx context.Context, collection, id string, query url.Values) (Pagination, []*Revision, error) {
	r := rest.SiteRead{Template: collection + "/{id}/revisions", Values: []string{id}, Query: query}
	a, err := get(ctx, s, r, func(a *revisionsAnswer) {
		bindAll(s, &a.Revisions.Items)
		for _, r := range a.Revisions.Items {
			r.Of, r.Collection = LUID(id), collection
		}
	})
	if err != nil {
		return Pagination{}, nil, err
	}
	return a.Pagination, a.Revisions.Items, nil
}

// ReadRevisions reads a stretch of the workbook's revisions. GET workbooks/{id}/revisions.
func (w *Workbook) ReadRevisions(ctx context.Context, offset, first int) (*Page[Revision], error) {
	return revisionsOf(ctx, w.node, w, func(w *Workbook) string { return w.Name }, "workbooks", offset, first)
}

// ReadRevisions reads a stretch of the data source's revisions. GET datasources/{id}/revisions.
func (d *DataSource) ReadRevisions(ctx context.Context, offset, first int) (*Page[Revision], error) {
	return revisionsOf(ctx, d.node, d, func(d *DataSource) string { return d.Name }, "datasources", offset, first)
}

// ReadPublisher returns who published it: from the list if that is enough, else by one look-up for
// all revisions that were read together.
func (r *Revision) ReadPublisher(ctx context.Context, enough func(*User) bool) (*User, error) {
	return readPerson(ctx, r.node, r, "publishers", func(r *Revision) *User { return r.PublisherRef }, enough)
}

// ReadRevisions reads a stretch of the virtual connection's revisions. GET
// virtualconnections/{id}/revisions, from API 3.23.
func (v *VirtualConnectionInfo) ReadRevisions(ctx context.Context, offset, first int) (*Page[Revision], error) {
	return revisionsOf(ctx, v.node, v, func(v *VirtualConnectionInfo) string { return v.Name }, "virtualconnections", offset, first)
}

// ID is an id for client caches.
func (r *Revision) ID() string {
	return r.cacheID("Revision", r.Collection, string(r.Of), string(r.luid()))
}
