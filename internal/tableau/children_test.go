package tableau

import (
	"context"
	"fmt"
	"math/rand/v2"
	"net/url"
	"slices"
	"strings"
	"sync"
	"testing"
)

// viewList is a list of views in memory that knows the filters workbookName and projectName.
type viewList struct {
	mu    sync.Mutex
	views []*View
	calls int
	alone int
}

// add adds a workbook with some views to a project.
func (l *viewList) add(name, project string, views int) *Workbook {
	w := &Workbook{LUID: LUID(fmt.Sprintf("w%d", len(l.views))), Name: name, ProjectRef: &Project{LUID: "p", Name: project}}
	for i := range views {
		l.views = append(l.views, &View{LUID: LUID(fmt.Sprintf("%s.%d", w.LUID, i)), WorkbookRef: w, ProjectRef: w.ProjectRef})
	}
	return w
}

func (l *viewList) page(_ context.Context, query url.Values) (Pagination, []*View, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.calls++
	kept := l.views
	filter := query.Get("filter")
	for filter != "" {
		field, rest, _ := strings.Cut(filter, ":in:[")
		names, more, _ := strings.Cut(rest, "]")
		filter = strings.TrimPrefix(more, ",")
		of := map[string]func(*View) string{
			"workbookName": func(v *View) string { return v.WorkbookRef.Name }, "projectName": func(v *View) string { return v.ProjectRef.Name },
		}[field]
		kept = slices.DeleteFunc(slices.Clone(kept), func(v *View) bool { return !slices.Contains(strings.Split(names, ","), of(v)) })
	}
	var number, size int
	if _, err := fmt.Sscan(query.Get("pageNumber"), &number); err != nil {
		return Pagination{}, nil, err
	}
	if _, err := fmt.Sscan(query.Get("pageSize"), &size); err != nil {
		return Pagination{}, nil, err
	}
	low := min((number-1)*size, len(kept))
	return Pagination{PageNumber: NewInt(int64(number)), PageSize: NewInt(int64(size)), TotalAvailable: NewInt(int64(len(kept)))},
		kept[low:min(low+size, len(kept))], nil
}

// read reads the views of workbooks, and compares them with those that the workbooks have.
func (l *viewList) read(t *testing.T, workbooks []*Workbook, byProject, missing bool) {
	t.Helper()
	got := map[LUID]int{}
	in := childList[View, Workbook]{
		read: l.page, field: "workbookName", value: func(w *Workbook) string { return w.Name }, missing: missing,
		alone: func(_ context.Context, workbooks []*Workbook) error {
			for _, w := range workbooks {
				l.alone++
				for _, v := range l.views {
					if v.WorkbookRef == w {
						got[v.LUID]++
					}
				}
			}
			return nil
		},
	}
	if byProject {
		in.project = func(w *Workbook) string { return w.ProjectRef.Name }
	}
	views, left, err := readChildren(t.Context(), reader(t), in, workbooks)
	if err != nil || len(left) > 0 {
		t.Fatalf("%d are left, error %v", len(left), err)
	}
	for _, v := range views {
		got[v.LUID]++
	}
	for _, v := range l.views {
		if n := got[v.LUID]; slices.Contains(workbooks, v.WorkbookRef) && n != 1 {
			t.Errorf("view %s of %q was read %d times", v.LUID, v.WorkbookRef.Name, n)
		}
	}
}

