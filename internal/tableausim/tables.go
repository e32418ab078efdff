package tableausim

import (
	"slices"
	"strconv"
	"strings"

	"vitrine/internal/tableausim/wire"
)

// dbTable is a table of a database.
type dbTable struct {
	id, name, schema, description, note string
	database                            *database
	certified                           bool
	contact, certifier                  *user
	tags                                []string
	columns                             []*dbColumn
	sources                             []*datasource
}

// dbColumn is a column of a table.
type dbColumn struct {
	id, name, remoteType, description string
	nullable                          bool
	table                             *dbTable
}

// schemas are those of the databases that have some; files have none.
var schemas = map[string]string{"sqlserver": "dbo", "postgres": "public", "redshift": "public", "snowflake": "PUBLIC", "saphana": "FINANCE", "oracle": "ERP"}

// columnLines are the columns of tables by name, each "name type" with an exclamation mark where it
// must not be empty; the rest have those of any.
var columnLines = map[string]string{
	"orders":      "order_id I8!,order_date DATE!,customer_id I8!,region WSTR,category WSTR,sales R8,profit R8,discount R8",
	"orders$":     "Row ID I8!,Order ID WSTR!,Order Date DATE,Customer Name WSTR,Segment WSTR,Region WSTR,Sales R8,Profit R8",
	"customers":   "customer_id I8!,full_name WSTR!,email WSTR,segment WSTR,country WSTR,since DATE",
	"sessions":    "session_id WSTR!,started_at DBTIMESTAMP!,channel WSTR,device WSTR,pages I4,converted BOOL",
	"ledger":      "entry WSTR!,booked DATE!,account WSTR!,cost_centre WSTR,amount NUMERIC!,currency WSTR!",
	"shipments":   "shipment_id I8!,order_id I8,carrier WSTR,shipped DATE,delivered DATE,cost R8",
	"stock":       "sku WSTR!,warehouse WSTR!,quantity I4!,counted_at DBTIMESTAMP",
	"employees":   "employee_id I8!,full_name WSTR!,birth_date DATE,salary NUMERIC,department WSTR,manager_id I8",
	"opportunity": "Id WSTR!,Name WSTR!,StageName WSTR,Amount R8,CloseDate DATE,OwnerId WSTR",
	"":            "id I8!,name WSTR,value R8,updated_at DBTIMESTAMP",
}

func (db *database) addTable(s *site, d *datasource) {
	for _, t := range db.tables {
		if t.name == d.table {
			t.sources = append(t.sources, d)
			return
		}
	}
	t := &dbTable{
		id: s.newID("table", db.id, d.table), name: d.table, database: db, contact: d.owner, sources: []*datasource{d},
	}
	if db.kind == "DatabaseServer" {
		t.schema = schemas[db.connectionType]
	}
	if d.certified {
		t.certified, t.certifier, t.note = true, d.owner, "Checked against its source each night."
		t.description = "One row for each of the " + strings.ToLower(d.table) + "."
		t.tags = d.tags
	}
	lines, known := columnLines[strings.ToLower(d.table)]
	if !known {
		lines = columnLines[""]
	}
	for line := range strings.SplitSeq(lines, ",") {
		i := strings.LastIndexByte(line, ' ')
		kind, must := strings.CutSuffix(line[i+1:], "!")
		x := &dbColumn{id: s.newID("column", t.id, line[:i]), name: line[:i], remoteType: kind, nullable: !must, table: t}
		if len(t.columns) == 0 {
			x.description = "Key of the row."
		}
		t.columns = append(t.columns, x)
		s.byID[x.id] = x
	}
	db.tables = append(db.tables, t)
	s.tables = append(s.tables, t)
	s.byID[t.id] = t
}

func (u *user) seesTable(t *dbTable) bool {
	if u.admin() || t.contact == u {
		return true
	}
	if allowed, _ := decide(t.database.rules, u, read); allowed {
		return true
	}
	return slices.ContainsFunc(t.sources, u.seesDatasource)
}

func tableElement(c *call, t *dbTable) *wire.Element {
	e := wire.New("table", wire.Str("id", t.id), wire.Str("name", t.name))
	e.Opt("description", t.description)
	e.Flag("isEmbedded", false)
	e.Flag("isCertified", t.certified)
	e.Str("certificationNote", t.note)
	e.Opt("schema", t.schema)
	e.Add(wire.New("site", wire.Str("id", c.site().id)))
	e.Add(reference("contact", t.contact)...)
	e.Add(reference("certifier", t.certifier)...)
	if p := t.database.project; p != nil {
		e.Add(location(p, nil))
	}
	return e.Add(tagsElement(t.tags))
}

func columnElement(x *dbColumn) *wire.Element {
	e := wire.New("column", wire.Str("id", x.id), wire.Str("name", x.name))
	e.Opt("description", x.description)
	e.Str("remoteType", x.remoteType)
	e.Str("parentTableId", x.table.id)
	e.Str("isNullable", strconv.FormatBool(x.nullable))
	return e
}

// listTables is GET tables: those that the caller may read.
func listTables(c *call) (*answer, error) {
	all := visible(&c.s.shown, c.user(), "tables", c.site().tables, c.user().seesTable)
	part, p, err := wire.Paginate(c.query, all)
	if err != nil {
		return nil, err
	}
	return listed(p, "tables", part, func(t *dbTable) *wire.Element { return tableElement(c, t) })
}

func pathTable(c *call) (*dbTable, error) {
	id := c.r.PathValue("id")
	t, ok := find[*dbTable](c.site(), id)
	if !ok {
		return nil, errNotFound("404032", "Table", id)
	}
	if !c.user().seesTable(t) {
		return nil, errForbidden()
	}
	return t, nil
}

// getTable is GET tables/{id}.
func getTable(c *call) (*answer, error) {
	t, err := pathTable(c)
	if err != nil {
		return nil, err
	}
	return found(tableElement(c, t))
}

// tablePermissions is GET tables/{id}/permissions, for who may change them. In a locked database
// they are those of the database.
func tablePermissions(c *call) (*answer, error) {
	t, err := pathTable(c)
	if err != nil {
		return nil, err
	}
	if !c.user().manages(t.contact, nil, t.database.rules) {
		return nil, errForbidden()
	}
	return found(permissionsElement(thingElement("table", t.id, t.name, nil), "table", t.database.rules, nil))
}

// listColumns is GET tables/{id}/columns. Its pagination is within the container, as documented of
// these lists.
func listColumns(c *call) (*answer, error) {
	t, err := pathTable(c)
	if err != nil {
		return nil, err
	}
	part, p, err := wire.Paginate(c.query, t.columns)
	if err != nil {
		return nil, err
	}
	columns := wire.Contain("columns", part, columnElement)
	columns.Children = append([]*wire.Element{p.Element()}, columns.Children...)
	return found(columns)
}

// getColumn is GET tables/{id}/columns/{column}.
func getColumn(c *call) (*answer, error) {
	t, err := pathTable(c)
	if err != nil {
		return nil, err
	}
	for _, x := range t.columns {
		if x.id == c.r.PathValue("column") {
			return found(columnElement(x))
		}
	}
	e := errNotFound("409066", "Column", c.r.PathValue("column"))
	e.Status = 404 // UNSURE: the code says otherwise
	return nil, e
}
