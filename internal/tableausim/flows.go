package tableausim

import (
	"strconv"
	"time"

	"vitrine/internal/tableausim/wire"
)

// flow prepares data: steps that read, change and write it.
type flow struct {
	id, name, description string
	number                int    // the numeric id of web addresses
	fileType              string // tfl, or tflx with files in it
	project               *project
	owner                 *user
	created, updated      time.Time
	tags                  []string
	parameters            []flowParameter
	steps                 []flowStep // those that write something
	connections           []*connection
	rules                 []rule
	favorites             int
}

type flowParameter struct {
	id, kind, name, description, value string
	required                           bool
	domain                             string // any, list or range
}

type flowStep struct{ id, name string }

var flowFields = map[string]field[*flow]{
	"name":        {ops: eqIn, text: func(f *flow) string { return f.name }},
	"projectName": {ops: eqIn, text: func(f *flow) string { return f.project.nameOrEmpty() }},
	"projectId":   {ops: opEq, exact: true, text: func(f *flow) string { return f.project.id }},
	"ownerName":   {ops: opEq, text: func(f *flow) string { return f.owner.name }},
	"createdAt":   {ops: compare, when: func(f *flow) time.Time { return f.created }},
	"updatedAt":   {ops: compare, when: func(f *flow) time.Time { return f.updated }},
}

// flowElement is one flow. Flows know no fields=: all answers show the same, and of the owner the
// id alone.
func flowElement(c *call, f *flow) *wire.Element {
	e := wire.New("flow", wire.Str("id", f.id), wire.Str("name", f.name), wire.Str("description", f.description))
	e.Str("webpageUrl", c.webBase()+"flows/"+strconv.Itoa(f.number))
	e.Str("fileType", f.fileType)
	e.When("createdAt", f.created)
	e.When("updatedAt", f.updated)
	e.Add(wire.New("project", wire.Str("id", f.project.id), wire.Str("name", f.project.name)), wire.New("owner", wire.Str("id", f.owner.id)), tagsElement(f.tags))
	if c.version.less(ver(3, 15)) { // parameters of flows came with 2022.1
		return e
	}
	return e.Add(wire.Contain("parameters", f.parameters, func(p flowParameter) *wire.Element {
		x := wire.New("parameter", wire.Str("id", p.id), wire.Str("type", p.kind), wire.Str("name", p.name))
		x.Opt("description", p.description)
		x.Opt("value", p.value)
		x.Flag("isRequired", p.required)
		return x.Add(wire.New("domain", wire.Str("domainType", p.domain)))
	}))
}

func (s *Server) flowsOf(st *site, u *user) []*flow {
	return visible(&s.shown, u, "flows", st.flows, u.seesFlow)
}

func (u *user) seesFlow(f *flow) bool { return u.seesContent(f.owner, f.rules, f.project, read) }

// listFlows is GET flows.
func listFlows(c *call) (*answer, error) {
	part, p, err := query(c, "flows", c.s.flowsOf(c.site(), c.user()), flowFields)
	if err != nil {
		return nil, err
	}
	return listed(p, "flows", part, func(f *flow) *wire.Element { return flowElement(c, f) })
}

// listUserFlows is GET users/{id}/flows: what that person sees, or owns with ownedBy=true.
func listUserFlows(c *call) (*answer, error) {
	u, err := pathUser(c, "404002")
	if err != nil {
		return nil, err
	}
	all, err := ownedBy(c, c.s.flowsOf(c.site(), u), func(f *flow) bool { return f.owner == u })
	if err != nil {
		return nil, err
	}
	part, p, err := wire.Paginate(c.query, all)
	if err != nil {
		return nil, err
	}
	return listed(p, "flows", part, func(f *flow) *wire.Element { return flowElement(c, f) })
}

// ownedBy reads the parameter of that name: true keeps what the person owns.
func ownedBy[T any](c *call, all []T, owns func(T) bool) ([]T, error) {
	only, err := flagParameter(c, "ownedBy")
	if err != nil || !only {
		return all, err
	}
	var own []T
	for _, x := range all {
		if owns(x) {
			own = append(own, x)
		}
	}
	return own, nil
}

// pathFlow returns the flow in the path if the caller sees it.
func pathFlow(c *call) (*flow, error) {
	id := c.r.PathValue("id")
	f, ok := find[*flow](c.site(), id)
	if !ok {
		return nil, errNotFound("404027", "Flow", id)
	}
	if !c.user().seesFlow(f) {
		return nil, wire.Fail("403101", "The user is not allowed to read this flow.")
	}
	return f, nil
}

// getFlow is GET flows/{id}: beside the flow are its output steps.
func getFlow(c *call) (*answer, error) {
	f, err := pathFlow(c)
	if err != nil {
		return nil, err
	}
	return found(flowElement(c, f), wire.Contain("flowOutputSteps", f.steps, func(x flowStep) *wire.Element {
		return wire.New("flowOutputStep", wire.Str("id", x.id), wire.Str("name", x.name))
	}))
}

// flowLine is one hand-made flow.
type flowLine struct {
	name, project, owner, description, tags string
	steps, parameters                       string // with commas
	source                                  string // name of the published data source that it reads, or empty
	access                                  string // own rules, beside those of the project
}

