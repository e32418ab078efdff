package tableausim

import (
	"crypto/sha256"
	"encoding/binary"
	"strconv"
	"strings"
	"time"
	"unicode"

	"vitrine/internal/tableausim/draw"
)

// epoch is the day around which all dates of the world are; it does not move with the clock, so
// that the content is the same at every start.
var epoch = time.Date(2025, time.September, 1, 6, 0, 0, 0, time.UTC)

// seed derives a number from a text, the same at every start.
func seed(parts ...string) uint64 {
	h := sha256.Sum256([]byte(strings.Join(parts, "\x00")))
	return binary.BigEndian.Uint64(h[:8])
}

// newWorld builds the three sites; the default one is filled up to the wanted number of workbooks.
func newWorld(workbooks int) *world {
	w := &world{schedules: newSchedules()}
	for _, p := range cast {
		w.accounts = append(w.accounts, p.account())
	}
	standard := w.newSite("", "Default", "bi-analysts", "bi-admins", "Sales Team", "Nordics", "Marketing Team", "Finance Team", "Supply Chain", "Executives")
	standard.addGroup("Domain Users", "corp", "Viewer")
	standard.addGroupSet("Nordic Sales", "Sales Team", "Nordics")
	standard.addGroupSet("Finance Executives", "Finance Team", "Executives")
	standard.populate(w.accounts, cast)
	standard.furnish(standardProjects, standardSources, standardBooks)
	if workbooks == 0 {
		workbooks = defaultWorkbooks
	}
	standard.fill(workbooks)
	standard.addFavorites()
	standard.prepare(standardFlows)
	standard.save(standardCustomViews)
	standard.collect()
	standard.bridge(standardVirtualConnections)
	standard.discard(standardRecycled)

	marketing := w.newSite("marketing", "Marketing", "bi-analysts", "bi-admins", "Marketing Team")
	marketing.populate(w.accounts, cast)
	marketing.furnish(marketingProjects, marketingSources, marketingBooks)
	marketing.addFavorites()
	marketing.prepare(marketingFlows)
	marketing.save(marketingCustomViews)
	marketing.collect()

	finance := w.newSite("finance", "Finance", "bi-admins", "Finance Team", "Executives")
	finance.noHistory = true
	finance.populate(w.accounts, cast)
	finance.furnish(financeProjects, financeSources, financeBooks)
	finance.prepare(financeFlows)
	finance.save(financeCustomViews)
	finance.limited = true
	for _, s := range w.sites {
		s.operate(w)
		s.catalog()
	}
	return w
}

// defaultWorkbooks is the size of the believable default site.
const defaultWorkbooks = 60

func (w *world) newSite(contentURL, name string, groups ...string) *site {
	s := &site{
		id: luid("site", contentURL), name: name, contentURL: contentURL,
		byID: map[string]any{}, urls: map[string]bool{}, favorites: map[*user][]favorite{},
	}
	s.addGroup(allUsers, localDomain, "")
	for _, g := range groups {
		s.addGroup(g, localDomain, "")
	}
	w.sites = append(w.sites, s)
	return s
}

// furnish adds the hand-made content.
func (s *site) furnish(projects []projectLine, sources []sourceLine, books []bookLine) {
	byPath := map[string]*project{}
	for _, l := range projects {
		parent, name := "", l.path
		if i := strings.LastIndexByte(l.path, '/'); i >= 0 {
			parent, name = l.path[:i], l.path[i+1:]
		}
		p := s.addProject(name, byPath[parent], s.user(l.owner))
		p.description = l.description
		p.rules = s.projectGrants(l.access)
		p.content = s.grants(l.access)
		if u := s.user(l.leader); u != nil {
			p.rules = append(p.rules, rule{user: u, capability: "ProjectLeader", allow: true})
		}
		if l.mode != "" {
			p.permissions = l.mode
		}
		if c := p.controller(); c != nil && c != p {
			p.permissions = locked
		}
		byPath[l.path] = p
	}
	published := map[string]*datasource{}
	for _, l := range sources {
		published[l.name] = s.addSource(l, byPath[l.project])
	}
	for _, l := range books {
		s.addBook(l, byPath[l.project], published[l.source])
	}
}

