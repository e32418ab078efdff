package tableau

import (
	"cmp"
	"context"
	"fmt"
	"maps"
	"slices"
	"strings"
)

// inProjects describes a list whose items are in projects. One list serves all projects that were
// read together, filtered by their names, which Tableau can do, and grouped by their LUIDs, because
// names are not unique.
type inProjects[T any] struct {
	key   string // which list, filter and order: what must be equal to share a read
	read  pageReader[T]
	field string // Tableau's filter: projectName or parentProjectId
	value func(*Project) string
	of    func(*T) LUID
	alone func(*Project) Filter[T] // keeps the items of one project; nil if Tableau has no such filter
}

// childrenOf reads a range of the items of a project, for all projects that were read together at
// once. The items of all of them form one batch.
func childrenOf[T any, P resource[T]](
	ctx context.Context, p *Project, in inProjects[T], q ListQuery[T], offset, first int,
) (*Page[T], error) {
	siblings := batchItems(p.batch, p)
	key := fmt.Sprint(in.key, offset, first, q.key())
	pages, err := once(ctx, p.batch, key, func() (map[LUID]*Page[T], error) {
		return groupByProject[T, P](ctx, p.s, siblings, in, q, offset, first)
	})
	if err == nil && pages[p.LUID] == nil && len(siblings) > 1 { // the projects have more items than are read for one answer
		pages, err = groupByProject[T, P](ctx, p.s, []*Project{p}, in, q, offset, first)
	}
	if err == nil && pages[p.LUID] == nil {
		return filterByID[T, P](ctx, p, in, q, offset, first)
	}
	return pages[p.LUID], err
}

// maxFilterPages bounds how many pages of bare ids are read to find a project's own among those of
// other projects of its name.
const maxFilterPages = 50

var errTooMuchToFilter error = &InputError{
	Reason: "this project, with others of its name, has more items than can be filtered here: narrow it with a filter",
}

// filterByID reads a range of the items of one project that is too large to be read whole, or whose
// name no filter can have on a site that is. It reads the ids of all items in projects of its name,
// or on the site, to find which are the project's own, and how many there are. Then it reads the
// range.
func filterByID[T any, P resource[T]](ctx context.Context, p *Project, in inProjects[T], q ListQuery[T], offset, first int) (*Page[T], error) {
	version, err := p.s.client.Version(ctx)
	if err != nil {
		return nil, err
	}
	if named := namedBy[T](in.field, []string{in.value(p)}); expressible(named) {
		named.Op = "eq"
		q.Filters = append(slices.Clone(q.Filters), named)
	}
	sent, local, err := q.plan(version)
	if err != nil {
		return nil, err
	}
	if len(local) > 0 {
		return nil, errTooMuchToFilter
	}
	values := q.values(sent, nil)
	bare := maps.Clone(values)
	bare.Set("fields", "id,project.id")
	all, err := readAll[T, P](ctx, in.read, bare, maxFilterPages)
	if err == errTooManyPages { //nolint:errorlint // the sentinel is never wrapped
		return nil, errTooMuchToFilter
	}
	if err != nil {
		return nil, err
	}
	var places []int
	seen := map[LUID]bool{}
	for i, item := range all {
		if id := P(item).luid(); in.of(item) == p.LUID && !seen[id] {
			seen[id] = true
			places = append(places, i)
		}
	}
	page := &Page[T]{Offset: offset, Total: len(places)}
	places = places[min(offset, len(places)):min(offset+first, len(places))]
	if len(places) == 0 {
		return page, nil
	}
	from, span := places[0], places[len(places)-1]-places[0]+1
	if span > maxLocalPages*maxPageSize {
		return nil, errTooMuchToFilter
	}
	items, _, _, err := pageSpan[T, P](ctx, in.read, values, from, span, pageSizeFor(from, span), false, false)
	if err != nil {
		return nil, err
	}
	own := slices.DeleteFunc(slices.Clone(items), func(item *T) bool { return in.of(item) != p.LUID }) // an answer may have other readers
	page.Items = newBatch[T, P](own)
	return page, nil
}

// groupByProject reads a range of the items of each project. It returns no page for a project with
// more items than are read for one answer.
func groupByProject[T any, P resource[T]](
	ctx context.Context, s *Session, projects []*Project, in inProjects[T], q ListQuery[T], offset, first int,
) (map[LUID]*Page[T], error) {
	pages := make(map[LUID]*Page[T], len(projects))
	for _, p := range projects {
		pages[p.LUID] = &Page[T]{Offset: offset}
	}
	if q.matchesNothing() {
		return pages, nil
	}
	list := childList[T, Project]{read: in.read, query: q, field: in.field, value: in.value}
	alone := map[LUID]outcome[*Page[T]]{}
	if in.alone != nil {
		list.alone = func(ctx context.Context, projects []*Project) error {
			return readRangeInEach[T, P](ctx, s, projects, in, q, offset, first, alone)
		}
	}
	items, left, err := readChildren[T, P](ctx, s, list, projects)
	if err != nil {
		return nil, err
	}
	for _, p := range left {
		delete(pages, p.LUID)
	}
	for id := range alone {
		delete(pages, id)
	}
	distribute[T, P](pages, items, in.of, offset, first)
	if len(alone) == 0 {
		return pages, nil
	}
	for id, page := range pages {
		alone[id] = outcome[*Page[T]]{value: page}
	}
	if err := batchPages[T, P](ctx, alone, nil); err != nil {
		return nil, err
	}
	for id, page := range alone {
		pages[id] = page.value
	}
	return pages, nil
}