// TestChildrenAreReadInAsFewCallsAsTheCountsAllow reads the views of workbooks of many names on sites
// of many sizes.
func TestChildrenAreReadInAsFewCallsAsTheCountsAllow(t *testing.T) {
	t.Parallel()
	many := func(name string, n int) []string {
		names := make([]string, n)
		for i := range names {
			names[i] = fmt.Sprintf(name, i)
		}
		return names
	}
	for _, tt := range []struct {
		about     string
		names     []string
		project   string // of these workbooks
		beside    int    // views of other workbooks in it
		elsewhere int    // views in other projects
		calls     int    // of the list
		alone     int    // for one workbook each
	}{
		{"plain", many("Workbook %d", 100), "Sales", 0, 0, 1, 0},
		{"plain on a large site", many("Workbook %d", 100), "Sales", 9000, 20_000, 1, 0},
		{"ampersand", many("Workbook %d & Co", 100), "Sales", 0, 0, 1, 0},
		{"comma", many("Smith, Jones %d", 100), "Sales", 0, 0, 1, 0},
		{"quotes and colons", many(`"Plan": 'A' %d`, 100), "Sales", 9000, 20_000, 1, 0},
		{"non-ASCII", many("Ünïcödé 漢字 %d", 100), "Sales", 9000, 20_000, 1, 0},
		{"same name", slices.Repeat([]string{"Superstore"}, 100), "Sales", 9000, 20_000, 1, 0},
		{"same odd name", slices.Repeat([]string{"R&D"}, 100), "Sales", 0, 20_000, 1, 0},
		{"odd and plain", []string{"Plain", "R&D", "a,b"}, "Sales", 0, 20_000, 1, 0},
		{"odd in a project of two pages", many("R&D %d", 20), "Sales", 1500, 20_000, 2, 0},
		{"odd in an odd project, small site", many("R&D %d", 20), "Sales & Marketing", 0, 900, 1, 0},
		{"odd in an odd project, site of five pages", many("R&D %d", 20), "Sales & Marketing", 0, 4500, 5, 0},
		{"odd in an odd project, large site", many("R&D %d", 20), "Sales & Marketing", 0, 20_000, 1, 20},
		{"odd in a large project", many("R&D %d", 20), "Sales", 20_000, 0, 1, 20},
		{"odd and plain in a large project", append(many("R&D %d", 20), many("Workbook %d", 20)...), "Sales", 20_000, 0, 2, 20},
		{"one odd", []string{"R&D"}, "Sales", 0, 0, 0, 1},
		{"two odd", []string{"R&D", "a,b"}, "Sales", 0, 20_000, 1, 0},
		{"two odd in an odd project, small site", []string{"R&D", "a,b"}, "Sales & Marketing", 0, 900, 1, 0},
		{"two odd in an odd project", []string{"R&D", "a,b"}, "Sales & Marketing", 0, 20_000, 1, 2},
		{"one plain, one odd in an odd project", []string{"Plain", "R&D"}, "Sales & Marketing", 0, 20_000, 2, 1},
	} {
		t.Run(tt.about, func(t *testing.T) {
			t.Parallel()
			l := &viewList{}
			var workbooks []*Workbook
			for _, name := range tt.names {
				workbooks = append(workbooks, l.add(name, tt.project, 3))
			}
			l.add("another", tt.project, tt.beside)
			l.add("elsewhere", "Other", tt.elsewhere)
			l.read(t, workbooks, true, false)
			if l.calls != tt.calls || l.alone != tt.alone {
				t.Errorf("%d calls of the list and %d for one each, want %d and %d", l.calls, l.alone, tt.calls, tt.alone)
			}
		})
	}
}

// TestCopiesOfOneNameDoNotCostMoreThanOneCallEach reads few workbooks whose names many others have.
func TestCopiesOfOneNameDoNotCostMoreThanOneCallEach(t *testing.T) {
	t.Parallel()
	l := &viewList{}
	workbooks := []*Workbook{l.add("Superstore", "Sales", 3), l.add("Superstore", "Sales", 3)}
	for range 1000 {
		l.add("Superstore", "Copies", 5)
	}
	l.read(t, workbooks, true, false)
	if l.calls != 1 || l.alone != 2 {
		t.Errorf("%d calls of the list and %d for one each, want 1 and 2", l.calls, l.alone)
	}
}

// TestChildrenNeverCostMuchMoreThanOneCallEach reads at random, and compares with one call for each
// parent and with the names that a filter can have.
func TestChildrenNeverCostMuchMoreThanOneCallEach(t *testing.T) {
	t.Parallel()
	random := rand.New(rand.NewPCG(7, 8))
	names := []string{"Plain", "Other", "R&D", "a,b", "[x]", `"q"`, "漢字", ""}
	for range 300 {
		l := &viewList{}
		var workbooks []*Workbook
		projects := names[:2+random.IntN(len(names)-2)]
		odd, plain := 0, 0
		for range 1 + random.IntN(12) {
			w := l.add(names[random.IntN(len(names))], projects[random.IntN(len(projects))], random.IntN(4))
			if l.add("", "", 1); strings.ContainsAny(w.Name, "&,[]") || w.Name == "" {
				odd++
			} else {
				plain = 1
			}
			workbooks = append(workbooks, w)
		}
		l.add("another", projects[0], random.IntN(3)*random.IntN(5000))
		missing := random.IntN(2) == 0
		l.read(t, workbooks, random.IntN(2) == 0, missing)
		if n := l.calls + l.alone; n > odd+plain+2 {
			t.Errorf("%d calls for %d odd names, want at most %d", n, odd, odd+plain+2)
		}
	}
}
