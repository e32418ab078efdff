package tableausim

import (
	"cmp"
	"math"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"time"

	"vitrine/internal/tableausim/wire"
)

// The search looks at everything that the caller sees, by words. It knows owners and projects by
// numbers of its own, and data sources by LUIDs of its own, as the real one does.

const (
	searchLimit  = 10   // hits of a page by default
	searchWindow = 2000 // hits that can be reached
)

// hit is one thing that can be found.
type hit struct {
	kind             string
	luid             string
	title, caption   string
	words            string // what is looked at beside the title, in lower case
	owner            *user
	project          *project
	container        string // name of its container
	created, updated time.Time
	hits             int
	downstream       int // workbooks that are built on a database or table
	favorites        int
	tags             []string
	more             map[string]any
	score            float64
}

// searchable is everything on a site that the caller sees, as the search knows it.
func (c *call) searchable() []*hit {
	key := shownKey{c.user(), "search"}
	if list, ok := lookUp[*hit](&c.s.shown, key); ok {
		return list
	}
	var all []*hit
	for _, w := range c.s.workbooksOf(c.site(), c.user()) {
		all = append(all, workbookHit(w))
	}
	for _, x := range c.s.viewsOf(c.site(), c.user()) {
		all = append(all, viewHit(x))
	}
	for _, d := range c.s.datasourcesOf(c.site(), c.user()) {
		all = append(all, datasourceHit(d, c.version))
	}
	for _, p := range c.s.projectsOf(c.site(), c.user()) {
		all = append(all, projectHit(p))
	}
	for _, f := range c.s.flowsOf(c.site(), c.user()) {
		all = append(all, flowHit(f))
	}
	for _, x := range c.site().collections {
		if c.user().seesCollection(x) {
			all = append(all, collectionHit(x))
		}
	}
	for _, v := range c.site().virtualConnections {
		if c.user().seesVirtualConnection(v) {
			all = append(all, virtualConnectionHit(v))
		}
	}
	for _, db := range c.site().databases {
		if c.user().seesDatabase(db) {
			all = append(all, databaseHit(db))
		}
	}
	for _, t := range c.site().tables {
		if c.user().seesTable(t) {
			all = append(all, tableHit(t))
		}
	}
	for _, h := range all {
		h.words = strings.ToLower(strings.Join(append([]string{h.caption, h.container, h.owner.fullName, h.owner.name}, h.tags...), " "))
	}
	keep(&c.s.shown, key, all)
	return all
}

func workbookHit(w *workbook) *hit {
	h := &hit{
		kind: "workbook", luid: w.id, title: w.name, caption: w.description, owner: w.owner, project: w.project, created: w.created, updated: w.updated,
		favorites: w.favorites, tags: w.tags, more: map[string]any{"sheetCount": len(w.views), "hasExtracts": w.hasExtracts},
	}
	h.container = location(w.project, w.owner).Attr("name")
	for _, x := range w.views {
		h.hits += x.hits
	}
	return h
}

func viewHit(x *view) *hit {
	w := x.workbook
	return &hit{
		kind: "view", luid: x.id, title: x.name, owner: w.owner, project: w.project, container: w.name, created: x.created, updated: x.updated,
		hits: x.hits, favorites: x.favorites, tags: x.tags, more: map[string]any{"sheetType": x.sheet.Kind, "workbookDescription": w.description},
	}
}

// unifiedLUIDSince is the first version whose hits of data sources also have the LUID of the REST
// API. It was seen in the summer of 2026 and not before; no document names the version.
var unifiedLUIDSince = ver(3, 29)

// datasourceHit is a published data source: under a LUID of the search's own, and with its content
// URL by another name.
func datasourceHit(d *datasource, server version) *hit {
	more := map[string]any{
		"repositoryUrl": d.contentURL, "connectionType": d.kind, "isCertified": d.certified, "hasExtracts": d.hasExtracts,
		"datasourceIsPublished": true, "isConnectable": true, "connectedWorkbooksCount": d.workbooks,
	}
	if !server.less(unifiedLUIDSince) {
		more["datasourceLuid"] = d.id
	}
	h := &hit{
		kind: "unifieddatasource", luid: luid("unified", d.id), title: d.name, caption: d.description, owner: d.owner, project: d.project,
		created: d.created, updated: d.updated, hits: int(seed(d.id, "hits") % 900), favorites: d.favorites, tags: d.tags, more: more,
	}
	h.container = location(d.project, d.owner).Attr("name")
	return h
}

