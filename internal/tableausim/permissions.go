package tableausim

import (
	"strings"
	"sync"
)

// Capabilities that decide what lists show: data sources are listed by Connect, all else by Read.
const (
	read    = "Read"
	connect = "Connect"
)

// decide applies explicit rules: a rule for the user goes before rules for groups, and a denial
// before an allowance of the same rank. Nothing said is neither.
func decide(rules []rule, u *user, capability string) (allowed, said bool) {
	var userAllow, groupAllow, groupDeny bool
	for _, r := range rules {
		if r.capability != capability {
			continue
		}
		switch {
		case r.user == u && !r.allow:
			return false, true
		case r.user == u:
			userAllow = true
		case r.group != nil && u.in(r.group), r.set != nil && u.inAll(r.set):
			groupAllow = groupAllow || r.allow
			groupDeny = groupDeny || !r.allow
		}
	}
	return userAllow || groupAllow && !groupDeny, userAllow || groupAllow || groupDeny
}

func (u *user) in(g *group) bool {
	for _, x := range u.groups {
		if x == g {
			return true
		}
	}
	return false
}

// admin reports whether u administers the site, and so sees everything on it.
func (u *user) admin() bool {
	return u.role == "ServerAdministrator" || strings.HasPrefix(u.role, "SiteAdministrator")
}

func (u *user) seesProject(p *project) bool {
	if u.admin() || u.managesProject(p) {
		return true
	}
	rules := p.rules
	if q := p.controller(); q != nil && q != p {
		rules = q.rules
	}
	allowed, _ := decide(rules, u, read)
	return allowed
}

// seesContent is the rule for workbooks and data sources: own rules first, then those of the
// project; where that is locked, those of the project alone.
func (u *user) seesContent(owner *user, own []rule, p *project, capability string) bool {
	if u.admin() || owner == u {
		return true
	}
	if u.managesProject(p) {
		return true
	}
	if c := p.controller(); c != nil {
		p, own = c, nil
	}
	if allowed, said := decide(own, u, capability); said {
		return allowed
	}
	if p == nil { // a personal space
		return false
	}
	allowed, _ := decide(p.content, u, capability)
	return allowed
}

func (u *user) seesWorkbook(w *workbook) bool {
	return u.seesContent(w.owner, w.rules, w.project, read)
}

func (u *user) seesView(x *view) bool {
	if !u.seesWorkbook(x.workbook) {
		return false
	}
	if u.admin() || x.workbook.owner == u {
		return true
	}
	allowed, said := decide(x.rules, u, read)
	return allowed || !said
}

func (u *user) seesDatasource(d *datasource) bool {
	return u.seesContent(d.owner, d.rules, d.project, connect)
}

// shown remembers, per user, lists of what they see of a site, so that a list of 50,000 is worked
// out once. It is emptied by every edit of the world.
type shown struct {
	mu    sync.Mutex
	lists map[shownKey]any
	held  int // items in all lists
}

type shownKey struct {
	user *user
	kind string
}

// maxHeld and maxLists bound the memory: ten million pointers are 80 MB.
const (
	maxHeld  = 10_000_000
	maxLists = 10_000
)

// visible returns the items of all that u sees. The caller holds the read lock of the world and
// must not change the slice.
func visible[T any](s *shown, u *user, kind string, all []T, sees func(T) bool) []T {
	key := shownKey{u, kind}
	if list, ok := lookUp[T](s, key); ok {
		return list
	}
	list := make([]T, 0, len(all))
	for _, x := range all {
		if sees(x) {
			list = append(list, x)
		}
	}
	keep(s, key, list)
	return list
}

func lookUp[T any](s *shown, key shownKey) ([]T, bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	list, ok := s.lists[key].([]T)
	return list, ok
}

func keep[T any](s *shown, key shownKey, list []T) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.lists == nil || len(s.lists) >= maxLists || s.held+len(list) > maxHeld {
		s.lists, s.held = map[shownKey]any{}, 0
	}
	s.lists[key] = list
	s.held += len(list)
}

func (s *shown) forget() {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.lists, s.held = nil, 0
}
