package tableau

import (
	"context"
	_ "embed" // the queries
	"fmt"
	"slices"
	"strings"

	"vitrine/internal/parallel"
)

//go:embed lineage.graphql
var lineageText string

// lineageQueries are the fixed queries of lineage, by name.
var lineageQueries = func() map[string]string {
	queries := map[string]string{}
	for i, part := range strings.Split("\n"+lineageText, "\nquery ") {
		if name, _, ok := strings.Cut(part, "("); ok && i > 0 {
			queries[name] = "query " + strings.TrimSpace(part)
		}
	}
	return queries
}()

// LineageQueries returns the queries of lineage, by name. Nothing else is sent to the Metadata API.
func LineageQueries() map[string]string {
	queries := make(map[string]string, len(lineageQueries))
	for name, text := range lineageQueries {
		queries[name] = text
	}
	return queries
}

// lineageRef is an object at the end of an edge, as the Metadata API has it. Its name is empty where
// the caller may not read it.
type lineageRef struct {
	LUID    string        `json:"luid"`
	Name    Text          `json:"name"`
	Parents []*lineageRef `json:"parents"` // of the copy of a data source in a workbook: what it copies
}

// lineageNode is a parent with its edge.
type lineageNode struct {
	node
	LUID       LUID            `json:"luid"`
	Targets    []*lineageRef   `json:"targets"`
	Sheets     []*lineageRef   `json:"sheets"`
	Dashboards []*lineageRef   `json:"dashboards"`
	Fields     []*CatalogField `json:"fields"`
}

func (n *lineageNode) luid() LUID { return n.LUID }

// refs are the objects that have a LUID: only those exist in the REST API.
func (n *lineageNode) refs() (refs []lineageRef) {
	var add func(list []*lineageRef)
	add = func(list []*lineageRef) {
		for _, ref := range list {
			if ref == nil {
				continue
			}
			if id, err := ParseLUID(ref.LUID); err == nil {
				refs = append(refs, lineageRef{LUID: string(id), Name: ref.Name})
			}
			add(ref.Parents)
		}
	}
	add(n.Targets)
	add(n.Sheets)
	add(n.Dashboards)
	return refs
}

type lineagePage struct {
	List *struct {
		Nodes    []*lineageNode `json:"nodes"`
		PageInfo struct {
			HasNextPage bool    `json:"hasNextPage"`
			EndCursor   *string `json:"endCursor"`
		} `json:"pageInfo"`
	} `json:"list"`
}

// maxLineageParents is how many parents one query is about.
const maxLineageParents = 500

// lineageOf are the edges of some parents, and why they may lack something.
type lineageOf struct {
	nodes map[LUID]*lineageNode
	gap   Gap
}

