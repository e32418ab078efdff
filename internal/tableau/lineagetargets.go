package tableau

import "context"

// What an edge of lineage leads to: a function for each kind of object. query is one of
// [LineageQueries].

// LineageWorkbooks returns the workbooks that an edge leads to.
func LineageWorkbooks[P any, R lineageParent[P]](ctx context.Context, parent *P, query string, need LineageNeeds) (*Lineage[Workbook], error) {
	return readEdge[P, R](ctx, parent, query, lineageTo[Workbook]{
		make: func(ref lineageRef) *Workbook { return &Workbook{LUID: LUID(ref.LUID), Name: string(ref.Name)} },
		list: func(s *Session) pageReader[Workbook] { return s.workbooksPage }, one: (*Session).Workbook,
	}, need)
}

// LineageViews returns the views that an edge leads to.
func LineageViews[P any, R lineageParent[P]](ctx context.Context, parent *P, query string, need LineageNeeds) (*Lineage[View], error) {
	return readEdge[P, R](ctx, parent, query, lineageTo[View]{
		make: func(ref lineageRef) *View { return &View{LUID: LUID(ref.LUID), Name: string(ref.Name)} },
		list: func(s *Session) pageReader[View] { return s.viewsPage },
		one:  func(s *Session, ctx context.Context, id LUID) (*View, error) { return s.View(ctx, id, false) },
	}, need)
}

// LineageDataSources returns the published data sources that an edge leads to.
func LineageDataSources[P any, R lineageParent[P]](ctx context.Context, parent *P, query string, need LineageNeeds) (*Lineage[DataSource], error) {
	return readEdge[P, R](ctx, parent, query, lineageTo[DataSource]{
		make: func(ref lineageRef) *DataSource { return &DataSource{LUID: LUID(ref.LUID), Name: string(ref.Name)} },
		list: func(s *Session) pageReader[DataSource] { return s.dataSourcesPage }, one: (*Session).DataSource, listOnly: true,
	}, need)
}

// LineageFlows returns the flows that an edge leads to.
func LineageFlows[P any, R lineageParent[P]](ctx context.Context, parent *P, query string, need LineageNeeds) (*Lineage[Flow], error) {
	return readEdge[P, R](ctx, parent, query, lineageTo[Flow]{
		make: func(ref lineageRef) *Flow { return &Flow{LUID: LUID(ref.LUID), Name: string(ref.Name)} },
		list: func(s *Session) pageReader[Flow] { return s.flowsPage }, one: (*Session).Flow,
	}, need)
}

// LineageDatabases returns the databases that an edge leads to.
func LineageDatabases[P any, R lineageParent[P]](ctx context.Context, parent *P, query string, need LineageNeeds) (*Lineage[Database], error) {
	return readEdge[P, R](ctx, parent, query, lineageTo[Database]{
		make: func(ref lineageRef) *Database { return &Database{LUID: LUID(ref.LUID), Name: string(ref.Name)} },
		list: func(s *Session) pageReader[Database] { return s.databasesPage }, one: (*Session).Database, hidden: true,
	}, need)
}

// LineageTables returns the tables that an edge leads to.
func LineageTables[P any, R lineageParent[P]](ctx context.Context, parent *P, query string, need LineageNeeds) (*Lineage[Table], error) {
	return readEdge[P, R](ctx, parent, query, lineageTo[Table]{
		make: func(ref lineageRef) *Table { return &Table{LUID: LUID(ref.LUID), Name: string(ref.Name)} },
		list: func(s *Session) pageReader[Table] { return s.tablesPage }, one: (*Session).Table, hidden: true,
	}, need)
}
