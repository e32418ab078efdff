package tableausim

import (
	"cmp"
	"slices"
	"strings"
	"time"

	"vitrine/internal/tableausim/wire"
)

// collection is a list of content that somebody put together.
type collection struct {
	id, name, description string
	private               bool
	owner                 *user
	created, updated      time.Time
	items                 []collected
}

// collected is one thing in a collection: a workbook, a view, a data source or a flow.
type collected struct {
	thing any
	added time.Time
}

// collect gives some people collections, from what they see themselves.
func (s *site) collect() {
	for i, line := range []struct {
		owner, name, description string
		private                  bool
	}{
		{"alice", "Monday morning", "What to look at before the meeting.", true},
		{"maria.gonzalez", "Sales starters", "Where new colleagues begin.", false},
		{"carol", "Reviewed this quarter", "", false},
	} {
		owner := s.user(line.owner)
		if owner == nil {
			continue
		}
		x := s.addCollection(line.name, line.description, owner, line.private, i)
		for n, thing := range s.collectable(owner) {
			if n%3 == i%3 && len(x.items) < 6 {
				x.items = append(x.items, collected{thing: thing, added: x.created.AddDate(0, 0, n)})
			}
		}
		s.favorites[owner] = append(s.favorites[owner], favorite{label: x.name, added: x.updated, collection: x})
	}
	for _, u := range s.users {
		for _, f := range s.flows {
			if len(s.favorites[u]) > 0 && u.seesFlow(f) && f.owner != u {
				s.favorites[u] = append(s.favorites[u], favorite{label: f.name, added: epoch.AddDate(0, -1, 4), flow: f})
				break
			}
		}
	}
}

// addCollection adds the nth collection of a site, with nothing in it.
func (s *site) addCollection(name, description string, owner *user, private bool, n int) *collection {
	x := &collection{
		id: s.newID("collection", name), name: name, description: description, private: private, owner: owner,
		created: epoch.AddDate(0, -6, n), updated: epoch.AddDate(0, -1, 3*n),
	}
	s.collections = append(s.collections, x)
	s.byID[x.id] = x
	return x
}

// collectable is some of what a user sees, of several kinds.
func (s *site) collectable(u *user) []any {
	var out []any
	for _, w := range s.workbooks {
		if u.seesWorkbook(w) && len(out) < 8 {
			out = append(out, w, w.views[len(w.views)-1])
		}
	}
	for _, d := range s.datasources {
		if u.seesDatasource(d) && len(out) < 12 {
			out = append(out, d)
		}
	}
	for _, f := range s.flows {
		if u.seesFlow(f) && len(out) < 15 {
			out = append(out, f)
		}
	}
	return out
}

// seesCollection reports whether a user sees that there is such a collection: public ones are
// everybody's.
func (u *user) seesCollection(x *collection) bool { return u.admin() || x.owner == u || !x.private }

func (u *user) seesCollected(x collected) bool {
	switch thing := x.thing.(type) {
	case *workbook:
		return u.seesWorkbook(thing)
	case *view:
		return u.seesView(thing)
	case *datasource:
		return u.seesDatasource(thing)
	case *flow:
		return u.seesFlow(thing)
	}
	return false
}

// The documentation does not show the answers of these methods whole. They are written as newer
// methods of the same family write theirs, and as other clients read them: luid, createdTime,
// content within an item.

func (x *collection) json(u *user) map[string]any {
	visible := 0
	for _, item := range x.items {
		if u.seesCollected(item) {
			visible++
		}
	}
	return map[string]any{
		"luid": x.id, "name": x.name, "description": x.description, "visibility": x.visibility(), "userId": x.owner.id,
		"ownerName": x.owner.fullName, "createdTime": wire.Stamp(x.created), "updatedTime": wire.Stamp(x.updated),
		"totalItemCount": len(x.items), "permissionedItemCount": visible,
	}
}

func (x *collection) visibility() string {
	if x.private {
		return "Private"
	}
	return "Public"
}

func collectedJSON(x *collection, item collected) map[string]any {
	content := map[string]any{}
	switch thing := item.thing.(type) {
	case *workbook:
		content["luid"], content["contentType"], content["name"] = thing.id, "workbook", thing.name
	case *view:
		content["luid"], content["contentType"], content["name"] = thing.id, "view", thing.name
	case *datasource:
		content["luid"], content["contentType"], content["name"] = thing.id, "datasource", thing.name
	case *flow:
		content["luid"], content["contentType"], content["name"] = thing.id, "flow", thing.name
	}
	return map[string]any{"collectionLuid": x.id, "content": content, "addedDate": wire.Stamp(item.added)}
}

// jsonPage cuts a page as the versioned API does, and returns the total.
func jsonPage[T any](c *call, all []T, show func(T) map[string]any) (*answer, error) {
	part, p, err := wire.Paginate(c.query, all)
	if err != nil {
		return nil, err
	}
	items := []any{}
	for _, x := range part {
		items = append(items, show(x))
	}
	return jsonAnswer(map[string]any{"items": items, "totalCount": p.Total, "pageNumber": p.Number, "pageSize": p.Size})
}

// listCollections is GET /api/-/collections.
func listCollections(c *call) (*answer, error) {
	seen := slices.DeleteFunc(slices.Clone(c.site().collections), func(x *collection) bool { return !c.user().seesCollection(x) })
	slices.SortStableFunc(seen, func(a, b *collection) int { return cmp.Compare(strings.ToLower(a.name), strings.ToLower(b.name)) })
	return jsonPage(c, seen, func(x *collection) map[string]any { return x.json(c.user()) })
}

func pathCollection(c *call) (*collection, error) {
	id := c.r.PathValue("id")
	x, ok := find[*collection](c.site(), id)
	if !ok || !c.user().seesCollection(x) {
		return nil, errNotFound("404038", "Collection", id)
	}
	return x, nil
}

// getCollection is GET /api/-/collections/{luid}.
func getCollection(c *call) (*answer, error) {
	x, err := pathCollection(c)
	if err != nil {
		return nil, err
	}
	return jsonAnswer(x.json(c.user()))
}

// listCollectionItems is GET /api/-/collections/{luid}/items: those that the caller sees.
func listCollectionItems(c *call) (*answer, error) {
	x, err := pathCollection(c)
	if err != nil {
		return nil, err
	}
	seen := slices.DeleteFunc(slices.Clone(x.items), func(item collected) bool { return !c.user().seesCollected(item) })
	return jsonPage(c, seen, func(item collected) map[string]any { return collectedJSON(x, item) })
}

// collectionElement is a collection as lists of favorites have it.
func collectionElement(u *user, x *collection) *wire.Element {
	visible := 0
	for _, item := range x.items {
		if u.seesCollected(item) {
			visible++
		}
	}
	e := wire.New("collection", wire.Str("id", x.id), wire.Str("name", x.name), wire.Str("description", x.description))
	e.Int("totalItemCount", len(x.items))
	e.Int("permissionedItemCount", visible)
	e.Str("visibility", x.visibility())
	e.When("createdAt", x.created)
	e.When("updatedAt", x.updated)
	return e.Add(wire.New("owner", wire.Str("id", x.owner.id)))
}
