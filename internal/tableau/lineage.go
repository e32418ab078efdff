package tableau

import (
	"context"
	"encoding/json"
	"fmt"
	"maps"
	"slices"

	"vitrine/internal/parallel"
)

// lineageRef is an object at the end of an edge, as the Metadata API has it. Its name is empty where
// the caller may not read it.
type lineageRef struct {
	LUID    json.RawMessage          `json:"luid"`
	Name    Text                     `json:"name"`
	Path    json.RawMessage          `json:"path"`    // of a view
	Parents metadataList[lineageRef] `json:"parents"` // of the copy of a data source in a workbook: what it copies
}

// hidden reports whether it is a sheet that is hidden: the REST API does not list it.
func (r *lineageRef) hidden() bool { return string(r.Path) == `""` }

// nameless reports whether it is of a kind without LUIDs, or a hidden sheet.
func (r *lineageRef) nameless() bool {
	return len(r.LUID) == 0 || string(r.LUID) == "null" || string(r.LUID) == `""`
}

// lineageNode is a parent with its edge.
type lineageNode struct {
	node
	LUID       LUID                       `json:"luid"`
	Targets    metadataList[lineageRef]   `json:"targets"`
	Sheets     metadataList[lineageRef]   `json:"sheets"`
	Dashboards metadataList[lineageRef]   `json:"dashboards"`
	Fields     metadataList[CatalogField] `json:"fields"`
}

func (n *lineageNode) luid() LUID { return n.LUID }

// whole reports whether nothing of the edge is missing. Each query asks for one of the lists, or for
// sheets and dashboards.
func (n *lineageNode) whole() bool {
	given := n.Targets.given || n.Fields.given || n.Sheets.given && n.Dashboards.given
	return given && !n.Targets.lost && !n.Sheets.lost && !n.Dashboards.lost && !n.Fields.lost
}

// lineageTarget is an object at the end of an edge that exists in the REST API.
type lineageTarget struct {
	LUID LUID
	Name Text
}

// targets are the objects that have a LUID: only those exist in the REST API. whole is false if one
// of them cannot be read.
func (n *lineageNode) targets() (targets []lineageTarget, whole bool) {
	whole = n.whole()
	var add func(list metadataList[lineageRef])
	add = func(list metadataList[lineageRef]) {
		whole = whole && !list.lost
		for _, ref := range list.items {
			var id LUID
			if !ref.nameless() {
				_ = id.UnmarshalJSON(ref.LUID) // it has no error
				whole = whole && id != ""
			}
			if id != "" && !ref.hidden() {
				targets = append(targets, lineageTarget{id, ref.Name})
			}
			add(ref.Parents)
		}
	}
	add(n.Targets)
	add(n.Sheets)
	add(n.Dashboards)
	return targets, whole
}

// lineagePage is a page of parents.
type lineagePage struct {
	List *struct {
		Nodes    metadataList[lineageNode] `json:"nodes"`
		PageInfo metadataObject[struct {
			HasNextPage Flag `json:"hasNextPage"`
			EndCursor   Text `json:"endCursor"`
		}] `json:"pageInfo"`
	} `json:"list"`
}

func (p *lineagePage) missing() bool { return p.List == nil }

// maxLineageParents is how many parents one query is about.
const maxLineageParents = 500

// lineageOf are the edges of some parents, and why they may lack something.
type lineageOf struct {
	nodes map[LUID]*lineageNode
	gap   Gap
}

