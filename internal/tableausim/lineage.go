package tableausim

import (
	"slices"
	"strconv"

	"vitrine/internal/tableausim/metadata"
	"vitrine/internal/tableausim/vizql"
)

// nodes and links are short names for what a graph is made of.
type (
	nodes = []*metadata.Node
	links = map[string][]*metadata.Node
	facts = map[string]any
)

// lineage builds the graph of a site: what the Metadata API knows of it. An object knows what it is
// made of (Up); the API's upstream and downstream lists follow from that.
type lineage struct {
	s       *Server
	st      *site
	all     nodes
	site    *metadata.Node
	of      map[any]*metadata.Node // *user, *database, *dbTable, *dbColumn, *datasource, *flow, *virtualConnection, *workbook, *view
	byLUID  map[string]*metadata.Node
	tags    map[string]*metadata.Node
	field   map[*datasource]map[string]*metadata.Node // by caption
	sources map[*datasource]*vizql.Source
}

// graph returns the graph of a site. It is kept until the next edit of the world, which the caller
// has locked for reading.
func (s *Server) graph(st *site) *metadata.Graph {
	key := shownKey{kind: "graph " + st.id}
	if list, ok := lookUp[*metadata.Graph](&s.shown, key); ok {
		return list[0]
	}
	l := &lineage{
		s: s, st: st, of: map[any]*metadata.Node{}, byLUID: map[string]*metadata.Node{}, tags: map[string]*metadata.Node{},
		field: map[*datasource]map[string]*metadata.Node{}, sources: map[*datasource]*vizql.Source{},
	}
	l.build()
	g := metadata.NewGraph("sites/"+strconv.Itoa(internalNumber(st.id)), l.all)
	keep(&s.shown, key, []*metadata.Graph{g})
	return g
}

func (l *lineage) build() {
	number := internalNumber(l.st.id)
	l.site = l.add(l.st, "TableauSite", l.st.id, func() facts {
		return facts{"name": l.st.name, "uri": "sites/" + strconv.Itoa(number), "vizportalId": strconv.Itoa(number)}
	})
	for _, u := range l.st.users {
		l.person(u)
	}
	for _, db := range l.st.databases {
		l.database(db)
	}
	for _, v := range l.st.virtualConnections {
		l.virtualConnection(v)
	}
	for _, f := range l.st.flows {
		l.flow(f)
	}
	for _, d := range l.st.datasources {
		l.datasource(d)
	}
	for _, d := range l.st.datasources {
		l.parents(d)
	}
	for _, f := range l.st.flows {
		l.inputs(f)
	}
	for _, w := range l.st.workbooks {
		l.workbook(w)
	}
	if l.s.cfg.Cloud {
		for _, d := range l.s.pulseOf(l.st).definitions {
			l.metric(d)
		}
	}
	for _, x := range l.st.labels {
		l.label(x)
	}
}

// add makes a node. Its ID is that of the Metadata API alone, made from kind and LUID.
func (l *lineage) add(subject any, kind, id string, values func() facts) *metadata.Node {
	n := &metadata.Node{Type: kind, ID: luid("metadata", l.st.id, kind, id), LUID: id, Values: values, Links: links{}, Subject: subject}
	l.all = append(l.all, n)
	l.byLUID[id] = n
	if subject != nil && l.of[subject] == nil {
		l.of[subject] = n
	}
	return n
}

// join sets a link and the one that leads back.
func join(from *metadata.Node, name string, to *metadata.Node, back string) {
	if from == nil || to == nil {
		return
	}
	from.Links[name] = append(from.Links[name], to)
	to.Links[back] = append(to.Links[back], from)
}

func (l *lineage) person(u *user) {
	number := strconv.Itoa(internalNumber(u.id))
	l.add(u, "TableauUser", u.id, func() facts {
		return facts{"uri": "sites/" + strconv.Itoa(internalNumber(l.st.id)) + "/users/" + number, "vizportalId": number, "username": u.name, "name": u.fullName, "domain": u.domain, "email": u.email}
	})
}

// owned links an object to its owner and site. People who left the site have no node; the site's
// first user is named in their place.
func (l *lineage) owned(n *metadata.Node, owner *user, back string) {
	p := l.of[owner]
	if p == nil {
		p = l.of[l.st.users[0]]
	}
	join(n, "owner", p, back)
	n.Owner = p
	n.Links["site"] = nodes{l.site}
}

// tagged links an object to its tags.
func (l *lineage) tagged(n *metadata.Node, tags []string, back string) {
	for _, tag := range tags {
		if l.tags[tag] == nil {
			l.tags[tag] = l.add(nil, "Tag", "tag "+tag, func() facts { return facts{"name": tag} })
		}
		join(n, "tags", l.tags[tag], back)
	}
}

// place are the facts about where content is.
func place(p *project, owner *user, into facts) facts {
	into["containerType"], into["containerName"] = "Personal Space", owner.fullName
	if p != nil {
		into["containerType"], into["containerName"] = "Project", p.name
		into["projectName"], into["projectLuid"], into["projectVizportalUrlId"] = p.name, p.id, strconv.Itoa(internalNumber(p.id))
	}
	return into
}

func (l *lineage) uri(kind string, number int) string {
	return "sites/" + strconv.Itoa(internalNumber(l.st.id)) + "/" + kind + "/" + strconv.Itoa(number)
}

// warned are the labels of an object that count as warnings.
func (l *lineage) warned(id string) bool {
	return slices.ContainsFunc(l.st.labelsOn(id), func(x *label) bool { return x.active && labelType(x) == "DataQualityWarning" })
}

