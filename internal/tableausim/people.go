package tableausim

import (
	"strings"
	"time"
)

// adminName is the server administrator, who owns the personal access tokens.
const adminName = "admin"

// person is one line of the cast: an account and what it is on each site (no role: not a user
// there).
type person struct {
	name, fullName               string
	domain                       string // local when empty
	standard, marketing, finance string
	groups                       string // with commas; on every site that has them
	never                        bool   // has never signed in
}

// cast are the people of the stand-in. The four of the demo come first; dave is left out on
// purpose. The last ones have names that are easy to get wrong.
var cast = []person{
	{name: adminName, fullName: "Server Administrator", standard: "ServerAdministrator", marketing: "ServerAdministrator", finance: "ServerAdministrator"},
	{name: "alice", fullName: "Alice Cook", standard: "Explorer", marketing: "Explorer", groups: "bi-analysts"},
	{name: "bob", fullName: "Bob Smith", standard: "Viewer"},
	{name: "carol", fullName: "Carol Jensen", standard: "SiteAdministratorCreator", marketing: "SiteAdministratorCreator", finance: "SiteAdministratorCreator", groups: "bi-admins"},

	{name: "maria.gonzalez", fullName: "María González", standard: "Creator", marketing: "Creator", groups: "bi-analysts,Sales Team"},
	{name: "jonas.weber", fullName: "Jonas Weber", standard: "Creator", groups: "Sales Team,Nordics"},
	{name: "priya.nair", fullName: "Priya Nair", standard: "ExplorerCanPublish", finance: "Creator", groups: "bi-analysts,Finance Team"},
	{name: "tom.becker", fullName: "Tom Becker", standard: "Creator", finance: "Creator", groups: "Finance Team"},
	{name: "sofia.rossi", fullName: "Sofia Rossi", standard: "Creator", marketing: "Creator", groups: "Marketing Team"},
	{name: "chen.wei", fullName: "Chen Wei", standard: "Creator", groups: "bi-analysts,Supply Chain"},
	{name: "hannah.schmidt", fullName: "Hannah Schmidt", standard: "ExplorerCanPublish", groups: "Supply Chain"},
	{name: "luc.moreau", fullName: "Luc Moreau", standard: "Explorer", marketing: "ExplorerCanPublish", groups: "Marketing Team"},
	{name: "anna.kowalska", fullName: "Anna Kowalska", standard: "Creator", finance: "Explorer", groups: "Finance Team,Executives"},
	{name: "james.miller", fullName: "James Miller", standard: "Explorer", groups: "Sales Team"},
	{name: "yuki.tanaka", fullName: "Yuki Tanaka", standard: "Creator", groups: "bi-analysts"},
	{name: "olivia.brown", fullName: "Olivia Brown", standard: "SiteAdministratorExplorer", groups: "Executives"},
	{name: "ravi.patel", fullName: "Ravi Patel", standard: "Viewer", finance: "Viewer", groups: "Finance Team"},
	{name: "elena.petrova", fullName: "Elena Petrova", standard: "Explorer", marketing: "Viewer", never: true},
	{name: "noah.davis", fullName: "Noah Davis", standard: "Viewer", groups: "Sales Team"},
	{name: "fatima.zahra", fullName: "Fatima Zahra", marketing: "Creator", groups: "Marketing Team"},
	{name: "lars.nilsson", fullName: "Lars Nilsson", standard: "Explorer", finance: "ExplorerCanPublish", groups: "Nordics"},
	{name: "grace.kim", fullName: "Grace Kim", marketing: "Explorer", finance: "SiteAdministratorCreator"},
	{name: "walter.gone", fullName: "Walter Gone", standard: "Unlicensed", marketing: "Unlicensed"},

	{name: "pat.o'connor", fullName: "Pat O'Connor", standard: "Explorer", groups: "Sales Team"},
	{name: "björn.åkesson", fullName: "Björn Åkesson", standard: "Creator", groups: "Nordics"},
	{name: "Kim", fullName: "Kim Larsen", standard: "Viewer"},
	{name: "kim", fullName: "Kim Novak", standard: "Explorer"},
	{name: "jsmith", fullName: "Jane Smith", standard: "Explorer", groups: "Sales Team"},
	{name: "jsmith", fullName: "John Smith", domain: "corp", standard: "Viewer", marketing: "Viewer"},
	{name: "dana@partner.example", fullName: "Dana Whitfield", standard: "Viewer"},
	{name: "lee, sam", fullName: "Sam Lee", standard: "Viewer", never: true},
	{name: "r&d-kiosk", fullName: "R&D Kiosk", standard: "Viewer"},
}

// account makes the server's side of a person; the password equals the name.
func (p person) account() *account {
	domain := p.domain
	if domain == "" {
		domain = localDomain
	}
	email := p.name
	if !strings.Contains(email, "@") {
		email = strings.NewReplacer("'", "", ", ", ".", "&", "-", "ö", "o", "å", "a").Replace(p.name) + "@" + domain + ".example"
	}
	return &account{
		name: p.name, fullName: p.fullName, email: email, domain: domain, password: p.name,
		serverAdmin: p.name == adminName, language: "en", locale: "en_US",
	}
}

// role is what the person is on a site, empty for no user there.
func (p person) role(contentURL string) string {
	switch contentURL {
	case "marketing":
		return p.marketing
	case "finance":
		return p.finance
	default:
		return p.standard
	}
}

// join makes an account a user of the site, in All Users and the named groups that the site has.
func (s *site) join(a *account, role string, groups ...string) *user {
	id := s.newID("user", a.domain, a.name)
	u := &user{account: a, id: id, role: role}
	s.users = append(s.users, u)
	s.byID[u.id] = u
	for _, name := range append([]string{allUsers}, groups...) {
		if g := s.group(name); g != nil {
			u.groups = append(u.groups, g)
			g.users = append(g.users, u)
		}
	}
	return u
}

const allUsers = "All Users"

func (s *site) addGroup(name, domain, minimumRole string) {
	g := &group{id: luid(s.contentURL, "group", name), name: name, domain: domain, minimumRole: minimumRole}
	s.groups = append(s.groups, g)
	s.byID[g.id] = g
}

// populate makes the cast users of the site.
func (s *site) populate(accounts []*account, people []person) {
	for i, p := range people {
		role := p.role(s.contentURL)
		if role == "" {
			continue
		}
		u := s.join(accounts[i], role, strings.Split(p.groups, ",")...)
		if !p.never && role != unlicensed {
			u.lastLogin = epoch.Add(-time.Duration(seed(u.id)%(60*24*3600)) * time.Second)
		}
	}
}
