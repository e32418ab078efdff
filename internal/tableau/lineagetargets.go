package tableau

import "context"

// What an edge of lineage leads to: a function for each kind of object. query is one of
// [LineageQueries].

// withoutNeeds is a look-up that has all attributes.
func withoutNeeds[T any](one func(*Session, context.Context, LUID) (*T, error)) func(*Session, context.Context, LUID, LineageNeeds) (*T, error) {
	return func(s *Session, ctx context.Context, id LUID, _ LineageNeeds) (*T, error) { return one(s, ctx, id) }
}

// completeDataSource looks up a data source, with what only its list has.
func (s *Session) completeDataSource(ctx context.Context, id LUID, _ LineageNeeds) (*DataSource, error) {
	d, err := s.DataSource(ctx, id)
	if d == nil || err != nil {
		return nil, err
	}
	return d.Completed(ctx)
}

// completeView looks up a view, with what only its list has.
func (s *Session) completeView(ctx context.Context, id LUID, need LineageNeeds) (*View, error) {
	v, err := s.View(ctx, id, need.Usage)
	if v == nil || err != nil {
		return nil, err
	}
	return v.Completed(ctx)
}

// LineageWorkbooks returns the workbooks that an edge leads to.
func LineageWorkbooks[P any, R lineageParent[P]](ctx context.Context, parent *P, query string, need LineageNeeds) (*Lineage[Workbook], error) {
	return readEdge[P, R](ctx, parent, query, lineageTo[Workbook]{
		name: func(x *Workbook) string { return x.Name },
		make: func(to lineageTarget) *Workbook { return &Workbook{LUID: to.LUID, Name: string(to.Name)} },
		list: func(s *Session) pageReader[Workbook] { return s.workbooksPage }, one: withoutNeeds((*Session).Workbook),
	}, need)
}

// LineageViews returns the views that an edge leads to.
func LineageViews[P any, R lineageParent[P]](ctx context.Context, parent *P, query string, need LineageNeeds) (*Lineage[View], error) {
	return readEdge[P, R](ctx, parent, query, lineageTo[View]{
		name: func(x *View) string { return x.Name },
		make: func(to lineageTarget) *View { return &View{LUID: to.LUID, Name: string(to.Name)} },
		list: func(s *Session) pageReader[View] { return s.viewsPage },
		one:  (*Session).completeView,
	}, need)
}

// LineageDataSources returns the published data sources that an edge leads to.
func LineageDataSources[P any, R lineageParent[P]](ctx context.Context, parent *P, query string, need LineageNeeds) (*Lineage[DataSource], error) {
	return readEdge[P, R](ctx, parent, query, lineageTo[DataSource]{
		name: func(x *DataSource) string { return x.Name },
		make: func(to lineageTarget) *DataSource { return &DataSource{LUID: to.LUID, Name: string(to.Name)} },
		list: func(s *Session) pageReader[DataSource] { return s.dataSourcesPage }, one: (*Session).completeDataSource, listOnly: true,
	}, need)
}

// LineageFlows returns the flows that an edge leads to.
func LineageFlows[P any, R lineageParent[P]](ctx context.Context, parent *P, query string, need LineageNeeds) (*Lineage[Flow], error) {
	return readEdge[P, R](ctx, parent, query, lineageTo[Flow]{
		name: func(x *Flow) string { return x.Name },
		make: func(to lineageTarget) *Flow { return &Flow{LUID: to.LUID, Name: string(to.Name)} },
		list: func(s *Session) pageReader[Flow] { return s.flowsPage }, one: withoutNeeds((*Session).Flow),
	}, need)
}

// LineageDatabases returns the databases that an edge leads to.
func LineageDatabases[P any, R lineageParent[P]](ctx context.Context, parent *P, query string, need LineageNeeds) (*Lineage[Database], error) {
	return readEdge[P, R](ctx, parent, query, lineageTo[Database]{
		make: func(to lineageTarget) *Database { return &Database{LUID: to.LUID, Name: string(to.Name)} },
		list: func(s *Session) pageReader[Database] { return s.databasesPage }, one: withoutNeeds((*Session).Database), hidden: true,
	}, need)
}

// LineageTables returns the tables that an edge leads to.
func LineageTables[P any, R lineageParent[P]](ctx context.Context, parent *P, query string, need LineageNeeds) (*Lineage[Table], error) {
	return readEdge[P, R](ctx, parent, query, lineageTo[Table]{
		make: func(to lineageTarget) *Table { return &Table{LUID: to.LUID, Name: string(to.Name)} },
		list: func(s *Session) pageReader[Table] { return s.tablesPage }, one: withoutNeeds((*Session).Table), hidden: true,
	}, need)
}