func projectHit(p *project) *hit {
	return &hit{
		kind: "project", luid: p.id, title: p.name, caption: p.description, owner: p.owner, project: p.parent, container: p.parent.nameOrEmpty(),
		created: p.created, updated: p.updated,
	}
}

func flowHit(f *flow) *hit {
	return &hit{
		kind: "flow", luid: f.id, title: f.name, caption: f.description, owner: f.owner, project: f.project, container: f.project.name,
		created: f.created, updated: f.updated, hits: int(seed(f.id, "hits") % 300), favorites: f.favorites, tags: f.tags,
	}
}

func collectionHit(x *collection) *hit {
	return &hit{
		kind: "collection", luid: x.id, title: x.name, caption: x.description, owner: x.owner, created: x.created, updated: x.updated,
		more: map[string]any{"visibility": x.visibility()},
	}
}

func virtualConnectionHit(v *virtualConnection) *hit {
	return &hit{
		kind: "virtualconnection", luid: v.id, title: v.name, owner: v.owner, project: v.project, container: v.project.name,
		created: v.created, updated: v.updated, more: map[string]any{"isCertified": v.certified},
	}
}

// databaseHit has whom to ask about a database as its owner, and how much is built on it.
func databaseHit(db *database) *hit {
	return &hit{
		kind: "database", luid: db.id, title: db.name, caption: db.description, owner: db.contact, project: db.project, container: db.project.nameOrEmpty(),
		created: db.created, updated: db.updated, tags: db.tags, downstream: downstream(db.sources),
		more: map[string]any{"connectionType": db.connectionType, "isCertified": db.certified, "downstreamWorkbookCount": downstream(db.sources)},
	}
}

func tableHit(t *dbTable) *hit {
	return &hit{
		kind: "table", luid: t.id, title: t.name, caption: t.description, owner: t.contact, project: t.database.project, container: t.database.name,
		created: t.database.created, updated: t.database.updated, tags: t.tags, downstream: downstream(t.sources),
		more: map[string]any{"isCertified": t.certified, "downstreamWorkbookCount": downstream(t.sources)},
	}
}

// downstream is how many workbooks read one of some data sources.
func downstream(sources []*datasource) (n int) {
	for _, d := range sources {
		n += d.workbooks
	}
	return n
}

// lately is how many of the hits fell into a period of the last months: a share that differs from
// thing to thing.
func (h *hit) lately(period string, most int) int {
	return h.hits * int(seed(h.luid, period)%uint64(most+1)) / 100
}

func (h *hit) month() int  { return h.lately("month", 12) }
func (h *hit) months() int { return h.month() + h.lately("months", 20) }
func (h *hit) year() int   { return h.months() + h.lately("year", 40) }

// internalNumber is the number by which the search knows an owner or a project.
func internalNumber(luid string) int { return 1000 + int(seed("number", luid)%900_000) }

// content is a hit as it is written.
func (h *hit) content() map[string]any {
	m := map[string]any{
		"type": h.kind, "luid": h.luid, "title": h.title, "ownerId": internalNumber(h.owner.id), "ownerName": h.owner.fullName,
		"ownerEmail": h.owner.email, "containerName": h.container, "createdTime": wire.Stamp(h.created), "modifiedTime": wire.Stamp(h.updated),
		"hitsTotal": h.hits, "hitsSmallSpanTotal": h.month(), "hitsMediumSpanTotal": h.months(), "hitsLargeSpanTotal": h.year(),
		"favoritesTotal": h.favorites, "tags": append([]string{}, h.tags...), "comments": []string{},
	}
	if h.caption != "" {
		m["caption"] = h.caption
	}
	if h.project != nil {
		m["projectId"], m["projectName"] = internalNumber(h.project.id), h.project.name
	}
	for name, value := range h.more {
		m[name] = value
	}
	return m
}

