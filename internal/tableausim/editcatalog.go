package tableausim

import (
	"fmt"
	"time"
)

// Flow is a flow to add with [Server.AddFlow].
type Flow struct {
	Name    string
	Project string // LUID
	Owner   string // name of a user of the site
	Access  []Rule // goes before the rules of the project
}

// AddFlow adds a flow to a site and returns its LUID.
func (s *Server) AddFlow(contentURL string, f Flow) (string, error) {
	var id string
	err := s.edit(contentURL, func(st *site) error {
		owner := st.user(f.Owner)
		p, ok := find[*project](st, f.Project)
		if owner == nil || !ok {
			return fmt.Errorf("owner %q or project %q do not exist on site %q", f.Owner, f.Project, contentURL)
		}
		rules, err := st.rules(f.Access, read)
		if err != nil {
			return err
		}
		made := st.addFlow(flowLine{name: f.Name, steps: "Output"}, p, owner)
		made.rules = rules
		id = made.id
		return nil
	})
	return id, err
}

// AddFlowRuns adds runs of a flow to a site, each of them an hour after the one before.
func (s *Server) AddFlowRuns(contentURL, flowID string, runs int) error {
	return s.edit(contentURL, func(st *site) error {
		f, ok := find[*flow](st, flowID)
		if !ok {
			return fmt.Errorf("site %q has no flow with the LUID %q", contentURL, flowID)
		}
		for range runs {
			at := epoch.Add(time.Duration(len(st.flowRuns)) * time.Hour)
			j := &job{
				id: st.newID("job", f.id, at.String()), listKind: "run_flow", kind: "RunFlow", status: "Success", progress: 100, priority: 50,
				created: at, started: at, ended: at.Add(time.Minute), title: f.name, subtitle: "Flow",
			}
			r := &flowRun{id: st.newID("flowRun", j.id), flow: f, job: j}
			j.flowRun = r
			st.flowRuns = append(st.flowRuns, r)
			st.byID[r.id] = r
			st.addJob(j)
		}
		return nil
	})
}

// CustomView is a custom view to add with [Server.AddCustomView].
type CustomView struct {
	Name   string
	View   string // LUID
	Owner  string // name of a user of the site
	Shared bool
}

// AddCustomView adds a custom view to a site and returns its LUID.
func (s *Server) AddCustomView(contentURL string, v CustomView) (string, error) {
	var id string
	err := s.edit(contentURL, func(st *site) error {
		owner := st.user(v.Owner)
		x, ok := find[*view](st, v.View)
		if owner == nil || !ok {
			return fmt.Errorf("owner %q or view %q do not exist on site %q", v.Owner, v.View, contentURL)
		}
		id = st.saveView(v.Name, x, owner, v.Shared).id
		return nil
	})
	return id, err
}

// Recycled is a workbook to put into the recycle bin with [Server.AddRecycled].
type Recycled struct {
	Name, Path     string
	Owner, Deleter string // names of users of the site
}

// AddRecycled puts a workbook into the recycle bin of a site and returns its LUID.
func (s *Server) AddRecycled(contentURL string, r Recycled) (string, error) {
	var id string
	err := s.edit(contentURL, func(st *site) error {
		owner, deleter := st.user(r.Owner), st.user(r.Deleter)
		if owner == nil || deleter == nil {
			return fmt.Errorf("owner %q or deleter %q do not exist on site %q", r.Owner, r.Deleter, contentURL)
		}
		id = st.recycle("Workbook", r.Path, r.Name, owner, deleter).id
		return nil
	})
	return id, err
}

// Collection is an empty collection to add with [Server.AddCollection].
type Collection struct {
	Name    string
	Owner   string // name of a user of the site
	Private bool
}

// AddCollection adds a collection to a site and returns its LUID.
func (s *Server) AddCollection(contentURL string, x Collection) (string, error) {
	var id string
	err := s.edit(contentURL, func(st *site) error {
		owner := st.user(x.Owner)
		if owner == nil {
			return fmt.Errorf("owner %q does not exist on site %q", x.Owner, contentURL)
		}
		id = st.addCollection(x.Name, "", owner, x.Private, len(st.collections)).id
		return nil
	})
	return id, err
}

// AddGroupSet adds a set of groups, named, to a site.
func (s *Server) AddGroupSet(contentURL, name string, groups ...string) error {
	return s.edit(contentURL, func(st *site) error {
		for _, g := range groups {
			if st.group(g) == nil {
				return fmt.Errorf("group %q does not exist on site %q", g, contentURL)
			}
		}
		st.addGroupSet(name, groups...)
		return nil
	})
}

// Seen returns the LUIDs of what somebody sees of a site, in the server's own order: of projects,
// workbooks, views, datasources or flows. It is empty for others, and for users who do not exist.
func (s *Server) Seen(contentURL, name, kind string) []string {
	s.mu.RLock()
	defer s.mu.RUnlock()
	st := s.world.site(contentURL)
	if st == nil || st.user(name) == nil {
		return nil
	}
	u := st.user(name)
	switch kind {
	case "projects":
		return idsOf(s.projectsOf(st, u), func(p *project) string { return p.id })
	case "workbooks":
		return idsOf(s.workbooksOf(st, u), func(w *workbook) string { return w.id })
	case "views":
		return idsOf(s.viewsOf(st, u), func(x *view) string { return x.id })
	case "datasources":
		return idsOf(s.datasourcesOf(st, u), func(d *datasource) string { return d.id })
	case "flows":
		return idsOf(s.flowsOf(st, u), func(f *flow) string { return f.id })
	default:
		return nil
	}
}

func idsOf[T any](items []T, id func(T) string) []string {
	ids := make([]string, len(items))
	for i, x := range items {
		ids[i] = id(x)
	}
	return ids
}
