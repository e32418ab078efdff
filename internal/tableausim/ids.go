package tableausim

// Names of things of a kind, as [Server.IDOf] takes them.
func (s *site) named() map[string]map[string]string {
	ids := map[string]map[string]string{"project": {}, "datasource": {}, "group": {}, "groupset": {}, "database": {}, "table": {}}
	for _, p := range s.projects {
		path := p.name
		for q := p.parent; q != nil; q = q.parent {
			path = q.name + "/" + path
		}
		ids["project"][path] = p.id
	}
	for _, d := range s.datasources {
		ids["datasource"][d.contentURL] = d.id
	}
	for _, g := range s.groups {
		ids["group"][g.name] = g.id
	}
	for _, x := range s.groupSets {
		ids["groupset"][x.name] = x.id
	}
	for _, db := range s.databases {
		ids["database"][db.name] = db.id
		for _, t := range db.tables {
			ids["table"][db.name+"/"+t.name] = t.id
		}
	}
	return ids
}

// IDOf returns the LUID of a thing on a site, or "": a project by its path from the top
// (Sales/Europe), a datasource by its content URL, a group or groupset by name, a database by name,
// a table by database and name (sales/orders).
func (s *Server) IDOf(contentURL, kind, name string) string {
	s.mu.RLock()
	defer s.mu.RUnlock()
	if st := s.world.site(contentURL); st != nil {
		return st.named()[kind][name]
	}
	return ""
}
