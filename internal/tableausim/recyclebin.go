package tableausim

import (
	"strings"
	"time"

	"vitrine/internal/tableausim/wire"
)

// recycled is something that was deleted and not yet for good.
type recycled struct {
	id, name, kind, path string // kind as answers write it
	owner, deleter       *user
	created, updated     time.Time
}

var recycledFields = map[string]field[*recycled]{
	"id":        {ops: eqIn, exact: true, text: func(x *recycled) string { return x.id }},
	"name":      {ops: eqIn, text: func(x *recycled) string { return x.name }},
	"ownerId":   {ops: eqIn, exact: true, text: func(x *recycled) string { return x.owner.id }},
	"deleterId": {ops: eqIn, exact: true, text: func(x *recycled) string { return x.deleter.id }},
	"path":      {ops: eqIn, text: func(x *recycled) string { return x.path }},
	"createdAt": {ops: compare, when: func(x *recycled) time.Time { return x.created }},
	"updatedAt": {ops: compare, when: func(x *recycled) time.Time { return x.updated }},
}

// recycledElement is one item. Who deleted what one owned can restore it; that isReadOnly says the
// opposite is not confirmed.
func recycledElement(c *call, x *recycled) *wire.Element {
	e := wire.New("contentItem", wire.Str("id", x.id), wire.Str("name", x.name), wire.Str("contentType", x.kind))
	e.When("createdAt", x.created)
	e.When("updatedAt", x.updated)
	e.Str("originalPath", x.path)
	e.Flag("isReadOnly", !c.user().admin() && x.owner != c.user())
	return e.Add(wire.New("owner", wire.Str("id", x.owner.id), wire.Str("name", x.owner.name)), wire.New("deleter", wire.Str("id", x.deleter.id), wire.Str("name", x.deleter.name)))
}

// listRecycled is GET recyclebin/{kind}: everything for administrators, what they owned or deleted
// for others.
func listRecycled(kind string) handler {
	return func(c *call) (*answer, error) {
		var all []*recycled
		for _, x := range c.site().recycled {
			if x.kind == kind && (c.user().admin() || x.owner == c.user() || x.deleter == c.user()) {
				all = append(all, x)
			}
		}
		part, p, err := query(c, "recyclebin/"+kind, all, recycledFields)
		if err != nil {
			return nil, err
		}
		return listed(p, "contentItems", part, func(x *recycled) *wire.Element { return recycledElement(c, x) })
	}
}

// recycledLine is one hand-made item of the recycle bin: path, then name.
type recycledLine struct{ kind, path, owner, deleter string }

var standardRecycled = []recycledLine{
	{"Workbook", "Sales/Old Forecast", "alice", "alice"},
	{"Workbook", "Sales/Europe/Brexit Watch", "maria.gonzalez", "carol"},
	{"Workbook", "Sales/Europe/Nordics/Finland, draft", "jonas.weber", "jonas.weber"},
	{"Workbook", "Default/Test 1", "alice", "carol"},
	{"Workbook", "Default/Test 1", "bob", "carol"},
	{"Workbook", "Marketing/Brand & Web/Pop-ups", "luc.moreau", "luc.moreau"},
	{"Datasource", "Sales/Orders 2019", "maria.gonzalez", "maria.gonzalez"},
	{"Datasource", "Default/Uploaded file", "alice", "alice"},
	{"Flow", "Operations/Parcel Tracking", "chen.wei", "chen.wei"},
	{"Project", "Sales/Africa", "maria.gonzalez", "carol"},
}

// discard fills the recycle bin.
func (s *site) discard(lines []recycledLine) {
	for _, l := range lines {
		at := strings.LastIndexByte(l.path, '/')
		s.recycle(l.kind, l.path[:at], l.path[at+1:], s.user(l.owner), s.user(l.deleter))
	}
}

func (s *site) recycle(kind, path, name string, owner, deleter *user) *recycled {
	x := &recycled{id: s.newID("recycled", path+"/"+name, owner.name), name: name, kind: kind, path: path, owner: owner, deleter: deleter}
	n := seed(x.id)
	x.created = epoch.AddDate(-1, 0, int(n%300)).Add(time.Duration(n%86400) * time.Second)
	x.updated = x.created.AddDate(0, 1, int(n>>16%20))
	s.recycled = append(s.recycled, x)
	s.byID[x.id] = deleted{} // so that the LUID is not given again
	return x
}
