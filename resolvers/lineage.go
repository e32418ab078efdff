package resolvers

import (
	"context"
	"slices"
	"strings"
	"time"

	"github.com/99designs/gqlgen/graphql"

	"vitrine/internal/tableau"
)

// partialError says that data is there and may lack something. It comes beside the data.
type partialError struct{ gap tableau.Gap }

var gapTexts = map[tableau.Gap]string{
	tableau.GapLimit:  "Tableau cut its answer at a limit: objects may be missing. Ask for fewer at once",
	tableau.GapIndex:  "Tableau is still building its catalog: objects may be missing. Ask again later",
	tableau.GapAbsent: "Tableau's catalog does not have some of these objects, so their lineage is missing. It has a new object some time after it was published",
	tableau.GapUsers:  "the site does not let you see other users: they are missing",
	tableau.GapBroken: "Tableau did not complete its answer: objects may be missing. Ask again later",
}

func (e partialError) Error() string           { return gapTexts[e.gap] }
func (e partialError) Public() string          { return e.Error() }
func (partialError) Code() string              { return codePartial }
func (partialError) RetryAfter() time.Duration { return 0 }

// notePartial adds the error of a gap to the answer, once for each operation.
func notePartial(ctx context.Context, gap tableau.Gap) {
	op := operationFrom(ctx)
	op.mu.Lock()
	known := gap == tableau.GapNone || slices.Contains(op.gaps, gap)
	if !known {
		op.gaps = append(op.gaps, gap)
	}
	op.mu.Unlock()
	if !known {
		graphql.AddError(ctx, partialError{gap})
	}
}

// hasReference reports whether a field of an object needs nothing but the reference to it.
func hasReference(field string) bool {
	switch field {
	case "__typename", "id", "luid", "site", "name", "rows", "queryFields", "queryParameters", "model", "catalogFields":
		return true
	}
	return strings.HasPrefix(field, "upstream") || strings.HasPrefix(field, "downstream")
}

// lineage returns what an edge of a parent leads to. fields are what lists of the kind are asked for
// by name; nil for none.
func lineage[P, T any](
	ctx context.Context, parent *P, query string, fields func(selection) []string,
	read func(context.Context, *P, string, tableau.LineageNeeds) (*tableau.Lineage[T], error),
) ([]*T, error) {
	sel := selectionOf(ctx)
	need := tableau.LineageNeeds{ReferenceWillDo: sel.all(hasReference)}
	if fields != nil && !need.ReferenceWillDo {
		need.Fields = fields(sel)
	}
	need.Usage = sel.has("viewCount")
	edge, err := read(ctx, parent, query, need)
	if err != nil {
		return nil, err
	}
	if edge == nil {
		return []*T{}, nil
	}
	return partialList(ctx, edge, nil)
}

// partialList is a list of which some may be missing.
func partialList[T any](ctx context.Context, list *tableau.Lineage[T], err error) ([]*T, error) {
	if err != nil {
		return nil, err
	}
	notePartial(ctx, list.Gap)
	return reserveList(ctx, list.Items, nil)
}

// CatalogFields are the fields of the data source with their formulas.
func (r dataSourceResolver) CatalogFields(ctx context.Context, d *tableau.DataSource) ([]*tableau.CatalogField, error) {
	fields, err := d.CatalogFields(ctx)
	return partialList(ctx, fields, err)
}

// QueryFields are the fields that a query may name.
func (r dataSourceResolver) QueryFields(ctx context.Context, d *tableau.DataSource) ([]*tableau.QueryField, error) {
	fields, err := d.ReadQueryFields(ctx)
	return partialList(ctx, fields, err)
}

// QueryParameters are the parameters of the data source.
func (r dataSourceResolver) QueryParameters(ctx context.Context, d *tableau.DataSource) ([]*tableau.QueryParameter, error) {
	parameters, err := d.ReadQueryParameters(ctx)
	return partialList(ctx, parameters, err)
}

