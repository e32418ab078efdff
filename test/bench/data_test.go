//go:build unix

package bench

import (
	"crypto/sha256"
	"fmt"
	"time"

	"vitrine/test/bench/memory"
)

// benchUsers is how many people the stub of Tableau knows: each asks for the first time once.
const benchUsers = 1200

// userName returns the name of a person of the stub.
func userName(i int) string { return fmt.Sprintf("person%04d", i) }

// The shapes of sites: projects of ten workbooks with so many views each.
const (
	projectWorkbooks = 10
	workbookViews    = 5
)

// luid derives a LUID from a text, the same at every start.
func luid(kind string, i int) string {
	h := sha256.Sum256(fmt.Appendf(nil, "%s %d", kind, i))
	h[6], h[8] = h[6]&0x0f|0x40, h[8]&0x3f|0x80
	return fmt.Sprintf("%x-%x-%x-%x-%x", h[:4], h[4:6], h[6:8], h[8:10], h[10:16])
}

// awkward returns a name as people give them: most cannot be part of a filter of Tableau, which has
// no escape for its own signs.
func awkward(kind string, i int) string {
	name := fmt.Sprintf("%s %05d", kind, i)
	switch i % 5 {
	case 0:
		return name + " & Co"
	case 1:
		return name + ", North"
	case 2:
		return name + ` "final"`
	case 3:
		return name + " (Übersicht)"
	default:
		return name
	}
}

// newSite builds a site with so many workbooks.
func newSite(workbooks int) *memory.Site {
	site := &memory.Site{}
	owners := make([]*memory.User, 20)
	for i := range owners {
		owners[i] = &memory.User{Luid: luid("user", i), Name: userName(i)}
	}
	first := time.Date(2025, time.January, 1, 6, 0, 0, 0, time.UTC)
	var project *memory.Project
	for i := range workbooks {
		if i%projectWorkbooks == 0 {
			n := i / projectWorkbooks
			project = &memory.Project{Luid: luid("project", n), Name: awkward("Project", n)}
			site.AllProjects = append(site.AllProjects, project)
		}
		w := &memory.Workbook{
			Luid: luid("workbook", i), Name: awkward("Workbook", i), InProject: project, OwnedBy: owners[i%len(owners)],
			UpdatedAt: first.Add(time.Duration(i) * time.Minute).Format(time.RFC3339),
		}
		for v := range workbookViews {
			w.AllViews = append(w.AllViews, &memory.View{Luid: luid("view", i*workbookViews+v), Name: awkward("View", v)})
		}
		project.AllWorkbooks = append(project.AllWorkbooks, w)
		site.AllWorkbooks = append(site.AllWorkbooks, w)
	}
	return site
}
