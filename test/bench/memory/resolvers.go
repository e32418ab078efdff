package memory

import "context"

type (
	root             struct{ site *Site }
	queryResolver    struct{ site *Site }
	siteResolver     struct{}
	projectResolver  struct{}
	workbookResolver struct{}
	viewResolver     struct{}
)

func (r root) Query() QueryResolver     { return queryResolver(r) }
func (root) Site() SiteResolver         { return siteResolver{} }
func (root) Project() ProjectResolver   { return projectResolver{} }
func (root) Workbook() WorkbookResolver { return workbookResolver{} }
func (root) View() ViewResolver         { return viewResolver{} }

func (r queryResolver) Site(_ context.Context, _ string) (*Site, error) { return r.site, nil }

func workbooks(all []*Workbook, first *int) *WorkbookConnection {
	return &WorkbookConnection{TotalCount: len(all), Nodes: all[:min(*first, len(all))]}
}

func (siteResolver) Projects(_ context.Context, s *Site, first *int) (*ProjectConnection, error) {
	return &ProjectConnection{TotalCount: len(s.AllProjects), Nodes: s.AllProjects[:min(*first, len(s.AllProjects))]}, nil
}

func (siteResolver) Workbooks(_ context.Context, s *Site, first *int) (*WorkbookConnection, error) {
	return workbooks(s.AllWorkbooks, first), nil
}

func (siteResolver) View(_ context.Context, _ *Site, luid string) (*View, error) {
	return &View{Luid: luid}, nil
}

func (projectResolver) Workbooks(_ context.Context, p *Project, first *int) (*WorkbookConnection, error) {
	return workbooks(p.AllWorkbooks, first), nil
}

func (workbookResolver) Owner(_ context.Context, w *Workbook) (*User, error) { return w.OwnedBy, nil }

func (workbookResolver) Project(_ context.Context, w *Workbook) (*Project, error) {
	return w.InProject, nil
}

func (workbookResolver) Views(_ context.Context, w *Workbook) ([]*View, error) {
	return w.AllViews, nil
}

func (viewResolver) Image(_ context.Context, _ *View) (*Link, error) { return &Link{}, nil }