// readLineage reads one edge of parents: one call for up to 500 of them.
func (s *Session) readLineage(ctx context.Context, query string, parents []LUID) (*lineageOf, error) {
	version, err := s.client.Version(ctx)
	if err != nil {
		return nil, err
	}
	text, err := lineageQuery(query, version)
	if err != nil {
		return nil, err
	}
	parents = slices.Compact(slices.Sorted(slices.Values(parents)))
	chunks := slices.Collect(slices.Chunk(parents, maxLineageParents))
	nodes, found := make([][]*lineageNode, len(chunks)), make([]Gap, len(chunks))
	err = parallel.Run(ctx, len(chunks), func(ctx context.Context, i int) (err error) {
		list := tokenPager[lineageNode, *lineageNode]{func(ctx context.Context, token string, _ int) (tokenPage[lineageNode], error) {
			page, gap, err := s.lineagePage(ctx, text, chunks[i], token)
			found[i] = worse(found[i], gap)
			return page, err
		}}
		nodes[i], err = list.all(ctx, maxPages)
		return err
	})
	if err != nil {
		return nil, err
	}
	all := &lineageOf{nodes: map[LUID]*lineageNode{}}
	for i := range chunks {
		all.gap = worse(all.gap, found[i])
		for _, n := range nodes[i] {
			all.nodes[n.LUID] = n
		}
	}
	if all.gap == GapNone && slices.ContainsFunc(parents, func(id LUID) bool { return all.nodes[id] == nil }) {
		all.gap = GapAbsent
	}
	return all, nil
}

// lineagePage reads a page of the parents of a query.
func (s *Session) lineagePage(ctx context.Context, text string, parents []LUID, token string) (page tokenPage[lineageNode], gap Gap, err error) {
	variables := map[string]any{"luids": parents}
	if token != "" {
		variables["after"] = token
	}
	var got lineagePage
	if gap, err = s.metadata(ctx, text, variables, &got); err != nil {
		return page, gap, err
	}
	page, whole := got.page()
	if !whole {
		gap = GapBroken
	}
	return page, gap, nil
}

// page is what a tokenPager reads. whole is false if something of the page cannot be read, or if
// there are more pages and nothing leads to them.
func (p *lineagePage) page() (page tokenPage[lineageNode], whole bool) {
	page.items = p.List.Nodes.items
	whole = p.List.Nodes.given && !p.List.Nodes.lost
	for _, n := range page.items {
		_, good := n.targets()
		whole = whole && good && n.LUID != ""
	}
	info := p.List.PageInfo.value
	if info.HasNextPage == Yes {
		page.next = string(info.EndCursor)
		whole = whole && page.next != ""
	}
	return page, whole && info.HasNextPage != Unsaid
}

// Lineage is one edge of one parent, or another list of which some may be missing.
type Lineage[T any] struct {
	Items []*T
	Gap   Gap // why items may be missing
}

// LineageNeeds says what is wanted of what an edge leads to.
type LineageNeeds struct {
	ReferenceWillDo bool     // nothing but ids and the name
	Fields          []string // what lists are asked for beside their default fields
	Usage           bool     // how often a view was opened, too
}

// lineageParent is an object with edges.
type lineageParent[P any] interface {
	resource[P]
	Session() *Session
}

// lineageTo describes what an edge leads to.
type lineageTo[T any] struct {
	make func(lineageTarget) *T
	list func(*Session) pageReader[T]
	one  func(*Session, context.Context, LUID, LineageNeeds) (*T, error)
	// name is what a filter of the list finds objects by; nil if there is no such filter.
	name func(*T) string
	// hidden: the Metadata API names objects that the REST API hides from the caller.
	hidden bool
	// listOnly: only the list has all attributes, so that one takes one more call.
	listOnly bool
}

// readEdge returns what one edge of a parent leads to. All parents that were read together take one
// call. If references are not enough, what they refer to is read by the REST API as the caller, and
// what that does not show is left out.
func readEdge[P any, R lineageParent[P], T any, Q resource[T]](
	ctx context.Context, parent *P, query string, to lineageTo[T], need LineageNeeds,
) (*Lineage[T], error) {
	s, batch := R(parent).Session(), R(parent).readWith()
	key := fmt.Sprint("lineage ", query, need)
	edges, err := once(ctx, batch, key, func() (map[LUID]*Lineage[T], error) {
		var parents []LUID
		for _, sibling := range batchItems(batch, parent) {
			parents = append(parents, R(sibling).luid())
		}
		all, err := s.readLineage(ctx, query, parents)
		if err != nil {
			return nil, err
		}
		return hydrate[T, Q](ctx, s, all, parents, to, need)
	})
	if err != nil {
		return nil, err
	}
	return edges[R(parent).luid()], nil
}