// readLineage reads one edge of parents: one call for up to 500 of them.
func (s *Session) readLineage(ctx context.Context, query string, parents []LUID) (*lineageOf, error) {
	text, ok := lineageQueries[query]
	if !ok {
		return nil, fmt.Errorf("there is no query %s", query)
	}
	chunks := slices.Collect(slices.Chunk(slices.Compact(slices.Sorted(slices.Values(parents))), maxLineageParents))
	nodes, found := make([][]*lineageNode, len(chunks)), make([]Gap, len(chunks))
	err := parallel.Run(ctx, len(chunks), func(ctx context.Context, i int) (err error) {
		list := tokenPager[lineageNode, *lineageNode]{func(ctx context.Context, token string, _ int) (tokenPage[lineageNode], error) {
			page, gap, err := s.lineagePage(ctx, text, chunks[i], token)
			if gap != GapNone {
				found[i] = gap
			}
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
		if found[i] != GapNone {
			all.gap = found[i]
		}
		for _, n := range nodes[i] {
			if n != nil {
				all.nodes[n.LUID] = n
			}
		}
	}
	return all, nil
}

func (s *Session) lineagePage(ctx context.Context, text string, parents []LUID, token string) (page tokenPage[lineageNode], gap Gap, err error) {
	variables := map[string]any{"luids": parents}
	if token != "" {
		variables["after"] = token
	}
	var got lineagePage
	if gap, err = s.metadata(ctx, text, variables, &got); err != nil {
		return page, gap, err
	}
	if got.List == nil {
		return page, gap, malformedMetadata(errNoMetadata)
	}
	page.items = got.List.Nodes
	if end := got.List.PageInfo.EndCursor; got.List.PageInfo.HasNextPage && end != nil {
		page.next = *end
	}
	return page, gap, nil
}

// Lineage is one edge of one parent.
type Lineage[T any] struct {
	Items []*T
	Gap   Gap // why items may be missing
}

// LineageNeeds says what is wanted of what an edge leads to.
type LineageNeeds struct {
	ReferenceWillDo bool     // nothing but ids and the name
	Fields          []string // what lists are asked for beside their default fields
}

// lineageParent is an object with edges.
type lineageParent[P any] interface {
	resource[P]
	Session() *Session
}

// lineageTo describes what an edge leads to.
type lineageTo[T any] struct {
	make func(lineageRef) *T
	list func(*Session) pageReader[T]
	one  func(*Session, context.Context, LUID) (*T, error)
	// hidden: the Metadata API names objects that the REST API hides from the caller.
	hidden bool
	// listOnly: only the list has all attributes.
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
	refs, named := map[LUID][]lineageRef{}, true
	var items []*T
	var ids []LUID
	for id, n := range all.nodes {
		refs[id] = n.refs()
		for _, ref := range refs[id] {
			item := to.make(ref)
			Q(item).bind(s)
			items, ids, named = append(items, item), append(ids, LUID(ref.LUID)), named && ref.Name != ""
		}
	}
	known := byLUID[T, Q](newBatch[T, Q](items))
	if (!need.ReferenceWillDo || !named || to.hidden) && len(ids) > 0 {
		var err error
		few := fewTargets
		if to.listOnly {
			few = 0
		}
		one := func(ctx context.Context, id LUID) (*T, error) { return to.one(s, ctx, id) }
		if known, err = lookupMore[T, Q](ctx, ids, few, ListQuery[T]{Fields: need.Fields}, to.list(s), one); err != nil {
			return nil, err
		}
	}
	edges := map[LUID]*Lineage[T]{}
	for _, id := range parents {
		edge := &Lineage[T]{Items: []*T{}, Gap: all.gap}
		seen := map[LUID]bool{}
		for _, ref := range refs[id] {
			if item := known[LUID(ref.LUID)]; item != nil && !seen[Q(item).luid()] {
				seen[Q(item).luid()] = true
				edge.Items = append(edge.Items, item)
			}
		}
		edges[id] = edge
	}
	return edges, nil
}

// CatalogField is a field of a data source as Tableau's catalog has it.
type CatalogField struct {
	Kind        string  `json:"kind"`
	Name        Text    `json:"name"`
	Description Text    `json:"description"`
	Folder      Text    `json:"folder"`
	IsHidden    *bool   `json:"isHidden"`
	DataType    Text    `json:"dataType"`
	Role        Text    `json:"role"`
	Formula     *string `json:"formula"`
}

// CatalogFields returns the fields of the data source with their formulas: one call for all that
// were read together.
func (d *DataSource) CatalogFields(ctx context.Context) (*Lineage[CatalogField], error) {
	all, err := once(ctx, d.batch, "catalog fields", func() (*lineageOf, error) {
		var ids []LUID
		for _, sibling := range batchItems(d.batch, d) {
			ids = append(ids, sibling.LUID)
		}
		return d.s.readLineage(ctx, "DataSourceFields", ids)
	})
	if err != nil {
		return nil, err
	}
	fields := &Lineage[CatalogField]{Items: []*CatalogField{}, Gap: all.gap}
	if n := all.nodes[d.LUID]; n != nil {
		fields.Items = slices.DeleteFunc(slices.Clone(n.Fields), func(f *CatalogField) bool { return f == nil || f.Name == "" })
	}
	return fields, nil
}
