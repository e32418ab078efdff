package tableausim

import (
	"strconv"

	"vitrine/internal/tableausim/wire"
)

// refreshTask is a planned refresh of an extract. One of workbook and datasource is set.
type refreshTask struct {
	id          string
	schedule    *schedule
	workbook    *workbook
	datasource  *datasource
	incremental bool
	priority    int
	failures    int // in a row, up to now
}

// target is a reference to what the task refreshes.
func (t *refreshTask) target() *wire.Element {
	if t.workbook != nil {
		return wire.New("workbook", wire.Str("id", t.workbook.id))
	}
	return wire.New("datasource", wire.Str("id", t.datasource.id))
}

func (t *refreshTask) name() string {
	if t.workbook != nil {
		return t.workbook.name
	}
	return t.datasource.name
}

// owner is who owns what the task refreshes; the task is theirs too.
func (t *refreshTask) owner() *user {
	if t.workbook != nil {
		return t.workbook.owner
	}
	return t.datasource.owner
}

func (t *refreshTask) element(c *call) *wire.Element {
	kind := "RefreshExtractTask"
	if t.incremental {
		kind = "IncrementExtractTask"
	}
	return wire.New("task").Add(wire.New("extractRefresh", wire.Str("id", t.id), wire.Str("priority", strconv.Itoa(t.priority)),
		wire.Str("consecutiveFailedCount", strconv.Itoa(t.failures)), wire.Str("type", kind)).Add(t.schedule.inline(c), t.target()))
}

// own keeps what is a user's own; administrators see all.
func own[T any](u *user, all []T, owner func(T) *user) []T {
	if u.admin() {
		return all
	}
	var mine []T
	for _, x := range all {
		if owner(x) == u {
			mine = append(mine, x)
		}
	}
	return mine
}

// listExtractRefreshes is GET tasks/extractRefreshes: all for administrators, one's own for others;
// without pages.
func listExtractRefreshes(c *call) (*answer, error) {
	tasks := own(c.user(), c.site().refreshes, (*refreshTask).owner)
	return found(wire.Contain("tasks", tasks, func(t *refreshTask) *wire.Element { return t.element(c) }))
}

// getExtractRefresh is GET tasks/extractRefreshes/{id}.
func getExtractRefresh(c *call) (*answer, error) {
	id := c.r.PathValue("id")
	t, ok := find[*refreshTask](c.site(), id)
	if !ok {
		return nil, errNotFound("404026", "Task", id)
	}
	if !c.user().admin() && t.owner() != c.user() {
		return nil, wire.Fail("403051", "The user is not allowed to see this extract refresh.")
	}
	return found(t.element(c))
}