// Model are the logical tables of the data source.
func (r dataSourceResolver) Model(ctx context.Context, d *tableau.DataSource) (*tableau.DataModel, error) {
	model, err := d.ReadModel(ctx)
	if err != nil {
		return nil, err
	}
	notePartial(ctx, model.Gap)
	return model, nil
}

// UpstreamDataSources are upstreamDataSources of the workbook.
func (r workbookResolver) UpstreamDataSources(ctx context.Context, x *tableau.Workbook) ([]*tableau.DataSource, error) {
	return lineage(ctx, x, "WorkbookUpstreamDataSources", dataSourceListFields, tableau.LineageDataSources[tableau.Workbook])
}

// UpstreamDatabases are upstreamDatabases of the workbook.
func (r workbookResolver) UpstreamDatabases(ctx context.Context, x *tableau.Workbook) ([]*tableau.Database, error) {
	return lineage(ctx, x, "WorkbookUpstreamDatabases", nil, tableau.LineageDatabases[tableau.Workbook])
}

// UpstreamTables are upstreamTables of the workbook.
func (r workbookResolver) UpstreamTables(ctx context.Context, x *tableau.Workbook) ([]*tableau.Table, error) {
	return lineage(ctx, x, "WorkbookUpstreamTables", nil, tableau.LineageTables[tableau.Workbook])
}

// UpstreamFlows are upstreamFlows of the workbook.
func (r workbookResolver) UpstreamFlows(ctx context.Context, x *tableau.Workbook) ([]*tableau.Flow, error) {
	return lineage(ctx, x, "WorkbookUpstreamFlows", nil, tableau.LineageFlows[tableau.Workbook])
}

// UpstreamDataSources are upstreamDataSources of the view.
func (r viewResolver) UpstreamDataSources(ctx context.Context, x *tableau.View) ([]*tableau.DataSource, error) {
	return lineage(ctx, x, "ViewUpstreamDataSources", dataSourceListFields, tableau.LineageDataSources[tableau.View])
}

// UpstreamDatabases are upstreamDatabases of the view.
func (r viewResolver) UpstreamDatabases(ctx context.Context, x *tableau.View) ([]*tableau.Database, error) {
	return lineage(ctx, x, "ViewUpstreamDatabases", nil, tableau.LineageDatabases[tableau.View])
}

// UpstreamTables are upstreamTables of the view.
func (r viewResolver) UpstreamTables(ctx context.Context, x *tableau.View) ([]*tableau.Table, error) {
	return lineage(ctx, x, "ViewUpstreamTables", nil, tableau.LineageTables[tableau.View])
}

// UpstreamFlows are upstreamFlows of the view.
func (r viewResolver) UpstreamFlows(ctx context.Context, x *tableau.View) ([]*tableau.Flow, error) {
	return lineage(ctx, x, "ViewUpstreamFlows", nil, tableau.LineageFlows[tableau.View])
}

// UpstreamDatabases are upstreamDatabases of the data source.
func (r dataSourceResolver) UpstreamDatabases(ctx context.Context, x *tableau.DataSource) ([]*tableau.Database, error) {
	return lineage(ctx, x, "DataSourceUpstreamDatabases", nil, tableau.LineageDatabases[tableau.DataSource])
}

// UpstreamTables are upstreamTables of the data source.
func (r dataSourceResolver) UpstreamTables(ctx context.Context, x *tableau.DataSource) ([]*tableau.Table, error) {
	return lineage(ctx, x, "DataSourceUpstreamTables", nil, tableau.LineageTables[tableau.DataSource])
}

// UpstreamFlows are upstreamFlows of the data source.
func (r dataSourceResolver) UpstreamFlows(ctx context.Context, x *tableau.DataSource) ([]*tableau.Flow, error) {
	return lineage(ctx, x, "DataSourceUpstreamFlows", nil, tableau.LineageFlows[tableau.DataSource])
}

