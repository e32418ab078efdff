package tableau

import (
	"context"
	"fmt"
	"net/url"

	"vitrine/internal/tableau/rest"
)

// Table is a table that content on the site reads. From API 3.5, with Tableau's Data Management
// license.
type Table struct {
	node
	LUID              LUID   `json:"id" xml:"id,attr"`
	Name              string `json:"name" xml:"name,attr"`
	Schema            Text   `json:"schema" xml:"schema,attr"`
	Description       Text   `json:"description" xml:"description,attr"`
	IsEmbedded        Flag   `json:"isEmbedded" xml:"isEmbedded,attr"`
	IsCertified       Flag   `json:"isCertified" xml:"isCertified,attr"`
	CertificationNote Text   `json:"certificationNote" xml:"certificationNote,attr"`
	WebpageURL        Text   `json:"webpageUrl" xml:"webpageUrl,attr"`
	CreatedAt         Time   `json:"createdAt" xml:"createdAt,attr"`
	UpdatedAt         Time   `json:"updatedAt" xml:"updatedAt,attr"`

	Location     *Location `json:"location" xml:"location" scan:"shared"`
	OwnerRef     *User     `json:"owner" xml:"owner" scan:"shared"`
	ContactRef   *User     `json:"contact" xml:"contact" scan:"shared"`
	CertifierRef *User     `json:"certifier" xml:"certifier" scan:"shared"`
	TagRefs      tags      `json:"tags" xml:"tags"`
}

func (t *Table) luid() LUID { return t.LUID }

func (t *Table) bind(s *Session) {
	t.s = s
	bindPeople(s, &t.OwnerRef, &t.ContactRef, &t.CertifierRef)
	bindAll(s, &t.TagRefs.Items)
}

// IsNode marks a Table as something with a global id.
func (*Table) IsNode() {}

// IsContent marks a Table as something that people put on a site.
func (*Table) IsContent() {}

// ID is the global id.
func (t *Table) ID() string { return GlobalID(KindTable, t.s.ContentURL(), string(t.LUID)) }

// URL is the page of the table in Tableau, if Tableau sends it.
func (t *Table) URL() URL { return t.s.client.rebase(t.WebpageURL) }

// Tags are the words that people put on it.
func (t *Table) Tags() []*Tag { return nonNil(t.TagRefs.Items) }

// Column is a column of a table.
type Column struct {
	node
	LUID        LUID   `json:"id" xml:"id,attr"`
	Name        string `json:"name" xml:"name,attr"`
	Description Text   `json:"description" xml:"description,attr"`
	RemoteType  Text   `json:"remoteType" xml:"remoteType,attr"`
	NullableIs  Flag   `json:"isNullable" xml:"isNullable,attr"`
	Nullable    Flag   `json:"nullable" xml:"nullable,attr"`
	TagRefs     tags   `json:"tags" xml:"tags"`
}

func (c *Column) luid() LUID { return c.LUID }

// ID is an id for client caches.
func (c *Column) ID() string { return c.cacheID("Column", string(c.LUID)) }

func (c *Column) bind(s *Session) {
	c.s = s
	bindAll(s, &c.TagRefs.Items)
}

// IsNullable says whether it may be empty; servers write it in two ways.
func (c *Column) IsNullable() Flag {
	if c.NullableIs != Unsaid {
		return c.NullableIs
	}
	return c.Nullable
}

// Tags are the words that people put on it.
func (c *Column) Tags() []*Tag { return nonNil(c.TagRefs.Items) }

// tablesAnswer and columnsAnswer may have their pagination within the container.
type tablesAnswer struct {
	rest.Envelope
	Tables struct {
		Pagination Pagination `json:"pagination" xml:"pagination"`
		Items      []*Table   `json:"table" xml:"table"`
	} `json:"tables" xml:"tables"`
}

type tableAnswer struct {
	rest.Envelope
	Table *Table `json:"table" xml:"table"`
}

type columnsAnswer struct {
	rest.Envelope
	Columns struct {
		Pagination Pagination `json:"pagination" xml:"pagination"`
		Items      []*Column  `json:"column" xml:"column"`
	} `json:"columns" xml:"columns"`
}