// hydrate makes the objects of edges, one for each LUID.
func hydrate[T any, Q resource[T]](
	ctx context.Context, s *Session, all *lineageOf, parents []LUID, to lineageTo[T], need LineageNeeds,
) (map[LUID]*Lineage[T], error) {
	targets, named := map[LUID][]lineageTarget{}, true
	var items []*T
	for id, n := range all.nodes {
		targets[id], _ = n.targets()
		for _, target := range targets[id] {
			item := to.make(target)
			Q(item).bind(s)
			items, named = append(items, item), named && target.Name != ""
		}
	}
	known := byLUID[T, Q](newBatch[T, Q](items))
	if (!need.ReferenceWillDo || !named || to.hidden) && len(items) > 0 {
		var err error
		if known, err = lookUpTargets[T, Q](ctx, s, slices.Collect(maps.Values(known)), to, need); err != nil {
			return nil, err
		}
	}
	edges := map[LUID]*Lineage[T]{}
	for _, id := range parents {
		edge := &Lineage[T]{Items: []*T{}, Gap: all.gap}
		seen := map[LUID]bool{}
		for _, target := range targets[id] {
			if item := known[target.LUID]; item != nil && !seen[target.LUID] {
				seen[target.LUID] = true
				edge.Items = append(edge.Items, item)
			}
		}
		edges[id] = edge
	}
	return edges, nil
}

// lookUpTargets reads objects by the REST API as the caller; what that does not show is left out. The
// names of the catalog, by which lists are filtered, may be those of before a change.
func lookUpTargets[T any, Q resource[T]](ctx context.Context, s *Session, items []*T, to lineageTo[T], need LineageNeeds) (map[LUID]*T, error) {
	one := func(ctx context.Context, id LUID) (*T, error) { return to.one(s, ctx, id, need) }
	query := ListQuery[T]{Fields: need.Fields, Extra: usageParameter(need.Usage)}
	known := map[LUID]*T{}
	if to.name != nil {
		list := childList[T, T]{read: to.list(s), query: query, field: "name", value: to.name, missing: to.listOnly}
		var err error
		if known, err = itemsByName[T, Q](ctx, s, list, items, one); err != nil {
			return nil, err
		}
	}
	var left []LUID
	for _, item := range items {
		if id := Q(item).luid(); known[id] == nil {
			left = append(left, id)
		}
	}
	if len(left) == 0 {
		return known, nil
	}
	more, err := lookupAll[T, Q](ctx, s, left, query, to.list(s), one)
	if err != nil {
		return nil, err
	}
	found := slices.AppendSeq(slices.Collect(maps.Values(known)), maps.Values(more))
	return byLUID[T, Q](newBatch[T, Q](found)), nil
}

// CatalogField is a field of a data source as Tableau's catalog has it.
type CatalogField struct {
	Kind        Text `json:"kind"`
	Name        Text `json:"name"`
	Description Text `json:"description"`
	Folder      Text `json:"folder"`
	IsHidden    Flag `json:"isHidden"`
	DataType    Text `json:"dataType"`
	Role        Text `json:"role"`
	Formula     Text `json:"formula"`
}

// CatalogFields returns the fields of the data source with their formulas: one call for all that
// were read together.
func (d *DataSource) CatalogFields(ctx context.Context) (*Lineage[CatalogField], error) {
	all, err := once(ctx, d.batch, "catalog fields", func() (*lineageOf, error) {
		var ids []LUID
		for _, sibling := range batchItems(d.batch, d) {
			ids = append(ids, sibling.LUID)
		}
		all, err := d.s.readLineage(ctx, "DataSourceFields", ids)
		if err != nil {
			return nil, err
		}
		for _, n := range all.nodes {
			if n.Fields.keep(func(f *CatalogField) bool { return f.Name != "" && f.Kind != "" }); n.Fields.lost {
				all.gap = worse(all.gap, GapBroken)
			}
		}
		return all, nil
	})
	if err != nil {
		return nil, err
	}
	fields := &Lineage[CatalogField]{Items: []*CatalogField{}, Gap: all.gap}
	if n := all.nodes[d.LUID]; n != nil {
		fields.Items = append(fields.Items, n.Fields.items...)
	}
	return fields, nil
}