func (l *lineage) database(db *database) {
	kind := db.kind
	n := l.add(db, kind, db.id, func() facts {
		port, _ := strconv.Atoi(db.port)
		v := facts{
			"name": db.name, "vizportalId": strconv.Itoa(internalNumber(db.id)), "connectionType": db.connectionType, "isEmbedded": false, "description": db.description,
			"isCertified": db.certified, "hasActiveWarning": l.warned(db.id), "isControlledPermissionsEnabled": db.mode != byOwners, "isGrouped": false,
			"projectName": db.project.nameOrEmpty(), "projectVizportalUrlId": strconv.Itoa(internalNumber(db.project.id)), "filePath": db.file,
			"hostName": db.host, "extendedConnectionType": db.connectionType,
		}
		if port > 0 {
			v["port"] = port
		}
		return v
	})
	join(n, "contact", l.of[db.contact], "contactForDatabases")
	if db.certifier != nil {
		join(n, "certifier", l.of[db.certifier], "certifiedDatabases")
	}
	l.tagged(n, db.tags, "databases")
	for _, t := range db.tables {
		l.table(t, n)
	}
}

func (l *lineage) table(t *dbTable, db *metadata.Node) {
	n := l.add(t, "DatabaseTable", t.id, func() facts {
		full := t.name
		switch {
		case t.schema != "":
			full = "[" + t.schema + "].[" + t.name + "]"
		case t.database.kind == "File":
			full = "[" + t.name + "]"
		}
		return facts{
			"name": t.name, "vizportalId": strconv.Itoa(internalNumber(t.id)), "isEmbedded": false, "tableType": "DATABASETABLE", "schema": t.schema, "fullName": full,
			"connectionType": t.database.connectionType, "projectName": t.database.project.nameOrEmpty(), "description": t.description,
			"projectVizportalUrlId": strconv.Itoa(internalNumber(t.database.project.id)), "isCertified": t.certified, "hasActiveWarning": l.warned(t.id),
		}
	})
	n.Up = nodes{db}
	join(n, "database", db, "tables")
	join(n, "contact", l.of[t.contact], "contactForTables")
	if t.certifier != nil {
		join(n, "certifier", l.of[t.certifier], "certifiedTables")
	}
	l.tagged(n, t.tags, "databaseTables")
	for _, x := range t.columns {
		l.column(x, x, x.id, n)
	}
}

// column adds a column of a table, which need not be one of the database.
func (l *lineage) column(x *dbColumn, subject any, id string, table *metadata.Node) *metadata.Node {
	n := l.add(subject, "Column", id, func() facts {
		return facts{
			"name": x.name, "displayName": captionOf(x.name), "description": x.description, "remoteType": x.remoteType, "isNullable": x.nullable,
			"vizportalId": strconv.Itoa(internalNumber(id)), "hasActiveWarning": l.warned(id),
		}
	})
	n.Up = nodes{table}
	join(n, "table", table, "columns")
	return n
}

func (l *lineage) virtualConnection(v *virtualConnection) {
	n := l.add(v, "VirtualConnection", v.id, func() facts {
		return place(v.project, v.owner, facts{
			"name": v.name, "vizportalId": strconv.Itoa(v.number), "vizportalUrlId": strconv.Itoa(v.number), "uri": l.uri("virtualconnections", v.number), "createdAt": v.created,
			"updatedAt": v.updated, "isCertified": v.certified, "hasActiveWarning": l.warned(v.id),
		})
	})
	l.owned(n, v.owner, "ownedVirtualConnections")
	for _, name := range v.tables {
		id := luid(v.id, "table", name)
		t := l.add(virtualTable{v, name}, "VirtualConnectionTable", id, func() facts {
			return facts{"name": name, "vizportalUrlId": strconv.Itoa(v.number), "isEmbedded": false, "isExtracted": v.hasExtracts, "isCertified": v.certified}
		})
		join(n, "tables", t, "virtualConnection")
		t.Owner, t.Links["owner"] = n.Owner, n.Links["owner"]
		n.Up = append(n.Up, t)
		for _, db := range l.st.databases {
			for _, behind := range db.tables {
				if db.host == v.connections[0].server && behind.name == name {
					t.Up = append(t.Up, l.of[behind])
				}
			}
		}
	}
}

// virtualTable is a table of a virtual connection.
type virtualTable struct {
	connection *virtualConnection
	name       string
}

// labelType is the type that a label has in the Metadata API.
func labelType(x *label) string {
	if x.category == certifies {
		return "DataQualityCertification"
	}
	if quality(x) != "" {
		return "DataQualityWarning"
	}
	return "GenericLabel"
}

// quality is the older word for a label that warns.
func quality(x *label) string {
	for _, k := range labelKinds {
		if k.name == x.value {
			return k.quality
		}
	}
	return ""
}

func (l *lineage) label(x *label) {
	asset := l.byLUID[x.content]
	if asset == nil {
		return
	}
	kind := labelType(x)
	n := l.add(x, kind, x.id, func() facts {
		return facts{
			"authorDisplayName": x.by.fullName, "vizportalId": strconv.Itoa(internalNumber(x.id)), "isActive": x.active, "isElevated": x.elevated, "isSevere": x.elevated,
			"value": x.value, "category": x.category, "message": x.message, "createdAt": x.created, "updatedAt": x.updated, "warningType": quality(x),
		}
	})
	n.Links["author"] = nodes{l.of[x.by]}
	join(n, "asset", asset, "labels")
	switch kind {
	case "DataQualityWarning":
		asset.Links["dataQualityWarnings"] = append(asset.Links["dataQualityWarnings"], n)
	case "DataQualityCertification":
		asset.Links["dataQualityCertifications"] = append(asset.Links["dataQualityCertifications"], n)
	}
}
