package tableausim

import (
	"encoding/xml"
	"io"
	"slices"
	"time"

	"vitrine/internal/tableausim/wire"
)

// label is something that was put on content: a warning, a certification, a classification.
type label struct {
	id, kind, content        string // what it is on: Tableau's word for its kind, and its LUID
	category, value, message string
	active, elevated         bool
	by                       *user
	created, updated         time.Time
}

// Categories of labels that come with Tableau.
const (
	certifies = "certification"
	warns     = "warning"
	sensitive = "sensitivity"
)

// labelKinds are the values that labels can have, and whether they come with Tableau; quality is
// the older methods' word for a warning.
var labelKinds = []struct {
	name, category, description, quality string
	builtIn, elevated                    bool
}{
	{name: "Certified", category: certifies, description: "Someone responsible vouches for it.", builtIn: true},
	{name: "Deprecated", category: warns, description: "Should no longer be used.", quality: "DEPRECATED", builtIn: true},
	{name: "Stale data", category: warns, description: "Has not been refreshed as planned.", quality: "STALE", builtIn: true},
	{name: "Under maintenance", category: warns, description: "Is being worked on.", quality: "MAINTENANCE", builtIn: true, elevated: true},
	{name: "Warning", category: warns, description: "Something is not as it should be.", quality: "WARNING", builtIn: true},
	{name: "Sensitive data", category: sensitive, description: "Holds what is not for everybody.", quality: "SENSITIVE_DATA", builtIn: true},
	{name: "Personal data", category: sensitive, description: "Holds data about a person.", elevated: true},
	{name: "Finance owned", category: "Ownership", description: "The finance team looks after it."},
}

// labelCategories are the categories, and whether they come with Tableau.
var labelCategories = []struct {
	name, description string
	builtIn           bool
}{
	{name: certifies, description: "Vouched for.", builtIn: true},
	{name: warns, description: "To be used with care.", builtIn: true},
	{name: sensitive, description: "Who may see it.", builtIn: true},
	{name: "Ownership", description: "Who looks after it."},
}

// label puts labels on what the site holds: certifications where things are certified, and some
// warnings and classifications.
func (s *site) label() {
	for _, d := range s.datasources {
		if d.certified {
			s.put("datasource", d.id, certifies, "Certified", d.certificationNote, d.owner, d.updated)
		}
		switch d.name {
		case "Stock Levels":
			s.put("datasource", d.id, warns, "Stale data", "Not refreshed since the move to the new system.", d.owner, d.updated.AddDate(0, 0, 9))
		case "General Ledger":
			s.put("datasource", d.id, sensitive, "Sensitive data", "Figures that are not published yet.", d.owner, d.updated)
			s.put("datasource", d.id, "Ownership", "Finance owned", "", d.owner, d.updated)
		case "Targets":
			s.put("datasource", d.id, warns, "Deprecated", "Use the targets in Orders.", d.owner, d.updated)
		}
	}
	for _, db := range s.databases {
		if db.certified {
			s.put("database", db.id, certifies, "Certified", db.note, db.certifier, db.updated)
		}
	}
	for _, t := range s.tables {
		if t.certified {
			s.put("table", t.id, certifies, "Certified", t.note, t.certifier, t.database.updated)
		}
		if t.name == "sessions" {
			s.put("table", t.id, warns, "Under maintenance", "Channels are being sorted again.", t.contact, t.database.updated)
		}
		for _, x := range t.columns {
			if slices.Contains([]string{"email", "birth_date", "salary"}, x.name) {
				s.put("column", x.id, sensitive, "Personal data", "", t.contact, t.database.updated)
			}
		}
	}
	for _, f := range s.flows[:min(1, len(s.flows))] {
		s.put("flow", f.id, warns, "Warning", "Its last runs failed now and then.", f.owner, f.updated)
	}
	for _, v := range s.virtualConnections[:min(1, len(s.virtualConnections))] {
		s.put("virtualconnection", v.id, certifies, "Certified", "The way to the warehouse.", v.owner, v.updated)
	}
}

func (s *site) put(kind, content, category, value, message string, by *user, at time.Time) {
	l := &label{
		id: s.newID("label", content, value), kind: kind, content: content, category: category, value: value, message: message, active: true,
		by: by, created: at, updated: at.AddDate(0, 0, 2),
	}
	for _, k := range labelKinds {
		l.elevated = l.elevated || k.name == value && k.elevated
	}
	s.labels = append(s.labels, l)
	s.byID[l.id] = l
}

// labelsOn are the labels on one thing.
func (s *site) labelsOn(content string) []*label {
	var out []*label
	for _, l := range s.labels {
		if l.content == content {
			out = append(out, l)
		}
	}
	return out
}