// access turns a line such as "Sales Team,-user:bob" into rules.
func (s *site) access(line string, capabilities ...string) []rule {
	var out []rule
	for grant := range strings.SplitSeq(line, ",") {
		name, denied := strings.CutPrefix(grant, "-")
		for _, capability := range capabilities {
			r := rule{capability: capability, allow: !denied}
			if person, ok := strings.CutPrefix(name, "user:"); ok {
				r.user = s.user(person)
			} else if r.set = s.groupSet(name); r.set == nil {
				r.group = s.group(name)
			}
			if r.user != nil || r.group != nil || r.set != nil {
				out = append(out, r)
			}
		}
	}
	return out
}

func (s *site) addProject(name string, parent *project, owner *user) *project {
	parentID := ""
	if parent != nil {
		parentID = parent.id
	}
	p := &project{
		id: s.newID("project", parentID, name), name: name, parent: parent, owner: owner, permissions: byOwners,
		created: epoch.AddDate(-3, 0, len(s.projects)), updated: epoch.AddDate(-1, 0, 3*len(s.projects)),
	}
	s.projects = append(s.projects, p)
	s.byID[p.id] = p
	return p
}

// newID derives a LUID and keeps it apart from one that was used before on the site.
func (s *site) newID(parts ...string) string {
	id := luid(append([]string{s.contentURL}, parts...)...)
	for s.byID[id] != nil {
		s.made++
		id = luid(id, strconv.Itoa(s.made))
	}
	return id
}

// newURL makes the content URL of a name: its letters and digits, and a number if it is taken.
func (s *site) newURL(kind, name string) string {
	base := urlName(name)
	url := base
	for i := 1; s.urls[kind+url]; i++ {
		url = base + "_" + strconv.Itoa(i)
	}
	s.urls[kind+url] = true
	return url
}

// urlName is what Tableau makes of a name in addresses: letters, digits and underscores.
func urlName(name string) string {
	return strings.Map(func(r rune) rune {
		if unicode.IsLetter(r) || unicode.IsDigit(r) || r == '_' || r == '-' {
			return r
		}
		return -1
	}, name)
}

func (s *site) nextNumber() int {
	s.numbers++
	return s.numbers
}

func splitTags(line string) []string {
	if line == "" {
		return nil
	}
	return strings.Split(line, ",")
}

func (s *site) addSource(l sourceLine, p *project) *datasource {
	d := &datasource{
		id: s.newID("datasource", l.name), name: l.name, contentURL: s.newURL("d", l.name), number: s.nextNumber(),
		kind: l.kind, project: p, owner: s.user(l.owner), certified: l.certified, hasExtracts: l.extract,
		server: l.server, database: l.database, table: l.table, tags: splitTags(l.tags), rules: s.grants(l.access),
	}
	n := seed(d.id)
	d.created = epoch.AddDate(-2, 0, int(n%400)).Add(time.Duration(n%86400) * time.Second)
	d.updated = d.created.AddDate(0, 1+int(n%12), 0)
	d.size = 1 + int(n%120)
	d.favorites = int(n % 9)
	if l.certified {
		d.certificationNote = "Checked by the data team; refreshed each night."
		d.description = "Certified source: " + l.name + "."
	}
	d.bridge = l.kind == "oracle"
	if l.name == "Targets" {
		d.parents = []string{"Orders", "Customers360"}
	}
	d.connections = []*connection{s.connection(d.id, l)}
	if l.extract && l.server != "" { // an extract beside its live source
		d.connections = append(d.connections, s.connection(d.id, sourceLine{kind: "hyper"}))
	}
	s.datasources = append(s.datasources, d)
	s.byID[d.id] = d
	return d
}

func (s *site) connection(owner string, l sourceLine) *connection {
	x := &connection{id: luid(owner, "connection", l.kind), kind: l.kind, server: l.server}
	if l.server != "" {
		x.userName, x.embedPassword = "svc_tableau", true
		x.port = ports[l.kind]
	}
	return x
}

