package tableausim

import (
	"strconv"
	"time"

	"vitrine/internal/tableausim/wire"
)

// revision is one version of a workbook, data source or virtual connection.
type revision struct {
	number    int
	published time.Time
	publisher *user
	size      int64 // bytes
	current   bool
}

// revisionsOf makes the history of a thing, oldest first: up to six versions, published about every
// two weeks, most of them by the owner. One that lost its publisher says none.
func revisionsOf(st *site, id string, owner *user, updated time.Time, megabytes int) []revision {
	n := seed("revisions", id)
	count := 1 + int(n%6)
	out := make([]revision, count)
	for i := range out {
		age := count - 1 - i
		r := revision{
			number: i + 1, published: updated.Add(-time.Duration(age) * (13*24*time.Hour + time.Duration(n>>8%7200)*time.Second)),
			publisher: owner, size: int64(megabytes)<<20 - int64(age)*int64(n>>16%300_000), current: age == 0,
		}
		if i == 1 && count > 3 {
			r.publisher = nil
		}
		out[i] = r
	}
	return out
}

func revisionElement(r revision) *wire.Element {
	e := wire.New("revision")
	e.Int("revisionNumber", r.number)
	e.When("publishedAt", r.published)
	e.Flag("deleted", false)
	e.Flag("current", r.current)
	e.Int("sizeInBytes", int(r.size))
	if r.publisher != nil {
		e.Add(wire.New("publisher", wire.Str("id", r.publisher.id), wire.Str("name", r.publisher.name)))
	}
	return e
}

// publishes reports whether the site role lets a person publish at all.
func (u *user) publishes() bool {
	return u.admin() || u.role == "Creator" || u.role == "ExplorerCanPublish" || u.role == "Publisher"
}

// revisionAccess refuses where history is off, and whom it is not for: administrators, and
// publishers who may read, overwrite and download the thing and publish into its project.
func revisionAccess(c *call, owner *user, p *project, rules []rule, forbidden string) error {
	u := c.user()
	if c.site().noHistory {
		return wire.Fail("403053", "The revision history is not enabled on this site.")
	}
	if u.admin() || u.publishes() && (owner == u || u.managesProject(p)) {
		return nil
	}
	write, _ := decide(rules, u, "Write")
	download, _ := decide(rules, u, "ExportXml")
	if u.publishes() && write && download && u.mayPublish(p) {
		return nil
	}
	return wire.Fail(forbidden, "The user may not query the revisions.")
}

// mayPublish reports whether u may publish into a project.
func (u *user) mayPublish(p *project) bool {
	if p == nil {
		return false
	}
	allowed, _ := decide(p.rules, u, "Write")
	return u.admin() || u.managesProject(p) || allowed && u.publishes()
}

func listRevisions(c *call, all []revision) (*answer, error) {
	part, p, err := wire.Paginate(c.query, all)
	if err != nil {
		return nil, err
	}
	return listed(p, "revisions", part, revisionElement)
}

// listWorkbookRevisions is GET workbooks/{id}/revisions.
func listWorkbookRevisions(c *call) (*answer, error) {
	w, err := pathWorkbook(c)
	if err != nil {
		return nil, err
	}
	rules, _ := held(w.rules, w.project)
	if err := revisionAccess(c, w.owner, w.project, rules, "403056"); err != nil {
		return nil, err
	}
	return listRevisions(c, revisionsOf(c.site(), w.id, w.owner, w.updated, w.size))
}

// listDatasourceRevisions is GET datasources/{id}/revisions.
func listDatasourceRevisions(c *call) (*answer, error) {
	d, err := pathDatasource(c, "404004")
	if err != nil {
		return nil, err
	}
	rules, _ := held(d.rules, d.project)
	if err := revisionAccess(c, d.owner, d.project, rules, "403054"); err != nil {
		return nil, err
	}
	return listRevisions(c, revisionsOf(c.site(), d.id, d.owner, d.updated, d.size))
}