func labelElement(c *call, l *label) *wire.Element {
	e := wire.New("label", wire.Str("id", l.id), wire.Str("userDisplayName", l.by.fullName), wire.Str("contentId", l.content), wire.Str("contentType", l.kind))
	e.Str("message", l.message)
	e.Str("value", l.value)
	e.Str("category", l.category)
	e.Flag("active", l.active)
	e.Flag("elevated", l.elevated)
	e.When("createdAt", l.created)
	e.When("updatedAt", l.updated)
	return e.Add(wire.New("site", wire.Str("id", c.site().id)), wire.New("owner", wire.Str("id", l.by.id)))
}

// seesLabelled reports whether the caller may read what labels can be put on; known says that there
// is such a thing.
func (c *call) seesLabelled(kind, id string) (sees, known bool) {
	u := c.user()
	switch x := c.site().byID[id].(type) {
	case *workbook:
		return u.seesWorkbook(x), kind == "workbook"
	case *datasource:
		return u.seesDatasource(x), kind == "datasource"
	case *flow:
		return u.seesFlow(x), kind == "flow"
	case *virtualConnection:
		return u.seesVirtualConnection(x), kind == "virtualconnection"
	case *database:
		return u.seesDatabase(x), kind == "database"
	case *dbTable:
		return u.seesTable(x), kind == "table"
	case *dbColumn:
		return u.seesTable(x.table), kind == "column"
	}
	return false, false
}

// maxLabelled is how much labels may be asked for at once.
const maxLabelled = 100

// labelQuestion is the body of POST labels.
type labelQuestion struct {
	XMLName  xml.Name          `xml:"tsRequest" json:"-"`
	Contents []labelledContent `xml:"contentList>content" json:"-"`
	List     struct {
		Contents []labelledContent `json:"content"`
	} `xml:"-" json:"contentList"`
}

type labelledContent struct {
	Kind string `xml:"contentType,attr" json:"contentType"`
	ID   string `xml:"id,attr" json:"id"`
}

// readLabelQuestion reads for what labels are asked.
func readLabelQuestion(c *call) error {
	body, err := io.ReadAll(io.LimitReader(c.r.Body, maxRequest))
	if err != nil {
		return wire.Fail("400000", "The body of the request could not be read.")
	}
	var q labelQuestion
	err = wire.DecodeBody(c.r, body, &q)
	c.labelled = slices.Concat(q.Contents, q.List.Contents)
	if err != nil || len(c.labelled) == 0 || len(c.labelled) > maxLabelled {
		return wire.Fail("400000", "The body of the request is malformed: it takes 1 to %d contents.", maxLabelled)
	}
	return nil
}

// listLabels is POST labels, which only reads. One thing that is missing, or that the caller may
// not see, spoils the whole answer; the refusal has the status 401 and a code that begins with 400,
// as documented.
func listLabels(c *call) (*answer, error) {
	var out []*label
	for _, x := range c.labelled {
		sees, known := c.seesLabelled(x.Kind, x.ID)
		if !known {
			return nil, errNotFound("404029", "Content", x.ID)
		}
		if !sees {
			e := wire.Fail("400104", "The user may not read the labels of one of the contents.")
			e.Status = 401
			return nil, e
		}
		out = append(out, c.site().labelsOn(x.ID)...)
	}
	return found(wire.Contain("labelList", out, func(l *label) *wire.Element { return labelElement(c, l) }))
}

// getLabel is GET labels/{id}.
func getLabel(c *call) (*answer, error) {
	l, ok := find[*label](c.site(), c.r.PathValue("id"))
	if !ok {
		return nil, errNotFound("404030", "Label", c.r.PathValue("id"))
	}
	if sees, _ := c.seesLabelled(l.kind, l.content); !sees {
		return nil, errForbidden()
	}
	return found(labelElement(c, l))
}

func labelValueElement(i int) *wire.Element {
	k := labelKinds[i]
	e := wire.New("labelValue", wire.Str("name", k.name), wire.Str("category", k.category), wire.Str("description", k.description))
	e.Flag("internal", false)
	e.Flag("elevatedDefault", k.elevated)
	e.Flag("builtIn", k.builtIn)
	return e
}

// listLabelValues is GET labelValues.
func listLabelValues(*call) (*answer, error) {
	list := wire.New("labelValueList")
	for i := range labelKinds {
		list.Add(wire.Item(labelValueElement(i)))
	}
	return found(list)
}

// getLabelValue is GET labelValues/{name}.
func getLabelValue(c *call) (*answer, error) {
	for i, k := range labelKinds {
		if k.name == c.r.PathValue("name") {
			return found(labelValueElement(i))
		}
	}
	return nil, errNotFound("404030", "Label value", c.r.PathValue("name"))
}

// listLabelCategories is GET labelCategories.
func listLabelCategories(*call) (*answer, error) {
	list := wire.New("labelCategoryList")
	for _, k := range labelCategories {
		e := wire.New("labelCategory", wire.Str("name", k.name), wire.Str("description", k.description))
		e.Flag("internal", false)
		e.Flag("builtIn", k.builtIn)
		list.Add(wire.Item(e))
	}
	return found(list)
}
