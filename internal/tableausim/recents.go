package tableausim

import (
	"cmp"
	"slices"
	"strconv"
	"strings"

	"vitrine/internal/tableausim/wire"
)

// maxRecents and maxRecommended are the documented lengths of the two lists, which have no pages.
const (
	maxRecents     = 24
	maxRecommended = 100
)

// recent is an entry of what somebody looked at: a view, or its workbook.
type recent struct {
	view  *view
	whole bool // the workbook
}

// recentsOf are what a user looked at last, newest first: the same at every start, of what they see
// now. Who has never signed in has looked at nothing.
func (c *call) recentsOf(u *user) []recent {
	views := c.s.viewsOf(c.site(), u)
	if len(views) == 0 || u.lastLogin.IsZero() {
		return nil
	}
	var out []recent
	seen := map[any]bool{}
	wanted := min(6+int(seed(u.id, "recents")%(maxRecents-5)), maxRecents)
	for i := 0; len(out) < wanted && i < 2*maxRecents; i++ {
		n := seed(u.id, "recent", strconv.Itoa(i))
		x := recent{view: views[n%uint64(len(views))], whole: i%4 == 3}
		var key any = x.view
		if x.whole {
			key = x.view.workbook
		}
		if !seen[key] {
			seen[key] = true
			out = append(out, x)
		}
	}
	return out
}

// listRecents is GET content/recent.
func listRecents(c *call) (*answer, error) {
	showView, showBook := show("view", viewColumns(c), inLists), show("workbook", workbookColumns(c), inLists)
	return found(wire.Contain("recents", c.recentsOf(c.user()), func(x recent) *wire.Element {
		if x.whole {
			return wire.New("recent").Add(showBook(x.view.workbook))
		}
		return wire.New("recent").Add(showView(x.view))
	}))
}

// listRecommendations is GET recommendations/?type=view, deprecated by Tableau with API 3.19 and
// still answered: views that others look at most. The documentation shows no whole answer; each
// view is in an element of its own here.
func listRecommendations(c *call) (*answer, error) {
	if kind := c.query.Get("type"); !strings.EqualFold(kind, "view") {
		return nil, wire.Fail("400000", "Recommendations of type '%s' are not offered: it must be view.", kind)
	}
	known := map[*view]bool{}
	for _, x := range c.recentsOf(c.user()) {
		known[x.view] = true
	}
	views := slices.DeleteFunc(slices.Clone(c.s.viewsOf(c.site(), c.user())), func(x *view) bool { return known[x] || x.workbook.owner == c.user() })
	slices.SortStableFunc(views, func(a, b *view) int { return cmp.Compare(b.hits, a.hits) })
	show := show("view", viewColumns(c), inLists)
	return found(wire.Contain("recommendations", views[:min(len(views), 12, maxRecommended)], func(x *view) *wire.Element {
		return wire.New("recommendation", wire.Str("type", "view")).Add(show(x))
	}))
}

// getPersonalSpace is GET personalSpace: the caller's own, which takes a Creator's or an Explorer's
// license.
func getPersonalSpace(c *call) (*answer, error) {
	u := c.user()
	if !u.hasSpace() {
		return nil, errNotFound("404039", "Personal space of user", u.id)
	}
	e := wire.New("personalSpace", wire.Str("luid", spaceID(u)), wire.Str("ownerLuid", u.id))
	e.Flag("readOnly", false)
	return found(e)
}

// hasSpace reports whether the user's license includes a personal space.
func (u *user) hasSpace() bool {
	switch u.role {
	case "Viewer", "Guest", unlicensed:
		return false
	}
	return true
}

// spaceID is the LUID of a user's personal space.
func spaceID(owner *user) string { return luid("space", owner.id) }