var standardFlows = []flowLine{
	{name: "Orders Nightly", project: "Sales", owner: "maria.gonzalez", description: "Joins orders, returns and customers each night.", tags: "sales,nightly", steps: "Orders Clean,Returns", source: "Orders"},
	{name: "Customer Master", project: "Sales", owner: "maria.gonzalez", description: "One row for each customer.", tags: "sales,customers", steps: "Customers", parameters: "Region,Cut-off Date", source: "Customers 360"},
	{name: "Nordic Orders, cleaned", project: "Sales/Europe/Nordics", owner: "jonas.weber", tags: "sales,europe", steps: "Nordic Orders"},
	{name: "DACH Pipeline Prep", project: "Sales/Europe/DACH", owner: "jonas.weber", steps: "Pipeline", source: "CRM Opportunities"},
	{name: "Web Sessions", project: "Marketing", owner: "sofia.rossi", description: "Sessions by channel and day.", tags: "marketing,web", steps: "Sessions,Channels,Bounces", source: "Web Analytics"},
	{name: "Brand Tracker", project: "Marketing/Brand & Web", owner: "luc.moreau", steps: "Brand Tracker"},
	{name: "Ledger Close", project: "Finance", owner: "tom.becker", description: "Month-end figures.", tags: "finance,confidential", steps: "Ledger Closed", parameters: "Month", source: "General Ledger"},
	{name: "Exchange Rates Load", project: "Finance/Shared Reports", owner: "priya.nair", tags: "finance", steps: "Exchange Rates"},
	{name: "Shipments Hourly", project: "Operations", owner: "chen.wei", description: "Where each parcel is.", tags: "operations,hourly", steps: "Shipments,Delays", source: "Shipments"},
	{name: "Stock Snapshot", project: "Operations/Supply Chain", owner: "chen.wei", steps: "Stock Snapshot", source: "Stock Levels"},
	{name: "Sensor Cleansing", project: "Operations/Supply Chain/Warehouses", owner: "hannah.schmidt", steps: "Readings,Outliers", source: "Sensor Readings"},
	{name: "Calendar Builder", project: "Default", owner: "elena.petrova", steps: "Calendar", access: "-user:bob"},
	{name: "Alice's Sandbox Prep", project: "Default", owner: "alice", description: "", steps: "Sandbox"},
}

var marketingFlows = []flowLine{
	{name: "Ad Platforms Merge", project: "Campaigns", owner: "sofia.rossi", description: "All ad platforms in one table.", tags: "campaign", steps: "Spend", source: "Ad Platforms"},
	{name: "Contract Index", project: "Agencies", owner: "fatima.zahra", steps: "Contracts", source: "Contracts"},
}

var financeFlows = []flowLine{
	{name: "Ledger Extract", project: "Controlling", owner: "tom.becker", tags: "finance", steps: "Ledger", parameters: "Month", source: "Ledger"},
}

// prepare adds hand-made flows.
func (s *site) prepare(lines []flowLine) {
	for _, l := range lines {
		f := s.addFlow(l, s.projectAt(l.project), s.user(l.owner))
		f.rules = s.grants(l.access)
	}
}

func (s *site) addFlow(l flowLine, p *project, owner *user) *flow {
	f := &flow{
		id: s.newID("flow", p.id, l.name), name: l.name, description: l.description, number: s.nextNumber(),
		fileType: []string{"tflx", "tflx", "tflx", "tfl"}[len(s.flows)%4], project: p, owner: owner, tags: splitTags(l.tags),
	}
	n := seed(f.id)
	f.created = epoch.AddDate(-1, 0, int(n%300)).Add(time.Duration(n%86400) * time.Second)
	f.updated = f.created.AddDate(0, 0, int(n>>16%200)).Add(time.Duration(n>>32%7200) * time.Second)
	f.favorites = int(n % 4)
	for _, name := range splitTags(l.steps) {
		f.steps = append(f.steps, flowStep{luid(f.id, "step", name), name})
	}
	for j, name := range splitTags(l.parameters) {
		f.parameters = append(f.parameters, flowParameter{
			id: luid(f.id, "parameter", name), kind: "string", name: name, required: j == 0, domain: []string{"any", "list"}[j%2],
			description: "Sets the " + name + " of a run.", value: []string{"", "2025-08-31"}[j%2],
		})
	}
	f.connections = s.flowConnections(f.id, l.source)
	s.flows = append(s.flows, f)
	s.byID[f.id] = f
	return f
}

// flowConnections lead to a published data source, or to a file.
func (s *site) flowConnections(id, source string) []*connection {
	for _, d := range s.datasources {
		if d.name == source {
			return []*connection{{id: luid(id, "connection"), kind: "sqlproxy", server: "localhost", port: "443", sourceID: d.id, sourceName: d.name}}
		}
	}
	return []*connection{{id: luid(id, "connection"), kind: "excel-direct"}}
}

// projectAt finds a project by its names from the top down, with slashes.
func (s *site) projectAt(path string) *project {
	for _, p := range s.projects {
		full := p.name
		for above := p.parent; above != nil; above = above.parent {
			full = above.name + "/" + full
		}
		if full == path {
			return p
		}
	}
	return nil
}
