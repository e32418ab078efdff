package resolvers

import (
	"context"

	"vitrine/graph"
	"vitrine/internal/tableau"
)

type connectionInfoResolver struct{ *Resolver }

// ConnectionInfo implements graph.ResolverRoot.
func (r *Resolver) ConnectionInfo() graph.ConnectionInfoResolver { return connectionInfoResolver{r} }

// DataSource is the published data source that the connection uses.
func (r connectionInfoResolver) DataSource(ctx context.Context, c *tableau.ConnectionInfo) (*tableau.DataSource, error) {
	d, err := c.ReadDataSource(ctx)
	if d == nil || err != nil {
		return nil, err
	}
	return completedDataSource(ctx, d, nil)
}

// Connections are the workbook's data connections.
func (r workbookResolver) Connections(ctx context.Context, w *tableau.Workbook) ([]*tableau.ConnectionInfo, error) {
	found, err := w.ReadConnections(ctx)
	return reserveList(ctx, found, err)
}

// Connections are the data source's.
func (r dataSourceResolver) Connections(ctx context.Context, d *tableau.DataSource) ([]*tableau.ConnectionInfo, error) {
	found, err := d.ReadConnections(ctx)
	return reserveList(ctx, found, err)
}

// Connections are the flow's.
func (r flowResolver) Connections(ctx context.Context, f *tableau.Flow) ([]*tableau.ConnectionInfo, error) {
	found, err := f.ReadConnections(ctx)
	return reserveList(ctx, found, err)
}

// Connections are the virtual connection's database connections.
func (r virtualConnectionInfoResolver) Connections(ctx context.Context, v *tableau.VirtualConnectionInfo) ([]*tableau.ConnectionInfo, error) {
	found, err := v.ReadConnections(ctx)
	return reserveList(ctx, found, err)
}