type columnAnswer struct {
	rest.Envelope
	Column *Column `json:"column" xml:"column"`
}

func (s *Session) tablesPage(ctx context.Context, query url.Values) (Pagination, []*Table, error) {
	r := rest.SiteRead{Template: "tables", Query: query}
	a, err := get(ctx, s, r, func(a *tablesAnswer) { bindAll(s, &a.Tables.Items) })
	if err != nil {
		return Pagination{}, nil, err
	}
	return givenOf(a.Pagination, a.Tables.Pagination), a.Tables.Items, nil
}

// Tables reads a stretch of the tables that the user may see. GET tables, from API 3.5.
func (s *Session) Tables(ctx context.Context, q ListQuery[Table], offset, first int) (*Page[Table], error) {
	return readRange(ctx, s, s.tablesPage, q, offset, first)
}

// Table reads one table. GET tables/{id}, from API 3.5.
func (s *Session) Table(ctx context.Context, id LUID) (*Table, error) {
	r := rest.SiteRead{Template: "tables/{id}", Values: []string{string(id)}}
	a, err := get(ctx, s, r, func(a *tableAnswer) { bindOne(s, &a.Table) })
	if err != nil {
		return nil, err
	}
	return one(a.Table, "GET tables/{id}")
}

// ReadColumns reads a stretch of the table's columns, side by side for all tables that were read
// together. GET tables/{id}/columns, from API 3.5.
func (t *Table) ReadColumns(ctx context.Context, offset, first int) (*Page[Column], error) {
	return readRangeOfEach(ctx, t.node, t, fmt.Sprint("columns ", offset, first), func(ctx context.Context, t *Table) (*Page[Column], error) {
		return readRange(ctx, t.s, t.columnsPage, ListQuery[Column]{}, offset, first)
	}, nil)
}

func (t *Table) columnsPage(ctx context.Context, query url.Values) (Pagination, []*Column, error) {
	r := rest.SiteRead{Template: "tables/{id}/columns", Values: []string{string(t.LUID)}, Query: query}
	a, err := get(ctx, t.s, r, func(a *columnsAnswer) { bindAll(t.s, &a.Columns.Items) })
	if err != nil {
		return Pagination{}, nil, err
	}
	return givenOf(a.Pagination, a.Columns.Pagination), a.Columns.Items, nil
}

// ReadColumn reads one of the table's columns. GET tables/{id}/columns/{column}, from API 3.5.
func (t *Table) ReadColumn(ctx context.Context, id LUID) (*Column, error) {
	r := rest.SiteRead{Template: "tables/{id}/columns/{column}", Values: []string{string(t.LUID), string(id)}}
	a, err := get(ctx, t.s, r, func(a *columnAnswer) { bindOne(t.s, &a.Column) })
	if err != nil {
		return nil, err
	}
	return one(a.Column, "GET tables/{id}/columns/{column}")
}

// ReadOwner returns the owner of the table: from its list if that is enough, else by one look-up
// for all tables that were read together.
func (t *Table) ReadOwner(ctx context.Context, enough func(*User) bool) (*User, error) {
	return readPerson(ctx, t.node, t, "owners", func(t *Table) *User { return t.OwnerRef }, enough)
}

// ReadContact is whom to ask about the table; as ReadOwner.
func (t *Table) ReadContact(ctx context.Context, enough func(*User) bool) (*User, error) {
	return readPerson(ctx, t.node, t, "contacts", func(t *Table) *User { return t.ContactRef }, enough)
}

// ReadCertifier is who certified the table; as ReadOwner.
func (t *Table) ReadCertifier(ctx context.Context, enough func(*User) bool) (*User, error) {
	return readPerson(ctx, t.node, t, "certifiers", func(t *Table) *User { return t.CertifierRef }, enough)
}

// Permissions are who may do what with the table. GET tables/{id}/permissions, from API 3.5.
func (t *Table) Permissions(ctx context.Context) (*Permissions, error) {
	return permissionsOf(ctx, t.node, t, "", permissionsBelow("tables"))
}
