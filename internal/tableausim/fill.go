package tableausim

import "strconv"

// The words that the names of generated workbooks are made of: 30 countries, 24 subjects and 72
// quarters make more than the 50,000 of the largest site.
var (
	fillCountries = []string{
		"Australia", "Austria", "Belgium", "Brazil", "Canada", "Chile", "Denmark", "Finland", "France", "Germany",
		"Greece", "India", "Ireland", "Italy", "Japan", "Kenya", "Mexico", "Morocco", "Netherlands", "New Zealand",
		"Norway", "Poland", "Portugal", "Romania", "Singapore", "Spain", "Sweden", "Switzerland", "Türkiye", "Vietnam",
	}
	fillSubjects = []struct{ name, theme string }{
		{"Sales Review", "sales"},
		{"Order Backlog", "logistics"},
		{"Campaign Results", "marketing"},
		{"Cost Report", "finance"},
		{"Store Ranking", "sales"},
		{"Delivery Times", "logistics"},
		{"Lead Sources", "marketing"},
		{"Budget Check", "finance"},
		{"Customer Churn", "sales"},
		{"Stock Count", "logistics"},
		{"Web Visits", "marketing"},
		{"Cash Position", "finance"},
		{"Top Products", "sales"},
		{"Returns", "logistics"},
		{"Newsletter Reach", "marketing"},
		{"Payroll Summary", "people"},
		{"Discount Analysis", "sales"},
		{"Carrier Scorecard", "logistics"},
		{"Brand Awareness", "marketing"},
		{"Open Invoices", "finance"},
		{"Pipeline", "accounts"},
		{"Supplier Quality", "logistics"},
		{"Event Feedback", "marketing"},
		{"Hiring", "people"},
	}
	fillOwners = []string{"maria.gonzalez", "jonas.weber", "sofia.rossi", "chen.wei", "yuki.tanaka", "tom.becker", "anna.kowalska", "björn.åkesson"}
)

// fill adds generated workbooks below "Reports by Country" until the site has n. Every fifth
// country is for analysts only.
func (s *site) fill(n int) {
	var parent *project
	for _, p := range s.projects {
		if p.name == "Reports by Country" {
			parent = p
		}
	}
	projects := map[string]*project{}
	owners := make([]*user, len(fillOwners))
	for i, name := range fillOwners {
		owners[i] = s.user(name)
	}
	for i := 0; len(s.workbooks) < n; i++ {
		// Ten countries at a time, so that a small site has few of these projects and several
		// workbooks in each.
		country := fillCountries[i/240%3*10+i%10]
		subject := fillSubjects[(i/10+i)%len(fillSubjects)]
		quarter := i / 720
		p := projects[country]
		if p == nil {
			p = s.addProject(country, parent, owners[i%len(owners)])
			line := allUsers
			if i%5 == 4 {
				line = "bi-analysts"
			}
			p.rules, p.content = s.projectGrants(line), s.grants(line)
			projects[country] = p
		}
		name := country + " " + subject.name + " " + strconv.Itoa(2025-quarter/4) + " Q" + strconv.Itoa(4-quarter%4)
		w := s.addWorkbook(name, p, owners[(i*7+i/10)%len(owners)], themes[subject.theme])
		w.showTabs = i%3 == 0
		w.tags = []string{"country", "quarterly"}[:i%3]
		s.attach(w, nil)
	}
}
