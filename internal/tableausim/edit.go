package tableausim

import (
	"fmt"
	"slices"
)

// User is a person to add with [Server.AddUser].
type User struct {
	Name     string // login name; may be one that exists in another domain
	FullName string // the name when empty
	Email    string
	Domain   string // "local" when empty
	SiteRole string // "Explorer" when empty
	Password string // the name when empty
	Groups   []string
}

// Rule allows or denies something to a user or to a group.
type Rule struct {
	User  string // name of a user of the site; or
	Group string // name of a group of the site
	Deny  bool
}

// Project is a project to add with [Server.AddProject].
type Project struct {
	Name   string
	Parent string // LUID of the project above; empty at the top
	Owner  string // name of a user of the site
	Access []Rule // who sees the project and its content; nobody but owner and administrators when empty
}

// Workbook is a workbook to add with [Server.AddWorkbook]; it gets one view.
type Workbook struct {
	Name        string
	Description string
	Project     string // LUID; empty for the owner's personal space
	Owner       string // name of a user of the site
	Tags        []string
	Access      []Rule // goes before the rules of the project
}

// AddUser makes a person a user of a site, and creates an account unless one has that name and
// domain. It returns the LUID of the user. A name that was deleted before comes back with another
// LUID.
func (s *Server) AddUser(contentURL string, u User) (string, error) {
	var id string
	err := s.edit(contentURL, func(st *site) error {
		if u.Domain == "" {
			u.Domain = localDomain
		}
		a := s.world.exactAccount(u.Domain, u.Name)
		if a == nil {
			a = person{name: u.Name, fullName: u.Name, domain: u.Domain}.account()
			s.world.accounts = append(s.world.accounts, a)
		}
		if st.userOf(a) != nil {
			return fmt.Errorf("user %q exists on site %q already", u.Name, contentURL)
		}
		setIf(&a.fullName, u.FullName)
		setIf(&a.email, u.Email)
		setIf(&a.password, u.Password)
		role := "Explorer"
		setIf(&role, u.SiteRole)
		id = st.join(a, role, u.Groups...).id
		return nil
	})
	return id, err
}

func setIf(s *string, value string) {
	if value != "" {
		*s = value
	}
}

// SetSiteRole changes what a user may do on a site; "Unlicensed" is nothing, and ends the user's
// sessions. Tableau does not document the latter: it is the harder case for a client.
func (s *Server) SetSiteRole(contentURL, name, role string) error {
	return s.editUser(contentURL, name, func(_ *site, u *user) {
		u.role = role
		if role == unlicensed {
			s.sessions.end(func(x *session) bool { return x.user == u })
		}
	})
}

// RenameUser changes the login name of a person, on all sites at once; LUIDs and sessions stay.
func (s *Server) RenameUser(name, newName string) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	a := s.world.account(name)
	if a == nil {
		return fmt.Errorf("there is no account %q", name)
	}
	a.name = newName
	s.queried.forget()
	s.shown.forget()
	return nil
}

// SetPassword changes the password of a person, on all sites at once; sessions stay.
func (s *Server) SetPassword(name, password string) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	a := s.world.account(name)
	if a == nil {
		return fmt.Errorf("there is no account %q", name)
	}
	a.password = password
	return nil
}

// deleted takes the position of a deleted thing, so that its LUID is not given again.
type deleted struct{}

// DeleteUser takes a user off a site; sessions of the user are dead from then on. Content of the
// user stays and goes on naming them.
func (s *Server) DeleteUser(contentURL, name string) error {
	return s.editUser(contentURL, name, func(st *site, u *user) {
		s.sessions.end(func(x *session) bool { return x.user == u })
		is := func(x *user) bool { return x == u }
		st.users = slices.DeleteFunc(slices.Clone(st.users), is)
		for _, g := range u.groups {
			g.users = slices.DeleteFunc(slices.Clone(g.users), is)
		}
		st.byID[u.id] = deleted{}
	})
}

// AddProject adds a project to a site and returns its LUID.
func (s *Server) AddProject(contentURL string, p Project) (string, error) {
	var id string
	err := s.edit(contentURL, func(st *site) error {
		owner := st.user(p.Owner)
		parent, ok := find[*project](st, p.Parent)
		if owner == nil || p.Parent != "" && !ok {
			return fmt.Errorf("owner %q or parent project %q do not exist on site %q", p.Owner, p.Parent, contentURL)
		}
		rules, err := st.rules(p.Access, read, connect)
		if err != nil {
			return err
		}
		made := st.addProject(p.Name, parent, owner)
		made.rules, made.content = rules, rules
		id = made.id
		return nil
	})
	return id, err
}