// relevance says how well a hit fits words that all must be somewhere in it; 0 when one is not.
func (h *hit) relevance(words []string) float64 {
	title := strings.ToLower(h.title)
	score := math.Log1p(float64(h.hits)) / 10
	for _, word := range words {
		switch {
		case title == word:
			score += 12
		case strings.HasPrefix(title, word):
			score += 8
		case strings.Contains(" "+title, " "+word):
			score += 6
		case strings.Contains(title, word):
			score += 3
		case strings.Contains(h.words, word):
			score++
		default:
			return 0
		}
	}
	return score + 0.01
}

// matching are the hits for some words, best first.
func (c *call) matching(terms string) []*hit {
	words := strings.Fields(strings.ToLower(terms))
	var out []*hit
	for _, h := range c.searchable() {
		if score := h.relevance(words); score > 0 {
			scored := *h
			scored.score = score
			out = append(out, &scored)
		}
	}
	slices.SortStableFunc(out, func(a, b *hit) int { return cmp.Or(cmp.Compare(b.score, a.score), cmp.Compare(a.title, b.title)) })
	return out
}

// searchKinds are the kinds that the filter knows. Data sources are found by the plain word; the
// real search does not say whether it takes its own word for them, and here it does.
var searchKinds = []string{
	"lens", "datasource", "unifieddatasource", "virtualconnection", "collection", "project", "flow", "datarole", "table", "database", "view", "workbook",
}

// errSearch is the code of a search that cannot be done (400117 in the table of codes).
func errSearch(detail string, args ...any) *wire.Error { return wire.Fail("400117", detail, args...) }

// keepSearched applies the filter. Unlike the filters of the versioned API it takes several bounds
// on one field.
func keepSearched(c *call, hits []*hit) ([]*hit, error) {
	expressions, err := splitFilter(c.query.Get("filter"))
	if err != nil {
		return nil, errSearch("The filter cannot be read.")
	}
	for _, x := range expressions {
		test, err := searchTest(c, x)
		if err != nil {
			return nil, err
		}
		hits = slices.DeleteFunc(hits, func(h *hit) bool { return !test(h) })
	}
	return hits, nil
}

// inSince is from where the search takes several alternatives.
var inSince = ver(3, 17)

func searchTest(c *call, x expression) (func(*hit) bool, error) {
	values := []string{x.value}
	if x.op == "in" && !c.version.less(inSince) && strings.HasPrefix(x.value, "[") && strings.HasSuffix(x.value, "]") {
		values = strings.Split(x.value[1:len(x.value)-1], ",")
	} else if x.op == "in" || x.op != "eq" && x.field != "modifiedTime" {
		return nil, errSearch("The operator '%s' is not supported for '%s'.", x.op, x.field)
	}
	switch x.field {
	case "type":
		for i, v := range values {
			values[i] = strings.ToLower(v)
			if !slices.Contains(searchKinds, values[i]) {
				return nil, errSearch("The type '%s' is not known.", v)
			}
		}
		return func(h *hit) bool {
			return slices.Contains(values, h.kind) || h.kind == "unifieddatasource" && slices.Contains(values, "datasource")
		}, nil
	case "ownerId":
		return func(h *hit) bool { return slices.Contains(values, strconv.Itoa(internalNumber(h.owner.id))) }, nil
	case "modifiedTime":
		at, err := time.Parse(time.RFC3339, x.value)
		if op := operators[x.op]; err == nil && op&compare != 0 {
			return func(h *hit) bool { return ordered(op, h.updated.Truncate(time.Second).Compare(at)) }, nil
		}
	}
	return nil, errSearch("The filter '%s:%s:%s' is not supported.", x.field, x.op, x.value)
}

// orders are the numbers by which hits can be ordered.
var searchOrders = map[string]func(*hit) int{
	"hitsTotal": func(h *hit) int { return h.hits }, "hitsSmallSpanTotal": (*hit).month, "hitsMediumSpanTotal": (*hit).months,
	"hitsLargeSpanTotal": (*hit).year, "downstreamWorkbookCount": func(h *hit) int { return h.downstream },
}

