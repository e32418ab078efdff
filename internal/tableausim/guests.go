package tableausim

import (
	"slices"
	"strings"
	"sync"
)

// guests holds users that nobody provisioned: a JWT asks for access in somebody's name with the
// rights of groups (Tableau help, "On-Demand Access with Connected Apps"). The same name with the
// same groups is the same user, and never a provisioned one: what was asked for are the rights of
// the groups.
type guests struct {
	mu    sync.Mutex
	users map[string]*user // by LUID
}

// user returns the on-demand user of a proof, or the number of what is wrong. The caller holds the
// world.
func (g *guests) user(st *site, p *proof) (*user, int) {
	names := slices.Sorted(slices.Values(p.groups))
	names = slices.Compact(names)
	if len(names) == 0 {
		return nil, loginFailed
	}
	id := luid(st.id, "on demand", p.user, strings.Join(names, "\x00"))
	g.mu.Lock()
	defer g.mu.Unlock()
	if u := g.users[id]; u != nil {
		return u, 0
	}
	u := &user{id: id, role: "Viewer", account: &account{
		name: p.user, fullName: p.user, email: p.user, domain: localDomain, language: "en", locale: "en_US",
	}}
	for _, name := range names {
		in := st.group(name)
		if in == nil {
			return nil, loginFailed
		}
		u.groups = append(u.groups, in)
	}
	if g.users == nil {
		g.users = map[string]*user{}
	}
	g.users[id] = u
	return u, 0
}
