package tableau

import (
	"context"
	"net/url"

	"vitrine/internal/tableau/rest"
)

// Database is a database or file that content on the site reads. From API 3.5, with Tableau's Data
// Management license.
type Database struct {
	node
	LUID              LUID                   `json:"id" xml:"id,attr"`
	Name              string                 `json:"name" xml:"name,attr"`
	Type              DatabaseType           `json:"type" xml:"type,attr"`
	ConnectionType    Text                   `json:"connectionType" xml:"connectionType,attr"`
	HostName          Text                   `json:"hostName" xml:"hostName,attr"`
	Port              Int                    `json:"port" xml:"port,attr"`
	FilePath          Text                   `json:"filePath" xml:"filePath,attr"`
	FileExtension     Text                   `json:"fileExtension" xml:"fileExtension,attr"`
	Provider          Text                   `json:"provider" xml:"provider,attr"`
	ConnectorAddress  Text                   `json:"connectorUrl" xml:"connectorUrl,attr"`
	Description       Text                   `json:"description" xml:"description,attr"`
	IsEmbedded        Flag                   `json:"isEmbedded" xml:"isEmbedded,attr"`
	IsCertified       Flag                   `json:"isCertified" xml:"isCertified,attr"`
	CertificationNote Text                   `json:"certificationNote" xml:"certificationNote,attr"`
	PermissionMode    DatabasePermissionMode `json:"contentPermissions" xml:"contentPermissions,attr"`
	WebpageURL        Text                   `json:"webpageUrl" xml:"webpageUrl,attr"`
	CreatedAt         Time                   `json:"createdAt" xml:"createdAt,attr"`
	UpdatedAt         Time                   `json:"updatedAt" xml:"updatedAt,attr"`

	Location     *Location `json:"location" xml:"location" scan:"shared"`
	OwnerRef     *User     `json:"owner" xml:"owner" scan:"shared"`
	ContactRef   *User     `json:"contact" xml:"contact" scan:"shared"`
	CertifierRef *User     `json:"certifier" xml:"certifier" scan:"shared"`
	TagRefs      tags      `json:"tags" xml:"tags"`
}

func (d *Database) luid() LUID { return d.LUID }

func (d *Database) bind(s *Session) {
	d.s = s
	bindPeople(s, &d.OwnerRef, &d.ContactRef, &d.CertifierRef)
	bindAll(s, &d.TagRefs.Items)
}

// bindPeople passes a session on to the people that an item names.
func bindPeople(s *Session, refs ...**User) {
	for _, ref := range refs {
		bindOne(s, ref)
	}
}

// IsNode marks a Database as something with a global id.
func (*Database) IsNode() {}

// IsContent marks a Database as something that people put on a site.
func (*Database) IsContent() {}

// ID is the global id.
func (d *Database) ID() string { return GlobalID(KindDatabase, d.s.ContentURL(), string(d.LUID)) }

// URL is the page of the database in Tableau, if Tableau sends it.
func (d *Database) URL() URL { return d.s.client.rebase(d.WebpageURL) }

// ConnectorURL is the address of a web connector.
func (d *Database) ConnectorURL() URL { return absolute(d.ConnectorAddress) }

// Tags are the words that people put on it.
func (d *Database) Tags() []*Tag { return nonNil(d.TagRefs.Items) }

// absolute returns the address if it is an absolute web address, else an empty one.
func absolute(address Text) URL {
	u, err := url.Parse(string(address))
	if err != nil || u.Host == "" || u.Scheme != "http" && u.Scheme != "https" {
		return ""
	}
	return URL(address)
}

// databasesAnswer may have its pagination within the container.
type databasesAnswer struct {
	rest.Envelope
	Databases struct {
		Pagination Pagination  `json:"pagination" xml:"pagination"`
		Items      []*Database `json:"database" xml:"database"`
	} `json:"databases" xml:"databases"`
}

type databaseAnswer struct {
	rest.Envelope
	Database *Database `json:"database" xml:"database"`
}

// givenOf is the pagination that an answer has, beside its container or within it.
func givenOf(beside, within Pagination) Pagination {
	if beside.Given() {
		return beside
	}
	return within
}

func (s *Session) databasesPage(ctx context.Context, query url.Values) (Pagination, []*Database, error) {
	r := rest.SiteRead{Template: "databases", Query: query}
	a, err := get(ctx, s, r, func(a *databasesAnswer) { bindAll(s, &a.Databases.Items) })
	if err != nil {
		return Pagination{}, nil, err
	}
	return givenOf(a.Pagination, a.Databases.Pagination), a.Databases.Items, nil
}

// Databases reads a stretch of the databases and files that the user may see. GET databases, from
// API 3.5.
func (s *Session) Databases(ctx context.Context, q ListQuery[Database], offset, first int) (*Page[Database], error) {
	return readRange(ctx, s, s.databasesPage, q, offset, first)
}

// Database reads one database. GET databases/{id}, from API 3.5.
func (s *Session) Database(ctx context.Context, id LUID) (*Database, error) {
	r := rest.SiteRead{Template: "databases/{id}", Values: []string{string(id)}}
	a, err := get(ctx, s, r, func(a *databaseAnswer) { bindOne(s, &a.Database) })
	if err != nil {
		return nil, err
	}
	return one(a.Database, "GET databases/{id}")
}

// ReadOwner returns the owner of the database, ReadContact its contact, ReadCertifier who certified
// it: from its list if that is enough, else by one look-up for all databases that were read
// together.
func (d *Database) ReadOwner(ctx context.Context, enough func(*User) bool) (*User, error) {
	return readPerson(ctx, d.node, d, "owners", func(d *Database) *User { return d.OwnerRef }, enough)
}

// ReadContact is whom to ask about the database; as ReadOwner.
func (d *Database) ReadContact(ctx context.Context, enough func(*User) bool) (*User, error) {
	return readPerson(ctx, d.node, d, "contacts", func(d *Database) *User { return d.ContactRef }, enough)
}

// ReadCertifier is who certified the database; as ReadOwner.
func (d *Database) ReadCertifier(ctx context.Context, enough func(*User) bool) (*User, error) {
	return readPerson(ctx, d.node, d, "certifiers", func(d *Database) *User { return d.CertifierRef }, enough)
}

// Permissions are who may do what with the database. GET databases/{id}/permissions, from API 3.5.
func (d *Database) Permissions(ctx context.Context) (*Permissions, error) {
	return permissionsOf(ctx, d.node, d, "", permissionsBelow("databases"))
}

// DefaultTablePermissions are the rules that its tables get. GET
// databases/{id}/default-permissions/tables, from API 3.5.
func (d *Database) DefaultTablePermissions(ctx context.Context) (*Permissions, error) {
	return permissionsOf(ctx, d.node, d, "tables", func(id LUID) rest.SiteRead {
		return rest.SiteRead{Template: "databases/{id}/default-permissions/tables", Values: []string{string(id)}}
	})
}

// TypeRaw is the same as Tableau writes it.
func (d *Database) TypeRaw() Text { return Text(d.Type) }

// PermissionModeRaw is the same as Tableau writes it.
func (d *Database) PermissionModeRaw() Text { return Text(d.PermissionMode) }
