package tableausim

import (
	"encoding/json"
	"strconv"
	"time"

	"vitrine/internal/tableausim/wire"
)

// virtualConnection is a shared way to databases and tables.
type virtualConnection struct {
	id, name               string
	number                 int // the numeric id of web addresses
	project                *project
	owner                  *user
	created, updated       time.Time
	certified, hasExtracts bool
	connections            []*connection
	tables                 []string
	rules                  []rule
}

func (u *user) seesVirtualConnection(v *virtualConnection) bool {
	return u.seesContent(v.owner, v.rules, v.project, connect)
}

// listVirtualConnections is GET virtualconnections: those that the caller may connect to.
func listVirtualConnections(c *call) (*answer, error) {
	all := visible(&c.s.shown, c.user(), "virtualconnections", c.site().virtualConnections, c.user().seesVirtualConnection)
	part, p, err := wire.Paginate(c.query, all)
	if err != nil {
		return nil, err
	}
	return listed(p, "virtualConnections", part, func(v *virtualConnection) *wire.Element {
		e := wire.New("virtualConnection", wire.Str("id", v.id), wire.Str("name", v.name))
		e.When("createdAt", v.created)
		e.When("updatedAt", v.updated)
		e.Flag("hasExtracts", v.hasExtracts)
		e.Flag("isCertified", v.certified)
		e.Str("webpageUrl", c.webBase()+"virtualconnections/"+strconv.Itoa(v.number))
		return e.Add(wire.New("project", wire.Str("id", v.project.id), wire.Str("name", v.project.name)), wire.New("owner", wire.Str("id", v.owner.id)))
	})
}

// pathVirtualConnection returns the virtual connection in the path if the caller may connect to it.
// Which code one has that does not exist is not documented.
func pathVirtualConnection(c *call) (*virtualConnection, error) {
	id := c.r.PathValue("id")
	v, ok := find[*virtualConnection](c.site(), id)
	if !ok {
		return nil, errNotFound("404029", "VirtualConnection", id)
	}
	if !c.user().seesVirtualConnection(v) {
		return nil, errForbidden()
	}
	return v, nil
}

// getVirtualConnection is GET virtualconnections/{id}. Its attributes are not those of the list: no
// id, no times, but the definition, a JSON text within an element.
func getVirtualConnection(c *call) (*answer, error) {
	v, err := pathVirtualConnection(c)
	if err != nil {
		return nil, err
	}
	return found(v.element())
}

// element is a virtual connection with its definition.
func (v *virtualConnection) element() *wire.Element {
	return wire.New("virtualConnection", wire.Str("name", v.name)).Add(
		wire.New("project", wire.Str("id", v.project.id)), wire.New("owner", wire.Str("id", v.owner.id)), wire.Text("content", v.definition()),
	)
}

// definition is what the virtual connection is made of, as Tableau keeps it.
func (v *virtualConnection) definition() string {
	var b []byte
	for i, table := range v.tables {
		if i > 0 {
			b = append(b, ',')
		}
		name, _ := json.Marshal(table) // a string does not fail
		b = append(append(b, `{"luid":"`+luid(v.id, "table", table)+`","name":`...), name...)
		b = append(b, '}')
	}
	return `{"policyCollection":{"luid":"` + luid(v.id, "policies") + `","policies":[]},"revision":{"luid":"` + luid(v.id, "revision") +
		`","revisableProperties":{"tables":[` + string(b) + `]}}}`
}

// virtualLine is one hand-made virtual connection.
type virtualLine struct {
	name, project, owner, kind, server, tables string
	certified, extract                         bool
	access                                     string
}

var standardVirtualConnections = []virtualLine{
	{name: "Corporate Warehouse", project: "Operations", owner: "chen.wei", kind: "redshift", server: "dwh.corp.example", tables: "orders,customers,shipments", certified: true},
	{name: "CRM Mirror", project: "Sales/Europe", owner: "maria.gonzalez", kind: "postgres", server: "pg.crm.example", tables: "accounts,contacts", extract: true},
	{name: "Finance Ledger", project: "Finance", owner: "tom.becker", kind: "saphana", server: "hana.corp.example", tables: "LEDGER", certified: true},
	{name: "Shared Reference Data", project: "Default", owner: adminName, kind: "postgres", server: "pg.ref.example", tables: "calendar,countries", certified: true, extract: true},
}

// bridge adds hand-made virtual connections.
func (s *site) bridge(lines []virtualLine) {
	for _, l := range lines {
		v := &virtualConnection{
			id: s.newID("virtualconnection", l.name), name: l.name, number: s.nextNumber(), project: s.projectAt(l.project), owner: s.user(l.owner),
			certified: l.certified, hasExtracts: l.extract, tables: splitTags(l.tables), rules: s.grants(l.access),
		}
		n := seed(v.id)
		v.created = epoch.AddDate(-1, 0, int(n%300)).Add(time.Duration(n%86400) * time.Second)
		v.updated = v.created.AddDate(0, 0, int(n>>16%60))
		v.connections = []*connection{s.connection(v.id, sourceLine{kind: l.kind, server: l.server})}
		s.virtualConnections = append(s.virtualConnections, v)
		s.byID[v.id] = v
	}
}