// orderSearched sorts by order_by, which is ascending where it does not say.
func orderSearched(c *call, hits []*hit) error {
	text := c.query.Get("order_by")
	if text == "" {
		return nil
	}
	steps := strings.Split(text, ",")
	slices.Reverse(steps) // the first step counts most: stable sorts from the last to the first
	for _, step := range steps {
		name, direction, _ := strings.Cut(step, ":")
		number, known := searchOrders[name]
		if !known || direction != "" && direction != "asc" && direction != "desc" {
			return errSearch("The order '%s' is not supported.", step)
		}
		slices.SortStableFunc(hits, func(a, b *hit) int {
			if direction == "desc" {
				a, b = b, a
			}
			return cmp.Compare(number(a), number(b))
		})
	}
	return nil
}

// searchPage reads page (from 0) and limit.
func searchPage(c *call) (page, limit int, err error) {
	limit = searchLimit
	for name, into := range map[string]*int{"page": &page, "limit": &limit} {
		if text := c.query.Get(name); text != "" {
			n, err := strconv.Atoi(text)
			if err != nil || n < 0 || name == "limit" && (n == 0 || n > searchWindow) {
				return 0, 0, errSearch("The parameter %s is '%s': it cannot be that.", name, text)
			}
			*into = n
		}
	}
	return page, limit, nil
}

// search is GET /api/-/search: hits with where they are in the whole. The answer is wrapped once
// more, in hits, as was seen and as Tableau's MCP server reads it; the documentation has it bare.
func search(c *call) (*answer, error) {
	page, limit, err := searchPage(c)
	if err != nil {
		return nil, err
	}
	hits, err := keepSearched(c, c.matching(c.query.Get("terms")))
	if err == nil {
		err = orderSearched(c, hits)
	}
	if err != nil {
		return nil, err
	}
	reach := min(len(hits), searchWindow)
	start := min(page*limit, reach)
	items := []any{}
	for _, h := range hits[start:min(start+limit, reach)] {
		items = append(items, map[string]any{"uri": "/api/-/search/" + h.kind + "/" + h.luid, "content": h.content()})
	}
	body := map[string]any{"pageIndex": page, "startIndex": start, "total": len(hits), "limit": limit, "items": items}
	if page > 0 {
		body["prev"] = c.searchAddress(page-1, limit)
	}
	if start+limit < reach {
		body["next"] = c.searchAddress(page+1, limit)
	}
	return jsonAnswer(map[string]any{"hits": body})
}

// searchAddress is the address of another page of the same search.
func (c *call) searchAddress(page, limit int) string {
	v := url.Values{"page": {strconv.Itoa(page)}, "limit": {strconv.Itoa(limit)}}
	for _, name := range []string{"terms", "filter", "order_by"} {
		if text := c.query.Get(name); text != "" {
			v.Set(name, text)
		}
	}
	return c.s.publicURL(c.r) + "/api/-/search?" + v.Encode()
}

// suggest is GET /api/-/suggestions: titles that begin with what was typed, or have a word that
// does. The documentation shows no whole answer: a list of titles with their kinds is the
// likeliest.
func suggest(c *call) (*answer, error) {
	_, limit, err := searchPage(c)
	if err != nil {
		return nil, err
	}
	typed := strings.ToLower(strings.TrimSpace(c.query.Get("terms")))
	if typed == "" {
		return nil, errSearch("The parameter terms is missing.")
	}
	hits, err := keepSearched(c, c.matching(""))
	if err != nil {
		return nil, err
	}
	suggestions := []any{}
	seen := map[string]bool{}
	for _, h := range hits {
		key := h.kind + "/" + strings.ToLower(h.title)
		if len(suggestions) < limit && !seen[key] && strings.Contains(" "+strings.ToLower(h.title), " "+typed) {
			seen[key] = true
			suggestions = append(suggestions, map[string]any{"title": h.title, "type": h.kind, "luid": h.luid})
		}
	}
	return jsonAnswer(map[string]any{"suggestions": suggestions})
}