// AddWorkbook adds a workbook to a site and returns its LUID.
func (s *Server) AddWorkbook(contentURL string, w Workbook) (string, error) {
	var id string
	err := s.edit(contentURL, func(st *site) error {
		owner := st.user(w.Owner)
		p, ok := find[*project](st, w.Project)
		if owner == nil || w.Project != "" && !ok {
			return fmt.Errorf("owner %q or project %q do not exist on site %q", w.Owner, w.Project, contentURL)
		}
		rules, err := st.rules(w.Access, read)
		if err != nil {
			return err
		}
		made := st.addWorkbook(w.Name, p, owner, themes["sales"][:1])
		made.description, made.tags, made.rules = w.Description, w.Tags, rules
		st.attach(made, nil)
		id = made.id
		return nil
	})
	return id, err
}

// Deny takes the sight of a project, workbook, view, data source, flow or virtual connection, given
// by its LUID, from a user. The
// owner and administrators still see it, as in Tableau.
func (s *Server) Deny(contentURL, id, name string) error {
	return s.edit(contentURL, func(st *site) error {
		u := st.user(name)
		if u == nil {
			return fmt.Errorf("there is no user %q on site %q", name, contentURL)
		}
		no := []rule{{user: u, capability: read}, {user: u, capability: connect}}
		switch x := st.byID[id].(type) {
		case *project:
			x.rules = append(slices.Clone(x.rules), no...)
		case *workbook:
			x.rules = append(slices.Clone(x.rules), no...)
		case *view:
			x.rules = append(slices.Clone(x.rules), no...)
		case *datasource:
			x.rules = append(slices.Clone(x.rules), no...)
		case *flow:
			x.rules = append(slices.Clone(x.rules), no...)
		case *virtualConnection:
			x.rules = append(slices.Clone(x.rules), no...)
		default:
			return fmt.Errorf("nothing on site %q that can be denied has the LUID %q", contentURL, id)
		}
		return nil
	})
}

// SiteID returns the LUID of a site, or "".
func (s *Server) SiteID(contentURL string) string {
	s.mu.RLock()
	defer s.mu.RUnlock()
	if st := s.world.site(contentURL); st != nil {
		return st.id
	}
	return ""
}

// UserID returns the LUID of a user by exact name, also DOMAIN\name, on a site; or "".
func (s *Server) UserID(contentURL, name string) string {
	s.mu.RLock()
	defer s.mu.RUnlock()
	if st := s.world.site(contentURL); st != nil {
		if u := st.user(name); u != nil {
			return u.id
		}
	}
	return ""
}

// WorkbookID returns the LUID of a workbook by its content URL; or "".
func (s *Server) WorkbookID(contentURL, workbookURL string) string {
	s.mu.RLock()
	defer s.mu.RUnlock()
	if st := s.world.site(contentURL); st != nil {
		for _, w := range st.workbooks {
			if w.contentURL == workbookURL {
				return w.id
			}
		}
	}
	return ""
}

// ViewID returns the LUID of a view by its content URL (Workbook/sheets/View); or "".
func (s *Server) ViewID(contentURL, viewURL string) string {
	s.mu.RLock()
	defer s.mu.RUnlock()
	if st := s.world.site(contentURL); st != nil {
		for _, x := range st.views {
			if x.contentURL() == viewURL {
				return x.id
			}
		}
	}
	return ""
}

// DatasourceID returns the LUID of a published data source by its content URL; or "".
func (s *Server) DatasourceID(contentURL, sourceURL string) string {
	s.mu.RLock()
	defer s.mu.RUnlock()
	if st := s.world.site(contentURL); st != nil {
		for _, d := range st.datasources {
			if d.contentURL == sourceURL {
				return d.id
			}
		}
	}
	return ""
}

// edit changes the world of one site under the write lock and forgets what was worked out from it.
func (s *Server) edit(contentURL string, change func(*site) error) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	st := s.world.site(contentURL)
	if st == nil {
		return fmt.Errorf("there is no site %q", contentURL)
	}
	defer s.queried.forget()
	defer s.shown.forget()
	return change(st)
}

func (s *Server) editUser(contentURL, name string, change func(*site, *user)) error {
	return s.edit(contentURL, func(st *site) error {
		u := st.user(name)
		if u == nil {
			return fmt.Errorf("there is no user %q on site %q", name, contentURL)
		}
		change(st, u)
		return nil
	})
}

func (s *site) rules(access []Rule, capabilities ...string) ([]rule, error) {
	var out []rule
	for _, a := range access {
		r := rule{user: s.user(a.User), group: s.group(a.Group), allow: !a.Deny}
		if r.user == nil && r.group == nil {
			return nil, fmt.Errorf("neither user %q nor group %q exist on the site", a.User, a.Group)
		}
		for _, capability := range capabilities {
			r.capability = capability
			out = append(out, r)
		}
	}
	return out, nil
}

func (w *world) exactAccount(domain, name string) *account {
	for _, a := range w.accounts {
		if a.domain == domain && a.name == name {
			return a
		}
	}
	return nil
}
