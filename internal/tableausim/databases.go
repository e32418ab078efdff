package tableausim

import (
	"path"
	"slices"
	"strings"
	"time"

	"vitrine/internal/tableausim/wire"
)

// database is a database or file behind the published data sources of a site, as Tableau Catalog
// knows it.
type database struct {
	id, name, kind, connectionType string // kind is DatabaseServer or File
	host, port, file               string
	description, note, mode        string
	certified                      bool
	contact, certifier             *user
	project                        *project
	created, updated               time.Time
	tags                           []string
	tables                         []*dbTable
	sources                        []*datasource // that read it
	rules                          []rule
}

// catalog finds the databases and tables behind the data sources: those that reach the same place
// share them.
func (s *site) catalog() {
	byPlace := map[string]*database{}
	for _, d := range s.datasources {
		place := strings.Join([]string{d.kind, d.server, d.database}, "|")
		if d.server == "" {
			place = "file|" + d.name
		}
		db := byPlace[place]
		if db == nil {
			db = s.addDatabase(d, place)
			byPlace[place] = db
		}
		db.sources = append(db.sources, d)
		db.addTable(s, d)
	}
	s.label()
}

func (s *site) addDatabase(d *datasource, place string) *database {
	db := &database{
		id: s.newID("database", place), connectionType: d.kind, kind: "DatabaseServer", host: d.server, port: ports[d.kind],
		name: d.database, mode: byOwners, contact: d.owner, project: d.project, created: d.created, updated: d.updated,
	}
	switch {
	case d.server == "":
		db.kind, db.file, db.host, db.port = "File", fileOf(d), "", ""
		db.name = path.Base(db.file)
	case db.name == "":
		db.name = d.server
	}
	if d.certified {
		db.certified, db.certifier, db.note = true, d.owner, "Looked after by the data team."
		db.mode = "LockedToDatabase"
		db.description = "Where " + d.name + " comes from."
	}
	for _, r := range d.project.content { // what was found through a project is shown to who may look into it
		if r.capability == read {
			db.rules = append(db.rules, r)
		}
	}
	s.databases = append(s.databases, db)
	s.byID[db.id] = db
	return db
}

// fileOf is the file that a data source without a server was made of.
func fileOf(d *datasource) string {
	ending := map[string]string{"excel-direct": ".xlsx", "textscan": ".csv", "hyper": ".hyper", "google-sheets": ".gsheet"}[d.kind]
	return "Data/" + strings.TrimSuffix(d.name, ending) + ending
}

// seesDatabase reports whether u may read a database: by a rule, or because of a data source that
// reads it and that u may connect to (derived permissions).
func (u *user) seesDatabase(db *database) bool {
	if u.admin() || db.contact == u {
		return true
	}
	if allowed, _ := decide(db.rules, u, read); allowed {
		return true
	}
	return slices.ContainsFunc(db.sources, u.seesDatasource)
}

// reference is somebody whom a database or table names.
func reference(name string, u *user) []*wire.Element {
	if u == nil {
		return nil
	}
	return []*wire.Element{wire.New(name, wire.Str("id", u.id), wire.Str("name", u.name))}
}

func databaseElement(c *call, db *database) *wire.Element {
	e := wire.New("database", wire.Str("id", db.id), wire.Str("name", db.name), wire.Str("connectionType", db.connectionType))
	e.Flag("isEmbedded", false)
	e.Flag("isCertified", db.certified)
	e.Opt("certificationNote", db.note)
	e.Opt("description", db.description)
	e.Str("type", db.kind)
	e.Opt("hostName", db.host)
	e.Opt("port", db.port)
	if db.file != "" {
		e.Str("filePath", db.file)
		e.Str("fileExtension", strings.TrimPrefix(path.Ext(db.file), "."))
	}
	e.Str("contentPermissions", db.mode)
	e.Add(wire.New("site", wire.Str("id", c.site().id)))
	e.Add(reference("contact", db.contact)...)
	e.Add(reference("certifier", db.certifier)...)
	if db.project != nil {
		e.Add(location(db.project, nil))
	}
	return e.Add(tagsElement(db.tags))
}

// listDatabases is GET databases: those that the caller may read.
func listDatabases(c *call) (*answer, error) {
	all := visible(&c.s.shown, c.user(), "databases", c.site().databases, c.user().seesDatabase)
	part, p, err := wire.Paginate(c.query, all)
	if err != nil {
		return nil, err
	}
	return listed(p, "databases", part, func(db *database) *wire.Element { return databaseElement(c, db) })
}

func pathDatabase(c *call) (*database, error) {
	id := c.r.PathValue("id")
	db, ok := find[*database](c.site(), id)
	if !ok {
		return nil, errNotFound("404031", "Database", id)
	}
	if !c.user().seesDatabase(db) {
		return nil, errForbidden()
	}
	return db, nil
}

// getDatabase is GET databases/{id}.
func getDatabase(c *call) (*answer, error) {
	db, err := pathDatabase(c)
	if err != nil {
		return nil, err
	}
	return found(databaseElement(c, db))
}

// databasePermissions is GET databases/{id}/permissions, and databaseDefaults what its tables get:
// for administrators and whom to ask about it, who stands for the owner.
func databasePermissions(c *call) (*answer, error) { return databaseRules(c, "database") }

// databaseDefaults is GET databases/{id}/default-permissions/tables.
func databaseDefaults(c *call) (*answer, error) { return databaseRules(c, "table") }

func databaseRules(c *call, kind string) (*answer, error) {
	db, err := pathDatabase(c)
	if err != nil {
		return nil, err
	}
	if !c.user().manages(db.contact, nil, db.rules) {
		return nil, errForbidden()
	}
	return found(permissionsElement(thingElement("database", db.id, db.name, nil), kind, db.rules, nil))
}