// readRangeInEach reads a range of the items of each project into pages by one call for each.
func readRangeInEach[T any, P resource[T]](
	ctx context.Context, s *Session, projects []*Project, in inProjects[T], q ListQuery[T], offset, first int, pages map[LUID]outcome[*Page[T]],
) error {
	got, err := sideBySide(ctx, projects, func(ctx context.Context, p *Project) (*Page[T], error) {
		q := q
		q.Filters = append(slices.Clone(q.Filters), in.alone(p))
		return readRange[T, P](ctx, s, in.read, q, offset, first)
	})
	for i, p := range projects {
		err = cmp.Or(err, got[i].err)
		pages[p.LUID] = got[i]
	}
	return err
}

// distribute counts items for the pages that they belong to, and adds those in the range of each
// page. It leaves out items of no page, such as those of another project of the same name. All
// items that it adds form one batch.
func distribute[T any, P resource[T]](pages map[LUID]*Page[T], items []*T, of func(*T) LUID, offset, first int) {
	shown := make([]*T, 0, min(len(items), len(pages)*first))
	for _, item := range unique[T, P](items) {
		page := pages[of(item)]
		if page == nil {
			continue
		}
		if page.Total >= offset && page.Total < offset+first {
			shown = append(shown, item)
		}
		page.Total++
	}
	for _, item := range newBatch[T, P](shown) {
		page := pages[of(item)]
		if page.Items == nil {
			page.Items = make([]*T, 0, min(page.Total-offset, first))
		}
		page.Items = append(page.Items, item)
	}
}

func (q ListQuery[T]) key() string {
	parts := []string{sortExpression(q.Sort), strings.Join(q.fields(nil), ",")}
	for _, f := range q.Filters {
		parts = append(parts, fmt.Sprintf("%s:%s:%q", f.Field, f.Op, f.Values)) // quoted: values are the caller's
	}
	parts = append(parts, q.Extra.Encode())
	return strings.Join(parts, "\x01")
}

// Children reads a stretch of the projects directly in it. GET
// projects?filter=parentProjectId:eq:…, or :in:[…] for several.
func (p *Project) Children(ctx context.Context, q ListQuery[Project], offset, first int) (*Page[Project], error) {
	if len(batchItems(p.batch, p)) == 1 {
		q.Filters = append(slices.Clone(q.Filters), Filter[Project]{
			Field: "parentProjectId", Op: "eq", Values: []string{string(p.LUID)}, Match: func(c *Project) bool { return c.ParentLUID == p.LUID },
		})
		return readRange(ctx, p.s, p.s.projectsPage, q, offset, first)
	}
	return childrenOf(ctx, p, inProjects[Project]{
		key: "children", read: p.s.projectsPage, field: "parentProjectId",
		value: func(p *Project) string { return string(p.LUID) },
		of:    func(c *Project) LUID { return c.ParentLUID },
	}, q, offset, first)
}

// Workbooks reads a stretch of the workbooks directly in it. GET
// workbooks?filter=projectName:in:[…].
func (p *Project) Workbooks(ctx context.Context, q ListQuery[Workbook], offset, first int) (*Page[Workbook], error) {
	return childrenOf(ctx, p, inProjects[Workbook]{
		key: "workbooks", read: p.s.workbooksPage, field: "projectName", value: projectName,
		of: func(w *Workbook) LUID { return refLUID(w.ProjectRef) },
	}, q, offset, first)
}

// Views reads a stretch of the views of the workbooks directly in it. GET
// views?filter=projectName:in:[…].
func (p *Project) Views(ctx context.Context, q ListQuery[View], offset, first int) (*Page[View], error) {
	return childrenOf(ctx, p, inProjects[View]{
		key: "views", read: p.s.viewsPage, field: "projectName", value: projectName,
		of: func(v *View) LUID { return refLUID(v.ProjectRef) },
	}, q, offset, first)
}

// DataSources reads a stretch of the data sources directly in it. GET
// datasources?filter=projectName:in:[…].
func (p *Project) DataSources(ctx context.Context, q ListQuery[DataSource], offset, first int) (*Page[DataSource], error) {
	version, err := p.s.client.Version(ctx)
	if err != nil {
		return nil, err
	}
	in := inProjects[DataSource]{
		key: "datasources", read: p.s.dataSourcesPage, field: "projectName", value: projectName,
		of: func(d *DataSource) LUID { return refLUID(d.ProjectRef) },
	}
	if !dataSourcesByProjectName(version) {
		in.value = func(*Project) string { return "" } // cannot be asked: the whole list is read
	}
	return childrenOf(ctx, p, in, q, offset, first)
}

func projectName(p *Project) string { return p.Name }

func refLUID(p *Project) LUID { return cmp.Or(p, &Project{}).LUID }