// listVirtualConnectionRevisions is GET virtualconnections/{id}/revisions.
func listVirtualConnectionRevisions(c *call) (*answer, error) {
	v, err := pathVirtualConnection(c)
	if err != nil {
		return nil, err
	}
	rules, _ := held(v.rules, v.project)
	if err := revisionAccess(c, v.owner, v.project, rules, "403004"); err != nil {
		return nil, err
	}
	return listRevisions(c, revisionsOf(c.site(), v.id, v.owner, v.updated, 1))
}

// getVirtualConnectionRevision is GET virtualconnections/{id}/revisions/{number}: the virtual
// connection as it was then, the current revision too.
func getVirtualConnectionRevision(c *call) (*answer, error) {
	v, err := pathVirtualConnection(c)
	if err != nil {
		return nil, err
	}
	rules, _ := held(v.rules, v.project)
	if err := revisionAccess(c, v.owner, v.project, rules, "403004"); err != nil {
		return nil, err
	}
	all := revisionsOf(c.site(), v.id, v.owner, v.updated, 1)
	n, err := strconv.Atoi(c.r.PathValue("number"))
	if err != nil || n < 1 || n > len(all) {
		return nil, errNotFound("404024", "Revision", c.r.PathValue("number"))
	}
	then := *v
	then.tables = v.tables[:max(1, len(v.tables)-(len(all)-n))]
	return found(then.element())
}

// pathRevision is the number in the path as one of all revisions but the current one, which is
// downloaded as the thing itself. The codes are those that the list of codes has for a revision;
// none is documented for the current one in particular.
func pathRevision(c *call, all []revision) (revision, error) {
	text := c.r.PathValue("number")
	n, err := strconv.Atoi(text)
	switch {
	case err != nil || n < 1 || n > len(all):
		return revision{}, errNotFound("404024", "Revision", text)
	case all[n-1].current:
		return revision{}, wire.Fail("400058", "Revision %d is the current one: it cannot be downloaded as a revision.", n)
	}
	return all[n-1], nil
}

// workbookRevisionFile is GET workbooks/{id}/revisions/{number}/content: the earlier, the fewer
// sheets.
func workbookRevisionFile(c *call) (*answer, error) {
	w, err := pathWorkbook(c)
	if err != nil {
		return nil, err
	}
	rules, _ := held(w.rules, w.project)
	if err := revisionAccess(c, w.owner, w.project, rules, "403056"); err != nil {
		return nil, err
	}
	if !c.user().mayWithWorkbook(w, exportXML) {
		return nil, wire.Fail("403019", "The user is not allowed to download the workbook.")
	}
	all := revisionsOf(c.site(), w.id, w.owner, w.updated, w.size)
	r, err := pathRevision(c, all)
	if err != nil {
		return nil, err
	}
	whole, err := includesExtract(c)
	if err != nil {
		return nil, err
	}
	then := *w
	then.views = w.views[:max(min(len(w.views), 1), len(w.views)-(len(all)-r.number))]
	return then.file(whole), nil
}

// datasourceRevisionFile is GET datasources/{id}/revisions/{number}/content.
func datasourceRevisionFile(c *call) (*answer, error) {
	d, err := pathDatasource(c, "404004")
	if err != nil {
		return nil, err
	}
	rules, _ := held(d.rules, d.project)
	if err := revisionAccess(c, d.owner, d.project, rules, "403054"); err != nil {
		return nil, err
	}
	if !c.user().may(d.owner, d.rules, d.project, exportXML) {
		return nil, wire.Fail("403028", "The user is not allowed to download the data source.")
	}
	if _, err := pathRevision(c, revisionsOf(c.site(), d.id, d.owner, d.updated, d.size)); err != nil {
		return nil, err
	}
	whole, err := includesExtract(c)
	if err != nil {
		return nil, err
	}
	return d.file(whole), nil
}