// DownstreamWorkbooks are downstreamWorkbooks of the data source.
func (r dataSourceResolver) DownstreamWorkbooks(ctx context.Context, x *tableau.DataSource) ([]*tableau.Workbook, error) {
	return lineage(ctx, x, "DataSourceDownstreamWorkbooks", workbookListFields, tableau.LineageWorkbooks[tableau.DataSource])
}

// DownstreamViews are downstreamViews of the data source.
func (r dataSourceResolver) DownstreamViews(ctx context.Context, x *tableau.DataSource) ([]*tableau.View, error) {
	return lineage(ctx, x, "DataSourceDownstreamViews", viewListFields, tableau.LineageViews[tableau.DataSource])
}

// DownstreamFlows are downstreamFlows of the data source.
func (r dataSourceResolver) DownstreamFlows(ctx context.Context, x *tableau.DataSource) ([]*tableau.Flow, error) {
	return lineage(ctx, x, "DataSourceDownstreamFlows", nil, tableau.LineageFlows[tableau.DataSource])
}

// UpstreamDataSources are upstreamDataSources of the flow.
func (r flowResolver) UpstreamDataSources(ctx context.Context, x *tableau.Flow) ([]*tableau.DataSource, error) {
	return lineage(ctx, x, "FlowUpstreamDataSources", dataSourceListFields, tableau.LineageDataSources[tableau.Flow])
}

// UpstreamDatabases are upstreamDatabases of the flow.
func (r flowResolver) UpstreamDatabases(ctx context.Context, x *tableau.Flow) ([]*tableau.Database, error) {
	return lineage(ctx, x, "FlowUpstreamDatabases", nil, tableau.LineageDatabases[tableau.Flow])
}

// UpstreamTables are upstreamTables of the flow.
func (r flowResolver) UpstreamTables(ctx context.Context, x *tableau.Flow) ([]*tableau.Table, error) {
	return lineage(ctx, x, "FlowUpstreamTables", nil, tableau.LineageTables[tableau.Flow])
}

// UpstreamFlows are upstreamFlows of the flow.
func (r flowResolver) UpstreamFlows(ctx context.Context, x *tableau.Flow) ([]*tableau.Flow, error) {
	return lineage(ctx, x, "FlowUpstreamFlows", nil, tableau.LineageFlows[tableau.Flow])
}

// DownstreamWorkbooks are downstreamWorkbooks of the flow.
func (r flowResolver) DownstreamWorkbooks(ctx context.Context, x *tableau.Flow) ([]*tableau.Workbook, error) {
	return lineage(ctx, x, "FlowDownstreamWorkbooks", workbookListFields, tableau.LineageWorkbooks[tableau.Flow])
}

// DownstreamViews are downstreamViews of the flow.
func (r flowResolver) DownstreamViews(ctx context.Context, x *tableau.Flow) ([]*tableau.View, error) {
	return lineage(ctx, x, "FlowDownstreamViews", viewListFields, tableau.LineageViews[tableau.Flow])
}

// DownstreamFlows are downstreamFlows of the flow.
func (r flowResolver) DownstreamFlows(ctx context.Context, x *tableau.Flow) ([]*tableau.Flow, error) {
	return lineage(ctx, x, "FlowDownstreamFlows", nil, tableau.LineageFlows[tableau.Flow])
}

// DownstreamDataSources are downstreamDataSources of the flow.
func (r flowResolver) DownstreamDataSources(ctx context.Context, x *tableau.Flow) ([]*tableau.DataSource, error) {
	return lineage(ctx, x, "FlowDownstreamDataSources", dataSourceListFields, tableau.LineageDataSources[tableau.Flow])
}

// UpstreamFlows are upstreamFlows of the table.
func (r tableResolver) UpstreamFlows(ctx context.Context, x *tableau.Table) ([]*tableau.Flow, error) {
	return lineage(ctx, x, "TableUpstreamFlows", nil, tableau.LineageFlows[tableau.Table])
}

