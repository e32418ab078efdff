package resolvers_test

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"vitrine/internal/tableausim"
)

// lying keeps what is in a project.
func lying(items []item, project string) []item {
	return slices.DeleteFunc(slices.Clone(items), func(i item) bool { return !slices.Contains(i.at("project.luid"), any(project)) })
}

// checkProjects reads the first items of a list for all projects in one document, and one project
// alone to its end.
func (s *listProbe) checkProjects(tr trial, projects []string) {
	s.t.Helper()
	what := fmt.Sprintf("projects { %s } as %s, filter %s, order %s", s.list.field, s.user, spelled(tr.filter), spelled(tr.orderBy))
	query := fmt.Sprintf(`query($first: Int!, $filter: %s, $orderBy: [%s!]) {
		site { projects(first: 1000) { nodes { luid %s(first: $first, filter: $filter, orderBy: $orderBy) { totalCount nodes { luid } } } } }
	}`, s.list.filter, s.list.order, s.list.field)
	first := s.random.IntN(6)
	got := s.w.ask(s.test, s.user, query, map[string]any{"first": first, "filter": tr.filter, "orderBy": tr.orderBy})
	codes := slices.Compact(got.codes())
	if code := strings.Join(codes, ","); code != tr.refused {
		s.t.Fatalf("%s: %q %q, want %q", what, code, got.Errors[0].Message, tr.refused)
	} else if code != "" {
		return
	}
	if calls := got.calls(); calls > 6 {
		s.t.Errorf("%s: %d calls", what, calls)
	}
	for _, p := range got.Data["site"].(map[string]any)["projects"].(map[string]any)["nodes"].([]any) {
		p := item(p.(map[string]any))
		connection := p[s.list.field].(map[string]any)
		var shown []string
		for _, node := range connection["nodes"].([]any) {
			shown = append(shown, item(node.(map[string]any)).luid())
		}
		all := lying(tr.want, p.luid())
		want := luids(all[:min(first, len(all))])
		if diff := cmp.Diff(want, shown); diff != "" || int(connection["totalCount"].(float64)) != len(all) {
			s.t.Fatalf("%s: project %s has %v, want %d (-want +got):\n%s", what, p.luid(), connection["totalCount"], len(all), diff)
		}
	}
	one := *s
	one.project = projects[s.random.IntN(len(projects))]
	tr.want = lying(tr.want, one.project)
	one.check(tr)
}

// TestProjectListsSayWhatTheWholeListSays asks the lists of projects, some of them of one name, as
// TestListsSayWhatTheWholeListSays asks the site's.
func TestProjectListsSayWhatTheWholeListSays(t *testing.T) {
	t.Parallel()
	for _, list := range []listed{listOf("workbooks"), listOf("views"), listOf("dataSources"), listOf("flows")} {
		for _, user := range []string{"carol", "bob"} {
			for _, version := range []string{"3.27", "3.15"} {
				if version == "3.15" && list.field != "dataSources" {
					continue // nothing differs
				}
				t.Run(list.field+" as "+user+" on "+version, func(t *testing.T) {
					t.Parallel()
					w := edgeCaseWorld(t, tableausim.Config{APIVersion: version})
					projects := luids(newListProbe(t, w, user, listOf("projects")).all)
					newListProbe(t, w, user, list).try(t, func(s *listProbe, tr trial) { s.checkProjects(tr, projects) })
				})
			}
		}
	}
}

// TestProjectChildrenAreThoseOfTheWholeList pages through the projects of projects.
func TestProjectChildrenAreThoseOfTheWholeList(t *testing.T) {
	t.Parallel()
	w := edgeCaseWorld(t, tableausim.Config{})
	for _, user := range []string{"carol", "bob"} {
		s := newListProbe(t, w, user, listOf("projects"))
		for _, direction := range []string{"ASC", "DESC"} {
			sorted := s.whole(nil, []any{map[string]any{"field": "NAME", "direction": direction}})
			for _, p := range s.all {
				var want, got []string
				for _, child := range sorted {
					if slices.Contains(child.at("parent.luid"), any(p.luid())) {
						want = append(want, child.luid())
					}
				}
				for after := any(nil); ; {
					reply := w.ask(t, user, `query($luid: LUID!, $after: String, $direction: OrderDirection!) { site { project(by: {luid: $luid}) {
						children(first: 2, after: $after, orderBy: [{field: NAME, direction: $direction}]) {
							totalCount pageInfo { hasNextPage endCursor } nodes { luid parent { luid } }
						}
					} } }`, map[string]any{"luid": p.luid(), "after": after, "direction": direction})
					children := reply.Data["site"].(map[string]any)["project"].(map[string]any)["children"].(map[string]any)
					for _, child := range children["nodes"].([]any) {
						got = append(got, item(child.(map[string]any)).luid())
					}
					if total := int(children["totalCount"].(float64)); total != len(want) {
						t.Fatalf("%s: project %s has %d children, want %d", user, p.luid(), total, len(want))
					}
					info := children["pageInfo"].(map[string]any)
					if info["hasNextPage"] != true {
						break
					}
					after = info["endCursor"]
				}
				if diff := cmp.Diff(want, got); diff != "" {
					t.Fatalf("%s: children of %s (-want +got):\n%s", user, p.luid(), diff)
				}
			}
		}
	}
}