var ports = map[string]string{"sqlserver": "1433", "postgres": "5432", "snowflake": "443", "oracle": "1521", "mysql": "3306", "redshift": "5439", "saphana": "30015"}

func (s *site) addBook(l bookLine, p *project, source *datasource) *workbook {
	w := s.addWorkbook(l.name, p, s.user(l.owner), themes[l.theme])
	w.description, w.tags, w.showTabs = l.description, splitTags(l.tags), l.tabs
	w.rules = s.grants(l.access)
	for _, x := range w.views {
		if x.number == 1 {
			x.tags = w.tags
		}
	}
	s.attach(w, source)
	return w
}

// attach connects a workbook to a published data source, or to one embedded in it.
func (s *site) attach(w *workbook, d *datasource) {
	if d != nil {
		d.workbooks++
		w.sources = []*connection{{id: luid(w.id, "connection"), kind: "sqlproxy", server: "localhost", port: "443", sourceID: d.id, sourceName: d.name}}
		return
	}
	w.hasExtracts = true
	w.sources = []*connection{{id: luid(w.id, "connection"), kind: "hyper", sourceID: luid(w.id, "datasource"), sourceName: w.name + " Extract"}}
}

// addWorkbook adds a workbook with views of three to six of the sheets; sizes and dates follow its
// LUID.
func (s *site) addWorkbook(name string, p *project, owner *user, sheets []*draw.Sheet) *workbook {
	projectID := owner.id
	if p != nil {
		projectID = p.id
	}
	w := &workbook{
		id: s.newID("workbook", projectID, name), name: name, contentURL: s.newURL("w", name), number: s.nextNumber(),
		project: p, owner: owner,
	}
	n := seed(w.id)
	w.created = epoch.AddDate(-2, 0, int(n%600)).Add(time.Duration(n>>16%86400) * time.Second)
	w.updated = w.created.AddDate(0, 0, int(n>>32%150)).Add(time.Duration(n>>40%7200) * time.Second)
	w.size = 1 + int(n>>8%60)
	w.favorites, w.subscriptions = int(n>>20%12), int(n>>24%7)
	w.alerts = n%5 == 0
	if len(sheets) > 3 {
		sheets = sheets[:3+int(n>>12)%(len(sheets)-2)]
	}
	w.views = make([]*view, 0, len(sheets))
	for _, sh := range sheets {
		s.addView(w, sh, n)
	}
	s.workbooks = append(s.workbooks, w)
	s.byID[w.id] = w
	return w
}

func (s *site) addView(w *workbook, sh *draw.Sheet, n uint64) {
	number := len(w.views) + 1
	x := &view{
		id: s.newID("view", w.id, sh.Name), name: sh.Name, urlName: urlName(sh.Name), workbook: w, number: number, sheet: sh,
		created: w.created, updated: w.updated, hits: int(n>>(4*number)%4000) / number, favorites: int(n >> (3 * number) % 6),
	}
	w.views = append(w.views, x)
	s.views = append(s.views, x)
	s.byID[x.id] = x
}

// addFavorites gives some users favorites, one of which has been deleted since.
func (s *site) addFavorites() {
	at := epoch.AddDate(0, -2, 0)
	for i, name := range []string{"alice", "bob", "carol"} {
		u := s.user(name)
		if u == nil {
			continue
		}
		var list []favorite
		for _, w := range s.workbooks {
			if len(list) < 3 && u.seesWorkbook(w) && w.owner != u {
				list = append(list, favorite{label: w.name, added: at.AddDate(0, 0, len(list)), workbook: w})
			}
		}
		x := list[len(list)-1].workbook.views[0]
		list = append(list, favorite{label: x.name, added: at.AddDate(0, 0, 7+i), view: x})
		for _, d := range s.datasources {
			if u.seesDatasource(d) {
				list = append(list, favorite{label: d.name, added: at.AddDate(0, 0, 9), datasource: d})
				break
			}
		}
		list = append(list,
			favorite{added: at.AddDate(0, 0, 12), project: s.projects[1]},
			favorite{label: "Old Forecast", added: at.AddDate(0, -9, 0)})
		s.favorites[u] = list
	}
}