// DownstreamWorkbooks are downstreamWorkbooks of the table.
func (r tableResolver) DownstreamWorkbooks(ctx context.Context, x *tableau.Table) ([]*tableau.Workbook, error) {
	return lineage(ctx, x, "TableDownstreamWorkbooks", workbookListFields, tableau.LineageWorkbooks[tableau.Table])
}

// DownstreamViews are downstreamViews of the table.
func (r tableResolver) DownstreamViews(ctx context.Context, x *tableau.Table) ([]*tableau.View, error) {
	return lineage(ctx, x, "TableDownstreamViews", viewListFields, tableau.LineageViews[tableau.Table])
}

// DownstreamDataSources are downstreamDataSources of the table.
func (r tableResolver) DownstreamDataSources(ctx context.Context, x *tableau.Table) ([]*tableau.DataSource, error) {
	return lineage(ctx, x, "TableDownstreamDataSources", dataSourceListFields, tableau.LineageDataSources[tableau.Table])
}

// DownstreamFlows are downstreamFlows of the table.
func (r tableResolver) DownstreamFlows(ctx context.Context, x *tableau.Table) ([]*tableau.Flow, error) {
	return lineage(ctx, x, "TableDownstreamFlows", nil, tableau.LineageFlows[tableau.Table])
}

// DownstreamWorkbooks are downstreamWorkbooks of the database.
func (r databaseResolver) DownstreamWorkbooks(ctx context.Context, x *tableau.Database) ([]*tableau.Workbook, error) {
	return lineage(ctx, x, "DatabaseDownstreamWorkbooks", workbookListFields, tableau.LineageWorkbooks[tableau.Database])
}

// DownstreamViews are downstreamViews of the database.
func (r databaseResolver) DownstreamViews(ctx context.Context, x *tableau.Database) ([]*tableau.View, error) {
	return lineage(ctx, x, "DatabaseDownstreamViews", viewListFields, tableau.LineageViews[tableau.Database])
}

// DownstreamDataSources are downstreamDataSources of the database.
func (r databaseResolver) DownstreamDataSources(ctx context.Context, x *tableau.Database) ([]*tableau.DataSource, error) {
	return lineage(ctx, x, "DatabaseDownstreamDataSources", dataSourceListFields, tableau.LineageDataSources[tableau.Database])
}

// DownstreamFlows are downstreamFlows of the database.
func (r databaseResolver) DownstreamFlows(ctx context.Context, x *tableau.Database) ([]*tableau.Flow, error) {
	return lineage(ctx, x, "DatabaseDownstreamFlows", nil, tableau.LineageFlows[tableau.Database])
}

// DownstreamWorkbooks are downstreamWorkbooks of the column.
func (r columnResolver) DownstreamWorkbooks(ctx context.Context, x *tableau.Column) ([]*tableau.Workbook, error) {
	return lineage(ctx, x, "ColumnDownstreamWorkbooks", workbookListFields, tableau.LineageWorkbooks[tableau.Column])
}

// DownstreamViews are downstreamViews of the column.
func (r columnResolver) DownstreamViews(ctx context.Context, x *tableau.Column) ([]*tableau.View, error) {
	return lineage(ctx, x, "ColumnDownstreamViews", viewListFields, tableau.LineageViews[tableau.Column])
}

// DownstreamDataSources are downstreamDataSources of the column.
func (r columnResolver) DownstreamDataSources(ctx context.Context, x *tableau.Column) ([]*tableau.DataSource, error) {
	return lineage(ctx, x, "ColumnDownstreamDataSources", dataSourceListFields, tableau.LineageDataSources[tableau.Column])
}

// DownstreamFlows are downstreamFlows of the column.
func (r columnResolver) DownstreamFlows(ctx context.Context, x *tableau.Column) ([]*tableau.Flow, error) {
	return lineage(ctx, x, "ColumnDownstreamFlows", nil, tableau.LineageFlows[tableau.Column])
}
